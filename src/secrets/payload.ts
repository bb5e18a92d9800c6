/**
 * The bytes of a value before it is sealed: `00` and the text, or `01` and a JSON array of `[name, value]` pairs.
 *
 * Pairs, because a JSON object loses the order of some keys and trips over `__proto__`.
 */

import { fromUtf8, utf8 } from '../bytes.ts'
import { parseJson } from '../json.ts'
import { nullRecord } from '../plain-object.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { isName } from '../tag.ts'
import { accepts, fieldValue } from './rules.ts'
import { MAX_FIELDS } from './untrusted.ts'

const TEXT_MARK = 0
const FIELDS_MARK = 1

/**
 * The payload of a value that `parseInput` or `parsePatch` gave.
 *
 * @throws ERR_INVALID_INPUT when the value is a text with a lone surrogate
 */
export function encodeValue(value: SecretValue): Uint8Array {
  return typeof value === 'string'
    ? marked(TEXT_MARK, value)
    : marked(FIELDS_MARK, JSON.stringify(Object.entries(value)))
}

function marked(mark: number, text: string): Uint8Array {
  const encoded = utf8(text)
  const payload = new Uint8Array(1 + encoded.length)
  payload[0] = mark
  payload.set(encoded, 1)
  encoded.fill(0) // a copy of the value that nobody else would wipe
  return payload
}

/** The value of a payload, fields without a prototype, or undefined where the bytes are not a payload. */
export function decodeValue(bytes: Uint8Array): SecretValue | undefined {
  const text = fromUtf8(bytes.subarray(1))
  if (text === undefined) return undefined
  if (bytes[0] === TEXT_MARK) return text
  return bytes[0] === FIELDS_MARK ? fieldsFrom(text) : undefined
}

function fieldsFrom(text: string): SecretValue | undefined {
  const pairs = parseJson(text)
  if (!Array.isArray(pairs) || pairs.length === 0 || pairs.length > MAX_FIELDS) return undefined
  const fields = nullRecord<Scalar>()
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined
    const [name, value] = pair as unknown[]
    if (!isName(name) || Object.hasOwn(fields, name) || !accepts(fieldValue, value)) return undefined
    fields[name] = value
  }
  return fields
}
