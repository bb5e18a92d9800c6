/** `npm run tables`: puts every table as it is now into its document. */

import { writeFileSync } from 'node:fs'
import { ROOT, read } from './repository.ts'
import { TABLES, withTable } from './tables.ts'

for (const { document, name, make } of TABLES) {
  const markdown = read(document)
  const written = withTable(markdown, name, make())
  if (written !== markdown) writeFileSync(ROOT + document, written)
  console.log(`${document} ${name}: ${written === markdown ? 'as it was' : 'written anew'}`)
}
