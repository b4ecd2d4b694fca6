//! A small book for tests: two townships, three units, two services, two years. Nothing of it is real.

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::city::Status;
use fuwutu_core::projection::{AgeRule, Variant};
use fuwutu_core::quantity::Residents;
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::manifest::{
    CityCounts, CityTotalRow, ProjectionTotals, ResidentsBand, RoadTotals, Statement, UnitCounts,
    YearResidents,
};
use fuwutu_io::plan::Plan;
use fuwutu_io::read::InputFile;
use geo::{Coord, MultiPolygon, Rect};

use crate::book::{
    Book, Cause, Certainty, Community, Demand, Edition, Finding, Manifest, Offer, Place, Served,
    ShownPlan, Spot, Standing, Township, Unit,
};

/// Names that try to be something else than names.
pub(crate) const NASTY: [&str; 9] = [
    "=HYPERLINK(\"http://x\")",
    "+1",
    "-1",
    "@SUM(A1)",
    "<script>window.__pwned=1</script>",
    "\"'&<>]]>",
    "a\u{202e}b\u{200f}\u{7}\u{1b}[31m",
    "../../etc/passwd",
    "🏥👨‍👩‍👧",
];

const YEARS: [i32; 2] = [2026, 2029];

/// A square of 0.01° with its south-west corner at `x` hundredths east and `y` hundredths north of a point near Chengdu.
fn square(x: f64, y: f64) -> MultiPolygon {
    let corner = |x: f64, y: f64| Coord {
        x: 104.0 + x / 100.0,
        y: 30.5 + y / 100.0,
    };
    MultiPolygon(vec![
        Rect::new(corner(x, y), corner(x + 1.0, y + 1.0)).to_polygon(),
    ])
}

