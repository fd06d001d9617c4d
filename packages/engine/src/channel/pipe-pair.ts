/** The two pipes of a channel. */
import type { PipeReader, PipeWriter } from '../world.ts'
import { FdPipeReader, type Polling } from './pipe-reader.ts'
import { FdPipeWriter } from './pipe-writer.ts'
import type { WakePipe } from './wake-pipe.ts'

/**
 * `polling`: reads what the other side answers ahead of the event loop; undefined: nobody does. `wakes`: by what WAKE is sent;
 * undefined: by a write.
 */
export function pipePair(
  writeFd: number,
  readFd: number,
  polling: Polling | undefined,
  wakes?: WakePipe,
): { readonly input: PipeWriter; readonly output: PipeReader } {
  const output = new FdPipeReader(readFd, polling)
  if (polling === undefined) return { input: new FdPipeWriter(writeFd, undefined, wakes), output }
  const { poller, calls } = polling
  return { input: new FdPipeWriter(writeFd, { calls, wrote: () => poller.wrote(output) }, wakes), output }
}
