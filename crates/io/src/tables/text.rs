//! Rows as lines of a CSV file, and back.

use std::collections::BTreeMap;
use std::fmt::Write;

use csv::StringRecord;
use rayon::prelude::*;

use super::{About, Column, Kind, Spread, Table, Value, Width};
use crate::csv_text::{Cells as Line, decimals, shortest};

/// So many lines are made before they are added: some megabytes of the widest table.
const BATCH: usize = 8192;
/// So many of them in one go.
const PART: usize = 256;

/// A table as text while it is written.
#[derive(Debug)]
pub struct Text<R: Table> {
    /// Each with the number of its cells.
    columns: Vec<(&'static Column<R>, usize)>,
    /// The headers, as they stand in the file.
    pub headers: Vec<String>,
    lines: Line,
}

impl<R: Table> Text<R> {
    /// The header of a table of this width. Columns that `left_out` names are left out.
    #[must_use]
    pub fn new(width: &Width, left_out: &[&str]) -> Self {
        let (mut columns, mut headers) = (Vec::new(), Vec::new());
        for column in R::COLUMNS {
            if !left_out.contains(&column.about.name) {
                let names = column.about.headers(width);
                columns.push((column, names.len()));
                headers.extend(names);
            }
        }
        let header: Vec<&str> = headers.iter().map(String::as_str).collect();
        Self {
            lines: Line::excel(&header),
            columns,
            headers,
        }
    }

    /// The cells of a row, in the order of the headers.
    #[must_use]
    pub fn cells(&self, row: &R) -> Vec<String> {
        let mut cells = Vec::with_capacity(self.headers.len());
        for &(column, count) in &self.columns {
            let kind = column.about.kind;
            cells.extend((0..count).map(|position| written(kind, &(column.get)(row, position))));
        }
        cells
    }

    /// What each header's column is.
    pub fn abouts(&self) -> impl Iterator<Item = About> {
        let columns = self.columns.iter();
        columns.flat_map(|&(column, count)| std::iter::repeat_n(column.about, count))
    }

    /// Adds a line for each of `items`, of the cells that are made of it.
    ///
    /// Lines are made on all threads, a batch at a time, so that what is made and not yet added does not grow with the table. Parts
    /// of a batch are added in the order of their items.
    pub fn extend<T: Sync>(
        &mut self,
        items: &[T],
        cells: impl Fn(&Self, &T) -> Vec<String> + Sync,
    ) {
        for batch in items.chunks(BATCH) {
            let text = &*self;
            let part = |items: &[T]| {
                let mut lines = text.lines.more();
                for item in items {
                    lines.texts(&cells(text, item));
                }
                lines
            };
            let parts: Vec<Line> = batch.par_chunks(PART).map(part).collect();
            parts.iter().for_each(|part| self.lines.append(part));
        }
    }

    /// The whole table.
    #[must_use]
    pub fn finish(self) -> String {
        self.lines.text()
    }

    /// A whole table of rows. Columns that stand only where a row has a value are left out where none has.
    #[must_use]
    pub fn of(rows: &[R], width: &Width) -> Self {
        let left_out: Vec<&str> = R::COLUMNS
            .iter()
            .filter(|column| {
                column.about.spread == Spread::IfAny
                    && rows
                        .iter()
                        .all(|row| (column.get)(row, 0) == Value::Nothing)
            })
            .map(|column| column.about.name)
            .collect();
        let mut text = Self::new(width, &left_out);
        text.extend(rows, Self::cells);
        text
    }
}

/// A value as a cell of a file: empty for nothing, numbers with the decimals of their kind, never `-0`.
#[must_use]
pub fn written(kind: Kind, value: &Value<'_>) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Truth(holds) => if *holds { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match kind.decimals() {
            None => shortest(*number),
            Some(0) => {
                let mut text = String::new();
                write!(text, "{}", *number as i64).expect("text takes what is written");
                text
            }
            Some(places) => decimals(Some(*number), places),
        },
    }
}

