/** The process of one shard: an engine that hears from its supervisor what to run and who is beside it. */
import { createEngine } from '../../engine.ts'
import type { Engine } from '../../engine-api.ts'
import { EngineReports } from '../engine-reports.ts'
import { CommandError, ExitCode } from '../exit-code.ts'
import { Lifetime } from '../lifetime.ts'
import { makeLog } from '../log.ts'
import { startEngine } from '../start-engine.ts'
import type { FromShard, PageName, PagePart, ShardPart, ShardPlan, ToShard } from './messages.ts'
import { mergeMetrics, mergeRows } from './pages.ts'

/** A supervisor that has gone hears nothing; that it has is told by `disconnect`. */
function say(message: FromShard): void {
  if (process.connected) process.send!(message, () => {})
}

/** The pages that clients of this shard have asked for: of each kind one at a time, and who asks meanwhile gets the same. */
class Pages {
  readonly #open = new Map<PageName, { readonly id: number; readonly parts: Promise<readonly ShardPart[]> }>()
  readonly #waiting = new Map<number, (parts: readonly ShardPart[]) => void>()
  #lastId = 0

  ask(page: PageName): Promise<readonly ShardPart[]> {
    const open = this.#open.get(page)
    if (open !== undefined) return open.parts
    this.#lastId += 1
    const id = this.#lastId
    const parts = new Promise<readonly ShardPart[]>((resolve) => {
      this.#waiting.set(id, (answer) => {
        this.#open.delete(page)
        resolve(answer)
      })
    })
    this.#open.set(page, { id, parts })
    say({ kind: 'ask', id, page })
    return parts
  }

  answered(id: number, parts: readonly ShardPart[]): void {
    this.#waiting.get(id)?.(parts)
    this.#waiting.delete(id)
  }
}

async function partOf(engine: Engine, page: PageName): Promise<PagePart> {
  if (page === 'metrics') return await engine.metrics()
  return page === 'functions' ? engine.functions() : engine.workers()
}

async function run(plan: ShardPlan): Promise<ExitCode> {
  const log = await makeLog(plan.log)
  const reports = new EngineReports(log)
  const pages = new Pages()
  const quiet = Promise.withResolvers<void>()
  const engine = createEngine({
    ...plan.engine,
    programs: plan.programs,
    ...reports.options,
    http: {
      ...plan.gateway,
      shared: true,
      pages: {
        functions: async () => mergeRows(await pages.ask('functions')),
        workers: async () => mergeRows(await pages.ask('workers')),
        metrics: async () => mergeMetrics(await pages.ask('metrics')),
      },
    },
    peers: {
      index: plan.index,
      peers: plan.peers,
      opened: () => say({ kind: 'up' }),
      offer: (to, link) => say({ kind: 'offer', to, link }),
      linked: (to) => say({ kind: 'linked', to }),
      quiet: () => {
        say({ kind: 'idle' })
        return quiet.promise
      },
    },
  })
  const lifetime = new Lifetime(engine, {
    draining: (signal, openCalls) => log.info({ signal, openCalls }, 'draining'),
    killing: (signal) => log.warn({ signal }, 'killing the workers'),
  })
  process.on('message', (message: ToShard) => {
    switch (message.kind) {
      case 'up':
        engine.peers!.up(message.shard)
        break
      case 'down':
        engine.peers!.down(message.shard, message.why)
        break
      case 'serve':
        engine.peers!.serve(message.from, message.link)
        break
      case 'quiet':
        quiet.resolve()
        break
      case 'tell': {
        const { id, page } = message
        partOf(engine, page).then(
          (part) => say({ kind: 'told', id, part }),
          (error: Error) => log.error({ err: error }, `the page ${page} could not be made`),
        )
        break
      }
      case 'page':
        pages.answered(message.id, message.parts)
        break
      case 'begin':
        break
    }
  })
  process.once('disconnect', () => {
    quiet.resolve()
    if (!lifetime.stopping) log.error('the supervisor is gone')
    lifetime.stop(ExitCode.failure)
  })
  const { failures } = await startEngine(engine, plan.gateway)
  say({ kind: 'started', failures: reports.started(failures) })
  return await lifetime.ended()
}

/** The first message, which is the plan; undefined: the supervisor has gone before. */
function begun(): Promise<ShardPlan | undefined> {
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve(undefined))
    process.once('message', (message: ToShard) => resolve(message.kind === 'begin' ? message.plan : undefined))
  })
}

const plan = await begun()
if (plan === undefined) {
  process.exitCode = ExitCode.failure
} else {
  try {
    process.exitCode = await run(plan)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    say({ kind: 'failed', message: error.message })
    process.exitCode = ExitCode.failure
  }
  if (process.connected) process.disconnect()
}
