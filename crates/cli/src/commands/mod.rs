//! One file a command.

pub(crate) mod access;
mod ask;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod coverage;
pub(crate) mod demo;
pub(crate) mod evaluate;
pub(crate) mod init;
mod init_osm;
pub(crate) mod isochrone;
pub(crate) mod matrix;
mod put;
pub(crate) mod rank;
pub(crate) mod report;
pub(crate) mod roads;
pub(crate) mod schema;
pub(crate) mod services;
pub(crate) mod synth;
pub(crate) mod template;
pub(crate) mod units;
