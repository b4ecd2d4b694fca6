//! What a table or a layer is to a plan, by its columns and shapes.

use serde::Serialize;

use crate::headers;
use crate::read::roads::{EDGE_COLUMNS, NODE_COLUMNS};
use crate::read::{crosswalk, facilities, housing, land, outlook, people};
use crate::table::Column;

/// What a file is to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Areas of townships.
    Townships,
    /// Areas of communities.
    Communities,
    /// Residents at places or of communities.
    Population,
    /// Facilities.
    Facilities,
    /// New dwellings.
    Housing,
    /// Totals of counties in later years.
    Controls,
    /// Codes before and after.
    Crosswalk,
    /// The last round's units.
    LastUnits,
    /// Streets: OpenStreetMap.
    Roads,
    /// Streets: their nodes.
    Nodes,
    /// Streets: their edges.
    Edges,
    /// A grid of numbers.
    Grid,
    /// It is not used.
    Nothing,
}

impl Role {
    /// Chinese and English.
    #[must_use]
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::Townships => ["镇（街道）范围", "townships"],
            Self::Communities => ["社区（村）范围", "communities"],
            Self::Population => ["人口", "population"],
            Self::Facilities => ["设施", "facilities"],
            Self::Housing => ["新建住房", "new dwellings"],
            Self::Controls => ["区县人口控制数", "controls of counties"],
            Self::Crosswalk => ["区划代码变更对照表", "crosswalk"],
            Self::LastUnits => ["上一轮的单元", "units of the last round"],
            Self::Roads => ["路网（OpenStreetMap）", "streets (OpenStreetMap)"],
            Self::Nodes => ["路口", "nodes"],
            Self::Edges => ["路段", "edges"],
            Self::Grid => ["栅格", "a grid"],
            Self::Nothing => ["未使用", "not used"],
        }
    }
}

/// A kind of table, and the columns of which it has one of each group.
struct Kind {
    role: Role,
    columns: &'static [Column],
    has: &'static [&'static [&'static str]],
}

/// The kinds of tables, the more special before the more general: the first that fits is it.
const TABLES: [Kind; 10] = [
    Kind {
        role: Role::Crosswalk,
        columns: &crosswalk::COLUMNS,
        has: &[&["old"], &["new"]],
    },
    Kind {
        role: Role::Edges,
        columns: &EDGE_COLUMNS,
        has: &[&["from"], &["to"]],
    },
    Kind {
        role: Role::LastUnits,
        columns: &crosswalk::UNIT_COLUMNS,
        has: &[&["community", "community_name"], &["unit"], &["residents"]],
    },
    Kind {
        role: Role::Housing,
        columns: &housing::COLUMNS,
        has: &[&["community", "community_name"], &["dwellings"]],
    },
    Kind {
        role: Role::Controls,
        columns: &outlook::CONTROL_COLUMNS,
        has: &[&["county"], &["year"], &["residents"]],
    },
    Kind {
        role: Role::Facilities,
        columns: &facilities::COLUMNS,
        has: &[&["service", "type_code", "type"], &["lon", "location"]],
    },
    Kind {
        role: Role::Population,
        columns: &people::COLUMNS,
        has: &[&["community", "community_name"], &["residents"]],
    },
    Kind {
        role: Role::Facilities,
        columns: &facilities::COLUMNS,
        has: &[&["name"], &["lon", "location"]],
    },
    Kind {
        role: Role::Nodes,
        columns: &NODE_COLUMNS,
        has: &[&["id"], &["lon"], &["lat"]],
    },
    Kind {
        role: Role::Population,
        columns: &outlook::DATED_COLUMNS,
        has: &[&["community", "community_name"], &["residents"]],
    },
];

/// The columns of each kind of table, the more special before the more general.
pub(super) fn kinds() -> Vec<&'static [Column]> {
    TABLES.iter().map(|kind| kind.columns).collect()
}

/// Whether any kind of table or layer has a column with this header.
pub(super) fn is_known(header: &str) -> bool {
    let layers = land::TOWNSHIP_COLUMNS
        .iter()
        .chain(&land::COMMUNITY_COLUMNS);
    let tables = TABLES.iter().flat_map(|kind| kind.columns);
    layers.chain(tables).any(|column| column.is(header))
}

/// What the headers of a table or layer mean, by position: the name of a column, and whether it is the header's very own.
pub(super) type Meanings = Vec<Option<(&'static str, bool)>>;

/// What a table with these headers is, and what each of them means.
pub(super) fn of_table(headers: &[String]) -> (Role, Meanings) {
    for exact in [true, false] {
        for kind in &TABLES {
            let meanings = meanings(headers, kind.columns);
            let has = |name: &str| {
                let mut found = meanings.iter().flatten();
                found.any(|(column, own)| *column == name && (*own || !exact))
            };
            if kind
                .has
                .iter()
                .all(|names| names.iter().any(|name| has(name)))
            {
                return (kind.role, meanings);
            }
        }
    }
    (Role::Nothing, vec![None; headers.len()])
}

/// What headers mean among some columns.
pub(super) fn meanings(headers: &[String], columns: &'static [Column]) -> Meanings {
    let own = |header: &String| columns.iter().find(|column| column.is(header));
    let mut taken: Vec<bool> = columns
        .iter()
        .map(|column| headers.iter().any(|header| column.is(header)))
        .collect();
    let meant: Vec<Option<&str>> = (headers.iter())
        .map(|header| headers::meant(header, columns, &taken).filter(|_| own(header).is_none()))
        .collect();
    headers
        .iter()
        .zip(&meant)
        .map(|(header, meaning)| {
            if let Some(column) = own(header) {
                return Some((column.name, true));
            }
            // Of several that may mean one column nobody knows which does.
            let name = (*meaning)?;
            let single = meant.iter().filter(|other| **other == Some(name)).count() == 1;
            let at = columns.iter().position(|column| column.name == name)?;
            let free = single && !std::mem::replace(&mut taken[at], true);
            free.then(|| (columns[at].name, false))
        })
        .collect()
}
