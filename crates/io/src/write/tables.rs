//! The tables of a round.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::equity::Theil;
use fuwutu_core::extras;
use fuwutu_core::position::{CommunityAt, ServiceAt, UnitAt};
use fuwutu_core::projection::backtest::Backtest;
use fuwutu_core::projection::{GrowthFlag, ages_of};
use fuwutu_core::quantity::Residents;
use fuwutu_core::ranking::Cause;
use fuwutu_core::round::CityTotal;
use fuwutu_core::service::Service;
use fuwutu_core::supply::Standing;
use fuwutu_core::supply::detour::Detour;
use fuwutu_core::supply::presence::{Attained, Presence};
use fuwutu_core::supply::shortage::Certain;
use fuwutu_core::ties::TieState;
use fuwutu_core::units::{Note, State};

use super::Outcome;
use super::csv_text::{Cells, decimals, whole_parts, whole_persons};
use crate::finding::{Finding, Lang};
use crate::ways::mode_name;

/// `units.csv`: one line a unit; where the last round's units were to be kept, with what became of it.
pub(super) fn units(result: &Outcome) -> String {
    let mut header = vec![
        "unit",
        "township",
        "township_name",
        "residents",
        "communities",
        "over_cap",
        "contiguous",
        "note",
        "over_cap_year",
    ];
    let since_last = result.round.units.iter().any(|unit| unit.since.is_some());
    if since_last {
        header.extend(["since_last", "moved_residents"]);
    }
    let later: Vec<String> = result.round.years[1..]
        .iter()
        .map(|year| format!("residents_{year}"))
        .collect();
    header.extend(later.iter().map(String::as_str));
    let mut cells = Cells::excel(&header);
    for (at, unit) in result.round.units.iter().enumerate() {
        let township = &result.city.townships()[unit.township];
        let year = over_cap_year(result, at);
        let (residents, communities) = (
            whole_persons(unit.residents),
            unit.communities.len().to_string(),
        );
        let (notes, year) = (
            notes(&unit.notes),
            year.map_or(String::new(), |year| year.to_string()),
        );
        let mut row = vec![
            &unit.id,
            township.code.as_str(),
            &township.name,
            &residents,
            &communities,
            yes(unit.over_cap()),
            yes(unit.contiguous),
            &notes,
            &year,
        ];
        let moved = unit
            .since
            .map_or(String::new(), |since| whole_persons(since.moved));
        if since_last {
            row.extend([unit.since.map_or("", |since| state(since.state)), &moved]);
        }
        let later: Vec<String> = result.round.residents[at][1..]
            .iter()
            .map(|&each| whole_persons(each))
            .collect();
        row.extend(later.iter().map(String::as_str));
        cells.row(&row);
    }
    cells.text()
}

/// The first year in which a unit has more residents than the cap.
#[must_use]
pub fn over_cap_year(result: &Outcome, unit: usize) -> Option<i32> {
    let cap = Residents::whole(result.plan.units.cap);
    let years = result.round.years.iter().zip(&result.round.residents[unit]);
    years
        .into_iter()
        .find(|(_, residents)| **residents > cap)
        .map(|(year, _)| *year)
}

fn state(state: State) -> &'static str {
    match state {
        State::Kept => "kept",
        State::Changed => "changed",
        State::New => "new",
    }
}

/// `townships.csv`: one line a township, with how sure it is that there cannot be fewer units.
pub(super) fn townships(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "township",
        "township_name",
        "residents",
        "units",
        "lower_bound",
        "proved_least",
    ]);
    for division in &result.round.divisions {
        let township = &result.city.townships()[division.township];
        let own = result
            .round
            .units
            .iter()
            .filter(|unit| unit.township == division.township);
        cells.row(&[
            &township.code,
            &township.name,
            &whole_persons(own.map(|unit| unit.residents).sum()),
            &division.units.to_string(),
            &division.lower_bound.to_string(),
            yes(division.proved),
        ]);
    }
    cells.text()
}

/// `communities.csv`: which unit each community, or part of one, belongs to.
pub(super) fn communities(result: &Outcome) -> String {
    let mut cells = Cells::excel(&["community", "community_name", "unit", "residents"]);
    for unit in &result.round.units {
        for share in &unit.communities {
            let community = &result.city.communities()[share.community];
            cells.row(&[
                &community.code,
                &community.name,
                &unit.id,
                &whole_persons(share.residents),
            ]);
        }
    }
    cells.text()
}

