/** Only the redaction helper, without a vault: values you know, taken out of text, JSON lines and structures. */

// #region logger
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b/+"' }, keys: ['authorization'] })

console.log(redactor.text('curl -H "Key: sk-4c1f0e9d2b/+"" https://h/?k=sk-4c1f0e9d2b%2F%2B%22'))
// curl -H "Key: [secret:stripe]" https://h/?k=[secret:stripe]
console.log(redactor.json('{"msg":"key sk-4c1f0e9d2b/+\\"","n":1}')) // {"msg":"key [secret:stripe]","n":1}
console.log(redactor.value({ headers: { Authorization: 'anything' }, cause: new Map([['key', 'sk-4c1f0e9d2b/+"']]) }))
console.log(redactor.add('abc', 'pin')) // short: too short to be searched for inside words
// #endregion
