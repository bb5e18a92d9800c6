/**
 * Samples in documents are regions of files that run.
 *
 * A fenced block under `<!-- from: examples/01-quick-start.ts#store -->` must be the text between `// #region store`
 * and `// #endregion` of that file, or, without `#store`, the whole file. Indentation and region marks do not count.
 * One under `<!-- printed by: examples/20-before-and-after.ts -->` is what that example prints (`examples.thorough.test.ts`).
 */

/** A fenced block of a document. */
export interface Sample {
  readonly line: number
  readonly language: string
  readonly text: string
  /** What its mark names: `path` or `path#region`. */
  readonly from?: string
  /** The example whose output it is. */
  readonly printedBy?: string
}

const MARK = /^<!-- (from|printed by): (\S+) -->$/
const FENCE = /^(`{3,})(\w*)/

/** All fenced blocks of a Markdown text. */
export function samplesOf(markdown: string): Sample[] {
  const samples: Sample[] = []
  const lines = markdown.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const fence = FENCE.exec(lines[index]!)
    if (fence === null) continue
    const [, ticks, language] = fence
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === ticks)
    const mark = lines
      .slice(0, index)
      .filter((line) => line.trim() !== '')
      .at(-1)
    const [, relation, path] = MARK.exec(mark ?? '') ?? []
    const text = lines.slice(index + 1, end < 0 ? undefined : end).join('\n')
    const origin = path === undefined ? {} : relation === 'from' ? { from: path } : { printedBy: path }
    samples.push({ line: index + 1, language: language!, text, ...origin })
    index = end < 0 ? lines.length : end
  }
  return samples
}

/** The text of a region, or of the whole file without a name; undefined when there is no such region. */
export function regionOf(source: string, name: string | undefined): string | undefined {
  let lines = source.split('\n')
  if (name !== undefined) {
    const start = lines.findIndex((line) => line.trim() === `// #region ${name}`)
    if (start < 0) return undefined
    let depth = 1
    const length = lines.slice(start + 1).findIndex((line) => {
      if (isRegionMark(line)) depth += line.trim().startsWith('// #region') ? 1 : -1
      return depth === 0
    })
    if (length < 0) return undefined
    lines = lines.slice(start + 1, start + 1 + length)
  }
  lines = lines.filter((line) => !isRegionMark(line))
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)))
  return lines
    .map((line) => line.slice(margin))
    .join('\n')
    .trim()
}

function isRegionMark(line: string): boolean {
  return /^\s*\/\/ #(?:end)?region\b/.test(line)
}

/**
 * Where the samples of a document differ from the files they name, one sentence each.
 *
 * @param read the text of a file by its path in the repository, or undefined
 */
export function inspectSamples(
  document: string,
  markdown: string,
  read: (path: string) => string | undefined,
): string[] {
  return samplesOf(markdown).flatMap(({ line, text, from }) => {
    if (from === undefined) return []
    const [path, region] = from.split('#')
    const source = read(path!)
    const expected = source === undefined ? undefined : regionOf(source, region)
    if (expected === undefined) return [`${document}:${line} names ${from}, which is not there`]
    return expected === text.trim() ? [] : [`${document}:${line} differs from ${from}`]
  })
}

/** The TypeScript samples of a document that come from no file, one sentence each. */
export function straySamples(document: string, markdown: string): string[] {
  return samplesOf(markdown)
    .filter(({ language, from }) => from === undefined && /^(?:ts|typescript)$/.test(language))
    .map(({ line }) => `${document}:${line} comes from no file`)
}
