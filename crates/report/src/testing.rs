//! A small book for tests: two townships, three units, two services, two years. Nothing of it is real.

use std::collections::BTreeMap;
use std::path::Path;

use fuwutu_core::city::Status;
use fuwutu_core::completeness::WAYS;
use fuwutu_core::cube::Cube;
use fuwutu_core::projection::{AgeRule, Variant};
use fuwutu_core::quantity::{AGE_BANDS, Residents};
use fuwutu_core::supply::presence::Attained;
use fuwutu_io::manifest::{
    CityCounts, NotSupplied, ProjectionTotals, ResidentsBand, RoadTotals, Statement, UnitCounts,
    YearResidents,
};
use fuwutu_io::plan::Plan;
use fuwutu_io::read::InputFile;
use geo::{Coord, MultiPolygon, Rect};

use fuwutu_io::finding::Level;
use fuwutu_io::finding::account::Role;
use fuwutu_io::tables;
use fuwutu_io::tables::completeness::Completeness;
use fuwutu_io::tables::facilities::Facility;
use fuwutu_io::tables::findings::FindingRow;
use fuwutu_io::tables::inputs::Input;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::totals::Total;
use fuwutu_io::tables::townships::Township;

use crate::book::{
    Book, Cause, Community, Demand, Edition, Manifest, Offer, Place, Served, ShownPlan, Spot, Unit,
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

/// A service of the book of whose facilities nothing was supplied.
pub(crate) fn without_data(book: &mut Book, service: &str) {
    let row = book.services.iter().find(|row| row.id == service);
    book.manifest.not_supplied.push(NotSupplied {
        service: service.to_owned(),
        name: row.expect("the book has it").name.clone(),
        selected: true,
    });
}

/// A book: kindergartens (with seats) and markets (without a capacity).
pub(crate) fn book() -> Book {
    let catalogue =
        fuwutu_io::plan::parse_catalogue(fuwutu_io::plan::CATALOGUE, Path::new("services.toml"));
    let mut services = catalogue.expect("the catalogue is sound");
    services.retain(|service| ["kindergarten", "market"].contains(&service.id.as_str()));
    let unit = |id: &str, township: usize, name: &str, residents: [u64; 2], x: f64, y: f64| Unit {
        row: tables::units::Unit {
            unit: id.to_owned(),
            township: id[..9].to_owned(),
            township_name: ["甲街道", "乙镇"][township].to_owned(),
            residents: residents[0],
            residents_later: residents[1..].to_vec(),
            communities: 1,
            contiguous: true,
            ..tables::units::Unit::default()
        },
        township,
        name: name.to_owned(),
        outline: square(x, y),
    };
    let units = vec![
        unit("990101001-1", 0, "甲街道 1", [60_000, 66_000], 0.0, 0.0),
        unit("990101001-2", 0, "甲街道 2", [50_000, 50_000], 1.0, 0.0),
        unit("990101002-1", 1, "乙镇", [30_000, 29_000], 0.0, 1.0),
    ];
    let township = |code: &str, name: &str, residents: u64, units: u32| Township {
        township: code.to_owned(),
        township_name: name.to_owned(),
        residents,
        units,
        fill: residents as f64 / (f64::from(units) * 100_000.0),
        lower_bound: units,
        proved_least: true,
    };
    let communities = units.iter().enumerate().map(|(position, unit)| Community {
        code: format!("99010100{position}001"),
        name: format!("社区{position}"),
        residents: unit.row.residents,
        units: vec![position],
        outline: unit.outline.clone(),
    });
    let place = |place: u32, unit: usize, need: f64, unserved: u64, by_unserved: u32| Place {
        row: tables::ranking::Place {
            place,
            unit: units[unit].row.unit.clone(),
            residents: units[unit].row.residents,
            inflow_rate: Some(0.1),
            need,
            inflow_factor: 1.1,
            inflow_part: need / 10.0,
            priority: need + need / 10.0,
            unproven_share: Some(0.25),
            unserved_residents: Some(unserved),
            cause_1: "kindergarten".to_owned(),
            place_by_unserved: by_unserved,
            place_first: Some(1),
            place_last: Some(3),
            in_first_ten: Some(1.0),
            ..tables::ranking::Place::default()
        },
        unit,
        causes: vec![Cause {
            row: tables::causes::Cause {
                place,
                unit: units[unit].row.unit.clone(),
                service: "kindergarten".to_owned(),
                weight: Some(1.0),
                shortfall_rate: Some(need / 100.0),
                part: need,
                standard_status: "recalled".to_owned(),
                missing_by: "capacity".to_owned(),
                figure_status: "V".to_owned(),
            },
            service: 0,
        }],
    };
    let offer = |id: &str,
                 name: &str,
                 service: &str,
                 x: f64,
                 status: Status,
                 capacity: Option<f64>,
                 row: u64| Offer {
        row: Facility {
            facility: id.to_owned(),
            facility_name: name.to_owned(),
            service: service.to_owned(),
            lon: 104.0 + x / 100.0,
            lat: 30.505,
            status: Some(status),
            opens: (status == Status::Committed).then_some(2028),
            capacity,
            ownership: "public".to_owned(),
            unit: units[x as usize].row.unit.clone(),
            ..Facility::default()
        },
        service: services.iter().position(|row| row.id == service),
        unit: Some(x as usize),
        file: "facilities.csv".to_owned(),
        file_row: Some(row),
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
            row: tables::served::Served {
                people_in_reach: Some(people),
                minutes_least: Some(1.5),
                minutes_mean: Some(7.25),
                received: received.iter().copied().map(Some).collect(),
                ..tables::served::Served::default()
            },
            unit,
            service,
            offer,
        };
    let mut book = Book {
        edition: Edition::Internal,
        manifest: manifest(),
        county_services: Vec::new(),
        townships: vec![
            township("990101001", "甲街道", 110_000, 2),
            township("990101002", "乙镇", 30_000, 1),
        ],
        communities: communities.collect(),
        standings: Cube::from_fn(units.len(), 2, YEARS.len(), |(unit, service, year)| {
            standing(unit.index(), service.index(), year.index())
        }),
        completeness: completeness(),
        compares: None,
        places: vec![
            place(1, 2, 50.0, 20_000, 2),
            place(2, 0, 30.0, 25_000, 1),
            place(3, 1, 10.0, 0, 3),
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
        findings: vec![FindingRow {
            level: Some(Level::Notice),
            finding: "capacity_missing".to_owned(),
            file: "facilities.csv".to_owned(),
            row: Some(4),
            count: 1,
            service: "school".to_owned(),
            id: "F3".to_owned(),
            column: "capacity".to_owned(),
            what: "no capacity".to_owned(),
            done: "taken as not known".to_owned(),
            说明: "没有规模".to_owned(),
            处理: "按未知处理".to_owned(),
            ..FindingRow::default()
        }],
        inputs: vec![Input {
            file: "facilities.csv".to_owned(),
            role: Some(Role::Facilities),
            rows: Some(5),
            used: Some(4),
            left_out: Some(1),
            repaired: Some(0),
            left_out_codes: "rows_blank 1".to_owned(),
            ..Input::default()
        }],
        units,
        services,
    };
    book.units[0].row.note = "split_community".to_owned();
    book
}

/// Of the units, the townships and the city: a tenth of the residents has all that counts, a fifth lacks kindergartens alone.
fn completeness() -> Vec<Completeness> {
    let areas = [
        ("unit", "990101001-1", 60_000),
        ("unit", "990101001-2", 50_000),
        ("unit", "990101002-1", 30_000),
        ("township", "990101001", 110_000),
        ("township", "990101002", 30_000),
        ("city", "", 140_000),
    ];
    let lines = YEARS
        .into_iter()
        .flat_map(|year| WAYS.map(|way| (year, way)));
    let line = |(area, id, residents): (&str, &str, u64), (year, (within, services))| {
        let all_but = |parts: u64| Some(residents / 10 * parts);
        Completeness {
            area: area.to_owned(),
            id: id.to_owned(),
            year,
            within: Some(within),
            services: Some(services),
            count: 2,
            residents: Some(residents),
            complete_residents: all_but(1),
            share: Some(0.1),
            mean_share: Some(0.2),
            lacking: vec![
                all_but(2),
                all_but(7),
                Some(0),
                Some(0),
                Some(0),
                Some(0),
                Some(0),
                Some(0),
            ],
            lacked_service: "kindergarten".to_owned(),
            lacked_residents: all_but(2),
            share_by_age: vec![Some(0.1); AGE_BANDS.len()],
        }
    };
    let of_area = |area| {
        lines
            .clone()
            .map(move |(year, way)| line(area, (year, way)))
    };
    areas.into_iter().flat_map(of_area).collect()
}

fn standing(unit: usize, service: usize, year: usize) -> Standing {
    let target =
        [[2000, 2200], [1600, 1600], [1000, 950]][unit][year] * if service == 0 { 1 } else { 30 };
    let covered = [1500, 700, 0][unit] * if service == 0 { 1 } else { 25 };
    let supply = [[600.0, 500.0], [200.0, 650.0], [0.0, 0.0]][unit][year];
    let demand = target as f64 * 0.85;
    let kindergarten = Standing {
        demand: Some(demand),
        supply_inside: Some([800.0, 0.0, 0.0][unit]),
        supply_received: Some(supply),
        shortfall_inside: Some(demand - [800.0, 0.0, 0.0][unit]),
        shortfall_reach: Some(demand - supply),
        access: Some([[0.3, 0.227], [0.125, 0.406], [0.0, 0.0]][unit][year]),
        seated: Some(200.0),
        short_for_certain: Some(demand - 200.0),
        short_none_in_reach: Some(100.0),
        short_full: Some(demand - 300.0),
        short_none_exists: Some(0.0),
        rule: "L5".to_owned(),
        required: Some(5),
        present: Some([1, 0, 0][unit]),
        enough: Some([1, 0, 0][unit]),
        unknown: Some(0),
        attained: Some([Attained::TooFew, Attained::Absent, Attained::Absent][unit]),
        ..Standing::default()
    };
    Standing {
        unit: ["990101001-1", "990101001-2", "990101002-1"][unit].to_owned(),
        service: ["kindergarten", "market"][service].to_owned(),
        year: YEARS[year],
        target_residents: Some(target),
        covered_residents: Some(covered),
        coverage: Some(covered as f64 / target as f64),
        unsnapped_residents: Some(0),
        roadless_residents: Some(0),
        too_far_residents: Some(target - covered),
        ..if service == 0 {
            kindergarten
        } else {
            Standing::default()
        }
    }
}

fn spot(position: usize) -> Spot {
    Spot {
        row: tables::demand::Demand {
            point: format!("P{position}"),
            lon: 104.005 + 0.01 * position as f64,
            lat: 30.505,
            residents: 1000,
            points: 1,
            covered: vec![Some(100), Some(100), None],
            minutes: vec![Some(3.5), None],
            ..tables::demand::Demand::default()
        },
        unit: Some(position),
        file_row: Some(position as u64 + 2),
    }
}

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
        not_supplied: Vec::new(),
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

fn total(service: &str, year: i32, target: u64, covered: u64) -> Total {
    let people = |persons| Some(Residents::whole(persons));
    Total {
        service: service.to_owned(),
        year,
        target: people(target),
        covered: people(covered),
        not_covered: people(target - covered),
        unsnapped: people(0),
        roadless: people(0),
        too_far: people(target - covered),
        facilities: Some(1),
        ..Total::default()
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
