/** What the clients of this package need of a vault beside its public members; nobody outside can ask for it. */

import type { ReferenceLocation } from '../location.ts'
import { parserOf } from '../template/parse.ts'
import type { Cut } from '../template/scan.ts'
import type { Snapshot, Vault } from './api.ts'
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
  /** Whether a snapshot was taken of this very vault or view, so that its policy was asked about this actor. */
  readonly hasTaken: (snapshot: unknown) => boolean
}

/** The most tags that one event lists: the text is anybody's, and may be long. */
const MAX_TAGS = 100
const access = new WeakMap<object, ClientAccess>()
const takenOf = new WeakMap<object, View>()

/** Notes whose vault this is, for `clientAccessOf`. */
export function withClientAccess(vault: Vault, view: View): Vault {
  const parser = parserOf(view.root.syntax)
  access.set(vault, {
    root: view.root,
    scan: (text) => parser.cuts(text),
    tellSkipped: (skipped, origin) => tellSkipped(view, skipped, origin),
    hasTaken: (snapshot) => typeof snapshot === 'object' && snapshot !== null && takenOf.get(snapshot) === view,
  })
  return vault
}

/** Notes whose snapshot this is, for `hasTaken`. */
export function takenBy(view: View, snapshot: Snapshot): Snapshot {
  takenOf.set(snapshot, view)
  return snapshot
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