/// `standing.csv`: one line a unit, service and year.
pub(super) fn standing(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "service",
        "year",
        "target_residents",
        "covered_residents",
        "coverage",
        "demand",
        "supply_inside",
        "supply_received",
        "shortfall_inside",
        "shortfall_reach",
        "access",
        "standard_status",
        "unsnapped_residents",
        "roadless_residents",
        "too_far_residents",
        "seated",
        "short_for_certain",
        "short_none_in_reach",
        "short_full",
        "short_none_exists",
        "rule",
        "required",
        "present",
        "enough",
        "unknown",
        "attained",
        "covered_public",
        "supply_inside_public",
        "substitute_residents",
    ]);
    // Public ones are told apart where all open facilities say whose they are.
    let owned = |standing: &Standing| {
        let of =
            |total: &&CityTotal| (total.service, total.year) == (standing.service, standing.year);
        result
            .round
            .totals
            .iter()
            .find(of)
            .is_some_and(|total| total.owned == total.open)
    };
    for standing in &result.round.standings {
        let service = &result.catalogue[standing.service];
        let parts = [
            standing.covered,
            standing.unsnapped,
            standing.roadless,
            standing.too_far(),
        ];
        let [covered, unsnapped, roadless, too_far] = whole_parts(parts);
        let [seated, short, short_too_far, full, none_exists] = certain(standing);
        let [rule, required, present, enough, unknown, attained] =
            presence(service, standing.presence);
        let public = standing.public.filter(|_| owned(standing));
        let substituted = if service.substitutes.is_empty() {
            None
        } else {
            Some(standing.substituted)
        };
        cells.row(&[
            &result.round.units[standing.unit].id,
            &service.id,
            &standing.year.to_string(),
            &whole_persons(standing.target),
            &covered,
            &decimals(standing.coverage(), 4),
            &decimals(standing.demand, 1),
            &decimals(standing.supply.map(|supply| supply.inside), 1),
            &decimals(standing.supply.map(|supply| supply.received), 1),
            &decimals(standing.shortfall_inside(), 1),
            &decimals(standing.shortfall_reach(), 1),
            &decimals(standing.access(), 6),
            &service.status.overall,
            &unsnapped,
            &roadless,
            &too_far,
            &seated,
            &short,
            &short_too_far,
            &full,
            &none_exists,
            &rule,
            &required,
            &present,
            &enough,
            &unknown,
            &attained,
            &public.map_or(String::new(), |public| whole_persons(public.covered)),
            &decimals(public.map(|public| public.inside), 1),
            &substituted.map_or(String::new(), whole_persons),
        ]);
    }
    cells.text()
}

/// What is seated, short, and short for each cause, in tenths that add up; empty where nothing can be told. Where a capacity is
/// not known, what is seated and what is full are not either, and so much is short at least.
fn certain(standing: &Standing) -> [String; 5] {
    let Some(certain) = standing.certain else {
        return Default::default();
    };
    let Certain {
        seated,
        too_far,
        full,
        none_exists,
    } = certain;
    let tenths = tenths([seated, too_far, full, none_exists]);
    let [seated, too_far, full, none_exists] = tenths;
    let mut cells = [
        seated,
        too_far + full + none_exists,
        too_far,
        full,
        none_exists,
    ]
    .map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
    if standing.supply.is_none() {
        cells[0].clear();
        cells[3].clear();
    }
    cells
}

/// Millionths in tenths that add up to the rounded sum: each is the rounded difference of the running sum.
fn tenths<const N: usize>(millionths: [u64; N]) -> [u64; N] {
    let (mut sum, mut given) = (0, 0);
    millionths.map(|part| {
        sum += part;
        let until = (sum + 50_000) / 100_000;
        let tenths = until - given;
        given = until;
        tenths
    })
}

/// Rule, required, present, large enough, unknown and the verdict; empty where no rule applies.
fn presence(service: &Service, presence: Option<Presence>) -> [Cow<'static, str>; 6] {
    let Some(presence) = presence else {
        return Default::default();
    };
    let numbers = [
        presence.required,
        presence.present,
        presence.enough,
        presence.unknown,
    ];
    let [required, present, enough, unknown] = numbers.map(|number| Cow::Owned(number.to_string()));
    let rule = &service.requires[presence.rule as usize];
    let name = rule.per.name();
    let name = if rule.public {
        format!("{name}_public").into()
    } else {
        name.into()
    };
    [
        name,
        required,
        present,
        enough,
        unknown,
        attained(presence.attained()).into(),
    ]
}

