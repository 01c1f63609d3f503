import { OffsetOutOfRangeError } from '@sluice/stream-runtime/log'

/**
 * What to do about an error of kafkajs.
 * `retry`: the same client will do, in a moment. `recreate`: this client may never recover, a new one may. `fenced`: another
 * member or a later generation has taken our place. `stop`: trying again cannot help, a person has to act.
 */
export type Treatment = 'retry' | 'recreate' | 'fenced' | 'stop'

/** By class of kafkajs. Those that only wrap another error are looked through; protocol errors go by their type. */
export const TREATMENT_BY_CLASS: Readonly<Record<string, Treatment | 'by cause' | 'by type'>> = {
  KafkaJSError: 'recreate',
  KafkaJSNonRetriableError: 'by cause',
  KafkaJSNumberOfRetriesExceeded: 'by cause',
  KafkaJSAggregateError: 'by cause',
  KafkaJSDeleteTopicRecordsError: 'by cause',
  KafkaJSDeleteGroupsError: 'by cause',
  KafkaJSProtocolError: 'by type',
  KafkaJSCreateTopicError: 'by type',
  KafkaJSAlterPartitionReassignmentsError: 'by type',
  KafkaJSMemberIdRequired: 'by type',
  KafkaJSOffsetOutOfRange: 'by type',
  KafkaJSConnectionError: 'retry',
  KafkaJSConnectionClosedError: 'retry',
  KafkaJSBrokerNotFound: 'retry',
  KafkaJSNoBrokerAvailableError: 'recreate',
  KafkaJSGroupCoordinatorNotFound: 'retry',
  KafkaJSMetadataNotLoaded: 'retry',
  KafkaJSTopicMetadataNotLoaded: 'retry',
  KafkaJSStaleTopicMetadataAssignment: 'recreate',
  KafkaJSFetcherRebalanceError: 'recreate',
  KafkaJSRequestTimeoutError: 'recreate',
  KafkaJSTimeout: 'recreate',
  KafkaJSLockTimeout: 'recreate',
  KafkaJSPartialMessageError: 'recreate',
  KafkaJSInvariantViolation: 'recreate',
  KafkaJSInvalidVarIntError: 'recreate',
  KafkaJSInvalidLongError: 'recreate',
  KafkaJSSASLAuthenticationError: 'stop',
  KafkaJSServerDoesNotSupportApiKey: 'stop',
  KafkaJSUnsupportedMagicByteInMessageSet: 'stop',
  KafkaJSNotImplemented: 'stop',
  AnswerTooLateError: 'recreate',
  MetadataBehindError: 'recreate',
}

/** We waited long enough; the request may still be done. */
export class AnswerTooLateError extends Error {
  override readonly name = 'AnswerTooLateError'
}

/** A broker does not know of the partitions of a topic that is there: a new client may ask another, or it in a moment. */
export class MetadataBehindError extends Error {
  override readonly name = 'MetadataBehindError'
}

/** By type of a protocol error. What is not listed stops: it says that a request of ours is wrong or not allowed. */
export const TREATMENT_BY_TYPE: Readonly<Record<string, Exclude<Treatment, 'stop'>>> = {
  BROKER_NOT_AVAILABLE: 'retry',
  CONCURRENT_TRANSACTIONS: 'retry',
  CORRUPT_MESSAGE: 'retry',
  ELECTION_NOT_NEEDED: 'retry',
  ELIGIBLE_LEADERS_NOT_AVAILABLE: 'retry',
  FENCED_LEADER_EPOCH: 'retry',
  GROUP_COORDINATOR_NOT_AVAILABLE: 'retry',
  GROUP_LOAD_IN_PROGRESS: 'retry',
  KAFKA_STORAGE_ERROR: 'retry',
  LEADER_NOT_AVAILABLE: 'retry',
  LISTENER_NOT_FOUND: 'retry',
  MEMBER_ID_REQUIRED: 'retry',
  NETWORK_EXCEPTION: 'retry',
  NOT_CONTROLLER: 'retry',
  NOT_COORDINATOR_FOR_GROUP: 'retry',
  NOT_ENOUGH_REPLICAS: 'retry',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'retry',
  NOT_LEADER_FOR_PARTITION: 'retry',
  OFFSET_NOT_AVAILABLE: 'retry',
  PREFERRED_LEADER_NOT_AVAILABLE: 'retry',
  REASSIGNMENT_IN_PROGRESS: 'retry',
  REBALANCE_IN_PROGRESS: 'retry',
  REPLICA_NOT_AVAILABLE: 'retry',
  REQUEST_TIMED_OUT: 'retry',
  STALE_BROKER_EPOCH: 'retry',
  STALE_CONTROLLER_EPOCH: 'retry',
  UNKNOWN_LEADER_EPOCH: 'retry',
  UNSTABLE_OFFSET_COMMIT: 'retry',
  FETCH_SESSION_ID_NOT_FOUND: 'recreate',
  INVALID_FETCH_SESSION_EPOCH: 'recreate',
  KAFKAJS_UNKNOWN_ERROR_CODE: 'recreate',
  UNKNOWN: 'recreate',
  FENCED_INSTANCE_ID: 'fenced',
  ILLEGAL_GENERATION: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  TRANSACTION_COORDINATOR_FENCED: 'fenced',
  UNKNOWN_MEMBER_ID: 'fenced',
}

/** A certificate that is not trusted does not become so by trying again. */
const TLS_CODES = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_SSL_)/

interface Described {
  readonly className: string
  readonly type: string | undefined
  readonly code: string | undefined
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly message: string
}

