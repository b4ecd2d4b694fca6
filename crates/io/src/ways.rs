//! How the people of a plan get around, and which of them are too far from every street.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fuwutu_core::city::{City, Facility};
use fuwutu_core::position::{ServiceAt, UnitAt};
use fuwutu_core::quantity::{Point, Residents};
use fuwutu_core::reach::straight::{Radius, Straight};
use fuwutu_core::reach::streets::{Parts, Snap, Streets};
use fuwutu_core::reach::{Travel, Travels, Way};
use fuwutu_core::round::{Selection, Snapping};
use fuwutu_core::service::Mode;
use rayon::prelude::*;

use crate::finding::{Failure, Finding, Kind};
use crate::frame::Projection;
use crate::plan::{Plan, UnsnappedTrips};
use crate::read::roads::RoadInput;

/// The ways of a plan: everybody's, and that of the slow where they are slower.
#[derive(Debug)]
pub struct Ways {
    usual: Paced,
    slow: Option<Paced>,
    compare: bool,
}

/// Travel at one pace.
#[derive(Debug)]
struct Paced {
    straight: Straight,
    /// Where radii count.
    radius: Option<Radius>,
    streets: Option<Streets>,
}

impl Paced {
    fn way(&self, compare: bool) -> Way<'_> {
        match &self.streets {
            Some(streets) => Way {
                travel: streets,
                beside: compare.then_some(&self.straight),
            },
            None => Way {
                travel: match &self.radius {
                    Some(radius) => radius,
                    None => &self.straight,
                },
                beside: None,
            },
        }
    }
}

impl Ways {
    /// Of a plan, on the roads that it names.
    #[must_use]
    pub fn new(plan: &Plan, roads: Option<&RoadInput>) -> Self {
        let paced = |paces| Paced {
            straight: plan.straight(paces),
            radius: plan.radius(paces),
            streets: roads.map(|input| Streets::new(Arc::clone(&input.roads), plan.streets(paces))),
        };
        Self {
            usual: paced(plan.paces()),
            slow: plan.slow_paces().map(paced),
            compare: plan.travel.compare,
        }
    }

    /// For the core.
    #[must_use]
    pub fn travels(&self) -> Travels<'_> {
        Travels {
            usual: self.usual.way(self.compare),
            slow: self.slow.as_ref().map(|slow| slow.way(self.compare)),
        }
    }

    /// Everybody's, or that of all but the slow.
    #[must_use]
    pub fn usual(&self) -> &dyn Travel {
        self.usual.way(false).travel
    }

    /// Streets, where they are travelled on.
    #[must_use]
    pub fn streets(&self) -> Option<&Streets> {
        self.usual.streets.as_ref()
    }
}

/// A mode in files.
#[must_use]
pub fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Walk => "walk",
        Mode::Ebike => "ebike",
        Mode::CarBus => "car_bus",
    }
}

/// What is noticed where the city meets the roads: how much of them is used by each of `modes`, and on foot the facilities of
/// `services` that are on no street, people and facilities on other parts of the network than the longest, and those whose legs are cut
/// off by water and rails or cross walls.
///
/// O(facilities), and O(demand points) where there are other parts that are used, or barriers.
///
/// # Errors
/// Where no demand point at all is near a street: these are the roads of another city.
pub fn joined(
    city: &City,
    streets: &Streets,
    modes: &[Mode],
    services: Selection,
    file: &str,
) -> Result<Vec<Finding>, Failure> {
    let any_near = city.points().par_iter().any(|point| {
        [Mode::Walk, Mode::Ebike, Mode::CarBus]
            .iter()
            .any(|&mode| streets.foot(mode, point.at).is_some())
    });
    if !city.points().is_empty() && !any_near {
        return Err(Finding::new(Kind::RoadsElsewhere, file).into());
    }
    let meeting = Meeting::new(city, streets, services, file);
    let mut findings: Vec<Finding> = modes
        .iter()
        .map(|&mode| network(streets, mode, file))
        .collect();
    findings.extend(meeting.lost_facilities());
    findings.extend(meeting.other_parts());
    findings.extend(meeting.legs());
    Ok(findings)
}

