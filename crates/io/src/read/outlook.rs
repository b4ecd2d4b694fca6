//! What the plan's files say of other years than the base: residents by community earlier and at a third date, totals of
//! counties in later years.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fuwutu_core::city::City;
use fuwutu_core::crosswalk::Span;
use fuwutu_core::position::CommunityAt;
use fuwutu_core::projection::{
    self, AgeRule, Control, Earlier, Housing, Observed, Outlook, Projected, age_rule, ages_of,
};
use fuwutu_core::quantity::{AGE_BANDS, ByAge, Residents, split};

use super::ages::{Groups, Scheme};
use super::crosswalk::Walk;
use super::housing::{self, HousingRow, year_of};
use super::keyed::{self, BESIDE, KeyColumns, Keys, Match};
use super::land::MOST_RESIDENTS;
use super::people::{self, thousandths};
use super::{ReadError, Reading, name};
use crate::finding::account::Role;
use crate::finding::{Finding, Findings, Kind};
use crate::keys::By;
use crate::plan::{DatedSource, Plan};
use crate::table::{Column, Row, Table};

pub(crate) const DATED_COLUMNS: [Column; 2] = [
    Column::required("community", keyed::CODES_ALONE).or(&[keyed::NAME]),
    Column::required("residents", keyed::RESIDENTS),
];
pub(crate) const CONTROL_COLUMNS: [Column; 3] = [
    Column::required("county", &["区县代码", "区县", "行政区划代码", "区划代码"]),
    Column::required("year", &["年份", "年度"]),
    Column::required("residents", keyed::RESIDENTS),
];

/// All that the plan's files say of other years. `ages` are the groups in which the base has ages of its own.
pub(super) fn outlook(
    reading: &mut Reading,
    city: &City,
    ages: Option<&Groups>,
    housing: &[HousingRow],
) -> Result<Outlook, ReadError> {
    let earlier = earlier(reading, city, ages)?;
    let observed = observed(reading, city, earlier.as_ref())?;
    let housing = housing::placed(city, housing);
    let counties = counties(city, &housing);
    let controls = controls(reading, &counties)?;
    // A county whose total cannot be read is not one without.
    reading.stop_at_errors()?;
    let housing_file = reading
        .plan
        .inputs
        .housing
        .as_ref()
        .map_or(String::new(), |each| name(&each.path));
    let drops = |(county, people): &(&&str, &CountyPeople)| {
        people.base.0 == 0
            && people.arriving.0 > 0
            && controls.iter().all(|control| control.county != **county)
    };
    for (county, _) in counties.iter().filter(drops) {
        reading
            .findings
            .push(Finding::new(Kind::HousingDrops, &housing_file).id(*county));
    }
    let outlook = Outlook {
        aged: ages.is_some(),
        earlier,
        controls,
        housing,
        observed,
    };
    tell_ages(reading, &outlook);
    tell_special(reading, city, &outlook);
    tell_growth(reading, city, &outlook, &housing_file);
    reading.stop_at_errors()?;
    Ok(outlook)
}

/// Tells counties without a given total that new dwellings would empty faster than is believed of any place, each for the first
/// year; and communities that would have more people than their demand points can hold.
fn tell_growth(reading: &mut Reading, city: &City, outlook: &Outlook, housing_file: &str) {
    let Reading { plan, findings, .. } = reading;
    if outlook.is_still(&plan.growth) {
        return;
    }
    let given: BTreeSet<&str> = outlook
        .controls
        .iter()
        .map(|control| control.county.as_str())
        .collect();
    let mut told = BTreeSet::new();
    for years in 1..=plan.round.horizon_years {
        let growth = projection::growth(city, outlook, &plan.growth, years);
        let least = (1.0 - plan.growth.most_yearly).powf(f64::from(years));
        for each in growth
            .iter()
            .filter(|each| each.trend > 0.0 && each.control < least)
        {
            let township = city.communities()[each.community].township;
            let county = city.townships()[township].county();
            if !given.contains(county) && told.insert(county) {
                let value = format!("{}: × {:.3}", each.year, each.control);
                findings.push(
                    Finding::new(Kind::HousingBeyond, housing_file)
                        .id(county)
                        .value(value),
                );
            }
        }
        for each in overfull(city, outlook, plan, &growth) {
            let code = &city.communities()[each.community].code;
            let value = format!("{}: {}", each.year, each.of(plan.growth.variant).persons());
            findings.push(
                Finding::new(Kind::GrowthHuge, "")
                    .id(code.as_str())
                    .value(value),
            );
        }
    }
}

