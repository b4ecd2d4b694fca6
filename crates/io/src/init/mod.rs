//! A plan from the files of a folder as they are: what each file seems to be and why, what of the plan follows, and what is still to be
//! answered.
//!
//! ```text
//! folder ─files─▶ paths ─look─▶ Vec<Seen> ─draft─▶ Draft { text of a plan, questions }
//! ```
//! Nothing is guessed in silence: each entry of the plan says in a comment what it rests on, and what could as well be otherwise is a
//! [`Question`](crate::question::Question).

mod draft;

mod place;

mod role;

mod seen;

pub use draft::{Draft, draft};
pub use role::Role;
pub use seen::{Seen, SeenColumn, Spot, look};

use std::io;
use std::path::{Path, PathBuf};

/// So many files are looked at; a folder with more is none of a city's files.
const MOST_FILES: usize = 2_000;

/// So deep folders within folders are looked at.
const DEEPEST: usize = 4;

/// The plain files of a folder and of those within it, as paths relative to it, in their order. Hidden ones, plans, folders of results and
/// what belongs to another file (`.dbf` to `.shp`) are passed over, and nothing is followed out of the folder by a link.
///
/// # Errors
/// Where a folder cannot be read, or holds more than 2,000 files.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    within(folder, Path::new(""), 0, &mut found)?;
    found.sort();
    let shapes: Vec<PathBuf> = found
        .iter()
        .filter(|path| ends(path, &["shp"]))
        .cloned()
        .collect();
    let beside = ["dbf", "shx", "prj", "cpg", "sbn", "sbx", "qpj", "qmd"];
    let belongs = |path: &PathBuf| {
        let shape = |end| shapes.contains(&path.with_extension(end));
        ends(path, &beside) && (shape("shp") || shape("SHP"))
            || ends(path, &["xml", "lock", "toml"])
            || is_own(path)
    };
    found.retain(|path| !belongs(path));
    Ok(found)
}

fn within(folder: &Path, inner: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let whole = folder.join(inner);
    if depth > DEEPEST || whole.join("round.json").exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(&whole)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = [".", "~$"]
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start));
        let (kind, path) = (entry.file_type()?, inner.join(&name));
        if hidden {
            continue;
        }
        if kind.is_dir() {
            within(folder, &path, depth + 1, found)?;
        } else if kind.is_file() {
            found.push(path);
        }
        if found.len() > MOST_FILES {
            return Err(io::Error::other(
                "more than 2,000 files: name a folder with those of one city",
            ));
        }
    }
    Ok(())
}

/// Whether `init` wrote it.
fn is_own(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name == "check.json" || name.ends_with(".check.json"))
}

fn ends(path: &Path, ends: &[&str]) -> bool {
    let own = path.extension().and_then(|own| own.to_str()).unwrap_or("");
    ends.iter().any(|end| own.eq_ignore_ascii_case(end))
}
