import type { Fields } from '../fields.ts'
import { anthropicParams } from '../foreign-params.ts'

// What only this API has words for travels through the hub under its own name.

const NAMES = Object.keys(anthropicParams)
const TOP_LEVEL = NAMES.filter((name) => !name.includes('.'))
const OF_TOOLS = below('tools.')
const OF_CONTENT = [...below('messages.content.'), 'cache_control']

export const ownOfRequest = (from: Fields): Fields => picked(from, TOP_LEVEL)
export const ownOfTool = (from: Fields): Fields => picked(from, OF_TOOLS)
export const ownOfBlock = (from: Fields): Fields => picked(from, OF_CONTENT)

function below(path: string): string[] {
  return NAMES.filter((name) => name.startsWith(path)).map((name) => name.slice(path.length))
}

function picked(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => (from[name] ?? undefined) !== undefined).map((name) => [name, from[name]]))
}
