/**
 * What a model reads and writes: references or masks in place of values on the way there, masks on the way back.
 *
 * @module guillemet/agents/ai
 */

import { isPlainObject, ownValue } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { suggest } from '../suggest.ts'
import type { Resolved, Vault } from '../vault/api.ts'
import { clientAccessOf } from '../vault/client.ts'
import { usedSecrets } from '../vault/redirect.ts'
import { type Block, jsonBlock, textBlock } from './ai/blocks.ts'
import { withoutLogprobs } from './ai/logprobs.ts'
import { cleanPart, cleanStream, type DataRedactor, type ModelPart, type PartRules } from './ai/stream-parts.ts'
import { contextsOf, createRedactors, resultsOf, type UsedResults } from './ai/used-values.ts'

export type { UsedResults } from './ai/used-values.ts'

/** Options of {@link concealModel}. */
export interface ConcealModelOptions {
  /** The results whose values no model sees: those of one agent's run, or a function that gives those there are by now. */
  readonly of: UsedResults
}

/** A middleware of the AI SDK, as `wrapLanguageModel` takes it. */
export interface ModelMiddleware {
  /** That of the AI SDK 6. */
  readonly specificationVersion: 'v3'
  /** Conceals what goes to the model. */
  transformParams<P>(options: { readonly params: P }): Promise<P>
  /** Redacts what comes back at once. */
  wrapGenerate<R>(options: { doGenerate(): PromiseLike<R>; readonly params: object }): Promise<R>
  /** Redacts what comes back as a stream. */
  wrapStream<R>(options: { doStream(): PromiseLike<R>; readonly params: object }): Promise<R>
}

/**
 * Keeps the values of these results from a model, and what comes back clean of them.
 *
 * In messages of users, tools and the model itself a value becomes the reference that it came from, or a mask where it is
 * encoded, and references that were there are made inert, but for those to `boundTags(of)` in the model's own tool calls: it
 * would copy the escape into its next call. What the program says itself (system messages, tools, provider
 * options, response format) keeps its references, and has masks in place of values. Headers of the request are left alone.
 *
 * What comes back is redacted as data, values of at least eight characters: texts, reasoning, inputs of tools (which stay
 * JSON), results of tools, sources, metadata, errors. In a stream each block is searched for itself and its rest released
 * before it ends; raw chunks and log probabilities, in which a value is in pieces, are withheld.
 *
 * @throws ERR_INVALID_INPUT for an unknown option, and, when the model is called, if `of` gives anything but results
 * @example
 * ```ts
 * const model = wrapLanguageModel({ model: openai('gpt-5'), middleware: concealModel(vault, { of: () => used }) })
 * ```
 */
export function concealModel(vault: Vault, options: ConcealModelOptions): ModelMiddleware {
  const { of } = readOptions(options, 'options of concealModel', ['of'], suggest)
  const redactorOf = createRedactors()
  if (typeof of !== 'function') resultsOf(of)
  const callOf = (params: object): { readonly redactor: DataRedactor; readonly rules: PartRules } => {
    const redactor = redactorOf(resultsOf(of))
    const rules = { hasJsonText: wantsJson(params), cleanError: errorCleaner(redactor, params) }
    return { redactor: withoutLogprobs(redactor), rules }
  }
  return {
    specificationVersion: 'v3',
    async transformParams({ params }) {
      const results = resultsOf(of)
      return concealedParams(vault, params, results, redactorOf(results))
    },
    async wrapGenerate({ doGenerate, params }) {
      const { redactor, rules } = callOf(params)
      const result = await caught(doGenerate, rules)
      const { content, ...rest } = result as { readonly content: readonly ModelPart[] }
      return {
        ...redactor.data(rest),
        content: content.map((part) => cleanPart(part, redactor, rules)),
      } as typeof result
    },
    async wrapStream({ doStream, params }) {
      const { redactor, rules } = callOf(params)
      const result = await caught(doStream, rules)
      const { stream, ...rest } = result as { readonly stream: ReadableStream<ModelPart> }
      return { ...redactor.data(rest), stream: cleanStream(stream, redactor, rules) } as typeof result
    },
  }
}

/**
 * The tags that a model may name: those of these results whose rule has `hosts`, so that a reference that a page has talked it
 * into leads nowhere else. For the option `tags` of the fetch that a tool sends with. A tag names all fields of its
 * secret.
 *
 * @throws ERR_INVALID_INPUT for anything but results
 * @example
 * ```ts
 * const send = vaultFetch(vault, { tags: boundTags([session]) })
 * ```
 */
