//! A folder of results that is either there whole or not at all.
//!
//! Files go to a new folder beside, are flushed to disk, and take their name at the end in one step. A former round is kept
//! until then. A folder with anything in it that is not a round's is never touched, nor is a round by a comparison or the
//! other way round.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::lock::{FORMER, Lock, writing};
use super::report::{REPORT, UNFINISHED};
use crate::read::hex_of;
use crate::written::Written;

/// The manifest of a round, of its units or of its coverage.
pub(crate) const ROUND: &str = "round.json";
/// The manifest of a comparison.
pub(crate) const COMPARISON: &str = "compare.json";

/// A folder that results are being written to.
#[derive(Debug)]
pub struct OutFolder {
    wanted: PathBuf,
    beside: PathBuf,
    manifest: &'static str,
    overwrite: bool,
    done: bool,
    _lock: Lock,
}

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something else stands there.
    #[error("`{}` is not a folder", .0.display())]
    NotFolder(PathBuf),
    /// A former round stands there, and it was not said that it may be replaced.
    #[error("`{}` already holds a round", .0.display())]
    Occupied(PathBuf),
    /// Reports of the round stand there, and it was not said that they may be replaced.
    #[error("`{}` already holds reports", .0.display())]
    HasReport(PathBuf),
    /// Other things stand there.
    #[error("`{}` holds something that is no round: `{found}`", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// The first thing that is no round's.
        found: String,
    },
    /// Results of another kind stand there: this manifest tells.
    #[error("`{}` holds results of another kind: `{manifest}`", folder.display())]
    OtherKind {
        /// The folder.
        folder: PathBuf,
        /// `round.json` or `compare.json`.
        manifest: &'static str,
    },
    /// What is to be read stands where the results would replace it.
    #[error("`{}` is read, and would be replaced with the results in `{}`", file.display(), folder.display())]
    Read {
        /// The folder.
        folder: PathBuf,
        /// The file in it.
        file: PathBuf,
    },
    /// A file that is read would be replaced with the result.
    #[error("`{}` is read, and would be replaced with the result", .0.display())]
    ReadFile(PathBuf),
    /// Something that is no file stands where one is to be.
    #[error("`{}` is not a file", .0.display())]
    NotFile(PathBuf),
    /// A file stands there, and it was not said that it may be replaced.
    #[error("`{}` is there already", .0.display())]
    FileThere(PathBuf),
    /// Some former reports were replaced by new ones when the file system refused.
    #[error("the reports in `{}` are not complete", folder.display())]
    HalfReported {
        /// The folder of the round, which itself is whole.
        folder: PathBuf,
        /// What was refused.
        source: Box<FolderError>,
    },
    /// Another run writes there.
    #[error("another run{} is writing `{}`", process.map(|id| format!(" (process {id})")).unwrap_or_default(), place.display())]
    Busy {
        /// The folder or file.
        place: PathBuf,
        /// Of the other run; `None` where the system does not say.
        process: Option<u32>,
    },
    /// What says which files are whose cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file system refused.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl OutFolder {
    /// Makes sure that `wanted` may be written, before any long work: it is new or empty or, where `overwrite`, holds a
    /// former round and nothing else; and the folder it stands in can be written to.
    ///
    /// # Errors
    /// Where it may not.
    pub fn prepare(wanted: &Path, overwrite: bool) -> Result<Self, FolderError> {
        Self::prepare_for(ROUND, wanted, overwrite)
    }

    /// As [`OutFolder::prepare`], for a comparison: where `overwrite`, in the place of a former comparison.
    ///
    /// # Errors
    /// Where it may not.
    pub fn prepare_comparison(wanted: &Path, overwrite: bool) -> Result<Self, FolderError> {
        Self::prepare_for(COMPARISON, wanted, overwrite)
    }

    /// As [`OutFolder::prepare`], for files of which no manifest tells: nothing may stand there yet.
    ///
    /// # Errors
    /// Where it may not.
    pub fn prepare_new(wanted: &Path) -> Result<Self, FolderError> {
        Self::prepare_for("", wanted, false)
    }

    fn prepare_for(
        manifest: &'static str,
        wanted: &Path,
        overwrite: bool,
    ) -> Result<Self, FolderError> {
        let lock = Lock::take(wanted)?;
        lock.mend(wanted)?;
        free(wanted, manifest, overwrite)?;
        let beside = lock.beside();
        let _writing = writing();
        // From now on it is this run's: nobody can put a link in its place.
        fs::create_dir(&beside).map_err(io_at(wanted))?;
        Ok(Self {
            wanted: wanted.to_owned(),
            beside,
            manifest,
            overwrite,
            done: false,
            _lock: lock,
        })
    }

    /// Makes sure that none of the files that are to be read would go with what stands in the folder. Files that are not there
    /// are passed over.
    ///
    /// # Errors
    /// With the first that would.
    pub fn spare(&self, files: &[PathBuf]) -> Result<(), FolderError> {
        let Ok(folder) = self.wanted.canonicalize() else {
            return Ok(());
        };
        let inside = |file: &&PathBuf| {
            file.canonicalize()
                .is_ok_and(|file| file.starts_with(&folder))
        };
        match files.iter().find(inside) {
            Some(file) => Err(FolderError::Read {
                folder: self.wanted.clone(),
                file: file.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Where the files stand until [`OutFolder::finish`].
    #[must_use]
    pub fn unfinished(&self) -> &Path {
        &self.beside
    }

    /// Where they will stand.
    #[must_use]
    pub fn wanted(&self) -> &Path {
        &self.wanted
    }

    /// Writes one file, by its path inside the folder.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn put(&self, name: &str, text: &str) -> Result<(), FolderError> {
        let _writing = writing();
        let path = self.beside.join(name);
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = fs::File::create_new(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(io_at(&self.wanted.join(name)))
    }

    /// Copies one file, and tells its SHA-256.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn copy(&self, name: &str, from: &mut dyn Read) -> Result<String, FolderError> {
        let _writing = writing();
        let path = self.beside.join(name);
        let mut copy = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = fs::File::create_new(&path)?;
            let hash = copied(from, &mut file)?;
            file.sync_all()?;
            Ok(hash)
        };
        copy().map_err(io_at(&self.wanted.join(name)))
    }

    /// Gives the folder its name, in one step where the system can exchange two folders; a former round disappears now. What has come to
    /// stand there meanwhile is not touched.
    ///
    /// # Errors
    /// Where the file system refuses, or the folder may not be replaced any more; what stood there stands where it was.
    pub fn finish(mut self) -> Result<(), FolderError> {
        let _writing = writing();
        free(&self.wanted, self.manifest, self.overwrite)?;
        sync_folders(&self.beside).map_err(io_at(&self.wanted))?;
        let former = if self.wanted.exists() {
            Some(self.replace().map_err(io_at(&self.wanted))?)
        } else {
            fs::rename(&self.beside, &self.wanted).map_err(io_at(&self.wanted))?;
            None
        };
        self.done = true;
        // The new round stands. That its name is not on disk yet, or a file of the former one still open elsewhere, is no failure.
        let _ = self.beside.parent().map(sync_folder);
        let _ = former.map(fs::remove_dir_all);
        Ok(())
    }

    /// Puts the new folder in the place of the former one, and tells where that stands now.
    fn replace(&self) -> io::Result<PathBuf> {
        if exchange(&self.beside, &self.wanted).is_ok() {
            return Ok(self.beside.clone());
        }
        let former = PathBuf::from(format!("{}{FORMER}", self.beside.display()));
        fs::rename(&self.wanted, &former)?;
        if let Err(error) = fs::rename(&self.beside, &self.wanted) {
            fs::rename(&former, &self.wanted)?;
            return Err(error);
        }
        Ok(former)
    }
}

/// Two folders change places in one step.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Other systems cannot.
#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Flushes to disk which files a folder and those in it have.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// Flushes to disk which files a folder has; what they hold was flushed when it was written.
fn sync_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened as a file.
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Copies all there is and hashes it on the way.
pub(crate) fn copied(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut room = vec![0; 1 << 20];
    loop {
        match from.read(&mut room) {
            Ok(0) => return Ok(hex_of(&hash.finalize())),
            Ok(count) => {
                hash.update(&room[..count]);
                to.write_all(&room[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A single file of results that is either there whole or not at all.
#[derive(Debug)]
pub struct OutFile {
    wanted: PathBuf,
    beside: PathBuf,
    file: io::BufWriter<fs::File>,
    done: bool,
    _lock: Lock,
}

impl OutFile {
    /// Makes sure, before any long work, that `wanted` may be written: nothing stands there or, where `overwrite`, a file; and
    /// begins a file beside it.
    ///
    /// # Errors
    /// Where it may not.
    pub fn prepare(wanted: &Path, overwrite: bool) -> Result<Self, FolderError> {
        match fs::symlink_metadata(wanted) {
            Ok(about) if !about.is_file() => return Err(FolderError::NotFile(wanted.to_owned())),
            Ok(_) if !overwrite => return Err(FolderError::FileThere(wanted.to_owned())),
            _ => {}
        }
        if wanted.file_name().is_none() {
            return Err(FolderError::NotFile(wanted.to_owned()));
        }
        let lock = Lock::take(wanted)?;
        lock.mend(wanted)?;
        let beside = lock.beside();
        let _writing = writing();
        let file = fs::File::create_new(&beside).map_err(io_at(wanted))?;
        Ok(Self {
            wanted: wanted.to_owned(),
            beside,
            file: io::BufWriter::new(file),
            done: false,
            _lock: lock,
        })
    }

    /// Makes sure that it is none of the files that are to be read.
    ///
    /// # Errors
    /// Where it is one.
    pub fn spare(&self, files: &[PathBuf]) -> Result<(), FolderError> {
        let Ok(own) = self.wanted.canonicalize() else {
            return Ok(());
        };
        match files
            .iter()
            .any(|file| file.canonicalize().is_ok_and(|file| file == own))
        {
            true => Err(FolderError::ReadFile(self.wanted.clone())),
            false => Ok(()),
        }
    }

    /// Where it will stand.
    #[must_use]
    pub fn wanted(&self) -> &Path {
        &self.wanted
    }

    /// Where to write.
    pub fn writer(&mut self) -> &mut dyn Write {
        &mut self.file
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the file system refuses; what stood there stands where it was.
    pub fn finish(mut self) -> Result<(), FolderError> {
        let _writing = writing();
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(io_at(&self.wanted))?;
        fs::rename(&self.beside, &self.wanted).map_err(io_at(&self.wanted))?;
        self.done = true;
        // As with a folder.
        let _ = self.beside.parent().map(sync_folder);
        Ok(())
    }
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if !self.done {
            // As with a folder.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Whether the folder may be written: it is not there, is empty or, where `overwrite`, holds what has this manifest and nothing
/// else. Links are not followed.
fn free(wanted: &Path, manifest: &'static str, overwrite: bool) -> Result<(), FolderError> {
    let Ok(about) = fs::symlink_metadata(wanted) else {
        return Ok(());
    };
    if !about.is_dir() {
        return Err(FolderError::NotFolder(wanted.to_owned()));
    }
    let found = entries(wanted).map_err(io_at(wanted))?;
    let listed = |manifest: &str| {
        Written::files(wanted, manifest).map_err(|source| FolderError::Unreadable {
            path: wanted.join(manifest),
            source,
        })
    };
    let known = listed(manifest)?;
    let other = [ROUND, COMPARISON]
        .into_iter()
        .find(|&each| each != manifest && found.contains(each));
    if let Some(manifest) = other.filter(|_| known.is_empty()) {
        return Err(FolderError::OtherKind {
            folder: wanted.to_owned(),
            manifest,
        });
    }
    let reports = listed(REPORT)?;
    // What a run on kept inputs kept of their roads is a round's, too, and so are its reports.
    let made = |entry: &String| {
        reports.contains(entry)
            || entry.starts_with("inputs/.fuwutu/")
            || entry.starts_with(UNFINISHED)
    };
    let own = |entry: &String| known.contains(entry) || (!known.is_empty() && made(entry));
    match found.iter().find(|entry| !own(entry)) {
        Some(foreign) => Err(FolderError::Foreign {
            folder: wanted.to_owned(),
            found: foreign.clone(),
        }),
        None if !found.is_empty() && !overwrite => Err(FolderError::Occupied(wanted.to_owned())),
        None => Ok(()),
    }
}

pub(super) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { path, source }
}

impl Drop for OutFolder {
    fn drop(&mut self) {
        if !self.done {
            // What could not be finished leaves nothing behind; if even this fails there is nobody left to tell.
            let _ = fs::remove_dir_all(&self.beside);
        }
    }
}

/// All files below a folder, by their path inside it with `/`; folders without files, and links, count as themselves.
pub(super) fn entries(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if entry.file_type()?.is_dir() {
            entries(&entry.path())?
        } else {
            BTreeSet::new()
        };
        if below.is_empty() {
            all.insert(name);
        } else {
            all.extend(below.into_iter().map(|inner| format!("{name}/{inner}")));
        }
    }
    Ok(all)
}
