/** Reads `spec/layout.yaml`, the one source of the wire, and checks it against its schema and itself. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

export type FieldType = 'u8' | 'u16' | 'u32' | 'u8[8]' | 'u8[16]'
export type Direction = 'worker' | 'engine' | 'both'
export type CallRule = 'none' | 'new' | 'open' | 'any'

export interface Field {
  readonly name: string
  readonly offset: number
  readonly type: FieldType
  readonly always?: boolean
  readonly reserved?: boolean
  readonly max?: number
  readonly doc: string
}

export interface Flag {
  readonly name: string
  readonly value: number
  readonly feature?: string
  readonly doc: string
}

export interface MessageType {
  readonly name: string
  readonly value: number
  readonly direction: Direction
  readonly call: CallRule
  readonly uses: readonly string[]
  readonly flags: readonly string[]
  readonly body: string
  readonly prefix?: boolean
  readonly spans?: boolean
  readonly level?: 'core'
  readonly feature?: string
  readonly doc: string
}

export interface Reason {
  readonly name: string
  readonly value: number
  readonly status: string
  readonly component: string
  readonly started: string
  readonly retry: string
  readonly http: number
  readonly doc: string
  readonly caller: string
}

/** A field of the segment that holds the rings. */
export interface SegmentField {
  readonly name: string
  readonly offset: number
  readonly type: 'u32' | 'u8[8]'
  /** Who may write it once it is made. */
  readonly writer: Direction
  readonly doc: string
}

export interface Layout {
  readonly protocol: number
  readonly message: {
    readonly bytes: number
    readonly header_bytes: number
    readonly body_bytes: number
    readonly endianness: 'little'
  }
  readonly fields: readonly Field[]
  readonly flags: readonly Flag[]
  readonly types: readonly MessageType[]
  readonly type_ranges: readonly { name: string; from: number; to: number; doc: string }[]
  readonly version_prefix: { readonly bytes: number; readonly magic: string; readonly fields: readonly Field[] }
  readonly contents: readonly { name: string; value: number; media_type: string; doc: string }[]
  readonly statuses: readonly { name: string; value: number }[]
  readonly reasons: readonly Reason[]
  readonly features: readonly { name: string; doc: string }[]
  readonly levels: readonly { name: string; features: readonly string[]; doc: string }[]
  readonly limits: readonly { name: string; value: number; unit: string; doc: string }[]
  readonly segment: {
    readonly magic: string
    readonly layout: number
    /** Bytes that each field has to itself which changes while the two sides run. */
    readonly line_bytes: number
    /** Where the cells of the ring IN begin; those of OUT follow. */
    readonly cells_at: number
    readonly fields: readonly SegmentField[]
  }
}

/** Bytes that one field takes. */
export function fieldBytes(type: FieldType): number {
  return { u8: 1, u16: 2, u32: 4, 'u8[8]': 8, 'u8[16]': 16 }[type]
}

/**
 * Loads and checks the layout under `root`, the repository's top folder.
 * Throws an Error that lists every fault with its place when the file breaks the schema or contradicts itself.
 */
export function loadLayout(root: string): Layout {
  const layout = parse(readFileSync(join(root, 'spec/layout.yaml'), 'utf8')) as Layout
  const schema = JSON.parse(readFileSync(join(root, 'spec/layout.schema.json'), 'utf8')) as object
  const ajv = new Ajv2020({ allErrors: true, strict: true })
  if (!ajv.validate(schema, layout)) {
    throw new Error(`spec/layout.yaml breaks its schema:\n${ajv.errorsText(ajv.errors, { separator: '\n' })}`)
  }
  const faults = contradictions(layout)
  if (faults.length > 0) throw new Error(`spec/layout.yaml contradicts itself:\n${faults.join('\n')}`)
  return layout
}

