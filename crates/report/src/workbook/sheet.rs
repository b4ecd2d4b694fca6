//! A sheet that holds one table: how it is laid out, headed, coloured and printed.

use std::borrow::Cow;

use rust_xlsxwriter::utility::{cell_range_absolute, quote_sheet_name};
use rust_xlsxwriter::{
    Color, ConditionalFormat3ColorScale, ConditionalFormatCell, ConditionalFormatCellRule,
    ConditionalFormatDataBar, ConditionalFormatType, Format, FormatAlign, FormatBorder,
    IgnoreError, Worksheet, XlsxError,
};

use super::{text, words};
use crate::book::Book;
use fuwutu_io::tables::{self, Kind, Table, Topic, Value, Width};
use fuwutu_io::words::name;

/// The header's row: above it stand the title and a note in two languages.
const HEAD: u32 = 3;
/// The most lines that a table has. Excel holds four times as many, but a line of standing takes 7 kB while the file is made:
/// this is 1.7 GB, and more than anybody reads.
pub(super) const MOST: usize = 250_000;

/// A cell's value.
#[derive(Debug, Clone)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text, even where it looks like a number.
    Text(Cow<'a, str>),
    /// A finite number.
    Number(f64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        if number.is_finite() {
            Self::Number(number)
        } else {
            Self::Empty
        }
    }
}

impl From<u32> for Cell<'_> {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<i32> for Cell<'_> {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Names and codes of the data: text, also after somebody edited it.
    Text,
    /// Words that may take several lines: text, also after somebody edited it.
    Wrapped,
    /// Whole numbers.
    Whole,
    /// With one decimal.
    Tenth,
    /// A share or a rate, 1 as 100 %.
    Rate,
    /// With four decimals.
    Index,
    /// A year, a place.
    Plain,
    /// Degrees.
    Degrees,
    /// A sheet's title.
    Title,
    /// What must not be overlooked: synthetic data, a draft.
    Mark,
    /// Of a sheet, below its title.
    Note,
    /// Above a group of lines.
    Section,
    /// A table's header.
    Head(Group),
}

impl Look {
    /// As the library has it.
    pub(super) fn format(self) -> Format {
        // It has Chinese and Latin letters on every Chinese computer; others take what they have.
        let plain = Format::new()
            .set_font_name("Microsoft YaHei")
            .set_font_size(10)
            .set_align(FormatAlign::Top);
        match self {
            Self::Text => plain
                .set_num_format("@")
                .set_align(FormatAlign::Left)
                .set_indent(1),
            // Older versions of Excel show a long text with the format `@` as `####`; this keeps it text as well.
            Self::Wrapped => plain
                .set_quote_prefix()
                .set_align(FormatAlign::Left)
                .set_indent(1)
                .set_text_wrap(),
            Self::Whole => plain.set_num_format("#,##0"),
            Self::Tenth => plain.set_num_format("#,##0.0"),
            Self::Rate => plain.set_num_format("0.0%"),
            Self::Index => plain.set_num_format("0.0000"),
            Self::Plain => plain.set_num_format("0"),
            Self::Degrees => plain.set_num_format("0.00000"),
            Self::Title => plain.set_font_size(15).set_bold(),
            Self::Mark => plain.set_bold().set_font_color(Color::RGB(0x9C_2A_00)),
            Self::Note => plain.set_font_color(Color::RGB(0x55_55_55)),
            Self::Section => plain
                .set_font_size(12)
                .set_bold()
                .set_font_color(Color::RGB(0x1F_3A_5F)),
            Self::Head(group) => plain
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_align(FormatAlign::Center)
                .set_font_color(Color::White)
                .set_background_color(group.color())
                .set_border(FormatBorder::Thin)
                .set_border_color(Color::White),
        }
    }
}

/// The subject of a column, by the colour of its header: the three verdicts stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Which line it is.
    Which,
    /// 覆盖.
    Reach,
    /// 供需.
    Capacity,
    /// 配置.
    Presence,
}

