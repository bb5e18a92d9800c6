/** What a model of the AI SDK gives back, part by part: as a stream, or all at once. */

import type { ReadonlyRedactor } from '../../redact/redactor.ts'
import { type Block, jsonBlock, maskedJson, textBlock } from './blocks.ts'

/** A part of a stream, or of a result, of any provider. */
export interface ModelPart {
  readonly type: string
}

/** What of the parts is JSON besides the inputs of tools, and how errors are shown. */
export interface PartRules {
  /** Whether the texts are, as `generateObject` asks for. */
  readonly hasJsonText: boolean
  readonly cleanError: (error: unknown) => unknown
}

/** A raw chunk repeats what the provider has sent, piece by piece; in no single piece could a value be found. */
const WITHHELD = '[raw chunk]'
const BLOCK_PART = /^(text|reasoning|tool-input)-(start|delta|end)$/

/** The redactor of one call: values that are searched for in data. */
export type DataRedactor = Pick<ReadonlyRedactor, 'chunks' | 'find' | 'text' | 'data'>

interface OpenBlock {
  readonly kind: string
  readonly id: string
  readonly block: Block
}

/** Cleans the parts of one stream. Each block is searched for itself, so blocks may be interleaved. */
class PartRedactor {
  readonly #redactor: DataRedactor
  readonly #rules: PartRules
  readonly #open = new Map<string, OpenBlock>()

  constructor(redactor: DataRedactor, rules: PartRules) {
    this.#redactor = redactor
    this.#rules = rules
  }

  /** The parts that go on after this one, in their order; perhaps none. */
  push(part: ModelPart): readonly ModelPart[] {
    const [, kind, step] = BLOCK_PART.exec(part.type) ?? []
    if (kind !== undefined) return this.#pushOfBlock(part as BlockPart, kind, step!)
    if (part.type === 'raw') return [{ ...part, rawValue: WITHHELD } as ModelPart]
    if (part.type === 'error') {
      const { error } = part as ModelPart & { readonly error: unknown }
      return [{ ...part, error: this.#rules.cleanError(error) } as ModelPart]
    }
    const clean = cleanPart(part, this.#redactor, this.#rules)
    if (part.type === 'tool-call') return [...this.#rest('tool-input', (part as ToolCall).toolCallId), clean]
    return part.type === 'finish' ? [...this.end(), clean] : [clean]
  }

  /** The rest of all blocks that nobody has ended. */
  end(): readonly ModelPart[] {
    return [...this.#open.values()].flatMap(({ kind, id }) => this.#rest(kind, id))
  }

  #pushOfBlock(part: BlockPart, kind: string, step: string): readonly ModelPart[] {
    const { id, delta = '' } = part
    if (step === 'end') return [...this.#rest(kind, id), this.#redactor.data(part)]
    const key = `${kind} ${id}`
    if (step === 'start' || !this.#open.has(key)) {
      this.#open.set(key, { kind, id, block: this.#blockOf(kind, part.inputEncoding) })
    }
    if (step === 'start') return [this.#redactor.data(part)]
    const released = this.#open.get(key)!.block.push(delta)
    // without a text it may still carry a signature
    const isEmpty = released === '' && delta !== '' && part.providerMetadata === undefined
    return isEmpty ? [] : [{ ...this.#redactor.data({ ...part, delta: '' }), delta: released } as ModelPart]
  }

  #blockOf(kind: string, inputEncoding: unknown): Block {
    const isJson = kind === 'tool-input' ? inputEncoding !== 'text' : kind === 'text' && this.#rules.hasJsonText
    return isJson ? jsonBlock(this.#redactor) : textBlock(this.#redactor)
  }

  /** What a block has held back, as a last piece of it. */
  #rest(kind: string, id: string): readonly ModelPart[] {
    const key = `${kind} ${id}`
    const delta = this.#open.get(key)?.block.end() ?? ''
    this.#open.delete(key)
    return delta === '' ? [] : [{ type: `${kind}-delta`, id: this.#redactor.text(id), delta } as ModelPart]
  }
}

interface BlockPart extends ModelPart {
  readonly id: string
  readonly delta?: string
  readonly inputEncoding?: unknown
  readonly providerMetadata?: unknown
}

interface ToolCall extends ModelPart {
  readonly toolCallId: string
  readonly input?: unknown
}

/** A part that is there as a whole. */
export function cleanPart<P extends ModelPart>(part: P, redactor: DataRedactor, { hasJsonText }: PartRules): P {
  const member = part.type === 'tool-call' ? 'input' : part.type === 'text' && hasJsonText ? 'text' : undefined
  const json: unknown = member === undefined ? undefined : (part as unknown as Record<string, unknown>)[member]
  if (typeof json !== 'string') return redactor.data(part)
  return { ...redactor.data({ ...part, [member!]: '' }), [member!]: maskedJson(json, redactor) }
}

/** A stream of parts, cleaned as they come: what is clean is there in the same tick. */
export function cleanStream<P extends ModelPart>(
  source: ReadableStream<P>,
  redactor: DataRedactor,
  rules: PartRules,
): ReadableStream<P> {
  const reader = source.getReader()
  const parts = new PartRedactor(redactor, rules)
  const fail = (error: unknown): never => {
    throw rules.cleanError(error)
  }
  return new ReadableStream<P>(
    {
      async pull(controller) {
        let released: readonly ModelPart[] = []
        while (released.length === 0) {
          const { done, value } = await reader.read().catch(fail)
          released = done ? parts.end() : parts.push(value)
          for (const part of released) controller.enqueue(part as P)
          if (done) return controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason).catch(fail),
    },
    { highWaterMark: 0 },
  )
}
