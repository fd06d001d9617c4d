import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'
import { findExecutable, probePrograms } from './probe.ts'
import { planFile, planPrograms } from './programs.ts'

const HOSTS = {
  node: { command: ['node', 'host.js'], env: {}, mounts: ['/modules'] },
  python: { command: ['python3', '-m', 'millrace'], env: { PYTHONPATH: '/sdk' }, mounts: ['/sdk'] },
}

function config(functions: string, directory = '/p') {
  return parseConfig(
    `version: 1\nenv: { ALL: "1" }\nfunctions:\n${functions}`,
    { path: `${directory}/m.yaml`, label: 'm.yaml' },
    {},
  )
}

describe('planPrograms', () => {
  it('lets functions of one entry or one command share a program, and gives a handler its own', () => {
    const programs = planPrograms(
      config(`  a: { entry: x.ts, timeout: 5ms }
  b: { entry: x.ts, workers: 2, env: { E: e } }
  c: { entry: x.ts, handler: other }
  d: { command: [python3, w.py], cwd: sub }
  e: { command: [python3, w.py] }
  f: { command: [python3, v.py] }
`),
      HOSTS,
    )
    expect(programs.map((program) => program.options)).toEqual([
      {
        name: 'x',
        command: ['node', 'host.js', '/p/x.ts'],
        cwd: '/p',
        env: { ALL: '1', E: 'e' },
        functions: [{ name: 'a', timeoutUs: 5_000 }, { name: 'b' }],
        workers: 2,
      },
      {
        name: 'c',
        command: ['node', 'host.js', '/p/x.ts', '--handler', 'other', '--name', 'c'],
        cwd: '/p',
        env: { ALL: '1' },
        functions: [{ name: 'c' }],
        workers: 1,
      },
      {
        name: 'w',
        command: ['python3', 'w.py'],
        cwd: '/p/sub',
        env: { ALL: '1' },
        functions: [{ name: 'd' }, { name: 'e' }],
        workers: 1,
      },
      {
        name: 'f',
        command: ['python3', 'v.py'],
        cwd: '/p',
        env: { ALL: '1' },
        functions: [{ name: 'f' }],
        workers: 1,
      },
    ])
  })

  it('takes a range of workers, and leaves the concurrency to the engine', () => {
    const [f, g] = planPrograms(
      config(
        '  f: { entry: f.ts, concurrency: auto }\n  g: { entry: g.ts, workers: { min: 0, max: 4, idle: 2s }, exclusive: true }\n',
      ),
      HOSTS,
    )
    expect(f?.options).toMatchObject({ workers: 1, managed: true })
    expect(f?.options).not.toHaveProperty('concurrency')
    expect(g?.options).toMatchObject({ workers: { min: 0, max: 4, idleUs: 2_000_000 }, exclusive: true })
  })

  it('forks the workers of a Python entry when one of its functions says so', () => {
    const [a, b] = planPrograms(
      config('  a: { entry: a.py, fork: true }\n  b: { entry: a.py }\n  c: { entry: c.py }\n'),
      HOSTS,
    )
    expect(a?.options).toMatchObject({ fork: true, functions: [{ name: 'a' }, { name: 'b' }] })
    expect(b?.options).not.toHaveProperty('fork')
    expect(() => config('  a: { entry: a.py, fork: true }\n  b: { entry: a.py, fork: false }\n')).toThrow(
      /b\.fork is not that/,
    )
  })

  it('refuses to fork what is shut off or limited, with its place', () => {
    for (const setting of ['isolation: sandbox', 'limits: { pids: 9 }']) {
      expect(() => planPrograms(config(`  a: { entry: a.py, ${setting}, fork: true }\n`), HOSTS)).toThrow(
        'functions.a.fork needs isolation process and no limits; leave out fork, or those',
      )
    }
  })

  it('gives two programs of one stem two names', () => {
    const names = planPrograms(
      config('  a: { entry: x/i.ts }\n  b: { entry: x/i.ts }\n  c: { entry: y/i.ts }\n  d: { entry: y/i.ts }\n'),
      HOSTS,
    ).map((program) => program.options.name)
    expect(names).toEqual(['i', 'i-2'])
  })

  it.each([
    [
      'x.go',
      'no runtime takes a .go file as an entry (known: .ts, .mts, .js, .mjs, .cjs, .py); start it with a command instead',
    ],
    [
      'x',
      'no runtime takes a file without a suffix as an entry (known: .ts, .mts, .js, .mjs, .cjs, .py); start it with a command instead',
    ],
  ])('refuses the entry %s and says what to do', (entry, problem) => {
    expect(() => planPrograms(config(`  a: { entry: ${entry} }`), HOSTS)).toThrow(
      `m.yaml:4:8: functions.a.entry: ${problem}`,
    )
  })

  it("runs a Python entry by the SDK's module, where the SDK lies", () => {
    const [program] = planPrograms(config('  a: { entry: x.py, handler: f, env: { B: 2 } }'), HOSTS)
    expect(program?.options.command).toEqual(['python3', '-m', 'millrace', '/p/x.py', '--handler', 'f', '--name', 'a'])
    expect(program?.options.env).toMatchObject({ PYTHONPATH: '/sdk', B: '2' })
  })

  it('takes env in any order as equal, and names both lines when it differs', () => {
    const shared = (env: string) => `  a: { entry: x.ts, env: { A: 1, B: 2 } }\n  b: { entry: x.ts, env: ${env} }\n`
    expect(planPrograms(config(shared('{ B: 2, A: 1 }')), HOSTS)).toHaveLength(1)
    expect(() => config(shared('{ A: 1 }'))).toThrow('m.yaml:5:21: functions.b.env is not that of functions.a (line 4)')
  })
})

