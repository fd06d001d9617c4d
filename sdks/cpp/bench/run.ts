/** Internal calls between two C++ workers through the real engine: `taskset -c 1 node --conditions=millrace-source sdks/cpp/bench/run.ts <internal_calls>`. */
import { createEngine } from '@millrace/engine'

const [binary, calls = '20000', bytes = '0', inFlight = '1'] = process.argv.slice(2)
if (binary === undefined) throw new Error('name the built internal_calls program')
const engine = createEngine({
  programs: ['caller', 'callee'].map((name) => ({ name, command: [binary, name] })),
  onOutput: (program, _workerId, _stream, line) => process.stderr.write(`${program}: ${line}\n`),
})
const { failures } = await engine.start()
for (const { program, message } of failures) throw new Error(`${program}: ${message}`)

async function measure(load: string): Promise<string> {
  const outcome = await engine.invoke('bench.calls', new TextEncoder().encode(load))
  if (!outcome.ok) throw new Error(outcome.failure.message)
  return new TextDecoder().decode(outcome.output)
}

await measure(`40000 64 1`)
for (let round = 1; round <= 5; round += 1) {
  const [p50, p99, p999, perSecond] = (await measure(`${calls} ${bytes} ${inFlight}`)).split(' ').map(Number)
  console.log(`round ${round}: p50 ${p50} us, p99 ${p99} us, p99.9 ${p999} us, ${Math.round(perSecond!)} calls/s`)
}
await engine.stop()
