//! Units: every township divided into the fewest contiguous groups of whole communities with at most `cap` residents.
//!
//! What groups are made of is an atom: a community, or a piece of one that alone exceeds the cap. Atoms that
//! share enough border are neighbours ([`contiguity`]); [`partition`] finds the groups; `outline` draws them.

pub mod contiguity;

pub mod partition;

mod atom;
mod outline;

use std::collections::BTreeMap;

use geo::MultiPolygon;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::quantity::Residents;
use atom::Atom;
use partition::{Graph, Partition};

/// How units are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPlan {
    /// Most residents of a unit, in whole persons, ≥ 1; exactly so many are allowed.
    pub cap: u64,
    /// Borders that run at most this far apart (metres, > 0) count as shared: what digitising leaves between neighbours.
    pub gap_tolerance_m: f64,
    /// Communities are neighbours where they share at least this much border (metres, > 0); a corner is no border.
    pub min_border_m: f64,
    /// Whether detached parts of a township join the nearest part (flagged), or make units of their own.
    pub join_detached: bool,
}

/// A unit: at most `cap` residents, in one township.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The township's code, a hyphen and a serial of two digits (more, where there are more than 99); serials follow the
    /// lowest community code of each unit.
    pub id: String,
    /// Position of its township.
    pub township: u32,
    /// Residents in the year of drawing.
    pub residents: Residents,
    /// Its communities, or parts of them, by position.
    pub communities: Vec<Share>,
    /// Its land, in metres of the city's plane.
    pub outline: MultiPolygon,
    /// Whether all its land hangs together.
    pub contiguous: bool,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

impl Unit {
    /// Whether it has more residents than the cap, which only a demand point over the cap can cause.
    #[must_use]
    pub fn over_cap(&self) -> bool {
        self.notes.contains(&Note::OverCap)
    }
}

/// A community's part in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Position of the community.
    pub community: u32,
    /// The residents of it who belong to the unit.
    pub residents: Residents,
}

/// What is unusual about a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Holds a demand point that alone exceeds the cap.
    OverCap,
    /// Holds a part of a community that was split because it exceeds the cap (拆分社区).
    SplitCommunity,
    /// Its land falls apart: an island or an enclave (飞地) was joined to the nearest part, or a community has several parts.
    Detached,
    /// Nobody lives there.
    Empty,
    /// The outline could not be joined to an area that adds up (communities overlap); its communities' polygons stand side
    /// by side instead.
    NotJoined,
}

/// How a township was divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Position of the township.
    pub township: u32,
    /// Number of units.
    pub units: u32,
    /// No division into fewer is possible; a bound on what is possible, not always reachable.
    pub lower_bound: u32,
    /// Whether `units` is proved to be the least possible number (of units of whole communities, parts of those that exceed
    /// the cap, and with detached parts joined anywhere).
    pub proved: bool,
}

/// All units of a city, and which one everybody and everything belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// In the order of their ids.
    pub units: Vec<Unit>,
    /// One a township that is not a neighbour.
    pub divisions: Vec<Division>,
    /// Unit of each demand point; `None` in neighbouring townships.
    pub of_point: Vec<Option<u32>>,
    /// Unit of each facility; `None` outside all units.
    pub of_facility: Vec<Option<u32>>,
}

/// Divides every township of `city`.
///
/// Fewest units first; then compact: least sum over residents of the squared distance to their unit's centre (Hess et al.
/// 1965); then, among divisions at most 5 % less compact than the best, the one whose largest and smallest unit differ least.
/// Townships go in parallel. The least number is found for certain where a bound proves it or the township has at most
/// [`partition::EXACT`] atoms; beyond, many random spanning trees are cut, each at its best.
#[must_use]
pub fn divide(city: &City, plan: &UnitPlan) -> Units {
    let mut points_of: Vec<Vec<u32>> = vec![Vec::new(); city.communities().len()];
    for (point, at) in city.points().iter().zip(0..) {
        points_of[point.community as usize].push(at);
    }
    let mut communities_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (community, at) in city.communities().iter().zip(0..) {
        communities_of.entry(community.township).or_default().push(at);
    }
    let own = (0..city.townships().len() as u32).filter(|&at| !city.townships()[at as usize].neighbour);
    let divided: Vec<Divided> = own
        .map(|township| (township, communities_of.remove(&township).unwrap_or_default()))
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(township, communities)| divide_township(city, township, &communities, &points_of, plan))
        .collect();
    collect(city, divided)
}

/// One township's units, with the atoms of each.
struct Divided {
    division: Division,
    units: Vec<(Unit, Vec<Atom>)>,
}

