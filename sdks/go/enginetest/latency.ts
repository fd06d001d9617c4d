/**
 * Times internal calls between two Go workers under the real engine, and prints one line of JSON per run:
 *
 *   go build -o /tmp/worker ./enginetest/benchworker
 *   taskset -c 3 node --conditions=millrace-source enginetest/latency.ts /tmp/worker [IN_FLIGHT [BYTES [RUNS]]]
 */
import { createEngine } from '@millrace/engine'

const COUNT = 10_000
const [worker, inFlight = '1', bytes = '0', runs = '3'] = process.argv.slice(2)
if (worker === undefined) throw new Error('usage: latency.ts WORKER [IN_FLIGHT [BYTES [RUNS]]]')

const engine = createEngine({
  programs: [
    { name: 'caller', command: [worker], functions: [{ name: 'bench.calls' }] },
    { name: 'callee', command: [worker], functions: [{ name: 'bench.echo' }] },
  ],
  onOutput: (program, _workerId, _stream, line) => process.stderr.write(`${program}: ${line}\n`),
})
const { failures } = await engine.start()
for (const { program, message } of failures) throw new Error(`${program} does not start: ${message}`)

const load = { callee: 'bench.echo', count: COUNT * Number(inFlight), inFlight: Number(inFlight), bytes: Number(bytes) }
for (let run = 0; run <= Number(runs); run += 1) {
  const outcome = await engine.invoke('bench.calls', new TextEncoder().encode(JSON.stringify(load)), { content: 1 })
  if (!outcome.ok) throw new Error(outcome.failure.message)
  // The first run makes the engine's code hot.
  if (run > 0) process.stdout.write(`${new TextDecoder().decode(outcome.output)}\n`)
}
await engine.stop()
