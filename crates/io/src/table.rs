//! Tables: delimited text with a header, read row by row, with the line of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fuwutu_core::crosswalk::Date;
use fuwutu_core::watch::{Watch, step};
use rayon::prelude::*;

use crate::book::{self, Wanted};
use crate::finding::{Finding, Findings, Kind};
use crate::form::{self, Form};
use crate::headers;
use crate::number::{self, Written};
use crate::privacy::{self, Persons};
use crate::read::ReadError;
use crate::read::ages::{AgeColumn, Group};
use crate::sums::{self, Aside, Sums};
use crate::text::{self, Piece, Pieces};

/// A column that is looked for: its name in code and plan, and the headers it may have.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub name: &'static str,
    pub headers: &'static [&'static str],
    pub required: bool,
    /// Another column: the table has one of them, and not both.
    pub instead_of: Option<&'static str>,
    /// Other columns, one of which will do where this one, which is required, is not there.
    pub or: &'static [&'static str],
    /// Whether the first counts where several headers are it.
    pub first: bool,
}

impl Column {
    pub(crate) const fn required(name: &'static str, headers: &'static [&'static str]) -> Self {
        Self {
            name,
            headers,
            required: true,
            instead_of: None,
            or: &[],
            first: false,
        }
    }

    pub(crate) const fn optional(name: &'static str, headers: &'static [&'static str]) -> Self {
        Self {
            name,
            headers,
            required: false,
            instead_of: None,
            or: &[],
            first: false,
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
            or: &[],
            first: false,
        }
    }

    /// The same, required only where none of some other columns is there, which will do as well.
    pub(crate) const fn or(self, others: &'static [&'static str]) -> Self {
        Self { or: others, ..self }
    }

    /// A column that helps to understand another one: where several headers are it, the first counts.
    pub(crate) const fn hint(name: &'static str, headers: &'static [&'static str]) -> Self {
        Self {
            first: true,
            ..Self::optional(name, headers)
        }
    }

    /// Whether a header is one of its own, in any capitals, with or without what offices add to it ([`headers::parts`]).
    pub(crate) fn is(&self, header: &str) -> bool {
        let header = headers::parts(header).name;
        let mut names = std::iter::once(&self.name).chain(self.headers);
        names.any(|name| {
            name.eq_ignore_ascii_case(&header)
                || !name.is_ascii() && headers::parts(name).name.eq_ignore_ascii_case(&header)
        })
    }

    /// Where its header stands: written as it is here, or else in other capitals (`ID`, `Lon`) or with more (`名称*`). A general word
    /// yields to one of its own: beside 社区代码, 行政区划代码 is another column.
    fn positions(&self, headers: &[&str]) -> Vec<usize> {
        let exact = positions(headers, |header| {
            self.name == header || self.headers.contains(&header)
        });
        let found = match exact.is_empty() {
            true => positions(headers, |header| self.is(header)),
            false => exact,
        };
        let own = |at: &&usize| !is_general(headers[**at]);
        match found.iter().filter(own).count() {
            0 => found,
            _ => found.iter().filter(own).copied().collect(),
        }
    }
}

/// Headers that other columns than the one looked for may have as well.
const GENERAL: [&str; 12] = [
    "行政区划代码",
    "区划代码",
    "人口",
    "人口数",
    "社区",
    "街道",
    "镇街",
    "类别",
    "设施类别",
    "设施类型",
    "建筑面积",
    "单位名称",
];

/// Whether a header may as well be another column's.
pub(crate) fn is_general(header: &str) -> bool {
    GENERAL.contains(&&*headers::parts(header).name)
}

/// A table with its columns found.
pub(crate) struct Table<'a> {
    pub file: &'a str,
    /// From the header on.
    text: &'a str,
    /// The line of the header.
    first: u64,
    /// Where the text can be cut into pieces of whole rows.
    cuts: Vec<usize>,
    delimiter: u8,
    columns: &'a [Column],
    positions: Vec<Option<usize>>,
    /// Columns of ages, where any are looked for.
    ages: Arc<[AgeColumn]>,
    /// By position in the file: 10,000 where the header says 万, else 1.
    times: Arc<[f64]>,
    /// By position in the file: the unit that the header gives.
    units: Arc<[&'static str]>,
    /// What is only counted.
    counts: Arc<Counts>,
}

/// What is counted on the way by all threads: what does not depend on their order.
struct Counts {
    /// Rows without any content, which were skipped.
    blank: AtomicU64,
    /// The first line with a number in full-width digits; [`NO_LINE`] where there is none.
    wide: AtomicU64,
    /// The first with a number that has something beside it.
    worded: AtomicU64,
    /// The first with a word in place of a number that is not known.
    unknown: AtomicU64,
    /// Rows with content that are no sums or notes.
    rows: AtomicU64,
    /// Rows of sums, which were left out, and the first of them.
    sums: AtomicU64,
    first_sum: AtomicU64,
    /// Rows of examples, which were left out, and the first of them.
    examples: AtomicU64,
    first_example: AtomicU64,
}

const NO_LINE: u64 = u64::MAX;

impl Default for Counts {
    fn default() -> Self {
        Self {
            blank: AtomicU64::new(0),
            wide: AtomicU64::new(NO_LINE),
            worded: AtomicU64::new(NO_LINE),
            unknown: AtomicU64::new(NO_LINE),
            rows: AtomicU64::new(0),
            sums: AtomicU64::new(0),
            first_sum: AtomicU64::new(NO_LINE),
            examples: AtomicU64::new(0),
            first_example: AtomicU64::new(NO_LINE),
        }
    }
}

impl<'a> Table<'a> {
    /// Finds the delimiter (comma, tab or semicolon: the one the header has most of) and the columns. `renamed` maps names
    /// to the headers that the plan gives them. What stands under other headers is passed over, which is among the findings.
    pub(crate) fn open(
        file: &'a str,
        text: &'a str,
        columns: &'a [Column],
        renamed: &BTreeMap<String, String>,
        findings: &mut Findings,
    ) -> Result<Self, Finding> {
        let (start, first) =
            header_start(text, columns, renamed).unwrap_or_else(|| first_line(text));
        // In a table made of a layer the header is no feature.
        let is_layer = findings.is_layer(file);
        let first = first - u64::from(is_layer);
        let titles = text[..start].lines().zip(1..);
        let titles: Vec<(&str, u64)> = titles.filter(|(line, _)| !clean(line).is_empty()).collect();
        let in_ten_thousands = |line: &str| {
            let unit = line.split_once("单位").map_or("", |(_, unit)| unit);
            ["万", "千人", "百人", "户"]
                .iter()
                .any(|other| unit.contains(other))
        };
        if let Some((line, row)) = titles.iter().find(|(line, _)| in_ten_thousands(line)) {
            return Err(Finding::new(Kind::TitleUnit, file)
                .row(*row)
                .value(clean(line)));
        }
        if !titles.is_empty() {
            let finding = Finding::new(Kind::TitleSkipped, file).row(titles[0].1);
            findings.push(finding.value(titles.len().to_string()));
        }
        let text = &text[start..];
        let delimiter = delimiter(text);
        if delimiter != b',' {
            findings
                .push(Finding::new(Kind::Delimiter, file).value((delimiter as char).to_string()));
        }
        let cuts = cuts(text, delimiter, PIECE).map_err(|line| {
            Finding::new(Kind::CsvBroken, file)
                .row(line + first - 1)
                .value("\"")
        })?;
        known_names(file, columns, renamed)?;
        let mut table = Self {
            file,
            text,
            first,
            cuts,
            delimiter,
            columns,
            positions: Vec::new(),
            ages: Arc::default(),
            times: Arc::default(),
            units: Arc::default(),
            counts: Arc::default(),
        };
        let header = table.header()?;
        let headers: Vec<&str> = header.iter().map(clean).collect();
        let hits = |column: &Column| match renamed.get(column.name) {
            Some(own) => positions(&headers, |header| header == own),
            None => column.positions(&headers),
        };
        let hits: Vec<Vec<usize>> = columns.iter().map(hits).collect();
        let found: Vec<bool> = hits.iter().map(|hits| !hits.is_empty()).collect();
        let others = (0..headers.len()).filter(|at| hits.iter().all(|hits| !hits.contains(at)));
        table.ages = ages(columns, &hits, &headers, others.clone());
        let others = others.filter(|at| table.ages.iter().all(|age| age.position != *at));
        let others: Vec<usize> = others.collect();
        let used = (0..headers.len()).filter(|at| !others.contains(at));
        let phones = table
            .persons()?
            .phones(file, &headers, &used.collect::<Vec<_>>());
        let phones = phones.map_err(|finding| finding.row(first))?;
        let others = others.into_iter().filter(|at| !phones.contains(at));
        let others: Vec<&str> = others.map(|at| headers[at]).collect();
        let others = headers::passed_over(file, &others, columns, &found);
        let in_header = |finding: Finding| match is_layer {
            true => finding,
            false => finding.row(first),
        };
        let others = others.map(in_header);
        let about =
            |kind, names: &[&str]| in_header(Finding::new(kind, file).column(names.join(", ")));
        let will_do = |column: &Column| {
            let mut others = columns.iter().zip(&found);
            others.any(|(other, found)| *found && column.or.contains(&other.name))
        };
        let missing = columns.iter().zip(&found).filter(|(_, found)| !**found);
        let missing = missing.filter(|(column, _)| !will_do(column));
        let missing: Vec<&str> = missing
            .filter_map(|(column, _)| wanted(column, renamed))
            .collect();
        if !missing.is_empty() {
            // The error lists all headers: only what one of them probably means is news.
            findings.extend(others.filter(|each| each.kind == Kind::ColumnMeant));
            return Err(about(Kind::ColumnMissing, &missing).value(headers.join(" ")));
        }
        let twice = columns
            .iter()
            .zip(&hits)
            .filter(|(column, hits)| hits.len() > 1 && !column.first);
        let twice = twice.map(|(column, _)| column.name);
        let twice: Vec<&str> = twice.chain(ages_twice(&table.ages)).collect();
        if !twice.is_empty() {
            return Err(about(Kind::ColumnTwice, &twice));
        }
        table.positions = hits.iter().map(|hits| hits.first().copied()).collect();
        findings.extend(others);
        if !phones.is_empty() {
            let names: Vec<String> = phones
                .into_iter()
                .map(|at| privacy::label(headers[at], at))
                .collect();
            let finding = Finding::new(Kind::PhonesPassed, file).row(first);
            findings.push(finding.column(names.join(", ")));
        }
        table.units_of_headers(&headers, findings);
        for (column, other) in columns
            .iter()
            .filter_map(|column| Some((column.name, column.instead_of?)))
        {
            if table.has(column) == table.has(other) {
                let names = format!("{other} / {column}");
                let finding = Finding::new(Kind::ColumnEither, file).column(names);
                return Err(in_header(finding).value(headers.join(" ")));
            }
        }
        Ok(table)
    }

    /// What a sample of the rows holds that is of persons.
    fn persons(&self) -> Result<Persons, Finding> {
        let mut reader = self.builder().from_reader(self.text.as_bytes());
        let mut persons = Persons::default();
        let mut row = csv::StringRecord::new();
        for _ in 0..privacy::SAMPLE {
            let read = reader.read_record(&mut row);
            if !read.map_err(|error| self.unread(&error))? {
                break;
            }
            persons.look(&row);
        }
        Ok(persons)
    }

    /// Takes the units of the headers that are used: tens of thousands are told, because numbers are multiplied.
    fn units_of_headers(&mut self, headers: &[&str], findings: &mut Findings) {
        let parts: Vec<headers::Parts> = headers.iter().map(|name| headers::parts(name)).collect();
        self.times = parts.iter().map(|parts| parts.times).collect();
        self.units = parts.iter().map(headers::Parts::unit).collect();
        let used = |at: &usize| {
            self.positions.contains(&Some(*at)) || self.ages.iter().any(|age| age.position == *at)
        };
        let large = (0..headers.len()).filter(|at| parts[*at].times > 1.0);
        let names: Vec<&str> = large.filter(used).map(|at| headers[at]).collect();
        if !names.is_empty() {
            let finding = Finding::new(Kind::HeaderTimes, self.file).row(self.first);
            findings.push(finding.column(names.join(", ")));
        }
    }

    /// Rows of any width are read: that they have the header's is for [`Table::records`] to see, which knows it of a piece too.
    fn builder(&self) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(self.delimiter).flexible(true);
        builder
    }

    fn header(&self) -> Result<csv::StringRecord, Finding> {
        let mut reader = self.builder().from_reader(self.text.as_bytes());
        let header = reader.headers();
        Ok(header.map_err(|error| self.unread(&error))?.clone())
    }

    fn unread(&self, error: &csv::Error) -> Finding {
        self.broken(error.position().map_or(self.first, |at| self.line(at)), "")
    }

    fn broken(&self, line: u64, value: &str) -> Finding {
        Finding::new(Kind::CsvBroken, self.file)
            .row(line)
            .value(value)
    }

    /// The line in which a record begins: its position may lie before the end of the line above, and before empty lines.
    fn line(&self, at: &csv::Position) -> u64 {
        let rest = self
            .text
            .as_bytes()
            .get(at.byte() as usize..)
            .unwrap_or(&[]);
        let between = rest
            .iter()
            .take_while(|&&byte| byte == b'\r' || byte == b'\n');
        self.first + at.line() - 1 + between.filter(|&&byte| byte == b'\n').count() as u64
    }

    /// Calls `on_row` with every row; ends at a row that cannot be read, which is an error, and where `watch` says stop.
    pub(crate) fn rows(
        &self,
        watch: Watch,
        on_row: impl FnMut(Row<'_, '_>),
    ) -> Result<u64, ReadError> {
        let width = self.header()?.len();
        let reader = self.builder().from_reader(self.text.as_bytes());
        self.records(reader, width, watch, on_row)
    }

    /// As [`Table::rows`], by a reader of the text; each row must have so many columns.
    fn records(
        &self,
        mut reader: csv::Reader<&[u8]>,
        width: usize,
        watch: Watch,
        mut on_row: impl FnMut(Row<'_, '_>),
    ) -> Result<u64, ReadError> {
        let mut record = csv::StringRecord::new();
        let mut count = 0;
        while reader
            .read_record(&mut record)
            .map_err(|error| self.unread(&error))?
        {
            if record.iter().all(|cell| clean(cell).is_empty()) {
                self.counts.blank.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let line = record.position().map_or(0, |at| self.line(at));
            if let Some(aside) = sums::aside(&record) {
                let (count, first) = match aside {
                    Aside::Example => (&self.counts.examples, &self.counts.first_example),
                    _ => (&self.counts.sums, &self.counts.first_sum),
                };
                count.fetch_add(1, Ordering::Relaxed);
                first.fetch_min(line, Ordering::Relaxed);
                continue;
            }
            if record.len() != width {
                let value = format!("{} ≠ {width}", record.len());
                return Err(self.broken(line, &value).into());
            }
            step(watch, count as usize)?;
            self.counts.rows.fetch_add(1, Ordering::Relaxed);
            on_row(Row {
                table: self,
                record: &record,
                line,
            });
            count += 1;
        }
        Ok(count)
    }

    /// What `read` makes of every row, in their order; those of which it makes nothing are among the findings, as is that there
    /// is no row at all.
    ///
    /// Pieces of the text are read on all threads, and what was made and found is put together in the order of the pieces, up to
    /// the first that ends at an error: that is what one reader of all rows would give. O(text); what was made is held twice while it
    /// is put together.
    pub(crate) fn collect<T: Send>(
        &self,
        watch: Watch,
        findings: &mut Findings,
        read: impl Fn(&Row, &mut Findings) -> Result<T, Finding> + Sync,
    ) -> Result<Vec<T>, ReadError> {
        let pieces = self.pieces().into_par_iter();
        let parts: Vec<Part<T>> = pieces
            .map(|(line, text)| self.part(text, line, watch, &read))
            .collect();
        let mut all = Vec::with_capacity(parts.iter().map(|part| part.made.len()).sum());
        let mut rows = 0;
        for mut part in parts {
            findings.append(part.findings);
            for (kind, rows) in part.refused {
                findings.leave_out(kind, rows);
            }
            rows += part.rows?;
            all.append(&mut part.made);
        }
        if rows == 0 {
            findings.push(Finding::new(Kind::NoRows, self.file));
        }
        self.report_counts(findings);
        Ok(all)
    }

    /// Compares the sums of the table with what its rows add up to, in the columns where a sum means something. O(text), once more.
    fn compare_sums(&self, findings: &mut Findings) {
        const ADDED_UP: [&str; 4] = ["residents", "capacity", "dwellings", "size"];
        let added = self.columns.iter().zip(&self.positions);
        let added = added.filter(|(column, _)| ADDED_UP.contains(&column.name));
        let added = added.filter_map(|(column, at)| Some((column.name.to_owned(), (*at)?)));
        let ages = self.ages.iter().map(|age| (age.name.clone(), age.position));
        let (names, positions): (Vec<String>, Vec<usize>) = added.chain(ages).unzip();
        if names.is_empty() {
            return;
        }
        let mut sums = Sums::new(names);
        let mut reader = self.builder().from_reader(self.text.as_bytes());
        let mut record = csv::StringRecord::new();
        // All rows were read before, so that none is broken.
        while reader.read_record(&mut record).unwrap_or(false) {
            let line = record.position().map_or(0, |at| self.line(at));
            let number = |at: &usize| {
                let cell = record.get(*at).map_or("", clean);
                let number = number::written(cell).and_then(Written::number)?;
                Some(number * self.times(*at, cell))
            };
            let numbers = positions.iter().map(number).collect();
            sums.add(line, sums::aside(&record), numbers);
        }
        sums.differences(self.file, findings);
    }

    /// By what the number in a cell is to be multiplied: what the header says, unless the cell says so itself.
    fn times(&self, position: usize, cell: &str) -> f64 {
        match self.times.get(position) {
            Some(&times) if times > 1.0 && !cell.contains(['万', '亿']) => times,
            _ => 1.0,
        }
    }

    /// What `read` makes of a piece of the text, which begins at a line.
    fn part<T>(
        &self,
        text: &str,
        line: u64,
        watch: Watch,
        read: &impl Fn(&Row, &mut Findings) -> Result<T, Finding>,
    ) -> Part<T> {
        let (mut made, mut findings) = (Vec::new(), Findings::default());
        let mut refused = BTreeMap::new();
        let each = |row: Row| match read(&row, &mut findings) {
            Ok(one) => made.push(one),
            Err(finding) => {
                *refused.entry(finding.kind).or_default() += 1;
                findings.push(finding);
            }
        };
        let rows = if line == self.first {
            self.piece(text, line).rows(watch, each)
        } else {
            self.more_rows(text, line, watch, each)
        };
        Part {
            made,
            findings,
            refused,
            rows,
        }
    }

    /// Says once what was counted: rows that were skipped, sums that do not add up, and where the first number of another writing stands.
    /// For when all rows are read.
    pub(crate) fn report_counts(&self, findings: &mut Findings) {
        if self.counts.sums.load(Ordering::Relaxed) > 0 {
            self.compare_sums(findings);
        }
        self.report_numbers(findings);
    }

    /// The same without the sums.
    fn report_numbers(&self, findings: &mut Findings) {
        let Counts {
            blank,
            wide,
            worded,
            unknown,
            rows,
            sums,
            first_sum,
            examples,
            first_example,
        } = &*self.counts;
        let about = |kind| Finding::new(kind, self.file);
        let count = blank.swap(0, Ordering::Relaxed);
        // Tables of streets are begun by nobody: `fuwutu roads` accounts for them.
        let own = findings
            .account()
            .filter(|account| account.file == self.file);
        if let Some(account) = own {
            let left_out = [
                (Kind::RowsBlank, count),
                (Kind::RowsLeftOut, sums.load(Ordering::Relaxed)),
            ];
            account.rows += rows.swap(0, Ordering::Relaxed) + count + left_out[1].1;
            account.used.get_or_insert(0);
            left_out
                .into_iter()
                .for_each(|(kind, rows)| account.leave_out(kind, rows));
        }
        if count > 0 {
            findings.push(about(Kind::RowsBlank).value(count.to_string()));
        }
        for (kind, first) in [
            (Kind::DigitsWide, wide),
            (Kind::NumberWorded, worded),
            (Kind::NumberUnknown, unknown),
        ] {
            let line = first.swap(NO_LINE, Ordering::Relaxed);
            if line != NO_LINE {
                findings.push(about(kind).row(line));
            }
        }
        for (kind, count, first) in [
            (Kind::RowsLeftOut, sums, first_sum),
            (Kind::ExampleRows, examples, first_example),
        ] {
            let count = count.swap(0, Ordering::Relaxed);
            let first = first.swap(NO_LINE, Ordering::Relaxed);
            if count > 0 {
                findings.push(about(kind).row(first).value(count.to_string()));
            }
        }
    }

    /// The text in pieces, each with the number of its first line. O(text): line ends are counted.
    fn pieces(&self) -> Vec<(u64, &'a str)> {
        let starts = [0].into_iter().chain(self.cuts.iter().copied());
        let ends = self.cuts.iter().copied().chain([self.text.len()]);
        let pieces = starts.zip(ends).map(|(start, end)| &self.text[start..end]);
        let pieces: Vec<&str> = pieces.collect();
        let counts: Vec<u64> = pieces
            .par_iter()
            .map(|piece| text::line_ends(piece.as_bytes()))
            .collect();
        let firsts = counts.into_iter().scan(self.first, |line, count| {
            let first = *line;
            *line += count;
            Some(first)
        });
        firsts.zip(pieces).collect()
    }

    /// The same columns of another text, or of a part of it, that begins in a line.
    fn piece<'t>(&'t self, text: &'t str, first: u64) -> Table<'t> {
        Table {
            file: self.file,
            text,
            first,
            cuts: Vec::new(),
            delimiter: self.delimiter,
            columns: self.columns,
            positions: self.positions.clone(),
            ages: Arc::clone(&self.ages),
            times: Arc::clone(&self.times),
            units: Arc::clone(&self.units),
            counts: Arc::clone(&self.counts),
        }
    }

    /// As [`Table::rows`], for a further piece of the same file: rows without a header, from line `first` on.
    pub(crate) fn more_rows(
        &self,
        text: &str,
        first: u64,
        watch: Watch,
        mut on_row: impl FnMut(Row<'_, '_>),
    ) -> Result<u64, ReadError> {
        let below = |finding: Finding| finding.below(first - 1);
        cuts(text, self.delimiter, PIECE).map_err(|line| below(self.broken(line, "\"")))?;
        let width = self.header()?.len();
        let piece = self.piece(text, 1);
        let reader = piece
            .builder()
            .has_headers(false)
            .from_reader(text.as_bytes());
        piece
            .records(reader, width, watch, |row| {
                on_row(Row {
                    line: row.line + first - 1,
                    ..row
                });
            })
            .map_err(|error| error.map(below))
    }

    /// An error: columns that a table of its kind must have are missing.
    pub(crate) fn missing(&self, columns: &[&str]) -> Finding {
        let headers = self.header().unwrap_or_default();
        let headers: Vec<&str> = headers.iter().map(clean).collect();
        Finding::new(Kind::ColumnMissing, self.file)
            .row(self.first)
            .column(columns.join(", "))
            .value(headers.join(" "))
    }

    /// The unit that the header of a column names; empty where it names none.
    pub(crate) fn unit_of(&self, name: &str) -> &str {
        let mut columns = self.columns.iter().zip(&self.positions);
        let at = columns.find_map(|(column, at)| at.filter(|_| column.name == name));
        at.and_then(|at| self.units.get(at)).map_or("", |unit| unit)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns
            .iter()
            .zip(&self.positions)
            .any(|(column, at)| column.name == name && at.is_some())
    }

    /// Its columns of ages, in the order of the header.
    pub(crate) fn ages(&self) -> &[AgeColumn] {
        &self.ages
    }
}

/// The columns of ages: those that are among the `columns` looked for, and, where any of these is, those `others` of which the header
/// says that they are.
fn ages(
    columns: &[Column],
    hits: &[Vec<usize>],
    headers: &[&str],
    others: impl Iterator<Item = usize>,
) -> Arc<[AgeColumn]> {
    let named = columns.iter().zip(hits).filter_map(|(column, hits)| {
        let group = Group::of(column.name)?;
        Some((group, hits.first().copied()))
    });
    let named: Vec<(Group, Option<usize>)> = named.collect();
    if named.is_empty() {
        return Arc::default();
    }
    let named = named
        .into_iter()
        .filter_map(|(group, position)| Some((group, position?)));
    let others = others.filter_map(|at| Some((Group::of(headers[at])?, at)));
    let mut all: Vec<AgeColumn> = named
        .chain(others)
        .map(|(group, position)| AgeColumn {
            name: headers[position].to_owned(),
            group,
            position,
        })
        .collect();
    all.sort_by_key(|column| column.position);
    all.into()
}

/// Each column of ages that another one before it has as well.
fn ages_twice(ages: &[AgeColumn]) -> impl Iterator<Item = &str> {
    let earlier = move |at: usize| ages[..at].iter().any(|other| other.group == ages[at].group);
    let again = ages.iter().enumerate().filter(move |(at, _)| earlier(*at));
    again.map(|(_, column)| &*column.name)
}

/// What was made of a piece of a table.
struct Part<T> {
    made: Vec<T>,
    findings: Findings,
    /// How many rows gave a finding alone.
    refused: BTreeMap<Kind, u64>,
    /// How many rows there are; or what ended them.
    rows: Result<u64, ReadError>,
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
    let reader = as_text(file, reader, (columns, renamed), findings)?;
    let mut pieces = Pieces::new(reader);
    let Some(first) = pieces.next().transpose().map_err(unreadable)? else {
        return Err(Finding::new(Kind::FileEmpty, file).into());
    };
    let first = text::decode(file, &first.bytes, findings)?;
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
            // Of sums only the first piece is there to be compared with.
            table.report_numbers(findings);
            return Ok(());
        }
        let parse = |piece: Piece| -> Result<(P, Findings), ReadError> {
            let mut result = (P::default(), Findings::default());
            let text = text::decode(file, &piece.bytes, &mut result.1)
                .map_err(|finding| finding.below(piece.line - 1))?;
            table.more_rows(&text, piece.line, watch, |row| part(&mut result, row))?;
            Ok(result)
        };
        for piece in some.into_par_iter().map(parse).collect::<Vec<_>>() {
            let (made, own) = piece?;
            findings.append(own);
            keep(made);
        }
    }
}

