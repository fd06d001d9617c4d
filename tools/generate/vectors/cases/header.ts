/** Rules of the header that hold for every type: types, lengths, flags, reserved bytes, direction, call id, bodies. */
import { flagMask, type Layout, reservedRanges } from '../../layout.ts'
import { accept, type Case, ignore, reject } from '../case.ts'
import { pattern, text } from '../message.ts'
import { least, senderOf } from './types.ts'

export function headerCases(layout: Layout): Case[] {
  return [
    ...unknownTypes(),
    ...bodyLengths(layout),
    ...flags(layout),
    ...reserved(layout),
    ...direction(layout),
    ...bodies(layout),
  ]
}

function unknownTypes(): Case[] {
  const base = accept('type-known', ['message-type-known'], 'The accept of the unknown types: an ATTACHED.', {
    sender: 'worker',
    type: 'ATTACHED',
  })
  const critical = [0x00, 0x04, 0x07, 0x0a, 0x0f, 0x14, 0x1a, 0x22, 0x2a, 0x32, 0x3b, 0x42, 0x5f, 0x60, 0x7f]
  const ignorable = [0x81, 0xdf, 0xe0, 0xff]
  const name = (type: number): string => type.toString(16).padStart(2, '0')
  return [
    base,
    ...critical.map((type) =>
      reject(
        base,
        `type-${name(type)}`,
        'message-type-known',
        `Type 0x${name(type)} is not of version 1 and below 0x80.`,
        { type },
      ),
    ),
    ...ignorable.map((type) =>
      ignore(`type-${name(type)}`, `Type 0x${name(type)} is not of version 1 and may be dropped.`, {
        sender: 'worker',
        type,
      }),
    ),
    ignore(
      'type-81-anything',
      'Nothing in an ignorable message is judged: flags, lengths and fields may be of a later version.',
      {
        sender: 'engine',
        type: 0x81,
        fields: { flags: 0xff, body_length: 0xffff, call_id: 0xffffffff },
        bytes: { 60: 1, 8: 2 },
        body: pattern(960),
      },
    ),
  ]
}

function bodyLengths(layout: Layout): Case[] {
  const data = (length: number): Case =>
    accept(`data-body-${length}`, ['message-body-length'], `DATA with ${length} body bytes.`, {
      ...least(layout, 'DATA'),
      body: pattern(length),
    })
  const full = data(960)
  const log = accept('log-body-960', ['message-body-length'], 'LOG with 960 body bytes that goes on.', {
    ...least(layout, 'LOG'),
    fields: { flags: 1 },
    body: pattern(960),
  })
  const invoke = accept(
    'invoke-more-body-960',
    ['message-body-length'],
    'INVOKE of a longer payload with 960 body bytes.',
    {
      ...least(layout, 'INVOKE'),
      fields: { ...least(layout, 'INVOKE').fields, flags: 1, payload_length: 0xffffffff },
      body: pattern(960),
    },
  )
  const over = (from: Case, id: string, length: number): Case =>
    reject(from, id, 'message-body-length', `body_length ${length} is above 960.`, { fields: { body_length: length } })
  return [
    data(0),
    data(1),
    data(959),
    full,
    over(full, 'data-body-961', 961),
    over(full, 'data-body-1024', 1024),
    over(full, 'data-body-65535', 65535),
    log,
    over(log, 'log-body-961', 961),
    invoke,
    over(invoke, 'invoke-body-961', 961),
    accept(
      'data-stale-tail',
      ['message-body-length'],
      'Bytes behind body_length are a fault of the sender, but no receiver checks them.',
      {
        ...least(layout, 'DATA'),
        fields: { ...least(layout, 'DATA').fields, body_length: 4 },
        body: pattern(64),
      },
    ),
  ]
}

function flags(layout: Layout): Case[] {
  return layout.types.flatMap((type) => {
    const name = type.name.toLowerCase()
    const mask = flagMask(layout, type)
    const spare = type.body === 'payload' ? { body: text('file') } : {}
    const needs = type.name === 'INVOKE' || type.name === 'RESULT' ? { payload_length: 4 } : {}
    const from = least(layout, type.name)
    const base = accept(`${name}-flags-none`, ['message-flags-known'], `${type.name} without flags.`, {
      ...from,
      ...spare,
      fields: { ...from.fields, ...needs },
    })
    const cases = [base]
    for (let bit = 1; bit < 256; bit *= 2) {
      const known = layout.flags.find((flag) => flag.value === bit)
      const label = known?.name.toLowerCase().replaceAll('_', '-') ?? `0x${bit.toString(16).padStart(2, '0')}`
      if ((mask & bit) !== 0) {
        cases.push(
          accept(`${name}-flag-${label}`, ['message-flags-known'], `${type.name} may have ${known!.name}.`, {
            ...base.message,
            fields: { ...base.message.fields, flags: bit },
          }),
        )
      } else if (known !== undefined || bit === 8 || bit === 128) {
        const why = known === undefined ? 'is not a flag of version 1' : `is not a flag of ${type.name}`
        cases.push(
          reject(
            base,
            `${name}-flag-${label}`,
            'message-flags-known',
            `Bit 0x${bit.toString(16).padStart(2, '0')} ${why}.`,
            { fields: { flags: bit } },
          ),
        )
      }
    }
    return cases
  })
}

