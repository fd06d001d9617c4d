import { judge, MessageView } from '@millrace/protocol'
import { describe, expect, it } from 'vitest'
import { bytesOf, WRONG_MESSAGES } from './wrong-messages.ts'

/** These need the state of a channel to be wrong. */
const BY_STATE = new Set(['handshake-hello-once', 'call-id-known', 'call-id-rising', 'feature-accepted'])

describe('WRONG_MESSAGES', () => {
  it.each(WRONG_MESSAGES.map((wrong) => [wrong.rule, wrong] as const))(
    'break %s and no rule before it',
    (rule, wrong) => {
      const verdict = judge(new MessageView(bytesOf(wrong)), 'engine')
      expect(typeof verdict === 'string' ? verdict : verdict.rule).toBe(BY_STATE.has(rule) ? 'accept' : rule)
    },
  )
})
