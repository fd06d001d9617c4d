/** `layout.yaml` → `packages/protocol/src/generated/layout.ts`: constants, field accessors, per-type tables. */
import { fieldBytes, flagMask, type Layout, type MessageType, reservedRanges } from '../layout.ts'

const camel = (snake: string): string => snake.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The whole text of the TypeScript file. */
export function typescript(layout: Layout): string {
  const out: string[] = [
    '// Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.',
    '',
    `/** The protocol version that this layout describes. */`,
    `export const PROTOCOL_VERSION = ${layout.protocol}`,
    `/** Bytes of every message. */`,
    `export const MESSAGE_BYTES = ${layout.message.bytes}`,
    `/** Bytes of the header; the body begins here. */`,
    `export const HEADER_BYTES = ${layout.message.header_bytes}`,
    `/** Bytes of the body, and of the largest inline payload. */`,
    `export const BODY_BYTES = ${layout.message.body_bytes}`,
    '',
    '/** Offsets of the header fields, in bytes from the start of the message. */',
    'export const OFFSET = {',
    ...layout.fields.flatMap((f) => [`  /** ${f.type}. ${f.doc} */`, `  ${f.name}: ${f.offset},`]),
    '} as const',
    '',
  ]
  out.push(
    ...table('MessageType', 'Message types.', layout.types),
    ...table('Flag', 'Bits of the flags field.', layout.flags),
  )
  out.push(...table('Status', 'gRPC status numbers; 0 is ok.', layout.statuses))
  out.push(...table('Content', 'What a payload is.', layout.contents))
  out.push(...reasons(layout), ...features(layout), ...limits(layout), ...prefix(layout), ...segment(layout))
  out.push(...perType(layout), ...accessors(layout))
  return `${out.join('\n')}\n`
}

function table(name: string, doc: string, rows: readonly { name: string; value: number; doc?: string }[]): string[] {
  return [
    `/** ${doc} */`,
    `export const ${name} = {`,
    ...rows.flatMap((row) => [
      ...(row.doc === undefined ? [] : [`  /** ${row.doc} */`]),
      `  ${row.name}: ${row.value},`,
    ]),
    '} as const',
    `export type ${name} = (typeof ${name})[keyof typeof ${name}]`,
    '',
  ]
}

function reasons(layout: Layout): string[] {
  const statuses = new Map(layout.statuses.map((s) => [s.name, s.value]))
  return [
    '/** Why a call failed or a channel ended: the closed list. */',
    `export type ReasonName =\n${layout.reasons.map((r) => `  | '${r.name}'`).join('\n')}`,
    '',
    '/** What is known of a reason, whatever the call. */',
    'export interface ReasonInfo {',
    '  readonly name: ReasonName',
    '  readonly value: number',
    '  /** gRPC status number. */',
    '  readonly status: Status',
    '  /** Who is to blame. */',
    "  readonly component: 'caller' | 'engine' | 'worker' | 'function'",
    '  /** Whether the handler may have run. */',
    "  readonly started: 'yes' | 'no' | 'maybe'",
    '  /** Whether the same call may succeed later. */',
    "  readonly retry: 'yes' | 'no' | 'maybe'",
    '  /** What the HTTP gateway answers. */',
    '  readonly http: number',
    '  readonly doc: string',
    '  /** What the caller should do. */',
    '  readonly caller: string',
    '}',
    '',
    '/** Every reason by its name. */',
    'export const REASONS: Readonly<Record<ReasonName, ReasonInfo>> = {',
    ...layout.reasons.map(
      (r) =>
        `  ${r.name}: { name: '${r.name}', value: ${r.value}, status: ${statuses.get(r.status)}, component: '${r.component}', started: '${r.started}', retry: '${r.retry}', http: ${r.http}, doc: ${JSON.stringify(r.doc)}, caller: ${JSON.stringify(r.caller)} },`,
    ),
    '}',
    '',
  ]
}

