//! Who may use a street, by its tags: the rules of [`street_rules`](crate::street_rules), applied. They also serve tables whose
//! columns are those tags.
//!
//! First the class of the street (`highway`, `railway`, `public_transport` or `man_made`: the first of them that a rule knows) opens it;
//! then other tags of the way; then the access tags decide, the most special first: on foot `foot`, then `access`; e-bike `bicycle`,
//! `vehicle`, `access`; car `motorcar`, `motor_vehicle`, `vehicle`, `access`, each with `:forward` and `:backward`. `access` alone
//! opens nothing that the class closes: a public footway is none for cars. Then comes what counts always, and step-free travel.
//! `KEY:conditional` takes the place of `KEY` where it holds at the hour of the plan.

use fuwutu_core::reach::roads::Access;
use fuwutu_core::service::Mode;

use crate::street_rules::{Effect, Key, Part, Ready, Rules};

/// The tags that matter here.
#[derive(Debug, Clone)]
pub(super) struct Tags<'a> {
    rules: &'a Rules,
    tags: Vec<(Key, &'a str)>,
}

/// Whom a way or a node is open to in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Nobody,
    Private,
    Everybody,
}

const MODES: [Mode; 3] = [Mode::Walk, Mode::Ebike, Mode::CarBus];

impl<'a> Tags<'a> {
    pub(super) fn new(rules: &'a Rules, tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all = Self {
            rules,
            tags: Vec::new(),
        };
        let mut of_hours: Vec<(Key, &str)> = Vec::new();
        for (name, value) in tags {
            if let Some(key) = rules.key(name) {
                all.tags.push((key, value));
            } else if let Some(key) = name.strip_suffix(":conditional") {
                of_hours.extend(rules.key(key).map(|key| (key, value)));
            }
        }
        if !all.tags.is_empty() {
            all.settle(&of_hours);
        }
        all
    }

    /// Puts in what is true at the plan's hour, on the ground floor or not.
    fn settle(&mut self, of_hours: &[(Key, &'a str)]) {
        let rules = self.rules;
        let (hours, level) = (rules.names.opening_hours, rules.names.level);
        let open_or_closed = self.has(hours);
        if (open_or_closed || !of_hours.is_empty()) && (self.is_street() || self.stops_some()) {
            for &(key, text) in of_hours {
                if let Some(value) = rules.at_hour(text) {
                    self.tags.retain(|(other, _)| *other != key);
                    self.tags.push((key, value));
                }
            }
            self.tags.retain_mut(|(key, value)| {
                if *key != hours {
                    return true;
                }
                let closed = rules.closed_by_hours(value);
                *value = "closed";
                closed
            });
        }
        self.tags.retain_mut(|(key, value)| {
            if *key != level {
                return true;
            }
            let beyond = !on_ground(value);
            *value = "not 0";
            beyond
        });
    }

    /// With a class, as a table has it.
    pub(super) fn with_class(&self, class: &'a str) -> Self {
        let mut all = self.clone();
        all.tags.push((self.rules.names.highway, class));
        all
    }

    /// Whether a word is a class that the rules know.
    pub(super) fn known(rules: &Rules, word: &str) -> bool {
        rules.knows(rules.names.highway, word)
    }

    /// Whether a value says who may pass.
    pub(super) fn says(rules: &Rules, value: &str) -> bool {
        rules.knows(rules.names.access, value)
            || ["foot", "bicycle"]
                .iter()
                .any(|key| rules.key(key).is_some_and(|key| rules.knows(key, value)))
    }

    fn has(&self, key: Key) -> bool {
        self.tags.iter().any(|(other, _)| *other == key)
    }

    /// How long one waits here on foot, in milliseconds: at a lift, at a crossing.
    pub(super) fn wait(&self) -> u32 {
        if self.tags.is_empty() {
            return 0;
        }
        let met = self.rules.met(&self.tags);
        let mut waits = met.iter().filter(|rule| rule.part == Part::Wait);
        // The last that is met counts, as in every part.
        waits.next_back().map_or(0, |rule| rule.wait)
    }

    /// Whether a way with these tags is a street, open to somebody or not: every `highway`, and what else is a class of streets.
    pub(super) fn is_street(&self) -> bool {
        self.has(self.rules.names.highway) || self.class().is_some()
    }

    /// The tag that makes the way a street, by the first key that has a known class. What has a `highway` of another kind is none.
    fn class(&self) -> Option<Key> {
        let mut keys = self.rules.street_keys();
        keys.find(|key| {
            let mut tags = self.tags.iter();
            tags.any(|(other, value)| other == key && self.rules.is_class(*key, value))
        })
    }

    /// Who may use the street; nobody where it is no street that is built.
    pub(super) fn street(&self) -> Access {
        let highway = self.rules.names.highway;
        let Some(class) = self.class() else {
            return Access::default();
        };
        if self.has(highway) && class != highway {
            return Access::default();
        }
        // A platform on a pier is one street.
        let keys: Vec<Key> = self
            .rules
            .street_keys()
            .filter(|key| *key != class)
            .collect();
        let mut tags = self.tags.clone();
        tags.retain(|(key, _)| !keys.contains(key));
        let met = self.rules.met(&tags);
        let mut access = Access::default();
        for (mode, at) in MODES.into_iter().zip(0..) {
            access = access.and(self.of_mode(&met, mode, at));
        }
        if access.nobody() {
            return Access::default();
        }
        marks(&met).into_iter().fold(access, Access::and)
    }

    fn of_mode(&self, met: &[&Ready], mode: Mode, at: usize) -> Access {
        let mut who = [Who::Nobody; 2];
        let mut directions = [true, true];
        let class = last(met, Part::Street, at);
        match class {
            Some(Effect::Closed | Effect::Keep) | None => {}
            Some(Effect::Private) => who = [Who::Private; 2],
            Some(_) => who = [Who::Everybody; 2],
        }
        let turned = last(met, Part::Direction, at);
        for effect in [class, turned].into_iter().flatten() {
            directions = match effect {
                Effect::Along => [true, false],
                Effect::Against => [false, true],
                Effect::Both => [true, true],
                _ => directions,
            };
        }
        who = who.map(|who| after(who, last(met, Part::Way, at)));
        for (direction, who) in who.iter_mut().enumerate() {
            *who = match self.rules.decided(&self.tags, at, direction) {
                Some((Effect::Closed, _)) => Who::Nobody,
                // `access` narrows; the keys of single modes open.
                Some((Effect::Private, true)) => (*who).min(Who::Private),
                Some((Effect::Private, false)) => Who::Private,
                Some((_, false)) => Who::Everybody,
                Some((_, true)) | None => *who,
            };
            *who = after(*who, last(met, Part::Always, at));
            *who = after(*who, last(met, Part::StepFree, at));
        }
        let [along, against] = [0, 1].map(|way| directions[way] && who[way] != Who::Nobody);
        let private = (along && who[0] == Who::Private) || (against && who[1] == Who::Private);
        let access = Access::of(mode, along, against);
        if private {
            access.and(Access::private_for(mode))
        } else {
            access
        }
    }

    /// Whether a node with these tags may stop somebody.
    fn stops_some(&self) -> bool {
        let names = &self.rules.names;
        self.has(names.barrier) || self.tags.contains(&(names.highway, "elevator"))
    }

    /// The modes that may not pass a node with these tags, as bits (1 << mode), and those that it is private for (8 << mode).
    pub(super) fn blocked(&self) -> u8 {
        if self.tags.is_empty() || !self.stops_some() {
            return 0;
        }
        let met = self.rules.met(&self.tags);
        let mut bits = 0;
        for (mode, at) in MODES.into_iter().zip(0..) {
            bits |= match self.through(&met, at) {
                Who::Nobody => 1 << mode as u8,
                Who::Private => 8 << mode as u8,
                Who::Everybody => 0,
            };
        }
        bits
    }

    /// Whom a barrier lets through.
    fn through(&self, met: &[&Ready], at: usize) -> Who {
        let built = after(Who::Everybody, last(met, Part::Barrier, at));
        let who = match self.rules.decided(&self.tags, at, 0) {
            Some((Effect::Closed, _)) => Who::Nobody,
            // Nobody drives through a bollard because it stands on private ground.
            Some((Effect::Private, true)) => built.min(Who::Private),
            Some((Effect::Private, false)) => Who::Private,
            Some(_) => Who::Everybody,
            None => after(built, last(met, Part::Locked, at)),
        };
        let who = after(who, last(met, Part::Always, at));
        after(who, last(met, Part::StepFree, at))
    }
}

/// What a part says of a mode: its last rule that does.
fn last(met: &[&Ready], part: Part, mode: usize) -> Option<Effect> {
    let mut backwards = met.iter().rev().filter(|rule| rule.part == part);
    backwards.find_map(|rule| rule.effects[mode])
}

fn after(who: Who, effect: Option<Effect>) -> Who {
    match effect {
        Some(Effect::Open) => Who::Everybody,
        Some(Effect::Closed) => Who::Nobody,
        Some(Effect::Private) => Who::Private,
        _ => who,
    }
}

/// What streets are marked with, in the order of parts.
fn marks(met: &[&Ready]) -> Vec<Access> {
    met.iter().map(|rule| rule.marks).collect()
}

/// Whether levels such as `0`, `-1;0` or `0-2` have the ground floor among them. What is no number says nothing.
fn on_ground(levels: &str) -> bool {
    levels.split([';', ',']).any(|level| {
        let level = level.trim();
        // The sign of the first number is none between two.
        let between = level
            .get(1..)
            .and_then(|rest| rest.find('-'))
            .map(|at| at + 1);
        let number = |text: &str| text.trim().parse::<f64>();
        match (number(level), between) {
            (Ok(level), _) => level.abs() < 0.5,
            (Err(_), Some(at)) => match (number(&level[..at]), number(&level[at + 1..])) {
                (Ok(low), Ok(high)) => low.min(high) <= 0.0 && 0.0 <= low.max(high),
                _ => true,
            },
            (Err(_), None) => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{POLICY, TravelSection};

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    /// The policy's section with some lines of a plan.
    fn rules(lines: &str) -> Rules {
        let mut policy: toml::Table = toml::from_str(POLICY).unwrap();
        let travel = policy["travel"].as_table_mut().unwrap();
        travel.extend(toml::from_str::<toml::Table>(lines).unwrap());
        let travel: TravelSection = policy["travel"].clone().try_into().unwrap();
        Rules::of(&travel)
    }

    fn street_by(lines: &str, tags: Pairs) -> Access {
        Tags::new(&rules(lines), tags.iter().copied()).street()
    }

    fn of(tags: Pairs) -> Access {
        street_by("", tags)
    }

    fn blocked_by(lines: &str, tags: Pairs) -> u8 {
        Tags::new(&rules(lines), tags.iter().copied()).blocked()
    }

    fn blocked(tags: Pairs) -> u8 {
        blocked_by("", tags)
    }

    /// `a=b c=d` as tags.
    fn pairs(text: &str) -> Vec<(&str, &str)> {
        let tags = text.split(' ').map(|tag| tag.split_once('='));
        tags.map(|tag| tag.unwrap_or_else(|| panic!("{text}")))
            .collect()
    }

    /// Whom a street is open to: `w`, `e`, `c` both ways, `w>` along and `w<` against alone, `(w)` private.
    fn shown(access: Access) -> String {
        let of_mode = |(mode, name): (Mode, &str)| {
            let open = match (access.along(mode), access.against(mode)) {
                (false, false) => return String::new(),
                (true, true) => name.to_owned(),
                (true, false) => format!("{name}>"),
                (false, true) => format!("{name}<"),
            };
            if access.private(mode) {
                format!("({open})")
            } else {
                open
            }
        };
        MODES
            .into_iter()
            .zip(["w", "e", "c"])
            .map(of_mode)
            .collect()
    }

    fn check(lines: &str, cases: &[(&str, &str)]) {
        for (tags, expected) in cases {
            let access = street_by(lines, &pairs(tags));
            assert_eq!(shown(access), *expected, "{tags} ({lines})");
        }
    }

    #[test]
    fn classes_open_streets() {
        check(
            "",
            &[
                ("highway=residential", "wec"),
                ("highway=construction", ""),
                ("highway=construction foot=yes", ""),
                ("highway=proposed foot=yes", ""),
                ("highway=street_lamp foot=yes", ""),
                ("route=ferry", ""),
                ("area:highway=footway", ""),
                ("railway=rail", ""),
                ("highway=footway", "w"),
                ("highway=motorway", "c>"),
                ("highway=motorway oneway=no", "c"),
                ("highway=pedestrian area=yes", "w"),
                ("highway=corridor indoor=yes", "w"),
                ("highway=elevator", "w"),
                ("highway=platform", "w"),
                ("railway=platform", "w"),
                ("public_transport=platform", "w"),
                ("man_made=pier", "w"),
                ("railway=platform man_made=pier", "w"),
                ("railway=rail man_made=pier", "w"),
                // What is not built is no platform either.
                ("highway=construction railway=platform", ""),
                ("man_made=bridge", ""),
                // The first class that is known.
                ("highway=footway;cycleway", "w"),
                ("highway=cycleway;footway", "we"),
                ("highway=nonsense;residential", "wec"),
                ("highway=crossing;footway", "w"),
            ],
        );
        assert!(of(&[("highway", "steps")]).stairs());
    }

    #[test]
    fn what_makes_a_way_a_street_is_seen_before_its_tags_are_read() {
        let rules = rules("");
        let street = |tags: Pairs| Tags::new(&rules, tags.iter().copied()).is_street();
        for key in ["highway", "railway", "public_transport", "man_made"] {
            assert!(rules.street_key(key.as_bytes()), "{key}");
        }
        assert!(!rules.street_key(b"building") && !rules.street_key(b"route"));
        assert!(street(&[("highway", "construction")]) && street(&[("man_made", "pier")]));
        assert!(!street(&[("railway", "rail")]) && !street(&[("man_made", "pipeline")]));
    }

    #[test]
    fn some_streets_are_closed_unless_somebody_is_named() {
        check(
            "",
            &[
                ("highway=primary motorroad=yes", "c"),
                ("highway=trunk_link motorroad=yes", "c"),
                ("highway=primary motorroad=no", "wec"),
                ("highway=primary motorroad=yes access=yes", "c"),
                ("highway=primary motorroad=yes foot=yes", "wc"),
                ("highway=busway", "c"),
                ("highway=busway foot=yes", "wc"),
                ("highway=busway bicycle=designated", "ec"),
                ("highway=bus_guideway", ""),
                ("highway=via_ferrata foot=yes", ""),
                ("highway=path sac_scale=hiking", "we"),
                ("highway=path sac_scale=mountain_hiking", "we"),
                ("highway=path sac_scale=demanding_mountain_hiking", ""),
                ("highway=path sac_scale=alpine_hiking foot=yes", ""),
                ("highway=footway sac_scale=demanding_alpine_hiking", ""),
                ("highway=path via_ferrata_scale=1", ""),
                ("highway=residential abandoned=yes", ""),
                ("highway=track ice_road=yes", ""),
                ("highway=track smoothness=impassable", "w"),
                ("highway=footway access=yes", "w"),
                ("highway=footway vehicle=yes", "wec"),
            ],
        );
    }

    #[test]
    fn a_sidewalk_on_either_side_counts_in_any_order() {
        check(
            "",
            &[
                ("highway=trunk", "c"),
                ("highway=trunk sidewalk=both", "wc"),
                ("highway=trunk sidewalk=no", "c"),
                ("highway=trunk sidewalk=separate", "c"),
                ("highway=trunk sidewalk:left=no sidewalk:right=yes", "wc"),
                ("highway=trunk sidewalk:right=yes sidewalk:left=no", "wc"),
                (
                    "highway=trunk sidewalk:both=yes sidewalk:left=separate",
                    "wc",
                ),
                ("highway=trunk sidewalk:both=no", "c"),
                ("highway=trunk sidewalk:both=separate", "c"),
                ("highway=trunk sidewalk=right sidewalk:right=no", "wc"),
                ("highway=primary sidewalk=separate", "wec"),
                ("highway=primary sidewalk=separate foot=use_sidepath", "ec"),
                ("highway=trunk sidewalk=both foot=use_sidepath", "c"),
            ],
        );
    }

    #[test]
    fn private_ways_are_for_the_ends_of_trips_or_as_the_plan_has_it() {
        let cases = [
            "highway=service access=private",
            "highway=service access=permit",
            "highway=service access=customers",
            "highway=residential access=destination",
            "highway=service access=residents",
            "highway=service access=delivery",
            "highway=service access=employees",
            "highway=service access=private;customers",
        ];
        for tags in cases {
            check("", &[(tags, "(w)(e)(c)")]);
            check("private = \"open\"", &[(tags, "wec")]);
            check("private = \"closed\"", &[(tags, "")]);
        }
        check(
            "",
            &[
                ("highway=service access=no", ""),
                ("highway=service access=military", ""),
                ("highway=service access=permissive", "wec"),
                ("highway=service access=private foot=yes", "w(e)(c)"),
                ("highway=service access=no foot=private", "(w)"),
                ("highway=footway access=private", "(w)"),
                ("highway=motorway access=private", "(c>)"),
                ("highway=footway foot=private", "(w)"),
                ("highway=residential motor_vehicle=destination", "we(c)"),
                ("highway=pedestrian motor_vehicle=delivery", "w(c)"),
                ("highway=residential vehicle=private", "w(e)(c)"),
                // A value that says nothing leaves it to the more general key.
                ("highway=service foot=unknown access=private", "(w)(e)(c)"),
            ],
        );
    }

    #[test]
    fn one_way_streets_bind_vehicles_and_on_foot_only_what_says_so() {
        check(
            "",
            &[
                ("highway=primary oneway=yes", "we>c>"),
                ("highway=primary oneway=-1", "we<c<"),
                ("highway=primary junction=roundabout", "we>c>"),
                ("highway=primary oneway=yes oneway:bicycle=no", "wec>"),
                ("oneway:bicycle=no oneway=yes highway=primary", "wec>"),
                ("highway=primary oneway=yes cycleway=opposite_lane", "wec>"),
                ("highway=footway oneway=yes", "w"),
                ("highway=steps oneway=yes", "w"),
                ("highway=footway oneway:foot=yes", "w>"),
                ("highway=footway oneway:foot=-1", "w<"),
                ("highway=residential oneway:foot=yes", "w>ec"),
                ("highway=footway foot:backward=no", "w>"),
                ("highway=footway foot:forward=no", "w<"),
                ("highway=footway foot=no foot:forward=yes", "w>"),
                ("highway=primary motor_vehicle:backward=no", "wec>"),
                ("highway=steps conveying=forward", "w>"),
                ("highway=steps conveying=backward", "w<"),
                ("highway=footway conveying=forward", "w>"),
                ("highway=steps conveying=reversible", "w"),
                ("highway=steps conveying=yes", "w"),
                ("highway=steps conveying=yes oneway=yes", "w>"),
                ("oneway=-1 conveying=yes highway=steps", "w<"),
                ("highway=steps conveying=no oneway=yes", "w"),
            ],
        );
    }

    #[test]
    fn people_live_along_streets_and_not_on_viaducts_in_tunnels_or_beside_paths() {
        let homes = |tags: &str| of(&pairs(tags)).homes();
        for tags in [
            "highway=residential",
            "highway=primary bridge=no",
            "highway=service tunnel=building_passage",
            "highway=service access=private",
        ] {
            assert!(homes(tags), "{tags}");
        }
        for tags in [
            "highway=residential bridge=viaduct",
            "highway=residential bridge=yes",
            "highway=residential tunnel=yes",
            "highway=residential foot=no",
            "highway=trunk_link foot=yes",
            "highway=motorway foot=yes",
            "highway=secondary_link",
            "highway=footway",
            "highway=path",
            "highway=steps",
            "highway=busway foot=yes",
            "railway=platform",
        ] {
            assert!(!homes(tags), "{tags}");
        }
        assert!(of(&[("highway", "construction")]).nobody());
    }

    #[test]
    fn nobody_steps_on_what_lies_above_below_or_inside() {
        let snaps = |tags: &str| of(&pairs(tags)).snaps();
        for tags in [
            "highway=residential",
            "highway=footway tunnel=building_passage",
            "highway=footway covered=yes",
            "highway=footway bridge=boardwalk",
            "highway=footway bridge=no tunnel=no indoor=no",
            "highway=footway level=0",
            "highway=footway level=-1;0",
            "highway=footway level=0-2",
            "highway=footway layer=-1",
            "highway=trunk sidewalk=both",
            "man_made=pier",
            "highway=steps conveying=no",
        ] {
            assert!(snaps(tags), "{tags}");
        }
        for tags in [
            "highway=primary tunnel=yes",
            "highway=footway tunnel=culvert",
            "highway=footway layer=-1 tunnel=yes",
            "highway=primary bridge=viaduct",
            "highway=footway bridge=yes layer=1",
            "highway=footway level=-1",
            "highway=footway level=1;2",
            "highway=footway level=-2--1",
            "highway=footway level=1.5",
            "highway=footway indoor=yes",
            "highway=corridor",
            "highway=footway location=underground",
            "highway=motorway",
            "highway=motorway_link foot=yes",
            "highway=primary motorroad=yes",
            "highway=elevator",
            "highway=steps conveying=forward",
        ] {
            assert!(!snaps(tags), "{tags}");
        }
    }

    #[test]
    fn barriers_stop_whom_they_stop() {
        for (tags, expected) in [
            ("barrier=gate", 0),
            ("barrier=gate access=no", 0b111),
            ("barrier=gate access=private", 0b111_000),
            ("barrier=gate access=residents", 0b111_000),
            ("barrier=gate access=private foot=yes", 0b110_000),
            ("barrier=gate access=no foot=destination", 0b001_110),
            ("barrier=lift_gate access=permissive", 0),
            ("barrier=bollard", 0b100),
            ("barrier=bollard motor_vehicle=yes", 0),
            // Nobody drives through a bollard on private ground.
            ("barrier=bollard access=private", 0b011_100),
            ("barrier=turnstile", 0b110),
            ("barrier=wall", 0b111),
            ("barrier=gate locked=yes", 0b111),
            ("barrier=gate locked=no", 0),
            ("barrier=gate locked=yes access=private", 0b111_000),
            ("barrier=gate locked=yes foot=yes", 0b110),
            ("barrier=gate locked=yes access=no", 0b111),
            ("access=private", 0),
            ("entrance=yes access=private", 0),
            ("highway=elevator access=private", 0b111_000),
            ("highway=elevator", 0),
        ] {
            assert_eq!(blocked(&pairs(tags)), expected, "{tags}");
        }
        let gate = pairs("barrier=gate access=private");
        assert_eq!(blocked_by("private = \"open\"", &gate), 0);
        assert_eq!(blocked_by("private = \"closed\"", &gate), 0b111);
    }

    #[test]
    fn conditions_hold_at_the_hour_of_the_plan() {
        let gate: Pairs = &[
            ("barrier", "gate"),
            ("access", "no"),
            ("access:conditional", "yes @ (06:00-22:00)"),
        ];
        let night = "at = \"weekday 23:00\"";
        assert_eq!((blocked(gate), blocked_by(night, gate)), (0, 0b111));
        let before: Pairs = &[gate[2], gate[1], gate[0]];
        assert_eq!(blocked(before), 0);
        let hours: Pairs = &[("barrier", "gate"), ("opening_hours", "06:00-22:00")];
        assert_eq!((blocked(hours), blocked_by(night, hours)), (0, 0b111));
        let locked: Pairs = &[
            ("barrier", "gate"),
            ("locked", "no"),
            ("locked:conditional", "yes @ (sunset-sunrise)"),
        ];
        assert_eq!((blocked(locked), blocked_by(night, locked)), (0, 0b111));
        let weekend: Pairs = &[
            ("highway", "service"),
            ("foot", "no"),
            ("foot:conditional", "yes @ (Sa,Su)"),
        ];
        assert_eq!(shown(of(weekend)), "ec");
        assert_eq!(shown(street_by("at = \"sunday 10:00\"", weekend)), "wec");
        let tidal: Pairs = &[
            ("highway", "primary"),
            (
                "oneway:conditional",
                "yes @ (07:00-12:00); -1 @ (16:00-20:00)",
            ),
        ];
        assert_eq!(shown(of(tidal)), "we>c>");
        assert_eq!(shown(street_by("at = \"we 17:00\"", tidal)), "we<c<");
        assert_eq!(shown(street_by(night, tidal)), "wec");
        let passage: Pairs = &[
            ("highway", "footway"),
            ("opening_hours", "Mo-Su 05:30-23:00"),
        ];
        assert_eq!(shown(of(passage)), "w");
        assert_eq!(shown(street_by("at = \"we 03:00\"", passage)), "");
    }

    #[test]
    fn a_condition_that_cannot_be_read_does_not_hold_and_is_counted() {
        let rules = rules("");
        let street = |tags: Pairs| shown(Tags::new(&rules, tags.iter().copied()).street());
        let snow: Pairs = &[("highway", "path"), ("access:conditional", "no @ snow")];
        assert_eq!((street(snow), rules.unread()), ("we".to_owned(), 1));
        let months: Pairs = &[("highway", "path"), ("opening_hours", "Apr-Oct")];
        assert_eq!((street(months), rules.unread()), ("we".to_owned(), 2));
        // Neither a shop's hours nor what no rule is about.
        street(&[("shop", "yes"), ("opening_hours", "Apr-Oct")]);
        street(&[("highway", "path"), ("maxspeed:conditional", "30 @ wet")]);
        assert_eq!(rules.unread(), 2);
    }

    #[test]
    fn step_free_travel_avoids_stairs_escalators_and_stiles() {
        let step_free = "step_free = true";
        for (tags, usual, expected) in [
            ("highway=steps", "w", ""),
            ("highway=steps ramp:wheelchair=yes", "w", "w"),
            ("highway=steps ramp:stroller=yes", "w", "w"),
            ("highway=steps ramp:wheelchair=no", "w", ""),
            ("highway=steps foot=no ramp:wheelchair=yes", "", ""),
            ("highway=steps conveying=forward", "w>", ""),
            ("highway=footway conveying=forward", "w>", ""),
            ("highway=footway wheelchair=no", "w", ""),
            ("highway=footway wheelchair=yes", "w", "w"),
            ("highway=path sac_scale=mountain_hiking", "we", "e"),
            ("highway=elevator", "w", "w"),
            ("highway=residential kerb=raised", "wec", "wec"),
        ] {
            check("", &[(tags, usual)]);
            check(step_free, &[(tags, expected)]);
        }
        for (tags, usual, expected) in [
            ("barrier=kissing_gate", 0b110, 0b111),
            ("barrier=stile", 0b110, 0b111),
            ("barrier=turnstile wheelchair=yes", 0b110, 0b110),
            ("barrier=full-height_turnstile foot=yes", 0b110, 0b111),
            ("barrier=gate wheelchair=no", 0, 0b001),
            ("barrier=bollard", 0b100, 0b100),
            ("barrier=kerb", 0, 0),
        ] {
            assert_eq!(blocked(&pairs(tags)), usual, "{tags}");
            assert_eq!(blocked_by(step_free, &pairs(tags)), expected, "{tags}");
        }
    }

    #[test]
    fn lifts_and_crossings_cost_what_the_plan_says() {
        let wait = |lines: &str, tags: &str| {
            let rules = rules(lines);
            Tags::new(&rules, pairs(tags).into_iter()).wait()
        };
        let both = "lift_seconds = 45.0\ncrossing_seconds = 12.5";
        for (tags, expected) in [
            ("highway=elevator", 45_000),
            ("highway=crossing", 12_500),
            ("highway=crossing crossing=traffic_signals", 12_500),
            ("highway=crossing crossing=no", 0),
            ("highway=traffic_signals crossing=traffic_signals", 12_500),
            ("highway=traffic_signals", 0),
            // The crossing's own node costs it.
            ("highway=footway footway=crossing crossing=marked", 0),
        ] {
            assert_eq!(wait("", tags), 0, "{tags}");
            assert_eq!(wait(both, tags), expected, "{tags}");
        }
    }

    #[test]
    fn a_plan_may_change_rules() {
        let closed = "[[rules]]\ntag = \"highway=track\"\nwalk = \"closed\"";
        check(closed, &[("highway=track", "e"), ("highway=path", "we")]);
        // The access tags still decide.
        check(closed, &[("highway=track foot=yes", "we")]);
        let ferry = "[[rules]]\ntag = \"access=customers\"\nwalk = \"open\"";
        check(ferry, &[("highway=footway access=customers", "w")]);
        let bridges = "[[rules]]\ntag = \"bridge=*\"\nmarks = [\"no_homes\"]";
        let bridge = street_by(bridges, &pairs("highway=footway bridge=yes"));
        assert!(bridge.snaps());
    }

    #[test]
    fn levels_have_the_ground_floor_among_them_or_not() {
        for levels in [
            "0", "0;1", "-1;0", "0-3", "-1-1", "-2-0", "ground", "", "-", "0.3",
        ] {
            assert!(on_ground(levels), "{levels}");
        }
        for levels in [
            "1", "-1", "1;2", "1-3", "-3--1", "-1,-2", "0.5", "-1.5", "+1",
        ] {
            assert!(!on_ground(levels), "{levels}");
        }
    }
}
