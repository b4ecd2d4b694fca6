//! Columns of ages: which ages a header means, and what counts by any groups of ages say of our bands.

use std::fmt;
use std::sync::LazyLock;

use fuwutu_core::quantity::AGE_BANDS;

use super::land::MOST_RESIDENTS;
use super::people::thousandths;
use crate::finding::{Finding, Findings, Kind};
use crate::number;
use crate::table::{Row, Table};

const N: usize = AGE_BANDS.len();

/// Ages in whole years from one on and below another; without the other, all from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    from: u32,
    below: u32,
}

/// Above all ages.
const OPEN: u32 = u32::MAX;

/// Nobody is counted apart beyond this age.
const OLDEST: u32 = 120;

impl Group {
    /// The ages that a header means: `age_0_14`, `0-14`, `0–14岁`, `15至59岁人口`, `60岁及以上`, `65+`, `age_65_plus`, `15岁以下` (which is
    /// 0–14), `14岁及以下`, `0岁`. `None` for anything else.
    pub(crate) fn of(header: &str) -> Option<Self> {
        let words = words(header)?;
        let numbers: Vec<u32> = words
            .iter()
            .filter_map(|word| match word {
                Word::Number(number) => Some(*number),
                _ => None,
            })
            .collect();
        let has = |wanted: Word| words.contains(&wanted);
        let ends = (has(Word::Open), has(Word::Below), has(Word::UpTo));
        let (from, below) = match (&numbers[..], ends) {
            (&[from], (true, false, false)) => (from, OPEN),
            (&[below], (false, true, false)) => (0, below),
            (&[last], (false, false, true)) => (0, last + 1),
            (&[age], (false, false, false)) if has(Word::Age) => (age, age + 1),
            (&[from, last], (false, false, false)) if has(Word::Gap) => (from, last + 1),
            _ => return None,
        };
        (from < below && numbers.iter().all(|&age| age <= OLDEST)).then_some(Self { from, below })
    }

    /// A band of ours.
    fn band((from, below): (u8, u8)) -> Self {
        let below = if below == u8::MAX {
            OPEN
        } else {
            u32::from(below)
        };
        Self {
            from: u32::from(from),
            below,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.below {
            OPEN => write!(f, "{}+", self.from),
            below if below == self.from + 1 => write!(f, "{}", self.from),
            below => write!(f, "{}–{}", self.from, below - 1),
        }
    }
}

/// What a header of ages is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Number(u32),
    /// Something between two numbers.
    Gap,
    /// The header is about ages.
    Age,
    /// The number and all above it.
    Open,
    /// All below the number.
    Below,
    /// The number and all below it.
    UpTo,
    /// Without a meaning of its own.
    Filler,
}

/// Longer ones stand before those that they begin with.
const WORDS: &[(&str, Word)] = &[
    ("及以上", Word::Open),
    ("以上", Word::Open),
    ("及以下", Word::UpTo),
    ("以下", Word::Below),
    ("不满", Word::Below),
    ("未满", Word::Below),
    ("常住人口", Word::Filler),
    ("人口", Word::Filler),
    ("人数", Word::Filler),
    ("人", Word::Filler),
    ("年龄段", Word::Age),
    ("年龄", Word::Age),
    ("周岁", Word::Age),
    ("岁", Word::Age),
    ("至", Word::Gap),
    ("到", Word::Gap),
    ("years", Word::Age),
    ("year", Word::Age),
    ("yrs", Word::Age),
    ("ages", Word::Age),
    ("aged", Word::Age),
    ("age", Word::Age),
    ("older", Word::Open),
    ("over", Word::Open),
    ("plus", Word::Open),
    ("more", Word::Open),
    ("under", Word::Below),
    ("below", Word::Below),
    ("old", Word::Filler),
    ("and", Word::Filler),
    ("or", Word::Filler),
    ("of", Word::Filler),
    ("to", Word::Gap),
    ("≥", Word::Open),
    (">=", Word::Open),
    ("≤", Word::UpTo),
    ("<=", Word::UpTo),
    ("<", Word::Below),
    ("+", Word::Open),
];

