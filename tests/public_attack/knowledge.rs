//! What an attacker concludes from the public files of one city: unknown figures, and sums that tie them to what is published.
//!
//! The rules that an edition is made by are public, so the attacker knows them: a count that is published as r lies within half
//! a step of r, one that is left out is 1 to `small` − 1. How one figure is made of others is public, too. Where all figures
//! of a family come out as made of other *published* figures, they say nothing more than these, and the family is not used
//! (see [`Knowledge::derived`]).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cities::City;
use crate::files::Page;
use crate::system::{Interval, System, Unknown};

/// Counts of people of a unit, service and year that the page has as `standing.NAME`.
pub(crate) const COUNTS: [&str; 8] = [
    "target_residents",
    "covered_residents",
    "unsnapped_residents",
    "roadless_residents",
    "too_far_residents",
    "covered_straight",
    "covered_public",
    "substitute_residents",
];
/// Capacity that stands for people, alike.
pub(crate) const SEATS: [&str; 5] = [
    "seated",
    "short_for_certain",
    "short_none_in_reach",
    "short_full",
    "short_none_exists",
];
/// What the thousandths of people and the tenths of capacity of the round's tables may add up to beside their sum.
const PERSON: f64 = 0.05;
const SEAT: f64 = 0.3;

/// Rules of the edition that can be seen from it, and that the attacker knows: whether a figure that is left out is few.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// Of the parts of those who are not covered, some are published beside others that are left out. Otherwise these parts
    /// are left out together, and each of them may be anything.
    split_marked: bool,
    /// The same of seats.
    seats_marked: bool,
    /// Substitutes are published where hardly anybody is not covered. Otherwise they may be left out because of that.
    substitutes_marked: bool,
    /// Parts of a capacity have decimals: each is told as it is, and what is missing of the whole is the few's. Otherwise their part
    /// is among the others', which are rounded.
    parts_exact: bool,
}

impl Rules {
    pub(crate) fn seen(cities: &[City]) -> Self {
        let mut rules = Self::default();
        for city in cities {
            let edition = Edition::new(&city.public.page);
            rules.see_capacity(&edition);
            for unit in 0..edition.units {
                for service in 0..edition.services.len() {
                    for year in 0..edition.years {
                        rules.see(city.small as f64, |name| {
                            edition.standing(name, unit, service, year)
                        });
                    }
                }
            }
        }
        rules
    }

    fn see(&mut self, small: f64, shown: impl Fn(&str) -> Option<f64>) {
        let mixed = |names: &[&str]| {
            let count = names.iter().filter(|name| shown(name).is_some()).count();
            (1..names.len()).contains(&count)
        };
        self.split_marked |= mixed(&[
            "unsnapped_residents",
            "roadless_residents",
            "too_far_residents",
        ]);
        self.seats_marked |= mixed(&["seated", "short_for_certain"]) && shown("seated").is_some();
        let open = shown("target_residents").zip(shown("covered_residents"));
        let hardly_any = open.is_some_and(|(group, covered)| group - covered < 2.0 * small);
        self.substitutes_marked |= hardly_any && shown("substitute_residents").is_some();
    }

    fn see_capacity(&mut self, edition: &Edition) {
        for (service, year, _) in edition.only_facilities() {
            let mut parts = (0..edition.units)
                .filter_map(|unit| edition.standing("supply_received", unit, service, year));
            self.parts_exact |= parts.any(|part| part.fract() != 0.0);
        }
    }

    fn marked(self, name: &str) -> bool {
        match name {
            "unsnapped_residents" | "roadless_residents" | "too_far_residents" => self.split_marked,
            "substitute_residents" => self.substitutes_marked,
            _ => true,
        }
    }
}

/// What the published cell of a figure says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// A multiple of `small` above 0.
    Rounded,
    /// Nobody.
    Zero,
    /// Left out as 1 to `small` − 1.
    Few,
    /// Nothing.
    Nothing,
}

/// An unknown figure of interest.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    pub name: String,
    pub said: Said,
    pub seats: bool,
    /// As the round's own tables have it; NaN where they have none.
    pub truth: f64,
    /// How far the round's own table may be from what it is made of: it has whole persons. Parts are rounded so that they add up.
    pub unsure: f64,
    /// Where this family is made of published figures, the cell is, too, and says nothing by itself.
    pub made_by: Option<&'static str>,
}

/// Everything concluded of one city.
#[derive(Default)]
pub(crate) struct Knowledge {
    pub system: System,
    /// By unknown.
    pub figures: Vec<Figure>,
    /// By family: figures that could be made of other published ones, and how many are.
    pub derived: BTreeMap<&'static str, (usize, usize)>,
}

/// The figures of one edition by position of unit and of year, and by service.
struct Edition<'a> {
    page: &'a Page,
    units: usize,
    years: usize,
    services: Vec<&'a str>,
}

impl<'a> Edition<'a> {
    fn new(page: &'a Page) -> Self {
        let services = page.list("services").iter();
        Self {
            page,
            units: page.list("units").len(),
            years: page.list("years").len(),
            services: services.filter_map(|each| each["id"].as_str()).collect(),
        }
    }

    fn standing(&self, name: &str, unit: usize, service: usize, year: usize) -> Option<f64> {
        let place = (unit * self.services.len() + service) * self.years + year;
        let column = self.page.columns.get(&format!("standing.{name}"))?;
        Some(column[place]).filter(|figure| figure.is_finite())
    }

    fn residents(&self, unit: usize, year: usize) -> f64 {
        self.page.columns["unit.residents"][unit * self.years + year]
    }

