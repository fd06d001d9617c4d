import { describe, expect, it } from 'vitest'
import type { WorkerEventRecord } from '../../options.ts'
import { RetryMute } from './retry-mute.ts'

const record = (event: WorkerEventRecord['event'], workerId: number): WorkerEventRecord => ({
  event,
  workerId,
  program: 'a',
  pid: undefined,
  message: '',
  functions: [],
})

describe('RetryMute', () => {
  it('lets the first failure be heard, mutes the retries after it, and hears the reload', () => {
    const mute = new RetryMute()
    mute.note(record('starting', 1))
    expect(mute.isMuted(1)).toBe(false)
    mute.note(record('start-failed', 1))
    mute.told('a')
    mute.note(record('starting', 2))
    expect([mute.isDown('a'), mute.isMuted(2)]).toEqual([true, true])
    mute.note(record('start-failed', 2))
    expect(mute.isMuted(2)).toBe(false)
    mute.reloading('a')
    mute.note(record('starting', 3))
    expect([mute.isDown('a'), mute.isMuted(3)]).toEqual([false, false])
  })

  it('says once that a retry has brought the program up', () => {
    const mute = new RetryMute()
    mute.told('a')
    mute.note(record('starting', 2))
    expect(mute.note(record('ready', 2))).toBe(true)
    expect(mute.isMuted(2)).toBe(false)
    mute.note(record('starting', 3))
    expect(mute.note(record('ready', 3))).toBe(false)
  })
})
