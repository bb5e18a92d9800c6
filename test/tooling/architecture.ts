/**
 * The shape of the house, checked: which room stands on which floor, and what may be imported where.
 *
 * Works on a tree in memory, so that trees which break each rule can be tested too.
 */

import { builtinModules } from 'node:module'
import ts from 'typescript'

/** Source files by path within `src`, with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** One import of a file, type imports included. */
export interface Import {
  readonly from: string
  /** The file within `src`, where the import is relative. */
  readonly file?: string
  /** The name as it is written. */
  readonly specifier: string
}

export const WINGS = 1
export const LEAVES = 3
/** What can be imported by its subpath; above them is only what is made of several leaves. */
export const ENTRIES = 4

/** The floors, from the ground up; a room is a file, or a folder where it ends in a slash. */
export const FLOORS: readonly (readonly string[])[] = [
  [
    'errors.ts',
    'location.ts',
    'tag.ts',
    'suggest.ts',
    'bytes.ts',
    'header-name.ts',
    'json.ts',
    'late-regexp.ts',
    'waiting.ts',
    'plain-object.ts',
    'read-options.ts',
    'secret-value.ts',
    'url.ts',
    'encode/',
    'looks/',
    'ports/',
  ],
  ['template/', 'redact/', 'crypto/', 'secrets/'],
  ['vault/'],
  ['admin/', 'audit/', 'http/', 'keys/', 'log/', 'process/', 'storage/', 'testing/'],
  ['index.ts', 'admin.ts', 'audit.ts', 'process.ts', 'redact.ts', 'template.ts', 'testing.ts'],
  ['agents/', 'cli/'],
]

/** The rooms that may touch Node; everything else runs in a browser, a worker or at the edge. */
export const NODE_ROOMS = [
  'storage/file.ts',
  'storage/file/',
  'keys/file.ts',
  'keys/keychain.ts',
  'keys/keychain/',
  'http/node.ts',
  'http/node/',
  'http/undici.ts',
  'http/undici/',
  'log/stdio.ts',
  'log/stdio/',
  'log/pino.ts',
  'log/process.ts',
  'process.ts',
  'process/',
  'testing/node.ts',
  'cli/',
]

/** The packages and the rooms that may load them: runtime dependencies, and what is built into the command line. */
export const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  zod: ['secrets/rules.ts'],
  mustache: ['template/grammar.ts'],
  '@noble/ciphers': ['crypto/'],
  '@noble/hashes': ['crypto/'],
  commander: ['cli/program.ts'],
  '@inquirer/prompts': ['cli/prompts.ts'],
}

/** Loads the configuration of a user, whose path is known when it runs: nothing else imports what it has computed. */
const LOADER = 'cli/config.ts'

const MOST_LINES = 400
const FILE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/
const VAGUE_NAME = /^(?:utils?|helpers?|common|misc|shared|lib)(?:\.ts)?$/

/** Those of the files that stand on the floor. */
export function filesOnFloor(floor: number, files: Iterable<string>): string[] {
  return [...files].filter((file) => placeOf(file)?.floor === floor)
}

/** Everything that is wrong with the tree, one sentence each; empty when the house stands. */
export function inspectHouse(tree: Tree): string[] {
  const imports = [...tree].flatMap(([file, text]) => importsOf(file, text))
  return [
    ...[...tree].flatMap(([file, text]) => [...nameFindings(file), ...textFindings(file, text)]),
    ...imports.flatMap((edge) => (edge.file === undefined ? packageFindings(edge) : roomFindings(edge, tree))),
    ...cycleFindings(tree, imports),
  ]
}

/** All imports of one file: static, `import type`, `export … from`, `import()` as value and as type, `require`. */
export function importsOf(from: string, text: string): Import[] {
  const found: Import[] = []
  const add = (node: ts.Node | undefined): void => {
    const specifier = node !== undefined && ts.isStringLiteralLike(node) ? node.text : '(computed)'
    const file = specifier.startsWith('.') ? resolve(from, specifier) : undefined
    found.push(file === undefined ? { from, specifier } : { from, specifier, file })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier)
    else if (ts.isExternalModuleReference(node)) add(node.expression)
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined)
    else if (ts.isCallExpression(node) && isLoader(node)) add(node.arguments[0])
    ts.forEachChild(node, visit)
  }
  visit(parse(from, text))
  return found
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS)
}

