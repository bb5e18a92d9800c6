/** Answers of scripts, read with suspicion: a driver may give bytes for texts, and anyone may have changed a key. */

import { fromUtf8 } from '../../bytes.ts'
import type { RecordKey, StoredRecord } from '../../ports/storage.ts'
import { corrupt } from '../failures.ts'
import { versionFromDatabase } from '../records.ts'
import { recordsGone } from './failures.ts'

/** A text; a driver may be told to give bytes. */
export function replyText(reply: unknown): string {
  const text = reply instanceof Uint8Array ? fromUtf8(reply) : reply
  if (typeof text !== 'string') throw corrupt('Redis answered with something that is not text')
  return text
}

/** A list of this many, or of any number. */
export function readMany(reply: unknown, count?: number): readonly unknown[] {
  if (!Array.isArray(reply)) {
    throw replyText(reply) === 'damaged' ? recordsGone() : corrupt('Redis answered with something that is not a list')
  }
  if (count !== undefined && reply.length !== count) throw corrupt('Redis answered with another number of records')
  return reply
}

/** What a member holds, as `version:body`; undefined where it holds nothing. */
export function readRecord(
  workspace: string,
  { environment, tag }: RecordKey,
  reply: unknown,
): StoredRecord | undefined {
  if (reply === null || reply === undefined) return undefined
  const text = replyText(reply)
  const colon = text.indexOf(':')
  return {
    workspace,
    environment,
    tag,
    version: versionFromDatabase(text.slice(0, Math.max(colon, 0))),
    body: text.slice(colon + 1),
  }
}
