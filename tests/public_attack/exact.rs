//! Every number of every public file: is it an exact count?

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cities::City;
use crate::files::{Artefacts, Cell, Page, numbers_of, plain};

/// What a field is, by the pattern of its name (`*` stands for anything).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Not about people: years, places, facilities and their capacity, minutes, verdicts, shares and what the plan says.
    Free,
    /// Counts of people: multiples of `small`, nothing else.
    People,
    /// Made of counts of people: not what the round's own tables have in the same cell.
    Made,
}

/// The first pattern that fits says what a field is. A field that none fits is a failure: whoever adds one says here what it is.
const FIELDS: &[(&str, Kind)] = &[
    // The header of the page.
    ("page format", Kind::Free),
    ("page small", Kind::Free),
    ("page years[]", Kind::Free),
    ("page frame.*", Kind::Free),
    ("page plan.*", Kind::Free),
    ("page inputs[].bytes", Kind::Free),
    ("page roads.*", Kind::Free),
    ("page services[].row.*", Kind::Free),
    ("page county_services[].row.*", Kind::Free),
    ("page columns.*", Kind::Free),
    ("page demand.*", Kind::Free),
    ("page need_limits[]", Kind::Free),
    ("page offers_left_out", Kind::Free),
    ("page city.residents", Kind::People),
    ("page city.*", Kind::Free),
    ("page units_info.residents_by_year[].year", Kind::Free),
    ("page units_info.residents_by_year[].*", Kind::People),
    ("page units_info.*", Kind::Free),
    ("page projection.residents[].year", Kind::Free),
    ("page projection.residents[].*", Kind::People),
    ("page totals[].year", Kind::Free),
    ("page totals[].units_*", Kind::Free),
    ("page totals[].facilities", Kind::Free),
    ("page totals[].capacity*", Kind::Free),
    ("page totals[].received", Kind::Free),
    ("page totals[].reached_by_nobody", Kind::Free),
    ("page totals[].certain_*", Kind::Made),
    ("page totals[].short", Kind::Made),
    ("page totals[].*", Kind::People),
    ("page townships[].residents", Kind::People),
    ("page townships[].fill", Kind::Made),
    ("page townships[].*", Kind::Free),
    ("page units[].residents*", Kind::People),
    ("page units[].moved_residents", Kind::People),
    ("page units[].*", Kind::Free),
    ("page places[].unserved_residents", Kind::People),
    ("page places[].residents*", Kind::People),
    ("page places[].inflow_rate", Kind::Made),
    ("page places[].*", Kind::Free),
    ("page counties[].*residents", Kind::People),
    ("page counties[].demand", Kind::Made),
    ("page counties[].short", Kind::Made),
    ("page counties[].supply_demand_ratio", Kind::Made),
    ("page counties[].*", Kind::Free),
    ("page equities[].target_residents", Kind::People),
    ("page equities[].year", Kind::Free),
    ("page equities[].service_position", Kind::Free),
    ("page equities[].norm_access", Kind::Free),
    ("page equities[].*", Kind::Made),
    ("page completeness[].year", Kind::Free),
    ("page completeness[].count", Kind::Free),
    ("page completeness[].*residents", Kind::People),
    ("page completeness[].lacking_*", Kind::People),
    ("page completeness[].*", Kind::Made),
    // Its columns.
    ("column unit.residents", Kind::People),
    ("column unit.*", Kind::Free),
    ("column standing.target_residents", Kind::People),
    ("column standing.covered_residents", Kind::People),
    ("column standing.covered_*", Kind::People),
    ("column standing.unsnapped_residents", Kind::People),
    ("column standing.roadless_residents", Kind::People),
    ("column standing.too_far_residents", Kind::People),
    ("column standing.substitute_residents", Kind::People),
    ("column standing.coverage*", Kind::Made),
    ("column standing.demand", Kind::Made),
    ("column standing.supply_received", Kind::Made),
    ("column standing.shortfall_*", Kind::Made),
    ("column standing.access", Kind::Made),
    ("column standing.seated", Kind::Made),
    ("column standing.short*", Kind::Made),
    ("column standing.detour_*", Kind::Free),
    ("column standing.supply_inside", Kind::Free),
    ("column standing.supply_inside_public", Kind::Free),
    ("column standing.required", Kind::Free),
    ("column standing.present", Kind::Free),
    ("column standing.enough", Kind::Free),
    ("column standing.unknown", Kind::Free),
    ("column standing.attained", Kind::Free),
    ("column standing.rule", Kind::Free),
    ("column standing.standard_status", Kind::Free),
    ("column complete.*residents", Kind::People),
    ("column complete.lacking", Kind::People),
    ("column complete.lacked_service", Kind::Free),
    ("column complete.*", Kind::Made),
    ("column offer.*", Kind::Free),
    ("column served.people", Kind::People),
    ("column served.received", Kind::Made),
    ("column served.more_received", Kind::Made),
    ("column served.*", Kind::Free),
    ("column spot.residents", Kind::People),
    ("column spot.*", Kind::Free),
    // The tables of the package.
    ("package gpkg_*", Kind::Free),
    ("package sqlite_*", Kind::Free),
    ("package layer_styles.*", Kind::Free),
    ("package *.fid", Kind::Free),
    ("package *.id", Kind::Free),
    ("package *.inflow_rate", Kind::Made),
    ("package units.residents*", Kind::People),
    ("package units.unserved_residents", Kind::People),
    ("package units.complete*", Kind::Made),
    ("package units.*_coverage_*", Kind::Made),
    ("package units.*_short_*", Kind::Made),
    ("package units.moved_residents", Kind::People),
    ("package units.communities", Kind::Free),
    ("package units.over_cap*", Kind::Free),
    ("package units.contiguous", Kind::Free),
    ("package units.place*", Kind::Free),
    ("package units.need", Kind::Free),
    ("package units.inflow_part", Kind::Free),
    ("package units.inflow_factor", Kind::Free),
    ("package units.priority", Kind::Free),
    ("package units.unproven_share", Kind::Free),
    ("package units.small", Kind::Free),
    ("package units.in_first_ten", Kind::Free),
    ("package communities.residents", Kind::People),
    ("package facilities.*", Kind::Free),
    ("package demand.residents", Kind::People),
    ("package demand.*", Kind::Free),
    ("package standing.year", Kind::Free),
    ("package standing.*_residents", Kind::People),
    ("package standing.covered_*", Kind::People),
    ("package standing.detour_*", Kind::Free),
    ("package standing.coverage*", Kind::Made),
    ("package standing.demand", Kind::Made),
    ("package standing.supply_inside*", Kind::Free),
    ("package standing.supply_received", Kind::Made),
    ("package standing.shortfall_*", Kind::Made),
    ("package standing.access", Kind::Made),
    ("package standing.seated", Kind::Made),
    ("package standing.short*", Kind::Made),
    ("package standing.required", Kind::Free),
    ("package standing.present", Kind::Free),
    ("package standing.enough", Kind::Free),
    ("package standing.unknown", Kind::Free),
    ("package completeness.year", Kind::Free),
    ("package completeness.count", Kind::Free),
    ("package completeness.*residents", Kind::People),
    ("package completeness.lacking*", Kind::People),
    ("package completeness.*share*", Kind::Made),
    ("package ranking.residents*", Kind::People),
    ("package ranking.unserved_residents", Kind::People),
    ("package ranking.*", Kind::Free),
    ("package causes.*", Kind::Free),
];

