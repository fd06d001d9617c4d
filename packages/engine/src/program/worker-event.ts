/** What became of a worker, as `onWorker` gets it. Pure. */
import type { WorkerEventRecord } from '../options.ts'
import type { Worker } from '../worker/worker.ts'

/** The record of one worker's event. */
export function workerEvent(worker: Worker, event: WorkerEventRecord['event'], message: string): WorkerEventRecord {
  const functions = event === 'ready' ? (worker.terms?.functions.map(({ name }) => name) ?? []) : []
  return { program: worker.program, workerId: worker.id, pid: worker.pid, event, message, functions }
}

/** The record of a program whose workers keep failing. */
export function crashLoop(program: string, message: string): WorkerEventRecord {
  return { program, workerId: 0, pid: undefined, event: 'crash-loop', message, functions: [] }
}
