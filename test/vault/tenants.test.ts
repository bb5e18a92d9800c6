/**
 * Two tenants with equal tags, 1,000 runs at once: no value crosses, and no mask confirms what the other one has. Over a storage
 * without a cache, and in an engine: `test/engines/bullmq.test.ts`.
 */

import { beforeAll, describe, expect, it } from 'vitest'
import { redactConsole } from '../../src/log/console.ts'
import { cachedStorage } from '../../src/storage/cached.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { createVault } from '../../src/vault/vault.ts'
import { KEY } from './fixture.ts'

const RUNS = 1_000
const NAMES = ['acme', 'globex'] as const
type Tenant = (typeof NAMES)[number]
/** Of the same tag, length and shape. */
const VALUES: Readonly<Record<Tenant, string>> = { acme: 'crm-7f3e9a1c5b8d2e4f', globex: 'crm-0a6b1c9d8e2f7a3b' }
/** What the rotation in the middle puts in their place. */
const ROTATED: Readonly<Record<Tenant, string>> = { acme: 'crm-b5d0c1e2f3a49687', globex: 'crm-1e9f8d7c6b5a4034' }
const other = (tenant: Tenant): Tenant => (tenant === 'acme' ? 'globex' : 'acme')
const ofTenant = (tenant: Tenant): string[] => [VALUES[tenant], ROTATED[tenant]]
const CONFIG = { url: 'https://crm.example/', headers: { Authorization: 'Bearer << secrets.crm >>' } }

/** One step of a workflow: what the engine would store of it, and the view that ran it. */
interface Run {
  readonly tenant: Tenant
  readonly scope: Vault
  readonly sent: string
  readonly shown: unknown
}

async function stage() {
  const events: VaultEvent[] = []
  const storage = cachedStorage(memoryStorage(), { ttl: 60_000 })
  const vault = createVault({ storage, keys: KEY, onEvent: (event) => void events.push(event) })
  for (const tenant of NAMES) {
    const scope = vault.with({ workspace: tenant })
    await scope.create({ tag: 'crm', value: VALUES[tenant], allow: { hosts: ['crm.example'] } })
  }
  return { vault, events }
}

/** A step that meets the other tenant's values, as somebody would who guesses. */
async function runStep(vault: Vault, index: number): Promise<Run> {
  const tenant = NAMES[index % 2]!
  const scope = vault.with({ workspace: tenant, actor: { id: `${tenant}-runner` }, purpose: `run ${index}` })
  let sent = ''
  const work = async ({ headers }: typeof CONFIG) => {
    sent = headers.Authorization
    for (let turn = 0; turn < index % 7; turn++) await Promise.resolve() // the runs overtake each other
    const echo = { sent, guesses: ofTenant(other(tenant)), text: `not ${VALUES[other(tenant)]}` }
    if (index % 3 === 0) throw Object.assign(new Error(`refused ${sent}, not ${VALUES[other(tenant)]}`), echo)
    return echo
  }
  const authored = vault.references(CONFIG, { as: 'request' })
  const shown = await scope.use(CONFIG, work, { as: 'request', authored }).catch((error: unknown) => error)
  return { tenant, scope, sent, shown }
}

describe('1,000 runs of two tenants over one cache', () => {
  let all: readonly Run[]
  let events: readonly VaultEvent[]

  beforeAll(async () => {
    const { vault, ...seen } = await stage()
    const half = async (from: number): Promise<Run[]> =>
      Promise.all(Array.from({ length: RUNS / 2 }, (_, index) => runStep(vault, from + index)))
    const before = await half(0)
    for (const tenant of NAMES) await vault.with({ workspace: tenant }).update('crm', { value: ROTATED[tenant] })
    all = [...before, ...(await half(RUNS / 2))]
    events = seen.events
  })

  it('send their own value, the newest', async () => {
    expect(all.map(({ sent }) => sent)).toEqual(
      all.map(({ tenant }, index) => `Bearer ${(index < RUNS / 2 ? VALUES : ROTATED)[tenant]}`),
    )
  })

  it('mask their own value in results and errors, and leave a guess at the other’s as it was', async () => {
    for (const { tenant, shown } of all) {
      const stored = `${JSON.stringify(shown)}${shown instanceof Error ? shown.stack : ''}`
      for (const value of ofTenant(tenant)) expect(stored).not.toContain(value)
      for (const value of ofTenant(other(tenant))) expect(stored).toContain(value)
      expect(stored).toContain(`not ${VALUES[other(tenant)]}`)
    }
  })

  it('have redactors and logs that know their own value alone', async () => {
    // it is made when it is first asked, which takes longer than the runs
    for (const { tenant, scope, sent } of all.slice(RUNS / 2 - 20, RUNS / 2 + 20)) {
      const [own, guesses] = [sent.slice('Bearer '.length), ofTenant(other(tenant))]
      const lines: unknown[][] = []
      const log = redactConsole(scope.redactor, { log: (...line: unknown[]) => void lines.push(line) })
      log.log(own, guesses)
      expect(lines).toEqual([['[secret:crm]', guesses]])
    }
  })

  it('are told to the listener with their workspace and no value', async () => {
    const uses = events.filter(({ action }) => action === 'use')
    expect(uses).toHaveLength(RUNS)
    for (const { workspace, actor, purpose } of uses) {
      expect(actor?.id).toBe(`${workspace}-runner`)
      expect(NAMES[Number(purpose!.slice(4)) % 2]).toBe(workspace)
    }
    const secrets = Object.fromEntries(
      NAMES.flatMap((name) => ofTenant(name).map((value, at) => [`${name}${at}`, value])),
    )
    const { leaks } = await leakProbe(secrets, ({ output }) => output(JSON.stringify(events), 'events'))
    expect(leaks).toEqual([])
    const control = await leakProbe(secrets, ({ output }) => output(JSON.stringify([...events, VALUES.acme]), 'events'))
    expect(control.leaks).not.toEqual([])
  })
})

it('what one tenant may not have does not tell whether the other one has it', async () => {
  const { vault } = await stage()
  const [acme, globex] = NAMES.map((workspace) => vault.with({ workspace }))
  await globex!.create({ tag: 'only-globex', value: 'glx-55f0a1b2c3d4e5f6' })
  await globex!.resolve('<< secrets.only-globex >>')
  for (const tag of ['only-globex', 'nowhere']) {
    const missing = await acme!.resolve(`<< secrets.${tag} >>`).catch((error: unknown) => error)
    expect(missing).toMatchObject({ code: 'ERR_MISSING_SECRETS', missing: [{ tag, path: '' }] })
    expect(Object.keys((missing as { missing: object[] }).missing[0]!)).not.toContain('suggestion')
    expect(await acme!.check(`<< secrets.${tag} >>`)).toMatchObject([{ code: 'ERR_MISSING_SECRETS' }])
    expect(await acme!.describe(tag)).toBeUndefined()
  }
})
