//! Supply against demand: what no assignment can seat, and the rules of presence and size.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use fuwutu_core::quantity::Millis;
use fuwutu_core::reach::{Link, Reach};
use fuwutu_core::supply::allocation::{Allocation, Groups, allocate};
use serde_json::Value;

use support::{Temp, program};

// --- the allocation ---

fn whole(value: &Value) -> Vec<u64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each.as_f64().unwrap() as u64)
        .collect()
}

fn groups(rows: &[Vec<u32>]) -> Groups {
    let link = |&place: &u32| Link {
        place,
        time: Millis(0),
    };
    let rows: Vec<Vec<Link>> = rows
        .iter()
        .map(|row| row.iter().map(link).collect())
        .collect();
    Groups::new(&Reach::from_rows(rows.iter().map(Vec::as_slice)))
}

/// Demand of each row brought together by group.
fn by_group(groups: &Groups, demand: &[u64]) -> Vec<u64> {
    let mut sums = vec![0; groups.len()];
    groups
        .of_row
        .iter()
        .zip(demand)
        .for_each(|(&group, demand)| sums[group as usize] += demand);
    sums
}

/// Nobody has more than asked, and no other assignment seats more: what the contested reach is all theirs and used up.
fn proved(groups: &Groups, demand: &[u64], capacities: &[u64], found: &Allocation) {
    let mut bound = 0;
    let mut reached = vec![false; capacities.len()];
    for (group, &demand) in demand.iter().enumerate() {
        assert!(found.seated[group] <= demand);
        let has_place = groups
            .places(group)
            .iter()
            .any(|&place| capacities[place as usize] > 0);
        assert!(has_place || found.seated[group] == 0);
        if found.contested[group] {
            groups
                .places(group)
                .iter()
                .for_each(|&place| reached[place as usize] = true);
        } else if has_place {
            bound += demand;
        }
    }
    bound += capacities
        .iter()
        .zip(&reached)
        .filter(|(_, reached)| **reached)
        .map(|(capacity, _)| capacity)
        .sum::<u64>();
    assert_eq!(
        found.seated.iter().sum::<u64>(),
        bound,
        "the bound of the cut is reached"
    );
}

#[test]
fn the_allocation_is_the_linear_programme_s_and_fair() {
    const SCALE: u64 = 1_000_000;
    let all: Value = serde_json::from_str(include_str!("fixtures/allocation_lp.json")).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 200);
    let mut contested = 0;
    for case in cases {
        let rows: Vec<Vec<u32>> = case["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| whole(row).into_iter().map(|place| place as u32).collect())
            .collect();
        let groups = groups(&rows);
        let own: Vec<u64> = whole(&case["demand"])
            .iter()
            .map(|each| each * SCALE)
            .collect();
        let demand = by_group(&groups, &own);
        let capacities: Vec<u64> = whole(&case["capacity"])
            .iter()
            .map(|each| each * SCALE)
            .collect();
        let found = allocate(&groups, &demand, &capacities);
        proved(&groups, &demand, &capacities, &found);
        let seated = found.seated.iter().sum::<u64>() as f64 / SCALE as f64;
        assert!(
            (seated - case["seated"].as_f64().unwrap()).abs() < 1e-6,
            "{seated} {case}"
        );
        let fair: Vec<f64> = case["fair"]
            .as_array()
            .unwrap()
            .iter()
            .map(|each| each.as_f64().unwrap())
            .collect();
        let mut fair_sums = vec![0.0; groups.len()];
        groups
            .of_row
            .iter()
            .zip(&fair)
            .for_each(|(&group, fair)| fair_sums[group as usize] += fair);
        for (ours, fair) in found.seated.iter().zip(&fair_sums) {
            assert!(
                (*ours as f64 / SCALE as f64 - fair).abs() < 0.02,
                "{:?} {fair_sums:?} {case}",
                found.seated
            );
        }
        contested += found.contested.iter().filter(|own| **own).count();
    }
    assert!(contested > 200, "cases are hard enough: {contested}");
}

