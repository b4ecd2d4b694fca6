//! Manifests: what a written folder rests on, and the hash of every other file in it. `round.json` belongs to a round, `compare.json` to a
//! comparison, `report.json` to the reports of a round.
//!
//! The same types write and read them, and a key that they do not have is refused: a misspelt one is not taken for its default.
//! Fields are written in the order in which they stand here.

use std::collections::BTreeMap;

use fuwutu_core::projection::{AgeRule, Variant};
use fuwutu_core::quantity::Residents;
use fuwutu_core::service::{Name, Service};
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::read::InputFile;
use crate::tables::totals::Total;

/// `tool` of every manifest.
pub const TOOL: &str = "fuwutu";

/// `round.json`, of a round, of its units alone or of its coverage alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`TOOL`].
    pub tool: String,
    /// Version of the tool that wrote it.
    pub version: String,
    /// The round's name.
    pub round: String,
    /// The base year first.
    pub years: Vec<i32>,
    /// What the round is, and what it is not.
    pub statement: Statement,
    /// Datum of all coordinates, and how lengths were measured.
    pub datum: String,
    /// Middle of the plane in which lengths were measured.
    pub frame: Middle,
    /// The plan, filled in.
    pub plan: Plan,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// Rows of the catalogue that any figure of the round rests on, in the catalogue's order. Their limits are their own: see
    /// [`fuwutu_core::service::Limit::with_minutes`].
    pub standards: Vec<Service>,
    /// Services of whose facilities nothing was supplied, in the catalogue's order: first those that the round is about, which have
    /// a target group and a demand and nothing else.
    #[serde(default)]
    pub not_supplied: Vec<NotSupplied>,
    /// How large the city is.
    pub city: CityCounts,
    /// How many units there are, and how many people live in them.
    pub units: UnitCounts,
    /// How the later years came about; `None` where everybody stays.
    pub projection: Option<ProjectionTotals>,
    /// The streets; `None` without them.
    pub roads: Option<RoadTotals>,
    /// Service by service, year by year: the whole city.
    pub totals: Vec<Total>,
    /// Level → how many findings.
    pub findings: BTreeMap<String, u64>,
    /// The other files of the folder.
    pub files: Vec<FileEntry>,
}

/// A service of whose facilities nothing was supplied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotSupplied {
    /// Its id.
    pub service: String,
    /// Its name.
    pub name: Name,
    /// Whether the round is about it; otherwise it was left out.
    pub selected: bool,
}

/// What a round is, and what it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A place in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Middle {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

/// How large a city is in the base year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityCounts {
    /// Residents.
    #[serde(with = "persons")]
    pub residents: Residents,
    /// Townships.
    pub townships: usize,
    /// Communities.
    pub communities: usize,
    /// Demand points.
    pub demand_points: usize,
    /// Facilities.
    pub facilities: usize,
}

/// The units of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCounts {
    /// How many there are.
    pub count: usize,
    /// Those of them with more residents than the cap.
    pub over_cap: usize,
    /// Townships that are proved to have as few units as can be.
    pub townships_proved_least: usize,
    /// Residents of all units, year by year.
    pub residents_by_year: Vec<YearResidents>,
}

/// Residents of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearResidents {
    /// The year.
    pub year: i32,
    /// Its residents.
    #[serde(with = "persons")]
    pub residents: Residents,
}

/// How the later years came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionTotals {
    /// How ages follow.
    pub ages: AgeRule,
    /// Which of the three figures the later years are evaluated on.
    pub variant: Variant,
    /// Residents of the city, one entry a later year.
    pub residents: Vec<ResidentsBand>,
}

/// Residents of a later year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResidentsBand {
    /// The year.
    pub year: i32,
    /// The lower end.
    #[serde(with = "persons")]
    pub low: Residents,
    /// What is most likely.
    #[serde(with = "persons")]
    pub middle: Residents,
    /// The upper end.
    #[serde(with = "persons")]
    pub high: Residents,
}

/// The streets of a round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadTotals {
    /// Ends and crossings of streets.
    pub crossings: usize,
    /// Stretches between them.
    pub edges: usize,
    /// Kilometres, to the tenth.
    pub length_km: f64,
    /// Reason → how many streets, edges or nodes reading left out.
    pub left_out: BTreeMap<String, u64>,
    /// The line that the licence of the streets asks for; `None` where it asks for none.
    pub attribution: Option<String>,
}

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path from the folder, with `/`.
    pub path: String,
    /// SHA-256 in hexadecimal digits; empty while it is being written.
    pub sha256: String,
}

