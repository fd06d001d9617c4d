/** Internal calls: a function calls another one in another process, against the relay that moves one message each way. */
import type { ProgramOptions } from '@millrace/engine'
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { MeasuredKey, Measurement } from '../measurement.ts'
import type { PlaceName } from '../place.ts'
import type { Site } from '../site.ts'
import type { InternalQuestion } from '../subject/engine-questions.ts'
import { calleeRole, LANGUAGE_NAMES, LANGUAGES, type Language } from '../subject/languages.ts'
import type { BenchCase, Side } from './case.ts'
import { COUNTS_BY_BYTES, sizeName, WARM_UP } from './sizes.ts'

/** Calls one after the other. Fewer where each waits for another core to wake: more would show the same scatter. */
const SEQUENTIAL_COUNT: Readonly<Record<PlaceName, number>> = { pinned: 10_000, free: 4_000 }
const PARALLEL_COUNT = 40_000
/** A profile needs samples: at one in 100 µs this is some ten thousand. */
const PROFILE_COUNT = 60_000

const LATENCY_KEYS = ['p50Us', 'p99Us', 'p999Us', 'middleCpuUs', 'callerCpuUs', 'calleeCpuUs'] as const
const RATE_KEYS = ['perSecond', 'p50Us', 'p99Us', 'middleCpuUs', 'callerCpuUs', 'calleeCpuUs'] as const
const LARGE_KEYS = ['p50Us', 'p99Us', 'middleCpuUs'] as const

/** Calls at once of the curves of throughput. */
export const IN_FLIGHT_STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const
/** Languages that have such a curve: the quickest one, and the engine's own. */
const IN_FLIGHT_LANGUAGES: readonly Language[] = ['cpp', 'node']

const SIZES_BESIDE_THE_PAIRS = [512, 960, 4_096, 16_384, 1_048_576] as const
const SIZE_OF_THE_PAIRS = 65_536

interface Shape {
  readonly caller: Language
  readonly callee: Language
  readonly bytes: number
  readonly inFlight: number
  readonly keys: readonly MeasuredKey[]
  readonly quick?: boolean
  readonly places?: readonly PlaceName[]
}

export const internalCases: readonly BenchCase[] = [
  ...LANGUAGES.map((language) => same(language, 0, { inFlight: 1, keys: LATENCY_KEYS, quick: true })),
  ...IN_FLIGHT_LANGUAGES.flatMap((language) =>
    IN_FLIGHT_STEPS.filter((inFlight) => inFlight > 1).map((inFlight) =>
      same(language, 0, { inFlight, keys: RATE_KEYS, quick: inFlight === 8 }),
    ),
  ),
  ...LANGUAGES.flatMap((language) =>
    SIZES_BESIDE_THE_PAIRS.map((bytes) => same(language, bytes, sequential(bytes, language))),
  ),
  ...LANGUAGES.flatMap((caller) =>
    LANGUAGES.flatMap((callee) =>
      [0, SIZE_OF_THE_PAIRS]
        .filter((bytes) => caller !== callee || bytes > 0)
        .map((bytes) => internalCase({ ...sequential(bytes), caller, callee, bytes, places: ['pinned'] })),
    ),
  ),
]

function same(
  language: Language,
  bytes: number,
  rest: Pick<Shape, 'inFlight' | 'keys' | 'quick' | 'places'>,
): BenchCase {
  return internalCase({ caller: language, callee: language, bytes, ...rest })
}

/** The sizes that a message holds are measured like the empty call; the 16 KiB echo of C++ is one of the main figures. */
function sequential(bytes: number, language?: Language): Pick<Shape, 'inFlight' | 'keys' | 'quick' | 'places'> {
  const keys = bytes <= 960 ? LATENCY_KEYS : LARGE_KEYS
  const quick = bytes === 16_384 && language === 'cpp'
  return { inFlight: 1, keys, quick, places: bytes === 960 && language === 'node' ? ['pinned', 'free'] : ['pinned'] }
}

function internalCase({ caller, callee, bytes, inFlight, keys, quick = false, places }: Shape): BenchCase {
  const questionAt = ({ place }: Site): InternalQuestion => {
    const sized = COUNTS_BY_BYTES.find(({ upTo }) => bytes <= upTo)!
    const count = inFlight > 1 ? PARALLEL_COUNT : Math.min(SEQUENTIAL_COUNT[place.name], sized.count)
    const load = { callee: `${callee}.echo`, count, inFlight, batch: 1, bytes, first: 0 }
    return { caller, load, warmUp: Math.min(WARM_UP, sized.count) }
  }
  const pair = caller === callee ? caller : `${caller}-${callee}`
  return {
    name: `internal.${pair}.${sizeName(bytes)}.${inFlight}`,
    title: `internal call ${LANGUAGE_NAMES[caller]} to ${LANGUAGE_NAMES[callee]}, ${sizeName(bytes, ' ')}, ${inFlight} in flight`,
    keys,
    quick,
    ...(places === undefined ? {} : { places }),
    languages: [caller, callee],
    floor: relay(inFlight),
    subject: {
      name: 'millrace',
      measure: async (site) => await measureInternal(site, callee, questionAt(site)),
    },
    profile: async (site, folder) => {
      const question = questionAt(site)
      const count = PROFILE_COUNT * (inFlight === 1 ? 1 : 4)
      await measureInternal(site, callee, { ...question, load: { ...question.load, count }, profileTo: folder })
    },
  }
}

/** The relay with as many messages in flight: what the same number of inline calls costs at the least. */
export function relay(inFlight: number): Side {
  return {
    name: 'relay',
    measure: async (site) => {
      const count = inFlight === 1 ? SEQUENTIAL_COUNT[site.place.name] : PARALLEL_COUNT
      return await site.floor.measure(site.place, { kind: 'relay', count, warmUp: WARM_UP, inFlight })
    },
  }
}

/** Puts a question about two languages to an engine that has a caller and a callee of both. `how`: as the engine is by default. */
export async function measureInternal(
  site: Site,
  callee: Language,
  question: InternalQuestion,
  how: { readonly pollPipes?: boolean; readonly onlyFor?: string } = {},
): Promise<Measurement> {
  const { caller, load } = question
  const pair = (one: Language, other: Language): ProgramOptions[] => [
    site.workers.program(one, 'caller'),
    site.workers.program(other, calleeRole(other, load.inFlight * load.batch)),
  ]
  const programs = caller === callee ? pair(caller, callee) : LANGUAGES.flatMap((each) => pair(each, each))
  const engine = await site.engine(programs, how)
  return await engine.ask('internal', question, MEASURE_LIMIT_MS)
}
