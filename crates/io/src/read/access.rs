//! Access from three tables: how long each trip takes, who asks, and who supplies. Any router can have made the first.

use std::collections::HashMap;
use std::io::ErrorKind;

use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::{Link, Reach};
use fuwutu_core::watch::Watch;

use super::{Files, ReadError, name, unreadable};
use crate::finding::{Failure, Finding, Findings, Kind};
use crate::plan::Source;
use crate::table::{self, Column, Row};

/// The headers of `fuwutu matrix` are among those of the costs, so that what it writes can be read.
const COSTS: [Column; 5] = [
    Column::required(
        "from",
        &["起点", "起点编号", "需求点", "需求点编号", "origin", "id"],
    ),
    Column::required(
        "to",
        &[
            "终点",
            "终点编号",
            "设施",
            "设施编号",
            "destination",
            "facility",
        ],
    ),
    Column::optional("minutes", &["分钟", "分钟数"]),
    Column::instead_of("minutes", "seconds", &["秒", "秒数"]),
    Column::optional("service", &["服务", "服务类别"]),
];
const FROM: usize = 0;
const TO: usize = 1;
const MINUTES: usize = 2;
const SECONDS: usize = 3;
const SERVICE: usize = 4;

const DEMAND: [Column; 2] = [
    Column::required("id", &["编号", "需求点编号"]),
    Column::required("residents", &["常住人口", "人口", "population", "demand"]),
];
/// Those of a round's facilities are among them.
const SUPPLY: [Column; 3] = [
    Column::required("id", &["编号", "设施编号"]),
    Column::required("capacity", &["规模", "容量", "supply"]),
    Column::optional("service", &["服务", "服务类别", "类别"]),
];
/// Position among the columns of the supply.
const OFFERED: usize = 2;

/// Nobody has more people or places: a thousand times all people on earth.
const MOST: f64 = 1e13;

/// Where the tables are.
#[derive(Debug, Clone)]
pub struct Tables {
    /// `from`, `to`, and `minutes` or `seconds`.
    pub costs: Source,
    /// `id`, `residents`.
    pub demand: Source,
    /// `id`, `capacity` [, `service`].
    pub supply: Source,
    /// Only the rows of the costs, and of the supply where it has one, with this in their column `service`.
    pub service: Option<String>,
}

/// What the tables say.
#[derive(Debug, Clone)]
pub struct AccessInput {
    /// Residents by id.
    pub demand: Amounts,
    /// Capacity by id.
    pub supply: Amounts,
    /// For each id of the demand, the trips within the limit to ids of the supply.
    pub reach: Reach,
    /// The rows of the costs that were looked at.
    pub rows: u64,
    /// What was noticed; no errors among them.
    pub findings: Vec<Finding>,
}

/// Ids in order, as text, and how much each has.
#[derive(Debug, Clone, PartialEq)]
pub struct Amounts {
    /// Unique.
    pub ids: Vec<Box<str>>,
    /// Finite, not negative.
    pub amounts: Vec<f64>,
}

impl Amounts {
    /// All of them, summed in the order of ids.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.amounts.iter().sum()
    }
}

/// Reads the tables, keeping the trips within `limit`. Times are whole milliseconds, rounded half up. The order of rows does not
/// matter, nor does the number of threads.
///
/// Rows with ids that the other tables do not have are left out and counted; an empty time is out of reach; a pair that stands
/// there twice with one time within the limit counts once; times beyond it are not looked at. Needs 20 bytes for each trip within the limit at most,
/// and 8 afterwards.
///
/// # Errors
/// With all findings, where an error is among them: a file, a column or a number that is not there or makes no sense, an id that
/// stands twice in the demand or the supply, a pair with two different times within the limit. And where `watch` says stop.
pub fn read(
    tables: &Tables,
    source: &dyn Files,
    limit: Millis,
    watch: Watch,
) -> Result<AccessInput, ReadError> {
    let mut findings = Findings::default();
    match read_all(tables, source, limit, &mut findings, watch) {
        Ok((demand, supply, Costs { reach, rows })) => Ok(AccessInput {
            demand,
            supply,
            reach,
            rows,
            findings: findings.finish()?,
        }),
        Err(error) => Err(error.after(findings)),
    }
}

fn read_all(
    tables: &Tables,
    source: &dyn Files,
    limit: Millis,
    findings: &mut Findings,
    watch: Watch,
) -> Result<(Amounts, Amounts, Costs), ReadError> {
    let demand = amounts(
        &tables.demand,
        &DEMAND,
        source,
        None,
        Kind::NoDemand,
        findings,
        watch,
    )?;
    let supply = amounts(
        &tables.supply,
        &SUPPLY,
        source,
        tables.service.as_deref(),
        Kind::NoSupply,
        findings,
        watch,
    )?;
    if findings.failed() {
        return Err(ReadError::Input(Failure {
            findings: Vec::new(),
            accounts: Vec::new(),
        }));
    }
    let costs = costs(tables, source, &demand, &supply, limit, findings, watch)?;
    Ok((demand, supply, costs))
}

