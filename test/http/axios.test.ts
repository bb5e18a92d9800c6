/** The adapter for axios: what is resolved, what arrives, and what axios is shown. */

import { describe, expect, it } from 'vitest'
import { type Answer, axiosStage, KEY } from './axios-stage.ts'

const ADAPTERS = ['http', 'fetch'] as const

describe.each(ADAPTERS)('with the adapter %s', (adapter) => {
  const stage = (answer?: Answer, more = {}) => axiosStage(answer, { adapter, ...more })

  it('sends the value in a header, and gives the config back with the reference', async () => {
    const { client, arrived } = await stage()
    const headers = { Authorization: 'Bearer << secrets.key >>' }
    const response = await client.get('/me', { headers })
    expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(response.config.headers.Authorization).toBe('Bearer << secrets.key >>')
    expect(response.request).toMatchObject({ method: 'GET', path: '/me', host: '127.0.0.1', aborted: false })
  })
})
