/** Holds a config against the JSON Schema and says each fault in words. Pure. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import schema from '../../schema/millrace.schema.json' with { type: 'json' }
import type { ConfigDocument, Path } from './document.ts'
import { didYouMean, type Fault } from './faults.ts'

let compiled: ReturnType<Ajv2020['compile']> | undefined

/** Every way in which `document` breaks the schema. */
export function checkSchema(document: ConfigDocument): Fault[] {
  if (compiled === undefined) {
    // `verbose` gives each fault the part of the schema that it breaks, whose `x-expects` says what was wanted.
    const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true })
    ajv.addKeyword({ keyword: 'x-expects', schemaType: 'string' })
    compiled = ajv.compile(schema)
  }
  if (compiled(document.value)) return []
  const faults: Fault[] = []
  for (const error of compiled.errors ?? []) {
    const fault = toFault(error, document)
    // One value can break a type and a range at once: the first says it.
    if (fault !== undefined && !faults.some((other) => samePlace(other, fault))) faults.push(fault)
  }
  return faults
}

function samePlace(a: Fault, b: Fault): boolean {
  if (a.place?.line !== b.place?.line || a.place?.column !== b.place?.column) return false
  return a.message === b.message || a.message.split('; ')[0] === b.message.split('; ')[0]
}

function toFault(error: ErrorObject, document: ConfigDocument): Fault | undefined {
  const path = pathOf(error.instancePath, document.value)
  const name = nameOf(path)
  if (error.schemaPath.includes('/oneOf/')) return undefined // The error of the `oneOf` itself says it.
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params.additionalProperty)
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {}).filter(
        (k) => k[0] !== '$',
      )
      const hint = didYouMean(key, known) || `; known: ${known.join(', ')}`
      const where = path.length === 0 ? '' : ` in ${name}`
      return { place: document.placeOfKey([...path, key]), message: `unknown key "${key}"${where}${hint}` }
    }
    case 'required': {
      const key = String(error.params.missingProperty)
      const fix = key === 'version' ? 'write "version: 1"' : 'add it'
      return { place: document.placeOf(path), message: `the key "${key}" is missing; ${fix}` }
    }
    case 'oneOf': {
      if (!isObject(error.data)) return undefined
      const has =
        'entry' in error.data ? 'has both an entry and a command; keep one' : 'needs an entry (a file) or a command'
      return { place: document.placeOfKey(path), message: `${name} ${has}` }
    }
    case 'propertyNames': {
      const key = String(error.params.propertyName)
      return { place: document.placeOfKey([...path, key]), message: badKey(key, path) }
    }
    case 'pattern':
      return undefined // `propertyNames` says it of a key; the reader of times, sizes and addresses says it of a value.
  }
  const expects = (error.parentSchema as { 'x-expects'?: string })['x-expects'] ?? error.message ?? 'something else'
  const label = path.length === 0 ? 'the config' : name
  const wanted = path.length === 0 ? 'a mapping that begins with "version: 1"' : expects
  return { place: document.placeOf(path), message: `${label} must be ${wanted}, not ${inWords(error.data)}` }
}

function badKey(key: string, path: Path): string {
  if (path[0] === 'functions' && path.length === 1) {
    return `"${key}" cannot name a function; use letters, digits, ".", "-" and "_", a letter or digit first, 128 at most`
  }
  return `"${key}" cannot name a variable; use letters, digits and "_", no digit first`
}

/** Ajv's JSON pointer as keys; a number where the document has a list. */
function pathOf(pointer: string, value: unknown): Path {
  if (pointer === '') return []
  let here = value
  return pointer
    .slice(1)
    .split('/')
    .map((escaped) => {
      const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(here) ? Number(key) : key
      here = isObject(here) ? (here as Record<string, unknown>)[key] : undefined
      return step
    })
}

/** `functions.foo.command[1]`. */
export function nameOf(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  return JSON.stringify(value)
}