/// That nothing can be joined, with all that was noticed before; the message has the nodes that the roads lack.
#[must_use]
pub fn explained(failure: Failure, before: Vec<Finding>) -> Failure {
    let missing = before
        .iter()
        .find(|finding| finding.kind == Kind::NodesMissing);
    let missing = missing.map(|finding| finding.value.clone());
    let mut findings = before;
    findings.extend(failure.findings.into_iter().map(|finding| match &missing {
        Some(missing) if finding.kind == Kind::RoadsElsewhere => finding.value(missing.as_str()),
        _ => finding,
    }));
    Failure {
        findings,
        accounts: failure.accounts,
    }
}

/// How much of the streets a mode may use.
fn network(streets: &Streets, mode: Mode, file: &str) -> Finding {
    let ModeTotal {
        usable_km,
        parts,
        longest,
        isolated_km,
        closed_km,
        ..
    } = ModeTotal::of(streets, mode);
    let longest = longest * 100.0;
    let value = format!(
        "{usable_km:.0} km; parts {parts}, longest {longest:.1} %; too short {isolated_km:.0} km, \
         closed {closed_km:.0} km"
    );
    Finding::new(Kind::RoadsNetwork, file)
        .column(mode_name(mode))
        .value(value)
}

/// Where a city meets its streets on foot.
struct Meeting<'a> {
    city: &'a City,
    streets: &'a Streets,
    services: Selection<'a>,
    file: &'a str,
    parts: &'a Parts,
    /// The longest, of equally long ones the first.
    main: Option<u32>,
    /// Of each facility with a selected service; with several entrances how the best of them is joined.
    facilities: Vec<(&'a Facility, ServiceAt, Snap)>,
    /// Of each demand point; empty where nothing can be noticed about them.
    points: Vec<Snap>,
}

impl<'a> Meeting<'a> {
    fn new(city: &'a City, streets: &'a Streets, services: Selection<'a>, file: &'a str) -> Self {
        let snap = |at: Point| streets.snap(Mode::Walk, at);
        let best = |facility: &Facility| {
            let doors = facility.doors().iter().map(|&at| snap(at));
            doors
                .min_by_key(|snap| match snap {
                    Snap::On(foot) => u8::from(foot.over_wall),
                    Snap::CutOff => 2,
                    Snap::Far => 3,
                })
                .unwrap_or(Snap::Far)
        };
        let selected = |facility: &Facility| {
            let mut offers = facility.offers.iter().map(|offer| offer.service);
            offers.find(|service| services.selected.binary_search(service).is_ok())
        };
        let facilities = city.facilities().par_iter();
        let facilities = facilities
            .filter_map(|facility| Some((facility, selected(facility)?, best(facility))))
            .collect();
        let parts = streets.parts(Mode::Walk);
        let used = parts.of_edge.iter().zip(streets.usable(Mode::Walk));
        let used: BTreeSet<u32> = used
            .filter(|(_, usable)| **usable)
            .map(|(&part, _)| part)
            .collect();
        let points = if used.len() > 1 || !streets.roads().barriers().is_empty() {
            let points = city.points().par_iter();
            points.map(|point| snap(point.at)).collect()
        } else {
            Vec::new()
        };
        Self {
            city,
            streets,
            services,
            file,
            main: longest(parts),
            parts,
            facilities,
            points,
        }
    }

    /// One for each of some facilities, about the first of its services that are selected.
    fn about_facilities(&self, kind: Kind, some: impl Fn(&Snap) -> bool) -> Vec<Finding> {
        let mut whole: BTreeMap<ServiceAt, u64> = BTreeMap::new();
        let offers = self.city.facilities().iter().flat_map(|each| &each.offers);
        offers.for_each(|offer| *whole.entry(offer.service).or_default() += 1);
        let mut of_service: BTreeMap<ServiceAt, Vec<&Facility>> = BTreeMap::new();
        for (facility, service, _) in self.facilities.iter().filter(|(_, _, snap)| some(snap)) {
            of_service.entry(*service).or_default().push(facility);
        }
        let findings = of_service.into_iter().flat_map(|(service, facilities)| {
            let part = facilities.len() as u64;
            let whole = whole[&service];
            facilities.into_iter().map(move |facility| {
                Finding::new(kind, self.file)
                    .service(&*self.services.catalogue[service].id)
                    .id(&*facility.id)
                    .value(&*facility.name)
                    .concerns(part, whole)
            })
        });
        findings.collect()
    }

