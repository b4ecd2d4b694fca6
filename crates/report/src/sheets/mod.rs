//! Unit sheets (图则): one page a unit, and all of them as one print-ready set.
//!
//! Each is one file that stands for itself: no script, nothing from elsewhere, and a policy that lets nothing else in.

mod facilities;
mod missing;
mod page;
mod services;

use std::fmt::Write;

use fuwutu_core::watch::{Progress, Stopped, Watch};
use fuwutu_io::write::file_name;
use rayon::prelude::*;

use crate::book::{Book, Unit};
use crate::drawing::{self, CityMaps, Subject};
use crate::html::sha256;
use crate::text::{self, isolated};
use crate::xml::escape;
use crate::{foot, sheets::page::Context};

const STYLE: &str = include_str!("sheet.css");

/// The file name of a unit's sheet: of ASCII letters, digits, `-` and `_`, different for different ids, never a way out of a folder.
#[must_use]
pub fn sheet_name(unit: &Unit) -> String {
    format!("{}.html", file_name("u", &unit.row.unit))
}

/// One unit's sheet as a page of HTML, for the screen and for A4 upright: residents and place, map, what is missing, all services
/// with their standards, the facilities that serve it, notes, footer.
///
/// Up to about twelve services fit on one page; more go on overleaf. What is not known is a dash. A public edition does
/// not say which facilities serve the unit. Equal books give equal bytes.
/// O(the book), for what the unit has in common with others is found anew: use [`every_sheet`] for many of them.
///
/// # Panics
/// Where `unit` is no position of a unit.
#[must_use]
pub fn sheet(book: &Book, unit: usize) -> String {
    single(&Context::new(book), unit)
}

/// As [`sheet`] for each unit, in the order of units; in parallel.
///
/// # Errors
/// Where `watch` says stop: it is asked before each.
pub fn every_sheet(book: &Book, watch: Watch) -> Result<Vec<String>, Stopped> {
    let context = Context::new(book);
    (0..book.units.len())
        .into_par_iter()
        .map(|unit| {
            watch(Progress::Working)?;
            Ok(single(&context, unit))
        })
        .collect()
}

fn single(context: &Context, unit: usize) -> String {
    let body = format!("{}{}", hidden_definitions(), context.article(unit));
    document(
        &format!(
            "{} · {}",
            context.book.units[unit].name, context.book.manifest.round
        ),
        &body,
    )
}

/// Each unit's sheet in one page of HTML for printing, in the order of units, behind a cover with a map of need and an index.
///
/// Some 50 kB a unit with ten services. Units are written in parallel; equal books give equal bytes on any number of threads.
#[must_use]
pub fn all_sheets(book: &Book) -> String {
    let context = Context::new(book);
    let articles: Vec<String> = (0..book.units.len())
        .into_par_iter()
        .map(|unit| context.article(unit))
        .collect();
    let mut body = hidden_definitions();
    body.push_str(&cover(book, &context));
    articles.iter().for_each(|article| body.push_str(article));
    document(
        &format!("单元图则 Unit sheets · {}", book.manifest.round),
        &body,
    )
}

/// What all maps of units on a page refer to.
fn hidden_definitions() -> String {
    format!(
        "<svg class=\"hidden\" width=\"0\" height=\"0\" aria-hidden=\"true\">{}</svg>\n",
        drawing::definitions()
    )
}

fn document(title: &str, body: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        sha256(STYLE)
    );
    format!(
        "<!doctype html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(title)
    )
}

