//! Slopes from an elevation model: a GeoTIFF with one band of heights in metres, in longitude and latitude.
//!
//! Time on foot grows with the slope s (rise ÷ length) as Tobler (1993) found: the pace is 6 · exp(−3.5 |s + 0.05|) km/h, so
//! that a slope takes exp(3.5 (|s + 0.05| − 0.05)) times as long as level ground: 1.42 times uphill at 10 %, 1.0 times
//! downhill at 10 %, least (0.84 times) downhill at 5 %.

use std::io::Cursor;

use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{RoadRecords, Slope};
use fuwutu_core::watch::unwatched;
use geo::{Coord, Euclidean, Length, LineString};

use crate::finding::{Finding, Findings, Kind};
use crate::frame::Projection;
use crate::raster::{Fault, Grid};

/// Heights on a grid of degrees, rows from north to south.
struct Heights {
    width: usize,
    height: usize,
    /// Metres; not finite where there is none.
    metres: Vec<f32>,
    /// The middle of the first grid cell, in the north-west.
    corner: Coord,
    /// From the middle of a cell to the next, in degrees.
    step: Coord,
}

/// Steeper than this (100 %) nobody walks: it is a fault of the model.
const STEEPEST: f64 = 1.0;

/// So many heights are held at most (256 MB): 240 km × 240 km in cells of 30 m.
const MOST_HEIGHTS: usize = 64 << 20;

/// Gives each edge its slopes by the heights of its ends.
pub(super) fn add(
    file: &str,
    bytes: &[u8],
    records: &mut RoadRecords,
    projection: &Projection,
    findings: &mut Findings,
) -> Result<(), Finding> {
    let heights =
        Heights::read(bytes).map_err(|value| Finding::new(Kind::DemBroken, file).value(value))?;
    let at_node: Vec<Option<f64>> = records
        .nodes
        .iter()
        .map(|at| heights.at(projection.to_degrees(at.metres())))
        .collect();
    let outside = at_node.iter().filter(|height| height.is_none()).count();
    if outside == at_node.len() {
        return Err(Finding::new(Kind::DemBroken, file).value("it covers no crossing"));
    }
    if outside > 0 {
        findings.push(
            Finding::new(Kind::DemOutside, file)
                .value(format!("nodes {outside} / {}", at_node.len())),
        );
    }
    let mut start = 0;
    let slope = |at: usize| {
        let edge = records.edges[at];
        let end = records.bend_ends.get(at).map_or(start, |&end| end as usize);
        let ends = [edge.from, edge.to].map(|node| records.nodes[node as usize]);
        let line: LineString = std::iter::once(&ends[0])
            .chain(&records.bends[start..end])
            .chain([&ends[1]])
            .map(|at: &Point| at.metres())
            .collect();
        start = end;
        let length = Euclidean.length(&line).max(f64::from(edge.length) / 1000.0);
        match (at_node[edge.from as usize], at_node[edge.to as usize]) {
            (Some(from), Some(to)) if length > 0.0 => slopes((to - from) / length),
            _ => slopes(0.0),
        }
    };
    records.slopes = (0..records.edges.len()).map(slope).collect();
    Ok(())
}

/// How much longer a slope takes than level ground, up and down it; in thousandths.
fn slopes(slope: f64) -> Slope {
    let slope = slope.clamp(-STEEPEST, STEEPEST);
    let factor = |slope: f64| ((3.5 * ((slope + 0.05).abs() - 0.05)).exp() * 1000.0).round() as u16;
    [factor(slope), factor(-slope)]
}

/// Why a grid is not read, in English.
fn reason(fault: Fault) -> String {
    match fault {
        Fault::Broken([_, en]) => en,
        Fault::Stopped(stopped) => stopped.to_string(),
    }
}

impl Heights {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut grid = Grid::open(Cursor::new(bytes)).map_err(reason)?;
        if grid.is_projected() {
            return Err(
                "it is projected: convert it to longitude and latitude (EPSG:4490 or EPSG:4326)"
                    .to_owned(),
            );
        }
        grid.placed(true).map_err(reason)?;
        let (width, height) = (grid.width as usize, grid.height as usize);
        if width.saturating_mul(height) > MOST_HEIGHTS {
            return Err(format!(
                "it has more than {MOST_HEIGHTS} cells: cut it to this city"
            ));
        }
        let mut metres = Vec::new();
        let all = [0..grid.width, 0..grid.height];
        let read = grid.values(all, &unwatched, &mut |column, row, value| {
            let (column, row) = (column as usize, row as usize);
            metres.resize(row * width + column, f32::NAN);
            // Deeper than the sea or higher than any mountain is no height, whatever stands for it.
            let known = (-500.0..=9000.0).contains(&value);
            metres.push(if known { value as f32 } else { f32::NAN });
            Ok(())
        });
        read.map_err(reason)?;
        metres.resize(width * height, f32::NAN);
        Ok(Self {
            width,
            height,
            metres,
            corner: grid.corner,
            step: grid.step,
        })
    }

    /// The height at a place, in metres: between the middles of the four cells round it, in proportion. `None` where one of
    /// them is missing.
    fn at(&self, degrees: Coord) -> Option<f64> {
        let across = (degrees.x - self.corner.x) / self.step.x;
        let down = (self.corner.y - degrees.y) / self.step.y;
        let (column, row) = (across.floor(), down.floor());
        if !(column >= 0.0 && row >= 0.0) {
            return None;
        }
        let (x, y) = (column as usize, row as usize);
        let metres = |x: usize, y: usize| {
            let inside = x < self.width && y < self.height;
            inside
                .then(|| f64::from(self.metres[y * self.width + x]))
                .filter(|metres| metres.is_finite())
        };
        let (right, below) = (across - column, down - row);
        let north = metres(x, y)? * (1.0 - right) + metres(x + 1, y)? * right;
        let south = metres(x, y + 1)? * (1.0 - right) + metres(x + 1, y + 1)? * right;
        Some(north * (1.0 - below) + south * below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_take_as_long_as_tobler_found() {
        assert_eq!(slopes(0.0), [1000, 1000]);
        // Uphill at 10 %: exp(3.5 × 0.1) = 1.419; downhill at 10 %: |−0.05| − 0.05 = 0.
        assert_eq!(slopes(0.1), [1419, 1000]);
        // Downhill at 5 %: exp(−3.5 × 0.05) = 0.839.
        assert_eq!(slopes(-0.05), [839, 1191]);
        assert_eq!(slopes(5.0), slopes(1.0));
    }

    #[test]
    fn heights_between_cells_are_in_proportion() {
        let corner = Coord { x: 104.0, y: 31.0 };
        let step = Coord { x: 0.01, y: 0.01 };
        let heights = Heights {
            width: 2,
            height: 2,
            metres: vec![0.0, 100.0, 0.0, f32::NAN],
            corner,
            step,
        };
        let at = |x: f64, y: f64| heights.at(Coord { x, y });
        assert_eq!(
            at(104.005, 31.0),
            None,
            "the cell in the south-east is missing"
        );
        let heights = Heights {
            metres: vec![0.0, 100.0, 0.0, 300.0],
            ..heights
        };
        let at = |x: f64, y: f64| heights.at(Coord { x, y }).unwrap();
        assert!(
            (at(104.005, 31.0) - 50.0).abs() < 1e-6 && (at(104.005, 30.995) - 100.0).abs() < 1e-6
        );
        assert_eq!(
            heights.at(Coord {
                x: 103.999,
                y: 31.0
            }),
            None
        );
        assert_eq!(heights.at(Coord { x: 104.02, y: 31.0 }), None);
    }
}
