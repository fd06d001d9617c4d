import { MESSAGE_BYTES, MessageAssembler, type MessageView, MessageWriter, type Verdict } from '@millrace/protocol'
import type { ByteSink, PipeReader, PipeWriter } from '../world.ts'
import type { Flushable, Flusher } from './flusher.ts'
import { Answers, Outbox } from './outbox.ts'

/** Gets what comes over a channel. */
export interface ChannelListener {
  /** One message; valid only during this call. False ends the reading for good. */
  onMessage(view: MessageView): boolean
  /** A turn's messages were all handed on. */
  onTurn(): void
  /** Nothing more will be read. `cutBytes`: of a message begun and not ended. Once. */
  onEnd(error: string | undefined, cutBytes: number): void
  /** What the worker wrote beside its messages, in shared memory, breaks this rule. The channel must end. Once. */
  onBreach(broken: Verdict): void
  /** The other side reads too slowly: the outbox is full, and a message was lost. The channel must end. Once. */
  onOverflow(): void
}

/** Counts the messages of all channels. */
export interface SentCounter {
  messagesOut: number
}

/**
 * One pair of pipes with a worker: messages to bytes and back. It knows nothing of what messages mean.
 * Follows the rules `channel-reassemble` and `channel-one-writer`.
 */
export class Channel implements ByteSink, Flushable {
  readonly #reader: PipeReader
  readonly #pipe: PipeWriter
  readonly #listener: ChannelListener
  readonly #flusher: Flusher
  readonly #assembler: MessageAssembler
  #outbox: Outbox
  #dirty = false
  #blocked = false
  #closed = false
  #overflowed = false
  readonly #counter: SentCounter

  constructor(
    reader: PipeReader,
    pipe: PipeWriter,
    listener: ChannelListener,
    flusher: Flusher,
    counter: SentCounter,
    outboxMax: number,
  ) {
    this.#reader = reader
    this.#pipe = pipe
    this.#listener = listener
    this.#flusher = flusher
    this.#counter = counter
    this.#assembler = new MessageAssembler(listener)
    this.#outbox = new Outbox(outboxMax)
  }

  /** Begins to read. */
  open(): void {
    this.#pipe.onWritable = () => {
      this.#blocked = false
      this.flush()
    }
    this.#reader.start(this)
  }

  /** Answers of a kind that are not written to the pipe yet. */
  unwritten(answers: Answers): number {
    return this.#outbox.unwritten[answers]!
  }

  /** Messages that wait for the pipe. */
  get waiting(): number {
    return this.#outbox.waiting
  }

  /** Bytes that wait for the pipe. */
  get waitingBytes(): number {
    return this.#outbox.waitingBytes
  }

  /** A slot for the next message, begun as `type`; `commit` sends it with the turn's flush. */
  claim(type: number): MessageWriter {
    const slot = this.#outbox.claim(type)
    if (slot !== undefined) return slot
    this.#overflowed = true
    return scratch.begin(type)
  }

  /** The claimed message is filled; its body has `bodyLength` bytes. */
  commit(bodyLength: number, answers: Answers = Answers.nothing): void {
    this.#touch()
    if (this.#overflowed) return // It went to the scratch slot; `flush` tells the listener.
    this.#outbox.commit(bodyLength, answers)
    this.#counter.messagesOut += 1
  }

  /** Sends whole messages that lie one after the other in `bytes`. */
  sendAll(bytes: Uint8Array, answers: Answers = Answers.nothing): void {
    for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
      const slot = this.claim(bytes[at]!)
      slot.bytes.set(bytes.subarray(at, at + MESSAGE_BYTES), slot.at)
      this.commit(slot.bodyLength, at + MESSAGE_BYTES === bytes.length ? answers : Answers.nothing)
    }
  }

  /** Writes what this turn brought. The flusher calls it. */
  flush(): void {
    this.#dirty = false
    if (this.#closed) return
    if (this.#overflowed) {
      this.#listener.onOverflow()
      return
    }
    if (!this.#blocked) this.#blocked = !this.#outbox.flush(this.#pipe)
  }

  /** Reads what is still in the pipe, then ends the reading. `onEnd` is called before this returns. */
  finish(): void {
    this.#reader.finish()
  }

  /** Closes both ends. What the pipe did not take is dropped; messages of this turn are tried first. */
  close(): void {
    if (this.#closed) return
    if (!this.#blocked && !this.#overflowed) this.#outbox.flush(this.#pipe)
    this.#closed = true
    this.#pipe.close()
    this.#reader.close()
  }

  onBytes(bytes: Uint8Array, length: number): void {
    this.#assembler.push(bytes, length)
    this.#listener.onTurn()
    this.#flusher.flush()
  }

  onEnd(error: string | undefined): void {
    this.#listener.onEnd(error, this.#assembler.pendingBytes)
    this.#flusher.flush()
  }

  onBreach(broken: Verdict): void {
    this.#listener.onBreach(broken)
    this.#flusher.flush()
  }

  #touch(): void {
    if (this.#dirty || this.#closed) return
    this.#dirty = true
    this.#flusher.add(this)
  }
}

/** Where a message goes that no outbox holds: filled and forgotten. */
const scratch = new MessageWriter(new Uint8Array(MESSAGE_BYTES))
