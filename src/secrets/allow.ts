/** The rule that binds a secret to its use: read from a caller, and as parts of what the ciphertext authenticates. */

import { withoutPrototype } from '../plain-object.ts'
import { MAX_LOCATIONS, normaliseLocation } from './allowed-location.ts'
import { normaliseHostRule } from './host.ts'
import * as rules from './rules.ts'
import type { ClearInfo, StoredRule } from './secret.ts'
import { copyList, copyMembers, invalidInput, requireKnown, requireRule } from './untrusted.ts'

/** The most hosts of one rule. */
export const MAX_HOSTS = 100

/** The most methods of one rule. */
export const MAX_METHODS = 32

/** The members of a rule that are lists, in the order in which they are stored and authenticated. */
const LISTS = ['hosts', 'in', 'methods'] as const

/** The members of a rule in that order. */
export const RULE_MEMBERS = [...LISTS, 'maxUses'] as const

/**
 * A copy of the rule in its one form: hosts as `normaliseHostRule` gives them, methods in upper case. Reading it again
 * changes nothing.
 *
 * An absent member does not restrict, so one that is `undefined` is refused: a rule must not open because a variable was
 * not set. An empty list permits nothing.
 *
 * @throws ERR_INVALID_INPUT for anything else than a rule, an unknown member included
 */
export function parseAllow(rule: unknown): StoredRule {
  const members = copyMembers(rule)
  if (members === undefined) throw invalidInput('allow', 'must be a plain object')
  requireKnown(members, RULE_MEMBERS, 'allow')
  return withoutPrototype<StoredRule>({
    hosts: parseList(members, 'hosts', MAX_HOSTS, parseHost, rules.hostRule),
    in: parseList(members, 'in', MAX_LOCATIONS, normaliseLocation, rules.location),
    methods: parseList(members, 'methods', MAX_METHODS, upperCase, rules.method),
    maxUses: Object.hasOwn(members, 'maxUses')
      ? requireRule(rules.maxUses, members['maxUses'], 'allow.maxUses')
      : undefined,
  })
}

function parseList<T>(
  members: Record<string, unknown>,
  name: (typeof LISTS)[number],
  limit: number,
  normalise: (item: unknown) => unknown,
  rule: rules.Rule<T>,
): T[] | undefined {
  if (!Object.hasOwn(members, name)) return undefined
  const items = copyList(members[name], limit)
  if (items === undefined) throw invalidInput(`allow.${name}`, `must be a list of at most ${limit} texts`)
  return items.map((item, index) => requireRule(rule, normalise(item), `allow.${name}[${index}]`))
}

function parseHost(item: unknown): string | undefined {
  return typeof item === 'string' ? normaliseHostRule(item) : undefined
}

function upperCase(item: unknown): unknown {
  return typeof item === 'string' ? item.toUpperCase() : item
}

/** The members of the clear information that the digest covers. */
export const DIGESTED = ['allow', 'enabled', 'expiresAt', 'publicFields', 'createdBy', 'updatedBy'] as const

/**
 * Rule and state as named lists of texts in a fixed order, for the digest that the ciphertext authenticates.
 *
 * A rule, even an empty one, adds `allow`; each of its members adds itself, an empty list without texts; what is absent adds
 * nothing, so that a record sealed before a member existed has the digest that it had.
 */
export function digestParts(
  info: Pick<ClearInfo, (typeof DIGESTED)[number]>,
): { readonly name: string; readonly values: readonly string[] }[] {
  const { allow, enabled, expiresAt, publicFields, createdBy, updatedBy } = info
  const parts: { name: string; values: readonly string[] }[] = []
  if (allow !== undefined) {
    parts.push({ name: 'allow', values: [] })
    for (const name of LISTS) {
      const values = allow[name]
      if (values !== undefined) parts.push({ name, values })
    }
    if (allow.maxUses !== undefined) parts.push({ name: 'maxUses', values: [String(allow.maxUses)] })
  }
  parts.push({ name: 'enabled', values: [String(enabled)] })
  if (expiresAt !== undefined) parts.push({ name: 'expiresAt', values: [expiresAt] })
  if (publicFields !== undefined) parts.push({ name: 'publicFields', values: publicFields })
  if (createdBy !== undefined) parts.push({ name: 'createdBy', values: [createdBy] })
  if (updatedBy !== undefined) parts.push({ name: 'updatedBy', values: [updatedBy] })
  return parts
}