/// The capacitated optimum of the siting oracle is the best of all subsets by our maximum flow.
#[test]
fn the_best_new_sites_seat_as_many_as_brute_force_found() {
    let all: Value = serde_json::from_str(include_str!(
        "fixtures/siting_small_capacitated_bruteforce.json"
    ))
    .unwrap();
    for instance in all["instances"].as_array().unwrap() {
        let limit = instance["minutes"].as_f64().unwrap();
        let rows: Vec<Vec<u32>> = instance["T"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let times = row.as_array().unwrap().iter().zip(0..);
                times
                    .filter(|(time, _)| time.as_f64().is_some_and(|time| time <= limit))
                    .map(|(_, place)| place)
                    .collect()
            })
            .collect();
        let groups = groups(&rows);
        let demand = by_group(&groups, &whole(&instance["P"]));
        let capacities = whole(&instance["capacity"]);
        let existing: Vec<usize> = whole(&instance["existing"])
            .iter()
            .map(|&each| each as usize)
            .collect();
        let new = instance["p_new"].as_u64().unwrap() as u32;
        let mut best = 0;
        for open in 0_u32..1 << capacities.len() {
            let fixed = existing.iter().fold(0, |fixed, place| fixed | 1 << place);
            if open & fixed != fixed || (open & !fixed).count_ones() != new {
                continue;
            }
            let capacities: Vec<u64> = capacities
                .iter()
                .enumerate()
                .map(|(place, &capacity)| if open >> place & 1 == 1 { capacity } else { 0 })
                .collect();
            let found = allocate(&groups, &demand, &capacities);
            proved(&groups, &demand, &capacities, &found);
            best = best.max(found.seated.iter().sum());
        }
        let expected = instance["optimal_served_population_capacitated_split_allowed"]
            .as_f64()
            .unwrap();
        assert_eq!(best, expected as u64);
    }
}

// --- a town worked out by hand ---

/// A street of two urban communities (30,000 and 25,000 residents) and a town of one village (6,000), side by side, each with
/// everybody in its middle, 958 m from the next. Straight lines: 10 minutes on foot are 507 m, 15 are 761 m.
struct Town {
    folder: Temp,
}

const FACILITIES: &str = "\
id,name,service,lon,lat,capacity,capacity_unit,status,opens,ownership,hours,hub,size,size_unit
s1,一小,primary_school,104.005,30.605,1000,seats,existing,,公办,,,24,classes
k1,一园,kindergarten,104.005,30.605,300,seats,existing,,民办,,,,
k2,二园,kindergarten,104.015,30.605,200,seats,existing,,公办,,,9,classes
h1,中心,community_health_centre,104.005,30.605,2000,m2_floor,existing,,公办,,,,
t1,一站,community_health_station,104.015,30.605,160,m2_floor,existing,,,,h1,,
t2,二站,community_health_station,104.005,30.605,160,m2_floor,existing,,,,,,
t3,三站,community_health_station,104.005,30.605,140,m2_floor,existing,,,,h9,,
g1,一中,senior_high,104.005,30.605,500,seats,existing,,公办,,,,
o1,球场,opened_venue,104.015,30.605,1000,m2_site,existing,,,42,,,
d1,中心日间,elderly_daycare,104.015,30.605,400,m2_floor,committed,2028,,,,,
";

