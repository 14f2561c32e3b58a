import * as etcd from './generated/etcd.ts'

/** One call of etcd's API. */
export interface Method<Request, Response> {
  readonly path: string
  readonly encode: (request: Request) => Buffer
  readonly decode: (bytes: Buffer) => Response
  /** A second time does no harm, so that it may be tried at another member when the outcome is not known. */
  readonly isIdempotent: boolean
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
}

interface Codecs<Request, Response> {
  readonly request: Codec<Request>
  readonly response: Codec<Response>
}

const idempotent = <Q, A>(path: string, codecs: Codecs<Q, A>): Method<Q, A> => method(path, codecs, true)
const once = <Q, A>(path: string, codecs: Codecs<Q, A>): Method<Q, A> => method(path, codecs, false)

function method<Q, A>(path: string, { request, response }: Codecs<Q, A>, isIdempotent: boolean): Method<Q, A> {
  return {
    path: `/etcdserverpb.${path}`,
    encode: (message) => Buffer.from(request.encode(message).finish()),
    decode: (bytes) => response.decode(bytes),
    isIdempotent,
  }
}

export const methods = {
  range: idempotent('KV/Range', { request: etcd.RangeRequest, response: etcd.RangeResponse }),
  txn: once('KV/Txn', { request: etcd.TxnRequest, response: etcd.TxnResponse }),
  /** A lease that nobody heard of ends by itself, so asking twice does no harm. */
  leaseGrant: idempotent('Lease/LeaseGrant', { request: etcd.LeaseGrantRequest, response: etcd.LeaseGrantResponse }),
  leaseRevoke: idempotent('Lease/LeaseRevoke', {
    request: etcd.LeaseRevokeRequest,
    response: etcd.LeaseRevokeResponse,
  }),
  /** A stream in etcd's API. With one message each way it is, on the wire, the same as a plain call. */
  leaseKeepAlive: idempotent('Lease/LeaseKeepAlive', {
    request: etcd.LeaseKeepAliveRequest,
    response: etcd.LeaseKeepAliveResponse,
  }),
  leaseTimeToLive: idempotent('Lease/LeaseTimeToLive', {
    request: etcd.LeaseTimeToLiveRequest,
    response: etcd.LeaseTimeToLiveResponse,
  }),
  watch: once('Watch/Watch', { request: etcd.WatchRequest, response: etcd.WatchResponse }),
  memberList: idempotent('Cluster/MemberList', { request: etcd.MemberListRequest, response: etcd.MemberListResponse }),
  status: idempotent('Maintenance/Status', { request: etcd.StatusRequest, response: etcd.StatusResponse }),
} as const
