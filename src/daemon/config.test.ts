import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'

const parse = (file: string, env: Record<string, string> = {}) => parseConfig({ file, env })

describe('parseConfig', () => {
  it('gives defaults for nothing', () => {
    const { config, warnings } = parse('')
    expect(config).toMatchObject({ agent_ttl: 8, token_limit: 100, etcd_servers: [], disable_engine: false, store: '' })
    expect(warnings).toEqual([])
  })

  it('reads the form of fleet.conf', () => {
    const { config } = parse(
      '# fleet\nverbosity=1\nmetadata = "region=us-west,az=a"\netcd_servers=["http://a:2379", "http://b:2379"]\nagent_ttl=30s\n',
    )
    expect(config).toMatchObject({
      verbosity: 1,
      metadata: 'region=us-west,az=a',
      etcd_servers: ['http://a:2379', 'http://b:2379'],
      agent_ttl: 30,
    })
  })

  it('prefers FLOTA_ over FLEET_ over the file', () => {
    expect(parse('public_ip=1.1.1.1', { FLEET_PUBLIC_IP: '2.2.2.2' }).config.public_ip).toBe('2.2.2.2')
    const env = { FLEET_PUBLIC_IP: '2.2.2.2', FLOTA_PUBLIC_IP: '3.3.3.3' }
    expect(parse('public_ip=1.1.1.1', env).config.public_ip).toBe('3.3.3.3')
  })

  it('takes an empty variable for absent', () => {
    expect(parse('public_ip=1.1.1.1', { FLEET_PUBLIC_IP: '' }).config.public_ip).toBe('1.1.1.1')
  })

  it("warns of fleet's options that change nothing", () => {
    expect(parse('verify_units=true').warnings).toEqual([
      "option 'verify_units' has no effect: unit signing was removed from fleet",
    ])
  })

  it.each([
    [
      'an unknown option',
      'agent_tll=3',
      "Cannot use option 'agent_tll' in line 1 of the configuration: unknown option",
    ],
    ['a line without =', '\nmetadata', "Cannot read line 2 of the configuration: no '=' in 'metadata'"],
    ['a bad duration', 'agent_ttl=soon', "Cannot use option 'agent_ttl' from the configuration file"],
    ['a bad number', 'token_limit=-1', "Cannot use option 'token_limit' from the configuration file"],
    ['a bad boolean', 'disable_engine=perhaps', "Cannot use option 'disable_engine' from the configuration file"],
  ])('refuses %s', (_title, file, message) => {
    expect(() => parse(file)).toThrow(message)
  })

  it.each([
    ['500ms', 0.5],
    ['2m', 120],
    ['1.5', 1.5],
  ])('reads the duration %s', (text, expected) => {
    expect(parse(`agent_ttl=${text}`).config.agent_ttl).toBe(expected)
  })
})
