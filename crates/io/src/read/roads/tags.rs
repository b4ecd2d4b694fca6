//! Who may use a street: rules over the tags of OpenStreetMap. They also serve tables whose classes are those words.
//!
//! | | on foot | e-bike | car or bus |
//! |---|---|---|---|
//! | `motorway(_link)` | no | no | yes |
//! | `trunk(_link)` | with a sidewalk | no | yes |
//! | `primary` to `unclassified` and links, `residential`, `living_street`, `service`, `road`, `busway` | yes | yes | yes |
//! | `track` | yes | yes | no |
//! | `path`, `cycleway` | yes | yes | no |
//! | `footway`, `pedestrian`, `corridor`, `platform` | yes | no | no |
//! | `steps` | yes, as stairs | no | no |
//! | anything else (`construction`, `proposed`, `bridleway`, ferries, …) | no | no | no |
//!
//! Then the access tags decide, the most special first: on foot `foot`, then `access`; e-bike `bicycle`, `vehicle`, `access`; car
//! `motorcar`, `motor_vehicle`, `vehicle`, `access`. `no`, `private`, `use_sidepath` and the like close what the class opens;
//! `yes`, `designated`, `permissive`, `destination` and the like open what it closes, but not what is not built.
//! One-way streets bind vehicles (`oneway:bicycle=no` and `cycleway=opposite…` free e-bikes), nobody on foot.
//! Nobody lives along motorways, trunk roads, links, busways, tracks, paths, cycleways, footways, steps, corridors and platforms,
//! on bridges and in tunnels (but under buildings, `building_passage`).
//! Areas (`area=yes`) are walked along their edge, not across. A gate or another barrier on a node lets through whom its
//! access tags do; without them bollards, blocks and stiles stop cars, turnstiles and stiles stop e-bikes.

use fuwutu_core::reach::roads::Access;
use fuwutu_core::service::Mode;

use crate::street_rules::Rules;

/// The tags that matter here, each where it is given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tags<'a> {
    highway: &'a str,
    foot: &'a str,
    bicycle: &'a str,
    motorcar: &'a str,
    motor_vehicle: &'a str,
    vehicle: &'a str,
    access: &'a str,
    oneway: &'a str,
    oneway_bicycle: &'a str,
    cycleway: &'a str,
    junction: &'a str,
    sidewalk: &'a str,
    barrier: &'a str,
    locked: &'a str,
    bridge: &'a str,
    tunnel: &'a str,
}

impl<'a> Tags<'a> {
    pub(super) fn new(_rules: &'a Rules, tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut own = Self::default();
        for (key, value) in tags {
            let place = match key {
                "highway" => &mut own.highway,
                "foot" => &mut own.foot,
                "bicycle" => &mut own.bicycle,
                "motorcar" => &mut own.motorcar,
                "motor_vehicle" => &mut own.motor_vehicle,
                "vehicle" => &mut own.vehicle,
                "access" => &mut own.access,
                "oneway" => &mut own.oneway,
                "oneway:bicycle" => &mut own.oneway_bicycle,
                "cycleway" => &mut own.cycleway,
                "junction" => &mut own.junction,
                "sidewalk" | "sidewalk:both" | "sidewalk:left" | "sidewalk:right"
                    if value != "no" =>
                {
                    &mut own.sidewalk
                }
                "barrier" => &mut own.barrier,
                "locked" => &mut own.locked,
                "bridge" => &mut own.bridge,
                "tunnel" => &mut own.tunnel,
                _ => continue,
            };
            *place = value;
        }
        own
    }

    /// With a class, as a table has it.
    pub(super) fn with_class(self, class: &'a str) -> Self {
        Self {
            highway: class,
            ..self
        }
    }

    /// Whether a word is a class of streets that are built.
    pub(super) fn known(word: &str) -> bool {
        class(word).is_some()
    }

    /// How long one waits here on foot, in milliseconds: at a lift, at a crossing.
    pub(super) fn wait(&self) -> u32 {
        0
    }

    /// Whether a way with these tags is a street, open to somebody or not.
    pub(super) fn is_street(&self) -> bool {
        !self.highway.is_empty()
    }

