//! Who watches a run, and may stop it.

use fuwutu_core::watch::Progress;
pub use fuwutu_core::watch::{Stage, Stopped};

/// Watches a run. Every method has a default: implement what you need, or pass [`Quiet`].
///
/// Methods are called from the threads that compute, several at once.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use fuwutu_run::{Stage, Watch};
///
/// /// Stops a run after so many questions.
/// struct Patience(AtomicUsize);
///
/// impl Watch for Patience {
///     fn stage(&self, stage: Stage) {
///         eprintln!("{}", stage.name());
///     }
///
///     fn stop(&self) -> bool {
///         self.0.fetch_sub(1, Ordering::Relaxed) == 1
///     }
/// }
/// ```
pub trait Watch: Sync {
    /// A stage begins.
    fn stage(&self, stage: Stage) {
        let _ = stage;
    }

    /// So many services of all are done, in [`Stage::Supply`].
    fn services(&self, done: usize, of: usize) {
        let _ = (done, of);
    }

    /// Whether to stop. Asked between stages and within each: for every file, every few thousand rows and demand points, every
    /// service, draw, sheet and picture. Once it says `true` the run ends with [`Stopped`], as soon as what other threads are
    /// at is done: of the parts that cannot be left, the longest is one service of the whole city. It should be quick.
    fn stop(&self) -> bool {
        false
    }
}

/// Watches nothing and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Watch for Quiet {}

/// The function that the core and the readers call, for programs that use these directly.
pub fn asked(watch: &dyn Watch) -> impl Fn(Progress) -> Result<(), Stopped> + Sync + '_ {
    move |progress| {
        match progress {
            Progress::Stage(stage) => watch.stage(stage),
            Progress::Service { done, of } => watch.services(done, of),
            Progress::Working => {}
        }
        if watch.stop() { Err(Stopped) } else { Ok(()) }
    }
}