/// So large a part of the cells of a field that is made of counts may be as in the round's own tables: rounded figures make a
/// true one by chance.
const BY_CHANCE: f64 = 0.2;

/// What was found in a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Numbers that are no zero.
    pub numbers: usize,
    /// Those that are long enough to be recognised.
    pub distinctive: usize,
    /// Of these: those that are, in the round's own tables, what they are here.
    pub exact: usize,
    /// Those of people that are no multiples of `small`.
    pub unrounded: usize,
    /// One of them, with its city.
    pub example: Option<(String, f64)>,
}

/// What was found, by field. [`leaks`] says which of it is too much.
pub(crate) fn walk(cities: &[City]) -> BTreeMap<String, Found> {
    let mut fields = BTreeMap::new();
    for city in cities {
        page(city, &mut fields);
        package(city, &mut fields);
        texts(city, &mut fields);
    }
    fields
}

/// The fields that hold exact counts or are of no kind, each with why.
pub(crate) fn leaks(fields: &BTreeMap<String, Found>) -> Vec<String> {
    let leak = |(field, found): (&String, &Found)| {
        let example = found
            .example
            .as_ref()
            .map_or(String::new(), |(city, value)| {
                format!(", such as {value} ({city})")
            });
        let Found {
            numbers,
            distinctive,
            exact,
            unrounded,
            ..
        } = found;
        let by_chance = *distinctive as f64 * BY_CHANCE;
        match kind(field) {
            Some(Kind::Free) => None,
            _ if field.starts_with("text ") && *exact > 0 => Some(format!(
                "{field}: {exact} exact figures that no public table has{example}"
            )),
            Some(Kind::People) if *unrounded > 0 => Some(format!(
                "{field}: {unrounded} of {numbers} counts of people are not rounded, {exact} exact{example}"
            )),
            Some(Kind::Made) if *exact as f64 > by_chance => Some(format!(
                "{field}: {exact} of {distinctive} figures are exact{example}"
            )),
            None if !field.starts_with("text ") => Some(format!(
                "{field}: {numbers} numbers of no kind in `FIELDS`{example}"
            )),
            _ => None,
        }
    };
    fields.iter().filter_map(leak).collect()
}

