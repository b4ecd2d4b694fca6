//! A copy of all that a round was evaluated from, with a plan that runs where it lies.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use fuwutu_core::watch::{Progress, Watch};

use super::{FolderError, OutFolder, WriteError};
use crate::finding::Failure;
use crate::manifest::FileEntry;
use crate::outcome::Outcome;
use crate::plan::{self, Plan};
use crate::read::{Files, unreadable};

/// The folder inside the round's.
const FOLDER: &str = "inputs";

/// The catalogue that the round was judged by, in that folder.
const CATALOGUE: &str = "services.toml";

/// Makes sure before the long run that all files of the plan can be kept, those among them that it does not use, too.
///
/// # Errors
/// With those that cannot be read.
pub fn can_keep(plan: &Plan, source: &dyn Files) -> Result<(), Failure> {
    let mut inputs = plan.inputs.clone();
    let paths = inputs.paths();
    let failed = paths
        .iter()
        .filter_map(|path| Some(unreadable(path, &source.open(path).err()?)));
    match failed.collect::<Vec<_>>() {
        findings if findings.is_empty() => Ok(()),
        findings => Err(Failure {
            findings,
            accounts: Vec::new(),
        }),
    }
}

/// Copies the plan (filled in, so that no policy is needed) and its files, and writes the whole catalogue, so that a later one
/// of ours is not taken for it; their entries for the manifest.
pub(super) fn put(
    folder: &OutFolder,
    result: &Outcome,
    source: &dyn Files,
    watch: Watch,
) -> Result<Vec<FileEntry>, WriteError> {
    let mut plan = Plan {
        policy: None,
        ..result.plan.clone()
    };
    plan.services.catalogue = Some(PathBuf::from(CATALOGUE));
    // The rows that are kept are those of the scope.
    plan.services.scope = None;
    let mut taken = BTreeSet::from(["plan.toml".to_owned(), CATALOGUE.to_owned()]);
    let mut entries = Vec::new();
    for path in plan.inputs.paths() {
        let name = free_name(path, &mut taken);
        let unreadable = |error| FolderError::Io {
            path: path.clone(),
            source: error,
        };
        watch(Progress::Working)?;
        let mut reader = source.open(path).map_err(unreadable)?;
        entries.push(copy(folder, result, path, &name, &mut reader)?);
        *path = PathBuf::from(name);
    }
    let text = toml::to_string_pretty(&plan).expect("a plan that was read can be written");
    for (name, text) in [
        (CATALOGUE, plan::catalogue_text(result.catalogue, true)),
        ("plan.toml", text),
    ] {
        let name = format!("{FOLDER}/{name}");
        folder.put(&name, &text)?;
        entries.push(super::manifest::entry(&name, &text));
    }
    Ok(entries)
}

/// One file; it must still be what was read.
fn copy(
    folder: &OutFolder,
    result: &Outcome,
    path: &Path,
    name: &str,
    reader: &mut dyn Read,
) -> Result<FileEntry, WriteError> {
    let name = format!("{FOLDER}/{name}");
    let sha256 = folder.copy(&name, reader)?;
    let told = path.display().to_string().replace('\\', "/");
    match result.files.iter().find(|file| file.path == told) {
        Some(file) if file.sha256 != sha256 => Err(WriteError::Moved(path.to_owned())),
        _ => Ok(FileEntry { path: name, sha256 }),
    }
}

/// The file's own name; with a number before it, where another file has it.
fn free_name(path: &Path, taken: &mut BTreeSet<String>) -> String {
    let own = path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let numbered = (2..).map(|number: u32| format!("{number}-{own}"));
    // Some file systems do not tell upper from lower case.
    let mut names = std::iter::once(own.clone()).chain(numbered);
    let name = names.find(|name| taken.insert(name.to_lowercase()));
    name.unwrap_or(own)
}
