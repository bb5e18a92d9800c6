import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { WebSocket as UndiciWebSocket } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { clientStage, KEY } from './stage.ts'

/** A server that greets, or leads a handshake elsewhere. */
async function server(location?: string) {
  const arrived: IncomingHttpHeaders[] = []
  const made = createServer()
  made.on('upgrade', ({ headers }, socket) => {
    arrived.push(headers)
    if (location !== undefined) socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
  })
  made.on('request', ({ headers }, response) => {
    arrived.push(headers)
    response.end()
  })
  if (location === undefined) {
    const sockets = new WebSocketServer({ server: made })
    sockets.on('connection', (socket: WebSocket) => socket.send('hello'))
  }
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  onTestFinished(() => void made.close().closeAllConnections())
  return { arrived, url: `ws://127.0.0.1:${(made.address() as AddressInfo).port}/` }
}

type Opener = (vault: Vault, url: string) => Promise<unknown>

const open: Readonly<Record<string, Opener>> = {
  async ws(vault, url) {
    // #region ws
    const request = { url, headers: { 'X-Api-Key': '<< secrets.key >>' } }
    const resolved = (await vault.resolveRequest(request)).expose()
    const socket = new WebSocket(resolved.url, { headers: resolved.headers, followRedirects: false })
    // #endregion
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (data) => {
        socket.close()
        resolve(String(data))
      })
    })
  },
  async undici(vault, url) {
    // #region undici
    const request = { url, headers: { 'X-Api-Key': '<< secrets.key >>' } }
    const resolved = (await vault.resolveRequest(request)).expose()
    const socket = new UndiciWebSocket(resolved.url, { headers: resolved.headers })
    // #endregion
    return new Promise((resolve, reject) => {
      socket.addEventListener('error', (event) => reject(event.error))
      socket.addEventListener('message', ({ data }) => {
        socket.close()
        resolve(data)
      })
    })
  },
}

it.each(Object.keys(open))('%s opens with the key', async (name) => {
  const { vault } = await clientStage(() => undefined)
  const { url, arrived } = await server()
  expect(await open[name]!(vault, url)).toBe('hello')
  expect(arrived.map((headers) => headers['x-api-key'])).toEqual([KEY])
})

it.each(Object.keys(open))('%s takes the key to no place that the answer to its handshake names', async (name) => {
  const { vault } = await clientStage(() => undefined)
  const other = await server()
  const { url, arrived } = await server(other.url)
  const { error, leaks } = await leakProbe({ key: KEY }, ({ output }) =>
    open[name]!(vault, url).catch((thrown: unknown) => {
      output(inspect(thrown, { depth: 12, showHidden: true }), 'inspection')
      throw thrown
    }),
  )
  expect(error).toBeInstanceOf(Error)
  expect(leaks).toEqual([])
  expect(arrived.map((headers) => headers['x-api-key'])).toEqual([KEY])
  expect(other.arrived).toEqual([])
})

it('a bound key opens at its host alone', async () => {
  const { vault } = await clientStage(() => undefined)
  const { url } = await server()
  await vault.create({ tag: 'bound', value: KEY, allow: { hosts: ['wss://live.acme.dev'] } })
  const request = { url, headers: { 'X-Api-Key': '<< secrets.bound >>' } }
  await expect(vault.resolveRequest(request)).rejects.toMatchObject({ code: 'ERR_HOST_DENIED' })
})
