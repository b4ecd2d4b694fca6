//! The edition for everybody: figures from which few people could be made out, restricted kinds and exact places are left out.
//!
//! That published statistics must not let a respondent be made out is the Statistics Law's, article 25; how it is done here is a
//! proposal, by the plan's `[public]`:
//!
//! - Each column says which readers may see it ([`fuwutu_io::tables::Seen`]). A count of 1 to `small` − 1 people is left out, all others are rounded
//!   to multiples of `small`. Figures derived from counts are derived from the published ones, and left out where one of them is.
//! - Sums are sums of what is published: townships, counties and the city of the units' figures. So no total is as sure as its parts.
//! - People who are not covered are split by cause only where no part of it is few, and one part is the rest of the others. What is seated, and why
//!   seats are short, is not published: with the norm it gives small counts away. Nor is what a unit receives from which facility; what
//!   it receives in all is that without the few, in steps of what `small` people receive.
//! - Where the whole target group is few, nothing that is made of people is published.
//! - Demand points are put together in squares of at least 500 m with at least 10 × `small` residents at three points or more, and
//!   shares rounded to tens of per cent; minutes are whole. Communities, findings, rows and paths of inputs are left out.
//! - `restricted` services are left out, and so is every facility that offers one; all places are rounded to `decimals` of degrees.
//! - How many residents have all services in reach is published, but not where a restricted service counts; what the average resident has
//!   is made of published coverage, and how many services residents lack, and which, is left out.
//! - Need and its parts are made of published figures: shares and parts are rounded to the hundredth, need and priority to the tenth.

mod completeness;

mod made;

mod manifest;

mod received;

mod restricted;

mod rules;

mod squares;

use fuwutu_core::service::Basis;
use fuwutu_io::tables::compare::Compare;
use fuwutu_io::tables::standing::Standing;
use geo::MapCoords;

use crate::book::{Book, Edition};
use restricted::without_restricted;
use rules::Rules;
use squares::squares;

/// The same round for everybody. O(n) in the size of the book.
#[must_use]
pub fn edition(book: &Book) -> Book {
    let rules = Rules::of(book);
    let mut public = without_restricted(book, &rules);
    let shown = standings(&mut public, &rules);
    for unit in &mut public.units {
        rules.publish(&mut unit.row);
        unit.outline = unit.outline.map_coords(|place| rules.place(place));
    }
    served(&mut public, &rules, &shown);
    public.manifest = manifest::public(public.manifest, &rules);
    made::of_published(&mut public, &rules);
    completeness::publish(&mut public, book, &rules);
    // Everything that a book holds stands here: what is added to it is decided on here, or it does not compile.
    let Book {
        edition: _,
        manifest,
        services,
        county_services,
        townships,
        units,
        communities: _,
        standings,
        completeness,
        compares,
        places,
        counties,
        equities,
        mut offers,
        offers_left_out,
        served,
        demand,
        findings: _,
        inputs: _,
    } = public;
    for offer in &mut offers {
        rules.publish(&mut offer.row);
        (offer.file, offer.file_row) = (String::new(), None);
    }
    Book {
        edition: Edition::Public {
            small: rules.small as u32,
        },
        manifest,
        services,
        county_services,
        townships,
        units,
        communities: Vec::new(),
        standings,
        completeness,
        compares,
        places,
        counties,
        equities,
        offers,
        offers_left_out,
        served,
        demand: squares(&demand, &rules),
        findings: Vec::new(),
        inputs: Vec::new(),
    }
}

/// Publishes standings, and what stands beside them; for each unit and service, whether the target group is published in every year.
fn standings(book: &mut Book, rules: &Rules) -> Vec<bool> {
    let services = book.services.len();
    let received = received::received(book, rules);
    let mut shown = vec![true; book.units.len() * services];
    for (place, row) in book.standings.enumerate_mut() {
        let (unit, service, year) = (place.0.index(), place.1.index(), place.2.index());
        let compare = book.compares.as_mut().map(|compares| &mut compares[place]);
        if row
            .target_residents
            .is_some_and(|target| rules.few(target as f64))
        {
            shown[unit * services + service] = false;
            rules.hide(row);
            if let Some(compare) = compare {
                rules.hide(compare);
            }
            continue;
        }
        let people = match book.services[service].norm.basis {
            Basis::Cohort => row.target_residents.unwrap_or_default(),
            _ => book.units[unit].residents(year),
        };
        standing(row, people, received[place], rules);
        if let Some(compare) = compare {
            beside(compare, rules);
        }
    }
    shown
}

