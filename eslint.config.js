import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/**
 * The picture in ARCHITECTURE.md as lint rules: each folder of src/ may import itself and what is listed here, nothing else.
 * Arrows only ever point down. `daemon` is the only wiring; `cli` reaches the cluster through `client` and never opens the store itself.

 * @type {Readonly<Record<string, readonly string[]>>}
 */
const layers = {
  lib: [],
  unit: ['lib'],
  machine: ['lib'],
  cluster: ['lib', 'unit', 'machine'],
  store: ['lib', 'unit', 'machine', 'cluster'],
  systemd: ['lib', 'unit'],
  engine: ['lib', 'unit', 'machine', 'cluster', 'store'],
  agent: ['lib', 'unit', 'machine', 'cluster', 'store', 'systemd'],
  balancer: ['lib', 'unit', 'machine', 'cluster', 'store'],
  api: ['lib', 'unit', 'machine', 'cluster', 'store'],
  discovery: ['lib', 'machine'],
  'cloud-config': ['lib', 'machine', 'systemd'],
  daemon: ['lib', 'unit', 'machine', 'cluster', 'store', 'systemd', 'engine', 'agent', 'balancer', 'api', 'discovery'],
  client: ['lib', 'unit', 'machine', 'cluster', 'api'],
  import: ['lib', 'unit', 'machine'],
  platform: ['lib', 'machine', 'client', 'discovery', 'cloud-config'],
  cli: ['lib', 'unit', 'machine', 'cluster', 'client', 'import', 'platform', 'discovery', 'cloud-config', 'daemon'],
}

/** Where decisions are made there is no clock, no I/O, no log and no chance. */
const pure = [
  'src/unit/**',
  'src/cluster/**',
  'src/*/plan*',
  'src/engine/filters/**',
  'src/engine/rank.ts',
  'src/balancer/render*',
  'src/balancer/upstreams*',
]

const clockGlobals = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({
  name,
  message: 'Time comes in through the door: take a Clock (src/lib/clock.ts).',
}))

/** @type {import('typescript-eslint').ConfigArray} */
const folderRules = Object.entries(layers).map(([folder, allowed]) => {
  const refused = Object.keys(layers).filter((other) => other !== folder && !allowed.includes(other))
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: refused.map((other) => ({
            regex: `^(\\.\\./)+${other}/`,
            message: `${folder} must not import ${other}: see the layers in eslint.config.js.`,
          })),
        },
      ],
    },
  }
})

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', 'src/store/etcd/generated'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
      'no-restricted-globals': ['error', ...clockGlobals],
      'max-lines': ['error', { max: 400, skipBlankLines: false }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      complexity: ['error', 15],
    },
  },
  ...folderRules,
  {
    files: pure,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^node:(?!crypto$)', message: 'A pure part has no I/O.' },
            { regex: '/(log|clock)\\.ts$', message: 'A pure part has no clock and no log.' },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A pure part has no chance.' },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**', 'bench/**'],
    rules: {
      'max-lines': ['error', { max: 600 }],
      'max-lines-per-function': 'off',
      'no-restricted-globals': 'off',
      '@typescript-eslint/no-restricted-imports': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['src/lib/clock.ts', 'scripts/**', 'examples/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['scripts/**', 'examples/**', 'bin/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-undef': 'off' },
  },
)