impl Town {
    fn new(facilities: &str) -> Self {
        let folder = Temp::new("supply");
        let put = |name: &str, text: &str| folder.put(name, text);
        let square = |code: &str, about: &str, west: f64, east: f64| {
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\",\"name\":\"{code}\"{about}}},\"geometry\":{{\"type\":\"Polygon\",\
                 \"coordinates\":[[[{west},30.6],[{east},30.6],[{east},30.61],[{west},30.61],[{west},30.6]]]}}}}"
            )
        };
        let layer = |all: &[String]| {
            format!(
                "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
                all.join(",")
            )
        };
        let of = |township: &str, class: &str| {
            format!(",\"township\":\"{township}\",\"class\":\"{class}\"")
        };
        let (street, town) = ("990101001", "990101100");
        put(
            "townships.geojson",
            &layer(&[
                square(street, "", 104.0, 104.02),
                square(town, "", 104.02, 104.03),
            ]),
        );
        put(
            "communities.geojson",
            &layer(&[
                square("990101001001", &of(street, "urban"), 104.0, 104.01),
                square("990101001002", &of(street, "urban"), 104.01, 104.02),
                square("990101100001", &of(town, "rural"), 104.02, 104.03),
            ]),
        );
        put(
            "population.csv",
            "id,community,lon,lat,residents,age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus\n\
             a,990101001001,104.005,30.605,30000,900,900,1800,900,900,19200,5400\n\
             b,990101001002,104.015,30.605,25000,750,750,1500,750,750,16000,4500\n\
             v,990101100001,104.025,30.605,6000,180,180,360,180,180,3840,1080\n",
        );
        put("facilities.csv", facilities);
        put(
            "plan.toml",
            "[round]\nname = \"town\"\nbase_year = 2026\nhorizon_years = 2\n[growth]\nages = \"keep\"\n[inputs]\ncrs = \"EPSG:4490\"\n\
             townships = { path = \"townships.geojson\" }\ncommunities = { path = \"communities.geojson\" }\n\
             population = { path = \"population.csv\" }\nfacilities = [{ path = \"facilities.csv\" }]\n\
             [services]\nscope = \"chengdu\"\nnone_exist = [\"pharmacy\", \"street_office\", \"convenience_store\", \"express_point\", \"village_clinic\", \
             \"county_elderly_inst\"]\n",
        );
        Self { folder }
    }

    /// The files of a round, as rows of cells by name.
    fn evaluate(&self) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
        let output = program()
            .args(["evaluate", "plan.toml", "--no-report", "--out", "round"])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let table = |name: &str| {
            // Tables without a line are not written.
            let text =
                std::fs::read_to_string(self.folder.join("round").join(name)).unwrap_or_default();
            let mut reader =
                csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            let header: Vec<String> = reader
                .headers()
                .unwrap()
                .iter()
                .map(str::to_owned)
                .collect();
            let row = |row: csv::StringRecord| {
                header
                    .iter()
                    .cloned()
                    .zip(row.iter().map(str::to_owned))
                    .collect()
            };
            (
                name.to_owned(),
                reader.records().map(|each| row(each.unwrap())).collect(),
            )
        };
        [
            "standing.csv",
            "counties.csv",
            "ties.csv",
            "findings.csv",
            "equity.csv",
        ]
        .into_iter()
        .map(table)
        .collect()
    }
}

type Rows = [BTreeMap<String, String>];

/// Cells of the only row that has these.
fn cells<const N: usize>(rows: &Rows, of: &[(&str, &str)], names: [&str; N]) -> [String; N] {
    let mut found = rows
        .iter()
        .filter(|row| of.iter().all(|(name, value)| row[*name] == *value));
    let row = found.next().unwrap_or_else(|| panic!("no row of {of:?}"));
    assert!(found.next().is_none(), "more than one row of {of:?}");
    names.map(|name| row[name].clone())
}

const STREET: (&str, &str) = ("unit", "990101001-01");
const TOWN: (&str, &str) = ("unit", "990101100-01");

fn of<'a>(unit: (&'a str, &'a str), service: &'a str) -> [(&'a str, &'a str); 3] {
    [unit, ("service", service), ("year", "2026")]
}

