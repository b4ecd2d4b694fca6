//! What values of a plan may be.

use std::path::Path;

use fuwutu_core::projection::Variant;

use super::{Plan, PlanError, RoadsSource, TravelMode};

/// Whether a text can stand in a report.
fn told(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 100 && !text.contains(char::is_control)
}

impl Plan {
    pub(super) fn check(&self, path: &Path) -> Result<(), PlanError> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        let rules: [(&'static str, String, bool, &'static str); 30] = [
            (
                "growth.tiny",
                self.growth.tiny.to_string(),
                self.growth.tiny <= 1_000_000,
                "at most 1,000,000",
            ),
            (
                "round.name",
                self.round.name.clone(),
                !self.round.name.trim().is_empty(),
                "a name",
            ),
            (
                "round.base_year",
                self.round.base_year.to_string(),
                year(self.round.base_year),
                "a year from 1900 to 2200",
            ),
            (
                "round.horizon_years",
                self.round.horizon_years.to_string(),
                self.round.horizon_years <= 10,
                "at most 10",
            ),
            (
                "units.cap",
                self.units.cap.to_string(),
                (1..=1_000_000_000).contains(&self.units.cap),
                "from 1 to 1,000,000,000",
            ),
            (
                "units.gap_tolerance_m",
                self.units.gap_tolerance_m.to_string(),
                positive(self.units.gap_tolerance_m) && self.units.gap_tolerance_m <= 100.0,
                "above 0, at most 100",
            ),
            (
                "units.min_border_m",
                self.units.min_border_m.to_string(),
                positive(self.units.min_border_m),
                "above 0",
            ),
            (
                "travel.pace_m_per_s",
                self.travel.pace_m_per_s.to_string(),
                pace(self.travel.pace_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.ebike_m_per_s",
                self.travel.ebike_m_per_s.to_string(),
                pace(self.travel.ebike_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.car_bus_m_per_s",
                self.travel.car_bus_m_per_s.to_string(),
                pace(self.travel.car_bus_m_per_s),
                "above 0, at most 50",
            ),
            (
                "travel.detour",
                self.travel.detour.to_string(),
                (1.0..=10.0).contains(&self.travel.detour),
                "from 1 to 10",
            ),
            (
                "travel.slow_pace_m_per_s",
                format!("{:?}", self.travel.slow_pace_m_per_s),
                self.travel.slow_pace_m_per_s.is_none_or(pace),
                "above 0, at most 50",
            ),
            (
                "travel.snap_m",
                self.travel.snap_m.to_string(),
                (1.0..=10_000.0).contains(&self.travel.snap_m),
                "from 1 to 10,000",
            ),
            (
                "travel.least_part_km",
                self.travel.least_part_km.to_string(),
                (0.0..=10_000.0).contains(&self.travel.least_part_km),
                "from 0 to 10,000",
            ),
            (
                "travel.stairs",
                self.travel.stairs.to_string(),
                (1.0..=10.0).contains(&self.travel.stairs),
                "from 1 to 10",
            ),
            (
                "travel.mode",
                "streets".to_owned(),
                self.travel.mode == TravelMode::Straight || self.inputs.roads.is_some(),
                "`straight`, or `inputs.roads` must name the roads",
            ),
            (
                "inputs.roads",
                self.inputs.roads.as_ref().map_or(String::new(), |roads| {
                    format!("{:?}", roads.files().collect::<Vec<_>>())
                }),
                self.inputs.roads.as_ref().is_none_or(RoadsSource::sound),
                "`{ path = \"city.osm.pbf\" }` or `{ nodes = \"nodes.csv\", edges = \"edges.csv\" }`",
            ),
            (
                "people.household_size",
                self.people.household_size.to_string(),
                (0.5..=50.0).contains(&self.people.household_size),
                "from 0.5 to 50",
            ),
            (
                "people.age_shares",
                format!("{:?}", self.people.age_shares),
                self.people
                    .age_shares
                    .iter()
                    .all(|each| (0.0..=1e6).contains(each))
                    && self.people.age_shares.iter().sum::<f64>() > 0.0,
                "seven numbers from 0 up, not all 0",
            ),
            (
                "growth.most_yearly",
                self.growth.most_yearly.to_string(),
                (0.0..=0.15).contains(&self.growth.most_yearly),
                "from 0 to 0.15",
            ),
            (
                "ranking",
                format!("{:?}", self.ranking),
                [
                    self.ranking.basic,
                    self.ranking.improved,
                    self.ranking.inflow_weight,
                ]
                .iter()
                .all(|each| each.is_finite() && *each >= 0.0)
                    && positive(self.ranking.inflow_reference),
                "numbers from 0 up, and `inflow_reference` above 0",
            ),
            (
                "services.minutes",
                format!("{:?}", self.services.minutes),
                self.services
                    .minutes
                    .is_none_or(|minutes| (1..=1440).contains(&minutes)),
                "from 1 to 1440",
            ),
            (
                "services.default_capacity",
                format!("{:?}", self.services.default_capacity),
                self.services
                    .default_capacity
                    .values()
                    .all(|each| (0.0..=MOST_CAPACITY).contains(each)),
                "numbers from 0 to 1,000,000,000",
            ),
            (
                "inputs.earlier.year",
                self.inputs
                    .earlier
                    .as_ref()
                    .map_or(String::new(), |each| each.year.to_string()),
                self.inputs
                    .earlier
                    .as_ref()
                    .is_none_or(|each| year(each.year) && each.year < self.round.base_year),
                "a year from 1900, before `round.base_year`",
            ),
            (
                "public.small",
                self.public.small.to_string(),
                (1..=1000).contains(&self.public.small),
                "from 1 to 1000",
            ),
            (
                "public.decimals",
                self.public.decimals.to_string(),
                (2..=7).contains(&self.public.decimals),
                "from 2 to 7",
            ),
            (
                "report",
                format!("{:?}", self.report),
                [&self.report.map_approval, &self.report.date]
                    .into_iter()
                    .flatten()
                    .all(|text| told(text)),
                "texts of 1 to 100 characters",
            ),
            (
                "ranking.certainty",
                format!("{:?}", self.ranking.certainty),
                self.ranking.certainty.draws <= 1_000_000
                    && (0.0..=1.0).contains(&self.ranking.certainty.weights)
                    && (0.0..=0.5).contains(&self.ranking.certainty.pace),
                "at most 1,000,000 draws, weights from 0 to 1, pace from 0 to 0.5",
            ),
            (
                "presence.L15/L10/L5",
                format!("{:?}", self.presence),
                [self.presence.l15, self.presence.l10, self.presence.l5]
                    .iter()
                    .all(|each| {
                        (1..=each.largest).contains(&each.from) && each.largest <= 100_000_000
                    }),
                "`from` of at least 1 and at most `largest`, and that at most 100,000,000",
            ),
            (
                "inputs.last_units.year",
                self.last_units_year()
                    .map_or_else(String::new, |each| each.to_string()),
                match self.last_units_year() {
                    Some(each) => year(each) && each <= self.round.base_year,
                    // Changes before it must not apply again.
                    None => self.inputs.last_units.is_none() || self.inputs.crosswalk.is_none(),
                },
                "a year from 1900, not after `round.base_year`; required where there is a crosswalk",
            ),
        ];
        match rules
            .into_iter()
            .chain(self.growth_rules())
            .find(|(_, _, holds, _)| !holds)
        {
            Some((key, value, _, must)) => Err(PlanError::Value {
                path: path.to_owned(),
                key,
                value,
                must,
            }),
            None => Ok(()),
        }
    }

    fn last_units_year(&self) -> Option<i32> {
        self.inputs.last_units.as_ref()?.year
    }

    /// What must hold of growth: name, value, whether it holds, and what it must be.
    fn growth_rules(&self) -> [(&'static str, String, bool, &'static str); 9] {
        let growth = &self.growth;
        let from_0 = |key, value: f64, most: f64, must| {
            (key, value.to_string(), (0.0..=most).contains(&value), must)
        };
        let (earlier, observed) = (&self.inputs.earlier, &self.inputs.observed);
        let third = observed.as_ref().map(|each| each.year);
        let other = |each: i32| {
            let known = [
                Some(self.round.base_year),
                earlier.as_ref().map(|each| each.year),
            ];
            year(each) && !known.contains(&Some(each))
        };
        [
            from_0("growth.births", growth.births, 10.0, "from 0 to 10"),
            from_0(
                "growth.deaths_60_plus",
                growth.deaths_60_plus,
                0.5,
                "from 0 to 0.5",
            ),
            from_0("growth.occupancy", growth.occupancy, 1.0, "from 0 to 1"),
            from_0(
                "growth.error_yearly",
                growth.error_yearly,
                1.0,
                "from 0 to 1",
            ),
            from_0(
                "growth.error_growth",
                growth.error_growth,
                10.0,
                "from 0 to 10",
            ),
            (
                "growth.error_size",
                growth.error_size.to_string(),
                growth.error_size <= 100_000_000,
                "at most 100,000,000",
            ),
            (
                "growth.variant",
                format!("{:?}", growth.variant).to_lowercase(),
                growth.variant == Variant::Middle || self.round.horizon_years > 0,
                "`middle` where `round.horizon_years` is 0",
            ),
            (
                "inputs.observed.year",
                third.map_or(String::new(), |each| each.to_string()),
                third.is_none_or(other),
                "a year from 1900 that is neither `round.base_year` nor `inputs.earlier.year`",
            ),
            (
                "inputs.observed",
                observed
                    .as_ref()
                    .map_or(String::new(), |each| each.path.display().to_string()),
                observed.is_none() || earlier.is_some(),
                "beside `inputs.earlier`: the methods need two dates to project to a third",
            ),
        ]
    }
}

/// No facility has more, in any unit.
pub(crate) const MOST_CAPACITY: f64 = 1e9;

/// Whether a number can be a year of this century or a neighbouring one.
pub(crate) fn year(year: i32) -> bool {
    (1900..=2200).contains(&year)
}

fn pace(pace: f64) -> bool {
    pace > 0.0 && pace <= 50.0
}
