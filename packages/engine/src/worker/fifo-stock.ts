/** FIFOs made ahead, so that no launch waits for the program that makes them. One of the few files that touch the OS. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { FIFO_PAIRS_AHEAD, FIFO_PAIRS_LOW, FIFO_REFILL_US } from '../base/limits.ts'

/** Node can't make a FIFO; `mkfifo` can, and takes some milliseconds in which nothing else of the engine runs. */
const COMMAND = 'mkfifo'
const MODE = ['-m', '600']

/** Where a pair lies until it is taken. */
interface Pair {
  readonly inPath: string
  readonly outPath: string
}

/** Keeps up to `FIFO_PAIRS_AHEAD` pairs in a directory; a launch that finds none makes its own. */
export class FifoStock {
  readonly #directory: string
  readonly #pairs: Pair[] = []
  #made = 0
  #timer: NodeJS.Timeout | undefined
  #maker: ChildProcess | undefined
  #closed = false

  /** `directory`: of mode 0700, and there as long as this is not closed. */
  constructor(directory: string) {
    this.#directory = directory
    this.#refillLater()
  }

  /** Afterwards both paths are FIFOs that nobody has opened. Throws the OS's error when something else lies at one of them. */
  take(inPath: string, outPath: string): void {
    const pair = this.#pairs.pop()
    if (pair === undefined) {
      const made = spawnSync(COMMAND, [...MODE, inPath, outPath], { encoding: 'utf8' })
      if (made.status !== 0) throw new Error(`${COMMAND} failed: ${made.error?.message ?? made.stderr.trim()}`)
    } else {
      renameSync(pair.inPath, inPath)
      renameSync(pair.outPath, outPath)
    }
    this.#refillLater()
  }

  /** Makes no more; what is there goes with the directory. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#maker?.kill('SIGKILL')
  }

  /** Not at once: to start a program takes the engine milliseconds, which the launch under way needs itself. */
  #refillLater(): void {
    if (this.#timer !== undefined || this.#maker !== undefined || this.#closed) return
    if (this.#pairs.length > FIFO_PAIRS_LOW) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#refill()
    }, FIFO_REFILL_US / 1_000).unref()
  }

  #refill(): void {
    const pairs = Array.from({ length: FIFO_PAIRS_AHEAD - this.#pairs.length }, () => {
      this.#made += 1
      const stem = join(this.#directory, `ahead-${this.#made}`)
      return { inPath: `${stem}.in`, outPath: `${stem}.out` }
    })
    const paths = pairs.flatMap(({ inPath, outPath }) => [inPath, outPath])
    const maker = spawn(COMMAND, [...MODE, ...paths], { stdio: 'ignore' })
    this.#maker = maker
    maker.unref()
    const over = (isMade: boolean): void => {
      this.#maker = undefined
      // Otherwise the next `take` makes its own, and tells what is wrong.
      if (isMade) this.#pairs.push(...pairs)
    }
    maker.once('error', () => over(false))
    maker.once('exit', (code) => over(code === 0))
  }
}
