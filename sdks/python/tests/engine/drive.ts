/** Runs the real engine with the workers that a test names, and answers its questions: one line of JSON in, one out. */
import { createInterface } from 'node:readline'
import { createEngine } from '../../../../packages/engine/src/index.ts'

interface Question {
  readonly name: string
  readonly hex: string
  readonly content: number
  readonly timeoutUs?: number
}

const programs = JSON.parse(process.argv[2]!) as { name: string; command: string[]; env: Record<string, string> }[]
const logs: unknown[] = []
const engine = createEngine({ programs, onLog: (record) => logs.push(record) })
const { failures } = await engine.start()
console.log(JSON.stringify({ failures }))

async function answer(line: string): Promise<void> {
  const { name, hex, content, timeoutUs = 0 } = JSON.parse(line) as Question
  const outcome = await engine.invoke(name, Buffer.from(hex, 'hex'), { content, timeoutUs })
  const told = outcome.ok
    ? { hex: Buffer.from(outcome.output).toString('hex'), content: outcome.content }
    : { failure: outcome.failure }
  console.log(JSON.stringify({ ...told, logs: logs.splice(0) }))
}

for await (const line of createInterface({ input: process.stdin })) await answer(line)
await engine.stop()
