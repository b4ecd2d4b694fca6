//! The names of services: ids, names in both languages and aliases, however they are typed; and what somebody may have meant.

use std::collections::{BTreeMap, BTreeSet};

use fuwutu_core::position::ServiceAt;
use fuwutu_core::service::Service;

/// Finds services by name.
///
/// A name counts by its letters and digits alone: upper and lower case, half and full width, spaces, brackets, strokes and
/// underscores make no difference. A service has its id, its names, each of the names between strokes (`社区食堂/老年助餐点`), with and
/// without what stands in brackets, and its aliases. An id comes before a name, a whole name before a part of one or an alias; a
/// name that two services have alike is no service's.
#[derive(Debug, Clone)]
pub struct ServiceNames {
    by_key: BTreeMap<String, Option<ServiceAt>>,
    /// All keys of each service.
    of_service: Vec<BTreeSet<String>>,
}

/// How many services are suggested at most.
const SUGGESTED: usize = 3;

/// Likeness from which on a service is suggested, 0 to 1.
const LIKE: f64 = 0.5;

impl ServiceNames {
    /// The names of a catalogue.
    #[must_use]
    pub fn new(catalogue: &[Service]) -> Self {
        let mut names = Self {
            by_key: BTreeMap::new(),
            of_service: vec![BTreeSet::new(); catalogue.len()],
        };
        let kinds: [fn(&Service) -> Vec<String>; 3] = [ids, whole, parts];
        for kind in kinds {
            let mut found: BTreeMap<String, BTreeSet<ServiceAt>> = BTreeMap::new();
            for (at, service) in ServiceAt::enumerate(catalogue) {
                for key in kind(service).iter().map(|name| key(name)) {
                    if !key.is_empty() {
                        names.of_service[at].insert(key.clone());
                        found.entry(key).or_default().insert(at);
                    }
                }
            }
            for (key, services) in found {
                let only = services.first().copied().filter(|_| services.len() == 1);
                names.by_key.entry(key).or_insert(only);
            }
        }
        names
    }

    /// The service with a name or, where none has it, with what of it stands outside brackets: `幼儿园（公办）`. O(log names).
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ServiceAt> {
        let found = |name: &str| self.by_key.get(&key(name)).copied();
        found(name)
            .or_else(|| found(&without_brackets(name)))
            .flatten()
    }

    /// Services whose names are like one that none has, at most three, the likest first. O(all names).
    #[must_use]
    pub fn like(&self, name: &str) -> Vec<ServiceAt> {
        let asked = key(name);
        let likest = |keys: &BTreeSet<String>| {
            let all = keys.iter().map(|key| likeness(&asked, key));
            all.fold(0.0, f64::max)
        };
        let mut found: Vec<(f64, ServiceAt)> = ServiceAt::enumerate(&self.of_service)
            .map(|(at, keys)| (likest(keys), at))
            .filter(|(likeness, _)| *likeness >= LIKE)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let likest = found.first().map_or(0.0, |(likeness, _)| *likeness);
        // Beside a name that is nearly the same, one that is only somewhat like it misleads.
        found.retain(|(likeness, _)| *likeness >= likest - 0.25);
        let found = found.into_iter().map(|(_, at)| at);
        found.take(SUGGESTED).collect()
    }
}

fn ids(service: &Service) -> Vec<String> {
    vec![service.id.clone()]
}

fn whole(service: &Service) -> Vec<String> {
    vec![service.name.zh.clone(), service.name.en.clone()]
}

fn parts(service: &Service) -> Vec<String> {
    let names = [&service.name.zh, &service.name.en];
    let of_strokes = names.into_iter().flat_map(|name| name.split(['/', '／']));
    let given = service.aliases.iter().map(String::as_str);
    of_strokes
        .chain(given)
        .flat_map(|name| [name.to_owned(), without_brackets(name)])
        .collect()
}

/// A name without what stands in brackets.
fn without_brackets(name: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for sign in name.chars() {
        match sign {
            '(' | '（' | '[' | '［' | '【' | '〔' => depth += 1,
            ')' | '）' | ']' | '］' | '】' | '〕' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(sign),
            _ => {}
        }
    }
    kept
}

/// What a name counts by: its letters and digits, of half width and lower case.
fn key(name: &str) -> String {
    name.chars()
        .map(half_width)
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `Ａ` as `A`.
fn half_width(sign: char) -> char {
    match sign {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(sign) - 0xfee0).expect("these are the signs from `!` to `~`")
        }
        _ => sign,
    }
}

/// How like two keys are, 0 to 1: the larger of their common pairs of signs (Dice), their common signs in order ÷ those of the
/// longer, and, where one holds all of the other in order and that has at least two signs, 0.6 + 0.4 × the shorter ÷ the longer.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    if shorter == 0 {
        return 0.0;
    }
    let common = common(&a, &b);
    let part = shorter as f64 / longer as f64;
    let in_order = common as f64 / longer as f64;
    let within = if common == shorter && shorter >= 2 && part >= 0.25 {
        0.6 + 0.4 * part
    } else {
        0.0
    };
    in_order.max(within).max(dice(&a, &b))
}