/// Publishes a line of standing, whose norm asks for capacity for `people`, and whose unit is said to receive `received`.
fn standing(row: &mut Standing, people: u64, received: Option<f64>, rules: &Rules) {
    let exact = row.clone();
    rules.publish(row);
    row.coverage = exact
        .coverage
        .and(share(row.covered_residents, row.target_residents));
    row.coverage_radius = exact
        .coverage_radius
        .and(share(row.covered_radius, row.target_residents));
    split_uncovered(row, rules);
    row.demand = asked(exact.demand, people, rules);
    row.supply_received = received;
    row.shortfall_inside = exact
        .shortfall_inside
        .and(short(row.demand, row.supply_inside));
    row.shortfall_reach = exact
        .shortfall_reach
        .and(short(row.demand, row.supply_received));
    let target = row.target_residents.filter(|&target| target > 0);
    let access = row.supply_received.zip(target);
    row.access = exact
        .access
        .and(access.map(|(received, target)| received / target as f64));
    // What is seated is what the norm asks for without what is short.
    if exact.seated.is_none_or(|seated| rules.few(seated)) {
        row.short_for_certain = None;
    }
}

/// The parts of those who are not covered: all or none of them, the last being what the others leave.
fn split_uncovered(row: &mut Standing, rules: &Rules) {
    let counts = row.target_residents.zip(row.covered_residents);
    let off_streets = row.unsnapped_residents.zip(row.roadless_residents);
    let parts = counts.zip(off_streets).zip(row.too_far_residents);
    row.too_far_residents = parts.map(|(((target, covered), (unsnapped, roadless)), _)| {
        target.saturating_sub(covered + unsnapped + roadless)
    });
    if parts.is_none() {
        (row.unsnapped_residents, row.roadless_residents) = (None, None);
    }
    let uncovered = counts.map_or(0, |(target, covered)| target.saturating_sub(covered));
    if uncovered < 2 * rules.small {
        row.substitute_residents = None;
    }
}

/// Publishes a line that stands beside one of standing.
fn beside(row: &mut Compare, rules: &Rules) {
    let exact = row.clone();
    rules.publish(row);
    row.coverage_streets = exact
        .coverage_streets
        .and(share(row.covered_streets, row.target_residents));
    row.coverage_straight = exact
        .coverage_straight
        .and(share(row.covered_straight, row.target_residents));
}

/// Of all, by rounded counts; at most 1.
fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let (part, whole) = part.zip(whole.filter(|&whole| whole > 0))?;
    Some((part as f64 / whole as f64).min(1.0))
}

/// What the norm asks for by rounded people.
fn asked(demand: Option<f64>, people: u64, rules: &Rules) -> Option<f64> {
    let by = if people > 0 {
        rules.rounded(people) as f64 / people as f64
    } else {
        1.0
    };
    demand.map(|demand| (demand * by).round())
}

/// The part of a demand that is not met, not below 0.
fn short(demand: Option<f64>, supply: Option<f64>) -> Option<f64> {
    let (demand, supply) = demand.zip(supply)?;
    Some((demand - supply).max(0.0))
}

/// Which facilities serve a unit, but not where few people have one in reach.
fn served(book: &mut Book, rules: &Rules, shown: &[bool]) {
    let services = book.services.len();
    book.served.retain(|served| {
        let few = served
            .people_in_reach
            .is_some_and(|people| rules.few(people as f64));
        shown[served.unit * services + served.service] && !few
    });
    for served in &mut book.served {
        rules.publish(&mut served.row);
        served.row.received.clear();
    }
}

#[cfg(test)]
mod tests {
    use geo::Coord;

    use super::*;
    use crate::book::{Demand, place};
    use crate::testing;

    /// A book whose first service is asked for by the children there are.
    fn of_children() -> Book {
        let mut book = testing::book();
        book.services[0].norm.basis = Basis::Cohort;
        book
    }

    fn at(book: &Book, unit: usize) -> &Standing {
        book.standing(unit, 0, 0)
    }

