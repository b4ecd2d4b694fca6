//! Reports beside a written round: files of the round's own folder that can be made again from it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::folder::{FolderError, OutFolder, ROUND, copied, entries, io_at};
use super::lock::{Lock, writing};
use crate::manifest::{self, FileEntry, ReportManifest, TOOL};
use crate::plain;
use crate::read::hex;
use crate::written::Written;

/// The manifest of the reports.
pub(crate) const REPORT: &str = "report.json";
/// How the folder begins in which reports are made.
pub(crate) const UNFINISHED: &str = ".report-";

/// Reports that are being made. They take their names at the end; their manifest, with hashes, last.
#[derive(Debug)]
pub struct ReportFolder {
    round: PathBuf,
    /// Where the round will stand when it has its name.
    wanted: PathBuf,
    beside: PathBuf,
    /// Of the round; `None` where it is in a folder that is locked itself.
    _lock: Option<Lock>,
}

impl ReportFolder {
    /// Makes sure, before any long work, that reports may be written beside a round: there are none, or incomplete ones, or,
    /// where `overwrite`, some; and the folder can be written to.
    ///
    /// # Errors
    /// Where they may not.
    pub fn prepare(round: &Path, overwrite: bool) -> Result<Self, FolderError> {
        let lock = Lock::take(round)?;
        if round.join(REPORT).exists() && !overwrite && !incomplete(round) {
            return Err(FolderError::HasReport(round.to_owned()));
        }
        // What a run left that was stopped goes.
        for entry in fs::read_dir(round).map_err(io_at(round))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_dir_all(entry.path()).map_err(io_at(&entry.path()))?;
            }
        }
        Self::begin(round, round, Some(lock))
    }

    /// Beside a round that is not finished yet.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn within(folder: &OutFolder) -> Result<Self, FolderError> {
        Self::begin(folder.unfinished(), folder.wanted(), None)
    }

    fn begin(round: &Path, wanted: &Path, lock: Option<Lock>) -> Result<Self, FolderError> {
        let _writing = writing();
        let beside = round.join(format!("{UNFINISHED}{}", std::process::id()));
        if let Some(lock) = &lock {
            lock.note(beside.clone());
        }
        fs::create_dir(&beside).map_err(io_at(wanted))?;
        Ok(Self {
            round: round.to_owned(),
            wanted: wanted.to_owned(),
            beside,
            _lock: lock,
        })
    }

    /// Where a file will stand when all is done: what messages name.
    #[must_use]
    pub fn named(&self, name: &str) -> PathBuf {
        self.wanted.join(name)
    }

    /// Where a file is to be written by those who need a path. Its folder is there.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn path(&self, name: &str) -> Result<PathBuf, FolderError> {
        let path = self.beside.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(io_at(&self.named(name)))?;
        }
        Ok(path)
    }

    /// Writes one file, by its path inside the round's folder.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let _writing = writing();
        let path = self.path(name)?;
        let write = || {
            let mut file = fs::File::create_new(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(io_at(&self.named(name)))
    }

    /// Gives the files their names; those of former reports go. Nothing else in the folder is touched.
    ///
    /// # Errors
    /// Where something that is no report stands at a name (nothing is changed then), or the file system refuses. Where there were no
    /// reports before there are none then; otherwise [`FolderError::HalfReported`], and `report.json` says that they are not complete:
    /// they can be made again.
    pub fn finish(self) -> Result<(), FolderError> {
        let new = entries(&self.beside).map_err(io_at(&self.beside))?;
        let former = self.former()?;
        if let Some(name) = new
            .iter()
            .find(|name| !former.contains(*name) && self.taken(name))
        {
            return Err(FolderError::Foreign {
                folder: self.round.clone(),
                found: name.clone(),
            });
        }
        if let Some(folder) = new
            .iter()
            .chain(&former)
            .find_map(|name| self.elsewhere(name))
        {
            return Err(FolderError::Foreign {
                folder: self.round.clone(),
                found: folder.to_owned(),
            });
        }
        let hash = |name: &String| {
            let hashed = fs::File::open(self.beside.join(name))
                .and_then(|mut file| copied(&mut file, &mut io::sink()));
            hashed
                .map(|sha256| FileEntry {
                    path: name.clone(),
                    sha256,
                })
                .map_err(io_at(&self.named(name)))
        };
        let hashes: Vec<FileEntry> = new.par_iter().map(hash).collect::<Result<_, _>>()?;
        let named = self.name_files(&new, &former, hashes);
        named.map_err(|error| match former.is_empty() {
            true => {
                for name in new.iter().map(String::as_str).chain([REPORT]) {
                    // If even this fails, the manifest says that they are not complete.
                    let _ = self.drop_former(name);
                }
                error
            }
            false => FolderError::HalfReported {
                folder: self.wanted.clone(),
                source: Box::new(error),
            },
        })
    }

    /// Puts new files in the place of former ones, between two manifests: the first says that they are not complete.
    fn name_files(
        &self,
        new: &BTreeSet<String>,
        former: &BTreeSet<String>,
        hashes: Vec<FileEntry>,
    ) -> Result<(), FolderError> {
        let both = former.union(new).filter(|name| *name != REPORT);
        let unfinished = both.map(|name| FileEntry {
            path: name.clone(),
            sha256: String::new(),
        });
        self.put_manifest(false, unfinished.collect())?;
        for name in former
            .difference(new)
            .filter(|name| name.as_str() != REPORT)
        {
            self.drop_former(name)?;
        }
        for name in new {
            let to = self.round.join(name);
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(io_at(&self.named(name)))?;
            }
            fs::rename(self.beside.join(name), &to).map_err(io_at(&self.named(name)))?;
        }
        self.put_manifest(true, hashes)
    }

    /// The files of former reports that are there: of what their manifest names, nothing outside the folder and none of the round's own.
    fn former(&self) -> Result<BTreeSet<String>, FolderError> {
        let listed = |manifest: &str| {
            Written::files(&self.round, manifest).map_err(|source| FolderError::Unreadable {
                path: self.named(manifest),
                source,
            })
        };
        let (named, own) = (listed(REPORT)?, listed(ROUND)?);
        let there = entries(&self.round).map_err(io_at(&self.round))?;
        Ok(there
            .into_iter()
            .filter(|name| named.contains(name) && !own.contains(name))
            .collect())
    }

    /// Whether something stands at a name.
    fn taken(&self, name: &str) -> bool {
        fs::symlink_metadata(self.round.join(name)).is_ok()
    }

    /// The folder of a name, where it is no folder of its own but a link to another place, or a file.
    fn elsewhere<'a>(&self, name: &'a str) -> Option<&'a str> {
        let folder = name.rmatch_indices('/').map(|(end, _)| &name[..end]);
        folder.into_iter().find(|folder| {
            fs::symlink_metadata(self.round.join(folder)).is_ok_and(|about| !about.is_dir())
        })
    }

    fn drop_former(&self, name: &str) -> Result<(), FolderError> {
        let path = self.round.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_at(&self.named(name))(error));
            }
            _ => {}
        }
        for folder in path.ancestors().skip(1) {
            // Only empty ones go.
            if folder == self.round || fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn put_manifest(&self, complete: bool, files: Vec<FileEntry>) -> Result<(), FolderError> {
        let round = fs::read(self.round.join(ROUND)).map_err(io_at(&self.named(ROUND)))?;
        let text = manifest::text(&ReportManifest {
            tool: TOOL.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            round_json: hex(&round),
            complete,
            files,
        });
        self.put(REPORT, text.as_bytes())?;
        let to = self.round.join(REPORT);
        fs::rename(self.beside.join(REPORT), &to).map_err(io_at(&self.named(REPORT)))
    }
}

/// What can be read of the manifest of reports, of whatever version.
#[derive(Deserialize)]
struct Completeness {
    complete: bool,
}

/// Whether the reports of a round say of themselves that they are not complete, as those of a run that was stopped.
fn incomplete(round: &Path) -> bool {
    let text = plain::read_to_string(&round.join(REPORT)).unwrap_or_default();
    serde_json::from_str(&text).is_ok_and(|reports: Completeness| !reports.complete)
}

impl Drop for ReportFolder {
    fn drop(&mut self) {
        // What is left here is nothing that anybody knows of.
        let _ = fs::remove_dir_all(&self.beside);
    }
}
