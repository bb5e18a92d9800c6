/**
 * What a secret is: what a caller gives, what is stored next to the sealed value, and what anybody may see of it.
 *
 * Tag, type and visibility never change after creation. A value is in what a caller gives and, sealed, in what is stored; never
 * in what is shown.
 */

import type { ReferenceLocation } from '../location.ts'
import { nullRecord, withoutPrototype, withoutUndefined } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'

/** Shown in place of every value, whatever its length. */
export const DOTS = '••••••••'

/** What a secret holds: one text (`text`, `password`, `apiKey`, `token`), or named fields (the others). */
export type SecretType = TextType | 'basicAuth' | 'authentication' | 'database' | 'custom'

type TextType = 'text' | 'password' | 'apiKey' | 'token'

/** Every type. */
export const SECRET_TYPES: readonly SecretType[] = [
  'text',
  'password',
  'apiKey',
  'token',
  'basicAuth',
  'authentication',
  'database',
  'custom',
]

/** The types of a secret that is one text; those of the others have named fields. */
export const TEXT_TYPES: ReadonlySet<SecretType> = /* @__PURE__ */ new Set(['text', 'password', 'apiKey', 'token'])

/** The longest name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 256

/** The longest description, in UTF-16 code units. */
export const MAX_DESCRIPTION_LENGTH = 4_096

/** The longest id of an actor, in UTF-16 code units. */
export const MAX_ACTOR_ID_LENGTH = 256

/** Whether `reveal` may show the value to people; templates use both kinds alike. */
export type Visibility = 'masked' | 'restricted'

/** Every visibility. */
export const VISIBILITIES: readonly Visibility[] = ['masked', 'restricted']

/**
 * Where a secret may be used: a location, or one place of it by name.
 *
 * The name of a header is compared without regard to case; that of a query parameter or a body member as it is written.
 * In a body of JSON it is the path of keys, `auth.client_secret`, without the indexes of lists; in a form or query the
 * parameter, `filter[token]` where objects are nested.
 */
export type AllowedLocation = ReferenceLocation | `header:${string}` | `query:${string}` | `body:${string}`

/** Binds a secret to its use. An absent member does not restrict; an empty list permits nothing. */
export interface AllowRule {
  /**
   * Where the secret may be sent: `api.acme.dev`, `*.acme.dev`, `http://localhost:8080`, `[::1]:8443`, or with a path,
   * `api.acme.dev/v2`, under which every request must be; at most 100. Only https, unless the host says `http://`.
   */
  readonly hosts?: readonly string[]
  /**
   * Where in a template the secret may be used: `header`, `header:authorization`, `query:api_key`,
   * `body:client_secret`; at most 100.
   *
   * @default header and auth where `hosts` is given, else everywhere: servers log URLs, and bodies hold others' text
   */
  readonly in?: readonly AllowedLocation[]
  /** Request methods, such as `GET`, in any case; at most 32. */
  readonly methods?: readonly string[]
  /** How many references to the secret one resolve may have: a whole number from 1 to 1,000,000. */
  readonly maxUses?: number
}

/** What a caller gives with the value of a secret. */
interface SecretDetails {
  /** The name in references: 1 to 128 characters of `A–Z a–z 0–9 _ -`. It never changes. */
  readonly tag: string
  /**
   * Whether `reveal` may show the value; it never changes.
   *
   * @default 'restricted'
   */
  readonly visibility?: Visibility | undefined
  /** A name for people; at most 256 characters. */
  readonly name?: string | undefined
  /** A description for people; at most 4,096 characters. */
  readonly description?: string | undefined
  /** Where the secret may be used; anywhere where it is absent or null. `set` needs it for a secret that was deleted. */
  readonly allow?: AllowRule | null
  /**
   * Whether the secret may be used.
   *
   * @default true
   */
  readonly enabled?: boolean | undefined
  /**
   * When use ends: a Date, or ISO 8601 with `Z` or an offset, or a day (from its start in UTC), in the years 0000 to
   * 9999. A time in the past makes a secret that is expired.
   */
  readonly expiresAt?: Date | string | undefined
  /**
   * The fields that are no secret: sealed and resolved like all, but never masked, and never learned by a redactor.
   *
   * @default `username` of `basicAuth`; `name`, `mode`, `projectId`, `clusterName` of `database`; both fields of
   *   `authentication`; none of `custom`
   */
  readonly publicFields?: readonly string[] | undefined
}

