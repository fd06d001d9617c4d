/** Rules of INVOKE, RESULT, ERROR, DATA and WINDOW that one message alone can break, and statuses elsewhere. */
import type { Layout } from '../../layout.ts'
import { accept, type Case, reject } from '../case.ts'
import { pattern, text } from '../message.ts'
import { least } from './types.ts'

export function callCases(layout: Layout): Case[] {
  return [
    ...callIds(layout),
    ...invoke(layout),
    ...payloads(layout),
    ...files(layout),
    ...finals(layout),
    ...sides(layout),
    ...statuses(layout),
    ...flow(layout),
  ]
}

function callIds(layout: Layout): Case[] {
  const worker = accept(
    'invoke-first-worker',
    ['invoke-call-id-parity'],
    'The first call that the worker starts.',
    least(layout, 'INVOKE', 'worker'),
  )
  const engine = accept(
    'invoke-first-engine',
    ['invoke-call-id-parity'],
    'The first call that the engine starts.',
    least(layout, 'INVOKE', 'engine'),
  )
  const rule = 'invoke-call-id-parity'
  const id = (from: Case, name: string, call_id: number, comment: string): Case =>
    reject(from, name, rule, comment, { fields: { call_id } })
  const highest = (from: Case, name: string, call_id: number): Case =>
    accept(name, [rule], 'The highest id before the wrap.', {
      ...from.message,
      fields: { ...from.message.fields, call_id },
    })
  return [
    worker,
    engine,
    highest(worker, 'invoke-worker-highest', 0xffffffff),
    highest(engine, 'invoke-engine-highest', 0xfffffffe),
    id(worker, 'invoke-worker-even', 2, 'The worker numbers its calls odd.'),
    id(worker, 'invoke-worker-even-highest', 0xfffffffe, 'The worker numbers its calls odd.'),
    id(worker, 'invoke-worker-0', 0, 'No call has the id 0.'),
    id(engine, 'invoke-engine-odd', 1, 'The engine numbers its calls even.'),
    id(engine, 'invoke-engine-odd-highest', 0xffffffff, 'The engine numbers its calls even.'),
    id(engine, 'invoke-engine-0', 0, 'No call has the id 0.'),
  ]
}

function invoke(layout: Layout): Case[] {
  const from = least(layout, 'INVOKE', 'engine')
  const base = accept(
    'invoke-fields',
    ['invoke-function-id', 'invoke-attempt-positive', 'invoke-priority-range'],
    'INVOKE with its limits at the edge.',
    {
      ...from,
      fields: { ...from.fields, function_id: 1, attempt: 1, priority: 7, depth: 255, content: 255, trace_flags: 255 },
    },
  )
  const own = least(layout, 'INVOKE', 'worker')
  const inner = accept('invoke-parent', ['call-parent-open'], 'An internal call and the call that makes it.', {
    ...own,
    fields: { ...own.fields, parent_call_id: 2 },
  })
  return [
    base,
    accept('invoke-highest-ids', ['invoke-function-id'], 'Ids and times at their highest.', {
      ...base.message,
      fields: {
        ...base.message.fields,
        function_id: 0xffffffff,
        attempt: 0xffffffff,
        timeout_us: 0xffffffff,
        queue_us: 0xffffffff,
      },
    }),
    reject(base, 'invoke-function-0', 'invoke-function-id', 'No function has the id 0.', {
      fields: { function_id: 0 },
    }),
    reject(base, 'invoke-priority-8', 'invoke-priority-range', 'Urgency ends at 7.', { fields: { priority: 8 } }),
    reject(base, 'invoke-priority-255', 'invoke-priority-range', 'Urgency ends at 7.', { fields: { priority: 255 } }),
    reject(
      base,
      'invoke-parent-zero',
      'call-parent-zero',
      'A call that the engine starts has its parent on another channel.',
      {
        fields: { parent_call_id: 1 },
      },
    ),
    reject(
      base,
      'invoke-parent-zero-even',
      'call-parent-zero',
      'A call that the engine starts has its parent on another channel.',
      {
        fields: { parent_call_id: 2 },
      },
    ),
    inner,
    reject(inner, 'invoke-parent-odd', 'call-parent-open', 'The parent is a call that the engine started.', {
      fields: { parent_call_id: 3 },
    }),
    reject(base, 'invoke-attempt-0', 'invoke-attempt-positive', 'Tries count from 1.', { fields: { attempt: 0 } }),
  ]
}

