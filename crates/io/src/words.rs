//! Codes of files with their words: each code stands once, with what it is called in Chinese and English.

use fuwutu_core::city::{Class, Status};
use fuwutu_core::completeness::{Basket, Within};
use fuwutu_core::projection::GrowthFlag;
use fuwutu_core::service::{Figure, Mode, Scope};
use fuwutu_core::supply::presence::Attained;
use fuwutu_core::ties::TieState;
use fuwutu_core::units::{Note, State};

use crate::finding::Level;

/// A code and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// In files.
    pub code: &'static str,
    /// For people, Chinese and English.
    pub name: [&'static str; 2],
}

/// A word.
const fn word(code: &'static str, zh: &'static str, en: &'static str) -> Word {
    Word {
        code,
        name: [zh, en],
    }
}

/// The names of a code among these words; a code that is not among them is its own name.
#[must_use]
pub fn name<'a>(words: &[Word], code: &'a str) -> [&'a str; 2] {
    words
        .iter()
        .find(|word| word.code == code)
        .map_or([code; 2], |word| word.name)
}

/// What has a word for each of its values.
pub trait Coded: Copy + PartialEq + 'static {
    /// Its values in order.
    const VALUES: &'static [Self];
    /// Their words, in the same order.
    const WORDS: &'static [Word];

    /// The word of a value.
    fn word(self) -> Word {
        let position = Self::VALUES.iter().position(|value| *value == self);
        Self::WORDS[position.expect("every value has a word")]
    }

    /// The value of a code.
    fn of_code(code: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|word| word.code == code)?;
        Some(Self::VALUES[position])
    }
}

macro_rules! coded {
    ($type:ty: $($value:ident $code:literal $zh:literal $en:literal),* $(,)?) => {
        impl Coded for $type {
            const VALUES: &'static [Self] = &[$(Self::$value),*];
            const WORDS: &'static [Word] = &[$(word($code, $zh, $en)),*];
        }
    };
}

coded!(Attained:
    Yes "yes" "达标" "attained",
    Unknown "unknown" "资料不详" "not known",
    TooSmall "too_small" "规模不足" "too small",
    TooFew "too_few" "数量不足" "too few",
    Absent "absent" "缺项" "absent",
);

coded!(Status:
    Existing "existing" "现状" "existing",
    Committed "committed" "在建" "committed",
    Planned "planned" "规划" "planned",
    Idle "idle" "闲置" "idle",
    Closed "closed" "停用" "closed",
);

coded!(Class:
    Urban "urban" "城镇" "urban",
    Rural "rural" "乡村" "rural",
);

coded!(Figure:
    Limit "limit" "时限" "limit",
    LimitRural "limit_rural" "乡村时限" "rural limit",
    Norm "norm" "指标" "norm",
    Minimum "minimum" "最小规模" "minimum",
    Presence "presence" "配置" "presence",
);

coded!(Scope:
    National "national" "全国" "national",
    Province "province" "某省" "a province",
    City "city" "某市" "a city",
    Catalogue "catalogue" "建议值" "proposal of the catalogue",
);

coded!(Mode:
    Walk "walk" "步行" "walk",
    Ebike "ebike" "电动自行车" "e-bike",
    CarBus "car_bus" "机动车（含公交）" "car or bus",
);

coded!(State:
    Kept "kept" "与上一轮相同" "as in the last round",
    Changed "changed" "较上一轮有变化" "changed since the last round",
    New "new" "本轮新设" "new in this round",
);

coded!(Note:
    OverCap "over_cap" "超过人口上限" "over the cap",
    SplitCommunity "split_community" "含拆分的社区（村）" "contains part of a split community",
    Detached "detached" "含飞地" "with a detached part",
    Empty "empty" "无常住人口" "no residents",
    NotJoined "not_joined" "边界重叠未合并" "boundaries could not be merged",
);

coded!(GrowthFlag:
    NoBase "no_base" "无历史人口" "no earlier residents",
    TinyBase "tiny_base" "基数过小" "too few residents to project",
    Capped "capped" "增速受限" "growth held at the limit",
);

coded!(Within:
    OwnLimit "limit" "各自时限" "own limits",
    QuarterHour "walk_15" "步行 15 分钟" "15 minutes on foot",
);

coded!(Basket:
    Basic "basic" "基础保障" "basic",
    Selected "selected" "所选全部" "all selected",
);