/// The text of a file that is read bit by bit. Workbooks are read as a whole, because their parts stand in no order.
fn as_text<'a>(
    file: &str,
    mut reader: Box<dyn Read + 'a>,
    (columns, renamed): (&[Column], &BTreeMap<String, String>),
    findings: &mut Findings,
) -> Result<Box<dyn Read + 'a>, Finding> {
    const LOOKED_AT: u64 = 8;
    let unreadable =
        |error: std::io::Error| Finding::new(Kind::FileUnreadable, file).value(error.to_string());
    let mut first = Vec::new();
    let read = reader.by_ref().take(LOOKED_AT).read_to_end(&mut first);
    read.map_err(unreadable)?;
    if text::utf_16(&first).is_some() {
        return Err(Finding::new(Kind::Utf16, file));
    }
    if !first.starts_with(b"PK") && !first.starts_with(&[0xd0, 0xcf]) {
        return Ok(Box::new(std::io::Cursor::new(first).chain(reader)));
    }
    let read = reader.take(book::MOST_BYTES).read_to_end(&mut first);
    read.map_err(unreadable)?;
    let text = match form::of(Path::new(file), &first) {
        Form::Workbook(form) => {
            let wanted = Wanted {
                sheet: None,
                columns,
                renamed,
            };
            book::table(file, &first, form, wanted, findings)?
        }
        Form::Foreign(foreign) => {
            let [zh, en] = foreign.name();
            return Err(Finding::new(Kind::FormForeign, file).value(format!("{zh} / {en}")));
        }
        _ => return Ok(Box::new(std::io::Cursor::new(first))),
    };
    Ok(Box::new(std::io::Cursor::new(text.into_bytes())))
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

