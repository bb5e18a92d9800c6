/**
 * Resolving: one reference beside the bare cryptography of its record, a header map from a snapshot beside template
 * engines that know no secrets, and what a whole config costs. Nothing is remembered between calls but parsed texts.
 */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { createVault, generateKey, type Vault } from 'guillemet'
import { fileStorage } from 'guillemet/storage/file'
import { memoryStorage } from 'guillemet/storage/memory'
import Handlebars from 'handlebars'
import { compile as compileMicromustache } from 'micromustache'
import Mustache from 'mustache'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Resolving'

const SECRETS: Readonly<Record<string, string>> = {
  zendesk: 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4',
  gateway: 'gw-live-51f0c3a2-7b64-4d1e-9c55-0e8a2f7b6d31',
  team: 'acme-operations',
  session: 'c2Vzc2lvbi0wMTIzNDU2Nzg5YWJjZGVm',
  signing: 'whsec_7Qm2Zt9Lx4Rk8Vb1Np6Yd3Hs5Gc0Wf',
}

/** The header map, with each reference written as an engine writes it. */
function headersWith(reference: (tag: string) => string): Record<string, string> {
  return {
    Authorization: `Bearer ${reference('zendesk')}`,
    'X-Api-Key': reference('gateway'),
    'X-Team': `team/${reference('team')}/production`,
    Cookie: `session=${reference('session')}; Path=/`,
    'X-Signature': `v1=${reference('signing')}`,
  }
}

export async function run(): Promise<readonly Row[]> {
  return [...(await referenceRows()), ...(await headerRows()), ...(await configRows())]
}

/** Bytes of a padded record of one token. */
const PADDED_BYTES = 64

/**
 * One reference from memory storage: read, checked, opened, written. The primitives are those of opening its record:
 * one HKDF-Expand of 64 bytes and one XChaCha20-Poly1305 open.
 */
async function referenceRows(): Promise<readonly Row[]> {
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await vault.create({ tag: 'zendesk', value: SECRETS['zendesk']! })
  const text = 'Bearer << secrets.zendesk >>'
  const prepared = vault.prepare(text)
  const request = { url: 'https://acme.zendesk.com/api/v2/tickets.json', headers: { Authorization: text } }
  const [key, nonce, info] = [randomBytes(32), randomBytes(24), randomBytes(64)]
  const sealed = xchacha20poly1305(key, nonce).encrypt(new Uint8Array(PADDED_BYTES))
  const times = await byTurns({
    primitives: async () => {
      expand(sha256, key, info, 64)
      return xchacha20poly1305(key, nonce).decrypt(sealed)
    },
    text: async () => (await vault.resolve(text)).expose(),
    prepared: async () => (await vault.resolve(prepared)).expose(),
    request: async () => (await vault.resolveRequest(request)).expose(),
  })
  await vault.close()
  const { primitives } = times
  return [
    slower('resolve one reference from memory storage, beside its primitives', times.text, primitives, 1.8),
    slower('the same, prepared', times.prepared, primitives, 1.8),
    slower('resolve a request with one reference, beside the same', times.request, primitives),
  ]
}

async function headerRows(): Promise<readonly Row[]> {
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  for (const [tag, value] of Object.entries(SECRETS)) await vault.create({ tag, value })
  const snapshot = await vault.snapshot()
  const headers = headersWith((tag) => `<< secrets.${tag} >>`)
  const prepared = vault.prepare(headers, { as: 'headers' })
  const scope = { secrets: SECRETS }
  const mustaches = Object.entries(headersWith((tag) => `{{& secrets.${tag} }}`))
  const micromustaches = compiled(mustacheTexts(), (text) => {
    const renderer = compileMicromustache(text)
    return (given) => renderer.render(given)
  })
  const handlebars = compiled(mustacheTexts(), (text) => Handlebars.compile(text, { noEscape: true }))

  const works = {
    unprepared: () => snapshot.resolve(headers, { as: 'headers' }).expose(),
    prepared: () => snapshot.resolve(prepared).expose(),
    micromustache: () => rendered(micromustaches, scope),
    mustache: () => {
      const copy: Record<string, string> = {}
      for (const [name, text] of mustaches) copy[name] = Mustache.render(text, scope)
      return copy
    },
    handlebars: () => rendered(handlebars, scope),
    concatenation: () => concatenated(scope.secrets),
  }
  const expected = JSON.stringify(concatenated(SECRETS))
  for (const [name, work] of Object.entries(works)) {
    if (JSON.stringify(work()) !== expected) throw new Error(`${name} makes something else`)
  }
  const times = await byTurns(works)
  snapshot.close()
  await vault.close()

  const { unprepared, prepared: ready } = times
  const peers = { 'micromustache compiled': times.micromustache, 'mustache.render': times.mustache }
  const others = { 'Handlebars compiled': times.handlebars, 'concatenation by hand': times.concatenation }
  return Object.entries({ ...peers, ...others }).flatMap(([peer, time]) => [
    slower(
      `five headers from a snapshot, prepared, rendered anew, beside ${peer}`,
      ready,
      time,
      peer.startsWith('micro') ? 2 : undefined,
    ),
    slower('the same, not prepared', unprepared, time),
  ])
}

