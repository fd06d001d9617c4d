/** `layout.yaml` → `sdks/python/src/millrace/_gen/layout.py`: constants, field accessors, per-type tables. */
import { type Field, fieldBytes, flagMask, type Layout } from '../layout.ts'
import { upper, wrap } from '../words.ts'
import { reservedWords } from './typescript.ts'

const COLUMNS = 100
const comment = (text: string): string[] => wrap(text, '# ', COLUMNS)
const constant = (name: string, value: number | string, doc?: string): string[] => [
  ...(doc === undefined ? [] : comment(doc)),
  `${name}: Final = ${value}`,
]

/** The whole text of the Python file. */
export function python(layout: Layout): string {
  const { bytes, header_bytes, body_bytes } = layout.message
  return `${[
    '# Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.',
    '"""The wire layout: constants, header field accessors and what each message type allows."""',
    '',
    'from __future__ import annotations',
    '',
    'import struct',
    'from typing import Final, Literal, NamedTuple',
    '',
    '# What the accessors read from, and what they write to.',
    'ReadBuffer = bytes | bytearray | memoryview',
    'WriteBuffer = bytearray | memoryview',
    '',
    ...constant('PROTOCOL_VERSION', layout.protocol, 'The protocol version that this layout describes.'),
    ...constant('MESSAGE_BYTES', bytes, 'Bytes of every message.'),
    ...constant('HEADER_BYTES', header_bytes, 'Bytes of the header; the body begins here.'),
    ...constant('BODY_BYTES', body_bytes, 'Bytes of the body, and of the largest inline payload.'),
    '',
    '# Offsets of the header fields, in bytes from the start of the message.',
    ...layout.fields.map((f) => `OFFSET_${upper(f.name)}: Final = ${f.offset}`),
    '',
    '# Message types.',
    ...layout.types.flatMap((t) => constant(`TYPE_${t.name}`, t.value, t.doc)),
    '',
    '# Bits of the flags field.',
    ...layout.flags.flatMap((f) => constant(`FLAG_${f.name}`, f.value, f.doc)),
    '',
    '# gRPC status numbers; 0 is ok.',
    ...layout.statuses.flatMap((s) => constant(`STATUS_${s.name}`, s.value)),
    '',
    '# What a payload is.',
    ...layout.contents.flatMap((c) => constant(`CONTENT_${c.name}`, c.value, c.doc)),
    '',
    '# Why a call failed or a channel ended: the closed list.',
    ...layout.reasons.flatMap((r) => constant(`REASON_${upper(r.name)}`, r.value, r.doc)),
    '',
    '# Limits.',
    ...layout.limits.flatMap((l) => constant(l.name, l.value, `${l.doc} Unit: ${l.unit}.`)),
    '',
    '# The version prefix of HELLO, WELCOME and GOODBYE bodies.',
    ...constant('VERSION_PREFIX_BYTES', layout.version_prefix.bytes),
    ...constant('MAGIC', `b"${layout.version_prefix.magic}"`),
    ...comment('Magic, lowest version, highest version, and a word that is always zero.'),
    `VERSION_PREFIX: Final = struct.Struct("<${layout.version_prefix.fields.map(code).join('')}")`,
    '',
    ...names(layout),
    ...tables(layout),
    ...layout.fields.filter((f) => f.reserved !== true).flatMap(accessors),
  ]
    .join('\n')
    .trimEnd()}\n`
}

function names(layout: Layout): string[] {
  const literal = (name: string, list: readonly string[]): string[] => [
    `${name} = Literal[`,
    ...list.map((n) => `    "${n}",`),
    ']',
  ]
  return [
    ...literal(
      'ReasonName',
      layout.reasons.map((r) => r.name),
    ),
    ...literal(
      'FeatureName',
      layout.features.map((f) => f.name),
    ),
    ...literal(
      'FieldName',
      layout.fields.filter((f) => f.reserved !== true).map((f) => f.name),
    ),
    '',
    '# Features that HELLO may offer and WELCOME accept.',
    'FEATURES: Final[tuple[FeatureName, ...]] = (',
    ...layout.features.map((f) => `    "${f.name}",`),
    ')',
    '# Conformance levels and the features that each needs.',
    'LEVELS: Final[dict[str, tuple[FeatureName, ...]]] = {',
    ...layout.levels.map((l) => `    "${l.name}": (${l.features.map((f) => `"${f}",`).join(' ')}),`),
    '}',
    '# Media type of each content number.',
    'MEDIA_TYPES: Final[dict[int, str]] = {',
    ...layout.contents.map((c) => `    ${c.value}: "${c.media_type}",`),
    '}',
    '',
    '',
  ]
}

