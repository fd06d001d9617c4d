import { describe, expect, it } from 'vitest'
import { AffinityError } from '../affinity/placer.ts'
import { refuseExposure } from '../config/gateway.ts'
import type { Engine } from '../engine-api.ts'
import { CommandError } from './exit-code.ts'
import { gatewayUrl, listenError, startEngine } from './start-engine.ts'

describe('startEngine', () => {
  it.each([
    [new AffinityError('affinity needs Linux'), new CommandError('affinity needs Linux')],
    [new Error('a fault of ours'), new Error('a fault of ours')],
  ])('stops the engine, and tells in one line what the host cannot give: %s', async (error, told) => {
    let stops = 0
    const engine = {
      start: () => Promise.reject(error),
      stop: async () => {
        stops += 1
      },
    } as unknown as Engine
    const failed = await startEngine(engine, { host: '127.0.0.1', port: 80 }).catch((reason: unknown) => reason)
    expect(failed).toEqual(told)
    expect((failed as Error).constructor).toBe(told.constructor)
    expect(stops).toBe(1)
  })
})

describe('listenError', () => {
  it.each([
    [
      'EADDRINUSE',
      `port 80 is in use on 127.0.0.1; stop what listens there (see: ss -ltnp 'sport = :80'), or use --port 0`,
    ],
    ['EACCES', 'port 80 needs more rights than this user has; use a port from 1024 on: --port 8080'],
    ['EADDRNOTAVAIL', '127.0.0.1 is no address of this machine; use 127.0.0.1'],
  ])('says the fix for %s', (code, message) => {
    expect(listenError(code, { host: '127.0.0.1', port: 80 })).toBe(message)
  })

  it('leaves other errors alone', () => {
    expect(listenError('EMFILE', { host: '127.0.0.1', port: 80 })).toBeUndefined()
    expect(listenError(undefined, { host: '127.0.0.1', port: 80 })).toBeUndefined()
  })
})

describe('gatewayUrl', () => {
  it('puts brackets around an IPv6 address', () => {
    expect(gatewayUrl({ host: '::1', port: 1 })).toBe('http://[::1]:1')
    expect(gatewayUrl({ host: '127.0.0.1', port: 1 })).toBe('http://127.0.0.1:1')
  })
})

describe('refuseExposure', () => {
  it('refuses an address that others can reach, unless told that it is meant', () => {
    expect(refuseExposure({ host: '0.0.0.0', port: 1 }, false)).toBe(
      '0.0.0.0 can be reached from other hosts, and Millrace has no authentication yet: anybody there could call ' +
        'every function. Use 127.0.0.1 behind a proxy that checks its callers, or add --insecure',
    )
    expect(refuseExposure({ host: '0.0.0.0', port: 1 }, true)).toBeUndefined()
    expect(refuseExposure({ host: '127.0.0.1', port: 1 }, false)).toBeUndefined()
  })
})
