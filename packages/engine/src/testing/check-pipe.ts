/**
 * What every pipe must do, as one test for each kind: those of the OS and those of memory are held to the same. Imports
 * the test runner, so it is no part of what the package exports.
 */
import { expect, test } from 'vitest'
import type { ByteSink, PipeReader, PipeWriter } from '../world.ts'

/** The two ends of one fresh pipe. */
export interface PipeEnds {
  readonly reader: PipeReader
  readonly writer: PipeWriter
}

/** Keeps what a reader brings. */
export class KeepingSink implements ByteSink {
  readonly #parts: Uint8Array[] = []
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []
  #ended: () => void = () => {}
  length = 0
  ends: (string | undefined)[] = []
  readonly ended: Promise<void>

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  onBytes(bytes: Uint8Array, length: number): void {
    expect(this.ends).toEqual([])
    expect(length).toBeGreaterThan(0)
    this.#parts.push(Uint8Array.from(bytes.subarray(0, length)))
    this.length += length
    for (const { count, resolve } of this.#waiting) if (this.length >= count) resolve()
    this.#waiting = this.#waiting.filter(({ count }) => this.length < count)
  }

  onEnd(error: string | undefined): void {
    this.ends.push(error)
    this.#ended()
  }

  /** Resolves when as many bytes have come. */
  has(count: number): Promise<void> {
    return this.length >= count ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts)
  }
}

/** Bytes that tell their place. */
function counted(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 7 + ((from + i) >> 8)) & 0xff)
}

/** Writes all of `bytes`, as a channel does: again when there is room. Resolves when the pipe has taken the last one. */
function writeAll(writer: PipeWriter, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    let at = 0
    const go = (): void => {
      while (at < bytes.length) {
        const taken = writer.write(bytes, at, bytes.length)
        if (taken === 0) return
        at += taken
      }
      resolve()
    }
    writer.onWritable = go
    go()
  })
}

/** Tests a kind of pipe. `open` makes a fresh one; what it leaves behind is its own affair. */
export function checkPipe(name: string, open: () => PipeEnds): void {
  test(`${name}: bytes come in order and whole, however they were cut`, async () => {
    const { reader, writer } = open()
    const sink = new KeepingSink()
    reader.start(sink)
    const all = counted(0, 1_000_000)
    let at = 0
    for (const size of [1, 1_023, 1_024, 1_025, 65_536, 200_000, all.length]) {
      const part = all.subarray(at, at + size)
      await writeAll(writer, part)
      at += part.length
    }
    await sink.has(all.length)
    expect(Buffer.compare(sink.bytes, all)).toBe(0)
    reader.close()
    writer.close()
  })

  test(`${name}: it says that it is full instead of growing, and tells when it takes more`, async () => {
    const { reader, writer } = open()
    let writable = 0
    let told: () => void = () => {}
    const room = new Promise<void>((resolve) => {
      told = resolve
    })
    writer.onWritable = () => {
      writable += 1
      told()
    }
    const all = counted(0, 4_000_000)
    let taken = 0
    while (true) {
      const part = writer.write(all, taken, all.length)
      taken += part
      if (part === 0) break
    }
    expect(taken).toBeLessThan(1_000_000)
    expect(writable).toBe(0)
    const sink = new KeepingSink()
    reader.start(sink)
    await room
    await writeAll(writer, all.subarray(taken))
    await sink.has(all.length)
    expect(Buffer.compare(sink.bytes, all)).toBe(0)
    reader.close()
    writer.close()
  })

  test(`${name}: the end comes once, after the last byte`, async () => {
    const { reader, writer } = open()
    const sink = new KeepingSink()
    reader.start(sink)
    await writeAll(writer, counted(0, 5_000))
    writer.close()
    writer.close()
    await sink.ended
    expect(sink.length).toBe(5_000)
    reader.finish()
    reader.close()
    expect(sink.ends).toEqual([undefined])
  })

  test(`${name}: finish reads what is there, though the writer holds on, and ends before it returns`, async () => {
    const { reader, writer } = open()
    const sink = new KeepingSink()
    reader.start(sink)
    await writeAll(writer, counted(0, 40_000))
    reader.finish()
    expect(sink.length).toBe(40_000)
    expect(sink.ends).toEqual([undefined])
    reader.finish()
    reader.close()
    expect(sink.ends).toHaveLength(1)
    writer.close()
  })

  test(`${name}: a sink may close the reader while it takes bytes, and then hears nothing more`, async () => {
    const { reader, writer } = open()
    const sink = new KeepingSink()
    let first: () => void = () => {}
    const came = new Promise<void>((resolve) => {
      first = resolve
    })
    reader.start({
      onBytes: (bytes, length) => {
        sink.onBytes(bytes, length)
        reader.close()
        first()
      },
      onEnd: (error) => sink.onEnd(error),
    })
    await writeAll(writer, counted(0, 1_024))
    await came
    await writeAll(writer, counted(1_024, 1_024))
    reader.finish()
    expect(sink.length).toBeLessThanOrEqual(1_024)
    expect(sink.ends).toEqual([])
    writer.close()
  })

  test(`${name}: when the reader is gone, everything is taken and dropped`, async () => {
    const { reader, writer } = open()
    reader.start(new KeepingSink())
    reader.close()
    await writeAll(writer, counted(0, 3_000_000))
    writer.close()
    expect(writer.write(counted(0, 10), 0, 10)).toBe(10)
  })
}
