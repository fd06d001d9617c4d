/** `millrace bench --cold`: what a function's first call waits for, by the way its worker comes about, measured now. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Content } from '@millrace/protocol'
import { createEngine } from '../../engine.ts'
import type { Engine } from '../../engine-api.ts'
import type { EngineOptions, ProgramOptions } from '../../options.ts'
import { CommandError, ExitCode } from '../exit-code.ts'
import { BENCH_PAUSE_US, BENCH_POLL_MS, BENCH_ROUNDS, BENCH_WAIT_MS_MAX } from '../limits.ts'
import type { BenchArgs } from '../options.ts'
import { runtimeHosts } from '../runtime-hosts.ts'
import { tableLines, timeText } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** One way to a first answer. */
interface Row {
  readonly runtime: 'node' | 'python'
  readonly start: string
  /** Median time until the answer, in microseconds. */
  readonly us: number
  /** What it is held against: the row of that name. */
  readonly by?: string
}

/** What both Python rows import: what a small service has. */
const PYTHON_IMPORTS =
  'import asyncio, json, logging, re, socket, ssl, sqlite3, typing, urllib.request, xml.etree.ElementTree'

export async function bench(args: BenchArgs, terminal: Terminal): Promise<ExitCode> {
  if (!args.cold) throw new CommandError('say what to measure: millrace bench --cold', ExitCode.usage)
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    const rows = [...(await nodeRows(directory)), ...(await pythonRows(directory))]
    if (args.output === 'json') terminal.line(JSON.stringify({ rounds: BENCH_ROUNDS, rows: rows.map(withRatio(rows)) }))
    else for (const line of table(rows)) terminal.line(line)
    return ExitCode.ok
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const withRatio =
  (rows: readonly Row[]) =>
  (row: Row): Row & { readonly ratio: number | undefined } => {
    const base = rows.find(({ runtime, start }) => runtime === row.runtime && start === row.by)
    return { ...row, ratio: base === undefined ? undefined : row.us / base.us }
  }

function table(rows: readonly Row[]): string[] {
  const cells = rows.map(withRatio(rows)).map(({ runtime, start, us, ratio, by }) => {
    const share = ratio === undefined ? '' : `${ratio.toFixed(2)} × ${by}`
    return [runtime, start, timeText(us), share]
  })
  return tableLines([['RUNTIME', 'START', 'MEDIAN', ''], ...cells], new Set([2]))
}

async function nodeRows(directory: string): Promise<Row[]> {
  const { node } = runtimeHosts()
  const entry = join(directory, 'probe.mjs')
  writeFileSync(entry, 'export const probe = (input) => input\n')
  const cache = { NODE_COMPILE_CACHE: join(directory, 'compile-cache') }
  const program = { name: 'probe', command: [...node.command, entry], cwd: directory, env: cache }
  const ahead = { runtime: 'node', command: [...node.command, '--prewarm'], cwd: directory, env: cache, workers: 1 }
  const bare: number[] = []
  const cold = await firstAnswers(program, () => bare.push(processUs(process.execPath, '-e', '0')))
  return [
    row('node', 'bare', bare),
    row('node', 'cold', cold, 'bare'),
    row('node', 'prewarmed', await loads({ ...program, code: { runtime: 'node', entry } }, ahead), 'cold'),
    row('node', 'paused', await resumes(program), 'cold'),
    row('node', 'warm', await warmAnswers(program), 'cold'),
  ]
}

async function pythonRows(directory: string): Promise<Row[]> {
  const { python } = runtimeHosts()
  const entry = join(directory, 'probe.py')
  const code = `${PYTHON_IMPORTS}\nfrom millrace import function\n\n@function\ndef probe(x: int) -> int:\n    return x\n`
  writeFileSync(entry, code)
  const program = { name: 'probe', command: [...python.command, entry], cwd: directory, env: python.env }
  const ahead = {
    runtime: 'python',
    command: [...python.command, '--prewarm'],
    cwd: directory,
    env: python.env,
    workers: 1,
  }
  const bare: number[] = []
  const cold = await firstAnswers(program, () => bare.push(processUs(python.command[0]!, '-c', PYTHON_IMPORTS)))
  return [
    row('python', 'bare', bare),
    row('python', 'cold', cold, 'bare'),
    row('python', 'prewarmed', await loads({ ...program, code: { runtime: 'python', entry } }, ahead), 'cold'),
    row('python', 'forked', await forks(program), 'cold'),
    row('python', 'warm', await warmAnswers(program), 'cold'),
  ]
}

function row(runtime: Row['runtime'], start: string, values: readonly number[], by?: string): Row {
  const us = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
  return by === undefined ? { runtime, start, us } : { runtime, start, us, by }
}

/** A process that does nothing else, from its start to its end, in microseconds. */
function processUs(command: string, ...args: string[]): number {
  const begun = performance.now()
  execFileSync(command, args)
  return (performance.now() - begun) * 1_000
}

const SCALE_TO_ZERO = { min: 0, max: 1, idleUs: BENCH_PAUSE_US }
const INPUT = new TextEncoder().encode('1')

/**
 * Runs rounds in an engine, each until its first answer, which is what is timed, once `isReady` for it. `beside`: run before
 * each, so that what the machine does meets both alike.
 */
async function rounds(
  options: EngineOptions,
  isReady: (engine: Engine) => boolean,
  beside: () => void = () => {},
): Promise<number[]> {
  const engine = createEngine(options)
  try {
    const { failures } = await engine.start()
    if (failures[0] !== undefined) throw new CommandError(`the worker does not start: ${failures[0].message}`)
    const values: number[] = []
    for (let i = 0; i < BENCH_ROUNDS; i += 1) {
      const until = performance.now() + BENCH_WAIT_MS_MAX
      while (!isReady(engine)) {
        if (performance.now() > until) throw new CommandError('the workers did not come to rest; is the machine busy?')
        await delay(BENCH_POLL_MS)
      }
      beside()
      const begun = performance.now()
      const outcome = await engine.invoke('probe', INPUT, { content: Content.JSON })
      values.push((performance.now() - begun) * 1_000)
      if (!outcome.ok) throw new CommandError(`the call failed: ${outcome.failure.message}`)
    }
    return values
  } finally {
    await engine.stop()
  }
}

type Probe = Pick<ProgramOptions, 'name' | 'command' | 'cwd' | 'env' | 'code'>

const functions = [{ name: 'probe' }]
const states = (engine: Engine): string =>
  engine
    .workers()
    .map(({ state }) => state)
    .sort()
    .join()

/** A call that finds no worker. */
async function firstAnswers(program: Probe, beside: () => void): Promise<number[]> {
  const options = { programs: [{ ...program, functions, workers: SCALE_TO_ZERO }] }
  return await rounds(options, (engine) => states(engine) === '', beside)
}

/** A call that finds a worker which waits for its code. */
async function loads(program: Probe, ahead: NonNullable<EngineOptions['prewarm']>[number]): Promise<number[]> {
  const options = { programs: [{ ...program, functions, workers: SCALE_TO_ZERO }], prewarm: [ahead] }
  return await rounds(options, (engine) => states(engine) === 'waiting')
}

/** A call that finds a zygote. */
async function forks(program: Probe): Promise<number[]> {
  const options = { programs: [{ ...program, functions, workers: SCALE_TO_ZERO, fork: true }] }
  return await rounds(options, (engine) => states(engine) === '')
}

/** A call that finds a worker which stands still. */
async function resumes(program: Probe): Promise<number[]> {
  const workers = { min: 1, max: 1, warm: 0, pauseAfterUs: BENCH_PAUSE_US }
  return await rounds({ programs: [{ ...program, functions, workers }] }, (engine) => states(engine) === 'paused')
}

async function warmAnswers(program: Probe): Promise<number[]> {
  return await rounds({ programs: [{ ...program, functions, workers: 1 }] }, (engine) => states(engine) === 'ready')
}
