//! Why a plan cannot be used.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::allowed::Allowed;
use super::rules::Breach;
use crate::finding::escaped;

/// A plan that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The plan, or a file of settings that it names, cannot be read.
    #[error("cannot read `{}`", escaped(&path.display().to_string()))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no TOML, or holds something unknown.
    #[error("{}{}: {message}", escaped(&path.display().to_string()), line.map_or(String::new(), |line| format!(", line {line}")))]
    Broken {
        /// Which.
        path: PathBuf,
        /// Where, if known.
        line: Option<usize>,
        /// The key it is about with its section, if known.
        key: Option<String>,
        /// What.
        message: String,
    },
    /// A value is not allowed.
    #[error("{}: `{key}` is {}; it must be {must}", path.display(), value.as_ref().map_or("missing".to_owned(), |value| format!("`{value}`")))]
    Value {
        /// Which plan or catalogue.
        path: PathBuf,
        /// Section and name.
        key: String,
        /// What it is; `None` where it is missing.
        value: Option<String>,
        /// What it may be.
        must: &'static Allowed,
    },
    /// A service that is not in the catalogue.
    #[error("{}: there is no service `{id}` in the catalogue; it has {known}", path.display())]
    UnknownService {
        /// Which plan.
        path: PathBuf,
        /// The id.
        id: String,
        /// Those there are.
        known: String,
    },
    /// The plan does not travel on streets, and something was asked of them.
    #[error("{}: `travel.mode` is not `streets`: there are no streets", path.display())]
    NoRoads {
        /// Which plan.
        path: PathBuf,
    },
    /// Radii are what counts, and some limits have none.
    #[error("{}: `travel.mode` is `radius`, and the limits of these services have no `radius_m`: {services}", path.display())]
    NoRadius {
        /// Which plan.
        path: PathBuf,
        /// Their ids.
        services: String,
    },
    /// A service that no limit applies to.
    #[error("{}: `{id}` has no limit in the catalogue, so its coverage cannot be computed", path.display())]
    NoLimit {
        /// Which plan.
        path: PathBuf,
        /// The id.
        id: String,
    },
}

impl PlanError {
    pub(super) fn value(path: &Path, Breach { key, value, must }: Breach) -> Self {
        Self::Value {
            path: path.to_owned(),
            key,
            value,
            must,
        }
    }
}

/// A TOML error of a text, with its place.
pub(super) fn broken(path: &Path, text: &str, error: &toml::de::Error) -> PlanError {
    match error.span() {
        Some(span) => PlanError::Broken {
            path: path.to_owned(),
            line: Some(line(text, span.start)),
            key: key_twice(text, error, span).map(|key| escaped(&key)),
            message: escaped(error.message()),
        },
        None => broken_together(&[(path, text)], error),
    }
}

/// A TOML error of several texts that were laid together, so that it has no place any more: the one that has the key, or the most
/// of its section, is named; the first of equals.
pub(super) fn broken_together(texts: &[(&Path, &str)], error: &toml::de::Error) -> PlanError {
    let key = full_key(error);
    let mut best: (usize, &Path, Option<usize>) = (0, texts[0].0, None);
    for (path, text) in texts {
        let found = key.as_deref().and_then(|key| place(text, key));
        if let Some((depth, start)) = found.filter(|(depth, _)| *depth > best.0) {
            best = (depth, path, Some(line(text, start)));
        }
    }
    let message = match &key {
        Some(key) if !error.message().contains('`') => format!("`{key}`: {}", error.message()),
        _ => error.message().to_owned(),
    };
    PlanError::Broken {
        path: best.1.to_owned(),
        line: best.2,
        key: key.map(|key| escaped(&key)),
        message: escaped(&message),
    }
}

/// The line of a place, from 1.
fn line(text: &str, place: usize) -> usize {
    1 + text[..place.min(text.len())].matches('\n').count()
}

/// The key that a syntax error says occurs twice, which it names by its place alone.
fn key_twice(text: &str, error: &toml::de::Error, span: Range<usize>) -> Option<String> {
    let twice = error.message().contains("duplicate key");
    let key = text.get(span).filter(|_| twice)?;
    Some(key.trim().to_owned())
}

/// The key's full name, in which an error without a place ends: "in `round.base_year`". Of a key that is unknown or missing the
/// error names the section, and its message the key.
fn full_key(error: &toml::de::Error) -> Option<String> {
    let whole = error.to_string();
    let section = whole
        .lines()
        .find_map(|line| line.strip_prefix("in `")?.strip_suffix('`'));
    let message = error.message();
    let faulty = ["unknown field `", "missing field `"];
    let name = faulty
        .iter()
        .find_map(|start| message.strip_prefix(start)?.split('`').next());
    match (section, name) {
        (Some(section), Some(name)) if section.rsplit('.').next() != Some(name) => {
            Some(format!("{section}.{name}"))
        }
        (Some(section), _) => Some(section.to_owned()),
        (None, name) => name.map(str::to_owned),
    }
}

/// Where a key stands, or the innermost section of it that there is, and how many of its parts that are. Entries of lists have no
/// keys.
fn place(text: &str, key: &str) -> Option<(usize, usize)> {
    let parsed = DeTable::parse(text).ok()?;
    let mut table = parsed.get_ref();
    let mut place = None;
    for (part, depth) in key.split('.').zip(1..) {
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == part) else {
            break;
        };
        place = Some((depth, name.span().start));
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    place
}