/**
 * What a caller gives to create or set a secret: the value fits the type where one is given.
 *
 * @example
 * ```ts
 * await vault.set({ tag: 'zendesk', value: token, allow: { hosts: ['acme.zendesk.com'] } })
 * ```
 */
export type SecretInput = SecretDetails &
  (
    | {
        /**
         * One text that is not empty, or named fields; their texts have at most 1 MiB of UTF-8 together. A mask (dots,
         * `[secret:…]`, a lone reference) is refused.
         */
        readonly value: SecretValue
        /**
         * What the value is; it never changes.
         *
         * @default `text` for a text, `custom` for fields, and the tag itself for the tags `authentication` and `database`
         */
        readonly type?: undefined
      }
    | {
        /** One text. */
        readonly value: string
        /** A type of one text. */
        readonly type: TextType
      }
    | {
        /** Named fields. */
        readonly value: Exclude<SecretValue, string>
        /** A type with fields. */
        readonly type: Exclude<SecretType, TextType>
      }
  )

/** What an update changes: absent leaves it, null removes it, a value replaces all fields. */
export interface SecretPatch {
  /** The new value: for a secret of fields all of them, since the new value replaces the old one whole. */
  readonly value?: SecretValue
  /** The new name for people; at most 256 characters. */
  readonly name?: string | null | undefined
  /** The new description for people; at most 4,096 characters. */
  readonly description?: string | null | undefined
  /** The new rule, in place of the whole old one. */
  readonly allow?: AllowRule | null
  /** Whether the secret may be used from now on. */
  readonly enabled?: boolean | undefined
  /** When use ends, as in {@link SecretInput}. */
  readonly expiresAt?: Date | string | null | undefined
  /** The fields that are no secret, in place of the old list. To make one public, give the value again as well. */
  readonly publicFields?: readonly string[] | undefined
}

/** What anybody with the right to read may see of a secret; never its value. */
export interface SecretInfo {
  /** The name in references. */
  readonly tag: string
  /** The workspace it lives in. */
  readonly workspace: string
  /** The environment it lives in. */
  readonly environment: string
  /** What the value is. */
  readonly type: SecretType
  /** Whether `reveal` may show the value. */
  readonly visibility: Visibility
  /** One more with every change; pass it as `ifVersion` to change only what was seen. */
  readonly version: number
  /** Its name for people, if it has one. */
  readonly name?: string
  /** Its description for people, if it has one. */
  readonly description?: string
  /** Where it may be used; anywhere where it is absent. */
  readonly allow?: AllowRule
  /** Whether it may be used. */
  readonly enabled: boolean
  /** When use ends, if ever. */
  readonly expiresAt?: Date
  /** The fields that are no secret; absent where every field is secret. */
  readonly publicFields?: readonly string[]
  /** When it was created. */
  readonly createdAt: Date
  /** When it was last changed. */
  readonly updatedAt: Date
  /** The id of the actor who created it; absent where there was none. */
  readonly createdBy?: string
  /** The id of the actor who changed it last; absent where there was none. */
  readonly updatedBy?: string
  /** Dots, or dots under each field name. */
  readonly value: typeof DOTS | Readonly<Record<string, typeof DOTS>>
}

/** Which secrets to list; a member that is absent does not restrict. */
export interface ListFilter {
  /** The environment to list. @default that of the vault or view */
  readonly environment?: string | undefined
  /** Only secrets of this type. */
  readonly type?: SecretType | undefined
  /** Only secrets with this text in tag, name or description, in any case; at most 256 characters. */
  readonly search?: string | undefined
  /** Only secrets that are enabled, or only those that are not. */
  readonly enabled?: boolean | undefined
  /** Only secrets that expire, and before this time; written as `expiresAt` of {@link SecretInput}. */
  readonly expiresBefore?: Date | string | undefined
  /** Only secrets after this tag, in the order of a listing: the last tag of the page before. */
  readonly after?: string | undefined
  /** At most this many secrets: 1 to 10,000. @default all */
  readonly limit?: number | undefined
}

/** The most secrets of one page of a listing. */
export const MAX_LIST_LIMIT = 10_000

/** The most uses that a rule can name. */
export const MAX_USES = 1_000_000

/** A rule as it is stored and enforced: every key is there, `undefined` where the member is absent; no prototype. */
export type StoredRule = { readonly [K in keyof AllowRule]-?: AllowRule[K] | undefined }

