/** An invariant of ours is broken: a bug in this package, never something that a peer or user can cause. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Throws an InvariantError unless `condition` holds. */
export function assert(condition: boolean, why = 'an invariant does not hold'): asserts condition {
  if (!condition) throw new InvariantError(why)
}
