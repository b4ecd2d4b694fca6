//! Why a plan cannot be used.

use std::path::{Path, PathBuf};

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
        /// What.
        message: String,
    },
    /// A value cannot be.
    #[error("{}: `{key}` is `{value}`; it must be {must}", path.display())]
    Value {
        /// Which plan.
        path: PathBuf,
        /// Section and name.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        must: &'static str,
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
    #[error("{}: `travel.mode` is `straight`: there are no streets", path.display())]
    NoRoads {
        /// Which plan.
        path: PathBuf,
    },
    /// A service that no limit applies to.
    #[error("{}: `{id}` has no limit in the catalogue, so that nobody can be said to reach it", path.display())]
    NoLimit {
        /// Which plan.
        path: PathBuf,
        /// The id.
        id: String,
    },
}

/// The message of a TOML error with its line. Once plan and policy are laid together there are no lines any more; then the
/// first line that has the name in question is told.
pub(super) fn broken(path: &Path, text: &str, error: &toml::de::Error) -> PlanError {
    let by_span = error
        .span()
        .map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    // Without a span the error ends in the key's full name: "in `round.base_year`".
    let whole = error.to_string();
    let key = whole
        .lines()
        .find_map(|line| line.strip_prefix("in `")?.strip_suffix('`'))
        .filter(|_| by_span.is_none());
    let (name, message) = match (error.message().split('`').nth(1), key) {
        (None, Some(key)) => (
            key.rsplit('.').next().unwrap_or(key),
            format!("`{key}`: {}", error.message()),
        ),
        (name, _) => (name.unwrap_or(""), error.message().to_owned()),
    };
    let by_name = || {
        text.lines()
            .position(|line| !name.is_empty() && line.contains(name))
            .map(|at| at + 1)
    };
    PlanError::Broken {
        path: path.to_owned(),
        line: by_span.or_else(by_name),
        message: escaped(&message),
    }
}
