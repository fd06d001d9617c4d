/** Why a user's file can't be loaded, in words that have its file and line. */
import { fileURLToPath } from 'node:url'
import { UsageError } from './errors.ts'
import { SYNTAX_CHECK_MS_MAX } from './limits.ts'
import { LoadError } from './load.ts'

/** What is said in one line, with the fix; undefined: the error has a place, and its report says more. */
export function oneLine(path: string, error: unknown): string | undefined {
  if (error instanceof LoadError || error instanceof UsageError) return error.message
  if (isNotFound(error) && error.message.includes(`'${path}'`)) return `${path} does not exist`
  return undefined
}

/** The whole of it. `last`: URL of the module that was resolved last. */
export function describe(path: string, error: unknown, last: string): string {
  const line = oneLine(path, error)
  if (line !== undefined) return line
  withoutOwnCalls(error)
  const report = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `${path} can't be loaded:\n${placeOf(error, last)}${report}`
}

/**
 * File, line and source of a syntax error, which Node keeps for its own report of an uncaught error: another process says
 * them. Empty when the error has them already, or none.
 */
function placeOf(error: unknown, last: string): string {
  if (!(error instanceof SyntaxError) || !error.stack?.startsWith('SyntaxError') || !last.startsWith('file:')) return ''
  const [file] = last.split('?')
  const { stderr } = process
    .getBuiltinModule('node:child_process')
    .spawnSync(process.execPath, ['--check', fileURLToPath(file!)], {
      encoding: 'utf8',
      timeout: SYNTAX_CHECK_MS_MAX,
    })
  const end = stderr.search(/^SyntaxError/m)
  return end === -1 ? '' : stderr.slice(0, end)
}

/** Where this package's own files are, as stacks name them: by URL, and those of CommonJS by path. */
const OWN_FILES = new URL('.', import.meta.url).href
const OWN_PATH = fileURLToPath(OWN_FILES)
const PLACES = ['node:internal', OWN_FILES, OWN_PATH]

/** Takes Node's and this package's own calls out of the stack: what is left is the user's. */
export function withoutOwnCalls(error: unknown): unknown {
  if (error instanceof Error && error.stack !== undefined) {
    const lines = error.stack
      .split('\n')
      .filter((line) => !(/^\s+at /.test(line) && PLACES.some((place) => line.includes(place))))
    error.stack = lines.join('\n')
  }
  return error
}

/** Whether a module was not found. */
export function isNotFound(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
