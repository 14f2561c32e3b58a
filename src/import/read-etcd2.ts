import { describeError, FlotaError, hasCode } from '../lib/errors.ts'
import { membersOf } from './etcd2-tree.ts'

export interface ReadEtcd2Options {
  readonly prefix: string
  /** How long each server may take. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * All keys under the prefix from the first of these etcd servers that answers (`http://a:2379,http://b:2379`, as fleet.conf has them),
 * as the JSON of API v2.
 */
export async function readEtcd2(urls: string, options: ReadEtcd2Options): Promise<string> {
  const reasons: string[] = []
  for (const url of urls.split(',').map((part) => part.trim())) {
    checkUrl(url)
    try {
      return await readOne(url, options)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!hasCode(error, 'unavailable')) throw error
      reasons.push(describeError(error))
    }
  }
  throw new FlotaError('unavailable', reasons.join('; '), {
    hint: 'Check that etcd listens there; --from-dump reads a file instead',
  })
}

async function readOne(url: string, { prefix, timeoutMs, signal }: ReadEtcd2Options): Promise<string> {
  // With a quorum: a member that was left behind must not decide what is moved.
  const target = `${url.replace(/\/+$/, '')}/v2/keys${prefix}?recursive=true&quorum=true`
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const answer = await fetch(target, { signal: within })
    const text = await answer.text()
    if (answer.status === 200) return text
    throw refused({ url, prefix, status: answer.status, text })
  } catch (cause) {
    if (cause instanceof FlotaError) throw cause
    const why = within.aborted ? `: no answer within ${timeoutMs / 1_000} s` : ''
    throw new FlotaError('unavailable', `Cannot reach etcd at '${url}'${why}`, within.aborted ? {} : { cause })
  }
}

interface Refusal {
  readonly url: string
  readonly prefix: string
  readonly status: number
  readonly text: string
}

function refused({ url, prefix, status, text }: Refusal): FlotaError {
  const { errorCode, message } = toMembers(text)
  // 100 = key not found, in etcd's own list of errors.
  if (errorCode === 100) {
    return new FlotaError('not_found', `Cannot find fleet's keys at '${url}': there is no '${prefix}'`, {
      hint: '--key-prefix says what fleet.conf had as etcd_key_prefix',
    })
  }
  if (status === 404) {
    return new FlotaError('failed_precondition', `Cannot read etcd at '${url}': it does not serve the API v2`, {
      hint: "etcd 3 serves it when started with '--enable-v2', up to version 3.5",
    })
  }
  const why = typeof message === 'string' ? message : `${text.length} bytes that are no answer of etcd`
  return new FlotaError('unavailable', `Cannot read etcd at '${url}': status ${status}, ${why}`)
}

function toMembers(text: string): Readonly<Record<string, unknown>> {
  try {
    return membersOf(JSON.parse(text)) ?? {}
  } catch {
    return {}
  }
}

function checkUrl(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new FlotaError('invalid_argument', `Cannot read etcd at '${url}': it is no http or https URL`, {
    hint: 'For example http://10.0.0.1:2379',
  })
}
