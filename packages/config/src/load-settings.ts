import type { z } from 'zod'
import { readEnvironment, type Environment, type Override } from './environment.ts'
import { leavesOf, requiredGroupsOf, variableOf } from './leaves.ts'
import { SettingsError } from './settings-error.ts'
import { SettingsFile } from './settings-file.ts'

export interface SettingsSources {
  /** Path of a YAML file. */
  readonly file?: string
  /** Usually `process.env`. Wins over the file. */
  readonly environment: Environment
  /** First word of every variable. */
  readonly prefix: string
}

/**
 * The settings that a schema describes, from its defaults, a YAML file and the environment, each over the one before; typed
 * and frozen. Groups are nested objects, and `log.directory` is `SLUICE_LOG_DIRECTORY` in the environment.
 *
 * @throws SettingsError with every violation at once: those of the file with line and column, those of the environment with
 * the variable.
 */
export function loadSettings<Schema extends z.ZodType>(
  schema: Schema,
  sources: SettingsSources,
): z.output<Schema> {
  const file = sources.file === undefined ? undefined : SettingsFile.read(sources.file)
  const { overrides, problems } = readEnvironment(
    leavesOf(schema, sources.prefix),
    sources.environment,
  )
  const given = file?.value() ?? {}
  const result = schema.safeParse(
    isGroup(given) ? merged(withGroups(given, schema), overrides) : given,
  )
  const violations = (result.error?.issues ?? []).flatMap(flattened).map(issue => {
    const place = placeOf(issue.path, { file, overrides, prefix: sources.prefix })
    return `${place}: ${issue.path.map(String).join('.') || 'the settings'}: ${issue.message}`
  })
  if (!result.success || problems.length > 0) throw new SettingsError([...problems, ...violations])
  return frozen(result.data)
}

type Issue = z.core.$ZodIssue

/** An issue for each unknown name, where that name stands. */
function flattened(issue: Issue): Pick<Issue, 'path' | 'message'>[] {
  if (issue.code !== 'unrecognized_keys') return [issue]
  const message = 'there is no such setting; correct its name or remove it'
  return issue.keys.map(key => ({ path: [...issue.path, key], message }))
}

interface Origins {
  readonly file: SettingsFile | undefined
  readonly overrides: readonly Override[]
  readonly prefix: string
}

/** Where the value at `path` came from, or where one should be given. */
function placeOf(path: readonly PropertyKey[], { file, overrides, prefix }: Origins): string {
  const override = overrides.find(({ leaf }) =>
    leaf.path.every((name, index) => name === path[index]),
  )
  if (override !== undefined) return override.variable
  return file === undefined ? variableOf(prefix, path.map(String)) : file.placeOf(path)
}

type Group = Readonly<Record<string, unknown>>

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merged = (given: Group, overrides: readonly Override[]): Group =>
  overrides.reduce((group, { leaf, value }) => withValue(group, leaf.path, value), given)

const withGroups = (given: Group, schema: z.ZodType): Group =>
  requiredGroupsOf(schema).reduce(
    (group, path) => (hasGroup(group, path) ? group : withValue(group, path, {})),
    given,
  )

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

/** Whether something stands at the path, be it a group or not. */
const hasGroup = (group: unknown, [name, ...rest]: readonly string[]): boolean =>
  name === undefined || !isGroup(group) || (isPresent(group[name]) && hasGroup(group[name], rest))

/** The group with one value replaced, however deep. A copy: the groups around it are new. */
function withValue(group: Group, [name, ...rest]: readonly string[], value: unknown): Group {
  if (name === undefined) return group
  const inner = group[name]
  const replaced = rest.length === 0 ? value : withValue(isGroup(inner) ? inner : {}, rest, value)
  return { ...group, [name]: replaced }
}

/** The value, frozen to the bottom. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