fn opened<'a>(
    table: &Source,
    source: &'a dyn Files,
) -> Result<(String, Box<dyn std::io::Read + 'a>), Finding> {
    let open = source
        .open(&table.path)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => Finding::new(Kind::TableMissing, &name(&table.path)),
            _ => unreadable(&table.path, &error),
        });
    Ok((name(&table.path), open?))
}

/// The rows of a table; of the supply those of a service, where one is given and the table has the column. Told where there are
/// none, or there is `nothing` in them.
fn amounts(
    table: &Source,
    columns: &[Column],
    source: &dyn Files,
    service: Option<&str>,
    nothing: Kind,
    findings: &mut Findings,
    watch: Watch,
) -> Result<Amounts, ReadError> {
    let (file, reader) = opened(table, source)?;
    let (mut rows, mut others): (Vec<(Box<str>, u32, f64)>, u64) = Default::default();
    let read = |row: &Row, (rows, others): &mut (Vec<_>, u64), _: &mut Findings| {
        if service.is_some_and(|service| row.has(OFFERED) && row.cell(OFFERED) != service) {
            *others += 1;
            return Ok(());
        }
        let id = row.id(0)?;
        let amount = row.amount(1, MOST).map_err(|finding| finding.id(id))?;
        rows.push((Box::from(id), row.line as u32, amount));
        Ok(())
    };
    table::for_each_piece(
        &file,
        reader,
        (columns, &table.columns),
        findings,
        watch,
        read,
        |(more, left)| {
            rows.extend(more);
            others += left;
        },
    )?;
    let (ids, amounts) = table::in_order(rows, &file, findings);
    let all = Amounts { ids, amounts };
    match (all.ids.is_empty(), all.total() > 0.0) {
        (true, _) if others > 0 => {
            findings
                .push(Finding::new(Kind::ServiceAbsent, &file).value(service.unwrap_or_default()));
        }
        (true, _) => findings.push(Finding::new(Kind::NoRows, &file)),
        (false, false) => findings.push(Finding::new(nothing, &file)),
        (false, true) => {}
    }
    Ok(all)
}

/// The trips within the limit, and how many rows there were.
struct Costs {
    reach: Reach,
    rows: u64,
}

/// Positions by id.
fn positions(amounts: &Amounts) -> HashMap<&str, u32> {
    amounts.ids.iter().map(|id| &**id).zip(0..).collect()
}

/// What a row of the costs is read by.
struct Known<'a> {
    from: HashMap<&'a str, u32>,
    to: HashMap<&'a str, u32>,
    service: Option<&'a str>,
    limit: Millis,
}

/// What a piece of the costs holds.
#[derive(Default)]
struct Part {
    pairs: Vec<(u32, Link)>,
    rows: u64,
    /// Rows of other services.
    others: u64,
    empty: u64,
    unknown: [Unknown; 2],
    /// The last `from` and its position: mostly the next row has the same.
    last: (String, Option<u32>),
}

/// Rows with ids that the other tables do not have, and the first of these ids.
#[derive(Default)]
struct Unknown {
    rows: u64,
    first: Vec<String>,
}

impl Unknown {
    fn add(&mut self, rows: u64, id: &str) {
        const NAMED: usize = 5;
        self.rows += rows;
        if self.first.len() < NAMED && !self.first.iter().any(|known| known == id) {
            self.first.push(id.to_owned());
        }
    }
}

impl Part {
    /// Adds a row of the costs, if it is a trip within the limit.
    fn add(&mut self, row: &Row, known: &Known) -> Result<(), Finding> {
        if known
            .service
            .is_some_and(|service| row.cell(SERVICE) != service)
        {
            self.others += 1;
            return Ok(());
        }
        self.rows += 1;
        let (from, to) = (row.id(FROM)?, row.id(TO)?);
        if self.last.0 != from {
            self.last.0.clear();
            self.last.0.push_str(from);
            self.last.1 = known.from.get(from).copied();
        }
        let (point, place) = match (self.last.1, known.to.get(to)) {
            (Some(point), Some(&place)) => (point, place),
            (None, _) => {
                self.unknown[0].add(1, from);
                return Ok(());
            }
            (_, None) => {
                self.unknown[1].add(1, to);
                return Ok(());
            }
        };
        let Some(time) = time(row)? else {
            self.empty += 1;
            return Ok(());
        };
        if time.within(known.limit) {
            self.pairs.push((point, Link { place, time }));
        }
        Ok(())
    }
}

/// To the millisecond, half up; what is longer than 49 days is held there, which is beyond every limit.
fn time(row: &Row) -> Result<Option<Millis>, Finding> {
    let minutes = row.optional_amount(MINUTES, f64::MAX)?;
    let millis = match minutes {
        Some(minutes) => Some(minutes * 60_000.0),
        None => row
            .optional_amount(SECONDS, f64::MAX)?
            .map(|seconds| seconds * 1000.0),
    };
    Ok(millis.map(|millis| Millis(millis.round() as u32)))
}

