/** A project whose functions lie on different shards, for tests with real processes. */
import { expect } from 'vitest'
import { CommandBench, type CommandProcess } from '../command-process.ts'

/** The functions of one side: `left_echo`, `left_call` and so on. One program for each side, so one side for each shard. */
const SIDE = `
import { existsSync, watch } from 'node:fs'
import { fn, MillraceError } from '@millrace/sdk'
const seen = (ctx) => ({ depth: ctx.depth, traceId: ctx.trace.traceId, leftMs: ctx.deadline && ctx.deadline - Date.now() })
export const echo = fn('SIDE_echo', (value: unknown, ctx) => ({ value, ...seen(ctx) }))
/** Calls another function with what it is given, and says what came of it. */
export const call = fn('SIDE_call', ({ to, input, timeout }, ctx) => ctx.call(to, input, timeout && { timeout }))
export const fail = fn('SIDE_fail', () => {
  throw new MillraceError('bad_input', 'no user 7', { code: 'NO_USER', retryable: false })
})
/** Calls the next of its ring until it is refused. */
export const ring = fn('SIDE_ring', async ({ ring, step }: { ring: string[]; step: number }, ctx) => {
  try {
    return await ctx.call(ring[(step + 1) % ring.length], { ring, step: step + 1 })
  } catch (error) {
    return { step, reason: error.reason, message: error.message }
  }
})
/** Runs until it is cancelled. */
export const hold = fn('SIDE_hold', async (name: string, ctx) => {
  ctx.log.info('held ' + name)
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
  ctx.log.info('let go ' + name + ': ' + ctx.signal.reason.reason)
  throw ctx.signal.reason
})
/** Runs until a file is there, and then makes another call. */
export const gate = fn('SIDE_gate', async ({ directory, to }, ctx) => {
  const open = () => existsSync(directory + '/open')
  const changes = watch(directory)
  const opened = new Promise((resolve) => changes.on('change', () => open() && resolve(undefined)))
  ctx.log.info('at the gate')
  if (!open()) await opened
  changes.close()
  return await ctx.call(to, 'through')
})
export const count = fn('SIDE_count', async function* (to: number) {
  for (let i = 1; i <= to; i += 1) yield i
})
export const sum = fn('SIDE_sum', async ({ of, to }: { of: string; to: number }, ctx) => {
  let text = ''
  for await (const part of ctx.callStream(of, to)) text += Buffer.from(part).toString()
  return text.trim().split('\\n').reduce((sum, line) => sum + Number(line), 0)
})
export const upper = fn.stream('SIDE_upper', { content: 'text' }, async function* (input) {
  for await (const part of input) yield Buffer.from(Buffer.from(part).toString('latin1').toUpperCase(), 'latin1')
})
export const pass = fn.stream('SIDE_pass', { content: 'text' }, async function* (input, ctx) {
  yield* ctx.callStream('OTHER_upper', input)
})
`

const NAMES = ['echo', 'call', 'fail', 'ring', 'hold', 'gate', 'count', 'sum', 'upper', 'pass']

/** The answer to a call: its status and its JSON or problem. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

export class ShardsBench extends CommandBench {
  /** Writes a project with these sides. `more`: further lines of its config. */
  project(sides: readonly string[], more = ''): void {
    const lines = sides.flatMap((side) => NAMES.map((name) => `  ${side}_${name}: { entry: ${side}.ts }`))
    this.write('millrace.yaml', `version: 1\n${more}functions:\n${lines.join('\n')}\n`)
    for (const [i, side] of sides.entries()) {
      const other = sides[(i + 1) % sides.length]!
      this.write(`${side}.ts`, SIDE.replaceAll('SIDE', side).replaceAll('OTHER', other))
    }
  }

  /** Starts the project on a free port. Resolves when every shard is ready. */
  async shards(count: number, ...more: string[]): Promise<Shards> {
    const process = this.start(['start', '--shards', String(count), '-p', '0', ...more])
    const ready = JSON.parse(await process.line(/"msg":"ready"/))
    expect(ready.shards).toBe(count)
    return new Shards(process, ready.url)
  }
}

export class Shards {
  readonly process: CommandProcess
  readonly url: string

  constructor(process: CommandProcess, url: string) {
    this.process = process
    this.url = url
  }

  /** Calls a function with JSON over a client socket of its own, which the host gives to any shard. */
  async call(name: string, input: unknown, options: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/function/${name}`, {
      method: 'POST',
      body: JSON.stringify(input),
      ...options,
      headers: { 'content-type': 'application/json', connection: 'close', ...options.headers },
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }

  /** The same call until each of `shards` must have taken one: the chance that one took none is below one in a million. */
  async callAll(name: string, input: unknown): Promise<Answer[]> {
    return await Promise.all(Array.from({ length: CALLS_TO_MEET_ALL }, () => this.call(name, input)))
  }

  /** What the log says of the last start of the shard that serves this side. */
  shardOf(side: string): { readonly shard: number; readonly pid: number } {
    const lines = this.process.output.filter((line) => line.includes('"msg":"shard started"'))
    const last = lines.map((line) => JSON.parse(line)).findLast(({ programs }) => programs.includes(side))
    return last
  }
}

/** With three shards and calls that fall on them by chance, (2/3)^40 is below 10^-7. */
const CALLS_TO_MEET_ALL = 40
