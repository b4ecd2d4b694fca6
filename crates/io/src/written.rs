//! A written round or comparison, read back.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::csv_text::unguarded;
use crate::finding::escaped;
use crate::manifest::{ComparisonManifest, FileEntry, Manifest};
use crate::plain::{self, NotPlain};
use crate::read::{InputFile, hex};
use crate::tables::{Reader, Table, Width};
use crate::write::folder::{COMPARISON, ROUND, copied};

/// Where a round keeps its inputs.
const INPUTS: &str = "inputs/";

/// A folder with a round in it or, as `Written<ComparisonManifest>`, with a comparison.
#[derive(Debug, Clone)]
pub struct Written<M = Manifest> {
    folder: PathBuf,
    manifest: M,
}

/// A manifest that is read back.
pub trait Contents: DeserializeOwned {
    /// Its file.
    const NAME: &'static str;

    /// The other files of its folder.
    fn files(&self) -> &[FileEntry];
}

impl Contents for Manifest {
    const NAME: &'static str = ROUND;

    fn files(&self) -> &[FileEntry] {
        &self.files
    }
}

impl Contents for ComparisonManifest {
    const NAME: &'static str = COMPARISON;

    fn files(&self) -> &[FileEntry] {
        &self.files
    }
}

/// What can be read of any manifest, of whatever version.
#[derive(Deserialize)]
struct AnyManifest {
    #[serde(default)]
    version: String,
}

/// The name of the round in a manifest of whatever version.
#[derive(Deserialize)]
struct RoundName {
    round: String,
}

/// The files in a manifest of whatever version.
#[derive(Deserialize)]
struct FileList {
    files: Vec<FilePath>,
}

#[derive(Deserialize)]
struct FilePath {
    path: String,
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
    /// Where `round.json` is missing, was written by a newer version of the tool, or is no manifest of a round: a key that it does not
    /// have is named.
    pub fn open(folder: &Path) -> Result<Self, WrittenError> {
        Self::opened(folder)
    }

    /// The name of the round in `folder`, whatever version of the tool wrote it; `None` where there is none.
    #[must_use]
    pub fn round_name(folder: &Path) -> Option<String> {
        let text = read(&folder.join(ROUND)).ok()?;
        let name: RoundName = serde_json::from_str(&text).ok()?;
        Some(name.round)
    }

    /// The files that belong to what has this manifest in `folder`, itself among them, whatever version of the tool wrote it; none
    /// where there is no such manifest, or something else by its name.
    ///
    /// # Errors
    /// Where the system refuses to say.
    pub(crate) fn files(folder: &Path, manifest: &str) -> io::Result<BTreeSet<String>> {
        let text = match plain::read_to_string(&folder.join(manifest)) {
            Ok(text) => text,
            Err(error) if is_something_else(&error) => return Ok(BTreeSet::new()),
            Err(error) => return Err(error),
        };
        let Ok(list) = serde_json::from_str::<FileList>(&text) else {
            return Ok(BTreeSet::new());
        };
        let files = list.files.into_iter().map(|file| file.path);
        Ok(files.chain([manifest.to_owned()]).collect())
    }
}

impl Written<ComparisonManifest> {
    /// Opens a folder that holds a comparison.
    ///
    /// # Errors
    /// As [`Written::open`], of `compare.json`.
    pub fn open_comparison(folder: &Path) -> Result<Self, WrittenError> {
        Self::opened(folder)
    }
}

