// Numbers as people read them. A number that is not known is a dash, never a nought.

export const NONE = '–'

/** 1,234,567: whole, with separators. */
export function whole(value: number | null | undefined): string {
  return known(value) ? grouped(Math.round(value)) : NONE
}

/** Seats, beds and square metres that were computed: whole from a thousand on, otherwise with one decimal. */
export function amount(value: number | null | undefined): string {
  if (!known(value)) return NONE
  return Math.abs(value) >= 999.95 ? whole(value) : decimal(value, 1)
}

/** Seats, beds and square metres as the input has them: decimals only where there are some. */
export function given(value: number | null | undefined): string {
  return known(value) && Number.isInteger(value) ? whole(value) : amount(value)
}

/** With so many decimals. */
export function decimal(value: number | null | undefined, digits: number): string {
  if (!known(value)) return NONE
  const text = Math.abs(value).toFixed(digits)
  const [head, tail] = text.split('.')
  const body = tail === undefined ? grouped(Number(head)) : `${grouped(Number(head))}.${tail}`
  return Number(text) === 0 ? body : `${sign(value)}${body}`
}

/** 52.6 %, from a share of 1. */
export function percent(share: number | null | undefined): string {
  return known(share) ? `${decimal(share * 100, 1)} %` : NONE
}

/** +3.2 %, from a share of 1. */
export function signed(share: number | null | undefined): string {
  const text = percent(share)
  return known(share) && share > 0 && text !== '0.0 %' ? `+${text}` : text
}

/** 210.0 万, as an addition for large numbers in Chinese. */
export function tenThousands(value: number): string {
  return `${decimal(value / 10_000, 1)} 万`
}

export function known(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && !Number.isNaN(value)
}

function sign(value: number): string {
  return value < 0 ? '−' : ''
}

function grouped(value: number): string {
  return `${sign(value)}${String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, ',')}`
}

/** A name without characters that steer instead of show (controls, bidirectional overrides), for the canvas and for tooltips. */
export function plain(text: string, most = 80): string {
  const shown = text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '')
  const letters = Array.from(shown)
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : shown
}
