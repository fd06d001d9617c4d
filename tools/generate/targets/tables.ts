/** The tables of the prose, as Markdown, by the name that a marker asks for. */
import { type Field, fieldsOf, type Layout, type MessageType } from '../layout.ts'
import { diagram } from './diagram.ts'

/** Rows of cells → a Markdown table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string | number): string => `\`${text}\``
const list = (names: readonly string[]): string => (names.length === 0 ? '' : names.map(code).join(', '))
const byte = (value: number): string => code(`0x${value.toString(16).padStart(2, '0')}`)

function range(field: Field): string {
  return field.max === undefined ? '' : `0 to ${field.max}`
}

function fieldTable(fields: readonly Field[]): string {
  return table(
    ['Offset', 'Type', 'Field', 'Range', 'Meaning'],
    fields.map((f) => [`${f.offset}`, code(f.type), code(f.name), range(f), f.doc]),
  )
}

const CALL_IDS = { none: '0', new: 'a new id', open: 'a call that is or was open', any: '0 or a call' } as const
const bodyOf = (type: MessageType): string => {
  if (type.body === 'none' || type.body === 'payload') return type.body
  if (type.body === 'name') return 'a name'
  return `${type.prefix === true ? 'version prefix, ' : ''}${code(type.body)}${type.spans === true ? ', may span' : ''}`
}

function typeTable(layout: Layout): string {
  return table(
    ['Type', 'Name', 'Sent by', '`call_id`', 'Body', 'Flags', 'Needs', 'Meaning'],
    layout.types.map((t) => [
      byte(t.value),
      code(t.name),
      t.direction,
      CALL_IDS[t.call],
      bodyOf(t),
      list(t.flags),
      t.feature === undefined ? (t.level ?? '') : code(t.feature),
      t.doc,
    ]),
  )
}

function rangeTable(layout: Layout): string {
  return table(
    ['From', 'To', 'Range', 'Meaning'],
    layout.type_ranges.map((r) => [byte(r.from), byte(r.to), r.name, r.doc]),
  )
}

function oneType(layout: Layout, name: string): string | undefined {
  const type = layout.types.find((t) => t.name === name)
  if (type === undefined) return undefined
  const fields = fieldsOf(layout, type)
  const facts = [
    `${byte(type.value)}, sent by ${type.direction === 'both' ? 'both sides' : `the ${type.direction}`}`,
    `\`call_id\`: ${CALL_IDS[type.call]}`,
    `body: ${bodyOf(type)}`,
    `flags: ${list(type.flags) || 'none'}`,
    `needs: ${type.feature === undefined ? (type.level ?? '') : code(type.feature)}`,
  ]
  // The fields that every type has are explained once, in the table of all fields.
  const own = fields.filter((field) => field.always !== true)
  const meanings = own.length === 0 ? [] : ['', fieldTable(own)]
  return [`${facts.join(' · ')}.`, '', diagram(fields, layout.message.header_bytes), ...meanings].join('\n')
}

/** The names without an argument, and what each becomes. */
const TABLES: Readonly<Record<string, (layout: Layout) => string>> = {
  fields: (layout) => fieldTable(layout.fields),
  diagram: (layout) => diagram(layout.fields, layout.message.header_bytes),
  types: (layout) => `${typeTable(layout)}\n\n${rangeTable(layout)}`,
  flags: (layout) =>
    table(
      ['Bit', 'Flag', 'Types', 'Needs', 'Meaning'],
      layout.flags.map((f) => [
        byte(f.value),
        code(f.name),
        list(layout.types.filter((t) => t.flags.includes(f.name)).map((t) => t.name)),
        f.feature === undefined ? '' : code(f.feature),
        f.doc,
      ]),
    ),
  contents: (layout) =>
    table(
      ['Value', 'Content', 'Media type', 'Meaning'],
      layout.contents.map((c) => [`${c.value}`, code(c.name), code(c.media_type), c.doc]),
    ),
  statuses: (layout) =>
    table(
      ['Value', 'Status', 'Reasons'],
      layout.statuses.map((s) => [
        `${s.value}`,
        code(s.name),
        list(layout.reasons.filter((r) => r.status === s.name).map((r) => r.name)),
      ]),
    ),
  reasons: (layout) =>
    table(
      ['Value', 'Reason', 'Status', 'To blame', 'Started', 'Retry', 'HTTP', 'Meaning', 'What the caller should do'],
      layout.reasons.map((r) => [
        `${r.value}`,
        code(r.name),
        code(r.status),
        r.component,
        r.started,
        r.retry,
        `${r.http}`,
        r.doc,
        r.caller,
      ]),
    ),
  features: (layout) =>
    table(
      ['Feature', 'Types', 'Flags', 'Meaning'],
      layout.features.map((f) => [
        code(f.name),
        list(layout.types.filter((t) => t.feature === f.name).map((t) => t.name)),
        list(layout.flags.filter((flag) => flag.feature === f.name).map((flag) => flag.name)),
        f.doc,
      ]),
    ),
  levels: (layout) =>
    table(
      ['Level', 'Features', 'Meaning'],
      layout.levels.map((l) => [code(l.name), list(l.features) || 'none', l.doc]),
    ),
  limits: (layout) =>
    table(
      ['Limit', 'Value', 'Unit', 'Meaning'],
      layout.limits.map((l) => [code(l.name), l.value.toLocaleString('en-US'), l.unit, l.doc]),
    ),
  segment: ({ segment }) =>
    table(
      ['Offset', 'Type', 'Field', 'Written by', 'Meaning'],
      [
        ...segment.fields.map((f) => [`${f.offset}`, code(f.type), code(f.name), f.writer, f.doc]),
        [`${segment.cells_at}`, '', 'cells of IN', 'engine', 'One message each.'],
        [`${segment.cells_at} + 1024 × \`cells\``, '', 'cells of OUT', 'worker', 'One message each.'],
      ],
    ),
  'version-prefix': (layout) =>
    [
      diagram(layout.version_prefix.fields, layout.version_prefix.bytes),
      '',
      fieldTable(layout.version_prefix.fields),
    ].join('\n'),
}

/** Every name that a marker may ask for here, but `type:X`. */
export const TABLE_NAMES: readonly string[] = Object.keys(TABLES)

/** The Markdown for a name, or undefined when there is no such table. */
export function markdown(layout: Layout, name: string): string | undefined {
  if (name.startsWith('type:')) return oneType(layout, name.slice('type:'.length))
  return TABLES[name]?.(layout)
}
