/** Which shard owns which program. Pure: every engine of a host that is given the same programs finds the same. */
import { COLD_MESSAGE_BYTES_MAX, FUNCTIONS_PER_WORKER_MAX } from '@millrace/protocol'

/** What has to stay together on one shard. */
export interface Placed {
  /** Name of the program; unique. */
  readonly name: string
  /** Names of its functions. */
  readonly functions: readonly string[]
}

/**
 * The owner of each program, in the order that they are given: shards from 0 to `shards` - 1. Rendezvous hashing by the
 * program's name with a bound: each goes to the shard that scores highest for it among those with room, and a shard has room
 * for its equal part, rounded up. So no shard has two programs more than another, and one program more or less moves few.
 */
export function ownersOf(programs: readonly Placed[], shards: number): number[] {
  const room = new Array<number>(shards).fill(Math.ceil(programs.length / shards))
  const owners = new Map<string, number>()
  // By name, so that the order of the config changes nothing.
  for (const { name } of programs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const owner = bestShard(name, room)
    room[owner]! -= 1
    owners.set(name, owner)
  }
  return programs.map(({ name }) => owners.get(name)!)
}

function bestShard(name: string, room: readonly number[]): number {
  let best = -1
  let most = -1
  for (const [shard, left] of room.entries()) {
    const score = left > 0 ? scoreOf(name, shard) : -1
    if (score > most) {
      most = score
      best = shard
    }
  }
  return best
}

/** How much a shard wants a name: FNV-1a of both, mixed so that a shard's number reaches every bit. 0 to 2^32 - 1. */
export function scoreOf(name: string, shard: number): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${name}\0${shard}`)) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Why a shard cannot offer so many functions to the others, with the fix; undefined: it can. It says them all in one HELLO. */
export function offerFault(shard: number, functions: readonly string[]): string | undefined {
  if (functions.length > FUNCTIONS_PER_WORKER_MAX) {
    return `shard ${shard} would serve ${functions.length} functions, above ${FUNCTIONS_PER_WORKER_MAX}: use more shards`
  }
  const bytes = functions.reduce((sum, name) => sum + name.length + ENTRY_BYTES_MAX, HELLO_BYTES_SPARE)
  if (bytes <= COLD_MESSAGE_BYTES_MAX) return undefined
  return `the names of the ${functions.length} functions of shard ${shard} take ${bytes} bytes, above ${COLD_MESSAGE_BYTES_MAX}: use more shards`
}

/** What an entry of HELLO takes beside its name, and HELLO beside its entries. */
const ENTRY_BYTES_MAX = 16
const HELLO_BYTES_SPARE = 512
