//! Why a plan cannot be used.

use std::ops::Range;
use std::path::{Path, PathBuf};

use fuwutu_core::service::Name;
use toml::de::{DeTable, DeValue};

use super::allowed::Allowed;
use super::rules::Breach;
use crate::finding::{escaped, plain};
use crate::street_rules::UnknownTag;

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
        /// What often goes wrong and is to be seen in that line.
        slip: Option<Slip>,
    },
    /// A value is not allowed.
    #[error("{}{}: `{key}` is {}; it must be {must}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")), value.as_ref().map_or("missing".to_owned(), |value| format!("`{value}`")))]
    Value {
        /// Which plan or catalogue.
        path: PathBuf,
        /// Where it stands, if it was written there and the place is known.
        line: Option<usize>,
        /// Section and name.
        key: String,
        /// What it is; `None` where it is missing.
        value: Option<String>,
        /// What it may be.
        must: &'static Allowed,
    },
    /// A service that is not in the catalogue.
    #[error("{}: there is no service `{id}` in the catalogue; {}it has {known}", path.display(), meant(like))]
    UnknownService {
        /// Which plan.
        path: PathBuf,
        /// The id or name.
        id: String,
        /// Services that may have been meant, ids and names.
        like: Vec<(String, Name)>,
        /// Those there are.
        known: String,
    },
    /// A tag that no rule of who may go where has.
    #[error("{}{}: there is no rule for the tag `{tag}`{}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")), meant_tags(like))]
    UnknownTag {
        /// Which plan.
        path: PathBuf,
        /// Where it stands, if known.
        line: Option<usize>,
        /// The tag.
        tag: String,
        /// Tags that may have been meant.
        like: Vec<String>,
    },
    /// A scope that no row of the catalogue has figures for.
    #[error("{}: `services.scope` is `{scope}`, and the catalogue has no such scope; it has {known}", path.display())]
    UnknownScope {
        /// Which plan.
        path: PathBuf,
        /// The scope.
        scope: String,
        /// Those there are.
        known: String,
    },
    /// A field of services (`ranking.domains`) that is not in the catalogue.
    #[error("{}: `ranking.domains` has `{field}`, and the catalogue has no such field; it has {known}", path.display())]
    UnknownField {
        /// Which plan.
        path: PathBuf,
        /// The field.
        field: String,
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

/// What often goes wrong in a line of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// Signs of Chinese typing stand where plain ones are needed: `＝`, `“`.
    WideSigns,
    /// A path of Windows stands between double quotes, where `\` begins a sign of its own: `"D:\data"`.
    Backslash,
}

/// "perhaps … is meant; ", where there is something to suggest.
fn meant(like: &[(String, Name)]) -> String {
    let listed: Vec<String> = like
        .iter()
        .map(|(id, name)| format!("`{id}` ({})", name.en))
        .collect();
    match listed.as_slice() {
        [] => String::new(),
        listed => format!("perhaps {} is meant; ", listed.join(" or ")),
    }
}

/// "; perhaps … is meant", where there is something to suggest.
fn meant_tags(like: &[String]) -> String {
    let listed: Vec<String> = like.iter().map(|tag| format!("`{tag}`")).collect();
    match listed.as_slice() {
        [] => String::new(),
        listed => format!("; perhaps {} is meant", listed.join(" or ")),
    }
}

impl PlanError {
    /// `texts` are those in which the tag may stand.
    pub(super) fn unknown_tag(texts: &[(&Path, &str)], unknown: UnknownTag) -> Self {
        let key = format!("travel.rules.{}", unknown.at);
        let found = texts
            .iter()
            .find_map(|(path, text)| Some((*path, line_of(text, &key)?)));
        Self::UnknownTag {
            path: found.map_or(texts[0].0, |(path, _)| path).to_owned(),
            line: found.map(|(_, line)| line),
            tag: plain(&unknown.tag),
            like: unknown.like,
        }
    }

