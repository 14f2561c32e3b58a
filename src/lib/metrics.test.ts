import { expect, it } from 'vitest'
import { Metrics } from './metrics.ts'

it('writes the text format of Prometheus, sorted, with labels escaped', () => {
  const metrics = new Metrics()
  metrics.declare('summary', 'took_second', 'how long')
  metrics.declare('counter', 'done_total', 'what was done')
  metrics.declare('gauge', 'level', 'never written')
  metrics.add('done_total', { type: 'b' })
  metrics.add('done_total', { type: 'a"\\\n' }, 2)
  metrics.observe('took_second', {}, 0.5)
  metrics.observe('took_second', {}, 0.25)
  expect(metrics.text()).toBe(
    [
      '# HELP done_total what was done',
      '# TYPE done_total counter',
      'done_total{type="a\\"\\\\\\n"} 2',
      'done_total{type="b"} 1',
      '# HELP took_second how long',
      '# TYPE took_second summary',
      'took_second_sum 0.75',
      'took_second_count 2',
      '',
    ].join('\n'),
  )
})

it('declaring a metric again changes nothing, and one that was not declared is an error', () => {
  const metrics = new Metrics()
  for (let times = 0; times < 2; times++) {
    metrics.declare('gauge', 'level', 'how high')
    metrics.add('level', {}, 3)
  }
  metrics.set('level', { side: 'left' }, 1)
  expect(metrics.text()).toBe('# HELP level how high\n# TYPE level gauge\nlevel 6\nlevel{side="left"} 1\n')
  expect(() => metrics.add('other')).toThrow("metric 'other' was never declared")
})
