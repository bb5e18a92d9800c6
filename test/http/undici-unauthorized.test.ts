/** An answer of 401 that is held back until it is known whether a newer secret goes out, in both lifecycles. */

import { Agent, interceptors } from 'undici'
import { expect, it } from 'vitest'
import { vaultInterceptor } from '../../src/http/undici.ts'
import { A, undiciStage, VALUE } from './undici-stage.ts'

const NEW = 'rotated-0123456789'
const get = { path: '/', method: 'GET', headers: { authorization: A } } as const

/** A server that takes the newer value alone, and a storage that gets it while the first request is under way. */
async function rotating(isRotated = true) {
  const stage = await undiciStage(async (response, { headers }) => {
    if (isRotated && stage.arrived.length === 1) await stage.vault.update('a', { value: NEW })
    const isTaken = headers.authorization === NEW
    response.writeHead(isTaken ? 200 : 401, { 'content-type': 'text/plain' }).end(isTaken ? 'page' : `no ${VALUE}`)
  })
  const inner = new Agent().compose(vaultInterceptor(stage.vault, { retryUnauthorized: true }))
  const newer = inner.compose(interceptors.redirect({ maxRedirections: 1 }))
  stage.closing(inner)
  return { ...stage, older: inner, newer }
}

it.each(['older', 'newer'] as const)('goes out once more with the newest value (%s)', async (lifecycle) => {
  const { origin, arrived, ...stage } = await rotating()
  for (const expected of [[VALUE, NEW], [NEW]]) {
    const { statusCode, body } = await stage[lifecycle].request({ ...get, origin })
    expect([statusCode, await body.text()]).toEqual([200, 'page'])
    expect(arrived.splice(0).map(({ headers }) => headers.authorization)).toEqual(expected)
    arrived.length = 0
  }
})

it.each(['older', 'newer'] as const)('comes back as it is where nothing is newer (%s)', async (lifecycle) => {
  const { origin, arrived, ...stage } = await rotating(false)
  for (const method of ['GET', 'HEAD', 'POST'] as const) {
    const { statusCode, body } = await stage[lifecycle].request({ ...get, method, origin })
    expect([statusCode, await body.text()]).toEqual([401, method === 'HEAD' ? '' : 'no [secret:a]'])
  }
  expect(arrived).toHaveLength(3)
})

it.each(['older', 'newer'] as const)('an error of the connection comes through (%s)', async (lifecycle) => {
  const stage = await undiciStage((response) => response.socket?.destroy())
  const inner = new Agent().compose(vaultInterceptor(stage.vault, { retryUnauthorized: true }))
  const dispatcher = lifecycle === 'older' ? inner : inner.compose(interceptors.redirect({ maxRedirections: 1 }))
  stage.closing(inner)
  const error = await dispatcher.request({ ...get, origin: stage.origin }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'UND_ERR_SOCKET' })
})

it('a caller who ends the request when the 401 comes is told so', async () => {
  const { origin, vault, closing } = await rotating(false)
  const inner = closing(new Agent().compose(vaultInterceptor(vault, { retryUnauthorized: true })))
  const reason = new Error('enough')
  const told = await new Promise<unknown>((done) => {
    let end = (_reason: Error): void => undefined
    const handler = {
      onConnect(abort: (reason: Error) => void) {
        end = abort
      },
      onHeaders: () => end(reason) === undefined,
      onData: () => true,
      onComplete: done,
      onError: done,
    }
    inner.dispatch({ ...get, origin }, handler as never)
  })
  expect(told).toBe(reason)
})
