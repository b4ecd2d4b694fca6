//! The page's types of rows, made from the same declarations as every other format: `page/src/tables.ts`.

use std::fmt::Write;

use fuwutu_core::city::Status;
use fuwutu_core::supply::presence::Attained;
use fuwutu_core::units::{Note, State};
use fuwutu_io::finding::Level;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::{
    self, About, Kind, Spread, Table, Topic, Value, completeness, counties, equity, findings,
    ranking, totals, townships, units,
};
use fuwutu_io::words::{Coded, OWNERSHIP, STANDARD, Word};

/// The text of `page/src/tables.ts`.
#[must_use]
pub fn types() -> String {
    let mut text = String::from(
        "// Made from the declarations in crates/io/src/tables by `UPDATE_SNAPSHOTS=1 cargo test -p fuwutu-report types`; not to be\n\
         // edited.\n\n\
         /** Chinese and English. */\nexport type Pair = readonly [string, string]\n\n",
    );
    let words: [(&str, &[Word]); 7] = [
        ("ATTAINED", Attained::WORDS),
        ("STATUSES", Status::WORDS),
        ("OWNERSHIP", OWNERSHIP),
        ("NOTES", Note::WORDS),
        ("SINCE", State::WORDS),
        ("LEVELS", Level::WORDS),
        ("STANDARDS", STANDARD),
    ];
    for (name, words) in words {
        put_words(&mut text, name, words);
    }
    put_row::<units::Unit>(&mut text, "UnitRow");
    put_row::<townships::Township>(&mut text, "TownshipRow");
    put_row::<ranking::Place>(&mut text, "PlaceRow");
    put_row::<counties::County>(&mut text, "CountyRow");
    put_row::<equity::Equity>(&mut text, "EquityRow");
    put_row::<findings::FindingRow>(&mut text, "FindingRow");
    put_row::<totals::Total>(&mut text, "TotalRow");
    put_row::<completeness::Completeness>(&mut text, "CompletenessRow");
    let standing = Standing::abouts();
    let compare = tables::compare::Compare::abouts();
    let numbers = standing
        .iter()
        .filter(|about| about.topic != Topic::Which && !about.kind.is_text())
        .chain(
            compare
                .iter()
                .filter(|about| super::payload::straight(about)),
        );
    put_union(&mut text, "Field", numbers);
    let offers = tables::facilities::Facility::abouts();
    let numbers = offers
        .iter()
        .filter(|about| super::payload::offered(about) && packed(about.kind));
    put_union(&mut text, "OfferColumn", numbers);
    text
}

/// Whether the page has a column of numbers of it.
fn packed(kind: Kind) -> bool {
    matches!(kind, Kind::Code(_)) || !kind.is_text()
}

/// Codes in their order, and what each is called.
fn put_words(text: &mut String, name: &str, words: &[Word]) {
    let codes: Vec<String> = words
        .iter()
        .map(|word| format!("'{}'", word.code))
        .collect();
    let _ = writeln!(
        text,
        "export const {name} = [{}] as const",
        codes.join(", ")
    );
    let _ = writeln!(text, "export const {name}_WORDS: Record<string, Pair> = {{");
    for Word {
        code,
        name: [zh, en],
    } in words
    {
        let _ = writeln!(text, "  {code}: ['{zh}', '{en}'],");
    }
    text.push_str("}\n\n");
}

/// A row as the header has it.
fn put_row<R: Table>(text: &mut String, name: &str) {
    let _ = writeln!(
        text,
        "/** A line of {}: {}. */\nexport interface {name} {{",
        R::FILE,
        R::ABOUT[1]
    );
    for column in R::COLUMNS {
        let About {
            name,
            meaning,
            kind,
            spread,
            ..
        } = column.about;
        let maybe = (column.set)(&mut R::default(), 0, Value::Nothing);
        let of_cell = match kind {
            // Text is empty where there is none.
            kind if kind.is_text() => "string".to_owned(),
            kind => {
                let of_value = if kind == Kind::Truth {
                    "boolean"
                } else {
                    "number"
                };
                format!("{of_value}{}", if maybe { " | null" } else { "" })
            }
        };
        let of_field = match spread {
            Spread::One | Spread::IfAny => of_cell,
            _ => format!("({of_cell})[]"),
        };
        let _ = writeln!(text, "  /** {}. */\n  '{name}': {of_field}", meaning[1]);
    }
    text.push_str("}\n\n");
}

/// Names of columns.
fn put_union<'a>(text: &mut String, name: &str, abouts: impl Iterator<Item = &'a About>) {
    let _ = writeln!(text, "export type {name} =");
    for about in abouts {
        let _ = writeln!(text, "  /** {}. */\n  | '{}'", about.meaning[1], about.name);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::types;

    #[test]
    fn the_pages_types_are_those_of_the_tables() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/page/src/tables.ts");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(path, types()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == types(),
            "{path} is not what the tables say: UPDATE_SNAPSHOTS=1 writes it anew"
        );
    }
}
