//! Communities that are drawn with gaps between them: blocks with the roads left out.

use geo::MultiPolygon;
use rayon::prelude::*;

use super::contiguity::{borders, bridges};
use super::{UnitPlan, divide};
use crate::city::City;
use crate::position::{CommunityAt, TownshipAt};

/// Wider gaps than this many metres, the most that a plan's tolerance may be, are water or foreign land.
const WIDEST: f64 = 100.0;

/// What is known of the gaps of a city.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaps {
    /// Communities of the townships concerned.
    pub communities: u32,
    /// Those of them that touch no other of their township.
    pub alone: u32,
    /// The smallest gap between them, in metres.
    pub smallest_m: f64,
    /// The tolerance, in whole metres, that closes at least nine of ten gaps.
    pub tolerance_m: f64,
    /// How many units the city has when it is divided anew with it.
    pub units: u32,
}

/// The gaps of the townships that fall into at least three pieces, two of the gaps between them being at most 100 m wide; `None`
/// where there is no such township. Divides the city once more.
///
/// Six blocks in a row with 30 m of road between them: none of 6 touches another, and a tolerance of 30 joins them.
#[must_use]
pub fn gaps(city: &City, plan: &UnitPlan) -> Option<Gaps> {
    let mut communities_of: Vec<Vec<CommunityAt>> = vec![Vec::new(); city.townships().len()];
    for (position, community) in CommunityAt::enumerate(city.communities()) {
        communities_of[community.township].push(position);
    }
    let pieces: Vec<Pieces> = TownshipAt::first(city.townships().len())
        .filter(|&township| !city.township(township).neighbour)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|township| Pieces::of(city, &communities_of[township], plan))
        .filter(|pieces| pieces.gaps.len() >= 2)
        .collect();
    let mut gaps: Vec<f64> = pieces.iter().flat_map(|each| &each.gaps).copied().collect();
    gaps.sort_by(f64::total_cmp);
    let most = *gaps.get((gaps.len() * 9).div_ceil(10).checked_sub(1)?)?;
    let tolerance_m = most.ceil().max(1.0);
    let wider = UnitPlan {
        gap_tolerance_m: tolerance_m,
        ..*plan
    };
    Some(Gaps {
        communities: pieces.iter().map(|each| each.communities).sum(),
        alone: pieces.iter().map(|each| each.alone).sum(),
        smallest_m: gaps[0],
        tolerance_m,
        units: divide(city, &wider).units.len() as u32,
    })
}

/// A township as it is drawn.
struct Pieces {
    communities: u32,
    alone: u32,
    /// The gaps that could be roads.
    gaps: Vec<f64>,
}

impl Pieces {
    fn of(city: &City, communities: &[CommunityAt], plan: &UnitPlan) -> Self {
        let land = communities.iter().map(|&at| &city.community(at).polygon);
        let polygons: Vec<&MultiPolygon> = land.collect();
        let borders = borders(&polygons, plan.gap_tolerance_m, plan.min_border_m);
        let mut alone = vec![true; polygons.len()];
        for border in &borders {
            (alone[border.a], alone[border.b]) = (false, false);
        }
        let bridges = bridges(&polygons, &borders);
        let gaps = bridges.iter().map(|bridge| bridge.gap);
        Self {
            communities: polygons.len() as u32,
            alone: alone.into_iter().filter(|&alone| alone).count() as u32,
            gaps: gaps.filter(|&gap| gap <= WIDEST).collect(),
        }
    }
}