/// The verdict's word in files.
pub(super) fn attained(attained: Attained) -> &'static str {
    match attained {
        Attained::Yes => "yes",
        Attained::Unknown => "unknown",
        Attained::TooSmall => "too_small",
        Attained::TooFew => "too_few",
        Attained::Absent => "absent",
    }
}

/// `counties.csv`: one line a county, service and year, of what is judged for a county as a whole.
pub(super) fn counties(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "county",
        "service",
        "year",
        "residents",
        "target_residents",
        "demand",
        "capacity",
        "capacity_unknown",
        "short",
        "supply_demand_ratio",
        "facilities",
        "required",
        "attained",
        "standard_status",
    ]);
    for each in &result.round.counties {
        let service = &result.catalogue[each.service];
        let attained = each
            .required
            .map_or("", |required| yes(each.open >= required));
        cells.row(&[
            &each.county,
            &service.id,
            &each.year.to_string(),
            &whole_persons(each.residents),
            &whole_persons(each.target),
            &decimals(each.demand, 1),
            &decimals(Some(each.capacity), 1),
            &each.unknown.to_string(),
            &decimals(each.short(), 1),
            &decimals(each.ratio(), 4),
            &each.open.to_string(),
            &each
                .required
                .map_or(String::new(), |required| required.to_string()),
            attained,
            &service.status.overall,
        ]);
    }
    cells.text()
}

/// `equity.csv`: one line a service and year: how evenly people share what there is, by community.
pub(super) fn equity(result: &Outcome) -> String {
    let mut header = vec![
        "service",
        "year",
        "target_residents",
        "mean_access",
        "gini",
        "palma",
        "theil",
        "theil_between_townships",
        "theil_within_townships",
        "concentration_by_inflow",
        "norm_access",
        "below_norm_share",
        "below_norm_gap",
        "below_norm_severity",
    ];
    // The share of all access that the least served tenth, two tenths, … have.
    header.extend([
        "lorenz_10",
        "lorenz_20",
        "lorenz_30",
        "lorenz_40",
        "lorenz_50",
        "lorenz_60",
        "lorenz_70",
        "lorenz_80",
    ]);
    header.extend(["lorenz_90", "undefined"]);
    let mut cells = Cells::excel(&header);
    for each in &result.round.equities {
        let all = &each.equity;
        let (theil, below) = (all.theil.as_ref().ok(), all.below.as_ref().ok());
        let reasons: BTreeSet<String> = [all.gini.err(), all.palma.err(), all.below.err()]
            .into_iter()
            .flatten()
            .map(|why| why.to_string())
            .collect();
        let mut row = vec![
            result.catalogue[each.service].id.clone(),
            each.year.to_string(),
            decimals(Some(all.people), 0),
            decimals(all.mean.ok(), 6),
            decimals(all.gini.ok(), 4),
            decimals(all.palma.ok(), 4),
            decimals(theil.map(Theil::total), 4),
            decimals(theil.map(|theil| theil.between), 4),
            decimals(theil.map(|theil| theil.within), 4),
            decimals(all.concentration.ok(), 4),
            decimals(each.line, 6),
            decimals(below.map(|below| below.headcount), 4),
            decimals(below.map(|below| below.gap), 4),
            decimals(below.map(|below| below.severity), 4),
        ];
        let curve = all.lorenz.as_ref().ok();
        row.extend(
            (1..10).map(|tenth| decimals(curve.map(|curve| curve.at(f64::from(tenth) / 10.0)), 4)),
        );
        row.push(reasons.into_iter().collect::<Vec<_>>().join("; "));
        cells.row(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
    cells.text()
}

/// `topsis.csv`: one line a unit, in the last year; then one a service with its entropy weight. Nothing but the header and a
/// reason where units cannot be told apart.
pub(super) fn topsis(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "service",
        "closeness",
        "place_by_topsis",
        "place",
        "entropy_weight",
        "note",
    ]);
    let round = result.round;
    let last = round.years[round.years.len() - 1];
    let standings: Vec<Standing> = round
        .standings
        .iter()
        .filter(|each| each.year == last)
        .cloned()
        .collect();
    let note = "depends on which units there are (rank reversal); for comparison only";
    match extras::by_topsis(&standings, result.selected.len()) {
        Ok(found) => {
            for place in &round.places {
                let at = place.unit;
                let (closeness, by_topsis) = (
                    decimals(Some(found.closeness[at]), 4),
                    found.places[at].to_string(),
                );
                cells.row(&[
                    &round.units[at].id,
                    "",
                    &closeness,
                    &by_topsis,
                    &place.place.to_string(),
                    "",
                    note,
                ]);
            }
            for (&service, &weight) in result.selected.iter().zip(&found.weights) {
                let id = &result.catalogue[service].id;
                cells.row(&["", id, "", "", "", &decimals(Some(weight), 4), ""]);
            }
        }
        Err(why) => cells.row(&["", "", "", "", "", "", &why.to_string()]),
    }
    cells.text()
}

