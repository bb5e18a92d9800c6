/** The view that a vault was made with, for the commands of an administrator: they work on all of it, so a view does not lead there. */

import { GuillemetError } from '../errors.ts'
import type { Vault } from './api.ts'
import { requireAccess } from './client.ts'
import type { View } from './view.ts'

const views = new WeakMap<Vault, View>()

/** Remembers the view of a vault that `createVault` has made. */
export function rememberRoot(vault: Vault, view: View): void {
  views.set(vault, view)
}

/**
 * The view of a vault that `createVault` has made.
 *
 * @throws ERR_PERMISSION_DENIED for a view made by `with`, which may be in the hands of a tenant; ERR_INVALID_INPUT for what is no
 *   vault of this copy of the package, and when the vault is closed
 */
export function rootViewOf(vault: Vault): View {
  const view = views.get(vault)
  if (view === undefined) {
    requireAccess(vault, 'The vault for a command of guillemet/admin')
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'This needs the vault that createVault has made, not a view of it; pass that one.',
    )
  }
  if (!view.root.isClosed) return view
  throw new GuillemetError('ERR_INVALID_INPUT', 'The vault is closed; make a new one with createVault.')
}
