import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  Kafka,
  logLevel,
  type Admin,
  type Consumer,
  type ConsumerConfig,
  type ISocketFactoryArgs,
  type LogEntry,
  type Producer,
  type RetryOptions,
  type SASLOptions,
} from 'kafkajs'

/** How a cluster is reached. Certificates and keys are PEM text. */
export interface KafkaConnection {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: KafkaTls | true
  readonly sasl?: KafkaSasl
}

export interface KafkaTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** The name of a topic on Kafka, by its name in the catalogue. */
export type TopicNames = (topic: string) => string

/** What kafkajs has to say, warnings and errors only, without its objects: they may hold anything. */
export interface KafkaLogLine {
  readonly level: 'error' | 'warn'
  readonly message: string
}

export type ConsumerSettings = Omit<ConsumerConfig, 'retry' | 'allowAutoTopicCreation'>

/** Makes clients of one cluster. Each has connections of its own, so that a long poll keeps nobody else waiting. */
export interface KafkaClient {
  readonly clientId: string
  /** Not idempotent unless asked for; then one must end, and not send anything else, after the first `send` that fails. */
  producer(settings?: { readonly idempotent?: boolean }): Producer
  consumer(settings: ConsumerSettings): Consumer
  admin(): Admin
}

export interface KafkaClientOptions {
  /** Default: silence. What matters reaches the caller as an error. */
  readonly onLog?: (line: KafkaLogLine) => void
  /** Where a broker is reached, if not where it says that it is: through a tunnel, say. */
  readonly reach?: (broker: BrokerAddress) => BrokerAddress
}

export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

const CONNECTION_TIMEOUT_MS = 3000
const KEEP_ALIVE_MS = 30_000

/** Longest time that a broker may take for one request. */
export const REQUEST_TIMEOUT_MS = 10_000

/** Bounded by time: pauses of 20 to 500 ms, 2.1 s in all, beside the time of the requests themselves. */
const RETRY: RetryOptions = {
  initialRetryTime: 20,
  multiplier: 2,
  factor: 0.2,
  maxRetryTime: 500,
  retries: 8,
}

/** A reader that fails is made anew by its supervisor, which knows more than kafkajs does: 140 ms of pauses. */
const CONSUMER_RETRY = { ...RETRY, retries: 3, restartOnFailure: () => Promise.resolve(false) }

/** Connects nothing yet: the clients do, each when it is first used. */
export function connectKafka(
  connection: KafkaConnection,
  options: KafkaClientOptions = {},
): KafkaClient {
  const kafka = new Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(connection.tls === undefined ? {} : { ssl: connection.tls }),
    ...(connection.sasl === undefined ? {} : { sasl: saslOf(connection.sasl) }),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    authenticationTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    socketFactory: args => openSocket(args, (options.reach ?? asItSays)(args)),
    logLevel: options.onLog === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: () => entry => options.onLog?.(lineOf(entry)),
  })
  return {
    clientId: connection.clientId,
    producer: ({ idempotent = false } = {}) =>
      kafka.producer({
        idempotent,
        allowAutoTopicCreation: false,
        retry: RETRY,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0,
      }),
    consumer: settings =>
      kafka.consumer({ ...settings, allowAutoTopicCreation: false, retry: CONSUMER_RETRY }),
    admin: () => kafka.admin({ retry: RETRY }),
  }
}

/** One spelling for each mechanism, as kafkajs types them apart. */
function saslOf({ mechanism, username, password }: KafkaSasl): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password }
    case 'scram-sha-256':
      return { mechanism, username, password }
    case 'scram-sha-512':
      return { mechanism, username, password }
  }
}

const lineOf = ({ level, namespace, log }: LogEntry): KafkaLogLine => ({
  level: level === logLevel.ERROR ? 'error' : 'warn',
  message: `${namespace}: ${log.message}`,
})

const asItSays = (broker: BrokerAddress): BrokerAddress => broker

/** As kafkajs opens sockets, without Nagle's delay: every request is one write, and somebody waits for its answer. */
function openSocket({ host, ssl, onConnect }: ISocketFactoryArgs, at: BrokerAddress) {
  const to = { host: at.host, port: at.port }
  const servername = isIP(host) === 0 ? { servername: host } : {}
  // kafkajs passes what it was given, or null.
  const settings = ssl as ISocketFactoryArgs['ssl'] | true | null
  const socket =
    settings === null
      ? connectTcp(to, onConnect)
      : connectTls({ ...to, ...servername, ...(settings === true ? {} : settings) }, onConnect)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  return socket
}