    /// Who may use the street; nobody where it is no street that is built.
    pub(super) fn street(&self) -> Access {
        let Some([foot, bicycle, car]) = class(self.highway) else {
            return Access::default();
        };
        let foot = foot || (self.highway.starts_with("trunk") && has_sidewalk(self.sidewalk));
        let foot = self.decided(Mode::Walk).unwrap_or(foot);
        let bicycle = self.decided(Mode::Ebike).unwrap_or(bicycle);
        let car = self.decided(Mode::CarBus).unwrap_or(car);
        let [along, against] = self.directions();
        let free = self.oneway_bicycle == "no" || self.cycleway.starts_with("opposite");
        let stairs = if self.highway == "steps" {
            Access::STAIRS
        } else {
            Access::default()
        };
        Access::of(Mode::Walk, foot, foot)
            .and(Access::of(
                Mode::Ebike,
                bicycle && (along || free),
                bicycle && (against || free),
            ))
            .and(Access::of(Mode::CarBus, car && along, car && against))
            .and(stairs)
            .and(self.homes())
    }

    /// Whether nobody lives along the street.
    fn homes(&self) -> Access {
        let along = matches!(
            self.highway,
            "primary"
                | "secondary"
                | "tertiary"
                | "unclassified"
                | "residential"
                | "living_street"
                | "pedestrian"
                | "service"
                | "road"
        );
        let level = matches!(self.bridge, "" | "no")
            && matches!(self.tunnel, "" | "no" | "building_passage");
        if along && level {
            Access::default()
        } else {
            Access::NO_HOMES
        }
    }

    /// Whether vehicles may go along the street and against it.
    fn directions(&self) -> [bool; 2] {
        match self.oneway {
            "yes" | "true" | "1" => [true, false],
            "-1" | "reverse" => [false, true],
            "no" | "false" | "0" => [true, true],
            _ if self.highway.starts_with("motorway") || self.junction == "roundabout" => {
                [true, false]
            }
            _ => [true, true],
        }
    }

    /// What the access tags say of a mode, the most special first.
    fn decided(&self, mode: Mode) -> Option<bool> {
        let keys: &[&str] = match mode {
            Mode::Walk => &[self.foot, self.access],
            Mode::Ebike => &[self.bicycle, self.vehicle, self.access],
            Mode::CarBus => &[self.motorcar, self.motor_vehicle, self.vehicle, self.access],
        };
        keys.iter().find_map(|value| allows(value))
    }

    /// The modes that may not pass a node with these tags, as bits (1 << mode).
    pub(super) fn blocked(&self) -> u8 {
        if self.barrier.is_empty() {
            return 0;
        }
        let [foot, bicycle, car] = match self.barrier {
            "bollard" | "block" | "chain" | "jersey_barrier" | "log" | "cycle_barrier"
            | "motorcycle_barrier" | "bus_trap" | "sump_buster" | "planter" | "debris" | "rope" => {
                [true, true, false]
            }
            "turnstile" | "full-height_turnstile" | "kissing_gate" | "stile" | "hampshire_gate" => {
                [true, false, false]
            }
            "wall" | "fence" | "hedge" => [false, false, false],
            _ => [true, true, true],
        };
        let own =
            |mode: Mode, usual: bool| self.decided(mode).unwrap_or(usual && self.locked != "yes");
        let closed = |mode: Mode, usual: bool| if own(mode, usual) { 0 } else { 1 << mode as u8 };
        closed(Mode::Walk, foot) | closed(Mode::Ebike, bicycle) | closed(Mode::CarBus, car)
    }
}

fn has_sidewalk(value: &str) -> bool {
    matches!(value, "yes" | "both" | "left" | "right")
}

fn allows(value: &str) -> Option<bool> {
    match value {
        "yes" | "designated" | "permissive" | "destination" | "official" | "customers"
        | "delivery" | "residents" => Some(true),
        "no" | "private" | "use_sidepath" | "military" | "agricultural" | "forestry" | "permit" => {
            Some(false)
        }
        _ => None,
    }
}