fn kind(field: &str) -> Option<Kind> {
    FIELDS
        .iter()
        .find(|(pattern, _)| fits(pattern, field))
        .map(|&(_, kind)| kind)
}

/// Whether a name is of a pattern, in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            rest.is_empty()
                || name
                    .char_indices()
                    .any(|(place, _)| fits(rest, &name[place..]))
        }),
    }
}

/// How many digits a number has, without zeros at its ends; with two decimals at most.
fn digits(number: f64) -> usize {
    let text = format!("{:.2}", number.abs()).replace('.', "");
    text.trim_matches('0').len()
}

fn note(
    fields: &mut BTreeMap<String, Found>,
    city: &City,
    field: &str,
    value: f64,
    twin: Option<f64>,
) {
    if value == 0.0 || !value.is_finite() {
        return;
    }
    let found = fields.entry(field.to_owned()).or_default();
    found.numbers += 1;
    let multiple = value % city.small as f64 == 0.0;
    // Shares come as they are by chance; a part of 0 to 1 needs four digits.
    let long = digits(value) >= if value.abs() < 2.0 { 4 } else { 3 };
    let long = long || value.abs() < 2.0 && digits(value * 100.0) >= 4;
    let is_exact = twin.is_some_and(|twin| (twin - value).abs() < 1e-9);
    found.distinctive += usize::from(long && !multiple);
    found.exact += usize::from(long && !multiple && is_exact);
    found.unrounded += usize::from(!multiple);
    let telling = !multiple && (is_exact && long || kind(field) != Some(Kind::Made));
    if telling && found.example.is_none() {
        found.example = Some((city.name.clone(), value));
    }
}

fn page(city: &City, fields: &mut BTreeMap<String, Found>) {
    let (public, internal) = (&city.public.page, &city.internal.page);
    header(
        &public.header,
        &internal.header,
        "page ",
        &mut |field, value, twin| {
            note(fields, city, field, value, twin);
        },
    );
    for (name, column) in &public.columns {
        let twins = internal.columns.get(name);
        // Where rows were left out, the same place is not the same cell.
        let twins = twins.filter(|twins| twins.len() == column.len());
        for (place, &value) in column.iter().enumerate() {
            let twin = twins.map(|twins| twins[place]);
            note(fields, city, &format!("column {name}"), value, twin);
        }
    }
}

/// Walks a tree beside that of the office. Elements of a list are the same where what names them is.
fn header(
    public: &Value,
    internal: &Value,
    path: &str,
    note: &mut impl FnMut(&str, f64, Option<f64>),
) {
    match public {
        Value::Number(number) => note(path, number.as_f64().unwrap(), internal.as_f64()),
        Value::Object(members) => {
            for (name, value) in members {
                let dot = if path.ends_with(' ') { "" } else { "." };
                header(value, &internal[name], &format!("{path}{dot}{name}"), note);
            }
        }
        Value::Array(elements) => {
            let others = internal.as_array().map_or(&[][..], Vec::as_slice);
            let names: BTreeMap<String, &Value> = others
                .iter()
                .map(|other| (identity(other), other))
                .collect();
            for (position, element) in elements.iter().enumerate() {
                let other = match element {
                    Value::Object(_) => names.get(&identity(element)).copied(),
                    _ => others.get(position),
                };
                header(
                    element,
                    other.unwrap_or(&Value::Null),
                    &format!("{path}[]"),
                    note,
                );
            }
        }
        _ => {}
    }
}

