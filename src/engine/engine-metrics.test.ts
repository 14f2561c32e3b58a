import { expect, it } from 'vitest'
import { machineId } from '../../test/fixtures/sample-cluster.ts'
import { ManualClock } from '../lib/clock.ts'
import { Metrics } from '../lib/metrics.ts'
import { parseUnitName } from '../unit/unit-name.ts'
import { EngineMetrics } from './engine-metrics.ts'

const unit = parseUnitName('a.service')

it('counts plans, what they decided, and those that were lost or failed', async () => {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const engine = new EngineMetrics(metrics, clock)
  expect(metrics.text()).toContain('fleet_engine_leader_start_time 0\n')
  engine.leads(true)
  await engine.measure(async () => {
    await clock.advance(250)
    return true
  })
  await engine.measure(() => Promise.resolve(false))
  await expect(engine.measure(() => Promise.reject(new Error('no store')))).rejects.toThrow('no store')
  engine.decided([{ kind: 'release', unit, machine: machineId('a'), reason: 'r' }])
  const text = metrics.text()
  expect(text).toContain(`fleet_engine_leader_start_time ${Date.UTC(2026, 0, 1) / 1_000}\n`)
  expect(text).toContain('fleet_engine_reconcile_count_total 3\n')
  expect(text).toContain('fleet_engine_reconcile_duration_second_sum 0.25\n')
  expect(text).toContain('fleet_engine_reconcile_failure_count_total{type="conflict"} 1\n')
  expect(text).toContain('fleet_engine_reconcile_failure_count_total{type="error"} 1\n')
  expect(text).toContain('fleet_engine_task_count_total{type="release"} 1\n')
  engine.leads(false)
  expect(metrics.text()).toContain('fleet_engine_leader_start_time 0\n')
})