fn cover(book: &Book, context: &Context) -> String {
    let years = &book.manifest.years;
    let mut out = String::from(
        "<section class=\"sheet cover\">\n<header><h1>单元图则 <small>Unit sheets</small></h1>\n",
    );
    let _ = writeln!(
        out,
        "<p class=\"badges\"><strong>{}</strong>{}</p></header>",
        escape(&foot::standing(book).join(" ")),
        if foot::synthetic(book) {
            " <strong>模拟数据 synthetic data</strong>"
        } else {
            ""
        }
    );
    let residents: u64 = book.units.iter().map(|unit| unit.row.residents).sum();
    let _ = writeln!(
        out,
        "<p>{} · {} 个单元 units · {} 个镇（街道） townships · 常住人口 residents {} ({})</p>",
        isolated(&book.manifest.round),
        text::whole(book.units.len() as u64),
        text::whole(book.townships.len() as u64),
        text::whole(residents),
        years[0]
    );
    let _ = writeln!(
        out,
        "<figure>{}</figure>",
        CityMaps::new(book).svg(Subject::Need)
    );
    out.push_str("<table class=\"index\"><caption>目录 Index</caption><thead><tr>");
    let last = years[years.len() - 1];
    for [zh, en] in [
        ["图号", "sheet"].map(str::to_owned),
        ["单元", "unit"].map(str::to_owned),
        ["编号", "id"].map(str::to_owned),
        [format!("人口 {}", years[0]), "residents".to_owned()],
        [format!("人口 {last}"), "residents".to_owned()],
        ["位次", "place"].map(str::to_owned),
        ["按未覆盖", "by unserved"].map(str::to_owned),
        ["配置优先度", "priority score"].map(str::to_owned),
        ["最主要原因", "largest cause"].map(str::to_owned),
    ] {
        let _ = write!(out, "<th scope=\"col\">{zh}<small>{en}</small></th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    (0..book.units.len()).for_each(|unit| out.push_str(&context.index_row(unit)));
    let _ = writeln!(out, "</tbody></table>\n{}</section>", page::feet(book));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Edition;
    use crate::testing::{NASTY, book};
    use fuwutu_core::watch::unwatched;

    /// Tags that are open at the end, and whether each end had its beginning.
    fn balanced(html: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for tag in html.split('<').skip(1) {
            let name = tag.split(['>', ' ', '/']).next().unwrap_or_default();
            if let Some(ended) = tag.strip_prefix('/') {
                if open.pop() != ended.split('>').next() {
                    return false;
                }
            } else if !name.is_empty()
                && !["!doctype", "meta", "br"].contains(&name)
                && !tag.contains("/>")
            {
                open.push(name);
            }
        }
        open.is_empty()
    }

    #[test]
    fn a_sheet_is_one_page_without_script_or_anything_from_elsewhere() {
        let html = sheet(&book(), 0);
        assert!(balanced(&html), "{html}");
        for forbidden in [
            "<script", " style=", "src=", "url(http", "@import", "<link", "<img", " onload=",
        ] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert!(html.contains(&format!("style-src 'sha256-{}'", sha256(STYLE))));
    }

    #[test]
    fn all_sheets_have_a_cover_and_each_unit_once_in_order() {
        let book = book();
        let html = all_sheets(&book);
        assert!(balanced(&html));
        assert_eq!(html.matches("<article").count(), 3);
        let positions: Vec<Option<usize>> = book
            .units
            .iter()
            .map(|unit| html.find(&format!("id=\"s-{}\"", unit.row.unit)))
            .collect();
        assert!(
            positions.is_sorted() && positions.iter().all(Option::is_some),
            "{positions:?}"
        );
        assert_eq!(
            html.matches("<clipPath").count(),
            1,
            "all maps share their definitions"
        );
        assert_eq!(html, all_sheets(&book));
        let sheets = every_sheet(&book, &unwatched).unwrap();
        assert_eq!(sheets[1], sheet(&book, 1));
    }

    #[test]
    fn nasty_names_are_inert_everywhere() {
        for name in NASTY {
            let mut book = book();
            book.units
                .iter_mut()
                .for_each(|unit| unit.name = name.to_owned());
            book.units[0].row.unit = name.to_owned();
            book.units[0].row.note = name.to_owned();
            book.townships
                .iter_mut()
                .for_each(|township| township.township_name = name.to_owned());
            book.communities
                .iter_mut()
                .for_each(|community| community.name = name.to_owned());
            book.offers
                .iter_mut()
                .for_each(|offer| offer.row.facility_name = name.to_owned());
            book.services
                .iter_mut()
                .for_each(|service| service.name.zh = name.to_owned());
            book.findings[0].id = book.units[0].row.township.clone();
            book.findings[0].value = name.to_owned();
            book.manifest.round = name.to_owned();
            let html = all_sheets(&book);
            assert!(balanced(&html), "{html}");
            assert!(!html.contains("<script") && !html.contains(['\u{7}', '\u{1b}']));
            let file = sheet_name(&book.units[0]);
            assert!(
                file.ends_with(".html") && !file.contains(['/', '<', '"', '\u{202e}']),
                "{file}"
            );
        }
    }

    #[test]
    fn what_a_public_edition_leaves_out_is_a_dash() {
        let mut book = book();
        book.edition = Edition::Public { small: 10 };
        book.communities.clear();
        book.served.clear();
        for standing in book.standings.iter_mut() {
            *standing = fuwutu_io::tables::standing::Standing::default();
        }
        book.places
            .iter_mut()
            .for_each(|place| place.row.unserved_residents = None);
        let html = sheet(&book, 0);
        assert!(html.contains("<td class=\"n\">–</td>"));
        assert!(
            !html.contains(">0.0 %")
                && !html.contains("没有发现缺项")
                && html.contains("没有可以评价的数据"),
            "{html}"
        );
    }
}
