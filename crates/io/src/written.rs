//! A written round, read back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::read::hex;
use crate::write::csv_text::unguarded;
use crate::write::folder::{ROUND, copied};

/// A folder with a round in it.
#[derive(Debug, Clone)]
pub struct Written {
    folder: PathBuf,
    manifest: Manifest,
}

/// What is read back of `round.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// The round's name.
    pub round: String,
    /// The base year first.
    pub years: Vec<i32>,
    files: Vec<FileEntry>,
}

/// What is read back of any manifest.
#[derive(Deserialize)]
struct FileList {
    files: Vec<FileEntry>,
}

#[derive(Debug, Clone, Deserialize)]
struct FileEntry {
    path: String,
    sha256: String,
}

/// Why a folder is no round.
#[derive(Debug, thiserror::Error)]
pub enum WrittenError {
    /// A file of it cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `round.json` is not one.
    #[error("`{}` is no manifest of a round: {message}", path.display())]
    Manifest {
        /// Which.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A file was changed after the round was written.
    #[error("`{}` is not what the round wrote", .0.display())]
    Changed(PathBuf),
    /// The round has no such file.
    #[error("the round in `{}` has no `{name}`", folder.display())]
    Absent {
        /// The folder.
        folder: PathBuf,
        /// The file.
        name: String,
    },
}

impl Written {
    /// Opens a folder that holds a round.
    ///
    /// # Errors
    /// Where `round.json` is missing or is not one.
    pub fn open(folder: &Path) -> Result<Self, WrittenError> {
        let path = folder.join(ROUND);
        let text = read(&path)?;
        let manifest =
            serde_json::from_str(&text).map_err(|error| WrittenError::Manifest { path, message: error.to_string() })?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// What the manifest says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The files that belong to what has this manifest in `folder`, itself among them; `None` where there is none.
    pub(crate) fn files(folder: &Path, manifest: &str) -> Option<BTreeSet<String>> {
        let list: FileList = serde_json::from_str(&read(&folder.join(manifest)).ok()?).ok()?;
        let files = list.files.into_iter().map(|file| file.path);
        Some(files.chain([manifest.to_owned()]).collect())
    }

    /// Makes sure that the inputs it kept are what was kept.
    ///
    /// # Errors
    /// With the first that is missing or was changed.
    pub fn inputs_unchanged(&self) -> Result<(), WrittenError> {
        for entry in self.manifest.files.iter().filter(|file| file.path.starts_with("inputs/")) {
            let path = self.folder.join(&entry.path);
            let hash = std::fs::File::open(&path).and_then(|mut file| copied(&mut file, &mut std::io::sink()));
            let hash = hash.map_err(|source| WrittenError::Unreadable { path: path.clone(), source })?;
            if hash != entry.sha256 {
                return Err(WrittenError::Changed(path));
            }
        }
        Ok(())
    }

    /// The rows of one of its tables, header first, checked against the manifest's hash.
    ///
    /// # Errors
    /// Where the file is missing or was changed.
    pub fn table(&self, name: &str) -> Result<Vec<Vec<String>>, WrittenError> {
        let absent = || WrittenError::Absent { folder: self.folder.clone(), name: name.to_owned() };
        let entry = self.manifest.files.iter().find(|file| file.path == name).ok_or_else(absent)?;
        let path = self.folder.join(name);
        let text = read(&path)?;
        if hex(text.as_bytes()) != entry.sha256 {
            return Err(WrittenError::Changed(path));
        }
        let text = text.trim_start_matches('\u{feff}');
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let cells = |row: csv::StringRecord| row.iter().map(|cell| unguarded(cell).to_owned()).collect();
        rows.records().map(|row| row.map(cells)).collect::<Result<_, _>>().map_err(|_| WrittenError::Changed(path))
    }
}

fn read(path: &Path) -> Result<String, WrittenError> {
    std::fs::read_to_string(path).map_err(|source| WrittenError::Unreadable { path: path.to_owned(), source })
}
