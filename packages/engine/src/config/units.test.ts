import { describe, expect, it } from 'vitest'
import { isLoopback, parseDuration, parseListen, parsePort, parseSize } from './units.ts'

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1us', 1],
    ['50ms', 50_000],
    ['1.5s', 1_500_000],
    ['1m', 60_000_000],
    ['1h', 3_600_000_000],
    ['4294967295us', 4_294_967_295],
  ])('reads %s as %d microseconds', (text, value) => {
    expect(parseDuration(text)).toEqual({ value })
  })

  it.each([
    ['50', '"50" has no unit; write 50ms or 50s'],
    ['50sec', '"sec" is not a unit of time; use us, ms, s, m or h'],
    ['50 ms', '"50 ms" is not a time; write 50ms, 2s or 1m'],
    ['-1s', '"-1s" is not a time; write 50ms, 2s or 1m'],
    ['', '"" is not a time; write 50ms, 2s or 1m'],
    ['4294967296us', '"4294967296us" is too long; the most is 71m'],
    ['0.4us', '"0.4us" is too short; the least is 1us'],
  ])('refuses %j and says what to write', (text, problem) => {
    expect(parseDuration(text)).toEqual({ problem })
  })
})

describe('parseSize', () => {
  it.each([
    ['960B', 960],
    ['64KiB', 65_536],
    ['8MiB', 8_388_608],
    ['1GiB', 1_073_741_824],
  ])('reads %s as %d bytes', (text, value) => {
    expect(parseSize(text)).toEqual({ value })
  })

  it.each([
    ['8MB', '"MB" is not a unit of size; write 8MiB'],
    ['8m', '"m" is not a unit of size; write 8MiB'],
    ['8x', '"x" is not a unit of size; use B, KiB, MiB or GiB'],
    ['960', '"960" has no unit; write 960B, 960KiB or 960MiB'],
    ['1.5MiB', '"1.5MiB" is not a size; write 960B or 8MiB'],
    ['99999999GiB', '"99999999GiB" is too large'],
  ])('refuses %j and says what to write', (text, problem) => {
    expect(parseSize(text)).toEqual({ problem })
  })
})

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65_535],
  ])('reads %s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ value: { host, port } })
  })

  it.each([
    ['8080', '"8080" is not an address to listen on; write an address and a port such as 127.0.0.1:8080'],
    [':8080', '":8080" is not an address to listen on; write an address and a port such as 127.0.0.1:8080'],
    ['::1:8080', '"::1" is not an address; write an address and a port such as 127.0.0.1:8080'],
    ['http://a:80', '"http://a" is not an address; write an address and a port such as 127.0.0.1:8080'],
    ['a:65536', '"65536" is not a port; use 0 to 65535'],
    ['a:', '"" is not a port; use 0 to 65535'],
  ])('refuses %j and says what to write', (text, problem) => {
    expect(parseListen(text)).toEqual({ problem })
  })

  it('takes ports from 0 to 65535 and none beyond', () => {
    expect(parsePort('65535')).toEqual({ value: 65_535 })
    expect(parsePort('65536')).toHaveProperty('problem')
    expect(parsePort('-1')).toHaveProperty('problem')
  })
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('holds %s for this host alone', (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.0.0.1.example.org'])('holds %s for reachable', (host) => {
    expect(isLoopback(host)).toBe(false)
  })
})
