import { describe, expect, it } from 'vitest'
import { found } from '../testing.ts'
import { words } from './words.ts'

const ENGINE = 'packages/engine/src'

describe('words', () => {
  it('finds a banned word in prose and in every style of name, singular or plural', () => {
    for (const text of ['the next frame', 'nextFrame', 'next_frames', 'FRAME_BYTES', 'FrameReader', 'TODO: later']) {
      expect(found(words, { 'a.ts': `\n${text}` }), text).toEqual(['a.ts:2'])
    }
  })

  it('passes longer words, allowed phrases and allowed places', () => {
    expect(found(words, { 'a.ts': 'framework, multitasking, HTTP connections, queueMicrotask, the main job' })).toEqual(
      [],
    )
    expect(found(words, { 'spec/glossary.md': 'never frame' })).toEqual([])
    expect(found(words, { [`${ENGINE}/gateway/http-gateway.ts`]: 'connection' })).toEqual([])
    expect(found(words, { [`${ENGINE}/channel/channel.ts`]: 'connection' })).toHaveLength(1)
  })
})
