/**
 * The secrets of one call, and the one way to use them: the policy is asked about each, each is opened once, its version
 * remembered as seen, what is used of it taught to the redactors. Resolve, snapshot and reveal differ only in what they do
 * with them.
 */

import { decodeEnvelope, type Envelope } from '../crypto/envelope.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import type { Destination } from '../secrets/denial.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { askPolicy, originFor } from './authorize.ts'
import { groupedBy, usedLocations } from './grouped.ts'
import type { KeyringRead } from './keyrings.ts'
import {
  corruptRecord,
  envelopeOf,
  type FoundSecret,
  type LiveRecord,
  notOpened,
  openRecord,
  type Stored,
} from './records.ts'
import { teach } from './redaction.ts'
import type { RecordPlace } from './seen-versions.ts'
import { type UsedText, usedTexts } from './used-texts.ts'
import { requireKeyrings, type View } from './view.ts'

/** What is known of one tag. */
export interface SecretEntry {
  /** Where the record was found; without a record, where it was looked for first. */
  readonly place: RecordPlace
  readonly record: LiveRecord | undefined
  /** Whether it was deleted there, so that no other environment was asked. */
  readonly isDeleted: boolean
  /** Why the stored record cannot be used. */
  readonly error: GuillemetError | undefined
  /** The policy's refusal. */
  readonly denial: GuillemetError | undefined
}

/** The same within the set, which alone changes it. */
interface OpenableEntry extends SecretEntry {
  /** What the policy is asked about: where it was found, or everywhere it was looked for. */
  readonly asked: readonly RecordPlace[]
  error: GuillemetError | undefined
  denial: GuillemetError | undefined
  /** Decoded when the keys are loaded, gone once the record is opened. */
  envelope: Envelope | undefined
  value: SecretValue | undefined
  /** What the redactors have learned of it, by field; `''` for all of it. */
  taught: Map<string, readonly UsedText[]> | undefined
}

/** What the secrets are wanted for, as far as a policy may know. */
export interface IntendedUse {
  readonly references: readonly Reference[]
  readonly destination: Destination | undefined
  /** Whether it goes somewhere, so that a destination that is undefined is one that nobody knows. */
  readonly isRequested: boolean
  /** Where a snapshot says that it is used, which has no references yet. */
  readonly locations?: readonly ReferenceLocation[] | undefined
}

/** How many questions a policy is asked at a time. */
const POLICY_BATCH = 500

const NO_TEXTS: readonly UsedText[] = []

/** The secrets of one call. */
export class SecretSet {
  readonly #view: View
  readonly #entries = new Map<string, OpenableEntry>()
  #keyringRead: KeyringRead | undefined
  #keyring: Keyring | undefined
  #isForgotten = false
  /** Of templates without fields and filters, whose texts are the values themselves. */
  #textsIn: WeakMap<readonly Reference[], readonly UsedText[]> | undefined
  #usedIn: WeakMap<readonly Reference[], readonly unknown[]> | undefined

  constructor(view: View) {
    this.#view = view
  }

  /**
   * Adds what is stored under a tag, or why that cannot be used; in place of what was added before.
   *
   * @param asked everywhere it was looked for, where it was found nowhere
   */
  add(place: RecordPlace, stored: Stored, unusable?: GuillemetError, asked: readonly RecordPlace[] = [place]): void {
    const record = stored.state === 'live' ? stored : undefined
    const error = stored.state === 'corrupt' ? corruptRecord(place.tag) : unusable
    const entry: OpenableEntry = {
      place,
      asked,
      record,
      isDeleted: stored.state === 'deleted',
      error,
      denial: undefined,
      envelope: undefined,
      value: undefined,
      taught: undefined,
    }
    this.#entries.set(place.tag, entry)
  }

  /** Keeps the keyring that was read along with the records; it is opened only after the policy has spoken. */
  addKeyring(read: KeyringRead): void {
    this.#keyringRead = read
  }

  /** What is known of a tag of this set. */
  entry(tag: string): SecretEntry | undefined {
    return this.#entries.get(tag)
  }

  /** Everything that is known, by tag. */
  entries(): Iterable<readonly [tag: string, entry: SecretEntry]> {
    return this.#entries
  }

