/** The vault: wiring only. Every member hands its view to the room that does the work. */

import { createRedactor, type Redactor } from '../redact/redactor.ts'
import { requireName } from '../tag.ts'
import { createSyntax } from '../template/compile.ts'
import { LoopTurns } from '../waiting.ts'
import { absorb } from './absorb.ts'
import type { Vault } from './api.ts'
import { createSecret, deleteSecret, setSecret, updateSecret } from './change.ts'
import { check } from './check.ts'
import { conceal } from './conceal.ts'
import { emitAfter, emitFailure, keyDetails } from './emit.ts'
import type { TellOfSlot } from './key-admission.ts'
import { Keyrings } from './keyrings.ts'
import { describe, list } from './list.ts'
import type { VaultOptions } from './option-types.ts'
import { readActor, readFallback, readKeys, readVaultOptions } from './options.ts'
import { prepare, readKindOption, referencesOf } from './prepare.ts'
import { ResultRedactors, readonlyFace } from './redactors.ts'
import { resolve } from './resolve.ts'
import { reveal } from './reveal.ts'
import { createSeenVersions } from './seen-versions.ts'
import { takeSnapshot } from './snapshot.ts'
import { Store } from './store.ts'
import { use } from './use.ts'
import { type Root, rememberView, searchOrder, type View, viewWith } from './view.ts'

/**
 * A vault over a storage and a key.
 *
 * @param given the storage and the keys; the rest is optional
 * @returns the vault; close it when the process ends
 * @throws ERR_INVALID_KEY when no key was given, or one that is not whole; ERR_INVALID_INPUT for any other option
 * @example
 * ```ts
 * const vault = createVault({ storage: fileStorage('.secrets'), keys: process.env.GUILLEMET_KEY })
 * ```
 */
export function createVault(given: VaultOptions): Vault {
  const options = readVaultOptions(given)
  const providers = readKeys(options.keys)
  const workspace = requireName(options.workspace ?? 'default', 'workspace')
  const environment = requireName(options.environment ?? 'default', 'environment')
  const actor = readActor(options.actor)
  const store = new Store(options.storage, options.storageTimeout)
  const seenVersions = createSeenVersions()
  // asked for once there is a view: no keyring is opened while a vault is made
  const tellOfSlot = slotTeller(() => view)
  const root: Root = {
    store,
    seenVersions,
    keyrings: providers === undefined ? undefined : new Keyrings(store, providers, seenVersions, tellOfSlot),
    fallback: readFallback(options.fallback),
    policy: options.policy,
    syntax: createSyntax(options.delimiters, options.prefixes),
    perField: options.perField,
    redactor: knowingKeys(options),
    resultRedactors: new ResultRedactors(),
    onEvent: options.onEvent,
    onEventError: options.onEventError,
    isAuditRequired: options.audit === 'required',
    turns: new LoopTurns(),
    now: options.now ?? Date.now,
    isClosed: false,
  }
  const view: View = {
    root,
    isRoot: true,
    workspace,
    environment,
    environments: searchOrder(root, environment),
    actor,
    purpose: options.purpose,
    signal: undefined,
    redactor: undefined,
    learned: undefined,
    locked: lockedBy(options),
  }
  let closed: Promise<void> | undefined
  return vaultOf(
    view,
    () => root.redactor,
    // whoever closes it once more waits for the same end: a program that is told twice to stop must not exit before it
    () => (closed ??= closeRoot(root)),
  )
}

/** What was given is the same for every view. */
function lockedBy({ workspace, environment, actor }: VaultOptions): View['locked'] {
  return { workspace: workspace !== undefined, environment: environment !== undefined, actor: actor !== undefined }
}

/** The redactor for process logs; it knows the keys that were given as texts, which the environment shows as well. */
function knowingKeys({ redactor = createRedactor(), keys }: VaultOptions): Redactor {
  for (const key of [keys].flat()) if (typeof key === 'string') redactor.add('guillemet_key', key)
  return redactor
}

/** Tells of each slot of a keyring that was admitted or not, as of something that the view has done. */
function slotTeller(view: () => View): TellOfSlot {
  return async (workspace, action, key, error) => {
    const where = { ...view(), workspace }
    if (error === undefined) await emitAfter(where, keyDetails(action, key))
    else await emitFailure(where, keyDetails(action, key), error)
  }
}

async function closeRoot(root: Root): Promise<void> {
  root.isClosed = true
  root.resultRedactors.forget()
  // at once: nothing goes on from here, and while the storage answers what it was asked the keys are wiped already
  const closed = await Promise.allSettled([root.keyrings?.close(), root.store.close()])
  for (const one of closed) if (one.status === 'rejected') throw one.reason
}

async function closeNothing(): Promise<void> {
  // anyone who was handed a view must not be able to end the vault for everybody else
}

function vaultOf(view: View, redactor: () => Redactor, close: () => Promise<void>): Vault {
  const vault: Vault = {
    create: (input, options) => createSecret(view, input, options),
    set: (input, options) => setSecret(view, input, options),
    describe: (tag, options) => describe(view, tag, options),
    list: (filter, options) => list(view, filter, options),
    update: (tag, patch, options) => updateSecret(view, tag, patch, options),
    delete: (tag, options) => deleteSecret(view, tag, options),
    reveal: (tag, options) => reveal(view, tag, options),
    references: (template, options) => referencesOf(view, template, readKindOption(options)),
    check: (template, options) => check(view, template, options),
    prepare: (template, options) => prepare(view, template, readKindOption(options)),
    resolve: (template, options) => resolve(view, template, options),
    resolveHeaders: (headers, options) => resolve(view, headers, options, 'headers'),
    resolveEnv: (env, options) => resolve(view, env, options, 'env'),
    resolveRequest: (request, options) => resolve(view, request, options, 'request'),
    use: (template, work, options) => use(view, template, work, options),
    snapshot: (tags, use) => takeSnapshot(view, tags, use),
    conceal: (value, options) => conceal(view.root, value, options),
    absorb: (submitted, options) => absorb(view, submitted, options),
    with: (options) => {
      const other = viewWith(view, options)
      // the root's own redactor knows every workspace, so no view is ever handed it
      return vaultOf(other, () => other.redactor ?? other.learned!.redactor, closeNothing)
    },
    redactor: readonlyFace(redactor),
    close,
  }
  rememberView(vault, view)
  return vault
}
