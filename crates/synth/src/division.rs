//! How cells are grouped to townships, and townships to counties.

use std::collections::{BTreeMap, BTreeSet};

use geo::Coord;

/// Groups cells to `townships`, and these to `counties`: positions of cells by township by county. No group is empty, those of
/// a kind are of nearly equal size, and all hang together if the cells do. `neighbours` are positions in `centres`.
///
/// Needs counties ≤ townships ≤ cells. O(n log² n), and O(n) for each piece that comes off in cutting.
pub(crate) fn divide(
    centres: &[Coord],
    neighbours: &[Vec<usize>],
    townships: usize,
    counties: usize,
) -> Vec<Vec<Vec<usize>>> {
    let mut townships = grouped(centres, neighbours, townships);
    let middles: Vec<Coord> = townships
        .iter()
        .map(|cells| mean(cells.iter().map(|&cell| centres[cell])))
        .collect();
    let owner = owners(&townships, centres.len());
    let next_to: Vec<Vec<usize>> = townships
        .iter()
        .map(|cells| {
            let counties: BTreeSet<usize> = cells
                .iter()
                .flat_map(|&cell| &neighbours[cell])
                .map(|&cell| owner[cell])
                .collect();
            counties.into_iter().collect()
        })
        .collect();
    let counties = grouped(&middles, &next_to, counties);
    let filled = counties.into_iter().map(|group| {
        group
            .into_iter()
            .map(|township| std::mem::take(&mut townships[township]))
            .collect()
    });
    filled.collect()
}

/// A fifth of the groups for the places nearest to the origin, so that no border runs through the city's heart; and the
/// others round them.
fn grouped(places: &[Coord], neighbours: &[Vec<usize>], groups: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| {
        by_distance(places[a])
            .total_cmp(&by_distance(places[b]))
            .then(a.cmp(&b))
    });
    let core = (groups + 2) / 5;
    let rim = order.split_off(order.len() * core / groups);
    let mut made = Vec::with_capacity(groups);
    bisect(places, order, core, &mut made);
    bisect(places, rim, groups - core, &mut made);
    mended(&made, neighbours)
}

fn by_distance(place: Coord) -> f64 {
    place.x.hypot(place.y)
}

/// Cuts across the longer axis, in proportion to the number of groups on either side, until each is one group.
fn bisect(places: &[Coord], mut members: Vec<usize>, groups: usize, made: &mut Vec<Vec<usize>>) {
    match groups {
        0 => {}
        1 => made.push(members),
        _ => {
            let axis = longer_axis(
                &members
                    .iter()
                    .map(|&member| places[member])
                    .collect::<Vec<_>>(),
            );
            let along = |member: usize| places[member].x * axis.x + places[member].y * axis.y;
            members.sort_by(|&a, &b| along(a).total_cmp(&along(b)).then(a.cmp(&b)));
            let first = groups / 2;
            let second = members.split_off(members.len() * first / groups);
            bisect(places, members, first, made);
            bisect(places, second, groups - first, made);
        }
    }
}

/// Gives each piece that has come off its group to the group it touches most. Every gift leaves one piece less.
fn mended(groups: &[Vec<usize>], neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut owner = owners(groups, neighbours.len());
    while let Some((piece, to)) = loose(&owner, neighbours) {
        piece.into_iter().for_each(|place| owner[place] = to);
    }
    let mut mended = vec![Vec::new(); groups.len()];
    (0..owner.len()).for_each(|place| mended[owner[place]].push(place));
    mended
}

/// The group of each place.
fn owners(groups: &[Vec<usize>], places: usize) -> Vec<usize> {
    let mut owner = vec![0; places];
    for (group, members) in groups.iter().enumerate() {
        members.iter().for_each(|&member| owner[member] = group);
    }
    owner
}

