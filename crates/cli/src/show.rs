//! What people see: aligned tables and thousands separators. Results go to stdout, everything else to stderr.

use std::io::{self, Write};

use fuwutu_core::quantity::Residents;
use fuwutu_core::service::Service;
use fuwutu_io::csv_text::shortest;
use fuwutu_io::finding::Lang;
use fuwutu_io::finding::summary::Line;
use fuwutu_io::standards;
use fuwutu_io::words;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// What is printed goes nowhere: a full disk behind `>`, say.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub(crate) struct Unprinted(#[source] io::Error);

/// With stdout named. The kind stays: a closed pipe is one still.
fn unprinted(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Unprinted(error))
}

/// Stdout for a long result. To be flushed.
pub(crate) struct Printer(io::BufWriter<io::StdoutLock<'static>>);

impl Printer {
    pub(crate) fn new() -> Self {
        Self(io::BufWriter::new(io::stdout().lock()))
    }
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(unprinted)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(unprinted)
    }
}

/// Prints a line to stdout.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}").map_err(unprinted)
}

/// Prints a line to stderr. A closed stderr is no reason to stop.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Lines of text have at most so many columns.
pub(crate) const COLUMNS: usize = 120;

/// A line of findings with its level, and what was done about it, in as many lines as it takes.
pub(crate) fn finding(line: &Line, lang: Lang, catalogue: &[Service]) -> String {
    let level = line.level.label(lang);
    let text = format!(
        "{level} {} → {}",
        line.text(lang, catalogue),
        line.then(lang)
    );
    wrapped(&text, COLUMNS, "    ")
}

/// Text in lines of at most so many columns, all but the first behind an indent. It is broken at spaces and after Chinese characters; a
/// longer word stays whole.
pub(crate) fn wrapped(text: &str, columns: usize, indent: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in words_of(text) {
        let full = line.width() + word.trim_end().width() > columns;
        if full && !line.trim().is_empty() {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        }
        line += word;
    }
    lines.push(line);
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

/// What a line is not broken within: words with the spaces behind them, and Chinese characters with the signs behind them.
fn words_of(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut last) = (Vec::new(), 0, None);
    for (at, letter) in text.char_indices() {
        if last.is_some_and(|last| is_break(last, letter)) {
            words.push(&text[start..at]);
            start = at;
        }
        last = Some(letter);
    }
    words.push(&text[start..]);
    words
}

/// Whether a line may end between two letters.
fn is_break(last: char, letter: char) -> bool {
    let [last_wide, wide] = [last, letter].map(|each| each.width().unwrap_or(0) > 1);
    let sticks = "，。；：、）》”’ ".contains(letter) || "（《“‘".contains(last);
    !sticks && (last == ' ' || last_wide || wide)
}

/// Prints rows in columns two spaces apart; Chinese characters take two places. The first row is the header.
pub(crate) fn table(align: &[Align], rows: &[Vec<String>]) -> io::Result<()> {
    let widths: Vec<usize> = (0..align.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in rows {
        let mut text = String::new();
        for ((cell, &width), align) in row.iter().zip(&widths).zip(align) {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            match align {
                Align::Left => text += &format!("{cell}{space}  "),
                Align::Right => text += &format!("{space}{cell}  "),
            }
        }
        line(text.trim_end())?;
    }
    Ok(())
}

/// Whole persons with separators: `812,935`.
pub(crate) fn people(residents: Residents) -> String {
    thousands((residents.0 + 500) / 1000)
}

/// `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (digit, left) in digits.chars().zip((0..digits.len()).rev()) {
        text.push(digit);
        if left > 0 && left % 3 == 0 {
            text.push(',');
        }
    }
    text
}

/// Ten digits of a number, so that sums that should be whole are.
pub(crate) fn ten_digits(number: f64) -> String {
    shortest(format!("{number:.9e}").parse().unwrap_or(number))
}

/// `73.4 %`; a dash for none.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// One line of the ranking, as text.
pub(crate) struct PlaceLine {
    pub place: String,
    pub by_unserved: String,
    pub unit: String,
    pub township: String,
    pub residents: String,
    pub growth: String,
    pub need: String,
    pub priority: String,
    pub unserved: String,
    pub certainty: String,
    pub causes: String,
}

