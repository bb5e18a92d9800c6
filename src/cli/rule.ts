/** The rule of a secret as options of `set`: what is typed replaces that part of it, and all others stay. */

import { GuillemetError } from '../errors.ts'
import type { AllowRule, SecretInfo } from '../index.ts'
import { withoutPrototype } from '../plain-object.ts'
import { parseAllow } from '../secrets/allow.ts'
import { UsageError } from './host.ts'
import { ownInfo } from './tables.ts'

/** The options that say a rule. */
export interface RuleOptions {
  readonly allowHost?: readonly string[]
  readonly allowIn?: readonly string[]
  readonly anyHost?: boolean
}

/**
 * The rule that a secret has afterwards: undefined where nothing of it was typed, null where none is left.
 *
 * Members that no option expresses, such as methods, stay also with `--any-host`: a rule opens by what is typed alone.
 *
 * @throws UsageError for hosts or places that are none
 */
export function ruleOf(
  { allowHost, allowIn, anyHost }: RuleOptions,
  known: SecretInfo | undefined,
): AllowRule | null | undefined {
  if (allowHost !== undefined && anyHost === true) throw new UsageError('Give --allow-host or --any-host, not both.')
  if (allowHost === undefined && allowIn === undefined && anyHost !== true) return undefined
  const { hosts, in: places, ...rest } = withoutPrototype<AllowRule>({ ...(known && ownInfo(known).allow) })
  const keptHosts = anyHost === true ? undefined : hosts
  const keptPlaces = anyHost === true ? undefined : places
  const named = { hosts: allowHost ?? keptHosts, in: allowIn ?? keptPlaces }
  const rule = Object.entries({ ...rest, ...named }).filter(([, member]) => member !== undefined)
  return rule.length === 0 ? null : requireValidRule(Object.fromEntries(rule))
}

/** Looked at before the value is asked for, so that nobody types it in vain. */
function requireValidRule(rule: AllowRule): AllowRule {
  try {
    parseAllow(rule)
    return rule
  } catch (error) {
    if (!(error instanceof GuillemetError)) throw error
    throw new UsageError(`${error.message} Nothing was stored.`)
  }
}
