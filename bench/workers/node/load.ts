/** What a calling function is asked to do, and what it answers: the same bytes in four languages. Pure. */

export interface InternalLoad {
  /** Name of the function to call. */
  readonly callee: string
  /** Measured samples: calls, or batches of them. */
  readonly count: number
  /** Calls on their way at once; 1: one after the other. */
  readonly inFlight: number
  /** Calls that are begun together and make one sample when the last of them has ended. Above 1 only with `inFlight` 1. */
  readonly batch: number
  /** Bytes of every input; the callee sends as many back. */
  readonly bytes: number
  /** First byte of every input, 0 to 255: how many calls a chain or a recursion has below it. */
  readonly first: number
}

/** The input of `<language>.calls`: six words of text. */
export function loadText(load: InternalLoad): string {
  return [load.callee, load.count, load.inFlight, load.batch, load.bytes, load.first].join(' ')
}

/** The other way. @throws Error when it is none. */
export function parseLoad(text: string): InternalLoad {
  const [callee, ...words] = text.split(' ')
  const [count, inFlight, batch, bytes, first] = words.map(Number)
  const load = { callee, count, inFlight, batch, bytes, first } as InternalLoad
  if (words.length !== 5 || !words.every((word) => /^\d+$/.test(word))) throw new Error(`“${text}” is no load`)
  return load
}

/** Bytes before the samples. */
const HEAD_BYTES = 8

/** What a calling function measured, by its own monotonic clock. */
export interface Samples {
  /** From the first call to the end of the last, in nanoseconds. */
  readonly elapsedNs: number
  /** Each sample in nanoseconds; above 4.29 s it says 4,294,967,295. */
  readonly samplesNs: Uint32Array
}

/** The output of `<language>.calls`: `elapsedNs` as u64, then each sample as u32, little-endian. */
export function samplesBytes({ elapsedNs, samplesNs }: Samples): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + samplesNs.byteLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.round(elapsedNs)), true)
  bytes.set(new Uint8Array(samplesNs.buffer, samplesNs.byteOffset, samplesNs.byteLength), HEAD_BYTES)
  return bytes
}

/** The other way. @throws Error when the bytes are cut. */
export function parseSamples(bytes: Uint8Array): Samples {
  if (bytes.length < HEAD_BYTES || bytes.length % 4 !== 0) throw new Error(`${bytes.length} bytes are no samples`)
  const elapsedNs = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return { elapsedNs, samplesNs: new Uint32Array(bytes.slice(HEAD_BYTES).buffer) }
}
