//! Units: every township divided into the fewest contiguous groups of whole communities with at most `cap` residents.
//!
//! What groups are made of is an atom: a community, or a piece of one that alone exceeds the cap. Atoms that
//! share enough border are neighbours ([`contiguity`]); [`partition`] finds the groups; `outline` draws them.

pub mod contiguity;

pub mod gaps;

pub mod graph;

pub mod partition;

pub mod keep;

pub mod last;

mod anneal;
mod atom;
mod bound;
mod compact;
mod exact;
mod outline;
mod parts;
mod set;
mod trees;

use std::collections::BTreeMap;

use geo::MultiPolygon;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::city::{City, DemandPoint};
use crate::position::{CommunityAt, NodeAt, PartAt, PointAt, TownshipAt, UnitAt};
use crate::quantity::Residents;
use atom::Atom;
use graph::Graph;
use last::LastUnits;
use partition::Partition;

/// How units are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitPlan {
    /// Most residents of a unit, in whole persons; exactly this many are allowed.
    #[schemars(extend("x-zh" = "单元人口上限；恰好等于也可以"))]
    pub cap: u64,
    /// Borders at most this far apart, in metres, count as shared: digitised neighbours seldom meet
    /// exactly.
    #[schemars(extend("x-zh" = "相距不超过此数（米）的边界视为共有：数字化的相邻边界很少完全重合"))]
    pub gap_tolerance_m: f64,
    /// Communities are neighbours where they share at least this length of border, in metres; a
    /// corner is not a border.
    #[schemars(extend("x-zh" = "共有边界至少这么长（米）的社区才算相邻；只碰一角不算"))]
    pub min_border_m: f64,
    /// Whether detached parts of a township join the nearest part, with a note, or form units of
    /// their own.
    #[schemars(extend("x-zh" = "镇（街道）的飞地并入最近的部分（注明），还是自成单元"))]
    pub join_detached: bool,
    /// Share of the cap that stays free where units are drawn, so that they can grow until the horizon: at 0.05 none is drawn
    /// with more than 95,000 of 100,000 residents, unless one community has more. Units of the last round are kept as long
    /// as they are within the cap itself.
    #[serde(default)]
    #[schemars(extend("x-zh" = "划分单元时预留的比例，使单元到预测目标年仍有增长余地：0.05 表示新划单元不超过上限的 95%（单个社区超过的除外）；上一轮的单元只要不超过上限本身就保留"))]
    pub headroom: f64,
}

impl UnitPlan {
    /// Most residents of a unit.
    #[must_use]
    pub fn most(&self) -> Residents {
        Residents::whole(self.cap)
    }

    /// Most residents of a unit that is drawn anew: what the headroom leaves of the cap, in whole persons rounded down, at least 1.
    /// ```
    /// # use fuwutu_core::quantity::Residents;
    /// # let mut plan = fuwutu_synth::example::plan().units;
    /// (plan.cap, plan.headroom) = (100_000, 0.05);
    /// assert_eq!(plan.most_drawn(), Residents::whole(95_000));
    /// ```
    #[must_use]
    pub fn most_drawn(&self) -> Residents {
        // A millionth of a person more, because 1 − 0.05 is a little less than 0.95.
        let drawn = self.cap as f64 * (1.0 - self.headroom) + 1e-6;
        Residents::whole((drawn as u64).max(1))
    }
}

/// A unit: at most `cap` residents, in one township.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The township's code, a hyphen and a serial of two digits (more, where there are more than 99); serials follow the
    /// lowest community code of each unit. One that goes on from the last round keeps its id, which may begin with the code of
    /// a township that was merged since.
    pub id: String,
    /// Position of its township.
    pub township: TownshipAt,
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
    /// What became of it since the last round; `None` where none is given.
    pub since: Option<Since>,
}

impl Unit {
    /// Whether it has more residents than the cap, which only a demand point over the cap can cause.
    #[must_use]
    pub fn over_cap(&self) -> bool {
        self.notes.contains(&Note::OverCap)
    }
}

