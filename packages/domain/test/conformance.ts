import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Decimal } from '../src/decimal.ts'
import { fees, shares } from './conformance-money.ts'
import { bankruptcies, liquidationPrices, requirements, sizes } from './conformance-margin.ts'
import { marks } from './conformance-prices.ts'
import { deleveraging } from './conformance-deleveraging.ts'
import { Unsupported, type Answer, type Inputs, type Rule } from './conformance-inputs.ts'

type Expected = string | boolean | null | readonly Expected[] | { readonly [key: string]: Expected }

export interface Vector {
  readonly id: string
  readonly category: string
  readonly title: string
  readonly inputs: Inputs
  readonly expected: Expected
  readonly tolerance: string
}

interface VectorFile {
  readonly schema: string
  readonly venue: string
  readonly vectors: readonly Vector[]
}

export type Verdict = 'passed' | 'failed' | 'unsupported'

export interface Outcome {
  readonly file: string
  readonly id: string
  readonly category: string
  readonly verdict: Verdict
  /** The difference of a failure, the reason of an unsupported one */
  readonly detail: string
}

/** Which of the product's functions answers a venue's category. A rule that is not here is one the product does not have. */
const RULES: Readonly<Record<string, Rule>> = {
  ...requirements,
  ...liquidationPrices,
  ...bankruptcies,
  ...sizes,
  ...marks,
  ...deleveraging,
  ...fees,
  ...shares,
}

/** Answers every vector of every file of a folder. */
export function runConformance(folder: string): Outcome[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  return names.sort().flatMap(name => {
    const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as VectorFile
    if (file.schema !== 'liquidation-vectors/1') throw new Error(`${name}: unknown ${file.schema}`)
    return file.vectors.map(vector => ({
      file: name,
      id: vector.id,
      category: vector.category,
      ...judge(file.venue, vector),
    }))
  })
}

/** One line per file and category: how many passed, failed, are unsupported. */
export function summaryOf(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, Record<Verdict, number>>()
  for (const { file, category, verdict } of outcomes) {
    const key = `${file} ${category}`
    const count = counts.get(key) ?? { passed: 0, failed: 0, unsupported: 0 }
    counts.set(key, { ...count, [verdict]: count[verdict] + 1 })
  }
  return [...counts].map(
    ([key, { passed, failed, unsupported }]) =>
      `${key}: ${passed} passed, ${failed} failed, ${unsupported} unsupported`,
  )
}

function judge(venue: string, vector: Vector): Pick<Outcome, 'verdict' | 'detail'> {
  const rule = RULES[`${venue}.${vector.category}`]
  if (rule === undefined) return { verdict: 'unsupported', detail: 'no such rule in the product' }
  try {
    const differences = [...compare(rule(vector.inputs), vector.expected, vector.tolerance)]
    return {
      verdict: differences.length === 0 ? 'passed' : 'failed',
      detail: differences.join('; '),
    }
  } catch (error) {
    if (error instanceof Unsupported) return { verdict: 'unsupported', detail: error.message }
    throw error
  }
}

/** Differences between an answer and what is expected of it; keys that are not expected do not matter. */
function* compare(answer: Answer, expected: Expected, tolerance: string): Generator<string> {
  if (expected instanceof Array) {
    const items: readonly Answer[] = answer instanceof Array ? answer : []
    if (items.length !== expected.length) yield `${items.length} items, not ${expected.length}`
    for (const [at, item] of expected.entries()) yield* compare(items[at], item, tolerance)
  } else if (typeof expected === 'object' && expected !== null) {
    const fields = answer as Readonly<Record<string, Answer>>
    for (const [key, value] of Object.entries(expected)) {
      if (!(key in fields)) throw new Unsupported(`the product does not answer ${key}`)
      yield* compare(fields[key], value, tolerance)
    }
  } else if (!isClose(answer, String(expected), tolerance)) {
    yield `${shown(answer)}, not ${String(expected)}`
  }
}

function isClose(answer: Answer, expected: string, tolerance: string): boolean {
  if (!Decimal.isDecimal(answer)) return shown(answer) === expected
  const difference = answer.minus(expected).abs()
  const [kind, size = '0'] = tolerance.split(' ')
  if (kind === 'abs') return difference.lte(size)
  if (kind === 'rel') return difference.lte(new Decimal(size).times(expected).abs())
  return difference.isZero()
}

function shown(answer: Answer): string {
  return Decimal.isDecimal(answer)
    ? answer.toString()
    : JSON.stringify(answer ?? null).replaceAll('"', '')
}