/// Communities whose people, put to their demand points, are more than those can hold.
fn overfull<'a>(
    city: &City,
    outlook: &Outlook,
    plan: &Plan,
    growth: &'a [Projected],
) -> Vec<&'a Projected> {
    // Where no band of a whole community is too many for one place, none of a place is.
    let most = Residents(u64::from(u32::MAX));
    if growth
        .iter()
        .flat_map(|each| each.ages)
        .all(|band| band <= most)
    {
        return Vec::new();
    }
    let held = ages_of(&projection::project(city, outlook, &plan.growth, growth));
    growth
        .iter()
        .zip(held)
        .filter(|(each, held)| each.ages != *held)
        .map(|(each, _)| each)
        .collect()
}

/// Tells where ages cannot follow as the plan has it, or do not follow at all.
fn tell_ages(reading: &mut Reading, outlook: &Outlook) {
    let Reading { plan, findings, .. } = reading;
    let used = age_rule(outlook, &plan.growth);
    match plan.growth.ages {
        _ if plan.round.horizon_years == 0 => {}
        Some(asked) if asked > used => {
            let value = format!("{} → {}", asked.name(), used.name());
            findings.push(
                Finding::new(Kind::AgesUnfit, "")
                    .column("growth.ages")
                    .value(value),
            );
        }
        None if used == AgeRule::Keep && !outlook.is_still(&plan.growth) => {
            findings.push(Finding::new(Kind::AgesKept, ""));
        }
        _ => {}
    }
}

/// Tells communities whose ages are very unlike the city's, where people are to grow older.
fn tell_special(reading: &mut Reading, city: &City, outlook: &Outlook) {
    let Reading { plan, findings, .. } = reading;
    if plan.round.horizon_years == 0 || age_rule(outlook, &plan.growth) == AgeRule::Keep {
        return;
    }
    for special in projection::special(city, &plan.growth) {
        let code = &city.communities()[special.community].code;
        let (from, below) = AGE_BANDS[special.band];
        let ages = if below == u8::MAX {
            format!("{from}+")
        } else {
            format!("{from}–{}", below - 1)
        };
        let [own, all] = [special.share, special.of_city].map(|share| share * 100.0);
        let finding = Finding::new(Kind::AgesSpecial, "").id(code.as_str());
        findings.push(finding.value(format!("{ages}: {own:.1} % ({all:.1} %)")));
    }
}

/// Residents of communities at one date, in the codes of the base year.
struct Dated {
    file: String,
    residents: Vec<Option<Residents>>,
    /// Empty where the file has no ages.
    ages: Vec<Option<ByAge>>,
    /// The groups that it counts them by.
    groups: Option<Groups>,
    /// The line of each code of the file that has residents here.
    lines: HashMap<String, u64>,
    /// What was carried by the crosswalk.
    carried: Carriage,
    /// Codes that changed in the year itself: the residents are in the codes of its end.
    of_year: BTreeSet<String>,
    /// Rows of which anybody counts.
    used: usize,
    /// Communities (by position) that lost their residents to an old code of which nobody knows how many it had.
    partial: BTreeSet<CommunityAt>,
}

/// What was carried by the crosswalk.
#[derive(Default)]
struct Carriage {
    codes: u64,
    residents: Residents,
    /// Those of the residents who went to codes that are not there.
    left: Residents,
}

/// How a date is told of.
#[derive(Clone, Copy)]
struct Told {
    role: Role,
    unknown: Kind,
    missing: Kind,
    carried: Kind,
    partial: Kind,
    fresh: Kind,
}