    fn service(&self, id: &str) -> Option<usize> {
        self.services.iter().position(|each| *each == id)
    }

    fn year(&self, year: &Value) -> Option<usize> {
        let mut years = self.page.list("years").iter();
        years.position(|each| each.as_f64() == year.as_f64())
    }

    fn total(&self, service: &str, year: usize) -> &'a Value {
        let name = &self.page.list("years")[year];
        let totals = self.page.list("totals").iter();
        totals
            .into_iter()
            .find(|total| total["service"] == service && total["year"].as_f64() == name.as_f64())
            .unwrap_or(&Value::Null)
    }

    /// Rows of who is served by which offer: unit, service, offer and position of the row.
    fn served(&self) -> Vec<(usize, usize, usize, usize)> {
        let column = |name: &str| &self.page.columns[name];
        let starts = column("served.start");
        let pairs = 0..starts.len() - 1;
        let rows = pairs.flat_map(|pair| {
            (starts[pair] as usize..starts[pair + 1] as usize).map(move |row| (pair, row))
        });
        let services = self.services.len().max(1);
        rows.map(|(pair, row)| {
            let offer = column("served.offer")[row] as usize;
            (pair / services, pair % services, offer, row)
        })
        .collect()
    }

    /// Services and years of which the city has a single facility with a capacity, and what units share of it.
    fn only_facilities(&self) -> Vec<(usize, usize, f64)> {
        let pairs = (0..self.services.len())
            .flat_map(|service| (0..self.years).map(move |year| (service, year)));
        let capacity = |&(service, year): &(usize, usize)| {
            let total = self.total(self.services[service], year);
            let only = total["facilities"].as_f64() == Some(1.0)
                && total["capacity_unknown"].as_f64() == Some(0.0);
            let nobodys = total["reached_by_nobody"].as_f64().unwrap_or(0.0);
            let shared = total["capacity"].as_f64().map(|all| all - nobodys);
            shared.filter(|shared| only && *shared >= 1.0)
        };
        pairs
            .filter_map(|pair| Some((pair.0, pair.1, capacity(&pair)?)))
            .collect()
    }

    fn facility(&self, offer: usize) -> &'a str {
        self.page.header["offers"]["ids"][offer].as_str().unwrap()
    }
}

/// The name of a count of a unit among the totals of the city.
fn of_city(name: &str) -> &str {
    name.trim_end_matches("_residents")
}

/// How far a count of whole persons may be from what it is made of: the last parts of a group are rounded so that they add up.
fn unsure(name: &str) -> f64 {
    let counted = name.starts_with("residents") && name.ends_with("year 0");
    let parts = [
        "unsnapped_residents",
        "roadless_residents",
        "too_far_residents",
    ];
    if counted || name.contains("of the city") {
        0.0
    } else if parts.iter().any(|part| name.starts_with(part)) {
        1.0
    } else {
        0.5
    }
}

/// Residents of the base year are counted, and whole persons.
fn whole(interval: Interval) -> Interval {
    Interval::new((interval.least + 0.4).ceil(), (interval.most - 0.4).floor())
}

/// Those of a cell that are not there are none.
type Cell<'a> = BTreeMap<&'a str, Unknown>;

/// What is put together while a city is looked at.
struct Study<'a> {
    rules: Rules,
    small: f64,
    public: Edition<'a>,
    internal: Edition<'a>,
    knowledge: Knowledge,
    /// By unit and year.
    residents: Vec<Vec<Unknown>>,
    /// By unit, service and year.
    cells: BTreeMap<(usize, usize, usize), Cell<'static>>,
}

/// What the public files of a city tell an attacker; the internal ones are only looked at for the truth.
pub(crate) fn knowledge(city: &City, rules: Rules) -> Knowledge {
    let mut study = Study {
        rules,
        small: city.small as f64,
        public: Edition::new(&city.public.page),
        internal: Edition::new(&city.internal.page),
        knowledge: Knowledge::default(),
        residents: Vec::new(),
        cells: BTreeMap::new(),
    };
    study.unknowns();
    study.inside_cells();
    study.between_services();
    study.townships();
    study.city_by_year();
    study.city_by_service();
    study.counties();
    study.equity();
    study.growth();
    study.causes();
    study.served();
    study.only_facility();
    study.cap();
    study.squares();
    study.knowledge
}

