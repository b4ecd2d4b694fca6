//! Who may walk where, from a small map to the minutes: one link between a person and a facility, and a way round it.
//!
//! Each case is a kind that other tools' users reported; the times are worked out by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "pbf.rs"]
mod pbf;
mod support;

use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::Limits;
use fuwutu_core::service::{Limit, Mode};
use fuwutu_io::finding::Finding;
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};
use fuwutu_io::ways::Ways;

use pbf::{Node, Way};
use support::Temp;

// ---- A town. The facility is at a crossing of residential streets, the person 200 m north of it at the other end of the link; the
// way round is 300 m east, 200 m south and 300 m back. At 1 m/s the link takes 200 s, the way round 800 s.

const NORTH: i64 = 10;
const MIDDLE: i64 = 14;

const DIRECT: Option<u32> = Some(200);
const ROUND: Option<u32> = Some(800);

/// Metres east and north of the facility, in ten-millionths of a degree.
fn at(east: f64, north: f64) -> [i64; 2] {
    // A degree of longitude and one of latitude at 30° north, in metres.
    let lon = 104.0 + east / 96_486.3;
    let lat = 30.0 + north / 110_852.4;
    [lon, lat].map(|degrees| (degrees * 1e7).round() as i64)
}

fn tags(text: &str) -> pbf::Tags {
    let pairs = text.split('|').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap();
        let key: &'static str = Box::leak(key.to_owned().into_boxed_str());
        (key, value.to_owned())
    };
    pairs.map(pair).collect()
}

/// A map with these tags on the link (from the facility to the north), on its middle, and on the way round.
fn map(link: &str, middle: &str, round: &str) -> Vec<u8> {
    let places = [
        (1, at(-1500.0, 0.0)),
        (2, at(0.0, 0.0)),
        (3, at(300.0, 0.0)),
        (4, at(1500.0, 0.0)),
        (NORTH, at(0.0, 200.0)),
        (11, at(300.0, 200.0)),
        (MIDDLE, at(0.0, 100.0)),
    ];
    let node = |(id, [lon, lat]): (i64, [i64; 2])| Node {
        id,
        lon,
        lat,
        tags: if id == MIDDLE {
            tags(middle)
        } else {
            Vec::new()
        },
    };
    let nodes: Vec<Node> = places.into_iter().map(node).collect();
    let way = |id, refs: &[i64], text: &str| Way {
        id,
        refs: refs.to_vec(),
        tags: tags(text),
    };
    let ways = [
        way(1, &[1, 2, 3, 4], "highway=residential"),
        way(2, &[2, MIDDLE, NORTH], link),
        way(3, &[NORTH, 11, 3], round),
    ];
    pbf::file(&nodes, &ways)
}

/// Seconds on foot from the person to the facility, with some lines of `[travel]`; and what reading told.
fn walk(pbf: &[u8], travel: &str) -> (Option<u32>, Vec<Finding>) {
    let temp = Temp::new("street-rules");
    let ring =
        "[[[103.98, 29.98], [104.02, 29.98], [104.02, 30.02], [103.98, 30.02], [103.98, 29.98]]]";
    let area = |code: &str, more: &str| {
        format!(
            r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{"code": "{code}", "name": "甲"{more}}}, "geometry": {{"type": "Polygon", "coordinates": {ring}}}}}]}}"#
        )
    };
    temp.put("townships.geojson", area("510104001", ""));
    temp.put(
        "communities.geojson",
        area("510104001001", r#", "township": "510104001""#),
    );
    let degrees = |place: [i64; 2]| place.map(|part| part as f64 / 1e7);
    let ([x, y], [home_x, home_y]) = (degrees(at(0.0, 0.0)), degrees(at(0.0, 200.0)));
    temp.put(
        "facilities.csv",
        format!("id,name,service,lon,lat\nf1,f1,community_health_centre,{x},{y}\n"),
    );
    temp.put(
        "population.csv",
        format!("id,community,lon,lat,residents\np1,510104001001,{home_x},{home_y},100\n"),
    );
    temp.put("roads.osm.pbf", pbf);
    let text = format!(
        r#"
        round = {{ name = "r", base_year = 2026, horizon_years = 0 }}
        [inputs]
        townships = {{ path = "townships.geojson" }}
        communities = {{ path = "communities.geojson" }}
        population = {{ path = "population.csv" }}
        facilities = [{{ path = "facilities.csv" }}]
        roads = {{ path = "roads.osm.pbf" }}
        [travel]
        mode = "streets"
        pace_m_per_s = 1.0
        {travel}
        "#
    );
    temp.put("plan.toml", &text);
    let path = temp.path("plan.toml");
    let mut plan = Plan::read(&path).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, &path).unwrap();
    let input = read::read(&plan, &Folder(temp.to_path_buf()), &catalogue)
        .unwrap_or_else(|failure| panic!("{:?}", failure.findings));
    let ways = Ways::new(&plan, input.roads.as_ref());
    let trips = ways
        .travels()
        .usual
        .travel
        .trips(&input.city, &[Mode::Walk]);
    let limit = Limit {
        mode: Mode::Walk,
        minutes: 60,
        radius_m: None,
    };
    let times = trips.nearest(Limits::both(limit), &[input.city.facilities()[0].at]);
    let seconds = |time: Millis| (f64::from(time.0) / 1000.0).round() as u32;
    (times[0].map(seconds), input.findings)
}

