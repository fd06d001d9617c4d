/** What a worker may use, with real processes and the host's cgroups. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Isolation, Limits } from '../../src/isolation/level.ts'
import { HostGroups } from '../../src/isolation/worker-group.ts'
import { bytes } from '../stage.ts'
import { host, NODE, RAW_WORKER, rawProgram } from './host.ts'
import { runScript } from './script-worker.ts'

const MIB = 1_048_576
const ALL: Limits = { memoryBytes: 64 * MIB, cpus: 0.5, pids: 20 }
/** On a host whose cgroups cannot be written the engine refuses limits, and these tests are skipped. */
const fault = new HostGroups().fault(ALL)
if (fault !== undefined) console.error(`skipped: ${fault}`)

const LEVELS = ['process', 'sandbox', 'oci'] as const
const limited = (level: Isolation['level'], limits?: Limits): Isolation =>
  limits === undefined ? { level } : { level, limits }

describe.skipIf(fault !== undefined).each(LEVELS)('at the level %s', (level) => {
  test('a worker that passes its memory limit is killed, and that is told', async () => {
    // `tail` keeps the longest line, and all of this is one.
    const script = 'x=$(head -c 200000000 /dev/zero | tr "\\0" x); exit 7'
    expect(await runScript(script, limited(level))).not.toHaveProperty('passedMemoryBytes')
    expect(await runScript(script, limited(level, { memoryBytes: 32 * MIB }))).toMatchObject({
      passedMemoryBytes: 32 * MIB,
    })
  })

  test('a fork bomb stops at the limit of processes', async () => {
    const bomb = [
      'import os, signal',
      'children = []',
      'try:',
      '    for _ in range(40):',
      '        child = os.fork()',
      '        if child == 0: signal.pause()',
      '        children.append(child)',
      'except BlockingIOError: pass',
      'for child in children: os.kill(child, signal.SIGKILL)',
      'print(len(children))',
    ].join('\n')
    const python = { command: '/usr/bin/python3' }
    expect((await runScript(bomb, limited(level), () => {}, python)).lines).toEqual(['40'])
    const { lines } = await runScript(bomb, limited(level, { pids: 20 }), () => {}, python)
    expect(Number(lines[0])).toBeLessThan(20)
  })
})

describe.each(LEVELS)('at the level %s, without a cgroup,', (level) => {
  const python = { command: '/usr/bin/python3' }

  test('a process opens no more files than its limit', async () => {
    const script = [
      'import os, errno',
      'opened = 0',
      'try:',
      '    while opened < 100: os.open("/dev/null", os.O_RDONLY); opened += 1',
      'except OSError as error: print(errno.errorcode[error.errno], opened < 32)',
    ].join('\n')
    expect((await runScript(script, limited(level), () => {}, python)).lines).toEqual([])
    const { lines } = await runScript(script, limited(level, { openFiles: 32 }), () => {}, python)
    expect(lines).toEqual(['EMFILE True'])
  })

  test('a file grows to its limit', async () => {
    const script = [
      'import errno, tempfile',
      'with tempfile.TemporaryFile(buffering=0) as file:',
      '    try:',
      '        for _ in range(10): file.write(bytes(1024))',
      '    except OSError as error: print(errno.errorcode[error.errno])',
      '    print(file.tell())',
    ].join('\n')
    expect((await runScript(script, limited(level), () => {}, python)).lines).toEqual(['10240'])
    const { lines } = await runScript(script, limited(level, { fileBytes: 4_096 }), () => {}, python)
    expect(lines).toEqual(['EFBIG', '4096'])
  })
})

test('a worker at the level process has of the engine’s environment what programs need, and no secret', async () => {
  vi.stubEnv('MILLRACE_TEST_SECRET', 'x')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const script = 'printenv MILLRACE_TEST_SECRET; [ -n "$PATH" ] && echo path'
  expect((await runScript(script, limited('process'))).lines).toEqual(['path'])
})

test('a limit of descriptors beyond the host is told at the start', async () => {
  const { failures } = await host({
    programs: [rawProgram({ isolation: { level: 'process', limits: { openFiles: 1_048_576 } } })],
  })
  // Where the engine's own bound is as high, there is nothing to tell.
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))!
  if (Number(hard) < 1_048_576)
    expect(failures[0]!.message).toContain(`limits.open_files is 1048576, and this host gives ${hard}`)
  else expect(failures).toEqual([])
})

test.skipIf(fault !== undefined)('a worker gets no more of a processor than its limit', async () => {
  const stat =
    'd=$(grep -E ":(cpu|cpu,cpuacct|):" /proc/self/cgroup | tail -1 | cut -d: -f3); cat $(ls -d /sys/fs/cgroup/cpu$d/cpu.stat /sys/fs/cgroup$d/cpu.stat 2>/dev/null | head -1)'
  const script = `i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done; ${stat.replace('|):', '):')}`
  const { lines } = await runScript(script, limited('process', { cpus: 0.05 }))
  const throttled = Number(lines.find((line) => line.startsWith('nr_throttled '))?.split(' ')[1])
  expect(throttled).toBeGreaterThan(0)
})

test.skipIf(fault !== undefined)(
  'calls of a worker that passed its memory limit say so, and nothing stays',
  async () => {
    const isolation = limited('process', { memoryBytes: 96 * MIB })
    const { engine } = await host({ programs: [rawProgram({ isolation, command: [...NODE, RAW_WORKER] })] })
    const outcome = await engine.invoke('hoard', bytes(''))
    expect(outcome).toMatchObject({
      ok: false,
      failure: { reason: 'worker_crashed', message: expect.stringContaining('passed its memory limit of 96 MiB') },
    })
    await engine.stop()
    const groups = readdirSync('/sys/fs/cgroup/memory', { recursive: true }).filter((path) =>
      String(path).includes(`millrace-${process.pid}-`),
    )
    expect(groups).toEqual([])
  },
)
