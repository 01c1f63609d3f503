/** Where one topic stands in the whole: data, from which topics are created, checked and documented. */
export interface TopicSpec {
  readonly name: TopicName
  /** Who writes it: the exchange, or the service of the same name. */
  readonly writer: 'exchange' | 'operator' | ServiceName
  /** What the record key is; null: records have none, and the partition is the number of the task. */
  readonly key: string | null
  /** Partitions when a deployment says nothing else; fixed for life. */
  readonly partitions: number
  readonly readers: readonly ('exchange' | ServiceName)[]
  /** All are kept for ever or archived: replay needs them. */
  readonly retention: 'for ever'
  readonly about: string
}

export type ServiceName =
  'price' | 'margin-evaluation' | 'liquidation-execution' | 'cascade-analytics'
export type TopicName =
  | 'market-data'
  | 'reference-data'
  | 'accounts'
  | 'operations'
  | 'execution-reports'
  | 'venue-liquidations'
  | ServiceName

const ALL_SERVICES = [
  'price',
  'margin-evaluation',
  'liquidation-execution',
  'cascade-analytics',
] as const

const topic = (spec: Omit<TopicSpec, 'retention'>): TopicSpec => ({
  ...spec,
  retention: 'for ever',
})

/** Every topic, the exchange's first. */
export const TOPICS: readonly TopicSpec[] = [
  topic({
    name: 'market-data',
    writer: 'exchange',
    key: 'instrument',
    partitions: 1,
    readers: ['price'],
    about: 'Trades, books, index components and funding rates as the venue sees them.',
  }),
  topic({
    name: 'reference-data',
    writer: 'exchange',
    key: 'instrument, pool or policy',
    partitions: 1,
    readers: ALL_SERVICES,
    about:
      'Instruments, risk tiers, price sources, policies and pools: rules as versioned records.',
  }),
  topic({
    name: 'accounts',
    writer: 'exchange',
    key: 'account',
    partitions: 1,
    readers: ['margin-evaluation'],
    about: "The ledger's account records. Each evaluation task reads the partition of its number.",
  }),
  topic({
    name: 'operations',
    writer: 'operator',
    key: 'actor',
    partitions: 1,
    readers: ['price', 'margin-evaluation', 'liquidation-execution'],
    about:
      'What people decide: kill switch, held scopes, policies, trigger ratios, live or shadow, dead letters.',
  }),
  topic({
    name: 'execution-reports',
    writer: 'exchange',
    key: 'scope',
    partitions: 1,
    readers: ['liquidation-execution'],
    about: "The venue's answers to what liquidation-execution asked for.",
  }),
  topic({
    name: 'venue-liquidations',
    writer: 'exchange',
    key: 'instrument or scope',
    partitions: 1,
    readers: [],
    about:
      "What the venue's own engine liquidates: shadow mode is compared with it, and no service reads it.",
  }),
  topic({
    name: 'price',
    writer: 'price',
    key: null,
    partitions: 1,
    readers: ['margin-evaluation', 'liquidation-execution', 'cascade-analytics'],
    about: 'Index and mark prices, their quality, and what the book holds.',
  }),
  topic({
    name: 'margin-evaluation',
    writer: 'margin-evaluation',
    key: null,
    partitions: 1,
    readers: ['liquidation-execution', 'cascade-analytics'],
    about: 'Account risk: status, margin calls, triggers, candidates for deleveraging, profiles.',
  }),
  topic({
    name: 'liquidation-execution',
    writer: 'liquidation-execution',
    key: null,
    partitions: 1,
    readers: ['exchange', 'margin-evaluation', 'cascade-analytics'],
    about: 'Liquidations: what was asked of the exchange, and what came of it.',
  }),
  topic({
    name: 'cascade-analytics',
    writer: 'cascade-analytics',
    key: null,
    partitions: 1,
    readers: [],
    about: 'Cascades and their lineage, heat map and cliffs. For people; no service reads it.',
  }),
]

const byName: ReadonlyMap<string, TopicSpec> = new Map(TOPICS.map(spec => [spec.name, spec]))

export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError'
}

/** The catalogue's entry. @throws UnknownTopicError if there is none. */
export function topicSpec(name: string): TopicSpec {
  const spec = byName.get(name)
  if (spec !== undefined) return spec
  const known = TOPICS.map(each => each.name).join(', ')
  throw new UnknownTopicError(`topic ${name} is not in the catalogue; it knows ${known}`)
}

/** Whether a topic is written by a service of ours: its records come in batches that begin with a receipt. */
export const isOurs = (spec: TopicSpec): boolean => spec.writer === spec.name
