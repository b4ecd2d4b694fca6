// Areas as arcs that neighbours share, in the quantised frame of the data.

export interface Topology {
  arcStart: ArrayLike<number>
  x: ArrayLike<number>
  y: ArrayLike<number>
  ringStart: ArrayLike<number>
  ringArcs: ArrayLike<number>
  rings: ArrayLike<number>
}

/** The columns of a layer; null where the round does not have it. */
export function topology(layer: string, column: (name: string) => ArrayLike<number> | null): Topology | null {
  const names = ['arc.start', 'arc.x', 'arc.y', 'ring.start', 'ring.arcs', 'rings']
  const [arcStart, x, y, ringStart, ringArcs, rings] = names.map((name) => column(`${layer}.${name}`))
  if (!arcStart || !x || !y || !ringStart || !ringArcs || !rings) return null
  return { arcStart, x, y, ringStart, ringArcs, rings }
}

export function areas(of: Topology): number {
  return Math.max(0, of.rings.length - 1)
}

/** The points of a ring, x and y by turns, without the shared ends twice; the first point is not repeated at the end. */
export function ring(of: Topology, at: number): number[] {
  const points: number[] = []
  for (let link = of.ringStart[at]; link < of.ringStart[at + 1]; link++) {
    const signed = of.ringArcs[link]
    const arc = signed < 0 ? ~signed : signed
    const [from, to] = [of.arcStart[arc], of.arcStart[arc + 1]]
    // The last point of an arc is the first of the next.
    for (let step = 0; step < to - from - 1; step++) {
      const point = signed < 0 ? to - 1 - step : from + step
      points.push(of.x[point], of.y[point])
    }
  }
  return points
}

/** All rings of an area. */
export function ringsOf(of: Topology, area: number): number[][] {
  const rings: number[][] = []
  for (let at = of.rings[area]; at < of.rings[area + 1]; at++) rings.push(ring(of, at))
  return rings
}

/** Whether a point is inside by the even-odd rule. */
export function inside(rings: number[][], x: number, y: number): boolean {
  let odd = false
  for (const points of rings) {
    let [px, py] = [points[points.length - 2], points[points.length - 1]]
    for (let at = 0; at < points.length; at += 2) {
      const [qx, qy] = [points[at], points[at + 1]]
      if (qy > y !== py > y && x < ((px - qx) * (y - qy)) / (py - qy) + qx) odd = !odd
      ;[px, py] = [qx, qy]
    }
  }
  return odd
}

/** Left, low, right and high end of some rings. */
export function bounds(rings: number[][]): [number, number, number, number] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const points of rings) {
    for (let at = 0; at < points.length; at += 2) {
      x0 = Math.min(x0, points[at])
      x1 = Math.max(x1, points[at])
      y0 = Math.min(y0, points[at + 1])
      y1 = Math.max(y1, points[at + 1])
    }
  }
  return [x0, y0, x1, y1]
}
