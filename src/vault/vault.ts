/** The vault: wiring only. Every member hands its view to the room that does the work. */

import { GuillemetError } from '../errors.ts'
import type { Kind } from '../location.ts'
import { readOptions } from '../plain-object.ts'
import { createRedactor, type Redactor } from '../redact/redactor.ts'
import { requireName } from '../tag.ts'
import { checkDelimiters } from '../template/compile.ts'
import type { NamedOptions, ResolveOptions, Vault, VaultOptions, ViewOptions } from './api.ts'
import { createSecret, deleteSecret, setSecret, updateSecret } from './change.ts'
import { check } from './check.ts'
import { createKeyrings } from './keyrings.ts'
import { describe, list } from './list.ts'
import { readActor, readFallback, readKeys, readVaultOptions, readViewOptions } from './options.ts'
import { prepare, readKindOption, referencesOf } from './prepare.ts'
import { resolve } from './resolve.ts'
import { reveal } from './reveal.ts'
import { run } from './run.ts'
import { createMarks } from './seen-versions.ts'
import { takeSnapshot } from './snapshot.ts'
import { createStore } from './store.ts'
import { cleanerOf, type Root, type View } from './view.ts'

/**
 * A vault over a storage and a key.
 *
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
  const store = createStore(options.storage)
  const marks = createMarks()
  const redactors = new Map<string, Redactor>()
  const root: Root = {
    store,
    marks,
    keyrings: providers === undefined ? undefined : createKeyrings(store, providers, marks),
    fallback: readFallback(options.fallback),
    policy: options.policy,
    delimiters: checkDelimiters(options.delimiters),
    redactor: options.redactor ?? createRedactor(),
    redactorOf(name) {
      const known = redactors.get(name) ?? createRedactor()
      redactors.set(name, known)
      return known
    },
    onEvent: options.onEvent,
    now: options.now ?? Date.now,
    isClosed: false,
  }
  const view: View = {
    root,
    workspace,
    environment,
    actor,
    purpose: options.purpose,
    redactor: undefined,
    isFixed: { workspace: false, environment: false, actor: false },
  }
  return vaultOf(view, root.redactor, async () => {
    if (root.isClosed) return
    root.isClosed = true
    try {
      await root.keyrings?.close()
    } finally {
      await store.close()
    }
  })
}

async function closeNothing(): Promise<void> {
  // whoever was handed a view must not be able to end the vault for everybody else
}

function vaultOf(view: View, redactor: Redactor, close: () => Promise<void>): Vault {
  return {
    create: (input) => createSecret(view, input),
    set: (input) => setSecret(view, input),
    describe: (tag) => describe(view, tag),
    list: (filter) => list(view, filter),
    update: (tag, patch, options) => updateSecret(view, tag, patch, options),
    delete: (tag, options) => deleteSecret(view, tag, options),
    reveal: (tag) => reveal(view, tag),
    references: (template, options) => referencesOf(view, template, readKindOption(options)),
    check: (template, options) => check(view, template, options),
    prepare: (template, options) => prepare(view, template, readKindOption(options)),
    resolve: (template, options) => resolve(view, template, options),
    resolveHeaders: async (headers, options) => resolve(view, headers, named(options, 'headers')),
    resolveEnv: async (env, options) => resolve(view, env, named(options, 'env')),
    resolveRequest: async (request, options) => resolve(view, request, named(options, 'request')),
    run: (template, use, options) => run(view, template, use, options),
    snapshot: (tags) => takeSnapshot(view, tags),
    with: (options) => {
      const other = viewOf(view, options)
      // the root's own knows every workspace, so no view is ever handed it
      return vaultOf(other, cleanerOf(other), closeNothing)
    },
    redactor,
    close,
  }
}

function named(options: NamedOptions | undefined, as: Kind): ResolveOptions {
  return { ...readOptions(options, 'options', ['destination', 'onMissing', 'authored']), as }
}

/**
 * The view that `with` asks for.
 *
 * Whoever is handed a view of one tenant must not get from it to another one: what was set stays.
 */
function viewOf(view: View, given: ViewOptions): View {
  const options = readViewOptions(given)
  const actor = options.actor === undefined ? view.actor : readActor(options.actor)
  const workspace = options.workspace ?? view.workspace
  const environment = options.environment ?? view.environment
  const isAnother =
    (view.isFixed.workspace && workspace !== view.workspace) ||
    (view.isFixed.environment && environment !== view.environment) ||
    (view.isFixed.actor && (actor?.id !== view.actor?.id || actor?.role !== view.actor?.role))
  if (isAnother) {
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'This view is already bound to a workspace, an environment or an actor; make another view from the vault itself.',
    )
  }
  return {
    root: view.root,
    workspace,
    environment,
    actor,
    purpose: options.purpose ?? view.purpose,
    // a redactor of one workspace must not learn another's values by inheritance
    redactor: options.redactor ?? (workspace === view.workspace ? view.redactor : undefined),
    isFixed: {
      workspace: view.isFixed.workspace || options.workspace !== undefined,
      environment: view.isFixed.environment || options.environment !== undefined,
      actor: view.isFixed.actor || options.actor !== undefined,
    },
  }
}
