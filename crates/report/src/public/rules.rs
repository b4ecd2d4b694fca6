//! What a column's `seen` comes to: the walk that every row passes on its way to the public.

use std::collections::BTreeSet;

use fuwutu_io::tables::{Kind, Seen, Table, Value};
use geo::Coord;

use crate::book::Book;

/// What the plan's `[public]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) small: u64,
    pub(super) decimals: i32,
    pub(super) restricted: BTreeSet<String>,
}

impl Rules {
    pub(super) fn of(book: &Book) -> Self {
        let public = &book.manifest.plan.public;
        Self {
            small: u64::from(public.small.max(1)),
            decimals: public.decimals as i32,
            restricted: public.restricted.iter().cloned().collect(),
        }
    }

    /// Whether it is so few that a person might be made out.
    pub(super) fn few(&self, people: f64) -> bool {
        people > 0.0 && people < self.small as f64
    }

    /// The nearest multiple of `small`, half up.
    pub(super) fn multiple(&self, number: f64) -> f64 {
        let small = self.small as f64;
        ((number + small / 2.0) / small).floor() * small
    }

    /// The same of whole persons.
    pub(super) fn rounded(&self, people: u64) -> u64 {
        self.multiple(people as f64) as u64
    }

    /// A place, with as many decimals of degrees as everybody may know.
    pub(super) fn place(&self, place: Coord) -> Coord {
        Coord {
            x: self.degrees(place.x),
            y: self.degrees(place.y),
        }
    }

    fn degrees(&self, degrees: f64) -> f64 {
        let scale = 10f64.powi(self.decimals);
        (degrees * scale).round() / scale
    }

    /// A number of a column that is rounded: persons and capacities to multiples of `small`, with few of them left out; minutes to
    /// whole ones; every other number to the hundredth.
    fn number(&self, kind: Kind, number: f64) -> Option<f64> {
        match kind {
            Kind::Persons | Kind::Exact | Kind::Estimate | Kind::Capacity | Kind::Given => {
                (!self.few(number)).then(|| self.multiple(number))
            }
            Kind::Minutes(_) => Some(number.round()),
            _ => Some((number * 100.0).round() / 100.0),
        }
    }

    /// What the public may see of a row, by what its columns say. A figure that is made of rounded ones is left out here: a reader who knows
    /// how it is made puts it in again.
    pub(super) fn publish<R: Table>(&self, row: &mut R) {
        self.walk(row, |seen| seen);
    }

    /// The same of a row about few people: what is rounded elsewhere is left out, too.
    pub(super) fn hide<R: Table>(&self, row: &mut R) {
        self.walk(row, |seen| match seen {
            Seen::Everybody => Seen::Everybody,
            _ => Seen::Office,
        });
    }

    fn walk<R: Table>(&self, row: &mut R, seen: fn(Seen) -> Seen) {
        for column in R::COLUMNS {
            for cell in 0..(column.cells)(row) {
                let number = (column.get)(row, cell).number();
                let kind = column.about.kind;
                let value = match seen(column.about.seen) {
                    Seen::Everybody if kind == Kind::Degrees => {
                        number.map(|degrees| self.degrees(degrees))
                    }
                    Seen::Everybody => continue,
                    Seen::Rounded => number.and_then(|number| self.number(kind, number)),
                    Seen::Made | Seen::Office => None,
                };
                let value = value.map_or(Value::Nothing, Value::Number);
                if (column.set)(row, cell, value) {
                    continue;
                }
                // A cell that cannot be empty is as in a row that nothing is known of, or rounded like any other.
                let blank = match (seen(column.about.seen), number) {
                    (Seen::Rounded, Some(number)) => Value::Number(self.multiple(number)),
                    _ => (column.get)(&R::default(), 0).into_owned(),
                };
                (column.set)(row, cell, blank);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use fuwutu_io::tables::standing::Standing;
    use fuwutu_io::tables::units::Unit;

    use super::*;

    const RULES: Rules = Rules {
        small: 10,
        decimals: 4,
        restricted: BTreeSet::new(),
    };

    #[test]
    fn columns_are_published_as_they_say() {
        let mut row = Standing {
            unit: "1".to_owned(),
            target_residents: Some(2004),
            covered_residents: Some(4),
            coverage: Some(0.9),
            supply_inside: Some(801.0),
            seated: Some(3.5),
            ..Standing::default()
        };
        RULES.publish(&mut row);
        let expected = Standing {
            unit: "1".to_owned(),
            target_residents: Some(2000),
            supply_inside: Some(801.0),
            ..Standing::default()
        };
        assert_eq!(row, expected);
    }

    #[test]
    fn a_count_that_cannot_be_left_out_is_rounded() {
        let mut row = Unit {
            residents: 4,
            residents_later: vec![12, 17],
            ..Unit::default()
        };
        RULES.publish(&mut row);
        assert_eq!(
            (row.residents, &row.residents_later[..]),
            (0, &[10, 20][..])
        );
    }
}
