/** A whole input in, a whole output out, over the door: what `engine.invoke` does. */
import { BODY_BYTES, Content, PRIORITY_DEFAULT } from '@millrace/protocol'
import { type Failure, failure } from '@millrace/protocol/cold'
import type { InvokeOptions, Outcome, Timing } from '../engine-api.ts'
import type { Door, DoorCall, DoorListener } from './door.ts'

/** Bytes of input given to the door at once. */
const INPUT_STEP_BYTES = 65_536

/** Makes one call. `outputBytesMax`: an output beyond it ends as `payload_too_large`. Never rejects. */
export function collect(
  door: Door,
  name: string,
  input: Uint8Array,
  options: InvokeOptions,
  outputBytesMax: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const collector = new Collector(input, outputBytesMax, options.signal, resolve)
    collector.begin(
      door.open(
        {
          function: name,
          content: options.content ?? Content.BYTES,
          priority: options.priority ?? PRIORITY_DEFAULT,
          timeoutUs: options.timeoutUs ?? 0,
          trace: options.trace,
          inputBytes: input.length,
        },
        collector,
      ),
    )
  })
}

class Collector implements DoorListener {
  readonly #input: Uint8Array
  readonly #outputBytesMax: number
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (outcome: Outcome) => void
  #call: DoorCall | undefined
  #sent = 0
  #content = 0
  #parts: Uint8Array[] = []
  #bytes = 0
  /** Room for all of the output, when its size was announced. */
  #whole: Uint8Array | undefined
  #done = false
  readonly #abort = (): void => {
    const why = failure(
      'cancelled',
      String((this.#signal?.reason as Error | undefined)?.message ?? 'the caller aborted the call'),
    )
    this.#call?.cancel()
    this.#finish({ ok: false, failure: why, timing: { queueUs: 0, runUs: 0, totalUs: 0 } })
  }

  constructor(
    input: Uint8Array,
    outputBytesMax: number,
    signal: AbortSignal | undefined,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#input = input
    this.#outputBytesMax = outputBytesMax
    this.#signal = signal
    this.#resolve = resolve
  }

  begin(call: DoorCall): void {
    this.#call = call
    if (this.#signal?.aborted === true) {
      this.#abort()
      return
    }
    this.#signal?.addEventListener('abort', this.#abort, { once: true })
    this.onDrain()
  }

  onDrain(): void {
    const call = this.#call
    if (call === undefined) return
    while (this.#sent < this.#input.length && !this.#done) {
      const step = this.#input.subarray(this.#sent, this.#sent + INPUT_STEP_BYTES)
      this.#sent += step.length
      if (!call.write(step)) return
    }
    if (!this.#done) call.end()
  }

  onHead(content: number, outputBytes: number | undefined): void {
    this.#content = content
    if (outputBytes === undefined || outputBytes <= BODY_BYTES || outputBytes > this.#outputBytesMax) return
    this.#whole = room(outputBytes)
  }

  onOutput(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (this.#bytes > this.#outputBytesMax) {
      this.#call?.cancel()
      const why = failure('payload_too_large', `the output is over ${this.#outputBytesMax} bytes`)
      this.#finish({ ok: false, failure: why, timing: { queueUs: 0, runUs: 0, totalUs: 0 } })
      return
    }
    if (this.#whole === undefined) this.#parts.push(bytes.slice())
    else this.#whole.set(bytes, this.#bytes - bytes.length)
    this.#call?.consumed(bytes.length)
  }

  onEnd(timing: Timing): void {
    const output =
      this.#whole ?? (this.#parts.length === 1 ? this.#parts[0]! : new Uint8Array(Buffer.concat(this.#parts)))
    this.#finish({ ok: true, output, content: this.#content, timing })
  }

  onFailure(why: Failure, timing: Timing): void {
    this.#finish({ ok: false, failure: why, timing })
  }

  #finish(outcome: Outcome): void {
    if (this.#done) return
    this.#done = true
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#parts = []
    this.#resolve(outcome)
  }
}

/** Room for so many bytes, each of which is written before anybody sees them: fresh zeroed pages cost more than the bytes. */
function room(bytes: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
}
