/** What several shards show, as one page. Pure. */
import type { PagePart, ShardPart } from './messages.ts'

/** The rows of all shards that answered, each with the number of its shard. */
export function mergeRows(parts: readonly ShardPart[]): object[] {
  return parts.flatMap(({ shard, part }) => (isRows(part) ? part.map((row) => ({ ...row, shard })) : []))
}

/**
 * The metrics of all shards that answered: each metric once, with the series of every shard below it. Beside them, which
 * shards answered and how often each was started again.
 */
export function mergeMetrics(parts: readonly ShardPart[]): string {
  const families = new Map<string, Family>()
  for (const { part } of parts) if (typeof part === 'string') addPage(families, part)
  const up = [
    '# HELP millrace_shard_up Whether a shard told its metrics for this page.',
    '# TYPE millrace_shard_up gauge',
  ]
  const starts = [
    '# HELP millrace_shard_restarts_total Times that a shard was started again.',
    '# TYPE millrace_shard_restarts_total counter',
  ]
  for (const { shard, restarts, part } of parts) {
    up.push(`millrace_shard_up{shard="${shard}"} ${part === undefined ? 0 : 1}`)
    starts.push(`millrace_shard_restarts_total{shard="${shard}"} ${restarts}`)
  }
  const blocks = [...families.values()].map(({ head, series }) => [...head, ...series].join('\n'))
  return `${[up.join('\n'), starts.join('\n'), ...blocks].join('\n\n')}\n`
}

interface Family {
  /** Its HELP and TYPE. */
  readonly head: readonly string[]
  readonly series: string[]
}

/** A page of the text format 0.0.4 as prom-client writes it: HELP, TYPE and series of one metric, then the next. */
function addPage(families: Map<string, Family>, page: string): void {
  let series: string[] = []
  let help = ''
  for (const line of page.split('\n')) {
    if (line.startsWith('# HELP ')) {
      help = line
    } else if (line.startsWith('# TYPE ')) {
      const name = line.split(' ')[2]!
      const family = families.get(name) ?? { head: [help, line], series: [] }
      families.set(name, family)
      series = family.series
    } else if (line !== '') {
      series.push(line)
    }
  }
}

function isRows(part: PagePart | undefined): part is readonly object[] {
  return part !== undefined && typeof part !== 'string'
}
