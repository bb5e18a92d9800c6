/** What to say of a secret that is not there: that, and whether the storage is an empty one, perhaps another than was meant. */

import { GuillemetError } from '../errors.ts'
import type { View } from './view.ts'

/** The error for a tag that is not there. */
export async function notFound(view: View, tag: string): Promise<GuillemetError> {
  const message = `There is no secret "${tag}" in this environment; choose one that is there, or create it.`
  return new GuillemetError('ERR_SECRET_NOT_FOUND', message + (await emptyStorageHint(view)), { tag })
}

/** A sentence after a space where nothing at all is stored for the workspace, else `''`. A failure is no error here. */
export async function emptyStorageHint({ root, workspace, signal }: View): Promise<string> {
  try {
    const records = await root.store.list(workspace, { limit: 1 }, signal)
    return records.length > 0 ? '' : ` Nothing is stored in ${root.store.where}; look whether that is the right one.`
  } catch {
    return ''
  }
}