/// The header in words; `None` where a part of it has no meaning here.
fn words(header: &str) -> Option<Vec<Word>> {
    let text = number::narrow(header).to_lowercase();
    let mut rest = text.as_str();
    let mut words = Vec::new();
    while let Some(letter) = rest.chars().next() {
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        if digits > 0 {
            words.push(Word::Number(rest[..digits].parse().ok()?));
            rest = &rest[digits..];
        } else if letter.is_whitespace() || "_-‐–—－−~～〜()（）".contains(letter) {
            words.push(Word::Gap);
            rest = &rest[letter.len_utf8()..];
        } else {
            let (word, meaning) = WORDS.iter().find(|(word, _)| rest.starts_with(word))?;
            words.push(*meaning);
            rest = &rest[word.len()..];
        }
    }
    Some(words)
}

/// A column of ages in a table.
#[derive(Debug, Clone)]
pub(crate) struct AgeColumn {
    pub name: String,
    pub group: Group,
    /// Among the cells of a row.
    pub position: usize,
}

/// What a table's columns of ages say of our bands.
#[derive(Debug)]
pub(crate) enum Scheme {
    /// There are none.
    None,
    /// They do not say how many there are of all ages.
    Unfit(String),
    /// They do.
    Groups(Groups),
}

/// Columns by which everybody can be counted once: groups that follow each other from 0 on without end, or others that give
/// these by addition and subtraction (65+ in 60+, 0–17 beside 0–14).
#[derive(Debug)]
pub(crate) struct Groups {
    columns: Vec<AgeColumn>,
    /// Where groups begin and end, from 0 to [`OPEN`].
    cuts: Vec<u32>,
    /// How many are below each cut: those below another, and those of a column more (or fewer).
    paths: Vec<(usize, usize, usize, f64)>,
    /// Of the ages between two cuts, the column that counts them, and the part of them in each band.
    parts: Vec<(Option<usize>, [f64; N])>,
    /// Whether they are our bands.
    pub bands: bool,
}

impl Scheme {
    /// Of the columns of a table. `structure` are weights of our bands, by which groups are split that have ages of several.
    pub(crate) fn new(table: &Table, structure: &[f64; N]) -> Self {
        let columns = table.ages();
        if columns.is_empty() {
            return Self::None;
        }
        let groups: Vec<Group> = columns.iter().map(|column| column.group).collect();
        let mut cuts: Vec<u32> = groups
            .iter()
            .flat_map(|group| [group.from, group.below])
            .collect();
        cuts.extend([0, OPEN]);
        cuts.sort_unstable();
        cuts.dedup();
        let Some(paths) = paths(&cuts, &groups) else {
            return Self::Unfit(counted(&cuts, &groups));
        };
        let between = cuts.windows(2).map(|pair| Group {
            from: pair[0],
            below: pair[1],
        });
        let part = |group: Group| {
            let column = groups.iter().position(|other| *other == group);
            (column, shares(group, structure))
        };
        Self::Groups(Groups {
            parts: between.map(part).collect(),
            bands: columns.len() == N
                && AGE_BANDS
                    .iter()
                    .all(|&band| groups.contains(&Group::band(band))),
            columns: columns.to_vec(),
            cuts,
            paths,
        })
    }
}

impl Scheme {
    /// The groups, where the columns make any. Those that say nothing of all ages are told, and those that are not our bands.
    pub(crate) fn groups(self, table: &Table, findings: &mut Findings) -> Option<Groups> {
        match self {
            Self::None => None,
            Self::Unfit(why) => {
                findings.push(
                    Finding::new(Kind::AgesUnfitting, table.file)
                        .row(1)
                        .value(why),
                );
                None
            }
            Self::Groups(groups) => {
                if !groups.bands {
                    let finding = Finding::new(Kind::AgesGrouped, table.file).row(1);
                    findings.push(finding.value(groups.names()));
                }
                Some(groups)
            }
        }
    }
}

