//! Types that map providers give their points (Amap's codes, the words of Amap and Baidu), and the services that they are here.
//!
//! `seeds/poi_types.csv` says for each type how well it is established: `verified` by the provider's own table, `secondary` where others'
//! code or data show it, `recalled` where neither was at hand. A type that covers several services, or more than the service, goes by the
//! name of the place.

use std::collections::HashMap;

use fuwutu_core::position::ServiceAt;
use fuwutu_core::service::Service;

use crate::keys::normalised;
use crate::plan::ServiceNames;

/// The table.
const TYPES: &str = include_str!("../../../seeds/poi_types.csv");

/// What the type of a point says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is this service.
    Service(ServiceAt),
    /// It may be one of these: the name decides.
    ByName(Vec<ServiceAt>),
    /// It is none that is known.
    Other,
}

/// The types of providers, for a catalogue.
pub(crate) struct PoiTypes {
    by_code: HashMap<&'static str, Said>,
    by_words: HashMap<&'static str, Said>,
    /// The normalised names of each service by which the name of a place says that it is one.
    names: Vec<Vec<String>>,
}

impl PoiTypes {
    pub(crate) fn new(catalogue: &[Service]) -> Self {
        let (mut by_code, mut by_words) = (HashMap::new(), HashMap::new());
        for line in TYPES.lines().skip(1) {
            // No cell before the last has a comma.
            let cells: Vec<&str> = line.splitn(6, ',').collect();
            let [_, code, words, services, ..] = cells[..] else {
                continue;
            };
            let said = said(services, catalogue);
            if !code.is_empty() {
                by_code.insert(code, said.clone());
            }
            by_words.insert(words, said);
        }
        let names = catalogue.iter().map(|service| {
            let zh = service.name.zh.split(['/', '／']).map(normalised);
            let aliases = service.aliases.iter().map(|alias| normalised(alias));
            // One letter, or a word that is part of many others, would say nothing.
            zh.chain(aliases)
                .filter(|name| name.chars().count() > 1)
                .collect()
        });
        Self {
            by_code,
            by_words,
            names: names.collect(),
        }
    }

    /// What codes (`141203`, several with `|` between) and words (`科教文化服务;学校;小学`, likewise) say: the codes first, then the words
    /// as the provider has them, then the last of the words as a name of the catalogue. The first that is known counts.
    pub(crate) fn said(&self, codes: &str, words: &str, names: &ServiceNames) -> Said {
        let codes = codes.split('|').map(str::trim);
        if let Some(said) = codes.filter_map(|code| self.by_code.get(code)).next() {
            return said.clone();
        }
        let paths = words
            .split('|')
            .map(str::trim)
            .filter(|path| !path.is_empty());
        if let Some(said) = paths
            .clone()
            .filter_map(|path| self.by_words.get(path))
            .next()
        {
            return said.clone();
        }
        let last = paths.filter_map(|path| path.rsplit([';', '；']).next());
        let found = last.filter_map(|word| names.find(word)).next();
        found.map_or(Said::Other, Said::Service)
    }

    /// The one of some services of which a place's name holds a name; `None` where that is none, or several of which no name holds those
    /// of the others.
    pub(crate) fn by_name(&self, services: &[ServiceAt], name: &str) -> Option<ServiceAt> {
        let name = normalised(name);
        let held = |at: &ServiceAt| {
            let names = self.names[at.index()].iter();
            let held = names.filter(|own| name.contains(own.as_str()));
            held.max_by_key(|own| own.chars().count())
        };
        let found: Vec<(&String, ServiceAt)> = services
            .iter()
            .filter_map(|at| Some((held(at)?, *at)))
            .collect();
        let holds_all = |own: &String, own_at: ServiceAt| {
            let mut others = found.iter().filter(|(_, at)| *at != own_at);
            others.all(|(other, _)| own.len() > other.len() && own.contains(other.as_str()))
        };
        let mut best = found.iter().filter(|(own, at)| holds_all(own, *at));
        best.next().map(|(_, at)| *at)
    }
}

