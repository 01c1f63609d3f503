import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { DecodingError } from '@sluice/contracts/codec-errors'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { jsonSchemaOf } from '@sluice/contracts/json-schema'
import { eventOfPlain, type PlainObject } from '@sluice/contracts/plain'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import { canonical, parseJson, shown } from './json.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
const validators = new Map<string, ValidateFunction>()

function validatorOf(type: unknown): ValidateFunction {
  const known = typeof type === 'string' ? validators.get(type) : undefined
  if (known !== undefined) return known
  const schema = typeof type === 'string' ? jsonSchemaOf(type) : undefined
  if (schema === undefined)
    throw new DecodingError('json_unfit', `type is ${shown(type)}: no event is called so`)
  const validator = ajv.compile(schema)
  validators.set(String(type), validator)
  return validator
}

const fieldOf = ({ instancePath, params }: ErrorObject): string => {
  const path = instancePath.slice(1).replaceAll('/', '.')
  const extra: unknown = params['additionalProperty'] ?? params['missingProperty']
  return [path, extra].filter(part => typeof part === 'string' && part !== '').join('.')
}

const faultText = (type: unknown, error: ErrorObject): string =>
  `${String(type)}.${fieldOf(error)} ${error.message ?? 'does not fit'}`

/** The event in plain data that is to have its JSON form. @throws DecodingError naming every field that does not fit. */
function eventOfJson(value: unknown): SluiceEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DecodingError(
      'json_unfit',
      `${shown(value)} is no event: an object with type is asked for`,
    )
  const { type } = value as { type?: unknown }
  const validate = validatorOf(type)
  if (!validate(value)) {
    const faults = (validate.errors ?? []).map(error => faultText(type, error))
    throw new DecodingError('json_unfit', faults.join('; '))
  }
  return canonical(eventOfPlain(value as PlainObject))
}

/** Our events as JSON, by the schemas of docs/reference/json-schema: one in a record, or an array of them. */
export const jsonEvents: InputCodec = {
  name: 'json 1',
  decode({ value }) {
    const parsed = parseJson(value)
    return Array.isArray(parsed) ? parsed.map(eventOfJson) : [eventOfJson(parsed)]
  },
}
