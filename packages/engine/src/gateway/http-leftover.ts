import type { IncomingMessage } from 'node:http'
import type { HttpLimits } from './http-limits.ts'

/**
 * Reads and drops what is left of a request's body. Calls `done` once: with true when all of it was read, with false when
 * the client went away, or after `lingerBytesMax` more bytes or `lingerMs`.
 */
export function dropLeftover(
  request: IncomingMessage,
  { lingerBytesMax, lingerMs }: HttpLimits,
  done: (complete: boolean) => void,
): void {
  let bytesLeft = lingerBytesMax
  let pending = true
  const finish = (complete: boolean) => {
    if (!pending) return
    pending = false
    clearTimeout(timer)
    done(complete)
  }
  const timer = setTimeout(() => finish(false), lingerMs)
  request.on('data', (bytes: Buffer) => {
    bytesLeft -= bytes.length
    if (bytesLeft < 0) finish(false)
  })
  request.on('end', () => finish(true))
  request.on('close', () => finish(false))
  request.resume()
}
