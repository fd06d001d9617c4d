/** The process under test: a real engine with two Node workers, and nothing else. Started by the bench as a peer. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine, type Engine } from '@millrace/engine'
import { Content } from '@millrace/protocol'
import { CALL_LIMIT_US } from '../limits.ts'
import type { Measurement } from '../measurement.ts'
import { answerAsPeer } from '../peer-answers.ts'
import type { EngineQuestions, ProcessName } from './engine-questions.ts'
import type { InternalLoad, InternalTimes } from './load.ts'
import { type ProbeAnswer, type ProbeRequest, probe } from './probe.ts'

/** Makes all three processes' code hot before the first measurement, whichever case that is of. */
const FIRST_CALLS: InternalLoad = { callee: 'bench.echo', count: 40_000, inFlight: 16, bytes: 64 }

const PROCESSES: readonly ProcessName[] = ['engine', 'caller', 'callee']

const engine = createEngine({
  programs: (['caller', 'callee'] as const).map((name) => ({ name, command: workerCommand(name) })),
  http: { port: 0 },
  timeoutUs: CALL_LIMIT_US,
  onOutput: (program, _workerId, _stream, line) => process.stderr.write(`${program}: ${line}\n`),
})
const started = start(engine)

answerAsPeer<EngineQuestions>(
  {
    address: async () => {
      await started
      if (engine.address === undefined) throw new Error('the engine listens nowhere')
      return engine.address
    },
    internal: async ({ load, warmUp, profileTo }) => {
      await started
      await invoke<InternalTimes>('bench.calls', { ...load, count: warmUp })
      if (profileTo !== undefined) await profile(true, profileTo)
      const measured = await measure(load)
      if (profileTo !== undefined) await profile(false, profileTo)
      return measured
    },
    cpu: async () => (await probe({ do: 'cpu' })).cpuUs,
    profile: async ({ begin, folder }) => {
      await profile(begin, folder)
      return null
    },
  },
  async () => await engine.stop(),
)

/** The command of a worker whose code lies beside this file. */
function workerCommand(name: string): string[] {
  const host = fileURLToPath(import.meta.resolve('@millrace/sdk/host'))
  return [process.execPath, '--conditions=millrace-source', host, join(import.meta.dirname, `${name}.ts`)]
}

async function start(engine: Engine): Promise<void> {
  const { failures } = await engine.start()
  for (const { program, message } of failures) throw new Error(`program ${program} can't be started: ${message}`)
  await invoke<InternalTimes>('bench.calls', FIRST_CALLS)
}

async function measure(load: InternalLoad): Promise<Measurement> {
  const before = await cpuOfAll()
  const times = await invoke<InternalTimes>('bench.calls', load)
  const after = await cpuOfAll()
  const perCall = (name: ProcessName): number => (after[name] - before[name]) / load.count
  return {
    ...times,
    middleCpuUs: perCall('engine'),
    callerCpuUs: perCall('caller'),
    calleeCpuUs: perCall('callee'),
  }
}

async function cpuOfAll(): Promise<Record<ProcessName, number>> {
  const cpuOf = async (name: ProcessName): Promise<number> => (await look(name, { do: 'cpu' })).cpuUs
  return { engine: await cpuOf('engine'), caller: await cpuOf('caller'), callee: await cpuOf('callee') }
}

async function profile(begin: boolean, folder: string): Promise<void> {
  for (const name of PROCESSES) {
    await look(name, begin ? { do: 'profile' } : { do: 'profile-end', file: join(folder, `${name}.cpuprofile`) })
  }
}

async function look(name: ProcessName, request: ProbeRequest): Promise<ProbeAnswer> {
  return name === 'engine' ? await probe(request) : await invoke<ProbeAnswer>(`bench.${name}.probe`, request)
}

async function invoke<Output>(name: string, input: unknown): Promise<Output> {
  const bytes = new TextEncoder().encode(JSON.stringify(input))
  const outcome = await engine.invoke(name, bytes, { content: Content.JSON })
  if (!outcome.ok) throw new Error(`${name} failed: ${outcome.failure.message}`)
  return JSON.parse(new TextDecoder().decode(outcome.output)) as Output
}
