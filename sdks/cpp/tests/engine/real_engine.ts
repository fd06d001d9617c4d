/**
 * The fixture and the examples under the real engine, with a Node worker beside them. Exits with 1 at the first surprise.
 *
 *     node --conditions=millrace-source sdks/cpp/tests/engine/real_engine.ts <folder of the built programs>
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine } from '@millrace/engine'

const folder = process.argv[2]
if (folder === undefined) throw new Error('name the folder of the built programs')
const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
const node = [process.execPath, '--conditions=millrace-source', host, join(import.meta.dirname, 'node_functions.ts')]
const programs = [
  { name: 'fixture', command: [join(folder, 'millrace_fixture')] },
  ...['hello', 'json', 'calls', 'streams'].map((name) => ({ name, command: [join(folder, `example_${name}`)] })),
  { name: 'node', command: node },
]
const logs: string[] = []
const engine = createEngine({
  programs,
  onLog: ({ message }) => void logs.push(message),
  onOutput: (program, _workerId, _stream, line) => process.stderr.write(`${program}: ${line}\n`),
})
const { failures } = await engine.start()
assert.deepEqual(failures, [])

async function call(name: string, input: Uint8Array | string): Promise<Uint8Array> {
  const outcome = await engine.invoke(name, typeof input === 'string' ? new TextEncoder().encode(input) : input)
  if (!outcome.ok) throw new Error(`${outcome.failure.reason}: ${outcome.failure.message}`)
  return outcome.output
}
const text = async (name: string, input: string): Promise<string> => new TextDecoder().decode(await call(name, input))

assert.equal(await text('greet', 'Ada'), 'Hello, Ada!')
assert.equal(await text('double-order', '{"count":21}'), '{"count":42}')
assert.deepEqual(logs, ['doubling'])
await assert.rejects(call('double-order', '{"count":0}'), /bad_input: count must be above 0/)
assert.equal(await text('greet', 'Ada'), 'Hello, Ada!')
assert.equal(await text('greet-all', 'Ada,Grace,Barbara'), 'Hello, Ada!\nHello, Grace!\nHello, Barbara!\n')
assert.equal(await text('upper', 'stream'), 'STREAM')
assert.equal(await text('count-down', ''), '3 2 1 go')

for (const size of [0, 1, 959, 960, 961, 65_536, 1_048_576]) {
  const input = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff)
  assert.deepEqual(Buffer.from(await call('echo', input)), Buffer.from(input), `echo of ${size}`)
  // Node calls C++ and C++ calls Node, 32 at once.
  const outputs = await Promise.all(Array.from({ length: 32 }, () => call('node.relay', input)))
  for (const output of outputs) assert.deepEqual(Buffer.from(output), Buffer.from(input), `relay of ${size}`)
  const through = await call('interp', callOf('node.echo', input))
  assert.equal(through[0], 0)
  assert.deepEqual(Buffer.from(through.subarray(5)), Buffer.from(input), `C++ to Node of ${size}`)
}

/** An `interp` program that calls a function with an input. */
function callOf(name: string, input: Uint8Array): Uint8Array {
  const head = Buffer.alloc(3 + name.length + 8)
  head[0] = 0x07
  head[2] = name.length
  head.write(name, 3)
  head.writeUInt32LE(0, 3 + name.length)
  head.writeUInt32LE(input.length, 7 + name.length)
  return Buffer.concat([head, input])
}

const slow = Buffer.from([0x04, 0, 0, 1, 0]) // SLEEP 65,536 ms
const late = await engine.invoke('interp', slow, { timeoutUs: 50_000 })
assert.equal(late.ok, false)
if (!late.ok) assert.equal(late.failure.reason, 'deadline_exceeded')
assert.equal(await text('echo', 'still here'), 'still here')
await engine.stop()
console.log('the real engine: all as expected')
