/**
 * The heart of every resolve, without I/O: state and rules on clear information, then opening, then rendering.
 *
 * A resolve and a snapshot differ only in where their records and keys come from.
 */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import type { SecretValue } from '../secret-value.ts'
import type { Destination } from '../secrets/allow.ts'
import type { Plan } from '../template/compile.ts'
import { type FieldNames, faultsOf } from '../template/fields.ts'
import { render, renderRedacted } from '../template/render.ts'
import { destinationOf } from '../template/request.ts'
import { type Aim, hostPositionDenial, ruleDenial, stateDenial } from './authorize.ts'
import type { Found } from './fetch.ts'
import { labelOf, maskOf } from './learn.ts'
import { createResolved } from './resolved.ts'
import type { Resolved } from './surface.ts'
import { cleanerOf, type View } from './view.ts'

/** Where a settle finds records and opens them. */
export interface Supply {
  /** The record of a tag, or undefined where there is none; throws where it may not, or cannot, be used. */
  found(tag: string): Found | undefined
  /** The value of a tag that was found, opened once and learned by the redactor. */
  open(tag: string): SecretValue
}

/** What one settle is asked for. */
export interface Settlement<T> {
  readonly view: View
  readonly plan: Plan<T>
  readonly supply: Supply
  readonly destination: Destination | undefined
  readonly onMissing: 'error' | 'keep'
}

/** What came out: the result, and the origin for the event. */
export interface Settled<T> {
  readonly resolved: Resolved<T>
  readonly origin: string | undefined
}

/** Checks, opens and renders. */
export function settle<T>({ view, plan, supply, destination, onMissing }: Settlement<T>): Settled<T> {
  const { references } = plan
  const now = view.root.now()
  for (const reference of references) {
    const found = supply.found(reference.tag)
    const denial = found && stateDenial(reference.tag, found.record.info, now)
    if (denial !== undefined) throw denial
  }
  const fieldsOf = (tag: string): FieldNames | undefined => supply.found(tag)?.record.info.fields
  const aim = takeAim(plan, supply, destination, onMissing, fieldsOf)
  for (const reference of references) {
    const found = supply.found(reference.tag)
    const denial = found && ruleDenial(reference, found.record.info, aim)
    if (denial !== undefined) throw denial
  }
  requireNoFault(references, fieldsOf, onMissing)
  const lookup = (tag: string) => (supply.found(tag) === undefined ? undefined : supply.open(tag))
  const value = render(plan, lookup, { onMissing })
  const resolved = createResolved<T>({
    value,
    redacted: () =>
      renderRedacted(plan, {
        mask: (reference) => {
          const found = supply.found(reference.tag)
          if (found === undefined || !isThere(reference, fieldsOf)) return undefined
          return maskOf(view, found.record.info, supply.open(reference.tag), reference)
        },
        text: cleanerOf(view).text,
      }),
    references: () =>
      references.flatMap((reference) => {
        const found = supply.found(reference.tag)
        if (found === undefined || !isThere(reference, fieldsOf)) return []
        return [{ ...reference, environment: found.place.environment, version: found.record.version }]
      }),
    grants: () =>
      references.map(({ tag, path, location }) => ({
        tag,
        path,
        location,
        allow: supply.found(tag)?.record.info.allow,
      })),
  })
  const isHostSecret = references.some(({ location }) => location === 'host')
  return { resolved, origin: isHostSecret ? undefined : aim.destination?.url.origin }
}

/**
 * Where the request goes. A secret in the host is opened first and alone, after every rule that can be judged
 * without it.
 */
function takeAim(
  plan: Plan,
  supply: Supply,
  destination: Destination | undefined,
  onMissing: 'error' | 'keep',
  fieldsOf: (tag: string) => FieldNames | undefined,
): Aim {
  const hosts = plan.references.filter(({ location }) => location === 'host')
  for (const reference of hosts) {
    const found = supply.found(reference.tag)
    const denial = found && hostPositionDenial(reference, found.record.info)
    if (denial !== undefined) throw denial
  }
  if (plan.as !== 'request') return { destination }
  if (hosts.length > 0) requireNoFault(hosts, fieldsOf, onMissing)
  const own = destinationOf(plan, (tag) => (supply.found(tag) === undefined ? undefined : supply.open(tag)))
  if (own === undefined) return { destination }
  if (destination !== undefined && destination.url.origin !== own.url.origin) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option destination names another origin than the request itself; leave it out, the request decides.',
    )
  }
  const [host] = hosts
  return { destination: own, ...(host !== undefined && { shownHost: `[secret:${labelOf(host)}]` }) }
}

/** @throws ERR_FIELD_REQUIRED; ERR_MISSING_SECRETS with every occurrence, unless missing ones are kept */
function requireNoFault(
  references: readonly Reference[],
  fieldsOf: (tag: string) => FieldNames | undefined,
  onMissing: 'error' | 'keep',
): void {
  const { missing, fieldRequired } = faultsOf(references, fieldsOf)
  if (missing.length > 0 && onMissing === 'error') throw missingSecrets(missing)
  if (fieldRequired !== undefined) throw fieldRequired
}

/** The one error that lists every missing occurrence. */
export function missingSecrets(missing: NonNullable<GuillemetError['missing']>): GuillemetError {
  const shown = missing.slice(0, 5).map(({ tag, field, path, suggestion }) => {
    const name = field === undefined ? tag : `${tag}.${field}`
    return `"${name}"${path === '' ? '' : ` at ${path}`}${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`}`
  })
  const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : ''
  return new GuillemetError(
    'ERR_MISSING_SECRETS',
    `No such secret: ${shown.join(', ')}${more}; create it, or correct the reference.`,
    { missing },
  )
}

function isThere(reference: Reference, fieldsOf: (tag: string) => FieldNames | undefined): boolean {
  return faultsOf([reference], fieldsOf).missing.length === 0
}
