/** `millrace invoke`: one call to a running engine, over HTTP like any other client's. */
import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { didYouMean } from '../../config/faults.ts'
import { parseDuration } from '../../config/units.ts'
import type { FunctionInfo } from '../../engine-api.ts'
import { CommandError, ExitCode } from '../exit-code.ts'
import { engineUrl, queryList, readText, send } from '../http-client.ts'
import { ANSWER_GRACE_MS } from '../limits.ts'
import type { InvokeArgs } from '../options.ts'
import type { Terminal } from '../terminal.ts'

export async function invoke(args: InvokeArgs, terminal: Terminal): Promise<ExitCode> {
  const url = engineUrl(args.url, process.env)
  const limit = timeLimit(args.timeout)
  const body = await input(args.data, args.json)
  // The engine keeps the limit; the signal is for an engine that has stopped answering.
  const signal = limit === undefined ? undefined : AbortSignal.timeout(Math.ceil(limit / 1_000) + ANSWER_GRACE_MS)
  const began = performance.now()
  try {
    const answer = await send(url, {
      method: 'POST',
      path: `/function/${encodeURIComponent(args.name)}`,
      headers: {
        'content-type': args.json ? 'application/json' : 'application/octet-stream',
        ...(limit !== undefined && { 'millrace-timeout': `${limit}us` }),
      },
      ...(body && { body }),
      ...(signal && { signal }),
    })
    if (answer.statusCode !== undefined && answer.statusCode >= 400) {
      const failure = failureOf(answer, await readText(answer))
      const hint = failure.reason === 'not_found' ? await nameHint(url, args.name) : ''
      terminal.note(`${failure.function ?? args.name}: ${failure.reason}: ${failure.message}${hint}`)
      return ExitCode.functionFailed
    }
    const broken = await copyOutput(answer, terminal.interactive)
    if (broken !== undefined && signal?.aborted !== true) {
      terminal.note(`${args.name}: the output broke off: ${broken}; the engine's log says why`)
      return ExitCode.functionFailed
    }
    signal?.throwIfAborted()
    if (args.verbose) terminal.note(timing(answer, performance.now() - began))
    return ExitCode.ok
  } catch (error) {
    if (signal?.aborted !== true) throw error
    terminal.note(`${args.name}: deadline_exceeded: the engine did not answer within ${args.timeout}`)
    return ExitCode.functionFailed
  }
}

function timeLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const parsed = parseDuration(text)
  if ('problem' in parsed) throw new CommandError(`--timeout: ${parsed.problem}`, ExitCode.usage)
  return parsed.value === 0 ? undefined : parsed.value
}

async function input(data: string | undefined, json: boolean): Promise<Uint8Array | Readable | undefined> {
  if (data === undefined) return undefined
  if (data === '-') return process.stdin
  if (data.startsWith('@')) {
    const file = data.slice(1)
    return openInput(file)
  }
  if (json) requireJson(data)
  return Buffer.from(data)
}

async function openInput(file: string): Promise<Readable> {
  const stat = statSync(file, { throwIfNoEntry: false })
  const problem = stat === undefined ? 'no such file' : stat.isDirectory() ? 'a directory, not a file' : undefined
  if (problem !== undefined) throw new CommandError(`-d @${file}: ${problem}; check the path`)
  try {
    return (await open(file)).createReadStream()
  } catch (error) {
    throw new CommandError(`-d @${file}: cannot be read (${(error as NodeJS.ErrnoException).code}); check its rights`)
  }
}

function requireJson(data: string): void {
  try {
    JSON.parse(data)
  } catch (error) {
    const fix = /^[\w\s.,!?-]+$/.test(data)
      ? `a text needs quotes of its own: -d '"${data}"'`
      : 'mend it, or leave out --json'
    throw new CommandError(`the input is not JSON (${(error as Error).message}); ${fix}`, ExitCode.usage)
  }
}

/** What an answer that is no success says, as far as it is a problem document (RFC 9457) of an engine. */
interface ToldFailure {
  readonly reason: string
  readonly message: string
  readonly function: string | undefined
}

function failureOf(answer: IncomingMessage, text: string): ToldFailure {
  if (answer.headers['content-type']?.startsWith('application/problem+json') === true) {
    const problem = JSON.parse(text) as { reason?: string; detail?: string; title?: string; function?: string }
    return {
      reason: problem.reason ?? String(answer.statusCode),
      message: (problem.detail || problem.title) ?? 'no message',
      function: problem.function || undefined,
    }
  }
  const message = text.trim().split('\n', 1)[0] || answer.statusMessage || 'no message'
  return { reason: `HTTP ${answer.statusCode}`, message, function: undefined }
}

async function nameHint(url: URL, name: string): Promise<string> {
  const functions = await queryList<FunctionInfo>(url, '/v1/functions', 'functions')
  const names = functions.map((one) => one.name)
  return didYouMean(name, names) || (names.length === 0 ? '' : `; there are: ${names.sort().join(', ')}`)
}

/** Copies the output to standard output. Returns why it broke off; undefined: it is whole, or nobody reads it any more. */
async function copyOutput(answer: IncomingMessage, interactive: boolean): Promise<string | undefined> {
  let last = 0x0a
  answer.on('data', (chunk: Buffer) => {
    last = chunk.at(-1) ?? last
  })
  try {
    await pipeline(answer, process.stdout, { end: false })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'EPIPE' ? undefined : message
  }
  // Only for people: a file or pipe gets the output's bytes and no other.
  if (interactive && last !== 0x0a) process.stdout.write('\n')
  return undefined
}

function timing(answer: IncomingMessage, elapsedMs: number): string {
  const split = answer.headers['server-timing']
  return `${elapsedMs.toFixed(2)} ms seen from here${split === undefined ? '' : `; engine: ${String(split)}`}`
}
