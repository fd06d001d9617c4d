/** What the kernel knows of processors, and who runs on which. One of the few files that touch the OS. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { loadKoffi } from '../base/koffi.ts'
import { PLACE_PASSES_MAX, TASKSET_MS_MAX } from '../base/limits.ts'
import { onPath } from '../isolation/host-facts.ts'
import { idleTicks, parseProcessors, processorList, processorMask, TICK_US } from './arrangement.ts'

const ESRCH = 3
/**
 * By what Node calls its threads that compile and collect garbage: Node 24 does, Node 20 does not. Any of them may take a processor for some
 * milliseconds, whatever its priority, and wakes nobody who waits for a call.
 */
const HELPER_NAME = 'V8Worker'

/** The processors of this host as far as this process may use them, and where processes run. */
export interface Processors {
  /** Numbers of those that this process could use when it was opened, rising. */
  readonly allowed: readonly number[]
  readonly pid: number
  /** See `idleTicks`. */
  idle(): ReadonlyMap<number, number>
  /** Lets one thread, and what it starts from now on, use these alone. Default: the calling one. Returns why it could not. */
  placeThread(processors: readonly number[], id?: number): string | undefined
  /**
   * Lets all threads of a process, and what they start from now on, use these alone; the helper threads of Node use `helpers`,
   * by default the same. Returns why it could not; a process that is gone is no fault.
   */
  place(pid: number, processors: readonly number[], helpers?: readonly number[]): string | undefined
  /** A process and all that descend from it, as far as none between has ended; itself first. */
  family(pid: number): number[]
  /** Processor time that a process has had, in microseconds, in steps of a tick; 0: it is gone. */
  usedUs(pid: number): number
}

/** Moves threads. Both return why they could not; a thread that is gone is no fault. */
interface Mover {
  thread(id: number, processors: readonly number[]): string | undefined
  process(pid: number, processors: readonly number[], helpers?: readonly number[]): string | undefined
}

/** By what threads can be moved: the package, or why there is none; the path of the program. */
interface MoverTools {
  readonly koffi: ReturnType<typeof loadKoffi>
  readonly taskset: string | undefined
}

/** How threads are moved here; or why they cannot be, with the fix. `tools`: default what this host has. */
export function openMover(tools?: MoverTools): Mover | string {
  const { koffi, taskset } = tools ?? { koffi: loadKoffi(), taskset: onPath('taskset', process.env.PATH ?? '') }
  if (typeof koffi !== 'string') return callingMover(koffi)
  if (taskset !== undefined) return tasksetMover(taskset)
  return `affinity needs the package koffi or the program taskset: ${koffi}; or apt-get install util-linux`
}

/** Opens them; or says why this host lets nobody be placed, with the fix. */
export function openProcessors(openedMover?: Mover | string): Processors | string {
  if (process.platform !== 'linux') return `affinity needs Linux, and this is ${process.platform}`
  const mover = openedMover ?? openMover()
  if (typeof mover === 'string') return mover
  const caller = Number(basename(readlinkSync('/proc/thread-self')))
  if (!existsSync(childrenFile(process.pid, caller)))
    return 'affinity needs a kernel that lists children: one with CONFIG_PROC_CHILDREN'
  const allowed = processorsOf(process.pid)
  // Seen to work before anybody counts on it, by asking for what holds.
  const fault = mover.thread(caller, allowed)
  if (fault !== undefined) return `affinity: this process may not choose its processors: ${fault}`
  return {
    allowed,
    pid: process.pid,
    idle: () => idleTicks(readFileSync('/proc/stat', 'latin1')),
    placeThread: (processors, id = caller) => mover.thread(id, processors),
    place: (pid, processors, helpers) => mover.process(pid, processors, helpers),
    family,
    usedUs,
  }
}

/** Numbers of the processors that the first thread of a process may use. Throws the OS's error. */
export function processorsOf(pid: number): number[] {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return parseProcessors(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!)
}

function callingMover(koffi: typeof import('koffi')): Mover {
  const set = koffi.load(null).func('int sched_setaffinity(int pid, size_t length, const uint8_t *mask)') as (
    id: number,
    length: number,
    mask: Uint8Array,
  ) => number
  const thread = (id: number, processors: readonly number[]): string | undefined => {
    const mask = processorMask(processors)
    if (set(id, mask.length, mask) === 0 || koffi.errno() === ESRCH) return undefined
    return `sched_setaffinity says errno ${koffi.errno()}`
  }
  const process = (pid: number, processors: readonly number[], helpers = processors): string | undefined => {
    const done = new Set<number>()
    // A thread that is not moved yet may start another one meanwhile.
    for (let pass = 0; pass < PLACE_PASSES_MAX; pass += 1) {
      const fresh = threadsOf(pid).filter((id) => !done.has(id))
      if (fresh.length === 0) return undefined
      for (const id of fresh) {
        const fault = thread(id, isHelper(pid, id) ? helpers : processors)
        if (fault !== undefined) return fault
        done.add(id)
      }
    }
    return `it starts threads faster than they can be moved`
  }
  return { thread, process }
}

function tasksetMover(program: string): Mover {
  const run = (option: string, id: number, processors: readonly number[]): string | undefined => {
    const args = [option, processorList(processors), `${id}`]
    const env = { ...process.env, LC_ALL: 'C' }
    const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: TASKSET_MS_MAX, env })
    if (status === 0 || /No such process/.test(stderr)) return undefined
    return error?.message ?? stderr.trim()
  }
  return {
    thread: (id, processors) => run('-pc', id, processors),
    process: (pid, processors, helpers = processors) => {
      const fault = run('-apc', pid, processors)
      if (helpers === processors) return fault
      const ids = threadsOf(pid).filter((id) => isHelper(pid, id))
      return ids.reduce((found, id) => found ?? run('-pc', id, helpers), fault)
    },
  }
}

function isHelper(pid: number, id: number): boolean {
  return readGone(`/proc/${pid}/task/${id}/comm`).trimEnd() === HELPER_NAME
}

function family(pid: number): number[] {
  const found = [pid]
  for (const one of found) {
    for (const thread of threadsOf(one)) {
      for (const child of readGone(childrenFile(one, thread)).split(' ')) if (child !== '') found.push(Number(child))
    }
  }
  return found
}

function usedUs(pid: number): number {
  const stat = readGone(`/proc/${pid}/stat`)
  // Behind the name, which may hold anything: user time is the twelfth field, system time the one after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? 0 : (Number(fields[11]) + Number(fields[12])) * TICK_US
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

function childrenFile(pid: number, thread: number): string {
  return `/proc/${pid}/task/${thread}/children`
}

function readGone(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    if (isGone(error)) return ''
    throw error
  }
}

/** Whether a process or thread ended while it was looked at. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
}