impl Study<'_> {
    /// The whole persons that are published as `shown`.
    fn count(&self, shown: Option<f64>, few: bool) -> (Interval, Said) {
        let small = self.small;
        match shown {
            Some(0.0) => (Interval::new(0.0, 0.0), Said::Zero),
            Some(rounded) => {
                let first = rounded - (small / 2.0).floor();
                let interval = Interval::new(first.max(small), first + small - 1.0);
                (interval, Said::Rounded)
            }
            None if few => (Interval::new(1.0, small - 1.0), Said::Few),
            None => (Interval::NOT_NEGATIVE, Said::Nothing),
        }
    }

    fn seats(&self, shown: Option<f64>, few: bool) -> (Interval, Said) {
        let small = self.small;
        match shown {
            Some(0.0) => (Interval::new(0.0, 0.05), Said::Zero),
            Some(rounded) => {
                let around = Interval::around(rounded, small / 2.0 + 0.05);
                let interval = around.and(Interval::new(small - 0.05, f64::INFINITY));
                (interval, Said::Rounded)
            }
            None if few => (Interval::new(0.05, small), Said::Few),
            None => (Interval::NOT_NEGATIVE, Said::Nothing),
        }
    }

    fn unknown(
        &mut self,
        name: String,
        (interval, said): (Interval, Said),
        seats: bool,
        truth: Option<f64>,
    ) -> Unknown {
        let unsure = if seats { 0.0 } else { unsure(&name) };
        self.knowledge.figures.push(Figure {
            unsure,
            name,
            said,
            seats,
            truth: truth.unwrap_or(f64::NAN),
            made_by: None,
        });
        self.knowledge.system.unknown(interval)
    }

    /// A sum of what the whole persons of the tables are made of.
    fn sum(&mut self, family: &'static str, terms: Vec<(f64, Unknown)>, within: Interval) {
        let unsure = |&(factor, unknown): &(f64, Unknown)| {
            factor.abs() * self.knowledge.figures[unknown].unsure
        };
        let apart: f64 = terms.iter().map(unsure).sum();
        let within = Interval::new(within.least - apart, within.most + apart);
        self.whole_sum(family, terms, within);
    }

    /// A sum of the whole persons themselves.
    fn whole_sum(&mut self, family: &'static str, terms: Vec<(f64, Unknown)>, within: Interval) {
        if !terms.is_empty() {
            self.knowledge.system.sum(family, terms, within);
        }
    }

    /// Notes whether a published figure is what other published ones make.
    fn is_made(&mut self, family: &'static str, shown: f64, made: f64, apart: f64) {
        let (all, equal) = self.knowledge.derived.entry(family).or_default();
        *all += 1;
        *equal += usize::from((shown - made).abs() <= apart);
    }

    fn unknowns(&mut self) {
        for unit in 0..self.public.units {
            let mut years = Vec::new();
            for year in 0..self.public.years {
                let (interval, said) = self.count(Some(self.public.residents(unit, year)), false);
                let truth = self.internal.residents(unit, year);
                years.push(self.unknown(
                    format!("residents of unit {unit}, year {year}"),
                    (interval, said),
                    false,
                    Some(truth),
                ));
            }
            self.residents.push(years);
        }
        for unit in 0..self.public.units {
            for service in 0..self.public.services.len() {
                for year in 0..self.public.years {
                    let cell = self.cell(unit, service, year);
                    self.cells.insert((unit, service, year), cell);
                }
            }
        }
    }

    fn cell(&mut self, unit: usize, service: usize, year: usize) -> Cell<'static> {
        let id = self.public.services[service].to_owned();
        let truth = self.internal.service(&id);
        let shown = |name: &str, edition: &Edition, service: Option<usize>| {
            service.and_then(|service| edition.standing(name, unit, service, year))
        };
        let group = shown("target_residents", &self.public, Some(service));
        let mut cell = Cell::new();
        for name in COUNTS {
            let figure = shown(name, &self.public, Some(service));
            // That a figure is absent for all units means that the service has none.
            let exists = (0..self.public.units)
                .any(|unit| self.public.standing(name, unit, service, year).is_some());
            if name != "target_residents"
                && !exists
                && figure.is_none()
                && name != "covered_residents"
            {
                continue;
            }
            let few = name == "target_residents" || group.is_some() && self.rules.marked(name);
            let said = self.count(figure, few);
            let truth = shown(name, &self.internal, truth);
            let title = format!("{name} of unit {unit}, {id}, year {year}");
            let unknown = self.unknown(title, said, false, truth);
            if name == "too_far_residents" {
                self.knowledge.figures[unknown].made_by = Some("parts of a group");
            }
            cell.insert(name, unknown);
        }
        let total = self.public.total(&id, year);
        let all_known = self.rules.seats_marked && total["capacity_unknown"].as_f64() == Some(0.0);
        let asked = shown("demand", &self.public, Some(service)).is_some();
        for name in SEATS {
            if !asked {
                continue;
            }
            let figure = shown(name, &self.public, Some(service));
            let said = self.seats(figure, all_known);
            let truth = shown(name, &self.internal, truth);
            let title = format!("{name} of unit {unit}, {id}, year {year}");
            cell.insert(name, self.unknown(title, said, true, truth));
        }
        cell
    }

    /// Coverage that is published although the count is not, the parts of a group, and those of its capacity.
    fn inside_cells(&mut self) {
        let cells: Vec<_> = self.cells.clone().into_iter().collect();
        for ((unit, service, year), cell) in cells {
            let shown = |name: &str| self.public.standing(name, unit, service, year);
            let zero = |name: &str| shown(name).unwrap_or(0.0);
            let (group, covered) = (cell["target_residents"], cell["covered_residents"]);
            let (coverage, all) = (shown("coverage"), shown("target_residents"));
            let made: f64 = [
                "covered_residents",
                "unsnapped_residents",
                "roadless_residents",
                "too_far_residents",
            ]
            .map(zero)
            .iter()
            .sum();
            let seats = (shown("seated"), shown("short_for_certain"), shown("demand"));
            let causes: f64 = ["short_none_in_reach", "short_full", "short_none_exists"]
                .map(zero)
                .iter()
                .sum();
            let whole = [
                "covered_residents",
                "unsnapped_residents",
                "roadless_residents",
                "too_far_residents",
            ]
            .iter()
            .all(|name| shown(name).is_some());
            let rest = zero("too_far_residents");
            if let (Some(coverage), Some(all), None) = (coverage, all, shown("covered_residents")) {
                // A multiple of `small` that was divided by another.
                let rounded = (coverage * all / self.small).round() * self.small;
                let first = rounded - (self.small / 2.0).floor();
                let around = Interval::new(first, first + self.small - 1.0);
                self.whole_sum("coverage of a count left out", vec![(1.0, covered)], around);
            }
            // What of the group is left is none, where the rounded others are more than it.
            if let Some(all) = all.filter(|_| whole) {
                let left = (all - (made - rest)).max(0.0);
                self.is_made("parts of a group", rest, left, 0.5);
            }
            let parts = [
                "covered_residents",
                "unsnapped_residents",
                "roadless_residents",
                "too_far_residents",
            ]
            .iter()
            .filter_map(|name| cell.get(name));
            let mut terms: Vec<(f64, Unknown)> = parts.map(|&part| (1.0, part)).collect();
            if terms.len() == 4 {
                terms.push((-1.0, group));
                self.whole_sum("parts of a group", terms, Interval::new(0.0, 0.0));
            }
            let less = |study: &mut Self, part: Unknown, whole: Unknown| {
                let within = Interval::new(0.0, f64::INFINITY);
                study.whole_sum(
                    "a part of another",
                    vec![(1.0, whole), (-1.0, part)],
                    within,
                );
            };
            less(self, covered, group);
            for (part, whole) in [
                ("covered_public", "covered_residents"),
                ("covered_straight", "target_residents"),
            ] {
                if let (Some(&part), Some(&whole)) = (cell.get(part), cell.get(whole)) {
                    less(self, part, whole);
                }
            }
            if let Some(&substitute) = cell.get("substitute_residents") {
                let terms = vec![(1.0, group), (-1.0, covered), (-1.0, substitute)];
                let within = Interval::new(-PERSON, f64::INFINITY);
                self.sum("substitutes of those not covered", terms, within);
            }
            if let (Some(&seated), Some(&short)) =
                (cell.get("seated"), cell.get("short_for_certain"))
            {
                if let (Some(seated), Some(short), Some(demand)) = seats {
                    self.is_made("seats of a demand", demand, seated + short, 0.5);
                }
                if let Some((norm, base)) = self.demand(unit, service, year) {
                    let terms = vec![(1.0, seated), (1.0, short), (-norm, base)];
                    self.sum("seats of a demand", terms, Interval::around(0.0, SEAT));
                }
                if let Some(short) = seats.1 {
                    self.is_made("causes of a shortage", short, causes, 0.5);
                }
                let mut terms = vec![(-1.0, short)];
                let parts = ["short_none_in_reach", "short_full", "short_none_exists"];
                terms.extend(
                    parts
                        .iter()
                        .filter_map(|name| Some((1.0, *cell.get(name)?))),
                );
                self.sum("causes of a shortage", terms, Interval::around(0.0, SEAT));
            }
        }
    }

    /// Capacity per person that the published norm asks for, and the people that it asks for.
    fn demand(&self, unit: usize, service: usize, year: usize) -> Option<(f64, Unknown)> {
        let row = &self.public.page.list("services")[service]["row"];
        if row["urban"].is_null() || row["rural"].is_null() {
            return None;
        }
        let norm = &row["norm"];
        match norm["basis"].as_str()? {
            "per_1000_residents" => {
                let norm = norm["per_1000_low"].as_f64()? / 1000.0;
                Some((norm, self.residents[unit][year]))
            }
            "cohort" => {
                let norm = norm["per_target_person"].as_f64()?;
                Some((norm, self.cells[&(unit, service, year)]["target_residents"]))
            }
            _ => None,
        }
    }

    /// Services for the same ages, and ages that do not overlap and are all residents at most.
    fn between_services(&mut self) {
        let rows = self.public.page.list("services");
        let everywhere = |row: &Value| !row["urban"].is_null() && !row["rural"].is_null();
        let mut ages: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (service, row) in rows.iter().enumerate() {
            let (row, target) = (&row["row"], row["row"]["target"].as_str());
            if let Some(target) = target.filter(|_| everywhere(row)) {
                ages.entry(target.to_owned()).or_default().push(service);
            }
        }
        let first = |target: &str| target.trim_end_matches('+').split('-').next()?.parse().ok();
        let last = |target: &str| match target.split_once('-') {
            Some((_, last)) => last.parse().ok(),
            None => target.ends_with('+').then_some(200),
        };
        let mut spans: Vec<(u32, u32, usize)> = ages
            .iter()
            .filter_map(|(target, services)| Some((last(target)?, first(target)?, services[0])))
            .collect();
        spans.sort_unstable();
        for unit in 0..self.public.units {
            for year in 0..self.public.years {
                let group =
                    |study: &Self, service| study.cells[&(unit, service, year)]["target_residents"];
                let residents = self.residents[unit][year];
                for (target, services) in &ages {
                    let one = group(self, services[0]);
                    let mut same: Vec<Unknown> = services[1..]
                        .iter()
                        .map(|&other| group(self, other))
                        .collect();
                    if target == "all" {
                        same.push(residents);
                    }
                    for other in same {
                        let terms = vec![(1.0, one), (-1.0, other)];
                        self.whole_sum("the same ages", terms, Interval::new(0.0, 0.0));
                    }
                }
                let mut terms = vec![(1.0, residents)];
                let mut end = 0;
                for &(last, first, service) in &spans {
                    if first >= end {
                        terms.push((-1.0, group(self, service)));
                        end = last;
                    }
                }
                self.sum("ages apart", terms, Interval::new(-0.5, f64::INFINITY));
            }
        }
    }

    /// What a figure of the city says, which is exact where it is no multiple of `small`.
    fn city_count(&self, shown: f64) -> Interval {
        if shown == 0.0 {
            Interval::new(0.0, 0.5)
        } else if shown % self.small == 0.0 {
            // Rounded of thousandths that were rounded up.
            let first = shown - (self.small / 2.0).floor();
            Interval::new(first - 1.0, first + self.small - 0.5)
        } else {
            Interval::around(shown, if shown.fract() == 0.0 { 0.5 } else { 0.001 })
        }
    }

    fn townships(&mut self) {
        let units = self.public.page.list("units");
        for (township, about) in self.public.page.list("townships").iter().enumerate() {
            let members: Vec<usize> = (0..units.len())
                .filter(|&unit| units[unit]["township_position"] == township)
                .collect();
            let Some(shown) = about["residents"].as_f64() else {
                continue;
            };
            let made: f64 = members
                .iter()
                .map(|&unit| self.public.residents(unit, 0))
                .sum();
            self.is_made("units of a township", shown, made, 0.5);
            let terms = members.iter().map(|&unit| (1.0, self.residents[unit][0]));
            let within = whole(self.city_count(shown));
            self.sum("units of a township", terms.collect(), within);
        }
    }

    fn city_by_year(&mut self) {
        let page = self.public.page;
        let mut known: Vec<(usize, f64)> = page.header["city"]["residents"]
            .as_f64()
            .map(|residents| (0, residents))
            .into_iter()
            .collect();
        let rows = &page.header["units_info"]["residents_by_year"];
        for row in rows.as_array().into_iter().flatten() {
            known.extend(
                self.public
                    .year(&row["year"])
                    .zip(row["residents"].as_f64()),
            );
        }
        let rows = &page.header["projection"]["residents"];
        for row in rows.as_array().into_iter().flatten() {
            let variant = page.header["plan"]["growth"]["variant"].as_str();
            let shown = row[variant.unwrap_or("middle")].as_f64();
            known.extend(self.public.year(&row["year"]).zip(shown));
        }
        for (year, shown) in known {
            let units = 0..self.public.units;
            let made: f64 = units
                .clone()
                .map(|unit| self.public.residents(unit, year))
                .sum();
            self.is_made("residents of the city", shown, made, 0.5);
            let terms = units
                .map(|unit| (1.0, self.residents[unit][year]))
                .collect();
            let within = self.city_count(shown);
            self.sum("residents of the city", terms, within);
        }
    }

    fn city_by_service(&mut self) {
        for service in 0..self.public.services.len() {
            for year in 0..self.public.years {
                self.total(service, year);
            }
        }
    }

    fn total(&mut self, service: usize, year: usize) {
        let id = self.public.services[service];
        let total = self.public.total(id, year);
        let units = 0..self.public.units;
        let column = |study: &Self, name: &str| -> Option<Vec<(f64, Unknown)>> {
            let cells = units
                .clone()
                .map(|unit| &study.cells[&(unit, service, year)]);
            cells.map(|cell| Some((1.0, *cell.get(name)?))).collect()
        };
        let made = |study: &Self, name: &str| -> f64 {
            let shown = |unit| study.public.standing(name, unit, service, year);
            units.clone().filter_map(shown).sum()
        };
        let truth = self.internal.total(id, year);
        for name in COUNTS {
            let (Some(shown), Some(terms)) = (total[of_city(name)].as_f64(), column(self, name))
            else {
                continue;
            };
            let parts = made(self, name);
            self.is_made("city by service", shown, parts, 0.5);
            let within = self.city_count(shown);
            self.sum("city by service", terms, within);
        }
        if let (Some(shown), Some(group), Some(covered)) = (
            total["not_covered"].as_f64(),
            column(self, "target_residents"),
            column(self, "covered_residents"),
        ) {
            let parts =
                total["target"].as_f64().unwrap_or(0.0) - total["covered"].as_f64().unwrap_or(0.0);
            self.is_made("city: not covered", shown, parts, 0.5);
            let mut terms = group;
            terms.extend(covered.iter().map(|&(_, covered)| (-1.0, covered)));
            let within = self.city_count(shown);
            self.sum("city: not covered", terms, within);
        }
        // The city's own counts are unknown, too, and their parts make up the whole.
        let parts = [
            "covered_residents",
            "unsnapped_residents",
            "roadless_residents",
            "too_far_residents",
            "target_residents",
        ];
        let mut terms = Vec::new();
        for name in parts {
            let shown = total[of_city(name)].as_f64();
            let said = match shown {
                Some(shown) if shown > 0.0 => (self.city_count(shown), Said::Rounded),
                _ => self.count(shown, total["target"].is_number()),
            };
            let title = format!("{name} of the city, {id}, year {year}");
            let truth = truth[of_city(name)].as_f64();
            let factor = if name == "target_residents" {
                -1.0
            } else {
                1.0
            };
            let unknown = self.unknown(title, said, false, truth);
            self.knowledge.figures[unknown].made_by = Some("city by service");
            terms.push((factor, unknown));
        }
        self.sum(
            "city: parts of a group",
            terms,
            Interval::around(0.0, PERSON),
        );
        self.certain(service, year, total);
    }

    /// The city's seats, and what units miss of their demand by what they receive.
    fn certain(&mut self, service: usize, year: usize, total: &Value) {
        let units = 0..self.public.units;
        let keys = ["seated", "short", "too_far", "full", "none_exists"]
            .map(|key| format!("certain_{key}"));
        for (key, name) in keys.into_iter().zip(SEATS) {
            let cells = units
                .clone()
                .map(|unit| &self.cells[&(unit, service, year)]);
            let terms: Option<Vec<(f64, Unknown)>> =
                cells.map(|cell| Some((1.0, *cell.get(name)?))).collect();
            let (Some(shown), Some(terms)) = (total[key].as_f64(), terms) else {
                continue;
            };
            let parts: f64 = units
                .clone()
                .filter_map(|unit| self.public.standing(name, unit, service, year))
                .sum();
            self.is_made("city: seats", shown, parts, 0.05);
            let apart = if shown % self.small == 0.0 {
                self.small / 2.0
            } else if shown.fract() == 0.0 {
                0.5
            } else {
                0.05
            };
            let within = Interval::around(shown, apart + 0.05 * terms.len() as f64);
            self.sum("city: seats", terms, within);
        }
        let Some(shown) = total["short"].as_f64() else {
            return;
        };
        let mut parts = 0.0;
        let mut terms = Vec::new();
        let (mut received, mut apart) = (0.0, if shown.fract() == 0.0 { 0.5 } else { 0.05 });
        let mut certain = true;
        for unit in units {
            let shown = |name: &str| self.public.standing(name, unit, service, year);
            let figures = shown("demand").zip(shown("supply_received"));
            let (Some((demand, own)), Some((norm, base))) =
                (figures, self.demand(unit, service, year))
            else {
                return;
            };
            parts += shown("shortfall_reach").unwrap_or(0.0);
            // Where a unit might miss something or not, nothing is concluded.
            let margin = norm * self.small + 1.0;
            if demand - own > margin {
                (received, apart) = (received + own, apart + 0.55);
                terms.push((norm, base));
            } else if demand - own > -margin {
                certain = false;
            }
        }
        self.is_made("city: shortfall", shown, parts, 0.05);
        if certain {
            let within = Interval::around(shown + received, apart);
            self.sum("city: shortfall", terms, within);
        }
    }

    /// Residents of a county, and what the norm asks for them.
    fn counties(&mut self) {
        let page = self.public.page;
        let townships = page.list("townships");
        let units = page.list("units");
        for row in page.list("counties") {
            let code = row["county"].as_str().unwrap_or_default();
            let Some(year) = self.public.year(&row["year"]) else {
                continue;
            };
            let members: Vec<usize> = (0..units.len())
                .filter(|&unit| {
                    let township = units[unit]["township_position"].as_u64().unwrap() as usize;
                    townships[township]["township"]
                        .as_str()
                        .unwrap()
                        .starts_with(code)
                })
                .collect();
            let made: f64 = members
                .iter()
                .map(|&unit| self.public.residents(unit, year))
                .sum();
            let terms = |factor: f64, study: &Self| -> Vec<(f64, Unknown)> {
                let residents = |&unit: &usize| (factor, study.residents[unit][year]);
                members.iter().map(residents).collect()
            };
            if let Some(shown) = row["residents"].as_f64() {
                self.is_made("residents of a county", shown, made, 0.5);
                let (terms, within) = (terms(1.0, self), self.city_count(shown));
                self.sum("residents of a county", terms, within);
            }
            let services = page
                .list("services")
                .iter()
                .chain(page.list("county_services"));
            let mut services = services.map(|service| &service["row"]);
            let norm = services
                .find(|service| service["id"] == row["service"])
                .and_then(|service| service["norm"]["per_1000_low"].as_f64());
            if let (Some(shown), Some(norm)) = (row["demand"].as_f64(), norm) {
                let norm = norm / 1000.0;
                self.is_made("demand of a county", shown, made * norm, 0.5);
                let apart = if shown.fract() == 0.0 { 0.5 } else { 0.05 };
                let terms = terms(norm, self);
                self.sum("demand of a county", terms, Interval::around(shown, apart));
            }
        }
    }

    /// Mean access is what all receive ÷ the group, so the group is what all receive ÷ mean access.
    fn equity(&mut self) {
        for row in self.public.page.list("equities") {
            let service = row["service_position"].as_u64().unwrap() as usize;
            let Some(year) = self.public.year(&row["year"]) else {
                continue;
            };
            let total = self.public.total(self.public.services[service], year);
            let figures = row["mean_access"].as_f64().zip(total["received"].as_f64());
            let Some((mean, received)) = figures.filter(|(mean, _)| *mean > 0.001) else {
                continue;
            };
            if let Some(group) = total["target"].as_f64().filter(|group| *group > 0.0) {
                self.is_made("mean access", mean, received / group, 6e-7);
            }
            let (least, most) = (
                (received - 0.05) / (mean + 5.1e-7),
                (received + 0.05) / (mean - 5.1e-7),
            );
            let units = 0..self.public.units;
            let terms =
                units.map(|unit| (1.0, self.cells[&(unit, service, year)]["target_residents"]));
            let terms = terms.collect();
            self.sum("mean access", terms, Interval::new(least, most));
        }
    }

    /// Residents of the last year are those of the first × (1 + growth).
    fn growth(&mut self) {
        let last = self.public.years - 1;
        for place in self.public.page.list("places") {
            let unit = place["unit_position"].as_u64().unwrap() as usize;
            let Some(rate) = place["inflow_rate"].as_f64() else {
                continue;
            };
            let (now, then) = (
                self.public.residents(unit, 0),
                self.public.residents(unit, last),
            );
            if now > 0.0 {
                self.is_made("growth", rate, then / now - 1.0, 5.1e-5);
            }
            let (now, then) = (self.residents[unit][0], self.residents[unit][last]);
            for (bound, within) in [
                (rate - 5.1e-5, Interval::new(-0.01, f64::INFINITY)),
                (rate + 5.1e-5, Interval::new(f64::NEG_INFINITY, 0.01)),
            ] {
                let terms = vec![(1.0, then), (-1.0 - bound, now)];
                self.sum("growth", terms, within);
            }
        }
    }

    /// Missing shares of the last year, in hundredths; and all people out of reach of a unit.
    fn causes(&mut self) {
        let last = self.public.years - 1;
        for place in self.public.page.list("places") {
            let unit = place["unit_position"].as_u64().unwrap() as usize;
            let causes = place["causes"].as_array().map_or(&[][..], Vec::as_slice);
            for cause in causes {
                self.cause(unit, last, cause);
            }
            self.no_cause(unit, last, causes);
            let shown = place["unserved_residents"].as_f64();
            let mut terms = Vec::new();
            // With and without those of whom the covered are left out.
            let (mut made, mut all) = (0.0, 0.0);
            for service in 0..self.public.services.len() {
                let row = &self.public.page.list("services")[service]["row"];
                if row["norm"]["basis"] == "supply_only" {
                    continue;
                }
                let cell = &self.cells[&(unit, service, last)];
                terms.extend([
                    (1.0, cell["target_residents"]),
                    (-1.0, cell["covered_residents"]),
                ]);
                let shown = |name: &str| self.public.standing(name, unit, service, last);
                let group = shown("target_residents").unwrap_or(0.0);
                let open = shown("covered_residents").map(|covered| group - covered);
                made += open.unwrap_or(0.0);
                all += open.unwrap_or(group);
            }
            if let Some(shown) = shown {
                let made = if (shown - all).abs() < 0.5 { all } else { made };
                self.is_made("people out of reach of all services", shown, made, 0.5);
                let within = self.city_count(shown);
                // People out of reach of kinds that are left out may be among them.
                let complete = self.public.page.header["offers_left_out"] == 0;
                let least = if complete { within.least } else { 0.0 };
                let within = Interval::new(least - PERSON, within.most + PERSON);
                self.sum("people out of reach of all services", terms, within);
            }
        }
    }

    /// Causes are made of published figures: of what is none, these say that nothing is missing, and so it tells nothing more.
    fn no_cause(&mut self, unit: usize, last: usize, causes: &[Value]) {
        for service in 0..self.public.services.len() {
            let target = |year| {
                self.public
                    .standing("target_residents", unit, service, year)
            };
            let published = (0..=last).all(|year| target(year).is_some());
            let row = &self.public.page.list("services")[service]["row"];
            if !published || row["norm"]["basis"] == "supply_only" {
                continue;
            }
            let named = causes.iter().any(|cause| cause[0] == service);
            if let Some(rate) = self.made_cause(unit, service, last) {
                let alike = if named { rate > 0.0 } else { rate < 0.00501 };
                self.is_made("no cause of need", f64::from(u8::from(alike)), 1.0, 0.1);
            }
        }
    }

    /// The missing share that published figures make.
    fn made_cause(&self, unit: usize, service: usize, last: usize) -> Option<f64> {
        let [group, covered, demand, received] = [
            "target_residents",
            "covered_residents",
            "demand",
            "supply_received",
        ]
        .map(|name| self.public.standing(name, unit, service, last));
        let (group, covered) = group.zip(covered)?;
        let of_reach = if group > 0.0 {
            1.0 - covered / group
        } else {
            0.0
        };
        let of_capacity = demand
            .zip(received)
            .filter(|(demand, _)| *demand > 0.0)
            .map_or(0.0, |(demand, received)| {
                (demand - received).max(0.0) / demand
            });
        Some(of_reach.max(of_capacity))
    }

    fn cause(&mut self, unit: usize, last: usize, cause: &Value) {
        let service = cause[0].as_u64().unwrap() as usize;
        let rate = cause[2].as_f64().unwrap();
        let [shown_group, shown_covered, demand, received] = [
            "target_residents",
            "covered_residents",
            "demand",
            "supply_received",
        ]
        .map(|name| self.public.standing(name, unit, service, last));
        let (group, covered) = {
            let cell = &self.cells[&(unit, service, last)];
            (cell["target_residents"], cell["covered_residents"])
        };
        let of_capacity = demand
            .zip(received)
            .filter(|(demand, _)| *demand > 0.0)
            .map_or(0.0, |(demand, received)| {
                (demand - received).max(0.0) / demand
            });
        if let (Some(all), Some(covered)) = (shown_group, shown_covered) {
            let made = if all > 0.0 { 1.0 - covered / all } else { 0.0 };
            self.is_made(
                "missing share of a cause",
                rate,
                made.max(of_capacity),
                0.00501,
            );
        }
        let at_least = Interval::new(-PERSON, f64::INFINITY);
        let most = rate + 0.00501;
        // Target − covered ≤ most × target.
        let terms = vec![(most - 1.0, group), (1.0, covered)];
        let terms = if (most - 1.0).abs() < 1e-12 {
            vec![(1.0, covered)]
        } else {
            terms
        };
        self.sum("missing share of a cause", terms, at_least);
        // What of it is reach is sure where what is missing of capacity is clearly less.
        let room = demand.map_or(0.0, |demand| (self.small + 1.0) / demand.max(1.0));
        let least = rate - 0.00501;
        if of_capacity + room < least {
            let terms = vec![(1.0 - least, group), (-1.0, covered)];
            self.sum("missing share of a cause", terms, at_least);
        }
    }

    /// People of a unit who have a facility in reach are part of the group.
    fn served(&mut self) {
        let truth: BTreeMap<(usize, &str, &str), f64> = self
            .internal
            .served()
            .into_iter()
            .map(|(unit, service, offer, row)| {
                let id = self.internal.services[service];
                let people = self.internal.page.columns["served.people"][row];
                ((unit, id, self.internal.facility(offer)), people)
            })
            .collect();
        let page = self.public.page;
        for (unit, service, offer, row) in self.public.served() {
            let shown = page.columns["served.people"][row];
            let (id, facility) = (self.public.services[service], self.public.facility(offer));
            let truth = truth.get(&(unit, id, facility)).copied();
            let said = self.count(Some(shown), false);
            let title = format!("served of unit {unit}, {id}, {facility}");
            let people = self.unknown(title, said, false, truth);
            let group = self.cells[&(unit, service, 0)]["target_residents"];
            let within = Interval::new(0.0, f64::INFINITY);
            self.whole_sum(
                "a part of another",
                vec![(1.0, group), (-1.0, people)],
                within,
            );
        }
    }

    /// Where the city has a single facility with a capacity, and capacity is shared evenly within the limit, those covered of each unit
    /// are to each other as what their units receive. The part of few people is among the others', unless all are told as they are.
    fn only_facility(&mut self) {
        if self.public.page.header["plan"]["access"]["decay"] != "binary" {
            return;
        }
        for (service, year, received) in self.public.only_facilities() {
            let of_units = |name: &str| -> Vec<Option<f64>> {
                let units = 0..self.public.units;
                units
                    .map(|unit| self.public.standing(name, unit, service, year))
                    .collect()
            };
            let (parts, covered) = (of_units("supply_received"), of_units("covered_residents"));
            let sharing: Vec<usize> = (0..self.public.units)
                .filter(|&unit| self.rules.parts_exact || parts[unit].is_some())
                .collect();
            let covered: f64 = sharing.iter().filter_map(|&unit| covered[unit]).sum();
            let half = self.half_a_step(received / covered.max(1.0));
            let own = |unit: &usize| Some((vec![*unit], parts[*unit]?));
            let mut shares: Vec<(Vec<usize>, f64)> = sharing.iter().filter_map(own).collect();
            // What is missing of the whole is that of all whose part is left out.
            let left = sharing
                .iter()
                .copied()
                .filter(|&unit| parts[unit].is_none());
            let told: f64 = shares.iter().map(|(_, part)| part).sum();
            let apart = half * shares.len() as f64;
            shares.push((left.collect(), received - told));
            for (position, (owners, part)) in shares.iter().enumerate() {
                let missing = position + 1 == shares.len();
                let half = if missing { apart } else { half };
                for (apart, within) in [
                    (-half, Interval::new(-PERSON, f64::INFINITY)),
                    (half, Interval::new(f64::NEG_INFINITY, PERSON)),
                ] {
                    if owners.is_empty() {
                        continue;
                    }
                    let part = (part + apart) / received;
                    let terms = sharing.iter().map(|other| {
                        let covered = self.cells[&(*other, service, year)]["covered_residents"];
                        let own = f64::from(u8::from(owners.contains(other)));
                        (own - part, covered)
                    });
                    let terms = terms.filter(|(factor, _)| *factor != 0.0).collect();
                    self.sum("capacity received of the only facility", terms, within);
                }
            }
        }
    }

    /// Half of what amounts are rounded to of which a person receives `each`: a tenth where all parts are told as they are, else what `small`
    /// people receive, as the next of 1, 2, 5, 10, …; a tenth more, since people are known by rounded counts.
    fn half_a_step(&self, each: f64) -> f64 {
        if self.rules.parts_exact {
            return 0.1;
        }
        let least = self.small * each * 1.1;
        let steps = (0..30).map(|at| [1.0, 2.0, 5.0][at % 3] * 10f64.powi(at as i32 / 3));
        steps.into_iter().find(|step| *step >= least).unwrap_or(1e9) / 2.0 + 0.05
    }

    /// A unit is over the cap or it is not.
    fn cap(&mut self) {
        let page = self.public.page;
        let Some(cap) = page.header["plan"]["units"]["cap"].as_f64() else {
            return;
        };
        for (unit, about) in page.list("units").iter().enumerate() {
            let within = match about["over_cap"].as_bool() {
                Some(true) => Interval::new(cap + 0.001, f64::INFINITY),
                Some(false) => Interval::new(0.0, cap),
                None => continue,
            };
            let terms = vec![(1.0, self.residents[unit][0])];
            self.sum("cap of a unit", terms, within);
        }
    }

    /// Squares have no more people than units, and as many where no demand point is missing.
    fn squares(&mut self) {
        let page = self.public.page;
        let squares = page.columns["spot.residents"].clone();
        let points: f64 = page.columns["spot.points"].iter().sum();
        let mut terms: Vec<(f64, Unknown)> =
            self.residents.iter().map(|years| (1.0, years[0])).collect();
        for (square, shown) in squares.into_iter().enumerate() {
            let said = self.count(Some(shown), false);
            let title = format!("residents of square {square}");
            terms.push((-1.0, self.unknown(title, said, false, None)));
        }
        let complete = page.header["city"]["demand_points"].as_f64() == Some(points);
        let within = Interval::new(0.0, if complete { 0.0 } else { f64::INFINITY });
        self.sum("squares", terms, within);
    }
}
