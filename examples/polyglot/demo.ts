/**
 * Functions in four languages that call one another: a ring of hops, a fan-out with its fan-in, a recursion.
 *
 *   node --conditions=millrace-source examples/polyglot/demo.ts
 *
 * Builds the Go and C++ workers, starts an engine from `millrace.yaml`, makes the calls, checks every output against the
 * same sum made here, and prints the call tree with microseconds. Ends by itself; exit code 1 when an output is wrong.
 */
import { join } from 'node:path'
import { type CallRecord, createEngine } from '@millrace/engine'
import { openProject } from '@millrace/engine/project'
import { Content } from '@millrace/protocol'
import { drawCallTree } from '../wordstat/call-tree.ts'
import { build } from './build.ts'

const HOPS = 12
const FAN = 32
const FIB = 10

build()
const records: CallRecord[] = []
const engine = createEngine({
  ...openProject(join(import.meta.dirname, 'millrace.yaml')),
  onCall: (record) => records.push(record),
  onOutput: (program, _worker, _stream, line) => console.error(`[${program}] ${line}`),
})
try {
  const { failures } = await engine.start()
  for (const { program, message } of failures) throw new Error(`${program} did not start: ${message}`)
  for (const { program, software } of engine.workers()) console.log(`${program.padEnd(12)} ${software}`)
  for (const language of ['node', 'python', 'go', 'cpp']) await expectOutput(`${language}.hops`, HOPS, HOPS)
  await expectOutput('node.fan', FAN, squares(FAN))
  for (const language of ['python', 'go', 'cpp', 'node']) await expectOutput(`${language}.fib`, FIB, fib(FIB))
  const root = records.findLast((record) => record.function === 'node.fan')!
  console.log('\nThe fan-out and fan-in:\n')
  for (const line of drawCallTree(records, root.id)) console.log(`  ${line}`)
  console.log(`\n${records.length} calls between four languages, every output as it should be`)
} finally {
  await engine.stop()
}

async function expectOutput(name: string, input: number, expected: number): Promise<void> {
  const bytes = new TextEncoder().encode(String(input))
  const outcome = await engine.invoke(name, bytes, { content: Content.JSON })
  if (!outcome.ok) {
    const { failure } = outcome
    throw new Error(`${name}(${input}): ${failure.function}: ${failure.reason}: ${failure.message}`)
  }
  const output = new TextDecoder().decode(outcome.output)
  if (output !== String(expected)) throw new Error(`${name}(${input}) gave ${output}, not ${expected}`)
  console.log(`${`${name}(${input})`.padEnd(16)} = ${output.padEnd(6)} ${Math.round(outcome.timing.totalUs)} µs`)
}

function squares(n: number): number {
  let sum = 0
  for (let i = 0; i < n; i += 1) sum += i * i
  return sum
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2)
}
