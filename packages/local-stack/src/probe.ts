import { once } from 'node:events'
import { connect as connectPlainly, type Socket } from 'node:net'
import { connect as connectOverTls } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import { NotStartedError } from './errors.ts'
import type { LocalProcess } from './local-process.ts'

export interface BrokerAddress {
  readonly host: string
  readonly port: number
  /** Certificate to trust (PEM); without it the listener is a plain one. */
  readonly ca: string | undefined
}

const API_VERSIONS = 18
const METADATA = 3
const CLIENT_ID = 'probe'
const SIZE_BYTES = 4
const CORRELATION_BYTES = 4
const ANSWER_MS = 2_000
const LOOK_AGAIN_MS = 50

/** Whether the broker answers ApiVersions, which needs no right. Its answer is not looked at. */
export async function answersApiVersions(address: BrokerAddress): Promise<boolean> {
  return (await ask(address, requestOf(API_VERSIONS, 0, Buffer.alloc(0)))) !== undefined
}

/** How many brokers the broker at a plain listener knows of. */
export async function brokersKnownTo(address: BrokerAddress): Promise<number> {
  const noTopics = Buffer.alloc(4)
  const answer = await ask(address, requestOf(METADATA, 1, noTopics))
  return answer?.readInt32BE(CORRELATION_BYTES) ?? 0
}

/** Header version 1 of Kafka's protocol, with its length in front. */
function requestOf(apiKey: number, apiVersion: number, body: Buffer): Buffer {
  const header = Buffer.alloc(14)
  header.writeInt16BE(apiKey, 4)
  header.writeInt16BE(apiVersion, 6)
  header.writeInt32BE(1, 8)
  header.writeInt16BE(CLIENT_ID.length, 12)
  const request = Buffer.concat([header, Buffer.from(CLIENT_ID), body])
  request.writeInt32BE(request.length - SIZE_BYTES)
  return request
}

/** The answer without its length, or nothing if none came. */
async function ask(address: BrokerAddress, request: Buffer): Promise<Buffer | undefined> {
  const socket = connectTo(address)
  const signal = AbortSignal.timeout(ANSWER_MS)
  try {
    await once(socket, address.ca === undefined ? 'connect' : 'secureConnect', { signal })
    socket.write(request)
    return await answerOf(socket, signal)
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

const connectTo = ({ host, port, ca }: BrokerAddress): Socket =>
  ca === undefined ? connectPlainly({ host, port }) : connectOverTls({ host, port, ca })

async function answerOf(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  let received = Buffer.alloc(0)
  for (;;) {
    const [chunk] = (await once(socket, 'data', { signal })) as [Buffer]
    received = Buffer.concat([received, chunk])
    if (received.length < SIZE_BYTES) continue
    const end = SIZE_BYTES + received.readInt32BE()
    if (received.length >= end) return received.subarray(SIZE_BYTES, end)
  }
}

export interface Waiting {
  /** What is waited for. */
  readonly process: LocalProcess
  readonly isUp: () => Promise<boolean>
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Asks until the process is up.
 *
 * @throws NotStartedError, with the end of its output, if it ends or takes too long; the signal's reason if it aborts.
 */
export async function untilUp({ process, isUp, timeoutMs, signal }: Waiting): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await isUp())) {
    signal?.throwIfAborted()
    if (process.end !== undefined) throw notStarted(process, `ended ${endOf(process)}`)
    if (Date.now() > deadline) throw notStarted(process, `did not answer within ${timeoutMs} ms`)
    await delay(LOOK_AGAIN_MS)
  }
}

function endOf({ end }: LocalProcess): string {
  if (end?.signal) return `by ${end.signal}`
  return end?.code === null ? 'before it started' : `with code ${end?.code ?? 0}`
}

const notStarted = (process: LocalProcess, what: string): NotStartedError =>
  new NotStartedError(
    `${process.name} ${what}; the end of its output (${process.logFile}):\n${process.tail()}`,
  )
