/**
 * Imports go one way, and never in a ring. Two files of one folder may name one another's types: nothing of that is
 * left when the code runs.
 */
import { posix } from 'node:path'
import ts from 'typescript'
import type { Offence, Rule } from '../rule.ts'
import { isForTests, lineAt, type SourceFile, type Tree } from '../tree.ts'

/**
 * The engine's rooms, lowest first; a file may import from its own room and from those before it. What must flow back
 * goes through an interface that the lower room declares. A file of the engine that no line matches is an offence.
 */
const ENGINE = 'packages/engine/src/'
const ENGINE_ROOMS: readonly (readonly [room: string, ...patterns: RegExp[]])[] = [
  ['isolation', /^isolation\//],
  ['base', /^base\//, /^option(s|-check)(\.test)?\.ts$/, /^world\.ts$/],
  ['observe', /^observe\//],
  ['affinity', /^affinity\//],
  ['call', /^call\//],
  ['registry', /^registry\//],
  ['channel', /^channel\//],
  ['worker', /^worker\//],
  ['dispatcher', /^dispatcher\//],
  ['program', /^program\//],
  ['gateway', /^gateway\//, /^engine-api\.ts$/],
  ['shard', /^shard\//],
  ['engine', /^engine(-[a-z]+)?\.ts$/, /^local-world\.ts$/, /^isolated-launch\.ts$/, /^index\.ts$/],
  ['testing', /^testing\//],
  ['config', /^config\//],
  ['cli', /^cli\//],
]

/** What a package may import besides its own files and Node's modules. */
const PACKAGES: readonly { readonly below: string; readonly may: readonly RegExp[]; readonly unless?: RegExp }[] = [
  { below: 'packages/protocol/src/', may: [/^@bufbuild\/protobuf(\/|$)/] },
  { below: 'packages/sdk-node/src/', may: [/^@millrace\/protocol(\/|$)/], unless: /\/(testing|segment)\.ts$/ },
  { below: 'packages/sdk-node/src/segment.ts', may: [/^@millrace\/protocol$/, /^koffi$/] },
]

/** The wire's hot path: it never touches protobuf, so it may not reach what does. */
const HOT_MAY_NOT_IMPORT_COLD = {
  below: 'packages/protocol/src/',
  cold: /(^|\/)(cold(-[a-z-]+)?\.ts|generated\/proto\/.*)$/,
  mayReachIt: /(^|\/)(cold(-[a-z-]+)?\.ts|index\.ts)$/,
}

interface Import {
  readonly from: SourceFile
  readonly line: number
  readonly specifier: string
  /** `import type`, `export type`: gone when the code runs. */
  readonly isTypeOnly: boolean
  /** The file it names, from the repository's top folder, when it is one of ours. */
  readonly target?: string
}

function importsOf(tree: Tree): Import[] {
  return tree.ending('.ts').flatMap((from) =>
    ts.preProcessFile(from.text, true, true).importedFiles.map(({ fileName, pos }) => {
      const line = lineAt(from.text, pos)
      const statement = from.text
        .slice(0, pos)
        .match(/^(?:import|export)\b(?![\s\S]*^(?:import|export)\b)[\s\S]*/m)?.[0]
      const isTypeOnly = /^(?:import|export) type\b/.test(statement ?? '')
      if (!fileName.startsWith('.')) return { from, line, specifier: fileName, isTypeOnly }
      const target = posix.normalize(posix.join(posix.dirname(from.path), fileName))
      return { from, line, specifier: fileName, isTypeOnly, target }
    }),
  )
}

function roomOf(path: string): number | undefined {
  if (!path.startsWith(ENGINE)) return undefined
  const inside = path.slice(ENGINE.length)
  return ENGINE_ROOMS.findIndex(([, ...patterns]) => patterns.some((pattern) => pattern.test(inside)))
}

function roomOffences(tree: Tree, all: readonly Import[]): Offence[] {
  const homeless = tree.files.filter((file) => roomOf(file.path) === -1)
  const offences: Offence[] = homeless.map(({ path }) => ({
    path,
    message: 'lies in no room: give it one in tools/tidy/rules/imports.ts',
  }))
  for (const { from, line, target } of all) {
    if (target === undefined || isForTests(from.path)) continue
    const [own, other] = [roomOf(from.path), roomOf(target)]
    if (own === undefined || other === undefined || own === -1 || other <= own) continue
    const message = `${ENGINE_ROOMS[own]?.[0]} may not import ${ENGINE_ROOMS[other]?.[0]}: declare an interface below`
    offences.push({ path: from.path, line, message })
  }
  return offences
}

/** Where what runs imports what only tests do. */
function testOffences(all: readonly Import[]): Offence[] {
  return all
    .filter(({ from, target }) => target !== undefined && isForTests(target) && !isForTests(from.path))
    .filter(({ from }) => !/^packages\/[\w-]+\/test\//.test(from.path))
    .map(({ from, line, specifier }) => ({ path: from.path, line, message: `${specifier} is for tests only` }))
}

function packageOffences(all: readonly Import[]): Offence[] {
  const offences: Offence[] = []
  for (const { from, line, specifier, target } of all) {
    for (const { below, may, unless } of PACKAGES) {
      if (!from.path.startsWith(below) || isForTests(from.path) || unless?.test(from.path)) continue
      const isOwn = target?.startsWith(below) ?? false
      if (isOwn || specifier.startsWith('node:') || may.some((pattern) => pattern.test(specifier))) continue
      offences.push({ path: from.path, line, message: `${below} may not import ${specifier}` })
    }
    const { below, cold, mayReachIt } = HOT_MAY_NOT_IMPORT_COLD
    if (!from.path.startsWith(below) || from.path.includes('/generated/') || isForTests(from.path)) continue
    if (target !== undefined && cold.test(target) && !mayReachIt.test(from.path)) {
      offences.push({ path: from.path, line, message: `the hot path may not import ${specifier}, which is cold` })
    }
  }
  return offences
}

/** One offence for each ring of imports, told once, from its first file in the alphabet. */
function ringOffences(all: readonly Import[]): Offence[] {
  const targets = new Map<string, string[]>()
  for (const { from, target, isTypeOnly } of all) {
    if (target === undefined || (isTypeOnly && posix.dirname(target) === posix.dirname(from.path))) continue
    targets.set(from.path, [...(targets.get(from.path) ?? []), target])
  }
  const offences: Offence[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path)
    if (at !== -1) {
      const ring = trail.slice(at)
      offences.push({ path: ring.toSorted()[0]!, message: `imports go in a ring: ${[...ring, path].join(' → ')}` })
      return
    }
    if (done.has(path)) return
    for (const target of targets.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) walk(path, [])
  return offences
}

export const imports: Rule = {
  name: 'imports',
  asks: 'Imports go one way between rooms and packages, never in a ring.',
  check(tree) {
    const all = importsOf(tree)
    return [...roomOffences(tree, all), ...packageOffences(all), ...testOffences(all), ...ringOffences(all)]
  },
}
