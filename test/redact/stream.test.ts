import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { noise } from './values.ts'

const VALUE = 'hunter2-long-pw'
const stage = () => createRedactor({ secrets: { k: VALUE } })

async function allOf<C>(readable: ReadableStream<C>): Promise<C[]> {
  const found: C[] = []
  for await (const chunk of readable) found.push(chunk)
  return found
}

describe('a stream', () => {
  it('redacts text from a real source to a real sink', async () => {
    const source = new ReadableStream<string>({
      start(controller) {
        for (const part of ['a hun', 'ter2-', '', 'long-pw b ', VALUE, ' hunter']) controller.enqueue(part)
        controller.close()
      },
    })
    const found = await allOf(source.pipeThrough(stage().stream<string>()))
    expect(found.join('')).toBe('a [secret:k] b [secret:k] hunter')
    expect(found).not.toContain('')
  })

  it('redacts bytes between the encoder and the decoder of the platform', async () => {
    const source = new Blob([`🔑 ${VALUE} ü `.repeat(5000)]).stream()
    const redacted = source.pipeThrough<Uint8Array>(stage().stream<Uint8Array>())
    const decoder = new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>
    expect((await allOf(redacted.pipeThrough(decoder))).join('')).toBe('🔑 [secret:k] ü '.repeat(5000))
  })

  it('of bytes masks a word or a number that other characters than letters stand next to', async () => {
    const redactor = createRedactor({ secrets: { pin: '4711081512', word: 'password' } })
    const text = '«4711081512» “password” 4711081512\u00a04711081512… 4711081512\u200b 日本 x4711081512 password_'
    for (const size of [1, 2, 3, 1000]) {
      const bytes = Buffer.from(text)
      const { push, end } = redactor.chunks<Uint8Array>()
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) pieces.push(push(bytes.subarray(at, at + size)))
      expect(Buffer.concat([...pieces, end() ?? new Uint8Array()]).toString()).toBe(redactor.text(text))
    }
  })

  it('redacts the body of a response', async () => {
    const body = new Response(`{"token":"${VALUE}"}`).body!
    expect(await new Response(body.pipeThrough(stage().stream<Uint8Array>())).json()).toEqual({ token: '[secret:k]' })
  })

  it('releases in the same turn what can no longer match', async () => {
    const { readable, writable } = stage().stream<string>()
    const writer = writable.getWriter()
    const reader = readable.getReader()
    const first = reader.read()
    await writer.write('Password: ')
    expect(await first).toEqual({ done: false, value: 'Password: ' })
    await writer.abort()
  })

  it.each([
    [
      'what follows its last quote is there',
      'hunter2-long-pw"',
      '"hunter2-long-pw"x and more ',
      '"[secret:k]x and more ',
    ],
    [
      'a line has ended after what it begins with',
      VALUE,
      `ends ${VALUE.slice(0, 1)}\n  `,
      `ends ${VALUE.slice(0, 1)}\n  `,
    ],
  ])('waits for no more of a value where %s', (_, value, piece, released) => {
    expect(
      createRedactor({ secrets: { k: value } })
        .chunks<string>()
        .push(piece),
    ).toBe(released)
  })

  it('masks a short value right after one that was written already', () => {
    const redactor = createRedactor({ secrets: { k: 'hunter2-long-pw', pin: '4711' } })
    const { push } = redactor.chunks<string>()
    expect([push('hunter2-long-pw'), push('4711 , ')]).toEqual(['[secret:k]', ' , '])
    expect(redactor.text('hunter2-long-pw4711 , ')).toBe('[secret:k] , ')
  })

  it('drops what it held back when its writer aborts', async () => {
    const { readable, writable } = stage().stream<string>()
    const writer = writable.getWriter()
    const reader = readable.getReader()
    const first = reader.read()
    await writer.write('a hunter2-long-p')
    expect((await first).value).toBe('a ')
    const next = reader.read()
    const isDropped = expect(next).rejects.toThrow('stopped')
    await writer.abort(new Error('stopped'))
    await isDropped
  })

  it('drops what it held back when its reader goes', async () => {
    const { readable, writable } = stage().stream<string>()
    const writer = writable.getWriter()
    const reader = readable.getReader()
    const first = reader.read()
    await writer.write('a hunter2-long-p')
    expect((await first).value).toBe('a ')
    await reader.cancel('enough')
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    await expect(writer.write('w')).rejects.toBe('enough')
  })

  it('drops what it held back when its source fails', async () => {
    const source = new ReadableStream<string>({
      start(controller) {
        controller.enqueue('a hunter2-long-p')
      },
      pull(controller) {
        controller.error(new Error('the line is cut'))
      },
    })
    const reader = source.pipeThrough(stage().stream<string>()).getReader()
    const found: string[] = []
    const all = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) found.push(next.value)
    })()
    await expect(all).rejects.toThrow('the line is cut')
    expect(found.join('')).not.toContain('hunter')
  })

  it('errors where text and bytes are mixed', async () => {
    const { readable, writable } = stage().stream<string | Uint8Array>()
    const writer = writable.getWriter()
    const all = expect(allOf(readable)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    const writes = [writer.write('text'), writer.write(new Uint8Array(3)), writer.close()]
    await Promise.allSettled(writes)
    await all
  })

  it('learns a value that is added while it runs, and shares what it holds back with no other stream', async () => {
    const redactor = stage()
    const one = redactor.chunks<string>()
    const two = redactor.chunks<string>()
    expect(one.push('a hunter2')).toBe('a ')
    expect(two.push('-long-pw ')).toBe('-long-pw ')
    redactor.add('other', 'another-value')
    expect(one.push('-long-pw another-value ')).toBe('[secret:k] [secret:other] ')
  })

  it('masks a value that comes in very many pieces between noise', async () => {
    const pieces = [...noise('pieces', 300)].flatMap((byte) => [...VALUE, ` ${byte} `])
    const source = new ReadableStream<string>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece)
        controller.close()
      },
    })
    const found = (await allOf(source.pipeThrough(stage().stream<string>()))).join('')
    expect(found).toBe(pieces.join('').replaceAll(VALUE, '[secret:k]'))
  })
})