function features(layout: Layout): string[] {
  return [
    '/** Features that HELLO may offer and WELCOME accept. */',
    `export type FeatureName =\n${layout.features.map((f) => `  | '${f.name}'`).join('\n')}`,
    `export const FEATURES: readonly FeatureName[] = [${layout.features.map((f) => `'${f.name}'`).join(', ')}]`,
    '/** Conformance levels and the features each needs. */',
    'export const LEVELS: Readonly<Record<string, readonly FeatureName[]>> = {',
    ...layout.levels.map((l) => `  ${l.name}: [${l.features.map((f) => `'${f}'`).join(', ')}],`),
    '}',
    '/** Media type of each content number. */',
    'export const MEDIA_TYPES: Readonly<Record<number, string>> = {',
    ...layout.contents.map((c) => `  ${c.value}: '${c.media_type}',`),
    '}',
    '',
  ]
}

function limits(layout: Layout): string[] {
  return layout.limits
    .flatMap((l) => [`/** ${l.doc} Unit: ${l.unit}. */`, `export const ${l.name} = ${l.value}`])
    .concat('')
}

function prefix(layout: Layout): string[] {
  return [
    '/** Bytes of the version prefix of HELLO, WELCOME and GOODBYE bodies. */',
    `export const VERSION_PREFIX_BYTES = ${layout.version_prefix.bytes}`,
    `export const MAGIC = '${layout.version_prefix.magic}'`,
    '/** Offsets within the version prefix. */',
    'export const PREFIX_OFFSET = {',
    ...layout.version_prefix.fields.map((f) => `  ${f.name}: ${f.offset},`),
    '} as const',
    '',
  ]
}

function segment({ segment: { magic, layout, cells_at, fields } }: Layout): string[] {
  return [
    '/** Begins the segment of shared memory that holds two rings. */',
    `export const SEGMENT_MAGIC = '${magic}'`,
    '/** Number of the layout of the segment. */',
    `export const SEGMENT_LAYOUT = ${layout}`,
    '/** Where the cells of the ring IN begin, in bytes; those of OUT follow. */',
    `export const SEGMENT_CELLS_AT = ${cells_at}`,
    '/** Offsets within the segment, in bytes. */',
    'export const SEGMENT_OFFSET = {',
    ...fields.flatMap((f) => [`  /** ${f.type}, written by ${f.writer}. ${f.doc} */`, `  ${f.name}: ${f.offset},`]),
    '} as const',
    '',
  ]
}

function perType(layout: Layout): string[] {
  const rows = layout.types.map((type) => {
    const feature = type.feature === undefined ? 'undefined' : `'${type.feature}'`
    return `  ${type.value}: { name: '${type.name}', value: ${type.value}, direction: '${type.direction}', call: '${type.call}', flags: ${flagMask(layout, type)}, body: '${type.body}', prefix: ${type.prefix === true}, spans: ${type.spans === true}, feature: ${feature}, uses: [${type.uses.map((u) => `'${u}'`).join(', ')}] },`
  })
  return [
    '/** What the layout says of one message type. */',
    'export interface TypeInfo {',
    '  readonly name: keyof typeof MessageType',
    '  readonly value: MessageType',
    '  /** Who may send it. */',
    "  readonly direction: 'worker' | 'engine' | 'both'",
    '  /** What call_id may be: 0, a fresh id, one that is or was open, or any of these. */',
    "  readonly call: 'none' | 'new' | 'open' | 'any'",
    '  /** Flag bits that it allows. */',
    '  readonly flags: number',
    '  readonly body: string',
    '  /** The body begins with the version prefix. */',
    '  readonly prefix: boolean',
    '  /** It may go on, with MORE, in the next messages of its type. */',
    '  readonly spans: boolean',
    '  /** The feature that it needs; undefined: core. */',
    '  readonly feature: FeatureName | undefined',
    '  readonly uses: readonly string[]',
    '}',
    '',
    '/** Every type by its number. */',
    'export const TYPES: Readonly<Record<number, TypeInfo>> = {',
    ...rows,
    '}',
    '',
    '/** Flag bits allowed, by type number; 0 for unknown types. */',
    `export const FLAGS_ALLOWED: Readonly<Uint8Array> = bytesByType({ ${layout.types.map((t) => `${t.value}: ${flagMask(layout, t)}`).join(', ')} })`,
    '',
    '/** Reserved header bits, by type number: pairs of a word offset in bytes and the mask that must read as zero. */',
    'export const RESERVED_WORDS: readonly (Int32Array | undefined)[] = wordsByType({',
    ...layout.types.map((type) => `  ${type.value}: [${reservedWords(layout, type).join(', ')}],`),
    '})',
    '',
    'function bytesByType(rows: Record<number, number>): Uint8Array {',
    '  const table = new Uint8Array(256)',
    '  for (const [type, value] of Object.entries(rows)) table[Number(type)] = value',
    '  return table',
    '}',
    '',
    'function wordsByType(rows: Record<number, number[]>): (Int32Array | undefined)[] {',
    '  const table: (Int32Array | undefined)[] = new Array(256).fill(undefined)',
    '  for (const [type, words] of Object.entries(rows)) table[Number(type)] = Int32Array.from(words)',
    '  return table',
    '}',
    '',
  ]
}

