/**
 * The program that runs a user's file as a worker: `node host.ts <entry> [--handler NAME] [--name NAME]`; or, with
 * `--prewarm` in place of all that, one that waits for its file until the engine sends LOAD.
 *
 * Imports the file (TypeScript by stripping its types), finds its functions and serves them, unless the file has called
 * `serve` itself. What can't be loaded is one clear error on standard error and exit code 78. An error that nobody
 * catches, outside of a handler, ends the process by Node's own rule: printed, exit code 1.
 */
import { enableCompileCache, type LoadHookSync, type ResolveHookSync, registerHooks } from 'node:module'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { processHooks } from './hooks.ts'
import * as sdk from './index.ts'
import { loadFunctions } from './load.ts'
import { describe, isNotFound, oneLine, withoutOwnCalls } from './load-failure.ts'
import { sayLine } from './pipe.ts'
import { prewarm } from './prewarm.ts'
import { holdSegment, serve } from './serve.ts'
import { ExitCode } from './world.ts'

/** This package's doors, for files that have no node_modules above them. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const DOOR = new URL(`./index${EXTENSION}`, import.meta.url).href
const OWN: Readonly<Record<string, string>> = {
  '@millrace/sdk': DOOR,
  '@millrace/sdk/testing': new URL(`./testing${EXTENSION}`, import.meta.url).href,
}
/** Where the built host keeps what it has of the SDK for the door to show. */
const HELD = Symbol.for('millrace.sdk')

/** The module that was last asked for: when it can't be parsed, it is the one. */
let lastResolved = ''

const resolveOwn: ResolveHookSync = (specifier, context, nextResolve) => {
  const own = OWN[specifier] ?? (specifier.startsWith('@millrace/protocol') ? specifier : undefined)
  if (own === undefined) return nextResolve(specifier, context)
  try {
    return nextResolve(specifier, context)
  } catch (error) {
    if (!isNotFound(error)) throw error
    // Seen from here the package is there, or this file would not run.
    return own === specifier
      ? nextResolve(specifier, { ...context, parentURL: import.meta.url })
      : { url: own, shortCircuit: true }
  }
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = resolveOwn(specifier, context, nextResolve)
    lastResolved = found.url
    return found
  },
  load: (url, context, nextLoad) => (url === DOOR && EXTENSION === '.js' ? doorOfHost() : nextLoad(url, context)),
})

let settled = false
process.on('exit', (code) => {
  if (settled || code !== ExitCode.ok || process.exitCode !== undefined) return
  sayLine(`${process.argv[2]} is never done loading: what its top level awaits does not come`)
  process.exitCode = ExitCode.config
})
void main().finally(() => {
  settled = true
})

/**
 * The SDK's own door, when this host is the built one: it has all of the SDK in itself, and a user's file is to get the same
 * classes, without the time that a second copy takes to load.
 */
function doorOfHost(): ReturnType<LoadHookSync> {
  Object.assign(globalThis, { [HELD]: sdk })
  const names = Object.keys(sdk).join(', ')
  const source = `export const { ${names} } = globalThis[Symbol.for('${HELD.description}')]\n`
  return { format: 'module', source, shortCircuit: true }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { handler: { type: 'string' }, name: { type: 'string' }, prewarm: { type: 'boolean' } },
  })
  const [entry] = positionals
  if (values.prewarm === true && entry === undefined) return await waitForCode()
  if (entry === undefined || positionals.length > 1 || values.prewarm === true) {
    leave('usage: host <entry> [--handler NAME] [--name NAME], or host --prewarm')
  }
  holdSegment()
  const path = resolve(entry)
  process.title = `millrace ${basename(entry)}`
  try {
    const functions = await loadFunctions({ entry: path, handler: values.handler, name: values.name })
    if (processHooks().worker === undefined) await serve(functions)
  } catch (error) {
    // A channel that ended has said why, and its exit is under way.
    if (processHooks().worker !== undefined && isPeerError(error)) return
    refuse(path, error)
  }
}

async function waitForCode(): Promise<void> {
  process.title = 'millrace (prewarmed)'
  try {
    await prewarm({ settle, describe: (path, error) => describe(path, error, lastResolved), uncaught: throwUncaught })
  } catch (error) {
    if (!isPeerError(error)) throw error // A channel that ended has said why, and its exit is under way.
  }
}

function settle(path: string, cwd: string | undefined, env: Readonly<Record<string, string>>): void {
  if (cwd !== undefined) process.chdir(cwd)
  Object.assign(process.env, env)
  // What the launch's own environment says of it, Node has done by itself.
  if (env.NODE_COMPILE_CACHE !== undefined) enableCompileCache(env.NODE_COMPILE_CACHE)
  process.title = `millrace ${basename(path)}`
}

/** The channel ended. Any other error after the worker was made is that of an `onStart` hook. */
function isPeerError(error: unknown): boolean {
  return error instanceof Error && error.name === 'PeerError'
}

function refuse(path: string, error: unknown): void {
  const line = oneLine(path, error)
  if (line !== undefined) leave(line)
  sayLine(`${path} can't be loaded:`)
  // Only Node's own report of an uncaught error has the file, line and source of a syntax error.
  process.on('exit', () => {
    process.exitCode = ExitCode.config
  })
  process.removeAllListeners('uncaughtException')
  throwUncaught(withoutOwnCalls(error))
}

function leave(line: string): never {
  sayLine(line)
  process.exit(ExitCode.config)
}

function throwUncaught(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
