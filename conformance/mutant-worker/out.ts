/** The way out: makes messages, lets the mutant spoil them, and writes them. */
import { writeSync } from 'node:fs'
import { BODY_BYTES, MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import type { Rings } from './rings.ts'
import { spoil } from './spoil.ts'
import { is } from './switch.ts'

export type Fill = (writer: MessageWriter) => void

const NOTHING = new Uint8Array(0)

function message(type: number): Uint8Array {
  return new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(type).bytes
}

export class Out {
  readonly #fd: number
  #waiting: Uint8Array[] = []
  #sealed = false
  /** What takes the messages behind ATTACHED; undefined: the pipe takes all. */
  #ring: Rings | undefined
  /** Called when everything was written. */
  onEmpty: (() => void) | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  send(type: number, fill: Fill, body: Uint8Array = NOTHING): void {
    if (this.#sealed) return
    const bytes = new Uint8Array(MESSAGE_BYTES)
    const writer = new MessageWriter(bytes).begin(type)
    fill(writer)
    writer.copyBody(body, 0, Math.min(BODY_BYTES, body.length))
    writer.end(Math.min(BODY_BYTES, body.length), 0)
    this.sendWhole(bytes)
  }

  /** Messages that lie one after the other, as they are but for what the mutant makes of them. */
  sendWhole(bytes: Uint8Array): void {
    if (this.#sealed) return
    for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
      const view = new MessageView(bytes.slice(at, at + MESSAGE_BYTES))
      for (const one of spoil(view)) this.#waiting.push(one)
      if (view.type === MessageType.GOODBYE && !is('goodbye-not-last')) this.#sealed = true
    }
    this.#pump()
  }

  /** Sends ATTACHED; what follows goes by the ring. The pipe has room for it: there was nothing but HELLO. */
  attach(ring: Rings): void {
    const attached = new MessageWriter(new Uint8Array(MESSAGE_BYTES)).begin(MessageType.ATTACHED).bytes
    if (is('ring-ping-before-attached')) this.sendWhole(message(MessageType.PING))
    if (!is('ring-attached-missing')) this.writeNow(attached)
    if (is('ring-attached-twice')) this.writeNow(attached)
    this.#ring = ring
    ring.toPipe = (bytes) => this.#wake(bytes)
  }

  /** The ring may have room again. */
  onRoom(): void {
    this.#pump()
  }

  /** A WAKE. A pipe that is full holds what wakes the other side. */
  #wake(bytes: Uint8Array): void {
    this.#write(bytes)
  }

  /** Nothing is sent any more. */
  seal(): void {
    this.#sealed = true
  }

  /** Writes as it is, past everything. */
  writeNow(bytes: Uint8Array): void {
    writeSync(this.#fd, bytes)
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!
      if (this.#ring !== undefined && !(is('ring-pong-on-pipe') && next[0] === MessageType.PONG)) {
        if (is('ring-wake-in-ring')) this.#ring.put(message(MessageType.WAKE))
        if (!this.#ring.put(next)) return // Until WAKE.
        this.#waiting.shift()
        continue
      }
      const taken = this.#write(next)
      if (taken < next.length) {
        this.#waiting[0] = next.subarray(taken)
        if (taken > 0) continue
        // The pipe is full. Asking again at each turn costs processor time, which a worker for tests may spend.
        setImmediate(() => this.#pump())
        return
      }
      this.#waiting.shift()
    }
    this.onEmpty?.()
  }

  /** How many bytes the pipe took. Throws when nobody reads it. */
  #write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN' || (code === 'EPIPE' && is('broken-pipe-unheard')))
        return code === 'EPIPE' ? bytes.length : 0
      throw error
    }
  }
}
