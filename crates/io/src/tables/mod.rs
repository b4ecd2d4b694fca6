//! The tables of a round and of a comparison, one file a table: its row, its columns, and how rows come from what was computed.
//!
//! A column is declared once, in the row of its table: name, type, what it holds, which readers may see it, a heading and a meaning in
//! Chinese and English. CSV files, the layers and tables of the GeoPackage, the workbook, the page, the dictionary, `docs/outputs.md`
//! and the public edition are made from the declarations. To add a figure: a field in the core, and an entry in one file here.

mod column;

pub mod units;

pub mod townships;

pub mod communities;

pub mod standing;

pub mod completeness;

pub mod compare;

pub mod streets;

pub mod totals;

pub mod counties;

pub mod equity;

pub mod ties;

pub mod facilities;

pub mod served;

pub mod demand;

pub mod origins;

pub mod ranking;

pub mod causes;

pub mod projection;

pub mod ages;

pub mod backtest;

pub mod topsis;

pub mod coupling;

pub mod standards;

pub mod findings;

pub mod inputs;

pub mod matches;

pub mod duplicates;

pub mod dictionary;

pub mod change;

mod reference;

mod text;

pub use column::{About, Cells, Column, Field, Kind, Seen, Spread, Topic, Value, Width};
pub use reference::reference;
pub use text::{Reader, Text, json, written};

/// A row of a table.
pub trait Table: Default + Clone + Sync + 'static {
    /// The name of its file.
    const FILE: &'static str;
    /// What the table is, Chinese and English.
    const ABOUT: [&'static str; 2];
    /// Its columns, in the order of the file.
    const COLUMNS: &'static [Column<Self>];

    /// What is known of its columns without rows.
    #[must_use]
    fn abouts() -> Vec<About> {
        Self::COLUMNS.iter().map(|column| column.about).collect()
    }
}

/// Declares the row of a table and its columns. A line is
/// `field: type = kind, seen (, topic), [heading zh, en], [meaning zh, en];`, and for a field that is a list of cells
/// `field[spread, "header with {year} or {service}"]: …`. The meaning is the field's documentation, too.
macro_rules! table {
    (
        $name:ident in $file:literal, [$about_zh:literal, $about_en:literal] {
            $(
                $field:ident $([$spread:expr, $pattern:literal])? $(($present:expr))?: $type:ty = $kind:expr, $seen:ident
                $(, $topic:ident)?, [$label_zh:literal, $label_en:literal], [$zh:literal, $en:literal];
            )*
        }
    ) => {
        #[doc = $about_en]
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(
                #[doc = $en]
                pub $field: $type,
            )*
        }

        impl crate::tables::Table for $name {
            const FILE: &'static str = $file;
            const ABOUT: [&'static str; 2] = [$about_zh, $about_en];
            const COLUMNS: &'static [crate::tables::Column<Self>] = &[$(
                crate::tables::Column {
                    about: crate::tables::About {
                        name: crate::tables::first(&[$($pattern,)? stringify!($field)]),
                        label: [$label_zh, $label_en],
                        meaning: [$zh, $en],
                        kind: $kind,
                        seen: crate::tables::Seen::$seen,
                        topic: crate::tables::Topic::first(&[$(crate::tables::Topic::$topic)?]),
                        spread: crate::tables::Spread::first(&[$($spread)? $($present)?]),
                    },
                    cells: |row| crate::tables::Cells::count(&row.$field),
                    get: |row, position| crate::tables::Cells::cell(&row.$field, position),
                    set: |row, position, value| crate::tables::Cells::put(&mut row.$field, position, value),
                },
            )*];
        }
    };
}

pub(crate) use table;

/// The first of some names.
pub(crate) const fn first(names: &[&'static str]) -> &'static str {
    names[0]
}

/// A table without its rows.
#[derive(Debug, Clone)]
pub struct TableAbout {
    /// The name of its file.
    pub file: &'static str,
    /// What it is, Chinese and English.
    pub about: [&'static str; 2],
    /// Its columns.
    pub columns: Vec<About>,
}

impl TableAbout {
    /// Of a row.
    #[must_use]
    pub fn of<R: Table>() -> Self {
        Self {
            file: R::FILE,
            about: R::ABOUT,
            columns: R::abouts(),
        }
    }
}

/// All tables of a round, in the order of its folder; then those of a comparison.
#[must_use]
pub fn all() -> Vec<TableAbout> {
    vec![
        TableAbout::of::<units::Unit>(),
        TableAbout::of::<townships::Township>(),
        TableAbout::of::<communities::Community>(),
        TableAbout::of::<standing::Standing>(),
        TableAbout::of::<completeness::Completeness>(),
        TableAbout::of::<compare::Compare>(),
        TableAbout::of::<streets::OnStreets>(),
        TableAbout::of::<totals::Total>(),
        TableAbout::of::<counties::County>(),
        TableAbout::of::<equity::Equity>(),
        TableAbout::of::<ties::Tie>(),
        TableAbout::of::<facilities::Facility>(),
        TableAbout::of::<served::Served>(),
        TableAbout::of::<demand::Demand>(),
        TableAbout::of::<origins::Origin>(),
        TableAbout::of::<ranking::Place>(),
        TableAbout::of::<causes::Cause>(),
        TableAbout::of::<projection::Projected>(),
        TableAbout::of::<ages::Ages>(),
        TableAbout::of::<backtest::Tried>(),
        TableAbout::of::<topsis::Topsis>(),
        TableAbout::of::<coupling::Coupling>(),
        TableAbout::of::<standards::Standard>(),
        TableAbout::of::<findings::FindingRow>(),
        TableAbout::of::<inputs::Input>(),
        TableAbout::of::<matches::Matched>(),
        TableAbout::of::<duplicates::Duplicate>(),
        TableAbout::of::<dictionary::Entry>(),
        TableAbout::of::<change::Change>(),
        TableAbout::of::<change::FacilityChanged>(),
        TableAbout::of::<change::ChangeAtHorizon>(),
        TableAbout::of::<change::FacilityAtHorizon>(),
        TableAbout::of::<change::PlaceChanged>(),
        TableAbout::of::<change::CodeChanged>(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_column_is_explained_in_both_languages_and_stands_once() {
        for table in all() {
            let mut names = BTreeSet::new();
            for column in &table.columns {
                let place = format!("{} {}", table.file, column.name);
                assert!(names.insert(column.name), "{place} stands twice");
                for text in [column.label, column.meaning].concat() {
                    assert!(!text.is_empty(), "{place}");
                }
                assert!(
                    column.meaning[1].is_ascii() || !column.meaning[1].contains('，'),
                    "{place}"
                );
            }
        }
    }

    /// A column without a defined rounding would be published as it is.
    #[test]
    fn what_is_rounded_is_a_number() {
        for table in all() {
            for column in &table.columns {
                let number = !column.kind.is_text() && column.kind != Kind::Truth;
                assert!(
                    number || !matches!(column.seen, Seen::Rounded | Seen::Made),
                    "{} {}",
                    table.file,
                    column.name
                );
            }
        }
    }
}
