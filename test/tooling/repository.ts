/** The repository as the tests about it see it: sources, tests, tracked files, the manifest. */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }

/** The folder of package.json, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The text of a file by its path within the repository. */
export function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8')
}

/** The texts of a folder, by path within it, of all files that end so; empty when there is no such folder. */
export function filesOf(folder: string, end: string): Map<string, string> {
  const names = readdirSync(ROOT, { withFileTypes: true }).some((entry) => entry.name === folder.split('/')[0])
    ? readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    : []
  const isOurs = (name: string): boolean => name.endsWith(end) && !name.includes('node_modules/')
  const paths = names.map((name) => name.replaceAll('\\', '/')).filter(isOurs)
  return new Map(paths.sort().map((path) => [path, read(`${folder}/${path}`)]))
}

/** The packages of which there is code in a built file: the bundler says before each file where it came from. */
export function packagesBuiltInto(text: string): string[] {
  return [...text.matchAll(/^\s*\/\/ \S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\/\S+$/gm)].map(([, name]) => name!)
}

/** What git tracks, and what it would: paths within the repository. Undefined outside of a checkout. */
export function trackedFiles(): string[] | undefined {
  try {
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return [...new Set(list.split('\0'))].filter((path) => path !== '')
  } catch {
    return undefined
  }
}

/** The public subpaths and the room behind each: `./storage/file` and `storage/file`. */
export function subpaths(): { subpath: string; room: string; target: unknown }[] {
  return Object.entries(manifest.exports)
    .filter(([subpath]) => subpath !== './package.json')
    .map(([subpath, target]) => ({ subpath, room: subpath === '.' ? 'index' : subpath.slice(2), target }))
}
