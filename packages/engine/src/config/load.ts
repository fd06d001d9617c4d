/** Reads a config file: text to a checked `Config`, or every fault in it at once. */
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { RING_POLL_US_MAX } from '@millrace/protocol'
import { ISOLATION_LEVELS, type IsolationLevel, type Limits } from '../isolation/level.ts'
import type { Affinity, PayloadFileOptions, RingIdle, WorkerRange } from '../options.ts'
import {
  type Config,
  DRAIN_US_LEAST,
  DRAIN_US_MOST,
  FILE_BYTES_LEAST,
  type FunctionConfig,
  MEMORY_BYTES_LEAST,
  PAYLOAD_BYTES_MOST,
  QUEUE_DEFAULT,
  TIMEOUT_US_DEFAULT,
  WORKERS_DEFAULT,
} from './config.ts'
import { type ConfigDocument, type Path, readDocument } from './document.ts'
import { ConfigError, type Fault, type Place } from './faults.ts'
import { parsePayloadMax, resolveGateway } from './gateway.ts'
import type { Environment } from './interpolate.ts'
import { findConflicts } from './programs.ts'
import { canFork } from './runtimes.ts'
import { checkSchema, nameOf } from './schema.ts'
import { type Parsed, parseDuration, parseListen, parseSize } from './units.ts'

/** Names that a config file may have, in the order in which they are looked for. */
export const CONFIG_NAMES = ['millrace.yaml', 'millrace.yml', 'millrace.json'] as const

const AFFINITIES: readonly Affinity[] = ['pack', 'spread', 'auto']

/** Largest config file in bytes. A larger one is something else, given by mistake. */
const CONFIG_BYTES_MAX = 1_048_576

