/**
 * What a keyring becomes: another data key, other slots, fewer of both. Each gives the text that is to be stored.
 *
 * Only data keys that are open get slots; those that no given provider opened stay as they are stored.
 */

import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { createDataKey, type DataKey } from './data-key.ts'
import type { Keyring } from './keyring.ts'
import {
  type KeyEntry,
  type KeyringContent,
  type KeySlot,
  keyringMac,
  MAX_KEYS,
  MAX_SLOTS,
  MAX_WITHDRAWN,
  writeKeyringBody,
} from './keyring-body.ts'
import { invalidProvider } from './keyring-faults.ts'
import { wrapDataKeyBy } from './provider-calls.ts'

/** Whether a provider was withdrawn from the keyring: it must never get a slot again. */
export function isWithdrawn({ content }: Keyring, provider: string): boolean {
  return content.withdrawn.includes(provider)
}

/** Whether a data key that is open has no slot of the provider. */
export function lacksSlot(keyring: Keyring, provider: string): boolean {
  return openEntries(keyring).some(({ slots }) => !hasSlot(slots, provider))
}

/** With a slot of the provider in each open data key that has none. @throws as a provider does */
export async function withSlotsOf(keyring: Keyring, workspace: string, provider: KeyProvider): Promise<string> {
  return changedText(workspace, keyring, {
    keys: await wrappedAnew(keyring, workspace, [provider], ({ slots }) => !hasSlot(slots, provider.id)),
  })
}

/** With a fresh slot of every one of the providers in each open data key, also where they have one. */
export async function rewrapped(
  keyring: Keyring,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<string> {
  return changedText(workspace, keyring, { keys: await wrappedAnew(keyring, workspace, providers, () => true) })
}

/**
 * With a new active data key that all of these providers open, and of which nobody else has a slot.
 *
 * @throws ERR_INVALID_INPUT when the keyring is full of data keys that were not destroyed
 */
export async function withNewDataKey(
  keyring: Keyring,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<string> {
  const active = createDataKey()
  try {
    const slots: KeySlot[] = []
    for (const provider of providers) slots.push(await wrapDataKeyBy(provider, active, workspace))
    const older = keyring.content.keys.map(
      (entry): KeyEntry => (entry.state === 'active' ? { ...entry, state: 'retired' } : entry),
    )
    return changedText(
      workspace,
      keyring,
      { keys: [...withRoom(older), { id: active.id, state: 'active', slots }] },
      active,
    )
  } finally {
    active.wipe() // it is read back from the storage before anybody uses it
  }
}

/**
 * Without the slots of these providers, which are remembered as withdrawn.
 *
 * @throws ERR_INVALID_INPUT when so many were withdrawn before that no more can be remembered
 */
export function withoutProviders(keyring: Keyring, workspace: string, ids: readonly string[]): string {
  const withdrawn = [...new Set([...keyring.content.withdrawn, ...ids])]
  if (withdrawn.length > MAX_WITHDRAWN) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The keyring remembers ${MAX_WITHDRAWN} withdrawn keys and has no room for another; copy the workspace to a new one.`,
    )
  }
  const keys = keyring.content.keys.map((entry) => ({
    ...entry,
    slots: entry.slots.filter(({ provider }) => !ids.includes(provider)),
  }))
  return changedText(workspace, keyring, { keys, withdrawn })
}

/** With these data keys destroyed: their slots are gone, their ids are remembered. The active one is never among them. */
export function withoutDataKeys(keyring: Keyring, workspace: string, ids: readonly string[]): string {
  const keys = keyring.content.keys.map(
    (entry): KeyEntry =>
      ids.includes(entry.id) && entry.state === 'retired' ? { id: entry.id, state: 'destroyed', slots: [] } : entry,
  )
  return changedText(workspace, keyring, { keys })
}

/** Room for one more: the oldest destroyed data keys are forgotten first. */
function withRoom(keys: readonly KeyEntry[]): readonly KeyEntry[] {
  if (keys.length < MAX_KEYS) return keys
  const oldest = keys.find(({ state }) => state === 'destroyed')
  if (oldest !== undefined) return keys.filter((entry) => entry !== oldest)
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The keyring holds ${MAX_KEYS} data keys and has no room for another; destroy those that nothing needs any longer (destroyKey).`,
  )
}

/** The entries, with a fresh slot of each provider in every open one that is wanted. */
async function wrappedAnew(
  keyring: Keyring,
  workspace: string,
  providers: readonly KeyProvider[],
  isWanted: (entry: KeyEntry) => boolean,
): Promise<readonly KeyEntry[]> {
  const keys: KeyEntry[] = []
  for (const entry of keyring.content.keys) {
    const key = keyring.key(entry.id)
    keys.push(key === undefined || !isWanted(entry) ? entry : await withFreshSlots(entry, key, workspace, providers))
  }
  return keys
}

async function withFreshSlots(
  entry: KeyEntry,
  key: DataKey,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<KeyEntry> {
  const slots = [...entry.slots]
  for (const provider of providers) {
    const at = slots.findIndex((slot) => slot.provider === provider.id)
    slots.splice(at < 0 ? slots.length : at, 1, await wrapDataKeyBy(provider, key, workspace))
  }
  if (slots.length <= MAX_SLOTS) return { ...entry, slots }
  throw invalidProvider(`A keyring takes at most ${MAX_SLOTS} keys; take one away that is not used (retireKey).`)
}

function openEntries(keyring: Keyring): readonly KeyEntry[] {
  return keyring.content.keys.filter(({ id }) => keyring.key(id) !== undefined)
}

function hasSlot(slots: readonly KeySlot[], provider: string): boolean {
  return slots.some((slot) => slot.provider === provider)
}

/** The next text of the keyring, authenticated by its active data key. */
function changedText(
  workspace: string,
  { content, active }: Keyring,
  changes: Partial<KeyringContent>,
  newActive: DataKey = active,
): string {
  const next = { ...content, ...changes, sequence: content.sequence + 1 }
  return writeKeyringBody({ ...next, mac: keyringMac(workspace, next, newActive) })
}
