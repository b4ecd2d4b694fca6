//! Names on maps: the largest first, none over another.

use geo::{Area as _, BoundingRect, Coord, InteriorPoint, MultiPolygon, Polygon};

use super::picture::{Picture, Type};
use crate::text;

/// A name that wants to stand somewhere.
#[derive(Debug)]
pub(super) struct Name<'a> {
    /// What it says.
    pub(super) words: &'a str,
    /// The middle of where it wants to stand, in pixels.
    pub(super) at: Coord,
    /// How wide it may be, in pixels: a name that would lose more than a quarter of itself is left out.
    pub(super) room: f64,
    /// The heaviest come first.
    pub(super) weight: u64,
}

/// A point inside the largest part of some land, where its name stands, and how wide that part is there; `None` without land.
pub(super) fn seat(land: &MultiPolygon) -> Option<(Coord, f64)> {
    let size = |polygon: &&Polygon| polygon.unsigned_area();
    let largest = land.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let bounds = largest.bounding_rect()?;
    Some((largest.interior_point()?.0, bounds.width()))
}

/// Draws those that find room, at most `most` of them.
pub(super) fn draw(picture: &mut Picture, mut names: Vec<Name>, kind: Type, most: usize) {
    names.sort_by_key(|name| std::cmp::Reverse(name.weight));
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for Name {
        words, at, room, ..
    } in names
    {
        let wide = text::width(words) * kind.size;
        let room = wide.min(room);
        if taken.len() >= most {
            return;
        }
        let reach = room / 2.0 + 3.0;
        let frame = [
            at.x - reach,
            at.y - kind.size * 0.65,
            at.x + reach,
            at.y + kind.size * 0.65,
        ];
        if room >= wide * 0.75 && !taken.iter().any(|other| overlap(&frame, other)) {
            taken.push(frame);
            picture.text(
                Coord {
                    x: at.x,
                    y: at.y + kind.size * 0.36,
                },
                kind.anchor("middle").haloed(),
                room + 1.0,
                words,
            );
        }
    }
}

/// Whether two frames, each as left, top, right and bottom, share some area.
fn overlap(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_names_in_one_place_the_heavier_is_drawn() {
        let name = |words, x, weight| Name {
            words,
            at: Coord { x, y: 50.0 },
            room: 200.0,
            weight,
        };
        let mut picture = Picture::default();
        draw(
            &mut picture,
            vec![
                name("甲街道", 100.0, 1),
                name("乙街道", 110.0, 2),
                name("丙镇", 250.0, 1),
            ],
            Type::plain(12.0),
            9,
        );
        let drawn = picture.finish(300, 100, "");
        assert!(
            drawn.contains("乙街道") && drawn.contains("丙镇") && !drawn.contains("甲街道"),
            "{drawn}"
        );
    }
}
