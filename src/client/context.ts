import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { FlotaError } from '../lib/errors.ts'

/** How to reach one cluster from here; made by `flota up`, kept in the user's configuration folder. */
export interface Context {
  readonly name: string
  readonly user: string
  /** Addresses of machines that run the API, tried in this order. */
  readonly addresses: readonly string[]
  readonly identityFile: string
  readonly knownHostsFile: string
}

export type ContextEnv = Readonly<Record<string, string | undefined>>

/** `${XDG_CONFIG_HOME:-~/.config}/flota` (XDG Base Directory Specification). */
export function configFolder(env: ContextEnv): string {
  const base = env['XDG_CONFIG_HOME']
  return join(base === undefined || base === '' ? join(env['HOME'] ?? homedir(), '.config') : base, 'flota')
}

/** Undefined when there is no context of this name. */
export async function readContext(name: string, env: ContextEnv): Promise<Context | undefined> {
  const path = contextPath(name, env)
  const text = await readIfThere(path)
  return text === undefined ? undefined : parseContext(text, path)
}

/** Rejects with `not_found`, naming those that are there. */
export async function requireContext(name: string, env: ContextEnv): Promise<Context> {
  const context = await readContext(name, env)
  if (context !== undefined) return context
  const known = await listContexts(env)
  const folder = join(configFolder(env), 'contexts')
  throw new FlotaError('not_found', `Cannot use context '${name}': there is none of this name in '${folder}'`, {
    hint: known.length === 0 ? "'flota up' makes a cluster and its context" : `Known contexts: ${known.join(', ')}`,
  })
}

export async function writeContext(context: Context, env: ContextEnv): Promise<void> {
  const path = contextPath(context.name, env)
  await mkdir(join(configFolder(env), 'contexts'), { recursive: true, mode: 0o700 })
  await replaceFile(path, `${JSON.stringify(context, undefined, 2)}\n`)
}

/** Removes the context; when it was the current one, nothing is current. One that does not exist is no error. */
export async function removeContext(name: string, env: ContextEnv): Promise<void> {
  await rm(contextPath(name, env), { force: true })
  if ((await currentContextName(env)) === name) await rm(join(configFolder(env), 'current'), { force: true })
}

export async function currentContextName(env: ContextEnv): Promise<string | undefined> {
  const name = (await readIfThere(join(configFolder(env), 'current')))?.trim()
  return name === '' ? undefined : name
}

export async function useContext(name: string, env: ContextEnv): Promise<void> {
  contextPath(name, env)
  await mkdir(configFolder(env), { recursive: true, mode: 0o700 })
  await replaceFile(join(configFolder(env), 'current'), `${name}\n`)
}

/** Names of all contexts, sorted. */
export async function listContexts(env: ContextEnv): Promise<readonly string[]> {
  const files = await readdir(join(configFolder(env), 'contexts')).catch(() => [])
  return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).toSorted()
}

function contextPath(name: string, env: ContextEnv): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new FlotaError(
      'invalid_argument',
      `Cannot use context '${name}': a name has letters, digits, '-' and '_' only`,
    )
  }
  return join(configFolder(env), 'contexts', `${name}.json`)
}

function parseContext(text: string, path: string): Context {
  const fields = parseObject(text, path)
  const word = (key: string): string => {
    const value = fields[key]
    if (typeof value !== 'string') throw invalidContext(path, `'${key}' is not a text`)
    return value
  }
  const addresses: unknown = fields['addresses']
  if (!Array.isArray(addresses) || !addresses.every((address) => typeof address === 'string')) {
    throw invalidContext(path, "'addresses' is not a list of texts")
  }
  return {
    name: word('name'),
    user: word('user'),
    addresses,
    identityFile: word('identityFile'),
    knownHostsFile: word('knownHostsFile'),
  }
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalidContext(path, 'it is not JSON', cause)
  }
  if (typeof value !== 'object' || !value) throw invalidContext(path, 'it is not an object')
  return { ...value }
}

function invalidContext(path: string, why: string, cause?: unknown): FlotaError {
  return new FlotaError('invalid_argument', `Cannot read context file '${path}': ${why}`, {
    hint: "Remove the file; 'flota up' writes it again",
    cause,
  })
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Written aside and renamed, so that a reader never sees half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.new`
  await writeFile(aside, text, { mode: 0o600 })
  await rename(aside, path)
}
