/** Node processes that do nothing: what a Node worker's memory is held against. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { START_LIMIT_MS } from '../limits.ts'

/** Longest timer that Node has, in milliseconds; it keeps a process alive. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** Says that it is there, then nothing more. No stream of the process is touched, for one would take memory. */
const SCRIPT = `setInterval(() => {}, ${TIMER_MAX_MS}); require('node:fs').writeSync(1, 'ready')`

export interface BareNodes {
  readonly pids: readonly number[]
  end(): void
}

/** Starts `count` of them and waits until all are there. @throws Error when one is not within `START_LIMIT_MS`. */
export async function bareNodes(count: number): Promise<BareNodes> {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 2] }),
  )
  const end = (): void => {
    process.off('exit', end)
    for (const child of children) child.kill('SIGKILL')
  }
  process.on('exit', end)
  try {
    await Promise.all(children.map(ready))
  } catch (error) {
    end()
    throw error
  }
  return { pids: children.map(({ pid }) => pid!), end }
}

async function ready(child: ChildProcess): Promise<void> {
  try {
    await once(child.stdout!, 'data', { signal: AbortSignal.timeout(START_LIMIT_MS) })
  } catch {
    throw new Error(`a bare node process was not there within ${START_LIMIT_MS} ms`)
  }
}
