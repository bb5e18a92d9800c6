/** The places of an MCP config that take no reference, and what refuses one there. */

import { GuillemetError } from '../../errors.ts'
import type { Reference } from '../../location.ts'
import { pathOf } from '../../template/context.ts'
import type { Vault } from '../../vault/api.ts'
import { joinedPath, withPath } from './error-path.ts'
import type { ServerConfig } from './server-config.ts'

const PLACE_ADVICE = {
  args: "everybody on the machine can read arguments; give it in env, or pass in: ['args']",
  url: 'servers and proxies log URLs; give it in headers',
  other: 'it would stay text there; give it in env or headers',
} as const

/**
 * Refuses references where they are not resolved, so that none is sent as text in silence.
 *
 * @throws ERR_LOCATION_DENIED; the syntax errors of references
 */
export function requireOnlyKnown(vault: Vault, given: ServerConfig, hasSecretArgs: boolean): void {
  for (const { path, place, template } of closedPlaces(given, hasSecretArgs)) {
    const [reference] = referencesAt(vault, template, path)
    if (reference !== undefined) throw refusal(reference, place)
  }
}

/** A place whose references are not resolved. */
export interface ClosedPlace {
  readonly path: string
  readonly place: keyof typeof PLACE_ADVICE
  readonly template: unknown
}

/** The places of one server that take no reference. */
export function closedPlaces({ server, others, keys }: ServerConfig, hasSecretArgs: boolean): readonly ClosedPlace[] {
  const places: ClosedPlace[] = Object.entries(others).map(([name, template]) => ({
    path: pathOf([...keys, name]),
    place: name === 'url' ? 'url' : 'other',
    template,
  }))
  if (server.kind !== 'stdio' || hasSecretArgs) return places
  return [...places, { path: pathOf([...keys, 'args']), place: 'args', template: server.args }]
}

/** The references of a part, each with its path in the config. */
export function referencesAt(vault: Vault, template: unknown, path: string): readonly Reference[] {
  try {
    return vault.references(template).map((reference) => ({ ...reference, path: joinedPath(path, reference.path) }))
  } catch (error) {
    throw withPath(path, error)
  }
}

/** The refusal of one reference. */
export function refusal({ tag, path }: Reference, place: ClosedPlace['place']): GuillemetError {
  return new GuillemetError(
    'ERR_LOCATION_DENIED',
    `The reference to "${tag}" in the MCP config at ${path} is not resolved there: ${PLACE_ADVICE[place]}.`,
    { tag, path },
  )
}
