/**
 * The clients of docs/KEYS.md for four services, over their real SDKs. AWS, Azure and Vault answer over loopback or a
 * transport of our own, as they were measured to; Google's gRPC is stood in for by an object of the same type.
 */

import {
  constants,
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import type { TokenCredential } from '@azure/core-auth'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { KeyManagementServiceClient } from '@google-cloud/kms'
import createVaultClient from 'node-vault'
import { afterAll, describe, expect, it } from 'vitest'
import { type KmsClient, kmsKey } from '../../src/keys/kms.ts'

// #region aws
function awsKms(client: KMSClient, KeyId: string): KmsClient {
  return {
    async encrypt(Plaintext, { signal }) {
      const answer = await client.send(new EncryptCommand({ KeyId, Plaintext }), { abortSignal: signal })
      // AWS hides its versions and keeps them all; the id of the key tells what an alias has meant
      return { ciphertext: answer.CiphertextBlob!, keyVersion: answer.KeyId!.split('/').at(-1)! }
    },
    async decrypt({ ciphertext }, { signal }) {
      const command = new DecryptCommand({ KeyId, CiphertextBlob: ciphertext })
      return (await client.send(command, { abortSignal: signal })).Plaintext!
    },
  }
}
// #endregion

// #region google
function googleKms(client: KeyManagementServiceClient, name: string): KmsClient {
  const bytes = (answer: Uint8Array | string | null | undefined) => Uint8Array.from(answer as Uint8Array)
  return {
    async encrypt(plaintext) {
      const [answer] = await client.encrypt({ name, plaintext })
      return { ciphertext: bytes(answer.ciphertext), keyVersion: answer.name!.split('/').at(-1)! }
    },
    async decrypt({ ciphertext }) {
      const [answer] = await client.decrypt({ name, ciphertext })
      return bytes(answer.plaintext)
    },
  }
}
// #endregion

// #region azure
function azureKms(keys: KeyClient, name: string, credential: TokenCredential, options = {}): KmsClient {
  const algorithm = 'RSA-OAEP-256'
  return {
    async encrypt(plaintext, { signal }) {
      // asked for first: without `keys/get` the SDK tells the address it was given as `keyID`, not the version that was used
      const newest = await keys.getKey(name, { abortSignal: signal })
      const client = new CryptographyClient(newest, credential, options)
      const { result } = await client.encrypt({ algorithm, plaintext }, { abortSignal: signal })
      return { ciphertext: result, keyVersion: newest.properties.version! }
    },
    async decrypt({ ciphertext, keyVersion }, { signal }) {
      // the ciphertext does not say which version made it
      const client = new CryptographyClient(`${keys.vaultUrl}/keys/${name}/${keyVersion}`, credential, options)
      return (await client.decrypt({ algorithm, ciphertext }, { abortSignal: signal })).result
    },
  }
}
// #endregion

// #region transit
function transitKms(client: createVaultClient.client, name: string): KmsClient {
  return {
    async encrypt(plaintext) {
      const { data } = await client.encryptData({ name, plaintext: Buffer.from(plaintext).toString('base64') })
      // vault:v3:…
      return { ciphertext: new TextEncoder().encode(data.ciphertext), keyVersion: data.ciphertext.split(':')[1] }
    },
    async decrypt({ ciphertext }) {
      const { data } = await client.decryptData({ name, ciphertext: new TextDecoder().decode(ciphertext) })
      return Uint8Array.from(Buffer.from(data.plaintext, 'base64'))
    },
  }
}
// #endregion

const DATA_KEY = new Uint8Array(32).map((_, index) => index)
const AAD = Uint8Array.of(1, 2, 3)
const closing: (() => void)[] = []
afterAll(() => {
  for (const close of closing) close()
})

type Answer = { readonly status?: number; readonly type?: string; readonly body: object }

/** An HTTP service on loopback that answers JSON with JSON. */
async function loopback(
  answer: (path: string, target: string, body: Record<string, string>) => Answer,
): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const target = String(request.headers['x-amz-target'] ?? '')
      const { status = 200, type = 'application/json', body } = answer(request.url!, target, JSON.parse(text || '{}'))
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Versions of one key, by number from 1. */
function versions() {
  const keys = [randomBytes(32)]
  return {
    newest: () => keys.length,
    rotate: () => keys.push(randomBytes(32)),
    seal(plaintext: Uint8Array, version = keys.length): Buffer {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keys[version - 1]!, nonce)
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed: Uint8Array, version: number): Buffer | undefined {
      try {
        const decipher = createDecipheriv('aes-256-gcm', keys[version - 1]!, sealed.subarray(0, 12))
        decipher.setAuthTag(sealed.subarray(-16))
        return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

const key = versions()
const bytesOf = (text: string | undefined) => Buffer.from(text!, 'base64')

async function aws(): Promise<KmsClient> {
  const endpoint = await loopback((_, target, body) => {
    const type = 'application/x-amz-json-1.1'
    if (target === 'TrentService.Encrypt') {
      const sealed = Buffer.concat([Buffer.of(key.newest()), key.seal(bytesOf(body['Plaintext']))])
      return { type, body: { CiphertextBlob: sealed.toString('base64'), KeyId: 'arn:aws:kms:eu-1:1:key/mrk-1a2b' } }
    }
    const sealed = bytesOf(body['CiphertextBlob'])
    const opened = key.open(sealed.subarray(1), sealed[0]!)
    if (opened === undefined) return { status: 400, type, body: { __type: 'InvalidCiphertextException' } }
    return { type, body: { Plaintext: opened.toString('base64') } }
  })
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-secret' }
  return awsKms(new KMSClient({ region: 'eu-central-1', endpoint, credentials, maxAttempts: 1 }), 'alias/acme')
}

async function transit(): Promise<KmsClient> {
  const endpoint = await loopback((path, _, body) => {
    if (path === '/v1/transit/encrypt/acme') {
      const sealed = key.seal(bytesOf(body['plaintext'])).toString('base64')
      return { body: { data: { ciphertext: `vault:v${key.newest()}:${sealed}`, key_version: key.newest() } } }
    }
    const [, version, sealed] = /^vault:v(\d+):(.+)$/.exec(body['ciphertext']!)!
    const opened = key.open(bytesOf(sealed), Number(version))
    if (opened === undefined) return { status: 400, body: { errors: ['cipher: message authentication failed'] } }
    return { body: { data: { plaintext: opened.toString('base64') } } }
  })
  return transitKms(createVaultClient({ apiVersion: 'v1', endpoint, token: 'not-a-token' }), 'acme')
}

const AZURE = 'https://acme.vault.azure.net'
const azureVersion = (version: number) => `${version}`.padStart(32, 'a')
const rsaKeys: KeyObject[] = []

/** The private RSA key of a version. */
function rsaKey(version: number): KeyObject {
  rsaKeys[version] ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  return rsaKeys[version]
}

const headersOf = (entries: Record<string, string>) => ({
  get: (name: string) => entries[name.toLowerCase()],
  has: (name: string) => name.toLowerCase() in entries,
  toJSON: () => entries,
  [Symbol.iterator]: () => Object.entries(entries)[Symbol.iterator](),
})

/** Key Vault behind the SDK's transport, which asks for a token first.  */
async function azure(): Promise<KmsClient> {
  type Request = {
    readonly url: string
    readonly headers: { get(name: string): string | undefined }
    readonly body?: unknown
  }
  const answer = ({ url, body }: Request): Answer => {
    const [named = '', operation] = new URL(url).pathname
      .split('/')
      .filter((part) => part !== '')
      .slice(2)
    const version = named === '' ? key.newest() : Number(named.replaceAll('a', ''))
    const kid = `${AZURE}/keys/vault/${azureVersion(version)}`
    if (operation === undefined) {
      return { body: { key: { ...rsaKey(version).export({ format: 'jwk' }), d: undefined, kid }, attributes: {} } }
    }
    const { value } = JSON.parse(String(body)) as { value: string }
    const padding = { key: rsaKey(version), oaepHash: 'sha256', padding: constants.RSA_PKCS1_OAEP_PADDING }
    try {
      const work = operation === 'encrypt' ? publicEncrypt : privateDecrypt
      return { body: { kid, value: work(padding, Buffer.from(value, 'base64url')).toString('base64url') } }
    } catch {
      return { status: 400, body: { error: { code: 'BadParameter', message: 'oaep decoding error' } } }
    }
  }
  const httpClient = {
    async sendRequest(request: Request) {
      const challenge = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"'
      if (request.headers.get('authorization') === undefined) {
        return { request, status: 401, headers: headersOf({ 'www-authenticate': challenge }), bodyAsText: '' }
      }
      const { status = 200, body } = answer(request)
      const headers = headersOf({ 'content-type': 'application/json' })
      return { request, status, headers, bodyAsText: JSON.stringify(body) }
    },
  }
  const credential: TokenCredential = {
    getToken: async () => ({ token: 'not-a-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
  }
  const options = { httpClient: httpClient as never, retryOptions: { maxRetries: 0 } }
  return azureKms(new KeyClient(AZURE, credential, options), 'vault', credential, options)
}

async function google(): Promise<KmsClient> {
  const name = 'projects/acme/locations/eu/keyRings/r/cryptoKeys/vault'
  const client: Pick<KeyManagementServiceClient, 'encrypt' | 'decrypt'> = Object.assign(
    Object.create(KeyManagementServiceClient.prototype),
    {
      encrypt: async ({ plaintext }: { plaintext: Uint8Array }) => [
        {
          name: `${name}/cryptoKeyVersions/${key.newest()}`,
          ciphertext: Buffer.concat([Buffer.of(key.newest()), key.seal(plaintext)]),
        },
      ],
      decrypt: async ({ ciphertext }: { ciphertext: Uint8Array }) => {
        const plaintext = key.open(ciphertext.subarray(1), ciphertext[0]!)
        if (plaintext === undefined)
          throw Object.assign(new Error('3 INVALID_ARGUMENT: Decryption failed'), { code: 3 })
        return [{ plaintext }]
      },
    },
  )
  return googleKms(client as KeyManagementServiceClient, name)
}

describe.each([
  ['AWS KMS', aws, () => 'mrk-1a2b', '(InvalidCiphertextException)'],
  ['Google Cloud KMS', google, () => `${key.newest()}`, '(code 3)'],
  ['Azure Key Vault', azure, () => azureVersion(key.newest()), '(BadParameter, statusCode 400)'],
  ['Vault transit', transit, () => `v${key.newest()}`, 'statusCode 400'],
])('the client of %s', (_, make, newest, word) => {
  it('wraps and unwraps, and says which version it has used', async () => {
    const provider = kmsKey({ id: 'kms', client: await make() })
    const wrapped = await provider.wrap(DATA_KEY, AAD)
    expect(wrapped.keyVersion).toBe(newest())
    expect(await provider.unwrap(wrapped, AAD)).toEqual(DATA_KEY)
  })

  it('unwraps what an older version has wrapped', async () => {
    const client = await make()
    const wrapped = await kmsKey({ id: 'kms', client }).wrap(DATA_KEY, AAD)
    key.rotate()
    expect(await kmsKey({ id: 'kms', client }).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
    const again = await kmsKey({ id: 'kms', client }).wrap(DATA_KEY, AAD)
    expect(again.keyVersion).toBe(newest())
  })

  it('names what the service said of a changed ciphertext by its code', async () => {
    const provider = kmsKey({ id: 'kms', client: await make() })
    const { bytes, keyVersion } = await provider.wrap(DATA_KEY, AAD)
    const flipped = bytes.slice()
    flipped[3 + 18]! ^= 1
    await expect(provider.unwrap({ bytes: flipped, keyVersion: keyVersion! }, AAD)).rejects.toThrow(word)
  })
})
