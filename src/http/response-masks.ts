/** The redactors of one request: they know the secrets that it carried, and nothing else. */

import { createRedactor, type Redactor } from '../redact/redactor.ts'
import type { Chunks } from '../redact/stream.ts'
import type { UsedSecret } from '../vault/redirect.ts'

/** Shorter values are everywhere in an honest answer: what a program goes on computing with is not searched for them. */
const MIN_DATA_LENGTH = 8

/** Masks what a server or the platform sends back of a request's secrets. */
export interface ResponseMasks {
  /** A copy with masks, of shorter values too where they are words of their own: for errors, and texts that people read. */
  strict<T>(value: T): T
  /** For headers and bodies, which a program goes on computing with; undefined where there is nothing to look for. */
  readonly data: DataMasks | undefined
}

/** Where something is in a text: UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Masks secrets in data: values of at least eight characters. */
export interface DataMasks {
  /** A text, masks in place of secrets; the same text where there are none. */
  text(text: string): string
  /** JSON text of one value, still JSON. */
  json(text: string): string
  /** Where secrets are in a text, in order; none overlaps another. */
  spans(text: string): readonly Span[]
  /** The bytes of a text, which arrive in pieces and may not be text all through. */
  chunks(): Chunks<Uint8Array>
  /** The mask of a secret whose whole text it is. */
  maskOf(text: string): string | undefined
}

/**
 * Gives the masks of a request's secrets, each made when it is first needed.
 *
 * A client sends the same key again and again, so those of the last request are used again; only weakly held, since they
 * know plaintext that must go when its vault goes.
 */
export function createMaskSource(): (secrets: readonly UsedSecret[]) => ResponseMasks {
  let last: WeakRef<RequestMasks> | undefined
  return (secrets) => {
    const known = last?.deref()
    if (known?.isFor(secrets)) return known
    const made = new RequestMasks(secrets)
    last = new WeakRef(made)
    return made
  }
}

class RequestMasks implements ResponseMasks {
  readonly #secrets: readonly UsedSecret[]
  #all: Redactor | undefined
  #data: DataMasks | undefined

  constructor(secrets: readonly UsedSecret[]) {
    this.#secrets = secrets
  }

  /** Whether these are the same values under the same labels. */
  isFor(secrets: readonly UsedSecret[]): boolean {
    const known = this.#secrets
    if (secrets === known) return true
    return (
      secrets.length === known.length &&
      secrets.every(({ label, texts, written }, index) => {
        const before = known[index]!
        return label === before.label && areEqual(texts, before.texts) && areEqual(written, before.written)
      })
    )
  }

  strict<T>(value: T): T {
    this.#all ??= redactorOf(this.#secrets, ({ texts }) => texts)
    return this.#all.value(value)
  }

  get data(): DataMasks | undefined {
    const isSearched = this.#secrets.some(({ written }) => written.some(isLong))
    if (isSearched) this.#data ??= dataMasks(this.#secrets, ({ written }) => written.filter(isLong))
    return this.#data
  }
}

function isLong(text: string): boolean {
  return text.length >= MIN_DATA_LENGTH
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}

type TextsOf = (secret: UsedSecret) => readonly string[]

/** The one place that teaches a redactor what a request carried. */
function redactorOf(secrets: readonly UsedSecret[], textsOf: TextsOf): Redactor {
  const redactor = createRedactor()
  for (const secret of secrets) {
    for (const text of textsOf(secret)) redactor.add(secret.label, text, {})
  }
  return redactor
}

function dataMasks(secrets: readonly UsedSecret[], textsOf: TextsOf): DataMasks {
  const redactor = redactorOf(secrets, textsOf)
  const labels = new Map(secrets.flatMap((secret) => textsOf(secret).map((text) => [text, secret.label] as const)))
  return {
    text: redactor.text,
    json: redactor.json,
    spans: redactor.find,
    chunks: () => redactor.chunks<Uint8Array>(),
    maskOf(text) {
      const label = labels.get(text)
      return label === undefined ? undefined : redactor.mask(label)
    },
  }
}
