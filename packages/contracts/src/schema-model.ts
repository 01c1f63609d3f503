/** The Avro that our schema files use, as types: records, enums and fixed, arrays, unions with null, logical types. */

export interface ArrayOf {
  readonly type: 'array'
  readonly items: AvroType
}

export interface LogicalType {
  readonly type: string
  readonly logicalType: string
  readonly precision?: number
  readonly scale?: number
}

export type AvroType = string | readonly AvroType[] | ArrayOf | LogicalType

/** Limits that the codec holds a number to, beyond those of its type; of the items, if it is an array. */
export interface Bounds {
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

export interface AvroField extends Bounds {
  readonly name: string
  readonly type: AvroType
  readonly doc?: string
  readonly default?: null
}

/** A named type: what one schema file holds. */
export interface NamedType {
  readonly type: 'record' | 'enum' | 'fixed'
  readonly name: string
  readonly namespace: string
  readonly doc?: string
  readonly fields?: readonly AvroField[]
  readonly symbols?: readonly string[]
  readonly size?: number
}

/** One schema file. `topic` is the folder it lies in; `shared` holds the types that events have in common. */
export interface SchemaEntry {
  readonly topic: string
  readonly fullName: string
  readonly schema: NamedType
}

export const SHARED = 'shared'

export const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type)

export const isArrayOf = (type: AvroType): type is ArrayOf =>
  typeof type === 'object' && 'items' in type

/** Name without namespace: `sluice.shared.Meta` is `Meta`. */
export const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1)
