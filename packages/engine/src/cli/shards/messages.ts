/** What supervisor and shards say to one another, over Node's channel between a process and its child. Types alone. */
import type { EngineOptions, LinkOffer, PeerOptions, ProgramOptions } from '../../options.ts'
import type { LogSettings } from '../log.ts'

/** All that a shard is told of itself. */
export interface ShardPlan {
  readonly index: number
  /** Its programs. */
  readonly programs: readonly ProgramOptions[]
  /** The shards whose functions it may call. */
  readonly peers: readonly PeerOptions[]
  readonly engine: Omit<EngineOptions, 'programs'>
  /** Where all shards listen; the port is a certain one. */
  readonly gateway: { readonly host: string; readonly port: number }
  readonly log: LogSettings
}

/** A page that shows all shards. */
export type PageName = 'functions' | 'workers' | 'metrics'

/** What one shard adds to a page: rows, or metrics in the text format. */
export type PagePart = readonly object[] | string

/** What a page has of one shard. */
export interface ShardPart {
  readonly shard: number
  /** Times that it was started again. */
  readonly restarts: number
  /** Undefined: it is down, or did not answer in time. */
  readonly part: PagePart | undefined
}

export type ToShard =
  | { readonly kind: 'begin'; readonly plan: ShardPlan }
  | { readonly kind: 'up'; readonly shard: number }
  | { readonly kind: 'down'; readonly shard: number; readonly why: string }
  | { readonly kind: 'serve'; readonly from: number; readonly link: LinkOffer }
  /** Nobody has calls open any more. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'tell'; readonly id: number; readonly page: PageName }
  | { readonly kind: 'page'; readonly id: number; readonly parts: readonly ShardPart[] }

export type FromShard =
  /** Links can be offered to it. */
  | { readonly kind: 'up' }
  | { readonly kind: 'offer'; readonly to: number; readonly link: LinkOffer }
  | { readonly kind: 'linked'; readonly to: number }
  /** Its programs have a worker ready or have failed to get one; a line for each of the latter. */
  | { readonly kind: 'started'; readonly failures: readonly string[] }
  /** It cannot start, for people. It ends. */
  | { readonly kind: 'failed'; readonly message: string }
  /** It stops, and its calls have ended. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'told'; readonly id: number; readonly part: PagePart }
  | { readonly kind: 'ask'; readonly id: number; readonly page: PageName }