#[test]
fn what_is_short_for_certain_is_shared_fairly_and_told_by_cause() {
    let rounds = Town::new(FACILITIES).evaluate();
    let standing = &rounds["standing.csv"];
    let names = [
        "demand",
        "seated",
        "short_for_certain",
        "short_none_in_reach",
        "short_full",
        "short_none_exists",
    ];
    // 60 seats for 1,000 residents: 1,800, 1,500 and 360. The school has 1,000 for the first community and, by e-bike, the
    // village: 1000 ÷ 2160 of 1,800 and of 360. The second community has none within 507 m.
    let street = cells(standing, &of(STREET, "primary_school"), names);
    assert_eq!(
        street,
        ["3300.0", "833.3", "2466.7", "1500.0", "966.7", "0.0"]
    );
    let town = cells(standing, &of(TOWN, "primary_school"), names);
    assert_eq!(town, ["360.0", "166.7", "193.3", "0.0", "193.3", "0.0"]);
    // Nobody has built a day-care centre before 2028: 20 m² for 100 households of 2.49 are 4,417.7 m² for 55,000 residents.
    let none = cells(standing, &of(STREET, "elderly_daycare"), names);
    assert_eq!(none, ["4417.7", "0.0", "4417.7", "0.0", "0.0", "4417.7"]);
    // Then 400 m² stand in the second community, of the 2,008.0 it asks for; the first is 958 m away. Written parts add up.
    let then = [STREET, ("service", "elderly_daycare"), ("year", "2028")];
    assert_eq!(
        cells(standing, &then, names),
        ["4417.7", "400.0", "4017.7", "2409.6", "1608.1", "0.0"]
    );
}

#[test]
fn presence_and_size_are_judged_by_rules() {
    let rounds = Town::new(FACILITIES).evaluate();
    let standing = &rounds["standing.csv"];
    let names = [
        "rule", "required", "present", "enough", "unknown", "attained",
    ];
    // 55,000 urban residents are three 10-minute circles of at most 25,000; one school of 24 classes.
    assert_eq!(
        cells(standing, &of(STREET, "primary_school"), names),
        ["L10", "3", "1", "1", "0", "too_few"]
    );
    assert_eq!(
        cells(standing, &of(TOWN, "primary_school"), names),
        ["town", "1", "0", "0", "0", "absent"]
    );
    // Five circles of five minutes, one of the two kindergartens does not say how large it is.
    assert_eq!(
        cells(standing, &of(STREET, "kindergarten"), names),
        ["L5", "5", "2", "1", "1", "too_few"]
    );
    assert_eq!(
        cells(standing, &of(STREET, "community_health_centre"), names),
        ["township", "1", "1", "1", "0", "yes"]
    );
    // The centre covers the first community (30,000): the stations are asked for by 25,000, in circles of 12,000. One of the
    // three is too small.
    assert_eq!(
        cells(standing, &of(STREET, "community_health_station"), names),
        ["L5", "3", "3", "2", "0", "too_small"]
    );
    // A pharmacy is for a circle of 50,000 or more; a street office for no village.
    assert_eq!(
        cells(standing, &of(STREET, "pharmacy"), names)[..3],
        ["L15", "1", "0"]
    );
    assert_eq!(cells(standing, &of(TOWN, "street_office"), names), [""; 6]);
    // A shop for 3,000 residents, rounded down; a parcel point for 1,000 households of 2.49.
    assert_eq!(
        cells(standing, &of(STREET, "convenience_store"), names)[..2],
        ["residents", "18"]
    );
    assert_eq!(
        cells(standing, &of(STREET, "express_point"), names)[..2],
        ["households", "22"]
    );
    assert_eq!(
        cells(standing, &of(TOWN, "village_clinic"), names)[..3],
        ["village", "1", "0"]
    );
}

#[test]
fn stations_are_asked_for_alike_where_the_centre_is_not_selected() {
    let town = Town::new(FACILITIES);
    let plan = town.folder.join("plan.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(
        &plan,
        text + "select = [\"community_health_station\", \"county_elderly_inst\", \"primary_school\"]\n",
    )
    .unwrap();
    let names = ["rule", "required", "present"];
    let rounds = town.evaluate();
    assert_eq!(
        cells(
            &rounds["standing.csv"],
            &of(STREET, "community_health_station"),
            names
        ),
        ["L5", "3", "3"]
    );
}

