// The language that is shown.
import type { Pair } from './header'
import type { Lang } from './state'

let at: 0 | 1 = 0

export function speak(lang: Lang) {
  at = lang === 'zh' ? 0 : 1
}

/** The plan's detour, where a text has `{detour}`. */
let detour = '1'

export function know(factor: number | undefined) {
  detour = String(factor ?? 1)
}

export function say(pair: Pair): string {
  return pair[at].replace('{detour}', detour)
}
