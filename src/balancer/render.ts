import { createHash } from 'node:crypto'
import type { RouteScheme } from '../cluster/records.ts'
import { peersLua } from './peers-lua.ts'

/** Major, minor, patch. */
export type NginxVersion = readonly [number, number, number]

export interface Ports {
  readonly http: number
  readonly https: number
}

export interface RenderInput {
  readonly version: NginxVersion
  readonly ports: Ports
  /** Absolute; holds the socket, the certificate and the peer table. */
  readonly directory: string
  /** Fingerprint of the certificate: with another one the running nginx has to load it. */
  readonly certificate: string
  /** The route that the public listener serves; absent while there is none. */
  readonly route: { readonly name: string; readonly scheme: RouteScheme } | undefined
}

/** A whole nginx.conf. `generation` is made from its content and is what the running nginx answers, so that it proves what it runs. */
export interface NginxConfig {
  readonly text: string
  readonly generation: string
}

/** Where everything lies in the balancer's directory. */
export const filesIn = (directory: string) => ({
  config: `${directory}/nginx.conf`,
  candidate: `${directory}/nginx.conf.new`,
  lastGood: `${directory}/nginx.conf.good`,
  pid: `${directory}/nginx.pid`,
  socket: `${directory}/status.sock`,
  peers: `${directory}/peers`,
  table: `${directory}/table.json`,
  certificate: `${directory}/cert.pem`,
  key: `${directory}/key.pem`,
})

/** Endpoints are not in it: they reach nginx through the peer table, without a reload. */
export function renderNginx(input: RenderInput): NginxConfig {
  const body = renderWith(input, '')
  const generation = createHash('sha256').update(body).digest('hex').slice(0, 16)
  return { text: renderWith(input, generation), generation }
}

function renderWith({ version, ports, directory, certificate, route }: RenderInput, generation: string): string {
  const files = filesIn(directory)
  const upstream = route === undefined ? '' : renderUpstream(route.name)
  const location = route === undefined ? unrouted : renderProxy(route.name, route.scheme)
  return `# Written by flota balancer: what is changed here is overwritten.
daemon off;
user www-data;
pid ${files.pid};
error_log stderr error;
worker_processes auto;
worker_shutdown_timeout 300s;
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
events {
  worker_connections 8192;
}
http {
  access_log off;
  server_tokens off;
  lua_shared_dict flota_peers 8m;
  lua_shared_dict flota_marks 1m;
  init_by_lua_block {${peersLua(files.peers)}  }
  map $http_upgrade $flota_connection {
    default upgrade;
    '' '';
  }
${upstream}  server {
    listen ${ports.http} default_server;
    return 308 https://$host${ports.https === 443 ? '' : `:${ports.https}`}$request_uri;
  }
  server {
${renderListen(version, ports.https)}
    # ${certificate}
    ssl_certificate ${files.certificate};
    ssl_certificate_key ${files.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:flota_tls:10m;
    ssl_session_tickets off;
    keepalive_requests 100000;
    client_max_body_size 64m;
${location}  }
${renderStatus(files.socket, generation)}}
`
}

/** For the balancer itself: what nginx runs, and who gets requests. */
function renderStatus(socket: string, generation: string): string {
  return `  server {
    listen unix:${socket};
    client_max_body_size 8m;
    client_body_buffer_size 8m;
    location = /flota-generation {
      return 200 "${generation}\\n";
    }
    location = /flota-peers {
      content_by_lua_block { flota.peers() }
    }
    location = /status {
      stub_status;
    }
  }
`
}

/** Since 1.25.1 `http2` is a directive of its own and the word in `listen` is deprecated. keepalive_min_timeout came with 1.27.4. */
function renderListen(version: NginxVersion, port: number): string {
  const listen = isAtLeast(version, [1, 25, 1])
    ? `    listen ${port} ssl default_server;\n    http2 on;`
    : `    listen ${port} ssl http2 default_server;`
  return isAtLeast(version, [1, 27, 4]) ? `${listen}\n    keepalive_min_timeout 5s;` : listen
}

/** An idle upstream connection is closed before the usual backend closes it (Node: 5 s), so that none is used while it closes. */
function renderUpstream(route: string): string {
  return `  upstream flota_${route} {
    server 0.0.0.1;
    balancer_by_lua_block { flota.balance("${route}") }
    keepalive 64;
    keepalive_requests 10000;
    keepalive_timeout 4s;
  }
`
}

/** Only what may run twice is tried again once it was sent (`non_idempotent` is off); a refused connection always is. */
function renderProxy(route: string, scheme: RouteScheme): string {
  return `    location / {
      access_by_lua_block { flota.gate("${route}") }
      proxy_pass ${scheme}://flota_${route};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $flota_connection;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Request-Id $request_id;
      proxy_ssl_verify off;
      proxy_connect_timeout 1s;
      proxy_next_upstream error timeout http_502 http_503 http_504;
      proxy_next_upstream_tries 3;
      proxy_next_upstream_timeout 10s;
    }
`
}

const unrouted = `    location / {
      add_header Retry-After 1 always;
      default_type text/plain;
      return 503 "no route is set\\n";
    }
`

/** Takes `nginx -v`'s line apart. Undefined when it is not one. */
export function parseNginxVersion(line: string): NginxVersion | undefined {
  const [, major, minor, patch] = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(line) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

function isAtLeast(version: NginxVersion, wanted: NginxVersion): boolean {
  const [a = 0, b = 0] = [version, wanted].map(([major, minor, patch]) => (major * 1000 + minor) * 1000 + patch)
  return a >= b
}