function tables(layout: Layout): string[] {
  const statuses = new Map(layout.statuses.map((s) => [s.name, s.value]))
  return [
    'class ReasonInfo(NamedTuple):',
    '    """What is known of a reason, whatever the call."""',
    '',
    '    name: ReasonName',
    '    value: int',
    '    status: int',
    '    component: Literal["caller", "engine", "worker", "function"]',
    '    started: Literal["yes", "no", "maybe"]',
    '    retry: Literal["yes", "no", "maybe"]',
    '    http: int',
    '    doc: str',
    '    caller: str',
    '',
    '',
    '# Every reason by its name.',
    'REASONS: Final[dict[ReasonName, ReasonInfo]] = {',
    ...layout.reasons.flatMap((r) => [
      `    "${r.name}": ReasonInfo(`,
      `        "${r.name}",`,
      `        ${r.value},`,
      `        ${statuses.get(r.status)},`,
      `        "${r.component}",`,
      `        "${r.started}",`,
      `        "${r.retry}",`,
      `        ${r.http},`,
      `        ${JSON.stringify(r.doc)},`,
      `        ${JSON.stringify(r.caller)},`,
      '    ),',
    ]),
    '}',
    '',
    '',
    'class TypeInfo(NamedTuple):',
    '    """What the layout says of one message type."""',
    '',
    '    name: str',
    '    value: int',
    '    # Who may send it.',
    '    direction: Literal["worker", "engine", "both"]',
    '    # What call_id may be: 0, a fresh id, one that is or was open, or any of these.',
    '    call: Literal["none", "new", "open", "any"]',
    '    # Flag bits that it allows.',
    '    flags: int',
    '    # none, payload, name, or the protobuf message that the body is.',
    '    body: str',
    '    # The body begins with the version prefix.',
    '    prefix: bool',
    '    # It may go on, with MORE, in the next messages of its type.',
    '    spans: bool',
    '    # The feature that it needs; None: core.',
    '    feature: FeatureName | None',
    '    uses: tuple[FieldName, ...]',
    '    # Words that must read as zero under a mask: (offset in bytes, mask).',
    '    reserved: tuple[tuple[int, int], ...]',
    '',
    '',
    '# Every type by its number.',
    'TYPES: Final[dict[int, TypeInfo]] = {',
    ...layout.types.flatMap((t) => {
      const words = reservedWords(layout, t)
      const pairs = Array.from(
        { length: words.length / 2 },
        (_, i) => [words[2 * i]!, words[2 * i + 1]! >>> 0] as const,
      )
      return [
        `    ${t.value}: TypeInfo(`,
        `        name="${t.name}",`,
        `        value=${t.value},`,
        `        direction="${t.direction}",`,
        `        call="${t.call}",`,
        `        flags=${flagMask(layout, t)},`,
        `        body="${t.body}",`,
        `        prefix=${t.prefix === true ? 'True' : 'False'},`,
        `        spans=${t.spans === true ? 'True' : 'False'},`,
        `        feature=${t.feature === undefined ? 'None' : `"${t.feature}"`},`,
        ...(t.uses.length === 0
          ? ['        uses=(),']
          : ['        uses=(', ...t.uses.map((u) => `            "${u}",`), '        ),']),
        '        reserved=(',
        ...pairs.map(([at, mask]) => `            (${at}, 0x${mask.toString(16).toUpperCase().padStart(8, '0')}),`),
        '        ),',
        '    ),',
      ]
    }),
    '}',
    '',
    '_U16 = struct.Struct("<H")',
    '_U32 = struct.Struct("<I")',
    '',
    '',
  ]
}

function accessors(field: Field): string[] {
  const { name, offset, type } = field
  const size = fieldBytes(type)
  const place = offset === 0 ? 'at' : `at + ${offset}`
  const doc = wrap(`"""${type} at ${offset}. ${field.doc}`, '    ', COLUMNS - 3)
  if (doc.length > 1) doc.push('    """')
  else doc[0] += '"""'
  if (size > 4) {
    return [
      `def read_${name}(message: ReadBuffer, at: int = 0) -> bytes:`,
      ...doc,
      `    return bytes(message[${place} : at + ${offset + size}])`,
      '',
      '',
      `def write_${name}(message: WriteBuffer, value: bytes, at: int = 0) -> None:`,
      `    """Set ${name} to exactly ${size} bytes; ValueError for any other number of them."""`,
      `    if len(value) != ${size}:`,
      `        raise ValueError(f"${name} takes ${size} bytes, not {len(value)}")`,
      `    message[${place} : at + ${offset + size}] = value`,
      '',
      '',
    ]
  }
  const read = size === 1 ? `message[${place}]` : `int(_U${size * 8}.unpack_from(message, ${place})[0])`
  const write = size === 1 ? `message[${place}] = value` : `_U${size * 8}.pack_into(message, ${place}, value)`
  const error = size === 1 ? 'ValueError' : 'struct.error'
  return [
    `def read_${name}(message: ReadBuffer, at: int = 0) -> int:`,
    ...doc,
    `    return ${read}`,
    '',
    '',
    `def write_${name}(message: WriteBuffer, value: int, at: int = 0) -> None:`,
    `    """Set ${name}; ${error} when the value does not fit ${type}."""`,
    `    ${write}`,
    '',
    '',
  ]
}

function code(field: Field): string {
  return { u8: 'B', u16: 'H', u32: 'I', 'u8[8]': '8s', 'u8[16]': '16s' }[field.type]
}
