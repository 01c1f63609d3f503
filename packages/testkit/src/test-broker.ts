import { startBroker } from '@sluice/local-stack/start-broker'
import { startRegistry } from '@sluice/local-stack/start-registry'
import { brokerSource, variable } from './broker-sources.ts'

/** A Kafka for tests, perhaps shared with other tests: use topics with a namespace of your own, and do not stop or pause its nodes. */
export interface TestBroker {
  readonly brokers: readonly string[]
  /** Confluent API of a schema registry, where one was asked for. */
  readonly registryUrl: string | undefined
  /** Ends what was started for it; nothing of a broker that was given. */
  stop(): Promise<void>
}

export interface TestBrokerOptions {
  /** With a schema registry; default false. */
  readonly registry?: boolean
}

/** There is no way to a broker on this machine. */
export class NoBrokerError extends Error {
  override readonly name = 'NoBrokerError'
}

interface Started<Value> {
  readonly value: Value
  readonly stop: () => Promise<void>
}

const KAFKA_IMAGE = 'confluentinc/cp-kafka:8.1.1'
const KAFKA_PORT = 9093
const REGISTRY_IMAGE = 'quay.io/apicurio/apicurio-registry:3.0.9'
const REGISTRY_PORT = 8080
const REGISTRY_PATH = '/apis/ccompat/v7'

/**
 * A broker: the one in KAFKA_BROKERS, else one from jars, else one in a container.
 *
 * @throws NoBrokerError if there is none of these; what starting it throws.
 */
export async function testBroker({
  registry = false,
}: TestBrokerOptions = {}): Promise<TestBroker> {
  const started = await startKafka()
  try {
    const added = registry ? await testRegistry() : undefined
    return {
      brokers: started.value,
      registryUrl: added?.value,
      stop: async () => {
        await Promise.all([started.stop(), added?.stop()])
      },
    }
  } catch (error) {
    await started.stop()
    throw error
  }
}

async function startKafka(): Promise<Started<readonly string[]>> {
  const found = brokerSource()
  if ('missing' in found) throw new NoBrokerError(`there is no broker for tests: ${found.missing}`)
  if (found.source === 'container') return kafkaContainer()
  if (found.source === 'jars') {
    const broker = await startBroker()
    return { value: broker.brokers, stop: () => broker.stop() }
  }
  return { value: (variable('KAFKA_BROKERS') ?? '').split(','), stop: nothing }
}

/** A registry: the one in SCHEMA_REGISTRY_URL, else like the broker. */
async function testRegistry(): Promise<Started<string>> {
  const given = variable('SCHEMA_REGISTRY_URL')
  if (given !== undefined) return { value: given, stop: nothing }
  const found = brokerSource()
  if ('source' in found && found.source === 'container') return registryContainer()
  const registry = await startRegistry()
  return { value: registry.url, stop: () => registry.stop() }
}

const ended = (stopped: Promise<unknown>): Promise<void> => stopped.then(() => undefined)

const nothing = (): Promise<void> => Promise.resolve()

async function kafkaContainer(): Promise<Started<readonly string[]>> {
  const { KafkaContainer } = await import('@testcontainers/kafka')
  const container = await new KafkaContainer(KAFKA_IMAGE)
    .withEnvironment({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false' })
    .start()
  const address = `${container.getHost()}:${container.getMappedPort(KAFKA_PORT)}`
  return { value: [address], stop: () => ended(container.stop()) }
}

async function registryContainer(): Promise<Started<string>> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const container = await new GenericContainer(REGISTRY_IMAGE)
    .withExposedPorts(REGISTRY_PORT)
    .withWaitStrategy(Wait.forHttp(`${REGISTRY_PATH}/subjects`, REGISTRY_PORT))
    .start()
  const url = `http://${container.getHost()}:${container.getMappedPort(REGISTRY_PORT)}${REGISTRY_PATH}`
  return { value: url, stop: () => ended(container.stop()) }
}
