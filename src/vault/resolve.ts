/** The one way of a resolve: template → tags → one read → policy → rules → open → render → one event. */

import { codeOf, type GuillemetError } from '../errors.ts'
import type { Kind } from '../location.ts'
import { withSuggestions } from '../template/errors.ts'
import type { Prepared, Resolved } from './api.ts'
import { emitBefore, emitFailure, useDetails } from './emit.ts'
import { checkAndRender, revealDestination } from './evaluate.ts'
import { findForUse, findWithKeys } from './find.ts'
import { emptyStorageHint } from './not-found.ts'
import type { ResolveOptions } from './option-types.ts'
import { type ResolveCall, readResolveCall } from './prepare.ts'
import { SecretSet } from './secret-set.ts'
import { closedMeanwhile } from './storage-errors.ts'
import { suggestionsFor } from './suggestions.ts'
import { requireKeyrings, requireOpen, type View, viewOfCall } from './view.ts'

/**
 * Puts the secrets into a copy of the template.
 *
 * @param as the kind, where the name of the call says it
 */
export async function resolve<T>(
  lasting: View,
  template: T | Prepared<T>,
  options: ResolveOptions | undefined,
  as?: Kind,
): Promise<Resolved<T>> {
  requireOpen(lasting)
  requireKeyrings(lasting)
  const call = readResolveCall(lasting, template, options, as)
  const view = viewOfCall(lasting, call.signal)
  const { tags } = call.compiled
  // a template without references uses nothing: no storage is read, no policy asked, no event sent
  if (tags.length === 0) return checkAndRender(view, call, new SecretSet(view))
  return resolveFound(view, call, (isFresh) => findForUse(view, tags, isFresh))
}

/**
 * Resolves with the secrets that are found: asks, checks, opens, renders and tells.
 *
 * @param find is asked as `findWithKeys` says
 */
export async function resolveFound<T>(
  view: View,
  call: ResolveCall<T>,
  find: (isFresh: boolean) => Promise<SecretSet>,
): Promise<Resolved<T>> {
  const { compiled } = call
  const { references } = compiled
  let secrets: SecretSet | undefined
  try {
    const isRequested = compiled.as === 'request' || (compiled.as === 'url' && call.option !== undefined)
    const use = { references, destination: call.destination, isRequested }
    const findPermitted = async (isFresh: boolean): Promise<SecretSet> => {
      secrets = await find(isFresh)
      await secrets.authorize('use', use)
      return secrets
    }
    secrets = await findWithKeys(findPermitted, call.isFresh)
    if (compiled.hasSecretHost && view.root.policy !== undefined) await authorizeOrigin(view, call, secrets)
    // keys are wiped when the vault is closed
    if (view.root.isClosed) throw closedMeanwhile()
    const resolved = checkAndRender(view, call, secrets)
    if (view.root.onEvent !== undefined) await emitBefore(view, useDetails(view, call, secrets))
    return resolved
  } catch (thrown) {
    const error =
      codeOf(thrown) === 'ERR_MISSING_SECRETS' ? await suggestingFromStorage(view, thrown as GuillemetError) : thrown
    await emitFailure(view, useDetails(view, call, secrets), error)
    throw error
  }
}

/** Once a secret has told where the request goes, the policy is asked about every secret, before any other is opened. */
async function authorizeOrigin(view: View, call: ResolveCall<unknown>, secrets: SecretSet): Promise<void> {
  const { destination } = revealDestination(view, call, secrets)
  if (destination === undefined) return
  await secrets.authorize('use', { references: call.compiled.references, destination, isRequested: true })
}

async function suggestingFromStorage(view: View, error: GuillemetError): Promise<GuillemetError> {
  const tags = (error.missing ?? []).map(({ tag }) => tag)
  const suggestions = await suggestionsFor(view, tags)
  return withSuggestions(error, suggestions, suggestions.size === 0 ? await emptyStorageHint(view) : '')
}
