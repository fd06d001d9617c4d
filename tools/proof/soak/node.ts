/** Functions of the soak in TypeScript. */
import { fn } from '@millrace/sdk'

export const echo = fn('echo', (input: string) => input)

/** Calls Python, which calls `echo`. */
export const chain = fn('chain', (input: string, ctx): Promise<number> => ctx.call<number>('relay', input))

export const fail = fn('fail', (input: string): never => {
  throw new Error(`refused ${input.length} letters`)
})

export const wait = fn('wait', async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ms
})
