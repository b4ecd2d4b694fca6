//! Marks of facilities: what works by shape as well as colour, the field of a service by shape and colour.

use std::fmt::Write;

use fuwutu_core::city::Status;
use geo::Coord;

use super::plane::px;

/// How a facility is shown on a map of one service, as in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Working {
    /// Drawn first, below the others.
    Closed,
    Idle,
    Planned,
    Committed,
    /// Drawn last: it serves people.
    Open,
}

impl Working {
    /// From the legend's top to its end.
    pub(super) const ALL: [Self; 5] = [
        Self::Open,
        Self::Committed,
        Self::Planned,
        Self::Idle,
        Self::Closed,
    ];

    pub(super) fn of(status: Option<Status>, open: bool) -> Self {
        match status {
            _ if open => Self::Open,
            // An existing one that is not open yet is as good as decided.
            Some(Status::Existing | Status::Committed) => Self::Committed,
            Some(Status::Planned) => Self::Planned,
            Some(Status::Idle) => Self::Idle,
            Some(Status::Closed) | None => Self::Closed,
        }
    }

    /// Its name among the definitions.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Open => "w-open",
            Self::Committed => "w-committed",
            Self::Planned => "w-planned",
            Self::Idle => "w-idle",
            Self::Closed => "w-closed",
        }
    }

    /// Chinese and English.
    pub(super) fn words(self) -> [&'static str; 2] {
        match self {
            Self::Open => ["开放", "open"],
            Self::Committed => ["在建或待开放", "committed, not yet open"],
            Self::Planned => ["规划", "planned"],
            Self::Idle => ["闲置", "idle"],
            Self::Closed => ["停用", "closed"],
        }
    }

    /// Its definition with a radius in pixels.
    pub(super) fn definition(self, radius: f64) -> String {
        let (id, line) = (self.id(), px((radius * 0.35 - 0.3).max(0.5)));
        let shape = match self {
            Self::Open => {
                format!(
                    "<circle r=\"{}\" fill=\"#c2410c\" stroke=\"#fff\" stroke-width=\"{line}\"/>",
                    px(radius)
                )
            }
            Self::Committed => {
                format!(
                    "<circle r=\"{}\" fill=\"#fff\" stroke=\"#c2410c\" stroke-width=\"{line}\"/>",
                    px(radius)
                )
            }
            Self::Planned => hollow(&polygon(4, radius * 1.25, 0.0), &line),
            Self::Idle => hollow(&polygon(4, radius * 1.35, 0.125), &line),
            Self::Closed => {
                let r = px(radius);
                format!(
                    "<path d=\"M-{r} -{r}L{r} {r}M-{r} {r}L{r} -{r}\" stroke=\"#24323d\" stroke-width=\"{line}\"/>"
                )
            }
        };
        format!("<g id=\"{id}\">{shape}</g>\n")
    }
}

fn hollow(data: &str, line: &str) -> String {
    format!("<path d=\"{data}\" fill=\"#fff\" stroke=\"#24323d\" stroke-width=\"{line}\"/>")
}

/// The path of a regular polygon; its first corner is at the top, turned by this part of a whole turn.
fn polygon(corners: u32, radius: f64, turn: f64) -> String {
    star(corners, radius, radius, turn)
}

/// A star whose corners alternate between two radii: a polygon where they are equal.
fn star(corners: u32, outer: f64, inner: f64, turn: f64) -> String {
    let mut data = String::new();
    let equal = outer <= inner;
    let points = if equal { corners } else { 2 * corners };
    for corner in 0..points {
        let angle = std::f64::consts::TAU * (f64::from(corner) / f64::from(points) + turn);
        let radius = if equal || corner % 2 == 0 {
            outer
        } else {
            inner
        };
        let letter = if corner == 0 { 'M' } else { 'L' };
        let _ = write!(
            data,
            "{letter}{} {}",
            px(angle.sin() * radius),
            px(-angle.cos() * radius)
        );
    }
    data.push('z');
    data
}

