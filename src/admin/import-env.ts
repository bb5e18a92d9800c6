/** `importEnv`: the secrets of a `.env` text or JSON map go into the vault, and references take their place. */

import { GuillemetError } from '../errors.ts'
import { ownValue, withoutUndefined } from '../plain-object.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { createSecret, updateSecret } from '../vault/change.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireKeyrings, type View, viewWith } from '../vault/view.ts'
import { type Assignment, assignmentsOf, type ParsedEnv } from './env-assignments.ts'
import { looksSecret } from './env-looks.ts'
import type { EnvDoubt } from './env-value.ts'
import { isJsonMap, jsonMembersOf } from './json-assignments.ts'
import { type EnvRefusal, type KnownSecret, knownSecret, refusalOf, requireStored, storedText } from './known-secret.ts'
import { linesThatHold } from './left-lines.ts'
import { isReadAs, type Parse, parsedBy, withReferences } from './replaced-text.ts'

/** What `importEnv` takes besides the vault and the text. */
export interface ImportEnvOptions {
  /** What reads the text for your program: `parseEnv` of `node:util`, `parse` of dotenv, `JSON.parse` for a JSON map. */
  readonly parse: (text: string) => unknown
  /**
   * The names to import. One that is named is imported in spite of its doubts, as the parser read it; one that has a
   * `refusal` cannot be.
   *
   * @default names and values that look like secrets, without doubts, and not stored with another value already
   */
  readonly select?: readonly string[] | undefined
  /** Only looks: nothing is stored, and the text comes back as it is. @default false */
  readonly dryRun?: boolean | undefined
  /** The workspace to import into. @default that of the vault */
  readonly workspace?: string
  /** The environment to import into. @default that of the vault */
  readonly environment?: string
}

/** One name of the text. It never holds a value. */
export interface EnvEntry {
  /** The name of the variable, which is the tag of its secret. */
  readonly name: string
  /** The line of the text, from 1; 0 where the parser knows a name that was not found in the text. */
  readonly line: number
  /** What the vault has under this name: nothing, another value, or this one; `refused` where it cannot be imported. */
  readonly state: 'new' | 'changed' | 'same' | 'refused'
  /** Whether name or value look like those of a secret. */
  readonly isSecret: boolean
  /** Why it is imported only when it is named in `select`. */
  readonly doubts: readonly EnvDoubt[]
  /** With the state `refused`: why. */
  readonly refusal?: EnvRefusal
  /**
   * The lines, from 1, with text that may belong to the value and stays next to its reference: after the value, in an earlier
   * line of the same name, or in lines that are none of a `.env` file. Also every line that holds the value itself, in a comment
   * too, once a reference stands in its place. Look at them: a part of the secret may be there still.
   */
  readonly restLines: readonly number[]
  /** Whether its secret is in the vault, and a reference in the text; in a dry run, whether that would be so. */
  readonly isImported: boolean
}

/** What `importEnv` gives back. */
export interface ImportedEnv {
  /** The text with references in place of the values that were imported; every other character is as it was. */
  readonly text: string
  /** Every name of the text, in its order. */
  readonly entries: readonly EnvEntry[]
}

const IMPORT_OPTIONS = ['parse', 'select', 'dryRun', 'workspace', 'environment'] as const
/** UTF-16 code units of a text. */
const MAX_IMPORT_LENGTH = 4 * 1024 * 1024

interface ImportCandidate {
  readonly assignment: Assignment
  readonly value: string | undefined
  /** Of a name that has its reference already: what is stored, which must not stand in the text any more. */
  readonly stored: string | undefined
  /** The version that the state was read from: nothing that was stored since is written over. */
  readonly version: number
  readonly entry: EnvEntry
}

