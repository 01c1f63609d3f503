import { TOPICS, type TopicName } from '@sluice/contracts/topics'
import { SettingsError } from '@sluice/config/settings-error'
import {
  connectionOf,
  prefixOf,
  topicNames,
  type KafkaSettings,
} from '@sluice/service-host/kafka-settings'
import { connectKafka, type KafkaClient } from '@sluice/stream-kafka/kafka-client'
import type { SchemaScope } from '@sluice/stream-kafka/schema-registry'
import type { RegistrySettings } from '@sluice/stream-kafka/schema-client'
import type { TopicLayout } from '@sluice/stream-kafka/topic-plan'
import { loadRunSettings } from './run-settings.ts'

/** The Kafka that `sluice.yaml` names, for commands that look after it. */
export interface KafkaPlace {
  readonly settings: KafkaSettings
  readonly prefix: string
  readonly layout: TopicLayout
  readonly schemas: SchemaScope
  /** A client in one role: its rights are those of `sluice topics acl`. */
  connect(role: string): KafkaClient
}

/** @throws SettingsError if the settings are wrong, or the log is not on Kafka. */
export function kafkaPlace(file: string | undefined): KafkaPlace {
  const { kafka } = loadRunSettings(file)
  if (kafka !== undefined) return placeOf(kafka)
  const where = file ?? 'the environment'
  throw new SettingsError([
    `${where}: kafka: this command is about a Kafka, and the log is a directory; give the group kafka`,
  ])
}

/** What commands need to know of a Kafka's settings. */
export function placeOf(settings: KafkaSettings): KafkaPlace {
  const names = topicNames(settings)
  const { topics: inputs, replicationFactor, minInSyncReplicas } = settings
  const isAvro = ({ name }: { name: TopicName }) => (inputs[name]?.format ?? 'avro') === 'avro'
  return {
    settings,
    prefix: prefixOf(settings),
    layout: { names, inputs, replicationFactor, minInSyncReplicas },
    schemas: { names, topics: TOPICS.filter(isAvro).map(({ name }) => name) },
    connect: role => connectKafka(connectionOf(settings, role)),
  }
}

/** @throws SettingsError if the settings name no registry. */
export function registryOf({ settings }: KafkaPlace): RegistrySettings {
  if (settings.registry !== undefined) return settings.registry
  throw new SettingsError([
    'kafka.registry: this command is about a schema registry, and none is named; without one records carry our own numbers',
  ])
}
