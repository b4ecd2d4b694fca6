//! A picture of the whole city for slides, about one subject.

use fuwutu_core::quantity::Residents;
use fuwutu_core::service::Figure;
use fuwutu_io::standards;
use fuwutu_io::tables::totals::Total;
use fuwutu_io::words::short_name;
use geo::{BoundingRect, Coord, MultiPolygon, Rect};
use rayon::prelude::*;

use super::names::{self, Name};
use super::picture::{PALE, Picture, Type};
use super::plane::{Area, Plane, path, px, trace};
use super::scale::{self, Class};
use super::{Subject, borders, furniture, marks};
use crate::book::{Book, Offer};
use crate::{foot, text, words};

const WIDTH: u32 = 1600;
const HEIGHT: u32 = 900;
const MAP: Area = Area {
    left: 28.0,
    top: 104.0,
    width: 1130.0,
    height: 690.0,
};
/// Where the legend begins, and how wide it is.
const SIDE: f64 = 1192.0;
const SIDE_WIDTH: f64 = 380.0;
/// From this number of units on, names of townships replace those of units.
const MANY_UNITS: usize = 40;

/// The land of a city, which all its pictures share.
pub(super) struct Ground {
    plane: Plane,
    /// The data of each unit's path.
    paths: Vec<String>,
    /// The data of the path along the borders of townships.
    townships: String,
    names: Vec<Option<(Coord, f64)>>,
}

impl Ground {
    /// `None` for a book without land.
    pub(super) fn of(book: &Book) -> Option<Self> {
        let plane = Plane::fit(bounds(book)?, MAP);
        let lands: Vec<MultiPolygon> = book
            .units
            .par_iter()
            .map(|unit| plane.land(&unit.outline))
            .collect();
        let mut townships = String::new();
        for line in borders::townships(book) {
            trace(&plane.line(&line).0, &mut townships);
        }
        let names = lands.par_iter().map(names::seat).collect();
        Some(Self {
            plane,
            paths: lands.iter().map(path).collect(),
            townships,
            names,
        })
    }
}

/// A picture on the ground of the same book.
pub(super) fn draw(book: &Book, ground: Option<&Ground>, subject: Subject) -> String {
    let title = title(book, subject);
    let mut picture = Picture::default();
    let classes = scale::classes(book, subject);
    let of_units = scale::class_of_units(book, subject);
    let offers = offers(book, subject);
    let radius = radius(offers.len());
    picture.raw(&format!(
        "<defs>{}{}</defs>\n",
        furniture::PATTERNS,
        definitions(radius)
    ));
    picture.rect(
        Coord::zero(),
        f64::from(WIDTH),
        f64::from(HEIGHT),
        "fill=\"#fff\"",
    );
    head(&mut picture, book, &title);
    let mut left_out = 0;
    if let Some(ground) = ground {
        areas(&mut picture, &ground.paths, &of_units, &classes);
        township_lines(&mut picture, book.units.len(), &ground.townships);
        left_out = facilities(&mut picture, &ground.plane, &offers, radius);
        unit_names(&mut picture, book, &ground.names);
        furniture::scale_bar(
            &mut picture,
            Coord {
                x: MAP.left + 4.0,
                y: 806.0,
            },
            ground.plane.per_km(),
            180.0,
        );
        furniture::north(
            &mut picture,
            Coord {
                x: MAP.left + 14.0,
                y: MAP.top + 2.0,
            },
        );
    }
    let next = legend(&mut picture, book, &classes, &of_units);
    let next = facility_legend(&mut picture, book, subject, &offers, left_out, next);
    figures(&mut picture, book, subject, next);
    feet(&mut picture, book);
    picture.finish(WIDTH, HEIGHT, &title.join(" "))
}

fn bounds(book: &Book) -> Option<Rect> {
    let outlines = book
        .units
        .iter()
        .filter_map(|unit| unit.outline.bounding_rect());
    outlines.reduce(|a, b| {
        let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
        Rect::new(
            Coord {
                x: low.0.x.min(low.1.x),
                y: low.0.y.min(low.1.y),
            },
            Coord {
                x: high.0.x.max(high.1.x),
                y: high.0.y.max(high.1.y),
            },
        )
    })
}