  /**
   * Asks the policy about every tag and keeps its answers; also about one that is not there, in each environment where it could
   * have been: a refusal tells nothing.
   */
  async askPolicy(action: 'use' | 'reveal', use: IntendedUse | undefined): Promise<void> {
    const entries = [...this.#entries]
    const references = use && groupedBy(use.references, ({ tag }) => tag)
    const destination = use && originFor(use.destination, use.isRequested)
    for (let start = 0; start < entries.length; start += POLICY_BATCH) {
      const asked = entries.slice(start, start + POLICY_BATCH).map(async ([tag, entry]) => {
        const { record } = entry
        const ofTag = references?.get(tag)
        const locations = ofTag === undefined ? use?.locations : usedLocations(ofTag)
        const question = { action, record, destination, locations }
        let denial: GuillemetError | undefined
        for (const place of entry.asked) denial ??= await askPolicy(this.#view, { ...question, place })
        entry.denial = denial
      })
      await Promise.all(asked)
    }
  }

  /**
   * Asks the policy where there is one, and goes no further where it refuses.
   *
   * @throws the first refusal of the policy; only where there is none, the first record that cannot be read
   */
  async authorize(action: 'use' | 'reveal', use: IntendedUse | undefined): Promise<void> {
    if (this.#view.root.policy !== undefined) await this.askPolicy(action, use)
    let unreadable: GuillemetError | undefined
    for (const { denial, error } of this.#entries.values()) {
      if (denial !== undefined) throw denial
      unreadable ??= error
    }
    if (unreadable !== undefined) throw unreadable
  }

  /**
   * Gets the data keys of all usable secrets, so that opening them needs no I/O.
   *
   * @returns false where a data key is in the keyring no more
   * @throws ERR_KEYRING_MISSING
   */
  async loadKeys(): Promise<boolean> {
    const keyIds: string[] = []
    for (const entry of this.#entries.values()) {
      const { place, record } = entry
      if (record === undefined || (entry.denial ?? entry.error) !== undefined) continue
      try {
        entry.envelope = decodeEnvelope(record.sealed)
        keyIds.push(entry.envelope.keyId)
      } catch (error) {
        entry.error = notOpened(error, place.tag) as GuillemetError // said where the secret is used
      }
    }
    if (keyIds.length === 0) return true
    const { workspace, signal } = this.#view
    const keyring = await requireKeyrings(this.#view).holding(workspace, keyIds, this.#keyringRead, signal)
    this.#keyring = keyring
    // one that is there and does not open says why, and reading the record again would not help
    return keyIds.every((id) => keyring.key(id) !== undefined || keyring.failureOf(id) !== undefined)
  }

  /**
   * The record of a tag, or undefined where there is none.
   *
   * @throws the policy's refusal, or why the record cannot be used
   */
  find(tag: string): FoundSecret | undefined {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return undefined
    const refusal = entry.denial ?? entry.error
    if (refusal !== undefined) throw refusal
    return entry.record && (entry as FoundSecret)
  }

  /**
   * The value of a tag, opened when it is first asked for; undefined where there is none, or after `forget`.
   *
   * The caller has held the secret's rule against the use: nothing here does. Bound, so that a template can ask for
   * values by it.
   */
  readonly open = (tag: string): SecretValue | undefined => {
    const entry = this.#entries.get(tag)
    if (entry?.value !== undefined) return entry.value
    const found = this.find(tag)
    if (entry === undefined || found === undefined || this.#isForgotten) return undefined
    const { place, record } = found
    const envelope = entry.envelope ?? envelopeOf(place, record)
    entry.envelope = undefined
    const value = openRecord(place, record, envelope, this.#keyring!)
    this.#view.root.seenVersions.saw(place, record.version, record.sealed)
    entry.value = value
    return value
  }

  /** Opens it before it is used; why it does not open is said where it is. Bound as well. */
  readonly openAhead = (tag: string): void => {
    try {
      this.open(tag)
    } catch (error) {
      const entry = this.#entries.get(tag)
      if (entry !== undefined) entry.error = error as GuillemetError
    }
  }

  /**
   * The secret texts that a reference resolves to, which the redactors learn when they are first asked for; none where
   * there is no value. What filters make is not remembered.
   */
  textsOf(reference: Reference): readonly UsedText[] {
    const entry = this.#entries.get(reference.tag)
    const isPlain = reference.filters.length === 0
    const field = ownValue(reference, 'field') ?? ''
    const known = isPlain ? entry?.taught?.get(field) : undefined
    if (known !== undefined) return known
    const value = this.open(reference.tag)
    if (entry?.record === undefined || value === undefined) return NO_TEXTS
    const texts = usedTexts(reference, entry.record.info, value)
    teach(this.#view, entry.place.environment, texts)
    if (isPlain) {
      entry.taught ??= new Map()
      entry.taught.set(field, texts)
    }
    return texts
  }

  /** The texts of all references of a template. Those of a prepared one are asked for again and again. */
  textsIn({ references, hasTagsOnly }: Pick<CompiledTemplate, 'references' | 'hasTagsOnly'>): readonly UsedText[] {
    const known = this.#textsIn?.get(references)
    if (known !== undefined) return known
    const texts = references.flatMap((reference) => this.textsOf(reference))
    if (hasTagsOnly) {
      this.#textsIn ??= new WeakMap()
      this.#textsIn.set(references, texts)
    }
    return texts
  }

  /** What each reference of a template used, for clients; as `textsIn`, kept for one without fields and filters. */
  usedIn<T>(
    { references, hasTagsOnly }: Pick<CompiledTemplate, 'references' | 'hasTagsOnly'>,
    read: (reference: Reference) => readonly T[],
  ): readonly T[] {
    const known = this.#usedIn?.get(references) as readonly T[] | undefined
    if (known !== undefined) return known
    const used = references.flatMap(read)
    if (hasTagsOnly && !this.#isForgotten) {
      this.#usedIn ??= new WeakMap()
      this.#usedIn.set(references, used)
    }
    return used
  }

  /** Drops every value, and the keys to those that are still sealed: results that live on need clear information only. */
  forget(): void {
    this.#isForgotten = true
    this.#keyring = this.#textsIn = this.#usedIn = undefined
    for (const entry of this.#entries.values()) entry.value = entry.taught = undefined
  }
}
