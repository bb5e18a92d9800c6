/** How far a long command is: one line that is written over on a terminal, a line now and then elsewhere. */

import { type Host, note } from './host.ts'

/** Start of the line, and nothing on it. */
const CLEAR_LINE = '\r\u001b[K'
/** How many steps between two lines where each of them stays. */
const STEPS_PER_LINE = 1_000

/** Counts the steps of each workspace. */
export class ProgressNote {
  readonly #host: Host
  readonly #what: string
  #workspace: string | undefined
  #count = 0

  constructor(host: Host, what: string) {
    this.#host = host
    this.#what = what
  }

  /** One record or keyring more. */
  step(workspace: string): void {
    if (workspace !== this.#workspace) this.#count = 0
    this.#workspace = workspace
    this.#count++
    const { stderr } = this.#host
    const text = `${workspace}: ${this.#what} ${this.#count}`
    if (stderr.isTTY === true) stderr.write(CLEAR_LINE + text)
    else if (this.#count % STEPS_PER_LINE === 0) note(this.#host, text)
  }

  /** Takes the line away, so that what follows begins on a clean one. */
  end(): void {
    if (this.#host.stderr.isTTY === true && this.#workspace !== undefined) this.#host.stderr.write(CLEAR_LINE)
  }
}