/// What became of a unit since the last round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// Whether it is the same.
    pub state: State,
    /// Those of its residents (of today) whose community was in another unit in the last round.
    pub moved: Residents,
}

/// Whether a unit is the same as in the last round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The same land.
    Kept,
    /// It goes on with its id, and communities came or left.
    Changed,
    /// Its id was not there.
    New,
}

/// A community's part in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Position of the community.
    pub community: CommunityAt,
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
    /// It has no residents.
    Empty,
    /// The outline could not be joined to an area that adds up (communities overlap); its communities' polygons stand side
    /// by side instead.
    NotJoined,
}

/// How a township was divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Position of the township.
    pub township: TownshipAt,
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
    /// In the order of their townships, then of their ids.
    pub units: Vec<Unit>,
    /// One a township that is not a neighbour.
    pub divisions: Vec<Division>,
    /// Unit of each demand point; `None` in neighbouring townships.
    pub of_point: Vec<Option<UnitAt>>,
    /// Unit of each facility; `None` outside all units.
    pub of_facility: Vec<Option<UnitAt>>,
}

impl Units {
    /// The same units for the demand points of `other`, which has the communities and facilities of `city`: each belongs to the
    /// unit of its community or, where that is cut, to that of the nearest demand point of `city` in it. O(points), and
    /// O(points²) in a community that is cut.
    #[must_use]
    pub fn for_points_of(&self, city: &City, other: &City) -> Self {
        let mut of_community: Vec<Vec<PointAt>> = vec![Vec::new(); city.communities().len()];
        for (position, point) in PointAt::enumerate(city.points()) {
            of_community[point.community].push(position);
        }
        let cut: Vec<bool> = (of_community.iter())
            .map(|points| {
                points
                    .windows(2)
                    .any(|pair| self.of_point[pair[0]] != self.of_point[pair[1]])
            })
            .collect();
        let unit_of = |point: &DemandPoint| {
            let there = &of_community[point.community];
            let nearest = if cut[point.community] {
                there.iter().min_by(|&&a, &&b| {
                    let from = |each| point.at.distance(city.point(each).at);
                    from(a).total_cmp(&from(b))
                })
            } else {
                there.first()
            };
            nearest.and_then(|&each| self.of_point[each])
        };
        Self {
            of_point: other.points().par_iter().map(unit_of).collect(),
            ..self.clone()
        }
    }
}

/// Divides every township of `city`.
///
/// Fewest units first; then compact: least sum over residents of the squared distance to their unit's centre (Hess et al.
/// 1965); then, among divisions at most 1 % less compact than the best, the one whose largest and smallest unit differ least.
/// Townships go in parallel. [`partition`] says how the number is found and proved.
/// ```
/// use fuwutu_core::city::City;
/// use fuwutu_core::quantity::Residents;
/// use fuwutu_core::units::{self, UnitPlan};
/// # let plan = fuwutu_synth::example::plan();
/// // Four people in one community, and at most two in a unit: it is cut into two.
/// let city = City::new(fuwutu_synth::grid(2, 500_000, &[]))?;
/// let units = units::divide(&city, &UnitPlan { cap: 2, ..plan.units });
/// let residents: Vec<Residents> = units.units.iter().map(|unit| unit.residents).collect();
/// assert_eq!(residents, [Residents::whole(2), Residents::whole(2)]);
/// assert!(units.divisions[0].proved);
/// # Ok::<(), fuwutu_core::city::CityError>(())
/// ```
#[must_use]
pub fn divide(city: &City, plan: &UnitPlan) -> Units {
    draw(city, plan, Drawing::Anew)
}

/// As [`divide`], but the last round's units go on with their ids where they still hold: where each of a township still hangs
/// together and is within the cap, and every community belonged to one. Otherwise the township is mended so that few residents
/// (of today) change their unit: see [`keep::keep`]. Communities that the last round did not know join a unit that they border.
/// New ids have serials above all that the last round used in the township. A township that the last round did not have is
/// divided anew.
#[must_use]
pub fn keep(city: &City, plan: &UnitPlan, last: &LastUnits) -> Units {
    draw(city, plan, Drawing::Keep(last))
}

