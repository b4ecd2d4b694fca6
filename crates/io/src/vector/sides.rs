//! Files that belong to another one: a Shapefile is `x.shp` with `x.dbf` and others beside it.

use std::io;
use std::path::{Path, PathBuf};

use crate::read::{Files, name};

/// What a Shapefile may have beside it, of which the first is required: attributes, coordinate system, encoding, index.
pub(crate) const OF_SHAPEFILE: [&str; 4] = ["dbf", "prj", "cpg", "shx"];

/// A file beside another one.
pub(crate) struct Side {
    /// One of [`OF_SHAPEFILE`].
    pub end: &'static str,
    /// As findings and records name it.
    pub file: String,
    pub bytes: Vec<u8>,
}

/// The names that a file beside another one may have, the likeliest first: systems tell `x.DBF` from `x.dbf`.
pub(crate) fn names(path: &Path, end: &str) -> Vec<PathBuf> {
    let own = path.extension().and_then(|own| own.to_str()).unwrap_or("");
    let upper = own.starts_with(|first: char| first.is_ascii_uppercase());
    let spelt = |capitals: u32| -> String {
        let signs = end.chars().zip(0..);
        signs
            .map(|(sign, at)| match capitals >> at & 1 {
                1 => sign.to_ascii_uppercase(),
                _ => sign,
            })
            .collect()
    };
    let all = 1_u32 << end.len();
    let mut names: Vec<PathBuf> = (0..all).map(|at| path.with_extension(spelt(at))).collect();
    names.swap(1, all as usize - 1);
    if upper {
        names.swap(0, 1);
    }
    names
}

/// All names that files may have which belong to the one at a path, by its ending.
pub(crate) fn of(path: &Path) -> impl Iterator<Item = PathBuf> {
    let own = path.extension().and_then(|own| own.to_str());
    let shapes = own.is_some_and(|own| own.eq_ignore_ascii_case("shp"));
    let ends = OF_SHAPEFILE.into_iter().filter(move |_| shapes);
    ends.flat_map(|end| names(path, end))
}

/// The files that there are beside a Shapefile.
///
/// # Errors
/// Where one of them is there and cannot be read.
pub(crate) fn read(path: &Path, source: &dyn Files) -> Result<Vec<Side>, (PathBuf, io::Error)> {
    let mut sides = Vec::new();
    for end in OF_SHAPEFILE {
        for path in names(path, end) {
            match source.bytes(&path) {
                Ok(bytes) => {
                    let file = name(&path);
                    sides.push(Side { end, file, bytes });
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err((path, error)),
            }
        }
    }
    Ok(sides)
}

/// The paths of the files that there are beside a file, if that is a Shapefile.
pub(crate) fn beside(path: &Path, source: &dyn Files) -> Vec<PathBuf> {
    let mut first = [0; 4];
    let shapes = source
        .open(path)
        .and_then(|mut file| file.read_exact(&mut first))
        .is_ok_and(|()| first == crate::form::SHAPEFILE);
    if !shapes {
        return Vec::new();
    }
    let there = |end| {
        let mut names = names(path, end).into_iter();
        names.find(|name| source.open(name).is_ok())
    };
    OF_SHAPEFILE.into_iter().filter_map(there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_side_file_is_tried_as_that_of_its_file_first() {
        let first = |path, end| names(Path::new(path), end)[..2].to_vec();
        let paths = |names: [&str; 2]| names.map(PathBuf::from).to_vec();
        assert_eq!(first("a/x.shp", "dbf"), paths(["a/x.dbf", "a/x.DBF"]));
        assert_eq!(first("a/X.SHP", "dbf"), paths(["a/X.DBF", "a/X.dbf"]));
        assert_eq!(names(Path::new("x.shp"), "dbf").len(), 8);
    }
}
