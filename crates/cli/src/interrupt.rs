//! Ctrl-C: nothing half-written is left, one line is said, and the exit code is 130.

use std::sync::atomic::{AtomicBool, Ordering};

use fuwutu_io::finding::Lang;
use fuwutu_io::write;

use crate::errors::NoThreads;
use crate::show;

/// As shells have it: 128 + the number of the signal.
const INTERRUPTED: i32 = 130;

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Ends the program when it is asked to, from a thread of its own, whatever the others are doing.
///
/// # Errors
/// Where the system does not let a program listen.
pub(crate) fn listen(lang: Lang) -> anyhow::Result<()> {
    ctrlc::set_handler(move || {
        IS_INTERRUPTED.store(true, Ordering::SeqCst);
        write::abandon();
        show::note(lang.pick(
            "已中断：没有留下未写完的内容，已写完的结果没有改动",
            "interrupted: nothing unfinished is left, and finished results are unchanged",
        ));
        std::process::exit(INTERRUPTED);
    })
    .map_err(|error| NoThreads(error.into()))?;
    Ok(())
}

/// What fails because its files are being taken away is no error to tell: the listening thread is about to end the program.
pub(crate) fn wait_where_interrupted() {
    while IS_INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park();
    }
}