/// Where the header begins, and in which line: the first of some lines that has all columns which are required. Above it there may be
/// titles, units and empty lines.
fn header_start(
    text: &str,
    columns: &[Column],
    renamed: &BTreeMap<String, String>,
) -> Option<(usize, u64)> {
    let mut start = 0;
    for line in 1..=MOST_LINES {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let mut reader = csv::ReaderBuilder::new();
        reader.delimiter(delimiter(rest)).flexible(true);
        let mut reader = reader.from_reader(rest.as_bytes());
        if let Ok(headers) = reader.headers() {
            let headers: Vec<&str> = headers.iter().map(clean).collect();
            // The csv crate passes over empty lines before a header: it begins in the last of them.
            let empty = rest.starts_with(['\r', '\n']);
            if !empty && fits(&headers, columns, renamed) {
                return Some((start, line));
            }
        }
        start += rest.find('\n')? + 1;
    }
    None
}

/// What a table looks like to somebody who does not know what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preview {
    /// The line of the header.
    pub first: u64,
    /// The lines above it that say something.
    pub titles: Vec<String>,
    pub headers: Vec<String>,
    /// The first rows, at most [`PREVIEWED`].
    pub rows: Vec<Vec<String>>,
    /// Rows in all, without those that are left out: sums, notes, blank ones.
    pub count: u64,
    pub left_out: u64,
}