/// `coupling.csv`: one line a unit, service and year, of those whose supply and demand are known.
pub(super) fn coupling(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "service",
        "year",
        "supply_index",
        "demand_index",
        "coupling",
        "level",
        "coordination",
        "coupling_corrected",
        "coordination_corrected",
        "undefined",
    ]);
    let mut of: BTreeMap<(ServiceAt, i32), Vec<&Standing>> = BTreeMap::new();
    for standing in &result.round.standings {
        of.entry((standing.service, standing.year))
            .or_default()
            .push(standing);
    }
    for ((service, year), standings) in of {
        for (standing, found) in standings.iter().zip(extras::couplings(&standings)) {
            let Some(found) = found else { continue };
            let known = found.coupling.as_ref().ok();
            cells.row(&[
                &result.round.units[standing.unit].id,
                &result.catalogue[service].id,
                &year.to_string(),
                &decimals(Some(found.supply), 4),
                &decimals(Some(found.demand), 4),
                &decimals(known.map(|each| each.coupling), 4),
                &decimals(known.map(|each| each.level), 4),
                &decimals(known.map(|each| each.coordination), 4),
                &decimals(known.map(|each| each.corrected), 4),
                &decimals(known.map(|each| each.corrected_coordination), 4),
                &found
                    .coupling
                    .err()
                    .map_or(String::new(), |why| why.to_string()),
            ]);
        }
    }
    cells.text()
}

/// `ties.csv`: one line a branch and service, in the base year.
pub(super) fn ties(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "branch",
        "branch_name",
        "service",
        "hub",
        "hub_name",
        "minutes",
        "limit",
        "tied",
    ]);
    for tie in &result.round.ties {
        let facility = |at| result.city.facility(at);
        let branch = facility(tie.branch);
        let service = &result.catalogue[tie.service];
        let limit = service.hub.as_ref().and_then(|hub| hub.limit);
        let state = match tie.state {
            TieState::Tied => "yes",
            TieState::Untied => "no_hub",
            TieState::Unknown => "hub_unknown",
            TieState::Closed => "hub_closed",
            TieState::OtherKind => "hub_of_other_kind",
            TieState::OffStreets => "off_streets",
            TieState::TooFar => "too_far",
        };
        let hub = branch
            .hubs
            .iter()
            .find(|(of, _)| *of == tie.service)
            .map_or("", |(_, hub)| hub);
        cells.row(&[
            &branch.id,
            &branch.name,
            &service.id,
            hub,
            tie.hub.map_or("", |hub| &facility(hub).name),
            &decimals(tie.time.map(|time| f64::from(time.0) / 60_000.0), 2),
            &limit.map_or(String::new(), |limit| limit.minutes.to_string()),
            state,
        ]);
    }
    cells.text()
}

/// `streets.csv`: one line a unit and mode, in the base year: who is on the network.
pub(super) fn streets(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "mode",
        "residents",
        "on_streets_residents",
        "unsnapped_residents",
        "roadless_residents",
    ]);
    for each in &result.round.snapping {
        let on_streets = each.residents - each.unsnapped - each.roadless;
        let [on_streets, unsnapped, roadless] =
            whole_parts([on_streets, each.unsnapped, each.roadless]);
        let unit = &result.round.units[each.unit].id;
        cells.row(&[
            unit,
            mode_name(each.mode),
            &whole_persons(each.residents),
            &on_streets,
            &unsnapped,
            &roadless,
        ]);
    }
    cells.text()
}

