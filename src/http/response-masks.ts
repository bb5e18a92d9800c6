/** The redactors of one request: they know the secrets that it carried, and nothing else. */

import { createRedactor, type Redactor } from '../redact/redactor.ts'
import type { UsedSecret } from '../vault/resolved.ts'

/** Shorter values are everywhere in an honest answer: what a program goes on computing with is not searched for them. */
const MIN_DATA_LENGTH = 8

/** Masks what a server or the platform sends back of a request's secrets. */
export interface ResponseMasks {
  /** For errors: shorter values too, where they stand alone. */
  error(error: unknown): unknown
  /** For headers and bodies, which a program goes on computing with; undefined where there is nothing to look for. */
  readonly data: DataMasks | undefined
}

/** Masks secrets in data: values of at least eight characters. */
export interface DataMasks {
  /** A text, masks in place of secrets; the same text where there are none. */
  text(text: string): string
  /** JSON text of one value, still JSON. */
  json(text: string): string
  /** Bytes of text that arrive in pieces. */
  chunks(): { push(bytes: Uint8Array): Uint8Array; end(): Uint8Array | undefined }
  /** The mask of a secret whose whole text it is. */
  maskOf(text: string): string | undefined
}

/** The masks of a request's secrets, made when they are first needed. */
export function responseMasks(secrets: readonly UsedSecret[]): ResponseMasks {
  let errors: Redactor | undefined
  let data: DataMasks | undefined
  const long = (text: string): boolean => text.length >= MIN_DATA_LENGTH
  const isSearched = secrets.some(({ written }) => written.some(long))
  return {
    error(error) {
      errors ??= redactorOf(secrets, ({ texts }) => texts)
      return errors.value(error)
    },
    get data() {
      if (isSearched) data ??= dataMasks(secrets, ({ written }) => written.filter(long))
      return data
    },
  }
}

type TextsOf = (secret: UsedSecret) => readonly string[]

/** The one place that teaches a redactor what a request carried. */
function redactorOf(secrets: readonly UsedSecret[], textsOf: TextsOf): Redactor {
  const redactor = createRedactor()
  for (const secret of secrets) {
    for (const text of textsOf(secret)) redactor.add(text, secret.label === '' ? undefined : secret.label)
  }
  return redactor
}

function dataMasks(secrets: readonly UsedSecret[], textsOf: TextsOf): DataMasks {
  const redactor = redactorOf(secrets, textsOf)
  const labels = new Map(secrets.flatMap((secret) => textsOf(secret).map((text) => [text, secret.label] as const)))
  return {
    text: redactor.text,
    json: redactor.json,
    chunks: () => redactor.chunks<Uint8Array>(),
    maskOf(text) {
      const label = labels.get(text)
      return label === undefined ? undefined : redactor.mask(label)
    },
  }
}
