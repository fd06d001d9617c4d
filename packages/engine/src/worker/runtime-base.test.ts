import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultRuntimeBase, isInMemory } from './runtime-base.ts'

test("a session's own directory comes first", () => {
  expect(defaultRuntimeBase({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/millrace')
})

test('without one it is in memory where the host has a place there', () => {
  const own = `millrace-${process.getuid!()}`
  const expected = isInMemory('/dev/shm') ? join('/dev/shm', own) : join(tmpdir(), own)
  for (const none of [{}, { XDG_RUNTIME_DIR: '' }]) expect(defaultRuntimeBase(none)).toBe(expected)
})

test('a directory that is missing is not in memory', () => {
  expect(isInMemory('/dev/shm/none/of/this')).toBe(false)
})
