import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../lib/metrics.ts'
import type { Api } from './api-scope.ts'
import { refuseOtherMethods } from './methods.ts'
import { metricsSchema } from './schemas.ts'

const names = {
  requests: 'flota_api_request_count_total',
  duration: 'flota_api_request_duration_second',
  memory: 'process_resident_memory_bytes',
  cpu: 'process_cpu_seconds_total',
} as const

/** Counts every request by the route that it came to; one that came to none is counted as such, whatever its path. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  metrics.declare('counter', names.requests, 'Requests that the API answered')
  metrics.declare(
    'summary',
    names.duration,
    'Time from a request to the end of its answer; event streams are not in it',
  )
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url
    const labels = route === undefined ? { route: 'none' } : { method: request.method, route }
    metrics.add(names.requests, { ...labels, code: String(reply.statusCode) })
    const isStream = reply.getHeader('Content-Type') === 'text/event-stream'
    if (!isStream) metrics.observe(names.duration, labels, reply.elapsedTime / 1_000)
    return Promise.resolve()
  })
}

/** This process in numbers, where fleet had them: for Prometheus, or for a person. */
export function registerMetrics(app: Api, metrics: Metrics): void {
  const path = '/metrics'
  metrics.declare('gauge', names.memory, 'Memory of flotad that is in RAM')
  metrics.declare('counter', names.cpu, 'CPU time that flotad took, of the user and of the system')
  const summary = "flotad in numbers, in Prometheus' text format"
  const schema = { operationId: 'getMetrics', summary, response: { 200: metricsSchema } }
  app.get(path, { schema }, async (_, reply) => {
    const { user, system } = process.cpuUsage()
    metrics.set(names.memory, {}, process.memoryUsage.rss())
    metrics.set(names.cpu, {}, (user + system) / 1e6)
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.text())
  })
  refuseOtherMethods(app, { path, allowed: ['GET'], message: 'only GET supported against this resource' })
}
