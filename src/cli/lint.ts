/** `guillemet lint`: findings of files, printed as a compiler does. Opens no vault, and prints nothing of what it warns of. */

import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromUtf8 } from '../bytes.ts'
import { type Finding, lint } from '../template.ts'
import { CommandError, EXIT, type Host, note, print, printJson } from './host.ts'
import { printable } from './tables.ts'

/** A larger file is nobody's configuration. */
const MAX_BYTES = 16 * 1024 * 1024

/** Findings of every file; the exit code says whether one is an error, or a credential that others may have read. */
export async function lintFiles(
  host: Host,
  files: readonly string[],
  options: { readonly json?: boolean },
): Promise<number> {
  const results: { readonly file: string; readonly findings: readonly Finding[] }[] = []
  for (const file of files) results.push({ file, findings: lint(await readText(host, file)) })
  if (options.json === true) await printJson(host, results)
  else await print(host, results.flatMap(({ file, findings }) => findings.map((each) => blockOf(file, each))).join(''))
  const all = results.flatMap(({ findings }) => findings)
  const wrong = all.filter(({ code, severity }) => severity === 'error' || code === 'WARN_LITERAL_SECRET').length
  note(host, `${counted(files.length, 'file')}, ${counted(all.length, 'finding')}, ${wrong} of them to be corrected.`)
  return wrong === 0 ? EXIT.done : EXIT.failed
}

async function readText(host: Host, file: string): Promise<string> {
  const text = await readBytes(resolve(host.cwd, file)).then(fromUtf8, () => undefined)
  if (text !== undefined) return text
  throw new CommandError('One of the files cannot be read as text of at most 16 MiB in UTF-8.')
}

async function readBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    if (size > MAX_BYTES) throw new Error('too large')
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

function blockOf(file: string, { code, severity, line, column, message, suggestion, caret }: Finding): string {
  const place = `${printable(file)}:${line ?? 1}:${column ?? 1}`
  const lines = [`${place}: ${severity} ${code}: ${message}`]
  if (caret !== undefined) lines.push(...caret.split('\n').map((each) => `    ${printable(each)}`))
  if (suggestion !== undefined && !message.includes(suggestion)) lines.push(`    perhaps: ${suggestion}`)
  return `${lines.join('\n')}\n`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