const EARLIER: Told = Told {
    role: Role::Earlier,
    unknown: Kind::EarlierUnknown,
    missing: Kind::EarlierMissing,
    carried: Kind::EarlierCarried,
    partial: Kind::EarlierPartial,
    fresh: Kind::EarlierFresh,
};
const OBSERVED: Told = Told {
    role: Role::Observed,
    unknown: Kind::ObservedUnknown,
    missing: Kind::ObservedMissing,
    carried: Kind::ObservedCarried,
    partial: Kind::ObservedPartial,
    fresh: Kind::ObservedFresh,
};

impl Dated {
    /// Adds a row's people to the communities that they came to; what goes to a code that is not there is told.
    fn add(
        &mut self,
        row: &Row,
        (walk, keys): (&Walk, &Keys),
        (city, span, told): (&City, Span, Told),
        findings: &mut Findings,
    ) -> Result<(), Finding> {
        let Some(code) = keys.code(row)? else {
            return Ok(());
        };
        let code = &*code;
        let persons = row
            .amount(1, MOST_RESIDENTS)
            .map_err(|finding| finding.id(code))?;
        let changed = walk.crosswalk.changes(code, span);
        if (changed || city.community_at(code).is_some())
            && let Some(first) = self.lines.insert(code.to_owned(), row.line)
        {
            return Err(row
                .finding(Kind::IdTwice, 0)
                .value(format!("{code}: {first}, {}", row.line)));
        }
        let all = thousandths(persons);
        // Where the ages cannot be read, the residents still count, so that only the ages are told.
        let by_age = match &self.groups {
            None => Ok(None),
            Some(groups) => groups.people(row, code, (1, all.persons()), findings),
        };
        let (own, fault) = by_age.map_or_else(|fault| (None, Some(fault)), |own| (own, None));
        // Of nobody the ages are known.
        let none = (!self.ages.is_empty() && fault.is_none() && all.0 == 0).then(ByAge::default);
        let by_age = own.map(|own| split(all, &own)).or(none);
        let late = !changed && self.of_year.contains(code);
        let mut left = Residents::default();
        let mut counts = false;
        for (new, own) in came(walk, code, all, by_age, span) {
            let Some(at) = city.community_at(new).map(CommunityAt::index) else {
                let kind = if late {
                    Kind::ChangeOfYear
                } else {
                    told.unknown
                };
                findings.push(
                    row.finding(kind, 0)
                        .value(format!("{new}, {}", own.residents.persons())),
                );
                left += own.residents;
                continue;
            };
            counts = true;
            let known = self.residents[at].is_some();
            *self.residents[at].get_or_insert_default() += own.residents;
            if let Some(ages) = self.ages.get_mut(at) {
                // Ages of a community are known where those of all who came are.
                let before = if known { *ages } else { Some(ByAge::default()) };
                *ages = before
                    .zip(own.ages)
                    .map(|(a, b)| std::array::from_fn(|band| a[band] + b[band]));
            }
        }
        if changed || late {
            walk.uses(code);
        }
        if changed {
            self.carried.codes += 1;
            self.carried.residents += all;
            self.carried.left += left;
        }
        if counts {
            self.used += 1;
            // The residents count: only the ages do not.
            findings.extend(fault);
        } else {
            let kind = if late {
                Kind::ChangeOfYear
            } else {
                told.unknown
            };
            findings.leave_out(kind, 1);
            findings.extend(fault);
        }
        Ok(())
    }
}

/// Those of a row who came to one community.
struct Came {
    residents: Residents,
    ages: Option<ByAge>,
}