function payloads(layout: Layout): Case[] {
  const rule = 'invoke-payload-length'
  const from = least(layout, 'INVOKE', 'engine')
  const inline = (length: number): Case =>
    accept(`invoke-payload-${length}`, [rule], `An inline payload of ${length} bytes.`, {
      ...from,
      fields: { ...from.fields, payload_length: length },
      body: pattern(length),
    })
  const more = (id: string, comment: string, payload_length: number): Case =>
    accept(id, [rule], comment, { ...from, fields: { ...from.fields, flags: 1, payload_length }, body: pattern(960) })
  const wrong = (base: Case, id: string, payload_length: number, comment: string): Case =>
    reject(base, id, rule, comment, { fields: { payload_length } })
  const zero = inline(0)
  const full = inline(960)
  const announced = more('invoke-payload-961', 'The shortest payload that needs DATA.', 961)
  return [
    zero,
    inline(1),
    inline(959),
    full,
    announced,
    more('invoke-payload-unknown', 'A streamed payload whose end is not known.', 0xffffffff),
    more('invoke-payload-longest', 'The longest payload that can be announced.', 0xfffffffe),
    more('invoke-payload-all-here', 'MORE although every byte is here: an empty DATA without MORE ends it.', 960),
    wrong(zero, 'invoke-payload-0-says-1', 1, 'Announces a byte that never comes.'),
    wrong(full, 'invoke-payload-960-says-959', 959, 'Announces less than it carries.'),
    wrong(full, 'invoke-payload-960-says-961', 961, 'Announces more than it carries, and nothing follows.'),
    wrong(full, 'invoke-payload-960-says-unknown', 0xffffffff, 'Nothing follows, so the length is known.'),
    wrong(announced, 'invoke-payload-more-says-959', 959, 'Announces less than the first message carries.'),
    wrong(announced, 'invoke-payload-more-says-0', 0, 'Announces nothing and carries 960 bytes.'),
  ]
}

function files(layout: Layout): Case[] {
  return ['INVOKE', 'RESULT'].flatMap((type) => {
    const name = type.toLowerCase()
    const from = least(layout, type)
    const base = accept(
      `${name}-file`,
      ['file-name-plain', 'file-alone'],
      'A payload in a file: the body names it, payload_length is its size.',
      {
        ...from,
        fields: { ...from.fields, flags: 2, payload_length: 3 },
        body: text('payload-0001.bin'),
      },
    )
    const wrong = (id: string, bad: string): Case =>
      reject(
        base,
        `${name}-file-${id}`,
        'file-name-plain',
        `${JSON.stringify(bad)} names no file of the worker's directory.`,
        { body: text(bad) },
      )
    return [
      base,
      reject(base, `${name}-file-more`, 'file-alone', 'A payload is in one place.', {
        fields: { flags: 3, payload_length: 3 },
      }),
      wrong('path', 'a/b'),
      wrong('up', '../x'),
      wrong('absolute', '/etc/passwd'),
      wrong('hidden', '.x'),
      wrong('empty', ''),
      wrong('long', 'p'.repeat(129)),
    ]
  })
}

/** Rules that sender and parity of the call id together tell: which side is the caller. */
function sides(layout: Layout): Case[] {
  return (['worker', 'engine'] as const).flatMap((sender) => {
    const other = sender === 'worker' ? 'engine' : 'worker'
    const wrong = (type: string, rule: string, comment: string): Case[] => {
      const name = `${type.toLowerCase()}-of-${sender}`
      const base = accept(name, [rule], `${type} from the ${sender}.`, least(layout, type, sender))
      const flipped = base.message.fields!.call_id === 1 ? 2 : 1
      return [base, reject(base, `${name}-wrong-side`, rule, comment, { fields: { call_id: flipped } })]
    }
    return [
      ...wrong('RESULT', 'call-callee-answers', `The ${sender} started the call itself.`),
      ...wrong('ERROR', 'call-callee-answers', `The ${sender} started the call itself.`),
      ...wrong('CANCEL', 'call-caller-cancels', `The ${other} started the call.`),
      ...wrong('DATA', 'data-output-more', `The ${other} started the call, so this is output and goes on.`),
    ]
  })
}

