/** `set`, `list`, `show`, `delete`: one secret at a time, and never a value on any output. */

import { inspectStorage } from '../admin.ts'
import { GuillemetError } from '../errors.ts'
import type { SecretInfo, SecretInput, SecretType } from '../index.ts'
import { referenceTo } from '../index.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import { ruleWarnings } from '../secrets/rule-warnings.ts'
import { suggest } from '../suggest.ts'
import { CommandError, EXIT, type Host, note, print, printJson, UsageError, wordsOf } from './host.ts'
import { askHidden, askText, canAsk, readInput } from './prompts.ts'
import { type CommonOptions, requireContents, requireKeyring, type Session } from './session.ts'
import { detailsOf, ownInfo, tableOf } from './tables.ts'

/** Options of `set`. */
export interface SetOptions extends CommonOptions {
  readonly type?: SecretType
  readonly name?: string
  readonly allowHost?: readonly string[]
  readonly allowIn?: readonly string[]
  readonly anyHost?: boolean
}

/** Options of `delete`. */
export interface DeleteOptions extends CommonOptions {
  readonly confirm?: string
}

/** How many tags are named where none is near. */
const MAX_SHOWN = 5
const FIELD_TYPES: readonly SecretType[] = ['basicAuth', 'authentication', 'database', 'custom']

export async function set(host: Host, session: Session, tag: string, options: SetOptions): Promise<number> {
  await requireKeyring(session)
  // before the value is asked for, so that nobody types it in vain
  const known = await session.view.describe(tag)
  const value = await readValue(host, tag, options.type ?? known?.type)
  const input = inputOf(tag, value, options)
  const info = ownInfo(await session.view.set(input).catch((error: unknown) => Promise.reject(withoutRule(error))))
  if (options.json === true) await printJson(host, info)
  const done = known === undefined ? 'Stored' : info.version === known.version ? 'Unchanged' : 'Changed'
  note(host, `${done}: ${tag}, version ${info.version}, in ${placeOf(info)}. Use it as ${referenceTo(tag)}`)
  if (info.allow?.hosts === undefined) {
    note(host, 'It may be sent anywhere; bind it with: guillemet set TAG --allow-host api.example.com')
  }
  for (const { says } of ruleWarnings(withoutPrototype({ hosts: undefined, in: undefined, ...info.allow }))) {
    note(host, `The rule of ${tag} ${says}.`)
  }
  return EXIT.done
}

/** The same error; where the rule has to be said again after a deletion, with the options that say it. */
function withoutRule(error: unknown): unknown {
  const isRule = error instanceof GuillemetError && error.code === 'ERR_INVALID_INPUT' && error.path === 'allow'
  if (!isRule || !error.message.includes('was deleted')) return error
  return new UsageError(
    'A secret of this tag was deleted. To set it again, say where it may be sent: --allow-host HOST, or --any-host. Nothing was stored.',
  )
}

async function readValue(host: Host, tag: string, type: SecretType | undefined): Promise<SecretInput['value']> {
  const isFields = type !== undefined && FIELD_TYPES.includes(type)
  const text = canAsk(host)
    ? await askHidden(host, isFields ? `The fields of ${tag}, as one line of JSON:` : `The value of ${tag}:`)
    : await readInput(host)
  if (text === '') throw new UsageError('Nothing was typed; nothing was stored.')
  return isFields ? fieldsOf(text) : text
}

function fieldsOf(text: string): SecretInput['value'] {
  try {
    return JSON.parse(text) as SecretInput['value']
  } catch {
    throw new UsageError(
      'A secret of this type has fields: give them as JSON, such as {"username":"app","password":"…"}.',
    )
  }
}