describe('isolation', () => {
  it('lets a shut off program read the project, its runtime and its mounts', () => {
    const programs = planPrograms(
      config(`  a: { entry: x.ts, isolation: sandbox, mounts: [data], network: true, limits: { memory: 64MiB, cpus: 0.5 } }
  b: { entry: y.py, isolation: oci, limits: { pids: 64 } }
  c: { command: [./c], isolation: oci, rootfs: image }
  d: { command: [./d], limits: { pids: 9 } }
`),
      HOSTS,
    )
    expect(programs.map(({ options }) => options.isolation)).toEqual([
      {
        level: 'sandbox',
        limits: { memoryBytes: 67_108_864, cpus: 0.5 },
        network: true,
        mounts: ['/p', '/modules', '/p/data'],
      },
      { level: 'oci', limits: { pids: 64 }, mounts: ['/p', '/sdk'] },
      { level: 'oci', rootfs: '/p/image', mounts: [] },
      { level: 'process', limits: { pids: 9 } },
    ])
  })

  it('refuses what means nothing at the level process, with its place', () => {
    expect(() => planPrograms(config('  a: { entry: x.ts, network: true }\n'), HOSTS)).toThrow(
      'm.yaml:4:21: functions.a.network means nothing at isolation process; add isolation: sandbox or oci',
    )
  })

  it('refuses functions that share workers and want them shut off differently', () => {
    const text = '  a: { entry: x.ts, isolation: sandbox }\n  b: { entry: x.ts, isolation: oci }\n'
    expect(() => config(text)).toThrow('functions.b.isolation is not that of functions.a (line 4)')
  })
})

describe('planFile', () => {
  it('serves whatever the file defines, under the name of the file', () => {
    expect(planFile('/p/my hello.ts', 1, HOSTS).options).toEqual({
      name: 'my-hello',
      command: ['node', 'host.js', '/p/my hello.ts'],
      env: {},
      cwd: '/p',
      workers: 1,
    })
  })
})

describe('probePrograms', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-probe-'))
    mkdirSync(join(directory, 'sub'))
    writeFileSync(join(directory, 'x.ts'), '')
    writeFileSync(join(directory, 'plain'), '')
    writeFileSync(join(directory, 'tool'), '')
    chmodSync(join(directory, 'tool'), 0o755)
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('names each missing file, directory and interpreter with its place and the fix', () => {
    const programs = planPrograms(
      config(
        `  a: { entry: none.ts }
  b: { entry: x.ts }
  c: { command: [no-such-interpreter] }
  d: { command: [./plain] }
  e: { command: [./none], cwd: sub }
  f: { command: [./tool], cwd: gone }
  g: { command: [./tool] }
  h: { command: [tool] }
  i: { command: [./sub] }
`,
        directory,
      ),
      { ...HOSTS, node: { command: [process.execPath], env: {}, mounts: [] } },
    )
    expect(
      probePrograms(programs, { PATH: directory }).map((fault) => [
        fault.place?.line,
        fault.place?.column,
        fault.message,
      ]),
    ).toEqual([
      [4, 8, `functions.a.entry: ${directory}/none.ts: no such file; check the path`],
      [6, 8, 'functions.c.command: no-such-interpreter is not on the PATH; install it, or write its full path'],
      [7, 8, `functions.d.command: ${directory}/plain may not be executed; run: chmod +x ${directory}/plain`],
      [8, 8, `functions.e.command: ${directory}/sub/none: no such file; build it first, or check the path`],
      [9, 27, `functions.f.cwd: ${directory}/gone is no directory; make it, or check the path`],
      [12, 8, `functions.i.command: ${directory}/sub is a directory; name the program in it`],
    ])
  })

  it('looks for a name without a slash on the path alone', () => {
    expect(findExecutable('tool', directory, '/nowhere')).toBe(
      'tool is not on the PATH; install it, or write its full path',
    )
    expect(findExecutable('tool', '/', `/nowhere:${directory}`)).toBeUndefined()
  })
})
