/** Where a worker is in its life. `spec/states/worker.yaml` has the same moves. */
export type WorkerState = 'starting' | 'waiting' | 'loading' | 'ready' | 'draining' | 'gone'
export type WorkerMove = 'welcomed' | 'prewarmed' | 'load_sent' | 'loaded' | 'drained' | 'lost'

/** The only legal moves. `lost`: its process or channel ended, for whatever cause. */
const MOVES: Readonly<Record<WorkerState, Partial<Record<WorkerMove, WorkerState>>>> = {
  starting: { welcomed: 'ready', prewarmed: 'waiting', lost: 'gone' },
  waiting: { load_sent: 'loading', drained: 'draining', lost: 'gone' },
  loading: { loaded: 'ready', drained: 'draining', lost: 'gone' },
  ready: { drained: 'draining', lost: 'gone' },
  draining: { lost: 'gone' },
  gone: {},
}

/** The state after a move. Throws when the move is not in the table: a bug of ours. */
export function moveWorker(state: WorkerState, move: WorkerMove): WorkerState {
  const next = MOVES[state][move]
  if (next === undefined) throw new Error(`a worker that is ${state} cannot be ${move}`)
  return next
}
