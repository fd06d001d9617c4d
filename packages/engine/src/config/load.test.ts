import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from './faults.ts'
import type { Environment } from './interpolate.ts'
import { findConfig, loadConfig, parseConfig } from './load.ts'

const FILE = { path: '/p/millrace.yaml', label: 'millrace.yaml' }

/** Reads a config whose functions are `functions`, one line each, from line 3 on. */
function read(text: string, environment: Environment = {}) {
  return parseConfig(text, FILE, environment)
}

function faultsOf(text: string, environment: Environment = {}): string[] {
  try {
    read(text, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

describe('parseConfig', () => {
  it('reads a whole config, with defaults where it says nothing', () => {
    const config = read(
      `version: 1
gateway: { listen: "[::1]:0", max_payload: 1MiB }
defaults: { timeout: 1s, queue: 16, workers: 2 }
env: { REGION: eu, KEY: "\${KEY:-none}", N: 1 }
functions:
  foo: { entry: functions/foo.ts }
  bar: { entry: functions/bar.ts, handler: other, timeout: 50ms, workers: 3, concurrency: 8, queue: 0 }
  sum: { command: ["./bin/sum", "-v"], cwd: w, env: { A: true } }
`,
    )
    expect(config).toMatchObject({
      file: '/p/millrace.yaml',
      directory: '/p',
      gateway: { host: '::1', port: 0, payloadBytesMax: 1_048_576 },
      defaults: { timeoutUs: 1_000_000, queueMax: 16, workers: 2 },
      env: { REGION: 'eu', KEY: 'none', N: '1' },
      functions: [
        { name: 'foo', entry: '/p/functions/foo.ts', handler: undefined, timeoutUs: undefined },
        { name: 'bar', handler: 'other', timeoutUs: 50_000, workers: 3, concurrency: 8, queueMax: 0 },
        { name: 'sum', entry: undefined, command: ['./bin/sum', '-v'], cwd: '/p/w', env: { A: 'true' } },
      ],
    })
    expect(config.functions[1]?.place).toEqual({ file: 'millrace.yaml', line: 7, column: 3 })
    expect(read('version: 1\nfunctions: { a: { entry: a.ts } }')).toMatchObject({
      gateway: { host: '127.0.0.1', port: 8080, payloadBytesMax: 8_388_608 },
      defaults: { timeoutUs: 60_000_000, queueMax: 4_096, workers: 1 },
    })
  })

  it('reads where payload files lie and from which size on, or that there are none', () => {
    const withFiles = (value: string) =>
      read(`version: 1\npayload_files: ${value}\nfunctions: { a: { entry: a.ts } }`).payloadFiles
    expect(withFiles('{ directory: mem, from: 16KiB }')).toEqual({ directory: '/p/mem', fromBytes: 16_384 })
    expect(withFiles('{}')).toEqual({})
    expect(withFiles('off')).toBe(false)
    expect(read('version: 1\nfunctions: { a: { entry: a.ts } }').payloadFiles).toEqual({})
  })

  it.each([
    ['off', undefined],
    ['park', 'park'],
    ['auto', 'auto'],
    ['{ spin: 1us }', { spinUs: 1 }],
    ['{ spin: 1ms }', { spinUs: 1_000 }],
  ])('reads rings: %s', (text, rings) => {
    expect(read(`version: 1\nrings: ${text}\nfunctions: { a: { entry: a.ts } }`).rings).toEqual(rings)
  })

  it.each([
    ['on', /^millrace\.yaml:2:8: .*rings.*off, park, auto or/],
    ['{ spin: 0s }', /^millrace\.yaml:2:16: rings\.spin is 0 µs; use 1us to 1ms/],
    ['{ spin: 1.1ms }', /^millrace\.yaml:2:16: rings\.spin is 1100 µs; use 1us to 1ms/],
    ['{}', /^millrace\.yaml:2:8: the key "spin" is missing/],
  ])('refuses rings: %s', (text, fault) => {
    expect(faultsOf(`version: 1\nrings: ${text}\nfunctions: { a: { entry: a.ts } }`).join('\n')).toMatch(fault)
  })

  it.each(['pack', 'spread', 'auto'])('reads affinity: %s', (affinity) => {
    expect(read(`version: 1\naffinity: ${affinity}\nfunctions: { a: { entry: a.ts } }`).affinity).toBe(affinity)
  })

  it('refuses another affinity with those that there are, and has none when none is given', () => {
    const text = 'version: 1\naffinity: pinned\nfunctions: { a: { entry: a.ts } }'
    expect(faultsOf(text)).toEqual(['millrace.yaml:2:11: affinity must be pack, spread or auto, not "pinned"'])
    expect(read('version: 1\nfunctions: { a: { entry: a.ts } }').affinity).toBeUndefined()
  })

  it('reads the time of a drain, and refuses one that is no drain or keeps a host from ending', () => {
    const functions = 'functions: { a: { entry: a.ts } }'
    expect(read(`version: 1\ndrain: 90s\n${functions}`).drainUs).toBe(90_000_000)
    expect(read(`version: 1\n${functions}`).drainUs).toBeUndefined()
    expect(faultsOf(`version: 1\ndrain: 0s\n${functions}`)).toEqual([
      'millrace.yaml:2:8: drain is 0 µs; use 1ms to 10m',
    ])
    expect(faultsOf(`version: 1\ndrain: 11m\n${functions}`).join()).toMatch(
      /^millrace\.yaml:2:8: drain is .*1ms to 10m/,
    )
  })

  it('reads JSON as well', () => {
    expect(read('{"version": 1, "functions": {"a": {"entry": "a.ts"}}}').functions[0]?.entry).toBe('/p/a.ts')
  })

  it.each([
    ['a key misspelt', 'tiemout: 50ms', '3:23: unknown key "tiemout" in functions.foo; did you mean "timeout"?'],
    [
      'a key unlike any',
      'zzz: 1',
      '3:23: unknown key "zzz" in functions.foo; known: entry, handler, command, cwd, env, timeout, queue, queue_wait, workers, concurrency, exclusive, isolation, network, mounts, rootfs, limits, fork',
    ],
    [
      'a time without a unit',
      'timeout: 50',
      '3:32: functions.foo.timeout must be a time with its unit such as 50ms, 2s or 1m, not 50',
    ],
    [
      'a time in a wrong unit',
      'timeout: 5min',
      '3:32: functions.foo.timeout: "min" is not a unit of time; use us, ms, s, m or h',
    ],
    [
      'no worker',
      'workers: 0',
      '3:32: functions.foo.workers must be a whole number from 1 to 256, or a range such as { min: 1, max: 8 }, not 0',
    ],
    [
      'a 257th worker',
      'workers: 257',
      '3:32: functions.foo.workers must be a whole number from 1 to 256, or a range such as { min: 1, max: 8 }, not 257',
    ],
    [
      'a range upside down',
      'workers: { min: 3, max: 2 }',
      '3:39: functions.foo.workers.min is 3, above max (2); make it at most 2',
    ],
    ['a range without an end', 'workers: { min: 3 }', '3:32: the key "max" is missing; add it'],
    [
      'concurrency by another word',
      'concurrency: all',
      '3:36: functions.foo.concurrency: "all" is no number of calls; use a whole number from 1 to 65535, or auto',
    ],
    [
      'half a worker',
      'workers: 1.5',
      '3:32: functions.foo.workers must be a whole number from 1 to 256, or a range such as { min: 1, max: 8 }, not 1.5',
    ],
    [
      'a number as a text',
      'concurrency: "8"',
      '3:36: functions.foo.concurrency: "8" is no number of calls; use a whole number from 1 to 65535, or auto',
    ],
    ['an entry and a command', 'command: [x]', '3:3: functions.foo has both an entry and a command; keep one'],
    [
      'a list as a variable',
      'env: { A: [1] }',
      '3:33: functions.foo.env.A must be a text, a number, true or false, not a list',
    ],
    [
      'a bad name of a variable',
      'env: { 1A: x }',
      '3:30: "1A" cannot name a variable; use letters, digits and "_", no digit first',
    ],
    [
      'a variable that is not set',
      `cwd: "\${NONE}"`,
      `3:28: the environment has no NONE; set it, or write \${NONE:-default}`,
    ],
    [
      'a level that is none',
      'isolation: jail',
      '3:34: functions.foo.isolation must be process, sandbox or oci, not "jail"',
    ],
    [
      'a memory limit without a unit',
      'limits: { memory: "64" }',
      '3:41: functions.foo.limits.memory: "64" has no unit; write 64B, 64KiB or 64MiB',
    ],
    [
      'a memory limit too small',
      'limits: { memory: 1MiB }',
      '3:41: functions.foo.limits.memory: "1MiB" is too little for any worker; the least is 4MiB',
    ],
    [
      'no processor at all',
      'limits: { cpus: 0 }',
      '3:39: functions.foo.limits.cpus must be a number from 0.01 to 1024, not 0',
    ],
    [
      'an entry that cannot be forked',
      'fork: true',
      '3:29: functions.foo.fork: the entry a.ts has no zygote to fork from; only Python entries have: leave it out',
    ],
    ['one key twice', 'entry: b.ts', '3:23: the key "entry" is given twice; keep one'],
  ])('names the place and the fix for %s', (_, setting, expected) => {
    expect(faultsOf(`version: 1\nfunctions:\n  foo: { entry: a.ts, ${setting} }\n`)).toEqual([
      `millrace.yaml:${expected}`,
    ])
  })

  it.each([
    ['an empty file', '', '1:1: the config must be a mapping that begins with "version: 1", not nothing'],
    ['a list', '- a', '1:1: the config must be a mapping that begins with "version: 1", not a list'],
    ['no version', 'functions: { a: { entry: a.ts } }', '1:1: the key "version" is missing; write "version: 1"'],
    [
      'version 2',
      'version: 2\nfunctions: { a: { entry: a.ts } }',
      '1:10: version must be 1, the only version of this format, not 2',
    ],
    [
      'no function',
      'version: 1\nfunctions: {}',
      '2:12: functions must be a mapping with at least one function, such as { hello: { entry: hello.ts } }, not an empty mapping',
    ],
    [
      'a function that says nothing',
      'version: 1\nfunctions: { a: {} }',
      '2:14: functions.a needs an entry (a file) or a command',
    ],
    [
      'a function without settings',
      'version: 1\nfunctions:\n  a:\n',
      '3:5: functions.a must be a mapping such as { entry: functions/hello.ts }, not nothing',
    ],
    [
      'a bad name of a function',
      'version: 1\nfunctions: { "a b": { entry: a.ts } }',
      '2:14: "a b" cannot name a function; use letters, digits, ".", "-" and "_", a letter or digit first, 128 at most',
    ],
    [
      'a command written as a text',
      'version: 1\nfunctions: { a: { command: ./x } }',
      '2:28: functions.a.command must be a list such as ["python3", "worker.py"], not "./x"',
    ],
    [
      'a handler of a command',
      'version: 1\nfunctions: { a: { command: [x], handler: y } }',
      '2:33: functions.a has a handler but no entry; a command itself says which functions it serves',
    ],
    [
      'a payload limit below one message',
      'version: 1\ngateway: { max_payload: 959B }\nfunctions: { a: { entry: a.ts } }',
      '2:25: gateway.max_payload: "959B" is too small; the least is 960B, one message',
    ],
    [
      'payload files from less than two messages',
      'version: 1\npayload_files: { from: 960B }\nfunctions: { a: { entry: a.ts } }',
      '2:24: payload_files.from: "960B" is too small; the least is 961B',
    ],
    [
      'payload files that are neither',
      'version: 1\npayload_files: on\nfunctions: { a: { entry: a.ts } }',
      '2:16: payload_files: "on" says nothing about payload files; use a mapping such as { from: 64KiB }, or off',
    ],
    ['a tab', 'version: 1\nfunctions:\n\ta: {}', '3:1: a tab indents this line; YAML allows only spaces'],
    [
      'workers of one entry that differ',
      'version: 1\nfunctions:\n  a: { entry: x.ts, workers: 2 }\n  b: { entry: x.ts, workers: 3 }',
      '4:21: functions.b.workers is not that of functions.a (line 3), but both share the workers of the entry x.ts; make them equal, or give one a program of its own',
    ],
  ])('names the place and the fix for %s', (_, text, expected) => {
    expect(faultsOf(text)).toEqual([`millrace.yaml:${expected}`])
  })

  it('lists every fault at once, in the order of the file', () => {
    const places = faultsOf(
      'versoin: 1\ngateway: { listen: 8080 }\ndefaults: { worker: 2 }\nfunctions:\n  a: { entry: x.ts, timeout: 5 }\n  b: {}\n',
    ).map((line) => line.split(':').slice(1, 3).join(':'))
    expect(places).toEqual(['1:1', '1:1', '2:20', '3:13', '5:30', '6:3'])
  })

  it('puts the environment over the gateway of the file, and PORT over its port alone', () => {
    const text = 'version: 1\ngateway: { listen: 127.0.0.2:1 }\nfunctions: { a: { entry: a.ts } }'
    expect(read(text, { PORT: '2' }).gateway).toMatchObject({ host: '127.0.0.2', port: 2 })
    expect(read(text, { PORT: '2', MILLRACE_GATEWAY__LISTEN: '127.0.0.3:3' }).gateway).toMatchObject({
      host: '127.0.0.3',
      port: 3,
    })
    expect(read(text, { MILLRACE_GATEWAY__MAX_PAYLOAD: '1KiB' }).gateway.payloadBytesMax).toBe(1_024)
    expect(faultsOf(text, { PORT: 'x' })).toEqual([`the environment's PORT: "x" is not a port; use 0 to 65535`])
    expect(faultsOf(text, { MILLRACE_GATEWAY__LISTN: 'x' })).toEqual([
      `the environment's MILLRACE_GATEWAY__LISTN sets no known key of the gateway; did you mean "LISTEN"?`,
    ])
  })
})

describe('loadConfig', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-load-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('finds millrace.yaml before .yml before .json, and nothing in an empty directory', () => {
    expect(findConfig(directory)).toBeUndefined()
    for (const name of ['millrace.json', 'millrace.yml', 'millrace.yaml']) {
      writeFileSync(join(directory, name), '')
      expect(findConfig(directory)).toBe(join(directory, name))
    }
  })

  it('says in one line that a file is not there, is a directory, or is far too large', () => {
    writeFileSync(join(directory, 'huge.yaml'), '#'.repeat(1_048_577))
    expect(() => loadConfig('none.yaml', {}, directory)).toThrow(
      'none.yaml: no such file; name a config file by --config',
    )
    expect(() => loadConfig('..', {}, join(directory, 'x'))).toThrow('a directory, not a file')
    expect(() => loadConfig('huge.yaml', {}, directory)).toThrow('has 1048577 bytes, and is no config')
  })
})
