/** One word per thing, in code, comments and prose: the glossary's synonyms are banned. */
import type { Offence, Rule } from '../rule.ts'
import { isGenerated, lineAt, type SourceFile } from '../tree.ts'

/** Word, in the singular and lower case → what to do instead. */
const BANNED: ReadonlyMap<string, string> = new Map([
  ['todo', 'do it, or file it'],
  ['fixme', 'mend it'],
  ['xxx', 'mend it'],
  ['frame', 'say message'],
  ['packet', 'say message'],
  ['envelope', 'say message'],
  ['task', 'say call'],
  ['job', 'say call'],
  ['invocation', 'say call'],
  ['connection', 'say channel, or HTTP connection for one of HTTP'],
])

/** Where a banned word is the right one. `reason` is for the reader. */
const ALLOWED: readonly { readonly words: readonly string[]; readonly in: RegExp; readonly reason: string }[] = [
  { words: [...BANNED.keys()], in: /^tools\/tidy\//, reason: 'it bans them' },
  { words: [...BANNED.keys()], in: /^spec\/glossary\.md$/, reason: 'it says what not to call things' },
  { words: [...BANNED.keys()], in: /^(LICENSE|package-lock\.json)$/, reason: 'not our words' },
  { words: ['todo'], in: /^tools\/test\/counts(\.test)?\.ts$/, reason: 'vitest counts such tests' },
  {
    words: ['connection'],
    in: /^packages\/engine\/src\/(gateway\/http|cli\/|local-world)|^packages\/engine\/test\/http|^bench\//,
    reason: 'HTTP has connections',
  },
  {
    words: ['task'],
    in: /^(bench\/processes|packages\/engine\/(src\/affinity\/processors|test\/process\/affinity\.test))\.ts$/,
    reason: 'the kernel keeps the threads of a process in /proc/PID/task',
  },
  { words: ['task', 'frame'], in: /^sdks\/python\//, reason: 'asyncio has tasks, and Python stack frames' },
  { words: ['job'], in: /^conformance\//, reason: 'cases at once, in the word of make and of every test runner' },
  {
    words: ['connection'],
    in: /^conformance\/scripted-worker\.ts$/,
    reason: 'the connection of a Unix socket to the runner',
  },
]

/** Phrases in which a banned word is the right one; they are taken out before the rest is read. */
const PHRASES = [
  /\bHTTP connections?\b/gi,
  /\bconnections? headers?\b/gi,
  /\bmain job\b/gi, // the one that `make demo` does
  /\bstack frames?\b/gi,
  /\bcallFrame\b/g, // a key of the .cpuprofile format
  /\b(HTTP\/2|gRPC) frames?\b/gi,
  /\bframe pointers?\b/gi,
  /-fno-omit-frame-pointer\b/g, // an option of the compiler
  /\bQUIC's frames?\b/gi,
  /\bmicrotasks?\b/gi,
  /\bqueueMicrotask\b/g,
]

/** Words of prose and parts of names: `nextFrame`, `next_frames` and `FRAME_BYTES` all hold `frame`. */
const WORD = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g

const blank = (match: string) => ' '.repeat(match.length)

function offencesIn(file: SourceFile): Offence[] {
  const allowed = new Set(ALLOWED.filter((entry) => entry.in.test(file.path)).flatMap((entry) => entry.words))
  const text = PHRASES.reduce((rest, phrase) => rest.replace(phrase, blank), file.text)
  const offences: Offence[] = []
  for (const match of text.matchAll(WORD)) {
    const lower = match[0].toLowerCase()
    const word = BANNED.has(lower) ? lower : lower.replace(/s$/, '')
    const remedy = BANNED.get(word)
    if (remedy === undefined || allowed.has(word)) continue
    offences.push({ path: file.path, line: lineAt(file.text, match.index), message: `“${match[0]}”: ${remedy}` })
  }
  return offences
}

export const words: Rule = {
  name: 'words',
  asks: 'One word per thing: no synonym that the glossary rules out, no unfinished business.',
  check: (tree) => tree.files.filter(({ path }) => !isGenerated(path)).flatMap(offencesIn),
}
