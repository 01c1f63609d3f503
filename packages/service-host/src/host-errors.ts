/** The metrics server cannot listen where it was told to. */
export class AddressUnavailableError extends Error {
  override readonly name = 'AddressUnavailableError'

  constructor({ host, port }: { host: string; port: number }, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `the metrics server cannot listen on ${host}:${port} (${why}): set metrics.host and metrics.port to an address that is free`,
      { cause },
    )
  }
}

/** The log is cut otherwise than the settings say. */
export class TopologyChangedError extends Error {
  override readonly name = 'TopologyChangedError'
}

/** The process stops, and what it was about to open it needs no more. */
export class OpeningAbortedError extends Error {
  override readonly name = 'OpeningAbortedError'
}

/** Topics of Kafka whose partitions have to be as many are not. */
export class PartitionCountError extends Error {
  override readonly name = 'PartitionCountError'
}
