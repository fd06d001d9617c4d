/** The runner's end of a channel: messages in, bytes out, over two descriptors. One of the few files that touch the OS. */
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import {
  judge,
  MESSAGE_BYTES,
  MessageAssembler,
  MessageType,
  MessageView,
  type Sender,
  type Verdict,
} from '@millrace/protocol'
import { FdPipeWriter } from '../../packages/engine/src/channel/pipe-writer.ts'
import { Rings, type WakeMode } from './rings.ts'
import type { MappedSegment } from './segment-file.ts'
import { WriteQueue } from './write-queue.ts'

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

export interface LinkOptions {
  /** Who the runner is. */
  readonly role: Sender
  /** Changes what the side under test sends, for mutants. */
  readonly mutate?: WireMutation | undefined
  /** Of the rings beside the pipes. Default: there are none. */
  readonly memory?: MappedSegment | undefined
}

export class Link {
  /** Changes what is written, for mutants that get less than was sent. */
  mutateSent: WireMutation | undefined
  /** Whether what is written into the segment now is kept from a mutant. */
  deafWhen: (() => boolean) | undefined
  /** Undefined: everything goes by the pipes. */
  readonly rings: Rings | undefined
  readonly #reader: Socket
  readonly #readFd: number
  readonly #writer: FdPipeWriter
  readonly #toPipe: WriteQueue
  readonly #toRing: WriteQueue | undefined
  readonly #listener: LinkListener
  readonly #mutate: WireMutation | undefined
  /** Of the side under test. */
  readonly #peer: Sender
  readonly #assembler: MessageAssembler
  readonly #buffer = new Uint8Array(READ_BYTES)
  /** ATTACHED was sent. */
  #attached = false
  #ended = false
  #writeClosed = false

  /** Takes both descriptors, which must not block, and owns them. */
  constructor(readFd: number, writeFd: number, listener: LinkListener, options: LinkOptions) {
    const { role, mutate, memory } = options
    this.#listener = listener
    this.#mutate = mutate
    this.#peer = role === 'engine' ? 'worker' : 'engine'
    this.#readFd = readFd
    this.#writer = new FdPipeWriter(writeFd)
    this.#toPipe = new WriteQueue(this.#writer)
    this.#assembler = new MessageAssembler({
      onMessage: (view) => {
        for (const one of this.#mutated(new MessageView(view.whole.slice()))) this.#fromPipe(one)
        return true
      },
    })
    if (memory !== undefined) {
      const onRingMessage = (view: MessageView): void => this.#fromRing(view)
      const onBreach = (broken: Verdict): void => listener.onBreach(broken)
      const writePipe = (bytes: Uint8Array): void => void this.#toPipe.push(bytes)
      this.rings = new Rings(memory, role, { onRingMessage, onBreach, writePipe })
      this.#toRing = new WriteQueue(this.rings)
    }
    const callback = (length: number): boolean => {
      this.#take(this.#buffer, length)
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

  get isDeaf(): boolean {
    return this.deafWhen?.() === true
  }

  /**
   * Writes bytes after what was given before. Resolves when the pipe has them all, or nobody reads it any more; for a ring at
   * once: whether there is room is for the case to see.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes, this.#attached ? this.#toRing! : this.#toPipe)
  }

  /** By the pipe, whatever was sent before. */
  writePipe(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes, this.#toPipe)
  }

  /** By the ring, whatever was sent before. */
  async publish(bytes: Uint8Array, mode: WakeMode): Promise<void> {
    this.rings!.setMode(mode)
    await this.#write(bytes, this.#toRing!)
    this.rings!.setMode('due')
  }

  /** Sends ATTACHED, whole in `bytes`; what follows goes by the ring. */
  async attach(bytes: Uint8Array): Promise<void> {
    const written = this.writePipe(bytes)
    this.#attached = true
    await written
  }

  #write(given: Uint8Array, queue: WriteQueue): Promise<void> {
    if (this.#writeClosed) return Promise.resolve()
    const isWhole = given.length % MESSAGE_BYTES === 0
    const taken = queue.push(this.mutateSent !== undefined && isWhole ? passed(given, this.mutateSent) : given)
    return queue === this.#toRing ? Promise.resolve() : taken
  }

  /** Stops reading until `resume`: the pipe, or of one with rings the ring alone. */
  pause(): void {
    if (this.rings === undefined) this.#reader.pause()
    else this.rings.pause()
  }

  resume(): void {
    if (this.rings === undefined) this.#reader.resume()
    else this.rings.resume()
  }

  /** Reads what lies in the pipe now. */
  readOn(): void {
    const rest = new Uint8Array(READ_BYTES)
    for (let length = 1; length > 0 && !this.#ended; ) {
      length = 0
      try {
        length = readSync(this.#readFd, rest, 0, READ_BYTES, null)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
      if (length > 0) this.#take(rest, length)
    }
  }

  /** Reads what lies in the pipe, and ends: the process at the other side is gone, and others may hold the pipe open. */
  finish(): void {
    this.readOn()
    this.#end()
    this.#reader.destroy()
  }

  /** The other side reads end-of-file after what was written. */
  closeWriting(): void {
    if (this.#writeClosed) return
    this.#writeClosed = true
    this.#writer.close()
    this.#toPipe.close()
    this.#toRing?.close()
  }

  /** The other side's next write fails. */
  closeReading(): void {
    this.#ended = true
    this.#reader.destroy()
  }

  close(): void {
    this.closeWriting()
    this.closeReading()
  }

  #take(bytes: Uint8Array, length: number): void {
    if (!this.#ended) this.#assembler.push(bytes, length)
  }

  #mutated(view: MessageView): readonly MessageView[] {
    return this.#mutate === undefined ? [view] : this.#mutate(view)
  }

  #fromPipe(view: MessageView): void {
    if (this.rings?.attached === true) {
      const verdict = judge(view, this.#peer)
      this.rings.onPipeMessage(view, typeof verdict === 'object' ? verdict : undefined)
      return
    }
    this.#listener.onMessage(view)
    if (view.type === MessageType.ATTACHED) this.rings?.attach()
  }

  #fromRing(taken: MessageView): void {
    for (const view of this.#mutated(taken)) {
      if (view.whole.every((byte) => byte === 0)) {
        this.#listener.onBreach({ rule: 'ring-publish', message: 'a cell that nobody wrote was published' })
      } else this.#listener.onMessage(view)
    }
  }

  #end(): void {
    if (this.#ended) return
    this.rings?.drain()
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
