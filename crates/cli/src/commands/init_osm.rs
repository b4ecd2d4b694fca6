//! `fuwutu init DIR --osm FILE`: a plan for a city from open data.

use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use fuwutu_core::watch::unwatched;
use fuwutu_io::finding::{Failure, Findings, Lang};
use fuwutu_io::open_data::{self, Boundaries, Cells, Made, OpenDataError, Request};
use fuwutu_io::plan;
use fuwutu_io::raster;
use fuwutu_io::read::{Files, Folder, ReadError, file_unreadable};
use fuwutu_io::write::OutFolder;
use geo::Coord;

use crate::args::InitArgs;
use crate::errors::NotEmpty;
use crate::shell::Shell;
use crate::show::{self, Align};

pub(crate) fn run(osm: &Path, args: &InitArgs, shell: &Shell) -> anyhow::Result<()> {
    let occupied = (args.folder.read_dir()).is_ok_and(|mut entries| entries.next().is_some());
    anyhow::ensure!(!occupied, NotEmpty(args.folder.clone()));
    let folder = OutFolder::prepare_new(&args.folder)?;
    let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("services.toml"))?;
    let bytes = bytes(osm)?;
    let relations = args.boundaries.as_deref().and_then(relations);
    let boundaries = match relations {
        Some(relations) => Some(Boundaries::Relations(relations)),
        None => args.boundaries.as_deref().map(Boundaries::File),
    };
    let raster = args.population.as_deref().map(name).unwrap_or_default();
    let cells = |low, high| -> Result<Vec<(Coord, f64)>, ReadError> {
        let path = args.population.as_deref().unwrap_or(Path::new(""));
        let source = Folder(PathBuf::new());
        let reader = source
            .open(path)
            .map_err(|error| file_unreadable(path, &error))?;
        let mut findings = Findings::default();
        let cells = raster::cells(
            &raster,
            reader,
            None,
            (low, high),
            &mut findings,
            &unwatched,
        )?;
        Ok(cells
            .into_iter()
            .map(|cell| (cell.at, cell.value))
            .collect())
    };
    let request = Request {
        file: &name(osm),
        bytes: &bytes,
        roads: &from_folder(&args.folder, osm),
        name: &name(&args.folder),
        population: args
            .population
            .as_deref()
            .map(|_| (&*raster, &cells as Cells)),
        residents: args.residents,
        boundaries,
        this_year: this_year(),
        lang: shell.lang,
    };
    let made = open_data::make(&request, &catalogue, &unwatched).map_err(error)?;
    for (name, text) in &made.files {
        folder.put(name, text)?;
    }
    folder.finish()?;
    shell.watcher.done(false);
    tell(&made, &args.folder, shell.lang)
}

/// Ids of relations, where no file has such a name.
fn relations(path: &Path) -> Option<Vec<i64>> {
    let text = path.to_str().filter(|_| !path.exists())?;
    Boundaries::relations(text)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = Folder(PathBuf::new()).bytes(path);
    bytes.map_err(|error| file_unreadable(path, &error).into())
}

/// A file or folder by its own name.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn error(error: OpenDataError) -> anyhow::Error {
    match error {
        OpenDataError::Read(ReadError::Input(failure)) => failure.into(),
        OpenDataError::Read(ReadError::Stopped(stopped)) => stopped.into(),
        OpenDataError::Refused(refused) => refused.into(),
    }
}

fn this_year() -> i32 {
    const SECONDS_OF_A_YEAR: u64 = 31_556_952;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    1970 + (since.as_secs() / SECONDS_OF_A_YEAR) as i32
}

/// The path of a file from a folder that need not be there yet, with `/`; where they have nothing in common, the whole path.
fn from_folder(folder: &Path, file: &Path) -> String {
    let (folder, file) = (resolved(folder), resolved(file));
    let (from, to): (Vec<Component>, Vec<Component>) =
        (folder.components().collect(), file.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let path = match common {
        0 => file,
        _ => {
            let up = from[common..].iter().map(|_| Component::ParentDir);
            up.chain(to[common..].iter().copied()).collect::<PathBuf>()
        }
    };
    path.display().to_string().replace('\\', "/")
}

/// A path from the root, without links as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in path.ancestors() {
        if let Ok(real) = ancestor.canonicalize() {
            let rest = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
            return real.join(rest);
        }
    }
    path
}

fn tell(made: &Made, folder: &Path, lang: Lang) -> anyhow::Result<()> {
    let (found, none): (Vec<_>, Vec<_>) = made.table.iter().partition(|row| row[1] != "0");
    let rows: Vec<Vec<String>> = found.iter().map(|row| row.to_vec()).collect();
    show::table(
        &[Align::Left, Align::Right, Align::Left, Align::Left],
        &rows,
    )?;
    let mut none: Vec<&str> = none.iter().map(|row| &*row[0]).collect();
    none.retain(|name| found.iter().all(|row| row[0] != *name));
    none.dedup();
    if !none.is_empty() {
        show::line(&match lang {
            Lang::Zh => format!("有规则而没有找到：{}", none.join("、")),
            Lang::En => format!("rules that found nothing: {}", none.join(", ")),
        })?;
    }
    for line in &made.said {
        show::line(&format!("- {line}"))?;
    }
    let plan = folder.join("plan.toml");
    show::line(&match lang {
        Lang::Zh => format!(
            "已写入 {}；下一步：fuwutu evaluate {} --out 文件夹",
            folder.display(),
            plan.display()
        ),
        Lang::En => format!(
            "wrote {}; next: fuwutu evaluate {} --out DIR",
            folder.display(),
            plan.display()
        ),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_folder_of_the_plan() {
        assert_eq!(
            from_folder(Path::new("nowhere/a/b"), Path::new("nowhere/city.osm.pbf")),
            "../../city.osm.pbf"
        );
        assert_eq!(
            from_folder(Path::new("nowhere/a"), Path::new("nowhere/a/city.osm.pbf")),
            "city.osm.pbf"
        );
    }
}
