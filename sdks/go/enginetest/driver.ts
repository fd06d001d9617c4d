/** A real engine with a Go worker and a Node worker, driven line by line over standard input by the Go tests. */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createEngine } from '@millrace/engine'

interface Request {
  readonly id: number
  readonly name: string
  /** Base64. */
  readonly input: string
  readonly content: number
  readonly timeoutUs: number
}

const fixture = process.argv[2]
if (fixture === undefined) throw new Error('usage: driver.ts FIXTURE')
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
const peer = join(import.meta.dirname, 'peer.ts')

const engine = createEngine({
  programs: [
    { name: 'go', command: [fixture] },
    { name: 'node', command: [process.execPath, '--conditions=millrace-source', host, peer] },
  ],
  onLog: ({ function: name, level, message }) => say({ log: `${name} ${level} ${message}` }),
  onWorker: ({ program, event, message }) => say({ worker: `${program} ${event} ${message}`.trim() }),
})
const { failures } = await engine.start()
for (const { program, message } of failures) throw new Error(`${program} does not start: ${message}`)
say({ ready: true })

async function answer({ id, name, input, content, timeoutUs }: Request): Promise<void> {
  const outcome = await engine.invoke(name, Buffer.from(input, 'base64'), { content, timeoutUs })
  if (outcome.ok) say({ id, output: Buffer.from(outcome.output).toString('base64') })
  else say({ id, failure: outcome.failure })
}

for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line) as Request)
await engine.stop()
say({ stopped: true })