/// So many rows of a table are looked at where nobody knows what it is.
pub(crate) const PREVIEWED: usize = 400;

/// Looks at a text as a table: its header is the first of its lines that has most cells which somebody knows (`known`). `None` where no
/// line has two. O(text).
pub(crate) fn preview(text: &str, known: &dyn Fn(&str) -> bool) -> Option<Preview> {
    const MOST_LINES: usize = 30;
    let mut best: Option<(usize, usize, u64)> = None;
    let mut start = 0;
    for line in (1..).take(MOST_LINES) {
        let rest = &text[start..];
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let cells = cells(&rest[..end]);
        let found = cells.iter().filter(|cell| known(cell)).count();
        if found >= 2 && best.is_none_or(|(most, ..)| found > most) {
            best = Some((found, start, line));
        }
        start += end;
        if start >= text.len() {
            break;
        }
    }
    let (_, start, first) = best?;
    let titles = text[..start].lines().map(clean);
    let titles = titles.filter(|line| !line.trim_matches([',', ';', '\t', '"', ' ']).is_empty());
    let titles = titles.map(str::to_owned).collect();
    let text = &text[start..];
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter(text)).flexible(true);
    let mut reader = builder.from_reader(text.as_bytes());
    let headers = reader.headers().ok()?.iter().map(clean);
    let headers: Vec<String> = headers.map(str::to_owned).collect();
    let (mut rows, mut count, mut left_out) = (Vec::new(), 0, 0);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        if sums::aside(&record).is_some() || record.iter().all(|cell| clean(cell).is_empty()) {
            left_out += 1;
            continue;
        }
        count += 1;
        if rows.len() < PREVIEWED {
            rows.push(record.iter().map(|cell| clean(cell).to_owned()).collect());
        }
    }
    Some(Preview {
        first,
        titles,
        headers,
        rows,
        count,
        left_out,
    })
}

