/** Values that are hard to take out of a text: each was picked for one thing that an encoder or a search may get wrong. */

import { createHash } from 'node:crypto'

/** Bytes that look random and are the same in every run. */
export function noise(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

/** Wraps a text at a column. */
export function wrap(text: string, column: number, joint: string): string {
  const lines = Array.from({ length: Math.ceil(text.length / column) }, (_, index) =>
    text.slice(index * column, (index + 1) * column),
  )
  return lines.join(joint)
}

const PEM = `-----BEGIN PRIVATE KEY-----\n${wrap(noise('pem', 600).toString('base64'), 64, '\n')}\n-----END PRIVATE KEY-----\n`

const SERVICE_ACCOUNT = JSON.stringify(
  {
    type: 'service_account',
    project_id: 'quiet-harbour-4711',
    private_key_id: noise('key id', 20).toString('hex'),
    private_key: PEM,
    client_email: 'robot@quiet-harbour-4711.iam.gserviceaccount.example',
    client_id: '104857600104857600',
  },
  null,
  2,
)

/** The hand-picked values by what is hard about them. */
export const VALUES: Readonly<Record<string, string>> = {
  token: 'tok-7f3e9a1c5b2d',
  'long token': 'ghp_R4nD0mT0kEnZq81xYvLw93Hs7Kc2Bn6Pf0Ua',
  'eight characters': 'kT9wQ2xL',
  'eight with specials': 'Zq8#vX2!',
  'AWS key': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPL+KEY',
  digits: '804123456789017720346155',
  quotes: 'it\'s "quoted" by `ticks`',
  backslashes: 'a\\b\\\\c\\no-newline\\',
  'Windows path': 'C:\\new\\table\\x41bin',
  'looks escaped': 'a\\nb%41&amp;c\\u0041;d',
  'percent signs': '100%25off%zz+more%',
  'query specials': 'p=a&b=c+d e/f?g#h',
  dollars: '$HOME$$ {x} ${PATH} $1$&',
  'white space around': '  two words and   more  ',
  'keyboard row': '!@#$%^&*()_+',
  'all punctuation': '~`!-_=+[]{}|;:\'",.<>/?\\',
  'markup only': '<<<>>>&&&"""\'\'\'',
  carets: '^a^&b^|c^^d-safe',
  Cyrillic: 'парольСекрет-42',
  'all Cyrillic': 'оченьсекретно',
  emoji: 'k🔑y-🦄-é-密碼-z',
  'emoji only': '🔑🦄🔒🗝🧿🪬🛡🚪',
  mixed: 'p4ss/w+rd=&?%#"\'\\<$>`;: é密🔑',
  'special at the ends': '"=starts&ends%"',
  'base64 letters': '+/+/abcd/+/==',
  'control characters': 'tab\there\x1b[0m\x01bell\x07\x7fend',
  pair: 'robot:S3cr3t-P@ss',
  'connection string': 'postgres://app:p%40ss%2Fw0rd!x@db.internal:5432/main?sslmode=require',
  'key=value connection string': 'Server=tcp:db,1433;User=sa;Password=P@ss\'w0rd"1;Encrypt=true',
  PEM,
  'service account': SERVICE_ACCOUNT,
  '.env file':
    'DB_URL="postgres://u:Pw-9f8e7d6c@db/main"\nAPI_KEY=\'sk-live-5f4e3d2c1b\'\n# note: rotate & audit\nPATH=$HOME/bin:$PATH\n',
}

/** Values of 5 KB. */
export const LONG_VALUES: Readonly<Record<string, string>> = {
  '5 KB token': noise('long', 3840).toString('base64url'),
  '5 KB with specials': `${noise('long specials', 3000).toString('base64')}"'\\&%$ é<>`.repeat(2).slice(0, 5120),
}
