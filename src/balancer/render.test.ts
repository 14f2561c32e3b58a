import { describe, expect, test } from 'vitest'
import type { RenderInput } from './render.ts'
import { filesIn, parseNginxVersion, renderNginx } from './render.ts'

const input: RenderInput = {
  version: [1, 26, 3],
  ports: { http: 80, https: 443 },
  directory: '/var/lib/flota/balancer',
  certificate: 'AA:BB',
  route: { name: 'nano', scheme: 'https' },
}

describe('renderNginx', () => {
  test.each<[string, Partial<RenderInput>, RegExp]>([
    ['speaks HTTP/2 by its own directive since 1.25.1', {}, /listen 443 ssl default_server;\n\s+http2 on;/],
    ['speaks HTTP/2 by the listen option before', { version: [1, 22, 1] }, /listen 443 ssl http2 default_server;/],
    ['guards idle connections over a reload since 1.27.4', { version: [1, 27, 4] }, /keepalive_min_timeout 5s;/],
    [
      'redirects HTTP for good, method kept',
      {},
      /listen 80 default_server;\n\s+return 308 https:\/\/\$host\$request_uri;/,
    ],
    ['names another port than 443 in it', { ports: { http: 1, https: 8443 } }, /return 308 https:\/\/\$host:8443\$req/],
    ['reaches the instances by the scheme of the route', {}, /proxy_pass https:\/\/flota_nano;/],
    ['reaches plain ones too', { route: { name: 'n', scheme: 'http' } }, /proxy_pass http:\/\/flota_n;/],
    ['keeps connections to the instances', {}, /keepalive 64;[^}]*keepalive_timeout 4s;/],
    ['tries again only what may run twice', {}, /proxy_next_upstream error timeout http_502 http_503 http_504;/],
    ['answers 503 and when to come back without a route', { route: undefined }, /Retry-After 1 always;[^}]*return 503/],
    ['keeps no access log: disks fill', {}, /access_log off;/],
    [
      'answers who it is on its own socket',
      {},
      /listen unix:\/var\/lib\/flota\/balancer\/status\.sock;[^]*stub_status;/,
    ],
  ])('%s', (_title, change, expected) => {
    expect(renderNginx({ ...input, ...change }).text).toMatch(expected)
  })

  test('does not use directives that an older nginx does not know', () => {
    const { text } = renderNginx({ ...input, version: [1, 22, 1] })
    expect(text).not.toMatch(/http2 on|keepalive_min_timeout/)
  })

  test('contains the generation that it announces, which changes with everything else', () => {
    const { text, generation } = renderNginx(input)
    expect(text).toContain(`return 200 "${generation}\\n";`)
    expect(renderNginx(input).generation).toBe(generation)
    const changes = [{ certificate: 'CC' }, { route: undefined }, { ports: { http: 81, https: 443 } }] as const
    for (const change of changes) expect(renderNginx({ ...input, ...change }).generation).not.toBe(generation)
  })

  test('has balanced braces with and without a route', () => {
    for (const route of [input.route, undefined]) {
      const { text } = renderNginx({ ...input, route })
      expect(text.split('{').length).toBe(text.split('}').length)
    }
  })
})

test.each([
  ['nginx version: nginx/1.26.3', [1, 26, 3]],
  ['nginx version: nginx/1.22.1 (Debian)', [1, 22, 1]],
  ['bash: nginx: command not found', undefined],
])('parseNginxVersion reads %s', (line, expected) => {
  expect(parseNginxVersion(line)).toEqual(expected)
})

test('every file lies in the directory', () => {
  for (const path of Object.values(filesIn('/d'))) expect(path).toMatch(/^\/d\//)
})
