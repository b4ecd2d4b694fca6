//! Grids with people in GeoTIFF, as WorldPop and GHSL give them, read window by window.
//!
//! | of the file | what is read |
//! |---|---|
//! | form | TIFF and BigTIFF, strips or tiles, one band of 8 to 64 bits |
//! | compression | none, LZW, Deflate; with predictors |
//! | place | pixel scale with tie point, or a transformation without rotation; cells by their corner or their middle |
//! | system | longitude and latitude (EPSG:4490, 4326), every projected system that [`Crs`] knows by its number, Mollweide (ESRI:54009) |
//!
//! What a cell without people holds differs: the value that the file names, NaN, −99999, −200. None of them counts.

mod grid;

use std::io::BufReader;

use fuwutu_core::watch::Watch;
use geo::Coord;

pub(crate) use grid::{Fault, Grid};

use crate::crs::Crs;
use crate::finding::{Finding, Findings, Kind};
use crate::read::{ReadError, ReadSeek, crs_named};

/// A cell of a grid that has people: its middle in degrees, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Its middle, in longitude and latitude.
    pub at: Coord,
    /// People, or what stands for them; > 0.
    pub value: f64,
}

/// So many cells are kept at most (240 MB): those of 10 million hectares, more than any city has.
pub const MOST_CELLS: usize = 10_000_000;

/// More than this in a cell is no number of people, nor of square metres: it stands for something else.
const MOST_IN_CELL: f64 = 1e12;

/// The cells with a value > 0 whose middle lies between two corners (degrees), row by row from the top, each from the west.
///
/// The system is `crs` where it is given, else the one that the file names. Memory: the cells found, and one row of strips or tiles
/// (128 MB at most).
///
/// # Errors
/// Where the file is none that is read or has nobody there, where more than [`MOST_CELLS`] cells are found, and where `watch` says stop.
pub fn cells(
    file: &str,
    reader: Box<dyn ReadSeek + '_>,
    crs: Option<&Crs>,
    (low, high): (Coord, Coord),
    findings: &mut Findings,
    watch: Watch,
) -> Result<Vec<Cell>, ReadError> {
    let mut cells = Vec::new();
    let mut keep = |cell| {
        let room = cells.len() < MOST_CELLS;
        room.then(|| cells.push(cell)).ok_or_else(|| {
            Fault::of(
                "所需范围内有人的栅格超过一千万个：请用更粗的栅格",
                "more than ten million cells have people there: use a coarser grid",
            )
        })
    };
    visit(file, reader, crs, (low, high), findings, watch, &mut keep)?;
    Ok(cells)
}

/// As [`cells`], but hands each on.
pub(crate) fn visit(
    file: &str,
    reader: Box<dyn ReadSeek + '_>,
    crs: Option<&Crs>,
    (low, high): (Coord, Coord),
    findings: &mut Findings,
    watch: Watch,
    each: &mut dyn FnMut(Cell) -> Result<(), Fault>,
) -> Result<(), ReadError> {
    let failed = |fault: Fault| match fault {
        Fault::Broken([zh, en]) => {
            let finding = Finding::new(Kind::RasterBroken, file);
            ReadError::from(finding.value(format!("{zh} / {en}")))
        }
        Fault::Stopped(stopped) => stopped.into(),
    };
    let mut grid = Grid::open(BufReader::new(reader)).map_err(failed)?;
    let crs = system(file, &grid, crs, findings)?;
    grid.placed(!crs.is_plane()).map_err(failed)?;
    let window = grid.window(&crs, (low, high));
    let (corner, step) = (grid.corner, grid.step);
    let (mut found, mut odd, mut example) = (false, 0_u64, 0.0);
    let read = grid.values(window, watch, &mut |column, row, value| {
        if !(0.0..=MOST_IN_CELL).contains(&value) {
            odd += u64::from(!value.is_nan());
            example = if value.is_nan() { example } else { value };
            return Ok(());
        }
        if value <= 0.0 {
            return Ok(());
        }
        let at = Coord {
            x: corner.x + f64::from(column) * step.x,
            y: corner.y - f64::from(row) * step.y,
        };
        let inside =
            |at: &Coord| (low.x..=high.x).contains(&at.x) && (low.y..=high.y).contains(&at.y);
        let Some(at) = crs.to_degrees(at).filter(inside) else {
            return Ok(());
        };
        found = true;
        each(Cell { at, value })
    });
    read.map_err(failed)?;
    if odd > 0 {
        let finding = Finding::new(Kind::RasterOdd, file);
        findings.push(finding.value(format!("{odd} × {example}")));
    }
    if !found {
        let place = format!("{:.3}–{:.3}, {:.3}–{:.3}", low.x, high.x, low.y, high.y);
        return Err(Finding::new(Kind::RasterEmpty, file).value(place).into());
    }
    Ok(())
}

/// The system of a grid: what the plan says of it, else what it says itself.
fn system<R: std::io::Read + std::io::Seek>(
    file: &str,
    grid: &Grid<R>,
    own: Option<&Crs>,
    findings: &mut Findings,
) -> Result<Crs, Finding> {
    let Some(named) = grid.system() else {
        return Ok(own.cloned().unwrap_or_else(Crs::degrees));
    };
    let Some(own) = own else {
        return crs_named(&named, file);
    };
    let alike = Crs::parse(&named)
        .is_ok_and(|other| other.same(own) || !(other.is_plane() || own.is_plane()));
    if !alike {
        let finding = Finding::new(Kind::CrsContradicts, file).column("crs");
        findings.push(finding.value(format!("{named} ≠ {own}")));
    }
    Ok(own.clone())
}

#[cfg(test)]
mod tests;