/// What an element of a list is called.
fn identity(element: &Value) -> String {
    [
        "id", "code", "township", "county", "service", "year", "unit",
    ]
    .iter()
    .map(|name| format!("{} ", element[*name]))
    .collect()
}

fn package(city: &City, fields: &mut BTreeMap<String, Found>) {
    let key = |row: &BTreeMap<String, Cell>| -> Vec<String> {
        ["unit", "facility", "service", "year"]
            .iter()
            .map(|name| format!("{:?}", row.get(*name)))
            .collect()
    };
    for (table, rows) in &city.public.package {
        let empty = Vec::new();
        let others = city.internal.package.get(table).unwrap_or(&empty);
        let others: BTreeMap<Vec<String>, &BTreeMap<String, Cell>> =
            others.iter().map(|row| (key(row), row)).collect();
        for row in rows {
            let other = others.get(&key(row));
            for (column, cell) in row {
                if let Cell::Number(value) = cell {
                    let twin = match other.and_then(|other| other.get(column)) {
                        Some(Cell::Number(twin)) => Some(*twin),
                        _ => None,
                    };
                    note(
                        fields,
                        city,
                        &format!("package {table}.{column}"),
                        *value,
                        twin,
                    );
                }
            }
        }
    }
}

/// Numbers of the workbook, of sheets, pictures and metadata: each is one of a public table, or it is none of the round's own.
fn texts(city: &City, fields: &mut BTreeMap<String, Found>) {
    let public = figures(&city.public);
    let people = people(&city.internal.page);
    let own = |number: f64| {
        let multiple = number % city.small as f64 == 0.0;
        digits(number) >= 4 && !multiple && number >= 10.0
    };
    let look = |field: String, numbers: Vec<f64>, fields: &mut BTreeMap<String, Found>| {
        let found = fields.entry(field).or_default();
        found.numbers += numbers.len();
        for number in numbers.into_iter().filter(|&number| own(number)) {
            found.distinctive += 1;
            let figure = hundredths(number);
            if people.contains(&figure) && !public.contains(&figure) {
                found.exact += 1;
                found.example = Some((city.name.clone(), number));
            }
        }
    };
    for (sheet, cells) in &city.public.workbook {
        let numbers = cells.values().flat_map(|cell| match cell {
            Cell::Number(number) => vec![*number],
            Cell::Text(text) => numbers_of(text),
        });
        look(format!("text workbook {sheet}"), numbers.collect(), fields);
    }
    for (name, text) in &city.public.texts {
        let kind = name.rsplit('.').next().unwrap_or_default();
        look(format!("text {kind}"), numbers_of(&plain(text)), fields);
    }
}

fn hundredths(number: f64) -> i64 {
    (number * 100.0).round() as i64
}

/// All numbers of an edition's tables, in hundredths, also as whole ones.
fn figures(edition: &Artefacts) -> BTreeSet<i64> {
    let mut all = BTreeSet::new();
    let mut put = |number: f64| {
        for number in [number, (number * 10.0).round() / 10.0, number.round()] {
            all.insert(hundredths(number));
        }
    };
    header(
        &edition.page.header,
        &Value::Null,
        "page ",
        &mut |_, number, _| put(number),
    );
    edition
        .page
        .columns
        .values()
        .flatten()
        .for_each(|&number| put(number));
    let cells = edition
        .package
        .values()
        .flatten()
        .flat_map(BTreeMap::values);
    for cell in cells {
        match cell {
            Cell::Number(number) => put(*number),
            Cell::Text(text) => numbers_of(text).into_iter().for_each(&mut put),
        }
    }
    // Names and codes of the header are texts with numbers in them.
    numbers_of(&edition.page.header.to_string())
        .into_iter()
        .for_each(put);
    all
}

/// The exact counts of people and what is made of them, as the office's page has them, in hundredths.
fn people(internal: &Page) -> BTreeSet<i64> {
    let mut all = BTreeSet::new();
    let about_people = |field: &str| matches!(kind(field), Some(Kind::People | Kind::Made));
    header(
        &internal.header,
        &Value::Null,
        "page ",
        &mut |field, number, _| {
            if about_people(field) || field.starts_with("page communities") {
                all.insert(hundredths(number));
            }
        },
    );
    for (name, column) in &internal.columns {
        if about_people(&format!("column {name}")) {
            all.extend(column.iter().map(|&number| hundredths(number)));
        }
    }
    all
}