/** `import()` of anything; `require()` of a literal, since a function of ours may have that name. */
function isLoader({ expression: callee, arguments: [first] }: ts.CallExpression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true
  return ts.isIdentifier(callee) && callee.text === 'require' && first !== undefined && ts.isStringLiteralLike(first)
}

/** The path within `src` that a relative specifier names; one that leaves `src` begins with `..`. */
function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** The floor and room of a file, or undefined when it stands nowhere. */
function placeOf(file: string): { floor: number; room: string } | undefined {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((candidate) => isIn(file, [candidate]))
    if (room !== undefined) return { floor, room }
  }
  return undefined
}

function isIn(file: string, rooms: readonly string[]): boolean {
  return rooms.some((room) => (room.endsWith('/') ? file.startsWith(room) : file === room))
}

function nameFindings(file: string): string[] {
  const parts = file.split('/')
  const findings: string[] = []
  if (placeOf(file) === undefined) findings.push(`${file} stands on no floor`)
  if (!FILE_NAME.test(parts.at(-1)!)) findings.push(`${file} is not named in kebab-case`)
  if (parts.some((part) => VAGUE_NAME.test(part))) findings.push(`${file} has a name that says nothing`)
  if (parts.length > 1 && parts.at(-1) === 'index.ts') findings.push(`${file} is an index inside a folder`)
  return findings
}

function textFindings(file: string, text: string): string[] {
  const findings: string[] = []
  const lines = text.trimEnd().split('\n').length
  if (lines > MOST_LINES) findings.push(`${file} has ${lines} lines, over ${MOST_LINES}`)
  const reExportsOnly = (statement: ts.Statement): boolean =>
    ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
  if (placeOf(file)?.floor === ENTRIES && !parse(file, text).statements.every(reExportsOnly)) {
    findings.push(`${file} is an entry and holds more than re-exports`)
  }
  if (hasLiteralOfClasses(file, text)) findings.push(`${file} has a literal with \\p{…}; use lateRegExp`)
  return findings
}

/** Whether a regular expression has a class of Unicode characters that importing the package would have to build. */
function hasLiteralOfClasses(file: string, text: string): boolean {
  const CLASS = /\\[pP]\{/
  const isOne = (node: ts.Node): boolean =>
    (ts.isRegularExpressionLiteral(node) && CLASS.test(node.text)) || ts.forEachChild(node, isOne) === true
  return CLASS.test(text) && isOne(parse(file, text))
}

function packageFindings({ from, specifier }: Import): string[] {
  if (from === LOADER && specifier === '(computed)') return []
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return isIn(from, NODE_ROOMS) ? [] : [`${from} imports ${specifier}, a Node built-in`]
  }
  const name = Object.keys(PACKAGE_ROOMS).find((known) => specifier === known || specifier.startsWith(`${known}/`))
  if (name === undefined) return [`${from} imports ${specifier}, which is no runtime dependency`]
  return isIn(from, PACKAGE_ROOMS[name]!) ? [] : [`${from} imports ${name}, which belongs to ${PACKAGE_ROOMS[name]}`]
}

function roomFindings({ from, specifier, file }: Import, tree: Tree): string[] {
  if (file === undefined || !tree.has(file)) return [`${from} imports ${specifier}, which is not there`]
  const here = placeOf(from)
  const there = placeOf(file)
  if (here === undefined || there === undefined || here.room === there.room) return []
  const edge = `${from} imports ${file}`
  if (there.floor > here.floor) return [`${edge}, which is a floor up`]
  if (there.floor < here.floor || here.floor === 0) return []
  if (here.floor === WINGS) return [`${edge}, but wings never meet`]
  if (here.floor === LEAVES) return [`${edge}, but a leaf never imports another`]
  return [`${edge}, but an entry never imports another`]
}

/** Each cycle once, type imports included, by a depth-first walk that remembers what it has finished. */
function cycleFindings(tree: Tree, imports: readonly Import[]): string[] {
  const findings: string[] = []
  const finished = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) findings.push(`cycle: ${[...path.slice(start), file].join(' -> ')}`)
    if (start >= 0 || finished.has(file)) return
    for (const edge of imports) {
      if (edge.from === file && edge.file !== undefined && tree.has(edge.file)) walk(edge.file, [...path, file])
    }
    finished.add(file)
  }
  for (const file of tree.keys()) walk(file, [])
  return findings
}
