//! Real cities, where the data is at hand: 812,935 residents of Porto Alegre, and Tainan, whose villages merged and exchanged codes.
//! They lie beside the project and are not part of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fuwutu_core::quantity::Residents;
use fuwutu_core::supply::shortage::Certain;
use fuwutu_io::plan::{self, Plan};
use fuwutu_io::read::{self, Folder};
use fuwutu_io::write;
use fuwutu_run::{Evaluation, Extent, Job, OutFolder, PlanFile, Quiet, WriteOptions};
use geo::{Area, Contains, Validation};
use geojson::{GeoJson, GeometryValue};

use support::{Temp, root};

fn data() -> Option<PathBuf> {
    let folder = root().join("../shared/data/poa");
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

/// What was read by a plan for the city's files, of which nothing is kept for the next run, and what it came to.
fn evaluated(folder: &Path, plan: &str) -> (Job, Evaluation) {
    let path = folder.join("plan.toml");
    let plan = Plan::parse(plan, &path).unwrap();
    let files = Unkept(Folder(folder.to_owned()));
    let job = Job::read(PlanFile::new(plan, &path, files), &Quiet).unwrap();
    let evaluation = job.evaluate(Extent::Round, &Quiet).unwrap();
    (job, evaluation)
}

/// Rows of a table, by the plainest means.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn there_are_seats_enough_and_not_within_reach() {
    let Some(folder) = data() else { return };
    let (job, Evaluation { round, .. }) = evaluated(&folder, PLAN);
    let total = round
        .totals
        .iter()
        .find(|total| job.catalogue[total.service].id == "primary_school")
        .unwrap();
    let certain = total.certain.unwrap();
    // 80 seats for 1,000 of 812,935 residents are 65,035; there are 116,400, and hardly a school is full. Who lives within 10 minutes
    // of one is seated: as many seats as 80 for 1,000 of those residents.
    let [demand, seated, too_far, full] = [
        certain.demand(),
        certain.seated,
        certain.too_far,
        certain.full,
    ]
    .map(Certain::units);
    assert!(
        (demand - 65_034.8).abs() < 0.01 && total.capacity > demand && full < demand / 1000.0,
        "{certain:?}"
    );
    assert!((seated + too_far + full - demand).abs() < 1e-6);
    let covered = total.coverage().unwrap();
    assert!(
        (seated / demand - covered).abs() < 0.01,
        "{seated} of {demand}, {covered} of the children covered"
    );
    let places = round.places.iter().map(|place| place.certainty.unwrap());
    assert!(
        places.clone().all(|place| place.first <= place.last)
            && places.clone().any(|place| place.first < place.last)
    );
}

#[test]
fn units_of_a_real_city_are_within_the_cap_and_keep_every_township() {
    let Some(folder) = data() else { return };
    let (_, Evaluation { round, .. }) = evaluated(&folder, PLAN);
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
    let (_, Evaluation { round, .. }) = evaluated(&folder, PLAN);
    let place = |row: &[String], lon: usize| {
        (
            row[lon].parse::<f64>().unwrap(),
            row[lon + 1].parse::<f64>().unwrap(),
        )
    };
    let schools: Vec<(f64, f64)> = rows(&folder.join("facilities.csv"))
        .iter()
        .filter(|row| row[2] == "primary_school")
        .map(|row| place(row, 3))
        .collect();
    // 10 minutes at 1.1 m/s, streets 1.3 times as long: 507.7 m. Places are centres of hexagons some 300 m apart, so none
    // is so near that limit that the sphere and the ellipsoid could disagree.
    let covered: u64 = rows(&folder.join("population.csv"))
        .iter()
        .filter(|row| {
            schools
                .iter()
                .any(|school| haversine(place(row, 2), *school) <= 600.0 * 1.1 / 1.3)
        })
        .map(|row| row[4].parse::<u64>().unwrap())
        .sum();
    let total: u64 = rows(&folder.join("population.csv"))
        .iter()
        .map(|row| row[4].parse::<u64>().unwrap())
        .sum();
    let of_schools: Vec<_> = round
        .standings
        .iter()
        .filter(|each| each.year == 2026 && each.target.0 > 0)
        .collect();
    let school = of_schools.iter().map(|each| each.service).min().unwrap();
    let sums = of_schools.iter().filter(|each| each.service == school);
    let (ours, target) = sums.fold((0.0, 0.0), |(covered, target), each| {
        (
            covered + each.covered.persons(),
            target + each.target.persons(),
        )
    });
    let (ours, theirs) = (ours / target, covered as f64 / total as f64);
    assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
}

