import avsc from 'avsc'
import type { Type } from 'avsc'

type Schema = Parameters<typeof avsc.Type.forSchema>[0]

/** A decimal is read as the same decimal or not at all: with another scale the same bytes are another amount. */
class SameDecimal extends avsc.types.LogicalType {
  readonly #shape: string

  constructor(schema: ConstructorParameters<typeof avsc.types.LogicalType>[0], options?: object) {
    super(schema, options)
    const { precision, scale } = schema as object as { precision: number; scale: number }
    this.#shape = `decimal(${String(precision)}, ${String(scale)})`
  }

  protected override _fromValue(value: unknown): unknown {
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return value
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    const isSame = writer instanceof SameDecimal && writer.#shape === this.#shape
    return isSame ? value => value : undefined
  }
}

/**
 * Why two versions of a record's schema are not compatible both ways, as Avro's rules of resolution have it; empty if they are. Where
 * it holds for every pair of versions that exist, a registry calls it FULL_TRANSITIVE: any reader reads any record.
 */
export function compatibilityFaults(older: object, newer: object): readonly string[] {
  return [
    ...resolutionFault({ reader: newer, writer: older }, 'the newer schema cannot read the older'),
    ...resolutionFault({ reader: older, writer: newer }, 'the older schema cannot read the newer'),
  ]
}

const typeOf = (schema: object): Type =>
  avsc.Type.forSchema(schema as Schema, { registry: {}, logicalTypes: { decimal: SameDecimal } })

function resolutionFault(
  { reader, writer }: { reader: object; writer: object },
  what: string,
): readonly string[] {
  try {
    typeOf(reader).createResolver(typeOf(writer))
    return []
  } catch (error) {
    return [`${what}: ${error instanceof Error ? error.message : String(error)}`]
  }
}