function mustacheTexts(): Record<string, string> {
  return headersWith((tag) => `{{secrets.${tag}}}`)
}

type Template = readonly [name: string, render: (scope: object) => string]

function compiled(
  texts: Readonly<Record<string, string>>,
  compile: (text: string) => Template[1],
): readonly Template[] {
  return Object.entries(texts).map(([name, text]) => [name, compile(text)])
}

function rendered(templates: readonly Template[], scope: object): Record<string, string> {
  const copy: Record<string, string> = {}
  for (const [name, render] of templates) copy[name] = render(scope)
  return copy
}

/** What a program without any of this would do. */
function concatenated(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return {
    Authorization: `Bearer ${secrets['zendesk']}`,
    'X-Api-Key': `${secrets['gateway']}`,
    'X-Team': `team/${secrets['team']}/production`,
    Cookie: `session=${secrets['session']}; Path=/`,
    'X-Signature': `v1=${secrets['signing']}`,
  }
}

function slower(work: string, own: readonly number[], peer: readonly number[], atMost?: number): Row {
  const ratio = timesAsLong(own, peer)
  const budget = atMost === undefined ? {} : { budget: `at most ${atMost} × the time`, met: ratio <= atMost }
  return { work, ratio: `${ratio.toFixed(2)} × the time`, figure: `${shown(own)} against ${shown(peer)}`, ...budget }
}

const REFERENCES = 50

/** A whole `vault.resolve`, from sealed records to the plaintext. */
async function configRows(): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'guillemet-bench-'))
  try {
    const rows: Row[] = []
    for (const [name, storage] of [
      ['memory', memoryStorage()],
      ['file', fileStorage(join(directory, 'vault'))],
    ] as const) {
      rows.push(await configRow(name, storage))
    }
    return rows
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function configRow(name: string, storage: VaultStorage): Promise<Row> {
  const keys = generateKey()
  let trips = 0
  const counted: VaultStorage = {
    get: (workspace, wanted, options) => {
      trips++
      return storage.get(workspace, wanted, options)
    },
    put: (record) => storage.put(record),
    list: (workspace, page) => storage.list(workspace, page),
  }
  const tags = Array.from({ length: REFERENCES }, (_, index) => `secret-${index}`)
  const author = createVault({ storage, keys })
  for (const tag of tags) await author.create({ tag, value: `value-of-${tag}-0123456789abcdef` })
  const config = { steps: tags.map((tag) => ({ url: 'https://api.acme.dev', token: `Bearer << secrets.${tag} >>` })) }

  // the first resolve of a new process reads the keyring along with the records
  const vault: Vault = createVault({ storage: counted, keys })
  await vault.resolve(config)
  const firstTrips = trips
  trips = 0
  await vault.resolve(config)
  const tripsEach = Math.max(firstTrips, trips)
  const { resolve } = await byTurns({ resolve: async () => (await vault.resolve(config)).expose() })
  await vault.close()
  return {
    work: `a config with ${REFERENCES} references, ${name} storage`,
    ratio: `${tripsEach} round trip${tripsEach === 1 ? '' : 's'}`,
    figure: `${shown(resolve)}, each record opened anew`,
    budget: 'one round trip',
    met: tripsEach === 1,
  }
}
