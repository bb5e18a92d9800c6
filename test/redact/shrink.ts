/** Shrinks a value and a text that show a difference to the smallest that still show it. */

const LETTERS = 'kzyjqwvh'
const MIN_LENGTH = 8

/** Whether the difference is still there. */
type Test = (value: string, text: string) => boolean

/** The smallest value and text that can be reached by leaving out, and by plain letters; a long value stays long. */
export function shrunk(value: string, text: string, holds: Test): { readonly value: string; readonly text: string } {
  const least = value.trim().length >= MIN_LENGTH ? MIN_LENGTH : 1
  const test = (nextValue: string, nextText: string): boolean =>
    nextValue.trim().length >= least && holds(nextValue, nextText)
  let now = { value, text }
  for (let before = ''; before !== now.value + now.text; ) {
    before = now.value + now.text
    now = { ...now, text: shorter(now.text, (next) => test(now.value, next)) }
    now = { ...now, value: shorter(now.value, (next) => test(next, now.text)) }
    now = withoutPairs(now.value, now.text, test)
    now = inLetters(now.value, now.text, test)
  }
  return now
}

/** Without all that can be left out. */
function shorter(text: string, holds: (text: string) => boolean): string {
  let now = text
  for (let count = 16; count >= 1; count >>= 1) {
    for (let at = 0; at + count <= now.length; ) {
      const next = now.slice(0, at) + now.slice(at + count)
      if (holds(next)) now = next
      else at++
    }
  }
  return now
}

/** Without characters that can be left out of both at once. */
function withoutPairs(value: string, text: string, test: Test): { value: string; text: string } {
  for (let at = 0; at < value.length; at++) {
    const nextValue = value.slice(0, at) + value.slice(at + 1)
    for (let place = text.indexOf(value[at]!); place >= 0; place = text.indexOf(value[at]!, place + 1)) {
      const nextText = text.slice(0, place) + text.slice(place + 1)
      if (test(nextValue, nextText)) return withoutPairs(nextValue, nextText, test)
    }
  }
  return { value, text }
}

/** With plain letters in place of other characters. */
function inLetters(value: string, text: string, test: Test): { value: string; text: string } {
  let now = { value, text }
  for (const one of new Set(value)) {
    const letter = [...LETTERS].find((each) => !now.value.includes(each))
    if (letter === undefined || LETTERS.includes(one)) continue
    const next = { value: now.value.replaceAll(one, letter), text: now.text.replaceAll(one, letter) }
    if (test(next.value, next.text)) now = next
  }
  return now
}
