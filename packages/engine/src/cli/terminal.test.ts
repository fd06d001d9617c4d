import { describe, expect, it } from 'vitest'
import { TERMINAL_BACKLOG_BYTES_MAX } from './limits.ts'
import { Terminal } from './terminal.ts'

class Page {
  readonly isTTY: boolean
  text = ''
  writableLength = 0

  constructor(isTTY: boolean) {
    this.isTTY = isTTY
  }

  write(text: string): boolean {
    this.text += text
    return true
  }
}

const tinted = (isTTY: boolean, environment: Record<string, string>) =>
  new Terminal(new Page(isTTY), new Page(isTTY), environment).tint('red', 'x') !== 'x'

describe('Terminal', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j, has colour: %s', (isTTY, environment, expected) => {
    expect(tinted(isTTY, environment as Record<string, string>)).toBe(expected)
  })

  it('writes data to one stream and faults to the other', () => {
    const out = new Page(false)
    const err = new Page(false)
    const terminal = new Terminal(out, err, {})
    terminal.line('data')
    terminal.error('fault')
    expect([out.text, err.text]).toEqual(['data\n', 'millrace: fault\n'])
  })

  it('drops commentary beyond the backlog and says how many lines once there is room', () => {
    const out = new Page(false)
    const terminal = new Terminal(out, new Page(false), {})
    out.writableLength = TERMINAL_BACKLOG_BYTES_MAX
    terminal.commentary('kept')
    out.writableLength += 1
    terminal.commentary('lost')
    terminal.commentary('lost')
    out.writableLength = 0
    terminal.commentary('kept too')
    expect(out.text).toBe('kept\n(2 lines not shown: the terminal was too slow)\nkept too\n')
  })
})
