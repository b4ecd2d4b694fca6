//! Streets that meet without a common node: nodes at one place become one where streets of one storey come to them, or where streets
//! end at all of them. Ends within a metre of another street are only told, because a wall may stand between them.

use std::collections::BTreeMap;

use fuwutu_core::quantity::Point;
use rayon::prelude::*;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

use super::Node;
use super::block::{Storey, Street};
use super::network::Lines;
use super::nodes::Runs;

/// Nodes that became one with another: each with that one.
#[derive(Default)]
pub(super) struct Renames(Vec<(u32, u32)>);

impl Renames {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn of(&self, node: u32) -> u32 {
        match self.0.binary_search_by_key(&node, |&(old, _)| old) {
            Ok(at) => self.0[at].1,
            Err(_) => node,
        }
    }
}

/// Joins nodes of streets that lie at one place.
pub(super) fn join(lines: &mut Lines, nodes: &[Node], visits: &mut [u8]) -> Renames {
    let doubles = doubles(nodes, visits);
    let mut comes = comings(lines, &doubles);
    comes.par_sort_unstable();
    let place = |node: u32| [nodes[node as usize].lon, nodes[node as usize].lat];
    let mut renames = Renames::default();
    for group in doubles.chunk_by(|&a, &b| place(a) == place(b)) {
        let group: Vec<Coming> = group.iter().map(|&node| Coming::of(node, &comes)).collect();
        one_of_each(&group, &mut renames.0);
    }
    renames.0.sort_unstable();
    for &(old, new) in &renames.0 {
        let moved = std::mem::take(&mut visits[old as usize]);
        let visits = &mut visits[new as usize];
        *visits = visits.saturating_add(moved);
    }
    if renames.len() > 0 {
        let rename = |runs: &mut Runs<Street>| {
            (runs.nodes.iter_mut()).for_each(|node| *node = renames.of(*node));
        };
        lines.streets.par_iter_mut().for_each(rename);
        rename(&mut lines.outlines);
    }
    renames
}

/// The nodes of streets that are not alone at their place, those of one place together and in the order of their ids.
fn doubles(nodes: &[Node], visits: &[u8]) -> Vec<u32> {
    let used = || (0..nodes.len()).filter(|&node| visits[node] > 0);
    // Which of many groups by a hash of the place have one node, and which have more: nearly all have one.
    let bits = (8 * nodes.len().max(8)).next_power_of_two();
    let (mut one, mut more) = (vec![0_u64; bits / 64], vec![0_u64; bits / 64]);
    let place = |node: usize| {
        let Node { lon, lat, .. } = nodes[node];
        let key = u64::from(lon as u32) << 32 | u64::from(lat as u32);
        let hash = (key ^ key >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - bits.ilog2());
        ((hash / 64) as usize, 1_u64 << (hash % 64))
    };
    for node in used() {
        let (word, bit) = place(node);
        more[word] |= one[word] & bit;
        one[word] |= bit;
    }
    let mut some: Vec<u32> = used()
        .filter(|&node| {
            let (word, bit) = place(node);
            more[word] & bit != 0
        })
        .map(|node| node as u32)
        .collect();
    let key = |&node: &u32| {
        let Node { lon, lat, .. } = nodes[node as usize];
        (lon, lat)
    };
    some.par_sort_by_key(key);
    some.chunk_by(|a, b| key(a) == key(b))
        .filter(|group| group.len() > 1)
        .flatten()
        .copied()
        .collect()
}

/// Each of some nodes with the storeys of the streets that come to it, and whether they go on there.
fn comings(lines: &Lines, nodes: &[u32]) -> Vec<(u32, Storey, bool)> {
    let mut sorted = nodes.to_vec();
    sorted.sort_unstable();
    let of_runs = |runs: &Runs<Street>| {
        let mut comes = Vec::new();
        for (street, run) in runs.each() {
            for (node, at) in run.iter().zip(0..) {
                if sorted.binary_search(node).is_ok() {
                    let on = at > 0 && at + 1 < run.len();
                    comes.push((*node, street.storey, on));
                }
            }
        }
        comes
    };
    if sorted.is_empty() {
        return Vec::new();
    }
    let mut comes: Vec<_> = lines.streets.par_iter().flat_map_iter(of_runs).collect();
    comes.extend(of_runs(&lines.outlines));
    comes
}