impl PlaceLine {
    fn cells(self) -> Vec<String> {
        let Self {
            place,
            by_unserved,
            unit,
            township,
            residents,
            growth,
            need,
            priority,
            unserved,
            certainty,
            causes,
        } = self;
        vec![
            place,
            by_unserved,
            unit,
            township,
            residents,
            growth,
            need,
            priority,
            unserved,
            certainty,
            causes,
        ]
    }
}

/// `1–3 · 98 %`: the interval of places, and the share of draws among the first ten.
pub(crate) fn certainty(first: &str, last: &str, in_first_ten: f64) -> String {
    format!("{first}–{last} · {:.0} %", in_first_ten * 100.0)
}

/// Residents, with a mark where they are few.
pub(crate) fn few(residents: String, small: bool, lang: Lang) -> String {
    match small {
        true => format!("{residents}{}", lang.pick("（少）", " (few)")),
        false => residents,
    }
}

/// Prints the ranking, and how its figures come about.
pub(crate) fn ranking(places: Vec<PlaceLine>, lang: Lang) -> io::Result<()> {
    let header = match lang {
        Lang::Zh => [
            "位次",
            "按人口",
            "单元",
            "镇（街道）",
            "人口",
            "增长",
            "综合缺口率",
            "配置优先度",
            "未覆盖人口（累计）",
            "位次区间·前十",
            "主要原因",
        ],
        Lang::En => [
            "place",
            "by people",
            "unit",
            "township",
            "residents",
            "growth",
            "need",
            "priority",
            "unserved",
            "rank range·top 10",
            "main drivers",
        ],
    };
    if places.is_empty() {
        return line(lang.pick(
            "没有可评价的服务（未提供任何设施数据），不排序",
            "no ranking: no service can be judged, because no facility data were supplied",
        ));
    }
    let rows: Vec<Vec<String>> = std::iter::once(header.map(str::to_owned).to_vec())
        .chain(places.into_iter().map(PlaceLine::cells))
        .collect();
    use Align::{Left, Right};
    table(
        &[
            Right, Right, Left, Left, Right, Right, Right, Right, Right, Right, Left,
        ],
        &rows,
    )?;
    line(lang.pick(
        "综合缺口率：各服务缺口率（供给缺口或未覆盖率，取大者）的加权平均，0 至 100，各领域权重相同（ranking.domains 另有规定的除外）；配置优先度 = 综合缺口率 ×（1 + 人口流入）；按人口：按未覆盖人口（累计）的位次，缺两项服务的人计两次；（少）：人口少，比例由少数人决定；位次区间·前十：权重、人口、步速、供给在范围内随机变动的模拟中，90 % 落在其间的位次和进入前十的概率；不作考核依据",
        "need = weighted mean of the missing shares (of capacity or of people within reach, whichever is more), 0 to 100, all fields weighing the same unless `ranking.domains` says otherwise; priority = need × (1 + inflow); by people: place by people unserved, where a person lacking two services is counted twice; (few): few residents, whose shares are those of few people; rank range·top 10: the places that 90 % of simulations give it when weights, residents, pace and supply vary, and its chance of being among the first ten; not for appraisal",
    ))
}

/// How well a service's standard is established, with year and place of what it rests on, for people.
pub(crate) fn status(service: &Service, base_year: i32, lang: Lang) -> String {
    let [zh, en] = standards::status(service, base_year);
    lang.pick(&zh, &en).to_owned()
}

/// A unit of capacity, for people.
pub(crate) fn capacity_unit(unit: &str, lang: Lang) -> String {
    let [zh, en] = words::capacity_unit(unit);
    lang.pick(zh, en).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters_and_lose_nothing() {
        let english = "decision facilities.csv: a capacity is missing (37 times): Kindergarten 25";
        assert_eq!(
            wrapped(english, 30, "    "),
            "decision facilities.csv: a\n    capacity is missing (37\n    times): Kindergarten 25"
        );
        // Each character takes two columns; a comma does not begin a line, and a bracket does not end one.
        let chinese = "需确认：缺少规模，或规模单位与目录不同（37 处）";
        assert_eq!(
            wrapped(chinese, 18, "  "),
            "需确认：缺少规模，\n  或规模单位与目录\n  不同（37 处）"
        );
        let long = "x".repeat(50);
        assert_eq!(wrapped(&long, 20, "  "), long, "a word stays whole");
        for columns in 20..60 {
            let lines = wrapped(english, columns, "  ");
            let words: Vec<&str> = lines.split_whitespace().collect();
            assert_eq!(words.join(" "), english);
        }
    }
}
