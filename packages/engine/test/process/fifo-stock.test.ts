import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FIFO_PAIRS_AHEAD, FIFO_PAIRS_LOW } from '../../src/base/limits.ts'
import { FifoStock } from '../../src/worker/fifo-stock.ts'
import { freshDirectory } from './host.ts'

function stocked(): { readonly stock: FifoStock; readonly directory: string } {
  const directory = freshDirectory()
  const stock = new FifoStock(directory)
  onTestFinished(() => stock.close())
  return { stock, directory }
}

const ahead = (directory: string): string[] => readdirSync(directory).filter((name) => name.startsWith('ahead-'))

/** Resolves when as many FIFOs as are made ahead lie there. */
async function filled(directory: string): Promise<void> {
  const watcher = watch(directory)
  while (ahead(directory).length < 2 * FIFO_PAIRS_AHEAD) await once(watcher, 'change')
  watcher.close()
}

function take(stock: FifoStock, directory: string, name: string): string[] {
  const paths = [join(directory, `${name}.in`), join(directory, `${name}.out`)]
  stock.take(paths[0]!, paths[1]!)
  return paths
}

/** One turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const isFifo = (path: string): boolean => statSync(path).isFIFO() && (statSync(path).mode & 0o777) === 0o600

test('a pair is taken from those made ahead, and more are made when few are left', async () => {
  const { stock, directory } = stocked()
  await filled(directory)
  let taken = 0
  // Its maker has ended some turns after it made the last one; until then a launch makes its own.
  for (; ahead(directory).length > 2 * FIFO_PAIRS_LOW; taken += 1) {
    await turn()
    expect(take(stock, directory, `worker-${taken}`).every(isFifo)).toBe(true)
  }
  await filled(directory)
})

test('the first is there without waiting for those made ahead', () => {
  const { stock, directory } = stocked()
  expect(ahead(directory)).toEqual([])
  expect(take(stock, directory, 'w').every(isFifo)).toBe(true)
})

test('what lies at the path is told, and stays', () => {
  const { stock, directory } = stocked()
  mkdirSync(join(directory, 'w.in'))
  expect(() => take(stock, directory, 'w')).toThrow(/w\.in/)
  expect(existsSync(join(directory, 'w.in'))).toBe(true)
})
