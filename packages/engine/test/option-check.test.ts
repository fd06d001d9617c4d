import { expect, test } from 'vitest'
import { FILE_BYTES_MIN_DEFAULT } from '../src/base/limits.ts'
import { checkOptions, OptionError } from '../src/option-check.ts'
import type { EngineOptions, ProgramOptions } from '../src/options.ts'

const program: ProgramOptions = { name: 'p', command: ['x'] }

test('what is left open gets its default', () => {
  expect(checkOptions({ programs: [program] })).toEqual({
    timeoutUs: 60_000_000,
    payloadBytesMax: 8_388_608,
    fileBytesMin: FILE_BYTES_MIN_DEFAULT,
    queueMax: 4_096,
    queueWaitUs: 0,
    callsMax: 65_536,
    depthMax: 64,
    handshakeTimeoutUs: 30_000_000,
    drainTimeoutUs: 10_000_000,
    stuckGraceUs: 10_000_000,
  })
})

const faults: [option: string, Partial<EngineOptions>][] = [
  ['timeoutUs', { timeoutUs: -1 }],
  ['timeoutUs', { timeoutUs: 1.5 }],
  ['timeoutUs', { timeoutUs: Number.NaN }],
  ['timeoutUs', { timeoutUs: 2 ** 32 }],
  ['payloadBytesMax', { payloadBytesMax: 959 }],
  ['payloadBytesMax', { payloadBytesMax: 0xffff_ffff }],
  ['payloadFiles.fromBytes', { payloadFiles: { fromBytes: 960 } }],
  ['queueMax', { queueMax: -1 }],
  ['queueWaitUs', { queueWaitUs: -1 }],
  ['callsMax', { callsMax: 0 }],
  ['depthMax', { depthMax: 0 }],
  ['depthMax', { depthMax: 256 }],
  ['handshakeTimeoutUs', { handshakeTimeoutUs: 0 }],
  ['drainTimeoutUs', { drainTimeoutUs: 0 }],
  ['programs[0].name', { programs: [{ ...program, name: '../p' }] }],
  ['programs[1].name', { programs: [program, program] }],
  ['programs[0].command', { programs: [{ ...program, command: [] }] }],
  ['programs[0].workers', { programs: [{ ...program, workers: 0 }] }],
  ['programs[0].workers', { programs: [{ ...program, workers: 257 }] }],
  ['programs[0].concurrency', { programs: [{ ...program, concurrency: 65_536 }] }],
  ['programs[0].functions[1].name', { programs: [{ ...program, functions: [{ name: 'f' }, { name: 'f' }] }] }],
  ['programs[0].functions[0].name', { programs: [{ ...program, functions: [{ name: '' }] }] }],
  ['programs[0].functions[0].timeoutUs', { programs: [{ ...program, functions: [{ name: 'f', timeoutUs: -1 }] }] }],
  ['programs[0].functions[0].queueMax', { programs: [{ ...program, functions: [{ name: 'f', queueMax: 0.5 }] }] }],
]

test.each(faults)('an error names %s for %j', (option, options) => {
  const error = (() => {
    try {
      checkOptions({ programs: [program], ...options })
      return undefined
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toBeInstanceOf(OptionError)
  expect(error).toMatchObject({ option, message: expect.stringContaining(option) })
})

test.each<Partial<EngineOptions>>([
  { timeoutUs: 0, queueMax: 0, callsMax: 1, depthMax: 255, payloadBytesMax: 960 },
  { payloadBytesMax: 0xffff_fffe, timeoutUs: 0xffff_ffff },
  { programs: [{ ...program, workers: 256, concurrency: 65_535 }] },
  { programs: [] },
])('the ends of the ranges are allowed: %j', (options) => {
  expect(() => checkOptions({ programs: [program], ...options })).not.toThrow()
})
