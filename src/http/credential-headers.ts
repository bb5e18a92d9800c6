/**
 * The headers in which `vaultFetch` resolves references without being asked: those that only ever carry a credential of
 * the caller. docs/CLIENTS.md lists them.
 *
 * Left out on purpose is every header that gives back what a server or another caller said, since a reference in it is
 * that one's text: cookies, CSRF tokens, session and request ids, ETags, `x-forwarded-*`, `traceparent`.
 */
export const CREDENTIAL_HEADERS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'api-key',
  'apikey',
  'x-api-key',
  'x-apikey',
  'x-api-token',
  'x-api-secret',
  'x-auth-token',
  'x-auth-key',
  'x-access-token',
  'x-goog-api-key',
  'x-functions-key',
  'ocp-apim-subscription-key',
  'private-token',
  'job-token',
  'deploy-token',
  'x-gitlab-token',
  'x-figma-token',
  'x-shopify-access-token',
  'x-vault-token',
  'x-consul-token',
  'x-subscription-token',
  'x-rapidapi-key',
  'x-postmark-server-token',
  'x-postmark-account-token',
  'dd-api-key',
  'dd-application-key',
  'x-honeycomb-team',
  'x-algolia-api-key',
  'x-typesense-api-key',
  'xi-api-key',
]
