/** What is wrong with a config before it is saved: misspelt references, and credentials that should be references. */

import { lint } from 'guillemet/template'

const config = {
  url: 'https://acme.zendesk.com/api/v2/tickets.json',
  headers: {
    Authorization: 'Bearer zd-7f3e9a1c5b',
    'X-Trace': 'of << secret.zendesk >>',
  },
}

// #region lint
for (const { path, message, suggestion, caret } of lint(config, { as: 'request' })) {
  console.log(`${path}: ${message}`)
  console.log(caret, suggestion)
}
// prints: headers.Authorization: The value of "authorization" looks like a credential
// prints: authorization: …
// prints: << secrets.authorization >>
// prints: headers.X-Trace: This looks like a reference of another tool
// prints: …<< secret.zendesk >>
// prints: << secrets.zendesk >>
// #endregion