/// RFC 7946: closed rings of at least four positions, outer ones counter-clockwise, inner ones clockwise, degrees.
fn check_rings(rings: &[Vec<geojson::Position>], file: &str) {
    for (ring, at) in rings.iter().zip(0..) {
        assert!(ring.len() >= 4 && ring.first() == ring.last(), "{file}");
        let turn: f64 = ring
            .windows(2)
            .map(|pair| pair[0][0] * pair[1][1] - pair[1][0] * pair[0][1])
            .sum();
        assert!(if at == 0 { turn > 0.0 } else { turn < 0.0 }, "{file}");
        assert!(
            ring.iter()
                .all(|at| at[0].abs() <= 180.0 && at[1].abs() <= 90.0),
            "{file}"
        );
    }
}

#[test]
fn layers_of_a_real_city_are_valid_and_cover_it() {
    let Some(folder) = data() else { return };
    let (job, evaluation) = evaluated(&folder, PLAN);
    let temp = Temp::new("poa");
    let out = temp.path("round");
    let target = OutFolder::prepare(&out, false).unwrap();
    let options = WriteOptions::default();
    job.write(target, &evaluation, &options, &Quiet).unwrap();
    let (input, round) = (&job.input, &evaluation.round);
    let mut units = 0;
    for entry in out.join("coverage").read_dir().unwrap() {
        let path = entry.unwrap().path();
        let file = path.display().to_string();
        let Ok(GeoJson::FeatureCollection(layer)) = std::fs::read_to_string(&path).unwrap().parse()
        else {
            panic!("{file} is no layer")
        };
        for feature in layer.features {
            let geometry = feature.geometry.unwrap();
            match &geometry.value {
                GeometryValue::Polygon { coordinates } => check_rings(coordinates, &file),
                GeometryValue::MultiPolygon { coordinates } => {
                    coordinates
                        .iter()
                        .for_each(|rings| check_rings(rings, &file));
                }
                other => panic!("{file}: {}", other.type_name()),
            }
            let area = geo::Geometry::<f64>::try_from(geometry).unwrap();
            assert!(
                area.check_validation().is_ok(),
                "{file}: {:?}",
                area.check_validation()
            );
            units += 1;
        }
    }
    assert_eq!(units, round.units.len());
    // Every demand point lies in the outline of its unit.
    let of = round
        .units
        .iter()
        .map(|unit| unit.outline.unsigned_area())
        .sum::<f64>();
    let land: f64 = input
        .city
        .communities()
        .iter()
        .map(|each| each.polygon.unsigned_area())
        .sum();
    assert!((of - land).abs() < 1e-6 * land, "{of} {land}");
    let drawn = fuwutu_core::units::divide(&input.city, &job.plan.units);
    for (point, unit) in input.city.points().iter().zip(drawn.of_point) {
        let unit = &drawn.units[unit.unwrap()];
        assert!(
            unit.outline.contains(&geo::Point(point.at.metres())),
            "{} in {}",
            point.id,
            unit.id
        );
    }
}

// --- streets ---

/// The same plan on the streets that come with the city.
fn on_streets() -> String {
    PLAN.replace(
        "[inputs]",
        "[travel]\nmode = \"streets\"\ncompare = true\n[inputs]\nroads = { path = \"roads.osm.pbf\" }",
    )
}

/// Files of which nothing is kept for the next run.
struct Unkept(Folder);

impl read::Files for Unkept {
    fn bytes(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.0.bytes(path)
    }
}

