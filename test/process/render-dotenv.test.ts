/** A `.env` file out of references. */

import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { renderDotenv } from '../../src/process.ts'
import { backstage } from '../vault/fixture.ts'

describe('renderDotenv', () => {
  it('writes what the references stand for, and prints as redacted', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'token', value: 'tok-3f9a#"1' })
    const text = await renderDotenv(vault, { HOST: 'example.com', TOKEN: 'Bearer << secrets.token >>' })
    expect({ ...parseEnv(text.expose()) }).toEqual({ HOST: 'example.com', TOKEN: 'Bearer tok-3f9a#"1' })
    expect(`${text}`).toBe("HOST=example.com\nTOKEN='Bearer [secret:token]'\n")
    expect(JSON.stringify(text)).not.toContain('tok-3f9a')
    expect(text.references).toMatchObject([{ tag: 'token', path: 'TOKEN', location: 'env' }])
  })

  it('shows no secret, however short or common it is', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'pin', value: '739' })
    await vault.create({ tag: 'stage', value: 'production' })
    const text = await renderDotenv(vault, { PIN: '<< secrets.pin >>', DSN: 'app_<< secrets.stage >>_x' })
    expect(text.expose()).toBe('PIN=739\nDSN=app_production_x\n')
    expect(`${text}`).toBe("PIN='[secret:pin]'\nDSN='app_[secret:stage]_x'\n")
  })

  it('takes what parseEnv gives, and leaves out a variable that is undefined', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'token', value: 'tok-3f9a' })
    const env = { ...parseEnv('TOKEN=<< secrets.token >>'), OFF: undefined }
    expect((await renderDotenv(vault, env)).expose()).toBe('TOKEN=tok-3f9a\n')
    expect({ ...(await vault.resolveEnv(parseEnv('TOKEN=<< secrets.token >>'))).expose() }).toEqual({
      TOKEN: 'tok-3f9a',
    })
  })

  it('names the variable that cannot be written, and no value', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'odd', value: 'tok-3f9a\'"`#' })
    const error = await renderDotenv(vault, { ODD: '<< secrets.odd >>' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'ODD' })
    expect(String((error as Error).stack)).not.toContain('3f9a')
  })
})
