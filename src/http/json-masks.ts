/**
 * Secrets out of JSON texts, one or several after each other, that arrive in pieces and stay JSON: a string keeps its
 * quotes, a number is masked only where all of it is a secret, two keys never become one.
 *
 * What turns out not to be JSON is treated as any other text from there on.
 */

import { concat, fromUtf8, utf8 } from '../bytes.ts'
import type { BodyMasks } from './body-masks.ts'
import { type Progress, scanJson, startOfJson } from './json-scan.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** A string that is longer is released before it ends, as text: no secret is longer. */
const MAX_HELD_BYTES = 1_048_576
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+|./gs
const IS_KEY = /^[ \t\r\n]*:/

/** Masks for a body of JSON. */
export function jsonMasks(masks: DataMasks): BodyMasks {
  const keys = createKeys()
  let held: Uint8Array = new Uint8Array()
  let progress: Progress = startOfJson()
  let asText: BodyMasks | undefined

  const clean = (bytes: Uint8Array): Uint8Array => {
    const text = fromUtf8(bytes)
    if (text === undefined) return inOnePiece(textMasks(masks), bytes)
    return masks.text(text) === text ? bytes : utf8(maskJson(text, masks, keys))
  }
  const turnToText = (bytes: Uint8Array): Uint8Array => {
    asText = textMasks(masks)
    return asText.push(bytes)
  }
  return {
    push(bytes) {
      if (asText !== undefined) return asText.push(bytes)
      const all = held.length === 0 ? bytes : concat(held, bytes)
      progress = scanJson(all, progress, held.length)
      const { safeEnd, brokenAt } = progress
      // all that was not given out yet is the text that it turns out to be
      if (brokenAt !== undefined) return turnToText(all)
      const cleaned = clean(all.subarray(0, safeEnd))
      const rest = all.subarray(safeEnd)
      if (rest.length > MAX_HELD_BYTES) return concat(cleaned, turnToText(rest))
      held = rest.slice()
      progress = { ...progress, safeEnd: 0, runStart: progress.runStart - safeEnd }
      return cleaned
    },
    end() {
      if (asText !== undefined) return asText.end()
      // what a string lacks at the end does not make it harmless
      return progress.isInString ? inOnePiece(textMasks(masks), held) : clean(held)
    },
  }
}

/** The JSON text with its masks; any text as text. */
export function maskJson(text: string, masks: DataMasks, keys: MaskedKeys): string {
  let output = ''
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    if (!token.startsWith('"')) {
      const mask = masks.maskOf(token)
      output += mask === undefined ? token : JSON.stringify(mask)
      continue
    }
    const masked = masks.json(token)
    const isKey =
      masked !== token && IS_KEY.test(text.slice(match.index + token.length, match.index + token.length + 64))
    output += isKey ? keys.distinct(token, masked, text.includes(masked)) : masked
  }
  // a value that spans several strings is in none of them alone
  return masks.spansStrings(output) ? masks.json(output) : output
}

/** The keys that were masked: each has a mask of its own, so that no member hides another. */
export interface MaskedKeys {
  /** @param isThere whether a stranger's key may look like the mask */
  distinct(key: string, masked: string, isThere: boolean): string
}

/** No key was masked yet. */
export function createKeys(): MaskedKeys {
  const known = new Map<string, string>()
  const taken = new Map<string, number>()
  return {
    distinct(key, masked, isThere) {
      const before = known.get(key)
      if (before !== undefined) return before
      const count = (taken.get(masked) ?? Number(isThere)) + 1
      taken.set(masked, count)
      const made = count === 1 ? masked : `${masked.slice(0, -1)}-${count}"`
      known.set(key, made)
      return made
    },
  }
}

function inOnePiece(masks: BodyMasks, bytes: Uint8Array): Uint8Array {
  const released = masks.push(bytes)
  return concat(released, masks.end())
}
