//! Facilities that may be one: of the same service, near each other, with names that are alike. They are proposed, never joined.
//!
//! Map providers give one place as many points: its gates, its car parks, a floor of it. How near is near depends on the names:
//! * the same name without gates and branches: `SAME_NAME` metres, which is a large campus from its middle to its gate;
//! * a name that holds the other: `HELD_NAME` metres, because `阳光幼儿园` and `金色阳光幼儿园` may well be two;
//! * names that only say the kind (`公共厕所`), and bus stops, which stand on both sides of the street: `NO_NAME` metres, which is the
//!   width of a room or of digitising.

use std::collections::{BTreeMap, HashMap};

use fuwutu_core::position::ServiceAt;
use fuwutu_core::quantity::Point;
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::keys::normalised;
use crate::plan::ServiceNames;

const SAME_NAME: f64 = 300.0;
const HELD_NAME: f64 = 150.0;
const NO_NAME: f64 = 20.0;

/// So many neighbours of a facility are looked at, the nearest first: in a hall with thousands of stalls each is compared with some.
const MOST_NEIGHBOURS: usize = 256;

/// A service whose points stand in pairs by their nature.
const IN_PAIRS: &str = "bus_stop";

/// What the name of a part of a place has behind the name of the place; longer ones first.
const PARTS: &[&str] = &[
    "停车场出入口",
    "停车场入口",
    "停车场出口",
    "地下停车场",
    "停车场",
    "出入口",
    "入口",
    "出口",
    "东南门",
    "东北门",
    "西南门",
    "西北门",
    "东门",
    "西门",
    "南门",
    "北门",
    "正门",
    "侧门",
    "后门",
    "大门",
    "门卫室",
    "门卫",
    "分店",
    "总店",
    "一期",
    "二期",
    "三期",
    "号门",
];

/// So many parts stand behind a name at most: 小学-南门-停车场-入口.
const MOST_PARTS: usize = 6;

/// A facility that is compared.
pub(super) struct Compared<'a> {
    pub service: ServiceAt,
    pub name: &'a str,
    pub at: Point,
}

/// Why two may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Their names are the same, but for gates and branches.
    SameName,
    /// The name of one holds that of the other.
    HeldName,
}

/// A facility of a group that may be one place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alike {
    /// Its position in what was compared.
    pub at: usize,
    /// From 1.
    pub group: usize,
    /// Why it is in the group: of the first that by which the group is one.
    pub why: Why,
    /// Metres to the first of the group.
    pub apart: f64,
}

/// The name of the place that a facility is, or is a part of: normalised, without gates, car parks, branches and numbers at its end.
fn base(name: &str) -> String {
    let mut text = normalised(name);
    for _ in 0..MOST_PARTS {
        let cut = text.trim_end_matches(|sign: char| "-—_·.,，、".contains(sign));
        let number = cut.trim_end_matches(|sign: char| sign.is_ascii_alphanumeric());
        // `3号门` loses its number with its gate, `七中3` keeps it.
        let part = PARTS.iter().find_map(|part| {
            let rest = cut.strip_suffix(part)?;
            let rest = match *part {
                "号门" => rest.trim_end_matches(|sign: char| sign.is_ascii_alphanumeric()),
                _ => rest,
            };
            (rest.chars().count() > 1).then_some(rest)
        });
        let shorter = match part {
            Some(rest) => rest,
            None if number.ends_with(['-', '—', '_']) => number,
            None => cut,
        };
        if shorter.len() == text.len() || shorter.is_empty() {
            break;
        }
        text = shorter.to_owned();
    }
    text
}

/// Groups of facilities that may be one, in the order of their first; in each in the order of what was compared.
///
/// O(n log n) for the neighbours of n facilities, times [`MOST_NEIGHBOURS`] where they are crowded.
pub(super) fn groups(all: &[Compared], names: &ServiceNames, ids: &[&str]) -> Vec<Alike> {
    let bases: Vec<String> = all.iter().map(|each| base(each.name)).collect();
    let mut joined = Joined::new(all.len());
    // What stands at one place under one name is one without a search, however much it is.
    let mut first: HashMap<(ServiceAt, &str, Point), usize> = HashMap::new();
    let mut of_service: BTreeMap<ServiceAt, Vec<usize>> = BTreeMap::new();
    for (at, each) in all.iter().enumerate() {
        if bases[at].is_empty() {
            continue;
        }
        let key = (each.service, &*bases[at], each.at);
        match first.get(&key) {
            Some(&known) => joined.join(known, at, Why::SameName),
            None => {
                first.insert(key, at);
                of_service.entry(each.service).or_default().push(at);
            }
        }
    }
    for (service, members) in of_service {
        let nameless = |base: &str| names.find(base) == Some(service);
        let in_pairs = ids[service.index()] == IN_PAIRS;
        let place = |at: usize| <[f64; 2]>::from(all[at].at.metres());
        let points = members.iter().map(|&at| GeomWithData::new(place(at), at));
        let tree = RTree::bulk_load(points.collect());
        for &at in &members {
            let near = tree.nearest_neighbor_iter_with_distance_2(&place(at));
            let near = near.take(MOST_NEIGHBOURS);
            let near = near.take_while(|(_, square)| *square <= SAME_NAME * SAME_NAME);
            for (other, square) in near.filter(|(other, _)| other.data > at) {
                let (own, name) = (&*bases[at], &*bases[other.data]);
                let why = match own == name {
                    true => Why::SameName,
                    false if own.contains(name) || name.contains(own) => Why::HeldName,
                    false => continue,
                };
                let limit = match why {
                    _ if in_pairs || nameless(own) || nameless(name) => NO_NAME,
                    Why::SameName => SAME_NAME,
                    Why::HeldName => HELD_NAME,
                };
                if square <= limit * limit {
                    joined.join(at, other.data, why);
                }
            }
        }
    }
    joined.groups(all)
}

