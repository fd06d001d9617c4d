/** The way out: makes messages, lets the mutant spoil them, and writes them. */
import { writeSync } from 'node:fs'
import { BODY_BYTES, MESSAGE_BYTES, MessageType, MessageView, MessageWriter } from '@millrace/protocol'
import { spoil } from './spoil.ts'
import { is } from './switch.ts'

export type Fill = (writer: MessageWriter) => void

const NOTHING = new Uint8Array(0)

export class Out {
  readonly #fd: number
  #waiting: Uint8Array[] = []
  #sealed = false
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