fn title(book: &Book, subject: Subject) -> [String; 2] {
    let first = book.manifest.years[0];
    let name = |service: usize| &book.services[service].name;
    match subject {
        Subject::Coverage { service } => {
            let name = name(service);
            [
                format!("{}：时限内覆盖率，{first} 年", name.zh),
                format!("{}: coverage within the limit, {first}", name.en),
            ]
        }
        Subject::Attained { service } => {
            let name = name(service);
            [
                format!("{}：配建达标，{first} 年", name.zh),
                format!("{}: presence and size, {first}", name.en),
            ]
        }
        Subject::Need => {
            let years = foot::years(book);
            [
                format!("配置优先次序：配置优先度，{years} 年"),
                format!("Where resources are needed first: priority score, {years}"),
            ]
        }
    }
}

fn years(book: &Book) -> (i32, i32) {
    let years = &book.manifest.years;
    (years[0], years[years.len() - 1])
}

fn head(picture: &mut Picture, book: &Book, title: &[String; 2]) {
    let room = 1240.0;
    picture.text(
        Coord { x: 28.0, y: 52.0 },
        Type::plain(32.0).bold(),
        room,
        &title[0],
    );
    picture.text(
        Coord { x: 28.0, y: 82.0 },
        Type::plain(18.0).pale(),
        room,
        &title[1],
    );
    let right = f64::from(WIDTH) - 28.0;
    let badge = foot::standing(book).join(" ");
    picture.text(
        Coord { x: right, y: 46.0 },
        Type::plain(16.0).bold().anchor("end"),
        290.0,
        &badge,
    );
    if foot::synthetic(book) {
        let words = "模拟数据 synthetic data";
        picture.text(
            Coord { x: right, y: 70.0 },
            Type::plain(16.0).bold().anchor("end"),
            290.0,
            words,
        );
    }
}

fn areas(picture: &mut Picture, paths: &[String], of_units: &[usize], classes: &[Class]) {
    let line = px(thinner(paths.len(), 0.8));
    picture.raw(&format!(
        "<g fill-rule=\"evenodd\" stroke=\"#8996a0\" stroke-width=\"{line}\" stroke-linejoin=\"round\">\n"
    ));
    for (data, &class) in paths.iter().zip(of_units) {
        picture.path(data, &format!("fill=\"{}\"", classes[class].colour));
        if let Some(pattern) = classes[class].pattern {
            picture.path(data, &format!("fill=\"url(#{pattern})\""));
        }
    }
    picture.raw("</g>\n");
}

/// The width of a line for this number of units: thinner from 100 on, so that lines do not hide the land between them.
fn thinner(units: usize, width: f64) -> f64 {
    width * (100.0 / units.max(1) as f64).sqrt().clamp(0.5, 1.0)
}

fn township_lines(picture: &mut Picture, units: usize, data: &str) {
    picture
        .raw(&format!("<defs><path id=\"townships\" d=\"{data}\" fill=\"none\" stroke-linejoin=\"round\"/></defs>\n"));
    // Light beneath dark, so that it is seen on any class.
    for (colour, width) in [("#fff", 3.4), ("#24323d", 1.7)] {
        let line = px(thinner(units, width));
        picture.raw(&format!(
            "<use href=\"#townships\" stroke=\"{colour}\" stroke-width=\"{line}\"/>\n"
        ));
    }
}

/// The offers of the subject's service: those that serve no people first, so that the others lie above them.
fn offers(book: &Book, subject: Subject) -> Vec<(marks::Working, &Offer)> {
    let (Subject::Coverage { service } | Subject::Attained { service }) = subject else {
        return Vec::new();
    };
    let year = years(book).0;
    let offered = book
        .offers
        .iter()
        .filter(|offer| offer.service == Some(service));
    let mut marked: Vec<_> = offered
        .map(|offer| (marks::Working::of(offer.status, offer.open(year)), offer))
        .collect();
    marked.sort_by_key(|(working, _)| *working);
    marked
}

/// Of marks: smaller where there are many.
fn radius(offers: usize) -> f64 {
    match offers {
        0..=150 => 4.5,
        151..=600 => 3.2,
        601..=2000 => 2.3,
        _ => 1.6,
    }
}

fn definitions(radius: f64) -> String {
    marks::Working::ALL
        .map(|working| working.definition(radius))
        .concat()
}

