/** The FIFOs of a link between two engines, from either side. One of the few files that touch the OS. */
import { closeSync, constants, openSync } from 'node:fs'
import { pipePair } from '../channel/pipe-pair.ts'
import type { LinkPipes, OfferedLink } from '../world.ts'
import type { Fifos } from './fifos.ts'

/** The side that made the FIFOs. */
export function offeredLink(fifos: Fifos): OfferedLink {
  const { inPath, outPath } = fifos
  const pipes = pipePair(fifos.writeFd, fifos.outFd, undefined)
  return { ...pipes, inPath, outPath, attached: () => fifos.attached() }
}

/** The other side. Throws the OS's error and leaves nothing open: `ENOENT` or `ENXIO` when who offered it has ended. */
export function openedLink(inPath: string, outPath: string): LinkPipes {
  const readFd = openSync(inPath, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const writeFd = openSync(outPath, constants.O_WRONLY | constants.O_NONBLOCK)
    return pipePair(writeFd, readFd, undefined)
  } catch (error) {
    closeSync(readFd)
    throw error
  }
}
