// From the quantised frame of the data to metres east and south of its north-west corner, and on to the screen.
import type { Header } from '../header'

export const STEPS = 65535
const DEGREE_M = 111_320
const DEGREE_NORTH_M = 110_900

/** Width and height of the frame in metres; good to a few parts in a thousand, which a scale bar needs and no figure uses. */
export interface Frame {
  width: number
  height: number
}

export function frame({ west, south, east, north }: Header['frame']): Frame {
  const middle = ((south + north) / 2) * (Math.PI / 180)
  return { width: Math.max(1, (east - west) * DEGREE_M * Math.cos(middle)), height: Math.max(1, (north - south) * DEGREE_NORTH_M) }
}

export const worldX = (of: Frame, x: number) => (x / STEPS) * of.width
export const worldY = (of: Frame, y: number) => (1 - y / STEPS) * of.height
export const frameX = (of: Frame, x: number) => (x / of.width) * STEPS
export const frameY = (of: Frame, y: number) => (1 - y / of.height) * STEPS

/** Screen = scale × world + (left, top), in CSS pixels. */
export interface View {
  scale: number
  left: number
  top: number
}

/** The view in which the whole frame stands in the middle of a screen, with margins beside it and above and below. */
export function fit(of: Frame, width: number, height: number, beside: number, above = beside): View {
  const scale = Math.max(1e-9, Math.min((width - 2 * beside) / of.width, (height - 2 * above) / of.height))
  return { scale, left: (width - scale * of.width) / 2, top: (height - scale * of.height) / 2 }
}

/** A round length of at most `most` metres: 1, 2 or 5 times a power of ten. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most))
  return [5, 2, 1].map((each) => each * power).find((each) => each <= most) ?? power
}
