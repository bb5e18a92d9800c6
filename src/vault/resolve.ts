/** The one way of a resolve: template → tags → one read → policy → rules → open → render → one event. */

import { codeOf, type GuillemetError } from '../errors.ts'
import type { Kind } from '../location.ts'
import { withSuggestions } from '../template/errors.ts'
import type { Prepared, Resolved, ResolveOptions } from './api.ts'
import { emitBefore, emitFailure, useDetails } from './emit.ts'
import { checkAndRender } from './evaluate.ts'
import { findForUse } from './find.ts'
import { readableTags } from './list.ts'
import { readResolveCall } from './prepare.ts'
import { SecretSet } from './secret-set.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

/**
 * Puts the secrets into a copy of the template.
 *
 * @param as the kind, where the name of the call says it
 */
export async function resolve<T>(
  view: View,
  template: T | Prepared<T>,
  options: ResolveOptions | undefined,
  as?: Kind,
): Promise<Resolved<T>> {
  requireOpen(view)
  requireKeyrings(view)
  const call = readResolveCall(view, template, options, as)
  const { tags, references } = call.compiled
  // a template without references uses nothing: no storage is read, no policy asked, no event sent
  if (tags.length === 0) return checkAndRender(view, call, new SecretSet(view))
  let secrets: SecretSet | undefined
  try {
    secrets = await findForUse(view, tags)
    await secrets.authorize('use', { references, destination: call.destination })
    await secrets.loadKeys()
    const resolved = checkAndRender(view, call, secrets)
    if (view.root.onEvent !== undefined) await emitBefore(view, useDetails(view, call, secrets))
    return resolved
  } catch (thrown) {
    const isMissing = codeOf(thrown) === 'ERR_MISSING_SECRETS'
    const error = isMissing ? withSuggestions(thrown as GuillemetError, await readableTags(view)) : thrown
    await emitFailure(view, useDetails(view, call, secrets), error)
    throw error
  }
}
