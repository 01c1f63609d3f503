import { readFileSync } from 'node:fs'
import type { Leaf } from './leaves.ts'
import { messageOf } from './message-of.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says of one setting, and the variable that says it. */
export interface Override {
  readonly leaf: Leaf
  readonly variable: string
  readonly value: unknown
}

export interface Overrides {
  readonly overrides: readonly Override[]
  readonly problems: readonly string[]
}

const FILE_SUFFIX = '_FILE'

/**
 * The settings that the environment gives: `<VARIABLE>`, or `<VARIABLE>_FILE` with the path of a file that holds the value
 * (for secrets). Text becomes what the setting is where it can; where it cannot, the schema will say so.
 */
export function readEnvironment(leaves: readonly Leaf[], environment: Environment): Overrides {
  const overrides: Override[] = []
  const problems: string[] = []
  for (const leaf of leaves) {
    const direct = environment[leaf.variable]
    const fileVariable = leaf.variable + FILE_SUFFIX
    const file = environment[fileVariable]
    if (direct !== undefined && file !== undefined) {
      problems.push(`${leaf.variable}: it is set, and so is ${fileVariable}; unset one of them`)
    } else if (direct !== undefined) {
      overrides.push({ leaf, variable: leaf.variable, value: valueOf(leaf, direct) })
    } else if (file !== undefined) {
      try {
        overrides.push({ leaf, variable: fileVariable, value: valueOf(leaf, readSecret(file)) })
      } catch (error) {
        problems.push(`${fileVariable}: ${messageOf(error)}`)
      }
    }
  }
  return { overrides, problems }
}

/** The file's text without the line break that editors add. */
const readSecret = (file: string): string => readFileSync(file, 'utf8').replace(/\r?\n$/, '')

function valueOf({ kind }: Leaf, text: string): unknown {
  if (kind === 'number') return numberOf(text)
  if (kind === 'list')
    return text.trim() === '' ? [] : text.split(',').map(item => numberOf(item.trim()))
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/** The number that the text is, or the text. */
function numberOf(text: string): number | string {
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text))
  return isNumber ? Number(text) : text
}
