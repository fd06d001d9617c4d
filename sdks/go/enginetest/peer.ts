/** The Node worker that the Go worker calls and is called by. */
import { fn } from '@millrace/sdk'

export const nodeEcho = fn.bytes('node.echo', (input) => input)

export const nodeRelay = fn.bytes('node.relay', async (input, ctx) => await ctx.callBytes('echo', input))