/// Where a row's people are in the codes at the end of `span`. With ages each band is carried alone, and the residents are
/// their sum.
fn came<'a>(
    walk: &'a Walk,
    code: &'a str,
    all: Residents,
    by_age: Option<ByAge>,
    span: Span,
) -> BTreeMap<&'a str, Came> {
    let Some(by_age) = by_age else {
        let came = walk.crosswalk.carry(code, all, span).into_iter();
        return came
            .map(|(new, residents)| {
                (
                    new,
                    Came {
                        residents,
                        ages: None,
                    },
                )
            })
            .collect();
    };
    let mut parts: BTreeMap<&str, ByAge> = BTreeMap::new();
    for (band, people) in by_age.into_iter().enumerate() {
        for (new, part) in walk.crosswalk.carry(code, people, span) {
            parts.entry(new).or_default()[band] = part;
        }
    }
    let came = |(new, ages): (_, ByAge)| {
        (
            new,
            Came {
                residents: ages.into_iter().sum(),
                ages: Some(ages),
            },
        )
    };
    parts.into_iter().map(came).collect()
}

/// Reads `source`, of communities in the codes of its year, and tells what of it is not here.
fn dated(
    reading: &mut Reading,
    city: &City,
    source: &DatedSource,
    columns: &[Column],
    structure: &[f64; AGE_BANDS.len()],
    told: Told,
) -> Result<Dated, ReadError> {
    let (file, tabular) = reading.table(source.named(), columns)?;
    reading.findings.begin(told.role, &file);
    let table = Table::open(
        &file,
        &tabular.text,
        columns,
        &source.columns,
        &mut reading.findings,
    )?;
    let groups = Scheme::new(&table, structure).groups(&table, &mut reading.findings);
    let span = Span {
        after: source.year,
        upto: city.year(),
    };
    let many = city.communities().len();
    let mut dated = Dated {
        file: file.clone(),
        residents: vec![None; many],
        ages: vec![None; if groups.is_some() { many } else { 0 }],
        groups,
        lines: HashMap::new(),
        carried: Carriage::default(),
        of_year: reading.walk.changed_in(source.year),
        used: 0,
        partial: BTreeSet::new(),
    };
    let gazetteer = Arc::clone(&reading.gazetteer);
    let key_columns = KeyColumns {
        code: 0,
        residents: Some(1),
        beside: columns.len() - BESIDE.len(),
    };
    let keys = Keys::new(&file, &gazetteer, key_columns, false);
    let (findings, walk) = (&mut reading.findings, &reading.walk);
    table.rows(reading.watch, |row| {
        if let Err(finding) = dated.add(&row, (walk, &keys), (city, span, told), findings) {
            findings.refuse(finding);
        }
    })?;
    table.report_counts(findings);
    let matches = keys.finish(findings);
    reading.matches.extend(matches);
    findings.use_rows(dated.used);
    let Carriage {
        codes,
        residents,
        left,
    } = dated.carried;
    if codes > 0 {
        let mut value = format!("{codes} codes, {} residents", residents.persons());
        if left.0 > 0 {
            value += &format!(", {} left out", left.persons());
        }
        findings.push(Finding::new(told.carried, &file).value(value));
    }
    for (new, old) in walk
        .fresh(span)
        .into_iter()
        .filter(|(_, old)| dated.lines.contains_key(old))
    {
        if let Some(&line) = dated.lines.get(&new) {
            let finding = Finding::new(told.fresh, &file).row(line).id(new.as_str());
            findings.push(finding.value(format!("{old} → {new}")));
        }
    }
    without_all_parts(&mut dated, walk, city, (span, told.partial), findings);
    tell_missing(findings, city, &dated, told.missing);
    Ok(dated)
}

/// A community that another went into, of which nobody knows how many it had, would seem to have grown: it is taken to have no
/// residents at the date. A table without any old code was carried by its makers.
fn without_all_parts(
    dated: &mut Dated,
    walk: &Walk,
    city: &City,
    (span, partial): (Span, Kind),
    findings: &mut Findings,
) {
    if dated.carried.codes == 0 {
        return;
    }
    for old in walk
        .originals(span)
        .into_iter()
        .filter(|old| !dated.lines.contains_key(old))
    {
        let went = walk.crosswalk.carry(&old, Residents(1_000_000_000), span);
        let here: Vec<CommunityAt> = went
            .into_keys()
            .filter_map(|new| city.community_at(new))
            .collect();
        for &at in &here {
            if dated.residents[at].take().is_some() {
                dated.partial.insert(at);
                let code = city.communities()[at].code.as_str();
                findings.push(
                    Finding::new(partial, &dated.file)
                        .id(code)
                        .value(old.as_str()),
                );
            }
            if let Some(ages) = dated.ages.get_mut(at.index()) {
                *ages = None;
            }
        }
        if here.iter().any(|at| dated.partial.contains(at)) {
            walk.uses(&old);
        }
    }
}