/// The cells of a line.
fn cells(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(delimiter(line)).has_headers(false);
    let mut records = reader.from_reader(line.as_bytes()).into_records();
    let first = records.next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(|cell| clean(cell).to_owned()).collect()
}

/// The header stands in one of the first so many lines.
pub(crate) const MOST_LINES: u64 = 30;

/// Whether headers have all columns that are required, and those that the plan names.
pub(crate) fn fits(
    headers: &[&str],
    columns: &[Column],
    renamed: &BTreeMap<String, String>,
) -> bool {
    let has = |column: &Column| match renamed.get(column.name) {
        Some(own) => headers.contains(&own.as_str()),
        None => !column.positions(headers).is_empty(),
    };
    let will_do = |column: &Column| {
        let mut others = columns.iter();
        others.any(|other| column.or.contains(&other.name) && has(other))
    };
    columns.iter().all(|column| {
        let wanted = column.required || renamed.contains_key(column.name);
        !wanted || has(column) || will_do(column)
    })
}

/// Where the first line that says something begins, and which it is.
fn first_line(text: &str) -> (usize, u64) {
    let empty = text.bytes().take_while(|byte| b"\r\n".contains(byte));
    let empty = empty.count();
    (empty, 1 + text::line_ends(&text.as_bytes()[..empty]))
}

