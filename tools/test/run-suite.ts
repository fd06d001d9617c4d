/**
 * Runs one suite as a process group of its own: a log of all it prints, a bound on its time, and nothing of it left
 * behind. A suite that leaves processes has failed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Counts, count, NOTHING } from './counts.ts'
import { type Suite, VITEST_REPORT } from './suites.ts'

/** A suite's helpers may need a moment to see that it is gone. */
const LEFT_BEHIND_WAIT_MS_MAX = 2_000
const LEFT_BEHIND_LOOK_MS = 50

export interface SuiteResult {
  readonly name: string
  readonly counts: Counts
  readonly seconds: number
  /** Set when it failed for a reason of its own, or was skipped: one line. */
  readonly note?: string
  /** Everything it printed; from the repository's top folder. Not there when it never began. */
  readonly log?: string
}

/** The process groups that are running, so that an interrupted run can end them. */
const running = new Set<ChildProcess>()

/** Ends every suite that is running. For a run that is interrupted. */
export function endRunningSuites(): void {
  for (const child of running) signalGroup(child, 'SIGKILL')
}

/** Whether the group still had a process. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function leftProcesses(child: ChildProcess): Promise<boolean> {
  const giveUp = performance.now() + LEFT_BEHIND_WAIT_MS_MAX
  while (signalGroup(child, 0)) {
    if (performance.now() > giveUp) return signalGroup(child, 'SIGKILL')
    await delay(LEFT_BEHIND_LOOK_MS)
  }
  return false
}

interface Ended {
  readonly output: string
  readonly fault?: string
}

/** Runs the command to its end. `onLine` gets what it prints, line by line, as it comes. */
async function runCommand(root: string, suite: Suite, log: string, onLine: (line: string) => void): Promise<Ended> {
  const [program = '', ...args] = suite.command
  const child = spawn(program, args, {
    cwd: join(root, suite.folder ?? '.'),
    env: { ...process.env, ...suite.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  const file = createWriteStream(join(root, log))
  const chunks: Buffer[] = []
  let rest = ''
  const take = (chunk: Buffer) => {
    chunks.push(chunk)
    file.write(chunk)
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)

  let timedOut = false
  const alarm = setTimeout(() => {
    timedOut = true
    signalGroup(child, 'SIGKILL')
  }, suite.secondsMax * 1_000)
  // The program's exit, not its pipes' end: something it left behind may hold them for ever.
  const exit = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`${program} cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(code === null ? `ended by ${signal}` : `exit code ${code}`)
    })
  })
  clearTimeout(alarm)
  const left = await leftProcesses(child)
  running.delete(child)
  child.stdout?.destroy()
  child.stderr?.destroy()
  await new Promise((resolve) => file.end(resolve))

  const output = Buffer.concat(chunks).toString('utf8')
  if (timedOut) return { output, fault: `not done after ${suite.secondsMax} s` }
  if (exit !== undefined) return { output, fault: exit }
  return left ? { output, fault: 'left processes behind' } : { output }
}

/** Whether the machine has what the suite is written in. */
function hasLanguage(suite: Suite): boolean {
  if (suite.language === undefined) return true
  const [program = '', ...args] = suite.language.probe
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/**
 * Runs one suite and counts its tests. Never throws for what a suite does.
 *
 * @param root The repository's top folder.
 * @param mustHaveLanguages Whether a language that the machine lacks fails the suite; otherwise it is skipped.
 * @param onLine Gets what the suite prints, line by line, as it comes.
 */
export async function runSuite(
  root: string,
  suite: Suite,
  mustHaveLanguages: boolean,
  onLine: (line: string) => void,
): Promise<SuiteResult> {
  const began = performance.now()
  const result = (counts: Counts, note?: string, log?: string): SuiteResult => ({
    name: suite.name,
    counts,
    seconds: (performance.now() - began) / 1_000,
    ...(note !== undefined && { note }),
    ...(log !== undefined && { log }),
  })

  const missing = suite.needs.find((path) => !existsSync(join(root, path)))
  if (missing !== undefined) return result({ ...NOTHING, failed: 1 }, `${missing} is missing`)
  if (!hasLanguage(suite)) {
    const note = `${suite.language?.name.toUpperCase()} IS MISSING on this machine: see what tools/setup.sh --languages says`
    return result(mustHaveLanguages ? { ...NOTHING, failed: 1 } : { ...NOTHING, skipped: 1 }, note)
  }

  const log = `out/test/${suite.name}.log`
  mkdirSync(join(root, 'out/test'), { recursive: true })
  const report = suite.countBy === 'vitest-json' ? join(root, VITEST_REPORT) : undefined
  if (report !== undefined) rmSync(report, { force: true }) // An earlier run's counts must not stand for this one's.

  const { output, fault } = await runCommand(root, suite, log, onLine)
  const text = report === undefined ? output : existsSync(report) ? readFileSync(report, 'utf8') : ''
  return result(count(suite.countBy, text, fault === undefined), fault, log)
}
