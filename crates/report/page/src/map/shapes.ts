// Outlines of units and communities as paths in world metres, built once and drawn at any scale.
import type { Model } from '../model'
import { areas, bounds, inside, ringsOf, topology, type Topology } from '../topology'
import { type Frame, frame, frameX, frameY, worldX, worldY } from './frame'

interface Area {
  rings: number[][]
  bounds: [number, number, number, number]
  path: Path2D
}

export class Shapes {
  readonly frame: Frame
  readonly units: Area[]
  /** Borders between units, and those between townships or outside. */
  readonly unitLines: Path2D
  readonly townshipLines: Path2D
  private communitiesBuilt: { areas: Area[]; lines: Path2D } | null = null

  constructor(private readonly model: Model) {
    this.frame = frame(model.header.frame)
    const of = topology('unit', (name) => model.column(name))
    this.units = of ? this.areasOf(of) : []
    this.unitLines = new Path2D()
    this.townshipLines = new Path2D()
    const parts = model.column('unit.arc.township')
    if (of) this.lines(of, (arc) => (parts?.[arc] === 1 ? this.townshipLines : this.unitLines))
  }

  /** Communities are only drawn near by and looked up by name, so they are built when first asked for. */
  communities(): { areas: Area[]; lines: Path2D } {
    if (this.communitiesBuilt === null) {
      const of = topology('community', (name) => this.model.column(name))
      const lines = new Path2D()
      if (of) this.lines(of, () => lines)
      this.communitiesBuilt = { areas: of ? this.areasOf(of) : [], lines }
    }
    return this.communitiesBuilt
  }

  /** The unit at a place in world metres; −1 outside. */
  unitAt(x: number, y: number): number {
    return find(this.units, frameX(this.frame, x), frameY(this.frame, y))
  }

  communityAt(x: number, y: number): number {
    return find(this.communities().areas, frameX(this.frame, x), frameY(this.frame, y))
  }

  private areasOf(of: Topology): Area[] {
    return Array.from({ length: areas(of) }, (_, at) => {
      const rings = ringsOf(of, at)
      return { rings, bounds: bounds(rings), path: this.path(rings) }
    })
  }

  private path(rings: number[][]): Path2D {
    const path = new Path2D()
    for (const points of rings) {
      for (let at = 0; at < points.length; at += 2) {
        const [x, y] = [worldX(this.frame, points[at]), worldY(this.frame, points[at + 1])]
        if (at === 0) path.moveTo(x, y)
        else path.lineTo(x, y)
      }
      path.closePath()
    }
    return path
  }

  private lines(of: Topology, target: (arc: number) => Path2D) {
    for (let arc = 0; arc + 1 < of.arcStart.length; arc++) {
      const path = target(arc)
      for (let at = of.arcStart[arc]; at < of.arcStart[arc + 1]; at++) {
        const [x, y] = [worldX(this.frame, of.x[at]), worldY(this.frame, of.y[at])]
        if (at === of.arcStart[arc]) path.moveTo(x, y)
        else path.lineTo(x, y)
      }
    }
  }
}

function find(areas: Area[], x: number, y: number): number {
  return areas.findIndex(({ bounds: [x0, y0, x1, y1], rings }) => x >= x0 && x <= x1 && y >= y0 && y <= y1 && inside(rings, x, y))
}