/// Draws those whose mark does not cover another's; how many are left out.
fn facilities(
    picture: &mut Picture,
    plane: &Plane,
    offers: &[(marks::Working, &Offer)],
    radius: f64,
) -> usize {
    // Those that serve people are kept first, and drawn last.
    let order: Vec<_> = offers.iter().rev().collect();
    let places: Vec<Coord> = order
        .iter()
        .map(|(_, offer)| plane.at(offer.place()))
        .collect();
    let apart = radius
        * match offers.len() {
            0..=150 => 0.6,
            151..=600 => 1.2,
            _ => 2.2,
        };
    let kept = marks::thinned(&places, apart);
    let mut left_out = 0;
    for (((working, _), place), kept) in order.iter().zip(&places).zip(kept).rev() {
        let (x, y) = (place.x - MAP.left, place.y - MAP.top);
        let within = (-9.0..MAP.width + 9.0).contains(&x) && (-9.0..MAP.height + 9.0).contains(&y);
        if kept && within {
            picture.mark(working.id(), *place);
        } else {
            left_out += 1;
        }
    }
    left_out
}

fn unit_names(picture: &mut Picture, book: &Book, seats: &[Option<(Coord, f64)>]) {
    let many = book.units.len() > MANY_UNITS;
    let mut named = vec![false; book.townships.len()];
    let mut order: Vec<usize> = (0..book.units.len()).collect();
    order.sort_by_key(|&unit| std::cmp::Reverse(book.units[unit].row.residents));
    let mut wanted = Vec::new();
    for unit in order {
        let about = &book.units[unit];
        // A township's name stands in its largest unit.
        if many && std::mem::replace(&mut named[about.township], true) {
            continue;
        }
        let Some((seat, wide)) = seats[unit] else {
            continue;
        };
        let words = if many {
            &book.townships[about.township].township_name
        } else {
            &about.name
        };
        wanted.push(Name {
            words,
            at: seat,
            room: if many {
                wide * 1.6
            } else {
                (wide * 1.2).max(60.0)
            },
            weight: about.row.residents,
        });
    }
    names::draw(
        picture,
        wanted,
        Type::plain(if many { 12.0 } else { 14.0 }),
        120,
    );
}

/// Where the next part of the side begins.
fn legend(picture: &mut Picture, book: &Book, classes: &[Class], of_units: &[usize]) -> f64 {
    let mut y = heading(picture, ["图例", "Legend"], MAP.top + 14.0);
    let end = |x: f64, y: f64| Coord { x: SIDE + x, y };
    let column = Type::plain(13.0).anchor("end").pale();
    picture.text(end(276.0, y - 26.0), column, 90.0, "单元 units");
    picture.text(end(SIDE_WIDTH, y - 26.0), column, 110.0, "人口 residents");
    for (position, class) in classes.iter().enumerate() {
        let of_class = || {
            book.units
                .iter()
                .zip(of_units)
                .filter(|(_, class)| **class == position)
                .map(|(unit, _)| unit)
        };
        let (units, residents) = (
            of_class().count(),
            of_class().map(|unit| unit.row.residents).sum(),
        );
        if units == 0 && position + 1 == classes.len() {
            break;
        }
        let corner = Coord {
            x: SIDE,
            y: y - 13.0,
        };
        let edge = "stroke=\"#8996a0\" stroke-width=\".8\"";
        picture.rect(
            corner,
            30.0,
            18.0,
            &format!("fill=\"{}\" {edge}", class.colour),
        );
        if let Some(pattern) = class.pattern {
            picture.rect(corner, 30.0, 18.0, &format!("fill=\"url(#{pattern})\""));
        }
        picture.text(
            Coord {
                x: SIDE + 40.0,
                y: y + 1.0,
            },
            Type::plain(14.0),
            204.0,
            class.label.join(" ").trim(),
        );
        let figure = Type::plain(14.0).anchor("end");
        picture.text(
            end(276.0, y + 1.0),
            figure,
            60.0,
            &text::whole(units as u64),
        );
        picture.text(
            end(SIDE_WIDTH, y + 1.0),
            figure,
            100.0,
            &text::whole(residents),
        );
        y += 25.0;
    }
    picture.raw(&format!(
        "<path d=\"M{SIDE} {0}h30\" stroke=\"#24323d\" stroke-width=\"1.8\"/>\
         <path d=\"M{1} {0}h30\" stroke=\"#8996a0\" stroke-width=\".8\"/>\n",
        y - 4.0,
        SIDE + 190.0
    ));
    picture.text(
        Coord {
            x: SIDE + 40.0,
            y: y + 1.0,
        },
        Type::plain(13.0),
        150.0,
        "镇（街道）界 township",
    );
    picture.text(
        Coord {
            x: SIDE + 230.0,
            y: y + 1.0,
        },
        Type::plain(13.0),
        150.0,
        "单元界 unit",
    );
    y + 30.0
}

