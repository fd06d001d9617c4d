/**
 * Node's peers: a client and a server in two processes over a Unix socket, no engine between.
 *
 *   node peer.mjs client grpc|http SOCKET COUNT WARM_UP BYTES   starts its own server, prints one JSON object
 *   node peer.mjs server grpc|http SOCKET                       ends when its standard input does
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import grpc from '@grpc/grpc-js'
import { Client as HttpClient } from 'undici'

const PATH = '/bench.Echo/Call'
/** Payloads are bytes as they are: protobuf would only add to what gRPC takes. */
const asIs = (bytes) => bytes

const kinds = {
  grpc: {
    async serve(socket) {
      const server = new grpc.Server()
      const codec = {
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      }
      const method = { path: PATH, requestStream: false, responseStream: false, ...codec }
      server.addService({ call: method }, { call: (call, answer) => answer(null, call.request) })
      await new Promise((resolve, reject) => {
        const credentials = grpc.ServerCredentials.createInsecure()
        server.bindAsync(`unix:${socket}`, credentials, (error) => (error === null ? resolve() : reject(error)))
      })
    },
    client(socket) {
      const client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure())
      const call = (bytes) =>
        new Promise((resolve, reject) => {
          client.makeUnaryRequest(PATH, asIs, asIs, bytes, (error, output) =>
            error === null ? resolve(output.length) : reject(error),
          )
        })
      return { call, close: () => client.close() }
    },
  },
  http: {
    async serve(socket) {
      const server = createServer((request, response) => {
        const chunks = []
        request.on('data', (chunk) => chunks.push(chunk))
        request.on('end', () => response.end(Buffer.concat(chunks)))
      })
      server.listen(socket)
      await once(server, 'listening')
    },
    client(socket) {
      const client = new HttpClient('http://localhost', { socketPath: socket })
      const call = async (bytes) => {
        const { body } = await client.request({ path: '/', method: 'POST', body: bytes })
        return (await body.arrayBuffer()).byteLength
      }
      return { call, close: () => client.destroy() }
    },
  },
}

const [role, kind, socket, ...numbers] = process.argv.slice(2)
if (kinds[kind] === undefined) throw new Error(`${kind} is no kind of peer: ${Object.keys(kinds).join(', ')}`)
if (role === 'server') {
  await kinds[kind].serve(socket)
  process.stdin.resume().once('end', () => process.exit())
  process.stdout.write('ready\n')
} else {
  const [count, warmUp, bytes] = numbers.map(Number)
  const server = spawn(process.execPath, [import.meta.filename, 'server', kind, socket], { stdio: ['pipe', 'pipe', 2] })
  await Promise.race([
    once(server.stdout, 'data'),
    once(server, 'exit').then(() => Promise.reject(new Error('no server'))),
  ])
  process.stdout.write(`${JSON.stringify(await measure(kinds[kind].client(socket), count, warmUp, bytes))}\n`)
  server.stdin.end()
}

async function measure({ call, close }, count, warmUp, bytes) {
  const input = Buffer.alloc(bytes)
  const samplesNs = []
  for (let i = 0; i < warmUp; i += 1) await call(input)
  const begun = performance.now()
  for (let i = 0; i < count; i += 1) {
    const at = performance.now()
    const length = await call(input)
    samplesNs.push(Math.round((performance.now() - at) * 1e6))
    if (length !== bytes) throw new Error(`${length} bytes came back instead of ${bytes}`)
  }
  const elapsedNs = Math.round((performance.now() - begun) * 1e6)
  await close()
  return { elapsedNs, samplesNs }
}
