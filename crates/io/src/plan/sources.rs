//! `[inputs]`: the files of a plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[inputs]`: paths relative to the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Coordinate system of all files that do not name their own: `EPSG:4490` or `EPSG:4326` (longitude and latitude), `EPSG:4491` to
    /// `EPSG:4554` (CGCS2000 zones), UTM on WGS 84, `GCJ-02`, `BD-09`.
    #[schemars(extend("x-zh" = "未单独注明坐标系的所有文件的坐标系：`EPSG:4490` 或 `EPSG:4326`（经纬度）、`EPSG:4491` 至 `EPSG:4554`（CGCS2000 分带）、WGS 84 的 UTM、`GCJ-02`、`BD-09`"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Townships: polygons with `code` and `name` (GeoJSON, Shapefile or GeoPackage).
    #[schemars(extend("x-zh" = "镇（街道）：带 `code`、`name` 的面（GeoJSON、Shapefile 或 GeoPackage）"))]
    pub townships: Source,
    /// Communities: polygons with `code`, `name`, `township` and `residents` (GeoJSON, Shapefile or GeoPackage).
    #[schemars(extend("x-zh" = "社区（村）：带 `code`、`name`、`township`、`residents` 的面（GeoJSON、Shapefile 或 GeoPackage）"))]
    pub communities: Source,
    /// Codes with names and, where known, classes (table): code, name, class; the statistics office's list of 12-digit codes, or
    /// another. Gives codes and classes to layers that have names alone, and names to counties.
    #[schemars(extend("x-zh" = "代码表（表）：code、name、class，如统计用区划代码和城乡分类代码。为只有名称的图层补充代码和城乡分类，并给出区县名称"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Source>,
    /// Demand points (table); without them the residents of a community are spread over it (`people.spread`).
    #[schemars(extend("x-zh" = "需求点（表）；不填则把社区的居民分布到社区内（`people.spread`）"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<Source>,
    /// Where in their communities people live, for residents of whom only the community is known: a grid of people (GeoTIFF), or
    /// buildings with their floor area or dwellings (table, or layer of points or areas).
    #[schemars(extend("x-zh" = "社区内居民的分布依据，用于只知道社区总数的居民：人口栅格（GeoTIFF），或带建筑面积、户数的建筑（表，或点、面图层）"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Source>,
    /// Residents of communities at an earlier date (table), from which growth is estimated.
    #[schemars(extend("x-zh" = "历史社区人口（表），由此预测增长"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<DatedSource>,
    /// Facilities, in any number of tables.
    #[schemars(extend("x-zh" = "设施，一个或多个表"))]
    pub facilities: Vec<FacilitySource>,
    /// Streets, for `travel.mode = "streets"`: an OpenStreetMap extract, or a table of nodes and
    /// one of edges.
    #[schemars(extend("x-zh" = "道路，用于 `travel.mode = \"streets\"`：OpenStreetMap 数据，或路口表和路段表"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roads: Option<RoadsSource>,
    /// New dwellings (table): community, year, dwellings and, if known, persons, occupancy, lon,
    /// lat.
    #[schemars(extend("x-zh" = "新建住房（表）：community、year、dwellings，以及已知的 persons、occupancy、lon、lat"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub housing: Option<Source>,
    /// Totals of counties in later years (table): county, year, residents.
    #[schemars(extend("x-zh" = "区县以后各年的人口控制数（表）：county、year、residents"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controls: Option<Source>,
    /// Residents of communities at a third date (table), against which the methods of projection
    /// are tested.
    #[schemars(extend("x-zh" = "第三个年份的社区人口（表），用来检验预测方法"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<DatedSource>,
    /// Codes before and after townships and communities changed (table).
    #[schemars(extend("x-zh" = "镇（街道）、社区（村）变更前后的区划代码变更对照表（表）"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crosswalk: Option<Source>,
    /// Units of the last round, to be kept where possible: its `communities.csv`.
    #[schemars(extend("x-zh" = "上一轮的单元，尽量沿用：上一轮的 `communities.csv`"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_units: Option<LastUnitsSource>,
}

impl Inputs {
    /// Every path of the section, to be read or changed.
    pub(crate) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![&mut self.townships.path, &mut self.communities.path];
        paths.extend(self.codes.iter_mut().map(|source| &mut source.path));
        paths.extend(self.population.iter_mut().map(|source| &mut source.path));
        paths.extend(self.weights.iter_mut().map(|source| &mut source.path));
        paths.extend(self.earlier.iter_mut().map(|source| &mut source.path));
        paths.extend(self.housing.iter_mut().map(|source| &mut source.path));
        paths.extend(self.controls.iter_mut().map(|source| &mut source.path));
        paths.extend(self.observed.iter_mut().map(|source| &mut source.path));
        paths.extend(self.facilities.iter_mut().map(|source| &mut source.path));
        if let Some(RoadsSource {
            path,
            nodes,
            edges,
            dem,
            ..
        }) = &mut self.roads
        {
            paths.extend([path, nodes, edges, dem].into_iter().flatten());
        }
        paths.extend(self.crosswalk.iter_mut().map(|source| &mut source.path));
        paths.extend(self.last_units.iter_mut().map(|source| &mut source.path));
        paths
    }
}

