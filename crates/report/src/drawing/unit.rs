//! The map of one unit: its land and communities, what lies around it, facilities, and where people have services out of reach.

use std::collections::BTreeMap;
use std::fmt::Write;

use geo::{BoundingRect, Contains, Coord, MultiPolygon, Rect};

use super::names::{self, Name};
use super::picture::{INK, PALE, Picture, Type};
use super::plane::{Area, Plane, path, px};
use super::{furniture, marks};
use crate::book::{Book, Offer, Spot};
use crate::text;

const WIDTH: u32 = 640;
/// The map, and within it the land of the unit.
const MAP: Area = Area {
    left: 1.0,
    top: 1.0,
    width: 638.0,
    height: 376.0,
};
const LAND: Area = Area {
    left: 40.0,
    top: 20.0,
    width: 560.0,
    height: 336.0,
};
/// The least distance between marks of facilities, in pixels.
const APART: f64 = 5.0;

/// Shares of the services that are out of reach, with the colour of their dots: darker is more.
const MISSING: [(u32, &str, &str); 3] = [
    (33, "#edb77f", "≤ 1/3"),
    (66, "#cf7434", "1/3 – 2/3"),
    (100, "#8c3410", "> 2/3"),
];

/// What the maps of units share: which spots and communities each unit has, and where things lie.
pub(crate) struct Atlas<'a> {
    book: &'a Book,
    units: Vec<Option<Rect>>,
    communities: Vec<Vec<usize>>,
    spots: Vec<Vec<usize>>,
}

impl<'a> Atlas<'a> {
    /// O(vertices + spots).
    pub(crate) fn new(book: &'a Book) -> Self {
        let mut communities = vec![Vec::new(); book.units.len()];
        for (position, community) in book.communities.iter().enumerate() {
            community
                .units
                .iter()
                .for_each(|&unit| communities[unit].push(position));
        }
        let mut spots = vec![Vec::new(); book.units.len()];
        for (position, spot) in book.demand.spots.iter().enumerate() {
            if let Some(unit) = spot.unit {
                spots[unit].push(position);
            }
        }
        let units = book
            .units
            .iter()
            .map(|unit| unit.outline.bounding_rect())
            .collect();
        Self {
            book,
            units,
            communities,
            spots,
        }
    }

    /// The map of one unit; without the definitions of its marks where the page has [`definitions`] already.
    pub(crate) fn draw(&self, unit: usize, with_definitions: bool) -> String {
        let about = &self.book.units[unit];
        let mut picture = Picture::default();
        if with_definitions {
            picture.raw(&definitions());
        }
        let Some(bounds) = self.units[unit] else {
            picture.text(
                Coord { x: 20.0, y: 40.0 },
                Type::plain(14.0),
                600.0,
                "没有边界 no outline",
            );
            return picture.finish(WIDTH, 60, &about.name);
        };
        let plane = Plane::fit(bounds, LAND);
        picture.raw("<g clip-path=\"url(#frame)\">\n");
        picture.rect(
            Coord {
                x: MAP.left,
                y: MAP.top,
            },
            MAP.width,
            MAP.height,
            "fill=\"#fbfcfc\"",
        );
        let mut wanted = self.around(&mut picture, unit, &plane);
        wanted.extend(self.own(&mut picture, unit, &plane));
        let dots = self.dots(&mut picture, unit, &plane);
        let outline = path(&plane.land(&about.outline));
        picture.path(
            &outline,
            &format!(
                "fill=\"none\" stroke=\"{INK}\" stroke-width=\"2.2\" stroke-linejoin=\"round\""
            ),
        );
        let shown = self.facilities(&mut picture, &plane);
        names::draw(&mut picture, wanted, Type::plain(12.5), 60);
        picture.raw("</g>\n");
        let frame = "fill=\"none\" stroke=\"#b4bec5\" stroke-width=\"1\"";
        picture.rect(
            Coord {
                x: MAP.left,
                y: MAP.top,
            },
            MAP.width,
            MAP.height,
            frame,
        );
        furniture::scale_bar(
            &mut picture,
            Coord {
                x: 14.0,
                y: MAP.height - 12.0,
            },
            plane.per_km(),
            130.0,
        );
        furniture::north(&mut picture, Coord { x: 22.0, y: 12.0 });
        let end = legend(&mut picture, &shown, &dots);
        picture.finish(WIDTH, end, &about.name)
    }

