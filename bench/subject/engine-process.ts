/** The process under test: a real engine with the workers of a plan, and nothing else. Started by the bench as a peer. */
import { join } from 'node:path'
import { createEngine, createLocalWorld, type Engine, type EngineOptions } from '@millrace/engine'
import { Content } from '@millrace/protocol'
import { CALL_LIMIT_US } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import { answerAsPeer } from '../peer-answers.ts'
import { cpuUs, ownCpuUs } from '../processes.ts'
import { measurementOf } from '../samples.ts'
import { loadText, parseSamples, type Samples } from '../workers/node/load.ts'
import { type ProbeRequest, probe } from '../workers/node/probe.ts'
import { bytesAllocated } from './allocations.ts'
import type { EnginePlan, EngineQuestions, FirstCalls, InternalQuestion, StreamLoad } from './engine-questions.ts'
import type { Language } from './languages.ts'

/** How the first calls are made: so many in flight, of so many bytes, and trees of so many calls. */
const FIRST_IN_FLIGHT = 16
const FIRST_BYTES = 64
const FIRST_DEPTH = 8
const MIB = 1024 * 1024

const plan = JSON.parse(process.argv[2] ?? '') as EnginePlan
const world = createLocalWorld(plan.pollPipes === undefined ? {} : { pollPipes: plan.pollPipes })
const options: EngineOptions = {
  programs: plan.programs,
  ...(plan.http ? { http: { port: 0 } } : {}),
  ...(plan.affinity === undefined ? {} : { affinity: plan.affinity }),
  timeoutUs: CALL_LIMIT_US,
  onOutput: (program, _workerId, _stream, line) => process.stderr.write(`${program}: ${line}\n`),
}
const engine = createEngine(options, world)
const started = start(engine)

answerAsPeer<EngineQuestions>(
  {
    address: async () => {
      await started
      if (engine.address === undefined) throw new Error('the engine listens nowhere')
      return engine.address
    },
    internal: async (question) => {
      await started
      await makeCalls({ ...question, load: { ...question.load, count: question.warmUp } })
      const { profileTo } = question
      if (profileTo !== undefined) await profile(true, profileTo)
      const measured = await measure(question)
      if (profileTo !== undefined) await profile(false, profileTo)
      return measured
    },
    stream: async ({ caller, load, warmUp }) => {
      await started
      await readStreams(caller, { ...load, count: warmUp })
      const before = ownCpuUs()
      const { samplesNs, elapsedNs } = await readStreams(caller, load)
      const mib = (load.count * load.parts * load.bytes) / MIB
      return {
        ...measurementOf(samplesNs, elapsedNs),
        mibPerSecond: (mib * 1e9) / elapsedNs,
        middleCpuUs: (ownCpuUs() - before) / load.count,
      }
    },
    cpu: ownCpuUs,
    rss: () => process.memoryUsage.rss(),
    workers: async ({ program }) => {
      await started
      return pidsOf(program)
    },
    profile: async ({ begin, folder }) => {
      await profile(begin, folder)
      return null
    },
    allocations: async (question) => {
      await started
      await makeCalls({ ...question, load: { ...question.load, count: question.warmUp } })
      const bytes = await bytesAllocated(async () => void (await makeCalls(question)))
      return { allocatedBytes: bytes / callsOf(question) }
    },
  },
  async () => await engine.stop(),
)

async function start(engine: Engine): Promise<void> {
  const { failures } = await engine.start()
  for (const { program, message } of failures) throw new Error(`program ${program} can't be started: ${message}`)
  if (plan.firstCalls !== undefined) await makeHot(plan.firstCalls)
}

/**
 * Until the compiler of the engine and of Node's workers is done, both with many calls in flight and with one: one is
 * what most cases measure, it takes other ways through the code, and a compiler that still works shows as a p99.9 of
 * milliseconds where all processes share a core.
 */
