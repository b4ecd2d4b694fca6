//! Tables: delimited text with a header, read row by row, with the line of each.

use std::collections::BTreeMap;
use std::io::Read;

use fuwutu_core::watch::{Watch, step};
use rayon::prelude::*;

use crate::finding::{Finding, Findings, Kind};
use crate::read::ReadError;
use crate::text::{self, Pieces};

/// A column that is looked for: its name in code and plan, and the headers it may have.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub name: &'static str,
    pub headers: &'static [&'static str],
    pub required: bool,
    /// Another column: the table has one of them, and not both.
    pub instead_of: Option<&'static str>,
}

impl Column {
    pub(crate) const fn required(name: &'static str, headers: &'static [&'static str]) -> Self {
        Self {
            name,
            headers,
            required: true,
            instead_of: None,
        }
    }

    pub(crate) const fn optional(name: &'static str, headers: &'static [&'static str]) -> Self {
        Self {
            name,
            headers,
            required: false,
            instead_of: None,
        }
    }

    pub(crate) const fn instead_of(
        other: &'static str,
        name: &'static str,
        headers: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            headers,
            required: false,
            instead_of: Some(other),
        }
    }
}

/// A table with its columns found.
pub(crate) struct Table<'a> {
    pub file: &'a str,
    text: &'a str,
    delimiter: u8,
    columns: &'a [Column],
    positions: Vec<Option<usize>>,
}

impl<'a> Table<'a> {
    /// Finds the delimiter (comma, tab or semicolon: the one the header has most of) and the columns. `renamed` maps names
    /// to the headers that the plan gives them.
    pub(crate) fn open(
        file: &'a str,
        text: &'a str,
        columns: &'a [Column],
        renamed: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Result<Self, Finding> {
        let delimiter = delimiter(text);
        if delimiter != b',' {
            findings
                .push(Finding::new(Kind::Delimiter, file).value((delimiter as char).to_string()));
        }
        if let Some(line) = stray_quote(text, delimiter) {
            return Err(Finding::new(Kind::CsvBroken, file).row(line).value("\""));
        }
        let unknown = renamed
            .keys()
            .find(|name| columns.iter().all(|column| column.name != *name));
        if let Some(name) = unknown {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            return Err(Finding::new(Kind::ColumnUnknown, file)
                .column(name)
                .value(names.join(" ")));
        }
        let mut table = Self {
            file,
            text,
            delimiter,
            columns,
            positions: Vec::new(),
        };
        let header = table
            .reader()
            .headers()
            .map_err(|error| table.broken(&error))?
            .clone();
        let headers: Vec<&str> = header.iter().map(str::trim).collect();
        for column in columns {
            let renamed_header = renamed.get(column.name).map(String::as_str);
            let hits: Vec<usize> = headers
                .iter()
                .zip(0..)
                .filter(|(header, _)| match renamed_header {
                    Some(chosen) => **header == chosen,
                    None => **header == column.name || column.headers.contains(header),
                })
                .map(|(_, position)| position)
                .collect();
            match hits[..] {
                [] if column.required || renamed_header.is_some() => {
                    let name = renamed_header.unwrap_or(column.name);
                    return Err(Finding::new(Kind::ColumnMissing, file)
                        .row(1)
                        .column(name)
                        .value(headers.join(" ")));
                }
                [] | [_] => table.positions.push(hits.first().copied()),
                _ => {
                    return Err(Finding::new(Kind::ColumnTwice, file)
                        .row(1)
                        .column(column.name));
                }
            }
        }
        for (column, other) in columns
            .iter()
            .filter_map(|column| Some((column.name, column.instead_of?)))
        {
            if table.has(column) == table.has(other) {
                let names = format!("{other} / {column}");
                return Err(Finding::new(Kind::ColumnEither, file)
                    .row(1)
                    .column(names)
                    .value(headers.join(" ")));
            }
        }
        Ok(table)
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .from_reader(self.text.as_bytes())
    }

    fn broken(&self, error: &csv::Error) -> Finding {
        let line = error.position().map_or(1, |position| self.line(position));
        let value = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => format!("{len} ≠ {expected_len}"),
            _ => String::new(),
        };
        Finding::new(Kind::CsvBroken, self.file)
            .row(line)
            .value(value)
    }

    /// The line in which a record begins: its position may lie before the end of the line above, and before empty lines.
    fn line(&self, position: &csv::Position) -> u64 {
        let rest = self
            .text
            .as_bytes()
            .get(position.byte() as usize..)
            .unwrap_or(&[]);
        let between = rest
            .iter()
            .take_while(|&&byte| byte == b'\r' || byte == b'\n');
        position.line() + between.filter(|&&byte| byte == b'\n').count() as u64
    }