/// The link as it is walked to the facility: against the way it is drawn.
fn check(travel: &str, cases: &[(&str, Option<u32>)]) {
    for (link, expected) in cases {
        let (seconds, _) = walk(&map(link, "", "highway=footway"), travel);
        assert_eq!(seconds, *expected, "{link} ({travel})");
    }
}

#[test]
fn a_street_is_walked_and_what_is_none_is_gone_round() {
    check(
        "",
        &[
            ("highway=residential", DIRECT),
            ("highway=footway", DIRECT),
            ("highway=construction", ROUND),
            ("building=yes", ROUND),
        ],
    );
}

#[test]
fn motor_roads_busways_and_alpine_paths_are_closed_on_foot() {
    check(
        "",
        &[
            ("highway=primary|motorroad=yes", ROUND),
            ("highway=trunk|motorroad=yes", ROUND),
            ("highway=secondary|motorroad=yes|access=yes", ROUND),
            ("highway=primary|motorroad=yes|foot=designated", DIRECT),
            ("highway=busway", ROUND),
            ("highway=busway|access=no|bus=yes", ROUND),
            ("highway=busway|foot=yes", DIRECT),
            ("highway=bus_guideway", ROUND),
            (
                "highway=path|sac_scale=demanding_alpine_hiking|trail_visibility=no",
                ROUND,
            ),
            ("highway=path|sac_scale=alpine_hiking|foot=yes", ROUND),
            ("highway=footway|sac_scale=demanding_mountain_hiking", ROUND),
            ("highway=via_ferrata|foot=yes", ROUND),
            ("highway=path|sac_scale=hiking", DIRECT),
        ],
    );
}

#[test]
fn directions_bind_people_on_foot_where_they_are_meant() {
    check(
        "",
        &[
            ("highway=footway|oneway:foot=yes", ROUND),
            ("highway=footway|oneway:foot=-1", DIRECT),
            ("highway=residential|oneway=yes|oneway:foot=yes", ROUND),
            ("highway=residential|oneway=yes", DIRECT),
            ("highway=steps|oneway=yes", DIRECT),
            ("highway=footway|foot:backward=no", ROUND),
            ("highway=footway|foot:forward=no", DIRECT),
            ("highway=steps|conveying=forward|incline=up", ROUND),
            ("highway=steps|conveying=backward", DIRECT),
            ("highway=footway|conveying=forward", ROUND),
            ("highway=steps|conveying=yes|oneway=yes", ROUND),
            ("highway=steps|conveying=reversible", DIRECT),
        ],
    );
}

