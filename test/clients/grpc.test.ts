import { inspect } from 'node:util'
import {
  ChannelCredentials,
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { expect, it, onTestFinished } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { vaultRequest } from '../../src/http/node.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { selfMadeCertificate } from '../http/self-made-certificate.ts'
import { clientStage, KEY } from './stage.ts'

const PATH = '/acme.Notes/Read'
const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() }
const DEFINITION: ServiceDefinition = {
  Read: {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
}

/** A server that answers `ok`, or refuses and shows the token. */
async function server(refuses: boolean) {
  const arrived: (string | undefined)[] = []
  const { key, cert } = selfMadeCertificate(['localhost'])
  const made = new Server()
  made.addService(DEFINITION, {
    Read: (call: { metadata: Metadata }, done: (error: Partial<ServiceError> | null, value?: string) => void) => {
      const token = call.metadata.get('authorization')[0] as string | undefined
      arrived.push(token)
      if (!refuses) return done(null, 'ok')
      const metadata = new Metadata()
      metadata.set('x-echo', String(token))
      metadata.set('x-echo-bin', Buffer.from(String(token)))
      done({ code: status.UNAUTHENTICATED, details: `no: ${token}`, metadata })
    },
  })
  const secure = ServerCredentials.createSsl(null, [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }])
  const bind = (which: ServerCredentials) =>
    new Promise<number>((resolve, reject) =>
      made.bindAsync('localhost:0', which, (error, port) => (error ? reject(error) : resolve(port))),
    )
  const ports = { secure: await bind(secure), plain: await bind(ServerCredentials.createInsecure()) }
  onTestFinished(() => made.forceShutdown())
  return { arrived, ports, roots: Buffer.from(cert) }
}

function tokenOf(vault: Vault) {
  // #region grpc
  const token = credentials.createFromMetadataGenerator(({ service_url }, done) => {
    const destination = { url: service_url, method: 'POST' }
    const use = vault.use(
      { authorization: 'Bearer << secrets.key >>' },
      ({ authorization }) => {
        const metadata = new Metadata()
        metadata.set('authorization', authorization)
        done(null, metadata)
      },
      { as: 'headers', destination },
    )
    use.catch((error: Error) => done(error))
  })
  // #endregion
  return token
}

function call(client: Client, vault: Vault): Promise<string> {
  onTestFinished(() => client.close())
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(PATH, text.serialize, text.deserialize, 'hi', (error, value) => {
      // #region grpc-error
      if (error) reject(vault.redactor.value(error))
      // #endregion
      else resolve(value!)
    })
  })
}

async function stage(refuses: boolean, allow?: { readonly hosts: readonly string[] }) {
  const { vault } = await clientStage(() => undefined)
  await vault.delete('key', { confirm: 'key' })
  await vault.set({ tag: 'key', value: KEY, allow: allow ?? null })
  const { ports, roots, arrived } = await server(refuses)
  const channel = credentials.combineChannelCredentials(credentials.createSsl(roots), tokenOf(vault))
  return { vault, arrived, ports, client: new Client(`localhost:${ports.secure}`, channel) }
}

it('the token arrives, bound to the name of the host', async () => {
  const { client, vault, arrived } = await stage(false, { hosts: ['localhost'] })
  expect(await call(client, vault)).toBe('ok')
  expect(arrived).toEqual([`Bearer ${KEY}`])
})

it('the token of another host does not', async () => {
  const { client, vault, arrived } = await stage(false, { hosts: ['notes.acme.dev'] })
  const { error, leaks } = await leakProbe({ key: KEY }, () => call(client, vault))
  expect((error as Error).message).toMatch(/The secret "key" may not be sent to "localhost"/)
  expect(leaks).toEqual([])
  expect(arrived).toEqual([])
})

it('an insecure channel takes none, but a call on one does, and sends it in the clear: a stated limit', async () => {
  const { vault, ports, arrived } = await stage(false)
  const insecure = ChannelCredentials.createInsecure()
  expect(() => credentials.combineChannelCredentials(insecure, tokenOf(vault))).toThrow(/insecure/i)
  const client = new Client(`localhost:${ports.plain}`, insecure)
  onTestFinished(() => client.close())
  await new Promise((resolve, reject) => {
    const options = { credentials: tokenOf(vault) }
    client.makeUnaryRequest(PATH, text.serialize, text.deserialize, 'hi', new Metadata(), options, (error, value) =>
      error ? reject(error) : resolve(value),
    )
  })
  expect(arrived).toEqual([`Bearer ${KEY}`])
})

it('what a server echoes when it refuses is masked, in metadata and details', async () => {
  const { client, vault } = await stage(true)
  const { error, leaks } = await leakProbe({ key: KEY }, ({ output }) =>
    call(client, vault).catch((thrown: unknown) => {
      output(inspect(thrown, { depth: 12, showHidden: true }), 'inspection')
      throw thrown
    }),
  )
  expect(error).toMatchObject({ code: status.UNAUTHENTICATED, details: 'no: Bearer [secret:key]' })
  expect(leaks).toEqual([])
})

it('a Metadata with a reference is refused where references are promised to be found', async () => {
  const { vault } = await stage(false)
  const metadata = new Metadata()
  metadata.set('authorization', 'Bearer << secrets.key >>')
  const url = 'https://localhost/'
  const headers = metadata as unknown as Record<string, string>
  const opaque = { code: 'ERR_OPAQUE_VALUE' }
  await expect(vault.resolveRequest({ url, headers })).rejects.toMatchObject(opaque)
  await expect(vault.resolveHeaders(headers)).rejects.toMatchObject(opaque)
  await expect(vault.resolveHeaders({ authorization: headers } as never)).rejects.toMatchObject(opaque)
  await expect(vaultFetch(vault)(url, { headers })).rejects.toMatchObject(opaque)
  await expect(vaultRequest(vault)(url, { headers })).rejects.toMatchObject(opaque)
})
