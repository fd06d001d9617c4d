/** `millrace list`: the functions and workers of a running engine. */
import type { FunctionInfo, WorkerInfo } from '../../engine-api.ts'
import { ExitCode } from '../exit-code.ts'
import { engineUrl, queryList } from '../http-client.ts'
import type { ListArgs } from '../options.ts'
import { tableLines, timeText } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export async function list(args: ListArgs, terminal: Terminal): Promise<ExitCode> {
  const url = engineUrl(args.url, process.env)
  const functions = await queryList<FunctionInfo>(url, '/v1/functions', 'functions')
  const workers = await queryList<WorkerInfo>(url, '/v1/workers', 'workers')
  if (args.output === 'json') {
    terminal.line(JSON.stringify({ functions, workers }))
    return ExitCode.ok
  }
  for (const line of functionTable(functions)) terminal.line(line)
  terminal.line('')
  for (const line of workerTable(workers)) terminal.line(line)
  return ExitCode.ok
}

/** What a row has besides, when the engine is one of several behind its port. */
interface Sharded {
  readonly shard?: number
}

/** Functions as the lines of a table, by name. */
export function functionTable(functions: readonly (FunctionInfo & Sharded)[]): string[] {
  const rows = functions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [
      one.name,
      ...shardCell(one),
      one.program,
      String(one.running),
      String(one.waiting),
      String(one.ok),
      String(one.failed),
      one.timeoutUs === 0 ? 'none' : timeText(one.timeoutUs),
    ])
  const more = shardHead(functions)
  const head = ['FUNCTION', ...more, 'PROGRAM', 'RUNNING', 'WAITING', 'OK', 'FAILED', 'TIMEOUT']
  return tableLines([head, ...rows], new Set(COUNTS.map((column) => column + more.length)))
}

/** Workers as the lines of a table, by number. */
export function workerTable(workers: readonly (WorkerInfo & Sharded)[]): string[] {
  const rows = workers
    .toSorted((a, b) => (a.shard ?? 0) - (b.shard ?? 0) || a.id - b.id)
    .map((one) => [
      String(one.id),
      ...shardCell(one),
      one.program,
      one.pid === undefined ? '-' : String(one.pid),
      one.state,
      `${one.running}/${one.maxCalls}`,
      one.software,
    ])
  const more = shardHead(workers)
  const head = ['WORKER', ...more, 'PROGRAM', 'PID', 'STATE', 'CALLS', 'SOFTWARE']
  return tableLines([head, ...rows], new Set([0, 2 + more.length]))
}

const COUNTS: readonly number[] = [2, 3, 4, 5, 6]

function shardHead(rows: readonly Sharded[]): string[] {
  return rows.some(({ shard }) => shard !== undefined) ? ['SHARD'] : []
}

function shardCell({ shard }: Sharded): string[] {
  return shard === undefined ? [] : [String(shard)]
}