/// The most signs that both have in the same order.
fn common(a: &[char], b: &[char]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for sign in a {
        let mut before = 0;
        for (at, other) in b.iter().enumerate() {
            let longest = if sign == other {
                before + 1
            } else {
                row[at].max(row[at + 1])
            };
            before = std::mem::replace(&mut row[at + 1], longest);
        }
    }
    row[b.len()]
}

/// Twice the common pairs of neighbouring signs ÷ all of them.
fn dice(a: &[char], b: &[char]) -> f64 {
    let pairs = |signs: &[char]| -> Vec<(char, char)> {
        signs.windows(2).map(|two| (two[0], two[1])).collect()
    };
    let (a, mut left) = (pairs(a), pairs(b));
    let all = a.len() + left.len();
    let mut common = 0;
    for pair in &a {
        if let Some(at) = left.iter().position(|other| other == pair) {
            left.swap_remove(at);
            common += 1;
        }
    }
    if all == 0 {
        0.0
    } else {
        2.0 * f64::from(common) / all as f64
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{CATALOGUE, parse_catalogue};
    use super::*;

    fn catalogue() -> Vec<Service> {
        parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap()
    }

    fn found(name: &str) -> Option<String> {
        let catalogue = catalogue();
        let at = ServiceNames::new(&catalogue).find(name)?;
        Some(catalogue[at].id.clone())
    }

    #[test]
    fn ids_names_and_aliases_are_found_however_they_are_typed() {
        for (name, id) in [
            ("kindergarten", "kindergarten"),
            ("Kindergarten", "kindergarten"),
            ("ＫＩＮＤＥＲＧＡＲＴＥＮ", "kindergarten"),
            ("幼儿园", "kindergarten"),
            (" 幼 儿 园 ", "kindergarten"),
            ("幼儿园（公办）", "kindergarten"),
            ("Primary school", "primary_school"),
            ("primary-school", "primary_school"),
            ("日间照料中心", "elderly_daycare"),
            ("老年人日间照料中心", "elderly_daycare"),
            ("社区养老服务设施", "elderly_daycare"),
            ("Elderly day care centre", "elderly_daycare"),
            ("老年助餐点", "community_canteen"),
            ("社区食堂/老年助餐点", "community_canteen"),
            ("婴幼儿照护（托育）服务设施", "nursery_0_3"),
            ("婴幼儿照护(托育)服务设施", "nursery_0_3"),
            ("婴幼儿照护服务设施", "nursery_0_3"),
            ("托育机构", "nursery_0_3"),
            ("nursery 0-3", "nursery_0_3"),
            ("社区（村）服务站", "community_station"),
            ("党群服务中心", "community_station"),
            ("社区服务站", "community_station"),
            ("菜市场", "market"),
            ("农贸市场", "market"),
            ("公厕", "public_toilet"),
            ("公交站", "bus_stop"),
            ("Parcel service point", "express_point"),
        ] {
            assert_eq!(found(name).as_deref(), Some(id), "{name}");
        }
    }

    #[test]
    fn every_service_is_found_by_each_of_its_names() {
        for service in catalogue() {
            for name in [ids(&service), whole(&service), service.aliases.clone()].concat() {
                assert_eq!(found(&name), Some(service.id.clone()), "{name}");
            }
        }
    }

    #[test]
    fn what_somebody_may_have_meant_is_suggested() {
        let catalogue = catalogue();
        let names = ServiceNames::new(&catalogue);
        for (name, id) in [
            ("kindergarden", "kindergarten"),
            ("primary_scool", "primary_school"),
            ("police_staton", "police_station"),
            ("日间照料服务中心", "elderly_daycare"),
            ("日照中心", "elderly_daycare"),
            ("幼儿园所", "kindergarten"),
            ("托育服务", "nursery_0_3"),
            ("卫生服务中心（社区）", "community_health_centre"),
            ("菜市", "market"),
            ("公共厕", "public_toilet"),
            ("便民店", "convenience_store"),
            ("农家书房", "village_library"),
            ("文化站", "culture_station"),
        ] {
            let like = names.like(name);
            let ids: Vec<&str> = like.iter().map(|&at| catalogue[at].id.as_str()).collect();
            let known = names.find(name).map(|at| catalogue[at].id.as_str());
            assert!(ids.contains(&id) || known == Some(id), "{name}: {ids:?}");
            assert!(like.len() <= SUGGESTED);
        }
        for strange in ["", "xyz", "加油站", "殡仪馆"] {
            assert!(names.like(strange).len() <= SUGGESTED);
        }
        assert!(names.like("qqqq").is_empty() && names.like("").is_empty());
    }

    #[test]
    fn a_name_that_two_services_have_is_no_services() {
        let mut catalogue = catalogue();
        catalogue.truncate(2);
        for service in &mut catalogue {
            service.aliases = vec!["同名".to_owned()];
        }
        assert_eq!(ServiceNames::new(&catalogue).find("同名"), None);
    }
}
