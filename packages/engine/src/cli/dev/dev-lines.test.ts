import { describe, expect, it } from 'vitest'
import type { FunctionInfo } from '../../engine-api.ts'
import type { CallRecord } from '../../options.ts'
import { bannerLines } from './banner.ts'
import { callLine, clock, logLine, outputLine } from './call-line.ts'

const plain = (_: unknown, text: string) => text
const NOON = new Date(2026, 0, 2, 12, 1, 7, 114).getTime()

const RECORD: CallRecord = {
  id: 1,
  parentId: 0,
  function: 'foo',
  depth: 0,
  outcome: 'ok',
  message: '',
  enteredUs: 0,
  queueUs: 20,
  runUs: 220,
  totalUs: 310,
  traceId: '0'.repeat(32),
  workerId: 1,
}

describe('callLine', () => {
  it('says when, what, how, and where the time went', () => {
    expect(callLine(RECORD, NOON, plain)).toBe(
      '12:01:07.114  foo               ok   310 µs  (queue 20 µs, run 220 µs, rest 70 µs)',
    )
  })

  it('indents an internal call by its depth', () => {
    expect(callLine({ ...RECORD, depth: 2 }, NOON, plain)).toContain(`  ${'    foo'.padEnd(16)}  ok`)
  })

  it('gives the reason and the first line of the message of a failure', () => {
    const line = callLine({ ...RECORD, outcome: 'handler_error', message: 'no\nstack' }, NOON, plain)
    expect(line).toMatch(/handler_error .*\) {2}no$/)
  })

  it('never shows a rest below zero, though the worker has a clock of its own', () => {
    expect(callLine({ ...RECORD, runUs: 400 }, NOON, plain)).toContain('rest 0 µs')
  })
})

describe('lines of workers', () => {
  it('begin with the name of the program, or of the function', () => {
    expect(outputLine('foo', 'stdout', 'hi', plain)).toBe('foo | hi')
    const record = { program: 'p', workerId: 1, callId: 2, function: 'bar', traceId: '', level: 'warn' } as const
    expect(logLine({ ...record, message: 'slow', attributes: { ms: 3 } }, plain)).toBe('bar | warn  slow ms=3')
    expect(logLine({ ...record, function: '', message: 'slow', attributes: {} }, plain)).toBe('p | warn  slow')
  })

  it('pad the parts of a time', () => {
    expect(clock(new Date(2026, 0, 2, 1, 2, 3, 4).getTime())).toBe('01:02:03.004')
  })
})

describe('bannerLines', () => {
  const info = (name: string): FunctionInfo => ({
    name,
    program: 'p',
    running: 0,
    waiting: 0,
    ok: 0,
    failed: 0,
    timeoutUs: 0,
  })
  const facts = {
    version: '1.2.3',
    title: 'hello.ts',
    url: 'http://127.0.0.1:8080',
    workers: 1,
    serving: new Set(['p']),
    sources: new Map([['p', 'hello.ts']]),
    readyMs: 411.6,
  }

  it('names every function with its URL, a line to try, and the time it took', () => {
    expect(bannerLines({ ...facts, functions: [info('longer'), info('p')] })).toEqual([
      'millrace 1.2.3  dev  hello.ts  (2 functions, 1 worker)',
      '  longer  hello.ts  http://127.0.0.1:8080/function/longer',
      '  p       hello.ts  http://127.0.0.1:8080/function/p',
      `  try:  curl -d '"Ada"' http://127.0.0.1:8080/function/p`,
      'ready in 412 ms at http://127.0.0.1:8080; reloads on change, Ctrl-C ends',
    ])
  })

  it('has nothing to try when no program could start', () => {
    const lines = bannerLines({ ...facts, functions: [info('a')], workers: 0, serving: new Set() })
    expect(lines.filter((line) => line.includes('try:'))).toEqual([])
  })
})
