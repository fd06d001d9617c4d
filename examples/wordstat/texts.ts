/** Finds texts on the disk, and maps each: reads it and has its words counted by a call of its own. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fn, MillraceError } from '@millrace/sdk'
import type { Counts } from './words.ts'

const SUFFIXES = new Set([
  '.md',
  '.txt',
  '.rst',
  '.ts',
  '.js',
  '.py',
  '.go',
  '.hpp',
  '.cpp',
  '.yaml',
  '.proto',
  '.html',
])
const SKIPPED = new Set(['node_modules', 'out', 'dist', 'build', 'generated', 'vectors', 'gen', '_gen'])
const FILES_MAX = 2_000
const FILE_BYTES_MAX = 1_048_576

/** Text files below a folder, sorted, at most 2,000, none above 1 MiB. */
export const listTexts = fn('list-texts', async (folder: string): Promise<string[]> => {
  const found: string[] = []
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= FILES_MAX || entry.name.startsWith('.')) continue
      const path = join(at, entry.name)
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) await walk(path)
      else if (entry.isFile() && SUFFIXES.has(extname(entry.name)) && (await stat(path)).size <= FILE_BYTES_MAX)
        found.push(path)
    }
  }
  try {
    await walk(folder)
  } catch (error) {
    throw new MillraceError('bad_input', `${folder} can't be read: ${(error as Error).message}`, { cause: error })
  }
  return found
})

/** Counts of one file. */
export const mapFile = fn('map-file', async (path: string, ctx): Promise<Counts> => {
  const text = await readFile(path, 'utf8')
  return (await ctx.call('count-words', text)) as Counts
})
