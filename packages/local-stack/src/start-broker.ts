import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokerNode } from './broker-node.ts'
import { prepareSecurity, type BrokerAccess, type BrokerSecurity } from './broker-security.ts'
import { type ClusterSettings, type NodePlace } from './broker-settings.ts'
import { fetchKafka } from './fetch.ts'
import { removeAtExit } from './keeper.ts'
import { freePorts } from './ports.ts'
import { requireJava } from './tools.ts'

export interface BrokerOptions {
  /** Brokers of the cluster, each a controller too; default 1. */
  readonly nodes?: 1 | 3
  /** Of the first node; default: a free one. */
  readonly port?: number
  /** Lines of `server.properties`, over ours. */
  readonly properties?: Readonly<Record<string, string>>
  /** Of each node; default 384. */
  readonly heapMb?: number
  /** Kept at the end. Default: a temporary one that is removed. Must be new or empty. */
  readonly dataDirectory?: string
  /** TLS, SCRAM users and access rights; default: a plain listener, and everybody may do everything. */
  readonly security?: BrokerSecurity
  /** Gives up starting. */
  readonly signal?: AbortSignal
}

/** A Kafka of one's own on 127.0.0.1. It does not outlive this process, however that ends. */
export interface LocalBroker {
  /** `127.0.0.1:20123` of each node. */
  readonly brokers: readonly string[]
  /** How to connect where `security` was asked for. */
  readonly access: BrokerAccess | undefined
  /** Node by its index, from 0. */
  node(index: number): BrokerNode
  /** Ends all nodes and removes what they kept, unless a data directory was given. */
  stop(): Promise<void>
}

const HEAP_MB = 384
const UUID_BYTES = 16

/**
 * Fetches Kafka if it is not in the cache, and starts it: resolves when every node answers and knows the others.
 *
 * @throws ToolMissingError, FetchFailedError; NotStartedError with the end of the broker's log.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<LocalBroker> {
  requireJava()
  const classPath = await fetchKafka(options.signal)
  const home = await homeOf(options.dataDirectory)
  const security = options.security && (await prepareSecurity(options.security, home))
  const settings: ClusterSettings = {
    places: await placesOf(options, home),
    properties: { ...security?.properties, ...options.properties },
    formatArgs: security?.formatArgs ?? [],
    ca: security?.access.ca,
  }
  const clusterId = randomBytes(UUID_BYTES).toString('base64url')
  const heapMb = options.heapMb ?? HEAP_MB
  const nodes = settings.places.map(
    place => new BrokerNode({ place, settings, clusterId, classPath, heapMb }),
  )
  const stop = async (): Promise<void> => {
    const isKept = options.dataDirectory !== undefined
    await Promise.all(nodes.map(node => (isKept ? node.stop() : node.kill())))
    if (!isKept) await rm(home, { recursive: true, force: true })
  }
  try {
    await Promise.all(nodes.map(node => node.start(options.signal)))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    brokers: nodes.map(({ address }) => address),
    access: security?.access,
    node: index => nodeAt(nodes, index),
    stop,
  }
}

function nodeAt(nodes: readonly BrokerNode[], index: number): BrokerNode {
  const node = nodes[index]
  if (node === undefined) throw new RangeError(`there are ${nodes.length} nodes, and no ${index}`)
  return node
}

async function homeOf(given: string | undefined): Promise<string> {
  if (given !== undefined) {
    await mkdir(given, { recursive: true })
    return given
  }
  const home = await mkdtemp(join(tmpdir(), 'sluice-kafka-'))
  removeAtExit(home)
  return home
}

async function placesOf({ nodes = 1, port }: BrokerOptions, home: string): Promise<NodePlace[]> {
  const ports = await freePorts(2 * nodes)
  return Array.from({ length: nodes }, (_, index): NodePlace => {
    const [free = 0, controllerPort = 0] = ports.slice(2 * index)
    const own = index === 0 ? (port ?? free) : free
    return { id: index + 1, port: own, controllerPort, directory: join(home, `node-${index + 1}`) }
  })
}
