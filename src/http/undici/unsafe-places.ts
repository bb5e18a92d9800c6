/** Places in a chain of interceptors where a secret could go elsewhere than its rule says, or come back to another caller. */

import { GuillemetError } from '../../errors.ts'
import { ownValue } from '../../plain-object.ts'
import { parseUrl } from '../../url.ts'
import { headerOf } from '../http-call.ts'
import type { DispatchCall } from './call.ts'
import { isDeduplicated } from './chain.ts'
import type { Handler, RequestContext } from './dispatch.ts'

const IP_ADDRESS = /^(?:[0-9.]+|\[.*\])$/

/**
 * Why no secret may be sent in this request, as far as its place in the chain goes.
 *
 * @param known the origin of the dispatcher, where the options of the interceptor name it
 */
export function placeError(
  call: DispatchCall,
  known: string | undefined,
  handler: Handler,
  allowsUnsafeTransport: boolean,
): GuillemetError | undefined {
  if (call.origin === undefined) {
    return unsafe(
      "No origin is given with the request, and that of the dispatcher cannot be seen: name it in the option origin, as in vaultInterceptor(vault, { origin: 'https://api.example.com' }), or compose on an Agent.",
    )
  }
  if (known !== undefined && parseUrl(call.origin)?.origin !== known) {
    return unsafe(
      'The request names another origin than the option origin of vaultInterceptor; a Client or Pool sends it to its own all the same. Use an Agent, without that option.',
    )
  }
  if (!allowsUnsafeTransport && isResolvedName(call)) {
    return unsafe(
      'The request goes to an IP address and its Host header names another host, so the host that was asked for is not known; put vaultInterceptor outside dns: compose(interceptors.dns(), vaultInterceptor(vault)).',
    )
  }
  if (isDeduplicated(handler)) {
    return unsafe(
      'deduplicate is composed outside vaultInterceptor, where the requests of all tenants look alike, so that one would get the answer of another; put it inside: compose(interceptors.deduplicate(), vaultInterceptor(vault)).',
    )
  }
  return undefined
}

/** Why a request that has begun may not go on: an interceptor below follows redirects with the secrets of the first hop. */
export function redirectsBelowError(context: RequestContext | undefined): GuillemetError | undefined {
  if (!Array.isArray(ownValue(context, 'history'))) return undefined
  return unsafe(
    'Redirects are followed below vaultInterceptor, where the secrets would go along to any host; put it inside: compose(vaultInterceptor(vault), interceptors.redirect({ maxRedirections: 5 })).',
  )
}

/** Whether an interceptor has put an address in the place of the host. */
function isResolvedName(call: DispatchCall): boolean {
  const host = headerOf(call, 'host')
  if (host === undefined) return false
  const hostname = parseUrl(call.url)?.hostname
  if (hostname === undefined) return true
  return IP_ADDRESS.test(hostname) && parseUrl(`http://${host}`)?.hostname !== hostname
}

function unsafe(message: string): GuillemetError {
  return new GuillemetError('ERR_UNSAFE_TRANSPORT', message)
}
