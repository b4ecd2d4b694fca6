//! Figures that papers often show, for comparison only: no verdict and no ranking rests on them. All depend on the sample:
//! another unit changes those of all others.

use crate::supply::Standing;
use crate::supply::matching::{Coupling, Undefined, coupling};
use crate::topsis::{Better, TopsisError, entropy_weights, topsis};

/// Units by TOPSIS with entropy weights.
#[derive(Debug, Clone, PartialEq)]
pub struct ByTopsis {
    /// Of each service, in their order; they add up to 1.
    pub weights: Vec<f64>,
    /// Of each unit: how near it is to the worst shortfall of every service, 0 to 1; the nearest needs most.
    pub closeness: Vec<f64>,
    /// Of each unit: 1 for the nearest, equal ones in the order of unit ids.
    pub places: Vec<u32>,
}

/// Ranks units by the missing shares (see [`Standing::missing`]; 0 where nobody belongs to the target group) of one year's
/// `standings`, unit by unit, with `services` services each, of which those count whose facilities are known. Units of the same
/// shares cannot be distinguished.
///
/// # Errors
/// Where all units are alike, or there are fewer than two.
pub fn by_topsis(standings: &[Standing], services: usize) -> Result<ByTopsis, TopsisError> {
    let rows: Vec<Vec<f64>> = standings
        .chunks(services.max(1))
        .map(|of_unit| {
            let supplied = of_unit.iter().filter(|standing| standing.supplied);
            let missing = supplied.map(Standing::missing);
            missing
                .map(|missing| missing.map_or(0.0, |missing| missing.share))
                .collect()
        })
        .collect();
    let weights = entropy_weights(&rows)?;
    let columns: Vec<(f64, Better)> = weights
        .iter()
        .map(|&weight| (weight, Better::More))
        .collect();
    let closeness = topsis(&rows, &columns)?;
    let mut order: Vec<usize> = (0..closeness.len()).collect();
    order.sort_by(|&a, &b| closeness[b].total_cmp(&closeness[a]).then(a.cmp(&b)));
    let mut places = vec![0; closeness.len()];
    order
        .iter()
        .zip(1..)
        .for_each(|(&unit, place)| places[unit] = place);
    Ok(ByTopsis {
        weights,
        closeness,
        places,
    })
}

/// How supply and demand of a unit go together among those of one service and year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitCoupling {
    /// (received − least) ÷ (most − least) over the units, 0 to 1.
    pub supply: f64,
    /// The same of demand.
    pub demand: f64,
    /// Their coupling, or why there is none.
    pub coupling: Result<Coupling, Undefined>,
}

/// The coupling of every unit of one service's and year's `standings`; `None` for units whose supply or demand is not known, and
/// for all where either is the same everywhere: then there is no scale.
#[must_use]
pub fn couplings(standings: &[&Standing]) -> Vec<Option<UnitCoupling>> {
    let pairs: Vec<Option<(f64, f64)>> = standings
        .iter()
        .map(|standing| Some((standing.supply?.received, standing.demand?)))
        .collect();
    let scale = |side: fn(&(f64, f64)) -> f64| {
        let values = || pairs.iter().flatten().map(side);
        let (least, most) = (
            values().fold(f64::MAX, f64::min),
            values().fold(f64::MIN, f64::max),
        );
        (most > least).then_some((least, most - least))
    };
    let (Some((least_supply, supplies)), Some((least_demand, demands))) =
        (scale(|pair| pair.0), scale(|pair| pair.1))
    else {
        return vec![None; standings.len()];
    };
    pairs
        .into_iter()
        .map(|pair| {
            let (received, asked) = pair?;
            let supply = ((received - least_supply) / supplies).clamp(0.0, 1.0);
            let demand = ((asked - least_demand) / demands).clamp(0.0, 1.0);
            Some(UnitCoupling {
                supply,
                demand,
                coupling: coupling(supply, demand),
            })
        })
        .collect()
}
