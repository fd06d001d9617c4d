import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runSuite, type SuiteResult } from './run-suite.ts'
import type { Suite } from './suites.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-suite-'))
})
afterEach(() => rmSync(root, { recursive: true }))

async function run(
  suite: Partial<Suite> & Pick<Suite, 'command'>,
  mustHaveLanguages = false,
): Promise<SuiteResult & { lines: string[] }> {
  const lines: string[] = []
  const whole: Suite = { name: 'one', needs: [], countBy: 'exit-code', secondsMax: 30, ...suite }
  return { ...(await runSuite(root, whole, mustHaveLanguages, (line) => lines.push(line))), lines }
}

describe('runSuite', () => {
  it('counts what the command printed, shows it line by line and keeps all of it in the log', async () => {
    const result = await run({
      command: ['sh', '-c', 'echo first; echo second >&2; echo "2 passed, 0 failed, 1 skipped"'],
      countBy: 'closing-line',
    })
    expect(result.counts).toEqual({ passed: 2, failed: 0, skipped: 1 })
    expect(result.lines.toSorted()).toEqual(['2 passed, 0 failed, 1 skipped', 'first', 'second'])
    expect(readFileSync(join(root, result.log ?? ''), 'utf8')).toContain('second\n')
  })

  it('gives the command no standard input and a bound on its time', async () => {
    expect((await run({ command: ['cat'] })).counts.passed).toBe(1)
    const hanging = await run({ command: ['tail', '-f', '/dev/null'], secondsMax: 0.1 })
    expect(hanging.counts).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(hanging.note).toBe('not done after 0.1 s')
  })

  it('fails a suite that ends well but leaves a process behind, and ends that process', async () => {
    const result = await run({ command: ['sh', '-c', 'tail -f /dev/null & echo $!'] })
    expect(result.note).toBe('left processes behind')
    expect(result.counts.failed).toBe(1)
    const pid = Number(result.lines[0])
    expect(pid).toBeGreaterThan(1)
    // A killed process that init has not collected yet still has its number, but runs no more.
    const state = await run({ command: ['sh', '-c', `cut -d ' ' -f 3 /proc/${pid}/stat 2>/dev/null || echo gone`] })
    expect(['Z', 'X', 'gone']).toContain(state.lines[0])
  })

  it('says the exit code or the signal of a suite that failed', async () => {
    expect((await run({ command: ['sh', '-c', 'exit 3'] })).note).toBe('exit code 3')
    expect((await run({ command: ['sh', '-c', 'kill -9 $$'] })).note).toBe('ended by SIGKILL')
    expect((await run({ command: ['no-such-program'] })).note).toContain('no-such-program cannot be started')
  })

  it('fails a suite by name when a file it is made of is missing', async () => {
    const result = await run({ command: ['true'], needs: ['tools/none.ts'] })
    expect(result.counts.failed).toBe(1)
    expect(result.note).toBe('tools/none.ts is missing')
  })

  it('skips a suite whose language is missing, aloud, and fails it where languages must be there', async () => {
    const suite = { command: ['true'], language: { name: 'Go', probe: ['false'] } }
    expect(await run(suite)).toMatchObject({ counts: { passed: 0, failed: 0, skipped: 1 } })
    const strict = await run(suite, true)
    expect(strict.counts).toEqual({ passed: 0, failed: 1, skipped: 0 })
    expect(strict.note).toContain('GO IS MISSING')
  })
})