coded!(TieState:
    Tied "yes" "已建立" "tied",
    Untied "no_hub" "未填牵头机构" "names no hub",
    Unknown "hub_unknown" "牵头机构编号不存在" "its hub is not known",
    Closed "hub_closed" "牵头机构未开放" "its hub is closed",
    OtherKind "hub_of_other_kind" "牵头机构类别不符" "its hub is of another kind",
    OffStreets "off_streets" "距道路过远" "off the streets",
    TooFar "too_far" "超过时限" "too far",
);

coded!(Level:
    Error "error" "错误" "error",
    Decision "decision" "需确认" "decision",
    Notice "notice" "说明" "notice",
);

/// How well a standard is established.
pub const STANDARD: &[Word] = &[
    word("verified", "已核实", "verified"),
    word("partly", "部分核实", "partly"),
    word("secondary", "转引", "secondary"),
    word("recalled", "待核实", "recalled"),
    word("proposed", "建议值", "proposed"),
];

/// How well a single figure of a standard is established.
pub const FIGURE_STATUS: &[Word] = &[
    word("V", "已核实", "verified"),
    word("S", "转引", "secondary"),
    word("R", "待核实", "recalled"),
    word("P", "建议值", "proposed"),
    word("plan", "评估任务文件给出", "given by the plan"),
];

/// What the missing share of a service is one of.
pub const MISSING: &[Word] = &[
    word("reach", "覆盖", "reach"),
    word("capacity", "规模", "capacity"),
];

/// Whose a facility is.
pub const OWNERSHIP: &[Word] = &[
    word("public", "公办或普惠", "public or inclusive"),
    word("private", "民办", "private"),
];

/// What a rule of presence is counted by; with `_public` behind it, public facilities alone count.
pub const RULE: &[Word] = &[
    word("L15", "15 分钟生活圈", "15-minute circle"),
    word("L10", "10 分钟生活圈", "10-minute circle"),
    word("L5", "5 分钟生活圈", "5-minute circle"),
    word("community", "社区", "community"),
    word("village", "村", "village"),
    word("township", "镇街", "township"),
    word("street", "街道", "street"),
    word("town", "镇", "town"),
    word("county", "区县", "county"),
    word("residents", "按人口", "by residents"),
    word("households", "按户数", "by households"),
    word("residential_km2", "按居住用地面积", "by residential land"),
];

/// What a line of `origins.csv` is about.
pub const ORIGIN: &[Word] = &[
    word("facility", "设施", "facility"),
    word("point", "需求点", "demand point"),
];

/// What a line of `completeness.csv` is about.
pub const AREA: &[Word] = &[
    word("unit", "单元", "unit"),
    word("township", "镇（街道）", "township"),
    word("city", "全市", "city"),
];

/// What a line of a comparison is about.
pub const LEVEL: &[Word] = &[
    word("city", "全市", "city"),
    word("unit", "单元", "unit"),
    word("township", "镇（街道）", "township"),
    word("community", "社区（村）", "community"),
];

/// Figures that are compared.
pub const FIGURE: &[Word] = &[
    word("residents", "常住人口", "residents"),
    word("target_residents", "服务人口", "target group"),
    word("covered_residents", "已覆盖人口", "covered"),
    word("coverage", "覆盖率", "coverage"),
    word("demand", "需求", "demand"),
    word("supply_inside", "单元内供给", "supply inside"),
    word("supply_received", "可达供给", "accessible supply"),
    word(
        "shortfall_reach",
        "供给缺口（计入可达供给）",
        "shortfall in reach",
    ),
    word("short_for_certain", "未满足需求", "unmet demand"),
];

/// What became of a facility.
pub const FACILITY_CHANGE: &[Word] = &[
    word("opened", "新增", "opened"),
    word("closed", "停用", "closed"),
    word("capacity", "规模变化", "capacity"),
    word("moved", "迁移", "moved"),
    word("renumbered", "编号变更", "renumbered"),
];

/// What capacity is counted in.
pub const CAPACITY_UNIT: &[Word] = &[
    word("seats", "学位", "seats"),
    word("places", "托位", "places"),
    word("beds", "床位", "beds"),
    word("learners", "学员", "learners"),
    word("meals_per_day", "份/日", "meals per day"),
    word("m2_floor", "㎡ 建筑面积", "m² of floor"),
    word("m2_site", "㎡ 用地", "m² of land"),
    word("books", "册", "books"),
    word("spaces", "车位", "spaces"),
    word("persons", "人", "persons"),
];

