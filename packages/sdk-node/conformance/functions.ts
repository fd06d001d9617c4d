/** The code of the fixture: the functions `echo` and `interp`. What LOAD names when a prewarmed worker gets it. */
import { type Context, fn } from '@millrace/sdk'
import { type Instruction, instructions } from './instructions.ts'
import { pattern, Run } from './interp.ts'

/** Put before both names, so that fixtures of several languages can serve one engine. */
const argument = process.argv.slice(2).find((one) => !one.startsWith('--')) ?? ''
const prefix = process.env.MILLRACE_CONFORMANCE_PREFIX ?? argument

export const echo = fn.bytes(`${prefix}echo`, (input) => input)

export const interp = fn.bytes(`${prefix}interp`, (input, context) => {
  const program = instructions(input)
  return program.some((one) => one.op === 'stream') ? streamed(program, context) : whole(program, context)
})

async function whole(program: readonly Instruction[], context: Context): Promise<Uint8Array> {
  const run = new Run(context)
  for (const one of program) if (one.op !== 'stream') await run.step(one)
  return run.taken()
}

async function* streamed(program: readonly Instruction[], context: Context): AsyncGenerator<Uint8Array> {
  const run = new Run(context)
  for (const one of program) {
    if (one.op !== 'stream') {
      await run.step(one)
      continue
    }
    yield run.taken()
    for (let part = 0; part < one.parts; part += 1) yield pattern(one.size, (one.seed + part) >>> 0)
  }
  yield run.taken()
}