/// A way from the first cut to each other one along `groups`, nearest first: which cut, from which, by which group, and whether it is
/// added or taken away. `None` where one of them cannot be reached.
fn paths(cuts: &[u32], groups: &[Group]) -> Option<Vec<(usize, usize, usize, f64)>> {
    let at = |age: u32| cuts.binary_search(&age).ok();
    let ends: Option<Vec<(usize, usize)>> = groups
        .iter()
        .map(|group| Some((at(group.from)?, at(group.below)?)))
        .collect();
    let ends = ends?;
    let (mut reached, mut paths) = (vec![0], Vec::new());
    let mut next = 0;
    while let Some(&from) = reached.get(next) {
        next += 1;
        for (group, &(a, b)) in ends.iter().enumerate() {
            for (start, end, sign) in [(a, b, 1.0), (b, a, -1.0)] {
                if start == from && !reached.contains(&end) {
                    reached.push(end);
                    paths.push((end, from, group, sign));
                }
            }
        }
    }
    (reached.len() == cuts.len()).then_some(paths)
}

/// The groups, and which ages none of them counts, or several: `0–14, 60+: 15–59 × 0`.
fn counted(cuts: &[u32], groups: &[Group]) -> String {
    let mut sorted = groups.to_vec();
    sorted.sort_unstable();
    let list = |parts: Vec<String>| parts.join(", ");
    let names = list(sorted.iter().map(ToString::to_string).collect());
    let between = cuts.windows(2).map(|pair| Group {
        from: pair[0],
        below: pair[1],
    });
    let times = |part: Group| {
        let holds = |group: &&Group| group.from <= part.from && part.below <= group.below;
        let count = groups.iter().filter(holds).count();
        (count != 1).then(|| format!("{part} × {count}"))
    };
    format!("{names}: {}", list(between.filter_map(times).collect()))
}

/// The part of the people of a group who are in each band: as the curve of [`below`] has it, with the bands in proportion to
/// `structure`.
fn shares(group: Group, structure: &[f64; N]) -> [f64; N] {
    let mut years = [0.0; N];
    let people: [f64; N] = std::array::from_fn(|at| {
        let band = Group::band(AGE_BANDS[at]);
        let (from, until) = (band.from.max(group.from), band.below.min(group.below));
        if from >= until {
            return 0.0;
        }
        years[at] = f64::from(until.min(OLDEST + 1).saturating_sub(from.min(OLDEST)));
        structure[at] * between(from, until) / between(band.from, band.below)
    });
    // A structure that has none of these ages says nothing of how they lie.
    let people = if people.iter().sum::<f64>() > 0.0 {
        people
    } else {
        years
    };
    let whole: f64 = people.iter().sum();
    people.map(|part| part / whole)
}

impl Groups {
    /// The groups as they stand in the file.
    pub(crate) fn names(&self) -> String {
        let mut groups: Vec<Group> = self.columns.iter().map(|column| column.group).collect();
        groups.sort_unstable();
        let names: Vec<String> = groups.iter().map(ToString::to_string).collect();
        names.join(", ")
    }

    /// The people of a row by band, in persons, of which `residents` are those of all ages; `None` where they are all 0. What
    /// contradicts itself is told: a sum that is not the residents, a group that has more than the one which it is a part of.
    pub(crate) fn people(
        &self,
        row: &Row,
        id: &str,
        (column, residents): (usize, f64),
        findings: &mut Findings,
    ) -> Result<Option<[f64; N]>, Finding> {
        let mut counts = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let count = row.age(column, MOST_RESIDENTS);
            counts.push(count.map_err(|finding| finding.id(id))?);
        }
        let mut below = vec![0.0; self.cuts.len()];
        for &(cut, from, column, sign) in &self.paths {
            below[cut] = below[from] + sign * counts[column];
        }
        let mut people = [0.0; N];
        let (mut sum, mut least) = (0.0, 0.0_f64);
        for ((own, parts), pair) in self.parts.iter().zip(below.windows(2)) {
            let count = own.map_or(pair[1] - pair[0], |column| counts[column]);
            least = least.min(count);
            let count = count.max(0.0);
            sum += count;
            for (people, part) in people.iter_mut().zip(parts) {
                *people += count * part;
            }
        }
        if (sum - residents).abs() > AGREE || least < -AGREE {
            // Whole thousandths: without what adding decimals leaves behind.
            let value = format!("{} ≠ {residents}", (sum * 1e3).round() / 1e3);
            let finding = row.finding(Kind::AgesDiffer, column).id(id).value(value);
            let differ = thousandths((sum - residents).abs());
            findings.push(finding.weight(differ.0));
        }
        Ok((sum > 0.0).then_some(people))
    }
}

