/** Resolves one dispatched request, which may be the hop of a redirect that an interceptor above follows. */

import { GuillemetError } from '../../errors.ts'
import type { ClientAccess } from '../../vault/client.ts'
import { basicText } from '../basic-auth.ts'
import type { ResolvedRequest, VaultClient } from '../client.ts'
import { denied } from '../hop.ts'
import type { CallHeader } from '../http-call.ts'
import { tagOf } from '../text-selection.ts'
import type { DispatchCall } from './call.ts'
import type { FollowedRequest } from './chain.ts'

/** A request with its secrets, and what of it was resolved. */
export interface ResolvedCall {
  readonly call: DispatchCall
  /** Undefined where nothing in it is resolved. */
  readonly request: ResolvedRequest | undefined
}

/** The refusals for which a header is left out of a hop, as `vaultFetch` leaves it out. */
const OF_THE_HOP: readonly string[] = [
  'ERR_HOST_DENIED',
  'ERR_INSECURE_SCHEME',
  'ERR_METHOD_DENIED',
  'ERR_PATH_DENIED',
  'ERR_PERMISSION_DENIED',
]

/**
 * Resolves a request; on a hop, without the headers whose secrets may not go there.
 *
 * @param followed where its redirects are followed by a handler that is known
 * @throws ERR_REDIRECT_DENIED for a secret in the URL or the body of a hop where it may not go; what `client.resolve` throws
 */
export async function resolveCall(
  client: VaultClient,
  given: DispatchCall,
  followed: FollowedRequest | undefined,
): Promise<ResolvedCall> {
  const trail = followed?.trail
  if (followed?.isHop !== true) return { call: given, request: await client.resolve(given, trail) }
  const hop = { ...given, isUrlOfServer: true }
  // each turn leaves out at least one header, so there are no more turns than headers
  for (let call = hop; ; ) {
    try {
      return { call, request: await client.resolve(call, trail, hop) }
    } catch (error) {
      const tag = error instanceof GuillemetError && OF_THE_HOP.includes(error.code) ? error.tag : undefined
      if (tag === undefined) throw error
      const headers = call.headers.filter((header) => !namesTag(header, tag, client.scan))
      if (headers.length === call.headers.length) throw denied('with a secret in its URL or body', tag)
      call = { ...call, headers }
    }
  }
}

function namesTag({ name, value }: CallHeader, tag: string, scan: ClientAccess['scan']): boolean {
  return scan(basicText(name, value) ?? value).some((cut) => tagOf(cut) === tag)
}
