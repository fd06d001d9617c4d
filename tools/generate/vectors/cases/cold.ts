/** Bodies of ERROR and of the cold messages of a worker's life. Judged once the whole body is there. */
import type { Layout } from '../../layout.ts'
import { accept, type Case, type Proto, reject } from '../case.ts'
import { protobuf } from '../protobuf.ts'
import { MALFORMED } from './cold-bodies.ts'
import { least } from './types.ts'

export function coldCases(layout: Layout): Case[] {
  return [...failures(layout), ...others(layout)]
}

function failures(layout: Layout): Case[] {
  const from = least(layout, 'ERROR')
  const engine = least(layout, 'ERROR', 'engine')
  const reasonOf = (name: string): Uint8Array =>
    protobuf([1, layout.reasons.find((reason) => reason.name === name)!.value])
  const status8 = accept(
    'error-status-own',
    ['error-status-of-reason'],
    'With handler_error the function chooses the status.',
    {
      ...from,
      fields: { ...from.fields, status: 8 },
      body: reasonOf('handler_error'),
    },
    { stage: 'body', proto: { message: 'Failure', value: { reason: 'REASON_HANDLER_ERROR' } } },
  )
  const proto = protobuf(
    [1, 1],
    [2, 'E_EMPTY'],
    [3, 'no words in “input”'],
    [4, 'ValueError'],
    [5, 'at count (words.py:12)'],
    [6, 2],
    [7, 'word.count'],
  )
  const base = accept(
    'error-whole',
    ['error-body'],
    'A failure with everything in it.',
    { ...from, body: proto },
    {
      stage: 'body',
      proto: {
        message: 'Failure',
        value: {
          reason: 'REASON_HANDLER_ERROR',
          code: 'E_EMPTY',
          message: 'no words in “input”',
          error_type: 'ValueError',
          stack: 'at count (words.py:12)',
          retry: 'RETRY_NO',
          function: 'word.count',
        },
      },
    },
  )
  return [
    base,
    accept('error-body-empty', ['error-body'], 'An empty body means handler_error.', from, {
      stage: 'body',
      proto: { message: 'Failure', value: {} },
    }),
    ...layout.reasons.map((reason) =>
      accept(
        `error-reason-${reason.name.replaceAll('_', '-')}`,
        ['error-body'],
        `A failure with the reason ${reason.name} and its status.`,
        {
          // The engine may send every reason; a worker may not.
          ...engine,
          fields: { ...engine.fields, status: layout.statuses.find((status) => status.name === reason.status)!.value },
          body: protobuf([1, reason.value]),
        },
        { stage: 'body', proto: { message: 'Failure', value: { reason: `REASON_${reason.name.toUpperCase()}` } } },
      ),
    ),
    ...MALFORMED.map(([id, bytes, what]) =>
      reject(base, `error-proto-${id}`, 'error-body', `The body: ${what}.`, { body: bytes }, 'body'),
    ),
    status8,
    reject(
      status8,
      'error-reason-queue-full-worker',
      'error-reason-worker',
      'A worker has no queue of the engine.',
      { body: reasonOf('queue_full') },
      'body',
    ),
    reject(
      status8,
      'error-reason-status-of-another',
      'error-status-of-reason',
      'not_found has the status 5.',
      { body: reasonOf('not_found') },
      'body',
    ),
    accept(
      'error-reason-unknown',
      ['reason-unknown', 'cold-unknown-fields'],
      'A reason of a later version counts as handler_error.',
      { ...from, body: protobuf([1, 99], [77, 'later']) },
      {
        stage: 'body',
        proto: { message: 'Failure', value: { reason: 99 } },
      },
    ),
    reject(
      base,
      'error-proto-utf8',
      'error-body',
      'The message is not UTF-8.',
      { body: protobuf([3, Uint8Array.of(0xff)]) },
      'body',
    ),
  ]
}

function others(layout: Layout): Case[] {
  const make = (
    id: string,
    type: string,
    comment: string,
    body: Uint8Array,
    proto: Proto,
    fields: Record<string, number> = {},
  ): Case =>
    accept(
      id,
      ['cold-body'],
      comment,
      { ...least(layout, type), fields: { ...least(layout, type).fields, ...fields }, body },
      { stage: 'body', proto },
    )
  const cases = [
    make(
      'log-whole',
      'LOG',
      'A record of a call.',
      protobuf([1, 3], [2, 'slow page'], [3, '{"page":7}']),
      {
        message: 'Log',
        value: { level: 'LOG_LEVEL_WARN', message: 'slow page', attributes_json: '{"page":7}' },
      },
      { call_id: 2 },
    ),
    make(
      'load-whole',
      'LOAD',
      'Code for a prewarmed worker.',
      protobuf([1, '/srv/app/words.py'], [2, 'count'], [3, 'word.count']),
      {
        message: 'Load',
        value: { entry: '/srv/app/words.py', handler: 'count', function: 'word.count' },
      },
    ),
    make('loaded-offers', 'LOADED', 'What the code serves.', protobuf([1, protobuf([1, 'word.count'])]), {
      message: 'Loaded',
      value: { offers: [{ name: 'word.count' }] },
    }),
    make(
      'loaded-failure',
      'LOADED',
      'Why the code could not be loaded.',
      protobuf([3, protobuf([1, 17], [3, 'no module named words'])]),
      {
        message: 'Loaded',
        value: { failure: { reason: 'REASON_LOAD_FAILED', message: 'no module named words' } },
      },
      { status: 9 },
    ),
    make(
      'fork-whole',
      'FORK',
      'A channel for a forked worker.',
      protobuf([1, '/run/m/7/in'], [2, '/run/m/7/out'], [3, 'secret']),
      {
        message: 'Fork',
        value: { channel_in: '/run/m/7/in', channel_out: '/run/m/7/out', token: 'secret' },
      },
    ),
  ]
  return [
    ...cases,
    ...cases
      .filter((one) => one.id.endsWith('-whole'))
      .flatMap((one) =>
        MALFORMED.map(([id, bytes, what]) =>
          reject(
            one,
            one.id.replace('whole', `proto-${id}`),
            'cold-body',
            `The body: ${what}.`,
            { body: bytes },
            'body',
          ),
        ),
      ),
  ]
}
