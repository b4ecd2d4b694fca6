//! A written round or comparison, read back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::read::{InputFile, hex};
use crate::write::csv_text::unguarded;
use crate::write::folder::{COMPARISON, ROUND, copied};

/// Where a round keeps its inputs.
const INPUTS: &str = "inputs/";

/// A folder with a round or a comparison in it.
#[derive(Debug, Clone)]
pub struct Written {
    folder: PathBuf,
    /// The manifest's file.
    name: &'static str,
    manifest: Manifest,
}

/// What is read back of `round.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Manifest {
    /// The round's name.
    pub round: String,
    /// Of the tool that wrote it.
    #[serde(default)]
    pub version: String,
    /// The base year first.
    pub years: Vec<i32>,
    files: Vec<FileEntry>,
}

/// What is read back of `compare.json`.
#[derive(Deserialize)]
struct ComparisonManifest {
    #[serde(default)]
    version: String,
    new: Side,
    files: Vec<FileEntry>,
}

/// A round of two.
#[derive(Deserialize)]
struct Side {
    round: String,
    years: Vec<i32>,
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
    /// A newer version of the tool wrote it.
    #[error("`{}` was written by version {version}, which is newer than this one ({})", path.display(), env!("CARGO_PKG_VERSION"))]
    Newer {
        /// `round.json`.
        path: PathBuf,
        /// The version.
        version: String,
    },
    /// A table is not what the tool writes.
    #[error("`{}` cannot be understood: {message}", path.display())]
    Broken {
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
        let manifest = serde_json::from_str(&text).map_err(|error| WrittenError::Manifest {
            path,
            message: error.to_string(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            name: ROUND,
            manifest,
        })
    }

    /// Opens a folder that holds a comparison; its name and years are those of its new round.
    ///
    /// # Errors
    /// Where `compare.json` is missing or is not one.
    pub fn open_comparison(folder: &Path) -> Result<Self, WrittenError> {
        let path = folder.join(COMPARISON);
        let text = read(&path)?;
        let about: ComparisonManifest =
            serde_json::from_str(&text).map_err(|error| WrittenError::Manifest {
                path,
                message: error.to_string(),
            })?;
        let ComparisonManifest {
            version,
            new,
            files,
        } = about;
        let manifest = Manifest {
            round: new.round,
            version,
            years: new.years,
            files,
        };
        Ok(Self {
            folder: folder.to_owned(),
            name: COMPARISON,
            manifest,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes sure that every file of it is what was written, by a version of the tool that is not newer than this one.
    ///
    /// # Errors
    /// With the first file that is missing, was changed, or is newer.
    pub fn whole(&self) -> Result<(), WrittenError> {
        let number = |version: &str| {
            version
                .split('.')
                .map(|part| part.parse().unwrap_or(0))
                .collect::<Vec<u32>>()
        };
        if number(&self.manifest.version) > number(env!("CARGO_PKG_VERSION")) {
            let (path, version) = (self.folder.join(self.name), self.manifest.version.clone());
            return Err(WrittenError::Newer { path, version });
        }
        self.unchanged("")
    }

    /// All of its manifest.
    ///
    /// # Errors
    /// Where it cannot be read any more, or is none.
    pub fn all(&self) -> Result<serde_json::Value, WrittenError> {
        let path = self.folder.join(self.name);
        serde_json::from_str(&read(&path)?).map_err(|error| WrittenError::Manifest {
            path,
            message: error.to_string(),
        })
    }

    /// Whether it has a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.manifest.files.iter().any(|file| file.path == name)
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
        self.unchanged(INPUTS)
    }

    /// As [`Written::inputs_unchanged`], where some of them were read meanwhile: their hashes are compared, and only the others
    /// are opened.
    ///
    /// # Errors
    /// With the first that is missing or is not what was kept.
    pub fn inputs_as_read(&self, read: &[InputFile]) -> Result<(), WrittenError> {
        self.unchanged_but(INPUTS, &|path| {
            let name = path.strip_prefix(INPUTS)?;
            let file = read.iter().find(|file| file.path == name)?;
            Some(file.sha256.clone())
        })
    }

    fn unchanged(&self, prefix: &str) -> Result<(), WrittenError> {
        self.unchanged_but(prefix, &|_| None)
    }

    /// Compares hashes, those that are `known` without opening the file.
    fn unchanged_but(
        &self,
        prefix: &str,
        known: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), WrittenError> {
        for entry in self
            .manifest
            .files
            .iter()
            .filter(|file| file.path.starts_with(prefix))
        {
            let path = self.folder.join(&entry.path);
            let hash = known(&entry.path).map_or_else(
                || {
                    std::fs::File::open(&path)
                        .and_then(|mut file| copied(&mut file, &mut std::io::sink()))
                },
                Ok,
            );
            let hash = hash.map_err(|source| WrittenError::Unreadable {
                path: path.clone(),
                source,
            })?;
            if hash != entry.sha256 {
                return Err(WrittenError::Changed(path));
            }
        }
        Ok(())
    }

    /// The text of one of its files, checked against the manifest's hash.
    ///
    /// # Errors
    /// Where the file is missing or was changed.
    pub fn text(&self, name: &str) -> Result<String, WrittenError> {
        let absent = || WrittenError::Absent {
            folder: self.folder.clone(),
            name: name.to_owned(),
        };
        let entry = self
            .manifest
            .files
            .iter()
            .find(|file| file.path == name)
            .ok_or_else(absent)?;
        let path = self.folder.join(name);
        let text = read(&path)?;
        if hex(text.as_bytes()) == entry.sha256 {
            Ok(text)
        } else {
            Err(WrittenError::Changed(path))
        }
    }

    /// The rows of one of its tables, header first, as [`Written::text`].
    ///
    /// # Errors
    /// Where the file is missing or was changed.
    pub fn table(&self, name: &str) -> Result<Vec<Vec<String>>, WrittenError> {
        let mut all = Vec::new();
        self.rows(name, |row| {
            all.push(row.iter().map(str::to_owned).collect());
            Ok(())
        })?;
        Ok(all)
    }

    /// The rows of one of its tables by the names of their columns, as [`Written::text`].
    ///
    /// # Errors
    /// As [`Written::table`], and where a row is not what `T` needs.
    pub fn records<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, WrittenError> {
        let (mut header, mut all) = (None, Vec::new());
        self.rows(name, |row| {
            match &header {
                None => header = Some(row.clone()),
                Some(header) => all.push(
                    row.deserialize(Some(header))
                        .map_err(|error| error.to_string())?,
                ),
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Gives each row of one of its tables to `see`, header first, with cells as they were before they were made safe for Excel.
    ///
    /// # Errors
    /// As [`Written::table`], and where `see` says that it cannot understand a row.
    pub fn rows(
        &self,
        name: &str,
        mut see: impl FnMut(&StringRecord) -> Result<(), String>,
    ) -> Result<(), WrittenError> {
        let text = self.text(name)?;
        let text = text.trim_start_matches('\u{feff}');
        let path = || self.folder.join(name);
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut row = StringRecord::new();
        while rows
            .read_record(&mut row)
            .map_err(|_| WrittenError::Changed(path()))?
        {
            let guarded = row.iter().any(|cell| cell.starts_with('\''));
            let seen = if guarded {
                see(&row.iter().map(unguarded).collect())
            } else {
                see(&row)
            };
            seen.map_err(|message| WrittenError::Broken {
                path: path(),
                message,
            })?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, WrittenError> {
    std::fs::read_to_string(path).map_err(|source| WrittenError::Unreadable {
        path: path.to_owned(),
        source,
    })
}
