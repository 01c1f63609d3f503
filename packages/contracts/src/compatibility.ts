import avsc from 'avsc'
import type { Type } from 'avsc'

type Schema = Parameters<typeof avsc.Type.forSchema>[0]

/** A decimal is read as the same decimal or not at all: with another scale the same bytes are another amount. */
class SameDecimal extends avsc.types.LogicalType {
  readonly #precision: number
  readonly #scale: number

  constructor(schema: ConstructorParameters<typeof avsc.types.LogicalType>[0], options?: object) {
    super(schema, options)
    const { precision, scale } = schema as object as { precision: number; scale: number }
    this.#precision = precision
    this.#scale = scale
  }

  protected override _fromValue(value: unknown): unknown {
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return value
  }

  protected override _resolve(writer: Type): ((value: unknown) => unknown) | undefined {
    const isSame =
      writer instanceof SameDecimal &&
      writer.#precision === this.#precision &&
      writer.#scale === this.#scale
    return isSame ? value => value : undefined
  }

  protected override _export(attributes: unknown): void {
    Object.assign(attributes as object, { precision: this.#precision, scale: this.#scale })
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

/**
 * What of a schema decides its bytes, as text: two schemas that differ in words, limits or attributes of other tools have the same.
 *
 * @throws Error if it is no Avro schema.
 */
export const shapeOf = (schema: object): string =>
  JSON.stringify(typeOf(schema).schema({ exportAttrs: true }), (key, value: unknown) =>
    key === 'doc' || key === 'aliases' ? undefined : value,
  )

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
