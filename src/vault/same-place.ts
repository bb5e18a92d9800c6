/** Whether a config that was edited still goes where the stored one went. */

import { compile } from '../template/compile.ts'
import { headerValues } from '../template/name-value-pairs.ts'
import { DIVERSIONS, routingMembers } from '../template/request.ts'
import { valueAt } from './config-path.ts'
import { findDestination } from './destination.ts'
import type { View } from './view.ts'

/** Where a config goes, as far as that is known when it is saved. */
export function originOfConfig(view: View, config: unknown): URL | undefined {
  const template = compile(config, 'request', view.root.syntax)
  return template.hasSecretHost ? undefined : findDestination(template, undefined)?.url
}

/** Whether both configs certainly go to the same place; also where that is known at run time only, but written alike. */
export function isSamePlace(view: View, config: unknown, stored: unknown, origin: URL | undefined): boolean {
  const before = originOfConfig(view, stored)
  const diversionsOf = (of: unknown) => JSON.stringify(DIVERSIONS.map((key) => valueAt(of, [key]) ?? null))
  if (diversionsOf(config) !== diversionsOf(stored)) return false
  // a proxy, or a server of several sites, goes by this header
  const hostsOf = (of: unknown) => String(headerValues(valueAt(of, ['headers']), 'host', valueAt(of, ['method'])))
  if (hostsOf(config) !== hostsOf(stored)) return false
  if (origin !== undefined || before !== undefined) return origin?.origin === before?.origin
  const routeOf = (of: unknown) => JSON.stringify(routingMembers().map((key) => String(valueAt(of, [key]) ?? '')))
  return routeOf(config) === routeOf(stored)
}
