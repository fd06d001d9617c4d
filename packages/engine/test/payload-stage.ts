/** A stage for payload files: two workers with payload directories in memory. */
import { MessageType, type MessageView } from '@millrace/protocol'
import { decodeFailure } from '@millrace/protocol/cold'
import { MemoryFiles, type ScriptedWorker } from '../src/testing/index.ts'
import { drainAtOnce, pattern, Stage } from './stage.ts'

export const FILES = ['internal-calls', 'streaming', 'payload-file']
export const DATA = ['internal-calls', 'streaming']
export const BIG = pattern(200_000)
export const reasonOf = (view: MessageView): string => decodeFailure(view.body, view.status)!.reason

export interface Two {
  readonly stage: Stage
  readonly from: ScriptedWorker
  readonly to: ScriptedWorker
  /** Function id of `to`. */
  readonly id: number
}

/** A caller and a callee that answer nothing by themselves. */
export async function two(fromFeatures = FILES, toFeatures = FILES, engine = {}): Promise<Two> {
  const payloads = new MemoryFiles()
  const part = (name: string, features: readonly string[]) => ({
    hello: { functions: [name], features },
    onMessage: drainAtOnce,
  })
  const stage = new Stage({ from: part('from', fromFeatures), to: part('to', toFeatures) }, engine, { payloads })
  await stage.start()
  const to = stage.worker('to')
  return { stage, from: stage.worker('from'), to, id: to.ids.get('to')! }
}

/** The one INVOKE that came to a worker. */
export async function invoked({ stage }: Two, worker: ScriptedWorker): Promise<MessageView> {
  const views = await stage.got(worker, MessageType.INVOKE)
  return views.at(-1)!
}

export const files = (worker: ScriptedWorker): number => worker.process.payloads!.files.size