/// Services of a cell: one, `?` before it where more than it has the type, or several.
fn said(cell: &str, catalogue: &[Service]) -> Said {
    let at = |id: &str| {
        let mut all = ServiceAt::enumerate(catalogue);
        all.find(|(_, service)| service.id == id).map(|(at, _)| at)
    };
    let by_name = cell.contains(['|', '?']);
    let ids = cell.trim_start_matches('?').split('|');
    let services: Vec<ServiceAt> = ids.filter_map(at).collect();
    match services[..] {
        [] => Said::Other,
        [one] if !by_name => Said::Service(one),
        _ => Said::ByName(services),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::{CATALOGUE, parse_catalogue};
    use crate::words::STANDARD;

    fn catalogue() -> Vec<Service> {
        parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap()
    }

    #[test]
    fn every_type_has_services_of_the_catalogue_and_says_how_well_it_is_known() {
        let catalogue = catalogue();
        let mut seen = std::collections::BTreeSet::new();
        let lines: Vec<&str> = TYPES.lines().skip(1).collect();
        assert!(lines.len() > 20);
        for line in lines {
            let cells: Vec<&str> = line.splitn(6, ',').collect();
            assert_eq!(cells.len(), 6, "{line}");
            let (provider, code) = (cells[0], cells[1]);
            assert!(["amap", "baidu"].contains(&provider), "{line}");
            assert!(code.is_empty() || code.len() == 6, "{line}");
            assert!(seen.insert((provider, code, cells[2])), "twice: {line}");
            for id in cells[3].trim_start_matches('?').split('|') {
                assert!(catalogue.iter().any(|service| service.id == id), "{line}");
            }
            assert!(STANDARD.iter().any(|word| word.code == cells[4]), "{line}");
            assert!(cells[4] != "secondary" || cells[5].len() > 10, "{line}");
        }
    }

    #[test]
    fn codes_come_before_words_and_words_before_names() {
        let catalogue = catalogue();
        let names = ServiceNames::new(&catalogue);
        let types = PoiTypes::new(&catalogue);
        let found = |codes: &str, words: &str, name: &str| {
            let at = match types.said(codes, words, &names) {
                Said::Service(at) => Some(at),
                Said::ByName(some) => match types.by_name(&some, name) {
                    Some(at) => Some(at),
                    None => return "undecided",
                },
                Said::Other => None,
            };
            at.map_or("other", |at| catalogue[at].id.as_str())
        };
        for (codes, words, name, expected) in [
            ("141203", "", "任意", "primary_school"),
            ("141203", "餐饮服务;中餐厅;川菜馆", "任意", "primary_school"),
            ("", "科教文化服务;学校;小学", "任意", "primary_school"),
            ("999999", "教育培训;幼儿园", "任意", "kindergarten"),
            ("060706|060703", "", "桂山市场", "market"),
            (
                "",
                "生活服务;社区服务;日间照料中心",
                "任意",
                "elderly_daycare",
            ),
            ("141202", "", "红旗初级中学", "junior_middle"),
            ("141202", "", "石室中学", "undecided"),
            ("141200", "", "育才小学", "primary_school"),
            ("141200", "", "育才幼儿园及小学", "undecided"),
            (
                "090102",
                "",
                "晋阳社区卫生服务中心",
                "community_health_centre",
            ),
            (
                "090102",
                "",
                "晋阳社区卫生服务站",
                "community_health_station",
            ),
            ("090102", "", "金花镇卫生院", "township_hospital"),
            ("130501", "", "红牌楼派出所", "police_station"),
            ("130501", "", "市公安局", "undecided"),
            ("050101", "餐饮服务;中餐厅;综合酒楼", "小学旁餐馆", "other"),
            ("", "", "小学", "other"),
        ] {
            assert_eq!(
                found(codes, words, name),
                expected,
                "{codes} {words} {name}"
            );
        }
    }
}
