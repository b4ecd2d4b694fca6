//! How many services people have in reach, by published figures.

use fuwutu_core::completeness::{Basket, WAYS, Within};
use fuwutu_core::reach::Limits;
use fuwutu_io::tables::completeness::Completeness;

use super::rules::Rules;
use super::share;
use crate::book::Book;

/// Publishes the lines of units, and makes those of townships and of the city of them.
///
/// The residents who have all in reach are a rounded count. They are left out where a restricted service counts among the others, of which
/// they would tell. What the average resident has within the own limits is made of the published coverage of each service; how many
/// services residents lack, and which, is not published.
pub(super) fn publish(book: &mut Book, exact: &Book, rules: &Rules) {
    let units = book.units.len();
    let lines = book.manifest.years.len() * WAYS.len();
    if book.completeness.is_empty() {
        return;
    }
    for at in 0..book.completeness.len() {
        let (year, way) = (at / WAYS.len() % book.manifest.years.len(), at % WAYS.len());
        let (within, basket) = WAYS[way];
        let area = at / lines;
        let inside: Vec<usize> = match area.checked_sub(units) {
            None => vec![area],
            Some(_) => inside(book, &book.completeness[at].id),
        };
        let mut row = book.completeness[at].clone();
        row.count = count(book, basket);
        let restricted = count(exact, basket) != row.count;
        if area < units {
            if row.residents.is_some_and(|people| rules.few(people as f64)) {
                rules.hide(&mut row);
            } else {
                rules.publish(&mut row);
            }
            if restricted {
                row.complete_residents = None;
            }
        } else {
            rules.hide(&mut row);
            let lines = inside
                .iter()
                .map(|unit| &book.completeness[unit * lines + year * WAYS.len() + way]);
            let published: Vec<&Completeness> = lines.collect();
            row.residents = sum(&published, |line| line.residents);
            row.complete_residents = sum(&published, |line| line.complete_residents);
        }
        row.share = share(row.complete_residents, row.residents);
        row.mean_share = if within == Within::OwnLimit && row.residents.is_some() {
            mean(book, &inside, year, basket)
        } else {
            None
        };
        book.completeness[at] = row;
    }
}

/// The units of a township by its code; all of them for the city, which has none.
fn inside(book: &Book, code: &str) -> Vec<usize> {
    let units = book.units.iter().enumerate();
    let of_area = units.filter(|(_, unit)| code.is_empty() || unit.row.township == code);
    of_area.map(|(unit, _)| unit).collect()
}

/// How many services count.
fn count(book: &Book, basket: Basket) -> u32 {
    let services = book.services.iter().enumerate();
    let counted = services
        .filter(|(at, service)| book.supplied(*at) && basket.has(service, Limits::of(service)));
    counted.count() as u32
}

/// Over all of some lines; `None` where one of them is left out.
fn sum(lines: &[&Completeness], people: impl Fn(&Completeness) -> Option<u64>) -> Option<u64> {
    lines.iter().map(|line| people(line)).sum()
}

/// Covered ÷ target group, over the services of a basket and the units in which both are published.
fn mean(book: &Book, units: &[usize], year: usize, basket: Basket) -> Option<f64> {
    let (mut covered, mut target) = (0, 0);
    for &unit in units {
        for (nth, service) in book.services.iter().enumerate() {
            let row = book.standing(unit, nth, year);
            let counted = basket.has(service, Limits::of(service));
            if let Some((some, of)) = row
                .covered_residents
                .zip(row.target_residents)
                .filter(|_| counted)
            {
                covered += some;
                target += of;
            }
        }
    }
    share(Some(covered), Some(target))
}