#[test]
fn public_ones_substitutes_and_opened_venues_are_told_apart() {
    let rounds = Town::new(FACILITIES).evaluate();
    let standing = &rounds["standing.csv"];
    // Kindergartens cover both communities (900 and 750 children), the public one the second alone.
    let names = [
        "covered_residents",
        "covered_public",
        "supply_inside",
        "supply_inside_public",
    ];
    assert_eq!(
        cells(standing, &of(STREET, "kindergarten"), names),
        ["1650", "750", "500.0", "200.0"]
    );
    // The centre is 958 m from the second community, a station is there.
    let names = ["covered_residents", "substitute_residents"];
    assert_eq!(
        cells(standing, &of(STREET, "community_health_centre"), names),
        ["30000", "25000"]
    );
    // A venue of 1,000 m², open 42 of 84 hours, is half as much of a ground, and large enough for one.
    let names = ["supply_inside", "present", "enough"];
    assert_eq!(
        cells(standing, &of(STREET, "small_sport_ground"), names),
        ["500.0", "1", "1"]
    );
}

#[test]
fn ties_and_counties_are_judged() {
    let rounds = Town::new(FACILITIES).evaluate();
    let ties = &rounds["ties.csv"];
    // 958.5 m × 1.3 at 1.1 m/s are 18.9 minutes; half an hour is allowed.
    assert_eq!(
        cells(
            ties,
            &[("branch", "t1")],
            ["hub", "hub_name", "minutes", "limit", "tied"]
        )[..2],
        ["h1", "中心"]
    );
    let [minutes, tied] = cells(ties, &[("branch", "t1")], ["minutes", "tied"]);
    assert!(
        (minutes.parse::<f64>().unwrap() - 18.88).abs() < 0.02 && tied == "yes",
        "{minutes}"
    );
    assert_eq!(
        cells(ties, &[("branch", "t2")], ["hub", "tied"]),
        ["", "no_hub"]
    );
    assert_eq!(
        cells(ties, &[("branch", "t3")], ["hub", "tied"]),
        ["h9", "hub_unknown"]
    );
    assert!(
        rounds["findings.csv"]
            .iter()
            .any(|row| row["finding"] == "hub_unknown" && row["id"] == "t3")
    );
    // 24 seats (Chengdu) for 1,000 of 61,000 residents.
    let names = ["residents", "demand", "capacity", "short", "facilities"];
    let senior = cells(
        &rounds["counties.csv"],
        &[("service", "senior_high"), ("year", "2026")],
        names,
    );
    assert_eq!(senior, ["61000", "1464.0", "500.0", "964.0", "1"]);
    let hubs = cells(
        &rounds["counties.csv"],
        &[("service", "county_elderly_inst"), ("year", "2026")],
        ["required", "attained"],
    );
    assert_eq!(hubs, ["1", "no"]);
}

#[test]
fn access_is_shared_by_community() {
    let rounds = Town::new(FACILITIES).evaluate();
    // The school's seats by Gaussian weights: all go to the first community and the village, none to the second. With the
    // second (1,500 of 3,660 children) without any, the least served four tenths have next to nothing.
    let names = [
        "target_residents",
        "lorenz_40",
        "below_norm_share",
        "norm_access",
    ];
    let primary = cells(
        &rounds["equity.csv"],
        &[("service", "primary_school"), ("year", "2026")],
        names,
    );
    assert_eq!(primary[..3], ["3660", "0.0000", "1.0000"]);
    assert_eq!(primary[3], "1.000000");
}

#[test]
fn what_papers_show_stands_in_files_of_its_own_where_it_is_asked_for() {
    let town = Town::new(FACILITIES);
    town.evaluate();
    assert!(
        !town.folder.join("round/topsis.csv").exists()
            && !town.folder.join("round/coupling.csv").exists()
    );
    let plan = town.folder.join("plan.toml");
    let text =
        std::fs::read_to_string(&plan).unwrap() + "[extras]\ntopsis = true\ncoupling = true\n";
    std::fs::write(&plan, text).unwrap();
    std::fs::remove_dir_all(town.folder.join("round")).unwrap();
    town.evaluate();
    let read = |name: &str| std::fs::read_to_string(town.folder.join("round").join(name)).unwrap();
    told(&town.folder.join("round"));
    let topsis = read("topsis.csv");
    // Two units: the better of one column is the worse of another, and one of them comes first.
    assert!(
        topsis.contains("rank reversal") && topsis.lines().count() == 1 + 2 + 13,
        "{topsis}"
    );
    // Of two units each index is 0 in one and 1 in the other: primary schools have C = 1 in the street, which has most of both,
    // and none in the town, which has least of both.
    let coupling = read("coupling.csv");
    assert!(
        coupling.contains(
            "990101001-01,primary_school,2026,1.0000,1.0000,1.0000,1.0000,1.0000,1.0000,1.0000,"
        ),
        "{coupling}"
    );
    assert!(coupling.contains(
        "990101100-01,primary_school,2026,0.0000,0.0000,,,,,,there is neither supply nor demand"
    ));
}

