import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as labels from '../../src/crypto/labels.ts'

const { LABEL_BYTES, ...named } = labels
const texts = Object.values(named).map((label) => Buffer.from(label).toString('latin1'))

describe('the labels', () => {
  it('are distinct and of one length, so that none is the beginning of another', () => {
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.map((text) => text.length)).toEqual(texts.map(() => LABEL_BYTES))
  })

  it('are all in the description of the format, and no other is', () => {
    const page = readFileSync(new URL('../../docs/FORMAT.md', import.meta.url), 'utf8')
    const described = [...page.matchAll(/^\| `(gm1:\w+)` \|/gm)].map(([, label]) => label)
    expect(described.sort()).toEqual([...texts].sort())
  })
})