/** Pairs [offset, mask] for each header word with reserved bytes; masks as signed 32-bit numbers. */
export function reservedWords(layout: Layout, type: MessageType): number[] {
  const masks = new Map<number, number>()
  for (const [begin, end] of reservedRanges(layout, type)) {
    for (let at = begin; at < end; at += 1) {
      const word = at - (at % 4)
      masks.set(word, (masks.get(word) ?? 0) | (0xff << (8 * (at % 4))))
    }
  }
  return [...masks].flat()
}

function accessors(layout: Layout): string[] {
  const read = (f: Layout['fields'][number]): string[] => {
    const doc = `  /** ${f.type} at ${f.offset}. ${f.doc} */`
    const name = camel(f.name)
    if (fieldBytes(f.type) > 4)
      return [
        doc,
        `  get ${name}(): Uint8Array {`,
        `    return this.bytes.subarray(this.at + ${f.offset}, this.at + ${f.offset + fieldBytes(f.type)})`,
        '  }',
        '',
      ]
    const get =
      f.type === 'u8'
        ? `this.data.getUint8(this.at + ${f.offset})`
        : `this.data.get${f.type === 'u16' ? 'Uint16' : 'Uint32'}(this.at + ${f.offset}, true)`
    return [doc, `  get ${name}(): number {`, `    return ${get}`, '  }', '']
  }
  const write = (f: Layout['fields'][number]): string[] => {
    const name = camel(f.name)
    if (fieldBytes(f.type) > 4)
      return [
        `  override get ${name}(): Uint8Array {`,
        `    return super.${name}`,
        '  }',
        '',
        `  /** Copies ${fieldBytes(f.type)} bytes. */`,
        `  override set ${name}(value: Uint8Array) {`,
        `    this.bytes.set(value, this.at + ${f.offset})`,
        '  }',
        '',
      ]
    const set =
      f.type === 'u8'
        ? `this.data.setUint8(this.at + ${f.offset}, value)`
        : `this.data.set${f.type === 'u16' ? 'Uint16' : 'Uint32'}(this.at + ${f.offset}, value, true)`
    return [
      `  override get ${name}(): number {`,
      `    return super.${name}`,
      '  }',
      '',
      `  override set ${name}(value: number) {`,
      `    ${set}`,
      '  }',
      '',
    ]
  }
  const fields = layout.fields.filter((f) => f.reserved !== true)
  return [
    '/** Reads the header fields of the message that begins at `at` in `bytes`. Copies nothing. */',
    'export class MessageFields {',
    '  bytes: Uint8Array',
    '  data: DataView',
    '  /** Where the message begins in `bytes`. */',
    '  at = 0',
    '',
    '  constructor(bytes: Uint8Array) {',
    '    this.bytes = bytes',
    '    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)',
    '  }',
    '',
    ...fields.flatMap(read),
    '}',
    '',
    '/** Writes them, too. Numbers beyond a field are cut to its width. */',
    'export class WritableMessageFields extends MessageFields {',
    ...fields.flatMap(write),
    '}',
  ]
}
