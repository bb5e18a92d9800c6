/** Only the redaction helper, without a vault: values you know, taken out of text, JSON lines and structures. */

// #region logger
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { stripe: 'sk-4c1f0e9d2b/+"' }, properties: ['authorization'] })

console.log(redactor.text('GET https://h/?k=sk-4c1f0e9d2b%2F%2B%22')) // prints: GET https://h/?k=[secret:stripe]
console.log(redactor.json('{"msg":"key sk-4c1f0e9d2b/+\\"","n":1}')) // prints: {"msg":"key [secret:stripe]","n":1}
console.log(redactor.value({ headers: { Authorization: 'anything' }, cause: new Map([['key', 'sk-4c1f0e9d2b/+"']]) }))
console.log(redactor.add('pin', 'abc')) // prints: short
// #endregion
