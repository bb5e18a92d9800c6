/** An audit log: what was written is proved, and whatever is done to it shows. */

import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditLogOptions, auditLog, verifyAuditLog } from '../../src/audit.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { backstage, failure, thrown } from '../vault/fixture.ts'

const key = generateKey()

/** A log in memory. */
function memoryLog(text = '') {
  const log = { text }
  const options: AuditLogOptions = {
    key,
    write: (line) => {
      log.text += line
    },
    readEnd: () => log.text,
  }
  return { log, options }
}

const event = (tag: string, more: Partial<VaultEvent> = {}): VaultEvent => ({
  action: 'use',
  outcome: 'ok',
  time: new Date(0),
  workspace: 'default',
  environment: 'default',
  secrets: [{ tag, environment: 'default', version: 1 }],
  ...more,
})

/** Records at once, as `write` and `readEnd` here allow. */
function recorder(options: AuditLogOptions): (event: VaultEvent) => void {
  const record = auditLog(options)
  return (each) => void record(each)
}

/** The lines of a log of so many events. */
function written(count: number): string[] {
  const { log, options } = memoryLog()
  const record = recorder(options)
  for (let number = 1; number <= count; number++) record(event(`tag-${number}`))
  return log.text.trimEnd().split('\n')
}

const verify = (lines: readonly string[], options: object = {}) =>
  verifyAuditLog(lines.map((line) => `${line}\n`).join(''), { key, ...options })

describe('what was written', () => {
  it('is verified, and told by its number of entries and its last line', async () => {
    const lines = written(3)
    expect(await verify(lines)).toEqual({ entries: 3, last: lines[2], torn: [] })
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(
      [1, 2, 3].map((number) => JSON.parse(JSON.stringify(event(`tag-${number}`)))),
    )
  })

  it('has the MAC that docs/FORMAT.md describes', () => {
    const { log, options } = memoryLog()
    const record = recorder(options)
    record(event('a'))
    record(event('b'))
    const bytes = Buffer.from(key.slice('gmk1_'.length), 'base64url').subarray(0, 32)
    const derived = createHmac('sha256', bytes).update('gm1:alog\x01').digest()
    let previous = ''
    for (const [index, line] of log.text.trimEnd().split('\n').entries()) {
      const signed = `{"entry":${index + 1},"previous":"${previous}","event":${JSON.stringify(event('ab'[index]!))}`
      previous = createHmac('sha256', derived).update(signed).digest('base64url')
      expect(line).toBe(`${signed},"mac":"${previous}"}`)
    }
  })

  it('may be empty', async () => {
    expect(await verifyAuditLog('', { key })).toEqual({ entries: 0, torn: [] })
  })

  it('goes on after a restart', async () => {
    const { log, options } = memoryLog()
    recorder(options)(event('a'))
    recorder(options)(event('b'))
    expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: 2 })
  })

  it('is verified in pieces cut anywhere, with line ends of Windows, and line by line', async () => {
    const lines = written(4)
    const text = `${lines.join('\r\n')}\r\n`
    for (let size = 1; size < 90; size++) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'))!
      expect(await verifyAuditLog(pieces, { key })).toEqual({ entries: 4, last: lines[3], torn: [] })
    }
    expect(await verifyAuditLog(lines, { key })).toEqual({ entries: 4, last: lines[3], torn: [] })
  })

  it('goes on in another file', async () => {
    const lines = written(4)
    const [first, second] = [lines.slice(0, 2), lines.slice(2)]
    const { last } = await verify(first)
    expect(await verify(second, { after: last })).toMatchObject({ entries: 2, last: lines[3] })
    expect(await failure(verify(second))).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'moved' })
  })

  it('holds any text of an event on one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), async (texts) => {
        const { log, options } = memoryLog()
        const record = recorder(options)
        for (const purpose of texts) record(event('a', { purpose }))
        expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: texts.length, torn: [] })
        expect(
          log.text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line).event.purpose),
        ).toEqual(texts.map((text) => JSON.parse(JSON.stringify(text))))
      }),
    )
  })
})

