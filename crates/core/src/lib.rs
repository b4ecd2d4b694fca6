//! The computation of fuwutu (服务图): units of at most 100,000 residents, which services people reach in time, supply against
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

pub mod quantity; // residents, time, places: each with its unit

pub mod position; // which unit, which service, which demand point

pub mod cube; // values by unit, service and year

pub mod service; // the catalogue and its standards

pub mod city; // townships, communities, demand points, facilities

pub mod crosswalk; // codes that changed

pub mod spread; // homes of residents of whom only a total is known

pub mod units; // townships divided into units

pub mod reach; // which places people reach in time

pub mod supply; // covered, received, present, short

pub mod completeness; // how many services each resident has in reach

pub mod projection; // the residents of later years

pub mod county; // services judged by county

pub mod ties; // branches and their hubs

pub mod ranking; // where need is greatest

pub mod equity; // how evenly people share

pub mod topsis; // another order, for comparison

pub mod watch; // what is reported on the way, and when to stop

pub mod extras; // figures that papers show, for comparison

pub mod round; // all of it: one evaluation

pub mod shard; // the same, county by county

pub mod change; // two rounds beside each other
