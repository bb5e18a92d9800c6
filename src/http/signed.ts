/** A signature or digest that was made of the references would not match what is sent. */

import { GuillemetError } from '../errors.ts'
import { pathOf } from '../template/context.ts'
import type { HttpCall } from './http-call.ts'
import { type RequestParts, writtenNameOf } from './request-plan.ts'

const OF_THE_BODY = ['content-md5', 'digest', 'content-digest', 'repr-digest']
const SIGNED_BY_AWS = /^AWS4-[A-Z0-9-]+ /
const SIGNED_HEADERS = /SignedHeaders=([^,\s]+)/

/**
 * Refuses a request of which a signed or digested part is still to be resolved.
 *
 * @throws ERR_INVALID_INPUT with the path of the header that holds the digest or the signature
 */
export function requireUnsigned({ headers }: HttpCall, template: RequestParts): void {
  for (const { name, value, keys } of headers) {
    const isOfBody = template.body !== undefined && OF_THE_BODY.includes(name)
    if (!isOfBody && !(name === 'authorization' && coversOpenPart(value, template, headers))) continue
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The header ${name} was made of the text with its references, so it would not match what is sent; give the secrets to what signs the request (vault.use), not to the client below it.`,
      { path: pathOf(keys) },
    )
  }
}

/** AWS signs URL, body, and the headers that it lists. */
function coversOpenPart(value: string, template: RequestParts, headers: HttpCall['headers']): boolean {
  if (!SIGNED_BY_AWS.test(value)) return false
  if (template.url !== undefined || template.body !== undefined) return true
  const signed = (SIGNED_HEADERS.exec(value)?.[1] ?? '').toLowerCase().split(';')
  return headers.some(
    (each) => signed.includes(each.name) && Object.hasOwn(template.headers ?? {}, writtenNameOf(each)),
  )
}
