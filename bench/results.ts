/** The file that keeps a run: written with its version, read back only when it fits the schema. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Figure } from './figures.ts'
import type { Machine, Weather } from './machine.ts'
import schema from './results.schema.json' with { type: 'json' }
import type { RoundResult } from './rounds.ts'

/** Name and version of the format: raised when a reader of the old one would misread the new one. */
export const RESULTS_SCHEMA = 'millrace-bench/1'

export interface Results {
  readonly schema: typeof RESULTS_SCHEMA
  /** When the run began, ISO 8601, UTC. */
  readonly at: string
  readonly quick: boolean
  /** Rounds that were made. */
  readonly rounds: number
  /** Core of all processes where the place is `pinned`. */
  readonly pinnedCore: number
  readonly machine: Machine
  readonly weather: Weather
  readonly figures: readonly Figure[]
  readonly results: readonly RoundResult[]
}

const fits = new Ajv2020({ strict: true }).compile<Results>(schema)

/** @throws Error that says where the text is no result of this version. */
export function parseResults(text: string, name: string): Results {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${name} is no JSON: ${(error as Error).message}`)
  }
  if (fits(value)) return value
  const [fault] = fits.errors ?? []
  throw new Error(`${name} is no result of ${RESULTS_SCHEMA}: ${fault?.instancePath || 'it'} ${fault?.message}`)
}

export function readResults(path: string): Results {
  return parseResults(readFileSync(path, 'utf8'), path)
}
