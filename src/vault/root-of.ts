/** The view that a vault was made with, for the commands of an administrator: they work on all of it, so a view does not lead there. */

import { GuillemetError } from '../errors.ts'
import type { Vault } from './api.ts'
import { requireAccess } from './client.ts'
import { requireOpen, type View, viewOf } from './view.ts'

/**
 * The view of a vault that `createVault` has made.
 *
 * @throws ERR_PERMISSION_DENIED for a view made by `with`, which may be in the hands of a tenant; ERR_INVALID_INPUT for what is no
 *   vault of this copy of the package, and when the vault is closed
 */
export function rootViewOf(vault: Vault): View {
  const view = viewOf(vault)
  if (!view?.isRoot) {
    requireAccess(vault, 'The vault for a command of guillemet/admin')
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'This needs the vault that createVault has made, not a view of it; pass that one.',
    )
  }
  requireOpen(view)
  return view
}