impl Group {
    fn color(self) -> Color {
        Color::RGB(match self {
            Self::Which => 0x1F_3A_5F,
            Self::Reach => 0x00_5F_8A,
            Self::Capacity => 0x7A_4A_00,
            Self::Presence => 0x5B_3A_7E,
        })
    }
}

/// A colour that follows the values. Everybody can distinguish blue and orange; the figure or the word always stands there too.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// A share from 0, orange, to 1, blue.
    Share,
    /// A bar as long as the number.
    Bar,
    /// White at 0 to orange at this number.
    Heat(f64),
    /// Words with their colours: background, and whether the letters are white.
    Words(Vec<(String, u32, bool)>),
}

/// A column of lines `R`.
pub(super) struct Column<'a, R> {
    head: [String; 2],
    group: Group,
    width: f64,
    look: Look,
    rule: Option<Rule>,
    cell: Box<dyn Fn(R) -> Cell<'a> + 'a>,
}

/// A column with a header in Chinese and English; its width in Latin letters.
pub(super) fn column<'a, R, C: Into<Cell<'a>>>(
    head: [&str; 2],
    width: u16,
    look: Look,
    cell: impl Fn(R) -> C + 'a,
) -> Column<'a, R> {
    Column {
        head: head.map(str::to_owned),
        group: Group::Which,
        width: f64::from(width),
        look,
        rule: None,
        cell: Box::new(move |line| cell(line).into()),
    }
}

/// The columns of a declared table, of those that are `wanted`; what no line has a value of is left out. Heading, look and group are those
/// of the declaration.
pub(super) fn declared<'a, R: Table, L: Copy + 'a>(
    width: &Width,
    wanted: impl Fn(&tables::About) -> bool,
    lines: &[L],
    row: fn(L) -> Option<&'a R>,
) -> Vec<Column<'a, L>> {
    let mut columns = Vec::new();
    for source in R::COLUMNS.iter().filter(|column| wanted(&column.about)) {
        let about = &source.about;
        for ([zh, en], position) in about.labels(width).into_iter().zip(0..) {
            let value =
                move |line: L| row(line).map_or(Value::Nothing, |row| (source.get)(row, position));
            let mut rows = lines.iter().filter(|line| row(**line).is_some()).peekable();
            if rows.peek().is_some() && rows.all(|line| value(*line) == Value::Nothing) {
                continue;
            }
            let look = look(about.kind);
            columns.push(
                column([&zh, &en], wide(about.kind), look, move |line: L| {
                    cell(about.kind, value(line))
                })
                .of(group(about.topic)),
            );
        }
    }
    columns
}

fn look(kind: Kind) -> Look {
    match kind {
        Kind::Year | Kind::Place => Look::Plain,
        Kind::Share(_) => Look::Rate,
        Kind::Capacity | Kind::Given | Kind::Estimate | Kind::Minutes(_) | Kind::Index(1) => {
            Look::Tenth
        }
        Kind::Index(_) | Kind::PerPerson | Kind::Exact => Look::Index,
        Kind::Degrees => Look::Degrees,
        Kind::Count | Kind::Persons | Kind::Percent | Kind::Meters => Look::Whole,
        _ => Look::Text,
    }
}

/// Latin letters.
fn wide(kind: Kind) -> u16 {
    match kind {
        Kind::Id | Kind::Name | Kind::Code(_) => 17,
        Kind::Text | Kind::Codes(_) => 24,
        Kind::Year | Kind::Truth => 9,
        _ => 13,
    }
}

fn group(topic: Topic) -> Group {
    match topic {
        Topic::Which => Group::Which,
        Topic::Reach => Group::Reach,
        Topic::Capacity => Group::Capacity,
        Topic::Presence => Group::Presence,
    }
}