/** Every reserved word of the types on the hot path; the first and the last byte of the others. */
function reserved(layout: Layout): Case[] {
  const thorough = new Set(['HELLO', 'INVOKE', 'RESULT', 'ERROR', 'CANCEL', 'WINDOW', 'PONG'])
  return layout.types.flatMap((type) => {
    const name = type.name.toLowerCase()
    const base = accept(
      `${name}-reserved-zero`,
      ['message-reserved-zero'],
      `${type.name} with all reserved bytes zero.`,
      least(layout, type.name),
    )
    const ranges = reservedRanges(layout, type)
    const bytes = new Set<number>([ranges[0]![0], ranges.at(-1)![1] - 1])
    if (thorough.has(type.name)) {
      for (const [begin, end] of ranges) {
        bytes.add(begin)
        bytes.add(end - 1)
        for (let at = begin - (begin % 4) + 4; at < end; at += 4) bytes.add(at)
      }
    }
    return [
      base,
      ...[...bytes]
        .sort((a, b) => a - b)
        .map((at) =>
          reject(
            base,
            `${name}-reserved-${at}`,
            'message-reserved-zero',
            `Byte ${at} belongs to no field of ${type.name}.`,
            {
              bytes: { [at]: at % 2 === 0 ? 0x01 : 0x80 },
            },
          ),
        ),
    ]
  })
}

function direction(layout: Layout): Case[] {
  const oneWay = layout.types
    .filter((type) => type.direction !== 'both')
    .flatMap((type) => {
      const name = type.name.toLowerCase()
      const base = accept(
        `${name}-direction`,
        ['message-direction'],
        `${type.name} from the ${type.direction}.`,
        least(layout, type.name),
      )
      const other = senderOf(type) === 'worker' ? 'engine' : 'worker'
      return [
        base,
        reject(base, `${name}-direction-wrong`, 'message-direction', `The ${other} may not send ${type.name}.`, {
          sender: other,
        }),
      ]
    })
  const callIds = layout.types.flatMap((type) => {
    const name = type.name.toLowerCase()
    if (type.call === 'none') {
      const base = accept(
        `${name}-call-id-0`,
        ['message-call-id'],
        `${type.name} is not about a call.`,
        least(layout, type.name),
      )
      return [
        base,
        reject(base, `${name}-call-id-2`, 'message-call-id', `${type.name} is not about a call.`, {
          fields: { call_id: 2 },
        }),
      ]
    }
    if (type.call !== 'open') return []
    const from = least(layout, type.name)
    const highest = from.fields!.call_id === 2 ? 0xfffffffe : 0xffffffff
    const base = accept(
      `${name}-call-id-highest`,
      ['message-call-id'],
      `${type.name} about the call with the highest id.`,
      {
        ...from,
        fields: { ...from.fields, call_id: highest },
      },
    )
    return [
      base,
      reject(base, `${name}-call-id-0`, 'message-call-id', `${type.name} is always about a call.`, {
        fields: { call_id: 0 },
      }),
    ]
  })
  const log = least(layout, 'LOG')
  const ofCall = accept('log-call-id-2', ['log-call-id'], 'A LOG record may belong to a call of the engine.', {
    ...log,
    fields: { call_id: 2 },
  })
  return [
    ...oneWay,
    ...callIds,
    accept('log-call-id-0', ['log-call-id'], 'A LOG record may belong to no call.', log),
    ofCall,
    reject(ofCall, 'log-call-id-1', 'log-call-id', 'A record belongs to a call that the worker runs.', {
      fields: { call_id: 1 },
    }),
  ]
}

function bodies(layout: Layout): Case[] {
  const none = layout.types
    .filter((type) => type.body === 'none')
    .flatMap((type) => {
      const name = type.name.toLowerCase()
      const base = accept(
        `${name}-body-none`,
        ['message-body-none'],
        `${type.name} has no body.`,
        least(layout, type.name),
      )
      return [
        base,
        reject(base, `${name}-body-1`, 'message-body-none', `${type.name} with a body of one byte.`, {
          fields: { body_length: 1 },
        }),
        reject(base, `${name}-body-960`, 'message-body-none', `${type.name} with a body of 960 bytes.`, {
          body: pattern(960),
        }),
      ]
    })
  const names = layout.types
    .filter((type) => type.body === 'name')
    .flatMap((type) => {
      const name = type.name.toLowerCase()
      const from = least(layout, type.name)
      const long = accept(`${name}-name-128`, ['name-form'], 'The longest name.', {
        ...from,
        body: text('n'.repeat(128)),
      })
      const marks = accept(`${name}-name-marks`, ['name-form'], 'A name with every mark that is allowed.', {
        ...from,
        body: text('9aZ.b-c_d'),
      })
      const wrong: readonly (readonly [string, string])[] = [
        ['dot-first', '.hidden'],
        ['dash-first', '-flag'],
        ['underscore-first', '_private'],
        ['up', '../x'],
        ['space', 'word count'],
        ['slash', 'word/count'],
        ['colon', 'word:count'],
        ['umlaut', 'wörter'],
        ['nul', 'word\0count'],
        ['newline', 'word\n'],
      ]
      return [
        long,
        marks,
        ...wrong.map(([id, bad]) =>
          reject(marks, `${name}-name-${id}`, 'name-form', `${JSON.stringify(bad)} is no name.`, { body: text(bad) }),
        ),
        reject(marks, `${name}-name-0`, 'name-form', 'A name has at least one byte.', { body: text('') }),
        reject(long, `${name}-name-129`, 'name-form', 'A name has at most 128 bytes.', { body: text('n'.repeat(129)) }),
        reject(long, `${name}-name-960`, 'name-form', 'A name has at most 128 bytes.', { body: text('n'.repeat(960)) }),
      ]
    })
  return [...none, ...names]
}
