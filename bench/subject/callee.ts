/** A worker's code: the functions that are called, in a process of their own. */
import { fn } from '@millrace/sdk'
import { HELLO } from '../http/hello.ts'
import { type ProbeRequest, probe } from './probe.ts'

const hello = new TextEncoder().encode(HELLO)

/** Sends back what it got. */
export const echoBytes = fn.bytes('bench.echo', (input) => input)

/** What the bare HTTP server says too. */
export const sayHello = fn.bytes('bench.hello', { content: 'text' }, () => hello)

export const calleeProbe = fn('bench.callee.probe', async (request: ProbeRequest) => await probe(request))
