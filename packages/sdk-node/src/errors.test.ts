import { REASONS } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { MillraceError, PeerError, type Reason, UsageError } from './errors.ts'

describe('MillraceError', () => {
  it('takes its status and retry hint from the reason unless it is told otherwise', () => {
    expect(new MillraceError('queue_full', 'busy')).toMatchObject({ status: 8, retryable: true, retryHint: undefined })
    expect(new MillraceError('deadline_exceeded', 'late')).toMatchObject({ status: 4, retryable: false })
    expect(new MillraceError('bad_input', 'x', { retryable: true, code: 'C' })).toMatchObject({
      retryable: true,
      code: 'C',
    })
  })

  it('refuses a reason that is not in the list', () => {
    expect(() => new MillraceError('oops' as Reason, 'x')).toThrow(
      '"oops" is not a reason; choose one of handler_error',
    )
  })

  it('comes from anything thrown, and never throws itself', () => {
    const own = new MillraceError('cancelled', 'x')
    expect(MillraceError.from(own)).toBe(own)
    const cause = new RangeError('out')
    expect(MillraceError.from(cause)).toMatchObject({
      reason: 'handler_error',
      errorType: 'RangeError',
      message: 'out',
      cause,
    })
    expect(MillraceError.from('text').message).toBe('text')
    expect(MillraceError.from(undefined).message).toBe('undefined')
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect(MillraceError.from(loop).message).toBe('[object Object]')
  })

  it('knows one of another copy of this package by what it holds', () => {
    const foreign = Object.assign(new Error('no such user'), {
      reason: 'bad_input',
      retryable: false,
      code: 'USER',
      status: 3,
    })
    expect(MillraceError.from(foreign)).toMatchObject({ reason: 'bad_input', code: 'USER', message: 'no such user' })
  })

  it('goes to the wire and back without loss', () => {
    const error = new MillraceError('bad_input', 'm', {
      code: 'C',
      retryable: false,
      function: 'f',
      errorType: 'E',
      remoteStack: 's',
    })
    expect(MillraceError.ofFailure(error.toFailure())).toMatchObject({
      reason: 'bad_input',
      message: 'm',
      code: 'C',
      retryable: false,
      function: 'f',
      errorType: 'E',
      remoteStack: 's',
    })
  })

  it('is sent with the status of its reason, and with one of its own only as handler_error from 1 to 16', () => {
    expect(new MillraceError('not_found', 'x', { status: 13 }).toFailure().status).toBe(5)
    expect(new MillraceError('handler_error', 'x', { status: 13 }).toFailure().status).toBe(13)
    expect(new MillraceError('handler_error', 'x', { status: 0 }).toFailure().status).toBe(2)
    expect(new MillraceError('handler_error', 'x', { status: 17 }).toFailure().status).toBe(2)
  })

  it('is never sent with a reason about the engine, or one that says the call never started', () => {
    const kept = Object.keys(REASONS).filter(
      (reason) => new MillraceError(reason as Reason, 'x').toFailure().reason === reason,
    )
    expect(kept).toEqual([
      'handler_error',
      'bad_input',
      'not_found',
      'cancelled',
      'deadline_exceeded',
      'payload_too_large',
      'unsupported',
      'internal',
      'load_failed',
    ])
  })

  it('is the base of the errors that say who is to blame', () => {
    expect(new UsageError('x')).toMatchObject({ name: 'UsageError', reason: 'handler_error' })
    expect(new PeerError('x')).toBeInstanceOf(MillraceError)
  })
})
