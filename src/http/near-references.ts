/**
 * Credential headers whose text is nearly a reference, such as `Bearer {{ secret.openai }}`: the grammar reads it as text,
 * so it goes out as it stands, and a server answers 401.
 */

import type { ClientAccess, SkippedText } from '../vault/client.ts'
import { basicText } from './basic-auth.ts'
import type { ClientSettings } from './client-options.ts'
import type { HttpCall } from './http-call.ts'

/** What an opening delimiter of any dialect has, also an encoded one: most credentials have none of it. */
const OPENING = /[<{$#%&«＜｛\\]/

/** One for each such header; the text itself is nowhere, since a literal credential may stand in it. */
export function nearReferencesIn(
  { headers }: HttpCall,
  { isOpenHeader }: Pick<ClientSettings, 'isOpenHeader'>,
  { isNearReference }: Pick<ClientAccess, 'isNearReference'>,
): readonly SkippedText[] {
  const found: SkippedText[] = []
  for (const { name, value } of headers) {
    if (!isOpenHeader(name)) continue
    const text = basicText(name, value) ?? value
    if (OPENING.test(text) && isNearReference(text)) found.push({ tag: undefined, location: 'header' })
  }
  return found
}
