/**
 * Numbers of schemas at the edge of Sluice. Inside, and under every hash, a record carries our fixed number (`SCHEMA_IDS`); on a
 * Kafka with a schema registry it carries the registry's. So receipts and events are the same on every log (ADR 0009).
 */
export interface SchemaIdMap {
  /** The registry's number for ours. @throws SchemaIdUnknownError if it gave none. */
  toWire(ours: number): number
  /** Our number for the registry's; a foreign one, marked as such and still to be told, if the registry's schema is not ours. */
  fromWire(wire: number): number
}

/** A record is to be written whose schema the registry was not asked for. */
export class SchemaIdUnknownError extends Error {
  override readonly name = 'SchemaIdUnknownError'
}

/** Set in a number that is the registry's own: no number of ours has it, so it reads as an unknown schema and stays recoverable. */
const FOREIGN = 0x80000000

/** Without a registry the numbers are ours on the wire too. */
export const SAME_IDS: SchemaIdMap = { toWire: ours => ours, fromWire: wire => wire }

/** The map of what a registry gave: pairs of our number and its. Two of its numbers may stand for one of ours; the last is written. */
export function schemaIdMap(pairs: Iterable<readonly [ours: number, wire: number]>): SchemaIdMap {
  const wires = new Map<number, number>()
  const ours = new Map<number, number>()
  for (const [our, wire] of pairs) {
    wires.set(our, wire)
    ours.set(wire, our)
  }
  return {
    toWire: our => wires.get(our) ?? foreignOf(our),
    fromWire: wire => ours.get(wire) ?? (FOREIGN | wire) >>> 0,
  }
}

function foreignOf(id: number): number {
  if (id >= FOREIGN) return id - FOREIGN
  throw new SchemaIdUnknownError(
    `schema ${String(id)} has no number of the registry here: its topic was not among those whose schemas were loaded`,
  )
}
