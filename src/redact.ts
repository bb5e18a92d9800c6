/**
 * Redaction: takes known values and their encoded forms out of texts, JSON, structures and streams.
 *
 * @module guillemet/redact
 */

export { type EnvSecretsOptions, envSecrets } from './redact/env-secrets.ts'
export {
  type AddOptions,
  type Chunks,
  createRedactor,
  type Form,
  type Match,
  type PartsPolicy,
  type ReadonlyRedactor,
  type Redactor,
  type RedactorOptions,
  type Verdict,
} from './redact/redactor.ts'
export { sensitiveProperties } from './redact/sensitive-properties.ts'