#[test]
fn everybody_of_a_real_city_is_accounted_for_on_its_streets() {
    let Some(folder) = data() else { return };
    let (_, Evaluation { round, .. }) = evaluated(&folder, &on_streets());
    let walking = round
        .snapping
        .iter()
        .filter(|each| each.mode == fuwutu_core::service::Mode::Walk);
    let (all, lost) = walking.fold(
        (Residents::default(), Residents::default()),
        |(all, lost), each| (all + each.residents, lost + each.unsnapped + each.roadless),
    );
    assert_eq!(all, Residents::whole(812_935));
    // Eight hexagons lie outside the extract or away from its streets, with 131 people.
    assert_eq!(lost, Residents::whole(131));
    for total in &round.totals {
        let told = total.covered + total.unsnapped + total.roadless;
        assert!(
            told <= total.target
                && total
                    .covered_straight
                    .is_some_and(|straight| straight <= total.target)
        );
    }
    // Streets are 1.2 to 1.6 times as long as the crow flies in every unit where people live.
    for detours in round
        .detours
        .iter()
        .filter_map(fuwutu_core::supply::detour::Detours::summary)
    {
        assert!(
            (1.15..1.6).contains(&detours.median) && detours.ninth_decile < 2.5,
            "{detours:?}"
        );
    }
}

#[test]
fn a_cut_street_file_of_a_real_city_is_an_error_or_told() {
    let Some(folder) = data() else { return };
    let whole = std::fs::read(folder.join("roads.osm.pbf")).unwrap();
    struct Cut<'a>(Folder, &'a [u8]);
    impl read::Files for Cut<'_> {
        fn bytes(&self, path: &Path) -> std::io::Result<Vec<u8>> {
            if path == Path::new("roads.osm.pbf") {
                Ok(self.1.to_vec())
            } else {
                self.0.bytes(path)
            }
        }
    }
    let plan = PLAN.replace(
        "[inputs]",
        "[travel]\nmode = \"streets\"\n[inputs]\nroads = { path = \"roads.osm.pbf\" }",
    );
    let mut plan = Plan::parse(&plan, &folder.join("plan.toml")).unwrap();
    let (catalogue, _) = plan::catalogue(&mut plan, &folder.join("plan.toml")).unwrap();
    let read = |bytes: &[u8]| read::read(&plan, &Cut(Folder(folder.clone()), bytes), &catalogue);
    let ends = blob_ends(&whole);
    for at in (0..50)
        .map(|part| whole.len() * part / 50)
        .chain(ends.iter().copied())
    {
        match read(&whole[..at]) {
            Err(failure) => assert!(failure.errors().count() > 0, "cut at {at}"),
            Ok(input) => {
                // Only where a blob ends; and then a part of the ways is missing, which is told, or the relations alone.
                assert!(ends.contains(&at), "cut at {at}");
                let told = |code: &str| {
                    input
                        .findings
                        .iter()
                        .any(|finding| finding.kind.code() == code)
                };
                let whole = input
                    .findings
                    .iter()
                    .any(|finding| finding.value.contains("ways 16032"));
                assert!(
                    whole || told("pbf_cut"),
                    "cut at {at}: {:?}",
                    input.findings
                );
            }
        }
    }
    for number in 0..100_u64 {
        let bit = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16) as usize % (whole.len() * 8);
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(input) = read(&flipped) {
            assert!(
                input
                    .findings
                    .iter()
                    .any(|finding| finding.value.contains("nodes 43264, ways 16032")),
                "bit {bit}"
            );
        }
    }
}

/// Where the blobs of a file end, its own end apart: a length of four bytes, a header, and in it the length of what follows.
fn blob_ends(bytes: &[u8]) -> Vec<usize> {
    let (mut ends, mut at) = (Vec::new(), 0);
    while at + 4 < bytes.len() {
        let head =
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
        let header = &bytes[at + 4..at + 4 + head];
        // The last field of the header is the length: a tag of 0x18, then groups of seven bits.
        let tag = header.iter().rposition(|&byte| byte == 0x18).unwrap();
        let size = header[tag + 1..]
            .iter()
            .rev()
            .fold(0, |size, byte| size << 7 | usize::from(byte & 0x7f));
        at += 4 + head + size;
        ends.push(at);
    }
    ends.pop();
    ends
}

