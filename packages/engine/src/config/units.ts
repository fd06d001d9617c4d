/** Times, sizes and addresses as people write them. Pure. */
import { isIPv6 } from 'node:net'

/** What a text means, or why it means nothing. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** Longest time limit in microseconds: what the wire's `timeout_us` holds, 71 minutes. */
export const DURATION_US_MAX = 0xffff_ffff

const DURATION = /^(\d+(?:\.\d+)?)([A-Za-zµ]*)$/
const US_OF: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 }

/** `50ms`, `2s`, `1.5m` to microseconds, 0 to `DURATION_US_MAX`, rounded to whole ones. */
export function parseDuration(text: string): Parsed<number> {
  const match = DURATION.exec(text)
  if (match === null) return { problem: `"${text}" is not a time; write 50ms, 2s or 1m` }
  const unit = match[2]!
  if (unit === '') return { problem: `"${text}" has no unit; write ${match[1]}ms or ${match[1]}s` }
  const us = US_OF[unit]
  if (us === undefined) return { problem: `"${unit}" is not a unit of time; use us, ms, s, m or h` }
  const value = Math.round(Number(match[1]) * us)
  if (value > DURATION_US_MAX) return { problem: `"${text}" is too long; the most is 71m` }
  if (value === 0 && Number(match[1]) !== 0) return { problem: `"${text}" is too short; the least is 1us` }
  return { value }
}

const SIZE = /^(\d+)([A-Za-z]*)$/
const BYTES_OF: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 }

/** `960B`, `8MiB` to bytes, 0 to 2^53. */
export function parseSize(text: string): Parsed<number> {
  const match = SIZE.exec(text)
  if (match === null) return { problem: `"${text}" is not a size; write 960B or 8MiB` }
  const unit = match[2]!
  const bytes = BYTES_OF[unit]
  if (bytes !== undefined) {
    const value = Number(match[1]) * bytes
    return Number.isSafeInteger(value) ? { value } : { problem: `"${text}" is too large` }
  }
  if (unit === '') return { problem: `"${text}" has no unit; write ${match[1]}B, ${match[1]}KiB or ${match[1]}MiB` }
  const binary = Object.keys(BYTES_OF).find((name) => name[0]?.toLowerCase() === unit[0]?.toLowerCase())
  const fix = binary === undefined ? 'use B, KiB, MiB or GiB' : `write ${match[1]}${binary}`
  return { problem: `"${unit}" is not a unit of size; ${fix}` }
}

/** An address to listen on. */
export interface Listen {
  readonly host: string
  /** 0 to 65,535; 0: any free one. */
  readonly port: number
}

/** `127.0.0.1:8080` or `[::1]:8080`. */
export function parseListen(text: string): Parsed<Listen> {
  const at = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(at, 0))
  const fix = 'write an address and a port such as 127.0.0.1:8080'
  if (at <= 0) return { problem: `"${text}" is not an address to listen on; ${fix}` }
  const port = parsePort(text.slice(at + 1))
  if ('problem' in port) return port
  if (host.startsWith('[') && host.endsWith(']') && isIPv6(host.slice(1, -1))) {
    return { value: { host: host.slice(1, -1), port: port.value } }
  }
  if (!/^[A-Za-z0-9.-]+$/.test(host)) return { problem: `"${host}" is not an address; ${fix}` }
  return { value: { host, port: port.value } }
}

/** A port number, 0 to 65,535. */
export function parsePort(text: string): Parsed<number> {
  const value = Number(text)
  if (!/^\d{1,5}$/.test(text) || value > 65_535) return { problem: `"${text}" is not a port; use 0 to 65535` }
  return { value }
}

/** Whether only this host can reach the address. A name other than `localhost` may lead anywhere. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