/// How streets come to a node.
struct Coming<'a> {
    node: u32,
    comes: &'a [(u32, Storey, bool)],
}

impl<'a> Coming<'a> {
    fn of(node: u32, comes: &'a [(u32, Storey, bool)]) -> Self {
        let start = comes.partition_point(|&(other, ..)| other < node);
        let end = comes.partition_point(|&(other, ..)| other <= node);
        Self {
            node,
            comes: &comes[start..end],
        }
    }

    /// Whether no street goes on there.
    fn ends(&self) -> bool {
        self.comes.iter().all(|&(.., on)| !on)
    }
}

/// Renames each node of a place to the first that it meets, itself or through others: streets of one storey come to both, or streets
/// end at both.
fn one_of_each(group: &[Coming], renames: &mut Vec<(u32, u32)>) {
    let mut first: Vec<usize> = (0..group.len()).collect();
    let (mut of_storey, mut of_ends) = (BTreeMap::new(), None);
    for (at, coming) in group.iter().enumerate() {
        for &(_, storey, _) in coming.comes {
            meet(&mut first, at, *of_storey.entry(storey).or_insert(at));
        }
        if coming.ends() {
            meet(&mut first, at, *of_ends.get_or_insert(at));
        }
    }
    for (at, coming) in group.iter().enumerate() {
        let first = root(&mut first, at);
        if first != at {
            renames.push((coming.node, group[first].node));
        }
    }
}

/// The first of those that one meets.
fn root(first: &mut [usize], mut at: usize) -> usize {
    while first[at] != at {
        first[at] = first[first[at]];
        at = first[at];
    }
    at
}

fn meet(first: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(first, a), root(first, b));
    first[a.max(b)] = a.min(b);
}

/// Ends of streets where nothing else is: the node, where the street runs, and which run it is.
pub(super) struct End {
    pub node: u32,
    pub street: Street,
    /// The runs and the run in them.
    pub run: [usize; 2],
}

/// All of them, to be looked up by where they are.
pub(super) type Ends = RTree<GeomWithData<[f64; 2], End>>;

pub(super) fn ends(lines: &Lines, places: &[Point], visits: &[u8]) -> Ends {
    let mut ends = Vec::new();
    for (runs, at) in lines.streets.iter().zip(0..) {
        for ((street, run), number) in runs.each().zip(0..) {
            for &node in [run.first(), run.last()].into_iter().flatten() {
                if visits[node as usize] == 2 && !street.access.nobody() {
                    let end = End {
                        node,
                        street,
                        run: [at, number],
                    };
                    ends.push(GeomWithData::new(flat(places[node as usize]), end));
                }
            }
        }
    }
    RTree::bulk_load(ends)
}

pub(super) fn flat(at: Point) -> [f64; 2] {
    [f64::from(at.x), f64::from(at.y)]
}

/// A street end this near (mm) to another street looks as if it should meet it.
const NEAR: f64 = 1000.0;
/// One this near is drawn on it: files have places to a centimetre.
const ON: f64 = 50.0;

/// A file whose streets all end at one place would keep us looking for hours: in each block so many looks are enough, some hundred for
/// each piece of a street.
const MOST_LOOKS: usize = 10_000_000;

/// A street's end beside a piece of another street of its storey, which it does not meet.
struct Beside {
    end: u32,
    distance: f64,
    /// The runs, the run in them, and the piece of that.
    piece: [usize; 3],
}

/// Lets streets that end on another one of their storey meet it there: how many did, and the nodes of those that end within a metre
/// of one without meeting it, in order.
pub(super) fn onto(lines: &mut Lines, places: &[Point], visits: &mut [u8]) -> (u64, Vec<u32>) {
    let mut beside = beside(lines, places, visits);
    // Each end meets the street that is nearest, of these the first.
    beside.par_sort_unstable_by(|a, b| {
        (a.end.cmp(&b.end))
            .then(a.distance.total_cmp(&b.distance))
            .then(a.piece.cmp(&b.piece))
    });
    beside.dedup_by_key(|each| each.end);
    let (on, near): (Vec<Beside>, Vec<Beside>) =
        beside.into_iter().partition(|each| each.distance <= ON);
    let mut cuts: Vec<Vec<([usize; 2], u32)>> = Vec::new();
    cuts.resize_with(lines.streets.len() + 1, Vec::new);
    for Beside { end, piece, .. } in &on {
        visits[*end as usize] = visits[*end as usize].saturating_add(1);
        cuts[piece[0]].push(([piece[1], piece[2]], *end));
    }
    let all = lines.streets.iter_mut().chain([&mut lines.outlines]);
    for (runs, mut cuts) in all.zip(cuts) {
        if !cuts.is_empty() {
            cuts.sort_unstable();
            *runs = with_nodes(runs, &cuts, places);
        }
    }
    (on.len() as u64, near.iter().map(|each| each.end).collect())
}

