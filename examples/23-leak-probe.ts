/** A test that says where an application lets a secret out. */

// #region probe
import { leakProbe } from 'guillemet/testing/node'

const key = 'sk-4c1f0e9d2b'
const app = async () => {
  console.error('cannot charge', { headers: { authorization: `Bearer ${key}` } })
  return { status: 502 }
}

const { leaks } = await leakProbe({ key }, app, { capture: ['stdout', 'stderr', 'console'] })
console.log(leaks.map(({ label, form, where, path }) => `${label} ${form} ${where} ${path}`)) // prints: [ 'key raw console headers.authorization', 'key raw stderr ' ]
// #endregion
