/** An answer of 401 that is held back until it is known whether a newer secret goes out, in both lifecycles. */

import { Agent, interceptors } from 'undici'
import { expect, it } from 'vitest'
import { vaultInterceptor } from '../../src/http/undici.ts'
import { backstage } from '../vault/fixture.ts'
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

/** One that answers every request with 401, and a storage whose first fresh read waits until it is let through. */
async function waiting() {
  const stage = await undiciStage((response) => response.writeHead(401, { 'content-type': 'text/plain' }).end('no'))
  let letThrough = (): void => undefined
  let begin = (): void => undefined
  let isBegun = false
  const begun = new Promise<void>((done) => {
    begin = done
  })
  const { vault, storage } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  const get = storage.get.bind(storage)
  Object.assign(storage, {
    async get(...given: [string, never, { fresh?: boolean }?]) {
      if (given[2]?.fresh === true && !isBegun) {
        isBegun = true
        await new Promise<void>((done) => {
          letThrough = done
          begin()
        })
      }
      return get(...given)
    },
  })
  const older = stage.closing(new Agent().compose(vaultInterceptor(vault, { retryUnauthorized: true })))
  const newer = older.compose(interceptors.redirect({ maxRedirections: 1 }))
  return { ...stage, older, newer, begun, letThrough: () => letThrough() }
}

it.each(['older', 'newer'] as const)('an abort while a 401 is held back is told at once (%s)', async (lifecycle) => {
  const { origin, begun, letThrough, ...stage } = await waiting()
  const reason = new Error('enough')
  const controller = new AbortController()
  const request = stage[lifecycle].request({ ...get, origin, signal: controller.signal })
  const ended = request.catch((thrown: unknown) => thrown)
  await begun
  controller.abort(reason)
  expect(await ended).toBe(reason)
  letThrough()
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
