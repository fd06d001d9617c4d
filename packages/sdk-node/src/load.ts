/** Finds the functions of a user's file: what `fn` made, and exported plain functions. Pure but for the import. */
import { basename, extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isFunctionName } from '@millrace/protocol'
import { type AnyFunction, isFunction, plainFunction, renamed } from './function.ts'

/** What the host was asked to serve. */
export interface LoadRequest {
  /** Absolute path of the file. */
  readonly entry: string
  /** Put behind the file's URL, so that it is loaded anew. Default none. */
  readonly query?: string
  /** Serve only this export, or the function of this name. */
  readonly handler?: string | undefined
  /** Serve it under this name. */
  readonly name?: string | undefined
}

/** Why a file can't be served: one line for people, with the fix, or an error with its place. */
export class LoadError extends Error {
  override name = 'LoadError'
}

/**
 * Imports the file and finds its functions. Plain exported functions are JSON functions under their export's name, the
 * default export under the file's base name; classes are passed over.
 *
 * @throws LoadError when there is none, or not the one asked for; whatever the import throws.
 */
export async function loadFunctions(request: LoadRequest): Promise<AnyFunction[]> {
  const namespace = (await import(pathToFileURL(request.entry).href + (request.query ?? ''))) as Record<string, unknown>
  return selectFunctions(namespace, request)
}

/** Finds the functions among a module's exports. @throws LoadError as `loadFunctions` does. */
export function selectFunctions(namespace: Readonly<Record<string, unknown>>, request: LoadRequest): AnyFunction[] {
  const file = basename(request.entry)
  const found = exported(namespace, basename(file, extname(file)))
  if (request.handler !== undefined) {
    const handler = request.handler
    const match = found.find((one) => one.exportName === handler) ?? found.find((one) => one.fn.name === handler)
    if (match === undefined) throw new LoadError(missing(file, handler, found))
    return [request.name === undefined ? match.fn : named(match.fn, request.name)]
  }
  const functions = [...new Set(found.map((one) => one.fn))]
  if (functions.length === 0) {
    throw new LoadError(
      `${file} exports no function: export one, such as export const hello = fn('hello', (name: string) => name)`,
    )
  }
  if (request.name !== undefined) {
    if (functions.length > 1) {
      throw new LoadError(`--name ${request.name} needs --handler: ${file} exports ${list(found)}`)
    }
    return [named(functions[0]!, request.name)]
  }
  for (const [index, fn] of functions.entries()) {
    if (functions.findIndex((other) => other.name === fn.name) !== index) {
      throw new LoadError(`${file} exports two functions named "${fn.name}": give one of them another name`)
    }
  }
  return functions
}

interface Export {
  readonly exportName: string
  readonly fn: AnyFunction
}

function exported(namespace: Readonly<Record<string, unknown>>, base: string): Export[] {
  const found: Export[] = []
  const seen = new Map<unknown, AnyFunction>()
  // Named exports first, so that one that is the default as well keeps its own name.
  const entries = Object.entries(namespace).sort(([a], [b]) => Number(a === 'default') - Number(b === 'default'))
  for (const [exportName, value] of entries) {
    if (typeof value !== 'function' || isClass(value)) continue
    let fn = seen.get(value)
    if (fn === undefined) {
      const name = exportName === 'default' ? base : exportName
      if (isFunction(value)) fn = value
      else if (isFunctionName(name)) fn = plainFunction(name, value as (input: never) => unknown)
      else continue // An export such as `$helper`: its name can't be a function's.
      seen.set(value, fn)
    }
    found.push({ exportName, fn })
  }
  return found
}

function named(fn: AnyFunction, name: string): AnyFunction {
  if (!isFunctionName(name)) {
    throw new LoadError(
      `"${name}" can't name a function: use 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
    )
  }
  return renamed(fn, name)
}

function missing(file: string, handler: string, found: readonly Export[]): string {
  if (found.length === 0) return `${file} has no export "${handler}": it exports no function`
  const names = found.flatMap((one) => [one.exportName, one.fn.name])
  const nearest = names
    .map((name) => ({ name, distance: distance(name, handler) }))
    .sort((a, b) => a.distance - b.distance)[0]!
  const guess = nearest.distance <= Math.max(2, handler.length / 3) ? ` Did you mean "${nearest.name}"?` : ''
  return `${file} has no export "${handler}": it exports ${list(found)}.${guess}`
}

function list(found: readonly Export[]): string {
  return found
    .map(({ exportName, fn }) => (exportName === fn.name ? exportName : `${exportName} (function ${fn.name})`))
    .join(', ')
}

/** Edits from one word to the other, letters' case not counted. */
function distance(left: string, right: string): number {
  const a = left.toLowerCase()
  const b = right.toLowerCase()
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value))
}