impl<M: Contents> Written<M> {
    fn opened(folder: &Path) -> Result<Self, WrittenError> {
        let path = folder.join(M::NAME);
        let text = read(&path)?;
        let manifest = parsed(&text, path)?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes sure that every file of it is what was written.
    ///
    /// # Errors
    /// With the first file that is missing or was changed.
    pub fn whole(&self) -> Result<(), WrittenError> {
        self.unchanged("")
    }

    /// Whether it has a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// Its manifest.
    #[must_use]
    pub fn manifest(&self) -> &M {
        &self.manifest
    }

    fn entry(&self, name: &str) -> Option<&FileEntry> {
        self.manifest.files().iter().find(|file| file.path == name)
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

    /// Compares hashes; a file with a `known_hash` is not opened.
    fn unchanged_but(
        &self,
        prefix: &str,
        known_hash: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(), WrittenError> {
        for entry in self
            .manifest
            .files()
            .iter()
            .filter(|file| file.path.starts_with(prefix))
        {
            let path = self.folder.join(&entry.path);
            let hash = known_hash(&entry.path).map_or_else(
                || plain::open(&path).and_then(|mut file| copied(&mut file, &mut std::io::sink())),
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
        let entry = self.entry(name).ok_or_else(|| WrittenError::Absent {
            folder: self.folder.clone(),
            name: name.to_owned(),
        })?;
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
        let mut rows = Vec::new();
        self.lines(name, |row| {
            rows.push(row.iter().map(str::to_owned).collect());
            Ok(())
        })?;
        Ok(rows)
    }

    /// The header of one of its tables.
    ///
    /// # Errors
    /// As [`Written::text`].
    pub fn header(&self, name: &str) -> Result<Vec<String>, WrittenError> {
        let text = self.text(name)?;
        let mut rows = lines(&text);
        let header = rows.records().next().and_then(Result::ok);
        Ok(header.iter().flatten().map(str::to_owned).collect())
    }

    /// The rows of one of its tables, as [`Written::text`].
    ///
    /// # Errors
    /// As [`Written::table`], and where a row is not one of this table.
    pub fn rows<R: Table>(&self, width: &Width) -> Result<Vec<R>, WrittenError> {
        let mut rows = Vec::new();
        self.each(width, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Gives each row of one of its tables to `see`.
    ///
    /// # Errors
    /// As [`Written::rows`], and where `see` says that it cannot understand a row.
    pub fn each<R: Table>(
        &self,
        width: &Width,
        mut see: impl FnMut(R) -> Result<(), String>,
    ) -> Result<(), WrittenError> {
        let mut reader: Option<Reader<R>> = None;
        self.lines(R::FILE, |line| {
            match &reader {
                None => reader = Some(Reader::new(line, width)?),
                Some(reader) => see(reader.row(line)?)?,
            }
            Ok(())
        })
    }

    /// Gives each row of one of its tables to `see`, header first, with cells as they were before they were made safe for Excel.
    ///
    /// # Errors
    /// As [`Written::table`], and where `see` says that it cannot understand a row.
    fn lines(
        &self,
        name: &str,
        mut see: impl FnMut(&StringRecord) -> Result<(), String>,
    ) -> Result<(), WrittenError> {
        let text = self.text(name)?;
        let path = || self.folder.join(name);
        let mut rows = lines(&text);
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

/// Whether an error says that there is no text to be read at a path, rather than that it cannot be read now.
fn is_something_else(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, IsADirectory, NotADirectory, NotFound};
    let is_not_plain = error.get_ref().is_some_and(|inner| inner.is::<NotPlain>());
    is_not_plain || [InvalidData, IsADirectory, NotADirectory, NotFound].contains(&error.kind())
}

/// The lines of a table, header first.
fn lines(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes())
}

/// A manifest from its text. One of a newer version is refused as that, whatever else it has that this one does not know.
fn parsed<M: Contents>(text: &str, path: PathBuf) -> Result<M, WrittenError> {
    let broken = |error: serde_json::Error| WrittenError::Manifest {
        path: path.clone(),
        message: escaped(&error.to_string()),
    };
    let AnyManifest { version } = serde_json::from_str(text).map_err(broken)?;
    if number(&version) > number(env!("CARGO_PKG_VERSION")) {
        let version = escaped(&version);
        return Err(WrittenError::Newer { path, version });
    }
    serde_json::from_str(text).map_err(broken)
}

/// A version by its parts, for comparison.
fn number(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

fn read(path: &Path) -> Result<String, WrittenError> {
    plain::read_to_string(path).map_err(|source| WrittenError::Unreadable {
        path: path.to_owned(),
        source,
    })
}