/// Every column of every table of a round stands in its dictionary, in both languages.
fn told(round: &std::path::Path) {
    let mut reader = csv::Reader::from_path(round.join("data-dictionary.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut columns = 0;
    for entry in std::fs::read_dir(round).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "csv")
            || name == "data-dictionary.csv"
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for column in text
            .trim_start_matches('\u{feff}')
            .lines()
            .next()
            .unwrap()
            .split(',')
        {
            let row = rows.iter().find(|row| row[0] == name && row[1] == *column);
            let row = row.unwrap_or_else(|| panic!("{name}: `{column}` is not in the dictionary"));
            assert!(
                !row[2].is_empty() && !row[3].is_empty(),
                "{name}: nobody says what `{column}` is"
            );
            columns += 1;
        }
    }
    assert!(columns > 100, "{columns}");
}

#[test]
fn the_dictionary_knows_what_a_later_round_on_streets_has() {
    let town = Town::new(FACILITIES);
    let run = |arguments: &[&str]| {
        let output = program()
            .args(arguments)
            .current_dir(&town.folder)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run(&["synth", "--demo", "--later", "--out", "later"]);
    let plan = town.folder.join("later/plan.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    let observed =
        "earlier.csv\", year = 2026 }\nobserved = { path = \"earlier.csv\", year = 2028 }";
    std::fs::write(
        &plan,
        text.replacen("earlier.csv\", year = 2026 }", observed, 1),
    )
    .unwrap();
    run(&[
        "evaluate",
        "later/plan.toml",
        "--no-report",
        "--out",
        "round",
    ]);
    let round = town.folder.join("round");
    assert!(
        ["streets", "compare", "backtest", "ages"]
            .iter()
            .all(|name| round.join(format!("{name}.csv")).exists())
    );
    assert!(
        std::fs::read_to_string(round.join("units.csv"))
            .unwrap()
            .contains("since_last")
    );
    told(&round);
}

#[test]
fn a_capacity_that_is_not_known_makes_nobody_short_for_certain() {
    let rounds = Town::new(&FACILITIES.replace(",1000,seats", ",,seats")).evaluate();
    let names = [
        "covered_residents",
        "seated",
        "short_none_in_reach",
        "short_full",
        "supply_received",
    ];
    let street = cells(
        &rounds["standing.csv"],
        &of(STREET, "primary_school"),
        names,
    );
    assert_eq!(street, ["1800", "", "1500.0", "", ""]);
}

// --- rules of area, of shares of towns, and sizes that depend on where a facility stands ---

/// A city of squares of 0.01 degrees in a row, of 1.06 km² each: one township of two urban communities, whose `residential` land (text
/// of a JSON number, or empty) is as given, and `towns` of one rural community of 2,000.
fn squares(residential: [&str; 2], towns: usize, facilities: &str, services: &str) -> Town {
    let town = Town::new(facilities);
    let square = |code: &str, about: &str, at: usize| {
        let (west, east) = (104.0 + 0.01 * at as f64, 104.01 + 0.01 * at as f64);
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"code\":\"{code}\",\"name\":\"{code}\"{about}}},\"geometry\":{{\"type\":\"Polygon\",\
             \"coordinates\":[[[{west:.2},30.6],[{east:.2},30.6],[{east:.2},30.61],[{west:.2},30.61],[{west:.2},30.6]]]}}}}"
        )
    };
    let layer = |all: &[String]| {
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{}]}}",
            all.join(",")
        )
    };
    let about = |township: &str, class: &str, land: &str| {
        let land = if land.is_empty() {
            String::new()
        } else {
            format!(",\"residential_km2\":{land}")
        };
        format!(",\"township\":\"{township}\",\"class\":\"{class}\"{land}")
    };
    let street = "990101001";
    let wide = square(street, "", 0).replace("104.01,", "104.02,");
    let mut townships = vec![wide];
    let mut communities = Vec::new();
    let mut people = String::from(
        "id,community,lon,lat,residents,age_0_2,age_3_5,age_6_11,age_12_14,age_15_17,age_18_59,age_60_plus\n",
    );
    let mut live = |code: &str, at: usize, residents: u32| {
        people += &format!(
            "p{at},{code},{:.3},30.605,{residents},0,0,0,0,0,{residents},0\n",
            104.005 + 0.01 * at as f64
        );
    };
    for (at, land) in residential.into_iter().enumerate() {
        let code = format!("99010100100{}", at + 1);
        communities.push(square(&code, &about(street, "urban", land), at));
        live(&code, at, 20_000);
    }
    for nth in 0..towns {
        let township = format!("9901011{nth:02}");
        let (code, at) = (format!("{township}001"), nth + 2);
        townships.push(square(&township, "", at));
        communities.push(square(&code, &about(&township, "rural", ""), at));
        live(&code, at, 2_000);
    }
    town.folder.put("townships.geojson", layer(&townships));
    town.folder.put("communities.geojson", layer(&communities));
    town.folder.put("population.csv", &people);
    let plan = town.folder.join("plan.toml");
    let text = std::fs::read_to_string(&plan).unwrap();
    let (before, _) = text.split_once("[services]").unwrap();
    std::fs::write(&plan, format!("{before}[services]\n{services}\n")).unwrap();
    town
}