    /// Facilities on no street.
    fn lost_facilities(&self) -> Vec<Finding> {
        let kind = if self.streets.falls_back() {
            Kind::FacilityStraight
        } else {
            Kind::FacilityUnsnapped
        };
        self.about_facilities(kind, |snap| !matches!(snap, Snap::On(_)))
    }

    /// The part that a place is on, where it is not the longest.
    fn other_part(&self, snap: &Snap) -> Option<u32> {
        let Snap::On(foot) = snap else { return None };
        let part = self.parts.of_edge[foot.edge as usize];
        (self.main != Some(part)).then_some(part)
    }

    /// People and facilities on other parts than the longest: one finding for each part with people, and one for each facility.
    fn other_parts(&self) -> Vec<Finding> {
        let mut of_part: BTreeMap<u32, (Residents, usize)> = BTreeMap::new();
        for (snap, ages) in self.points.iter().zip(self.city.residents()) {
            if let Some(part) = self.other_part(snap) {
                let (residents, _) = of_part.entry(part).or_default();
                *residents += ages.total();
            }
        }
        for (_, _, snap) in &self.facilities {
            if let Some(part) = self.other_part(snap) {
                of_part.entry(part).or_default().1 += 1;
            }
        }
        let lost: Residents = of_part.values().map(|&(residents, _)| residents).sum();
        let all = self.city.total_residents();
        let populated = of_part.into_iter();
        let populated = populated.filter(|(_, (residents, _))| residents.0 > 0);
        let mut findings: Vec<Finding> = populated
            .map(|(part, (residents, facilities))| {
                let counts = counts(residents, all, facilities);
                let value = format!("{counts}; {}", self.part_text(part));
                Finding::new(Kind::OtherPart, self.file)
                    .value(value)
                    .concerns(lost.0, all.0)
            })
            .collect();
        let other = |snap: &Snap| self.other_part(snap).is_some();
        findings.extend(self.about_facilities(Kind::FacilityOtherPart, other));
        findings
    }

    /// `part 4.8 km at 104.06512 30.65731`: how long it is, and the first node of its longest edge.
    fn part_text(&self, part: u32) -> String {
        let roads = self.streets.roads();
        let edges = roads.edges().iter().zip(&self.parts.of_edge);
        let longest = edges
            .filter(|&(_, &other)| other == part)
            .map(|(edge, _)| edge)
            .max_by_key(|edge| (edge.length, std::cmp::Reverse(edge.from)));
        let km = self.parts.lengths[part as usize] as f64 / 1e6;
        let place = longest.map_or_else(String::new, |edge| {
            let projection = Projection::new(self.city.frame());
            let at = projection.to_degrees(roads.nodes()[edge.from as usize].metres());
            format!(" at {:.5} {:.5}", at.x, at.y)
        });
        format!("part {km:.1} km{place}")
    }

    /// Legs that water and rails cut off, and those that cross walls.
    fn legs(&self) -> Vec<Finding> {
        let cut_off = |snap: &Snap| *snap == Snap::CutOff;
        let over_wall = |snap: &Snap| matches!(snap, Snap::On(foot) if foot.over_wall);
        let findings = [
            self.about_legs(Kind::LegsCutOff, cut_off),
            self.about_legs(Kind::LegsOverWalls, over_wall),
        ];
        findings.into_iter().flatten().collect()
    }

    /// How many residents and facilities are joined to the streets in a certain way; `None` where there are none.
    fn about_legs(&self, kind: Kind, some: impl Fn(&Snap) -> bool) -> Option<Finding> {
        let residents = self.points.iter().zip(self.city.residents());
        let residents: Residents = residents
            .filter(|(snap, _)| some(snap))
            .map(|(_, ages)| ages.total())
            .sum();
        let facilities = self.facilities.iter().filter(|(_, _, snap)| some(snap));
        let (facilities, all) = (facilities.count(), self.city.total_residents());
        (residents.0 > 0 || facilities > 0).then(|| {
            Finding::new(kind, self.file)
                .value(counts(residents, all, facilities))
                .concerns(residents.0, all.0)
        })
    }
}

fn longest(parts: &Parts) -> Option<u32> {
    let parts = parts.lengths.iter().zip(0..);
    parts
        .max_by_key(|&(&length, part)| (length, std::cmp::Reverse(part)))
        .map(|(_, part)| part)
}

