/** The value of a secret: one text, or a flat map of named fields. */

/** A text, or fields in their order. */
export type SecretValue = string | Readonly<Record<string, string | number | boolean>>

/** One field's value, or the value itself of a secret without fields. */
export type Scalar = string | number | boolean
