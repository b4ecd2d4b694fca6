// The language that is shown.
import type { Pair } from './header'
import type { Lang } from './state'

let at: 0 | 1 = 0

export function speak(lang: Lang) {
  at = lang === 'zh' ? 0 : 1
}

export function say(pair: Pair): string {
  return pair[at]
}
