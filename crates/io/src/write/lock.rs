//! One run at a time writes to a place, and mends what an earlier one left that was stopped on the way.
//!
//! A file `.NAME.lock` beside the place is locked by the system for as long as the run goes on, and let go of however it ends, so that a
//! killed run blocks nobody.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use super::folder::{FolderError, io_at};
use crate::plain::at_once;
use crate::read::hex;

/// A place that this run alone writes to, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    place: Place,
    /// No other lock of this process has it.
    number: u32,
    /// Closing it lets go of the lock.
    _file: File,
}

/// A place and the folder in which it stands.
#[derive(Debug, Clone)]
struct Place {
    parent: PathBuf,
    /// How names of hidden things that belong to the place begin.
    hidden: String,
}

/// Longer names leave too little room for what is added to them: 255 bytes are the most that usual file systems allow.
const MOST_BYTES_OF_NAME: usize = 200;

impl Place {
    /// `None` where it has no name, as `/`.
    fn of(wanted: &Path) -> Option<Self> {
        let absolute = std::path::absolute(wanted).ok()?;
        let (parent, name) = absolute.parent().zip(absolute.file_name())?;
        let name = name.to_string_lossy();
        let short = if name.len() > MOST_BYTES_OF_NAME {
            hex(name.as_bytes())[..16].to_owned()
        } else {
            name.into_owned()
        };
        Some(Self {
            parent: parent.to_owned(),
            hidden: format!(".{short}."),
        })
    }

    fn hidden(&self, end: &str) -> PathBuf {
        self.parent.join(format!("{}{end}", self.hidden))
    }
}

/// What is removed where a run is broken off: unfinished things and locks, each with the number of its lock.
static UNFINISHED: Mutex<Vec<(u32, PathBuf)>> = Mutex::new(Vec::new());

/// A file that is being written and is removed with the run, without a lock of its own.
#[derive(Debug)]
pub(crate) struct Passing {
    number: u32,
}

impl Passing {
    /// Notes a path at which nothing stands yet.
    pub(crate) fn note(path: &Path) -> Self {
        let number = next_number();
        let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.push((number, path.to_owned()));
        Self { number }
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        forget(self.number);
    }
}

/// A number that no other lock and no passing file of this process has.
fn next_number() -> u32 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    TAKEN.fetch_add(1, Ordering::Relaxed)
}

/// Whatever stands at the paths that were noted with a number stays from now on.
fn forget(number: u32) {
    let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    unfinished.retain(|(noted, _)| *noted != number);
}

/// Held for reading while a file is made or takes its name.
static WRITING: RwLock<()> = RwLock::new(());

/// To be held while a file is made or takes its name; never twice by one thread.
pub(crate) fn writing() -> RwLockReadGuard<'static, ()> {
    WRITING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Removes whatever this process has begun to write, for when it is about to end: what it wrote whole stays. Waits for files that are being
/// written at this moment; no thread begins another one after that.
pub fn abandon() {
    let nobody_writes = WRITING.write().unwrap_or_else(PoisonError::into_inner);
    let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    for (_, path) in unfinished.iter() {
        let _ = fs::remove_dir_all(path).or_else(|_| fs::remove_file(path));
    }
    std::mem::forget(nobody_writes);
}

/// How the name of a former round ends until it is removed, where old and new cannot be exchanged in one step.
pub(super) const FORMER: &str = ".former";

