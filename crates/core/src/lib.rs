//! The computation of fuwutu (服务图): units of at most 100,000 residents, who reaches which service in time, supply against
//! demand now and three years on, and where need is greatest.
//!
//! No file, clock, environment or printing here. Equal inputs give equal bytes on any number of threads.
//! The modules stand in the order in which the data passes through them:
//!
//! ```text
//! City ──units::divide──▶ Units ─┐
//! City ──Travel::reach──▶ Reach ─┴─supply─▶ Standing ──ranking::rank──▶ Place
//! City ──projection::project──▶ City of a later year, through the same stages
//! ```
//! [`round::evaluate`] runs them all; [`shard::evaluate`] does the same county by county, to the same bytes;
//! [`change::compare`] says what two rounds differ by, and why.

pub mod quantity;

pub mod service;

pub mod city;

pub mod crosswalk;

pub mod units;

pub mod reach;

pub mod supply;

pub mod projection;

pub mod county;

pub mod ties;

pub mod ranking;

pub mod equity;

pub mod topsis;

pub mod extras;

pub mod watch;

pub mod round;

pub mod shard;

pub mod change;
