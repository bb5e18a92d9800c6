/** What to say of a secret that is not there: that, and whether the place is an empty one, perhaps another than was meant. */

import { GuillemetError } from '../errors.ts'
import type { View } from './view.ts'

/** The error for a tag that is not there. */
export async function notFound(view: View, tag: string): Promise<GuillemetError> {
  const message = `There is no secret "${tag}" in this environment; choose one that is there, or create it.`
  return new GuillemetError('ERR_SECRET_NOT_FOUND', message + (await emptyStorageHint(view)), { tag })
}

/**
 * A sentence after a space where nothing is stored where the view looks, else `''`. The storage is named only where it is
 * empty altogether: a tenant is not shown where the server keeps its files. A failure is no error here.
 */
export async function emptyStorageHint({ root, workspace, environments, signal }: View): Promise<string> {
  try {
    for (const environment of environments) {
      if ((await root.store.list(workspace, { environment, limit: 1 }, signal)).length > 0) return ''
    }
    const stored = await root.store.workspaces({ limit: 1 }, signal)
    const [environment] = environments
    const where =
      stored?.length === 0 ? root.store.where : `the environment "${environment}" of the workspace "${workspace}"`
    return ` Nothing is stored in ${where}; look whether that is the right one.`
  } catch {
    return ''
  }
}
