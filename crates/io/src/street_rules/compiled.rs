//! The rules of a plan, ready for reading: each tag is looked up once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use fuwutu_core::reach::roads::Access;

use super::{Effect, Hour, Mark, Part, StreetRule, hours};
use crate::plan::{PrivateWays, TravelSection};

/// A key that some rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(u16);

/// A rule as it is applied.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) part: Part,
    /// On foot, by e-bike, by car or bus.
    pub(crate) effects: [Option<Effect>; 3],
    /// What it marks a street with.
    pub(crate) marks: Access,
    /// How long people wait, in milliseconds.
    pub(crate) wait: u32,
    /// The second tag that it asks for.
    and: Option<(Key, String)>,
}

/// The rules about one key.
#[derive(Debug, Default)]
struct OfKey {
    values: HashMap<String, Vec<u16>>,
    /// For any value but `no`.
    any: Vec<u16>,
}

/// Keys that are looked for by their names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) highway: Key,
    pub(crate) barrier: Key,
    pub(crate) level: Key,
    pub(crate) opening_hours: Key,
    pub(crate) access: Key,
}

/// The rules of a plan.
#[derive(Debug)]
pub(crate) struct Rules {
    keys: HashMap<String, Key>,
    by_key: Vec<OfKey>,
    rules: Vec<Ready>,
    /// Keys that make a way a street, the first first.
    street_keys: Vec<(String, Key)>,
    /// For each mode, along and against: the access keys, the most special first, each with the key that its values are looked up by.
    chains: [[Vec<(Key, Key)>; 2]; 3],
    pub(crate) names: Names,
    hour: Hour,
    unread: AtomicU64,
}

/// Access keys: whom each is about (on foot, e-bike, car or bus), the most special first.
const ACCESS_KEYS: [(&str, [bool; 3]); 6] = [
    ("foot", [true, false, false]),
    ("bicycle", [false, true, false]),
    ("motorcar", [false, false, true]),
    ("motor_vehicle", [false, false, true]),
    ("vehicle", [false, true, true]),
    ("access", [true, true, true]),
];

const DIRECTIONS: [&str; 2] = ["forward", "backward"];

impl Rules {
    /// The rules with what a plan says of them. Its changes are those of a plan that was read, so that each is about a rule.
    pub(crate) fn of(travel: &TravelSection) -> Self {
        let changed = super::with(&travel.rules).unwrap_or_else(|_| super::table());
        let mut ready = Self {
            keys: HashMap::new(),
            by_key: Vec::new(),
            rules: Vec::new(),
            street_keys: Vec::new(),
            names: Names {
                highway: Key(0),
                barrier: Key(0),
                level: Key(0),
                opening_hours: Key(0),
                access: Key(0),
            },
            chains: Default::default(),
            hour: Hour::parse(&travel.at).unwrap_or(Hour::USUAL),
            unread: AtomicU64::new(0),
        };
        ready.names = Names {
            highway: ready.enter("highway"),
            barrier: ready.enter("barrier"),
            level: ready.enter("level"),
            opening_hours: ready.enter("opening_hours"),
            access: ready.enter("access"),
        };
        ready.chain();
        for rule in changed {
            if rule.on != Part::StepFree || travel.step_free {
                ready.add(&rule, travel);
            }
        }
        ready
    }

    fn chain(&mut self) {
        for (name, modes) in ACCESS_KEYS {
            let key = self.enter(name);
            for (direction, word) in DIRECTIONS.iter().enumerate() {
                let special = self.enter(&format!("{name}:{word}"));
                for (mode, _) in modes.iter().enumerate().filter(|(_, about)| **about) {
                    self.chains[mode][direction].extend([(special, key), (key, key)]);
                }
            }
        }
    }

    fn enter(&mut self, name: &str) -> Key {
        if let Some(key) = self.keys.get(name) {
            return *key;
        }
        let key = Key(self.by_key.len() as u16);
        self.by_key.push(OfKey::default());
        self.keys.insert(name.to_owned(), key);
        key
    }

    fn add(&mut self, rule: &StreetRule, travel: &TravelSection) {
        let mut tags = rule.tag.split(" & ").map(|tag| tag.split_once('='));
        let (Some(Some((key, value))), and) = (tags.next(), tags.next().flatten()) else {
            return;
        };
        let key_at = self.enter(key);
        let and = and.map(|(key, value)| (self.enter(key), value.to_owned()));
        let at = self.rules.len() as u16;
        let of_key = &mut self.by_key[key_at.0 as usize];
        match value {
            "*" => of_key.any.push(at),
            value => of_key.values.entry(value.to_owned()).or_default().push(at),
        }
        if rule.on == Part::Street && !self.street_keys.iter().any(|(name, _)| name == key) {
            self.street_keys.push((key.to_owned(), key_at));
        }
        let private = match travel.private {
            PrivateWays::Ends => Effect::Private,
            PrivateWays::Open => Effect::Open,
            PrivateWays::Closed => Effect::Closed,
        };
        let mut ready = Ready {
            part: rule.on,
            effects: rule.effects().map(|effect| match effect {
                Some(Effect::Private) => Some(private),
                other => other,
            }),
            marks: Access::default(),
            wait: 0,
            and,
        };
        for mark in &rule.marks {
            match mark {
                Mark::Stairs => ready.marks = ready.marks.and(Access::STAIRS),
                Mark::NoHomes => ready.marks = ready.marks.and(Access::NO_HOMES),
                Mark::NoSnap => ready.marks = ready.marks.and(Access::NO_SNAP),
                Mark::Lift => ready.wait = millis(travel.lift_seconds),
                Mark::Crossing => ready.wait = millis(travel.crossing_seconds),
            }
        }
        self.rules.push(ready);
    }

