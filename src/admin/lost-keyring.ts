/**
 * A keyring whose keys are all lost: it opens nothing any more, and no secret can be created next to it.
 *
 * From here it cannot be told from a keyring whose right key was merely not given, so the one who lets it go names the keys that
 * are lost, and it must really not open.
 */

import { newKeyringBody } from '../crypto/keyring.ts'
import { readKeyringBody } from '../crypto/keyring-body.ts'
import { GuillemetError } from '../errors.ts'
import { KEYRING_KEY, missingKeyring } from '../vault/keyrings.ts'
import type { Row } from '../vault/store.ts'
import { requireKeyrings, type View } from '../vault/view.ts'

/** A number that real keyrings never come to; a larger one was written by somebody to keep others from counting on. */
const MOST_CHANGES = 2 ** 40

/** What is known of a keyring that does not open. */
interface LostKeyring {
  readonly row: Row | undefined
  readonly sequence: number
  /** The ids of the keys that open it. */
  readonly openers: readonly string[]
  /** The ids of its data keys that are not destroyed. */
  readonly dataKeys: readonly string[]
}

/** A fresh keyring that is to take the place of one that is lost. */
export interface KeyringReplacement {
  readonly lost: LostKeyring
  readonly body: string
}

/**
 * The keyring that is to take the place of the one that is there; undefined where that opens. Nothing is stored yet.
 *
 * @param lostKeys as the administrator has typed them; undefined where he has not
 * @throws the error of opening where nothing was typed, with what to type; ERR_CONFIRMATION_REQUIRED for other keys than
 *   those that open it; ERR_INVALID_INPUT where it opens
 */
export async function replacementForLost(
  view: View,
  lostKeys: readonly string[] | undefined,
): Promise<KeyringReplacement | undefined> {
  const lost = await lostKeyringOf(view, lostKeys)
  if (lost === undefined) return undefined
  if (!isSame(lostKeys!, lost.openers)) {
    throw new GuillemetError(
      'ERR_CONFIRMATION_REQUIRED',
      `The keyring of "${view.workspace}" opens with ${listOf(lost.openers)}; only where all of these are lost, name them so in lostKeys. Nothing was changed.`,
    )
  }
  // before anything is deleted: keys that cannot wrap must not be the reason
  const keyrings = requireKeyrings(view)
  // after what this vault has opened as well, which the lost text may not say any more: a lower one would be a rollback
  const sequence = Math.max(lost.sequence, keyrings.loaded(view.workspace)?.sequence ?? 0) + 1
  return { lost, body: await newKeyringBody(view.workspace, keyrings.providers, sequence) }
}

/**
 * Stores the replacement in its place, and opens it.
 *
 * @throws ERR_CONFLICT when the keyring is not the one that was looked at
 */
export async function replaceKeyring(view: View, { lost, body }: KeyringReplacement): Promise<void> {
  const version = (lost.row?.version ?? 0) + 1
  const isDone = await view.root.store.put({ workspace: view.workspace, ...KEYRING_KEY, version, body })
  if (!isDone) {
    throw new GuillemetError(
      'ERR_CONFLICT',
      `Somebody has changed the keyring of "${view.workspace}" meanwhile, so perhaps its key is not lost; it was left as it is.`,
    )
  }
  await requireKeyrings(view).reload(view.workspace)
}

async function lostKeyringOf(view: View, lostKeys: readonly string[] | undefined): Promise<LostKeyring | undefined> {
  const row = await view.root.store.getFresh(view.workspace, KEYRING_KEY)
  if (row === undefined) {
    if (lostKeys === undefined) missingKeyring()
    await requireKeyrings(view).reload(view.workspace) // a vault that has seen it says so, before anything is written
    return { row, sequence: 0, openers: [], dataKeys: [] }
  }
  try {
    await requireKeyrings(view).reload(view.workspace)
  } catch (error) {
    if (!isLost(error)) throw error
    const lost = lostFrom(row)
    if (lostKeys !== undefined) return lost
    const { code, reason, message } = error
    // every passphrase has the same id by default, so a ready command would only be copied
    if (code === 'ERR_INVALID_KEY') {
      throw new GuillemetError(code, `${message} Where it is lost for good: docs/KEYS.md, "Beginning anew".`, {
        reason,
      })
    }
    const typed = `confirm: '${view.workspace}', lostKeys: [${lost.openers.map((id) => JSON.stringify(id)).join(', ')}]`
    throw new GuillemetError(
      code,
      `${message} Only where ${lost.openers.length === 0 ? 'it' : listOf(lost.openers)} is lost for good, and with it every value: purgeWorkspace(vault, '${view.workspace}', { ${typed} }).`,
      { reason },
    )
  }
  if (lostKeys === undefined) return undefined
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The keyring of "${view.workspace}" opens with the keys of this vault, so none is lost; leave lostKeys out. Nothing was changed.`,
  )
}

/** Whether no try again will open it; a service that does not answer, or a newer format, is no loss. */
function isLost(error: unknown): error is GuillemetError {
  if (!(error instanceof GuillemetError) || error.reason === 'rolled-back') return false
  return (
    error.code === 'ERR_RECORD_UNREADABLE' || error.code === 'ERR_RECORD_CORRUPT' || error.code === 'ERR_INVALID_KEY'
  )
}

function lostFrom(row: Row): LostKeyring {
  try {
    const { sequence, keys } = readKeyringBody(row.body)
    const active = keys.find(({ state }) => state === 'active')!
    const openers = active.slots.map(({ provider }) => provider)
    const dataKeys = keys.flatMap(({ id, state }) => (state === 'destroyed' ? [] : [id]))
    return { row, sequence: sequence < MOST_CHANGES ? sequence : 0, openers, dataKeys }
  } catch {
    return { row, sequence: 0, openers: [], dataKeys: [] } // not a keyring any more: nothing says what opened it
  }
}

function isSame(typed: readonly string[], openers: readonly string[]): boolean {
  const given = new Set(typed)
  return given.size === openers.length && openers.every((id) => given.has(id))
}

function listOf(ids: readonly string[]): string {
  return ids.length === 0 ? 'no key that is known (lostKeys: [])' : ids.map((id) => JSON.stringify(id)).join(' and ')
}