fn cell(kind: Kind, value: Value<'_>) -> Cell<'_> {
    match value {
        // A word is missing where nothing applies; of a number that is an empty cell.
        Value::Nothing if matches!(kind, Kind::Code(_)) => words::NONE.into(),
        Value::Nothing => Cell::Empty,
        Value::Number(number) => Cell::Number(number),
        Value::Truth(holds) => words::yes(holds).into(),
        Value::Text(text) => match kind {
            Kind::Code(list) => words::both(name(list, &text)).into(),
            Kind::Codes(list) => {
                let codes = text.split_whitespace();
                let names: Vec<String> = codes.map(|code| words::both(name(list, code))).collect();
                names.join("；").into()
            }
            _ => Cell::Text(text),
        },
    }
}

impl<R> Column<'_, R> {
    /// The English heading.
    pub(super) fn english(&self) -> &str {
        &self.head[1]
    }

    /// It belongs to this group.
    pub(super) fn of(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// It is coloured so.
    pub(super) fn colored(self, rule: Rule) -> Self {
        Self {
            rule: Some(rule),
            ..self
        }
    }
}

/// What a table's sheet is called and says of itself.
pub(super) struct About<'a> {
    /// The sheet's name, at most 31 characters.
    pub(super) name: &'static str,
    /// Chinese and English.
    pub(super) title: [&'static str; 2],
    /// How to read it, Chinese and English.
    pub(super) note: [&'a str; 2],
    /// The number of first columns that do not scroll.
    pub(super) fixed: u16,
    /// The number of pages side by side on which its columns are printed.
    pub(super) pages: u16,
}

/// Where the lines of a table are, for formulas and charts.
#[derive(Debug, Clone)]
pub(super) struct Area {
    /// Of the sheet.
    pub(super) name: &'static str,
    /// The first line's row.
    pub(super) first: u32,
    /// Lines.
    pub(super) lines: u32,
    heads: Vec<String>,
}

impl Area {
    /// The position of the column with this English header.
    pub(super) fn column(&self, english: &str) -> Option<u16> {
        self.heads
            .iter()
            .position(|head| head == english)
            .map(|column| column as u16)
    }

    /// The row of the last line; there is one at least.
    pub(super) fn last(&self) -> u32 {
        self.first + self.lines - 1
    }

    /// A column's lines, for a formula on another sheet; `None` where there is no such column or no line.
    pub(super) fn reference(&self, english: &str) -> Option<String> {
        let column = self.column(english).filter(|_| self.lines > 0)?;
        let range = cell_range_absolute(self.first, column, self.last(), column);
        Some(format!("{}!{range}", quote_sheet_name(self.name)))
    }
}

/// A sheet of one table, and where its lines are. There are at most [`MOST`] lines.
pub(super) fn table<'a, R>(
    book: &Book,
    about: &About<'_>,
    columns: &[Column<'a, R>],
    lines: impl IntoIterator<Item = R>,
) -> Result<(Worksheet, Area), XlsxError>
where
    R: Copy,
{
    let mut page = page(book, about.name, about.pages)?;
    let synthetic = if crate::foot::synthetic(book) {
        "    （模拟数据 synthetic data）"
    } else {
        ""
    };
    title(
        &mut page,
        &format!("{} {}{synthetic}", about.title[0], about.title[1]),
    )?;
    for (note, row) in about.note.iter().zip(1..) {
        text::write(&mut page, row, 0, note, &Look::Note.format())?;
    }
    head(&mut page, HEAD, columns)?;
    let row = self::lines(&mut page, HEAD + 1, columns, lines)? - 1;
    let last = columns.len().saturating_sub(1) as u16;
    page.set_freeze_panes(HEAD + 1, about.fixed)?;
    page.set_repeat_rows(HEAD, HEAD)?;
    if about.pages > 1 && about.fixed > 0 {
        page.set_repeat_columns(0, about.fixed - 1)?;
    }
    page.autofilter(HEAD, 0, row, last)?;
    if row > HEAD {
        // Codes are text on purpose: no green corners.
        page.ignore_error_range(HEAD + 1, 0, row, last, IgnoreError::NumberStoredAsText)?;
    }
    let heads = columns
        .iter()
        .map(|column| column.head[1].clone())
        .collect();
    Ok((
        page,
        Area {
            name: about.name,
            first: HEAD + 1,
            lines: row - HEAD,
            heads,
        },
    ))
}

/// A sheet that is set up for A4, with the round, its standing and the page number at the foot.
pub(super) fn page(book: &Book, name: &str, pages: u16) -> Result<Worksheet, XlsxError> {
    let mut page = Worksheet::new();
    page.set_name(name)?;
    page.set_landscape()
        .set_paper_size(9)
        .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    page.set_print_fit_to_pages(pages, 0);
    page.set_footer(footer(book));
    Ok(page)
}

/// Below every printed page: the round, what must not be overlooked, the sheet and its page.
fn footer(book: &Book) -> String {
    let marks = words::marks(book).join(" · ");
    format!(
        "&L&8 {}&C&8 {}&R&8 &A  &P / &N",
        printed(&book.manifest.round, 60),
        printed(&marks, 150)
    )
}

/// A text for a footer, where `&` begins a code, in at most `most` UTF-16 units: Excel takes 255 of them for a whole footer.
fn printed(text: &str, most: usize) -> String {
    let mut printed = String::new();
    let mut left = most;
    for c in text.chars() {
        let piece = match c {
            '&' => "&&".to_owned(),
            c if c.is_control() => '\u{fffd}'.to_string(),
            c => c.to_string(),
        };
        let length = piece.encode_utf16().count();
        if length > left {
            break;
        }
        left -= length;
        printed.push_str(&piece);
    }
    printed
}

/// Writes a sheet's title.
pub(super) fn title(page: &mut Worksheet, words: &str) -> Result<(), XlsxError> {
    page.set_row_height(0, 26)?;
    text::write(page, 0, 0, words, &Look::Title.format())
}

/// Writes a header, and makes the columns as wide as they ask for.
pub(super) fn head<R>(
    page: &mut Worksheet,
    row: u32,
    columns: &[Column<'_, R>],
) -> Result<(), XlsxError> {
    for (column, position) in columns.iter().zip(0..) {
        page.set_column_width(position, column.width)?;
    }
    heads(page, row, columns)
}

/// Writes a header over columns that have their widths already.
pub(super) fn heads<R>(
    page: &mut Worksheet,
    row: u32,
    columns: &[Column<'_, R>],
) -> Result<(), XlsxError> {
    let mut most = 2;
    for (column, position) in columns.iter().zip(0..) {
        let text = format!("{}\n{}", column.head[0], column.head[1]);
        // Bold letters are wider.
        most = most.max(rows(&text, column.width * 0.9));
        text::write(
            page,
            row,
            position,
            &text,
            &Look::Head(column.group).format(),
        )?;
    }
    page.set_row_height(row, LINE * most as f64 + 4.0)?;
    Ok(())
}

/// Writes the lines of a table from the row `first` on, with their colours; gives the row after the last.
pub(super) fn lines<'a, R: Copy>(
    page: &mut Worksheet,
    first: u32,
    columns: &[Column<'a, R>],
    lines: impl IntoIterator<Item = R>,
) -> Result<u32, XlsxError> {
    let formats: Vec<Format> = columns.iter().map(|column| column.look.format()).collect();
    let mut row = first;
    for line in lines {
        let mut most = 1;
        for ((column, format), position) in columns.iter().zip(&formats).zip(0..) {
            let cell = (column.cell)(line);
            if let (Look::Wrapped, Cell::Text(text)) = (column.look, &cell) {
                most = most.max(rows(text, column.width));
            }
            write(page, row, position, &cell, format)?;
        }
        tall(page, row, most)?;
        row += 1;
    }
    if row > first {
        color(page, first, row - 1, columns)?;
    }
    Ok(row)
}

/// Points of one line of letters.
const LINE: f64 = 15.0;

/// Makes a row as tall as this number of lines of text. Not every program does so by itself where text is wrapped.
pub(super) fn tall(page: &mut Worksheet, row: u32, lines: usize) -> Result<(), XlsxError> {
    if lines > 1 {
        // Excel has no taller rows than 409 points.
        page.set_row_height(row, (LINE * lines as f64).min(405.0))?;
    }
    Ok(())
}

/// The approximate number of lines that a text takes in a column of this width in Latin letters; rather one too many than too few.
pub(super) fn rows(text: &str, width: f64) -> usize {
    // The indent and the edges take some of it.
    let room = (width - 1.8).max(4.0);
    text.lines()
        .map(|line| {
            ((line
                .chars()
                .map(|c| if c < '\u{1100}' { 0.96 } else { 1.9 })
                .sum::<f64>()
                / room)
                .ceil() as usize)
                .max(1)
        })
        .sum()
}

/// Writes a cell.
pub(super) fn write(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell<'_>,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => text::write(page, row, column, text, format)?,
        Cell::Number(number) => {
            page.write_number_with_format(row, column, *number, format)?;
        }
    }
    Ok(())
}

const ORANGE: u32 = 0xF5_A5_5A;
const BLUE: u32 = 0x7F_B2_DD;

fn color<R>(
    page: &mut Worksheet,
    first: u32,
    last: u32,
    columns: &[Column<'_, R>],
) -> Result<(), XlsxError> {
    for (column, position) in columns.iter().zip(0..) {
        let Some(rule) = &column.rule else { continue };
        match rule {
            Rule::Share => {
                let scale = ConditionalFormat3ColorScale::new()
                    .set_minimum(ConditionalFormatType::Number, 0)
                    .set_midpoint(ConditionalFormatType::Number, 0.5)
                    .set_maximum(ConditionalFormatType::Number, 1)
                    .set_minimum_color(Color::RGB(ORANGE))
                    .set_midpoint_color(Color::White)
                    .set_maximum_color(Color::RGB(BLUE));
                page.add_conditional_format(first, position, last, position, &scale)?;
            }
            Rule::Heat(most) => {
                let scale = ConditionalFormat3ColorScale::new()
                    .set_minimum(ConditionalFormatType::Number, 0)
                    .set_midpoint(ConditionalFormatType::Number, most / 2.0)
                    .set_maximum(ConditionalFormatType::Number, *most)
                    .set_minimum_color(Color::White)
                    .set_midpoint_color(Color::RGB(0xFB_DC_B8))
                    .set_maximum_color(Color::RGB(ORANGE));
                page.add_conditional_format(first, position, last, position, &scale)?;
            }
            Rule::Bar => {
                let bar = ConditionalFormatDataBar::new()
                    .use_classic_style()
                    .set_minimum(ConditionalFormatType::Number, 0)
                    .set_fill_color(Color::RGB(BLUE));
                page.add_conditional_format(first, position, last, position, &bar)?;
            }
            Rule::Words(words) => {
                for (word, background, white) in words {
                    let letters = if *white { Color::White } else { Color::Black };
                    let format = Format::new()
                        .set_background_color(Color::RGB(*background))
                        .set_font_color(letters);
                    let same = ConditionalFormatCellRule::EqualTo(word.as_str());
                    let rule = ConditionalFormatCell::new()
                        .set_rule(same)
                        .set_format(format);
                    page.add_conditional_format(first, position, last, position, &rule)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::book;

    #[test]
    fn a_footer_takes_any_name() {
        let mut book = book();
        for name in ["&D&".repeat(100), "🏥".repeat(100), "a\u{7}\nb".to_owned()] {
            book.manifest.round = name;
            let footer = footer(&book);
            assert!(footer.encode_utf16().count() <= 255, "{footer}");
            assert!(
                footer.contains("synthetic") && !footer.contains(char::is_control),
                "{footer}"
            );
        }
        assert_eq!(printed("a & b", 6), "a && b");
        assert_eq!(
            printed("a & b", 3),
            "a ",
            "a code is written whole or not at all"
        );
    }

    #[test]
    fn a_row_is_as_tall_as_its_text() {
        assert_eq!(rows("", 20.0), 0);
        assert_eq!(rows("short", 20.0), 1);
        // 40 wide letters are 76 Latin ones, and 18.2 of them go on a line.
        assert_eq!(rows(&"市".repeat(40), 20.0), 5);
        assert_eq!(rows("one\ntwo", 20.0), 2);
    }
}
