/** What the clients of this package need of a vault beside its public members; nobody outside can ask for it. */

import type { ReferenceLocation } from '../location.ts'
import { type Cut, scan } from '../template/scan.ts'
import type { Vault } from './api.ts'
import { emitAfter } from './emit.ts'
import type { View } from './view.ts'

/** A stretch of foreign text that would be a reference in a template; without a tag where it does not parse. */
export interface SkippedText {
  readonly tag: string | undefined
  readonly location: ReferenceLocation
}

/** A vault as a client sees it. */
export interface ClientAccess {
  /** Shared by all views of one vault. */
  readonly root: object
  /** What the vault's grammar finds in a text, broken references included; in order. */
  readonly scan: (text: string) => readonly Cut[]
  /** Tells the listener of text that was left alone; a listener that throws changes nothing. */
  readonly tellSkipped: (skipped: readonly SkippedText[], origin: string | undefined) => void
}

/** The most tags that one event lists: the text is anybody's, and may be long. */
const MAX_TAGS = 100
const access = new WeakMap<object, ClientAccess>()

/** Notes whose vault this is, for `clientAccessOf`. */
export function withClientAccess(vault: Vault, view: View): Vault {
  access.set(vault, {
    root: view.root,
    scan: (text) => scan(text, view.root.syntax, Number.POSITIVE_INFINITY),
    tellSkipped: (skipped, origin) => tellSkipped(view, skipped, origin),
  })
  return vault
}

/** What a client may know of a vault; undefined for anything that `createVault` or `with` did not give. */
export function clientAccessOf(vault: unknown): ClientAccess | undefined {
  return typeof vault === 'object' && vault !== null ? access.get(vault) : undefined
}

function tellSkipped(view: View, skipped: readonly SkippedText[], destination: string | undefined): void {
  const tags = [...new Set(skipped.flatMap(({ tag }) => (tag === undefined ? [] : [tag])))].slice(0, MAX_TAGS)
  // a failure is told to `onEventError`; the request does not wait for it
  void emitAfter(view, {
    action: 'skipped',
    secrets: tags.map((tag) => ({ tag, environment: view.environment })),
    destination,
    locations: [...new Set(skipped.map(({ location }) => location))],
  })
}
