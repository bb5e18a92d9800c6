/** What the laws of templates are tried on: pieces of other languages, hostile pieces, values, configs. */

import fc from 'fast-check'
import { isWellFormed } from '../../src/bytes.ts'

/** Pieces of Jinja, Helm, Handlebars, Go templates, GitHub Actions, shell, C++: never one of our references. */
export const foreignPiece = fc.constantFrom(
  '{{ user.name | upper }}',
  '{% if x %}',
  '{# secrets #}',
  '{{- include "x" . | nindent 4 -}}',
  '{{#each items}}',
  '{{{ raw }}}',
  '{{{{raw}}}}',
  '{{/each}}',
  '{{!-- c --}}',
  '{{ range $i, $e := .Items }}',
  '${{ secrets.TOKEN }}',
  '${{ github.sha }}',
  '$(( 1 << 3 ))',
  'cat <<EOF\n',
  '<<-"END"',
  '<<<',
  'std::cout << x << y;',
  'a >> b',
  'x[][]{{1, 2}, {3}};',
  '{{ secrets }}',
  '{{ my.secrets.a }}',
  '{{ Secrets.a }}',
  '{{#secrets.a}}',
  'xsecrets.a }}',
  'RUNPOD_SECRET',
  '{{',
  '}}',
  '<<',
  '>>',
  '{',
  '}',
  '<',
  '>',
  '&',
  '|',
  '$',
  ' ',
  '\n',
  '\t',
  '"',
  'é🔑',
  '\ud800',
  '',
)

export const foreignText = fc.array(foreignPiece, { maxLength: 8 }).map((pieces) => pieces.join(''))

/** Anything that the scanner could stumble over, ours included. */
export const hostilePiece = fc.oneof(
  foreignPiece,
  fc.constantFrom(
    'secrets.a',
    'secrets.',
    'RUNPOD_SECRET_b',
    '{{ secrets.a }}',
    '<< secrets.b | trim >>',
    '<< secrets.c.d | base64 | json >>',
    '{{{ secrets.a }}}',
    '{{& secrets.a }}',
    '{{ secrets.a',
    '<<{secrets.a}>>',
    '{{ secrets.a | nope }}',
    '{{ secrets.a.b.c }}',
    '\\',
    '\\\\',
    '.x',
    '| raw ',
  ),
)

export const hostileText = fc.array(hostilePiece, { maxLength: 10 }).map((pieces) => pieces.join(''))

/** A value of a secret: any text, with references and closing delimiters in it more often than chance would have. */
export const anyValue = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).filter(isWellFormed),
  hostileText.filter(isWellFormed),
  fc.constantFrom(
    '',
    '.',
    '..',
    '%2e%2e',
    '/',
    '//evil.example',
    '@evil.example',
    'a b+c&d=e#f?g%20',
    '\\',
    '\r\n',
    '\0',
  ),
)

/** One of our references to the tags `a`, `b` and `c`, in any form. */
export const reference = fc.record({
  tag: fc.constantFrom('a', 'b', 'c'),
  form: fc.constantFrom(
    (name: string) => `{{ secrets.${name} }}`,
    (name: string) => `{{secrets.${name}}}`,
    (name: string) => `{{{ secrets.${name} }}}`,
    (name: string) => `{{& secrets.${name}\n}}`,
    (name: string) => `<< secrets.${name} >>`,
    (name: string) => `<<RUNPOD_SECRET_${name}>>`,
    (name: string) => `{{ RUNPOD_SECRET_${name} | raw }}`,
  ),
})

export const values = fc.record({ a: anyValue, b: anyValue, c: anyValue })

/** Literal text that neither escapes nor extends the reference after it, nor makes it foreign. */
export const calmText = foreignText
  .map((text) => text.replace(/[\\${<&\s]+$/, ''))
  .filter((text) => !text.endsWith('{'))

/** A config: nested objects and lists of texts and other leaves. */
export const config = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      reference.map(({ tag, form }) => form(tag)),
      reference.map(({ tag, form }) => `x ${form(tag)} y`),
      foreignText,
      fc.integer(),
      fc.boolean(),
      fc.constantFrom(null, undefined),
    ),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('__proto__', 'constructor', 'a.b')),
      tie('node'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
    fc.array(tie('node'), { maxLength: 4 }),
  ),
})).node