fn divide_township(
    city: &City,
    township: u32,
    communities: &[u32],
    points_of: &[Vec<u32>],
    plan: &UnitPlan,
) -> Divided {
    let cap = Residents::whole(plan.cap);
    let atoms: Vec<Atom> = communities
        .iter()
        .flat_map(|&community| atom::atoms(city, community, &points_of[community as usize], cap))
        .collect();
    let polygons: Vec<&MultiPolygon> = atoms.iter().map(|atom| &atom.polygon).collect();
    let borders = contiguity::borders(&polygons, plan.gap_tolerance_m, plan.min_border_m);
    let bridges = if plan.join_detached { contiguity::bridges(&polygons, &borders) } else { Vec::new() };
    let graph = Graph::new(
        atoms.iter().map(|atom| (atom.residents.0, atom.centre)).collect(),
        borders.iter().map(|border| (border.a, border.b)).chain(bridges.iter().copied()),
    );
    let code = &city.townships()[township as usize].code;
    let found = partition::partition(&graph, cap.0, partition::seed(code));
    let division = division(township, &atoms, !bridges.is_empty(), &found, cap);
    let real = Graph::new(graph.nodes().to_vec(), borders.iter().map(|border| (border.a, border.b)));
    let digits = found.parts.to_string().len().max(2);
    let units = group(atoms, &found)
        .into_iter()
        .zip(1..)
        .map(|((members, atoms), serial)| {
            let contiguous = real.connected(&members) && in_one_piece(&atoms, plan);
            let id = format!("{code}-{serial:0digits$}");
            (unit(id, township, &atoms, contiguous, cap), atoms)
        })
        .collect();
    Divided { division, units }
}

/// What is known of the number of units. Where a community was cut or a part joined across a gap, the search saw only our cut
/// and our bridge, so that only total ÷ cap bounds what another could do.
fn division(township: u32, atoms: &[Atom], bridged: bool, found: &Partition, cap: Residents) -> Division {
    let units = found.parts;
    if !bridged && atoms.iter().all(|atom| !atom.piece) {
        return Division { township, units, lower_bound: found.lower_bound, proved: found.proved };
    }
    let total: Residents = atoms.iter().map(|atom| atom.residents).sum();
    let lower_bound = u32::try_from(total.0.div_ceil(cap.0)).unwrap_or(u32::MAX).clamp(1, units.max(1));
    Division { township, units, lower_bound, proved: units == lower_bound }
}

/// Whether the polygons of the atoms hang together when each part of a multi-part community counts for itself.
fn in_one_piece(atoms: &[Atom], plan: &UnitPlan) -> bool {
    if atoms.iter().all(|atom| atom.polygon.0.len() == 1) {
        return true;
    }
    let parts: Vec<MultiPolygon> =
        atoms.iter().flat_map(|atom| &atom.polygon.0).map(|part| MultiPolygon::from(part.clone())).collect();
    let parts: Vec<&MultiPolygon> = parts.iter().collect();
    let borders = contiguity::borders(&parts, plan.gap_tolerance_m, plan.min_border_m);
    let landless = atoms.iter().any(|atom| atom.polygon.0.is_empty());
    !landless && contiguity::bridges(&parts, &borders).is_empty()
}

/// The atoms of each part and their positions; parts stand in the order of their first atom.
fn group(atoms: Vec<Atom>, found: &Partition) -> Vec<(Vec<u32>, Vec<Atom>)> {
    let mut groups: Vec<(Vec<u32>, Vec<Atom>)> = vec![Default::default(); found.parts as usize];
    for ((atom, &part), at) in atoms.into_iter().zip(&found.part_of).zip(0..) {
        groups[part as usize].0.push(at);
        groups[part as usize].1.push(atom);
    }
    groups
}

fn unit(id: String, township: u32, atoms: &[Atom], contiguous: bool, cap: Residents) -> Unit {
    let residents: Residents = atoms.iter().map(|atom| atom.residents).sum();
    let mut shares: BTreeMap<u32, Residents> = BTreeMap::new();
    for atom in atoms {
        *shares.entry(atom.community).or_default() += atom.residents;
    }
    let (outline, joined) = outline::join(&atoms.iter().map(|atom| &atom.polygon).collect::<Vec<_>>());
    let flags = [
        (residents > cap, Note::OverCap),
        (atoms.iter().any(|atom| atom.piece), Note::SplitCommunity),
        (!contiguous, Note::Detached),
        (residents.0 == 0, Note::Empty),
        (!joined, Note::NotJoined),
    ];
    Unit {
        id,
        township,
        residents,
        communities: shares.into_iter().map(|(community, residents)| Share { community, residents }).collect(),
        outline,
        contiguous,
        notes: flags.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect(),
    }
}

/// Puts the townships' units into one list and finds everybody's and everything's unit.
fn collect(city: &City, divided: Vec<Divided>) -> Units {
    let mut all = Units {
        units: Vec::new(),
        divisions: Vec::new(),
        of_point: vec![None; city.points().len()],
        of_facility: Vec::new(),
    };
    let mut atoms_of: Vec<Vec<(u32, Atom)>> = vec![Vec::new(); city.communities().len()];
    for Divided { division, units } in divided {
        all.divisions.push(division);
        for (unit, atoms) in units {
            let at = all.units.len() as u32;
            for atom in atoms {
                atom.points.iter().for_each(|&point| all.of_point[point as usize] = Some(at));
                atoms_of[atom.community as usize].push((at, atom));
            }
            all.units.push(unit);
        }
    }
    all.of_facility = city
        .facilities()
        .iter()
        .map(|facility| {
            let atoms = &atoms_of[facility.community? as usize];
            atoms.iter().find(|(_, atom)| atom.bounds.contains(facility.at)).map(|(unit, _)| *unit)
        })
        .collect();
    all
}
