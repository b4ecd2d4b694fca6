//! Columns: what all services of a round read of each demand point, side by side in memory and made once.
//!
//! A demand point has seven bands of ages in each year, of which a service wants one sum: that of its target group. There are
//! few different target groups (seven in the catalogue), so each is added up once for all services, four years to a cell.

use rayon::prelude::*;

use super::Census;
use super::lanes::{LANES, People, blocks};
use crate::city::City;
use crate::position::UnitAt;
use crate::quantity::{AGE_BANDS, Ages};
use crate::units::Units;

/// Some of [`AGE_BANDS`].
pub(super) type Bands = [bool; AGE_BANDS.len()];

/// Stands for the unit of those who live in none.
pub(super) const NO_UNIT: u32 = u32::MAX;

/// The people of some bands of ages at every demand point, in the years of a block.
#[derive(Debug)]
pub(super) enum Column {
    /// Where no point has more than 4,294,967 of them, as good as always.
    Narrow(Vec<[u32; LANES]>),
    /// Bands are read as at most that many each, and a projection may bring each there: their sum needs more.
    Wide(Vec<People>),
}

impl Column {
    /// Of one demand point.
    #[inline]
    pub(super) fn of(&self, point: usize) -> People {
        match self {
            Self::Narrow(all) => all[point].map(u64::from),
            Self::Wide(all) => all[point],
        }
    }
}

/// One column a block of years.
pub(super) type Columns = Vec<Column>;

/// What all services read of demand points.
#[derive(Debug)]
pub(super) struct Points {
    /// Of each demand point; [`NO_UNIT`] for those in none.
    pub(super) units: Vec<u32>,
    /// Of each demand point.
    pub(super) communities: Vec<u32>,
    /// Whether each community has demand points in more than one unit.
    pub(super) split: Vec<bool>,
    /// Where the demand points of each unit begin in `of_unit`, and a last one's end.
    starts: Vec<usize>,
    /// Demand points by unit, in each in the city's order.
    of_unit: Vec<u32>,
    people: Vec<(Bands, Columns)>,
}

impl Points {
    /// Of `bands`, which may repeat, each set of them once. O(points × years × different bands).
    pub(super) fn new(
        years: &[(City, Vec<Census>)],
        units: &Units,
        bands: impl IntoIterator<Item = Bands>,
    ) -> Self {
        let city = &years[0].0;
        let of_point: Vec<u32> = units
            .of_point
            .iter()
            .map(|unit| unit.map_or(NO_UNIT, |unit| unit.0))
            .collect();
        let communities: Vec<u32> = (city.points().iter())
            .map(|point| point.community.0)
            .collect();
        let (starts, of_unit) = by_unit(&of_point, units.units.len());
        let mut different: Vec<Bands> = Vec::new();
        for bands in bands {
            if !different.contains(&bands) {
                different.push(bands);
            }
        }
        Self {
            split: split(&communities, &of_point, city.communities().len()),
            units: of_point,
            communities,
            starts,
            of_unit,
            people: columns(years, different),
        }
    }

    /// The demand points of a unit, in the city's order.
    pub(super) fn of_unit(&self, unit: UnitAt) -> &[u32] {
        &self.of_unit[self.starts[unit.index()]..self.starts[unit.index() + 1]]
    }

    /// The people of some bands, which are among those asked for.
    pub(super) fn people(&self, bands: Bands) -> &[Column] {
        let mut columns = self.people.iter();
        let own = columns.find(|(own, _)| *own == bands);
        &own.expect("columns are made for all bands that any service asks for")
            .1
    }
}

/// Where each unit's demand points begin, and all of them by unit.
fn by_unit(of_point: &[u32], units: usize) -> (Vec<usize>, Vec<u32>) {
    let inhabited = || (0..).zip(of_point).filter(|(_, unit)| **unit != NO_UNIT);
    let mut starts = vec![0; units + 1];
    inhabited().for_each(|(_, &unit)| starts[unit as usize + 1] += 1);
    (0..units).for_each(|unit| starts[unit + 1] += starts[unit]);
    let mut next = starts.clone();
    let mut points = vec![0; starts[units]];
    for (point, &unit) in inhabited() {
        let next = &mut next[unit as usize];
        points[*next] = point;
        *next += 1;
    }
    (starts, points)
}