/// On foot, by e-bike, by car: what the class alone opens. `None` for what is no street that is built.
fn class(highway: &str) -> Option<[bool; 3]> {
    Some(match highway {
        "motorway" | "motorway_link" | "trunk" | "trunk_link" => [false, false, true],
        "primary" | "primary_link" | "secondary" | "secondary_link" | "tertiary"
        | "tertiary_link" | "unclassified" | "residential" | "living_street" | "service"
        | "road" | "busway" => [true, true, true],
        "track" | "path" | "cycleway" => [true, true, false],
        "footway" | "pedestrian" | "corridor" | "platform" | "steps" => [true, false, false],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{POLICY, TravelSection};

    fn travel() -> TravelSection {
        let policy: toml::Table = toml::from_str(POLICY).unwrap();
        policy["travel"].clone().try_into().unwrap()
    }

    fn of(tags: &[(&'static str, &'static str)]) -> Access {
        let rules = Rules::of(&travel());
        Tags::new(&rules, tags.iter().copied()).street()
    }

    /// On foot, by e-bike, by car; each along and against.
    fn who(tags: &[(&'static str, &'static str)]) -> [[bool; 2]; 3] {
        [Mode::Walk, Mode::Ebike, Mode::CarBus]
            .map(|mode| [of(tags).along(mode), of(tags).against(mode)])
    }

    const BOTH: [bool; 2] = [true, true];
    const NONE: [bool; 2] = [false, false];

    #[test]
    fn classes_open_streets_and_access_tags_decide() {
        assert_eq!(who(&[("highway", "residential")]), [BOTH; 3]);
        assert_eq!(who(&[("highway", "construction")]), [NONE; 3]);
        assert_eq!(who(&[("route", "ferry")]), [NONE; 3]);
        assert_eq!(who(&[("highway", "footway")]), [BOTH, NONE, NONE]);
        assert_eq!(who(&[("highway", "motorway")]), [NONE, NONE, [true, false]]);
        assert_eq!(who(&[("highway", "trunk"), ("sidewalk", "both")])[0], BOTH);
        assert_eq!(who(&[("highway", "trunk"), ("sidewalk", "no")])[0], NONE);
        assert_eq!(
            who(&[("highway", "service"), ("access", "private")]),
            [NONE; 3]
        );
        assert_eq!(
            who(&[
                ("highway", "service"),
                ("access", "private"),
                ("foot", "yes")
            ]),
            [BOTH, NONE, NONE]
        );
        assert_eq!(who(&[("highway", "proposed"), ("foot", "yes")])[0], NONE);
        assert_eq!(
            who(&[("highway", "primary"), ("foot", "use_sidepath")])[0],
            NONE
        );
        assert!(of(&[("highway", "steps")]).stairs());
    }

    #[test]
    fn people_live_along_streets_and_not_on_viaducts_in_tunnels_or_beside_paths() {
        let homes = |tags: &[(&'static str, &'static str)]| of(tags).homes();
        assert!(
            homes(&[("highway", "residential")])
                && homes(&[("highway", "primary"), ("bridge", "no")])
        );
        assert!(homes(&[
            ("highway", "service"),
            ("tunnel", "building_passage")
        ]));
        for (key, value) in [
            ("bridge", "viaduct"),
            ("bridge", "yes"),
            ("tunnel", "yes"),
            ("foot", "no"),
        ] {
            assert!(
                !homes(&[("highway", "residential"), (key, value)]),
                "{key}={value}"
            );
        }
        for class in [
            "trunk_link",
            "motorway",
            "secondary_link",
            "footway",
            "path",
            "steps",
            "busway",
        ] {
            assert!(!homes(&[("highway", class), ("foot", "yes")]), "{class}");
        }
        assert!(of(&[("highway", "construction")]).nobody());
    }

    #[test]
    fn one_way_streets_bind_vehicles_and_nobody_on_foot() {
        assert_eq!(
            who(&[("highway", "primary"), ("oneway", "yes")]),
            [BOTH, [true, false], [true, false]]
        );
        assert_eq!(
            who(&[("highway", "primary"), ("oneway", "-1")])[2],
            [false, true]
        );
        assert_eq!(
            who(&[("highway", "primary"), ("junction", "roundabout")])[2],
            [true, false]
        );
        assert_eq!(
            who(&[
                ("highway", "primary"),
                ("oneway", "yes"),
                ("oneway:bicycle", "no")
            ])[1],
            BOTH
        );
    }

    #[test]
    fn barriers_stop_whom_they_stop() {
        let blocked = |tags: &[(&'static str, &'static str)]| {
            let rules = Rules::of(&travel());
            Tags::new(&rules, tags.iter().copied()).blocked()
        };
        assert_eq!(blocked(&[("barrier", "gate")]), 0);
        assert_eq!(
            blocked(&[("barrier", "gate"), ("access", "private")]),
            0b111
        );
        assert_eq!(
            blocked(&[("barrier", "gate"), ("access", "private"), ("foot", "yes")]),
            0b110
        );
        assert_eq!(blocked(&[("barrier", "bollard")]), 0b100);
        assert_eq!(
            blocked(&[("barrier", "bollard"), ("motor_vehicle", "yes")]),
            0
        );
        assert_eq!(blocked(&[("barrier", "gate"), ("locked", "yes")]), 0b111);
        assert_eq!(blocked(&[("access", "private")]), 0);
    }
}
