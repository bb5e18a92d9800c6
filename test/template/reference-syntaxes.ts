/** Every way in which people, models and servers write references: well formed and not, in this library's words and in others'. */

/**
 * @param own the tag of a secret that is in use
 * @param others tags of secrets that nobody has asked for, by turns
 */
export function referenceSyntaxes(own: string, others: readonly [string, ...string[]]): readonly string[] {
  const [a, b = a, c = a] = others
  return [
    `<< secrets.${a} >>`,
    `{{ secrets.${a} }}`,
    `{{secrets.${b}}}`,
    `{{{ secrets.${a} }}}`,
    `<<& secrets.${c} >>`,
    `<< secrets.${c} | base64 >>`,
    `<< secrets.${c}.password | json >>`,
    `{{ RUNPOD_SECRET_${a} }}`,
    `<< RUNPOD_SECRET_${a} >>`,
    '<< secrets.gone >>',
    `<< secrets.${own} >>`,
    `{{secrets.${own}}}`,
    `\\<< secrets.${a} >>`,
    `\\\\{{ secrets.${a} }}`,
    'docs: {{ secrets.',
    `<< secrets.${a}`,
    `<< secrets.${a} | nofilter >>`,
    '{{ secrets.a.b.c }}',
    '<< secrets. >>',
    '${{ secrets.CI }}',
    `{{- secrets.${a} -}}`,
    `%7B%7B%20secrets.${a}%20%7D%7D`,
    `&lt;&lt; secrets.${a} &gt;&gt;`,
    `"<< secrets.${a} >>"`,
    `{{ steps.children }}<< secrets.${a} >>`,
    `[secret:${a}] and ••••••••`,
    `« secrets.${a} »`,
    `cat <<EOF\n{{ secrets.${b} }}\nEOF`,
  ]
}