/** The config file of a directory; undefined: it has none. */
export function findConfig(directory: string): string | undefined {
  return CONFIG_NAMES.map((name) => join(directory, name)).find(
    (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  )
}

/** Reads `file`. Throws `ConfigError` with all its faults, each with its place. */
export function loadConfig(file: string, environment: Environment, cwd: string): Config {
  const path = resolve(cwd, file)
  const label = placeLabel(path, cwd)
  let text: string
  try {
    const { size } = statSync(path)
    if (size > CONFIG_BYTES_MAX) {
      throw new ConfigError([
        { place: undefined, message: `${label} has ${size} bytes, and is no config: the most is 1 MiB` },
      ])
    }
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a directory, not a file' : (error as Error).message
    throw new ConfigError([{ place: undefined, message: `${label}: ${why}; name a config file by --config` }])
  }
  return parseConfig(text, { path, label }, environment)
}

/** How faults name a file: from `cwd` when it lies below, else in full. */
export function placeLabel(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}

/** Makes a `Config` of a text. Pure. `path` is absolute; `label` is what faults call the file. */
export function parseConfig(text: string, file: { path: string; label: string }, environment: Environment): Config {
  const document = readDocument(file.label, text, environment)
  const faults: Fault[] = [...document.faults]
  if (document.broken) throw new ConfigError(faults)
  faults.push(...checkSchema(document))
  const reader = new Reader(document, faults)
  const directory = dirname(file.path)
  const names = Object.keys(reader.mapping(['functions']) ?? {})
  const functions = names.map((name) => readFunction(reader, name, directory))
  faults.push(...findConflicts(functions))
  const config: Config = {
    file: file.path,
    directory,
    gateway: resolveGateway(
      {
        listen: reader.parsed(['gateway', 'listen'], parseListen),
        payloadBytesMax: reader.parsed(['gateway', 'max_payload'], parsePayloadMax),
      },
      environment,
      faults,
    ),
    defaults: {
      timeoutUs: reader.parsed(['defaults', 'timeout'], parseDuration) ?? TIMEOUT_US_DEFAULT,
      queueMax: reader.number(['defaults', 'queue']) ?? QUEUE_DEFAULT,
      queueWaitUs: reader.parsed(['defaults', 'queue_wait'], parseDuration) ?? 0,
      workers: reader.workers(['defaults', 'workers']) ?? WORKERS_DEFAULT,
      isolation: reader.level(['defaults', 'isolation']) ?? 'process',
      limits: reader.limits(['defaults', 'limits']),
    },
    env: reader.variables(['env']) ?? {},
    rings: readRings(reader),
    affinity: AFFINITIES.find((one) => one === reader.text(['affinity'])), // Of another one the schema's fault tells.
    drainUs: readDrain(reader),
    prewarm: readPrewarm(reader),
    payloadFiles: readPayloadFiles(reader, directory),
    functions,
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

function readDrain(reader: Reader): number | undefined {
  const us = reader.parsed(['drain'], parseDuration)
  if (us === undefined || (us >= DRAIN_US_LEAST && us <= DRAIN_US_MOST)) return us
  const message = `drain is ${us} µs; use 1ms to 10m`
  reader.faults.push({ place: reader.document.placeOf(['drain']), message })
  return undefined
}

/** What the schema refuses is left out: its fault tells. */
function readRings(reader: Reader): RingIdle | undefined {
  const path = ['rings', 'spin']
  if (reader.mapping(['rings']) === undefined) {
    const idle = reader.text(['rings'])
    if (idle === 'park' || idle === 'auto') return idle
    if (idle !== undefined && idle !== 'off') {
      const message = `rings must be off, park, auto or { spin: 50us }, not "${idle}"`
      reader.faults.push({ place: reader.document.placeOf(['rings']), message })
    }
    return undefined
  }
  const spinUs = reader.parsed(path, parseDuration)
  if (spinUs === undefined) return undefined
  if (spinUs >= 1 && spinUs <= RING_POLL_US_MAX) return { spinUs }
  const message = `${nameOf(path)} is ${spinUs} µs; use 1us to 1ms`
  reader.faults.push({ place: reader.document.placeOf(path), message })
  return undefined
}

/** What the schema refuses is left out: its fault tells. */
function readPrewarm(reader: Reader): Record<string, number> {
  const runtimes = Object.keys(reader.mapping(['prewarm']) ?? {})
  return Object.fromEntries(
    runtimes.flatMap((runtime) => {
      const workers = reader.number(['prewarm', runtime])
      return workers === undefined ? [] : [[runtime, workers]]
    }),
  )
}

function readPayloadFiles(reader: Reader, project: string): PayloadFileOptions | false {
  if (reader.parsed(['payload_files'], parseOff) === 'off') return false
  const directory = reader.text(['payload_files', 'directory'])
  const fromBytes = reader.parsed(['payload_files', 'from'], parseFileBytes)
  return {
    ...(directory === undefined ? {} : { directory: resolve(project, directory) }),
    ...(fromBytes === undefined ? {} : { fromBytes }),
  }
}

function parseOff(text: string): Parsed<'off'> {
  if (text === 'off') return { value: text }
  return { problem: `"${text}" says nothing about payload files; use a mapping such as { from: 64KiB }, or off` }
}

function parseFileBytes(text: string): Parsed<number> {
  const size = parseSize(text)
  if ('problem' in size) return size
  if (size.value < FILE_BYTES_LEAST) return { problem: `"${text}" is too small; the least is ${FILE_BYTES_LEAST}B` }
  if (size.value > PAYLOAD_BYTES_MOST) return { problem: `"${text}" is too large; it must be below 4GiB` }
  return size
}

function readFunction(reader: Reader, name: string, directory: string): FunctionConfig {
  const path = ['functions', name]
  const entry = reader.text([...path, 'entry'])
  const handler = reader.text([...path, 'handler'])
  const cwd = reader.text([...path, 'cwd'])
  const rootfs = reader.text([...path, 'rootfs'])
  const places: Record<string, Place> = {}
  for (const key of Object.keys(reader.mapping(path) ?? {})) places[key] = reader.document.placeOfKey([...path, key])
  if (handler !== undefined && entry === undefined) {
    const message = `${nameOf(path)} has a handler but no entry; a command itself says which functions it serves`
    reader.faults.push({ place: places.handler, message })
  }
  return {
    name,
    place: reader.document.placeOfKey(path),
    places,
    entry: entry === undefined ? undefined : resolve(directory, entry),
    handler,
    command: reader.texts([...path, 'command']),
    cwd: cwd === undefined ? undefined : resolve(directory, cwd),
    env: reader.variables([...path, 'env']),
    timeoutUs: reader.parsed([...path, 'timeout'], parseDuration),
    queueMax: reader.number([...path, 'queue']),
    queueWaitUs: reader.parsed([...path, 'queue_wait'], parseDuration),
    workers: reader.workers([...path, 'workers']),
    concurrency: reader.parsed([...path, 'concurrency'], parseAuto) ?? reader.number([...path, 'concurrency']),
    exclusive: reader.flag([...path, 'exclusive']),
    isolation: reader.level([...path, 'isolation']),
    network: reader.flag([...path, 'network']),
    mounts: reader.texts([...path, 'mounts'])?.map((mount) => resolve(directory, mount)),
    rootfs: rootfs === undefined ? undefined : resolve(directory, rootfs),
    limits: reader.limits([...path, 'limits']),
    fork: readFork(reader, path, entry),
  }
}

function parseMemory(text: string): Parsed<number> {
  const size = parseSize(text)
  if ('problem' in size || size.value >= MEMORY_BYTES_LEAST) return size
  return { problem: `"${text}" is too little for any worker; the least is 4MiB` }
}

function parseFileSize(text: string): Parsed<number> {
  const size = parseSize(text)
  return 'problem' in size || size.value >= 1 ? size : { problem: `"${text}" lets nothing be written; use at least 1B` }
}

function readFork(reader: Reader, path: Path, entry: string | undefined): boolean | undefined {
  const fork = reader.flag([...path, 'fork'])
  if (fork === true && (entry === undefined || !canFork(entry))) {
    const what = entry === undefined ? 'a command' : `the entry ${entry}`
    const message = `${nameOf([...path, 'fork'])}: ${what} has no zygote to fork from; only Python entries have: leave it out`
    reader.faults.push({ place: reader.document.placeOf([...path, 'fork']), message })
  }
  return fork
}

function parseAuto(text: string): Parsed<'auto'> {
  if (text === 'auto') return { value: text }
  return { problem: `"${text}" is no number of calls; use a whole number from 1 to 65535, or auto` }
}

/** Takes values out of a document that may be wrong anywhere: a value of another kind is one not given. */
class Reader {
  readonly document: ConfigDocument
  readonly faults: Fault[]

  constructor(document: ConfigDocument, faults: Fault[]) {
    this.document = document
    this.faults = faults
  }

  mapping(path: Path): Readonly<Record<string, unknown>> | undefined {
    const value = this.#at(path)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  }

  text(path: Path): string | undefined {
    const value = this.#at(path)
    return typeof value === 'string' ? value : undefined
  }

  number(path: Path): number | undefined {
    const value = this.#at(path)
    return typeof value === 'number' ? value : undefined
  }

  flag(path: Path): boolean | undefined {
    const value = this.#at(path)
    return typeof value === 'boolean' ? value : undefined
  }

  /** A number of workers, or a range of them. */
  workers(path: Path): number | WorkerRange | undefined {
    if (this.mapping(path) === undefined) return this.number(path)
    const max = this.number([...path, 'max'])
    if (max === undefined) return undefined // The schema's fault tells.
    const min = this.number([...path, 'min']) ?? Math.min(WORKERS_DEFAULT, max)
    if (min > max) {
      const message = `${nameOf([...path, 'min'])} is ${min}, above max (${max}); make it at most ${max}`
      this.faults.push({ place: this.document.placeOf([...path, 'min']), message })
    }
    const idleUs = this.parsed([...path, 'idle'], parseDuration)
    const warm = this.number([...path, 'warm'])
    const pauseAfterUs = this.parsed([...path, 'pause_after'], parseDuration)
    if (warm !== undefined && warm > max) {
      const message = `${nameOf([...path, 'warm'])} is ${warm}, above max (${max}); make it at most ${max}`
      this.faults.push({ place: this.document.placeOf([...path, 'warm']), message })
    }
    return {
      min,
      max,
      ...(idleUs === undefined ? {} : { idleUs }),
      ...(warm === undefined ? {} : { warm }),
      ...(pauseAfterUs === undefined ? {} : { pauseAfterUs }),
    }
  }

  level(path: Path): IsolationLevel | undefined {
    const text = this.text(path)
    return ISOLATION_LEVELS.find((level) => level === text) // Of another one the schema's fault tells.
  }

  limits(path: Path): Limits | undefined {
    if (this.mapping(path) === undefined) return undefined
    const memoryBytes = this.parsed([...path, 'memory'], parseMemory)
    const cpus = this.number([...path, 'cpus'])
    const pids = this.number([...path, 'pids'])
    const openFiles = this.number([...path, 'open_files'])
    const fileBytes = this.parsed([...path, 'file_size'], parseFileSize)
    return {
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(cpus === undefined ? {} : { cpus }),
      ...(pids === undefined ? {} : { pids }),
      ...(openFiles === undefined ? {} : { openFiles }),
      ...(fileBytes === undefined ? {} : { fileBytes }),
    }
  }

  texts(path: Path): readonly string[] | undefined {
    const value = this.#at(path)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  }

  variables(path: Path): Readonly<Record<string, string>> | undefined {
    const value = this.mapping(path)
    return value && Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]))
  }

  parsed<T>(path: Path, parse: (text: string) => Parsed<T>): T | undefined {
    const text = this.text(path)
    if (text === undefined) return undefined
    const result = parse(text)
    if ('value' in result) return result.value
    this.faults.push({ place: this.document.placeOf(path), message: `${nameOf(path)}: ${result.problem}` })
    return undefined
  }

  #at(path: Path): unknown {
    let value: unknown = this.document.value
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
      value = (value as Record<string | number, unknown>)[step]
    }
    return value
  }
}
