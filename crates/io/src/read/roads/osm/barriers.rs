//! What a leg does not cross: water, railways on the ground, walls.
//!
//! | | is one | is none |
//! |---|---|---|
//! | water | `waterway` = `river`, `canal`, `tidal_channel`; `natural` = `coastline` | streams, ditches and drains, which people step over or which run dry; `intermittent` and `seasonal` water; wetland |
//! | shore | `waterway` = `riverbank`, `dock`; `natural` = `water`; `landuse` = `reservoir`, `basin`, where the whole outline is there | fountains and pools; the same as water |
//! | rail | `railway` = `rail`, `light_rail`, `subway`, `narrow_gauge`, `preserved`, `funicular`, `monorail` | trams, which run in the street; what is not built or no longer used; tracks on bridges |
//! | wall | `barrier` = `wall`, `city_wall`, `retaining_wall`, `fence`, `hedge`, `sound_barrier` | kerbs, guard rails, handrails, ditches, bollards |
//!
//! What lies in a tunnel or a culvert, under a cover, on a bridge, below ground or on an upper floor is no barrier on the ground.

use fuwutu_core::reach::roads::BarrierKind;

/// Whether a key can make a barrier of a way.
pub(super) fn is_key(key: &[u8]) -> bool {
    matches!(
        key,
        b"waterway" | b"natural" | b"landuse" | b"railway" | b"barrier"
    )
}

/// What a way or an area with these tags is.
pub(super) fn kind<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Option<BarrierKind> {
    let (mut kind, mut ground, mut deep) = (None, true, false);
    for (key, value) in tags {
        match key {
            "waterway" | "natural" | "landuse" | "railway" | "barrier" => {
                kind = kind.or_else(|| by_class(key, value));
            }
            "tunnel" | "bridge" | "covered" | "indoor" | "intermittent" | "seasonal"
            | "disused" | "abandoned" | "proposed" | "construction" => ground &= value == "no",
            // Rivers are drawn on layer −1 below their bridges.
            "layer" => deep = value.starts_with('-'),
            "level" => ground &= value == "0",
            "location" => ground &= matches!(value, "surface" | "outdoor" | "outside"),
            _ => {}
        }
    }
    let water = matches!(kind, Some(BarrierKind::Water | BarrierKind::Shore));
    kind.filter(|_| ground && (water || !deep))
}

fn by_class(key: &str, value: &str) -> Option<BarrierKind> {
    match (key, value) {
        ("waterway", "river" | "canal" | "tidal_channel") | ("natural", "coastline") => {
            Some(BarrierKind::Water)
        }
        ("waterway", "riverbank" | "dock")
        | ("natural", "water")
        | ("landuse", "reservoir" | "basin") => Some(BarrierKind::Shore),
        (
            "railway",
            "rail" | "light_rail" | "subway" | "narrow_gauge" | "preserved" | "funicular"
            | "monorail",
        ) => Some(BarrierKind::Rail),
        (
            "barrier",
            "wall" | "city_wall" | "retaining_wall" | "fence" | "hedge" | "sound_barrier",
        ) => Some(BarrierKind::Wall),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[(&'static str, &'static str)]) -> Option<BarrierKind> {
        kind(tags.iter().copied())
    }

    #[test]
    fn rivers_rails_and_walls_on_the_ground_are_barriers() {
        use BarrierKind::{Rail, Shore, Wall, Water};
        for (tag, kind) in [
            (("waterway", "river"), Some(Water)),
            (("waterway", "stream"), None),
            (("waterway", "drain"), None),
            (("natural", "water"), Some(Shore)),
            (("natural", "wood"), None),
            (("landuse", "reservoir"), Some(Shore)),
            (("natural", "coastline"), Some(Water)),
            (("landuse", "residential"), None),
            (("railway", "rail"), Some(Rail)),
            (("railway", "tram"), None),
            (("railway", "abandoned"), None),
            (("railway", "platform"), None),
            (("barrier", "fence"), Some(Wall)),
            (("barrier", "kerb"), None),
        ] {
            assert_eq!(of(&[tag]), kind, "{tag:?}");
            assert!(is_key(tag.0.as_bytes()));
        }
        for (key, value, ground) in [
            ("tunnel", "culvert", false),
            ("tunnel", "no", true),
            ("bridge", "aqueduct", false),
            ("layer", "-1", true),
            ("layer", "1", true),
            ("level", "2", false),
            ("location", "underground", false),
            ("intermittent", "yes", false),
            ("covered", "yes", false),
            ("name", "府河", true),
        ] {
            let there = of(&[("waterway", "canal"), (key, value)]).is_some();
            assert_eq!(there, ground, "{key}={value}");
            // The order of tags does not matter.
            let there = of(&[(key, value), ("waterway", "canal")]).is_some();
            assert_eq!(there, ground, "{key}={value}");
        }
    }
}
