/**
 * Writes every generated file from its source, or, with `--check`, says which of them are stale.
 *
 *   node tools/generate/main.ts [--check]
 *
 * Exit codes: 0 fresh or written, 1 stale (with --check) or a faulty source.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GENERATED_FOLDERS, outputs } from './outputs.ts'

const root = join(import.meta.dirname, '../..')
const check = process.argv.includes('--check')

function main(): number {
  const wanted = outputs(root)
  let stale = 0
  for (const [path, text] of Object.entries(wanted)) {
    const file = join(root, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    stale += 1
    if (check) {
      console.error(`stale: ${path}`)
      continue
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(`wrote ${path}`)
  }
  for (const path of leftovers(wanted)) {
    stale += 1
    if (check) {
      console.error(`no source makes it any more: ${path}`)
      continue
    }
    rmSync(join(root, path))
    console.log(`removed ${path}`)
  }
  if (check && stale > 0) {
    console.error(`${stale} generated files are stale: run \`make generate\` and commit what it writes.`)
    return 1
  }
  return 0
}

/** Files in folders of generated files that nothing generates now. */
function leftovers(wanted: Readonly<Record<string, string>>): string[] {
  return GENERATED_FOLDERS.flatMap((folder) => {
    if (!existsSync(join(root, folder))) return []
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((path) => wanted[path] === undefined)
  })
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