describe('whatever is done to it shows:', () => {
  const lines = written(5)

  it.each<[string, (lines: string[]) => string[], string]>([
    ['an entry changed', (all) => replaced(all, 2, all[2]!.replace('tag-3', 'tag-9')), 'tampered'],
    ['an entry taken out', (all) => all.filter((line) => line !== all[2]), 'moved'],
    ['the beginning taken away', (all) => all.slice(1), 'moved'],
    ['two entries in another order', (all) => [all[1]!, all[0]!, ...all.slice(2)], 'moved'],
    ['an entry written twice', (all) => all.flatMap((line, at) => (at === 2 ? [line, line] : [line])), 'moved'],
    ['an entry of another log of the same key', (all) => replaced(all, 2, otherLog()[2]!), 'moved'],
    ['another branch of the same log', (all) => [...all, ...branch(all.slice(0, 4))], 'moved'],
    ['a number changed', (all) => replaced(all, 4, all[4]!.replace('"entry":5', '"entry":6')), 'tampered'],
  ])('%s', async (_, change, reason) => {
    const error = await failure(verify(change([...lines])))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason })
    expect(String(error)).toMatch(/^GuillemetError: Line \d of the audit log /)
  })

  it('any character of any line', async () => {
    const text = `${lines.slice(0, 2).join('\n')}\n`
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`
      const report = await verifyAuditLog(changed, { key, kept: lines[1] }).catch((error) => error.reason)
      expect([at, report]).not.toEqual([at, expect.objectContaining({ entries: 2 })])
    }
  })

  it('an end cut off, where an entry was kept', async () => {
    const shorter = lines.slice(0, 3)
    expect(await verify(shorter)).toMatchObject({ entries: 3 })
    expect(await verify(lines, { kept: lines[3] })).toMatchObject({ entries: 5 })
    expect(await failure(verify(shorter, { kept: lines[3] }))).toMatchObject({ reason: 'rolled-back' })
    expect(await failure(verify([], { kept: lines[0] }))).toMatchObject({ reason: 'rolled-back' })
  })

  it('another key, when it is verified and when it is written', async () => {
    const other = generateKey()
    expect(await failure(verify(lines, { key: other }))).toMatchObject({ reason: 'tampered' })
    const { options } = memoryLog(`${lines.join('\n')}\n`)
    expect(thrown(() => recorder({ ...options, key: other })(event('a')))).toMatchObject({ reason: 'tampered' })
  })

  function replaced(all: readonly string[], at: number, line: string): string[] {
    return all.map((each, index) => (index === at ? line : each))
  }

  function otherLog(): string[] {
    const { log, options } = memoryLog()
    for (const tag of ['x', 'y', 'z']) recorder(options)(event(tag))
    return log.text.split('\n')
  }

  /** A second writer that went on from an earlier end. */
  function branch(all: readonly string[]): string[] {
    const { log, options } = memoryLog(`${all.join('\n')}\n`)
    recorder(options)(event('b'))
    return log.text.trimEnd().split('\n').slice(all.length)
  }
})

describe('a write that fails', () => {
  it.each<[string, (line: string) => string, tags: string, torn: number[]]>([
    ['before anything was written', () => '', 'a c', []],
    ['in the middle of a line', (line) => line.slice(0, 40), 'a c', [2]],
    ['before the line end', (line) => line.trimEnd(), 'a b c', []],
    ['after all was written', (line) => line, 'a b c', []],
  ])('%s: the log goes on from what is there', async (_, part, tags, torn) => {
    const { log, options } = memoryLog()
    let isFull = false
    const record = recorder({
      ...options,
      write: (line) => {
        log.text += isFull ? part(line) : line
        if (isFull) throw new Error('disk full')
      },
    })
    record(event('a'))
    isFull = true
    expect(() => record(event('b'))).toThrow('disk full')
    isFull = false
    record(event('c'))
    expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: tags.split(' ').length, torn })
    const whole = log.text.split('\n').filter((line) => line.endsWith('}'))
    expect(whole.map((line) => JSON.parse(line).event.secrets[0].tag).join(' ')).toBe(tags)
  })

  it('later, with a promise, keeps nobody else from writing', async () => {
    const { log, options } = memoryLog()
    let calls = 0
    const record = auditLog({
      ...options,
      write: async (line) => {
        await Promise.resolve()
        if (++calls === 2) throw new Error('disk full')
        log.text += line
      },
    })
    const settled = await Promise.allSettled(['a', 'b', 'c', 'd'].map((tag) => record(event(tag))))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: 3 })
  })
})

describe('with a vault', () => {
  it('is all that was done, in order, however much is done at once; no line holds a value', async () => {
    const { log, options } = memoryLog()
    const onEvent = auditLog({
      ...options,
      write: async (line) => {
        await new Promise((resume) => setImmediate(resume))
        log.text += line
      },
    })
    const { vault } = backstage({ onEvent, audit: 'required', actor: { id: 'ada' }, purpose: 'a\nb' })
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    await Promise.all(Array.from({ length: 20 }, () => vault.resolve('<< secrets.a >>')))
    expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: 21, torn: [] })
    expect(log.text).not.toContain('v-0123456789')
    expect(JSON.parse(log.text.split('\n')[1]!).event).toMatchObject({
      action: 'use',
      actor: { id: 'ada' },
      purpose: 'a\nb',
    })
  })

  it('lets a snapshot be used where it writes at once, even if an audit is required', async () => {
    const { log, options } = memoryLog()
    const { vault } = backstage({ onEvent: auditLog(options), audit: 'required' })
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    const snapshot = await vault.snapshot(['a'])
    expect(snapshot.resolve('<< secrets.a >>').expose()).toBe('v-0123456789')
    expect(await verifyAuditLog(log.text, { key })).toMatchObject({ entries: 3 })
  })

  it('gives nothing back that could not be written', async () => {
    const { options } = memoryLog()
    let isFull = false
    const onEvent = auditLog({
      ...options,
      write: () => (isFull ? Promise.reject(new Error('disk full')) : undefined),
    })
    const { vault } = backstage({ onEvent, audit: 'required' })
    await vault.create({ tag: 'a', value: 'v-0123456789' })
    isFull = true
    expect(await failure(vault.resolve('<< secrets.a >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  })
})

describe('what cannot be', () => {
  const { options } = memoryLog()

  it.each<[string, () => unknown, string]>([
    ['no key', () => auditLog({ ...options, key: '' }), 'The key of the audit log is missing'],
    ['a passphrase', () => auditLog({ ...options, key: 'hunter2 hunter2' }), 'does not start with gmk1_'],
    ['no functions', () => auditLog({ key } as never), 'auditLog needs the functions write and readEnd.'],
    ['an unknown option', () => auditLog({ ...options, wirte: 1 } as never), 'did you mean "write"?'],
    ['an event that is none', () => recorder(options)('x' as never), 'An audit log takes events, which are objects.'],
    ['an end without an entry', () => recorder(memoryLog('x\n').options)(event('a')), 'holds no whole entry'],
  ])('%s', (_, call, message) => {
    expect(thrown(call).message).toContain(message)
  })

  it.each(['kept', 'after'])('%s that is no line', async (option) => {
    const error = await failure(verifyAuditLog('', { key, [option]: 'x' }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(error.message).toBe(`The option ${option} must be a whole line of an audit log.`)
  })
})
