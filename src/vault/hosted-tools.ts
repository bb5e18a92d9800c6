/** Credentials of a third server in a request to a model's provider, who calls that server itself. */

import type { Reference } from '../location.ts'
import type { Finding } from '../template/lint.ts'

/** `mcp_servers[0].authorization_token` of Anthropic, `tools[0].headers.Authorization` and `tools[0].authorization` of OpenAI. */
const HOSTED = /(?:^|[.\]])(?:mcp_servers\[\d+\]\.|tools\[\d+\]\.(?:headers\b|authorization\b))/

/** Warns of such references: clients send a body as it is unless its references are authored, and the provider gets the value. */
export function hostedToolFindings(references: readonly Reference[]): readonly Finding[] {
  return references
    .filter(({ location, path }) => location === 'body' && HOSTED.test(path))
    .map(({ tag, path }) => ({
      code: 'WARN_HOSTED_TOOL',
      severity: 'warning',
      path,
      tag,
      message: `The provider that this request goes to is handed "${tag}" for another server; clients such as vaultFetch send it as text unless it is among their option authored.`,
    }))
}
