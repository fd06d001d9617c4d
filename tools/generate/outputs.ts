/** Every generated file and its text. Reads the sources, writes nothing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type Registry, requirements } from '../spec/requirements.ts'
import { loadLayout } from './layout.ts'
import { protoImage, protoOutputs, reasonFaults } from './proto.ts'
import { coldMessages } from './targets/cold-messages.ts'
import { cpp } from './targets/cpp.ts'
import { cppVectors } from './targets/cpp-vectors.ts'
import { go } from './targets/go.ts'
import { proseOutputs } from './targets/prose.ts'
import { python } from './targets/python.ts'
import { typescript } from './targets/typescript.ts'
import { vectorFiles } from './vectors/vectors.ts'

/** Folders that hold generated files only: a file in one of them that is not among the outputs is stale. */
export const GENERATED_FOLDERS = ['packages/protocol/src/generated', 'spec/vectors'] as const

/**
 * Path from the repository's top folder → text, of every generated file.
 * Throws an Error that names the source and the place when a source is faulty.
 */
export function outputs(root: string): Record<string, string> {
  const layout = loadLayout(root)
  const image = protoImage(root)
  const faults = reasonFaults(image, layout)
  if (faults.length > 0) throw new Error(`proto and layout disagree:\n${faults.join('\n')}`)
  const vectors = vectorFiles(layout)
  const registry = requirements(root)
  checkVectors(root, vectors, new Set((JSON.parse(registry) as Registry).requirements.map((rule) => rule.id)))
  const all: Record<string, string> = {
    'packages/protocol/src/generated/layout.ts': typescript(layout),
    'packages/protocol/src/generated/cold-messages.ts': coldMessages(image),
    'sdks/python/src/millrace/_gen/layout.py': python(layout),
    'sdks/go/layout_gen.go': go(layout),
    'sdks/cpp/include/millrace/gen/layout.hpp': cpp(layout),
    'sdks/cpp/tests/gen/vectors.hpp': cppVectors(layout, vectors),
    ...protoOutputs(root),
    ...proseOutputs(root, layout),
    'spec/requirements.json': registry,
  }
  for (const [name, text] of Object.entries(vectors)) all[`spec/vectors/${name}`] = text
  return all
}

/** Throws when a vector file breaks spec/vectors.schema.json or names a rule that the prose does not have. */
export function checkVectors(root: string, files: Readonly<Record<string, string>>, rules: ReadonlySet<string>): void {
  const schema = JSON.parse(readFileSync(join(root, 'spec/vectors.schema.json'), 'utf8')) as object
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
  const validate = ajv.compile(schema)
  for (const [name, text] of Object.entries(files)) {
    const content = JSON.parse(text) as { vectors?: Named[]; streams?: Named[] }
    if (!validate(content)) {
      throw new Error(
        `spec/vectors/${name} breaks its schema:\n${ajv.errorsText(validate.errors, { separator: '\n' })}`,
      )
    }
    for (const { id, rules: named, rule } of [...(content.vectors ?? []), ...(content.streams ?? [])]) {
      const unknown = [...named, ...(rule === undefined ? [] : [rule])].find((one) => !rules.has(one))
      if (unknown !== undefined)
        throw new Error(`tools/generate/vectors: ${id} names the rule ${unknown}, which no file of spec/ has`)
    }
  }
}

interface Named {
  readonly id: string
  readonly rules: readonly string[]
  readonly rule?: string
}