/// A book: kindergartens (with seats) and markets (without a capacity).
pub(crate) fn book() -> Book {
    let all =
        fuwutu_io::plan::parse_catalogue(fuwutu_io::plan::CATALOGUE, Path::new("services.toml"));
    let mut services = all.expect("the catalogue is sound");
    services.retain(|service| ["kindergarten", "market"].contains(&service.id.as_str()));
    let unit = |id: &str, township: usize, name: &str, residents: [u64; 2], x: f64, y: f64| Unit {
        id: id.to_owned(),
        township,
        name: name.to_owned(),
        residents: residents.to_vec(),
        communities: 1,
        over_cap: false,
        contiguous: true,
        notes: Vec::new(),
        over_cap_year: None,
        since: None,
        outline: square(x, y),
    };
    let units = vec![
        unit("990101001-1", 0, "甲街道 1", [60_000, 66_000], 0.0, 0.0),
        unit("990101001-2", 0, "甲街道 2", [50_000, 50_000], 1.0, 0.0),
        unit("990101002-1", 1, "乙镇", [30_000, 29_000], 0.0, 1.0),
    ];
    let township = |code: &str, name: &str, residents: u64| Township {
        code: code.to_owned(),
        name: name.to_owned(),
        residents,
        proved_least: true,
    };
    let communities = units.iter().enumerate().map(|(at, unit)| Community {
        code: format!("99010100{at}001"),
        name: format!("社区{at}"),
        residents: unit.residents[0],
        units: vec![at],
        outline: unit.outline.clone(),
    });
    let place = |place: u32, unit: usize, need: f64, unserved: u64, by_unserved: u32| Place {
        place,
        unit,
        inflow_rate: Some(0.1),
        need,
        inflow_part: 0.01,
        unserved: Some(unserved),
        place_by_unserved: by_unserved,
        certainty: Some(Certainty {
            first: 1,
            last: 3,
            in_first_ten: 1.0,
        }),
        causes: vec![Cause {
            service: 0,
            weight: 1.0,
            shortfall_rate: 0.4,
            target_share: 0.03,
            part: need - 0.01,
        }],
    };
    let offer = |id: &str,
                 name: &str,
                 service: &str,
                 x: f64,
                 status: Status,
                 capacity: Option<f64>,
                 row: u64| Offer {
        facility: id.to_owned(),
        name: name.to_owned(),
        service: services.iter().position(|each| each.id == service),
        service_id: service.to_owned(),
        at: Coord {
            x: 104.0 + x / 100.0,
            y: 30.505,
        },
        status,
        opens: (status == Status::Committed).then_some(2028),
        capacity,
        size: None,
        public: Some(true),
        unit: Some(x as usize),
        file: "facilities.csv".to_owned(),
        row: Some(row),
    };
    let offers = vec![
        offer(
            "F1",
            "一号幼儿园",
            "kindergarten",
            0.5,
            Status::Existing,
            Some(800.0),
            2,
        ),
        offer(
            "F2",
            "二号幼儿园",
            "kindergarten",
            1.5,
            Status::Committed,
            Some(500.0),
            3,
        ),
        offer("F3", "三号市场", "market", 0.6, Status::Existing, None, 4),
    ];
    let served =
        |unit: usize, service: usize, offer: usize, people: u64, received: &[f64]| Served {
            unit,
            service,
            offer,
            people,
            least: 1.5,
            mean: 7.25,
            received: received.to_vec(),
        };
    let years = YEARS.len();
    let mut book = Book {
        edition: Edition::Internal,
        manifest: manifest(),
        county_services: Vec::new(),
        townships: vec![
            township("990101001", "甲街道", 110_000),
            township("990101002", "乙镇", 30_000),
        ],
        communities: communities.collect(),
        standings: (0..units.len() * 2 * years)
            .map(|at| standing(at / (2 * years), at / years % 2, at % years))
            .collect(),
        places: vec![
            place(1, 2, 0.05, 20_000, 2),
            place(2, 0, 0.03, 25_000, 1),
            place(3, 1, 0.01, 0, 3),
        ],
        counties: Vec::new(),
        equities: Vec::new(),
        served: vec![
            served(0, 0, 0, 1500, &[600.0, 500.0]),
            served(0, 1, 2, 40_000, &[]),
            served(1, 0, 0, 400, &[200.0, 150.0]),
            served(1, 0, 1, 300, &[0.0, 500.0]),
        ],
        offers,
        offers_left_out: 0,
        demand: Demand {
            side_m: 0,
            columns: vec![(0, 2026), (0, 2029), (1, 2026)],
            minutes: true,
            spots: (0..3).map(spot).collect(),
        },
        findings: vec![Finding {
            level: "notice".to_owned(),
            finding: "capacity_missing".to_owned(),
            file: "facilities.csv".to_owned(),
            row: Some(4),
            id: "F3".to_owned(),
            column: "capacity".to_owned(),
            value: String::new(),
            what: ["没有规模".to_owned(), "no capacity".to_owned()],
            done: ["按未知处理".to_owned(), "taken as not known".to_owned()],
        }],
        units,
        services,
    };
    book.units[0].notes.push("split_community".to_owned());
    book
}

fn standing(unit: usize, service: usize, year: usize) -> Standing {
    let target =
        [[2000, 2200], [1600, 1600], [1000, 950]][unit][year] * if service == 0 { 1 } else { 30 };
    let covered = [1500, 700, 0][unit] * if service == 0 { 1 } else { 25 };
    let kindergarten = Standing {
        demand: Some(target as f64 * 0.85),
        supply_inside: Some([800.0, 0.0, 0.0][unit]),
        supply_received: Some([[600.0, 500.0], [200.0, 650.0], [0.0, 0.0]][unit][year]),
        shortfall_inside: Some(target as f64 * 0.85 - [800.0, 0.0, 0.0][unit]),
        shortfall_reach: Some(
            target as f64 * 0.85 - [[600.0, 500.0], [200.0, 650.0], [0.0, 0.0]][unit][year],
        ),
        access: Some([[0.3, 0.227], [0.125, 0.406], [0.0, 0.0]][unit][year]),
        seated: Some(200.0),
        short: Some(target as f64 * 0.85 - 200.0),
        short_far: Some(100.0),
        short_full: Some(target as f64 * 0.85 - 300.0),
        short_none: Some(0.0),
        rule: "L5".to_owned(),
        required: 5,
        present: [1, 0, 0][unit],
        enough: [1, 0, 0][unit],
        attained: Some([Attained::TooFew, Attained::Absent, Attained::Absent][unit]),
        ..Standing::default()
    };
    Standing {
        target: Some(target),
        covered: Some(covered),
        coverage: Some(covered as f64 / target as f64),
        unsnapped: Some(0),
        roadless: Some(0),
        too_far: Some(target - covered),
        ..if service == 0 {
            kindergarten
        } else {
            Standing::default()
        }
    }
}