/**
 * Puts the secrets of a `.env` text or a JSON map into the vault, and gives the text back with references in their place.
 *
 * What the parser gave is held against the raw text, since parsers disagree about comments, escapes and line breaks, and the
 * rewritten text is the only one that is left: a value that is not all of its line is listed with its doubts, and stays.
 * The text that comes back was read by the parser once more, and every secret was read back from the storage, before it
 * is returned; keep your file until then. What opens a vault is never moved into one and stays. What fails in the middle can be called again. A value that was named in spite of
 * its doubts may leave a part of itself in the text: `restLines` says where.
 *
 * @param vault the one that `createVault` has made
 * @param text the whole file, at most 4 MiB
 * @throws ERR_PERMISSION_DENIED for a view, since telling whether a value is the stored one is for administrators;
 *   ERR_INVALID_INPUT for a text that the parser does not read, a name in `select` that is not in it or is refused;
 *   ERR_SECRET_EXISTS or ERR_CONFLICT for a secret that somebody has stored meanwhile, which is left; ERR_OUTCOME_UNKNOWN
 *   when one did not come back as it was written; what `create` and `update` throw
 * @example
 * ```ts
 * const { text, entries } = await importEnv(vault, readFileSync('.env', 'utf8'), { parse: parseEnv })
 * writeFileSync('.env', text) // STRIPE_KEY=<< secrets.STRIPE_KEY >>
 * ```
 */
export async function importEnv(vault: Vault, text: string, options: ImportEnvOptions): Promise<ImportedEnv> {
  const { parse, select, dryRun, workspace, environment } = readImportOptions(options)
  const isDryRun = requireBoolean(dryRun, 'dryRun')
  const view = viewWith(rootViewOf(vault), withoutUndefined({ workspace, environment }))
  if (typeof text !== 'string' || text.length > MAX_IMPORT_LENGTH) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The text must be that of a file of at most 4 MiB.')
  }
  const parsed = parsedBy(parse, text)
  const located = isJsonMap(text) ? jsonMembersOf(text, parsed) : assignmentsOf(text, parsed)
  const candidates = replaceable(await importCandidates(view, parsed, located), text, parse, parsed, view)
  const chosen = chosenOf(candidates, select)
  const imported = withReferences(text, chosen, view.root.syntax)
  const entries = candidates.map((one) => entryOf(one, chosen.includes(one), imported))
  if (!isReadAs(parse, imported, parsed, chosen, view.root.syntax)) {
    const message = 'The parser reads the text with references in another way; import fewer names at once.'
    throw new GuillemetError('ERR_INVALID_INPUT', `${message} Nothing was written.`)
  }
  if (isDryRun || chosen.length === 0) return { text, entries }
  for (const { value, version, entry } of chosen) {
    await view.root.turns.next()
    if (entry.state === 'new') await createSecret(view, { tag: entry.name, value: value! })
    if (entry.state === 'changed') await updateSecret(view, entry.name, { value: value! }, { ifVersion: version })
  }
  for (const { value, entry } of chosen) await requireStored(view, entry.name, value!)
  return { text: imported, entries }
}

function readImportOptions(given: ImportEnvOptions): ImportEnvOptions {
  const options = readOptions(given, 'options of importEnv', IMPORT_OPTIONS, suggest)
  if (typeof options.parse !== 'function') {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option parse must be the function that reads the file: parseEnv of node:util, or parse of dotenv.',
    )
  }
  if (options.select !== undefined && !Array.isArray(options.select)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The option select must be a list of names.')
  }
  return options
}

/** The entry of a name, with the lines of the new text that hold its value still. */
function entryOf({ entry, value, stored }: ImportCandidate, isImported: boolean, text: string): EnvEntry {
  const left = linesThatHold(text, (isImported ? value : stored) ?? '')
  const restLines = [...new Set([...entry.restLines, ...left])].sort((a, b) => a - b)
  return { ...entry, restLines, isImported }
}