/// Sets that grow together.
struct Joined {
    parent: Vec<usize>,
    why: Vec<Option<Why>>,
}

impl Joined {
    fn new(count: usize) -> Self {
        Self {
            parent: (0..count).collect(),
            why: vec![None; count],
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    /// The first of all is the root of its set.
    fn join(&mut self, a: usize, b: usize, why: Why) {
        for at in [a, b] {
            let known = self.why[at].unwrap_or(why);
            self.why[at] = Some(known.min(why));
        }
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }

    fn groups(mut self, all: &[Compared]) -> Vec<Alike> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..all.len() {
            members.entry(self.root(at)).or_default().push(at);
        }
        let several = members.into_iter().filter(|(_, members)| members.len() > 1);
        let mut alike = Vec::new();
        for ((first, members), group) in several.zip(1..) {
            let from = all[first].at.metres();
            alike.extend(members.into_iter().map(|at| {
                let to = all[at].at.metres();
                Alike {
                    at,
                    group,
                    why: self.why[at].unwrap_or(Why::SameName),
                    apart: (to.x - from.x).hypot(to.y - from.y),
                }
            }));
        }
        alike
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fuwutu_core::service::Service;

    use super::*;
    use crate::plan::{CATALOGUE, parse_catalogue};

    fn at(catalogue: &[Service], id: &str) -> ServiceAt {
        let position = catalogue.iter().position(|service| service.id == id);
        ServiceAt::new(position.unwrap())
    }

    /// The groups of some facilities, each by service, name and place.
    fn grouped(rows: &[(&str, &str, f64, f64)]) -> Vec<Vec<usize>> {
        let catalogue = parse_catalogue(CATALOGUE, Path::new("services.toml")).unwrap();
        let all: Vec<Compared> = rows
            .iter()
            .map(|&(service, name, x, y)| Compared {
                service: at(&catalogue, service),
                name,
                at: Point::from_metres(geo::Coord { x, y }).unwrap(),
            })
            .collect();
        let ids: Vec<&str> = catalogue.iter().map(|service| &*service.id).collect();
        let alike = groups(&all, &ServiceNames::new(&catalogue), &ids);
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for each in alike {
            groups.resize(groups.len().max(each.group), Vec::new());
            groups[each.group - 1].push(each.at);
        }
        groups
    }

    #[test]
    fn gates_and_car_parks_are_parts_of_their_place() {
        for (name, expected) in [
            ("桃花小学东门", "桃花小学"),
            ("桃花小学(东门)", "桃花小学"),
            ("桃花小学-停车场入口", "桃花小学"),
            ("桃花小学3号门", "桃花小学"),
            ("桃花小学南门停车场", "桃花小学"),
            ("红旗连锁分店", "红旗连锁"),
            ("东门", "东门"),
            ("停车场", "停车场"),
        ] {
            assert_eq!(base(name), expected, "{name}");
        }
    }

    #[test]
    fn names_and_distance_decide_and_services_never_mix() {
        let school = "primary_school";
        for (a, b, apart, same) in [
            ("桃花小学", "桃花小学东门", 299.0, true),
            ("桃花小学", "桃花小学东门", 301.0, false),
            ("武侯区桃花小学", "桃花小学", 149.0, true),
            ("武侯区桃花小学", "桃花小学", 151.0, false),
            ("桃花小学", "红旗小学", 0.0, false),
            ("小学", "小学", 19.0, true),
            ("小学", "小学", 21.0, false),
            ("小学", "桃花小学", 21.0, false),
            ("", "", 0.0, false),
        ] {
            let found = grouped(&[(school, a, 0.0, 0.0), (school, b, apart, 0.0)]);
            assert_eq!(!found.is_empty(), same, "{a} {b} {apart}");
        }
        let two = [
            ("kindergarten", "桃花", 0.0, 0.0),
            (school, "桃花", 0.0, 0.0),
        ];
        assert!(grouped(&two).is_empty());
        let stops = |apart| {
            [
                ("bus_stop", "人民南路", 0.0, 0.0),
                ("bus_stop", "人民南路", apart, 0.0),
            ]
        };
        assert!(grouped(&stops(40.0)).is_empty() && !grouped(&stops(15.0)).is_empty());
    }

    #[test]
    fn rows_of_one_place_are_one_group_however_many() {
        let place = |count: usize, spread: f64| -> Vec<(&str, &str, f64, f64)> {
            let names = [
                "锦江小区",
                "锦江小区东门",
                "锦江小区西门",
                "锦江小区停车场入口",
                "锦江小区(北门)",
            ];
            let each = |at: usize| {
                let turn = at as f64;
                (
                    "public_parking",
                    names[at % 5],
                    spread * turn.cos(),
                    spread * turn.sin(),
                )
            };
            (0..count).map(each).collect()
        };
        for (count, spread) in [(68, 0.0), (68, 120.0), (5_000, 0.0)] {
            let mut rows = place(count, spread);
            rows.push(("public_parking", "锦江小区", 5_000.0, 0.0));
            let found = grouped(&rows);
            assert_eq!(found.len(), 1, "{count} {spread}");
            assert_eq!(found[0].len(), count);
        }
    }

    #[test]
    fn a_crowd_of_other_names_takes_no_square_of_time() {
        let names: Vec<String> = (0..20_000).map(|at| format!("摊位{at:05}号")).collect();
        let rows: Vec<_> = names
            .iter()
            .map(|name| ("market", name.as_str(), 1.0, 1.0))
            .collect();
        assert!(grouped(&rows).is_empty());
    }
}