function inputOf(tag: string, value: SecretInput['value'], options: SetOptions): SecretInput {
  const { type, name, allowHost, allowIn, anyHost } = options
  if (allowHost !== undefined && anyHost === true) {
    throw new UsageError('Give --allow-host or --any-host, not both.')
  }
  if (allowIn !== undefined && allowHost === undefined) {
    throw new UsageError('Give --allow-host with --allow-in: a rule is given whole.')
  }
  const rule = allowHost && { hosts: [...allowHost], ...(allowIn && { in: [...allowIn] }) }
  const allow = rule ?? (anyHost === true ? null : undefined)
  const members = { tag, value, ...(type && { type }), ...(name && { name }), ...(allow !== undefined && { allow }) }
  return members as SecretInput
}

export async function list(host: Host, session: Session): Promise<number> {
  const { where } = await requireContents(session.vault, session.workspace)
  const listed = session.view.list()
  const secrets: SecretInfo[] = []
  for await (const info of listed) secrets.push(info)
  if (session.options.json === true) await printJson(host, secrets)
  else if (secrets.length > 0) await print(host, tableOf(secrets, host.stdout.columns))
  if (secrets.length === 0) note(host, `There is no secret in this environment of ${where}.`)
  const { unreadable } = listed
  if (unreadable.length === 0) return EXIT.done
  note(host, `Not readable: ${unreadable.join(', ')}. Restore these records from a backup, or delete them.`)
  return EXIT.failed
}

export async function show(host: Host, session: Session, tag: string): Promise<number> {
  await requireContents(session.vault, session.workspace)
  const info = await session.view.describe(tag)
  if (info === undefined) throw await notThere(session, tag)
  await (session.options.json === true ? printJson(host, info) : print(host, detailsOf(info)))
  return EXIT.done
}

export async function remove(host: Host, session: Session, tag: string, options: DeleteOptions): Promise<number> {
  // deleting itself needs no key, but whoever has the wrong one is perhaps in the wrong place
  await requireKeyring(session)
  const info = await session.view.describe(tag).catch(() => 'unreadable' as const)
  if (info === undefined) throw await notThere(session, tag)
  const confirm = options.confirm ?? (await typedAgain(host, tag))
  if (confirm !== tag) throw new CommandError('That is not its tag. Nothing was deleted.')
  await session.view.delete(tag, { confirm })
  if (session.options.json === true) await printJson(host, { deleted: tag })
  note(host, `Deleted: ${tag}. Revoke the token where it was made, too: copies of it may be in backups.`)
  return EXIT.done
}

async function typedAgain(host: Host, tag: string): Promise<string> {
  if (canAsk(host)) return askText(host, `Deleting cannot be undone. Type ${tag} to delete it:`)
  throw new UsageError('Deleting cannot be undone, and nobody can be asked here. Add: --confirm TAG')
}

/**
 * Says so and where it was looked for, with the tag that was perhaps meant. A tag that may be a value in the wrong place is
 * not repeated.
 */
async function notThere({ vault, view, workspace, place }: Session, tag: string): Promise<Error> {
  const tags: string[] = []
  let environment = ownValue(place, 'environment')
  for await (const info of view.list()) {
    tags.push(info.tag)
    environment ??= info.environment
  }
  const { where, workspace: name } = await inspectStorage(vault, workspace)
  const words = wordsOf(tag)
  const what = words === undefined ? 'such secret' : `secret ${words}`
  const at = environment === undefined ? 'this environment' : `the environment "${environment}"`
  return new CommandError(
    `There is no ${what} in ${at} of the workspace "${name}", in ${where}. ${hintAmong(tags, tag)}`,
  )
}

function hintAmong(tags: readonly string[], tag: string): string {
  const meant = suggest(tag, tags)
  if (meant !== undefined) return `Did you mean ${meant}?`
  if (tags.length === 0) return 'Nor is any other there; look at --environment and --workspace.'
  const shown = tags.slice(0, MAX_SHOWN).join(', ')
  return tags.length > MAX_SHOWN ? `There are ${shown}, and more: guillemet list` : `There is ${shown}.`
}

function placeOf({ workspace, environment }: SecretInfo): string {
  return `${workspace}/${environment}`
}
