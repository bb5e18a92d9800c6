/** Where a resolve goes, as rules and policy must know it: the config's own URL decides, the option fills the gaps. */

import { GuillemetError } from '../errors.ts'
import type { Destination } from '../secrets/allow.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { destinationOf } from '../template/destination.ts'
import type { Lookup } from '../template/values.ts'

/**
 * The destination of a plan; undefined where it is not known, which is also while a secret in its host is.
 *
 * A relative URL goes where the option says, with the config's own method. The option of a template of kind `url` must
 * name the origin that this URL leads to; without the option nobody knows that it is requested at all.
 *
 * @throws ERR_INVALID_INPUT when the option names another origin than the config, or the config several
 */
export function destinationFor(
  plan: CompiledTemplate,
  option: Destination | undefined,
  lookup: Lookup,
): Destination | undefined {
  if (plan.route === undefined) return option
  if (plan.as === 'url' && option === undefined) return undefined
  const own = destinationOf(plan, lookup, option?.url)
  if (own === undefined) return undefined
  if (option !== undefined && option.url.origin !== own.url.origin) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option destination names another origin than the template itself; leave it out, the request decides.',
    )
  }
  return plan.as === 'url' ? option : own
}