impl Lock {
    /// Takes the place. Its folder is made where it is not there.
    ///
    /// # Errors
    /// [`FolderError::Busy`] where another run has it, and where the file system refuses.
    pub(super) fn take(wanted: &Path) -> Result<Self, FolderError> {
        let _writing = writing();
        let not_folder = || FolderError::NotFolder(wanted.to_owned());
        let place = Place::of(wanted).ok_or_else(not_folder)?;
        fs::create_dir_all(&place.parent).map_err(io_at(&place.parent))?;
        let path = place.hidden("lock");
        loop {
            if fs::symlink_metadata(&path).is_ok_and(|about| !about.is_file()) {
                return Err(FolderError::NotFile(path));
            }
            let mut options = File::options();
            let open = options.write(true).create(true).truncate(false);
            let file = at_once(open, true).open(&path).map_err(io_at(&path))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    let process = fs::read_to_string(&path).unwrap_or_default();
                    let process = process.split('-').next().and_then(|id| id.parse().ok());
                    return Err(FolderError::Busy {
                        place: wanted.to_owned(),
                        process,
                    });
                }
                // A file system without locks.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(io_at(&path)(error)),
                Ok(()) => {}
            }
            let number = next_number();
            let token = format!("{}-{number}", std::process::id());
            if is_at(&path, &file, &token).map_err(io_at(&path))? {
                let lock = Self {
                    place,
                    number,
                    _file: file,
                };
                lock.note(path);
                return Ok(lock);
            }
        }
    }

    /// Notes that something unfinished stands, or will stand, at a path.
    pub(super) fn note(&self, path: PathBuf) {
        let mut unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.push((self.number, path));
    }

    /// A path beside the place at which nothing stands, noted.
    pub(super) fn beside(&self) -> PathBuf {
        let numbers = (0..).map(|number| format!("{}-{number}", std::process::id()));
        let mut paths = numbers.map(|end| self.place.hidden(&end));
        let path = paths
            .find(|path| fs::symlink_metadata(path).is_err())
            .unwrap_or_default();
        self.note(path.clone());
        path
    }

    /// Removes what stopped runs left beside the place; where one was stopped between taking the former round away and
    /// putting the new one there, the former one returns to `wanted`.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub(super) fn mend(&self, wanted: &Path) -> Result<(), FolderError> {
        let parent = &self.place.parent;
        for entry in fs::read_dir(parent).map_err(io_at(parent))?.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Some(former) = self.left_by_a_run(&name) else {
                continue;
            };
            let is_folder = entry.file_type().map_err(io_at(&path))?.is_dir();
            let mended = match is_folder {
                true if former && fs::symlink_metadata(wanted).is_err() => {
                    fs::rename(&path, wanted)
                }
                true => fs::remove_dir_all(&path),
                false => fs::remove_file(&path),
            };
            mended.map_err(io_at(&path))?;
        }
        Ok(())
    }

    /// Whether something with the name is what a run writes beside the place (`.NAME.12-0`), and if so whether it is a former round
    /// (`.NAME.12-0.former`).
    fn left_by_a_run(&self, name: &OsStr) -> Option<bool> {
        let end = name.to_str()?.strip_prefix(&self.place.hidden)?;
        let (end, former) = match end.strip_suffix(FORMER) {
            Some(end) => (end, true),
            None => (end, false),
        };
        let (process, number) = end.split_once('-')?;
        let is_number = |text: &str| text.parse::<u32>().is_ok();
        (is_number(process) && is_number(number)).then_some(former)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Still locked: who opened it meanwhile finds that it is gone, and tries again.
        let _ = fs::remove_file(self.place.hidden("lock"));
        forget(self.number);
    }
}

/// Whether the file that is locked is the one that stands at its path: the run that had it may have removed it in between. `token` goes
/// into it, and says to others whose it is.
#[cfg(unix)]
fn is_at(path: &Path, mut file: &File, token: &str) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    let is_own = match fs::symlink_metadata(path) {
        Ok(about) => (about.dev(), about.ino()) == (own.dev(), own.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    if is_own {
        // On a full disk others are not told whose it is.
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all(token.as_bytes()));
    }
    Ok(is_own)
}

/// As there: files have no numbers, so that what they hold says which one it is.
#[cfg(not(unix))]
fn is_at(path: &Path, mut file: &File, token: &str) -> io::Result<bool> {
    file.set_len(0)?;
    file.write_all(token.as_bytes())?;
    Ok(match fs::read_to_string(path) {
        Ok(text) => text == token,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        // Some systems do not let a locked file be read: then it is there.
        Err(_) => true,
    })
}
