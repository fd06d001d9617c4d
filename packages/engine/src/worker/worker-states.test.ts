import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { moveWorker, type WorkerMove, type WorkerState } from './worker-states.ts'

const table = parse(readFileSync(join(import.meta.dirname, '../../../../spec/states/worker.yaml'), 'utf8')) as {
  states: { name: WorkerState }[]
  events: { name: WorkerMove }[]
  transitions: { from: WorkerState; event: WorkerMove; to: WorkerState }[]
}

test('the moves of a worker are those of the specification, and no others', () => {
  for (const { name: from } of table.states) {
    for (const { name: event } of table.events) {
      const allowed = table.transitions.find((one) => one.from === from && one.event === event)
      if (allowed === undefined) expect(() => moveWorker(from, event)).toThrow(/cannot be/)
      else expect(moveWorker(from, event)).toBe(allowed.to)
    }
  }
})