/// The streets of central Chengdu as two tables, with a square of townships over them: there are no people with them.
#[test]
fn the_tables_of_a_real_chinese_network_are_read_searched_and_drawn() {
    let streets = root().join("../shared/data/chengdu-streets");
    if !streets.join("edges.csv").exists() {
        eprintln!("skipped: the streets of Chengdu are not at ../shared/data/chengdu-streets");
        return;
    }
    let temp = Temp::new("chengdu");
    let ring = "[[104.014,30.62],[104.117,30.62],[104.117,30.70],[104.014,30.70],[104.014,30.62]]";
    let layer = |about: &str| {
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{{about}}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}"
        )
    };
    let mut population = String::from("id,community,lon,lat,residents\n");
    for at in 0..400 {
        let (lon, lat) = (
            104.017 + f64::from(at % 20) * 0.005,
            30.623 + f64::from(at / 20) * 0.0038,
        );
        population += &format!("p{at},510104020001,{lon:.4},{lat:.4},100\n");
    }
    let put = |name: &str, text: &str| temp.put(name, text);
    put(
        "townships.geojson",
        &layer("\"code\":\"510104020\",\"name\":\"中心\""),
    );
    put(
        "communities.geojson",
        &layer(
            "\"code\":\"510104020001\",\"name\":\"中心\",\"township\":\"510104020\",\"class\":\"urban\"",
        ),
    );
    put("population.csv", &population);
    put(
        "facilities.csv",
        "id,name,service,lon,lat,capacity\nm,市场,market,104.0657,30.6595,500\n",
    );
    let table = |name: &str| streets.join(name).display().to_string();
    let text = format!(
        "[round]\nname = \"c\"\nbase_year = 2026\n[travel]\nmode = \"streets\"\n[inputs]\ncrs = \"EPSG:4326\"\n\
         townships = {{ path = \"townships.geojson\" }}\ncommunities = {{ path = \"communities.geojson\" }}\n\
         population = {{ path = \"population.csv\" }}\nfacilities = [{{ path = \"facilities.csv\" }}]\n\
         roads = {{ nodes = '{}', edges = '{}' }}\n[services]\nselect = [\"market\"]\n",
        table("nodes.csv"),
        table("edges.csv")
    );
    let plan = Plan::parse(&text, &temp.join("plan.toml")).unwrap();
    let files = Unkept(Folder(temp.to_path_buf()));
    let plan = PlanFile::new(plan, &temp.join("plan.toml"), files);
    let Job { input, ways, .. } = Job::read(plan, &Quiet).unwrap();
    let own = ways.streets().unwrap();
    // The tables have 6,094 edges of 1,044.7 km.
    let km = own.roads().length_mm() as f64 / 1e6;
    assert!(
        own.roads().edges().len() > 6_080 && (km - 1044.7).abs() < 5.0,
        "{} {km}",
        own.roads().edges().len()
    );
    let place = fuwutu_core::quantity::Point::from_metres(
        fuwutu_io::frame::Projection::new(input.city.frame())
            .to_plane(geo::coord! { x: 104.0657, y: 30.6595 }),
    );
    let limit = fuwutu_core::service::Limit {
        mode: fuwutu_core::service::Mode::Walk,
        minutes: 15,
        radius_m: None,
    };
    let trips = fuwutu_core::reach::Travel::trips(own, &input.city, &[limit.mode]);
    let reached = trips.nearest(fuwutu_core::reach::Limits::both(limit), &[place.unwrap()]);
    // Within 990 m of the centre of a diamond of streets some ten to twenty of the points, 480 m apart, are reached.
    let count = reached.iter().flatten().count();
    assert!((4..14).contains(&count), "{count}");
    let from = geo::coord! { x: 104.0657, y: 30.6595 };
    let isochrone = write::streets::Isochrone::new(&input.city, own, from, limit, 25.0).unwrap();
    assert!(
        (10.0..60.0).contains(&isochrone.length_km()),
        "{}",
        isochrone.length_km()
    );
    let drawn = write::streets::left_out(&input.city, own, limit.mode, true);
    let Ok(GeoJson::FeatureCollection(layer)) = drawn.parse() else {
        panic!("no layer")
    };
    let streets = layer.features.iter().filter(|feature| {
        feature
            .property("kind")
            .is_some_and(|kind| kind == "street")
    });
    assert!(streets.count() > 5_500);
}

