/** Options that are `undefined` are as good as left out, in types and when it runs; those that would open a door are refused. */

import { describe, expect, it } from 'vitest'
import { initKeyring } from '../../src/admin/init-keyring.ts'
import { concealModel } from '../../src/agents/ai.ts'
import { checkMcpServers, resolveMcpServers } from '../../src/agents/mcp.ts'
import { vaultFetch } from '../../src/http/fetch.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { cachedStorage } from '../../src/storage/cached.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { renderTemplate } from '../../src/template/standalone.ts'
import { createVault } from '../../src/vault/vault.ts'
import { backstage, failure, KEY, thrown } from './fixture.ts'

/** What an app has that passes on options of its own. */
const none = undefined

describe('an option that is undefined', () => {
  it('is as good as left out', async () => {
    const storage = cachedStorage(memoryStorage(), { ttl: 1, maxRecords: none, staleFor: none, changes: none })
    const vault = createVault({
      storage,
      storageTimeout: none,
      keys: KEY,
      fallback: none,
      purpose: none,
      delimiters: none,
      prefixes: none,
      perField: none,
      redactor: none,
      audit: none,
      onEvent: none,
      onEventError: none,
      now: none,
    })
    const more = { type: none, visibility: none, name: none, description: none, enabled: none, publicFields: none }
    await vault.set({ tag: 'a', value: 'v', expiresAt: none, ...more }, { signal: none })
    await vault.update('a', { name: none, enabled: none, expiresAt: none }, { ifVersion: none, signal: none })
    const view = vault.with({ purpose: none })
    const options = { as: none, destination: none, onMissing: none, fresh: none, signal: none }
    expect((await view.resolve('<< secrets.a >>', options)).expose()).toBe('v')
    expect(view.references('<< secrets.a >>', { as: none })).toHaveLength(1)
    const snapshot = await view.snapshot(['a'], { destination: none, locations: none, signal: none })
    snapshot.close()
    const filter = { environment: none, type: none, search: none, enabled: none, limit: none }
    for await (const { tag } of view.list(filter)) expect(tag).toBe('a')
    expect(createRedactor({ secrets: none, mask: none, minLength: none, parts: none }).text('x')).toBe('x')
    expect(renderTemplate('x', () => none, { as: none, delimiters: none, prefixes: none, onMissing: none })).toBe('x')
  })

  it('of a client or a command, too', async () => {
    const { vault } = backstage()
    const shared = { headers: none, in: none, tags: none, redactResponse: none, unsafeTransport: none, snapshot: none }
    vaultFetch(vault, { ...shared, retryUnauthorized: none, fetch: none })
    const servers = { a: { command: 'x', args: none, env: none, cwd: none, type: none, disabled: none } }
    expect(await checkMcpServers(vault, servers, { in: none, allowSecretsIn: none })).toEqual([])
    await resolveMcpServers(vault, servers, { stderr: none, fetch: none, inherit: none })
    concealModel(vault, { of: [] })
    await initKeyring(vault, { keepKey: none })
  })

  it('is refused where it would mean everybody or everything, and no type takes it', async () => {
    const storage = memoryStorage()
    // @ts-expect-error a policy that is missing by mistake
    expect(thrown(() => createVault({ storage, keys: KEY, policy: none }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    const { vault } = backstage()
    // @ts-expect-error a tenant
    expect(thrown(() => vault.with({ workspace: none }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    // @ts-expect-error what only the author may name
    expect(await failure(vault.resolve('x', { authored: none }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    // @ts-expect-error a rule
    expect(await failure(vault.set({ tag: 'a', value: 'v', allow: none }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('is no tenant, no environment, no actor, no redactor, no policy, no rule and no list of references', async () => {
    const { vault, another } = backstage()
    const refused = { code: 'ERR_INVALID_INPUT' }
    for (const name of ['workspace', 'environment', 'actor', 'redactor']) {
      expect(thrown(() => vault.with({ [name]: undefined }))).toMatchObject(refused)
    }
    for (const name of ['workspace', 'environment', 'actor', 'policy']) {
      expect(thrown(() => another({ [name]: undefined }))).toMatchObject(refused)
    }
    expect(await failure(vault.resolve('x', { authored: undefined } as never))).toMatchObject(refused)
    expect(await failure(vault.create({ tag: 'b', value: 'v', allow: undefined } as never))).toMatchObject(refused)
  })
})