    /// Whether a way with this key may be a street: a cheap look before its tags are read.
    pub(crate) fn street_key(&self, key: &[u8]) -> bool {
        self.street_keys
            .iter()
            .any(|(known, _)| known.as_bytes() == key)
    }

    /// The keys that make a way a street, the one that counts first.
    pub(crate) fn street_keys(&self) -> impl Iterator<Item = Key> {
        self.street_keys.iter().map(|(_, key)| *key)
    }

    /// The key of that name, where some rule is about it.
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        self.keys.get(name).copied()
    }

    fn count_unread(&self) {
        self.unread.fetch_add(1, Ordering::Relaxed);
    }

    /// How many tags had a condition that cannot be read.
    pub(crate) fn unread(&self) -> u64 {
        self.unread.load(Ordering::Relaxed)
    }

    /// The rules that these tags meet, in order. Of several values with `;` between the first that a rule knows counts.
    pub(crate) fn met(&self, tags: &[(Key, &str)]) -> Vec<&Ready> {
        let mut found: Vec<u16> = Vec::new();
        for &(key, value) in tags {
            let of_key = &self.by_key[key.0 as usize];
            let exact = self.exact(key, value);
            let speaks = |part: Part| {
                let mut exact = exact.iter();
                exact.any(|&at| self.rules[at as usize].part == part)
            };
            let any = of_key.any.iter().copied();
            let any = any.filter(|&at| value != "no" && !speaks(self.rules[at as usize].part));
            let with_second = |&at: &u16| {
                let and = self.rules[at as usize].and.as_ref();
                and.is_none_or(|(key, wanted)| {
                    let mut tags = tags.iter();
                    tags.any(|(other, value)| other == key && matches(value, wanted))
                })
            };
            found.extend(exact.iter().copied().chain(any).filter(with_second));
        }
        found.sort_unstable();
        found.iter().map(|&at| &self.rules[at as usize]).collect()
    }

    fn exact(&self, key: Key, value: &str) -> &[u16] {
        let values = &self.by_key[key.0 as usize].values;
        if let Some(found) = values.get(value) {
            return found;
        }
        let known: Vec<&Vec<u16>> = value
            .split(';')
            .filter_map(|value| values.get(value.trim()))
            .collect();
        // `crossing;footway` is a footway.
        let street = known.iter().find(|rules| {
            let mut rules = rules.iter();
            rules.any(|&at| self.rules[at as usize].part == Part::Street)
        });
        street.or(known.first()).map_or(&[], |rules| rules)
    }

    /// The first known class of streets among the values of a key.
    pub(crate) fn is_class(&self, key: Key, value: &str) -> bool {
        let mut exact = self.exact(key, value).iter();
        exact.any(|&at| self.rules[at as usize].part == Part::Street)
    }

    /// Whether a word is a value of the key in any rule.
    pub(crate) fn knows(&self, key: Key, value: &str) -> bool {
        !self.exact(key, value).is_empty()
    }

    /// What the access tags say of a mode in a direction, the most special first, and whether it is the most general, `access`, that
    /// says it.
    pub(crate) fn decided(
        &self,
        tags: &[(Key, &str)],
        mode: usize,
        direction: usize,
    ) -> Option<(Effect, bool)> {
        self.chains[mode][direction].iter().find_map(|&(key, by)| {
            let (_, value) = tags.iter().find(|(other, _)| *other == key)?;
            let own = self.access_effect(by, value, mode);
            let effect = own.or_else(|| self.access_effect(self.names.access, value, mode))?;
            Some((effect, by == self.names.access))
        })
    }

    fn access_effect(&self, key: Key, value: &str, mode: usize) -> Option<Effect> {
        let mut exact = self.exact(key, value).iter();
        exact.find_map(|&at| {
            let rule = &self.rules[at as usize];
            rule.effects[mode].filter(|_| rule.part == Part::Access)
        })
    }

    /// What a conditional tag or opening hours say at the plan's hour, where they say something.
    pub(crate) fn at_hour<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (value, unread) = hours::conditional(text, self.hour);
        if unread {
            self.count_unread();
        }
        value
    }

    /// Whether opening hours say that it is closed at the plan's hour.
    pub(crate) fn closed_by_hours(&self, text: &str) -> bool {
        match hours::open(text, self.hour) {
            Some(open) => !open,
            None => {
                self.count_unread();
                false
            }
        }
    }
}

fn matches(value: &str, wanted: &str) -> bool {
    match wanted {
        "*" => value != "no",
        wanted => value == wanted || value.split(';').any(|value| value.trim() == wanted),
    }
}

fn millis(seconds: f64) -> u32 {
    (seconds * 1000.0).round() as u32
}