/// Runs with more nodes in some of their pieces: each a run and piece, in order, and the node. Of one piece they stand by their
/// distance from its first end.
pub(super) fn with_nodes(
    runs: &Runs<Street>,
    cuts: &[([usize; 2], u32)],
    places: &[Point],
) -> Runs<Street> {
    let mut made = Runs {
        lost: runs.lost,
        ..Runs::default()
    };
    let mut cuts = cuts.chunk_by(|(a, _), (b, _)| a == b).peekable();
    for ((street, run), number) in runs.each().zip(0..) {
        for (piece, nodes) in run.windows(2).enumerate() {
            made.nodes.push(nodes[0]);
            let here = cuts.next_if(|cuts| cuts[0].0 == [number, piece]);
            let mut here: Vec<u32> = here.into_iter().flatten().map(|&(_, node)| node).collect();
            let from = places[nodes[0] as usize];
            let distance = |node: &u32| from.distance(places[*node as usize]);
            here.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
            made.nodes.extend(here);
        }
        made.nodes.push(run[run.len() - 1]);
        made.ends.push((street, made.nodes.len() as u32));
    }
    made
}

/// All ends of streets that lie within a metre of another street of their storey without meeting it.
fn beside(lines: &Lines, places: &[Point], visits: &[u8]) -> Vec<Beside> {
    let ends = ends(lines, places, visits);
    if ends.size() == 0 {
        return Vec::new();
    }
    let of_runs = |(runs, at): (&Runs<Street>, usize)| {
        let (mut beside, mut looks) = (Vec::new(), MOST_LOOKS);
        for ((street, run), number) in runs.each().zip(0..) {
            let pieces = run.windows(2).zip(0..);
            for (piece, position) in pieces.filter(|_| !street.access.nobody()) {
                let line = [piece[0], piece[1]].map(|node| flat(places[node as usize]));
                let around = around(line, NEAR);
                let some = ends.locate_in_envelope(&around).take(looks);
                beside.extend(some.inspect(|_| looks -= 1).filter_map(|end| {
                    let (at_end, end) = (*end.geom(), &end.data);
                    let other = end.run != [at, number] && end.street.storey == street.storey;
                    let distance = distance(at_end, line);
                    let beside =
                        other && distance <= NEAR && !lines.shares(end.run, [piece[0], piece[1]]);
                    beside.then_some(Beside {
                        end: end.node,
                        distance,
                        piece: [at, number, position],
                    })
                }));
            }
        }
        beside
    };
    let all: Vec<&Runs<Street>> = lines.all().collect();
    (all.into_par_iter().zip(0..lines.streets.len() + 1))
        .flat_map_iter(of_runs)
        .collect()
}

/// The rectangle round a line, so much wider on each side.
fn around([a, b]: [[f64; 2]; 2], margin: f64) -> AABB<[f64; 2]> {
    AABB::from_corners(
        [a[0].min(b[0]) - margin, a[1].min(b[1]) - margin],
        [a[0].max(b[0]) + margin, a[1].max(b[1]) + margin],
    )
}

/// How far a place is from a line.
fn distance(at: [f64; 2], line: [[f64; 2]; 2]) -> f64 {
    let nearest = nearest(at, line);
    (at[0] - nearest[0]).hypot(at[1] - nearest[1])
}

/// The place of a line that is nearest to another.
pub(super) fn nearest(at: [f64; 2], [a, b]: [[f64; 2]; 2]) -> [f64; 2] {
    let along = [b[0] - a[0], b[1] - a[1]];
    let square = along[0] * along[0] + along[1] * along[1];
    if square == 0.0 {
        return a;
    }
    let share = ((at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]) / square;
    let share = share.clamp(0.0, 1.0);
    [a[0] + share * along[0], a[1] + share * along[1]]
}