/// `compare.csv`: streets and straight lines beside each other. One line a unit, service and year; then one a unit, with no
/// service, for the detour over all services.
pub(super) fn compare(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "unit",
        "service",
        "year",
        "target_residents",
        "covered_streets",
        "covered_straight",
        "coverage_streets",
        "coverage_straight",
        "detour_median",
        "detour_p90",
    ]);
    let unit = |at: UnitAt| result.round.units[at].id.as_str();
    let detours = |detour: Option<Detour>| {
        [
            decimals(detour.map(|each| each.median), 2),
            decimals(detour.map(|each| each.ninth_decile), 2),
        ]
    };
    for standing in &result.round.standings {
        let Some(straight) = standing.straight else {
            continue;
        };
        let share = |covered: Residents| {
            decimals(
                (standing.target.0 > 0).then(|| covered.0 as f64 / standing.target.0 as f64),
                4,
            )
        };
        let [median, ninth_decile] = detours(straight.detour);
        cells.row(&[
            unit(standing.unit),
            &result.catalogue[standing.service].id,
            &standing.year.to_string(),
            &whole_persons(standing.target),
            &whole_persons(standing.covered),
            &whole_persons(straight.covered),
            &share(standing.covered),
            &share(straight.covered),
            &median,
            &ninth_decile,
        ]);
    }
    for (at, own) in UnitAt::enumerate(&result.round.detours) {
        let [median, ninth_decile] = detours(own.summary());
        let year = result.round.years[0].to_string();
        cells.row(&[
            unit(at),
            "",
            &year,
            "",
            "",
            "",
            "",
            "",
            &median,
            &ninth_decile,
        ]);
    }
    cells.text()
}

/// `ranking.csv`: one line a unit, the greatest need first.
pub(super) fn ranking(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "place",
        "unit",
        "township",
        "residents",
        "inflow_rate",
        "need",
        "unserved_residents",
        "cause_1",
        "cause_2",
        "cause_3",
        "township_name",
        "inflow_part",
        "place_by_unserved",
        "residents_horizon",
        "place_first",
        "place_last",
        "in_first_ten",
    ]);
    for place in &result.round.places {
        let unit = &result.round.units[place.unit];
        let township = &result.city.townships()[unit.township];
        let cause = |at: usize| {
            place
                .causes
                .get(at)
                .map_or("", |cause| service_id(result, cause))
        };
        cells.row(&[
            &place.place.to_string(),
            &unit.id,
            &township.code,
            &whole_persons(unit.residents),
            &decimals(place.inflow_rate, 4),
            &decimals(Some(place.need), 4),
            &whole_persons(place.unserved),
            cause(0),
            cause(1),
            cause(2),
            &township.name,
            &decimals(Some(place.inflow_part), 4),
            &place.place_by_unserved.to_string(),
            &whole_persons(
                result.round.residents[place.unit]
                    .last()
                    .copied()
                    .unwrap_or_default(),
            ),
            &place
                .certainty
                .map_or(String::new(), |each| each.first.to_string()),
            &place
                .certainty
                .map_or(String::new(), |each| each.last.to_string()),
            &decimals(place.certainty.map(|each| each.in_first_ten), 3),
        ]);
    }
    cells.text()
}

/// `causes.csv`: each place's need taken apart; the parts and the inflow part add up to the need.
pub(super) fn causes(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "place",
        "unit",
        "service",
        "weight",
        "shortfall_rate",
        "target_share",
        "part",
        "standard_status",
    ]);
    for place in &result.round.places {
        let unit = &result.round.units[place.unit].id;
        for cause in &place.causes {
            let status = &result.catalogue[cause.service].status.overall;
            cells.row(&[
                &place.place.to_string(),
                unit,
                service_id(result, cause),
                &decimals(Some(cause.weight), 2),
                &decimals(Some(cause.shortfall_rate), 4),
                &decimals(Some(cause.share), 4),
                &decimals(Some(cause.part), 6),
                status,
            ]);
        }
        if place.inflow_part > 0.0 {
            let part = decimals(Some(place.inflow_part), 6);
            cells.row(&[
                &place.place.to_string(),
                unit,
                "inflow",
                "",
                "",
                "",
                &part,
                "",
            ]);
        }
    }
    cells.text()
}

fn service_id<'a>(result: &Outcome<'a>, cause: &Cause) -> &'a str {
    &result.catalogue[cause.service].id
}

