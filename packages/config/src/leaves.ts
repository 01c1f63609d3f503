import { z } from 'zod'

/** One setting: a value that is not a group of settings. */
export interface Leaf {
  readonly path: readonly string[]
  /** `SLUICE_LOG_DIRECTORY` for `log.directory` under the prefix `SLUICE`. */
  readonly variable: string
  readonly kind: LeafKind
  readonly choices: readonly string[]
  /** What it is when nobody says anything; undefined if it must be given. */
  readonly fallback: unknown
  readonly isOptional: boolean
  readonly isSecret: boolean
  readonly description: string
}

export type LeafKind = 'text' | 'number' | 'boolean' | 'list' | 'choice'

const screaming = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .toUpperCase()

/** Name of the environment variable of a setting. */
export const variableOf = (prefix: string, path: readonly string[]): string =>
  [prefix, ...path].map(screaming).join('_')

/** What a schema is once defaults, optionality and transformations are taken off, and what was seen on the way. */
interface Unwrapped {
  readonly schema: unknown
  readonly fallback: unknown
  readonly isOptional: boolean
  readonly description: string
  readonly isSecret: boolean
}

function unwrap(schema: unknown): Unwrapped {
  const inner = innerOf(schema)
  const below: Unwrapped =
    inner === undefined
      ? { schema, fallback: undefined, isOptional: false, description: '', isSecret: false }
      : unwrap(inner)
  const meta = schema instanceof z.ZodType ? schema.meta() : undefined
  return {
    ...below,
    fallback: schema instanceof z.ZodDefault ? schema.def.defaultValue : below.fallback,
    isOptional:
      below.isOptional || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable,
    description: meta?.description ?? below.description,
    isSecret: below.isSecret || meta?.['secret'] === true,
  }
}

function innerOf(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return schema.def.in
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  return isWrapper ? schema.unwrap() : undefined
}

function kindOf(schema: unknown): LeafKind {
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodArray) return 'list'
  return schema instanceof z.ZodEnum ? 'choice' : 'text'
}

/** Every setting of a schema, in its order. Groups are nested objects; `.meta({ secret: true })` marks a secret. */
export function leavesOf(schema: z.ZodType, prefix: string): readonly Leaf[] {
  return leavesUnder(schema, prefix, [])
}

function leavesUnder(schema: unknown, prefix: string, path: readonly string[]): readonly Leaf[] {
  const { schema: core, ...rest } = unwrap(schema)
  if (core instanceof z.ZodObject)
    return Object.entries(core.shape).flatMap(([name, inner]) =>
      leavesUnder(inner, prefix, [...path, name]),
    )
  const choices = core instanceof z.ZodEnum ? core.options.map(String) : []
  return [{ ...rest, path, variable: variableOf(prefix, path), kind: kindOf(core), choices }]
}

/** The groups that must be there: a missing one counts as empty, so that each setting it lacks is named. */
export function requiredGroupsOf(
  schema: unknown,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  const { schema: core, fallback, isOptional } = unwrap(schema)
  if (!(core instanceof z.ZodObject) || isOptional || fallback !== undefined) return []
  const inner = Object.entries(core.shape).flatMap(([name, each]) =>
    requiredGroupsOf(each, [...path, name]),
  )
  return [path, ...inner]
}
