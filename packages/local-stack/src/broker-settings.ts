/** One node of a cluster, broker and controller in one. */
export interface NodePlace {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  /** Where its log is kept. */
  readonly directory: string
}

export interface ClusterSettings {
  readonly places: readonly NodePlace[]
  /** Lines of `server.properties`, over those below. */
  readonly properties: Readonly<Record<string, string>>
  /** Further arguments of the formatting. */
  readonly formatArgs: readonly string[]
  /** Certificate of the client listener (PEM); without it the listener is a plain one. */
  readonly ca: string | undefined
}

export const HOST = '127.0.0.1'
const QUORUM = 2

/** The text of a node's `server.properties`. */
export function propertiesOf(node: NodePlace, { places, properties }: ClusterSettings): string {
  const replicas = String(places.length)
  const inSync = String(Math.min(places.length, QUORUM))
  const all: Readonly<Record<string, string>> = {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    listeners: `CLIENT://${HOST}:${node.port},CONTROLLER://${HOST}:${node.controllerPort}`,
    'advertised.listeners': `CLIENT://${HOST}:${node.port}`,
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': places
      .map(({ id, controllerPort }) => `${id}@${HOST}:${controllerPort}`)
      .join(','),
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': node.directory,
    'default.replication.factor': replicas,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    ...properties,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
