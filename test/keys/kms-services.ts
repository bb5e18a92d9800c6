/** Key management services in memory, each as it behaves: what names its version, what fails, and with which words. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KmsClient } from '../../src/keys/kms.ts'

/** A service with one key. */
export interface FakeService {
  readonly client: KmsClient
  /** Calls so far. */
  readonly calls: { encrypt: number; decrypt: number }
  /** Makes a new version, which encrypts from now on. */
  rotate(): void
  /** Makes a version useless, from 1. */
  destroy(version: number): void
  /** Takes the right to decrypt away. */
  deny(): void
}

interface Versions {
  readonly keys: Buffer[]
  readonly destroyed: Set<number>
  isDenied: boolean
}

const NONCE = 12
const TAG = 16

function sealWith(key: Buffer, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function openWith(key: Buffer, sealed: Uint8Array): Uint8Array | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE))
    decipher.setAuthTag(sealed.subarray(-TAG))
    return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]))
  } catch {
    return undefined
  }
}

function failure(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more })
}

function service(make: (versions: Versions) => KmsClient): FakeService {
  const versions: Versions = { keys: [randomBytes(32)], destroyed: new Set(), isDenied: false }
  const calls = { encrypt: 0, decrypt: 0 }
  const inner = make(versions)
  return {
    calls,
    client: {
      async encrypt(plaintext, options) {
        calls.encrypt++
        return inner.encrypt(plaintext, options)
      },
      async decrypt(sealed, options) {
        calls.decrypt++
        return inner.decrypt(sealed, options)
      },
    },
    rotate: () => versions.keys.push(randomBytes(32)),
    destroy: (version) => versions.destroyed.add(version),
    deny: () => {
      versions.isDenied = true
    },
  }
}

/** AWS: the ciphertext names its key material, which is never taken away; a wrong ciphertext is an error without a message. */
export function awsService(): FakeService {
  return service((state) => ({
    async encrypt(plaintext) {
      const version = state.keys.length
      return {
        ciphertext: Buffer.concat([Buffer.of(version), sealWith(state.keys.at(-1)!, plaintext)]),
        keyVersion: 'mrk-1234abcd',
      }
    },
    async decrypt({ ciphertext }) {
      if (state.isDenied)
        throw failure('AccessDeniedException', 'User: arn:aws:sts::1:assumed-role/x is not authorized')
      if (state.destroyed.has(ciphertext[0]!))
        throw failure('DisabledException', 'arn:aws:kms:eu-1:1:key/1 is disabled.')
      const key = state.keys[ciphertext[0]! - 1]
      const opened = key && openWith(key, ciphertext.subarray(1))
      if (opened === undefined) throw failure('InvalidCiphertextException', '')
      return opened
    },
  }))
}

/** Google: the ciphertext names its version; the primary one moves; a destroyed one is a failed precondition. */
export function googleService(): FakeService {
  return service((state) => ({
    async encrypt(plaintext) {
      const version = state.keys.length
      return {
        ciphertext: Buffer.concat([Buffer.of(version), sealWith(state.keys.at(-1)!, plaintext)]),
        keyVersion: `${version}`,
      }
    },
    async decrypt({ ciphertext }) {
      const version = ciphertext[0]!
      if (state.isDenied) throw failure('Error', "7 PERMISSION_DENIED: Permission 'useToDecrypt' denied", { code: 7 })
      if (state.destroyed.has(version))
        throw failure('Error', '9 FAILED_PRECONDITION: state is: DESTROYED', { code: 9 })
      const opened = openWith(state.keys[version - 1]!, ciphertext.subarray(1))
      if (opened === undefined) throw failure('Error', '3 INVALID_ARGUMENT: Decryption failed', { code: 3 })
      return opened
    },
  }))
}

const azureName = (version: number): string => `${version}`.padStart(32, 'a')

/** Azure, RSA-OAEP: the ciphertext names nothing, so the version has to be asked for; the newest answers otherwise. */
export function azureService({ asks = true }: { readonly asks?: boolean } = {}): FakeService {
  return service((state) => ({
    async encrypt(plaintext) {
      return { ciphertext: sealWith(state.keys.at(-1)!, plaintext), keyVersion: azureName(state.keys.length) }
    },
    async decrypt({ ciphertext, keyVersion }) {
      const version = asks ? state.keys.findIndex((_, at) => azureName(at + 1) === keyVersion) + 1 : state.keys.length
      if (state.isDenied)
        throw failure('RestError', 'does not have keys get permission', { statusCode: 403, code: 'Forbidden' })
      if (state.destroyed.has(version)) throw failure('RestError', 'disabled', { statusCode: 403, code: 'KeyDisabled' })
      const opened = openWith(state.keys[version - 1]!, ciphertext)
      if (opened === undefined) {
        throw failure('RestError', 'error:04099079:rsa routines:oaep decoding error', {
          statusCode: 400,
          code: 'BadParameter',
        })
      }
      return opened
    },
  }))
}

/** Vault transit: `vault:v3:…`; versions below `min_decryption_version` are refused; no associated data. */
export function transitService(): FakeService {
  return service((state) => ({
    async encrypt(plaintext) {
      const version = state.keys.length
      const text = `vault:v${version}:${sealWith(state.keys.at(-1)!, plaintext).toString('base64')}`
      return { ciphertext: Buffer.from(text), keyVersion: `v${version}` }
    },
    async decrypt({ ciphertext }) {
      const [, version, body] = /^vault:v(\d+):(.+)$/.exec(Buffer.from(ciphertext).toString())!
      if (state.isDenied) throw failure('ApiResponseError', '1 error occurred: permission denied', { code: 403 })
      if (state.destroyed.has(Number(version))) {
        throw failure('ApiResponseError', 'ciphertext or signature version is disallowed by policy (too old)', {
          code: 400,
        })
      }
      const opened = openWith(state.keys[Number(version) - 1]!, Buffer.from(body!, 'base64'))
      if (opened === undefined)
        throw failure('ApiResponseError', 'cipher: message authentication failed', { code: 400 })
      return opened
    },
  }))
}
