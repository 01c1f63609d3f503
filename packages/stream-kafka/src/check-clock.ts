import type { Producer } from 'kafkajs'
import { fine, amiss, failed, type Check } from './check.ts'
import type { KafkaClient } from './kafka-client.ts'
import { isNotAllowed } from './topic-states.ts'

/** Beyond this staleness and deadlines are judged wrongly. */
const SKEW_MAX_MS = 1000
/** A part of the topic of snapshots that no manifest names: nobody reads it, and it goes with the retention. */
const PROBE_PARTITION = 1
const ALL_REPLICAS = -1
/** The first finds its way to the broker, the quickest is believed. */
const PROBES = 3
const NAME = 'clock'

/**
 * How far this machine's clock is from the broker's. The broker tells its time only when it stores a record, so three of a few bytes are
 * stored where nobody looks: in the topic of snapshots, with a right that every service has. The broker's clock lay between sending
 * and answer, so half of that time is the uncertainty.
 */
export async function checkClock(client: KafkaClient, snapshots: string): Promise<Check> {
  const producer = client.producer()
  try {
    await producer.connect()
    const probes = []
    for (let count = 0; count < PROBES; count += 1) probes.push(await probe(producer, snapshots))
    return judged(probes.reduce(quicker))
  } catch (error) {
    if (isNotAllowed(error)) return unmeasured(`this principal may not write ${snapshots}`)
    return failed(NAME, error)
  } finally {
    await producer.disconnect()
  }
}

const unmeasured = (why: string): Check =>
  fine(NAME, `not measured: ${why}; a service's principal can (--role)`)

interface Probe {
  readonly brokerTime: number
  readonly sentAt: number
  readonly answeredAt: number
}

async function probe(producer: Producer, topic: string): Promise<Probe> {
  const sentAt = Date.now()
  const [answer] = await producer.send({
    topic,
    acks: ALL_REPLICAS,
    messages: [{ partition: PROBE_PARTITION, value: 'sluice doctor: what time is it?' }],
  })
  return { brokerTime: Number(answer?.logAppendTime ?? NaN), sentAt, answeredAt: Date.now() }
}

const quicker = (one: Probe, other: Probe): Probe =>
  other.answeredAt - other.sentAt < one.answeredAt - one.sentAt ? other : one

function judged({ brokerTime, sentAt, answeredAt }: Probe): Check {
  if (!(brokerTime > 0)) return unmeasured('the topic of snapshots does not keep LogAppendTime')
  const uncertaintyMs = (answeredAt - sentAt) / 2
  const skewMs = brokerTime - (sentAt + uncertaintyMs)
  const found = `the broker is ${Math.abs(Math.round(skewMs))} ms ${skewMs < 0 ? 'behind' : 'ahead'}, ± ${Math.ceil(uncertaintyMs)} ms`
  return Math.abs(skewMs) - uncertaintyMs <= SKEW_MAX_MS
    ? fine(NAME, found)
    : amiss(NAME, found, 'Let both machines take their time from the same source (NTP)')
}
