/** What other tools put in the place of a secret: where it is kept, or the secret as they have encrypted it. */

/**
 * 1Password, Vault, helmfile's vals, AWS, Google Cloud and Azure name the place of a secret; SOPS and dotenvx write what only they
 * can decrypt.
 */
const POINTER =
  /^(?:op|vault|ref(?:\+[\w-]+)?|arn|sops|encrypted|secretref|awssm|gcpsm|berglas):|^(?:bw|doppler|infisical|keyring|sm|file):\/\/|^projects\/[\w-]+\/secrets\/|^@Microsoft\.KeyVault\(|^ENC\[/

/** Whether the text is a pointer or a ciphertext of another tool, which reads it and nobody else does. */
export function isPointer(text: string): boolean {
  return POINTER.test(text)
}
