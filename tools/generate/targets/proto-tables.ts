/** `proto/millrace/v1/*.proto` → the table of one message's fields, with the comments of the file. Pure, but for its reading. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A field as the file has it. */
interface ProtoField {
  readonly number: number
  readonly name: string
  readonly type: string
  readonly doc: string
}

const FOLDER = 'proto/millrace/v1'

/** The table of a message, or undefined when no file has it. */
export function protoTable(root: string, message: string): string | undefined {
  const folder = join(root, FOLDER)
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.proto'))) {
    const fields = fieldsOf(readFileSync(join(folder, file), 'utf8'), message)
    if (fields === undefined) continue
    const rows = fields.map(({ number, name, type, doc }) => `| ${number} | \`${name}\` | \`${type}\` | ${doc} |`)
    const source = `[${file}](../${FOLDER}/${file})`
    return [
      `\`${message}\`, from ${source}:`,
      '',
      '| # | Field | Type | Meaning |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n')
  }
  return undefined
}

/** The fields of `message` in the text of a proto file, in their order; undefined when it has no such message. */
export function fieldsOf(text: string, message: string): ProtoField[] | undefined {
  const body = text.match(new RegExp(`^message ${message} \\{\\n([\\s\\S]*?)^\\}`, 'm'))?.[1]
  if (body === undefined) return undefined
  const fields: ProtoField[] = []
  let doc: string[] = []
  for (const line of body.split('\n').map((one) => one.trim())) {
    const comment = line.match(/^\/\/ ?(.*)$/)?.[1]
    const field = line.match(/^((?:repeated )?\w+|map<\w+, \w+>) (\w+) = (\d+);$/)
    if (comment !== undefined) doc.push(comment)
    else if (field !== null) {
      fields.push({
        type: field[1]!,
        name: field[2]!,
        number: Number(field[3]),
        doc: doc.join(' ').replaceAll('|', '\\|'),
      })
      doc = []
    } else if (line !== '') throw new Error(`${message}: this line of the proto file is not understood: ${line}`)
  }
  return fields
}
