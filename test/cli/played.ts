/** The console blocks of a document, played in one folder: what the commands in them really print. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guillemet } from './command-line.ts'

const BLOCK = /```console\n([\s\S]*?)```/g

/** The same document with the real output under each command. */
export async function played(markdown: string, cwd: string): Promise<string> {
  let result = ''
  let copied = 0
  for (const block of markdown.matchAll(BLOCK)) {
    const shown: string[] = []
    for (const part of block[1]!.split(/^(?=\$ )/m)) {
      const [command, ...output] = part.trimEnd().split('\n')
      const real = await outputOf(command!.slice(2), output.join('\n'), cwd)
      shown.push(command!, ...(real === '' ? [] : [real]))
    }
    result += `${markdown.slice(copied, block.index)}\`\`\`console\n${shown.join('\n')}\n\`\`\``
    copied = block.index + block[0].length
  }
  return result + markdown.slice(copied)
}

/** What a command prints; `cat` of a file that is not there yet makes it as it is shown. */
async function outputOf(command: string, shown: string, cwd: string): Promise<string> {
  const [program, ...args] = command.split(' ')
  if (program === 'cat') {
    const path = join(cwd, args[0]!)
    if (!existsSync(path)) writeFileSync(path, `${shown}\n`)
    return readFileSync(path, 'utf8').trimEnd()
  }
  const from = args.indexOf('<')
  const input = from < 0 ? '' : readFileSync(join(cwd, args[from + 1]!))
  const { stdout, stderr } = await guillemet(cwd, from < 0 ? args : args.slice(0, from), { input })
  return steady(stdout + stderr, cwd)
}

/** Ids, times and the folder as they are in the document. */
function steady(text: string, cwd: string): string {
  return text
    .replaceAll(cwd, '/srv/shop')
    .replace(/local:[\w-]{11}/g, 'local:PveJVJKNIU4')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-29T09:30:00.000Z')
    .replace(/\d{4}-\d\d-\d\d(?!T)/g, '2026-11-29')
    .trimEnd()
}