    /// Draws the units around; the names they want.
    fn around(&self, picture: &mut Picture, unit: usize, plane: &Plane) -> Vec<Name<'a>> {
        let mut wanted = Vec::new();
        picture.raw("<g fill=\"#eceff1\" stroke=\"#bcc6cc\" fill-rule=\"evenodd\">\n");
        for (about, bounds) in self.book.units.iter().zip(&self.units) {
            let visible = bounds.is_some_and(|bounds| seen(plane, bounds));
            if !visible || std::ptr::eq(about, &self.book.units[unit]) {
                continue;
            }
            let land = plane.land(&about.outline);
            picture.path(&path(&land), "");
            if let Some(place) = name_around(&land) {
                wanted.push(Name {
                    words: &about.name,
                    at: place,
                    room: 110.0,
                    weight: 0,
                });
            }
        }
        picture.raw("</g>\n");
        wanted
    }

    /// Draws the unit's own land and communities; the names they want.
    fn own(&self, picture: &mut Picture, unit: usize, plane: &Plane) -> Vec<Name<'a>> {
        let land = path(&plane.land(&self.book.units[unit].outline));
        picture.path(&land, "fill=\"#fffdf4\" fill-rule=\"evenodd\"");
        let mut wanted = Vec::new();
        picture.raw(
            "<g fill=\"none\" stroke=\"#93a0a9\" stroke-width=\".9\" stroke-dasharray=\"5 3\">\n",
        );
        for &community in &self.communities[unit] {
            let about = &self.book.communities[community];
            let land = plane.land(&about.outline);
            picture.path(&path(&land), "");
            if let Some((place, wide)) = names::seat(&land) {
                wanted.push(Name {
                    words: &about.name,
                    at: place,
                    room: (wide * 1.2).max(50.0),
                    weight: about.residents + 1,
                });
            }
        }
        picture.raw("</g>\n");
        wanted
    }

    /// Draws where people have services out of reach; how many residents there are in each class of [`MISSING`].
    fn dots(&self, picture: &mut Picture, unit: usize, plane: &Plane) -> [u64; MISSING.len()] {
        let mut residents = [0; MISSING.len()];
        let mut paths: BTreeMap<(usize, u32), String> = BTreeMap::new();
        for &spot_position in &self.spots[unit] {
            let spot = &self.book.demand.spots[spot_position];
            let Some(class) = class_of(self.missing(spot)) else {
                continue;
            };
            residents[class] += spot.residents;
            let data = paths
                .entry((class, tenths_wide(spot.residents)))
                .or_default();
            let place = plane.at(spot.place());
            let _ = write!(data, "M{} {}h.1", px(place.x), px(place.y));
        }
        picture.raw("<g fill=\"none\" stroke-linecap=\"round\">\n");
        for ((class, wide), data) in paths {
            let wide = px(f64::from(wide) / 10.0);
            picture.path(
                &data,
                &format!("stroke=\"{}\" stroke-width=\"{wide}\"", MISSING[class].1),
            );
        }
        picture.raw("</g>\n");
        residents
    }

    /// Mean share of the services that is out of reach at a spot in the base year, per cent; 0 where nothing is known.
    fn missing(&self, spot: &Spot) -> u32 {
        let base = self.book.manifest.years[0];
        let columns = self.book.demand.columns.iter().zip(&spot.covered);
        let shares: Vec<u32> = columns
            .filter(|((_, year), _)| *year == base)
            .filter_map(|(_, share)| share.map(u32::from))
            .collect();
        let missing: u32 = shares.iter().map(|share| 100 - share.min(&100)).sum();
        if shares.is_empty() {
            0
        } else {
            missing.div_ceil(shares.len() as u32)
        }
    }

    /// Draws the facilities within the frame.
    fn facilities(&self, picture: &mut Picture, plane: &Plane) -> Shown {
        let mut around: Vec<(bool, usize, Coord)> = self
            .book
            .offers
            .iter()
            .filter_map(|offer| self.mark(offer, plane))
            .collect();
        // Those that serve people are kept first, and drawn last.
        around.sort_by_key(|(open, field, _)| (!open, *field));
        let places: Vec<Coord> = around.iter().map(|mark| mark.2).collect();
        let kept = marks::thinned(&places, APART);
        let mut shown = Shown::default();
        for ((open, field, place), kept) in around.into_iter().zip(kept).rev() {
            let count = shown.fields.entry(field).or_default();
            *count += 1;
            shown.closed |= !open;
            if kept {
                picture.mark(&marks::field_id(field, open), place);
            } else {
                shown.left_out += 1;
            }
        }
        shown
    }

    /// Whether it is open, its field and its place; `None` outside the frame, where it is closed, and where it is not judged.
    fn mark(&self, offer: &Offer, plane: &Plane) -> Option<(bool, usize, Coord)> {
        let service = &self.book.services[offer.service?];
        let place = plane.at(offer.place());
        let (x, y) = (place.x - MAP.left, place.y - MAP.top);
        let within = (0.0..MAP.width).contains(&x) && (0.0..MAP.height).contains(&y);
        let is_shown = within && offer.status != Some(fuwutu_core::city::Status::Closed);
        is_shown.then(|| {
            (
                offer.open(self.book.manifest.years[0]),
                marks::field(&service.category),
                place,
            )
        })
    }
}

