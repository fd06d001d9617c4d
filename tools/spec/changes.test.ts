import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { earlierRegistry, unannounced } from './changes.ts'
import { registryOf } from './requirements.ts'
import { parseRules } from './rules.ts'
import { chapter, ruleText } from './testing.ts'

const before = parseRules([chapter(ruleText() + ruleText({ id: 'call-any-order' }))]).rules
const earlier = registryOf(before).requirements
const changed = parseRules([
  chapter(ruleText({ sentence: 'A callee MAY send one final message.' }) + ruleText({ id: 'call-any-order' })),
]).rules
const log = (text: string) => chapter(text, 'spec/CHANGELOG.md')

describe('a rule that changed', () => {
  test('is refused when the changelog does not name it', () => {
    const [fault] = unannounced(changed, earlier, log('## Version 2\n\n### Changed\n\n`call-any-order`.\n'))
    expect(fault?.file).toBe('spec/4-calls.md')
    expect(fault?.line).toBe(1)
    expect(fault?.message).toContain(
      'rule call-one-final changed its text, which was "A callee MUST send one final message."',
    )
  })

  test('is taken when the newest section names it under Changed', () => {
    expect(unannounced(changed, earlier, log('## Version 2\n\n### Changed\n\n- `call-one-final`: weaker.\n'))).toEqual(
      [],
    )
  })

  test.each([
    ['in an older section', '## Version 3\n\n### Added\n\n## Version 2\n\n### Changed\n\n`call-one-final`\n'],
    ['under another heading', '## Version 2\n\n### Changed\n\n### Added\n\n`call-one-final`\n'],
    ['without backquotes', '## Version 2\n\n### Changed\n\ncall-one-final\n'],
  ])('is refused when it is named %s only', (_, text) => {
    expect(unannounced(changed, earlier, log(text))).toHaveLength(1)
  })

  test('is not one whose intent alone changed', () => {
    const { rules } = parseRules([chapter(ruleText({ intent: 'Better said.' }) + ruleText({ id: 'call-any-order' }))])
    expect(unannounced(rules, earlier, log(''))).toEqual([])
  })
})

describe('a rule that is gone', () => {
  const left = before.slice(1)

  test('is refused when the changelog does not retire it', () => {
    expect(unannounced(left, earlier, log('## Version 2\n')).map((fault) => fault.message)).toEqual([
      'rule call-one-final is gone: name it under "### Retired", or bring it back',
    ])
  })

  test('is taken when the newest section names it under Retired', () => {
    expect(unannounced(left, earlier, log('## Version 2\n\n### Retired\n\n`call-one-final`\n'))).toEqual([])
  })
})

describe('the earlier registry', () => {
  let root = ''
  const write = (rules: typeof before): void => {
    mkdirSync(join(root, 'spec'), { recursive: true })
    writeFileSync(join(root, 'spec/requirements.json'), JSON.stringify(registryOf(rules)))
  }
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
    execFileSync('git', [...who, ...args], { cwd: root, stdio: 'ignore' })
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace-changes-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('is undefined where there is none', () => {
    git('init')
    expect(earlierRegistry(root)).toBeUndefined()
  })

  test('is the one on disk where git has none', () => {
    git('init')
    write(before)
    expect(earlierRegistry(root)).toEqual(earlier)
  })

  test('is the one that was checked in, whatever is on disk', () => {
    git('init')
    write(before)
    git('add', '.')
    git('commit', '-m', 'first')
    write(changed)
    expect(earlierRegistry(root)).toEqual(earlier)
  })
})
