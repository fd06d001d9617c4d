/** Follows a tutorial as its reader would: writes what it says to write, runs what it says to run, compares. */
import { Assembly } from './assembly.ts'
import { type Fence, fencesOf } from './fences.ts'
import { mismatch } from './output-match.ts'
import type { DevTerminal, Stage } from './stage.ts'

export interface Played {
  /** Sessions that printed what the text says. */
  readonly passed: number
  /** Places and words of what was otherwise than the text says. */
  readonly faults: readonly string[]
  /** What the reader ends with. */
  readonly worker: string
}

/**
 * Blocks of the tutorial:
 * - `perl part=NAME` adds or replaces a part of the worker and writes it;
 * - `diff` changes the worker for the next `console dev` and what runs until another one;
 * - `LANGUAGE file=NAME` writes a file;
 * - `console` runs its lines that begin with `$ `, and compares what they print;
 * - `console dev` starts `millrace dev` in the other terminal, and waits for the quoted lines, whatever else comes; `^C` ends
 *   it. Without a line that begins with `$ ` it quotes more of the one that runs.
 */
export async function play(name: string, markdown: string, stage: Stage, workerFile: string): Promise<Played> {
  const assembly = new Assembly()
  const faults: string[] = []
  let passed = 0
  let edit: 'none' | 'fresh' | 'used' = 'none'
  let dev: DevTerminal | undefined
  for (const fence of fencesOf(markdown)) {
    try {
      const part = fence.attributes.get('part')
      const file = fence.attributes.get('file')
      if (part !== undefined) {
        assembly.give(part, fence.text)
        await change(workerFile, assembly.text)
      } else if (fence.language === 'diff') {
        assembly.edit(fence.text)
        edit = 'fresh'
        await change(workerFile, assembly.text)
      } else if (file !== undefined) {
        await change(file, fence.text)
      } else if (fence.language === 'console') {
        await (fence.attributes.has('dev') ? playDev(fence) : playShell(fence))
        passed += 1
      }
    } catch (error) {
      faults.push(`${name}:${fence.line} (${fence.step}): ${(error as Error).message}`)
    }
  }
  await stage.stopDev()
  return { passed, faults, worker: assembly.text }

  async function change(file: string, text: string): Promise<void> {
    await stage.stopDev()
    stage.write(file, text)
  }

  async function playShell(fence: Fence): Promise<void> {
    for (const { command, quoted } of commandsOf(fence.text)) {
      const printed = await stage.shell(command)
      const why = mismatch(quoted, printed)
      if (why !== undefined) throw new Error(`$ ${command}\n${why}\nIt printed:\n${printed.join('\n')}`)
    }
  }

  async function playDev(fence: Fence): Promise<void> {
    const goesOn = !fence.text.startsWith('$ ')
    const quoted = goesOn ? linesOf(fence.text) : commandsOf(fence.text)[0]!.quoted
    if (!goesOn) {
      if (edit === 'used') await change(workerFile, restored())
      edit = edit === 'fresh' ? 'used' : 'none'
      dev = await stage.dev()
      await dev.ready()
    }
    if (dev === undefined) throw new Error('no millrace dev was started before')
    for (const line of quoted) {
      if (line === '^C') dev.interrupt()
      else await dev.line(line)
    }
    if (quoted.includes('^C')) await dev.stop()
  }

  function restored(): string {
    assembly.restore()
    return assembly.text
  }
}

interface Command {
  readonly command: string
  readonly quoted: readonly string[]
}

/** A session as it is written down: `$ command`, then what it prints. Throws when it begins otherwise. */
export function commandsOf(text: string): Command[] {
  const commands: { command: string; quoted: string[] }[] = []
  for (const line of linesOf(text)) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), quoted: [] })
    else if (commands.length === 0) throw new Error('a session begins with a line that begins with "$ "')
    else commands.at(-1)!.quoted.push(line)
  }
  return commands
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n')
}
