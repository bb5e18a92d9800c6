/** Credentials of a third server in a request to a model's provider, which calls that server by itself. */

import type { Reference } from '../location.ts'
import type { Finding } from '../template/lint.ts'

/** Anthropic's `mcp_servers[0].authorization_token`, OpenAI's `tools[0].headers.Authorization` and `tools[0].authorization`. */
const HOSTED_TOOL = /^(?:body|json|data)\.(?:mcp_servers\[\d+\]|tools\[\d+\]\.(?:headers|authorization)(?:[.[]|$))/

/** A warning for each reference that such a request hands to the provider, or that would stay text. */
export function hostedToolWarnings(references: readonly Reference[]): readonly Finding[] {
  return references
    .filter(({ path }) => HOSTED_TOOL.test(path))
    .map(({ path, tag }) => ({
      code: 'WARN_HOSTED_TOOL',
      severity: 'warning',
      path,
      tag,
      message: `The provider of the model is handed "${tag}", so its rule must name the provider's host and in: ['body']; vaultFetch resolves it only where its option authored lists it.`,
    }))
}
