/** Property names that hold a secret whatever their value is. */

/** A ready list for the option `keys`; compared without regard to case. */
export const sensitiveKeys: readonly string[] = Object.freeze(
  (
    'authorization proxy-authorization cookie set-cookie x-api-key x-auth-token x-csrf-token x-amz-security-token ' +
    'token access_token accessToken refresh_token refreshToken id_token idToken session_token sessionToken jwt ' +
    'secret client_secret clientSecret secret_key secretKey private_key privateKey api_key apiKey api-key ' +
    'password passwd pwd passphrase credential credentials'
  ).split(' '),
)
