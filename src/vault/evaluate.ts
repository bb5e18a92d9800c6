/**
 * The heart of every resolve, without I/O: state and rules on clear information, then opening, then rendering.
 *
 * A resolve and a snapshot differ only in how they came by their secrets.
 */

import type { MissingReference } from '../errors.ts'
import type { Reference } from '../location.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { missingError } from '../template/errors.ts'
import { renderRedacted } from '../template/redacted.ts'
import { render } from '../template/render.ts'
import { urlPathsOf } from '../template/url-paths.ts'
import { checkFields, type Lookup } from '../template/values.ts'
import type { Resolved } from './api.ts'
import { hostPositionDenial, type KnownDestination, ruleDenial, stateDenial, useCountDenials } from './authorize.ts'
import { isInHost, openDestination } from './destination.ts'
import type { ResolveCall } from './prepare.ts'
import type { FoundSecret } from './records.ts'
import { forgetLastMatch, maskOf, resultRedactor } from './redaction.ts'
import { ResolvedValue, type ResultParts } from './resolved.ts'
import type { SecretSet } from './secret-set.ts'
import { publicText, type UsedText } from './used-texts.ts'
import type { View } from './view.ts'

/** Checks, opens and renders. */
export function checkAndRender<T>(view: View, call: ResolveCall<T>, secrets: SecretSet): Resolved<T> {
  const { open } = secrets
  try {
    enforceRules(view, call, secrets)
    const value = render(call.compiled, open, call.onMissing)
    // now, since a snapshot may be closed before the result is printed
    const texts = secrets.textsIn(call.compiled)
    return new ResolvedValue(value, () => resultParts(view, call, secrets, texts))
  } finally {
    forgetLastMatch()
  }
}

/**
 * Holds every reference against state, rule and fields of its secret, in document order. Nothing is opened but a secret
 * in the host, and that after every rule that can be judged without it.
 */
function enforceRules(view: View, call: ResolveCall<unknown>, secrets: SecretSet): void {
  const { tags, references, hasTagsOnly, hasSecretHost } = call.compiled
  let hasRules = false
  let areTexts = true
  for (const tag of tags) {
    const info = secrets.find(tag)?.record.info
    if (info !== undefined) requireUsable(view, references, tag, info)
    hasRules ||= info?.allow !== undefined
    areTexts &&= info?.fields === null
  }
  if (hasRules || hasSecretHost) enforceAllow(view, call, secrets)
  // of a text that is wanted as it is, no field can be missing
  if (!areTexts || !hasTagsOnly) requireNothingMissing(call, references, secrets)
}

/** Holds every reference against the rule of its secret, where the request goes. */
function enforceAllow(view: View, call: ResolveCall<unknown>, secrets: SecretSet): void {
  const { compiled, destination, option } = call
  const { references, hasSecretHost } = compiled
  const [overused] = useCountDenials(references, (tag) => secrets.find(tag)?.record.info)
  if (overused !== undefined) throw overused
  const known: KnownDestination = hasSecretHost
    ? destinationWithSecrets(view, call, secrets)
    : { destination, shownHost: undefined, diversion: compiled.route?.diversion, urlPaths: undefined }
  const hosts = new Set(references.filter(isInHost).map(({ tag }) => tag))
  const openHost: Lookup = (tag) => (hasSecretHost && hosts.has(tag) ? secrets.open(tag) : undefined)
  requireAllowed(compiled, secrets, { ...known, urlPaths: () => urlPathsOf(compiled, openHost, option?.url) })
  // a value in the path is opened once every rule is kept but for what it makes of the path
  if (compiled.route === undefined || !references.some(({ location }) => location === 'path')) return
  requireAllowed(compiled, secrets, { ...known, urlPaths: () => urlPathsOf(compiled, secrets.open, option?.url) })
}

/** @throws the refusal of the first reference, in document order, that its secret's rule forbids */
function requireAllowed({ references, names }: CompiledTemplate, secrets: SecretSet, known: KnownDestination): void {
  for (const reference of references) {
    const info = secrets.find(reference.tag)?.record.info
    const denial = info && ruleDenial(reference, names.get(reference), info, known)
    if (denial !== undefined) throw denial
  }
}