/// Ages that differ from the residents by no more than this (persons) are rounding.
const AGREE: f64 = 0.5;

/// Chengdu's residents by groups of ages: where each begins, and how many they are. Census of 2020: 0, 1–4, 5–9, 10–14 and 15–19
/// from the yearbook of the census (成都市第七次全国人口普查), as the seven bands of github leiii/census hold them; 0–14, 60+ and 65+
/// (285.12万) as the city's bulletin of May 2021 has them. Groups between 20 and 59 are not to hand: those are one.
const CENSUS: [(u32, f64); 8] = [
    (0, 163_071.0),
    (1, 877_038.0),
    (5, 947_650.0),
    (10, 793_068.0),
    (15, 901_127.0),
    (20, 13_491_734.0),
    (60, 912_869.0),
    (65, 2_851_200.0),
];

/// Where the last group of the census is taken to end.
const CENSUS_END: u32 = 100;

/// The curve through the census's running sums.
struct Curve {
    ages: [f64; CENSUS.len() + 1],
    below: [f64; CENSUS.len() + 1],
    slopes: [f64; CENSUS.len() + 1],
}

static CURVE: LazyLock<Curve> = LazyLock::new(|| {
    const K: usize = CENSUS.len();
    let ages: [f64; K + 1] =
        std::array::from_fn(|at| f64::from(CENSUS.get(at).map_or(CENSUS_END, |group| group.0)));
    let mut below = [0.0; K + 1];
    for at in 0..K {
        below[at + 1] = below[at] + CENSUS[at].1;
    }
    let width = |at: usize| ages[at + 1] - ages[at];
    let a_year = |at: usize| CENSUS[at].1 / width(at);
    let slopes = std::array::from_fn(|at| match at {
        0 => a_year(0),
        K => a_year(K - 1),
        _ => {
            let (before, after) = (
                2.0 * width(at) + width(at - 1),
                width(at) + 2.0 * width(at - 1),
            );
            (before + after) / (before / a_year(at - 1) + after / a_year(at))
        }
    });
    Curve {
        ages,
        below,
        slopes,
    }
});

/// How many of the census are younger than an age: the monotone cubic curve through the running sums of its groups (Fritsch & Butland
/// 1984), which keeps the sum of each group exactly and is nowhere negative.
fn below(age: u32) -> f64 {
    let Curve {
        ages,
        below,
        slopes,
    } = &*CURVE;
    let age = f64::from(age.min(CENSUS_END));
    let at = (0..CENSUS.len())
        .rfind(|&at| ages[at] <= age)
        .unwrap_or(0)
        .min(CENSUS.len() - 1);
    let width = ages[at + 1] - ages[at];
    let t = (age - ages[at]) / width;
    let rise = below[at + 1] - below[at];
    below[at]
        + rise * t * t * (3.0 - 2.0 * t)
        + width * (slopes[at] * t * (1.0 - t) * (1.0 - t) - slopes[at + 1] * t * t * (1.0 - t))
}

