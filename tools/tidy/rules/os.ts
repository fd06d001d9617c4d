/** The few files that may touch the OS. Everything else is deterministic, given options, a seed and messages. */
import ts from 'typescript'
import type { Offence, Rule } from '../rule.ts'
import { isForTests, lineAt, type SourceFile } from '../tree.ts'

const WHERE = /^packages\/(protocol|engine|sdk-node)\/src\//

/** Nothing in protocol; here each with what it touches. */
const MAY_TOUCH_THE_OS: readonly RegExp[] = [
  /^packages\/engine\/src\/channel\/pipe-(reader|writer)\.ts$/, // the pipes
  /^packages\/engine\/src\/base\/koffi\.ts$/, // the package by which Node calls the C library
  /^packages\/engine\/src\/affinity\/(processors|wake-cost)\.ts$/, // who runs on which processor, and what a wake-up costs
  /^packages\/engine\/src\/channel\/shared-memory\.ts$/, // memory files and their mapping
  /^packages\/engine\/src\/channel\/wake-pipe\.ts$/, // a pipe that is never read, and what duplicates its bytes
  /^packages\/engine\/src\/worker\/local-launcher\.ts$/, // processes
  /^packages\/engine\/src\/worker\/wrapped-worker\.ts$/, // bundles of containers, and the programs of the PATH
  /^packages\/engine\/src\/isolation\/(descriptors|host-facts|worker-group)\.ts$/, // descriptors, trials, cgroups
  /^packages\/engine\/src\/worker\/(fifos|fifo-stock|link-pipes)\.ts$/, // FIFOs
  /^packages\/engine\/src\/worker\/payload-files\.ts$/, // payload files and the directories they lie in
  /^packages\/engine\/src\/worker\/processes\.ts$/, // signals, and whether a process lives
  /^packages\/engine\/src\/worker\/runtime-base\.ts$/, // what lies in memory, and is this user's
  /^packages\/engine\/src\/worker\/runtime-directory\.ts$/, // the directory, and the socket that tells it lives
  /^packages\/engine\/src\/observe\/clock\.ts$/, // time
  /^packages\/engine\/src\/gateway\/http-gateway\.ts$/, // the listening socket
  /^packages\/engine\/src\/gateway\/http-leftover\.ts$/, // how long what is left of a refused request is read
  /^packages\/engine\/src\/local-world\.ts$/, // all of the above, put together, and randomness
  /^packages\/engine\/src\/config\/load[a-z-]*\.ts$/, // the config file
  /^packages\/engine\/src\/cli\//, // the street door
  /^packages\/engine\/src\/config\/probe\.ts$/, // whether a program or file that the config names is there
  /^packages\/engine\/src\/testing\/town-main\.ts$/, // the simulator's own command
  /^packages\/protocol\/src\/allocation\.probe\.ts$/, // a process that counts its own memory, for a test
  /^packages\/sdk-node\/src\/payload-files\.ts$/, // payload files
  /^packages\/sdk-node\/src\/pipe\.ts$/, // the pipes
  /^packages\/sdk-node\/src\/segment\.ts$/, // the memory of its rings, and its mapping
  /^packages\/engine\/src\/testing\/(memory-world|schedule)\.ts$/, // setImmediate alone: turns of the event loop, not time
  /^packages\/sdk-node\/src\/(host|serve|load-failure)\.ts$/, // environment, exit codes, the user's code
  /^packages\/sdk-node\/src\/(detached|served)-context\.ts$/, // a handler's deadline is a date, of the real clock
]

/** Node's modules that only compute. */
const PURE_MODULES = new Set(
  ['assert', 'buffer', 'path', 'string_decoder', 'url', 'util'].map((name) => `node:${name}`),
)

/** What of the other modules only computes. */
const PURE_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['node:http', ['STATUS_CODES']],
  ['node:net', ['isIP', 'isIPv4', 'isIPv6']],
])

/** Globals by which time, chance and the process come in. */
const OS_GLOBALS = new Set([
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'crypto',
  'console',
])
const OS_MEMBERS = new Set(['Date.now', 'Math.random'])
const PURE_MEMBERS = new Set(['process.versions'])

function offencesIn(file: SourceFile): Offence[] {
  const offences: Offence[] = []
  const say = (position: number, what: string) =>
    offences.push({
      path: file.path,
      line: lineAt(file.text, position),
      message: `touches the OS by ${what}: take it from outside, or list the file in tools/tidy/rules/os.ts`,
    })
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const name = node.moduleSpecifier.text
      if (name.startsWith('node:') && !PURE_MODULES.has(name) && !takesOnlyPure(node, name)) say(node.getStart(), name)
      return
    }
    if (ts.isIdentifier(node) && OS_GLOBALS.has(node.text) && isUseOfGlobal(node)) say(node.getStart(), node.text)
    if (ts.isPropertyAccessExpression(node) && OS_MEMBERS.has(node.getText())) say(node.getStart(), node.getText())
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) {
      say(node.getStart(), 'new Date()')
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return offences
}

/** Whether all that the import takes are types and names that only compute. */
function takesOnlyPure(node: ts.ImportDeclaration, module: string): boolean {
  const clause = node.importClause
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause?.namedBindings
  if (clause === undefined || clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings))
    return false
  const pure = PURE_NAMES.get(module) ?? []
  return bindings.elements.every((each) => each.isTypeOnly || pure.includes((each.propertyName ?? each.name).text))
}

/** Whether the name stands for the global, and is called or has a member taken from it: `x.process` does not. */
function isUseOfGlobal(node: ts.Identifier): boolean {
  const { parent } = node
  if (isDeclaredAround(node)) return false
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node && !PURE_MEMBERS.has(parent.getText())
  return ts.isCallExpression(parent) && parent.expression === node
}

/** Whether a parameter, a variable or an import of the same name hides the global. */
function isDeclaredAround(node: ts.Identifier): boolean {
  for (let around: ts.Node = node.parent; around !== undefined; around = around.parent) {
    if (ts.isFunctionLike(around) && around.parameters.some((each) => declares(each.name, node.text))) return true
    if (!ts.isBlock(around) && !ts.isSourceFile(around)) continue
    for (const statement of around.statements) {
      if (ts.isVariableStatement(statement)) {
        if (statement.declarationList.declarations.some((each) => declares(each.name, node.text))) return true
      } else if (ts.isImportDeclaration(statement)) {
        const bindings = statement.importClause?.namedBindings
        if (bindings === undefined || !ts.isNamedImports(bindings)) continue
        if (bindings.elements.some((each) => each.name.text === node.text)) return true
      }
    }
  }
  return false
}

function declares(name: ts.BindingName, wanted: string): boolean {
  if (ts.isIdentifier(name)) return name.text === wanted
  return name.elements.some((each) => ts.isBindingElement(each) && declares(each.name, wanted))
}

export const os: Rule = {
  name: 'os',
  asks: 'Only the listed files touch the OS: files, sockets, processes, time, chance.',
  check(tree) {
    return tree.files
      .filter(
        ({ path }) => WHERE.test(path) && path.endsWith('.ts') && !isForTests(path) && !path.includes('/generated/'),
      )
      .filter(({ path }) => !MAY_TOUCH_THE_OS.some((pattern) => pattern.test(path)))
      .flatMap(offencesIn)
  },
}