/// The first piece that is not the largest of its group, and the group it should go to.
fn loose(owner: &[usize], neighbours: &[Vec<usize>]) -> Option<(Vec<usize>, usize)> {
    let pieces = pieces(owner, neighbours);
    let mut largest: BTreeMap<usize, usize> = BTreeMap::new();
    for (number, piece) in pieces.iter().enumerate() {
        let best = largest.entry(owner[piece[0]]).or_insert(number);
        if piece.len() > pieces[*best].len() {
            *best = number;
        }
    }
    let off = pieces
        .into_iter()
        .enumerate()
        .filter(|(number, piece)| largest[&owner[piece[0]]] != *number);
    off.map(|(_, piece)| piece).find_map(|piece| {
        let mut touched: BTreeMap<usize, usize> = BTreeMap::new();
        for &other in piece
            .iter()
            .flat_map(|&place| &neighbours[place])
            .filter(|&&place| owner[place] != owner[piece[0]])
        {
            *touched.entry(owner[other]).or_default() += 1;
        }
        touched
            .into_iter()
            .rev()
            .max_by_key(|(_, times)| *times)
            .map(|(group, _)| (piece, group))
    })
}

/// The places of one group that hang together, each set in the order in which it is walked.
fn pieces(owner: &[usize], neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; owner.len()];
    let mut pieces = Vec::new();
    for start in 0..owner.len() {
        let mut piece = Vec::new();
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut seen[place], true) {
                piece.push(place);
                open.extend(
                    neighbours[place]
                        .iter()
                        .filter(|&&other| owner[other] == owner[place]),
                );
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
    }
    pieces
}

/// The direction in which `places` are spread most: the first principal axis.
fn longer_axis(places: &[Coord]) -> Coord {
    let middle = mean(places.iter().copied());
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for &place in places {
        let from_middle = place - middle;
        xx += from_middle.x * from_middle.x;
        xy += from_middle.x * from_middle.y;
        yy += from_middle.y * from_middle.y;
    }
    let (sin, cos) = (f64::atan2(2.0 * xy, xx - yy) / 2.0).sin_cos();
    Coord { x: cos, y: sin }
}

fn mean(places: impl ExactSizeIterator<Item = Coord>) -> Coord {
    let count = places.len() as f64;
    places.fold(Coord::zero(), |sum, place| sum + place) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Squares in rows of `wide`, neighbours at their sides.
    fn squares(count: usize, wide: usize) -> (Vec<Coord>, Vec<Vec<usize>>) {
        let position = |cell: usize| ((cell % wide) as f64, (cell / wide) as f64);
        let centres = (0..count)
            .map(|cell| Coord::from(position(cell)) - Coord { x: 20.0, y: 25.0 })
            .collect();
        (
            centres,
            (0..count)
                .map(|cell| {
                    let neighbours = (0..count).filter(move |&other| {
                        let ((x, y), (other_x, other_y)) = (position(cell), position(other));
                        (x - other_x).abs() + (y - other_y).abs() < 1.5 && other != cell
                    });
                    neighbours.collect()
                })
                .collect(),
        )
    }

    #[test]
    fn every_place_is_in_one_group_that_hangs_together() {
        for (cells, townships, counties) in [(1, 1, 1), (7, 7, 3), (100, 9, 2), (3_043, 261, 23)] {
            let (centres, neighbours) = squares(cells, 50);
            let made = divide(&centres, &neighbours, townships, counties);
            assert_eq!(
                (made.len(), made.iter().map(Vec::len).sum::<usize>()),
                (counties, townships)
            );
            let groups = made.concat();
            assert_eq!(
                pieces(&owners(&groups, cells), &neighbours).len(),
                townships
            );
            let largest = groups.iter().map(Vec::len).max().unwrap();
            assert!(
                groups.iter().all(|group| !group.is_empty())
                    && largest <= 3 * cells / townships / 2 + 2,
                "{largest}"
            );
            let mut members = groups.concat();
            members.sort_unstable();
            assert_eq!(members, (0..cells).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_piece_that_came_off_goes_to_the_group_it_touches_most() {
        // A row of five: the last one belongs to the first group, but only the second is beside it.
        let (_, neighbours) = squares(5, 5);
        assert_eq!(
            mended(&[vec![0, 1, 4], vec![2, 3]], &neighbours),
            [vec![0, 1], vec![2, 3, 4]]
        );
    }
}
