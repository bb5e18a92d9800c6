/** Tells requests that hold nothing of ours, so that they are dispatched at once, with undici's own say on backpressure. */

import type { ClientAccess } from '../../vault/client.ts'
import { basicText } from '../basic-auth.ts'
import { canBeSentAgain } from '../request-body.ts'
import type { DispatchCall } from './call.ts'

/** A mask in place of a secret, or the dots of a form: such a request may have to be refused. */
const LOOKS_MASKED = /(?:\[|%5b)secret|\u2022/i

/** Whether nothing in the request looks like a reference or a mask; false for a body that has to be read to know. */
export function isPlainCall({ url, headers, body }: DispatchCall, scan: ClientAccess['scan']): boolean {
  const isText = (text: string): boolean => !LOOKS_MASKED.test(text) && scan(text).length === 0
  if (typeof body === 'string' ? scan(body).length > 0 : hasBodyToRead(body)) return false
  return isText(url) && headers.every(({ name, value }) => isText(basicText(name, value) ?? value))
}

/** Whether there is a body other than text that can be looked into. */
function hasBodyToRead(body: unknown): boolean {
  return body !== undefined && body !== null && canBeSentAgain(body)
}