fn costs(
    tables: &Tables,
    source: &dyn Files,
    demand: &Amounts,
    supply: &Amounts,
    limit: Millis,
    findings: &mut Findings,
    watch: Watch,
) -> Result<Costs, ReadError> {
    let (file, reader) = opened(&tables.costs, source)?;
    let mut columns = COSTS;
    columns[SERVICE].required = tables.service.is_some();
    let known = Known {
        from: positions(demand),
        to: positions(supply),
        service: tables.service.as_deref(),
        limit,
    };
    let read = |row: &Row, part: &mut Part, _: &mut Findings| part.add(row, &known);
    let (mut all, mut pieces) = (Part::default(), Vec::new());
    table::for_each_piece(
        &file,
        reader,
        (&columns, &tables.costs.columns),
        findings,
        watch,
        read,
        |part| {
            let Part {
                mut pairs,
                rows,
                others,
                empty,
                unknown,
                ..
            } = part;
            pairs.shrink_to_fit();
            pieces.push(pairs);
            all.rows += rows;
            all.others += others;
            all.empty += empty;
            for (all, part) in all.unknown.iter_mut().zip(unknown) {
                part.first.iter().for_each(|id| all.add(0, id));
                all.rows += part.rows;
            }
        },
    )?;
    all.tell(&file, tables.service.as_deref().unwrap_or(""), findings);
    findings.extend(all.unmatched(&file, demand, supply));
    if findings.failed() {
        return Err(ReadError::Input(Failure {
            findings: Vec::new(),
            accounts: Vec::new(),
        }));
    }
    let reach = Reach::from_pairs(demand.ids.len(), &pieces);
    drop(pieces);
    Ok(Costs {
        reach: once(reach, &file, demand, supply, findings),
        rows: all.rows,
    })
}

impl Part {
    /// An error where there are rows, and none of them has both ids in the other tables: ids of each that do not match.
    fn unmatched(&self, file: &str, demand: &Amounts, supply: &Amounts) -> Option<Finding> {
        const SHOWN: usize = 3;
        let unmatched: u64 = self.unknown.iter().map(|unknown| unknown.rows).sum();
        if self.rows == 0 || unmatched < self.rows || supply.ids.is_empty() || demand.ids.is_empty()
        {
            return None;
        }
        let listed = |ids: &[&str]| ids[..ids.len().min(SHOWN)].join(", ");
        let sides = self.unknown.iter().zip([("from", demand), ("to", supply)]);
        let sides = sides.filter(|(unknown, _)| unknown.rows > 0);
        let parts: Vec<String> = sides
            .map(|(unknown, (column, amounts))| {
                let own: Vec<&str> = unknown.first.iter().map(String::as_str).collect();
                let ids: Vec<&str> = amounts.ids.iter().take(SHOWN).map(|id| &**id).collect();
                format!("{column}: {} ≠ {}", listed(&own), listed(&ids))
            })
            .collect();
        Some(Finding::new(Kind::PairNone, file).value(parts.join("; ")))
    }

    fn tell(&self, file: &str, service: &str, findings: &mut Findings) {
        match (self.rows, self.others) {
            (0, 0) => findings.push(Finding::new(Kind::NoRows, file)),
            (0, _) => findings.push(Finding::new(Kind::ServiceAbsent, file).value(service)),
            _ => {}
        }
        for (unknown, column) in self
            .unknown
            .iter()
            .zip(["from", "to"])
            .filter(|(unknown, _)| unknown.rows > 0)
        {
            let rows = format!("rows {} / {}", unknown.rows, self.rows);
            let value = format!("{rows}: {}", unknown.first.join(", "));
            findings.push(
                Finding::new(Kind::PairUnknown, file)
                    .column(column)
                    .value(value),
            );
        }
        if self.empty > 0 {
            findings
                .push(Finding::new(Kind::PairEmpty, file).value(format!("rows {}", self.empty)));
        }
    }
}

/// Each pair once. One that has two times is an error: of those that are kept, which are within the limit.
fn once(
    reach: Reach,
    file: &str,
    demand: &Amounts,
    supply: &Amounts,
    findings: &mut Findings,
) -> Reach {
    let same = |pair: &[Link]| pair[0].place == pair[1].place;
    let mut twice = 0_u64;
    for (row, from) in reach.rows().zip(&demand.ids) {
        for pair in row.windows(2).filter(|pair| same(pair)) {
            twice += 1;
            if pair[0].time != pair[1].time {
                // To the millisecond, in minutes.
                let minutes = |link: Link| (f64::from(link.time.0) / 0.6).round() / 1e5;
                let value = format!("{}, {}", minutes(pair[0]), minutes(pair[1]));
                let pair = format!("{from} → {}", supply.ids[pair[0].place as usize]);
                findings.push(Finding::new(Kind::PairDiffers, file).id(pair).value(value));
            }
        }
    }
    if twice == 0 {
        return reach;
    }
    findings.push(Finding::new(Kind::PairTwice, file).value(format!("rows {twice}")));
    let row = |row: &[Link]| {
        let mut row = row.to_vec();
        row.dedup_by_key(|link| link.place);
        row
    };
    let rows: Vec<Vec<Link>> = reach.rows().map(row).collect();
    Reach::from_rows(rows.iter().map(Vec::as_slice))
}