/// The last round's units kept where there are any, and new ones otherwise.
#[must_use]
pub fn kept_or_drawn(city: &City, plan: &UnitPlan, last: Option<&LastUnits>) -> Units {
    last.map_or_else(|| divide(city, plan), |last| keep(city, plan, last))
}

/// The last round's units as they are, whether they still hold or not, on the land of today: a community that it did not know
/// joins a unit that it borders. A unit whose land now lies in several townships is several units with one id.
#[must_use]
pub fn carry(city: &City, plan: &UnitPlan, last: &LastUnits) -> Units {
    draw(city, plan, Drawing::Carry(last))
}

/// Residents of each community, of neighbouring townships, too.
#[must_use]
pub fn residents_of_communities(city: &City) -> Vec<Residents> {
    let mut sums = vec![Residents::default(); city.communities().len()];
    for (position, point) in PointAt::enumerate(city.points()) {
        sums[point.community] += city.residents()[position].total();
    }
    sums
}

/// How units come about.
#[derive(Debug, Clone, Copy)]
enum Drawing<'a> {
    Anew,
    Keep(&'a LastUnits),
    Carry(&'a LastUnits),
}

fn draw(city: &City, plan: &UnitPlan, drawing: Drawing) -> Units {
    let mut points_of: Vec<Vec<PointAt>> = vec![Vec::new(); city.communities().len()];
    for (position, point) in PointAt::enumerate(city.points()) {
        points_of[point.community].push(position);
    }
    let mut communities_of: Vec<Vec<CommunityAt>> = vec![Vec::new(); city.townships().len()];
    for (position, community) in CommunityAt::enumerate(city.communities()) {
        communities_of[community.township].push(position);
    }
    let divided: Vec<Divided> = TownshipAt::first(city.townships().len())
        .filter(|&township| !city.township(township).neighbour)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|township| {
            let communities = &communities_of[township];
            divide_township(city, township, communities, &points_of, plan, drawing)
        })
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
    township: TownshipAt,
    communities: &[CommunityAt],
    points_of: &[Vec<PointAt>],
    plan: &UnitPlan,
    drawing: Drawing,
) -> Divided {
    let atoms: Vec<Atom> = communities
        .iter()
        .flat_map(|&community| atom::atoms(city, community, &points_of[community], plan))
        .collect();
    let polygons: Vec<&MultiPolygon> = atoms.iter().map(|atom| &atom.polygon).collect();
    let borders = contiguity::borders(&polygons, plan.gap_tolerance_m, plan.min_border_m);
    let bridges = if plan.join_detached {
        contiguity::bridges(&polygons, &borders)
    } else {
        Vec::new()
    };
    let graph = Graph::new(
        atoms
            .iter()
            .map(|atom| (atom.residents.0, atom.centre))
            .collect(),
        borders
            .iter()
            .map(|border| (border.a, border.b))
            .chain(bridges.iter().map(|bridge| (bridge.a, bridge.b))),
    );
    let code = &city.township(township).code;
    let Drawn { found, named, most } = drawn(&graph, &atoms, township, code, plan, drawing);
    let division = division(township, &atoms, !bridges.is_empty(), &found, most);
    let real = Graph::new(
        graph.nodes().to_vec(),
        borders.iter().map(|border| (border.a, border.b)),
    );
    let mut units: Vec<(Unit, Vec<Atom>)> = group(atoms, &found)
        .into_iter()
        .zip(named)
        .map(|((members, atoms), (id, since))| {
            let contiguous = real.connected(&members) && in_one_piece(&atoms, plan);
            (
                Unit {
                    since,
                    ..unit(id, township, &atoms, contiguous, plan.most())
                },
                atoms,
            )
        })
        .collect();
    units.sort_by(|(a, _), (b, _)| last::parts(&a.id).cmp(&last::parts(&b.id)));
    Divided { division, units }
}

