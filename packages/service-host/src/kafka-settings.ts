import { isOurs, TOPICS, type TopicName } from '@sluice/contracts/topics'
import type { KafkaConnection } from '@sluice/stream-kafka/kafka-client'
import { faultsOfFormat } from '@sluice/venue-formats/codecs'
import { z } from 'zod'

const INPUTS = TOPICS.filter(spec => !isOurs(spec)).map(({ name }) => name)
const PARTITIONS_MAX = 1024
const REPLICAS_MAX = 32

const secret = (description: string) => z.string().min(1).meta({ secret: true, description })
const replicas = (fallback: number, description: string) =>
  z.int().min(1).max(REPLICAS_MAX).default(fallback).describe(description)

/** Characters that Kafka takes in a topic's name. */
const topicName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,200}$/, 'use letters, digits, ".", "_" and "-" only, 200 at most')

const inputTopic = (topic: TopicName) =>
  z
    .strictObject({
      name: topicName
        .optional()
        .describe('Its name on the broker; if nothing is said, <namespace>.<topic>'),
      format: z
        .string()
        .min(1)
        .default('avro')
        .describe("How its records are written: avro, json, or a venue's own format"),
      mapping: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('How records of another shape become events; see how-to/connect-your-exchange'),
      partitions: z
        .int()
        .min(1)
        .max(PARTITIONS_MAX)
        .optional()
        .describe('Partitions when `sluice topics apply` creates it; fixed for life'),
    })
    .superRefine(({ format, mapping }, context) => {
      for (const { place, fault } of faultsOfFormat(topic, { format, mapping }))
        context.addIssue({ code: 'custom', path: place.split('.'), message: fault })
    })
    .optional()

/** The groups of `kafka.topics`: one for each topic that others write. */
const inputTopics = Object.fromEntries(INPUTS.map(name => [name, inputTopic(name)]))

const tls = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether connections are encrypted'),
    ca: z
      .string()
      .optional()
      .describe("Certificates trusted instead of the machine's own, as PEM text"),
    cert: z.string().optional().describe('Certificate of this client, as PEM text'),
    key: secret('Its key, as PEM text').optional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    path: ['key'],
    error: 'give both kafka.tls.cert and kafka.tls.key, or neither',
  })

const sasl = z.strictObject({
  mechanism: z
    .enum(['scram-sha-512', 'scram-sha-256', 'plain'])
    .default('scram-sha-512')
    .describe('How this client says who it is'),
  username: z.string().min(1).describe('Its principal'),
  password: secret('Its password'),
})

const registry = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Schema registry with the Confluent interface'),
  username: z.string().min(1).optional().describe('User of the registry'),
  password: secret("The user's password").optional(),
})

/** The group `kafka`: where it is there, Kafka is the log. */
export const kafkaSettings = z
  .strictObject({
    brokers: z
      .array(z.string().regex(/^[^\s,]+:\d{1,5}$/, 'write host:port'))
      .min(1)
      .describe('Brokers that are asked first, each host:port; they name the others'),
    namespace: topicName
      .default('sluice')
      .describe('First word of the names of topics and groups; one for each deployment'),
    mode: z
      .enum(['live', 'shadow'])
      .default('live')
      .describe(
        'shadow: what we write goes to topics shadow.<namespace>.…, and nothing is asked of the venue',
      ),
    replicationFactor: replicas(3, 'Copies of each topic that `sluice topics apply` creates'),
    minInSyncReplicas: replicas(2, 'Copies that must have a record before an append is answered'),
    tls: tls.optional().describe('Encryption; without this group there is none'),
    sasl: sasl.optional().describe('Authentication; without this group there is none'),
    registry: registry.optional().describe('Schema registry; without this group there is none'),
    topics: z.strictObject(inputTopics).default({}).describe('Topics that others write'),
  })
  .refine(({ replicationFactor, minInSyncReplicas }) => minInSyncReplicas <= replicationFactor, {
    path: ['minInSyncReplicas'],
    error: 'must not be above kafka.replicationFactor',
  })
  .describe('Kafka as the log, instead of log.directory')

export type KafkaSettings = z.output<typeof kafkaSettings>

/** First word of what is written in shadow mode, so that nobody takes it for the real thing. */
const SHADOW = 'shadow'

/** `<namespace>`, or `shadow.<namespace>`: what the names of our topics and groups begin with. */
export const prefixOf = ({ mode, namespace }: KafkaSettings): string =>
  mode === 'shadow' ? `${SHADOW}.${namespace}` : namespace

/** How a process of this role reaches the cluster. The client's id begins the names of the groups that it reads in. */
export function connectionOf(settings: KafkaSettings, role: string): KafkaConnection {
  const { brokers, tls, sasl } = settings
  const { enabled = false, ca, cert, key } = tls ?? {}
  const pem = { ca, cert, key }
  const given = Object.fromEntries(Object.entries(pem).filter(([, text]) => text !== undefined))
  return {
    brokers,
    clientId: `${prefixOf(settings)}.${role}`,
    ...(enabled ? { tls: given } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  }
}

/** Names on the broker: ours begin with the prefix, the exchange's with the namespace, unless the settings name them. */
export function topicNames(settings: KafkaSettings): (topic: string) => string {
  const inputs: ReadonlySet<string> = new Set(INPUTS)
  return topic =>
    inputs.has(topic)
      ? (settings.topics[topic]?.name ?? `${settings.namespace}.${topic}`)
      : `${prefixOf(settings)}.${topic}`
}
