/** A Node worker's functions, called by C++ and calling it. */
import { fn } from '@millrace/sdk'

export const echo = fn.bytes('node.echo', (input) => input)
export const relay = fn.bytes('node.relay', async (input, ctx) => await ctx.callBytes('echo', input))
