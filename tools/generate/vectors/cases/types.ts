/** Each type at its least, at its most, and with every byte of every field told apart. */
import { fieldBytes, fieldsOf, flagMask, type Layout, type MessageType } from '../../layout.ts'
import { accept, type Case } from '../case.ts'
import { hex, type MessageCase, pattern, type Sender, text } from '../message.ts'
import { versionPrefix } from '../protobuf.ts'

const slug = (type: MessageType): string => type.name.toLowerCase()

/** Who sends a type in the vectors: the worker where both may. */
export function senderOf(type: MessageType): Sender {
  return type.direction === 'engine' ? 'engine' : 'worker'
}

/** Whether a type comes from the callee, so that its call is one of the other side's. */
function answers(name: string): boolean {
  return name === 'RESULT' || name === 'ERROR'
}

/** The least that a message of a type must say. Its body is empty where that is allowed. */
export function least(layout: Layout, name: string, sender?: Sender): MessageCase {
  const type = layout.types.find((t) => t.name === name)
  if (type === undefined) throw new Error(`no type ${name} in spec/layout.yaml`)
  const from = sender ?? senderOf(type)
  const fields: Record<string, number> = {}
  if (type.call === 'new' || type.call === 'open') fields.call_id = answers(name) === (from === 'worker') ? 2 : 1
  if (name === 'INVOKE') Object.assign(fields, { function_id: 1, attempt: 1 })
  if (name === 'ERROR') fields.status = 2
  if (name === 'WINDOW') fields.credit = 1
  if (name === 'RESOLVED') fields.function_id = 1
  const body =
    type.body === 'name' ? text('f') : type.prefix === true ? versionPrefix('MILLRACE', 1, 1) : new Uint8Array(0)
  return { sender: from, type: name, fields, body }
}

/** A message with all that its type allows set, by `value` for each field. */
function full(layout: Layout, type: MessageType, value: (name: string, bytes: number) => number | string): MessageCase {
  const from = least(layout, type.name)
  const fields: Record<string, number | string> = { ...from.fields }
  for (const field of fieldsOf(layout, type)) {
    if (field.name === 'type' || field.name === 'flags' || field.name === 'body_length') continue
    if (field.name === 'call_id' && type.call === 'none') continue
    fields[field.name] = value(field.name, fieldBytes(field.type))
  }
  return { ...from, fields }
}

/** Fields whose highest value is not all ones, or depends on the sender. */
function highest(type: MessageType, name: string, bytes: number): number | string {
  if (bytes > 4) return 'ff'.repeat(bytes)
  if (name === 'call_id') return answers(type.name) || type.name === 'LOG' ? 0xfffffffe : 0xffffffff
  if (name === 'parent_call_id') return 0xfffffffe
  if (name === 'credit') return 32
  if (name === 'priority') return 7
  // A RESOLVED with an id has status 0, and so has every RESULT.
  if (name === 'status') return type.name === 'RESULT' || type.name === 'RESOLVED' ? 0 : 16
  return 256 ** bytes - 1
}

function body(type: MessageType, length: number): Uint8Array {
  if (type.body === 'none') return new Uint8Array(0)
  if (type.body === 'name') return text('f'.repeat(Math.min(length, 128)))
  if (type.prefix !== true) return pattern(length)
  const bytes = pattern(length)
  bytes.set(versionPrefix('MILLRACE', 1, 1))
  return bytes
}

export function typeCases(layout: Layout): Case[] {
  return layout.types.flatMap((type) => {
    const name = slug(type)
    const cases = [
      accept(
        `${name}-least`,
        ['message-type-known'],
        `${type.name} with nothing that may be left out.`,
        least(layout, type.name),
      ),
    ]
    if (type.direction === 'both') {
      cases.push(
        accept(
          `${name}-engine`,
          ['message-direction'],
          `${type.name} as the engine sends it.`,
          least(layout, type.name, 'engine'),
        ),
      )
    }
    const whole = body(type, layout.message.body_bytes)
    const high = full(layout, type, (field, bytes) => highest(type, field, bytes))
    // MORE and PAYLOAD_FILE exclude each other.
    const flags = flagMask(layout, type) & ~(type.flags.includes('PAYLOAD_FILE') ? 2 : 0)
    cases.push(
      accept(
        `${name}-most`,
        ['message-type-known'],
        `${type.name} with every field at its highest, its flags set and the body full.`,
        {
          ...high,
          fields: { ...high.fields, flags },
          body: whole,
        },
      ),
    )
    let next = 1
    const distinct = full(layout, type, (field, bytes) => {
      if (field === 'status' || field === 'priority' || field === 'credit')
        return Math.min(5, Number(highest(type, field, bytes)))
      const list = Uint8Array.from({ length: bytes }, () => next++)
      if (field === 'call_id' || field === 'parent_call_id')
        list[0] = (list[0]! & 0xfe) | (Number(highest(type, field, bytes)) & 1)
      return bytes > 4 ? hex(list) : list.reduceRight((value, byte) => value * 256 + byte, 0)
    })
    const length = type.name === 'INVOKE' || type.name === 'RESULT' ? { payload_length: 16 } : {}
    cases.push(
      accept(
        `${name}-distinct`,
        ['message-type-known'],
        `${type.name} with different bytes in every field, so that a wrong order or offset shows.`,
        {
          ...distinct,
          fields: { ...distinct.fields, ...length },
          body: body(type, 16),
        },
      ),
    )
    return cases
  })
}
