/** A V8 heap snapshot, read as far as is needed to find out who holds a text. */

interface HeapFile {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: string[]
      readonly node_types: [string[]]
      readonly edge_fields: string[]
      readonly edge_types: [string[]]
    }
  }
  readonly nodes: readonly number[]
  readonly edges: readonly number[]
  readonly strings: readonly string[]
}

/** An object that holds a text, such as `object Entry`, and the name under which it does. */
export interface Holder {
  readonly holder: string
  readonly edge: string
}

/**
 * Every object with an edge to a string that contains the text. A string that is put together from others counts as
 * containing what they contain.
 */
export function holdersOf(json: string, text: string): readonly Holder[] {
  const { snapshot, nodes, edges, strings } = JSON.parse(json) as HeapFile
  const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta
  const nodeSize = node_fields.length
  const edgeSize = edge_fields.length
  const [type, name, edgeCount] = ['type', 'name', 'edge_count'].map((field) => node_fields.indexOf(field)) as [
    number,
    number,
    number,
  ]
  const [edgeType, edgeName, target] = ['type', 'name_or_index', 'to_node'].map((field) =>
    edge_fields.indexOf(field),
  ) as [number, number, number]
  const typeOf = (node: number) => node_types[0][nodes[node + type]!]!
  const isText = (node: number) => /string$/.test(typeOf(node))
  const guilty = new Set<number>()
  for (let node = 0; node < nodes.length; node += nodeSize) {
    if (isText(node) && strings[nodes[node + name]!]!.includes(text)) guilty.add(node)
  }
  const visit = (see: (from: number, to: number, edge: number) => void) => {
    let edge = 0
    for (let node = 0; node < nodes.length; node += nodeSize) {
      const end = edge + nodes[node + edgeCount]! * edgeSize
      for (; edge < end; edge += edgeSize) see(node, edges[edge + target]!, edge)
    }
  }
  for (let size = -1; size < guilty.size; ) {
    size = guilty.size
    visit((from, to) => {
      if (isText(from) && guilty.has(to)) guilty.add(from)
    })
  }
  const holders: Holder[] = []
  visit((from, to, edge) => {
    if (isText(from) || !guilty.has(to)) return
    const kind = edge_types[0][edges[edge + edgeType]!]!
    const index = edges[edge + edgeName]!
    const label = kind === 'element' || kind === 'hidden' ? `[${index}]` : strings[index]!
    holders.push({ holder: `${typeOf(from)} ${strings[nodes[from + name]!]}`, edge: `${kind} ${label}` })
  })
  return holders
}