async function makeHot({ overlapping, sequential, trees }: FirstCalls): Promise<void> {
  const served = [...languagesOf('callee'), ...languagesOf('wide')]
  const pairs = languagesOf('caller').filter((language) => served.includes(language))
  for (const language of pairs) {
    const load = { callee: `${language}.echo`, batch: 1, bytes: FIRST_BYTES, first: 0 } as const
    // One by one only where cases call so: a wide callee never sees a single call.
    const single = languagesOf('callee').includes(language) ? sequential : 0
    for (const [calls, inFlight] of [[overlapping, FIRST_IN_FLIGHT] as const, [single, 1] as const]) {
      const count = Math.ceil(calls / pairs.length)
      if (count > 0) await makeCalls({ caller: language, load: { ...load, count, inFlight }, warmUp: 0 })
    }
  }
  const roots = [
    ...languagesOf('step-1').map((language) => [language, 'step-1'] as const),
    ...languagesOf('ping').flatMap((language) => [[language, 'pong'] as const, [language, 'recurse'] as const]),
  ]
  for (const [language, name] of roots) {
    const tree = {
      count: name === 'step-1' ? trees : trees / 4,
      inFlight: 1,
      batch: 1,
      bytes: 1,
      first: FIRST_DEPTH - 1,
    } as const
    await makeCalls({ caller: language, load: { ...tree, callee: `${language}.${name}` }, warmUp: 0 })
  }
}

function languagesOf(role: string): Language[] {
  return plan.programs
    .filter(({ name }) => name.endsWith(`-${role}`))
    .map(({ name }) => name.slice(0, -1 - role.length) as Language)
}

function callsOf({ load, callers = 1 }: InternalQuestion): number {
  return load.count * load.batch * callers
}

async function makeCalls({ caller, load, callers = 1, perSecond }: InternalQuestion): Promise<Samples> {
  const [name, text] =
    perSecond === undefined ? [`${caller}.calls`, loadText(load)] : [`${caller}.open`, `${loadText(load)} ${perSecond}`]
  const answers = await Promise.all(Array.from({ length: callers }, () => invokeBytes(name, text)))
  const all = answers.map(parseSamples)
  if (all.length === 1) return all[0]!
  const samplesNs = Uint32Array.from(all.flatMap((each) => [...each.samplesNs]))
  return { samplesNs, elapsedNs: Math.max(...all.map(({ elapsedNs }) => elapsedNs)) }
}

async function readStreams(caller: Language, { callee, count, parts, bytes }: StreamLoad): Promise<Samples> {
  return parseSamples(await invokeBytes(`${caller}.reads`, `${callee} ${count} ${parts} ${bytes}`))
}

async function measure(question: InternalQuestion): Promise<Measurement> {
  const before = cpuOfAll(question)
  const { samplesNs, elapsedNs } = await makeCalls(question)
  const after = cpuOfAll(question)
  const calls = callsOf(question)
  return {
    ...measurementOf(samplesNs, elapsedNs, question.load.batch),
    middleCpuUs: (after.engine - before.engine) / calls,
    callerCpuUs: (after.caller - before.caller) / calls,
    calleeCpuUs: (after.callee - before.callee) / calls,
  }
}

/** Of the engine, of the callers, and of everything below them. */
function cpuOfAll({ caller }: InternalQuestion): { engine: number; caller: number; callee: number } {
  const cpuOf = (isWanted: (program: string) => boolean): number =>
    engine
      .workers()
      .filter(({ program }) => isWanted(program))
      .reduce((sum, { pid }) => sum + (pid === undefined ? 0 : cpuUs(pid)), 0)
  return {
    engine: ownCpuUs(),
    caller: cpuOf((program) => program === `${caller}-caller`),
    callee: cpuOf((program) => !program.endsWith('-caller')),
  }
}

function pidsOf(wanted: string): number[] {
  return engine.workers().flatMap(({ program, pid }) => (program === wanted && pid !== undefined ? [pid] : []))
}

/** Only Node's workers can be looked into; of the others the engine's part is what is left. */
async function profile(begin: boolean, folder: string): Promise<void> {
  const request = (name: string): ProbeRequest =>
    begin ? { do: 'profile' } : { do: 'profile-end', file: join(folder, `${name}.cpuprofile`) }
  await probe(request('engine'))
  for (const role of ['caller', 'callee'] as const) {
    if (languagesOf(role).includes('node')) await invokeJson(`node.${role}.probe`, request(role))
  }
}

async function invokeBytes(name: string, text: string): Promise<Uint8Array> {
  const outcome = await engine.invoke(name, new TextEncoder().encode(text))
  if (!outcome.ok) throw new Error(`${name} failed: ${outcome.failure.message}`)
  return outcome.output
}

async function invokeJson(name: string, input: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(input))
  const outcome = await engine.invoke(name, bytes, { content: Content.JSON })
  if (!outcome.ok) throw new Error(`${name} failed: ${outcome.failure.message}`)
}
