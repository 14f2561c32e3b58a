import { expect, it } from 'vitest'
import { TestApi } from './test-api.ts'

it('/metrics tells what was asked of which route, and nothing of paths that are none', async () => {
  const api = await TestApi.listen()
  const get = (url: string) => api.app.inject({ method: 'GET', url })
  await get('/fleet/v1/units/a.service')
  await get('/fleet/v1/units/b.service')
  await get('/fleet/v1/units')
  await get('/secret-path')
  const answer = await get('/metrics')
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const count = 'flota_api_request_count_total'
  expect(answer.body).toContain(`${count}{method="GET",route="/fleet/v1/units/:name",code="404"} 2\n`)
  expect(answer.body).toContain(`${count}{method="GET",route="/fleet/v1/units",code="200"} 1\n`)
  expect(answer.body).toContain(`${count}{route="none",code="404"} 1\n`)
  expect(answer.body).toContain('flota_api_request_duration_second_count{method="GET",route="/fleet/v1/units"} 1\n')
  expect(answer.body).toMatch(/^process_resident_memory_bytes [0-9]{7,}$/m)
  expect(answer.body).toMatch(/^process_cpu_seconds_total [0-9.]+$/m)
  expect(answer.body).not.toContain('secret')
  await api.close()
})
