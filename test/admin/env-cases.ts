/** Lines of `.env` files at which parsers disagree, and what becomes of each with the parser of Node and with dotenv 17. */

import { parseEnv } from 'node:util'

/** `as the parser read it`, or why not; what follows is what speaks against replacing it. */
export interface EnvCase {
  readonly text: string
  /** The value that goes into the vault where the name is chosen, or the refusal in angle brackets. */
  readonly node: string
  readonly dotenv: string
  readonly nodeDoubts: string
  readonly dotenvDoubts: string
}

const caseOf = (text: string, node: string, nodeDoubts: string, dotenv = node, dotenvDoubts = nodeDoubts): EnvCase => ({
  text,
  node,
  dotenv,
  nodeDoubts,
  dotenvDoubts,
})

/** Newer versions of Node read two of them as dotenv does. */
const READS_LIKE_DOTENV = parseEnv('A=\tb')['A'] === 'b'

const asRead = (one: EnvCase): EnvCase =>
  READS_LIKE_DOTENV ? { ...one, node: one.dotenv, nodeDoubts: one.dotenvDoubts } : one

/** The name is always `A`. */
export const ENV_CASES: readonly EnvCase[] = [
  caseOf('A=b', 'b', ''),
  caseOf('A=a=b==', 'a=b==', ''),
  caseOf('A=b c', 'b c', ''),
  caseOf('  A =  b  ', 'b', ''),
  caseOf('A="b#c"', 'b#c', ''),
  caseOf("A='b#c'", 'b#c', ''),
  caseOf('A=`b`', 'b', ''),
  caseOf('A="b" # a comment', 'b', ''),
  caseOf('export A=b', 'b', ''),
  caseOf('export A="b"\r\n', 'b', ''),
  caseOf('export\tA=b', '<not-read>', '', 'b', ''),
  caseOf('A=b#c', 'b', 'left-over'),
  caseOf('A=b # c', 'b', 'left-over'),
  caseOf('A="b"c', 'b', 'left-over', '"b"c', 'second-reading'),
  caseOf('A="b"#c', 'b', 'left-over'),
  caseOf('A="a\\"b"', 'a\\', 'left-over second-reading', 'a\\"b', 'second-reading'),
  caseOf('A="a\\nb"', 'a\nb', 'second-reading multi-line'),
  caseOf("A='a\\nb'", 'a\\nb', ''),
  caseOf('A="a\nb"', 'a\nb', 'multi-line'),
  caseOf('A="a\r\nb"\r\n', 'a\nb', 'multi-line'),
  caseOf('A="a\n# b\nB=c" # d', 'a\n# b\nB=c', 'multi-line'),
  caseOf('\ufeffA=b', 'b', 'bom'),
  caseOf('A=b\nA=c', 'c', 'duplicate'),
  caseOf('A=${HOME}/b', '${HOME}/b', 'expansion'),
  caseOf('A=b$c', 'b$c', 'expansion'),
  caseOf('A=$(date)', '$(date)', 'expansion'),
  asRead(caseOf('A="b', '<not-read>', '', '"b', 'second-reading')),
  asRead(caseOf('A=\tb\t', '\tb\t', 'second-reading', 'b', '')),
  caseOf('A=b\rB=c', '<not-located>', '', 'b', 'left-over'),
  caseOf('A=', '<empty>', ''),
  caseOf('A=""', '<empty>', ''),
  caseOf('A=<< secrets.A >>', '<reference>', ''),
  caseOf('A="{{ secrets.other }}"', '<reference>', ''),
  caseOf('A=••••••••', '<not-a-value>', ''),
]
