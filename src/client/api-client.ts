/** One request to the API; paths begin with `/`. */
export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** A way to one cluster's API, whatever lies between. What can be asked is in `calls.ts`. */
export interface ApiClient {
  /** For messages, such as `unix:///run/fleet.sock` or `ssh://core@10.0.0.1`. */
  readonly endpoint: string
  /** Any status is an answer. Rejects with `unavailable` when there was none, and with `deadline_exceeded` when it took too long. */
  send(request: ApiRequest): Promise<ApiAnswer>
  /** Ends connections and the processes that carry them. */
  close(): void
}
