/** The protobuf image of `proto/` → `packages/protocol/src/generated/cold-messages.ts`: types, enums and field tables. */
import { upper } from '../words.ts'

/** As buf writes an image in JSON, what is used of it. */
export interface Image {
  readonly file: readonly ImageFile[]
}

interface ImageFile {
  readonly name: string
  readonly messageType?: readonly ImageMessage[]
  readonly enumType?: readonly ImageEnum[]
  readonly sourceCodeInfo?: {
    readonly location: readonly { readonly path?: readonly number[]; readonly leadingComments?: string }[]
  }
}

interface ImageEnum {
  readonly name: string
  readonly value: readonly { readonly name: string; readonly number?: number }[]
}

interface ImageMessage {
  readonly name: string
  readonly field?: readonly ImageField[]
  readonly nestedType?: readonly ImageMessage[]
  readonly options?: { readonly mapEntry?: boolean }
}

interface ImageField {
  readonly name: string
  readonly jsonName: string
  readonly number: number
  readonly label: string
  readonly type: string
  readonly typeName?: string
}

/** Numbers of descriptor.proto, by which comments are found. */
const MESSAGES_OF_FILE = 4
const ENUMS_OF_FILE = 5
const FIELDS_OF_MESSAGE = 2

/** The whole text of the TypeScript file. Throws an Error for a field of a kind that the codec does not have. */
export function coldMessages(image: Image): string {
  const out = [
    '// Generated from proto/millrace/v1 by tools/generate. Do not edit: run `make generate`.',
    '',
    "import type { ColdSchema } from '../proto-codec.ts'",
    '',
  ]
  for (const file of image.file) {
    for (const [i, one] of (file.enumType ?? []).entries()) out.push(...enumLines(one, doc(file, [ENUMS_OF_FILE, i])))
  }
  for (const lines of insideOut(image.file.flatMap(messagesOf))) out.push(...lines)
  return `${out.join('\n').trimEnd()}\n`
}

function enumLines({ name, value }: ImageEnum, said: string | undefined): string[] {
  const prefix = `${upper(name.replace(/(?<=[a-z])(?=[A-Z])/g, '_'))}_`
  return [
    ...comment('', said),
    `export const ${name} = {`,
    ...value.map((one) => `  ${one.name.slice(prefix.length)}: ${one.number ?? 0},`),
    '} as const',
    `export type ${name} = (typeof ${name})[keyof typeof ${name}]`,
    '',
  ]
}

interface Written {
  readonly name: string
  /** The messages in it. */
  readonly of: readonly string[]
  readonly lines: readonly string[]
}

function messagesOf(file: ImageFile): Written[] {
  return (file.messageType ?? []).map((one, i) => {
    const fieldDoc = (at: number): string | undefined => doc(file, [MESSAGES_OF_FILE, i, FIELDS_OF_MESSAGE, at])
    const { lines, of } = messageLines(one, fieldDoc)
    return { name: one.name, of, lines: [...comment('', doc(file, [MESSAGES_OF_FILE, i])), ...lines] }
  })
}

/** A table is there before those that it is in. Throws for a message that holds itself. */
function insideOut(messages: readonly Written[]): (readonly string[])[] {
  const done = new Set<string>()
  const out: (readonly string[])[] = []
  const put = ({ name, of, lines }: Written, above: readonly string[]): void => {
    if (above.includes(name)) throw new Error(`proto: ${name} holds itself, which a table can't say`)
    if (done.has(name)) return
    for (const inner of messages.filter((one) => of.includes(one.name))) put(inner, [...above, name])
    done.add(name)
    out.push(lines)
  }
  for (const one of messages) put(one, [])
  return out
}

function messageLines(
  message: ImageMessage,
  fieldDoc: (at: number) => string | undefined,
): { readonly lines: string[]; readonly of: string[] } {
  const fields = (message.field ?? []).map((field) => ({ ...field, ...shapeOf(message, field) }))
  const rows = fields.map(({ number, jsonName, kind, of }) => {
    const parts = [String(number), `'${jsonName}'`, `'${kind}'`, ...(of === undefined ? [] : [`${of}Schema`])]
    return `    [${parts.join(', ')}],`
  })
  const lines = [
    `export interface ${message.name} {`,
    ...fields.flatMap(({ jsonName, type, isOptional }, at) => [
      ...comment('  ', fieldDoc(at)),
      `  ${jsonName}${isOptional ? '?' : ''}: ${type}`,
    ]),
    '}',
    '',
    `export const ${message.name}Schema: ColdSchema<${message.name}> = {`,
    '  fields: [',
    ...rows,
    '  ],',
    '}',
    '',
  ]
  return { lines, of: fields.flatMap(({ of }) => of ?? []) }
}

interface Shape {
  readonly kind: string
  /** In TypeScript. */
  readonly type: string
  readonly of?: string
  readonly isOptional?: boolean
}

function shapeOf(message: ImageMessage, field: ImageField): Shape {
  const repeated = field.label === 'LABEL_REPEATED'
  const of = field.typeName?.slice(field.typeName.lastIndexOf('.') + 1) ?? ''
  switch (field.type) {
    case 'TYPE_STRING':
      return repeated ? { kind: 'texts', type: 'string[]' } : { kind: 'text', type: 'string' }
    case 'TYPE_UINT32':
      if (!repeated) return { kind: 'uint32', type: 'number' }
      break
    case 'TYPE_ENUM':
      if (!repeated) return { kind: 'enum', type: of }
      break
    case 'TYPE_MESSAGE': {
      const entry = message.nestedType?.find(({ name, options }) => name === of && options?.mapEntry === true)
      if (entry?.field?.every(({ type }) => type === 'TYPE_STRING')) {
        return { kind: 'map', type: 'Record<string, string>' }
      }
      if (entry !== undefined) break
      return repeated
        ? { kind: 'messages', type: `${of}[]`, of }
        : { kind: 'message', type: `${of} | undefined`, of, isOptional: true }
    }
  }
  throw new Error(
    `proto: ${message.name}.${field.name} is of a kind (${field.type}${repeated ? ', repeated' : ''}) that packages/protocol/src/proto-codec.ts does not have`,
  )
}

function doc(file: ImageFile, path: readonly number[]): string | undefined {
  return file.sourceCodeInfo?.location.find((one) => String(one.path) === String(path))?.leadingComments?.trim()
}

function comment(indent: string, said: string | undefined): string[] {
  if (said === undefined) return []
  const lines = said.split('\n').map((line) => line.trim())
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`]
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`]
}
