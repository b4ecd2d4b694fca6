//! Areas that people walk on: squares, platforms, piers. They are walked along their outline; a street that ends within one without
//! meeting its outline is led to the nearest place of it.

use std::collections::BTreeMap;

use fuwutu_core::quantity::Point;
use fuwutu_core::service::Mode;
use rstar::AABB;

use super::block::Street;
use super::joins::{End, Ends, ends, flat, nearest, with_nodes};
use super::network::Lines;
use super::nodes::{Runs, closes};

/// The pieces of one area's outline: which run, and the nodes of it.
type Outline<'a> = Vec<(usize, &'a [u32])>;

/// A street's end, and the nearest place of an area's outline.
struct Joint {
    end: u32,
    /// In square millimetres.
    square: f64,
    street: Street,
    /// The run and the piece of it.
    piece: [usize; 2],
    place: Point,
}

/// At how many pieces of outlines we look, ends of streets times pieces; a whole province has a tenth of it. A file that is made to
/// have more would keep us busy for hours.
const MOST_LOOKS: usize = 1_000_000_000;

/// Leads streets that end within an area to its outline; how many.
pub(super) fn join(lines: &mut Lines, places: &mut Vec<Point>, visits: &mut Vec<u8>) -> u64 {
    if lines.area_ends.is_empty() {
        return 0;
    }
    let ends = ends(lines, places, visits);
    let outlines: Vec<(Street, &[u32])> = lines.outlines.each().collect();
    let (mut joints, mut start, mut looks) = (Vec::new(), 0, MOST_LOOKS);
    for &end in &lines.area_ends {
        let runs = start..end;
        start = end;
        let outline: Outline = runs.clone().map(|run| (run, outlines[run].1)).collect();
        if let Some(&(street, _)) = outlines.get(runs.start)
            && street.access.any(Mode::Walk)
            && closes(outline.iter().map(|&(_, run)| run))
        {
            within(&outline, street, &ends, places, &mut joints, &mut looks);
        }
    }
    // Of several areas the one whose edge is nearest; of these the first.
    joints.sort_by(|a: &Joint, b: &Joint| {
        (a.end.cmp(&b.end))
            .then(a.square.total_cmp(&b.square))
            .then(a.piece.cmp(&b.piece))
    });
    joints.dedup_by_key(|joint| joint.end);
    let count = joints.len() as u64;
    cut(lines, joints, places, visits);
    count
}

/// Adds the ends that lie within an area at its own height.
fn within(
    outline: &Outline,
    street: Street,
    ends: &Ends,
    places: &[Point],
    joints: &mut Vec<Joint>,
    looks: &mut usize,
) {
    let corners: Vec<[f64; 2]> = (outline.iter())
        .flat_map(|(_, run)| run.iter().map(|&node| flat(places[node as usize])))
        .collect();
    for end in ends.locate_in_envelope(&AABB::from_points(&corners)) {
        let End {
            node, street: own, ..
        } = end.data;
        let walked = own.access.any(Mode::Walk) && own.storey == street.storey;
        let at = places[node as usize];
        *looks = looks.saturating_sub(corners.len());
        if *looks == 0 {
            return;
        }
        if walked && contains(outline, at, places) {
            joints.extend(joint(outline, street, node, places));
        }
    }
}

/// The straight pieces of an outline: run, number and ends.
fn pieces<'a>(outline: &'a Outline) -> impl Iterator<Item = ([usize; 2], [u32; 2])> + 'a {
    outline.iter().flat_map(|&(run, nodes)| {
        let pieces = nodes.windows(2).enumerate();
        pieces.map(move |(piece, nodes)| ([run, piece], [nodes[0], nodes[1]]))
    })
}

/// Whether a place lies within: a ray from it crosses the outline an odd number of times. Exact.
fn contains(outline: &Outline, at: Point, places: &[Point]) -> bool {
    let crossed = pieces(outline).filter(|&(_, piece)| {
        let [a, b] = piece.map(|node| places[node as usize]);
        if (a.y > at.y) == (b.y > at.y) {
            return false;
        }
        let [x, y, ax, ay, bx, by] = [at.x, at.y, a.x, a.y, b.x, b.y].map(i128::from);
        let side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
        if by > ay { side > 0 } else { side < 0 }
    });
    crossed.count() % 2 == 1
}

fn joint(outline: &Outline, street: Street, end: u32, places: &[Point]) -> Option<Joint> {
    let at = flat(places[end as usize]);
    let to_piece = |(piece, nodes): ([usize; 2], [u32; 2])| {
        let line = nodes.map(|node| flat(places[node as usize]));
        let nearest = nearest(at, line);
        Joint {
            end,
            square: (at[0] - nearest[0]).powi(2) + (at[1] - nearest[1]).powi(2),
            street,
            piece,
            place: Point {
                x: nearest[0].round() as i32,
                y: nearest[1].round() as i32,
            },
        }
    };
    pieces(outline)
        .map(to_piece)
        .min_by(|a, b| a.square.total_cmp(&b.square).then(a.piece.cmp(&b.piece)))
}

/// Cuts outlines where streets are led to them, and adds the way there.
fn cut(lines: &mut Lines, joints: Vec<Joint>, places: &mut Vec<Point>, visits: &mut Vec<u8>) {
    let mut ways = Runs::default();
    let mut cuts: BTreeMap<([usize; 2], Point), u32> = BTreeMap::new();
    for Joint {
        end,
        street,
        piece,
        place,
        ..
    } in joints
    {
        let run = lines.outlines.run(piece[0]);
        let corners = &run[piece[1]..piece[1] + 2];
        let corner = corners
            .iter()
            .copied()
            .find(|&node| places[node as usize] == place);
        let node = corner.unwrap_or_else(|| {
            *cuts.entry((piece, place)).or_insert_with(|| {
                places.push(place);
                // The outline comes to it.
                visits.push(1);
                places.len() as u32 - 1
            })
        });
        // Both are crossings now.
        for node in [end, node] {
            visits[node as usize] = visits[node as usize].saturating_add(2);
        }
        ways.nodes.extend([end, node]);
        let street = Street { wait: 0, ..street };
        ways.ends.push((street, ways.nodes.len() as u32));
    }
    lines.streets.push(ways);
    let cuts: Vec<([usize; 2], u32)> = (cuts.into_iter())
        .map(|((piece, _), node)| (piece, node))
        .collect();
    lines.outlines = with_nodes(&lines.outlines, &cuts, places);
}
