/** The two FIFOs of a channel, by the launch contract. One of the few files that touch the OS. */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Inconclusive } from './failure.ts'

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

/** FIFOs in a directory of their own, and the runner's ends. Who takes the first two descriptors closes them. */
export class Fifos {
  readonly inPath: string
  readonly outPath: string
  /** -1 when nobody reads OUT. */
  readonly readFd: number
  readonly writeFd: number
  /** Where they lie. */
  readonly directory: string
  #holdFd: number

  /** `absent`: nobody reads OUT. */
  constructor(absent = false) {
    this.directory = mkdtempSync(join(tmpdir(), 'millrace-conformance-'))
    this.inPath = join(this.directory, 'in')
    this.outPath = join(this.directory, 'out')
    const made = spawnSync('mkfifo', ['-m', '600', this.inPath, this.outPath], { encoding: 'utf8' })
    if (made.status !== 0) throw new Inconclusive(`mkfifo failed: ${made.error?.message ?? made.stderr}`)
    this.readFd = absent ? -1 : openSync(this.outPath, O_RDONLY | O_NONBLOCK)
    this.#holdFd = openSync(this.inPath, O_RDWR | O_NONBLOCK)
    this.writeFd = openSync(this.inPath, O_WRONLY | O_NONBLOCK)
  }

  /** HELLO came: the read-write end goes, and so do the names. */
  attached(): void {
    if (this.#holdFd === -1) return
    closeSync(this.#holdFd)
    this.#holdFd = -1
    rmSync(this.inPath, { force: true })
    rmSync(this.outPath, { force: true })
  }

  /** Nothing of it stays but the two descriptors that were taken. */
  remove(): void {
    this.attached()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