/// `walk 6000 of 12000 residents, 2 facilities`.
fn counts(residents: Residents, all: Residents, facilities: usize) -> String {
    let (residents, all) = (residents.persons(), all.persons());
    format!("walk {residents:.0} of {all:.0} residents, {facilities} facilities")
}

/// Findings about the residents who are on no street: one for all modes, since they are mostly the same people.
#[must_use]
pub fn unsnapped(snapping: &[Snapping], plan: &Plan) -> Vec<Finding> {
    let tell = |kind, part: fn(&Snapping) -> Residents| {
        let mut modes = Vec::new();
        let (mut most, mut residents) = (Residents::default(), Residents::default());
        for mode in [Mode::Walk, Mode::Ebike, Mode::CarBus] {
            let of_mode = || snapping.iter().filter(|row| row.mode == mode);
            let lost: Residents = of_mode().map(part).sum();
            residents = residents.max(of_mode().map(|row| row.residents).sum());
            most = most.max(lost);
            if lost.0 > 0 {
                modes.push(format!("{} {:.0}", mode_name(mode), lost.persons()));
            }
        }
        let lost = snapping.iter().filter(|row| part(row).0 > 0);
        let units: BTreeSet<UnitAt> = lost.map(|row| row.unit).collect();
        let value = format!(
            "{} of {:.0} residents, {} units",
            modes.join(", "),
            residents.persons(),
            units.len()
        );
        (most.0 > 0).then(|| {
            let finding = Finding::new(kind, &plan.roads_name()).value(value);
            finding.concerns(most.0, residents.0)
        })
    };
    let findings = match plan.travel.unsnapped {
        UnsnappedTrips::Straight => [
            tell(Kind::UnsnappedStraight, |row| row.unsnapped + row.roadless),
            None,
        ],
        UnsnappedTrips::Apart => [
            tell(Kind::Unsnapped, |row| row.unsnapped),
            tell(Kind::Roadless, |row| row.roadless),
        ],
    };
    findings.into_iter().flatten().collect()
}

/// What the streets of a mode come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModeTotal {
    /// How one travels.
    pub mode: Mode,
    /// Kilometres that may be used.
    pub usable_km: f64,
    /// Parts that do not hang together.
    pub parts: usize,
    /// The share of the longest part, 0 to 1.
    pub longest: f64,
    /// Kilometres in parts that are too short to be used.
    pub isolated_km: f64,
    /// Kilometres that this mode may not use.
    pub closed_km: f64,
}

impl ModeTotal {
    /// Of one mode.
    #[must_use]
    pub fn of(streets: &Streets, mode: Mode) -> Self {
        let roads = streets.roads();
        let parts = streets.parts(mode);
        let km = |millimetres: u64| millimetres as f64 / 1e6;
        let all: u64 = parts.lengths.iter().sum();
        let length = |at: usize| u64::from(roads.edges()[at].length);
        let usable: u64 = streets
            .usable(mode)
            .iter()
            .enumerate()
            .filter(|(_, own)| **own)
            .map(|(at, _)| length(at))
            .sum();
        let longest = parts.lengths.iter().max().copied().unwrap_or(0);
        Self {
            mode,
            usable_km: km(usable),
            parts: parts.lengths.len(),
            longest: if all > 0 {
                longest as f64 / all as f64
            } else {
                0.0
            },
            isolated_km: km(all - usable),
            closed_km: km(roads.length_mm() - all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Lang;

    #[test]
    fn roads_of_another_city_are_said_to_lack_nodes() {
        let missing = Finding::new(Kind::NodesMissing, "r").value("nodes 1, streets 1");
        let failure = Finding::new(Kind::RoadsElsewhere, "r").into();
        let failure = explained(failure, vec![missing.clone()]);
        assert_eq!(failure.findings[0], missing);
        let texts = [Lang::En, Lang::Zh].map(|lang| failure.findings[1].text(lang, &[]));
        assert!(
            texts[0].contains("missing in the file `nodes 1, streets 1`"),
            "{texts:?}"
        );
        assert!(
            texts[1].contains("文件中缺少 `节点 1, 道路 1`"),
            "{texts:?}"
        );
    }
}