    /// Calls `on_row` with every row; ends at a row that cannot be read, which is an error, and where `watch` says stop.
    pub(crate) fn rows(
        &self,
        watch: Watch,
        mut on_row: impl FnMut(Row<'_, '_>),
    ) -> Result<u64, ReadError> {
        let mut reader = self.reader();
        let mut record = csv::StringRecord::new();
        let mut count = 0;
        while reader
            .read_record(&mut record)
            .map_err(|error| self.broken(&error))?
        {
            step(watch, count as usize)?;
            let line = record.position().map_or(0, |position| self.line(position));
            on_row(Row {
                table: self,
                record: &record,
                line,
            });
            count += 1;
        }
        Ok(count)
    }

    /// As [`Table::rows`], for a further piece of the same file: rows without a header, from line `first` on.
    pub(crate) fn more_rows(
        &self,
        text: &str,
        first: u64,
        watch: Watch,
        mut on_row: impl FnMut(Row<'_, '_>),
    ) -> Result<(), ReadError> {
        // The header again, so that every row must have as many columns as it has.
        let columns = self
            .reader()
            .headers()
            .map_err(|error| self.broken(&error))?
            .len();
        let header = vec![&*(self.delimiter as char).to_string(); columns - 1].concat() + "\n";
        let text = header + text;
        let Self {
            file,
            delimiter,
            columns,
            ..
        } = *self;
        let piece = Table {
            file,
            text: &text,
            delimiter,
            columns,
            positions: self.positions.clone(),
        };
        let below = |finding: Finding| finding.below(first - 2);
        if let Some(line) = stray_quote(&text, delimiter) {
            return Err(below(
                Finding::new(Kind::CsvBroken, self.file)
                    .row(line)
                    .value("\""),
            )
            .into());
        }
        piece
            .rows(watch, |row| {
                on_row(Row {
                    line: row.line + first - 2,
                    ..row
                });
            })
            .map(drop)
            .map_err(|error| error.map(below))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns
            .iter()
            .zip(&self.positions)
            .any(|(column, position)| column.name == name && position.is_some())
    }
}

/// Reads a table piece by piece, several at once: `read` adds every row of a piece to what is made of the piece, `keep` takes what
/// was made of each, in order. `watch` may say stop. `columns` are those looked for, and the headers given to them as in [`Table::open`].
pub(crate) fn for_each_piece<P: Default + Send>(
    file: &str,
    reader: Box<dyn Read + '_>,
    (columns, renamed): (&[Column], &BTreeMap<String, String>),
    findings: &mut Findings,
    watch: Watch,
    read: impl Fn(&Row, &mut P, &mut Findings) -> Result<(), Finding> + Sync,
    mut keep: impl FnMut(P),
) -> Result<(), ReadError> {
    let unreadable =
        |error: std::io::Error| Finding::new(Kind::FileUnreadable, file).value(error.to_string());
    let mut pieces = Pieces::new(reader);
    let Some(first) = pieces.next().transpose().map_err(unreadable)? else {
        return Err(Finding::new(Kind::FileEmpty, file).into());
    };
    let first = text::decode(file, first.bytes, findings)?;
    let table = Table::open(file, &first, columns, renamed, findings)?;
    let part = |(made, findings): &mut (P, Findings), row: Row| {
        if let Err(finding) = read(&row, made, findings) {
            findings.push(finding);
        }
    };
    let mut result = (P::default(), Findings::default());
    table.rows(watch, |row| part(&mut result, row))?;
    findings.append(result.1);
    keep(result.0);
    loop {
        let mut some = Vec::new();
        for piece in pieces.by_ref().take(rayon::current_num_threads()) {
            some.push(piece.map_err(unreadable)?);
        }
        if some.is_empty() {
            return Ok(());
        }
        let parsed: Vec<_> = some
            .into_par_iter()
            .map(|piece| -> Result<(P, Findings), ReadError> {
                let mut result = (P::default(), Findings::default());
                let text = text::decode(file, piece.bytes, &mut result.1)
                    .map_err(|finding| finding.below(piece.line - 1))?;
                table.more_rows(&text, piece.line, watch, |row| part(&mut result, row))?;
                Ok(result)
            })
            .collect();
        for piece in parsed {
            let (made, found) = piece?;
            findings.append(found);
            keep(made);
        }
    }
}

