//! Files in, files out: the only part of fuwutu (服务图) that knows formats, encodings and coordinate systems.
//!
//! ```text
//! plan.toml ─plan─▶ Plan ─read─▶ Input { city, earlier, findings } ─(core)─▶ Round ─write─▶ a folder of results
//! ```
//! Dirty data is a [`finding`]: what, where, and what was done about it. An error is a finding with which we cannot go on.

pub mod finding;

pub mod plain;

pub mod form;

mod text;

mod number;

mod table;

mod headers;

mod layer;

pub mod keys;

mod poi;

pub mod crs;

pub mod datum;

pub mod frame;

pub mod parser;

pub mod plan;

pub mod street_rules;

pub mod read;

pub mod ways;

pub mod words;

pub mod standards;

pub mod outcome;

pub mod csv_text;

pub mod tables;

pub mod inputs;

pub mod manifest;

pub mod write;

pub mod written;
