/**
 * What is nearly a reference in a place that is open to them: `Bearer {{ secret.openai }}` in a credential header, or a
 * reference that a `URL` has percent-encoded. The grammar reads it as text, so it goes out unchanged, and a server
 * answers 401.
 */

import { ownValue } from '../plain-object.ts'
import type { ClientAccess, SkippedText } from '../vault/client.ts'
import { basicText } from './basic-auth.ts'
import type { ClientSettings } from './client-options.ts'
import type { HttpCall } from './http-call.ts'
import { mayResolve, URL_LOCATIONS } from './reference-choice.ts'

type Settings = Pick<ClientSettings, 'isOpenHeader' | 'locations' | 'authored'>
type Access = Pick<ClientAccess, 'isNearReference'>

/** What an opening delimiter of any dialect has, also an encoded one: most credentials have none of it. */
const OPENING = /[<{$#%&«＜｛\\]/

/** One for each such header and URL; the text itself is nowhere, since it may hold a literal credential. */
export function nearReferencesIn(
  call: HttpCall,
  settings: Settings,
  access: Access,
  isUrlOfServer = false,
): readonly SkippedText[] {
  const found: SkippedText[] = []
  for (const { name, value } of call.headers) {
    if (!settings.isOpenHeader(name)) continue
    const text = basicText(name, value) ?? value
    if (OPENING.test(text) && access.isNearReference(text)) found.push({ tag: undefined, location: 'header' })
  }
  const isUrlOpen = !isUrlOfServer && URL_LOCATIONS.some((location) => mayResolve(settings, location))
  return isUrlOpen ? [...found, ...nearReferencesInUrl(call, access)] : found
}

function nearReferencesInUrl(call: HttpCall, { isNearReference }: Access): readonly SkippedText[] {
  const url = ownValue(call, 'params')?.url ?? call.url
  if (!OPENING.test(url) || !isNearReference(url)) return []
  const query = url.indexOf('?')
  const isInPath = query < 0 || isNearReference(url.slice(0, query))
  return [{ tag: undefined, location: isInPath ? 'path' : 'query' }]
}