/// The last round's communities and their units, and the year whose codes they are in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LastUnitsSource {
    /// Path of the file, relative to the plan.
    #[schemars(extend("x-zh" = "文件路径，相对于评估任务文件"))]
    pub path: PathBuf,
    /// Base year of the last round, whose codes the file uses; may be left out where there is no
    /// crosswalk.
    #[schemars(extend("x-zh" = "上一轮的基期年，文件使用该年的代码；没有区划代码变更对照表时可不填"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Which sheet of a workbook, or layer of a database, is read; where not given, the first that has the columns.
    #[schemars(extend("x-zh" = "读取工作簿的哪一张表，或数据库的哪一个图层；不填则为第一个列名相符的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Names of columns that differ from the usual ones: usual name = name in this file.
    #[schemars(extend("x-zh" = "与通用列名不同的列：通用列名 = 本文件的列名"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// Streets: OpenStreetMap in its binary form, or a table of nodes and one of edges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadsSource {
    /// An OpenStreetMap extract (`.osm.pbf`); a path relative to the plan.
    #[schemars(extend("x-zh" = "OpenStreetMap 数据（`.osm.pbf`）；路径相对于评估任务文件"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Table of nodes: id, lon, lat.
    #[schemars(extend("x-zh" = "路口表：id、lon、lat"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<PathBuf>,
    /// Table of edges: from, to and, if known, `length_m`, class, oneway, geometry.
    #[schemars(extend("x-zh" = "路段表：from、to，以及已知的 `length_m`、class、oneway、geometry"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edges: Option<PathBuf>,
    /// Coordinate system of the tables, where it is not that of all files. OpenStreetMap has its own.
    #[schemars(extend("x-zh" = "路口表、路段表的坐标系，与所有文件的不同时填写；OpenStreetMap 数据自有坐标系"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Elevation model (GeoTIFF in degrees), by which walking on slopes takes longer.
    #[schemars(extend("x-zh" = "高程模型（经纬度的 GeoTIFF）；步行上下坡按此加时"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dem: Option<PathBuf>,
    /// Names of columns of the table of nodes that differ from the usual ones: usual name = name in
    /// the file.
    #[schemars(extend("x-zh" = "路口表中与通用列名不同的列：通用列名 = 文件的列名"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_columns: BTreeMap<String, String>,
    /// Names of columns of the table of edges that differ from the usual ones: usual name = name in
    /// the file.
    #[schemars(extend("x-zh" = "路段表中与通用列名不同的列：通用列名 = 文件的列名"))]
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

/// A file, and the names of its columns that differ from the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-zh" = "一个文件，以及其中与通用列名不同的列"))]
pub struct Source {
    /// Path of the file, relative to the plan.
    #[schemars(extend("x-zh" = "文件路径，相对于评估任务文件"))]
    pub path: PathBuf,
    /// Its coordinate system, where it is not that of all files.
    #[schemars(extend("x-zh" = "本文件的坐标系，与所有文件的不同时填写"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Which sheet of a workbook, or layer of a database, is read; where not given, the first that has the columns.
    #[schemars(extend("x-zh" = "读取工作簿的哪一张表，或数据库的哪一个图层；不填则为第一个列名相符的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Names of columns that differ from the usual ones: usual name = name in this file.
    #[schemars(extend("x-zh" = "与通用列名不同的列：通用列名 = 本文件的列名"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// A file of facilities, and the names of its columns and kinds that differ from the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-zh" = "一个设施文件，以及其中与通用列名、服务名称不同的列和类别"))]
pub struct FacilitySource {
    /// Path of the file, relative to the plan.
    #[schemars(extend("x-zh" = "文件路径，相对于评估任务文件"))]
    pub path: PathBuf,
    /// Its coordinate system, where it is not that of all files.
    #[schemars(extend("x-zh" = "本文件的坐标系，与所有文件的不同时填写"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Which sheet of a workbook, or layer of a database, is read; where not given, the first that has the columns.
    #[schemars(extend("x-zh" = "读取工作簿的哪一张表，或数据库的哪一个图层；不填则为第一个列名相符的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Names of columns that differ from the usual ones: usual name = name in this file.
    #[schemars(extend("x-zh" = "与通用列名不同的列：通用列名 = 本文件的列名"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The service of all its rows (id or name in the catalogue), where it has no column that says so.
    #[schemars(extend("x-zh" = "全部行所属的服务（目录中的编号或名称），用于没有服务列的文件"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What its own words for kinds mean: word, code or path of a type = service of the catalogue, or `none` to leave such rows out.
    #[schemars(extend("x-zh" = "本文件自用的类别：类别名、类型编码或类型路径 = 目录中的服务，`none` 表示不计这些行"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, String>,
}

/// A file of residents at another date than the base, and its year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatedSource {
    /// Path of the file, relative to the plan.
    #[schemars(extend("x-zh" = "文件路径，相对于评估任务文件"))]
    pub path: PathBuf,
    /// Year of the figures.
    #[schemars(extend("x-zh" = "数据的年份"))]
    pub year: i32,
    /// Which sheet of a workbook, or layer of a database, is read; where not given, the first that has the columns.
    #[schemars(extend("x-zh" = "读取工作簿的哪一张表，或数据库的哪一个图层；不填则为第一个列名相符的"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Names of columns that differ from the usual ones: usual name = name in this file.
    #[schemars(extend("x-zh" = "与通用列名不同的列：通用列名 = 本文件的列名"))]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// What is read of a file: all of it, or one of its sheets or layers.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub path: &'a Path,
    pub sheet: Option<&'a str>,
    /// Usual name = name in this file.
    pub columns: &'a BTreeMap<String, String>,
}

macro_rules! named {
    ($($source:ty),*) => {
        $(impl $source {
            /// What is read of it.
            pub(crate) fn named(&self) -> Named<'_> {
                Named {
                    path: &self.path,
                    sheet: self.sheet.as_deref(),
                    columns: &self.columns,
                }
            }
        })*
    };
}

named!(Source, FacilitySource, DatedSource, LastUnitsSource);
