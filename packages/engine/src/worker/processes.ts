/** Signals to processes, and how they ended. One of the few files that touch the OS. */
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { signalNumber } from '../isolation/inside.ts'
import type { ProcessExit } from '../world.ts'

/** Sends a signal to a process group. Nothing happens when nobody is left in it. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    // ESRCH: nobody is left in the group. EPERM: who is left has become another user. Anything else is a fault of ours.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

/** How a process ended whose exit code is told as a shell does: 128 + N when signal N ended it. */
export function exitOf(exitCode: number): ProcessExit {
  const number = signalNumber(exitCode)
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name === undefined ? { code: exitCode, signal: null } : { code: null, signal: name }
}

/**
 * What tells a living process from a later one with its number; undefined: it has ended, whether or not somebody has
 * asked for its exit code. Where the system has no `/proc`: the same for all.
 */
export function lifeOf(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return !existsSync('/proc/self/stat') && exists(pid) ? '' : undefined
  }
  // Behind the name, which may hold anything: the state is the first field, the time of the start the twentieth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
