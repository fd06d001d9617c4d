/** Call trees: a chain, calls to and fro, a recursion, a fan-out, a fan-in, in each language. */
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import type { Site } from '../site.ts'
import { calleeRole, LANGUAGE_NAMES, LANGUAGES, type Language, type Role, STEPS } from '../subject/languages.ts'
import type { BenchCase, Side } from './case.ts'
import { measureInternal, relay } from './internal.ts'
import { WARM_UP } from './sizes.ts'

const TO_AND_FRO = 8
const RECURSION = 10
const FAN_OUT = 32
const FAN_IN_CALLERS = 4
const FAN_IN_EACH = 8

const TREES = 1_500
const TREES_WARM_UP = 300
const SINGLE_CALLS = 5_000
const FAN_IN_COUNT = 8_000

const KEYS = ['p50Us', 'p99Us', 'p999Us'] as const

export const shapeCases: readonly BenchCase[] = LANGUAGES.flatMap((language) => [
  {
    ...common(language, `chain-${STEPS.length}`, `chain of ${STEPS.length} functions, each in a worker of its own`),
    floor: oneCall(language),
    subject: tree(language, STEPS, `${language}.step-1`, STEPS.length),
  },
  {
    ...common(language, `to-and-fro-${TO_AND_FRO}`, `${TO_AND_FRO} nested calls to and fro between two workers`),
    floor: oneCall(language),
    subject: tree(language, ['ping', 'pong'], `${language}.pong`, TO_AND_FRO),
  },
  {
    ...common(language, `recursion-${RECURSION}`, `recursion of ${RECURSION} internal calls in one worker`),
    floor: oneCall(language),
    subject: tree(language, ['ping', 'pong'], `${language}.recurse`, RECURSION),
  },
  {
    ...common(language, `fan-out-${FAN_OUT}`, `fan-out of ${FAN_OUT} calls, until the last has ended`),
    floor: { name: 'relay', measure: async (site) => batchOf(FAN_OUT, await relay(FAN_OUT).measure(site)) },
    subject: {
      name: 'millrace',
      measure: async (site) => {
        const load = { ...echo(language), count: TREES, batch: FAN_OUT }
        return await measureInternal(site, language, { caller: language, load, warmUp: TREES_WARM_UP })
      },
    },
  },
  {
    ...common(
      language,
      `fan-in-${FAN_IN_CALLERS}x${FAN_IN_EACH}`,
      `fan-in of ${FAN_IN_CALLERS} workers with ${FAN_IN_EACH} calls in flight each`,
    ),
    keys: ['perSecond', ...KEYS],
    floor: relay(FAN_IN_CALLERS * FAN_IN_EACH),
    subject: { name: 'millrace', measure: async (site) => await fanIn(site, language) },
  },
])

function common(language: Language, shape: string, title: string) {
  return {
    name: `shape.${language}.${shape}`,
    title: `${LANGUAGE_NAMES[language]}, ${title}`,
    keys: KEYS,
    places: ['pinned', 'free'],
    languages: [language],
  } as const satisfies Partial<BenchCase>
}

function echo(language: Language) {
  return { callee: `${language}.echo`, inFlight: 1, batch: 1, bytes: 0, first: 0 }
}

/** The p50 of one call, held against each percentile of a tree: a p99 that is near depth times it has no outliers. */
function oneCall(language: Language): Side {
  return {
    name: 'p50 of one call',
    measure: async (site) => {
      const load = { ...echo(language), count: SINGLE_CALLS }
      const { p50Us } = await measureInternal(site, language, { caller: language, load, warmUp: WARM_UP })
      return p50Us === undefined ? {} : { p50Us, p99Us: p50Us, p999Us: p50Us }
    },
  }
}

/** The time in which as many calls as a batch has get through. */
function batchOf(calls: number, { perSecond }: Measurement): Measurement {
  if (perSecond === undefined) return {}
  const us = (calls * 1e6) / perSecond
  return { p50Us: us, p99Us: us, p999Us: us }
}

/** Calls to a function of one of `roles`; the first byte of each says how many more are below it. */
function tree(language: Language, roles: readonly Role[], callee: string, calls: number): Side {
  return {
    name: 'millrace',
    measure: async (site) => {
      const programs = (['caller', ...roles] as const).map((role) => site.workers.program(language, role))
      const engine = await site.engine(programs)
      const load = { callee, count: TREES, inFlight: 1, batch: 1, bytes: 1, first: calls - 1 }
      return await engine.ask('internal', { caller: language, load, warmUp: TREES_WARM_UP }, MEASURE_LIMIT_MS)
    },
  }
}

async function fanIn(site: Site, language: Language): Promise<Measurement> {
  const engine = await site.engine([
    site.workers.program(language, 'caller', { count: FAN_IN_CALLERS }),
    site.workers.program(language, calleeRole(language, FAN_IN_CALLERS * FAN_IN_EACH)),
  ])
  const load = { ...echo(language), count: FAN_IN_COUNT, inFlight: FAN_IN_EACH }
  const question = { caller: language, load, warmUp: WARM_UP, callers: FAN_IN_CALLERS }
  return await engine.ask('internal', question, MEASURE_LIMIT_MS)
}
