/** The engine's directory for FIFOs, and the tidying up of what dead engines left. One of the few files that touch the OS. */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'

/** Longest wait for an answer of another engine's socket; one that does not refuse is left alone. */
const PROBE_MS_MAX = 1_000
const BORN = /^engine-[0-9a-f]{16}$/
/** A socket that is bound and not renamed yet. */
const UNBORN = /^\.engine-[0-9a-f]{16}\.sock$/
/** Bytes of a socket's path on Linux, its end and the dot of its first name included. */
const SOCKET_PATH_BYTES_MAX = 107
/** Tries to remove a directory in which something is made meanwhile, 100 ms more apart each. */
const REMOVALS_MAX = 5
/** Tries to be born: another engine's tidying may take a socket in the moment between its binding and its listening. */
const BIRTHS_MAX = 3

/** A directory that the engine was told to use, and can't. The message has the fix. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError'
}

/**
 * A directory of mode 0700 that lives as long as its engine. That it lives is told by a listening socket beside it, never
 * by a process id (ADR 0007): the socket is bound under a name that begins with a dot and renamed once it listens, and the
 * directory is made only after that, so whoever finds a directory without a socket that answers may remove it.
 */
export class RuntimeDirectory {
  readonly path: string
  readonly #socket: string
  readonly #server: Server
  readonly #onExit = (): void => this.#remove()

  private constructor(path: string, socket: string, server: Server) {
    this.path = path
    this.#socket = socket
    this.#server = server
    process.on('exit', this.#onExit)
  }

  /**
   * Makes a directory under `base` (made with mode 0700 when it is missing), and removes what dead engines left there.
   * `id`: 16 hexadecimal digits. Rejects with a DirectoryError when `base` cannot be used.
   */
  static async create(base: string, id: string): Promise<RuntimeDirectory> {
    try {
      makeMissing(base)
    } catch (error) {
      throw new DirectoryError(`${base} can't be made: ${(error as Error).message}: choose another directory`)
    }
    const owner = statSync(base).uid
    if (process.getuid !== undefined && owner !== process.getuid()) {
      throw new DirectoryError(`${base} belongs to another user (uid ${owner}): choose another runtime directory`)
    }
    chmodSync(base, 0o700)
    await removeDead(base)
    const name = `engine-${id}`
    const socket = join(base, `${name}.sock`)
    if (Buffer.byteLength(socket) >= SOCKET_PATH_BYTES_MAX) {
      throw new DirectoryError(`${base} is too long for a socket's path: choose a shorter runtime directory`)
    }
    const server = await listenAs(socket, join(base, `.${name}.sock`))
    const path = join(base, name)
    mkdirSync(path, { mode: 0o700 })
    return new RuntimeDirectory(path, socket, server)
  }

  /** Removes the directory and the socket. Closing twice is allowed. */
  close(): void {
    process.off('exit', this.#onExit)
    this.#remove()
    this.#server.close()
  }

  #remove(): void {
    // What makes FIFOs ahead may still be at it.
    rmSync(this.path, { recursive: true, force: true, maxRetries: REMOVALS_MAX })
    rmSync(this.#socket, { force: true })
  }
}

/** A server that listens at `socket` from the moment that name exists. */
async function listenAs(socket: string, unborn: string): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const server = createServer((peer) => peer.destroy())
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(unborn, resolve)
    })
    server.unref()
    try {
      renameSync(unborn, socket)
      return server
    } catch (error) {
      server.close()
      if (attempt >= BIRTHS_MAX || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** Removes the directories and sockets under `base` whose engine no longer listens. */
async function removeDead(base: string): Promise<void> {
  const names = new Set<string>()
  for (const entry of readdirSync(base)) {
    const name = entry.endsWith('.sock') ? entry.slice(0, -'.sock'.length) : entry
    if (BORN.test(name)) names.add(name)
    else if (UNBORN.test(entry) && !(await listens(join(base, entry)))) rmSync(join(base, entry), { force: true })
  }
  for (const name of names) {
    if (await listens(join(base, `${name}.sock`))) continue
    // The directory first: while the socket's name is there, nobody else takes the directory for abandoned.
    rmSync(join(base, name), { recursive: true, force: true })
    rmSync(join(base, `${name}.sock`), { force: true })
  }
}

/** Whether somebody accepts on a socket. Only a clear refusal, or no socket at all, counts as no. */
async function listens(socket: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const peer = connect(socket)
    const done = (answer: boolean): void => {
      peer.destroy()
      resolve(answer)
    }
    peer.setTimeout(PROBE_MS_MAX, () => done(true))
    peer.once('connect', () => done(true))
    peer.once('error', (error: NodeJS.ErrnoException) => done(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'))
  })
}

/**
 * Makes a directory with those above it that are missing. Not by `recursive`: below a directory that takes none, such as
 * `/proc`, Node 24 tries that for ever.
 */
function makeMissing(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  if (dirname(path) !== path) makeMissing(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another engine that starts now may have made it.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
