/** Small prose for the tests of this folder: one good rule, and files made of text. */
import type { TextFile } from './rules.ts'

/** A rule in its right form; parts that a test wants otherwise go into `change`. */
export function ruleText(
  change: Partial<Record<'id' | 'sentence' | 'intent' | 'observable' | 'roles' | 'since' | 'more', string>> = {},
): string {
  const one = {
    id: 'call-one-final',
    sentence: 'A callee MUST send one final message.',
    intent: 'A call without an end leaks.',
    observable: 'One final message comes.',
    roles: 'worker, engine',
    since: '1',
    ...change,
  }
  return [
    `#### ${one.id}`,
    `> ${one.sentence}`,
    '',
    `*Intent:* ${one.intent}`,
    `*Observable as:* ${one.observable}`,
    `*Roles:* ${one.roles}`,
    ...(one.more === undefined ? [] : [one.more]),
    `*Since:* ${one.since}`,
    '',
  ].join('\n')
}

/** A chapter with this text. */
export function chapter(text: string, path = 'spec/4-calls.md'): TextFile {
  return { path, text }
}
