//! Headers that no column has: which of them are passed over, and which column one of them probably means.

use std::borrow::Cow;

use crate::finding::{Finding, Kind};
use crate::table::Column;

/// A header without what offices add to it.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts<'a> {
    /// In plain signs, without white space, asterisks and units.
    pub name: Cow<'a, str>,
    /// The unit behind it, without 万; empty where there is none.
    pub unit: &'static str,
    /// 10,000 where the unit is in 万, 1,000 in 千, 100 in 百, else 1.
    pub times: f64,
}

impl Parts<'_> {
    /// The unit of the numbers below it: that behind it, or the one that it names itself (床位数).
    pub(crate) fn unit(&self) -> &'static str {
        match (self.unit, &*self.name) {
            ("", "学位数" | "学位") => "学位",
            ("", "床位数" | "床位") => "床位",
            ("", "托位数" | "托位") => "托位",
            (_, "建筑面积") => "m2_floor",
            (_, "用地面积" | "占地面积") => "m2_site",
            (unit, _) => unit,
        }
    }
}

/// What may stand behind a header in brackets or after a stroke, and means no other column.
const BEHIND: [&str; 37] = [
    "人",
    "名",
    "口",
    "户",
    "套",
    "个",
    "处",
    "所",
    "座",
    "位",
    "床",
    "张",
    "张床",
    "班",
    "个班",
    "学位",
    "床位",
    "托位",
    "册",
    "辆",
    "㎡",
    "m2",
    "m²",
    "平方米",
    "平米",
    "km2",
    "km²",
    "平方公里",
    "平方千米",
    "公顷",
    "度",
    "°",
    "年",
    "小时",
    "%",
    "必填",
    "选填",
];

/// A header as it is looked for: `*常住人口（万人）` is 常住人口 in tens of thousands of 人. Full-width letters and brackets are plain ones;
/// brackets with anything else than a unit stay.
pub(crate) fn parts(header: &str) -> Parts<'_> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let as_it_is = Parts {
        name: Cow::Borrowed(header),
        unit: "",
        times: 1.0,
    };
    if header.chars().all(plain) {
        return as_it_is;
    }
    let narrow = |sign: char| match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        '【' | '〔' => '(',
        '】' | '〕' => ')',
        sign => sign,
    };
    let signs = header.chars().map(narrow);
    let name: String = signs
        .filter(|sign| !sign.is_whitespace() && *sign != '*' && *sign != '★')
        .collect();
    let behind = |name: &str| {
        let (base, unit) = match name.strip_suffix(')') {
            Some(open) => open.rsplit_once('('),
            None => name.rsplit_once('/'),
        }?;
        let unit = unit.strip_prefix("单位").unwrap_or(unit);
        let unit = unit.trim_start_matches([':', '：']);
        let large = [('万', 1e4), ('千', 1e3), ('百', 1e2)];
        let mut large = large.into_iter();
        // 千米 is a unit of its own.
        let (times, unit) = large
            .find_map(|(sign, times)| Some((times, unit.strip_prefix(sign)?)))
            .filter(|(times, unit)| *times > 1e3 || !unit.starts_with('米'))
            .unwrap_or((1.0, unit));
        let known = BEHIND.iter().find(|known| **known == unit).copied();
        let known = known.or_else(|| (times > 1.0 && unit.is_empty()).then_some(""))?;
        (!base.is_empty()).then(|| (base.to_owned(), known, times))
    };
    match behind(&name) {
        Some((name, unit, times)) => Parts {
            name: Cow::Owned(name),
            unit: match unit {
                "必填" | "选填" => "",
                unit => unit,
            },
            times,
        },
        None if name == header => as_it_is,
        None => Parts {
            name: Cow::Owned(name),
            ..as_it_is
        },
    }
}

