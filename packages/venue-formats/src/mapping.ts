import { z } from 'zod'
import { CONVERSIONS } from './conversions.ts'

const path = z.string().describe('Names and numbers with dots between; see "Paths"')
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

const matcher = z.union([
  scalar,
  z.array(scalar).min(1),
  z.strictObject({ present: z.boolean() }),
  z.strictObject({ startsWith: z.string().min(1) }),
  z.strictObject({ zero: z.boolean() }),
])

const conditions = z.record(path, matcher)

/** A constant; of a list only the empty one. */
const valueField = z.strictObject({ value: z.union([scalar, z.array(z.never())]) })
const pathField = z.strictObject({
  path,
  as: z.enum(CONVERSIONS).optional(),
  table: z.record(z.string(), scalar).optional(),
  otherwise: scalar.optional(),
  negative: conditions.optional(),
})
const itemsField = z.strictObject({
  path,
  get items() {
    return z.record(z.string(), field)
  },
})

type FieldInput =
  | string
  | z.output<typeof valueField>
  | z.output<typeof pathField>
  | { readonly path: string; readonly items: Readonly<Record<string, FieldInput>> }

const field: z.ZodType<FieldInput> = z.union([path, valueField, pathField, itemsField])

const eventRule = z.strictObject({
  when: conditions,
  each: path.optional(),
  event: z.string(),
  fields: z.record(z.string(), field),
})
const ignoreRule = z.strictObject({ when: conditions, ignore: z.string().min(1) })

const size = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'write a decimal as text, such as "0.001"')
  .refine(text => Number(text) > 0, 'must be above 0')

const whatThen = z.enum(['refuse', 'ignore'])

const instruments = z.record(
  z.string(),
  z.strictObject({
    instrument: z.string().min(1),
    tickSize: size,
    lotSize: size,
    contractSize: size.default('1'),
  }),
)

/** Of a venue's own format: its messages are known, its symbols are the exchange's to name. */
export const venueSettings = z.strictObject({
  instruments,
  unlistedSymbols: whatThen.default('refuse'),
  unknownMessages: whatThen.default('refuse'),
  take: z.array(z.string()).min(1).optional(),
})

/** Of JSON in a shape of the exchange's own. */
export const mappingSettings = z.strictObject({
  instruments,
  unlistedSymbols: whatThen.default('refuse'),
  unknownMessages: whatThen.default('refuse'),
  envelopes: z.array(z.strictObject({ when: conditions, each: path })).default([]),
  rules: z.array(z.union([ignoreRule, eventRule])).min(1),
})

export type Matcher = z.output<typeof matcher>
export type Conditions = z.output<typeof conditions>
export type FieldSpec = FieldInput
export type EventRule = z.output<typeof eventRule>
export type Rule = EventRule | z.output<typeof ignoreRule>
export type InstrumentTable = z.output<typeof instruments>
export type Mapping = z.output<typeof mappingSettings>
/** How the messages of a venue are read, symbols apart. */
export type MessageRules = Pick<Mapping, 'envelopes' | 'rules'>
