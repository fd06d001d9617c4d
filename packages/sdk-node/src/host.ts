/**
 * The program that runs a user's file as a worker: `node host.ts <entry> [--handler NAME] [--name NAME]`.
 *
 * Imports the file (TypeScript by stripping its types), finds its functions and serves them, unless the file has called
 * `serve` itself. What can't be loaded is one clear error on standard error and exit code 78. An error that nobody
 * catches, outside of a handler, ends the process by Node's own rule: printed, exit code 1.
 */
import { registerHooks } from 'node:module'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from './errors.ts'
import { processHooks } from './hooks.ts'
import { LoadError, loadFunctions } from './load.ts'
import { sayLine } from './pipe.ts'
import { serve } from './serve.ts'
import { ExitCode } from './world.ts'

/** This package's doors, for files that have no node_modules above them. Same kind of file as this one: source or built. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const OWN: Readonly<Record<string, string>> = {
  '@millrace/sdk': new URL(`./index${EXTENSION}`, import.meta.url).href,
  '@millrace/sdk/testing': new URL(`./testing${EXTENSION}`, import.meta.url).href,
}

registerHooks({
  resolve(specifier, context, nextResolve) {
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
  },
})

await main()

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { handler: { type: 'string' }, name: { type: 'string' } },
  })
  const [entry] = positionals
  if (entry === undefined || positionals.length > 1) {
    leave('usage: host <entry> [--handler NAME] [--name NAME]')
  }
  const path = resolve(entry)
  process.title = `millrace ${basename(entry)}`
  try {
    const functions = await loadFunctions({ entry: path, handler: values.handler, name: values.name })
    if (processHooks().worker === undefined) await serve(functions)
  } catch (error) {
    // A channel that ended has said why, and its exit is under way.
    if (processHooks().worker !== undefined && !isStartHookError(error)) return
    refuse(path, error)
  }
}

/** An `onStart` hook threw: the worker was made, and never said HELLO. */
function isStartHookError(error: unknown): boolean {
  return !(error instanceof Error && error.name === 'PeerError')
}

function refuse(path: string, error: unknown): void {
  if (error instanceof LoadError || error instanceof UsageError) leave(error.message)
  else if (isNotFound(error) && error.message.includes(`'${path}'`)) leave(`${path} does not exist`)
  else {
    sayLine(`${path} can't be loaded:`)
    // Only Node's own report of an uncaught error has the file, line and source of a syntax error.
    process.on('exit', () => {
      process.exitCode = ExitCode.config
    })
    process.removeAllListeners('uncaughtException')
    throwUncaught(withoutOwnCalls(error))
  }
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

/** Takes Node's and this file's own calls out of the stack: what is left is the user's. */
function withoutOwnCalls(error: unknown): unknown {
  if (error instanceof Error && error.stack !== undefined) {
    const lines = error.stack
      .split('\n')
      .filter((line) => !/^\s+at .*(?:node:internal|\/(?:host|load)\.[jt]s:\d)/.test(line))
    error.stack = lines.join('\n')
  }
  return error
}

function isNotFound(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
