//! What a long computation reports on its way, and how it is asked to stop.
//!
//! The core knows no clock, screen or signal. It calls a function of the caller's where a stage begins, where a service is done
//! and every few thousand steps; the function shows what it likes, and returns [`Stopped`] where the work is to end.

/// What has been done; for progress and timings, which the core cannot show itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A stage begins.
    Stage(Stage),
    /// One more service is done.
    Service {
        /// Services done so far.
        done: usize,
        /// All of them.
        of: usize,
    },
    /// The stage goes on: nothing to show, only whether to stop.
    Working,
}

/// A part of the work that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Files are read.
    Read,
    /// Demand points and facilities are joined to the streets.
    Streets,
    /// Townships are divided.
    Units,
    /// Later years are projected.
    Project,
    /// Service by service: trips, coverage, supply and demand.
    Supply,
    /// How many services each resident has in reach.
    Completeness,
    /// What no assignment can seat.
    Allocation,
    /// Units are ranked, with draws for how certain the order is.
    Ranking,
    /// Two rounds are compared.
    Compare,
    /// Measures of access are computed from a table of trips.
    Access,
    /// Results are written.
    Write,
    /// Reports are made.
    Report,
}

impl Stage {
    /// Its name in English, as `--timings` prints it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Streets => "streets",
            Self::Units => "units",
            Self::Project => "project",
            Self::Supply => "reach and supply",
            Self::Completeness => "completeness",
            Self::Allocation => "allocation",
            Self::Ranking => "ranking",
            Self::Compare => "compare",
            Self::Access => "access",
            Self::Write => "write",
            Self::Report => "report",
        }
    }
}

/// The caller said stop. What was computed so far is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the end")]
pub struct Stopped;

/// A function that is called with what has been done, from any thread, and says whether to go on.
pub type Watch<'a> = &'a (dyn Fn(Progress) -> Result<(), Stopped> + Sync);

/// A watch that shows nothing and never stops.
///
/// # Errors
/// None.
pub fn unwatched(_: Progress) -> Result<(), Stopped> {
    Ok(())
}

/// The number of rows, points or places that are handled between two checks whether to stop.
pub const STEPS: usize = 4096;

/// Asks whether to stop at every [`STEPS`]th of many steps, the first among them.
///
/// # Errors
/// Where the caller says stop.
pub fn step(watch: Watch, number: usize) -> Result<(), Stopped> {
    if number.is_multiple_of(STEPS) {
        watch(Progress::Working)
    } else {
        Ok(())
    }
}
