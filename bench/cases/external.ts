/** External calls over HTTP, against a bare node:http server that answers the same. One client measures both. */
import { HELLO } from '../http/hello.ts'
import type { HttpLoad } from '../http/load.ts'
import { MEASURE_LIMIT_MS } from '../limits.ts'
import type { MeasuredKey, Measurement } from '../measurement.ts'
import type { Peer } from '../peer.ts'
import type { Site } from '../site.ts'
import type { EngineQuestions } from '../subject/engine-questions.ts'
import type { BenchCase } from './case.ts'

const MIB = 1024 * 1024
export const HELLO_PATH = '/function/node.hello'

type Shape = Omit<HttpLoad, 'host' | 'port' | 'path'> & {
  readonly warmUp: Pick<HttpLoad, 'sockets' | 'count'>
}

type PartialShape = Omit<Shape, 'answerBytes' | 'warmUp'> & Partial<Pick<Shape, 'answerBytes' | 'warmUp'>>

/** Half a second at the least: a collection or a compilation that falls into a shorter one is all that it shows. */
const COUNTS = { 1: 10_000, 8: 20_000, 32: 40_000 } as const
/** By many sockets: it is the server's code that must be hot, and so it is soonest. */
const WARM_UP = { sockets: 32, count: 8_000 } as const
/** Before the first measurement of a process: with fewer, its compiler still works besides. */
const FIRST_WARM_UP = { sockets: 32, count: 60_000 } as const
const ECHO_COUNT = 60
const ECHO_WARM_UP = { sockets: 1, count: 20 } as const

export const externalCases: readonly BenchCase[] = [
  ...([1, 8, 32] as const).map((sockets) =>
    httpCase(
      `external.http.hello.${sockets}`,
      `external call over HTTP, hello, ${sockets} ${sockets === 1 ? 'socket' : 'sockets'}`,
      HELLO_PATH,
      { bodyBytes: 0, sockets, count: COUNTS[sockets] },
      ['p50Us', 'p99Us', 'perSecond', 'middleCpuUs'],
      sockets !== 8,
    ),
  ),
  httpCase(
    'external.http.echo-1MiB.1',
    'external call over HTTP, 1 MiB echo, 1 socket',
    '/function/node.echo',
    { bodyBytes: MIB, answerBytes: MIB, sockets: 1, warmUp: ECHO_WARM_UP, count: ECHO_COUNT },
    ['p50Us', 'mibPerSecond', 'middleCpuUs'],
    false,
  ),
]

/** A case of HTTP; `shape` without an answer's size says hello. */
export function httpCase(
  name: string,
  title: string,
  path: string,
  { answerBytes = HELLO.length, warmUp = WARM_UP, ...rest }: PartialShape,
  keys: readonly MeasuredKey[],
  quick = true,
): BenchCase {
  const shape: Shape = { ...rest, answerBytes, warmUp }
  return {
    name,
    title,
    keys,
    quick,
    languages: ['node'],
    floor: {
      name: 'node:http',
      measure: async (site) => await measure(site, await site.bareServer(), '/', shape),
    },
    subject: {
      name: 'millrace',
      measure: async (site) => await measure(site, await engineOf(site), path, shape),
    },
    profile: async (site, folder) => {
      const engine = await engineOf(site)
      await measure(site, engine, path, shape)
      await engine.ask('profile', { begin: true, folder }, MEASURE_LIMIT_MS)
      await measure(site, engine, path, { ...shape, count: shape.count * 5 })
      await engine.ask('profile', { begin: false, folder }, MEASURE_LIMIT_MS)
    },
  }
}

/** An engine of its own, as the bare server is a process of its own: what other calls made of the code is not measured. */
async function engineOf(site: Site): Promise<Peer<EngineQuestions>> {
  return await site.engine([site.workers.program('node', 'callee')], { http: true })
}

/** A process that serves HTTP, whichever side it is. */
interface Server {
  ask(name: 'address', body: null, limitMs: number): Promise<{ readonly host: string; readonly port: number }>
  ask(name: 'cpu', body: null, limitMs: number): Promise<number>
}

/** Those that have had their first requests. */
const hot = new WeakSet<Server>()

async function measure(site: Site, server: Server, path: string, shape: Shape): Promise<Measurement> {
  const { host, port } = await server.ask('address', null, MEASURE_LIMIT_MS)
  const client = await site.client()
  const { warmUp, ...rest } = shape
  const load: HttpLoad = { ...rest, host, port, path }
  // The warm-up is a run of its own, so that the CPU time is that of the measured calls.
  const { perSecond: _, ...closed } = load
  if (!hot.has(server)) {
    hot.add(server)
    const hello = { ...closed, path: path === '/' ? path : HELLO_PATH, bodyBytes: 0, answerBytes: HELLO.length }
    await client.ask('run', { ...hello, ...FIRST_WARM_UP }, MEASURE_LIMIT_MS)
  }
  await client.ask('run', { ...closed, ...warmUp }, MEASURE_LIMIT_MS)
  const before = await server.ask('cpu', null, MEASURE_LIMIT_MS)
  const measured = await client.ask('run', load, MEASURE_LIMIT_MS)
  const after = await server.ask('cpu', null, MEASURE_LIMIT_MS)
  return { ...measured, middleCpuUs: (after - before) / shape.count }
}