/// What facilities the map shows.
#[derive(Debug, Default)]
struct Shown {
    /// How many of each field.
    fields: BTreeMap<usize, usize>,
    /// Whether any is not open.
    closed: bool,
    /// How many have no mark of their own.
    left_out: usize,
}

/// Draws the map of one unit: its land, its communities with their names, units around it, facilities in and around it by field
/// (filled where open in the base year), and dots where people have services out of reach in the base year.
///
/// 640 pixels wide and about 440 high, by the legend; equirectangular about the unit's middle latitude. Facilities that are closed are left out. Equal books give
/// equal bytes. O(vertices of the book + spots + offers).
///
/// # Panics
/// Where `unit` is no position of a unit.
#[must_use]
pub fn unit_svg(book: &Book, unit: usize) -> String {
    Atlas::new(book).draw(unit, true)
}

/// What the maps of units refer to.
pub(crate) fn definitions() -> String {
    let Area {
        left,
        top,
        width,
        height,
    } = MAP;
    format!(
        "<defs><clipPath id=\"frame\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/></clipPath>\n{}</defs>\n",
        marks::field_definitions()
    )
}

fn class_of(missing: u32) -> Option<usize> {
    (missing > 0).then(|| {
        MISSING
            .iter()
            .position(|class| missing <= class.0)
            .unwrap_or(MISSING.len() - 1)
    })
}

/// The width of a dot for this number of people, in tenths of a pixel: its area grows with them, within what can be seen and kept apart.
fn tenths_wide(residents: u64) -> u32 {
    let wide = (residents as f64).sqrt() * 0.3;
    // In steps of half a pixel, so that few paths are needed.
    (wide.clamp(2.0, 12.0) * 2.0).round() as u32 * 5
}

/// Whether something within these bounds can be seen in the frame.
fn seen(plane: &Plane, bounds: Rect) -> bool {
    let (a, b) = (plane.at(bounds.min()), plane.at(bounds.max()));
    a.x < MAP.left + MAP.width && b.x > MAP.left && b.y < MAP.top + MAP.height && a.y > MAP.top
}

/// Where the name of a unit around may stand: of a grid over what can be seen of its bounds, the place nearest to the middle that
/// has its land on both sides; `None` where there is none.
fn name_around(land: &MultiPolygon) -> Option<Coord> {
    let bounds = land.bounding_rect()?;
    let (left, right) = (
        bounds.min().x.max(MAP.left + 40.0),
        bounds.max().x.min(MAP.left + MAP.width - 40.0),
    );
    let (top, bottom) = (
        bounds.min().y.max(MAP.top + 12.0),
        bounds.max().y.min(MAP.top + MAP.height - 12.0),
    );
    if left > right || top > bottom {
        return None;
    }
    let part = |step: i32| f64::from(step) / 8.0;
    let mut grid: Vec<(i32, i32)> = (0..=8).flat_map(|x| (0..=8).map(move |y| (x, y))).collect();
    grid.sort_by_key(|(x, y)| ((x - 4).abs() + (y - 4).abs(), *y, *x));
    grid.into_iter()
        .map(|(x, y)| Coord {
            x: left + (right - left) * part(x),
            y: top + (bottom - top) * part(y),
        })
        .find(|place| {
            [-32.0, 0.0, 32.0].iter().all(|dx| {
                land.contains(&Coord {
                    x: place.x + dx,
                    y: place.y,
                })
            })
        })
}

