#!/usr/bin/env node
import('../dist/flota.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  process.stderr.write('Cannot start flota: it is not built\nBuild it with: npm ci --ignore-scripts && npm run build\n')
  process.exit(1)
})
