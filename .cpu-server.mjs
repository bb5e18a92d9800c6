import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
const bodies = JSON.parse(readFileSync('/tmp/speed/bodies.json'))
const server = createServer((request, response) => {
  request.resume()
  const [type, body] = bodies[request.url] ?? ['application/json', '{"ok":true}']
  response.setHeader('content-type', type)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('disconnect', () => process.exit())
