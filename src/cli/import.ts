/** `import`: shows what would happen, asks, stores, reads back, and only then puts another file in place of the old one. */

import { randomUUID } from 'node:crypto'
import { readFile, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type EnvEntry, type ImportEnvOptions, importEnv } from '../admin.ts'
import { kindOf } from '../errors.ts'
import { suggest } from '../suggest.ts'
import { CommandError, EXIT, type Host, note, printJson, UsageError, wordsOf } from './host.ts'
import { syncFolder, writeDurably } from './key-file.ts'
import { askNames, askYes, canAsk } from './prompts.ts'
import { requireKeyring, type Session } from './session.ts'

/** Options of `import`. */
export interface ImportOptions {
  readonly only?: readonly string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** Why a line stays as it is, in words. */
const REASONS: Readonly<Record<string, string>> = {
  'left-over': 'its line holds more than the value that was read',
  'second-reading': 'another parser would read another value',
  'multi-line': 'its value has several lines',
  pointer: 'another tool keeps the secret, and reads this',
  'stand-in': 'it is there in place of a value',
  expansion: 'it holds $, which some parsers expand',
  duplicate: 'the name is there several times',
  bom: 'a byte order mark stands before it',
  deleted: 'a secret of this name was deleted',
  'not-a-tag': 'the name cannot be a tag',
  'not-read': 'the parser does not read it',
  'not-located': 'its value was not found in the text',
  'not-replaceable': 'the parser would not read a reference there',
  'not-text': 'it is not a text',
  empty: 'it is empty',
  reference: 'it is a reference already',
  'vault-key': 'it opens a vault and must stay outside of it; keep a copy of it somewhere else',
  'not-a-value': 'it is a mask, or too long',
  'other-type': 'a secret with fields has this name',
}

/** What a message repeats of a file that may not be what was meant. */
const NAME = /^[\w.-]{1,128}$/

export async function importFile(host: Host, session: Session, file: string, options: ImportOptions): Promise<number> {
  await requireKeyring(session)
  const path = await realPathOf(host, file)
  const bytes = await readFile(path)
  const text = textOfFile(bytes, file)
  const parse = text.trimStart().startsWith('{') ? parseJsonMap : parseEnv
  const call: ImportEnvOptions = { parse, ...session.place }
  const preview = await importEnv(session.vault, text, { ...call, dryRun: true })
    .then(({ entries }) => requireKnownNames(options.only ?? [], entries, basename(path)))
    .then(() =>
      importEnv(session.vault, text, { ...call, ...(options.only && { select: options.only }), dryRun: true }),
    )
  for (const line of previewOf(preview.entries)) note(host, line)
  const select = options.dryRun === true ? [] : await chosen(host, preview.entries, options, basename(path))
  if (select.length === 0) {
    if (session.options.json === true) await printJson(host, preview.entries)
    note(host, `Nothing was stored, and ${basename(path)} is as it was.`)
    tellRest(host, preview.entries, basename(path))
    return exitCodeOf(preview.entries, options)
  }
  const imported = await importEnv(session.vault, text, { ...call, select })
  await replaceFile(path, bytes, imported.text)
  if (session.options.json === true) await printJson(host, imported.entries)
  note(host, `Stored and read back: ${select.join(', ')}. ${basename(path)} holds references in their place.`)
  tellRest(host, imported.entries, basename(path), select)
  note(
    host,
    `A program that loads ${basename(path)} itself, as node --env-file and dotenv do, now gets the references as they stand. Start it with runProcess, write a file for it with renderDotenv, or call resolveEnv in it: docs/PROCESS.md of guillemet`,
  )
  note(
    host,
    'Was the file ever committed or sent? Then its old values are there still: change them where they were made.',
  )
  return exitCodeOf(imported.entries, options)
}

/** As programs read it that take a byte order mark, which editors of Windows write. */
const parseJsonMap: ImportEnvOptions['parse'] = (text) => JSON.parse(text.replace(/^\ufeff/, ''))

/**
 * Not done where text of a secret may stay beside its reference, and where nobody has chosen and a secret stays. What opens a
 * vault is meant to stay, and what another tool reads.
 */
function exitCodeOf(entries: readonly EnvEntry[], { only, yes, dryRun }: ImportOptions): number {
  if (dryRun === true) return EXIT.done
  const isReplaced = ({ isImported, refusal }: EnvEntry) => isImported || refusal === 'reference'
  const hasRest = entries.some((entry) => isReplaced(entry) && entry.restLines.length > 0)
  const isMeantToStay = ({ refusal, doubts }: EnvEntry) =>
    refusal === 'vault-key' || refusal === 'empty' || doubts.includes('pointer')
  const stays = entries.some((entry) => entry.isSecret && !isReplaced(entry) && !isMeantToStay(entry))
  return hasRest || (yes === true && only === undefined && stays) ? EXIT.failed : EXIT.done
}

async function chosen(
  host: Host,
  entries: readonly EnvEntry[],
  { only, yes }: ImportOptions,
  file: string,
): Promise<readonly string[]> {
  const names = entries.filter(({ isImported }) => isImported).map(({ name }) => name)
  if (yes === true) return names
  if (!canAsk(host)) throw new UsageError('Nobody can be asked here. Look with --dry-run, and then add: --yes')
  if (only !== undefined) return names.length > 0 && (await askYes(host, question(names.length, file))) ? names : []
  const possible = entries.filter(({ refusal, doubts }) => refusal === undefined && doubts.length === 0)
  if (possible.length === 0) return []
  const choices = possible.map(({ name, state, isImported }) => ({
    value: name,
    name: state === 'changed' ? `${name} (replaces another value that is stored)` : name,
    checked: isImported,
  }))
  const picked = await askNames(host, 'Which of them are secrets?', choices)
  return picked.length > 0 && (await askYes(host, question(picked.length, file))) ? picked : []
}

/**
 * The names of `--only` are in the file and can be imported.
 *
 * @throws UsageError with the name; one that may be a value in the wrong place is not repeated
 */
function requireKnownNames(only: readonly string[], entries: readonly EnvEntry[], file: string): void {
  for (const name of only) {
    const entry = entries.find((one) => one.name === name)
    if (entry !== undefined && entry.refusal === undefined) continue
    if (entry !== undefined) {
      throw new UsageError(
        `--only ${shownName(name)}: it cannot be imported, since ${REASONS[entry.refusal!]} (line ${entry.line}). Nothing was stored.`,
      )
    }
    const meant = suggest(
      name,
      entries.map((one) => one.name),
    )
    const hint = meant === undefined ? 'To see all names: --dry-run' : `Did you mean ${meant}?`
    const said = wordsOf(name) ?? '(a name that is not shown)'
    throw new UsageError(`--only ${said}: there is no such name in ${file}. ${hint} Nothing was stored.`)
  }
}

/** Where text of a secret may still stand although its name has a reference, from this run or an earlier one. */
function tellRest(host: Host, entries: readonly EnvEntry[], file: string, imported: readonly string[] = []): void {
  const replaced = entries.filter(({ name, refusal }) => imported.includes(name) || refusal === 'reference')
  const rest = replaced.filter(({ restLines }) => restLines.length > 0)
  if (rest.length === 0) return
  const places = rest.map(
    ({ name, restLines }) =>
      `${shownName(name)} (${restLines.length === 1 ? 'line' : 'lines'} ${restLines.join(', ')})`,
  )
  note(
    host,
    `NOT ALL OF IT IS GONE: text that may be a part of a secret stays in ${file}: ${places.join(', ')}. Look at these lines.`,
  )
}

function question(count: number, file: string): string {
  return `Store ${count === 1 ? 'this value' : `these ${count} values`} and put ${count === 1 ? 'a reference' : 'references'} into ${file}?`
}

function previewOf(entries: readonly EnvEntry[]): string[] {
  const width = Math.max(0, ...entries.map(({ name }) => name.length))
  return entries.map((entry) => `${shownName(entry.name).padEnd(width)}  ${fateOf(entry)}`)
}

function fateOf({ name, state, doubts, refusal, isImported, isSecret, line }: EnvEntry): string {
  const reasons = refusal === undefined ? doubts : [refusal]
  const why = reasons.map((reason) => REASONS[reason] ?? reason).join('; ')
  if (isImported)
    return state === 'same' ? 'is stored already: gets its reference' : `will be stored${why && `, although ${why}`}`
  if (refusal !== undefined) return `stays: ${why}`
  const option = `--only ${NAME.test(name) ? name : 'NAME'}`
  if (why !== '') return `stays: ${why} (line ${line}; to import it as it was read: ${option})`
  if (state === 'changed') return `stays: another value is stored under this name (to replace that one: ${option})`
  return isSecret ? 'stays' : 'stays: does not look like a secret'
}

function shownName(name: string): string {
  return NAME.test(name) ? name : '(a name that is not shown)'
}

async function realPathOf(host: Host, file: string): Promise<string> {
  try {
    // the file itself, where the name is a link: a link must stay one
    const path = await realpath(resolve(host.cwd, file))
    if ((await stat(path)).isFile()) return path
  } catch {
    // told below
  }
  throw new UsageError('There is no such file; give the path of a .env file, or of a JSON map.')
}

function textOfFile(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CommandError(`${basename(file)} is not UTF-8 text. Save it as UTF-8 first; nothing was stored.`)
  }
}

/**
 * Puts the text in place of the file: written beside it, read back, and renamed.
 *
 * @throws CommandError when somebody has changed the file meanwhile, or it cannot be written: then it is as it was
 */
async function replaceFile(path: string, before: Uint8Array, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    const { mode } = await stat(path)
    await writeDurably(draft, text, mode & 0o777)
    const isWhole = (await readFile(draft, 'utf8')) === text
    if (!isWhole || !(await readFile(path)).equals(before)) {
      throw new CommandError(
        `${basename(path)} was changed by somebody meanwhile. The secrets are stored; run the import again.`,
      )
    }
    await rename(draft, path)
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `${basename(path)} could not be written (${kindOf(error)}), and is as it was. The secrets are stored; run the import again.`,
    )
  }
  await syncFolder(dirname(path))
}
