/** Records of calls → a tree with one line for each function under each caller, as text. Pure. */
import type { CallRecord } from '@millrace/engine'

interface Branch {
  readonly name: string
  readonly records: CallRecord[]
  readonly children: Map<string, Branch>
}

/** Draws the tree of the calls below (and with) the call `rootId`. Times are medians where there are several calls. */
export function drawCallTree(records: readonly CallRecord[], rootId: number): string[] {
  const byParent = Map.groupBy(records, (record) => record.parentId)
  const root = records.find((record) => record.id === rootId)
  if (root === undefined) return []
  const gather = (into: Branch): Branch => {
    for (const record of into.records) {
      for (const child of byParent.get(record.id) ?? []) {
        let branch = into.children.get(child.function)
        if (branch === undefined) {
          branch = { name: child.function, records: [], children: new Map() }
          into.children.set(child.function, branch)
        }
        branch.records.push(child)
      }
    }
    for (const branch of into.children.values()) gather(branch)
    return into
  }
  const tree = gather({ name: root.function, records: [root], children: new Map() })
  const rows = [['function', 'calls', 'total µs', 'queue µs', 'run µs', 'engine + pipes µs']]
  draw(tree, '', '', rows)
  return table(rows)
}

function draw(branch: Branch, lead: string, childLead: string, rows: string[][]): void {
  const median = (read: (record: CallRecord) => number): string =>
    Math.round(middle(branch.records.map(read))).toLocaleString('en')
  rows.push([
    lead + branch.name,
    branch.records.length.toLocaleString('en'),
    median((r) => r.totalUs),
    median((r) => r.queueUs),
    median((r) => r.runUs),
    median((r) => Math.max(0, r.totalUs - r.queueUs - r.runUs)),
  ])
  const children = [...branch.children.values()]
  for (const [i, child] of children.entries()) {
    const last = i === children.length - 1
    draw(child, `${childLead}${last ? '└─ ' : '├─ '}`, `${childLead}${last ? '   ' : '│  '}`, rows)
  }
}

function middle(values: number[]): number {
  values.sort((a, b) => a - b)
  return values[Math.floor(values.length / 2)]!
}

function table(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  )
}
