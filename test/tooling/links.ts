/** Where documents lead: links between files of the repository, and the scripts that they tell a reader to run. */

/** What a check of links knows of the repository. */
export interface Repository {
  /** The text of a file, or undefined where there is none; a folder is `''`. */
  read(path: string): string | undefined
  /** Whether a file is in the package. */
  isPublished(path: string): boolean
  readonly scripts: readonly string[]
}

const LINK = /\]\(([^)\s]+)\)/g
const SCRIPT = /`?npm run (?:-s )?([\w:]+)/g

/** The links of a document that lead nowhere, or out of the package although the document is in it. */
export function deadLinks(document: string, markdown: string, { read, isPublished }: Repository): string[] {
  return [...markdown.matchAll(LINK)].flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link!)) return []
    const [target = '', heading] = link!.split('#')
    const path = target === '' ? document : resolve(document, target)
    const text = read(path)
    const says = `${document} links to ${link}, which`
    if (text === undefined) return [`${says} is not there`]
    if (heading !== undefined && !headingsOf(text).includes(heading)) return [`${says} has no such heading`]
    return isPublished(document) && !isPublished(path) ? [`${says} is not in the package`] : []
  })
}

/** The scripts that a document names and package.json lacks. */
export function deadScripts(document: string, markdown: string, { scripts }: Repository): string[] {
  const named = [...markdown.matchAll(SCRIPT)].map(([, script]) => script!)
  return named.filter((script) => !scripts.includes(script)).map((script) => `${document} names npm run ${script}`)
}

/** The anchors of a document, as GitHub makes them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** A path that is relative to a document, as one within the repository. */
function resolve(document: string, target: string): string {
  return new URL(target, `file:///${document}`).pathname.slice(1)
}
