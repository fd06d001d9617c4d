import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

/**
 * The port that several processes are to share: `port`, or a free one for 0. Listens there alone for a moment, as processes
 * that share a port would not notice another engine of this user that shares it, too. Rejects with Node's error.
 */
export function claimPort({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port }, () => {
      const claimed = (server.address() as AddressInfo).port
      server.close(() => resolve(claimed))
    })
  })
}
