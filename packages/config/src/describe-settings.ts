import type { z } from 'zod'
import { leavesOf, type Leaf } from './leaves.ts'

/** One setting, as the reference shows it. */
export interface SettingDescription {
  /** `log.directory`, as in the file. */
  readonly setting: string
  readonly variable: string
  /** `number`, or the choices. */
  readonly type: string
  /** As one would write it; empty if it must be given. */
  readonly default: string
  readonly isRequired: boolean
  readonly isSecret: boolean
  readonly description: string
}

/** Every setting of a schema in its order, for reference pages and `--help`. */
export function describeSettings(schema: z.ZodType, prefix: string): readonly SettingDescription[] {
  return leavesOf(schema, prefix).map(describe)
}

function describe(leaf: Leaf): SettingDescription {
  const { path, variable, kind, choices, fallback, isOptional, isSecret, description } = leaf
  return {
    setting: path.join('.'),
    variable,
    type: kind === 'choice' ? choices.join(' | ') : kind,
    default: fallback === undefined ? '' : textOf(fallback),
    isRequired: fallback === undefined && !isOptional,
    isSecret,
    description,
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)
