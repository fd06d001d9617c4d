/**
 * Reads the worked examples of the prose: fenced blocks of the kind `message`, one message each, in hexadecimal with
 * comments. The first line says `# <sender> to <receiver>: <TYPE>`, and `, breaks <rule>` when the message is a bad one.
 */
import { ACCEPT, judge, MESSAGE_BYTES, MessageView, type Sender, TYPES } from '../../packages/protocol/src/index.ts'
import type { Fault, TextFile } from './rules.ts'

/** One example. */
export interface Example {
  readonly file: string
  /** Line of its fence, from 1. */
  readonly line: number
  readonly sender: Sender
  /** Name of its type, as the first line says. */
  readonly type: string
  /** The rule it breaks, as the first line says; undefined: none. */
  readonly breaks: string | undefined
  /** All 1,024 bytes. */
  readonly bytes: Uint8Array
}

const TITLE = /^# (worker|engine) to (worker|engine): ([A-Z]+)(?:, breaks ([a-z0-9-]+))?$/

/** The examples of all files, each judged; a fault says where an example is not what it claims to be. */
export function examples(files: readonly TextFile[]): { examples: Example[]; faults: Fault[] } {
  const found: Example[] = []
  const faults: Fault[] = []
  for (const file of files) {
    const lines = file.text.split('\n')
    lines.forEach((line, i) => {
      if (line !== '```message') return
      const end = lines.indexOf('```', i)
      const block = lines.slice(i + 1, end === -1 ? lines.length : end)
      const example = read(file.path, i + 1, block)
      if (typeof example === 'string') {
        faults.push({ file: file.path, line: i + 1, message: example })
        return
      }
      const fault = check(example)
      if (fault === undefined) found.push(example)
      else faults.push({ file: file.path, line: i + 1, message: fault })
    })
  }
  return { examples: found, faults }
}

function read(file: string, line: number, block: readonly string[]): Example | string {
  const title = TITLE.exec(block[0] ?? '')
  if (title === null || title[1] === title[2]) {
    return 'a message begins with "# worker to engine: TYPE" or "# engine to worker: TYPE"'
  }
  const digits = block
    .map((text) => text.replace(/#.*$/, '').trim())
    .filter((text) => text !== '')
    .join(' ')
    .split(' ')
  const bad = digits.find((pair) => !/^[0-9a-f]{2}$/.test(pair))
  if (bad !== undefined) return `"${bad}" is no byte: write two hexadecimal digits and a space`
  if (digits.length > MESSAGE_BYTES) return `has ${digits.length} bytes, more than ${MESSAGE_BYTES}`
  if (digits.at(-1) === '00') return 'ends with a zero byte: leave the zeros at the end away'
  const bytes = new Uint8Array(MESSAGE_BYTES)
  bytes.set(digits.map((pair) => Number.parseInt(pair, 16)))
  return { file, line, sender: title[1] as Sender, type: title[3]!, breaks: title[4], bytes }
}

function check(example: Example): string | undefined {
  const view = new MessageView(example.bytes)
  const name = TYPES[view.type]?.name
  if (name !== example.type) return `is titled ${example.type}, but its type byte says ${name ?? view.type}`
  const verdict = judge(view, example.sender)
  const rule = typeof verdict === 'string' ? undefined : verdict.rule
  if (rule === example.breaks && (rule !== undefined || verdict === ACCEPT)) return undefined
  return `should ${example.breaks === undefined ? 'break no rule' : `break ${example.breaks}`}, but ${rule === undefined ? 'breaks none' : `breaks ${rule}`}`
}
