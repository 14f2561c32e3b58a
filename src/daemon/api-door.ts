import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** What answers requests: a Fastify instance. */
export interface Answering {
  routing(request: IncomingMessage, response: ServerResponse): void
}

/** The sockets stay the same while what is behind them is built anew; who asks in between waits. */
export class ApiDoor {
  #answering: Promise<Answering>
  #open: (answering: Answering) => void = () => {}

  constructor() {
    this.#answering = this.#closed()
  }

  readonly onRequest: RequestListener = (request, response) => {
    void this.#answering.then((api) => api.routing(request, response))
  }

  open(api: Answering): void {
    this.#open(api)
  }

  shut(): void {
    this.#answering = this.#closed()
  }

  #closed(): Promise<Answering> {
    return new Promise((resolve) => (this.#open = resolve))
  }
}
