//! Where people live in a later year.

use rayon::prelude::*;

use super::older::Older;
use super::{GrowthPlan, Housing, Outlook, Projected, housed};
use crate::city::City;
use crate::position::{CommunityAt, PointAt};
use crate::quantity::{AGE_BANDS, Ages, Apportion, ByAge, Residents};

const N: usize = AGE_BANDS.len();

/// The city in the year of `growth`, which [`growth`](super::growth) found for the same city, outlook and plan.
///
/// Who moves into new dwellings with a place of their own lives there; all others live at the community's demand points, in
/// proportion to those who live there and have grown older. Each band of a community is handed out whole, so that demand
/// points add up to their community exactly. O(points).
/// ```
/// use fuwutu_core::city::City;
/// use fuwutu_core::projection::{Control, Outlook, growth, project};
/// use fuwutu_core::quantity::Residents;
/// # let plan = fuwutu_synth::example::plan().growth;
/// // Four people at four places; the county expects eight in three years: two at each place.
/// let city = City::new(fuwutu_synth::grid(2, 500_000, &[]))?;
/// let control = Control { county: "990101".into(), year: city.year() + 3, residents: Residents::whole(8) };
/// let outlook = Outlook { controls: vec![control], ..Outlook::default() };
/// let later = project(&city, &outlook, &plan, &growth(&city, &outlook, &plan, 3));
/// assert_eq!(later.year(), city.year() + 3);
/// assert!(later.residents().iter().all(|ages| ages.total() == Residents::whole(2)));
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
#[must_use]
pub fn project(city: &City, outlook: &Outlook, plan: &GrowthPlan, growth: &[Projected]) -> City {
    let year = growth.first().map_or(city.year(), |each| each.year);
    let older = Older::new(city, outlook, plan, (year - city.year()).unsigned_abs());
    let (mut ages, placed) = new_homes(city, outlook, growth, year);
    let points = points_of_communities(city);
    let then: Vec<Vec<Ages>> = (growth, &placed, &points)
        .into_par_iter()
        .map(|(each, placed, points)| {
            let rest = std::array::from_fn(|band| each.ages[band] - placed[band]);
            handed_out(
                &rest,
                points
                    .iter()
                    .map(|&point| older.weights(each.community, &city.residents()[point].0)),
            )
        })
        .collect();
    for (&point, more) in points.iter().flatten().zip(then.iter().flatten()) {
        let bands = ages[point].0.iter_mut().zip(more.0);
        bands.for_each(|(band, more)| *band = band.saturating_add(more));
    }
    city.with_residents(year, ages)
}

/// The demand points of each community, in the order of the city. O(points).
fn points_of_communities(city: &City) -> Vec<Vec<PointAt>> {
    let mut points = vec![Vec::new(); city.communities().len()];
    for (position, point) in PointAt::enumerate(city.points()) {
        points[point.community].push(position);
    }
    points
}

/// What those of a community become at each of its points, by weights in the order of the points: that order makes the sums of
/// weights, and with them who gets the thousandth that rounding leaves, the same on any number of threads.
fn handed_out(people: &ByAge, weights: impl Iterator<Item = [f64; N]>) -> Vec<Ages> {
    let weights: Vec<[f64; N]> = weights.collect();
    let mut whole = [0.0; N];
    for weights in &weights {
        let sums = whole.iter_mut().zip(weights);
        sums.for_each(|(sum, weight)| *sum += weight);
    }
    let mut rests: [Apportion; N] =
        std::array::from_fn(|band| Apportion::new(people[band], whole[band]));
    let part = |weights: &[f64; N]| {
        Ages(std::array::from_fn(|band| {
            u32::try_from(rests[band].next(weights[band]).0).unwrap_or(u32::MAX)
        }))
    };
    weights.iter().map(part).collect()
}

/// Who lives at the places of new dwellings, by demand point, and their sum by community: of each band of a community the part
/// that moved in.
fn new_homes(
    city: &City,
    outlook: &Outlook,
    growth: &[Projected],
    year: i32,
) -> (Vec<Ages>, Vec<ByAge>) {
    let mut ages = vec![Ages::default(); city.points().len()];
    let mut placed = vec![ByAge::default(); city.communities().len()];
    let bases = city.community_residents();
    let mut homes: Vec<(CommunityAt, PointAt, Residents)> = housed(outlook, &bases, year)
        .filter_map(|each: &Housing| Some((each.community, each.point?, each.residents)))
        .collect();
    // Parts depend on the order: that of the input must not matter.
    homes.sort_unstable();
    for homes in homes.chunk_by(|a, b| a.0 == b.0) {
        let each = &growth[homes[0].0];
        let whole = (each.trend + each.housing).max(f64::MIN_POSITIVE);
        let own: f64 = homes
            .iter()
            .map(|(_, _, residents)| residents.persons())
            .sum();
        // Where nobody lived, all there are moved in.
        let old = if bases[homes[0].0].0 > 0 {
            (whole - own).max(0.0)
        } else {
            0.0
        };
        for (band, &residents) in each.ages.iter().enumerate() {
            let mut rest = Apportion::new(
                residents,
                homes.iter().map(|home| home.2.persons()).sum::<f64>() + old,
            );
            for (community, point, residents) in homes {
                let part = rest.next(residents.persons());
                placed[*community][band] += part;
                let at = &mut ages[*point].0[band];
                *at = at.saturating_add(u32::try_from(part.0).unwrap_or(u32::MAX));
            }
        }
    }
    (ages, placed)
}