/// What the marks mean, under the map; where the picture ends.
fn legend(picture: &mut Picture, shown: &Shown, dots: &[u64; MISSING.len()]) -> u32 {
    let mut row = Row {
        picture,
        seat: Coord {
            x: 6.0,
            y: MAP.height + 18.0,
        },
    };
    for (&field, &count) in &shown.fields {
        let [zh, en] = fuwutu_io::words::name(fuwutu_io::words::CATEGORY, marks::FIELDS[field].0);
        row.put(&format!("{zh} {en} {count}"), INK, |picture, place| {
            picture.mark(&marks::field_id(field, true), place);
        });
    }
    if shown.closed {
        row.put("空心：在建、规划、闲置 hollow: not open", PALE, |_, _| ());
    }
    if shown.left_out > 0 {
        row.put(
            &format!("{0} 处重叠未画 overlap", shown.left_out),
            PALE,
            |_, _| (),
        );
    }
    if dots.iter().any(|residents| *residents > 0) {
        row.put("不可达服务 out of reach · 人口 residents", PALE, |_, _| ());
        for ((_, colour, share), residents) in MISSING.iter().zip(dots) {
            let words = format!("{share}: {}", text::whole(*residents));
            row.put(&words, INK, |picture, place| {
                let data = format!("M{} {}h.1", px(place.x), px(place.y));
                picture.path(
                    &data,
                    &format!("stroke=\"{colour}\" stroke-width=\"8\" stroke-linecap=\"round\""),
                );
            });
        }
    }
    row.seat.y as u32 + 8
}

/// Where the next entry of the legend comes.
struct Row<'p> {
    picture: &'p mut Picture,
    seat: Coord,
}

impl Row<'_> {
    /// A mark with its words, in the next row where this one is full.
    fn put(&mut self, words: &str, colour: &'static str, mark: impl FnOnce(&mut Picture, Coord)) {
        let kind = Type {
            colour,
            ..Type::plain(12.0)
        };
        let wide = text::width(words) * kind.size + 30.0;
        if self.seat.x + wide > f64::from(WIDTH) && self.seat.x > 6.0 {
            self.seat = Coord {
                x: 6.0,
                y: self.seat.y + 18.0,
            };
        }
        mark(
            self.picture,
            Coord {
                x: self.seat.x + 6.0,
                y: self.seat.y - 4.0,
            },
        );
        self.picture.text(
            Coord {
                x: self.seat.x + 15.0,
                y: self.seat.y,
            },
            kind,
            wide,
            words,
        );
        self.seat.x += wide;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NASTY, book};

    #[test]
    fn dots_are_where_services_are_out_of_reach() {
        let mut book = book();
        let dots = |book: &Book| unit_svg(book, 0).matches("h.1").count();
        // Kindergartens reach all of the spot, and no resident is in a market's target group there.
        assert_eq!(dots(&book), 0);
        book.demand.spots[0].row.covered = vec![Some(40), Some(100), None];
        // The dot, and three in the legend.
        assert_eq!(dots(&book), 4);
    }

    #[test]
    fn the_mean_of_what_is_known_is_missing() {
        let book = book();
        let atlas = Atlas::new(&book);
        let spot = |covered: [Option<u8>; 3]| {
            let mut spot = book.demand.spots[0].clone();
            spot.row.covered = covered.to_vec();
            spot
        };
        let missing = |shares| atlas.missing(&spot(shares));
        // The second column is of a later year.
        assert_eq!(
            [
                missing([Some(40), None, Some(80)]),
                missing([None, Some(0), Some(0)])
            ],
            [40, 100]
        );
        assert_eq!(missing([None, Some(0), None]), 0);
        assert_eq!(
            [0, 1, 33, 34, 67, 100].map(class_of),
            [None, Some(0), Some(0), Some(1), Some(2), Some(2)]
        );
    }

    #[test]
    fn each_reference_is_defined() {
        let svg = unit_svg(&book(), 0);
        for reference in svg
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(svg.contains(&format!("id=\"{reference}\"")), "{reference}");
        }
        assert!(!Atlas::new(&book()).draw(0, false).contains("<defs>"));
    }

    #[test]
    fn a_unit_without_land_is_told_in_words() {
        let mut book = book();
        book.units[0].outline.0.clear();
        assert!(unit_svg(&book, 0).contains("没有边界"));
    }

    #[test]
    fn nasty_names_of_communities_stay_names() {
        for name in NASTY {
            let mut book = book();
            book.communities
                .iter_mut()
                .for_each(|community| community.name = name.to_owned());
            let svg = unit_svg(&book, 0);
            assert!(
                !svg.contains("<script") && !svg.contains('\u{7}') && !svg.contains('\u{202e}')
            );
            assert!(resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).is_ok());
        }
    }
}
