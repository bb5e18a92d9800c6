/** What the clients of this package need of a vault besides its public members; nobody outside can ask for it. */

import { GuillemetError } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { lookalikesIn } from '../template/lookalikes.ts'
import { parserOf } from '../template/parse.ts'
import type { Cut } from '../template/scan.ts'
import type { Resolved, Used } from './api.ts'
import { conceal } from './conceal.ts'
import { emitAfter } from './emit.ts'
import { findAgain } from './find.ts'
import { FreshReads } from './fresh-reads.ts'
import { usedLocations } from './grouped.ts'
import type { ResolveOptions } from './option-types.ts'
import { readResolveCall } from './prepare.ts'
import { resolveFound } from './resolve.ts'
import { hasTaken } from './snapshot.ts'
import { requireOpen, type View, viewOf } from './view.ts'

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
  /** Whether a text holds what an author probably meant as a reference, while the vault's grammar reads it as text. */
  readonly isNearReference: (text: string) => boolean
  /** `conceal` of what a model has written itself: references to the tags of `live` stay as they are. */
  readonly concealOwn: <T>(value: T, of: readonly Resolved<unknown>[], live: readonly string[]) => T
  /** Tells the listener of text that was left alone; a listener that throws changes nothing. */
  readonly tellSkipped: (skipped: readonly SkippedText[], origin: string | undefined) => void
  /** How many fresh reads have begun; what was resolved before is older than those that begin later. */
  readonly freshReads: () => number
  /**
   * `resolveRequest` with the newest secrets, past every cache; undefined where none of those used before has another
   * version by now. All who wait share one read.
   */
  readonly resolveAgain: <T>(
    template: T,
    options: ResolveOptions,
    before: UsedBefore,
  ) => Promise<Resolved<T> | undefined>
  /** Whether a snapshot was taken of this very vault or view, so that its policy was asked about this actor. */
  readonly hasTaken: (snapshot: unknown) => boolean
}

/** What a request was resolved with. */
export interface UsedBefore {
  readonly references: readonly Used[]
  /** `freshReads` as it was then. */
  readonly since: number
}

/** The most tags that one event lists: the text is anybody's, and may be long. */
const MAX_TAGS = 100
/** Made when a client first asks, so that a program without clients has none of it. */
const accesses = new WeakMap<View, ClientAccess>()

/** What a client may know of a vault; undefined for anything that `createVault` or `with` did not give. */
export function clientAccessOf(vault: unknown): ClientAccess | undefined {
  const view = viewOf(vault)
  if (view === undefined) return undefined
  const access = accesses.get(view) ?? accessTo(view)
  accesses.set(view, access)
  return access
}

function accessTo(view: View): ClientAccess {
  const { root, workspace } = view
  const parser = parserOf(root.syntax)
  const reads = new FreshReads(
    (keys) => root.store.get(workspace, keys, { isFresh: true, signal: undefined }),
    root.now,
  )
  return {
    root,
    scan: (text) => parser.cuts(text),
    isNearReference: (text) => lookalikesIn(text, root.syntax).length > 0,
    concealOwn: (value, of, live) => conceal(root, value, { of }, live),
    tellSkipped: (skipped, origin) => tellSkipped(view, skipped, origin),
    hasTaken: (snapshot) => hasTaken(view, snapshot),
    freshReads: () => reads.begun,
    resolveAgain: (template, options, before) => resolveAgain(view, reads, template, options, before),
  }
}

/**
 * The same, of a vault that must be one.
 *
 * @param what the argument, as the message calls it
 * @throws ERR_INVALID_INPUT for anything but a vault, and for one of another copy of the package
 */
export function requireAccess(vault: unknown, what: string): ClientAccess {
  const own = clientAccessOf(vault)
  if (own !== undefined) return own
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `${what} must be a vault of createVault or with, from the same copy of this package (npm ls guillemet); where a bundler or hot reload loads it again, keep it out of the bundle, in Next.js by serverExternalPackages: ['guillemet'].`,
  )
}

async function resolveAgain<T>(
  view: View,
  reads: FreshReads,
  template: T,
  options: ResolveOptions,
  { references, since }: UsedBefore,
): Promise<Resolved<T> | undefined> {
  requireOpen(view)
  const call = readResolveCall(view, template, options, 'request')
  const secrets = await findAgain(view, call.compiled.tags, reads, since)
  const hasChanged = references.some(({ tag, environment, version }) => {
    const entry = secrets.entry(tag)
    if (entry?.record === undefined) return false
    return entry.record.version !== version || entry.place.environment !== environment
  })
  return hasChanged ? resolveFound(view, call, async () => secrets) : undefined
}

function tellSkipped(view: View, skipped: readonly SkippedText[], destination: string | undefined): void {
  const tags = [...new Set(skipped.flatMap(({ tag }) => (tag === undefined ? [] : [tag])))].slice(0, MAX_TAGS)
  // a failure is told to `onEventError`; the request does not wait for it
  void emitAfter(view, {
    action: 'skipped',
    secrets: tags.map((tag) => ({ tag, environment: view.environment })),
    destination,
    locations: usedLocations(skipped),
  })
}