/** What a schema cannot say: alignment, overlaps within a type, names that exist, numbers used once. */
export function contradictions(layout: Layout): string[] {
  const faults: string[] = []
  const { bytes, header_bytes, body_bytes } = layout.message
  if (header_bytes + body_bytes !== bytes) faults.push('message: header_bytes + body_bytes is not bytes')
  const byName = new Map(layout.fields.map((field) => [field.name, field]))
  for (const field of layout.fields) {
    const size = fieldBytes(field.type)
    const align = field.type.startsWith('u8') ? 1 : size
    if (field.offset % align !== 0)
      faults.push(`fields.${field.name}: offset ${field.offset} is not aligned to ${align}`)
    if (field.offset + size > header_bytes) faults.push(`fields.${field.name}: ends beyond the header`)
  }
  const once = (list: readonly { name: string; value?: number }[], what: string): void => {
    const names = new Set<string>()
    const values = new Set<number>()
    for (const { name, value } of list) {
      if (names.has(name)) faults.push(`${what}.${name}: name used twice`)
      names.add(name)
      if (value === undefined) continue
      if (values.has(value)) faults.push(`${what}.${name}: value ${value} used twice`)
      values.add(value)
    }
  }
  once(layout.fields, 'fields')
  once(layout.types, 'types')
  once(layout.flags, 'flags')
  once(layout.reasons, 'reasons')
  once(layout.statuses, 'statuses')
  once(layout.contents, 'contents')
  // Two limits may be the same number.
  once(
    layout.limits.map(({ name }) => ({ name })),
    'limits',
  )
  once(layout.features, 'features')
  once(layout.segment.fields, 'segment.fields')
  faults.push(...segmentFaults(layout))
  const flags = new Set(layout.flags.map((flag) => flag.name))
  const features = new Set(layout.features.map((feature) => feature.name))
  const statuses = new Set(layout.statuses.map((status) => status.name))
  for (const type of layout.types) {
    for (const use of type.uses) if (!byName.has(use)) faults.push(`types.${type.name}: no field ${use}`)
    for (const flag of type.flags) if (!flags.has(flag)) faults.push(`types.${type.name}: no flag ${flag}`)
    if (type.feature !== undefined && !features.has(type.feature))
      faults.push(`types.${type.name}: no feature ${type.feature}`)
    if ((type.level === undefined) === (type.feature === undefined))
      faults.push(`types.${type.name}: needs a level or a feature, not both`)
    const taken = new Set<number>()
    for (const field of fieldsOf(layout, type)) {
      for (let at = field.offset; at < field.offset + fieldBytes(field.type); at += 1) {
        if (taken.has(at)) faults.push(`types.${type.name}: ${field.name} overlaps another field at byte ${at}`)
        taken.add(at)
      }
    }
  }
  for (const reason of layout.reasons) {
    if (!statuses.has(reason.status)) faults.push(`reasons.${reason.name}: no status ${reason.status}`)
  }
  for (const level of layout.levels) {
    for (const feature of level.features)
      if (!features.has(feature)) faults.push(`levels.${level.name}: no feature ${feature}`)
  }
  return faults
}

/** Fields of the segment that overlap, are not aligned, reach the cells, or share a line with another side's. */
function segmentFaults({ segment }: Layout): string[] {
  const faults: string[] = []
  let end = 0
  for (const field of segment.fields) {
    const { name, offset, type } = field
    if (offset % 4 !== 0) faults.push(`segment.fields.${name}: offset ${offset} is not aligned to 4`)
    if (offset < end) faults.push(`segment.fields.${name}: overlaps the field before it`)
    end = offset + fieldBytes(type)
    if (end > segment.cells_at) faults.push(`segment.fields.${name}: ends among the cells`)
    const line = (at: number): number => Math.floor(at / segment.line_bytes)
    const neighbour = segment.fields.find((other) => other !== field && line(other.offset) === line(offset))
    if (neighbour !== undefined && line(offset) > 0)
      faults.push(`segment.fields.${name}: shares a line with ${neighbour.name}`)
  }
  return faults
}

/** The header fields that mean something in a type, in wire order. */
export function fieldsOf(layout: Layout, type: MessageType): Field[] {
  return layout.fields
    .filter((field) => field.always === true || type.uses.includes(field.name))
    .sort((a, b) => a.offset - b.offset)
}

/** The header bytes that are reserved in a type, as [begin, end) ranges in wire order. */
export function reservedRanges(layout: Layout, type: MessageType): [number, number][] {
  const used = new Set<number>()
  for (const field of fieldsOf(layout, type)) {
    for (let at = field.offset; at < field.offset + fieldBytes(field.type); at += 1) used.add(at)
  }
  const ranges: [number, number][] = []
  for (let at = 0; at < layout.message.header_bytes; at += 1) {
    if (used.has(at)) continue
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === at) last[1] = at + 1
    else ranges.push([at, at + 1])
  }
  return ranges
}

/** The flag bits that a type allows. */
export function flagMask(layout: Layout, type: MessageType): number {
  return layout.flags.filter((flag) => type.flags.includes(flag.name)).reduce((mask, flag) => mask | flag.value, 0)
}
