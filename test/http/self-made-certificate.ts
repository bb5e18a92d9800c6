/** A certificate of our own for servers of this machine (RFC 5280 §4.1), so that no test needs openssl. */

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** Key and certificate as a server of Node takes them. */
export interface SelfMadeCertificate {
  readonly key: string
  readonly cert: string
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000
const ECDSA_WITH_SHA256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex')
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex')

/** A certificate that signs itself, for these names (`*.` included) and 127.0.0.1; valid from a year ago to a year from now. */
export function selfMadeCertificate(names: readonly string[]): SelfMadeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from('guillemet test')))))
  const times = [-YEAR_MS, YEAR_MS].map((offset) => der(0x18, Buffer.from(generalizedTime(Date.now() + offset))))
  const altNames = [...names.map((each) => der(0x82, Buffer.from(each))), der(0x87, Buffer.from([127, 0, 0, 1]))]
  const extensions = [
    der(0x30, BASIC_CONSTRAINTS, der(0x04, der(0x30, der(0x01, Buffer.from([0xff]))))),
    der(0x30, SUBJECT_ALT_NAME, der(0x04, der(0x30, ...altNames))),
  ]
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name,
    der(0x30, ...times),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions)),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey))
  const lines = der(0x30, toBeSigned, ECDSA_WITH_SHA256, signature)
    .toString('base64')
    .match(/.{1,64}/g)!
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** One element of DER (X.690 §8.1). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const size = Buffer.from(length.toString(16).padStart(length < 0x100 ? 2 : 4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content])
}

/** `YYYYMMDDHHMMSSZ`. */
function generalizedTime(time: number): string {
  return `${new Date(time).toISOString().replace(/\D/g, '').slice(0, 14)}Z`
}
