//! The facilities that serve a unit: the nearest of each service, and the one that gives most.

use std::cmp::Reverse;
use std::fmt::Write;

use fuwutu_io::words::{capacity_unit, short_name};

use super::page::Context;
use crate::book::{Edition, Served};
use crate::text::{self, NONE, isolated};
use crate::words::NO_DATA;
use crate::xml::escape;

pub(super) fn write(out: &mut String, context: &Context, unit: usize) {
    // A public edition leaves some of them out: of the others, none is known to be the nearest, nor how many there are.
    if context.book.edition != Edition::Internal || context.book.served.is_empty() {
        return;
    }
    let year = context.book.manifest.years[0];
    let _ = writeln!(
        out,
        "<section><h2>服务本单元的设施，{year} 年 <small>Facilities that serve it</small></h2>\n\
         <p class=\"key\">可达数 · 最近者（最少分钟）· 提供最多者（平均分钟；可达供给） \
         number within reach · the nearest (least minutes) · the one that gives most (mean minutes; received)</p>\n<ul class=\"served\">"
    );
    (0..context.book.services.len()).for_each(|service| row(out, context, unit, service));
    out.push_str("</ul></section>\n");
}

fn row(out: &mut String, context: &Context, unit: usize, service: usize) {
    let (book, about) = (context.book, &context.book.services[service]);
    let year = book.manifest.years[0];
    let open: Vec<&Served> = context
        .served(unit, service)
        .iter()
        .filter(|served| book.offers[served.offer].open(year))
        .collect();
    let name = |served: &Served| isolated(&book.offers[served.offer].facility_name);
    let least = |served: &Served| served.minutes_least.unwrap_or(f64::INFINITY);
    let people = |served: &Served| served.people_in_reach.unwrap_or_default();
    let nearest = open
        .iter()
        .min_by(|a, b| least(a).total_cmp(&least(b)).then(a.offer.cmp(&b.offer)));
    let nearest = nearest.map_or_else(
        || NONE.to_owned(),
        |served| format!("{}（{:.1}）", name(served), least(served)),
    );
    let amount = |served: &Served| served.received.first().copied().flatten();
    let most = open.iter().max_by(|a, b| {
        let worth = |served: &Served| (amount(served).unwrap_or_default(), people(served));
        let ((a_amount, a_people), (b_amount, b_people)) = (worth(a), worth(b));
        a_amount
            .total_cmp(&b_amount)
            .then(a_people.cmp(&b_people))
            .then(Reverse(a.offer).cmp(&Reverse(b.offer)))
    });
    let most = most.map_or_else(
        || NONE.to_owned(),
        |served| {
            let given = match amount(served) {
                Some(received) => {
                    format!(
                        "{} {}",
                        text::amount(Some(received)),
                        escape(capacity_unit(&about.capacity_unit)[0])
                    )
                }
                None => format!("{} 人可达 people in reach", text::whole(people(served))),
            };
            format!(
                "{}（{:.1}；{given}）",
                name(served),
                served.minutes_mean.unwrap_or_default()
            )
        },
    );
    let name = isolated(short_name(&about.name.zh));
    let [zh, en] = NO_DATA;
    let _ = match open.len() {
        0 if !book.supplied(service) => writeln!(out, "<li><b>{name}</b> {zh} {en}</li>"),
        0 => writeln!(out, "<li><b>{name}</b> 时限内没有 none within reach</li>"),
        count => writeln!(out, "<li><b>{name}</b> {count} · {nearest} · {most}</li>"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn what_is_not_open_yet_serves_nobody() {
        let book = book();
        let mut out = String::new();
        row(&mut out, &Context::new(&book), 1, 0);
        assert!(
            out.contains("一号幼儿园")
                && out.contains("（7.2；200 学位）")
                && !out.contains("二号"),
            "{out}"
        );
    }

    #[test]
    fn a_public_edition_does_not_say_that_there_is_none() {
        let mut book = book();
        let written = |book: &crate::book::Book| {
            let mut out = String::new();
            write(&mut out, &Context::new(book), 2);
            out
        };
        assert!(written(&book).contains("时限内没有"));
        book.edition = Edition::Public { small: 10 };
        assert_eq!(written(&book), "");
    }

    #[test]
    fn the_people_are_reported_for_a_service_without_a_capacity() {
        let book = book();
        let mut out = String::new();
        row(&mut out, &Context::new(&book), 0, 1);
        assert!(out.contains("40,000 人可达"), "{out}");
    }
}
