//! A real city, where the data is at hand: 812,935 residents of Porto Alegre. It lies beside the project and is not part of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fuwutu_core::quantity::Residents;
use fuwutu_core::round::{self, Round, Selection};
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder, Input};
use fuwutu_io::ways::Ways;
use fuwutu_io::write::{self, OutFolder, Outcome};
use geo::{Area, Contains, Validation};
use geojson::{GeoJson, GeometryValue};

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/poa");
    let there = folder.join("population.csv").exists();
    if !there {
        eprintln!("skipped: the real city is not at ../shared/data/poa");
    }
    there.then_some(folder)
}

const PLAN: &str = r#"
[round]
name = "poa"
base_year = 2026
[inputs]
crs = "EPSG:4326"
townships = { path = "townships.geojson" }
communities = { path = "communities.geojson" }
population = { path = "population.csv" }
facilities = [{ path = "facilities.csv" }]
[services]
select = ["primary_school", "community_health_centre"]
"#;

struct Evaluated {
    plan: Plan,
    catalogue: Vec<fuwutu_core::service::Service>,
    selected: Vec<u16>,
    input: Input,
    round: Round,
}

fn evaluated(folder: &Path) -> Evaluated {
    let path = folder.join("plan.toml");
    let plan = Plan::parse(PLAN, &path).unwrap();
    let (catalogue, selected) = plan::catalogue(&plan, &path).unwrap();
    let input = read::read(&plan, &Folder(folder.to_owned()), &catalogue).unwrap();
    let services = Selection { catalogue: &catalogue, selected: &selected };
    let round = round::evaluate(
        &input.city,
        None,
        services,
        &plan.core(),
        Ways::new(&plan, input.roads.as_ref()).travels(),
        &|_| {},
    );
    Evaluated { plan, catalogue, selected, input, round }
}

/// Rows of a table, by the plainest means.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn units_of_a_real_city_are_within_the_cap_and_keep_every_township() {
    let Some(folder) = data() else { return };
    let round = evaluated(&folder).round;
    let mut townships: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows(&folder.join("population.csv")) {
        // A community's code begins with its township's.
        *townships.entry(row[1][..9].to_owned()).or_default() += row[4].parse::<u64>().unwrap();
    }
    let mut ours: BTreeMap<String, u64> = BTreeMap::new();
    for unit in &round.units {
        assert!(unit.residents <= Residents::whole(100_000), "{}", unit.id);
        *ours.entry(unit.id[..9].to_owned()).or_default() += unit.residents.0;
    }
    assert_eq!(ours.values().sum::<u64>(), 812_935_000);
    for (code, residents) in townships {
        assert_eq!(ours[&code], residents * 1000, "{code}");
    }
    assert_eq!(round.units.len(), 17);
    assert!(round.divisions.iter().all(|division| division.proved));
}

/// Metres between two places on a sphere: another way to measure than the plane's.
fn haversine(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.1.to_radians(), b.1.to_radians());
    let (dlat, dlon) = (lat_b - lat_a, (b.0 - a.0).to_radians());
    let half = (dlat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6_371_008.8 * half.sqrt().asin()
}