/** Every name of text and parser, with what the vault has under it. */
async function importCandidates(
  view: View,
  parsed: ParsedEnv,
  located: ReadonlyMap<string, Assignment>,
): Promise<readonly ImportCandidate[]> {
  const candidates: ImportCandidate[] = []
  const keys = new Set<string>()
  for (const assignment of located.values()) {
    keys.add(assignment.key)
    candidates.push(await candidateOf(view, assignment, ownValue(parsed, assignment.key)))
  }
  for (const key of Object.keys(parsed)) {
    if (keys.has(key)) continue
    candidates.push(await candidateOf(view, notInText(key), ownValue(parsed, key)))
  }
  return candidates
}

function notInText(key: string): Assignment {
  return { name: key, key, line: 0, hasText: false, raw: '', span: undefined, restLines: [] }
}

async function candidateOf(view: View, assignment: Assignment, given: unknown): Promise<ImportCandidate> {
  const { name, line, raw, span, restLines } = assignment
  const value = typeof given === 'string' ? given : undefined
  const isSecret = looksSecret(name, given ?? raw)
  const importer = { syntax: view.root.syntax, providers: requireKeyrings(view).providers }
  let refusal = refusalOf(name, given, span !== undefined, importer)
  let known: KnownSecret = { state: 'new', isDeleted: false, version: 0 }
  if (refusal === undefined) known = await knownSecret(view, name, value!)
  const stored = refusal === 'reference' ? await storedText(view, name) : undefined
  if (known.state === 'other-type') refusal = 'other-type'
  const state = refusal !== undefined || known.state === 'other-type' ? 'refused' : known.state
  // a reference looks like a stand-in, and is there in place of its own value
  const mayStandIn = isSecret && refusal !== 'reference'
  const inText = span?.doubts.filter((doubt) => doubt !== 'stand-in' || mayStandIn) ?? []
  const doubts: readonly EnvDoubt[] = [...inText, ...(known.isDeleted ? (['deleted'] as const) : [])]
  const entry: EnvEntry = { name, line, state, isSecret, doubts, restLines, isImported: false }
  return {
    assignment,
    value,
    stored,
    version: known.version,
    entry: refusal === undefined ? entry : { ...entry, refusal },
  }
}

/**
 * The same candidates; those that the parser would not read back as their reference, or whose reference would change
 * another value, are refused.
 */
function replaceable(
  candidates: readonly ImportCandidate[],
  text: string,
  parse: Parse,
  parsed: ParsedEnv,
  { root: { syntax } }: View,
): readonly ImportCandidate[] {
  const importable = candidates.filter(({ entry }) => entry.refusal === undefined)
  if (isReadAs(parse, withReferences(text, importable, syntax), parsed, importable, syntax)) return candidates
  return candidates.map((candidate) => {
    const { entry } = candidate
    if (entry.refusal !== undefined) return candidate
    if (isReadAs(parse, withReferences(text, [candidate], syntax), parsed, [candidate], syntax)) return candidate
    return { ...candidate, entry: { ...entry, state: 'refused', refusal: 'not-replaceable' } }
  })
}

function chosenOf(
  candidates: readonly ImportCandidate[],
  select: readonly string[] | undefined,
): readonly ImportCandidate[] {
  if (select === undefined) {
    return candidates.filter(
      ({ entry: { isSecret, doubts, state } }) =>
        isSecret && doubts.length === 0 && (state === 'new' || state === 'same'),
    )
  }
  const names = candidates.map(({ entry }) => entry.name)
  for (const name of select) {
    const found = candidates.find(({ entry }) => entry.name === name)
    if (found === undefined) throw noSuchName(name, names)
    const { refusal } = found.entry
    if (refusal === undefined) continue
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The variable at \`path\` cannot be imported (${refusal}); leave it out of select. Nothing was written.`,
      { path: name },
    )
  }
  return candidates.filter(({ entry }) => select.includes(entry.name))
}

/** The name may be a value in the wrong place, so it is not repeated. */
function noSuchName(name: unknown, names: readonly string[]): GuillemetError {
  const suggestion = typeof name === 'string' ? suggest(name, names) : undefined
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
  return new GuillemetError('ERR_INVALID_INPUT', `A name in select is not in the text${hint}. Nothing was written.`, {
    suggestion,
  })
}