    #[test]
    fn few_people_are_left_out_and_no_sum_gives_them_away() {
        let mut book = testing::book();
        // Four children of a unit are not covered.
        let few = &mut book.standings[place(1, 0, 0)];
        (
            few.covered_residents,
            few.too_far_residents,
            few.target_residents,
            few.short_none_in_reach,
        ) = (Some(1597), Some(4), Some(1601), Some(3.4));
        let row = at(&edition(&book), 1).clone();
        assert_eq!(
            (row.too_far_residents, row.short_none_in_reach),
            (None, None)
        );
        assert_eq!(
            (row.covered_residents, row.target_residents, row.coverage),
            (Some(1600), Some(1600), Some(1.0))
        );
        // None, or up to nine: all look alike.
        let few = &mut book.standings[place(1, 0, 0)];
        (
            few.covered_residents,
            few.too_far_residents,
            few.target_residents,
            few.short_none_in_reach,
        ) = (Some(1595), Some(8), Some(1603), Some(6.8));
        assert_eq!(format!("{row:?}"), format!("{:?}", at(&edition(&book), 1)));
        book.served[0].row.people_in_reach = Some(4);
        let public = edition(&book);
        assert!(
            public
                .served
                .iter()
                .all(|served| served.unit != 0 || served.service != 0),
            "few have it in reach"
        );
    }

    #[test]
    fn a_city_without_a_unit_s_unmet_demand_has_no_sum_of_it() {
        let mut book = testing::book();
        book.manifest.totals[0].certain_at_least = Some(false);
        let total = |book: &Book| {
            let totals = &edition(book).manifest.totals;
            (totals[0].certain_short, totals[0].certain_at_least)
        };
        let known = total(&book);
        assert!(
            known.0.is_some_and(|short| short > 0.0) && known.1 == Some(false),
            "{known:?}"
        );
        // Few are seated, so that the unit's unmet demand is left out.
        book.standings[place(1, 0, 0)].seated = Some(4.0);
        assert_eq!(total(&book), (None, None));
    }

    #[test]
    fn a_small_group_is_left_out_whole() {
        let mut book = testing::book();
        book.standings[place(0, 0, 0)].target_residents = Some(9);
        let public = edition(&book);
        assert!(at(&public, 0).target_residents.is_none() && at(&public, 0).demand.is_none());
        (
            book.standings[place(0, 0, 0)].target_residents,
            book.standings[place(0, 0, 0)].covered_residents,
            book.standings[place(0, 0, 0)].too_far_residents,
        ) = (Some(10), Some(10), Some(0));
        assert_eq!(
            at(&edition(&book), 0).target_residents,
            Some(10),
            "ten are not few"
        );
    }

    #[test]
    fn counts_are_rounded_and_what_is_made_of_them_follows() {
        let mut book = of_children();
        let row = &mut book.standings[place(0, 0, 0)];
        (
            row.target_residents,
            row.covered_residents,
            row.too_far_residents,
        ) = (Some(2004), Some(1496), Some(508));
        row.demand = Some(2004.0 * 0.85);
        book.units[0].row.residents = 60_004;
        let public = edition(&book);
        let row = at(&public, 0);
        assert_eq!(
            (
                row.target_residents,
                row.covered_residents,
                row.too_far_residents
            ),
            (Some(2000), Some(1500), Some(500))
        );
        assert_eq!((row.coverage, row.demand), (Some(0.75), Some(1700.0)));
        assert_eq!(row.shortfall_reach, Some(1100.0));
        assert_eq!(public.units[0].row.residents, 60_000);
    }

    /// For each published count, at least as many true counts are possible as there are in a step.
    #[test]
    fn neighbouring_cities_look_alike() {
        let (mut one, mut other) = (of_children(), of_children());
        (
            one.standings[place(0, 0, 0)].target_residents,
            other.standings[place(0, 0, 0)].target_residents,
        ) = (Some(2001), Some(2004));
        (
            one.standings[place(0, 0, 0)].demand,
            other.standings[place(0, 0, 0)].demand,
        ) = (Some(2001.0 * 0.85), Some(2004.0 * 0.85));
        (
            one.standings[place(0, 0, 0)].covered_residents,
            other.standings[place(0, 0, 0)].covered_residents,
        ) = (Some(1500), Some(1503));
        assert_eq!(
            format!("{:?}", at(&edition(&one), 0)),
            format!("{:?}", at(&edition(&other), 0))
        );
    }

