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
use crate::vector::sides;

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
        findings => Err(Failure { findings }),
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
        let mut files = vec![path.clone()];
        files.extend(sides::beside(path, source));
        let names = free_names(&files, &mut taken);
        for (file, name) in files.iter().zip(&names) {
            let unreadable = |error| FolderError::Io {
                path: file.clone(),
                source: error,
            };
            watch(Progress::Working)?;
            let mut reader = source.open(file).map_err(unreadable)?;
            entries.push(copy(folder, result, file, name, &mut reader)?);
        }
        *path = PathBuf::from(&names[0]);
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

/// The own names of a file and of those that belong to it; with a number before them, where another file has one of them.
fn free_names(paths: &[PathBuf], taken: &mut BTreeSet<String>) -> Vec<String> {
    let own = |path: &PathBuf| {
        path.file_name().map_or_else(
            || "file".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    };
    let own: Vec<String> = paths.iter().map(own).collect();
    let mut names = own.clone();
    let mut number = 1;
    // Some file systems do not tell upper from lower case.
    while names
        .iter()
        .any(|name| taken.contains(&name.to_lowercase()))
    {
        number += 1;
        names = own.iter().map(|own| format!("{number}-{own}")).collect();
    }
    taken.extend(names.iter().map(|name| name.to_lowercase()));
    names
}