fn spot(at: usize) -> Spot {
    Spot {
        id: format!("P{at}"),
        at: Coord {
            x: 104.005 + 0.01 * at as f64,
            y: 30.505,
        },
        unit: Some(at),
        residents: 1000,
        points: 1,
        row: Some(at as u64 + 2),
        shares: vec![Some(100), Some(100), None],
        minutes: vec![Some(3.5), None],
    }
}

/// The plan of the book's round; what it leaves out is the policy's.
const PLAN: &str = r#"
    [round]
    name = "test-2026"
    base_year = 2026
    horizon_years = 3
    synthetic = true
    [units]
    cap = 100000
    [travel]
    mode = "straight"
    pace_m_per_s = 1.1
    detour = 1.3
    compare = false
    [ranking]
    basic = 1.0
    improved = 1.0
    inflow_weight = 1.0
    certainty = { draws = 0 }
    [public]
    small = 10
    decimals = 4
    restricted = ["police_station"]
    [inputs]
    townships = { path = "townships.geojson" }
    communities = { path = "communities.geojson" }
    facilities = [{ path = "facilities.csv" }]
"#;

fn manifest() -> Manifest {
    let plan = Plan::parse(PLAN, Path::new("plan.toml")).expect("the plan is sound");
    let people = |year, persons| YearResidents {
        year,
        residents: Residents::whole(persons),
    };
    Manifest {
        round: plan.round.name.clone(),
        version: "0.1.0".to_owned(),
        years: YEARS.to_vec(),
        statement: Statement {
            zh: "不是官方格式".to_owned(),
            en: "no official format".to_owned(),
        },
        datum: "CGCS2000/WGS 84 (EPSG:4490/4326)".to_owned(),
        plan: ShownPlan::from(plan),
        inputs: vec![InputFile {
            path: "facilities.csv".to_owned(),
            bytes: 1234,
            sha256: "00".to_owned(),
        }],
        city: CityCounts {
            residents: Residents::whole(140_000),
            townships: 2,
            communities: 3,
            demand_points: 3,
            facilities: 3,
        },
        units: UnitCounts {
            count: 3,
            over_cap: 0,
            townships_proved_least: 2,
            residents_by_year: vec![people(2026, 140_000), people(2029, 145_000)],
        },
        projection: None,
        roads: None,
        totals: vec![
            total("kindergarten", 2026, 4600, 2200),
            total("kindergarten", 2029, 4750, 2200),
            total("market", 2026, 138_000, 55_000),
            total("market", 2029, 142_500, 55_000),
        ],
        findings: BTreeMap::from([("notice".to_owned(), 1)]),
        files: Vec::new(),
    }
}

fn total(service: &str, year: i32, target: u64, covered: u64) -> CityTotalRow {
    let people = |persons| Some(Residents::whole(persons));
    CityTotalRow {
        service: service.to_owned(),
        year,
        target: people(target),
        covered: people(covered),
        not_covered: people(target - covered),
        unsnapped: people(0),
        roadless: people(0),
        too_far: people(target - covered),
        covered_straight: None,
        short: None,
        units_not_judged: 0,
        facilities: 1,
        capacity_unknown: 0,
        capacity: None,
        received: None,
        reached_by_nobody: None,
        certain: None,
        units_with_a_rule: 0,
        units_attained: 0,
        units_undecided: 0,
    }
}

/// How the book's later year came about, where a test wants growth to be known.
pub(crate) fn projection() -> ProjectionTotals {
    ProjectionTotals {
        ages: AgeRule::Keep,
        variant: Variant::Middle,
        residents: vec![ResidentsBand {
            year: 2029,
            low: Residents::whole(143_000),
            middle: Residents::whole(145_000),
            high: Residents::whole(147_000),
        }],
    }
}

/// Streets, where a test wants some.
pub(crate) fn roads(attribution: &str) -> RoadTotals {
    RoadTotals {
        crossings: 4,
        edges: 5,
        length_km: 1.5,
        left_out: BTreeMap::new(),
        attribution: Some(attribution.to_owned()),
    }
}