/// Ids and what stands beside them, in the order of ids, which must be unique: from id, line and the rest of each row.
pub(crate) fn in_order<K: Ord + Send + ToString, V: Copy + Send>(
    mut rows: Vec<(K, u32, V)>,
    file: &str,
    findings: &mut Findings,
) -> (Vec<K>, Vec<V>) {
    rows.par_sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    for pair in rows.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let lines = format!("{file} {}, {}", pair[0].1, pair[1].1);
        let finding = Finding::new(Kind::IdTwice, file).row(u64::from(pair[1].1));
        findings.push(finding.id(pair[0].0.to_string()).value(lines));
    }
    let rest = rows.iter().map(|row| row.2).collect();
    (rows.into_iter().map(|row| row.0).collect(), rest)
}

/// The delimiter that the header line has most of; a comma where it has none.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let most = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|&delimiter| header.bytes().filter(|&byte| byte == delimiter).count());
    most.unwrap_or(b',')
}

/// The line of a quoted cell that does not end, or goes on after its end. The csv crate reads on, and rows could become part
/// of a cell in silence.
fn stray_quote(text: &str, delimiter: u8) -> Option<u64> {
    if !text.contains('"') {
        return None;
    }
    let ends = |byte: &u8| [delimiter, b'\r', b'\n'].contains(byte);
    let (mut rest, mut line, mut cell_begins) = (text.as_bytes(), 1, true);
    while let Some(first) = rest.first() {
        let length = if cell_begins && *first == b'"' {
            quoted(rest).filter(|&length| rest.get(length).is_none_or(ends))
        } else {
            Some(1)
        };
        let Some(length) = length else {
            return Some(line);
        };
        cell_begins = ends(first);
        line += rest[..length].iter().filter(|&&byte| byte == b'\n').count() as u64;
        rest = &rest[length..];
    }
    None
}

/// The length of a quoted cell, both quotes counted. A quote inside is doubled.
fn quoted(cell: &[u8]) -> Option<usize> {
    let mut end = 1;
    loop {
        end += 1 + cell[end..].iter().position(|&byte| byte == b'"')?;
        if cell.get(end) != Some(&b'"') {
            return Some(end);
        }
        end += 1;
    }
}

/// One row.
pub(crate) struct Row<'t, 'r> {
    table: &'t Table<'t>,
    record: &'r csv::StringRecord,
    pub line: u64,
}

impl<'r> Row<'_, 'r> {
    /// The trimmed cell of a column, by its position in the list with which the table was opened; empty where there is no such column.
    pub(crate) fn cell(&self, column: usize) -> &'r str {
        self.table.positions[column]
            .and_then(|position| self.record.get(position))
            .unwrap_or("")
            .trim()
    }

    /// Whether the table has the column at this position.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.table.positions[column].is_some()
    }

    pub(crate) fn finding(&self, kind: Kind, position: usize) -> Finding {
        let column = &self.table.columns[position];
        Finding::new(kind, self.table.file)
            .row(self.line)
            .column(column.name)
            .value(self.cell(position))
    }

    pub(crate) fn id(&self, column: usize) -> Result<&'r str, Finding> {
        let id = self.cell(column);
        if id.is_empty() {
            Err(self.finding(Kind::IdMissing, column))
        } else {
            Ok(id)
        }
    }

    /// A finite number; empty is an error.
    pub(crate) fn number(&self, column: usize) -> Result<f64, Finding> {
        self.optional_number(column)?
            .ok_or_else(|| self.finding(Kind::NumberMissing, column))
    }

    /// A finite number, or `None` for an empty cell.
    pub(crate) fn optional_number(&self, column: usize) -> Result<Option<f64>, Finding> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(None);
        }
        number(cell)
            .map(Some)
            .ok_or_else(|| self.finding(Kind::NumberBroken, column))
    }

    /// A number ≥ 0 and at most `most`, or `None` for an empty cell.
    pub(crate) fn optional_amount(&self, column: usize, most: f64) -> Result<Option<f64>, Finding> {
        match self.optional_number(column)? {
            Some(number) if number < 0.0 => Err(self.finding(Kind::NumberNegative, column)),
            Some(number) if number > most => Err(self.finding(Kind::NumberHuge, column)),
            number => Ok(number),
        }
    }

    pub(crate) fn amount(&self, column: usize, most: f64) -> Result<f64, Finding> {
        self.optional_amount(column, most)?
            .ok_or_else(|| self.finding(Kind::NumberMissing, column))
    }
}

/// A decimal number in plain digits; no thousands separators, units, infinities or words.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse()
        .ok()
        .filter(|number: &f64| plain && number.is_finite())
}
