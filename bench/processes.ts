/** What the kernel knows of a process: its CPU time, its memory. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The kernel's name of the folder of a process' threads. */
const THREADS = 'task'

/** User and system time of this process so far, in microseconds. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/**
 * User and system time of all threads that another process has now, in microseconds; throws when there is no such process. Exact while it waits, and to a tick
 * of the kernel while it runs; /proc/PID/stat has whole ticks only.
 */
export function cpuUs(pid: number): number {
  let ns = 0
  const threads = join('/proc', String(pid), THREADS)
  for (const thread of readdirSync(threads)) ns += threadNs(join(threads, thread, 'schedstat'))
  return ns / 1e3
}

function threadNs(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ', 1)[0])
  } catch (error) {
    // The thread has ended since the folder was read: what it took is no longer told.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
}

/** Memory of a process, in 1,000,000 bytes. */
export interface Memory {
  /** All that is in memory now, shared pages in full. */
  readonly rssMb: number
  /** The same with each shared page divided by the processes that share it. */
  readonly pssMb: number
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mb = (name: string): number => {
    const kib = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]
    if (kib === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no ${name}`)
    return (Number(kib) * 1024) / 1e6
  }
  return { rssMb: mb('Rss'), pssMb: mb('Pss') }
}
