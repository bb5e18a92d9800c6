/**
 * A durable engine with the ways to its storage that real ones have had beside their hooks: it checkpoints a step before the
 * hook runs, runs the hook once for all steps of a tick, and stores errors by another way than results.
 */

import { inspect } from 'node:util'

/** One thing that was written down, as text. */
export interface Stored {
  readonly way: 'checkpoint' | 'state' | 'error' | 'trace' | 'result'
  readonly step: string
  readonly text: string
}

export interface StepTools {
  /** Runs the work once; on later replays gives what was stored of it. */
  run(id: string, work: () => unknown): Promise<unknown>
}

type Memo = { readonly data: unknown } | { readonly error: { readonly name: string; readonly message: string } }

export class FakeEngine {
  readonly stored: Stored[] = []
  readonly #memo = new Map<string, Memo>()

  /** @param hook where a middleware would redact; it sees the first step of each tick and no error */
  constructor(private readonly hook: (value: unknown) => unknown = (value) => value) {}

  /** Replays the workflow until every step is stored; its own result or error is stored too. */
  async run(workflow: (step: StepTools) => Promise<unknown>): Promise<void> {
    for (;;) {
      const found: [id: string, work: () => unknown][] = []
      const step: StepTools = {
        run: (id, work) => {
          const memo = this.#memo.get(id)
          if (memo === undefined) found.push([id, work])
          else if ('data' in memo) return Promise.resolve(memo.data)
          else return Promise.reject(Object.assign(new Error(memo.error.message), { name: memo.error.name }))
          return new Promise(() => undefined)
        },
      }
      const end = workflow(step).then(
        (result) => this.#write('result', '', JSON.stringify(result)),
        (error: unknown) => this.#write('result', '', inspect(error, { depth: 9, showHidden: true })),
      )
      const isDone = await Promise.race([end.then(() => true), new Promise((next) => setImmediate(next, false))])
      if (isDone) return
      let isHooked = false // shared by the steps of one tick
      await Promise.all(
        found.map(async ([id, work]) => {
          try {
            const value = await work()
            this.#write('checkpoint', id, JSON.stringify(value) ?? 'undefined')
            this.#write('trace', id, inspect(value, { depth: 9, showHidden: true, getters: true }))
            const state = JSON.stringify(isHooked ? value : this.hook(value)) ?? 'null'
            isHooked = true
            this.#write('state', id, state)
            this.#memo.set(id, { data: JSON.parse(state) })
          } catch (error) {
            this.#storeError(id, error)
          }
        }),
      )
    }
  }

  /** All that engines read of what was thrown. */
  #storeError(id: string, thrown: unknown): void {
    const { name = 'Error', message = text(thrown), stack } = Object(thrown) as Partial<Error>
    this.#write('error', id, `${text(name)} ${text(message)} ${text(stack)} ${text(thrown)}`)
    this.#write('error', id, JSON.stringify(thrown, Object.getOwnPropertyNames(Object(thrown))) ?? '')
    this.#write('trace', id, inspect(thrown, { depth: 9, showHidden: true, getters: true }))
    this.#memo.set(id, { error: { name: text(name), message: text(message) } })
  }

  #write(way: Stored['way'], step: string, text: string): void {
    this.stored.push({ way, step, text })
  }
}

function text(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '' // it has no text
  }
}
