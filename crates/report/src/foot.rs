//! What stands at the foot of every picture and sheet.

use fuwutu_io::manifest::NotSupplied;
use fuwutu_io::plan::{PrivateWays, TravelMode, TravelSection};
use fuwutu_io::street_rules::RuleChange;
use fuwutu_io::words::short_name;

use crate::book::{Book, Edition};

/// The note on synthetic data.
pub(crate) const SYNTHETIC: [&str; 2] = ["模拟数据，非真实地点", "synthetic data, no real place"];

/// Lines, Chinese and English, in the order in which they are shown: how far this may be shown, that the data is synthetic (where
/// it is), the round, the statement, the datum, whose roads these are (where they are somebody's), and the sources that the plan names. Names in them are not escaped.
pub(crate) fn lines(book: &Book) -> Vec<[String; 2]> {
    let manifest = &book.manifest;
    let mut lines = vec![standing(book)];
    if synthetic(book) {
        lines.push(SYNTHETIC.map(str::to_owned));
    }
    lines.push(round(book));
    lines.push([manifest.statement.zh.clone(), manifest.statement.en.clone()]);
    lines.push([
        format!("坐标系 {}；图面为等距圆柱投影（按中间纬度）", datum(book)),
        format!(
            "datum {}; drawn equirectangular about the middle latitude",
            manifest.datum
        ),
    ]);
    if let Some(whose) = attribution(book) {
        lines.push([format!("道路数据 {whose}"), format!("roads {whose}")]);
    }
    if let Some(sources) = sources(book) {
        lines.push([
            format!("数据来源：{sources}"),
            format!("sources: {sources}"),
        ]);
    }
    lines
}

/// Where the plan says that the data come from; in its own words, which are not escaped.
pub(crate) fn sources(book: &Book) -> Option<String> {
    let sources = &book.manifest.plan.report.sources;
    (!sources.is_empty()).then(|| sources.join(" · "))
}

/// The datum's name alone, without how lengths were measured, which is given in English.
pub(crate) fn datum(book: &Book) -> &str {
    book.manifest.datum.split(',').next().unwrap_or_default()
}

/// The line that the licence of the roads asks for.
pub(crate) fn attribution(book: &Book) -> Option<&str> {
    book.manifest.roads.as_ref()?.attribution.as_deref()
}

/// Whether the plan says that the data is synthetic.
pub(crate) fn synthetic(book: &Book) -> bool {
    book.manifest.plan.round.synthetic
}

/// The years that it covers: `2026–2029`, or the base year alone.
pub(crate) fn years(book: &Book) -> String {
    match &book.manifest.years[..] {
        [first, .., last] => format!("{first}–{last}"),
        years => years.iter().map(i32::to_string).collect(),
    }
}

/// What the round did without, Chinese and English: an earlier population, streets, facilities of some services.
pub(crate) fn without(book: &Book) -> Vec<[String; 2]> {
    let manifest = &book.manifest;
    let mut lines: Vec<[&str; 2]> = Vec::new();
    if manifest.projection.is_none() && manifest.years.len() > 1 {
        lines.push([
            "没有历史人口：各年人口按基期年计",
            "no earlier population: residents stay as in the base year",
        ]);
    }
    match manifest.plan.travel.mode {
        TravelMode::Streets => {}
        TravelMode::Straight => lines.push([
            "没有用路网：时间按直线距离乘绕行系数计",
            "not on streets: minutes are straight lines × detour",
        ]),
        TravelMode::Radius => lines.push([
            "没有用路网：按服务半径（直线距离）计",
            "not on streets: service radii, as the crow flies",
        ]),
    }
    let mut lines: Vec<[String; 2]> = lines
        .into_iter()
        .map(|line| line.map(str::to_owned))
        .collect();
    let travel = &manifest.plan.travel;
    if travel.mode == TravelMode::Streets && travel.step_free {
        lines.push(STEP_FREE.map(str::to_owned));
    }
    let count = manifest.not_supplied.len();
    if count > 0 {
        lines.push([
            format!("{count} 项服务未提供设施数据，不评价"),
            format!("{count} services without facility data: not judged"),
        ]);
    }
    lines
}

/// That trips on foot are those of wheelchairs and prams.
const STEP_FREE: [&str; 2] = [
    "步行只走无障碍路线：不走楼梯、自动扶梯",
    "step-free on foot: without stairs and escalators",
];

