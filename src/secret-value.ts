/** The value of a secret: one text, or a flat map of named fields. */

/** One text, or named fields in their order: at most 1,024 fields and 1 MiB of UTF-8. */
export type SecretValue = string | Readonly<Record<string, string | number | boolean>>

/** One field's value, or the value itself of a secret without fields. */
export type Scalar = string | number | boolean
