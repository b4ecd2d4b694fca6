//! What the catalogue says of a service, in words of both languages: its figures, and what they rest on.

use fuwutu_core::service::{
    Basis, Evidence, Figure, Limit, Minimum, Norm, Per, Requirement, Scope, Service,
};

use crate::words::{self, Coded};

#[cfg(test)]
mod reference;

/// Chinese and English.
pub type Words = [String; 2];

/// A figure of a row: `步行 10 分钟，600 m`. `None` where the row has none.
#[must_use]
pub fn figure(service: &Service, figure: Figure) -> Option<Words> {
    match figure {
        Figure::Limit => service.urban.or(service.rural).map(limit),
        Figure::LimitRural => service.urban.and(service.rural).map(limit),
        Figure::Norm => norm(&service.norm, &service.capacity_unit),
        Figure::Minimum => service.minimum.as_ref().map(minimum),
        Figure::Presence => presence(service),
    }
}

fn limit(limit: Limit) -> Words {
    let radius = limit.radius_m.map(|radius| format!("{radius} m"));
    let [zh, en] = trip(limit);
    match radius {
        Some(radius) => [format!("{zh}，{radius}"), format!("{en}, {radius}")],
        None => [zh, en],
    }
}

/// How one travels, and how long at most: `步行 10 分钟`.
#[must_use]
pub fn trip(limit: Limit) -> Words {
    let [zh, en] = limit.mode.word().name;
    let minutes = limit.minutes;
    [
        format!("{zh} {minutes} 分钟"),
        format!("{minutes} min {en}"),
    ]
}

/// How much capacity a norm asks for, by its lower end: `4.5/千人`; `None` where it asks for no amount. `unit` is that of the
/// capacity, and left out of the words where it is empty or the norm has its own.
#[must_use]
pub fn norm(norm: &Norm, unit: &str) -> Option<Words> {
    let unit = if unit.is_empty() {
        [String::new(), String::new()]
    } else {
        words::capacity_unit(unit).map(|name| format!(" {name}"))
    };
    let thousand = |rate: f64| {
        [
            format!("{rate}{}/千人", unit[0]),
            format!("{rate}{} per 1,000", unit[1]),
        ]
    };
    let each = |area: f64| [format!("{area} ㎡/人"), format!("{area} m² per resident")];
    match norm.basis {
        Basis::PerThousand => norm.per_1000_low.map(thousand),
        Basis::CountyTotal => norm
            .m2_per_resident
            .map(each)
            .or(norm.per_1000_low.map(thousand)),
        Basis::Area => norm.m2_per_resident.map(each),
        Basis::Cohort => norm.per_target_person.map(|rate| {
            [
                format!("{rate}{}/人", unit[0]),
                format!("{rate}{} per person of the group", unit[1]),
            ]
        }),
        Basis::Households => match norm.m2_per_100_households {
            Some(area) => Some([
                format!("{area} ㎡/百户"),
                format!("{area} m² per 100 households"),
            ]),
            None => norm.per_1000_low.map(thousand),
        },
        Basis::Unit => Some(["每单元 1 处".to_owned(), "1 per unit".to_owned()]),
        Basis::Presence | Basis::SupplyOnly => None,
    }
}

fn minimum(minimum: &Minimum) -> Words {
    let unit = match minimum.unit.as_str() {
        "classes" => ["班", "classes"],
        unit => words::capacity_unit(unit),
    };
    let size = minimum.size;
    let mut text = [format!("{size} {}", unit[0]), format!("{size} {}", unit[1])];
    if let Some(rural) = minimum.rural {
        text[0].push_str(&format!("（乡村 {rural}）"));
        text[1].push_str(&format!(" (rural {rural})"));
    }
    for step in &minimum.smaller {
        text[0].push_str(&format!("，镇街不足 {} 人时 {}", step.below, step.size));
        text[1].push_str(&format!(
            ", {} in townships below {} residents",
            step.size, step.below
        ));
    }
    text
}

/// How many there must be: by the rules or, where there are none, as the source words it.
fn presence(service: &Service) -> Option<Words> {
    if service.requires.is_empty() {
        let text = service.presence.clone();
        let source = service.evidence_of(Figure::Presence);
        let says = source.map_or_else(|| text.clone(), |source| source.says.clone());
        return (!text.is_empty()).then_some([says, text]);
    }
    let rules: Vec<Words> = service.requires.iter().map(rule).collect();
    let joined = |language: usize, between: &str| {
        let all: Vec<&str> = rules.iter().map(|rule| rule[language].as_str()).collect();
        all.join(between)
    };
    Some([joined(0, "；"), joined(1, "; ")])
}

/// A rule: `每个 5 分钟生活圈 1 处`.
#[must_use]
pub fn rule(requirement: &Requirement) -> Words {
    let public = if requirement.public { "_public" } else { "" };
    let per = words::rule(&format!("{}{public}", requirement.per.name()));
    let (count, share) = (requirement.count, requirement.share);
    let percent = (share * 100.0).round();
    match requirement.every {
        Some(every) => [
            format!("{}每 {every} 有 {count} 处", per[0]),
            format!("{count} for every {every} {}", per[1]),
        ],
        None if requirement.per == Per::ResidentialKm2 => [
            format!("每平方千米居住用地 {count} 处"),
            format!("{count} per km² of residential land"),
        ],
        None if share < 1.0 => [
            format!("{percent}% 的{}各 {count} 处", per[0]),
            format!("{count} per {}, in {percent} % of them", per[1]),
        ],
        None => [
            format!("每个{} {count} 处", per[0]),
            format!("{count} per {}", per[1]),
        ],
    }
}

