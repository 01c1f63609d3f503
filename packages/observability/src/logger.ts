import { pino, type DestinationStream, type Level, type Logger } from 'pino'

export interface LoggerOptions {
  /** Service or command that logs. */
  readonly name: string
  readonly level: Level | 'silent'
  /** Where lines go; default standard output. */
  readonly destination?: DestinationStream
}

/** Fields whose values are never written, at the top or one level down. */
const SECRETS = ['accountKey', 'authorization', 'password', 'secret', 'token']

/** A logger of JSON lines with ISO times. Secrets are replaced, errors are written with their causes. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap(field => [field, `*.${field}`]), censor: '[secret]' },
    serializers: { error: pino.stdSerializers.errWithCause },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