/// The field of a service.
pub const CATEGORY: &[Word] = &[
    word("education", "教育", "education"),
    word("health", "医疗卫生", "health"),
    word("elderly", "养老", "elderly care"),
    word("culture", "文化", "culture"),
    word("sport", "体育", "sport"),
    word("commerce", "商业", "commerce"),
    word("community", "社区服务", "community"),
    word("municipal", "市政", "municipal"),
    word("transport", "交通", "transport"),
    word("", "其他", "other"),
];

/// What a rule of presence is counted by, as `standing.csv` names it.
#[must_use]
pub fn rule(code: &str) -> [String; 2] {
    let (per, public) = code
        .strip_suffix("_public")
        .map_or((code, false), |per| (per, true));
    let [zh, en] = name(RULE, per);
    if public {
        [format!("{zh}·公办普惠"), format!("{en}, public")]
    } else {
        [zh.to_owned(), en.to_owned()]
    }
}

/// How well a standard is established, by its code.
#[must_use]
pub fn status(code: &str) -> [&str; 2] {
    name(STANDARD, code)
}

/// A unit of capacity, by its code.
#[must_use]
pub fn capacity_unit(code: &str) -> [&str; 2] {
    name(CAPACITY_UNIT, code)
}

/// What is unusual about a unit, by its code.
#[must_use]
pub fn note(code: &str) -> [&str; 2] {
    name(Note::WORDS, code)
}

/// A verdict of presence.
#[must_use]
pub fn attained(attained: Attained) -> [&'static str; 2] {
    attained.word().name
}

/// The first of the names that a service has, without what it also is called: `社区食堂/老年助餐点` → `社区食堂`.
#[must_use]
pub fn short_name(name: &str) -> &str {
    name.split('/').next().unwrap_or(name).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_for_one_value_and_back() {
        for &status in Status::VALUES {
            assert_eq!(Status::of_code(status.word().code), Some(status));
        }
        assert_eq!(Attained::of_code("maybe"), None);
        assert_eq!(name(STANDARD, "verified"), ["已核实", "verified"]);
        assert_eq!(name(STANDARD, "of its own"), ["of its own"; 2]);
    }

    /// Words that a term had on one surface or another, and the one that it has.
    const FORMER: &[(&str, &str)] = &[
        ("对象人口", "服务人口"),
        ("确定缺口", "未满足需求"),
        ("分得供给", "可达供给"),
        ("分得规模", "可达供给"),
        ("紧迫度", "配置优先度"),
        ("推算末年", "预测目标年"),
        ("往期人口", "历史人口"),
        ("标准状态", "依据可靠性"),
        ("未接入路网", "距道路过远"),
        ("离路太远", "距道路过远"),
        ("接不上路网", "距道路过远"),
        ("路网之外", "路网数据未覆盖"),
        ("代码对照", "区划代码变更对照表"),
        ("确定缺", "未满足需求"),
        ("分得之和", "可达供给"),
        ("人次", "未覆盖人口"),
        ("人口推算", "预测"),
        ("推算人口", "预测"),
        ("分钟圈", "分钟生活圈"),
        ("三项结论", "三类评价"),
        ("容量分配", "供需分配"),
        ("九成抽样", "位次区间"),
        ("汽车或公交", "机动车（含公交）"),
        ("汽车、公交", "机动车（含公交）"),
        ("无人居住", "无常住人口"),
        ("没有常住人口", "无常住人口"),
        ("不相连", "飞地"),
        ("区县总数", "区县人口控制数"),
        ("区县人口总数", "区县人口控制数"),
    ];

    /// Files below a folder that say something to people.
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "node_modules" && name != "target" {
                sources(&path, found);
            } else if path
                .extension()
                .is_some_and(|end| end == "rs" || end == "ts")
            {
                found.push(path);
            }
        }
    }

    #[test]
    fn a_term_has_one_chinese_name_everywhere() {
        let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let terms = std::fs::read_to_string(top.join("ARCHITECTURE.md")).unwrap();
        let mut files = Vec::new();
        sources(&top.join("crates"), &mut files);
        assert!(files.len() > 200, "{} files", files.len());
        files.retain(|path| !path.ends_with("io/src/words.rs"));
        for (former, term) in FORMER {
            assert!(terms.contains(term), "{term} is no term of ARCHITECTURE.md");
            for path in &files {
                let text = std::fs::read_to_string(path).unwrap();
                assert!(
                    !text.contains(former),
                    "{former} in {}: say {term}",
                    path.display()
                );
            }
        }
    }
}