/** @throws ERR_SECRET_DISABLED, ERR_SECRET_EXPIRED */
function requireUsable(view: View, references: readonly Reference[], tag: string, info: ClearInfo): void {
  // most secrets are enabled and never expire: the clock is asked where it matters
  if (info.enabled && info.expiresAt === undefined) return
  const { path } = references.find((reference) => reference.tag === tag)!
  const denial = stateDenial({ tag, path }, info, view.root.now())
  if (denial !== undefined) throw denial
}

/** Where a request goes whose host is a secret: that one is opened for it, and no other. */
export function revealDestination(view: View, call: ResolveCall<unknown>, secrets: SecretSet): KnownDestination {
  try {
    for (const tag of call.compiled.tags) {
      const info = secrets.find(tag)?.record.info
      if (info !== undefined) requireUsable(view, call.compiled.references, tag, info)
    }
    return destinationWithSecrets(view, call, secrets)
  } finally {
    forgetLastMatch()
  }
}

/** Where the request goes that has a secret in its host. */
function destinationWithSecrets(view: View, call: ResolveCall<unknown>, secrets: SecretSet): KnownDestination {
  const hosts = call.compiled.references.filter(isInHost)
  for (const reference of hosts) {
    const found = secrets.find(reference.tag)
    const denial = found && hostPositionDenial(reference, found.record.info)
    if (denial !== undefined) throw denial
  }
  // what is missing in the host is listed together with everything that is missing
  const { missing, fieldRequired } = fieldErrorsIn(hosts, secrets)
  if (missing.length > 0 || fieldRequired !== undefined) requireNothingMissing(call, call.compiled.references, secrets)
  return openDestination(view, call.compiled, call.option, secrets)
}

/** @throws ERR_FIELD_REQUIRED; ERR_MISSING_SECRETS with every occurrence, unless missing ones are kept */
function requireNothingMissing(
  { onMissing }: ResolveCall<unknown>,
  references: readonly Reference[],
  secrets: SecretSet,
): void {
  const { missing, fieldRequired } = fieldErrorsIn(references, secrets)
  if (missing.length > 0 && onMissing === 'error') throw missingError(missing)
  if (fieldRequired !== undefined) throw fieldRequired
}

function fieldErrorsIn(references: readonly Reference[], secrets: SecretSet): ReturnType<typeof checkFields> {
  const errors = checkFields(references, (tag) => secrets.find(tag)?.record.info.fields)
  return { ...errors, missing: errors.missing.map((entry) => sayingDeleted(entry, secrets)) }
}

/** What is missing since it was deleted is said to be: nothing with its name helps, not even in another environment. */
export function sayingDeleted(entry: MissingReference, secrets: SecretSet): MissingReference {
  return secrets.entry(entry.tag)?.isDeleted ? { ...entry, isDeleted: true } : entry
}

/** What a result can still be asked for; made when it is. */
function resultParts(
  view: View,
  { compiled }: ResolveCall<unknown>,
  secrets: SecretSet,
  texts: readonly UsedText[],
): ResultParts {
  return {
    redacted: () => {
      const redactor = resultRedactor(view, texts)
      return renderRedacted(compiled, {
        mask: (reference) => {
          const found = resolvedFrom(reference, secrets)
          if (found === undefined) return undefined
          const shown = publicText(reference, found.record.info, secrets.open(reference.tag))
          return shown === undefined ? maskOf(redactor, texts, reference) : redactor.text(shown)
        },
        text: redactor.text,
      })
    },
    references: () =>
      compiled.references.flatMap((reference) => {
        const found = resolvedFrom(reference, secrets)
        if (found === undefined) return []
        return [{ ...reference, environment: found.place.environment, version: found.record.version }]
      }),
    context: () => ({ redactor: resultRedactor(view, texts), texts, used: { view, compiled, secrets } }),
  }
}

/** The secret that a reference was resolved from; undefined for one that was kept. */
export function resolvedFrom(reference: Reference, secrets: SecretSet): FoundSecret | undefined {
  return fieldErrorsIn([reference], secrets).missing.length === 0 ? secrets.find(reference.tag) : undefined
}