/// The folder of Tainan: 1,875,586 residents in 649 villages, which were 752 before a day in 2018.
fn tainan() -> Option<PathBuf> {
    let folder = root().join("../shared/data/tainan");
    let there = folder.join("population.csv").exists();
    if !there {
        eprintln!("skipped: the real city is not at ../shared/data/tainan");
    }
    there.then_some(folder)
}

#[test]
fn villages_that_exchanged_codes_on_one_day_have_the_residents_that_came() {
    let Some(folder) = tainan() else { return };
    let plan = std::fs::read_to_string(folder.join("plan_own_codes.toml")).unwrap();
    let plan = plan.replace("crosswalk_no_cycles.csv", "crosswalk_one_date.csv");
    let path = folder.join("plan.toml");
    let plan = Plan::parse(&plan, &path).unwrap();
    let files = Unkept(Folder(folder.clone()));
    let job = Job::read(PlanFile::new(plan, &path, files), &Quiet).unwrap();
    // By hand: each old village's residents times the shares of its rows, which are scaled to 1, all at once.
    let mut shares: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
    for row in rows(&folder.join("crosswalk_one_date.csv")) {
        let part = (row[1].clone(), row[2].parse().unwrap());
        shares.entry(row[0].clone()).or_default().push(part);
    }
    let mut came: BTreeMap<String, f64> = BTreeMap::new();
    for row in rows(&folder.join("census2014_own_codes.csv")) {
        let residents: f64 = row[1].parse().unwrap();
        let whole = vec![(row[0].clone(), 1.0)];
        let parts = shares.get(&row[0]).unwrap_or(&whole);
        let sum: f64 = parts.iter().map(|(_, share)| share).sum();
        for (new, share) in parts {
            *came.entry(new.clone()).or_default() += residents * share / sum;
        }
    }
    let earlier = job.input.outlook.earlier.as_ref().unwrap();
    let mut known = 0;
    for (community, residents) in job.input.city.communities().iter().zip(&earlier.residents) {
        if let Some(residents) = residents {
            let off = (residents.persons() - came[&community.code]).abs();
            assert!(off < 0.01, "{}: {residents:?} {off}", community.code);
            known += 1;
        }
    }
    let swaps = shares.iter().filter(|(old, parts)| {
        let back = |new: &String| {
            shares
                .get(new)
                .is_some_and(|all| all.iter().any(|(to, _)| to == *old))
        };
        parts.iter().any(|(new, _)| new != *old && back(new))
    });
    eprintln!(
        "tainan: {known} of {} villages, {} codes exchanged",
        earlier.residents.len(),
        swaps.count()
    );
    assert!(known >= 640);
}

#[test]
fn without_a_class_the_first_units_of_tainan_depend_on_densities() {
    let Some(folder) = tainan() else { return };
    let class = |text: String| text.replace("\"class\":", "\"k\":");
    let temp = Temp::new("tainan-class");
    for file in ["townships.geojson", "population.csv", "facilities.csv"] {
        std::fs::copy(folder.join(file), temp.join(file)).unwrap();
    }
    let communities = std::fs::read_to_string(folder.join("communities.geojson")).unwrap();
    std::fs::write(temp.join("communities.geojson"), class(communities)).unwrap();
    let plan = std::fs::read_to_string(folder.join("plan.toml")).unwrap();
    let kept = plan.lines().filter(|line| {
        !["earlier", "observed", "crosswalk"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    let plan: Vec<&str> = kept.collect();
    let (_, Evaluation { findings, .. }) = evaluated(&temp, &plan.join("\n"));
    let told = |code: &str| {
        let finding = findings.iter().find(|each| each.kind.code() == code);
        finding.map(|each| each.value.clone())
    };
    eprintln!(
        "tainan: {:?} {:?}",
        told("class_absent"),
        told("class_matters")
    );
    // As many as those who made the data found by the same limit; how many of the first ten depends on the catalogue, too.
    assert_eq!(told("class_absent").unwrap(), "rural: 149 / 649");
    let first = told("class_matters").unwrap();
    let (change, all) = first.split_once(" / ").unwrap();
    assert!(
        change.parse::<u32>().unwrap() >= 4 && all == "10",
        "{first}"
    );
}