/// Whether each community has demand points in several units.
fn split(communities: &[u32], units: &[u32], count: usize) -> Vec<bool> {
    let mut home = vec![NO_UNIT; count];
    let mut split = vec![false; count];
    for (&community, &unit) in communities.iter().zip(units) {
        let home = &mut home[community as usize];
        if *home == NO_UNIT {
            *home = unit;
        }
        split[community as usize] |= unit != NO_UNIT && *home != unit;
    }
    split
}

/// For each set of bands, one column a block of years.
fn columns(years: &[(City, Vec<Census>)], different: Vec<Bands>) -> Vec<(Bands, Columns)> {
    let mut by_bands: Vec<Columns> = different.iter().map(|_| Vec::new()).collect();
    for block in blocks(years.len()) {
        let residents: Vec<&[Ages]> = years[block]
            .iter()
            .map(|(city, _)| city.residents())
            .collect();
        let columns = of_block(&residents, &different);
        by_bands
            .iter_mut()
            .zip(columns)
            .for_each(|(columns, column)| columns.push(column));
    }
    different.into_iter().zip(by_bands).collect()
}

/// The columns of a block of years, one for each set of bands: some points at a time, whose ages come from memory once for all.
fn of_block(residents: &[&[Ages]], different: &[Bands]) -> Vec<Column> {
    const POINTS: usize = 1 << 12;
    let points = residents[0].len();
    let mut columns = vec![vec![[0_u32; LANES]; points]; different.len()];
    let mut pieces: Vec<_> = columns
        .iter_mut()
        .map(|column| column.chunks_mut(POINTS))
        .collect();
    let mut jobs = Vec::new();
    for first in (0..points).step_by(POINTS) {
        let pieces: Vec<_> = pieces.iter_mut().filter_map(Iterator::next).collect();
        jobs.push((first, pieces));
    }
    let fill_all = |(first, pieces): (usize, Vec<&mut [[u32; LANES]]>)| -> Vec<bool> {
        let pieces = pieces.into_iter().zip(different);
        let fits = pieces.map(|(piece, bands)| fill(piece, residents, first, bands));
        fits.collect()
    };
    let fits: Vec<Vec<bool>> = jobs.into_par_iter().map(fill_all).collect();
    let column = |(nth, column)| {
        if fits.iter().all(|fits| fits[nth]) {
            Column::Narrow(column)
        } else {
            Column::Wide(wide(residents, &different[nth]))
        }
    };
    columns.into_iter().enumerate().map(column).collect()
}

/// Writes the people of some bands at the demand points from `first` on. Whether all of them fit.
fn fill(column: &mut [[u32; LANES]], residents: &[&[Ages]], first: usize, bands: &Bands) -> bool {
    let mut any = 0;
    for (lane, ages) in residents.iter().enumerate() {
        for (people, ages) in column.iter_mut().zip(&ages[first..]) {
            let sum = sum(ages, bands);
            any |= sum;
            people[lane] = sum as u32;
        }
    }
    any <= u64::from(u32::MAX)
}

fn wide(residents: &[&[Ages]], bands: &Bands) -> Vec<People> {
    let of_point = |point: usize| {
        let ages = |lane: usize| residents.get(lane).map(|ages| &ages[point]);
        std::array::from_fn(|lane| ages(lane).map_or(0, |ages| sum(ages, bands)))
    };
    (0..residents[0].len()).map(of_point).collect()
}

/// The people of some bands. Seven times 2³² at most: nothing overflows.
#[inline]
fn sum(ages: &Ages, bands: &Bands) -> u64 {
    let counted = ages.0.iter().zip(bands);
    counted.fold(0, |sum, (&people, &counts)| {
        sum.wrapping_add(if counts { u64::from(people) } else { 0 })
    })
}
