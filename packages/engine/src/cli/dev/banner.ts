/** What `millrace dev` says once it is ready. Pure. */
import type { FunctionInfo } from '../../engine-api.ts'
import { counted, tableLines } from '../table.ts'

export interface BannerFacts {
  readonly version: string
  /** The config or file. */
  readonly title: string
  readonly url: string
  readonly functions: readonly FunctionInfo[]
  readonly workers: number
  /** For each program, what it is made from. */
  readonly sources: ReadonlyMap<string, string>
  /** Since the command was started. */
  readonly readyMs: number
}

/** The banner's lines. The last one says `ready in N ms`; tests and tools wait for it. */
export function bannerLines(facts: BannerFacts): string[] {
  const { functions, url } = facts
  const sorted = functions.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const rows = sorted.map((one) => [
    `  ${one.name}`,
    facts.sources.get(one.program) ?? one.program,
    functionUrl(url, one.name),
  ])
  const counts = `${counted(functions.length, 'function')}, ${counted(facts.workers, 'worker')}`
  const first = sorted[0]
  return [
    `millrace ${facts.version}  dev  ${facts.title}  (${counts})`,
    ...tableLines(rows),
    ...(first === undefined ? [] : [`  try:  curl -d '"Ada"' ${functionUrl(url, first.name)}`]),
    `ready in ${Math.round(facts.readyMs)} ms at ${url}; reloads on change, Ctrl-C ends`,
  ]
}

function functionUrl(url: string, name: string): string {
  return `${url}/function/${name}`
}