/// A value in JSON: null for nothing, and whole numbers without a point where the kind has none or persons are whole.
#[must_use]
pub fn json(kind: Kind, value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Text(text) => serde_json::Value::from(&**text),
        Value::Truth(holds) => serde_json::Value::from(*holds),
        Value::Number(number) if kind.is_whole() => serde_json::Value::from(*number as i64),
        Value::Number(number) if kind == Kind::Exact && number.fract() == 0.0 => {
            serde_json::Value::from(*number as i64)
        }
        Value::Number(number) => serde_json::Value::from(*number),
    }
}

/// What a cell of a file says; `None` where it is no value of this kind.
fn value(kind: Kind, cell: &str) -> Option<Value<'_>> {
    Some(match kind {
        _ if cell.is_empty() => Value::Nothing,
        Kind::Truth => Value::Truth(match cell {
            "yes" => true,
            "no" => false,
            _ => return None,
        }),
        _ if kind.is_text() => Value::Text(cell.into()),
        _ => Value::Number(
            cell.parse()
                .ok()
                .filter(|number: &f64| number.is_finite())?,
        ),
    })
}

/// Reads rows back from the lines of a file.
#[derive(Debug)]
pub struct Reader<R: Table> {
    /// The column and cell of each field of a line; `None` for one that is not declared.
    fields: Vec<Option<(&'static Column<R>, usize)>>,
}

impl<R: Table> Reader<R> {
    /// For a file with this header. Columns that the table does not declare are passed over.
    ///
    /// # Errors
    /// With the name of a column that is missing.
    pub fn new(header: &StringRecord, width: &Width) -> Result<Self, String> {
        let mut declared = BTreeMap::new();
        for column in R::COLUMNS {
            let headers = column.about.headers(width);
            let missing = headers
                .iter()
                .find(|name| !header.iter().any(|field| field == name.as_str()));
            if let Some(missing) = missing.filter(|_| column.about.spread != Spread::IfAny) {
                return Err(format!("no column `{missing}`"));
            }
            declared.extend(headers.into_iter().zip((0..).map(|cell| (column, cell))));
        }
        let fields = header.iter().map(|name| declared.remove(name)).collect();
        Ok(Self { fields })
    }

    /// The row of a line.
    ///
    /// # Errors
    /// With the column and the value that it cannot hold.
    pub fn row(&self, line: &StringRecord) -> Result<R, String> {
        let mut row = R::default();
        for (field, cell) in self.fields.iter().zip(line) {
            let Some((column, position)) = field else {
                continue;
            };
            let fits = value(column.about.kind, cell)
                .is_some_and(|value| (column.set)(&mut row, *position, value));
            if !fits {
                return Err(format!("`{cell}` in column `{}`", column.about.name));
            }
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::units::Unit;

    fn unit() -> Unit {
        Unit {
            unit: "510104020-1".to_owned(),
            township: "510104020".to_owned(),
            township_name: "=1+1".to_owned(),
            residents: 60_000,
            communities: 3,
            contiguous: true,
            residents_later: vec![61_000, 62_500],
            ..Unit::default()
        }
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        let width = Width {
            years: vec![2026, 2027, 2029],
            ..Width::default()
        };
        let text = Text::of(&[unit()], &width);
        assert_eq!(text.headers.last().unwrap(), "residents_2029");
        assert!(!text.headers.contains(&"since_last".to_owned()));
        let header = StringRecord::from(text.headers.clone());
        let line = StringRecord::from(text.cells(&unit()));
        let reader = Reader::new(&header, &width).unwrap();
        assert_eq!(reader.row(&line), Ok(unit()));
    }

    #[test]
    fn a_missing_column_and_a_wrong_value_are_named() {
        let width = Width::default();
        let header = StringRecord::from(vec!["unit"]);
        let missing = Reader::<Unit>::new(&header, &width).unwrap_err();
        assert_eq!(missing, "no column `township`");
        let text = Text::of(&[unit()], &width);
        let header = StringRecord::from(text.headers.clone());
        let mut cells = text.cells(&unit());
        let residents = text.headers.iter().position(|name| name == "residents");
        cells[residents.unwrap()] = "many".to_owned();
        let wrong = Reader::<Unit>::new(&header, &width)
            .unwrap()
            .row(&StringRecord::from(cells));
        assert_eq!(wrong.unwrap_err(), "`many` in column `residents`");
    }
}