function finals(layout: Layout): Case[] {
  const from = least(layout, 'RESULT')
  const result = accept(
    'result-final',
    ['result-status-zero', 'call-one-final'],
    'A final RESULT: the outcome is ok.',
    {
      ...from,
      fields: { ...from.fields, payload_length: 4, run_us: 12, queue_us: 3, cpu_us: 11, content: 1 },
      body: new TextEncoder().encode('true'),
    },
  )
  const more = accept('result-more', ['payload-length-exact'], 'The first RESULT of a streamed output.', {
    ...from,
    fields: { ...from.fields, flags: 1, payload_length: 4 },
    body: pattern(4),
  })
  const failed = accept(
    'error-final',
    ['error-status-range', 'call-one-final'],
    'A final ERROR without a body: handler_error.',
    least(layout, 'ERROR'),
  )
  return [
    result,
    reject(result, 'result-total-short', 'result-total', 'Says less than it carries.', {
      fields: { payload_length: 3 },
    }),
    more,
    reject(more, 'result-more-short', 'payload-length-exact', 'Announces less than it carries.', {
      fields: { payload_length: 3 },
    }),
    accept(
      'result-total',
      ['result-total'],
      'The last RESULT of a streamed output says the bytes of all parts together.',
      {
        ...result.message,
        fields: { ...result.message.fields, payload_length: 1048576 },
        body: new Uint8Array(0),
      },
    ),
    accept('result-more-empty', ['result-status-zero'], 'The first RESULT of a streamed output may carry nothing.', {
      ...from,
      fields: { ...from.fields, flags: 1, payload_length: 0xffffffff },
    }),
    ...[1, 2, 16, 17, 0xffffffff].map((status) =>
      reject(result, `result-status-${status}`, 'result-status-zero', 'A RESULT is always ok.', { fields: { status } }),
    ),
    failed,
    ...layout.statuses
      .filter((status) => status.value !== 0)
      .map((status) =>
        accept(`error-status-${status.value}`, ['error-status-range'], `ERROR with ${status.name}.`, {
          ...failed.message,
          fields: { ...failed.message.fields, status: status.value },
        }),
      ),
    ...[0, 17, 256, 0xffffffff].map((status) =>
      reject(failed, `error-status-${status}`, 'error-status-range', 'An ERROR has a status from 1 to 16.', {
        fields: { status },
      }),
    ),
  ]
}

function statuses(layout: Layout): Case[] {
  return layout.types
    .filter((type) => type.uses.includes('status') && type.name !== 'RESULT' && type.name !== 'ERROR')
    .flatMap((type) => {
      const name = type.name.toLowerCase()
      const from = least(layout, type.name)
      const fields: Record<string, number | string> = { ...from.fields, status: 16 }
      if (type.name === 'RESOLVED') fields.function_id = 0
      const base = accept(`${name}-status-16`, ['message-status-range'], `${type.name} with the highest status.`, {
        ...from,
        fields,
      })
      return [
        base,
        ...[17, 0xffffffff].map((status) =>
          reject(base, `${name}-status-${status}`, 'message-status-range', 'Statuses end at 16.', {
            fields: { status },
          }),
        ),
      ]
    })
}

function flow(layout: Layout): Case[] {
  const from = least(layout, 'DATA')
  const last = accept('data-last-empty', ['data-not-empty'], 'An empty DATA without MORE ends an input.', from)
  const one = accept('data-more-1', ['data-not-empty'], 'The shortest DATA that goes on.', {
    ...from,
    fields: { ...from.fields, flags: 1 },
    body: pattern(1),
  })
  const known = accept('resolved-known', ['resolved-id'], 'The id of a function.', least(layout, 'RESOLVED'))
  const unknown = accept('resolved-unknown', ['resolved-not-found'], 'No such function.', {
    ...least(layout, 'RESOLVED'),
    fields: { function_id: 0, status: 5 },
  })
  const resolved = [
    known,
    unknown,
    reject(known, 'resolved-known-0', 'resolved-id', 'Status 0 and no id.', { fields: { function_id: 0 } }),
    reject(known, 'resolved-known-status-5', 'resolved-not-found', 'An id and a status.', { fields: { status: 5 } }),
    reject(unknown, 'resolved-unknown-1', 'resolved-not-found', 'A status and an id.', { fields: { function_id: 1 } }),
  ]
  const window = accept('window-credit-32', ['window-credit-positive'], 'A grant of all the credit there is.', {
    ...least(layout, 'WINDOW'),
    fields: { ...least(layout, 'WINDOW').fields, credit: 32 },
  })
  return [
    last,
    one,
    reject(last, 'data-more-empty', 'data-not-empty', 'A DATA that goes on carries something.', {
      fields: { flags: 1 },
    }),
    reject(one, 'data-more-0', 'data-not-empty', 'A DATA that goes on carries something.', { body: new Uint8Array(0) }),
    window,
    reject(window, 'window-credit-33', 'credit-max', 'More than a sender may ever have.', { fields: { credit: 33 } }),
    reject(window, 'window-credit-highest', 'credit-max', 'More than a sender may ever have.', {
      fields: { credit: 0xffffffff },
    }),
    ...resolved,
    reject(window, 'window-credit-0', 'window-credit-positive', 'A grant of nothing.', { fields: { credit: 0 } }),
  ]
}