#[test]
fn coverage_of_a_real_city_is_what_every_pair_gives() {
    let Some(folder) = data() else { return };
    let round = evaluated(&folder).round;
    let place = |row: &[String], lon: usize| (row[lon].parse::<f64>().unwrap(), row[lon + 1].parse::<f64>().unwrap());
    let schools: Vec<(f64, f64)> = rows(&folder.join("facilities.csv"))
        .iter()
        .filter(|row| row[2] == "primary_school")
        .map(|row| place(row, 3))
        .collect();
    // 10 minutes at 1.1 m/s, streets 1.3 times as long: 507.7 m. Places are centres of hexagons some 300 m apart, so none
    // is so near that limit that the sphere and the ellipsoid could disagree.
    let covered: u64 = rows(&folder.join("population.csv"))
        .iter()
        .filter(|row| schools.iter().any(|school| haversine(place(row, 2), *school) <= 600.0 * 1.1 / 1.3))
        .map(|row| row[4].parse::<u64>().unwrap())
        .sum();
    let total: u64 = rows(&folder.join("population.csv")).iter().map(|row| row[4].parse::<u64>().unwrap()).sum();
    let of_schools: Vec<_> = round.standings.iter().filter(|each| each.year == 2026 && each.target.0 > 0).collect();
    let school = of_schools.iter().map(|each| each.service).min().unwrap();
    let sums = of_schools.iter().filter(|each| each.service == school);
    let (ours, target) = sums
        .fold((0.0, 0.0), |(covered, target), each| (covered + each.covered.persons(), target + each.target.persons()));
    let (ours, theirs) = (ours / target, covered as f64 / total as f64);
    assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
}

/// RFC 7946: closed rings of at least four positions, outer ones counter-clockwise, inner ones clockwise, degrees.
fn check_rings(rings: &[Vec<geojson::Position>], file: &str) {
    for (ring, at) in rings.iter().zip(0..) {
        assert!(ring.len() >= 4 && ring.first() == ring.last(), "{file}");
        let turn: f64 = ring.windows(2).map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1]).sum();
        assert!(if at == 0 { turn > 0.0 } else { turn < 0.0 }, "{file}");
        assert!(ring.iter().all(|at| at[0].abs() <= 180.0 && at[1].abs() <= 90.0), "{file}");
    }
}

#[test]
fn layers_of_a_real_city_are_valid_and_cover_it() {
    let Some(folder) = data() else { return };
    let Evaluated { plan, catalogue, selected, input, round } = evaluated(&folder);
    let out = std::env::temp_dir().join(format!("fuwutu-poa-{}", std::process::id()));
    let outcome = Outcome {
        plan: &plan,
        city: &input.city,
        catalogue: &catalogue,
        selected: &selected,
        roads: input.roads.as_ref(),
        round: &round,
        findings: &input.findings,
        files: &input.files,
    };
    write::round(OutFolder::prepare(&out, true).unwrap(), &outcome, None).unwrap();
    let mut units = 0;
    for entry in out.join("coverage").read_dir().unwrap() {
        let path = entry.unwrap().path();
        let file = path.display().to_string();
        let Ok(GeoJson::FeatureCollection(layer)) = std::fs::read_to_string(&path).unwrap().parse() else {
            panic!("{file} is no layer")
        };
        for feature in layer.features {
            let geometry = feature.geometry.unwrap();
            match &geometry.value {
                GeometryValue::Polygon { coordinates } => check_rings(coordinates, &file),
                GeometryValue::MultiPolygon { coordinates } => {
                    coordinates.iter().for_each(|rings| check_rings(rings, &file));
                }
                other => panic!("{file}: {}", other.type_name()),
            }
            let area = geo::Geometry::<f64>::try_from(geometry).unwrap();
            assert!(area.check_validation().is_ok(), "{file}: {:?}", area.check_validation());
            units += 1;
        }
    }
    assert_eq!(units, round.units.len());
    // Every demand point lies in the outline of its unit.
    let of = round.units.iter().map(|unit| unit.outline.unsigned_area()).sum::<f64>();
    let land: f64 = input.city.communities().iter().map(|each| each.polygon.unsigned_area()).sum();
    assert!((of - land).abs() < 1e-6 * land, "{of} {land}");
    let drawn = fuwutu_core::units::divide(&input.city, &plan.units);
    for (point, unit) in input.city.points().iter().zip(drawn.of_point) {
        let unit = &drawn.units[unit.unwrap() as usize];
        assert!(unit.outline.contains(&geo::Point(point.at.metres())), "{} in {}", point.id, unit.id);
    }
    std::fs::remove_dir_all(out).unwrap();
}
