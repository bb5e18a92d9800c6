/** A redactor by itself: what it masks, what it says of weak values, and how values come and go. */

// #region start
import { createRedactor } from 'guillemet/redact'

const redactor = createRedactor({ secrets: { db: 'hunter2-long-pw' } })

console.log(redactor.text('pg://app:hunter2-long-pw@db or aHVudGVyMi1sb25nLXB3')) // prints: pg://app:[secret:db]@db or [secret:db]
console.log(redactor.json('{"password":"hunter2-long-pw","port":5432}')) // prints: {"password":"[secret:db]","port":5432}
console.log(redactor.value(new Map([['password', ['hunter2-long-pw']]]))) // prints: Map(1) { 'password' => [ '[secret:db]' ] }
console.log(redactor.value(new TypeError('no hunter2-long-pw')).message) // prints: no [secret:db]
// #endregion

// #region find
console.log(redactor.find('k=hunter2-long-pw')) // prints: [ { label: 'db', form: 'raw', start: 2, end: 17 } ]
console.log(redactor.find('nothing here').length) // prints: 0
// #endregion

// #region parts
const config = 'DB_HOST=db.internal\nDB_USER=app\nDB_PASSWORD=correct-horse-9\n'
console.log(redactor.add('config', config)) // prints: ok
console.log(redactor.text('app at db.internal with correct-horse-9')) // prints: app at db.internal with [secret:config]
// #endregion

// #region weak
console.log(redactor.add('pin', '4711')) // prints: short
console.log(redactor.add('flag', 'true')) // prints: common
console.log(redactor.text('pin=4711 order 4711-22 true')) // prints: pin=[secret:pin] order 4711-22 true
console.log(redactor.weak) // prints: Map(2) { 'pin' => 'short', 'flag' => 'common' }
// #endregion

// #region data
console.log(redactor.data({ port: 5432, ok: false, echo: 'Bearer hunter2-long-pw' })) // prints: { port: 5432, ok: false, echo: 'Bearer [secret:db]' }
// #endregion

// #region stream
const body = new Response('the password is hunter2-long-pw').body as ReadableStream<Uint8Array>
console.log(await new Response(body.pipeThrough(redactor.stream())).text()) // prints: the password is [secret:db]

const chunks = redactor.chunks<string>()
console.log(chunks.push('the password is hunter2-') + chunks.push('long-pw') + (chunks.end() ?? '')) // prints: the password is [secret:db]
// #endregion

// #region rotation
redactor.add('db', 'hunter3-long-pw') // the old one may still be printed: both are masked
console.log(redactor.text('hunter2-long-pw hunter3-long-pw')) // prints: [secret:db] [secret:db]
redactor.remove('db') // forgets both
console.log(redactor.text('hunter2-long-pw')) // prints: hunter2-long-pw
// #endregion
