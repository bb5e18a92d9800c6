/**
 * The heart of every resolve, without I/O: state and rules on clear information, then opening, then rendering.
 *
 * A resolve and a snapshot differ only in where their records and keys come from.
 */

import type { Reference } from '../location.ts'
import type { SecretValue } from '../secret-value.ts'
import type { Destination } from '../secrets/allow.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { missingError } from '../template/errors.ts'
import { type JsonValue, renderRedacted } from '../template/redacted.ts'
import { render } from '../template/render.ts'
import { checkFields, type FieldNames } from '../template/values.ts'
import { destinationFor } from './aim.ts'
import { type Aim, hostPositionDenial, ruleDenial, stateDenial } from './authorize.ts'
import type { Found } from './fetch.ts'
import { learnFiltered, maskOf, writtenTexts } from './learn.ts'
import { createResolved, type ResultParts, type Sending } from './resolved.ts'
import type { Resolved, Used } from './surface.ts'
import { isInHost, type ResolveRequest } from './template.ts'
import { cleanerOf, type View } from './view.ts'

/** Where a settle finds records and opens them. */
export interface Supply {
  /** The record of a tag, or undefined where there is none; throws where it may not, or cannot, be used. */
  found(tag: string): Found | undefined
  /** The value of a tag, opened once and learned by the redactor; undefined where there is none. */
  value(tag: string): SecretValue | undefined
  /** Set where records and values never change. */
  readonly memory: SettleMemory | undefined
}

/** What need not be found out again. */
export interface SettleMemory {
  /** The tags of plans that nothing can refuse. */
  readonly unconditional: WeakSet<readonly string[]>
}

/** What came out: the result, and the origin for the event; absent while a secret stands in the host. */
export interface Settled<T> {
  readonly resolved: Resolved<T>
  readonly origin: string | undefined
}

/** Checks, opens and renders. */
export function settle<T>(view: View, request: ResolveRequest<T>, supply: Supply): Settled<T> {
  const { plan, onMissing } = request
  const destination = isUnconditional(plan, supply) ? request.destination : judge(view, request, supply)
  const value = render(plan, supply.value, onMissing)
  if (!plan.isSimple) learnFiltered(view, plan.references, supply.value)
  return { resolved: createResolved(value, new Outcome(view, plan, supply)), origin: destination?.url.origin }
}

/** Whether nothing that `judge` looks at can refuse this; most secrets are so, and a resolve of them must cost little. */
function isUnconditional({ isSimple, tags }: CompiledTemplate, supply: Supply): boolean {
  if (!isSimple) return false
  if (supply.memory?.unconditional.has(tags)) return true
  for (const tag of tags) if (supply.found(tag)?.isUnconditional !== true) return false
  supply.memory?.unconditional.add(tags)
  return true
}

/**
 * Holds every reference against state, rule and fields of its secret, in document order; nothing else is opened.
 *
 * @returns where the request goes, as far as it may be told: nothing where a secret stands in the host
 */
function judge(view: View, request: ResolveRequest<unknown>, supply: Supply): Destination | undefined {
  const { references } = request.plan
  const now = view.root.now()
  for (const reference of references) {
    const found = supply.found(reference.tag)
    const denial = found && stateDenial(reference.tag, found.record.info, now)
    if (denial !== undefined) throw denial
  }
  const aim = takeAim(view, request, supply)
  for (const reference of references) {
    const found = supply.found(reference.tag)
    const denial = found && ruleDenial(reference, found.record.info, aim)
    if (denial !== undefined) throw denial
  }
  requireNoFault(references, supply, request.onMissing)
  return references.some(isInHost) ? undefined : aim.destination
}

/** What a result can still be asked for; made when it is. */
class Outcome implements ResultParts {
  readonly #view: View
  readonly #plan: CompiledTemplate
  readonly #supply: Supply

  constructor(view: View, plan: CompiledTemplate, supply: Supply) {
    this.#view = view
    this.#plan = plan
    this.#supply = supply
  }

  redacted(): JsonValue {
    return renderRedacted(this.#plan, {
      mask: (reference) => {
        const found = this.#foundFor(reference)
        return found && maskOf(this.#view, found.record.info, this.#supply.value(reference.tag), reference)
      },
      text: cleanerOf(this.#view).text,
    })
  }

  references(): readonly Used[] {
    return this.#plan.references.flatMap((reference) => {
      const found = this.#foundFor(reference)
      return found === undefined
        ? []
        : [{ ...reference, environment: found.place.environment, version: found.record.version }]
    })
  }

  sending(): Sending {
    const grants = this.#plan.references.flatMap((reference) => {
      const { tag, path, location } = reference
      const found = this.#foundFor(reference)
      if (found === undefined) return []
      const { info } = found.record
      return [{ tag, path, location, allow: info.allow, texts: writtenTexts(info, this.#supply.value(tag), reference) }]
    })
    return { grants, cleaner: cleanerOf(this.#view) }
  }

  /** Undefined for a reference that was kept. */
  #foundFor(reference: Reference): Found | undefined {
    const found = this.#supply.found(reference.tag)
    return checkFields([reference], () => found?.record.info.fields).missing.length === 0 ? found : undefined
  }
}

/**
 * Where the request goes. A secret in the host is opened first and alone, after every rule that can be judged
 * without it.
 */
function takeAim(view: View, request: ResolveRequest<unknown>, supply: Supply): Aim {
  const { plan, onMissing } = request
  const hosts = plan.references.filter(isInHost)
  for (const reference of hosts) {
    const found = supply.found(reference.tag)
    const denial = found && hostPositionDenial(reference, found.record.info)
    if (denial !== undefined) throw denial
  }
  const [host] = hosts
  if (host === undefined) return { destination: request.destination }
  // what is missing in the host is told together with all that is
  if (isFaulty(hosts, supply)) requireNoFault(plan.references, supply, onMissing)
  const destination = destinationFor(plan, request.option, supply.value)
  const found = supply.found(host.tag)
  const value = supply.value(host.tag)
  if (found === undefined || value === undefined) return { destination }
  return { destination, shownHost: maskOf(view, found.record.info, value, host) }
}

/** @throws ERR_FIELD_REQUIRED; ERR_MISSING_SECRETS with every occurrence, unless missing ones are kept */
function requireNoFault(references: readonly Reference[], supply: Supply, onMissing: 'error' | 'keep'): void {
  const { missing, fieldRequired } = checkFields(references, fieldsIn(supply))
  if (missing.length > 0 && onMissing === 'error') throw missingError(missing)
  if (fieldRequired !== undefined) throw fieldRequired
}

function isFaulty(references: readonly Reference[], supply: Supply): boolean {
  const { missing, fieldRequired } = checkFields(references, fieldsIn(supply))
  return missing.length > 0 || fieldRequired !== undefined
}

function fieldsIn(supply: Supply): (tag: string) => FieldNames | undefined {
  return (tag) => supply.found(tag)?.record.info.fields
}
