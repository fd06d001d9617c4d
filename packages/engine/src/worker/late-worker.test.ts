import { expect, test } from 'vitest'
import type { LaunchedWorker } from '../world.ts'
import { LateWorker } from './late-worker.ts'

/** A worker that notes what is asked of it. */
function noted(): { readonly worker: LaunchedWorker; readonly asked: string[] } {
  const asked: string[] = []
  const ask = (what: string) => (): void => void asked.push(what)
  const worker: LaunchedWorker = {
    pid: 7,
    input: {
      write: (_, from, to) => {
        asked.push(`write ${to - from}`)
        return to - from
      },
      onWritable: () => {},
      close: ask('close input'),
    },
    output: { start: ask('start'), finish: ask('finish'), close: ask('close output') },
    attached: ask('attached'),
    signal: (signal) => void asked.push(signal),
    pause: (isPaused) => void asked.push(isPaused ? 'pause' : 'go on'),
  }
  return { worker, asked }
}

const SINK = { onBytes: () => {}, onEnd: () => {} }

test('what was asked before the process was known is asked of it, and what comes later goes through', () => {
  const late = new LateWorker()
  const onWritable = (): void => {}
  late.input.onWritable = onWritable
  late.output.start(SINK)
  late.pause(true)
  expect(late.pid).toBeUndefined()
  const { worker, asked } = noted()
  late.become(worker)
  expect(asked).toEqual(['start', 'pause'])
  expect(worker.input.onWritable).toBe(onWritable)
  expect(late.pid).toBe(7)
  expect(late.input.write(new Uint8Array(9), 2, 9)).toBe(7)
  late.attached()
  late.output.finish()
  late.signal('SIGTERM')
  expect(asked.slice(2)).toEqual(['write 7', 'attached', 'finish', 'SIGTERM'])
})

test('a worker that was ended early is told early, and its process ends as soon as it is known', () => {
  const late = new LateWorker()
  const early: (string | undefined)[] = []
  late.onEarlySignal = () => early.push(late.earlySignal)
  late.output.start(SINK)
  late.input.close()
  late.output.close()
  late.signal('SIGTERM')
  late.signal('SIGKILL')
  expect(early).toEqual(['SIGTERM', 'SIGKILL'])
  const { worker, asked } = noted()
  late.become(worker)
  expect(asked).toEqual(['close input', 'close output', 'SIGKILL'])
})

test('one that never has a process ends its reading once, and takes what is written', () => {
  const late = new LateWorker()
  const ends: (string | undefined)[] = []
  late.output.start({ onBytes: () => {}, onEnd: (error) => void ends.push(error) })
  expect(late.input.write(new Uint8Array(5), 0, 5)).toBe(5)
  late.output.finish()
  late.output.finish()
  expect(ends).toEqual([undefined])
})