/// Where a document applies: the place, or `全国`.
#[must_use]
pub fn place(evidence: &Evidence) -> Words {
    match (&evidence.place, evidence.scope) {
        (Some(place), _) => [place.zh.clone(), place.en.clone()],
        (None, scope) => scope.word().name.map(str::to_owned),
    }
}

/// Document, clause, year and place of what a figure rests on: `GB 50437-2007，表 3.1.2，2018 年，全国`; and, where it is a target
/// whose year lies before `year`, that it has passed.
#[must_use]
pub fn basis(evidence: &Evidence, year: i32) -> Words {
    let [zh, en] = short(evidence, year);
    if evidence.scope == Scope::Catalogue {
        return [zh, en];
    }
    let mut text = evidence.document.clone();
    if !evidence.clause.is_empty() {
        text.push_str(&format!(" {}", evidence.clause));
    }
    [format!("{text}，{zh}"), format!("{text}, {en}")]
}

/// Year and place of what a figure rests on: `2018 年，全国`; and, for a target, its year and whether that lies before `year`.
#[must_use]
pub fn short(evidence: &Evidence, year: i32) -> Words {
    let [place_zh, place_en] = place(evidence);
    let mut text = match evidence.year {
        Some(year) => [
            format!("{year} 年，{place_zh}"),
            format!("{year}, {place_en}"),
        ],
        None => [
            format!("年份不详，{place_zh}"),
            format!("undated, {place_en}"),
        ],
    };
    if let Some(target) = evidence.target_year {
        let [zh, en] = if evidence.passed(year) {
            [" 已过", " has passed"]
        } else {
            [""; 2]
        };
        text[0].push_str(&format!("，目标年 {target}{zh}"));
        text[1].push_str(&format!(", target year {target}{en}"));
    }
    text
}

/// How well a row is established, with year and place of what its main figure rests on: `部分核实（2022 年，广州）`. The status alone
/// where the row does not say what it rests on.
#[must_use]
pub fn status(service: &Service, year: i32) -> Words {
    let [zh, en] = words::status(&service.status.overall);
    match service.main_evidence() {
        Some(evidence) => {
            let [short_zh, short_en] = short(evidence, year);
            [format!("{zh}（{short_zh}）"), format!("{en} ({short_en})")]
        }
        None => [zh.to_owned(), en.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::{CATALOGUE, parse_catalogue};

    fn row(id: &str) -> Service {
        let mut services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let at = services.iter().position(|service| service.id == id);
        services.swap_remove(at.unwrap())
    }

    #[test]
    fn figures_are_words_in_both_languages() {
        let of = |id: &str, of_row| figure(&row(id), of_row).unwrap();
        assert_eq!(
            of("elderly_daycare", Figure::Limit),
            ["步行 10 分钟，600 m", "10 min walk, 600 m"]
        );
        assert_eq!(
            of("primary_school", Figure::Minimum),
            ["12 班（乡村 6）", "12 classes (rural 6)"]
        );
        assert_eq!(
            of("public_green_15", Figure::Norm),
            ["2 ㎡/人", "2 m² per resident"]
        );
        assert_eq!(
            of("public_toilet", Figure::Presence)[0],
            "每平方千米居住用地 3 处；每个村 1 处"
        );
        assert_eq!(
            of("town_elderly_centre", Figure::Presence)[1],
            "1 per township, in 60 % of them"
        );
        assert_eq!(figure(&row("physicians"), Figure::Limit), None);
        assert_eq!(figure(&row("township_hospital"), Figure::LimitRural), None);
    }

    #[test]
    fn a_target_whose_year_has_passed_says_so() {
        let nursery = row("nursery_0_3");
        let norm = nursery.evidence_of(Figure::Norm).unwrap();
        assert!(!norm.passed(2025) && norm.passed(2026));
        assert_eq!(
            short(norm, 2026),
            [
                "2022 年，全国，目标年 2025 已过",
                "2022, national, target year 2025 has passed"
            ]
        );
        assert_eq!(
            short(norm, 2025),
            [
                "2022 年，全国，目标年 2025",
                "2022, national, target year 2025"
            ]
        );
        assert_eq!(
            status(&nursery, 2025),
            [
                "部分核实（2022 年，全国，目标年 2025）",
                "partly (2022, national, target year 2025)"
            ]
        );
    }

    #[test]
    fn a_figure_rests_on_a_document_a_clause_a_year_and_a_place() {
        let daycare = row("elderly_daycare");
        let presence = daycare.evidence_of(Figure::Presence).unwrap();
        let [zh, en] = basis(presence, 2026);
        assert!(
            zh.starts_with("GB 50437-2007") && zh.ends_with("表 3.1.2，2018 年，全国"),
            "{zh}"
        );
        assert!(en.ends_with("表 3.1.2, 2018, national"), "{en}");
    }
}
