/** The segment of shared memory that the engine may give a worker for rings, which this SDK does not use yet. Touches the OS. */
import { closeSync, readlinkSync } from 'node:fs'

/** What the kernel calls an engine's memory file. */
const SEGMENT = /^\/memfd:millrace-ring( |$)/

/**
 * Closes the descriptor with that number, so that no child inherits it, if it is a segment; undefined: there is none. One
 * that is no segment stays open: something between engine and worker has put it there for its own use.
 */
export function declineSegment(number: string | undefined): void {
  if (number === undefined || !/^\d+$/.test(number)) return
  let target: string
  try {
    target = readlinkSync(`/proc/self/fd/${number}`)
  } catch {
    return // There is no such descriptor, or no such directory.
  }
  if (SEGMENT.test(target)) closeSync(Number(number))
}