/// The parts of a township, with the id of each and what became of it, and the most residents that they were to have.
struct Drawn {
    found: Partition,
    named: Vec<(String, Option<Since>)>,
    most: Residents,
}

fn drawn(
    graph: &Graph,
    atoms: &[Atom],
    township: TownshipAt,
    code: &str,
    plan: &UnitPlan,
    drawing: Drawing,
) -> Drawn {
    let seed = partition::seed(code);
    let anew = |first: u32, since: Option<Since>| {
        let most = plan.most_drawn();
        let found = partition::partition(graph, most.0, seed);
        let named = serials(code, first, found.parts)
            .map(|id| (id, since))
            .collect();
        Drawn { found, named, most }
    };
    let most = plan.most();
    let (Drawing::Keep(last) | Drawing::Carry(last)) = drawing else {
        return anew(1, None);
    };
    let homes = last.homes(atoms);
    let label_of = match drawing {
        _ if homes.former.is_empty() => {
            let since = Since {
                state: State::New,
                moved: Residents::default(),
            };
            return anew(last.highest_serial(code) + 1, Some(since));
        }
        Drawing::Carry(_) => keep::carry(graph, &homes.of_atom, homes.former.len()),
        _ => keep::keep(graph, most.0, seed, &homes.of_atom, homes.former.len()),
    };
    // Parts are numbered by their first atom.
    let mut labels: Vec<PartAt> = Vec::new();
    let part_of: Vec<PartAt> = label_of
        .iter()
        .map(|label| {
            let part = labels.iter().position(|seen| seen == label);
            PartAt::new(part.unwrap_or_else(|| {
                labels.push(*label);
                labels.len() - 1
            }))
        })
        .collect();
    let parts = labels.len() as u32;
    let lower_bound = partition::bound(graph, most.0, parts).min(parts);
    let found = Partition {
        part_of,
        parts,
        lower_bound,
        proved: lower_bound == parts,
    };
    let mut fresh = serials(code, last.highest_serial(code) + 1, parts);
    let named = labels.iter().map(|&label| {
        let former = homes.former.get(label.index());
        let kept = former
            .filter(|&&id| matches!(drawing, Drawing::Carry(_)) || last.heir(id) == Some(township));
        let id = kept
            .map(|&id| last.ids()[id].clone())
            .or_else(|| fresh.next())
            .unwrap_or_default();
        let since = since(atoms, &homes.of_atom, &label_of, label, kept.is_some());
        (id, Some(since))
    });
    Drawn {
        found,
        named: named.collect(),
        most,
    }
}

/// What became of the part with this label, where it has `kept` the id of the former part with that label or has a new one.
fn since(
    atoms: &[Atom],
    homes: &[Option<PartAt>],
    label_of: &[PartAt],
    label: PartAt,
    kept: bool,
) -> Since {
    let is_own = |atom: &usize| label_of[*atom] == label;
    let home = |atom: usize| homes[atom].filter(|&home| kept && home == label);
    let moved = (0..atoms.len())
        .filter(is_own)
        .filter(|&atom| homes[atom].is_some() && home(atom).is_none());
    let same = (0..atoms.len()).all(|atom| is_own(&atom) == home(atom).is_some());
    Since {
        state: match kept {
            false => State::New,
            true if same => State::Kept,
            true => State::Changed,
        },
        moved: moved.map(|atom| atoms[atom].residents).sum(),
    }
}

/// Ids of a township's units from a serial on.
fn serials(code: &str, first: u32, count: u32) -> impl Iterator<Item = String> {
    let last = first.saturating_add(count.saturating_sub(1));
    let digits = last.to_string().len().max(2);
    (first..=last).map(move |serial| format!("{code}-{serial:0digits$}"))
}

