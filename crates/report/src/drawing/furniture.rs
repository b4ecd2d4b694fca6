//! What every map has beside its land: scale, north, ways to fill that need no colour.

use geo::Coord;

use super::picture::{INK, Picture, Type};
use super::plane::px;

/// Fills that need no colour, by the names of [`super::scale::Class::pattern`].
pub(super) const PATTERNS: &str = "<pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">\
    <path d=\"M-1 1L1 -1M0 7L7 0M6 8L8 6\" stroke=\"#a9b2b9\" stroke-width=\"1\"/></pattern>\n\
    <pattern id=\"lines\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
    <path d=\"M0 3H6\" stroke=\"#8a5a1c\" stroke-width=\"1\"/></pattern>\n\
    <pattern id=\"dots\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\">\
    <circle cx=\"2\" cy=\"2\" r=\"1\" fill=\"#8a7a3c\"/></pattern>\n";

/// A bar of a round length of at most `room` pixels, its left end at `place`.
pub(super) fn scale_bar(picture: &mut Picture, place: Coord, per_km: f64, room: f64) {
    let longest = room / per_km * 1000.0;
    let power = 10_f64.powf(longest.max(1.0).log10().floor());
    let meters = [5.0, 2.0, 1.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|meters| *meters <= longest)
        .unwrap_or(power);
    let (long, y) = (meters / 1000.0 * per_km, place.y);
    let (left, middle, right) = (px(place.x), px(place.x + long / 2.0), px(place.x + long));
    picture.raw(&format!(
        "<path d=\"M{left} {}V{}H{right}V{}M{middle} {}V{}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.5\"/>\n",
        px(y - 6.0),
        px(y),
        px(y - 6.0),
        px(y),
        px(y - 4.0),
    ));
    let words = if meters < 1000.0 {
        format!("{meters:.0} m")
    } else {
        format!("{:.0} km", meters / 1000.0)
    };
    picture.text(
        Coord {
            x: place.x + long + 7.0,
            y: y + 1.0,
        },
        Type::plain(12.0).haloed(),
        90.0,
        &words,
    );
}

/// An arrow to the north, its tip at `tip`.
pub(super) fn north(picture: &mut Picture, tip: Coord) {
    let (x, y) = (tip.x, tip.y);
    picture.raw(&format!(
        "<path d=\"M{} {}L{} {}L{} {}L{} {}z\" fill=\"{INK}\"/>\n",
        px(x),
        px(y),
        px(x + 6.0),
        px(y + 20.0),
        px(x),
        px(y + 15.0),
        px(x - 6.0),
        px(y + 20.0)
    ));
    picture.text(
        Coord { x, y: y + 34.0 },
        Type::plain(13.0).bold().anchor("middle").haloed(),
        40.0,
        "北 N",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_a_round_length_that_has_room() {
        for (per_km, words, end) in [
            (100.0, ">1 km<", "H110V"),
            (20.0, ">5 km<", "H110V"),
            (340.0, ">500 m<", "H180V"),
        ] {
            let mut picture = Picture::default();
            scale_bar(&mut picture, Coord { x: 10.0, y: 50.0 }, per_km, 180.0);
            let drawn = picture.finish(300, 100, "");
            assert!(drawn.contains(words) && drawn.contains(end), "{drawn}");
        }
    }
}
