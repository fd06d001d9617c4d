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
  /** Programs that have a worker. */
  readonly serving: ReadonlySet<string>
  /** For each program, what it is made from. */
  readonly sources: ReadonlyMap<string, string>
  /** Since the command was started. */
  readonly readyMs: number
}

/** The banner's lines. The last one says `ready in N ms`; tests and tools wait for it. */
export function bannerLines(facts: BannerFacts): string[] {
  const { functions, url } = facts
  const rows = functions.map((one) => [
    `  ${one.name}`,
    facts.sources.get(one.program) ?? one.program,
    functionUrl(url, one.name),
  ])
  const counts = `${counted(functions.length, 'function')}, ${counted(facts.workers, 'worker')}`
  const serving = functions.filter((one) => facts.serving.has(one.program))
  // Of a file's functions the one that it is named after is most likely the one to begin with.
  const first = serving.find((one) => one.name === one.program) ?? serving[0]
  return [
    `millrace ${facts.version}  dev  ${facts.title}  (${counts})`,
    ...tableLines(rows),
    ...(first === undefined ? [] : [`  try:  curl -d '"Ada"' ${functionUrl(url, first.name)}`]),
    `ready in ${Math.round(facts.readyMs)} ms at ${url}; reloads on change, Ctrl-C ends`,
  ]
}

/** Where a function is called. */
export function functionUrl(url: string, name: string): string {
  return `${url}/function/${name}`
}