/// What is known of the number of units. Where a community was cut or a part joined across a gap, the search saw only our cut
/// and our bridge, so that only total ÷ cap bounds what another could do.
fn division(
    township: TownshipAt,
    atoms: &[Atom],
    bridged: bool,
    found: &Partition,
    most: Residents,
) -> Division {
    let units = found.parts;
    if !bridged && atoms.iter().all(|atom| !atom.piece) {
        return Division {
            township,
            units,
            lower_bound: found.lower_bound,
            proved: found.proved,
        };
    }
    let total: Residents = atoms.iter().map(|atom| atom.residents.min(most)).sum();
    let lower_bound = u32::try_from(total.0.div_ceil(most.0))
        .unwrap_or(u32::MAX)
        .clamp(1, units.max(1));
    Division {
        township,
        units,
        lower_bound,
        proved: units == lower_bound,
    }
}

/// Whether the polygons of the atoms hang together when each part of a multi-part community counts for itself.
fn in_one_piece(atoms: &[Atom], plan: &UnitPlan) -> bool {
    if atoms.iter().all(|atom| atom.polygon.0.len() == 1) {
        return true;
    }
    let parts: Vec<MultiPolygon> = atoms
        .iter()
        .flat_map(|atom| &atom.polygon.0)
        .map(|part| MultiPolygon::from(part.clone()))
        .collect();
    let parts: Vec<&MultiPolygon> = parts.iter().collect();
    let borders = contiguity::borders(&parts, plan.gap_tolerance_m, plan.min_border_m);
    let landless = atoms.iter().any(|atom| atom.polygon.0.is_empty());
    !landless && contiguity::bridges(&parts, &borders).is_empty()
}

/// The atoms of each part and their positions; parts stand in the order of their first atom.
fn group(atoms: Vec<Atom>, found: &Partition) -> Vec<(Vec<NodeAt>, Vec<Atom>)> {
    let mut groups: Vec<(Vec<NodeAt>, Vec<Atom>)> = vec![Default::default(); found.parts as usize];
    for (node, (atom, &part)) in NodeAt::enumerate(atoms.into_iter().zip(&found.part_of)) {
        groups[part].0.push(node);
        groups[part].1.push(atom);
    }
    groups
}

fn unit(
    id: String,
    township: TownshipAt,
    atoms: &[Atom],
    contiguous: bool,
    cap: Residents,
) -> Unit {
    let residents: Residents = atoms.iter().map(|atom| atom.residents).sum();
    let mut shares: BTreeMap<CommunityAt, Residents> = BTreeMap::new();
    for atom in atoms {
        *shares.entry(atom.community).or_default() += atom.residents;
    }
    let (outline, joined) =
        outline::join(&atoms.iter().map(|atom| &atom.polygon).collect::<Vec<_>>());
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
        communities: shares
            .into_iter()
            .map(|(community, residents)| Share {
                community,
                residents,
            })
            .collect(),
        outline,
        contiguous,
        notes: flags
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, note)| note)
            .collect(),
        since: None,
    }
}

/// Puts the townships' units into one list and finds everybody's and everything's unit.
fn collect(city: &City, divided: Vec<Divided>) -> Units {
    let mut found = Units {
        units: Vec::new(),
        divisions: Vec::new(),
        of_point: vec![None; city.points().len()],
        of_facility: Vec::new(),
    };
    let mut atoms_of: Vec<Vec<(UnitAt, Atom)>> = vec![Vec::new(); city.communities().len()];
    for Divided { division, units } in divided {
        found.divisions.push(division);
        for (unit, atoms) in units {
            let unit_at = UnitAt::new(found.units.len());
            for atom in atoms {
                atom.points
                    .iter()
                    .for_each(|&point| found.of_point[point] = Some(unit_at));
                atoms_of[atom.community].push((unit_at, atom));
            }
            found.units.push(unit);
        }
    }
    found.of_facility = city
        .facilities()
        .iter()
        .map(|facility| {
            let atoms = &atoms_of[facility.community?];
            atoms
                .iter()
                .find(|(_, atom)| atom.bounds.contains(facility.at))
                .map(|(unit, _)| *unit)
        })
        .collect();
    found
}
