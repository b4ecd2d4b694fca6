//! `[inputs]`: the files of a plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// `[inputs]`: paths relative to the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Coordinate system of all files: `EPSG:4490` or `EPSG:4326`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Polygons with `code` and `name`.
    pub townships: Source,
    /// Polygons with `code`, `name`, `township` and `residents`.
    pub communities: Source,
    /// Demand points; without them each community's residents live at one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Source>,
    /// Residents at an earlier date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<DatedSource>,
    /// Facilities, in any number of files.
    pub facilities: Vec<Source>,
    /// Streets, for `travel.mode = "streets"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roads: Option<RoadsSource>,
    /// New dwellings: community, year, dwellings [, persons, occupancy, lon, lat].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub housing: Option<Source>,
    /// Totals of counties in later years: county, year, residents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<Source>,
    /// Residents at a third date, to try the methods on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<DatedSource>,
    /// Codes before and after townships and communities changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crosswalk: Option<Source>,
    /// The units of the last round, to be kept: its `communities.csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_units: Option<LastUnitsSource>,
}

impl Inputs {
    /// Every path of the section, to be read or changed.
    pub(crate) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut all = vec![&mut self.townships.path, &mut self.communities.path];
        all.extend(self.population.iter_mut().map(|source| &mut source.path));
        all.extend(self.earlier.iter_mut().map(|source| &mut source.path));
        all.extend(self.housing.iter_mut().map(|source| &mut source.path));
        all.extend(self.controls.iter_mut().map(|source| &mut source.path));
        all.extend(self.observed.iter_mut().map(|source| &mut source.path));
        all.extend(self.facilities.iter_mut().map(|source| &mut source.path));
        if let Some(RoadsSource {
            path,
            nodes,
            edges,
            dem,
            ..
        }) = &mut self.roads
        {
            all.extend([path, nodes, edges, dem].into_iter().flatten());
        }
        all.extend(self.crosswalk.iter_mut().map(|source| &mut source.path));
        all.extend(self.last_units.iter_mut().map(|source| &mut source.path));
        all
    }
}

/// The last round's communities and their units, and the year whose codes they are in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastUnitsSource {
    /// Relative to the plan.
    pub path: PathBuf,
    /// The last round's base year, whose codes the file is in; may be left out where there is no crosswalk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// Streets: OpenStreetMap in its binary form, or a table of nodes and one of edges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadsSource {
    /// An `.osm.pbf`, relative to the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// A table: id, lon, lat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<PathBuf>,
    /// A table: from, to [, `length_m`, class, oneway, geometry].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edges: Option<PathBuf>,
    /// An elevation model (GeoTIFF in degrees): on foot, slopes then take longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dem: Option<PathBuf>,
    /// Usual name → name in the table of nodes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_columns: BTreeMap<String, String>,
    /// Usual name → name in the table of edges.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edge_columns: BTreeMap<String, String>,
}

impl RoadsSource {
    /// The binary file alone, or the table of nodes and then that of edges.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.path, &self.nodes, &self.edges]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }

    /// Either the one or both of the others.
    pub(super) fn sound(&self) -> bool {
        matches!(
            (&self.path, &self.nodes, &self.edges),
            (Some(_), None, None) | (None, Some(_), Some(_))
        )
    }
}

/// A file, and the names its columns have where they are not the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Relative to the plan.
    pub path: PathBuf,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// A file of residents at another date than the base, and its year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedSource {
    /// Relative to the plan.
    pub path: PathBuf,
    /// Of the residents.
    pub year: i32,
    /// Usual name → name in this file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}
