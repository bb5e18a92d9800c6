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
import { type RuleOptions, ruleOf } from './rule.ts'
import {
  type CommonOptions,
  placeTyped,
  requireContents,
  requireKeyring,
  requireTypedName,
  type Session,
} from './session.ts'
import { ANYWHERE, hostsOf, ownInfo, secretDetails, tableOf } from './tables.ts'

/** Options of `set`. */
export interface SetOptions extends CommonOptions, RuleOptions {
  readonly type?: SecretType
  readonly name?: string
  readonly keepValue?: boolean
}

/** Options of `delete`. */
export interface DeleteCommandOptions extends CommonOptions {
  readonly confirm?: string
}

type SetInput = Partial<Pick<SecretInput, 'type' | 'name' | 'allow' | 'value'>>

/** How many tags are named where none is near. */
const MAX_SHOWN = 5
const FIELD_TYPES: readonly SecretType[] = ['basicAuth', 'authentication', 'database', 'custom']

export async function set(host: Host, session: Session, tag: string, options: SetOptions): Promise<number> {
  requireTypedName(tag, 'tag')
  await requireKeyring(session)
  const known = await describedSecret(session, tag, options)
  if (known === undefined && options.keepValue === true) throw await notThere(session, tag)
  const changes = changesOf(options, known)
  const isKept = options.keepValue === true
  const value = isKept ? undefined : await askValue(host, tag, options.type ?? known?.type)
  const info = ownInfo(await store(session, tag, known, { ...changes, ...(value !== undefined && { value }) }))
  if (options.json === true) await printJson(host, info)
  const done = known === undefined ? 'Stored' : info.version === known.version ? 'Unchanged' : 'Changed'
  note(host, `${done}: ${tag}, version ${info.version}, in ${shownPlace(info)}. Use it as ${referenceTo(tag)}`)
  if (hostsOf(info) === ANYWHERE) {
    const command = `guillemet set ${tag} --keep-value${placeTyped(options)} --allow-host api.example.com`
    note(host, `It may be sent anywhere; bind it with: ${command}`)
  }
  for (const { says } of ruleWarnings(withoutPrototype({ hosts: undefined, in: undefined, ...info.allow }))) {
    note(host, `The rule of ${tag} ${says}.`)
  }
  return EXIT.done
}

/**
 * What is known of the secret. Where parts of its rule are to stay, it is opened: what is merely stored is not authenticated,
 * and would be by this very change.
 */
async function describedSecret(
  { view }: Session,
  tag: string,
  { allowHost, allowIn, anyHost }: RuleOptions,
): Promise<SecretInfo | undefined> {
  const stored = await view.describe(tag)
  const isMerged = allowHost !== undefined || allowIn !== undefined || anyHost === true
  return stored === undefined || !isMerged ? stored : view.update(tag, {})
}

/** What is changed besides the value; looked at before that is asked for, so that nobody types it in vain. */
function changesOf(options: SetOptions, known: SecretInfo | undefined): Omit<SetInput, 'value'> {
  const { type, name, keepValue } = options
  if (keepValue === true && type !== undefined) throw new UsageError('Give --type or --keep-value, not both.')
  const allow = ruleOf(options, known)
  if (keepValue === true && name === undefined && allow === undefined) {
    throw new UsageError('Say with --keep-value what is to change: --allow-host, --allow-in, --any-host or --name.')
  }
  return { ...(type && { type }), ...(name && { name }), ...(allow !== undefined && { allow }) }
}

/**
 * Stores it. A rule that was put together out of the one that is there, or a value that stays, is for that version alone: what
 * somebody else has changed meanwhile is a conflict.
 */
async function store(
  { view }: Session,
  tag: string,
  known: SecretInfo | undefined,
  changes: SetInput,
): Promise<SecretInfo> {
  const { type, value, ...patch } = changes
  if (
    known !== undefined &&
    (type === undefined || type === known.type) &&
    (value === undefined || patch.allow !== undefined)
  ) {
    return view.update(tag, { ...patch, ...(value !== undefined && { value }) }, { ifVersion: known.version })
  }
  return view
    .set({ tag, ...changes } as SecretInput)
    .catch((error: unknown) => Promise.reject(ownValue(changes, 'allow') === undefined ? withoutRule(error) : error))
}

/** The same error of a call without a rule; where it wants one, since there was a secret that was deleted, with the options that say it. */
function withoutRule(error: unknown): unknown {
  const isRule = error instanceof GuillemetError && error.code === 'ERR_INVALID_INPUT' && error.path === 'allow'
  if (!isRule) return error
  return new UsageError(
    'A secret of this tag was deleted. To set it again, say where it may be sent: --allow-host HOST, --allow-in PLACE, or --any-host. Nothing was stored.',
  )
}

async function askValue(host: Host, tag: string, type: SecretType | undefined): Promise<SecretInput['value']> {
  const isFields = type !== undefined && FIELD_TYPES.includes(type)
  const text = canAsk(host)
    ? await askHidden(host, isFields ? `The fields of ${tag}, as one line of JSON:` : `The value of ${tag}:`)
    : await readInput(host)
  if (text === '') throw new UsageError('Nothing was typed; nothing was stored.')
  return isFields ? parseFields(text) : text
}

function parseFields(text: string): SecretInput['value'] {
  try {
    return JSON.parse(text) as SecretInput['value']
  } catch {
    throw new UsageError(
      'A secret of this type has fields: give them as JSON, such as {"username":"app","password":"…"}.',
    )
  }
}

export async function listSecrets(host: Host, session: Session): Promise<number> {
  const { where } = await requireContents(session)
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
  requireTypedName(tag, 'tag')
  await requireContents(session)
  const info = await session.view.describe(tag)
  if (info === undefined) throw await notThere(session, tag)
  await (session.options.json === true ? printJson(host, info) : print(host, secretDetails(info)))
  return EXIT.done
}

export async function remove(
  host: Host,
  session: Session,
  tag: string,
  options: DeleteCommandOptions,
): Promise<number> {
  requireTypedName(tag, 'tag')
  // deleting itself needs no key, and is the way on where it is lost; whoever has the wrong one is perhaps in the wrong place
  if ((await requireContents(session)).given.length > 0) await requireKeyring(session)
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

function shownPlace({ workspace, environment }: SecretInfo): string {
  return `${workspace}/${environment}`
}
