/** The runner's end of a channel: messages in, bytes out, over two descriptors. One of the few files that touch the OS. */
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import { MESSAGE_BYTES, MessageAssembler, MessageView, type Verdict } from '@millrace/protocol'
import { FdPipeWriter } from '../../packages/engine/src/channel/pipe-writer.ts'
import type { OpenSegment } from '../../packages/engine/src/channel/shared-memory.ts'
import type { PipeWriter } from '../../packages/engine/src/world.ts'
import { RingEnds } from './ring-ends.ts'

/** Bytes of one read. */
const READ_BYTES = 65_536

export interface LinkListener {
  /** One whole message, as a copy. */
  onMessage(view: MessageView): void
  /** What was written beside the messages, in shared memory, breaks this rule. */
  onBreach(broken: Verdict): void
  /** Nothing more comes. `cutBytes`: bytes of a message that was begun and not ended. Once. */
  onEnd(cutBytes: number): void
}

/** Changes what passes, for mutants: gives the messages that pass in place of one, as copies. */
export type WireMutation = (view: MessageView) => readonly MessageView[]

export class Link {
  /** Changes what is written, for mutants that get less than was sent. */
  mutateSent: WireMutation | undefined
  /** Undefined where there are rings. */
  readonly #reader: Socket | undefined
  readonly #rings: RingEnds | undefined
  readonly #readFd: number
  readonly #writer: PipeWriter
  readonly #listener: LinkListener
  readonly #assembler: MessageAssembler
  readonly #buffer = new Uint8Array(READ_BYTES)
  #waiting: { bytes: Uint8Array; done: () => void }[] = []
  #writing = false
  #ended = false
  #writeClosed = false

  /** Takes both descriptors, which must not block, and owns them. */
  constructor(readFd: number, writeFd: number, listener: LinkListener, mutate?: WireMutation, segment?: OpenSegment) {
    this.#listener = listener
    this.#readFd = readFd
    this.#assembler = new MessageAssembler({
      onMessage: (view) => {
        const copy = new MessageView(view.whole.slice())
        for (const one of mutate === undefined ? [copy] : mutate(copy)) listener.onMessage(one)
        return true
      },
    })
    if (segment !== undefined) {
      this.#rings = new RingEnds(readFd, writeFd, segment)
      this.#writer = this.#rings.input
      this.#rings.output.start({
        onBytes: (bytes, length) => {
          if (!this.#ended) this.#assembler.push(bytes, length)
        },
        onEnd: () => this.#end(),
        onBreach: (broken) => listener.onBreach(broken),
      })
      return
    }
    this.#writer = new FdPipeWriter(writeFd)
    const callback = (length: number): boolean => {
      if (!this.#ended) this.#assembler.push(this.#buffer, length)
      return true
    }
    const onread = { buffer: this.#buffer, callback }
    this.#reader = new Socket({ fd: readFd, readable: true, writable: false, onread })
    this.#reader.on('end', () => this.#end())
    this.#reader.on('error', () => this.#end())
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Writes bytes after what was given before. Resolves when the pipe has them all, or nobody reads it any more. */
  write(given: Uint8Array): Promise<void> {
    let bytes = given
    if (this.#writeClosed) return Promise.resolve()
    if (this.mutateSent !== undefined && given.length % MESSAGE_BYTES === 0) bytes = passed(given, this.mutateSent)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, done: resolve })
    if (!this.#writing) this.#pump()
    return promise
  }

  #pump(): void {
    const next = this.#waiting.shift()
    this.#writing = next !== undefined
    if (next === undefined) return
    let at = 0
    const go = (): void => {
      at += this.#writer.write(next.bytes, at, next.bytes.length)
      if (at < next.bytes.length) return
      this.#writer.onWritable = () => {}
      next.done()
      this.#pump()
    }
    this.#writer.onWritable = go
    go()
  }

  /** Whether the worker was given rings. */
  get hasRings(): boolean {
    return this.#rings !== undefined
  }

  /** Sends ATTACHED, whole in `bytes`; what follows goes by the ring. */
  async attach(bytes: Uint8Array): Promise<void> {
    this.#rings!.switchNow()
    await this.write(bytes)
  }

  /** Stops reading until `resume`. */
  pause(): void {
    this.#reader?.pause()
    this.#rings?.pause()
  }

  resume(): void {
    this.#reader?.resume()
    this.#rings?.resume()
  }

  /** Reads what lies in the pipe, and ends: the process at the other side is gone, and others may hold the pipe open. */
  finish(): void {
    if (this.#rings !== undefined) {
      this.#rings.output.finish()
      return
    }
    const rest = new Uint8Array(READ_BYTES)
    while (!this.#ended) {
      let length = 0
      try {
        length = readSync(this.#readFd, rest, 0, READ_BYTES, null)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
      if (length === 0) this.#end()
      else this.#assembler.push(rest, length)
    }
    this.#reader?.destroy()
  }

  /** The other side reads end-of-file after what was written. */
  closeWriting(): void {
    if (this.#writeClosed) return
    this.#writeClosed = true
    this.#writer.close()
    for (const one of this.#waiting) one.done()
    this.#waiting = []
  }

  /** The other side's next write fails. */
  closeReading(): void {
    this.#ended = true
    this.#reader?.destroy()
    this.#rings?.output.close()
  }

  close(): void {
    this.closeWriting()
    this.closeReading()
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#listener.onEnd(this.#assembler.pendingBytes)
  }
}

/** What a mutation lets pass of whole messages. */
function passed(bytes: Uint8Array, mutate: WireMutation): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
    for (const one of mutate(new MessageView(bytes.slice(at, at + MESSAGE_BYTES)))) parts.push(one.whole)
  }
  return Buffer.concat(parts)
}
