/** A mask in place of a value came out of a redacted result; sent as a credential it would fail far from its cause. */

import { GuillemetError } from '../errors.ts'
import { pathOf } from '../template/context.ts'
import { basicText } from './basic-auth.ts'
import type { HttpCall } from './http-call.ts'

const ANY_MASK = /\[secret(?::[\w.-]{1,257})?\]/
const MASK_LABELS = /\[secret(?::([\w.-]{1,257}))?\]/gi
const MASK_DOTS = /\u2022{4}/
/** How many labels are remembered of one client. */
const MAX_LABELS = 1_000

/** Which masks one client has written into what it gave back. */
export class WrittenMasks {
  readonly #labels = new Set<string>()

  /** Notes the labels of the secrets that a response may show masks of. */
  add(labels: readonly string[]): void {
    for (const label of labels) if (this.#labels.size < MAX_LABELS) this.#labels.add(label.toLowerCase())
  }

  /** Whether the text holds one of them. */
  isIn(text: string): boolean {
    if (this.#labels.size === 0 || !text.includes('[')) return false
    // some masks have no label, and clients that take ":label" for a parameter (Octokit) remove it
    return [...text.matchAll(MASK_LABELS)].some(
      ([, label]) => label === undefined || this.#labels.has(label.toLowerCase()),
    )
  }
}

/**
 * Refuses a request that carries a mask: any in a credential header; in another header and in the URL, where it could be
 * anybody's text, one that this client itself has written.
 *
 * @throws ERR_INVALID_INPUT with the path
 */
export function requireNoMasks(call: HttpCall, isOpenHeader: (name: string) => boolean, written: WrittenMasks): void {
  for (const { name, value, keys } of call.headers) {
    const text = basicText(name, value) ?? value
    if ((isOpenHeader(name) && ANY_MASK.test(text)) || written.isIn(text)) throw maskError(`The header ${name}`, keys)
  }
  const isEncoded = call.url.includes('%')
  if (written.isIn(call.url) || (isEncoded && written.isIn(decodedUrl(call.url)))) throw maskError('The URL', ['url'])
}

/** The error for headers that the platform does not take, where that is because of the dots of a form. */
export function requireNoDots(texts: readonly string[]): void {
  if (texts.some((text) => MASK_DOTS.test(text))) throw maskError('A header', ['headers'])
}

function decodedUrl(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url.replace(/%5b/gi, '[').replace(/%5d/gi, ']').replace(/%3a/gi, ':')
  }
}

function maskError(what: string, keys: readonly (string | number)[]): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `${what} holds a mask in place of a secret, as redacted results and responses show it; send the reference, take the value from expose(), or turn redactResponse off where a response is sent on.`,
    { path: pathOf(keys) },
  )
}
