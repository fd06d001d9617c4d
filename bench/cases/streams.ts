/** Streams: one function reads what another one streams, against the relay with as many messages in flight. */
import { MEASURE_LIMIT_MS } from '../limits.ts'
import { LANGUAGE_NAMES, LANGUAGES } from '../subject/languages.ts'
import type { BenchCase } from './case.ts'
import { relay } from './internal.ts'

/** Bytes of payload that one message holds, and the messages of a stream that may be on their way. */
const BODY_BYTES = 960
const CREDIT = 32
const MIB = 1024 * 1024

const STREAMS = 5
const PARTS = 64
const PART_BYTES = 64 * 1024

export const streamCases: readonly BenchCase[] = LANGUAGES.map((language) => ({
  name: `stream.${language}.4MiB`,
  title: `stream ${LANGUAGE_NAMES[language]} to ${LANGUAGE_NAMES[language]}, 4 MiB in parts of 64 KiB`,
  keys: ['mibPerSecond'],
  languages: [language],
  floor: {
    name: 'relay',
    measure: async (site) => {
      const { perSecond = 0 } = await relay(CREDIT).measure(site)
      return { mibPerSecond: (perSecond * BODY_BYTES) / MIB }
    },
  },
  subject: {
    name: 'millrace',
    measure: async (site) => {
      const roles = ['caller', 'callee'] as const
      const engine = await site.engine(
        roles.map((role) => site.workers.program(language, role)),
        { http: language === 'node' },
      )
      const load = { callee: `${language}.source`, count: STREAMS, parts: PARTS, bytes: PART_BYTES }
      return await engine.ask('stream', { caller: language, load, warmUp: 1 }, MEASURE_LIMIT_MS)
    },
  },
}))