/// Tells which communities have no residents at a date, and it was not told why.
fn tell_missing(findings: &mut Findings, city: &City, dated: &Dated, kind: Kind) {
    let communities = CommunityAt::enumerate(city.communities().iter().zip(&dated.residents));
    for (_, (community, _)) in
        communities.filter(|(at, (_, own))| own.is_none() && !dated.partial.contains(at))
    {
        findings.push(Finding::new(kind, &dated.file).id(community.code.clone()));
    }
}

/// Residents at the plan's earlier date. Its groups of ages are split by the ages that the city has
/// at the base where these are in our bands, and otherwise as the base's own, so that equal tables stay equal.
fn earlier(
    reading: &mut Reading,
    city: &City,
    ages: Option<&Groups>,
) -> Result<Option<Earlier>, ReadError> {
    let Some(source) = reading.plan.inputs.earlier.clone() else {
        if reading.plan.round.horizon_years > 0 {
            reading.findings.push(Finding::new(Kind::NoEarlier, ""));
        }
        return Ok(None);
    };
    // Ages, and what stands beside a code.
    let columns = [&DATED_COLUMNS[..], &people::COLUMNS[people::FIRST_AGE..]].concat();
    let structure = match ages {
        Some(ages) if ages.bands => {
            let all = ages_of(city).into_iter();
            all.fold([0.0; AGE_BANDS.len()], |sum, own| {
                std::array::from_fn(|band| sum[band] + own[band].persons())
            })
        }
        _ => reading.plan.people.age_shares,
    };
    let dated = dated(reading, city, &source, &columns, &structure, EARLIER)?;
    reading.stop_at_errors()?;
    Ok(Some(Earlier {
        year: source.year,
        residents: dated.residents,
        ages: dated.ages,
    }))
}

/// Residents at the date that the methods are tried on.
fn observed(
    reading: &mut Reading,
    city: &City,
    earlier: Option<&Earlier>,
) -> Result<Option<Observed>, ReadError> {
    let (Some(source), Some(earlier)) = (reading.plan.inputs.observed.clone(), earlier) else {
        return Ok(None);
    };
    let structure = reading.plan.people.age_shares;
    let columns = [&DATED_COLUMNS[..], &BESIDE].concat();
    let dated = dated(reading, city, &source, &columns, &structure, OBSERVED)?;
    if dated
        .residents
        .iter()
        .zip(&earlier.residents)
        .all(|(observed, earlier)| observed.and(*earlier).is_none())
    {
        reading
            .findings
            .push(Finding::new(Kind::NoBacktest, &dated.file));
    }
    Ok(Some(Observed {
        year: source.year,
        residents: dated.residents,
    }))
}

/// Who lives in a county at the base, and who moves into its new dwellings.
#[derive(Default)]
struct CountyPeople {
    base: Residents,
    arriving: Residents,
}

fn counties<'a>(city: &'a City, housing: &[Housing]) -> BTreeMap<&'a str, CountyPeople> {
    let mut arriving = vec![Residents::default(); city.communities().len()];
    housing
        .iter()
        .for_each(|each| arriving[each.community] += each.residents);
    let mut counties: BTreeMap<&str, CountyPeople> = BTreeMap::new();
    for ((community, base), arriving) in city
        .communities()
        .iter()
        .zip(city.community_residents())
        .zip(arriving)
    {
        let people = counties
            .entry(city.townships()[community.township].county())
            .or_default();
        people.base += base;
        people.arriving += arriving;
    }
    counties
}