/// `projection.csv`: each community in each later year, by each method, and what makes up the result: `residents` =
/// (`trend` + `housing`) × `control_factor`, between `low` and `high`.
pub(super) fn projection(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "community",
        "community_name",
        "year",
        "geometric",
        "linear",
        "shift_share",
        "residents",
        "flag",
        "mean",
        "trend",
        "housing",
        "control_factor",
        "low",
        "high",
    ]);
    for projected in &result.round.projected {
        let community = &result.city.communities()[projected.community];
        let by = |method: Option<f64>| decimals(method, 1);
        let flag = match projected.flag {
            None => "",
            Some(GrowthFlag::NoBase) => "no_base",
            Some(GrowthFlag::TinyBase) => "tiny_base",
            Some(GrowthFlag::Capped) => "capped",
        };
        cells.row(&[
            &community.code,
            &community.name,
            &projected.year.to_string(),
            &by(projected.methods.map(|methods| methods.geometric)),
            &by(projected.methods.map(|methods| methods.linear)),
            &by(projected.methods.map(|methods| methods.shift_share)),
            &whole_persons(projected.residents),
            flag,
            &by(projected.methods.map(|methods| methods.mean())),
            &by(Some(projected.trend)),
            &by(Some(projected.housing)),
            &decimals(Some(projected.control), 6),
            &whole_persons(projected.low),
            &whole_persons(projected.high),
        ]);
    }
    cells.text()
}

/// `ages.csv`: each community in each year by age, the base year first; in later years of the variant that is evaluated.
pub(super) fn ages(result: &Outcome) -> String {
    let mut cells = Cells::excel(&[
        "community",
        "year",
        "age_0_2",
        "age_3_5",
        "age_6_11",
        "age_12_14",
        "age_15_17",
        "age_18_59",
        "age_60_plus",
        "residents",
    ]);
    let now = CommunityAt::enumerate(ages_of(result.city))
        .map(|(at, ages)| (at, result.city.year(), ages));
    let later = result
        .round
        .projected
        .iter()
        .map(|each| (each.community, each.year, each.ages));
    for (community, year, ages) in now.chain(later) {
        let code = &result.city.communities()[community].code;
        let bands = whole_parts(ages);
        let year = year.to_string();
        let residents = whole_persons(ages.into_iter().sum());
        let bands = bands.iter().map(String::as_str);
        let row: Vec<&str> = [code.as_str(), &year]
            .into_iter()
            .chain(bands)
            .chain(std::iter::once(&*residents))
            .collect();
        cells.row(&row);
    }
    cells.text()
}

/// `backtest.csv`: how far off each method was at a third date, for all communities and by their size.
pub(super) fn backtest(tried: &Backtest) -> String {
    let mut cells = Cells::excel(&[
        "method",
        "from_year",
        "until_year",
        "tested_year",
        "size_from",
        "size_below",
        "communities",
        "tested_residents",
        "mean_error",
        "mean_absolute_share",
        "weighted_absolute_share",
        "within_band_share",
    ]);
    let years = tried.years.map(|year| year.to_string());
    for error in &tried.errors {
        let bound = |of: fn((u64, u64)) -> u64| {
            error
                .size
                .map(of)
                .filter(|&bound| bound < u64::MAX)
                .map_or(String::new(), |bound| bound.to_string())
        };
        cells.row(&[
            error.method.name(),
            &years[0],
            &years[1],
            &years[2],
            &bound(|(from, _)| from),
            &bound(|(_, below)| below),
            &error.communities.to_string(),
            &whole_persons(error.observed),
            &decimals(Some(error.mean), 1),
            &decimals(error.absolute, 4),
            &decimals(error.weighted, 4),
            &decimals(error.in_band, 4),
        ]);
    }
    cells.text()
}

/// `findings.csv`: what reading noticed and did.
pub(super) fn findings(findings: &[Finding]) -> String {
    let mut cells = Cells::excel(&[
        "level", "finding", "file", "row", "id", "column", "value", "what", "done", "说明", "处理",
    ]);
    for finding in findings {
        let kind = finding.kind;
        cells.row(&[
            kind.level().name(),
            kind.code(),
            &finding.file,
            &finding.row.map_or(String::new(), |row| row.to_string()),
            &finding.id,
            &finding.column,
            &finding.value,
            kind.what(Lang::En),
            kind.then(Lang::En),
            kind.what(Lang::Zh),
            kind.then(Lang::Zh),
        ]);
    }
    cells.text()
}

fn yes(holds: bool) -> &'static str {
    if holds { "yes" } else { "no" }
}

/// The notes' codes, with spaces between.
pub(super) fn notes(notes: &[Note]) -> String {
    let code = |note: &Note| match note {
        Note::OverCap => "over_cap",
        Note::SplitCommunity => "split_community",
        Note::Detached => "detached",
        Note::Empty => "empty",
        Note::NotJoined => "not_joined",
    };
    notes.iter().map(code).collect::<Vec<_>>().join(" ")
}
