// What the panels may ask of the page.
import type { MapView } from './map/view'
import type { Model } from './model'
import type { Figure } from './derive'
import type { State } from './state'

export interface App {
  readonly model: Model
  readonly state: State
  readonly map: MapView
  /** Changes what is chosen, and everything that shows it. */
  change(patch: Partial<State>): void
  /** Chooses a unit, and shows it on the map. */
  showUnit(unit: number): void
  explain(figure: Figure): void
}