/// `compare.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonManifest {
    /// [`TOOL`].
    pub tool: String,
    /// Version of the tool that wrote it.
    pub version: String,
    /// How to read it.
    pub comparison: String,
    /// The causes, in the order in which they are switched to the new round.
    pub causes: Vec<String>,
    /// The old round.
    pub old: ComparedRound,
    /// The new round.
    pub new: ComparedRound,
    /// Which services are compared.
    pub services: ComparedServices,
    /// Figures of the whole city.
    pub city: Vec<CityFigure>,
    /// Level → how many findings of both rounds.
    pub findings: BTreeMap<String, u64>,
    /// The other files of the folder.
    pub files: Vec<FileEntry>,
}

/// A round of two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedRound {
    /// Its name.
    pub round: String,
    /// The base year first.
    pub years: Vec<i32>,
    /// Its plan, filled in.
    pub plan: Plan,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// As [`Manifest::standards`].
    pub standards: Vec<Service>,
}

/// Services of two rounds, by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedServices {
    /// Those that both rounds judge.
    pub compared: Vec<String>,
    /// Those that only the old one does.
    pub only_old: Vec<String>,
    /// Those that only the new one does.
    pub only_new: Vec<String>,
}

/// A figure of the whole city from the old round to the new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityFigure {
    /// Id of the service; `None` for a figure of all residents.
    pub service: Option<String>,
    /// Which figure.
    pub figure: String,
    /// In the old round, then after each cause; the last is the new round.
    pub states: Vec<Option<f64>>,
    /// Units that could not be counted.
    pub left_out_units: u32,
}

/// `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportManifest {
    /// [`TOOL`].
    pub tool: String,
    /// Version of the tool that wrote it.
    pub version: String,
    /// SHA-256 of the `round.json` that the reports were made from.
    pub round_json: String,
    /// Whether all files are there: not while former ones are being replaced.
    pub complete: bool,
    /// The files of the reports.
    pub files: Vec<FileEntry>,
}

/// A manifest as it is written.
pub(crate) fn text(manifest: &impl Serialize) -> String {
    serde_json::to_string_pretty(manifest).expect("a manifest is plain data") + "\n"
}

/// People as numbers of persons: whole ones without decimals, others to the thousandth.
mod persons {
    use fuwutu_core::quantity::Residents;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// More than there are people, and few enough for their thousandths to be exact.
    const MOST: f64 = 1e12;

    pub(super) fn serialize<S: Serializer>(
        residents: &Residents,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if residents.0.is_multiple_of(1000) {
            serializer.serialize_u64(residents.0 / 1000)
        } else {
            serializer.serialize_f64(residents.persons())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Residents, D::Error> {
        let persons = f64::deserialize(deserializer)?;
        if (0.0..=MOST).contains(&persons) {
            Ok(Residents((persons * 1000.0).round() as u64))
        } else {
            Err(D::Error::custom(format!(
                "`{persons}` is no number of people; it must be from 0 to {MOST}"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(residents: u64) -> String {
        let row = YearResidents {
            year: 2026,
            residents: Residents(residents),
        };
        serde_json::to_string(&row).unwrap()
    }

    #[test]
    fn people_are_whole_numbers_or_thousandths_and_come_back_as_they_were() {
        for (thousandths, text) in [
            (0, "0"),
            (401_518_645, "401518.645"),
            (1, "0.001"),
            (21_000_000_000, "21000000"),
            (999_999_999_999_999, "999999999999.999"),
        ] {
            let json = written(thousandths);
            assert_eq!(json, format!("{{\"year\":2026,\"residents\":{text}}}"));
            let back: YearResidents = serde_json::from_str(&json).unwrap();
            assert_eq!(back.residents, Residents(thousandths));
        }
        for text in ["-1", "1e13", "\"7\"", "null"] {
            let json = format!("{{\"year\":2026,\"residents\":{text}}}");
            assert!(
                serde_json::from_str::<YearResidents>(&json).is_err(),
                "{text}"
            );
        }
    }
}
