//! Cities made from a seed: a plausible one at any scale ([`city`]), and the grid city whose answers are known by theory
//! ([`grid`]). Nothing in them is real.
//!
//! What comes out depends on the [`Spec`] and the catalogue alone: the generator is fixed and named (`Pcg64Mcg`), and each
//! stage draws from a stream of its own. The modules stand in the order in which a city comes about:
//!
//! ```text
//! Spec ──land──▶ cells with borders ──division──▶ townships in counties ──people──▶ residents, ages, demand points
//!      ──facilities──▶ Synthetic
//! ```

mod chance;

mod spec;

mod land;

mod division;

mod names;

mod people;

mod facilities;

mod grid;

mod later;

mod planted;

pub mod example;

mod streets;

#[cfg(test)]
mod tests;

use fuwutu_core::city::{Class, Community, Records, Township};
use fuwutu_core::position::TownshipAt;
use fuwutu_core::quantity::Frame;
use fuwutu_core::service::Service;
use geo::{Area, MultiPolygon};

pub use crate::grid::grid;
pub use crate::later::{Later, later};
pub use crate::planted::{PLANTED_CAP, Pattern, Planted};
pub use crate::spec::Spec;
pub use crate::streets::{Lattice, largest_part};

use crate::chance::Seed;
use crate::division::divide;
use crate::facilities::equip;
use crate::land::{Cell, Land};
use crate::names::Names;
use crate::people::{Ground, Settlement, house, settle};

/// Where the cities lie: near Chengdu, with codes that no real place has.
const FRAME: Frame = Frame {
    lon: 104.0,
    lat: 30.6,
};
const YEAR: i32 = 2026;
const EARLIER_YEAR: i32 = 2016;

/// A city, and what belongs beside its records in files.
#[derive(Debug, Clone)]
pub struct Synthetic {
    /// Townships, communities and facilities in the order of their codes and ids; demand points by community.
    pub records: Records,
    /// Outline of each of `records.townships`, in metres. Its vertices are vertices of the communities.
    pub townships: Vec<MultiPolygon>,
    /// The year of `earlier`: ten years before that of the records.
    pub earlier_year: i32,
    /// Whole persons who lived in each of `records.communities` then.
    pub earlier: Vec<u64>,
}

/// Makes the city that `spec` describes. Offers refer to positions in `catalogue`.
///
/// - Communities meet without gap or overlap, at vertices that are equal to the last bit and whole centimetres.
/// - Residents add up to `spec.residents`; all counts are as in the spec.
/// - A dense core that loses people slowly, round it a ring that grew by 40–80 % in ten years and has too few facilities,
///   and a rural rim (a third of communities, 15 % of residents) that shrinks.
/// - Services with a limit or a norm get facilities; capacity is 85–110 % of what the norm asks for, or a usual size.
///
/// A city of 21 million takes a few seconds. O(n log n) in the number of points and facilities.
///
/// # Panics
/// Where the spec's counts do not nest: 1 ≤ counties ≤ townships ≤ communities ≤ points ≤ residents, counties ≤ 99, area > 0.
#[must_use]
pub fn city(spec: &Spec, catalogue: &[Service]) -> Synthetic {
    spec.check();
    let seed = Seed(spec.seed);
    let land = Land::new(spec);
    let places = divided(&land, spec);
    let grounds: Vec<Ground> = places
        .iter()
        .map(|place| ground(&land, place.cell))
        .collect();
    let settlements = settle(spec, &grounds);
    let points = house(spec, &grounds, &settlements);
    let names = Names::new(seed.of("community names"));
    let facilities = equip(spec, catalogue, &grounds, &settlements, &points, &names);
    let (townships, outlines) = townships(
        &land,
        &places,
        &settlements,
        &Names::new(seed.of("township names")),
    );
    let communities = places.iter().zip(grounds).zip(&settlements).enumerate();
    let communities = communities.map(|(position, ((place, ground), settlement))| {
        let suffix = if settlement.class() == Class::Urban {
            "社区"
        } else {
            "村"
        };
        Community {
            residential_m2: None,
            code: place.code.clone(),
            name: names.get(position) + suffix,
            township: place.township,
            class: settlement.class(),
            polygon: ground.polygon.into(),
        }
    });
    let records = Records {
        frame: FRAME,
        year: YEAR,
        townships,
        communities: communities.collect(),
        points,
        facilities,
    };
    let earlier = settlements
        .iter()
        .map(|settlement| settlement.earlier)
        .collect();
    Synthetic {
        records,
        townships: outlines,
        earlier_year: EARLIER_YEAR,
        earlier,
    }
}

/// A cell with its place among townships. In the order of codes.
struct Place {
    cell: Cell,
    township: TownshipAt,
    code: String,
}

fn divided(land: &Land, spec: &Spec) -> Vec<Place> {
    let centres: Vec<_> = land.cells.iter().map(|&cell| land.centre(cell)).collect();
    let counties = divide(
        &centres,
        &land.neighbours(),
        spec.townships as usize,
        spec.counties as usize,
    );
    let mut places = Vec::with_capacity(centres.len());
    let mut township = TownshipAt(0);
    for (county, townships) in counties.iter().enumerate() {
        for (number, cells) in townships.iter().enumerate() {
            places.extend(cells.iter().enumerate().map(|(position, &cell)| Place {
                cell: land.cells[cell],
                township,
                code: format!("9901{:02}{:03}{:03}", county + 1, number + 1, position + 1),
            }));
            township = township.after(1);
        }
    }
    places
}

fn ground(land: &Land, cell: Cell) -> Ground {
    let polygon = land.polygon(cell);
    Ground {
        depth: land.depth(cell),
        area: polygon.unsigned_area(),
        polygon,
    }
}

/// The townships with their outlines. One that is rural for the greater part is a 镇, others are 街道.
fn townships(
    land: &Land,
    places: &[Place],
    settlements: &[Settlement],
    names: &Names,
) -> (Vec<Township>, Vec<MultiPolygon>) {
    let mut start = 0;
    let groups = places.chunk_by(|a, b| a.township == b.township).enumerate();
    let made = groups.map(|(position, group)| {
        let members = &settlements[start..start + group.len()];
        start += group.len();
        let rural = members
            .iter()
            .filter(|settlement| settlement.class() == Class::Rural)
            .count();
        let suffix = if 2 * rural > group.len() {
            "镇"
        } else {
            "街道"
        };
        let code = group[0].code[..9].to_owned();
        let cells: Vec<Cell> = group.iter().map(|place| place.cell).collect();
        (
            Township {
                code,
                name: names.get(position) + suffix,
                neighbour: false,
            },
            land.outline(&cells),
        )
    });
    made.unzip()
}