/// The six digits of a county's code, also where it stands with the six noughts of the levels below.
fn county_code(code: &str) -> &str {
    let six = code.strip_suffix("000000");
    six.filter(|six| six.len() == 6 && six.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or(code)
}

/// A total so many times as large as the residents at the base and those who move into new dwellings, or as small as the
/// residents at the base (where there are none, as those who move in), is a mistake.
const FAR: f64 = 4.0;

/// Totals of counties in later years.
fn controls(
    reading: &mut Reading,
    counties: &BTreeMap<&str, CountyPeople>,
) -> Result<Vec<Control>, ReadError> {
    let Some(source) = reading.plan.inputs.controls.clone() else {
        return Ok(Vec::new());
    };
    let (file, tabular) = reading.table(source.named(), &CONTROL_COLUMNS)?;
    reading.findings.begin(Role::Controls, &file);
    let table = Table::open(
        &file,
        &tabular.text,
        &CONTROL_COLUMNS,
        &source.columns,
        &mut reading.findings,
    )?;
    let base_year = reading.plan.round.base_year;
    let mut controls: BTreeMap<(String, i32), (Residents, u64)> = BTreeMap::new();
    let mut named: BTreeMap<(String, String), u64> = BTreeMap::new();
    let gazetteer = Arc::clone(&reading.gazetteer);
    let mut add = |row: &Row| -> Result<(), Finding> {
        let written = county_code(row.id(0)?);
        let by_name = gazetteer
            .county(written)
            .filter(|_| !counties.contains_key(written));
        let county = by_name.unwrap_or(written);
        if let Some(code) = by_name {
            let key = (written.to_owned(), code.to_owned());
            *named.entry(key).or_default() += 1;
        }
        let about = |finding: Finding| finding.id(county);
        let year = year_of(row, 1).map_err(about)?;
        let persons = row.amount(2, MOST_RESIDENTS).map_err(about)?;
        let people = counties
            .get(county)
            .ok_or_else(|| row.finding(Kind::ControlUnknown, 0))?;
        let all = people.base + people.arriving;
        let least = if people.base.0 > 0 { people.base } else { all };
        let told = |kind, at| Err(row.finding(kind, at).id(county));
        if year == base_year && people::sum_differs(people.base, thousandths(persons)) {
            let value = people::difference(people.base, thousandths(persons));
            return Err(row.finding(Kind::SumDiffers, 2).id(county).value(value));
        }
        if year <= base_year {
            return told(Kind::ControlEarly, 1);
        }
        if thousandths(persons).0 == 0 {
            return told(Kind::ControlZero, 2);
        }
        if all.0 == 0 {
            return told(Kind::ControlEmpty, 0);
        }
        if !(least.persons() / FAR..=all.persons() * FAR).contains(&persons) {
            let near = if persons < least.persons() {
                least
            } else {
                all
            };
            return Err(row
                .finding(Kind::ControlFar, 2)
                .id(county)
                .value(format!("{persons} / {}", near.persons())));
        }
        if let Some((_, first)) =
            controls.insert((county.to_owned(), year), (thousandths(persons), row.line))
        {
            let value = format!("{county}, {year}: {first}, {}", row.line);
            return Err(row.finding(Kind::IdTwice, 0).value(value));
        }
        Ok(())
    };
    let findings = &mut reading.findings;
    let count = table.rows(reading.watch, |row| {
        if let Err(finding) = add(&row) {
            findings.refuse(finding);
        }
    })?;
    table.report_counts(findings);
    findings.use_rows(controls.len());
    let matches = named.into_iter().map(|((written, code), rows)| Match {
        file: file.clone(),
        column: CONTROL_COLUMNS[0].name.to_owned(),
        name: written.clone(),
        written,
        code,
        by: By::Name,
        rows,
    });
    let matches: Vec<Match> = matches.collect();
    keyed::tell(&file, &matches, findings);
    reading.matches.extend(matches);
    if count == 0 {
        reading.findings.push(Finding::new(Kind::NoRows, &file));
    }
    let control = |((county, year), (residents, _))| Control {
        county,
        year,
        residents,
    };
    Ok(controls.into_iter().map(control).collect())
}