/// Facilities of a service by the number of their square and their size.
fn places(service: &str, of: &[(usize, &str)]) -> String {
    let mut text = String::from("id,name,service,lon,lat,capacity,size,size_unit\n");
    for (nth, (at, size)) in of.iter().enumerate() {
        let lon = 104.005 + 0.01 * *at as f64;
        text += &format!("f{nth},设施{nth},{service},{lon:.3},30.605,,{size}\n");
    }
    text
}

const RULE: [&str; 6] = [
    "rule", "required", "present", "enough", "unknown", "attained",
];

#[test]
fn toilets_are_asked_for_by_residential_land_and_undecided_where_it_is_not_known() {
    let judged = |residential: [&str; 2], sizes: &[(usize, &str)]| {
        let toilets = places("公厕", sizes);
        let services = if sizes.is_empty() {
            "select = [\"公共厕所\"]\nnone_exist = [\"公厕\"]"
        } else {
            "select = [\"公共厕所\"]"
        };
        let town = squares(residential, 1, &toilets, services);
        let rounds = town.evaluate();
        cells(&rounds["standing.csv"], &of(STREET, "public_toilet"), RULE)
    };
    let big = "40,m2_floor";
    // 0.6 + 0.4 km² ask for three; 0.7 + 0.4 for 3.3, which are four; land of no community asks for none.
    let three = [(0, big), (0, big), (1, big)];
    assert_eq!(
        judged(["0.6", "0.4"], &three),
        ["residential_km2", "3", "3", "3", "0", "yes"]
    );
    assert_eq!(
        judged(["0.7", "0.4"], &three),
        ["residential_km2", "4", "3", "3", "0", "too_few"]
    );
    assert_eq!(
        judged(["0.6", "0.4"], &[(0, big), (0, big), (1, "20,m2_floor")]),
        ["residential_km2", "3", "3", "2", "0", "too_small"]
    );
    assert_eq!(judged(["0.6", "0.4"], &[])[5], "absent");
    // One community does not say: however many there are, and even where there are none.
    for land in [["", "0.4"], ["0.6", ""], ["", ""]] {
        assert_eq!(
            judged(land, &three),
            ["residential_km2", "", "3", "3", "0", "unknown"]
        );
        assert_eq!(
            judged(land, &[(2, big)])[1..],
            ["", "0", "0", "0", "unknown"]
        );
    }
    // More land than the community has, as in square metres, is told and not known.
    assert_eq!(judged(["600000", "0.4"], &three)[5], "unknown");
}

