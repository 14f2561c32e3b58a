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

await rm(`${root}dist`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { flota: 'src/cli/flota.ts', flotad: 'src/daemon/flotad.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  sourcemap: false,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  external: ['classic-level'],
  banner: { js: banner },
  logLevel: 'warning',
})