    #[test]
    fn restricted_kinds_and_exact_places_are_left_out() {
        let mut book = testing::book();
        book.manifest.plan.public.restricted = vec!["kindergarten".to_owned()];
        book.offers[2].row.lon = 104.123_456_7;
        book.offers[2].row.lat = 30.5;
        for spot in &mut book.demand.spots {
            spot.row.points = 3;
        }
        let public = edition(&book);
        assert_eq!((public.offers.len(), public.offers_left_out), (1, 2));
        assert_eq!(
            public.offers[0].place(),
            Coord {
                x: 104.1235,
                y: 30.5
            }
        );
        assert_eq!(
            (public.services.len(), public.services[0].id.as_str()),
            (1, "market")
        );
        assert!(
            public
                .served
                .iter()
                .all(|served| served.service == 0 && served.offer == 0)
        );
        assert_eq!(public.standings.values().len(), 3 * 2);
        assert_eq!(public.standing(0, 0, 0).target_residents, Some(60_000));
        let mut causes = public.places.iter().flat_map(|place| &place.causes);
        assert!(causes.all(|cause| cause.row.service == "market"));
        assert_eq!(public.demand.columns, [(0, 2026)]);
        assert_eq!(public.demand.spots[0].covered.len(), 1);
        assert!(
            !format!("{:?}", public.manifest)
                .replace("restricted: [\"kindergarten\"]", "")
                .contains("kindergarten")
        );
        assert!(
            public.offers[0].file.is_empty()
                && public.findings.is_empty()
                && public.communities.is_empty()
        );
    }

    #[test]
    fn a_facility_of_a_restricted_kind_is_left_out_with_all_that_it_offers() {
        let mut book = testing::book();
        book.manifest.plan.public.restricted = vec!["kindergarten".to_owned()];
        book.offers[2].row.facility = book.offers[0].facility.clone();
        assert!(edition(&book).offers.is_empty());
    }

    #[test]
    fn no_folder_of_an_input_is_reported() {
        let mut book = testing::book();
        book.manifest.plan.policy = Some("/home/somebody/policy.toml".into());
        book.manifest.plan.services.catalogue = Some("C:\\data\\own.toml".into());
        book.manifest.inputs[0].path = "/home/somebody/people.csv".to_owned();
        let public = edition(&book).manifest;
        let shown = format!("{public:?}");
        assert!(
            !shown.contains("somebody") && !shown.contains("data"),
            "{shown}"
        );
        assert_eq!(public.inputs[0].path, "people.csv");
        assert!(
            public
                .inputs
                .iter()
                .all(|input| input.bytes == 0 && input.sha256.is_empty()),
            "a small table could be guessed and confirmed"
        );
        assert_eq!(public.plan.policy, Some("policy.toml".into()));
        assert_eq!(public.plan.services.catalogue, Some("own.toml".into()));
    }

    #[test]
    fn where_people_live_is_told_in_squares() {
        let mut book = testing::book();
        let sum = |demand: &Demand| -> u64 { demand.spots.iter().map(|spot| spot.residents).sum() };
        let sides = |book: &Book| {
            let demand = edition(book).demand;
            assert!(
                (demand.spots.iter()).all(|spot| spot.point.is_empty() && spot.file_row.is_none())
            );
            (demand.side_m, demand.spots.len(), sum(&demand))
        };
        // One point in each square tells of itself: no square is published.
        assert_eq!(sides(&book), (8000, 0, 0));
        book.demand
            .spots
            .iter_mut()
            .for_each(|spot| spot.row.points = 3);
        assert_eq!(sides(&book), (500, 3, 3000));
        book.demand.spots[0].row.residents = 99;
        assert_eq!(sides(&book), (500, 2, 2000), "fewer than a hundred");
    }

    #[test]
    fn squares_are_as_wide_as_points_are_sparse() {
        let mut book = testing::book();
        let template = book.demand.spots[0].clone();
        // Points 700 m apart, of 100 residents each: nearly always three or more in squares of 2 km, seldom in those of 1 km.
        book.demand.spots = (0..400)
            .map(|at| {
                let mut spot = template.clone();
                spot.row.lon = 104.0 + f64::from(at % 20) * 0.0073;
                spot.row.lat = 30.6 + f64::from(at / 20) * 0.0063;
                (spot.row.points, spot.row.residents) = (1, 100);
                spot
            })
            .collect();
        let public = edition(&book).demand;
        assert_eq!(public.side_m, 2000);
        assert!(public.spots.iter().all(|spot| spot.points >= 3));
    }
}