/** What is said of a secret besides its value. */
export interface SecretSettings {
  readonly type: SecretType
  readonly visibility: Visibility
  readonly name: string | undefined
  readonly description: string | undefined
  readonly allow: StoredRule | undefined
  readonly enabled: boolean
  /** ISO 8601 in UTC with milliseconds. */
  readonly expiresAt: string | undefined
  /** In the order of the fields, at least one; undefined for none. */
  readonly publicFields: readonly string[] | undefined
}

/** A secret as it will be created: validated, copied, defaults filled in. No object in it is the caller's. */
export interface NewSecret extends SecretSettings {
  readonly tag: string
  /** Fields are a record without a prototype, in the caller's order. */
  readonly value: SecretValue
}

/** A patch as it will be applied, validated and copied: `undefined` leaves a member as it is, `null` removes it. */
export interface ParsedPatch {
  readonly value: SecretValue | undefined
  readonly name: string | null | undefined
  readonly description: string | null | undefined
  readonly allow: StoredRule | null | undefined
  readonly enabled: boolean | undefined
  /** ISO 8601 in UTC with milliseconds. */
  readonly expiresAt: string | null | undefined
  /** Not held against the fields yet: those may be the stored ones. */
  readonly publicFields: readonly string[] | undefined
}

/** A filter, validated. */
export type ParsedFilter = Omit<{ readonly [K in keyof ListFilter]-?: ListFilter[K] | undefined }, 'expiresBefore'> & {
  /** ISO 8601 in UTC with milliseconds, so that it compares with what is stored as a text does. */
  readonly expiresBefore: string | undefined
}

/** The clear information of a live record. Name, description and times are not authenticated. */
export interface ClearInfo extends SecretSettings {
  /** Field names in their order; null for one text. */
  readonly fields: readonly string[] | null
  /** Times are ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly createdBy: string | undefined
  readonly updatedBy: string | undefined
}

/**
 * What a record's body says: a secret, a claim made before the first value is sealed, or a tombstone. The last two are told
 * from any other by a random `writeId`, as a secret is by the nonce of its sealed value.
 */
export type StoredBody =
  | { readonly state: 'live'; readonly info: ClearInfo; readonly sealed: string }
  | { readonly state: 'claim'; readonly before: 'absent' | 'deleted'; readonly at: string; readonly writeId?: string }
  | { readonly state: 'deleted'; readonly at: string; readonly writeId?: string }

/** The field names of a value in their order, or null for one text. */
export function fieldsOf(value: SecretValue): readonly string[] | null {
  return typeof value === 'string' ? null : Object.keys(value)
}

/**
 * What may be shown of a stored secret: a fresh object with dots for values and Dates for times.
 *
 * It has no prototype, nor have its rule and its fields: a policy that asks for a rule that is not there must not be
 * answered by a polluted one.
 */
export function infoOf(
  place: { readonly workspace: string; readonly environment: string; readonly tag: string; readonly version: number },
  info: ClearInfo,
): SecretInfo {
  const { allow, expiresAt, publicFields, fields } = info
  const members = withoutUndefined({
    tag: place.tag,
    workspace: place.workspace,
    environment: place.environment,
    type: info.type,
    visibility: info.visibility,
    version: place.version,
    name: info.name,
    description: info.description,
    allow: allow && copyRule(allow),
    enabled: info.enabled,
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    publicFields: publicFields && [...publicFields],
    createdAt: new Date(info.createdAt),
    updatedAt: new Date(info.updatedAt),
    createdBy: info.createdBy,
    updatedBy: info.updatedBy,
    value: fields === null ? DOTS : nullRecord(fields.map((field) => [field, DOTS] as const)),
  })
  return withoutPrototype(members as SecretInfo)
}

/** The same as an ordinary object, for a caller to print. */
export function toPlainInfo(info: SecretInfo): SecretInfo {
  const value = typeof info.value === 'string' ? info.value : { ...info.value }
  return { ...info, value, ...(info.allow !== undefined && { allow: { ...info.allow } }) }
}

/** The rule with those members only that it has, in copies: a policy or a caller cannot change what is enforced. */
function copyRule(allow: StoredRule): AllowRule {
  const members = Object.entries(withoutUndefined(allow))
  return nullRecord(members.map(([key, member]) => [key, Array.isArray(member) ? [...member] : member] as const))
}
