/** Base64 of text. */

import { fromUtf8 } from '../../bytes.ts'
import { textBytes } from '../byte-text.ts'

const BASE64 = /^[\w+/-]{12,}={0,2}$/
/** Control characters but tabs and the ends of lines. */
const CONTROL = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f]/

/** The text of which it is the Base64; undefined where it is not. */
export function base64Text(text: string): string | undefined {
  if (!BASE64.test(text)) return undefined
  try {
    const decoded = fromUtf8(textBytes(atob(text.replaceAll('-', '+').replaceAll('_', '/'))))
    return decoded === undefined || CONTROL.test(decoded) ? undefined : decoded
  } catch {
    return undefined
  }
}
