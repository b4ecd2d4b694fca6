//! Barriers: what a leg does not cross.

use std::cmp::Ordering;

use super::grid::Grid;
use crate::quantity::Point;
use crate::reach::roads::{Barrier, BarrierKind, Roads};

/// The barriers of some roads, by where they are.
#[derive(Debug)]
pub(super) struct Barriers {
    grid: Grid,
    none: bool,
}

/// What a leg crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossed {
    /// Nothing.
    Nothing,
    /// One shore: its one end is in that water, mostly the point itself (a house on piles, the middle of a square of people).
    Shore,
    /// A wall or a fence, perhaps more than one and a shore, too.
    Wall,
    /// A river, rails, or water from one shore to the other.
    Much,
}

/// In millimetres: so much of a leg's end is not looked at. A street on the bank, drawn along the very line of the water or of a wall,
/// can be stepped on from either side, and rounding the foot to the millimetre decides nothing.
const END: f64 = 100.0;

impl Barriers {
    pub(super) fn new(roads: &Roads) -> Self {
        let barriers = roads.barriers();
        let all: Vec<u32> = (0..barriers.len() as u32).collect();
        Self {
            grid: Grid::new(&all, |at| std::iter::once(barriers[at as usize].line)),
            none: barriers.is_empty(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.none
    }

    /// What a leg crosses that leads from `place` so many millimetres east and north. Whether it crosses a barrier is decided in whole
    /// numbers, for the leg without its last decimetre, rounded to the millimetre. O(barriers near).
    ///
    /// A leg of 30 m north, over a wall at 20 m: [`Crossed::Wall`]; along a wall, or from a place right on it: nothing.
    pub(super) fn crossed(&self, roads: &Roads, place: Point, [dx, dy]: [f64; 2]) -> Crossed {
        let length = dx.hypot(dy);
        if length <= END {
            return Crossed::Nothing;
        }
        let moved = |mm: i32, by: f64| mm + (by * (1.0 - END / length)).round() as i32;
        let leg = [
            place,
            Point {
                x: moved(place.x, dx),
                y: moved(place.y, dy),
            },
        ];
        let (mut much, mut wall, mut shores) = (false, false, Vec::new());
        self.grid.along(leg, |at| {
            let barrier = &roads.barriers()[at as usize];
            match barrier.kind {
                BarrierKind::Water | BarrierKind::Rail => much = much || crosses(leg, barrier),
                BarrierKind::Wall => wall = wall || crosses(leg, barrier),
                BarrierKind::Shore if crosses_once(leg, barrier) => shores.push(at),
                BarrierKind::Shore => {}
            }
        });
        shores.sort_unstable();
        shores.dedup();
        match (much, shores.len(), wall) {
            (true, ..) | (_, 2.., _) => Crossed::Much,
            (_, _, true) => Crossed::Wall,
            (_, 1, _) => Crossed::Shore,
            (_, 0, _) => Crossed::Nothing,
        }
    }
}

/// On which side of the line from `a` to `b` a point lies: greater on the left.
fn side([a, b]: [Point; 2], point: Point) -> Ordering {
    let along = |from: i32, to: i32| i128::from(to) - i128::from(from);
    let left = along(a.x, b.x) * along(a.y, point.y);
    left.cmp(&(along(a.y, b.y) * along(a.x, point.x)))
}

/// Whether the ends of a leg lie on either side of a barrier's line, neither on it.
fn parted(leg: [Point; 2], line: [Point; 2]) -> bool {
    match leg.map(|end| side(line, end)) {
        [Ordering::Equal, _] | [_, Ordering::Equal] => false,
        [one, other] => one != other,
    }
}

/// Whether a leg crosses a barrier, the ends of which belong to it.
fn crosses(leg: [Point; 2], barrier: &Barrier) -> bool {
    let [one, other] = barrier.line.map(|end| side(leg, end));
    (one != other || one == Ordering::Equal) && parted(leg, barrier.line)
}

/// The same where of two pieces with a common end on the leg only one counts, as long as they lie on either side of it.
fn crosses_once(leg: [Point; 2], barrier: &Barrier) -> bool {
    let [one, other] = barrier.line.map(|end| side(leg, end) == Ordering::Less);
    one != other && parted(leg, barrier.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::roads::RoadRecords;

    fn point([x, y]: [i32; 2]) -> Point {
        Point {
            x: x * 1000,
            y: y * 1000,
        }
    }

    /// What a leg crosses from the origin so many metres north.
    fn north(metres: f64, barriers: &[(BarrierKind, [[i32; 2]; 2])]) -> Crossed {
        let barriers = barriers.iter().map(|&(kind, line)| Barrier {
            kind,
            line: line.map(point),
        });
        let roads = Roads::new(RoadRecords {
            barriers: barriers.collect(),
            ..RoadRecords::default()
        })
        .expect("no edge at all");
        Barriers::new(&roads).crossed(&roads, Point::default(), [0.0, metres * 1000.0])
    }

    #[test]
    fn a_leg_crosses_what_lies_between_its_ends() {
        use BarrierKind::{Rail, Shore, Wall, Water};
        let across = |y: i32| [[-500, y], [40, y]];
        assert_eq!(north(30.0, &[(Wall, across(20))]), Crossed::Wall);
        assert_eq!(north(30.0, &[(Wall, across(40))]), Crossed::Nothing);
        // At its far end, and from right on it.
        assert_eq!(north(30.0, &[(Water, across(30))]), Crossed::Nothing);
        assert_eq!(north(30.0, &[(Rail, across(0))]), Crossed::Nothing);
        // Along it; past its end; over the very end.
        assert_eq!(north(30.0, &[(Wall, [[0, -5], [0, 50]])]), Crossed::Nothing);
        assert_eq!(north(30.0, &[(Wall, [[1, 5], [9, 5]])]), Crossed::Nothing);
        assert_eq!(north(30.0, &[(Wall, [[0, 5], [9, 5]])]), Crossed::Wall);
        assert_eq!(
            north(30.0, &[(Rail, across(9)), (Wall, across(20))]),
            Crossed::Much
        );
        // Out of a lake; out of one and over the corner of its outline; over one from shore to shore.
        assert_eq!(north(30.0, &[(Shore, across(9))]), Crossed::Shore);
        let corner = [(Shore, [[-9, 5], [0, 9]]), (Shore, [[0, 9], [9, 9]])];
        assert_eq!(north(30.0, &corner), Crossed::Shore);
        assert_eq!(
            north(30.0, &[(Shore, across(9)), (Shore, across(20))]),
            Crossed::Much
        );
    }
}