fn facility_legend(
    picture: &mut Picture,
    book: &Book,
    subject: Subject,
    offers: &[(marks::Working, &Offer)],
    left_out: usize,
    top: f64,
) -> f64 {
    let known = match subject {
        Subject::Need => false,
        Subject::Coverage { service } | Subject::Attained { service } => book.supplied(service),
    };
    if !known {
        return top;
    }
    let year = years(book).0;
    let mut y = heading(
        picture,
        [&format!("设施（{year} 年）"), "Facilities"],
        top + 14.0,
    );
    for working in marks::Working::ALL {
        let count = offers.iter().filter(|offer| offer.0 == working).count();
        if count == 0 && working != marks::Working::Open {
            continue;
        }
        picture.mark(
            working.id(),
            Coord {
                x: SIDE + 15.0,
                y: y - 4.0,
            },
        );
        picture.text(
            Coord {
                x: SIDE + 40.0,
                y: y + 1.0,
            },
            Type::plain(14.0),
            280.0,
            &working.words().join(" "),
        );
        let count = text::whole(count as u64);
        picture.text(
            Coord {
                x: SIDE + SIDE_WIDTH,
                y: y + 1.0,
            },
            Type::plain(14.0).anchor("end"),
            90.0,
            &count,
        );
        y += 23.0;
    }
    if left_out > 0 {
        let count = text::whole(left_out as u64);
        let words = format!("{count} 处被遮挡或在图外，未画 {count} hidden or outside, not drawn");
        picture.text(
            Coord {
                x: SIDE,
                y: y + 1.0,
            },
            Type::plain(12.0).pale(),
            SIDE_WIDTH,
            &words,
        );
        y += 23.0;
    }
    y + 6.0
}

/// The city's own figures.
fn figures(picture: &mut Picture, book: &Book, subject: Subject, top: f64) {
    let mut y = heading(picture, ["全市", "The city"], top + 14.0);
    for [words, value] in city_lines(book, subject) {
        let short = Type::plain(14.0);
        picture.text(Coord { x: SIDE, y }, short, 250.0, &words);
        picture.text(
            Coord {
                x: SIDE + SIDE_WIDTH,
                y,
            },
            short.anchor("end").bold(),
            150.0,
            &value,
        );
        y += 23.0;
    }
    let without = foot::without(book).into_iter().map(|words| words.join(" "));
    for line in side_notes(book, subject).into_iter().chain(without) {
        for line in text::wrapped(&line, SIDE_WIDTH / 13.0) {
            // A catalogue may word a rule at length: nothing runs into the footer.
            if y > MAP.top + MAP.height + 14.0 {
                return;
            }
            picture.text(
                Coord { x: SIDE, y },
                Type::plain(13.0).pale(),
                SIDE_WIDTH + 4.0,
                &line,
            );
            y += 18.0;
        }
    }
}

fn city_lines(book: &Book, subject: Subject) -> Vec<[String; 2]> {
    let (first, last) = years(book);
    let later = (last != first).then_some(last);
    let residents: u64 = book.units.iter().map(|unit| unit.row.residents).sum();
    let mut lines = vec![[
        format!("常住人口 residents, {first}"),
        text::whole(residents),
    ]];
    let service = match subject {
        Subject::Need => {
            let most = book.places.iter().take(5).map(|place| {
                let unit = &book.units[place.unit];
                [
                    format!("{}. {}{}", place.place, unit.name, text::small(place.small)),
                    format!("{:.1}", place.priority),
                ]
            });
            lines.push([
                "配置优先度最高 highest priority score".to_owned(),
                String::new(),
            ]);
            lines.extend(most);
            return lines;
        }
        Subject::Coverage { service } | Subject::Attained { service } => &book.services[service],
    };
    for year in std::iter::once(first).chain(later) {
        let total = book.total(&service.id, year);
        match subject {
            Subject::Coverage { .. } => {
                let share = total.and_then(Total::coverage);
                let not_covered = total.and_then(|total| total.not_covered);
                lines.push([format!("覆盖率 coverage, {year}"), text::percent(share)]);
                lines.push([
                    format!("未覆盖 not covered, {year}"),
                    text::amount(not_covered.map(Residents::persons)),
                ]);
            }
            _ => {
                let count = |count_of: fn(&Total) -> Option<u32>| {
                    text::people(total.and_then(count_of).map(u64::from))
                };
                let value = format!(
                    "{} / {}",
                    count(|total| total.units_attained),
                    count(|total| total.units_with_a_rule)
                );
                lines.push([format!("达标单元 units attained, {year}"), value]);
            }
        }
    }
    lines
}

