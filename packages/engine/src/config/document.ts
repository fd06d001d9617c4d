/** A YAML or JSON text with the place of every key and value in it. Pure. */
import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import type { Fault, Place } from './faults.ts'
import { type Environment, interpolate } from './interpolate.ts'

/** Keys and indices from the top of a document to one of its values. */
export type Path = readonly (string | number)[]

/** A parsed text. */
export interface ConfigDocument {
  /** Plain values, variables replaced. */
  readonly value: unknown
  /** What the text itself breaks: syntax, keys given twice, missing variables. */
  readonly faults: readonly Fault[]
  /** Whether the syntax is so broken that `value` means nothing. */
  readonly broken: boolean
  /** Place of a value, or of the nearest one above that is written down. */
  placeOf(path: Path): Place
  /** Place of a key, or of its value when it has none. */
  placeOfKey(path: Path): Place
}

/** Parses `text`. `file` is what the places say. Never throws. */
export function readDocument(file: string, text: string, environment: Environment): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const faults: Fault[] = document.errors.map((error) => ({
    place: at(error.pos[0]),
    message: syntaxMessage(error.code, error.message, text.slice(error.pos[0])),
  }))
  const broken = document.errors.some((error) => error.code !== 'DUPLICATE_KEY')
  if (!broken) replaceVariables(document, environment, at, faults)
  return {
    value: broken ? undefined : document.toJS(),
    faults,
    broken,
    placeOf: (path) => at(nodeAt(document, path)?.range?.[0] ?? 0),
    placeOfKey: (path) => at(keyAt(document, path)?.range?.[0] ?? nodeAt(document, path)?.range?.[0] ?? 0),
  }
}

/** `rest`: the text from the fault on. */
function syntaxMessage(code: string, message: string, rest: string): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([^:\s"',}]+)/.exec(rest)?.[1]
    return `the key ${key === undefined ? '' : `"${key}" `}is given twice; keep one`
  }
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line; YAML allows only spaces'
  return `${message.split('\n', 1)[0]?.trim()}`
}

function replaceVariables(
  document: Document,
  environment: Environment,
  at: (offset: number) => Place,
  faults: Fault[],
): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      const replaced = interpolate(node.value, environment)
      if ('value' in replaced) node.value = replaced.value
      else faults.push({ place: at(node.range?.[0] ?? 0), message: replaced.problem })
    },
  })
}

function nodeAt(document: Document, path: Path): Node | undefined {
  let node = document.contents as Node | null | undefined
  let last = node ?? undefined
  for (const step of path) {
    let next: unknown
    if (isMap(node)) next = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === step)?.value
    else if (isSeq(node)) next = node.items[Number(step)]
    if (next === undefined || next === null || isPair(next)) break
    node = next as Node
    last = node
  }
  return last
}

function keyAt(document: Document, path: Path): Node | undefined {
  const parent = path.length === 1 ? document.contents : nodeAt(document, path.slice(0, -1))
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === path.at(-1))
  return pair?.key as Node | undefined
}