/// What is to be said of the `headers` of a file that none of its `columns` has: one finding for all of them. It needs somebody's
/// decision where one of them probably means a column that the file does not have, since that column's figures would be missed.
///
/// `found` says of each column whether the file has it. Headers without a name are not counted.
pub(crate) fn passed_over(
    file: &str,
    headers: &[&str],
    columns: &[Column],
    found: &[bool],
) -> Option<Finding> {
    let headers = headers.iter().filter(|header| !header.is_empty());
    let pairs: Vec<(&str, Option<&str>)> = headers
        .map(|header| (*header, meant(header, columns, found)))
        .collect();
    let (probable, others): (Vec<_>, Vec<_>) =
        pairs.iter().partition(|(_, column)| column.is_some());
    let listed = probable.iter().chain(&others).take(MOST_LISTED);
    let mut parts: Vec<String> = listed
        .map(|(header, column)| match column {
            Some(column) => format!("{header} → {column}"),
            None => (*header).to_owned(),
        })
        .collect();
    if pairs.len() > MOST_LISTED {
        parts.push(format!("+{}", pairs.len() - MOST_LISTED));
    }
    let kind = match (probable.is_empty(), pairs.is_empty()) {
        (_, true) => return None,
        (true, _) => Kind::ColumnsUnused,
        (false, _) => Kind::ColumnMeant,
    };
    Some(Finding::new(kind, file).value(parts.join(", ")))
}

/// So many headers are listed, those that mean a column first; the rest are counted.
const MOST_LISTED: usize = 8;

/// The column that a header probably means, of those that the file does not have: it is written almost like it, or it is a word that
/// is used for it elsewhere.
pub(crate) fn meant<'a>(header: &str, columns: &'a [Column], found: &[bool]) -> Option<&'a str> {
    let header = letters(header);
    let has = |name: &str| {
        let mut pairs = columns.iter().zip(found);
        pairs.any(|(column, found)| column.name == name && *found)
    };
    // Whether and not when: a facility that was closed must not be counted.
    if columns.iter().any(|column| column.name == "status") && CLOSED.contains(&&*header) {
        return Some("status = closed");
    }
    let replaced = |column: &Column| {
        let other = columns
            .iter()
            .find(|other| other.instead_of == Some(column.name));
        column.instead_of.is_some_and(has) || other.is_some_and(|other| has(other.name))
    };
    let open = || {
        let pairs = columns.iter().zip(found);
        pairs
            .filter(|(column, found)| !**found && !replaced(column))
            .map(|(column, _)| column)
    };
    let names = |column: &'a Column| std::iter::once(&column.name).chain(column.headers);
    let same = open().find(|column| names(column).any(|name| letters(name) == header));
    let alias = || open().find(|column| aliases(column.name).contains(&&*header));
    let near = || {
        let all = open().flat_map(|column| names(column).map(move |name| (column, letters(name))));
        all.filter_map(|(column, name)| Some((slips(&header, &name)?, column)))
            .min_by_key(|(slips, _)| *slips)
            .map(|(_, column)| column)
    };
    same.or_else(alias).or_else(near).map(|column| column.name)
}