/// What has to be known to read the map.
fn side_notes(book: &Book, subject: Subject) -> Vec<String> {
    let (Subject::Coverage { service } | Subject::Attained { service }) = subject else {
        return vec![
            "配置优先度 = Σ 权重 × 缺口率 × 服务人口占比，人口流入处加重。".to_owned(),
            "Priority score = Σ weight × missing share × target share, more where people move in."
                .to_owned(),
        ];
    };
    let service = &book.services[service];
    let status = standards::status(service, book.manifest.years[0]);
    let [zh, en] = words::limits(service).unwrap_or_default();
    let name = short_name(&service.name.zh);
    match subject {
        Subject::Coverage { .. } => vec![
            format!("{name}时限：{zh}；依据可靠性：{}。", status[0]),
            format!("Limit: {en}; standard: {}.", status[1]),
        ],
        _ => {
            let [zh, en] = standards::figure(service, Figure::Presence).unwrap_or_default();
            vec![
                format!("{name}配置：{zh}；依据可靠性：{}。", status[0]),
                format!("Rule: {en}; standard: {}.", status[1]),
            ]
        }
    }
}

/// A heading at `y`; where the first line under it has its baseline.
fn heading(picture: &mut Picture, words: [&str; 2], y: f64) -> f64 {
    picture.text(
        Coord { x: SIDE, y },
        Type::plain(16.0).bold(),
        SIDE_WIDTH,
        &words.join(" "),
    );
    y + 28.0
}

fn feet(picture: &mut Picture, book: &Book) {
    let size = 12.0;
    let wide = f64::from(WIDTH) - 56.0;
    let lines = foot::lines(book);
    let joined = |language: usize, between: &str| {
        lines
            .iter()
            .map(|line| line[language].as_str())
            .collect::<Vec<_>>()
            .join(between)
    };
    let rule = "stroke=\"#c8d0d6\" stroke-width=\"1\"";
    picture.raw(&format!("<path d=\"M28 822H1572\" {rule}/>\n"));
    let texts = [joined(0, "；"), joined(1, "; ")];
    let rows = texts
        .iter()
        .flat_map(|text| text::wrapped(text, wide / size));
    for (row, y) in rows.zip((0..5).map(|line| 839.0 + 14.0 * f64::from(line))) {
        picture.text(
            Coord { x: 28.0, y },
            Type {
                colour: PALE,
                ..Type::plain(size)
            },
            wide + 10.0,
            &row,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NASTY, book};

    fn drawn(book: &Book, subject: Subject) -> String {
        draw(book, Ground::of(book).as_ref(), subject)
    }

    #[test]
    fn the_legend_counts_each_unit_and_resident_once() {
        // Coverage of 0.75, 0.4375 and 0: classes 60–80, 40–60 and ≤ 20 %.
        let svg = drawn(&book(), Subject::Coverage { service: 0 });
        for residents in [">60,000<", ">50,000<", ">30,000<"] {
            assert_eq!(svg.matches(residents).count(), 1, "{residents}");
        }
        // Of three classes there is no unit and no resident.
        assert_eq!(svg.matches(">0</text>").count(), 6);
    }

    #[test]
    fn it_says_what_it_is_in_both_languages() {
        let svg = drawn(&book(), Subject::Need);
        for words in [
            "配置优先次序",
            "Where resources are needed first",
            "内部草稿",
            "模拟数据",
            "不是官方格式",
            "no official format",
        ] {
            assert!(svg.contains(words), "{words}");
        }
    }

    #[test]
    fn nasty_names_stay_names() {
        for name in NASTY {
            let mut book = book();
            book.units
                .iter_mut()
                .for_each(|unit| unit.name = name.to_owned());
            book.services[0].name.zh = name.to_owned();
            book.manifest.round = name.to_owned();
            let svg = drawn(&book, Subject::Attained { service: 0 });
            let tags: Vec<&str> = svg.split('<').skip(1).collect();
            let expected = [
                "svg", "title", "/", "defs", "pattern", "path", "circle", "g", "rect", "text",
                "use",
            ];
            assert!(
                tags.iter()
                    .all(|tag| expected.iter().any(|start| tag.starts_with(start))),
                "{svg}"
            );
            assert!(resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).is_ok());
        }
    }

    #[test]
    fn a_city_of_no_units_is_an_empty_frame() {
        let mut book = book();
        book.units.clear();
        book.places.clear();
        assert!(drawn(&book, Subject::Need).contains("配置优先次序"));
    }
}
