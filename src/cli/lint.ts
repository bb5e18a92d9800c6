/** `guillemet lint`: findings of files, printed as a compiler does. Opens no vault, and prints nothing of what it warns of. */

import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromUtf8 } from '../bytes.ts'
import { codeOf } from '../errors.ts'
import { type Finding, lint } from '../template.ts'
import { EXIT, type Host, note, print, printJson, wordsOf } from './host.ts'
import { printable } from './tables.ts'

/** A larger file is nobody's configuration. */
const MAX_LINTED_BYTES = 16 * 1024 * 1024

/** Of a workflow of GitHub, Gitea or Forgejo, or of an action: `${{ secrets.NAME }}` is theirs. */
const WORKFLOW = /(?:^|[\\/])(?:\.(?:github|gitea|forgejo)[\\/]workflows[\\/][^\\/]+|action)\.ya?ml$/

/** Says in a comment that the warnings of its line are known and fine; in a line of its own, those of the next line. */
const IGNORE = /\bguillemet-ignore\b/
const IGNORE_NEXT = /^\W*guillemet-ignore\b/

/** One file: its findings, or why it was not read. */
interface LintedFile {
  readonly file: string
  readonly findings: readonly Judged[]
  /** How many warnings a comment says to leave out. */
  readonly ignored: number
  readonly unread?: string
}

/** A finding, and whether the exit code is 1 for it: an error, or a credential that others may have read. */
type Judged = Finding & { readonly mustBeCorrected: boolean }

/** Findings of every file, and what was not read, which holds up no other. */
export async function lintFiles(
  host: Host,
  files: readonly string[],
  options: { readonly json?: boolean },
): Promise<number> {
  const results: LintedFile[] = []
  let isMistyped = false
  for (const file of files) {
    const read = await readFileText(resolve(host.cwd, file))
    if (typeof read === 'string') results.push({ file, ...findingsOf(resolve(host.cwd, file), read) })
    else results.push({ file: read.isMissing ? shownFile(file) : file, findings: [], ignored: 0, unread: read.why })
    isMistyped ||= typeof read !== 'string' && read.isMistyped
  }
  if (options.json === true) await printJson(host, results)
  else await print(host, results.flatMap(({ file, findings }) => findings.map((each) => blockOf(file, each))).join(''))
  const unread = results.filter((each) => each.unread !== undefined)
  for (const { file, unread: why } of unread) note(host, `${printable(file)}: not read (${why})`)
  const all = results.flatMap(({ findings }) => findings)
  const wrong = all.filter(({ mustBeCorrected }) => mustBeCorrected).length
  const counts = [counted(files.length - unread.length, 'file'), counted(all.length, 'finding')]
  const ignored = results.reduce((sum, each) => sum + each.ignored, 0)
  const left = ignored === 0 ? '' : ` ${counted(ignored, 'warning')} left out by guillemet-ignore.`
  note(host, `${counts.join(', ')}, ${wrong} of them to be corrected.${left}`)
  if (isMistyped) return EXIT.usage
  return wrong + unread.length === 0 ? EXIT.done : EXIT.failed
}

function findingsOf(path: string, text: string): Pick<LintedFile, 'findings' | 'ignored'> {
  const isOfGitHub = ({ code, caret }: Finding) => code === 'WARN_DIALECT' && caret?.includes('${{') === true
  const found = WORKFLOW.test(path) ? lint(text).filter((each) => !isOfGitHub(each)) : lint(text)
  const findings = found.filter(isWanted(text))
  const judged = findings.map((each) => ({
    ...each,
    mustBeCorrected: each.severity === 'error' || each.code === 'WARN_LITERAL_SECRET',
  }))
  return { findings: judged, ignored: found.length - findings.length }
}

/** Whether a finding is shown: an error always is, since what has it cannot be resolved. */
function isWanted(text: string): (finding: Finding) => boolean {
  if (!IGNORE.test(text)) return () => true
  const lines = text.split('\n')
  const isMarked = (line: number) => IGNORE.test(lines[line - 1]!) || IGNORE_NEXT.test(lines[line - 2] ?? '')
  return ({ severity, line }) => severity === 'error' || line === undefined || !isMarked(line)
}

/** Why a file was not read; its name alone is wrong where that is missing, or names a folder. */
interface Unread {
  readonly why: string
  readonly isMissing: boolean
  readonly isMistyped: boolean
}

async function readFileText(path: string): Promise<string | Unread> {
  try {
    const bytes = await readFileBytes(path)
    if (bytes === undefined) return { why: 'larger than 16 MiB', isMissing: false, isMistyped: false }
    return fromUtf8(bytes) ?? { why: 'not UTF-8', isMissing: false, isMistyped: false }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EISDIR') return { why: 'a folder; name its files', isMissing: false, isMistyped: true }
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG'
    return { why: isMissing ? 'there is no such file' : (code ?? 'unknown'), isMissing, isMistyped: isMissing }
  }
}

/** The bytes of a file; undefined where there are too many. */
async function readFileBytes(path: string): Promise<Uint8Array | undefined> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    return size > MAX_LINTED_BYTES ? undefined : await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** What names no file may be a value in the wrong place: only plain words of it are shown. */
function shownFile(file: string): string {
  const isPlain = file.split(/[\\/.]/).every((part) => part === '' || wordsOf(part) !== undefined)
  return isPlain ? file : '(a name that is not shown)'
}

function blockOf(file: string, { code, severity, line, column, message, suggestion, caret }: Finding): string {
  const place = `${printable(file)}:${line ?? 1}:${column ?? 1}`
  const lines = [`${place}: ${severity} ${code}: ${message}`]
  // of a credential without a name there is nothing to show
  if (caret !== undefined && !caret.startsWith('…\n'))
    lines.push(...caret.split('\n').map((each) => `    ${printable(each)}`))
  if (suggestion !== undefined && !message.includes(suggestion)) lines.push(`    perhaps: ${suggestion}`)
  return `${lines.join('\n')}\n`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
