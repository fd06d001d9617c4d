/** The TypeScript functions. After them in the ring come Python's, then Go's. */
import { fn } from '@millrace/sdk'

export const hops = fn('node.hops', async (n: number, ctx): Promise<number> => {
  return n === 0 ? 0 : 1 + (await ctx.call<number>('python.hops', n - 1))
})

export const fib = fn('node.fib', async (n: number, ctx): Promise<number> => {
  if (n < 2) return n
  const [a, b] = await Promise.all([ctx.call<number>('python.fib', n - 1), ctx.call<number>('go.fib', n - 2)])
  return a + b
})

export const square = fn('node.square', (n: number) => n * n)

const LANGUAGES = ['node', 'python', 'go', 'cpp']

/** Fan-out: one call a number, each to the next language. Fan-in: their sum. */
export const fan = fn('node.fan', async (n: number, ctx): Promise<number> => {
  const squares = await Promise.all(
    Array.from({ length: n }, (_, i) => ctx.call<number>(`${LANGUAGES[i % LANGUAGES.length]}.square`, i)),
  )
  return squares.reduce((sum, one) => sum + one, 0)
})
