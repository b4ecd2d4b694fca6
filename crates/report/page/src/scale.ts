// Classes with fixed limits: a colour means the same in every city, service and year.
import type { Pair } from './header'

/** Marks that tell a class apart without colour. */
export type Pattern = 'none' | 'dots' | 'lines'

export interface Class {
  colour: string
  label: Pair
  pattern?: Pattern
}

export interface Scale {
  /** Upper ends of all classes but the last, ascending; a value at an end belongs to the class below it. */
  edges: number[]
  classes: Class[]
  /** What is coloured. */
  title: Pair
}

/** The class of a value; −1 where it is not known. */
export function classOf(scale: Scale, value: number): number {
  if (Number.isNaN(value)) return -1
  // A part in a thousand million is rounding, not a class.
  const at = scale.edges.findIndex((edge) => value <= edge + 1e-9)
  return at < 0 ? scale.edges.length : at
}

// Darker is always what needs attention. Every ramp falls evenly in lightness, so it survives grey print and colour-blindness.
const TEAL = ['#12355b', '#24618a', '#4a8fae', '#86b8c3', '#c0dcd2', '#f2f3df']
const OCHRE = ['#fdf3dc', '#f8dcae', '#eebb76', '#d9914a', '#b3622b', '#7a3a17']
const PLUM = ['#f7f0f5', '#e3d3e4', '#c6abd0', '#a37fb7', '#7b5298', '#4d2a6d']
const SLATE = ['#f1f4f6', '#d6dfe5', '#b3c3ce', '#8aa2b3', '#5f7d93', '#3b566b']
const BALANCE = ['#6b3a0f', '#a5692b', '#d6ab70', '#f5f1e6', '#b5d9d3', '#6db0a8', '#23756d']

/** Classes named by their limits: `≤ a`, `a–b`, …, `> z`. */
function ranges(colours: string[], edges: number[], write: (edge: number) => string, last?: Pair): Class[] {
  return colours.map((colour, at) => {
    const text =
      at === 0 ? `≤ ${write(edges[0])}` : at === edges.length ? `> ${write(edges[at - 1])}` : `${write(edges[at - 1])} – ${write(edges[at])}`
    return { colour, label: at === colours.length - 1 && last ? last : [text, text] }
  })
}

const share = (edge: number) => `${Math.round(edge * 100)} %`.replace('-', '−')
const count = (edge: number) => String(edge).replace(/\B(?=(\d{3})+$)/g, ',')

export function coverage(title: Pair): Scale {
  const edges = [0.2, 0.4, 0.6, 0.8, 0.95]
  return { edges, classes: ranges(TEAL, edges, share, ['95 – 100 %', '95 – 100 %']), title }
}

/** A share missing: 0 is a class of its own, for nothing is missing. */
export function missing(title: Pair): Scale {
  const edges = [0, 0.1, 0.2, 0.4, 0.6]
  const classes = ranges(OCHRE, edges, share)
  classes[0].label = ['0（不缺）', '0 (none)']
  return { edges, classes, title }
}

/** How much less streets cover than straight lines, in percentage points; never above 0. */
export function difference(title: Pair): Scale {
  const edges = [-0.4, -0.2, -0.1, -0.05, -0.01]
  const points = (edge: number) => String(Math.round(edge * 100)).replace('-', '−')
  const classes = ranges([...OCHRE].reverse(), edges, points)
  classes.forEach((each, at) => {
    if (at > 0 && at < 5) each.label = [`${points(edges[at - 1])} … ${points(edges[at])}`, `${points(edges[at - 1])} … ${points(edges[at])}`]
  })
  classes[5].label = ['0 … −1', '0 … −1']
  return { edges, classes, title }
}

/** Supply against demand, about 1. */
export function balance(title: Pair): Scale {
  const edges = [0.25, 0.5, 0.95, 1.05, 1.5, 2]
  const classes = ranges(BALANCE, edges, (edge) => edge.toFixed(2))
  classes[3].label = ['0.95 – 1.05', '0.95 – 1.05']
  return { edges, classes, title }
}

/** Capacity per thousand people, with limits at shares of what the city's norm asks for. */
export function access(title: Pair, norm: number): Scale {
  const shares = [0.25, 0.5, 0.95, 1.05, 1.5, 2]
  const digits = norm >= 100 ? 0 : norm >= 10 ? 1 : 2
  const edges = shares.map((each) => each * norm)
  return { edges, classes: ranges(BALANCE, edges, (edge) => edge.toFixed(digits)), title }
}

const ATTAINED_CLASSES: Class[] = [
  { colour: '#dcebe4', label: ['达标', 'attained'] },
  { colour: '#e9e2c8', label: ['资料不详', 'not known'], pattern: 'dots' },
  { colour: '#e0b674', label: ['规模不足', 'too small'], pattern: 'lines' },
  { colour: '#c07a3e', label: ['数量不足', 'too few'] },
  { colour: '#6d3415', label: ['缺项', 'none'] },
]

/** Verdicts of presence, coded 0 to 4. */
export function attained(title: Pair, words: Record<string, Pair>, codes: readonly string[]): Scale {
  const classes = ATTAINED_CLASSES.map((each, at) => ({ ...each, label: words[codes[at]] ?? each.label }))
  return { edges: [0, 1, 2, 3], classes, title }
}

/** The priority score, with limits that are the same in every round. */
export function need(title: Pair, edges: number[]): Scale {
  return { edges, classes: ranges(PLUM, edges, (edge) => edge.toFixed(0)), title }
}

/** People unserved as a share; 0 is a class of its own. */
export function unserved(title: Pair): Scale {
  const edges = [0, 0.1, 0.25, 0.5, 0.75]
  const classes = ranges(PLUM, edges, share)
  classes[0].label = ['0', '0']
  return { edges, classes, title }
}

/** Residents, in fifths of the cap. */
export function residents(title: Pair, cap: number): Scale {
  const edges = [0.2, 0.4, 0.6, 0.8, 1].map((part) => Math.round(part * cap))
  const classes = ranges(SLATE, edges, count)
  classes[5] = { colour: '#b3622b', label: [`> ${count(cap)} 超过上限`, `> ${count(cap)} over the cap`], pattern: 'lines' }
  return { edges, classes, title }
}

export function growth(title: Pair): Scale {
  const edges = [-0.05, -0.005, 0.005, 0.03, 0.06, 0.1]
  const colours = ['#23756d', '#8cc4bc', '#f5f1e6', '#ecd0a8', '#d6ab70', '#a5692b', '#6b3a0f']
  const labels = ['≤ −5 %', '−5 … −0.5 %', '±0.5 %', '0.5 … 3 %', '3 … 6 %', '6 … 10 %', '> 10 %']
  const classes = labels.map((label, at): Class => ({ colour: colours[at], label: [label, label] }))
  return { edges, classes, title }
}
