/** Cases as they stand in YAML, after the schema has checked them. */
import type { ProgramStep } from './program.ts'
import type { SegmentForm } from './segment-file.ts'

/** Bytes, see `values.ts`. */
export type Bytes = unknown

/** A message to send. Header fields in snake case beside these keys. */
export interface MessageForm {
  readonly type?: string | number
  /** Name of the call; a new one starts a call. */
  readonly call?: string
  /** Name of the function. */
  readonly function?: string
  readonly flags?: readonly string[] | number
  readonly body?: Bytes
  readonly program?: readonly ProgramStep[]
  /** Fields of the protobuf body of a cold message. */
  readonly proto?: Readonly<Record<string, unknown>>
  /** Version prefix: `[min, max]`. */
  readonly versions?: readonly [number, number]
  /** Name of the open call that makes this internal call. */
  readonly parent?: string
  /** Bytes to put behind `body_length`. */
  readonly tail?: Bytes
  /** Single bytes of the 1,024 to overwrite, by offset, last of all. */
  readonly poke?: Readonly<Record<string, number>>
  /** A message in hexadecimal; the rest is zero. Nothing else counts then. */
  readonly raw?: string
  /** Cuts the message to its first bytes. */
  readonly cut?: number
  readonly [field: string]: unknown
}

/** What a message must be. Header fields in snake case beside these keys. */
export interface ExpectForm {
  readonly type?: string
  readonly call?: string
  readonly function?: string
  readonly flags?: readonly string[]
  readonly body?: Bytes
  readonly body_length?: unknown
  readonly outcomes?: readonly OutcomeForm[]
  readonly proto?: Readonly<Record<string, unknown>>
  readonly parent?: string
  /** Names for header fields, to use as `$name` later. */
  readonly capture?: Readonly<Record<string, string>>
  /** A name for the body. */
  readonly as?: string
  /** The rule that is broken when it does not come like this. Default: the case's first. */
  readonly rule?: string
  readonly [field: string]: unknown
}

/** How an internal call of `interp` must have ended. */
export interface OutcomeForm {
  readonly ok?: Bytes
  readonly failure?: {
    readonly reason?: string
    readonly status?: number
    readonly code?: string
    readonly retry?: string
  }
}

export type Step = Readonly<Record<string, unknown>> & { readonly on?: string }

export interface WelcomeForm {
  readonly features?: readonly string[]
  readonly limits?: Readonly<Record<string, number>>
  readonly versions?: readonly [number, number]
  readonly functions?: readonly { readonly name: string; readonly id: number }[]
  readonly chunks?: readonly number[]
  readonly poke?: Readonly<Record<string, number>>
  readonly spans?: boolean
  /** The steps send ATTACHED, or do not. */
  readonly attach?: 'manual'
}

/** A worker that the runner plays before an engine. */
export interface ScriptedForm {
  readonly functions: readonly string[]
  readonly features?: readonly string[]
  readonly max_calls?: number
  /** `manual`: the case says HELLO itself. `late`: it waits for the launch itself, too. */
  readonly handshake?: 'manual' | 'late'
  /** `manual`: the steps send ATTACHED after WELCOME, or do not. */
  readonly attach?: 'manual'
  /** How many processes of this program the engine keeps. */
  readonly workers?: number
}

export interface Case {
  readonly id: string
  readonly title: string
  /** Whose conduct it judges. */
  readonly side: 'worker' | 'engine'
  readonly rules: readonly string[]
  /** Features that must be offered; none: core. */
  readonly needs: readonly string[]
  /** A case that differs in one point and is accepted. */
  readonly accept_pair?: string
  /** Calls at once that HELLO must offer. */
  readonly min_calls?: number
  readonly why?: string
  readonly handshake?: 'manual'
  readonly welcome?: WelcomeForm
  readonly launch?: {
    readonly env?: Readonly<Record<string, string>>
    readonly omit?: readonly string[]
    readonly absent?: boolean
    /** A segment for rings: a good one, or what differs from it. Rings are used if the worker offers them. */
    readonly rings?: SegmentForm
    /** `payload-file` is accepted, if offered. */
    readonly payloads?: true
    /** The command gets `--zygote` as its last argument. */
    readonly zygote?: boolean
    /** Started without its code, with the argument `--prewarm`: it waits for LOAD. */
    readonly prewarmed?: true
  }
  /** Names that RESOLVE finds, besides the worker's own; `resolve: manual` leaves the answers to the steps. */
  readonly names?: Readonly<Record<string, number>>
  readonly resolve?: 'manual'
  /** Workers of an engine case, by the name that steps give in `on`. */
  readonly workers?: Readonly<Record<string, ScriptedForm>>
  readonly engine?: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
}
