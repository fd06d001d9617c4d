/** Programs for the fixture's `interp`, and what it answers: the part of `conformance/FIXTURE.md` that the pairs need. Pure. */

const CALL = 0x07

/** A program of one CALL that waits for its outcome. */
export function callProgram(name: string, input: Uint8Array): Uint8Array {
  const nameBytes = new TextEncoder().encode(name)
  const program = new Uint8Array(1 + 1 + 1 + nameBytes.length + 4 + 4 + input.length)
  const data = new DataView(program.buffer)
  program[0] = CALL
  program[2] = nameBytes.length
  program.set(nameBytes, 3)
  const at = 3 + nameBytes.length
  data.setUint32(at, 0, true) // No time limit of its own.
  data.setUint32(at + 4, input.length, true)
  program.set(input, at + 8)
  return program
}

/** The output of the call in an outcome, or why there is none. */
export function readOutcome(outcome: Uint8Array): Uint8Array | string {
  if (outcome.length < 5) return `the outcome has ${outcome.length} bytes`
  const data = new DataView(outcome.buffer, outcome.byteOffset, outcome.byteLength)
  if (outcome[0] === 0) {
    const length = data.getUint32(1, true)
    return outcome.length === 5 + length
      ? outcome.subarray(5)
      : `the outcome is cut: ${outcome.length - 5} of ${length} bytes`
  }
  const codeBytes = data.getUint16(4, true)
  const message = new TextDecoder().decode(outcome.subarray(8 + codeBytes))
  return `the call failed with reason ${outcome[1]}: ${message}`
}

/** Bytes that differ from seed to seed and from place to place. */
export function payloadOf(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let x = seed
  for (let i = 0; i < size; i += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}
