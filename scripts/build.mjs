// Bundles flota and flotad: a machine needs only Debian's nodejs and this package's folder.
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

const root = new URL('..', import.meta.url).pathname

/** CommonJS libraries inside an ES module bundle ask for these three. */
const banner = [
  "import{createRequire as __createRequire}from'node:module';",
  'const require=__createRequire(import.meta.url);',
  'const __dirname=import.meta.dirname,__filename=import.meta.filename;',
].join('')

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
}

await rm(`${root}dist`, { recursive: true, force: true })
await build({
  ...common,
  entryPoints: { flota: 'src/cli/flota.ts', flotad: 'src/daemon/flotad.ts' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: ['classic-level'],
  banner: { js: banner },
})
// The sample service is one file: it goes into an image of its own.
await build({ ...common, entryPoints: { 'nano-container': 'examples/nano-container/service/server.ts' } })
