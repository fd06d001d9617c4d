import {
  HEADER_BYTES,
  MESSAGE_BYTES,
  MessageAssembler,
  type MessageSink,
  MessageType,
  type MessageView,
  MessageWriter,
  type Verdict,
} from '@millrace/protocol'
import { OUTBOX_MESSAGES_BATCH, OUTBOX_MESSAGES_HIGH } from './limits.ts'
import { Outbox } from './outbox.ts'
import type { ByteSink, RingSwitch, WorkerWorld } from './world.ts'

/** Gets what comes over a channel. */
export interface ChannelListener extends MessageSink {
  /**
   * The channel ended. `error`: undefined at end of file, otherwise why. `truncated`: the engine cut a message short
   * (rule `channel-truncated`). Once.
   */
  onEnd(error: string | undefined, truncated: boolean): void
  /** The engine broke this rule beside its messages. Once; no message comes after it. */
  onBreach(broken: Verdict): void
}

/** Something that stopped sending because the outbox was high. */
export interface RoomWaiter {
  /** There is room again. May send, and may wait anew. */
  onRoom(): void
}

/**
 * Messages to bytes and back over one pair of pipes. Everything sent while bytes are read leaves in one write when the
 * reading is done; everything else leaves at the end of the turn.
 */
export class Channel implements ByteSink {
  readonly #world: WorkerWorld
  readonly #listener: ChannelListener
  readonly #assembler: MessageAssembler
  readonly #outbox = new Outbox()
  readonly #flushSoon = (): void => {
    this.#scheduled = false
    this.flush()
  }
  #roomWaiters: RoomWaiter[] = []
  /** The read buffer last seen, and a Buffer over the same bytes: only that one makes text fast. */
  #textBytes: Uint8Array | undefined
  #textBuffer: Buffer = Buffer.alloc(0)
  /** Takes what is written after the end. */
  readonly #nowhere = new MessageWriter(new Uint8Array(MESSAGE_BYTES))
  #writingNowhere = false
  /** Called when everything that was sent has left. Set while the worker ends. */
  onEmpty: (() => void) | undefined
  #reading = false
  #scheduled = false
  #blocked = false
  #ended = false
  /** The last message was sent. */
  #sealed = false

  constructor(world: WorkerWorld, listener: ChannelListener) {
    this.#world = world
    this.#listener = listener
    this.#assembler = new MessageAssembler(listener)
    world.pipe.onWritable = () => {
      this.#blocked = false
      this.flush()
    }
  }

  /** Begins to read. */
  start(): void {
    this.#world.pipe.start(this)
  }

  /** The buffer in which `begin` placed the present message; its body begins at `writer.at + HEADER_BYTES`. */
  get buffer(): Buffer {
    return this.#outbox.buffer
  }

  /** Whether the channel has ended; what is sent then goes nowhere. */
  get ended(): boolean {
    return this.#ended
  }

  /** Whether so much waits that DATA should wait and LOG be dropped. */
  get high(): boolean {
    return this.#outbox.waiting >= OUTBOX_MESSAGES_HIGH
  }

  /** Whether everything that was sent has left. */
  get empty(): boolean {
    return this.#outbox.waiting === 0 && !this.#world.pipe.pending
  }

  /** Begins a message. Set its fields and body, then call `end` before anything else is sent. Never fails. */
  begin(type: number): MessageWriter {
    if (!this.#ended && !this.#sealed) {
      const writer = this.#outbox.begin(type)
      if (writer !== undefined) return writer
      this.#lose('the engine has stopped reading')
    }
    this.#writingNowhere = true
    return this.#nowhere.moveTo(0).begin(type)
  }

  /** Ends the message begun last, with that many body bytes. */
  end(bodyLength: number): void {
    if (this.#writingNowhere) {
      this.#writingNowhere = false
      return
    }
    this.#outbox.end(bodyLength)
    if (this.#outbox.waiting >= OUTBOX_MESSAGES_BATCH && !this.#blocked) this.flush()
    else if (!this.#reading && !this.#scheduled) this.#schedule()
  }

  /** Writes a text into the body of the message begun last. Returns its bytes; the text must fit. */
  writeText(writer: MessageWriter, text: string): number {
    return this.#writingNowhere ? 0 : this.#outbox.buffer.write(text, writer.at + HEADER_BYTES, 'utf8')
  }

  /** The body of a message as text. */
  text(view: MessageView): string {
    const { bytes } = view
    if (bytes !== this.#textBytes) {
      this.#textBytes = bytes
      this.#textBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    const begin = view.at + HEADER_BYTES
    return this.#textBuffer.toString('utf8', begin, begin + view.bodyLength)
  }

  /** Sends whole messages that lie one after the other. */
  sendMessages(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
      const writer = this.begin(bytes[at]!)
      writer.bytes.set(bytes.subarray(at, at + HEADER_BYTES), writer.at)
      const length = writer.bodyLength
      writer.copyBody(bytes, at + HEADER_BYTES, length)
      this.end(length)
    }
  }

  /** Calls `waiter.onRoom` once when the outbox is no longer high. */
  waitForRoom(waiter: RoomWaiter): void {
    this.#roomWaiters.push(waiter)
  }

  /** Sends ATTACHED: what is sent after it goes by the ring (rules `ring-attached`, `ring-only`). */
  attach(rings: RingSwitch): void {
    this.begin(MessageType.ATTACHED)
    this.end(0)
    rings.switchOutAfter(this.#outbox.waitingBytes)
  }

  /** Gives the pipe what waits, without waiting itself. */
  flush(): void {
    if (this.#blocked || this.#ended) return
    this.#blocked = !this.#outbox.flush(this.#world.pipe)
    if (this.onEmpty !== undefined && this.empty) this.onEmpty()
    if (this.#roomWaiters.length > 0 && !this.high) {
      const waiters = this.#roomWaiters
      this.#roomWaiters = []
      for (const waiter of waiters) waiter.onRoom()
    }
  }

  onBytes(bytes: Uint8Array, length: number): void {
    if (this.#ended) return
    this.#reading = true
    this.#assembler.push(bytes, length)
    this.#reading = false
    this.flush()
  }

  onEnd(error: string | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#listener.onEnd(error, this.#assembler.pendingBytes > 0)
  }

  onBreach(broken: Verdict): void {
    if (!this.#ended) this.#listener.onBreach(broken)
  }

  /** What was sent leaves; what is sent from now on goes nowhere. */
  seal(): void {
    this.#sealed = true
  }

  /** Stops reading and sending. What was not written is lost; the listener is not told. */
  close(): void {
    this.#ended = true
    this.#roomWaiters = []
    this.#world.pipe.close()
  }

  #schedule(): void {
    this.#scheduled = true
    this.#world.soon(this.#flushSoon)
  }

  /** Ends the channel from within a send: the listener hears of it after the present event. */
  #lose(error: string): void {
    this.#world.soon(() => this.onEnd(error))
  }
}