export function boundTags(results: readonly Resolved<unknown>[]): readonly string[] {
  const secrets = contextsOf(results).flatMap(usedSecrets)
  return [...new Set(secrets.filter(({ allow }) => allow?.hosts !== undefined).map(({ tag }) => tag))]
}

/** Cleans the deltas of a model's stream, whatever SDK they come from. */
export interface DeltaRedactor {
  /**
   * What can be released of a block after this delta; perhaps nothing.
   *
   * @param block what tells it from the others of the stream
   * @param kind `json` for the input of a tool, which stays JSON. @default 'text'
   */
  push(block: string, delta: string, kind?: 'text' | 'json'): string
  /** The rest of a block, to be released before it ends; `''` where nothing is held back. */
  end(block: string): string
}

/**
 * Cleans deltas, each block for itself, for SDKs without a middleware. docs/AGENTS.md has the few lines for OpenAI's and
 * Anthropic's events.
 *
 * @param redactor such as `vault.redactor` of a view, which knows what that view has used
 * @example
 * ```ts
 * const deltas = redactDeltas(vault.redactor)
 * delta.content = deltas.push('text', delta.content)
 * ```
 */
export function redactDeltas(redactor: Pick<ReadonlyRedactor, 'chunks' | 'find' | 'text'>): DeltaRedactor {
  const open = new Map<string, Block>()
  return {
    push(name, delta, kind = 'text') {
      let block = open.get(name)
      if (block === undefined) {
        block = kind === 'json' ? jsonBlock(redactor) : textBlock(redactor)
        open.set(name, block)
      }
      return block.push(delta)
    },
    end(name) {
      const rest = open.get(name)?.end() ?? ''
      open.delete(name)
      return rest
    },
  }
}

/** What the program itself has written keeps its references; everybody else's are made inert. */
function concealedParams<P>(vault: Vault, params: P, results: readonly Resolved<unknown>[], redactor: DataRedactor): P {
  const copy = { ...params } as Record<string, unknown>
  for (const member of ['tools', 'toolChoice', 'responseFormat', 'providerOptions', 'stopSequences']) {
    if (Object.hasOwn(copy, member)) copy[member] = redactor.data(copy[member])
  }
  const { prompt } = copy
  const conceal = (message: unknown): unknown => {
    const role = isPlainObject(message) ? ownValue(message, 'role') : undefined
    if (role === 'system') return redactor.data(message)
    const concealed = vault.conceal(message, { of: results })
    return role === 'assistant' ? withOwnCalls(vault, message, concealed, results) : concealed
  }
  copy['prompt'] = Array.isArray(prompt) ? prompt.map(conceal) : conceal(prompt)
  return copy as P
}

/**
 * The message with the model's own tool calls, in which references to bound secrets stay: escaped, they would teach it to
 * write the escape.
 */
function withOwnCalls(
  vault: Vault,
  message: unknown,
  concealed: unknown,
  results: readonly Resolved<unknown>[],
): unknown {
  const access = clientAccessOf(vault)
  const given = ownValue(message as { content?: unknown }, 'content')
  if (access === undefined || !Array.isArray(given)) return concealed
  const tags = boundTags(results)
  const { content, ...rest } = concealed as { readonly content: readonly Record<string, unknown>[] }
  const parts = content.map((part, at) => {
    const own: unknown = given[at]
    const isCall = isPlainObject(own) && ownValue(own, 'type') === 'tool-call'
    return isCall ? { ...part, input: access.concealOwn(ownValue(own, 'input'), results, tags) } : part
  })
  return { ...rest, content: parts }
}

function wantsJson(params: object): boolean {
  const format = ownValue(params as { responseFormat?: unknown }, 'responseFormat')
  return isPlainObject(format) && ownValue(format, 'type') === 'json'
}

/** The caller's own reason for aborting is given back as it is. */
function errorCleaner(redactor: Pick<ReadonlyRedactor, 'value'>, params: object): PartRules['cleanError'] {
  const signal = ownValue(params as { abortSignal?: AbortSignal }, 'abortSignal')
  return (error) => (signal?.aborted === true && error === signal.reason ? error : redactor.value(error))
}

async function caught<R>(call: () => PromiseLike<R>, { cleanError }: PartRules): Promise<R> {
  try {
    return await call()
  } catch (error) {
    throw cleanError(error)
  }
}
