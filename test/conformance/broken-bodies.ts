/** Storages that change what they were given to keep, and the case that has to catch it. */

import { type BrokenStorage, keeping } from './breaking.ts'

export const brokenBodies: readonly BrokenStorage[] = [
  {
    fault: 'drops a leading U+FEFF',
    make: keeping((body) => new TextDecoder().decode(new TextEncoder().encode(body))),
    caughtBy: 'a body comes back exactly: a leading and an inner U+FEFF',
  },
  {
    fault: 'ends a text at NUL',
    make: keeping((body) => body.split('\0')[0]!),
    caughtBy: 'a body with NUL comes back exactly, or is refused',
  },
  {
    fault: 'trims',
    make: keeping((body) => body.trim()),
    caughtBy: 'a body comes back exactly: white space',
  },
  {
    fault: 'makes line ends alike',
    make: keeping((body) => body.replace(/\r\n?/g, '\n')),
    caughtBy: 'a body comes back exactly: line ends',
  },
  {
    fault: 'normalises',
    make: keeping((body) => body.normalize('NFC')),
    caughtBy: 'a body comes back exactly: characters that look alike',
  },
  {
    fault: 'keeps Latin-1',
    make: keeping((body) => Buffer.from(body, 'latin1').toString('latin1')),
    caughtBy: 'a body comes back exactly: emoji',
  },
  {
    fault: 'cuts a long body',
    make: keeping((body) => body.slice(0, 2 * 1024 * 1024)),
    caughtBy: 'a body comes back exactly: more than 2 MiB',
  },
  {
    fault: 'parses the body',
    make: keeping((body) => {
      try {
        return JSON.stringify(JSON.parse(body))
      } catch {
        return body
      }
    }),
    caughtBy: 'a body comes back exactly: JSON',
  },
]