#[test]
fn platforms_piers_corridors_and_lifts_are_streets_on_foot() {
    check(
        "",
        &[
            ("railway=platform", DIRECT),
            ("public_transport=platform", DIRECT),
            ("railway=platform|public_transport=platform", DIRECT),
            ("highway=platform", DIRECT),
            ("man_made=pier", DIRECT),
            ("man_made=pier|floating=yes", DIRECT),
            ("man_made=pier|foot=no", ROUND),
            ("highway=corridor|indoor=yes", DIRECT),
            ("highway=elevator", DIRECT),
            ("railway=rail", ROUND),
            ("route=ferry", ROUND),
            ("man_made=breakwater", ROUND),
            ("highway=footway;cycleway", DIRECT),
            ("highway=construction|railway=platform", ROUND),
        ],
    );
}

#[test]
fn gates_follow_the_hour_of_the_plan() {
    for (gate, travel, expected) in [
        ("barrier=gate", "", DIRECT),
        ("barrier=gate|access=no", "", ROUND),
        (
            "barrier=gate|access=no|access:conditional=yes @ (06:00-22:00)",
            "",
            DIRECT,
        ),
        (
            "barrier=gate|access=no|access:conditional=yes @ (06:00-22:00)",
            "at = \"weekday 22:00\"",
            ROUND,
        ),
        (
            "barrier=gate|foot:conditional=no @ (22:00-06:00)",
            "",
            DIRECT,
        ),
        (
            "barrier=gate|foot:conditional=no @ (22:00-06:00)",
            "at = \"su 03:00\"",
            ROUND,
        ),
        ("barrier=gate|opening_hours=Mo-Fr 08:00-18:00", "", DIRECT),
        (
            "barrier=gate|opening_hours=Mo-Fr 08:00-18:00",
            "at = \"saturday 10:00\"",
            ROUND,
        ),
        ("barrier=gate|locked=yes", "", ROUND),
        ("barrier=gate|locked=yes|foot=yes", "", DIRECT),
        ("barrier=turnstile", "", DIRECT),
        ("barrier=turnstile", "step_free = true", ROUND),
        ("barrier=gate|access=private", "private = \"open\"", DIRECT),
        ("barrier=gate|access=private", "private = \"closed\"", ROUND),
    ] {
        let (seconds, _) = walk(&map("highway=footway", gate, "highway=footway"), travel);
        assert_eq!(seconds, expected, "{gate} ({travel})");
    }
}

#[test]
fn conditional_streets_follow_the_hour_and_what_cannot_be_read_is_told() {
    let link = "highway=footway|foot:conditional=no @ (Sa,Su)";
    check("", &[(link, DIRECT)]);
    check("at = \"sunday 10:00\"", &[(link, ROUND)]);
    let snow = "highway=footway|access:conditional=no @ snow";
    let (seconds, findings) = walk(&map(snow, "", "highway=footway"), "");
    assert_eq!(seconds, DIRECT);
    let mut codes = findings.iter().map(|finding| finding.kind.code());
    assert!(codes.any(|code| code == "condition_unread"), "{findings:?}");
}

#[test]
fn step_free_travel_goes_round_stairs_and_escalators() {
    for (link, usual, step_free) in [
        ("highway=steps", DIRECT, ROUND),
        ("highway=steps|ramp:wheelchair=yes", DIRECT, DIRECT),
        ("highway=steps|ramp:stroller=yes", DIRECT, DIRECT),
        ("highway=steps|conveying=backward", DIRECT, ROUND),
        ("highway=footway|wheelchair=no", DIRECT, ROUND),
        ("highway=elevator", DIRECT, DIRECT),
    ] {
        check("", &[(link, usual)]);
        check("step_free = true", &[(link, step_free)]);
    }
}

#[test]
fn a_plan_may_change_a_rule() {
    let closed = "rules = [{ tag = \"highway=track\", walk = \"closed\" }]";
    check("", &[("highway=track", DIRECT)]);
    check(
        closed,
        &[("highway=track", ROUND), ("highway=path", DIRECT)],
    );
    let busway = "rules = [{ tag = \"highway=busway\", walk = \"open\" }]";
    check(busway, &[("highway=busway", DIRECT)]);
    let pier = "rules = [{ tag = \"man_made=pier\", walk = \"closed\" }]";
    check(pier, &[("man_made=pier", ROUND)]);
}