/// The delimiter that the header line has most of; a comma where it has none.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or("");
    let count = |delimiter: u8| header.bytes().filter(|&byte| byte == delimiter).count();
    let most = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|&delimiter| count(delimiter));
    most.unwrap_or(b',')
}

/// So many bytes and more are read in one go.
const PIECE: usize = 1 << 20;

/// Where a text can be cut: after ends of lines that stand in no quoted cell, so many bytes apart and more. O(text).
///
/// # Errors
/// With the line of a quoted cell that does not end, or goes on after its end. The csv crate reads on, and rows could become part
/// of a cell in silence.
fn cuts(text: &str, delimiter: u8, apart: usize) -> Result<Vec<usize>, u64> {
    let bytes = text.as_bytes();
    // The header stands in the first piece, whatever number of empty lines stands before it.
    let empty = bytes.iter().take_while(|byte| b"\r\n".contains(byte));
    let header = empty.count();
    if !text.contains('"') {
        let next = |&cut: &usize| {
            let rest = bytes.get(cut + apart..)?;
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            Some(cut + apart + end + 1)
        };
        return Ok(std::iter::successors(Some(header), next).skip(1).collect());
    }
    let ends = |byte: &u8| [delimiter, b'\r', b'\n'].contains(byte);
    let lines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
    let mut cuts = Vec::new();
    let (mut start, mut line, mut cell_begins) = (0, 1, true);
    while let Some(first) = bytes.get(start) {
        let rest = &bytes[start..];
        let length = if cell_begins && *first == b'"' {
            quoted(rest)
                .filter(|&length| rest.get(length).is_none_or(ends))
                .ok_or(line)?
        } else {
            1
        };
        cell_begins = ends(first);
        line += lines(&rest[..length]);
        start += length;
        if *first == b'\n' && start >= cuts.last().unwrap_or(&header) + apart {
            cuts.push(start);
        }
    }
    Ok(cuts)
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
            .map_or("", clean)
    }

    /// Whether the table has the column at this position.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.table.positions[column].is_some()
    }

    pub(crate) fn finding(&self, kind: Kind, at: usize) -> Finding {
        let column = &self.table.columns[at];
        Finding::new(kind, self.table.file)
            .row(self.line)
            .column(column.name)
            .value(self.cell(at))
    }

    /// The name of a column.
    pub(crate) fn column(&self, at: usize) -> &'static str {
        self.table.columns[at].name
    }

    pub(crate) fn id(&self, at: usize) -> Result<&'r str, Finding> {
        let id = code(self.cell(at));
        if id.is_empty() {
            Err(self.finding(Kind::IdMissing, at))
        } else if is_scientific(id) {
            Err(self.finding(Kind::CodeDestroyed, at))
        } else {
            Ok(id)
        }
    }

    /// A finite number; empty is an error.
    pub(crate) fn number(&self, at: usize) -> Result<f64, Finding> {
        self.optional_number(at)?
            .ok_or_else(|| self.finding(Kind::NumberMissing, at))
    }

    /// A finite number, or `None` for a cell that is empty or says that it is not known.
    pub(crate) fn optional_number(&self, at: usize) -> Result<Option<f64>, Finding> {
        let number = self.number_in(self.cell(at), self.table.positions[at]);
        number.map_err(|()| self.finding(Kind::NumberBroken, at))
    }

    /// A number as offices write them, which is noted; `None` where it is not known.
    fn number_in(&self, cell: &str, position: Option<usize>) -> Result<Option<f64>, ()> {
        let note = |first: &AtomicU64| first.fetch_min(self.line, Ordering::Relaxed);
        if cell.is_empty() {
            return Ok(None);
        }
        let counts = &self.table.counts;
        let number = match number::written(cell).ok_or(())? {
            Written::Plain(number) => number,
            Written::Wide(number) => {
                note(&counts.wide);
                number
            }
            Written::Worded(number) => {
                note(&counts.worded);
                number
            }
            Written::Unknown => {
                note(&counts.unknown);
                return Ok(None);
            }
        };
        let times = position.map_or(1.0, |at| self.table.times(at, cell));
        Ok(Some(match times > 1.0 {
            // Decimal times, so that 4.2 is 42,000 and no binary neighbour of it.
            true => (number * times * 1e6).round() / 1e6,
            false => number,
        }))
    }

    /// The unit that the header of a column gives; empty where it gives none.
    pub(crate) fn unit_of_header(&self, column: usize) -> &'static str {
        let position = self.table.positions[column];
        position.map_or("", |at| self.table.units.get(at).copied().unwrap_or(""))
    }

    /// A date, of wide digits as well, which is noted.
    pub(crate) fn date(&self, at: usize) -> Option<Date> {
        let cell = number::narrow(self.cell(at));
        if let Cow::Owned(_) = cell {
            let wide = &self.table.counts.wide;
            wide.fetch_min(self.line, Ordering::Relaxed);
        }
        Date::parse(&cell)
    }

    /// A number ≥ 0 and at most `most`, or `None` for an empty cell.
    pub(crate) fn optional_amount(&self, at: usize, most: f64) -> Result<Option<f64>, Finding> {
        match self.optional_number(at)? {
            Some(number) if number < 0.0 => Err(self.finding(Kind::NumberNegative, at)),
            Some(number) if number > most => Err(self.finding(Kind::NumberHuge, at)),
            number => Ok(number),
        }
    }

    pub(crate) fn amount(&self, at: usize, most: f64) -> Result<f64, Finding> {
        self.optional_amount(at, most)?
            .ok_or_else(|| self.finding(Kind::NumberMissing, at))
    }

    /// The number of people in a column of ages, as [`Row::amount`].
    pub(crate) fn age(&self, column: &AgeColumn, most: f64) -> Result<f64, Finding> {
        let cell = self.record.get(column.position).map_or("", clean);
        let kind = match self.number_in(cell, Some(column.position)) {
            Ok(None) => Kind::NumberMissing,
            Err(()) => Kind::NumberBroken,
            Ok(Some(number)) if number < 0.0 => Kind::NumberNegative,
            Ok(Some(number)) if number > most => Kind::NumberHuge,
            Ok(Some(number)) => return Ok(number),
        };
        Err(Finding::new(kind, self.table.file)
            .row(self.line)
            .column(column.name.as_str())
            .value(cell))
    }
}

