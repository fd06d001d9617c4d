/** What it costs to wake a thread on the same processor and on another one. One of the few files that touch the OS. */
import { once } from 'node:events'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { WAKE_MS_MAX, WAKE_TURNS } from '../base/limits.ts'
import type { Processors } from './processors.ts'

/** Medians, in microseconds. */
export interface WakeCost {
  readonly onOneUs: number
  /** Undefined: there is one processor. */
  readonly acrossUs: number | undefined
}

/** The number by which the other thread is told to end. */
const END = -1

/**
 * The other thread: makes each odd number even, and says so. Text, as the package is bundled, and a file of its own would not
 * be found.
 */
const ANSWER = `
const { parentPort, workerData } = require('node:worker_threads')
const turns = new Int32Array(workerData.turns)
parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'))
for (;;) {
  const turn = Atomics.load(turns, 0)
  if (turn === ${END}) break
  if (turn % 2 === 0) {
    if (Atomics.wait(turns, 0, turn, workerData.waitMs) === 'timed-out') break
    continue
  }
  Atomics.store(turns, 0, turn + 1)
  Atomics.notify(turns, 0)
}
`

/**
 * Measures for some tens of milliseconds, in which the calling thread does nothing else; it is back on all its processors
 * afterwards. Undefined: a thread could not be placed, or did not answer in time.
 */
export async function measureWakes(processors: Processors): Promise<WakeCost | undefined> {
  const turns = new Int32Array(new SharedArrayBuffer(4))
  // Between the start and the first turn it waits for as long as all turns together may take.
  const workerData = { turns: turns.buffer, waitMs: WAKE_MS_MAX * WAKE_TURNS }
  const other = new Worker(ANSWER, { eval: true, workerData })
  try {
    const [thread] = (await once(other, 'message')) as [string]
    const { allowed } = processors
    const measure = (own: number, others: number): number | undefined => {
      const fault = processors.placeThread([own]) ?? processors.placeThread([others], Number(basename(thread)))
      return fault === undefined ? halfTurnUs(turns) : undefined
    }
    const home = allowed.at(-1)!
    const onOneUs = measure(home, home)
    if (onOneUs === undefined) return undefined
    if (allowed.length === 1) return { onOneUs, acrossUs: undefined }
    const acrossUs = measure(home, allowed[0]!)
    return acrossUs === undefined ? undefined : { onOneUs, acrossUs }
  } finally {
    processors.placeThread(processors.allowed)
    Atomics.store(turns, 0, END)
    Atomics.notify(turns, 0)
    await other.terminate()
  }
}

/** Half of what a turn takes, there and back, as the median; undefined: an answer did not come in time. */
function halfTurnUs(turns: Int32Array): number | undefined {
  const samples: number[] = []
  for (let i = 0; i < WAKE_TURNS; i += 1) {
    const turn = Atomics.load(turns, 0) + 1
    const begun = performance.now()
    Atomics.store(turns, 0, turn)
    Atomics.notify(turns, 0)
    if (Atomics.wait(turns, 0, turn, WAKE_MS_MAX) === 'timed-out') return undefined
    samples.push(((performance.now() - begun) * 1_000) / 2)
  }
  return samples.toSorted((a, b) => a - b)[WAKE_TURNS / 2]
}
