//! `standards.csv`: one line for each thing that a figure of the catalogue rests on, first what counts and then what else is said.

use fuwutu_core::service::{Figure, NATIONAL, Service};

use super::{Kind, table};
use crate::standards;
use crate::words::{Coded, FIGURE_STATUS};
use fuwutu_core::service::Scope;

table! {
    Standard in "standards.csv", ["标准及其依据", "standards and what they rest on"] {
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号", "id of the service"];
        figure: Option<Figure> = Kind::Code(Figure::WORDS), Everybody, ["标准项", "figure"], ["标准项：limit 时限，limit_rural 乡村时限，norm 指标，minimum 最小规模，presence 配置", "limit, limit_rural, norm, minimum or presence"];
        of_scope: String = Kind::Id, Everybody, ["适用范围选项", "scope of choice"], ["评估任务文件中 services.scope 写此值时采用", "what `services.scope` of a plan has to be for the figure to count"];
        used: Option<bool> = Kind::Truth, Everybody, ["本轮采用", "used"], ["本轮是否采用", "whether the round uses it"];
        value_zh: String = Kind::Text, Everybody, ["标准", "value in Chinese"], ["标准值；同一标准项的其他依据为空", "the figure, in Chinese; empty in further lines of the same figure"];
        value_en: String = Kind::Text, Everybody, ["标准（英文）", "value"], ["标准值（英文）", "the figure, in English"];
        status: String = Kind::Code(FIGURE_STATUS), Everybody, ["依据可靠性", "status"], ["V 已核实，S 转引，R 待核实，P 建议值", "V verified, S secondary, R recalled, P proposed"];
        says: String = Kind::Text, Everybody, ["依据原文", "says"], ["依据中的数值", "what the document says, as it words it"];
        document: String = Kind::Text, Everybody, ["文件", "document"], ["文件名称", "the document"];
        clause: String = Kind::Text, Everybody, ["条款", "clause"], ["条款或表；不详为空", "clause or table; empty where that is not known"];
        year: Option<i32> = Kind::Year, Everybody, ["文件年份", "year of the document"], ["文件年份，无则为报道年份；不详为空", "the year of the document, or of the report of it; empty where neither is known"];
        scope: Option<Scope> = Kind::Code(Scope::WORDS), Everybody, ["适用范围", "scope"], ["适用范围：national 全国，province 省，city 市县，catalogue 建议值", "national, province, city (or county), or catalogue for what it proposes itself"];
        place: String = Kind::Text, Everybody, ["地区", "place"], ["省或市", "the province or city"];
        target_year: Option<i32> = Kind::Year, Everybody, ["目标年", "target year"], ["目标值应达到的年份；不是目标的为空", "by when a target was to be reached; empty where it is none"];
        passed: Option<bool> = Kind::Truth, Everybody, ["目标年已过", "target passed"], ["目标年是否早于基期年；不是目标的为空", "whether that year lies before the base year; empty where it is no target"];
        url: String = Kind::Text, Everybody, ["出处", "seen at"], ["所见之处", "where the text or a report of it was seen"];
    }
}

/// Service by service, figure by figure: what the round of a base year uses, then what other scopes have.
#[must_use]
pub fn rows(services: &[Service], scope: &str, base_year: i32) -> Vec<Standard> {
    let of_service = |service: &Service| {
        let used = lines(service, scope, true, base_year, &Figure::ALL);
        let others = service.own.iter().flat_map(|(other, own)| {
            let row = service.clone().in_scope(other);
            lines(&row, other, false, base_year, &own.figures())
        });
        used.into_iter().chain(others).collect::<Vec<_>>()
    };
    services.iter().flat_map(of_service).collect()
}

fn lines(
    service: &Service,
    scope: &str,
    used: bool,
    base_year: i32,
    figures: &[Figure],
) -> Vec<Standard> {
    let mut lines = Vec::new();
    for &figure in figures {
        let value = standards::figure(service, figure);
        let evidence: Vec<_> = service
            .evidence
            .iter()
            .filter(|evidence| evidence.figure == figure)
            .collect();
        if value.is_none() && evidence.is_empty() {
            continue;
        }
        let [value_zh, value_en] = value.unwrap_or_default();
        // A catalogue of the plan's own may give figures and one source for all.
        let bare = Standard {
            service: service.id.clone(),
            figure: Some(figure),
            of_scope: own_scope(service, figure, scope).to_owned(),
            used: Some(used),
            status: service.status.of(figure).to_owned(),
            ..Standard::default()
        };
        let first = Standard {
            value_zh,
            value_en,
            document: if evidence.is_empty() {
                service.source.clone()
            } else {
                String::new()
            },
            ..bare.clone()
        };
        if evidence.is_empty() {
            lines.push(first);
            continue;
        }
        for (nth, evidence) in evidence.into_iter().enumerate() {
            let of = if nth == 0 { &first } else { &bare };
            lines.push(Standard {
                status: evidence.status.clone(),
                says: evidence.says.clone(),
                document: evidence.document.clone(),
                clause: evidence.clause.clone(),
                year: evidence.year,
                scope: Some(evidence.scope),
                place: evidence
                    .place
                    .as_ref()
                    .map_or_else(String::new, |place| place.zh.clone()),
                target_year: evidence.target_year,
                passed: evidence.target_year.map(|_| evidence.passed(base_year)),
                url: evidence.url.clone(),
                ..of.clone()
            });
        }
    }
    lines
}

/// The scope of a row's figure: the one that was chosen where the row had it of its own, and otherwise the country's.
fn own_scope<'a>(service: &Service, figure: Figure, scope: &'a str) -> &'a str {
    let replaced = service
        .own
        .get(NATIONAL)
        .is_some_and(|before| before.figures().contains(&figure));
    if replaced { scope } else { NATIONAL }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::{CATALOGUE, parse_catalogue};

    #[test]
    fn what_a_city_has_of_its_own_stands_beside_the_countrys() {
        let services = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let homes = |services: &[Service], scope| {
            let rows = rows(services, scope, 2026);
            let of_norm = rows
                .into_iter()
                .filter(|row| row.service == "elderly_home" && row.figure == Some(Figure::Norm));
            let words = |row: Standard| (row.of_scope, row.used.unwrap(), row.value_en, row.passed);
            of_norm.map(words).collect::<Vec<_>>()
        };
        let (forty, more) = (
            "0.04 beds per person of the group",
            "0.045 beds per person of the group",
        );
        let line = |scope: &str, used, value: &str, passed| {
            (scope.to_owned(), used, value.to_owned(), passed)
        };
        assert_eq!(
            homes(&services, NATIONAL),
            [
                line("national", true, forty, None),
                line("chengdu", false, more, Some(true))
            ]
        );
        let chengdu: Vec<Service> = services
            .into_iter()
            .map(|service| service.in_scope("chengdu"))
            .collect();
        assert_eq!(
            homes(&chengdu, "chengdu"),
            [
                line("chengdu", true, more, Some(true)),
                line("national", false, forty, None)
            ]
        );
    }
}
