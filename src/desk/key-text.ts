import type { Provider } from '../contract/provider.ts'
import type { Registry } from '../contract/registry.ts'

/** What pasting does to keys, in words that never repeat the text. A key that the vault refuses may be looked at too. */
export function oddities(text: string, { name, keyPrefixes }: Provider): string[] {
  const odd = SLIPS.filter(([, shape]) => shape.test(text)).map(([words]) => words)
  const strange = [...new Set(text.match(/[^\x21-\x7e]/gu) ?? [])].map(codePoint)
  if (strange.length > 0) odd.push(`it holds ${strange.join(', ')}`)
  const usual = keyPrefixes.length === 0 || keyPrefixes.some((prefix) => text.startsWith(prefix))
  if (!usual) odd.push(`keys of ${name} usually begin with ${keyPrefixes.join(' or ')}`)
  return odd
}

/** Another vendor whose keys begin like this one; undefined where no prefix says so, or this provider's own does. */
export function strangerOf(text: string, provider: Provider, registry: Registry): Provider | undefined {
  const others = registry.providers.filter(({ vendor }) => vendor !== provider.vendor)
  const [nearest] = others.toSorted((a, b) => matched(text, b) - matched(text, a))
  return nearest && matched(text, nearest) > matched(text, provider) ? nearest : undefined
}

/** How much of the key's beginning is this provider's, in characters. */
function matched(text: string, { keyPrefixes }: Provider): number {
  return Math.max(0, ...keyPrefixes.filter((prefix) => text.startsWith(prefix)).map((prefix) => prefix.length))
}

const SLIPS: readonly (readonly [words: string, shape: RegExp])[] = [
  ['it stands in quotes', /^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/],
  ['it begins with the word Bearer, which belongs into the header', /^bearer\b/i],
  ['it begins with the name of a variable', /^(?:export\s+)?[A-Z][A-Z0-9_]*=/],
  ['it ends in an escaped line break', /\\[rn]$/],
  ['it is masked: the site showed it whole only once', /\*{3}|\u2026|\u2022|\.{3}/],
  ['it is a placeholder', /^(?:your|my|<|\{|sk-x+$|x+$|changeme|test$|dummy|none$|null$|undefined$)/i],
  ['it is an address, not a key', /^https?:/i],
]

/** `a no-break space (U+00A0)`. */
function codePoint(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  const name =
    NAMES[character] ??
    (/\s/.test(character) ? 'white space' : /[\p{Cc}\p{Cf}]/u.test(character) ? 'an invisible character' : 'a character outside ASCII')
  return `${name} (${code})`
}

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
  '\u00a0': 'a no-break space',
  '\u200b': 'a zero-width space',
  '\ufeff': 'a byte order mark',
}
