/** Starts an engine, and says in words why it could not have its address or its directories. */
import { AffinityError } from '../affinity/placer.ts'
import type { Engine } from '../engine-api.ts'
import { DirectoryError } from '../worker/runtime-directory.ts'
import { CommandError } from './exit-code.ts'

/** As `engine.start()`, but an address or a directory that can't be had throws `CommandError` with the fix. */
export async function startEngine(
  engine: Engine,
  gateway: { readonly host: string; readonly port: number },
): ReturnType<Engine['start']> {
  try {
    return await engine.start()
  } catch (error) {
    await engine.stop()
    if (error instanceof DirectoryError || error instanceof AffinityError) throw new CommandError(error.message)
    const said = listenError((error as NodeJS.ErrnoException).code, gateway)
    if (said === undefined) throw error
    throw new CommandError(said)
  }
}

/** The line for an error of the OS about the gateway's address; undefined: it is no such error. */
export function listenError(
  code: string | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use on ${host}; stop what listens there (see: ss -ltnp 'sport = :${port}'), or use --port 0`
    case 'EACCES':
      return `port ${port} needs more rights than this user has; use a port from 1024 on: --port 8080`
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine; use 127.0.0.1`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} has no address; use 127.0.0.1`
    default:
      return undefined
  }
}

/** `http://127.0.0.1:8080`, with brackets around an IPv6 address. */
export function gatewayUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
