//! Words of the workbook, Chinese first.

use fuwutu_core::service::{Basis, Limit, Service, Tier};
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::words::{Coded, attained, capacity_unit, short_name, status};

use super::sheet::Rule;
use crate::book::Book;
use crate::foot;

pub(super) use crate::text::NONE;

/// Both languages on one line; once where they are the same.
pub(super) fn both(words: [&str; 2]) -> String {
    match words {
        [zh, en] if zh == en => zh.to_owned(),
        [zh, en] => format!("{zh} {en}"),
    }
}

/// Yes or no.
pub(super) fn yes(holds: bool) -> &'static str {
    if holds { "是 yes" } else { "否 no" }
}

/// A service by its short names.
pub(super) fn service(service: &Service) -> String {
    both([short_name(&service.name.zh), short_name(&service.name.en)])
}

/// What a service's capacity is counted in; `–` where it has none.
pub(super) fn unit(service: &Service) -> String {
    if service.capacity_unit.is_empty() {
        NONE.to_owned()
    } else {
        both(capacity_unit(&service.capacity_unit))
    }
}

/// 基础保障 or 品质提升.
pub(super) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Basic => "基础保障 basic",
        Tier::Improved => "品质提升 improved",
    }
}

/// How one travels, and how long at most.
pub(super) fn limit(limit: Option<Limit>) -> String {
    let Some(limit) = limit else {
        return NONE.to_owned();
    };
    let mode = both(limit.mode.word().name);
    format!("{mode}, {} 分钟 min", limit.minutes)
}

/// What a norm is counted by.
pub(super) fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::PerThousand => "每千人 per 1,000 residents",
        Basis::Cohort => "每名对象 per person of the target group",
        Basis::Households => "每百户 per 100 households",
        Basis::Area => "每人 per resident",
        Basis::Unit => "每单元一处 1 per unit",
        Basis::Presence => "有即可 presence",
        Basis::CountyTotal => "区县总量 county total",
        Basis::SupplyOnly => "只增加供给 adds supply only",
    }
}

/// How well one figure is established.
pub(super) fn mark(letter: &str) -> &str {
    match letter {
        "V" => "已核实 V",
        "S" => "转引 S",
        "R" => "待核实 R",
        "P" => "建议值 P",
        "" => NONE,
        other => other,
    }
}

/// Verdicts with their colours: the further from the rule, the more orange.
pub(super) fn verdicts() -> Rule {
    let words = [
        (Attained::Yes, 0xBF_DC_F2, false),
        (Attained::Unknown, 0xE3_E3_E3, false),
        (Attained::TooSmall, 0xFD_E7_C3, false),
        (Attained::TooFew, 0xF5_A5_5A, false),
        (Attained::Absent, 0x8C_3A_00, true),
    ];
    Rule::Words(
        words
            .map(|(verdict, color, white)| (both(attained(verdict)), color, white))
            .to_vec(),
    )
}

/// How well standards are established, with colours.
pub(super) fn statuses() -> Rule {
    let words = [
        ("verified", 0xBF_DC_F2),
        ("partly", 0xE2_EF_F9),
        ("secondary", 0xFD_E7_C3),
        ("recalled", 0xF5_A5_5A),
        ("proposed", 0xE3_E3_E3),
    ];
    Rule::Words(
        words
            .map(|(code, color)| (both(status(code)), color, false))
            .to_vec(),
    )
}

/// What every sheet must say of the round: that its data are synthetic, that it is a draft (or who approved its map), and when.
pub(super) fn marks(book: &Book) -> Vec<String> {
    let mut marks = Vec::new();
    if foot::synthetic(book) {
        marks.push(both(foot::SYNTHETIC));
    }
    marks.push(foot::standing(book).join(" "));
    marks.extend(book.manifest.plan.report.date.clone());
    marks
}
