//! Which rows of a sheet are its header: under titles, in one row or in several whose cells are joined.

use super::Wanted;
use super::grid::{Grid, Merged};
use crate::read::ages::Group;
use crate::table::{MOST_LINES, fits};

/// The header of a sheet.
pub(crate) struct Header {
    /// Its first and last row, from 0.
    pub rows: [u32; 2],
    /// One for each column, from the first on; empty where a column has none.
    pub names: Vec<String>,
}

impl Header {
    /// The names, for people.
    pub(crate) fn listed(&self) -> String {
        const MOST: usize = 20;
        let names = self.names.iter().filter(|name| !name.is_empty());
        let names: Vec<&str> = names.take(MOST).map(String::as_str).collect();
        names.join(" ")
    }
}

/// A header has at most so many rows.
const MOST_LEVELS: u32 = 3;

/// The first rows that have all columns which are required.
pub(crate) fn find(grid: &Grid, wanted: Wanted) -> Option<Header> {
    let merged: Vec<Merged> = (grid.merged.iter().copied())
        .filter(|merged| u64::from(merged.rows[0]) < MOST_LINES)
        .collect();
    let has_all = |header: &Header| {
        let names: Vec<&str> = header.names.iter().map(String::as_str).collect();
        fits(&names, wanted.columns, wanted.renamed)
    };
    let of = |rows| Some(joined(grid, &merged, rows, wanted)).filter(has_all);
    (0..MOST_LINES as u32).find_map(|row| {
        let levels = levels(grid, &merged, row);
        let several = (levels > 1).then_some([row, row + levels - 1]);
        // Without cells that reach down: some of the columns in this row, others below a cell that reaches across.
        let across = || {
            let next = [row, row + 1];
            let one = of([row + 1; 2]).is_none();
            let own = joined(grid, &merged, [row; 2], wanted);
            let some = own.names.iter().any(|name| is_wanted(name, wanted));
            let reaches = |each: &Merged| each.rows[0] == row && each.columns[0] < each.columns[1];
            (one && some && merged.iter().any(reaches)).then_some(next)
        };
        several
            .and_then(of)
            .or_else(|| of([row; 2]))
            .or_else(|| across().and_then(of))
    })
}

/// Where none has all: the row that has most of what is wanted, or else most cells. The rows above are taken for parts of it.
pub(crate) fn guess(grid: &Grid, wanted: Wanted) -> Header {
    let best = (0..MOST_LINES as u32).max_by_key(|&row| {
        let names = grid.row(row).map(|(_, text)| is_wanted(text, wanted));
        let names: Vec<bool> = names.collect();
        let found = names.iter().filter(|wanted| **wanted).count();
        // Of equal ones the first.
        (found, names.len(), std::cmp::Reverse(row))
    });
    let row = best.unwrap_or(0);
    let Header { names, .. } = joined(grid, &[], [row; 2], wanted);
    Header {
        rows: [0, row],
        names,
    }
}

fn is_wanted(name: &str, wanted: Wanted) -> bool {
    let is = |column: &crate::table::Column| match wanted.renamed.get(column.name) {
        Some(own) => own == name,
        None => column.is(name),
    };
    !name.is_empty() && (wanted.columns.iter().any(is) || Group::of(name).is_some())
}

/// How many rows a header that begins in a row has: as many as its narrow cells reach down.
fn levels(grid: &Grid, merged: &[Merged], row: u32) -> u32 {
    const NARROW: u32 = 3;
    let reach = merged.iter().filter(|each| {
        let [left, right] = each.columns;
        each.rows[0] == row && right - left < NARROW && grid.cell(row, left).is_some()
    });
    let most = reach.map(|each| each.rows[1] - row + 1).max();
    most.filter(|levels| *levels <= MOST_LEVELS).unwrap_or(1)
}

/// The names that rows give the columns. Cells that are one say the same in all their rows and columns.
fn joined(grid: &Grid, merged: &[Merged], [first, last]: [u32; 2], wanted: Wanted) -> Header {
    let mut levels: Vec<Vec<String>> = Vec::new();
    for row in first..=last {
        let mut texts = Vec::new();
        let mut put = |column: u32, text: &str| {
            let column = column as usize;
            if texts.len() <= column {
                texts.resize(column + 1, String::new());
            }
            if texts[column].is_empty() {
                text.clone_into(&mut texts[column]);
            }
        };
        for (column, text) in grid.row(row) {
            put(column, text);
        }
        for each in merged {
            let [top, bottom] = each.rows;
            let [left, right] = each.columns;
            let here = top >= first && (top..=bottom).contains(&row) && last > first;
            if let Some(text) = grid.cell(top, left).filter(|_| here) {
                let right = right.min(super::grid::MOST_COLUMNS - 1);
                (left..=right).for_each(|column| put(column, text));
            }
        }
        levels.push(texts);
    }
    let width = levels.iter().map(Vec::len).max().unwrap_or(0);
    let columns: Vec<Vec<&str>> = (0..width)
        .map(|column| {
            let texts = levels.iter().filter_map(|level| level.get(column));
            let mut texts: Vec<&str> = texts
                .map(String::as_str)
                .filter(|text| !text.is_empty())
                .collect();
            texts.dedup();
            texts
        })
        .collect();
    Header {
        rows: [first, last],
        names: (0..width).map(|at| name(&columns, at, wanted)).collect(),
    }
}

/// The name of a column of which each level says something: the lowest one's, where that is a column's; else that of all levels
/// together; else, below a sum, that of the level above.
///
/// Where several columns have the same name at the lowest level (`60岁及以上` of 常住人口 and of 户籍人口), it is that of the one whose level
/// above is a column's, too.
fn name(columns: &[Vec<&str>], at: usize, wanted: Wanted) -> String {
    const SUMS: [&str; 7] = ["合计", "小计", "总计", "计", "总数", "人数", "数量"];
    let Some((own, above)) = columns[at].split_last() else {
        return String::new();
    };
    let Some(parent) = above.last() else {
        return (*own).to_owned();
    };
    let joined = columns[at].concat();
    if is_wanted(own, wanted) {
        let same = columns.iter().filter(|each| each.last() == Some(own));
        let same: Vec<&Vec<&str>> = same.collect();
        let rules =
            |column: &[&str]| column.len() == 1 || is_wanted(column[column.len() - 2], wanted);
        let ruling = same.iter().filter(|column| rules(column)).count();
        if same.len() == 1 || ruling == 1 && rules(&columns[at]) {
            return (*own).to_owned();
        }
        return joined;
    }
    if !is_wanted(&joined, wanted) && SUMS.contains(own) && is_wanted(parent, wanted) {
        return (*parent).to_owned();
    }
    joined
}