/// Letters and digits alone, in small letters, without what stands in brackets: `Capacity (seats)` is `capacity`.
fn letters(header: &str) -> String {
    let mut depth = 0_u32;
    let mut letters = String::new();
    for letter in header.chars() {
        match letter {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 && letter.is_alphanumeric() => letters.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    letters
}

/// How many slips of the pen lie between two names, if so few that one may be meant by the other: one from four Chinese or five Latin
/// letters on, two from eight on. Digits are no slips: `age_0_2` is not `age_3_5`.
fn slips(a: &str, b: &str) -> Option<usize> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (count, latin) = (a.chars().count().max(b.chars().count()), b.is_ascii());
    let most = match (count, latin) {
        (8.., _) => 2,
        (5.., true) | (4.., false) => 1,
        _ => return None,
    };
    let slips = distance(a, b);
    (digits(a) == digits(b) && slips <= most).then_some(slips)
}

/// The least number of letters to insert, remove, replace or exchange with their neighbour (optimal string alignment). O(a × b).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Whether something was closed, as [`letters`].
const CLOSED: &[&str] = &["closed", "closure", "是否停用", "是否关闭"];

/// Words that other files use for a column, as [`letters`]. Those that may as well mean something else are not among them.
fn aliases(column: &str) -> &'static [&'static str] {
    match column {
        "id" => &["code", "no", "number", "编码", "代码", "uid"],
        "code" => &["id", "编码", "编号", "区划代码", "行政区划代码", "统计代码"],
        "name" => &["title", "机构名称", "学校名称", "单位名称", "简称"],
        "community" => &[
            "communitycode",
            "communityid",
            "社区编码",
            "村代码",
            "社区村代码",
            "居委会代码",
            "村居代码",
            "区划代码",
            "行政区划代码",
        ],
        "township" => &[
            "townshipcode",
            "town",
            "towncode",
            "街道",
            "街道代码",
            "乡镇",
            "乡镇代码",
            "所属街道",
            "所属镇街",
            "镇街道代码",
        ],
        "class" => &["urbanrural", "城乡", "城乡类型", "城乡代码", "cxfldm"],
        "lon" => &["lng", "long", "x坐标", "东经", "坐标x", "longtitude"],
        "lat" => &["y坐标", "北纬", "坐标y"],
        "residents" => &[
            "population",
            "pop",
            "people",
            "persons",
            "人口数",
            "总人口",
            "人数",
            "常住人口数",
            "常住人数",
        ],
        "service" => &[
            "type",
            "kind",
            "category",
            "类型",
            "设施类型",
            "设施类别",
            "服务类型",
            "服务要素",
        ],
        "capacity" => &[
            "seats",
            "beds",
            "places",
            "cap",
            "学位",
            "学位数",
            "床位",
            "床位数",
            "座位数",
            "供给规模",
            "设施规模",
        ],
        "capacity_unit" => &["unit", "units", "计量单位", "供给规模单位"],
        "status" => &[
            "state",
            "stat",
            "设施状态",
            "状况",
            "使用状态",
            "运营状态",
            "建设状态",
            "建设情况",
        ],
        "opens" => &[
            "openyear",
            "opened",
            "opening",
            "openingyear",
            "yearopened",
            "yearopen",
            "opendate",
            "openingdate",
            "startyear",
            "开业年份",
            "开业时间",
            "开放时间",
            "开办年份",
            "开办时间",
            "投用年份",
            "投用时间",
            "建成年份",
            "建成时间",
            "启用时间",
            "开园年份",
            "开学年份",
        ],
        "closes" => &[
            "closing",
            "closeyear",
            "closedyear",
            "closingyear",
            "yearclosed",
            "closedate",
            "closingdate",
            "endyear",
            "停用时间",
            "停办时间",
            "关闭时间",
            "撤销时间",
            "停业年份",
            "停业时间",
            "拆除年份",
            "拆除时间",
        ],
        "ownership" => &[
            "owner",
            "所有制",
            "公办民办",
            "举办者性质",
            "举办性质",
            "经营性质",
            "设施性质",
        ],
        "hours" => &[
            "openhours",
            "openinghours",
            "weeklyhours",
            "开放时长",
            "每周开放时间",
            "每周小时",
        ],
        "hub" => &["parent", "牵头单位", "主管机构", "总院", "总校", "上级"],
        "size" => &["area", "floorarea", "建筑面积", "面积", "班数", "班级数"],
        "size_unit" => &["areaunit", "面积单位"],
        "year" => &["年度", "入住时间", "入住年度", "交付年份", "交付时间"],
        "dwellings" => &[
            "units",
            "homes",
            "households",
            "户数",
            "住宅户数",
            "房屋套数",
        ],
        "persons" => &["householdsize", "户均人数", "每户人口"],
        "occupancy" => &["occupancyrate", "入住比例"],
        "county" => &["countycode", "区县编码", "区划代码", "行政区划代码"],
        "from" => &["source", "o", "fromid", "originid", "起点id"],
        "to" => &["target", "d", "toid", "destinationid", "终点id"],
        "minutes" => &[
            "min",
            "mins",
            "time",
            "traveltime",
            "duration",
            "时间",
            "耗时",
        ],
        "seconds" => &["sec", "secs", "s"],
        "length_m" => &["length", "len", "metres", "meters", "distance", "长度m"],
        "oneway" => &["onewayflag", "单行道"],
        "geometry" => &["geom", "shape", "thegeom"],
        "old" => &["oldcode", "before", "变更前代码"],
        "new" => &["newcode", "after", "变更后代码"],
        "share" => &["weight", "proportion", "占比"],
        "unit" => &["unitid", "单元代码", "单元号"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 8] = [
        Column::required("id", &["编号"]),
        Column::optional("capacity", &["规模"]),
        Column::optional("capacity_unit", &["规模单位"]),
        Column::optional("status", &["状态"]),
        Column::optional("opens", &["开放年份"]),
        Column::optional("closes", &["停用年份"]),
        Column::optional("age_0_2", &[]),
        Column::optional("size", &[]),
    ];

    fn meant_of(header: &str, found: &[&str]) -> Option<&'static str> {
        let found = COLUMNS.map(|column| found.contains(&column.name));
        meant(header, &COLUMNS, &found)
    }

    #[test]
    fn a_header_means_the_column_that_it_is_written_like_or_a_word_for() {
        let probable = [
            ("state", "status"),
            ("State", "status"),
            ("STATSU", "status"),
            ("设施状态", "status"),
            ("open_year", "opens"),
            ("开业年份", "opens"),
            ("开放年度", "opens"),
            ("Capacity Unit", "capacity_unit"),
            ("规模（床）", "capacity"),
            ("capacty", "capacity"),
            ("close_year", "closes"),
            ("停办时间", "closes"),
            ("closed", "status = closed"),
            ("是否停用", "status = closed"),
        ];
        for (header, column) in probable {
            assert_eq!(meant_of(header, &["id"]), Some(column), "{header}");
        }
        for harmless in [
            "备注", "电话", "site", "address", "age_3_5", "age_0_3", "street", "sides", "规划",
        ] {
            assert_eq!(meant_of(harmless, &["id"]), None, "{harmless}");
        }
        // A column that the file has is not meant by another header, but that something is closed is never passed over in silence.
        assert_eq!(meant_of("state", &["id", "status"]), None);
        assert_eq!(
            meant_of("closed", &["id", "status"]),
            Some("status = closed")
        );
    }

    #[test]
    fn headers_are_known_without_what_offices_add() {
        for (header, name, unit, times) in [
            ("residents", "residents", "", 1.0),
            ("常住人口（万人）", "常住人口", "人", 1e4),
            ("常住人口\n(人)", "常住人口", "人", 1.0),
            ("* 名称", "名称", "", 1.0),
            ("建筑面积(㎡)", "建筑面积", "㎡", 1.0),
            ("建筑面积（万平方米）", "建筑面积", "平方米", 1e4),
            ("规模（班）", "规模", "班", 1.0),
            ("人口（单位：万人）", "人口", "人", 1e4),
            ("人口/人", "人口", "人", 1.0),
            ("名称（必填）", "名称", "", 1.0),
            ("ＩＤ", "ID", "", 1.0),
            ("人口（户籍）", "人口(户籍)", "", 1.0),
            ("村（社区）", "村(社区)", "", 1.0),
            ("（人）", "(人)", "", 1.0),
        ] {
            let expected = Parts {
                name: name.into(),
                unit,
                times,
            };
            assert_eq!(parts(header), expected, "{header}");
        }
    }

    #[test]
    fn all_headers_of_a_file_are_one_finding() {
        let found = [true; 8];
        let unused = |headers: &[&str]| passed_over("f.csv", headers, &COLUMNS, &found);
        assert_eq!(unused(&[]), None);
        assert_eq!(unused(&["", ""]), None);
        let finding = unused(&["备注", "电话"]).unwrap();
        assert_eq!(
            (finding.kind, &*finding.value),
            (Kind::ColumnsUnused, "备注, 电话")
        );
        let many: Vec<String> = (0..12).map(|number| format!("extra {number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let value = unused(&many).unwrap().value;
        assert!(value.ends_with("extra 7, +4"), "{value}");
        let finding = passed_over("f.csv", &["备注", "state"], &COLUMNS, &[false; 8]).unwrap();
        assert_eq!(
            (finding.kind, &*finding.value),
            (Kind::ColumnMeant, "state → status, 备注")
        );
    }

    #[test]
    fn distances_are_those_counted_by_hand() {
        for (a, b, expected) in [
            ("", "ab", 2),
            ("status", "status", 0),
            ("state", "status", 2),
            ("statsu", "status", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }
}
