import { fn } from '@millrace/sdk'

export const greet = fn('greet', (name: string) => `Hello, ${name}`)

export const welcome = fn('welcome', async (names: string[], ctx) =>
  Promise.all(names.map((name) => ctx.call(greet, name))),
)
