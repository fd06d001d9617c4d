/** A project → what each of its shards is told. Pure. */
import type { PeerOptions, ProgramOptions } from '../../options.ts'
import { offerFault, ownersOf } from '../../shard/plan.ts'
import { CommandError } from '../exit-code.ts'
import type { LogSettings } from '../log.ts'
import type { Project } from '../project.ts'
import type { ShardPlan } from './messages.ts'

/** What all shards have in common. */
export interface CommonPlan {
  readonly gateway: { readonly host: string; readonly port: number }
  readonly log: LogSettings
}

/** One plan for each shard. Throws `CommandError` when a shard would have too many functions to say so in one HELLO. */
export function planShards(
  { programs, engine }: Pick<Project, 'programs' | 'engine'>,
  shards: number,
  { gateway, log }: CommonPlan,
): ShardPlan[] {
  const all = programs.map(({ options }) => options)
  const owners = ownersOf(
    all.map(({ name, functions = [] }) => ({ name, functions: functions.map((fn) => fn.name) })),
    shards,
  )
  const owned = Array.from({ length: shards }, (_, index) => all.filter((_program, at) => owners[at] === index))
  const offers = owned.map((own, index) => offerOf(index, own))
  return owned.map((own, index) => ({
    index,
    programs: own,
    peers: offers.filter((peer) => peer.index !== index && peer.functions.length > 0),
    engine: { ...engine, ...prewarmFor(own, engine.prewarm) },
    gateway,
    log: { ...log, shard: index },
  }))
}

function offerOf(index: number, programs: readonly ProgramOptions[]): PeerOptions {
  const functions = programs.flatMap(({ functions: own = [] }) =>
    own.map(({ name, timeoutUs }) => (timeoutUs === undefined ? { name } : { name, timeoutUs })),
  )
  const fault = offerFault(
    index,
    functions.map(({ name }) => name),
  )
  if (fault !== undefined) throw new CommandError(fault)
  return { index, functions }
}

/** Workers wait only where a program can take them. */
function prewarmFor(programs: readonly ProgramOptions[], prewarm: ShardPlan['engine']['prewarm']) {
  const runtimes = new Set(programs.map(({ code }) => code?.runtime))
  return prewarm === undefined ? {} : { prewarm: prewarm.filter(({ runtime }) => runtimes.has(runtime)) }
}
