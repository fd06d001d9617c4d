import { describe, expect, it } from 'vitest'
import { refuseExposure } from '../config/gateway.ts'
import { gatewayUrl, listenError } from './start-engine.ts'

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
