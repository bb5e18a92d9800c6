/** A process that uses very many secrets lets go of those that it is done with. */

import { expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { backstage } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+'

it('a redactor that the vault was given forgets a tenant’s value, until it is used again', async () => {
  const redactor = createRedactor()
  const { vault } = backstage({ redactor })
  await vault.create({ tag: 'tenant-17', value: VALUE })
  await vault.resolve('<< secrets.tenant-17 >>')
  expect(redactor.text(VALUE)).toBe('[secret:tenant-17]')
  // #region forget
  redactor.remove('tenant-17')
  // #endregion
  expect(vault.redactor.text(VALUE)).toBe(VALUE)
  await vault.resolve('<< secrets.tenant-17 >>')
  expect(vault.redactor.text(VALUE)).toBe('[secret:tenant-17]')
})
