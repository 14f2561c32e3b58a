// Builds the image jomoespe/nano-container from scratch, offline: Node's binary, the libraries it links, the bundled service, a new certificate.
// Run as root where podman is: node build-image.mjs [--registry HOST:PORT]; with a registry the image is pushed there too (plain HTTP).
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const name = 'jomoespe/nano-container'
/** In full: podman would keep a short name under localhost/, and later look for it there instead of in the registry. */
const image = `docker.io/${name}`
const bundle = new URL('../../../dist/nano-container.js', import.meta.url).pathname
const certificate = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650']
const containerfile = `FROM scratch
COPY root /
EXPOSE 8443
CMD ["/node", "/server.mjs"]
`

/** @param {string} command @param {string[]} args */
function run(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { stderr = '', message } = /** @type {Error & { stderr?: string }} */ (error)
    throw new Error(`Cannot run '${command} ${args.join(' ')}': ${stderr.trim() || message}`, { cause: error })
  }
}

/** Paths of a binary's shared libraries and its loader, as ldd(1) prints them. @param {string} binary */
function librariesOf(binary) {
  const lines = run('ldd', [binary]).split('\n')
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
}

/** Debian's Node reads some of its built-in modules from files, whose paths its libraries hold. @param {string[]} libraries */
function builtinsOf(libraries) {
  const paths = libraries.flatMap(
    (file) => readFileSync(file, 'latin1').match(/\/usr\/share\/nodejs\/[\w./-]+\.js/g) ?? [],
  )
  return [...new Set(paths)].filter((path) => existsSync(path))
}

/** @param {string} context */
function assemble(context) {
  const root = join(context, 'root')
  mkdirSync(root)
  writeFileSync(join(context, 'Containerfile'), containerfile)
  cpSync(realpathSync(process.execPath), join(root, 'node'))
  const libraries = librariesOf(process.execPath)
  for (const path of [...libraries, ...builtinsOf([process.execPath, ...libraries])]) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    cpSync(realpathSync(path), join(root, path))
  }
  cpSync(bundle, join(root, 'server.mjs'))
  const files = ['-keyout', join(root, 'key.pem'), '-out', join(root, 'cert.pem')]
  run('openssl', ['req', ...certificate, '-subj', '/CN=nano-container', ...files])
}

const { values } = parseArgs({ options: { registry: { type: 'string' } } })
const context = mkdtempSync(join(tmpdir(), 'nano-container-'))
try {
  assemble(context)
  run('podman', ['build', '--network=none', '--quiet', '--tag', image, context])
  if (values.registry !== undefined) {
    run('podman', ['push', '--quiet', '--tls-verify=false', image, `${values.registry}/${name}:latest`])
  }
  console.log(name)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(context, { recursive: true, force: true })
}