/** What to do about an error that a call of kafkajs ended with. Errors that are not of kafkajs stop: they are bugs. */
export function treatmentOf(error: unknown): Treatment {
  const root = describe(rootOf(error))
  if (root.code !== undefined && TLS_CODES.test(root.code)) return 'stop'
  // The broker went away while we were telling it who we are: no refusal.
  if (isClosedWhileAuthenticating(root)) return 'retry'
  if (isUsedBeforeConnected(root)) return 'recreate'
  const treatment = TREATMENT_BY_CLASS[root.className]
  if (treatment === 'by type') return TREATMENT_BY_TYPE[root.type ?? ''] ?? 'stop'
  return treatment === undefined || treatment === 'by cause' ? 'stop' : treatment
}

const isClosedWhileAuthenticating = ({ className, message }: Described): boolean =>
  className === 'KafkaJSSASLAuthenticationError' && /closed|not connected|timeout/i.test(message)

/** The one plain error that kafkajs throws: a request on a broker whose connection broke while it was being made. */
const isUsedBeforeConnected = ({ className, message }: Described): boolean =>
  className === 'Error' && message === 'Broker not connected'

/** The partition that a reader's place is out of range of, if that is what the error says. */
export function placeOutOfRange(error: unknown): { topic: string; partition: number } | undefined {
  const { className, topic, partition } = describe(rootOf(error))
  if (className !== 'KafkaJSOffsetOutOfRange') return undefined
  return topic === undefined || partition === undefined ? undefined : { topic, partition }
}

/** The error that the others wrap; of several the one that is worst. */
function rootOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (TREATMENT_BY_CLASS[classOf(error)] !== 'by cause') return error
  const causes = [
    error.cause,
    ...listed(error, 'errors'),
    ...listed(error, 'partitions'),
    ...listed(error, 'groups'),
  ]
    .map(cause => (isWrapped(cause) ? cause.error : cause))
    .filter(cause => cause instanceof Error)
    .map(rootOf)
  return causes.find(cause => treatmentOf(cause) === 'stop') ?? causes[0] ?? error
}

const isWrapped = (value: unknown): value is { error: unknown } =>
  typeof value === 'object' && value !== null && !(value instanceof Error) && 'error' in value

function listed(error: Error, name: string): readonly unknown[] {
  const value = field(error, name)
  return Array.isArray(value) ? value : []
}

const classOf = (error: Error): string => error.constructor.name

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined

const textField = (error: unknown, name: string): string | undefined => {
  const value = field(error, name)
  return typeof value === 'string' ? value : undefined
}

function describe(error: unknown): Described {
  const partition = field(error, 'partition')
  return {
    className: error instanceof Error ? classOf(error) : '',
    type: textField(error, 'type'),
    code: textField(error, 'code'),
    topic: textField(error, 'topic'),
    partition: typeof partition === 'number' ? partition : undefined,
    message: error instanceof Error ? error.message : String(error),
  }
}

/** A topic or a partition is not there. */
export class TopicMissingError extends Error {
  override readonly name = 'TopicMissingError'
}

/** The cluster does not know us, does not let us, or is not who it should be. */
export class NotAuthorisedError extends Error {
  override readonly name = 'NotAuthorisedError'
}

/** A record batch is larger than the topic takes. Nothing of it was stored. */
export class BatchTooLargeError extends Error {
  override readonly name = 'BatchTooLargeError'
}

/** Nobody answered for longer than was agreed. */
export class KafkaUnreachableError extends Error {
  override readonly name = 'KafkaUnreachableError'
}

/** The cluster refused a request for a reason of its own. */
export class KafkaRefusedError extends Error {
  override readonly name = 'KafkaRefusedError'
}

/** Offsets of a partition have gaps: it is compacted or written in transactions. */
export class OffsetGapError extends Error {
  override readonly name = 'OffsetGapError'
}

/** The handle was closed while somebody waited for it, or before. */
export class KafkaLogClosedError extends Error {
  override readonly name = 'KafkaLogClosedError'
}

/** A handle reads only what it was opened for. */
export class PartitionNotWatchedError extends Error {
  override readonly name = 'PartitionNotWatchedError'
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error

const NOT_AUTHORISED =
  /AUTHORIZATION_FAILED$|AUTHENTICATION_FAILED$|SASL|^DELEGATION_TOKEN|^SECURITY/

/** Our error for one that stops us, saying where, what and what to do. */
export function stopErrorOf(error: unknown, where: string): Error {
  const root = describe(rootOf(error))
  const [ErrorOfOurs, advice] = reasonOf(root)
  const what = root.message.replace(/\.$/, '')
  return new ErrorOfOurs(`${where}: ${what}; ${advice}`, { cause: error })
}

function reasonOf({ type = '', code = '', className }: Described): [ErrorClass, string] {
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION')
    return [
      TopicMissingError,
      'create it with `sluice topics apply`, and check the names in sluice.yaml',
    ]
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE')
    return [
      BatchTooLargeError,
      'raise max.message.bytes of the topic (`sluice topics check` says by how much)',
    ]
  if (type === 'OFFSET_OUT_OF_RANGE')
    return [
      OffsetOutOfRangeError,
      'the log was cut or kept for too short a time: see `sluice doctor`',
    ]
  if (TLS_CODES.test(code))
    return [
      NotAuthorisedError,
      'check kafka.tls in sluice.yaml: the certificate authority and the host names',
    ]
  if (NOT_AUTHORISED.test(type) || className === 'KafkaJSSASLAuthenticationError')
    return [
      NotAuthorisedError,
      'check kafka.sasl in sluice.yaml, and the rights with `sluice topics acl`',
    ]
  if (className.startsWith('KafkaJS'))
    return [KafkaRefusedError, 'run `sluice doctor`, which checks the cluster and the topics']
  return [KafkaRefusedError, 'this is a bug of Sluice or of kafkajs: report it with the cause']
}