/// Fields of services with the colour of each, from Okabe & Ito's palette for the colour-blind; the last is for all others.
pub(super) const FIELDS: [(&str, &str); 10] = [
    ("education", "#0072b2"),
    ("health", "#d55e00"),
    ("elderly", "#8a4f7d"),
    ("culture", "#009e73"),
    ("sport", "#b8860b"),
    ("commerce", "#56606b"),
    ("community", "#3a7ca5"),
    ("municipal", "#7a5230"),
    ("transport", "#2f4858"),
    ("", "#8a949c"),
];

/// The position of a field in [`FIELDS`].
pub(super) fn field(category: &str) -> usize {
    FIELDS
        .iter()
        .position(|(name, _)| *name == category)
        .unwrap_or(FIELDS.len() - 1)
}

/// The name of a field's mark among the definitions: filled where the facility is open.
pub(super) fn field_id(field: usize, open: bool) -> String {
    format!("f{field}{}", if open { "" } else { "o" })
}

/// The definitions of all fields' marks.
pub(super) fn field_definitions() -> String {
    let mut definitions = String::new();
    for (field, (_, colour)) in FIELDS.iter().enumerate() {
        let data = match field {
            0 => polygon(4, 5.4, 0.125),
            1 => "M-1.7 -5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7z".to_owned(),
            2 => polygon(16, 4.4, 0.0),
            3 => polygon(3, 5.6, 0.0),
            4 => polygon(4, 5.4, 0.0),
            5 => polygon(5, 5.0, 0.0),
            6 => polygon(6, 4.9, 0.0),
            7 => star(5, 6.0, 2.6, 0.0),
            8 => polygon(3, 5.6, 0.5),
            _ => polygon(8, 3.6, 0.0),
        };
        for open in [true, false] {
            let look = if open {
                format!("fill=\"{colour}\" stroke=\"#fff\" stroke-width=\".8\"")
            } else {
                format!("fill=\"#fff\" stroke=\"{colour}\" stroke-width=\"1.4\"")
            };
            let _ = writeln!(
                definitions,
                "<path id=\"{}\" d=\"{data}\" {look}/>",
                field_id(field, open)
            );
        }
    }
    definitions
}

/// Which of these places (in the order of worth) stand at least `apart` pixels from all that were taken before them.
pub(super) fn thinned(places: &[Coord], apart: f64) -> Vec<bool> {
    let mut taken: std::collections::BTreeMap<(i64, i64), Vec<Coord>> =
        std::collections::BTreeMap::new();
    places
        .iter()
        .map(|place| {
            let (x, y) = (
                (place.x / apart).floor() as i64,
                (place.y / apart).floor() as i64,
            );
            let mut around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
            let free = !around.any(|square| {
                taken.get(&square).is_some_and(|others| {
                    others
                        .iter()
                        .any(|other| (other.x - place.x).hypot(other.y - place.y) < apart)
                })
            });
            if free {
                taken.entry((x, y)).or_default().push(*place);
            }
            free
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_marks_that_would_overlap_is_kept() {
        let places = [0.0, 1.0, 2.9, 3.0, 10.0].map(|x| Coord { x, y: 0.0 });
        assert_eq!(thinned(&places, 3.0), [true, false, false, true, true]);
    }

    #[test]
    fn what_is_not_open_yet_is_not_shown_as_open() {
        assert_eq!(Working::of(Some(Status::Existing), true), Working::Open);
        assert_eq!(
            Working::of(Some(Status::Existing), false),
            Working::Committed
        );
        assert_eq!(
            Working::of(Some(Status::Committed), false),
            Working::Committed
        );
        assert_eq!(Working::of(Some(Status::Closed), false), Working::Closed);
    }

    #[test]
    fn a_square_stands_on_its_side_when_turned_by_an_eighth() {
        assert_eq!(polygon(4, 10.0, 0.0), "M0 -10L10 0L0 10L-10 0z");
        assert_eq!(
            polygon(4, 10.0, 0.125),
            "M7.1 -7.1L7.1 7.1L-7.1 7.1L-7.1 -7.1z"
        );
    }
}
