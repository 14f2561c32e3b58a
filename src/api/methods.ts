import type { HTTPMethods } from 'fastify'
import type { Api } from './api-scope.ts'
import { errorBody } from './errors.ts'
import { checkOneName } from './one-name.ts'

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

export interface Refusal {
  readonly path: string
  readonly allowed: readonly HTTPMethods[]
  /** fleet's own words, which may be none. */
  readonly message: string
  readonly status?: number
}

/** Answers 405 to every method that the path does not take. HEAD is one of them: fleet has none. */
export function refuseOtherMethods(app: Api, { path, allowed, message, status = 405 }: Refusal): void {
  app.route({
    method: methods.filter((method) => !allowed.includes(method)),
    url: path,
    handler: (request, reply) => {
      checkOneName(request.params)
      return reply.status(status).send(errorBody(status, message))
    },
  })
}