    /// `texts` are those in which the value may stand, the first of which is named where none has it.
    pub(super) fn value(texts: &[(&Path, &str)], Breach { key, value, must }: Breach) -> Self {
        let whole = |(path, text): &(&Path, &str)| {
            let (depth, start) = place(text, &key)?;
            (depth == key.split('.').count()).then(|| (path.to_path_buf(), Some(line(text, start))))
        };
        let (path, line) = texts
            .iter()
            .find_map(whole)
            .unwrap_or_else(|| (texts[0].0.to_owned(), None));
        Self::Value {
            path,
            line,
            key,
            value,
            must,
        }
    }
}

/// A TOML error of a text, with its place.
pub(super) fn broken(path: &Path, text: &str, error: &toml::de::Error) -> PlanError {
    match error.span() {
        Some(span) => {
            let line = line(text, span.start);
            PlanError::Broken {
                path: path.to_owned(),
                line: Some(line),
                slip: text
                    .lines()
                    .nth(line - 1)
                    .and_then(|line| slip(line, error.message())),
                key: key_twice(text, error, span).map(|key| escaped(&key)),
                message: escaped(error.message()),
            }
        }
        None => broken_together(&[(path, text)], error),
    }
}

fn slip(line: &str, message: &str) -> Option<Slip> {
    // What the parser reports of `\d` and of `\Users`.
    let of_escapes = ["missing escaped value", "unicode value"];
    let is_escape = of_escapes.iter().any(|words| message.contains(words));
    if is_escape && line.contains('\\') {
        return Some(Slip::Backslash);
    }
    has_wide_signs(line).then_some(Slip::WideSigns)
}

/// Whether signs of Chinese typing stand in a line outside plain quotes and comments.
fn has_wide_signs(line: &str) -> bool {
    const WIDE: &str = "＝“”‘’＂＇，、：［］【】｛｝＃";
    let mut quote = None;
    for sign in line.chars() {
        match (quote, sign) {
            (None, '#') => return false,
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), _) if open == sign => quote = None,
            (None, _) if WIDE.contains(sign) => return true,
            _ => {}
        }
    }
    false
}

/// A TOML error of several texts that were laid together, so that it has no place any more: the one that has the key, or the most
/// of its section, is named; the first of equals. What is missing is missing in the first, which is the plan.
pub(super) fn broken_together(texts: &[(&Path, &str)], error: &toml::de::Error) -> PlanError {
    let key = full_key(error);
    let missing = error.message().starts_with("missing field `");
    let texts = if missing { &texts[..1] } else { texts };
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
        slip: None,
        key: key.map(|key| escaped(&key)),
        message: escaped(&message),
    }
}

/// The line of a place, from 1.
fn line(text: &str, place: usize) -> usize {
    1 + text[..place.min(text.len())].matches('\n').count()
}

/// The line of a key, or of the innermost section of it that there is; see [`place`].
pub(super) fn line_of(text: &str, key: &str) -> Option<usize> {
    place(text, key).map(|(_, start)| line(text, start))
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

/// Where a key stands, or the innermost section of it that there is, and how many of its parts that are. Entries of lists have
/// their number from 0 as a key.
fn place(text: &str, key: &str) -> Option<(usize, usize)> {
    let parsed = DeTable::parse(text).ok()?;
    let mut table = parsed.get_ref();
    let mut place = None;
    let mut parts = key.split('.').zip(1..).peekable();
    while let Some((part, depth)) = parts.next() {
        let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == part) else {
            break;
        };
        place = Some((depth, name.span().start));
        let mut value = value;
        if let DeValue::Array(list) = value.get_ref() {
            let entry = parts.peek().and_then(|(part, depth)| {
                let entry = list.get(part.parse::<usize>().ok()?)?;
                Some((*depth, entry))
            });
            let Some((depth, entry)) = entry else {
                break;
            };
            place = Some((depth, entry.span().start));
            value = entry;
            parts.next();
        }
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    place
}