/// Who may walk where on streets, as far as the plan decides it: private ways, the hour, step-free travel, waits, changed rules.
/// Empty where trips do not follow streets.
pub(crate) fn streets(travel: &TravelSection) -> Vec<[String; 2]> {
    if travel.mode != TravelMode::Streets {
        return Vec::new();
    }
    let private = match travel.private {
        PrivateWays::Ends => [
            "私有道路和门只供在其中起止的出行",
            "private ways and gates are for trips that begin or end there",
        ],
        PrivateWays::Open => [
            "私有道路和门与其他道路一样开放",
            "private ways and gates are open as others",
        ],
        PrivateWays::Closed => ["私有道路和门不通", "private ways and gates are closed"],
    };
    let mut lines = vec![
        private.map(str::to_owned),
        [
            format!("随时间变化的标签按 {} 计", travel.at),
            format!("tags that depend on the hour are read for {}", travel.at),
        ],
    ];
    if travel.step_free {
        lines.push(STEP_FREE.map(str::to_owned));
    }
    if travel.lift_seconds > 0.0 {
        lines.push([
            format!("每次乘电梯等候 {} 秒", travel.lift_seconds),
            format!("{} s at each lift", travel.lift_seconds),
        ]);
    }
    if travel.crossing_seconds > 0.0 {
        lines.push([
            format!("每处过街等候 {} 秒", travel.crossing_seconds),
            format!("{} s at each crossing", travel.crossing_seconds),
        ]);
    }
    if !travel.rules.is_empty() {
        let texts: Vec<[String; 2]> = travel.rules.iter().map(RuleChange::text).collect();
        let joined = |lang: usize, between: &str| {
            let texts: Vec<&str> = texts.iter().map(|text| text[lang].as_str()).collect();
            texts.join(between)
        };
        lines.push([
            format!("改动的通行规则：{}", joined(0, "；")),
            format!("rules changed by the plan: {}", joined(1, "; ")),
        ]);
    }
    lines
}

/// The services of whose facilities nothing was supplied, by name; `None` where there are none.
pub(crate) fn not_supplied(book: &Book) -> Option<[String; 2]> {
    let services = &book.manifest.not_supplied;
    let names = |name: fn(&NotSupplied) -> &str, between: &str| {
        let names: Vec<&str> = services.iter().map(|each| short_name(name(each))).collect();
        names.join(between)
    };
    (!services.is_empty()).then(|| {
        [
            names(|each| &each.name.zh, "、"),
            names(|each| &each.name.en, ", "),
        ]
    })
}

/// Draft, or the number under which it may be published.
pub(crate) fn standing(book: &Book) -> [String; 2] {
    let words = match (
        book.manifest.plan.report.map_approval.as_deref(),
        book.edition,
    ) {
        (Some(number), _) => return [format!("审图号 {number}"), format!("map approval {number}")],
        (None, Edition::Internal) => ["内部草稿", "internal draft"],
        (None, Edition::Public { .. }) => {
            ["公开版，尚无审图号", "public edition, no map approval yet"]
        }
    };
    words.map(str::to_owned)
}

fn round(book: &Book) -> [String; 2] {
    let manifest = &book.manifest;
    let date = manifest.plan.report.date.as_deref();
    let dated = |word: &str| date.map_or_else(String::new, |date| format!("{word}{date}"));
    [
        format!(
            "评估轮次 {}，fuwutu {}{}",
            manifest.round,
            manifest.version,
            dated("，")
        ),
        format!(
            "round {}, fuwutu {}{}",
            manifest.round,
            manifest.version,
            dated(", ")
        ),
    ]
}

#[cfg(test)]
mod tests {
    use fuwutu_io::plan::ReportSection;

    use super::*;
    use crate::testing::{self, book};

    fn text_of(book: &Book) -> String {
        lines(book).concat().join("\n")
    }

    #[test]
    fn it_is_a_draft_of_synthetic_data_until_the_plan_says_otherwise() {
        let mut book = book();
        assert!(text_of(&book).contains("内部草稿") && text_of(&book).contains("模拟数据"));
        book.manifest.plan.report = ReportSection {
            map_approval: Some("GS川(2026)1号".to_owned()),
            date: Some("2026-11".to_owned()),
            sources: vec!["© A".to_owned(), "B".to_owned()],
        };
        book.manifest.plan.round.synthetic = false;
        let text = text_of(&book);
        assert!(
            text.contains("审图号 GS川(2026)1号") && text.contains("2026-11"),
            "{text}"
        );
        assert!(
            !text.contains("草稿") && !text.contains("模拟数据"),
            "{text}"
        );
    }

    #[test]
    fn what_a_round_did_without_is_said() {
        let mut book = book();
        assert_eq!(
            (without(&book).len(), years(&book).as_str()),
            (2, "2026–2029")
        );
        book.manifest.projection = Some(testing::projection());
        book.manifest.plan.travel.mode = TravelMode::Streets;
        book.manifest.years.truncate(1);
        assert_eq!((without(&book).len(), years(&book).as_str()), (0, "2026"));
    }

    #[test]
    fn roads_are_attributed_where_they_are_somebodys() {
        let mut book = book();
        assert!(!text_of(&book).contains("道路数据"));
        book.manifest.roads = Some(testing::roads("© OpenStreetMap contributors"));
        assert!(text_of(&book).contains("© OpenStreetMap contributors"));
    }
}
