/** A PKCS#11 token in memory, whose key never changes: AES-GCM as a real one does it. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Pkcs11Module } from '../../src/keys/pkcs11.ts'

export const PIN = '2468'
const LABEL = 0x3
const handle = (number: number) => Uint8Array.of(number)
const isIn = (session: Uint8Array) => session[0] === 7

interface Attributes {
  readonly label: string
  readonly type?: number
  readonly length?: number
  readonly extractable?: number
  readonly sensitive?: number
}

/** A token of the label `acme` with these keys; `fail` may throw the return value of a call. */
export function token(
  keys: readonly Attributes[] = [{ label: 'vault' }],
  fail: (method: string) => number | undefined = () => undefined,
) {
  const secret = new Uint8Array(32).fill(5)
  const counts = new Map<string, number>()
  let wanted = ''
  let parameter: { iv: Uint8Array; aad: Uint8Array }
  const thrown = (code: number) => Object.assign(new Error(`secret ${PIN}`), { code })
  const module: Pkcs11Module = {
    C_GetSlotList: () => [handle(1), handle(2)],
    C_GetTokenInfo: (slot) => ({ label: slot[0] === 1 ? 'acme'.padEnd(32) : 'other'.padEnd(32) }),
    C_OpenSession: () => handle(7),
    C_CloseSession: () => undefined,
    C_Login: (_session, _user, pin) => {
      if (pin !== PIN) throw thrown(0xa0)
    },
    C_FindObjectsInit: (_session, template) => {
      wanted = template.find(({ type }) => type === LABEL)!.value as string
    },
    C_FindObjects: () => keys.flatMap(({ label }, index) => (label === wanted ? [handle(index)] : [])),
    C_FindObjectsFinal: () => undefined,
    C_GetAttributeValue: (_session, object, template) => {
      const { type = 0x1f, length = 32, extractable = 0, sensitive = 1 } = keys[object[0]!]!
      const values = [type, length, extractable, sensitive]
      return template.map((attribute, index) => ({ ...attribute, value: Uint8Array.of(values[index]!, 0, 0, 0) }))
    },
    C_EncryptInit: (session, mechanism) => {
      if (!isIn(session)) throw thrown(0xb3)
      parameter = mechanism.parameter as typeof parameter
    },
    C_Encrypt: (_session, data) => {
      const cipher = createCipheriv('aes-256-gcm', secret, parameter.iv).setAAD(parameter.aad)
      return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]))
    },
    C_DecryptInit: (_session, mechanism) => {
      parameter = mechanism.parameter as typeof parameter
    },
    C_Decrypt: (_session, data) => {
      const decipher = createDecipheriv('aes-256-gcm', secret, parameter.iv).setAAD(parameter.aad)
      decipher.setAuthTag(data.subarray(-16))
      try {
        return new Uint8Array(Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]))
      } catch {
        throw thrown(0x40)
      }
    },
  }
  const counting = Object.fromEntries(
    Object.entries(module).map(([name, method]) => [
      name,
      (...of: never[]) => {
        counts.set(name, (counts.get(name) ?? 0) + 1)
        const code = fail(name)
        if (code !== undefined) throw thrown(code)
        return (method as (...of: never[]) => unknown)(...of)
      },
    ]),
  )
  return { module: counting as unknown as Pkcs11Module, counts }
}
