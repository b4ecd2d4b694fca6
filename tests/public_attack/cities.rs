//! The cities under attack: the demo's folder as a user makes it, and small synthetic ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use fuwutu_io::inputs::{self, Extras};
use fuwutu_io::plan;
use fuwutu_io::written::Written;
use fuwutu_report::book::Book;
use fuwutu_report::drawing::{CityMaps, Subject};
use fuwutu_report::{geopackage, metadata, page, public, sheets, workbook};
use fuwutu_synth::{Lattice, Spec};

use crate::files::{Artefacts, Page};

/// How many synthetic cities there are beside the demo.
const SYNTHETIC: u64 = 20;
/// And hamlets after them: a single facility of most services, shared evenly by units of some hundred residents, with few of an age.
const HAMLETS: u64 = 8;
/// What the synthetic cities are judged by: ages that nest and that do not, capacity by residents, by age and by household,
/// norms above and below one, and services that are only present or absent.
const SERVICES: [&str; 10] = [
    "nursery_0_3",
    "kindergarten",
    "primary_school",
    "junior_middle",
    "elderly_school",
    "community_canteen",
    "elderly_daycare",
    "culture_centre",
    "public_green_15",
    "police_station",
];

/// What counties are judged by as a whole; only facilities are asked for it, it is not selected.
const OF_COUNTIES: [&str; 2] = ["senior_high", "sport_area_total"];

/// A round with both of its editions.
#[derive(Clone)]
pub(crate) struct City {
    pub name: String,
    /// `[public] small`.
    pub small: u64,
    /// Ids of services that the public edition leaves out.
    pub restricted: Vec<String>,
    /// What everybody has.
    pub public: Artefacts,
    /// What the office has: the truth.
    pub internal: Artefacts,
}

/// A folder that is empty at first and goes away.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str) -> Self {
        let name = format!("fuwutu-attack-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn fuwutu(arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_fuwutu"))
        .args(arguments)
        .env("FUWUTU_LANG", "en")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

/// All cities, made once for all tests.
pub(crate) fn cities() -> &'static [City] {
    static CITIES: OnceLock<Vec<City>> = OnceLock::new();
    CITIES.get_or_init(|| {
        std::iter::once(demo())
            .chain((1..=SYNTHETIC + HAMLETS).map(synthetic))
            .collect()
    })
}

/// The real folder of `fuwutu demo`, with its streets.
fn demo() -> City {
    let temp = Temp::new("demo");
    let out = temp.path("round");
    fuwutu(&["demo", "--out", out.to_str().unwrap()]);
    City {
        name: "demo".to_owned(),
        small: 10,
        restricted: Vec::new(),
        public: Artefacts::read(&out.join("public")),
        internal: Artefacts::read(&out),
    }
}

/// Cities of 3,000 to 60,000 residents in 1 to 6 townships of one to three units, so that most groups are small. Every third has
/// streets, every second a restricted kind; `small` is 5, 10 or 30; every fourth shares capacity evenly within the limit, the
/// others by distance.
fn synthetic(seed: u64) -> City {
    let temp = Temp::new(&format!("city-{seed}"));
    let hamlet = seed > SYNTHETIC;
    let (residents, townships) = if hamlet {
        (1_500 + (seed - SYNTHETIC) * 100, 6)
    } else {
        (3_000 + (seed - 1) * 3_000, 1 + (seed % 6) as u32)
    };
    let small = [10, 5, 30][seed as usize % 3];
    let spec = Spec {
        seed,
        residents,
        counties: (1 + (seed % 3) as u32).min(townships),
        townships,
        communities: townships * 5,
        points: (residents / 20) as u32,
        facilities: if hamlet { 14 } else { 40 + 3 * seed as u32 },
        area_km2: residents as f64 / 1_500.0,
        services: [&SERVICES[..], &OF_COUNTIES]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    let restricted: Vec<String> = if seed.is_multiple_of(2) {
        vec!["police_station".to_owned()]
    } else {
        Vec::new()
    };
    let inputs = temp.path("inputs");
    write_inputs(&spec, &inputs);
    let decay = if hamlet || seed.is_multiple_of(4) {
        "binary"
    } else {
        "gaussian"
    };
    // Townships of one unit, of two and of three. A cap is a round number, so that being over it tells no more than rounding does.
    let cap = residents / u64::from(townships) * 3 / 4 / small * small;
    // The first has a service with a substitute: of both it is known that there are none.
    let none_exist = if seed == 1 {
        "none_exist = [\"community_health_centre\", \"community_health_station\"]\n"
    } else {
        ""
    };
    let more = format!(
        "{none_exist}\n[units]\ncap = {cap}\n\n[access]\ndecay = \"{decay}\"\n\n[public]\nsmall = {small}\nrestricted = {restricted:?}\n"
    );
    let plan = inputs.join("plan.toml");
    fs::write(&plan, fs::read_to_string(&plan).unwrap() + &more).unwrap();
    let out = temp.path("round");
    let (plan, folder) = (plan.to_str().unwrap(), out.to_str().unwrap());
    fuwutu(&["evaluate", plan, "--out", folder, "--no-report"]);
    let book = Book::read(&Written::open(&out).unwrap()).unwrap();
    City {
        name: format!("city {seed}"),
        small,
        restricted,
        public: artefacts(&public::edition(&book), &temp.path("public.gpkg")),
        internal: artefacts(&book, &temp.path("internal.gpkg")),
    }
}

fn write_inputs(spec: &Spec, folder: &Path) {
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml")).unwrap();
    let city = fuwutu_synth::city(spec, &catalogue);
    let roads = spec.seed.is_multiple_of(3).then(|| {
        let crossings = (spec.area_km2 * 60.0) as u32;
        Lattice::over(&city.records, crossings.max(100), spec.seed).roads()
    });
    let mut select = SERVICES.map(str::to_owned).to_vec();
    if spec.seed == 1 {
        select.push("community_health_centre".to_owned());
    }
    let extras = Extras {
        townships: &city.townships,
        earlier: &city.earlier,
        earlier_year: city.earlier_year,
        name: "attacked",
        select: &select,
        roads: roads.as_ref(),
    };
    inputs::write(folder, &city.records, extras, &catalogue).unwrap();
}

/// The reports of a book, made without a folder and without pictures in dots, which show what those in lines say.
fn artefacts(book: &Book, package: &Path) -> Artefacts {
    geopackage::geopackage(book, package).unwrap();
    let texts = BTreeMap::from([
        ("metadata.xml".to_owned(), metadata::metadata(book)),
        ("sheets.html".to_owned(), sheets::all_sheets(book)),
        (
            "map-need.svg".to_owned(),
            CityMaps::new(book).svg(Subject::Need),
        ),
    ]);
    Artefacts::new(
        Page::unpack(&page::page(book, None)),
        package,
        &workbook(book).unwrap(),
        texts,
    )
}