#[test]
fn a_share_of_towns_is_judged_by_county() {
    let judged = |towns: usize, at: &[usize]| {
        let there: Vec<(usize, &str)> = at.iter().map(|&at| (at, "1200,m2_floor")).collect();
        let centres = places("镇养老服务中心", &there);
        let services = "select = [\"town_elderly_centre\", \"public_toilet\"]\nnone_exist = [\"public_toilet\"]";
        let rounds = squares(["", ""], towns, &centres, services).evaluate();
        let in_unit = cells(
            &rounds["standing.csv"],
            &[
                ("unit", "990101100-01"),
                ("service", "town_elderly_centre"),
                ("year", "2026"),
            ],
            ["rule"],
        );
        assert_eq!(in_unit, [""]);
        cells(
            &rounds["counties.csv"],
            &[("service", "town_elderly_centre"), ("year", "2026")],
            ["rule", "required", "present", "facilities", "attained"],
        )
    };
    // Squares 2 and on are towns; the street has nobody whom the limit is for. 0.6 of 5 are 3, of 6 they are 4, of 1 it is 1.
    assert_eq!(judged(5, &[2, 3, 4]), ["township", "3", "3", "3", "yes"]);
    assert_eq!(judged(6, &[2, 3, 4]), ["township", "4", "3", "3", "no"]);
    assert_eq!(judged(1, &[2]), ["township", "1", "1", "1", "yes"]);
    // Two in one town are one town; one in the street is none of theirs.
    assert_eq!(judged(5, &[2, 2, 3, 0]), ["township", "3", "2", "4", "no"]);
}

#[test]
fn how_large_a_facility_must_be_depends_on_where_it_stands() {
    // The street has 40,000 residents: 800 m² of a culture centre; a town of 2,000: 500 m².
    let judged = |service: &str, unit: &str, at: usize, size: &str| {
        let services = format!("select = [\"{service}\"]");
        let rounds = squares(["", ""], 1, &places(service, &[(at, size)]), &services).evaluate();
        let of_unit = [("unit", unit), ("service", service), ("year", "2026")];
        cells(&rounds["standing.csv"], &of_unit, ["present", "enough"])
    };
    let (street, town) = (STREET.1, TOWN.1);
    assert_eq!(
        judged("culture_centre", town, 2, "500,m2_floor"),
        ["1", "1"]
    );
    assert_eq!(
        judged("culture_centre", town, 2, "499,m2_floor"),
        ["1", "0"]
    );
    // A school of six classes is large enough in a village, and not in town.
    assert_eq!(judged("primary_school", town, 2, "6,classes"), ["1", "1"]);
    assert_eq!(
        judged("primary_school", street, 0, "11,classes"),
        ["1", "0"]
    );
    assert_eq!(
        judged("primary_school", street, 0, "12,classes"),
        ["1", "1"]
    );
}

#[test]
fn green_is_asked_for_by_resident_and_floor_by_household() {
    let services = "select = [\"public_green_5\", \"public_green_15\", \"community_station\"]\nnone_exist = [\"public_green_15\"]";
    let facilities = "id,name,service,lon,lat,capacity\n\
                      g,园,五分钟公共绿地,104.005,30.605,15000\n\
                      s,站,社区服务站,104.005,30.605,700\n";
    let rounds = squares(["", ""], 0, facilities, services).evaluate();
    let names = ["demand", "supply_inside", "shortfall_inside"];
    let judged = |service| cells(&rounds["standing.csv"], &of(STREET, service), names);
    // 40,000 residents: 1 m² each, 2 m² each; 30 m² for 100 households of 2.49, of which there are 16,064.
    assert_eq!(judged("public_green_5"), ["40000.0", "15000.0", "25000.0"]);
    assert_eq!(judged("public_green_15")[0], "80000.0");
    assert_eq!(judged("community_station"), ["4819.3", "700.0", "4119.3"]);
}
