import type { Admin } from 'kafkajs'
import type { KafkaClient } from './kafka-client.ts'
import { KafkaUnreachableError, stopErrorOf, treatmentOf } from './kafka-errors.ts'

/** An error of ours, with its own words: it passes as it is. */
export class KafkaAdminError extends Error {
  override readonly name: string = 'KafkaAdminError'
}

/**
 * Runs `work` with a connected admin, and leaves nothing open. `doing` says in an error what was being done.
 *
 * @throws KafkaAdminError as `work` throws it; else NotAuthorisedError, KafkaUnreachableError and the like.
 */
export async function withAdmin<Result>(
  client: KafkaClient,
  doing: string,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const admin = client.admin()
  try {
    await admin.connect()
    return await work(admin)
  } catch (error) {
    throw error instanceof KafkaAdminError ? error : clearError(error, doing)
  } finally {
    await admin.disconnect()
  }
}

function clearError(error: unknown, doing: string): Error {
  if (treatmentOf(error) === 'stop') return stopErrorOf(error, doing)
  const words = error instanceof Error ? error.message : String(error)
  return new KafkaUnreachableError(
    `${doing}: ${words}; check kafka.brokers, the network, and that kafka.tls and kafka.sasl are what the listener expects`,
    { cause: error },
  )
}
