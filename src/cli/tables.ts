/** What is known of secrets as text for people: columns, and never a value. */

import type { SecretInfo } from '../index.ts'
import { withoutPrototype } from '../plain-object.ts'

const COLUMN_GAP = '  '

/** What stands there for a secret that is bound to no host. */
export const ANYWHERE = 'anywhere'

/** The same information by own key: what a secret does not have must not be found on a polluted prototype. */
export function ownInfo(info: SecretInfo): SecretInfo {
  const own = withoutPrototype(info)
  return own.allow === undefined ? own : withoutPrototype({ ...own, allow: withoutPrototype(own.allow) })
}

/** A row for each secret under a line of headings; for a terminal cut to its width. */
export function tableOf(secrets: readonly SecretInfo[], columns: number | undefined): string {
  const rows = [
    ['TAG', 'TYPE', 'VERSION', 'CHANGED', 'MAY BE SENT TO', 'NOTE'],
    ...secrets.map((info) => cellsOf(ownInfo(info))),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join(COLUMN_GAP)
      .trimEnd(),
  )
  return `${lines.map((line) => cutToWidth(line, columns)).join('\n')}\n`
}

/** One line for each thing that is known. */
export function secretDetails(given: SecretInfo): string {
  const info = ownInfo(given)
  const { tag, type, visibility, version, name, description, workspace, environment } = info
  const fields = typeof info.value === 'string' ? info.value : undefined
  const rows: [string, string | undefined][] = [
    ['tag', tag],
    ['name', name],
    ['description', description],
    ['type', type],
    ['value', fields],
    ...(typeof info.value === 'string'
      ? []
      : Object.entries(info.value).map(([field, dots]) => [`  ${field}`, dots] as [string, string])),
    ['visibility', visibility],
    ['version', String(version)],
    ['workspace', workspace],
    ['environment', environment],
    ['may be sent to', hostsOf(info)],
    ['in', info.allow?.in?.join(', ')],
    ['methods', info.allow?.methods?.join(', ')],
    ['uses', info.allow?.maxUses === undefined ? undefined : `at most ${info.allow.maxUses} in one resolve`],
    ['enabled', info.enabled ? 'yes' : 'no'],
    ['expires', info.expiresAt?.toISOString()],
    ['created', by(info.createdAt, info.createdBy)],
    ['changed', by(info.updatedAt, info.updatedBy)],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined)
  return `${shown.map(([label, text]) => `${label.padEnd(width)}${COLUMN_GAP}${printable(text)}`).join('\n')}\n`
}

function cellsOf(info: SecretInfo): string[] {
  const { tag, type, version, updatedAt, enabled, expiresAt } = info
  const notes = [enabled ? '' : 'disabled', expiresAt === undefined ? '' : `expires ${day(expiresAt)}`]
  return [tag, type, String(version), day(updatedAt), hostsOf(info), notes.filter((text) => text !== '').join(', ')]
}

/** Where a secret may be sent, as a column shows it. */
export function hostsOf({ allow }: SecretInfo): string {
  const places = allow?.in
  if (places !== undefined && places.length > 0 && places.every((place) => place === 'env')) return 'environment only'
  if (allow?.hosts === undefined) return ANYWHERE
  return allow.hosts.length === 0 ? 'nowhere' : allow.hosts.join(', ')
}

function by(at: Date, actor: string | undefined): string {
  return actor === undefined ? at.toISOString() : `${at.toISOString()} by ${actor}`
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10)
}

/** Names and descriptions come from anybody: none may move the cursor or colour the screen. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

function cutToWidth(line: string, columns: number | undefined): string {
  return columns === undefined || line.length <= columns ? line : `${line.slice(0, Math.max(1, columns - 1))}…`
}