/// Without white space and characters that nobody sees at its ends: byte-order marks, zero-width spaces and joiners, which come with
/// text that was copied from web pages.
pub(crate) fn clean(cell: &str) -> &str {
    const UNSEEN: [char; 6] = [
        '\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{180e}',
    ];
    cell.trim_matches(|letter: char| letter.is_whitespace() || UNSEEN.contains(&letter))
}

/// A code as it was before a spreadsheet wrote it: `="510104001001"` and `510104001001.0` are `510104001001`. Shorter numbers keep
/// their `.0`, because they may be ids of their own.
pub(crate) fn code(cell: &str) -> &str {
    const LEAST_DIGITS: usize = 9;
    let text = cell
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .map_or(cell, clean);
    let digits = text.strip_suffix(".0").filter(|digits| {
        digits.len() >= LEAST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    digits.unwrap_or(text)
}

/// Whether a code was made a number with an exponent, as spreadsheets show long ones (`5.10104E+11`): its last digits are lost.
pub(crate) fn is_scientific(code: &str) -> bool {
    let Some((digits, exponent)) = code.split_once(['e', 'E']) else {
        return false;
    };
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    all_digits(whole) && all_digits(part) && exponent.strip_prefix('+').is_some_and(all_digits)
}

/// The header that is missed where a column is not there: the plan's, or that of a column that is required.
fn wanted<'a>(column: &'a Column, renamed: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let own = renamed.get(column.name).map(String::as_str);
    own.or_else(|| column.required.then_some(column.name))
}

/// An error where the plan gives a header to names that no column has.
pub(crate) fn known_names(
    file: &str,
    columns: &[Column],
    renamed: &BTreeMap<String, String>,
) -> Result<(), Finding> {
    let names = renamed.keys().map(String::as_str);
    let unknown = names.filter(|name| columns.iter().all(|column| column.name != *name));
    let unknown: Vec<&str> = unknown.collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known: Vec<&str> = columns.iter().map(|column| column.name).collect();
    Err(Finding::new(Kind::ColumnUnknown, file)
        .column(unknown.join(", "))
        .value(known.join(" ")))
}

/// The positions of headers that are wanted.
fn positions(headers: &[&str], wanted: impl Fn(&str) -> bool) -> Vec<usize> {
    (0..headers.len())
        .filter(|&position| wanted(headers[position]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fuwutu_core::watch::unwatched;

    const COLUMNS: [Column; 2] = [Column::required("a", &[]), Column::required("b", &[])];

    /// What is made of all rows: line and cells, but a finding for some.
    type Read = (Result<Vec<(u64, String)>, ReadError>, Vec<Finding>);

    fn row(row: &Row, findings: &mut Findings) -> Result<(u64, String), Finding> {
        if row.cell(0).is_empty() {
            findings.push(row.finding(Kind::AgesDiffer, 0));
        }
        if row.cell(1) == "e\"f" {
            return Err(row.finding(Kind::NumberBroken, 1));
        }
        Ok((row.line, format!("{} {}", row.cell(0), row.cell(1))))
    }

    fn list(findings: Findings) -> Vec<Finding> {
        findings.finish().unwrap_or_else(|failure| failure.findings)
    }

    /// One reader of all rows.
    fn in_one(table: &Table) -> Read {
        let (mut made, mut findings) = (Vec::new(), Findings::default());
        let rows = table.rows(&unwatched, |each| match row(&each, &mut findings) {
            Ok(one) => made.push(one),
            Err(finding) => findings.push(finding),
        });
        if rows == Ok(0) {
            findings.push(Finding::new(Kind::NoRows, table.file));
        }
        match rows {
            Ok(_) => table.report_counts(&mut findings),
            Err(_) => table.counts.blank.store(0, Ordering::Relaxed),
        }
        (rows.map(|_| made), list(findings))
    }

    fn in_pieces(table: &Table) -> Read {
        let mut findings = Findings::default();
        let made = table.collect(&unwatched, &mut findings, row);
        (made, list(findings))
    }

    /// A table of up to 300 rows with all that is hard to cut, by Knuth's MMIX generator: quotes, ends of lines in cells, empty
    /// lines and, rarely, a cell too many.
    fn text(seed: u64) -> String {
        let mut state = seed;
        let mut below = |end: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % end) as usize
        };
        let plain = ["1", "", " x ", "e\"f", "四"];
        let quoted = ["\"b\"", "\"c\nd\"", "\"g\"\"h,\"", "\"\r\n\"", "2"];
        let cells = if seed.is_multiple_of(3) {
            plain
        } else {
            quoted
        };
        let ends = ["\n", "\r\n", "\n\n", "\r\n\r\n"];
        let mut text = "\n".repeat(below(3)) + "a,b\n";
        for _ in 0..below(300) {
            text += &[cells[below(5)], ",", cells[below(5)]].concat();
            if below(400) == 0 {
                text += ",3";
            }
            text += ends[below(4)];
        }
        text
    }

    #[test]
    fn headers_are_found_in_any_capitals_and_with_unseen_characters() {
        for header in [
            "ID,Lon",
            "\u{feff}Id, LON ",
            "id\u{200b},lon",
            "\u{a0}iD,lOn\u{2060}",
        ] {
            let text = format!("{header}\na,1\n");
            let mut findings = Findings::default();
            let columns = [Column::required("id", &[]), Column::required("lon", &[])];
            let table = Table::open("t.csv", &text, &columns, &BTreeMap::new(), &mut findings);
            assert!(table.is_ok(), "{header:?}");
        }
        // Both are there: the one that is written as it should be counts.
        let mut findings = Findings::default();
        let columns = [Column::required("id", &[])];
        let text = "ID,id\na,b\n";
        let table = Table::open("t.csv", text, &columns, &BTreeMap::new(), &mut findings);
        let rows = table.unwrap().collect(&unwatched, &mut findings, |row, _| {
            Ok(row.id(0)?.to_owned())
        });
        assert_eq!(rows.unwrap(), ["b"]);
    }

    #[test]
    fn blank_rows_are_skipped_and_counted_and_codes_are_what_they_were() {
        let codes = [
            ("510104001001", Some("510104001001")),
            ("510104001001.0", Some("510104001001")),
            ("\u{200b}510104001001\u{a0}", Some("510104001001")),
            ("=\"510104001001\"", Some("510104001001")),
            ("12.0", Some("12.0")),
            ("5.10104E+11", None),
            ("5E+11", None),
            ("e1", Some("e1")),
        ];
        for (written, read) in codes {
            let text = format!("id,lon\n,\n{written},1\n , \u{200b}\n,,,,\n");
            let mut findings = Findings::default();
            let columns = [Column::required("id", &[]), Column::required("lon", &[])];
            let table = Table::open("t.csv", &text, &columns, &BTreeMap::new(), &mut findings);
            let rows = table.unwrap().collect(&unwatched, &mut findings, |row, _| {
                Ok(row.id(0)?.to_owned())
            });
            assert_eq!(
                rows.unwrap(),
                Vec::from_iter(read.map(str::to_owned)),
                "{written}"
            );
            let found = findings.finish();
            match (read, found) {
                (Some(_), Ok(found)) => {
                    assert_eq!(
                        (found[0].kind, &*found[0].value),
                        (Kind::RowsBlank, "3"),
                        "{written}"
                    );
                }
                (None, Err(failure)) => {
                    assert!(
                        failure
                            .findings
                            .iter()
                            .any(|each| each.kind == Kind::CodeDestroyed)
                    );
                }
                other => panic!("{written}: {other:?}"),
            }
        }
    }

    #[test]
    fn pieces_give_what_one_reader_gives() {
        let (mut broken, mut cut) = (0, 0);
        for seed in 0..300 {
            let text = text(seed);
            let mut findings = Findings::default();
            let mut table =
                Table::open("t.csv", &text, &COLUMNS, &BTreeMap::new(), &mut findings).unwrap();
            let expected = in_one(&table);
            broken += usize::from(expected.0.is_err());
            for apart in [1, 40, 700] {
                table.cuts = cuts(table.text, b',', apart).unwrap();
                cut += table.cuts.len();
                assert_eq!(in_pieces(&table), expected, "seed {seed}, {apart}: {text}");
            }
        }
        assert!(broken > 30 && cut > 10_000, "{broken} {cut}");
    }
}