/// How many of the census are from one age on and below another; above its end, as if nearly nobody were.
fn between(from: u32, until: u32) -> f64 {
    const FEW: f64 = 1e-6;
    (below(until) - below(from)).max(FEW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::table::Column;
    use fuwutu_core::watch::unwatched;
    use std::collections::BTreeMap;

    const COLUMNS: [Column; 4] = [
        Column::required("id", &[]),
        Column::required("residents", &[]),
        Column::optional("age_0_2", &[]),
        Column::optional("age_60_plus", &[]),
    ];

    fn group(from: u32, below: u32) -> Option<Group> {
        Some(Group { from, below })
    }

    #[test]
    fn headers_of_ages_are_understood_as_offices_write_them() {
        for header in [
            "age_0_14",
            "Age 0-14",
            "ages_0_14",
            "0-14",
            "0–14",
            "0～14岁",
            "0至14岁",
            "0—14岁人口",
            "0-14周岁",
            "15岁以下",
            "14岁及以下",
            "under 15",
            "<15",
            "年龄0-14",
            "0_14岁常住人口",
            "0 to 14 years",
        ] {
            assert_eq!(Group::of(header), group(0, 15), "{header}");
        }
        for header in [
            "age_65_plus",
            "65+",
            "65岁及以上",
            "65岁以上",
            "≥65",
            "65 and over",
            "65+岁",
            "65周岁及以上人口",
            "age_65+",
            "65 years and older",
        ] {
            assert_eq!(Group::of(header), group(65, OPEN), "{header}");
        }
        assert_eq!(Group::of("0岁"), group(0, 1));
        assert_eq!(Group::of("age_17"), group(17, 18));
        for header in [
            "0",
            "65",
            "2010-2020",
            "14-0",
            "residents",
            "age",
            "岁",
            "lon_0_1",
            "age_0_14_2010",
            "60岁及以上占比",
            "",
            "60+65+",
            "男0-14",
        ] {
            assert_eq!(Group::of(header), None, "{header}");
        }
    }

    /// What `text` (with columns `id` and `residents`) says of its rows: the bands of each, and what was found.
    /// The people of each row by band, `None` where all are 0, and how many findings there are.
    type Read = (Vec<Option<[f64; N]>>, usize);

    fn read(text: &str, structure: [f64; N]) -> Result<Read, String> {
        let mut findings = Findings::default();
        let none = BTreeMap::new();
        let table = Table::open("f.csv", text, &COLUMNS, &none, &mut findings).unwrap();
        let groups = match Scheme::new(&table, &structure) {
            Scheme::Groups(groups) => groups,
            Scheme::Unfit(why) => return Err(why),
            Scheme::None => return Err("none".to_owned()),
        };
        let mut rows = Vec::new();
        let mut told = Findings::default();
        table
            .rows(&unwatched, |row| {
                let residents = row.amount(1, 1e9).unwrap();
                rows.push(groups.people(&row, "x", (1, residents), &mut told).unwrap());
            })
            .unwrap();
        Ok((rows, told.parts().0.len()))
    }

    const EVEN: [f64; N] = [3.0, 3.0, 6.0, 3.0, 3.0, 42.0, 40.0];

    fn near(ours: &[f64], wanted: &[f64]) {
        let pairs = ours.iter().zip(wanted);
        assert!(
            pairs
                .clone()
                .all(|(ours, wanted)| (ours - wanted).abs() < 1e-9),
            "{ours:?} {wanted:?}"
        );
    }

    #[test]
    fn groups_are_split_inside_and_keep_their_sums() {
        let (rows, told) = read("id,residents,0-14,15-59,60+\nx,1000,150,650,200\n", EVEN).unwrap();
        let bands = rows[0].unwrap();
        assert_eq!(told, 0);
        near(
            &[bands[..4].iter().sum(), bands[4..6].iter().sum(), bands[6]],
            &[150.0, 650.0, 200.0],
        );
        // Whole bands within a group are in the proportions of the structure: 3 : 3 : 6 : 3 and 3 : 42.
        near(&bands[..4], &[30.0, 30.0, 60.0, 30.0]);
        near(&bands[4..6], &[650.0 / 15.0, 650.0 * 14.0 / 15.0]);
    }

    #[test]
    fn groups_within_others_give_the_rest_by_subtraction() {
        // 0–14, 0–17, 15–59, 60+ and 65+ of it: 15–17 are 40, 18–59 are 610, 60+ are all 200.
        let text = "id,residents,age_65_plus,0-17,age_0_14,15-59岁,60岁及以上\nx,1000,140,190,150,650,200\n";
        let (rows, told) = read(text, EVEN).unwrap();
        assert_eq!(told, 0);
        near(&rows[0].unwrap()[4..], &[40.0, 610.0, 200.0]);
        // A part that has more than the whole is told, and counts as the whole.
        let (rows, told) = read("id,residents,0-14,0-17,15+\nx,100,30,20,70\n", EVEN).unwrap();
        assert_eq!(told, 1);
        assert!(rows[0].unwrap()[4].abs() < 1e-9);
    }

    #[test]
    fn groups_that_do_not_count_all_ages_once_say_which() {
        let unfit = |header: &str| {
            let zeros = header.split(',').map(|_| "0").collect::<Vec<_>>().join(",");
            read(&format!("id,residents,{header}\nx,0,{zeros}\n"), EVEN).unwrap_err()
        };
        assert_eq!(unfit("0-14,60+"), "0–14, 60+: 15–59 × 0");
        assert_eq!(unfit("0-14,10+"), "0–14, 10+: 10–14 × 2");
        assert_eq!(unfit("0-14,15-59"), "0–14, 15–59: 60+ × 0");
        assert_eq!(unfit("备注"), "none");
    }

    #[test]
    fn any_partition_of_ages_keeps_the_sums_of_its_groups() {
        let mut state = 1_u64;
        // Knuth's linear congruential generator: no need for good chance.
        let mut below = |most: u32| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32 % most
        };
        for _ in 0..300 {
            let mut cuts: Vec<u32> = (0..1 + below(6)).map(|_| 1 + below(94)).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let starts: Vec<u32> = [0].into_iter().chain(cuts).collect();
            let name = |at: usize| match starts.get(at + 1) {
                Some(next) => format!("{}-{}岁", starts[at], next - 1),
                None => format!("{}岁及以上", starts[at]),
            };
            let names: Vec<String> = (0..starts.len()).map(name).collect();
            let counts: Vec<u32> = starts.iter().map(|_| below(500)).collect();
            let cells: Vec<String> = counts.iter().map(ToString::to_string).collect();
            let all: u32 = counts.iter().sum();
            let text = format!(
                "id,residents,{}\nx,{all},{}\n",
                names.join(","),
                cells.join(",")
            );
            let structure: [f64; N] = std::array::from_fn(|_| f64::from(below(200)));
            let (rows, told) = read(&text, structure).unwrap();
            assert_eq!(told, 0, "{text}");
            let bands = rows[0].unwrap_or_default();
            // Wherever a group and a band end at one age, as many are younger by both.
            for (at, &(_, end)) in AGE_BANDS.iter().enumerate() {
                let Some(groups) = starts.iter().position(|&start| start == u32::from(end)) else {
                    continue;
                };
                let young: u32 = counts[..groups].iter().sum();
                near(&[bands[..=at].iter().sum()], &[f64::from(young)]);
            }
            near(&[bands.iter().sum()], &[f64::from(all)]);
        }
    }

    #[test]
    fn the_default_structure_is_the_census_by_the_curve() {
        let all = below(OPEN);
        for (at, &(from, people)) in CENSUS.iter().enumerate() {
            let end = CENSUS.get(at + 1).map_or(OPEN, |next| next.0);
            assert!((between(from, end) - people).abs() < 1e-6, "{from}");
        }
        // Nowhere negative, and 0–14 are the 13.28 % of the bulletin.
        assert!((0..CENSUS_END).all(|age| between(age, age + 1) > 0.0));
        assert!((below(15) / all - 0.1328).abs() < 5e-5);
        let shares = AGE_BANDS.map(|band| {
            let band = Group::band(band);
            (between(band.from, band.below) / all * 1e5).round() / 1e5
        });
        let plan = "[round]\nname = \"x\"\nbase_year = 2026\n[inputs]\ntownships = { path = \"t\" }\n\
                    communities = { path = \"c\" }\nfacilities = [{ path = \"f\" }]\n";
        let plan = Plan::parse(plan, std::path::Path::new("plan.toml")).unwrap();
        let written = plan.people.age_shares.map(|share| format!("{share:.5}"));
        assert_eq!(
            written,
            shares.map(|share| format!("{share:.5}")),
            "seeds/policy.toml"
        );
    }
}
