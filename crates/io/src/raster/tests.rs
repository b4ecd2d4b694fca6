use std::io::Cursor;

use fuwutu_core::watch::unwatched;

use super::*;
use crate::finding::Failure;

macro_rules! grids {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../../../../tests/fixtures/raster/", $name, ".tif")))),*]
    };
}

/// By rasterio (GDAL): 40 × 40 cells that hold 3 × row + column, but nobody in the first 20 of both; `tests/fixtures/raster.py`.
const GRIDS: [(&str, &[u8]); 8] = grids!("degrees_f32_lzw_tiles" "degrees_i16_strips" "degrees_f64_big" "degrees_u8_sparse"
    "mollweide_f32" "zone_i32" "degrees_zstd" "degrees_packbits");

const ROUND: (Coord, Coord) = (Coord { x: 100.0, y: 28.0 }, Coord { x: 109.0, y: 34.0 });

fn grid(name: &str) -> &'static [u8] {
    GRIDS.iter().find(|(own, _)| *own == name).unwrap().1
}

fn read(
    bytes: &[u8],
    crs: Option<&Crs>,
    window: (Coord, Coord),
) -> (Result<Vec<Cell>, ReadError>, Findings) {
    let mut findings = Findings::default();
    let reader = Box::new(Cursor::new(bytes));
    let cells = cells("pop.tif", reader, crs, window, &mut findings, &unwatched);
    (cells, findings)
}

fn kind_and_value(result: Result<Vec<Cell>, ReadError>) -> (Kind, String) {
    let Err(ReadError::Input(Failure { findings, .. })) = result else {
        panic!("{result:?}")
    };
    (findings[0].kind, findings[0].value.clone())
}

#[test]
fn every_form_gives_the_same_people() {
    let sum = |last: f64| {
        let at = |row: u32, column: u32| f64::from(row * 3 + column);
        let all = (0..40).flat_map(|row| (0..40).map(move |column| (row, column)));
        let inhabited = all.filter(|(row, column)| *row >= 20 || *column >= 20);
        inhabited.map(|(row, column)| at(row, column)).sum::<f64>() - last
    };
    for (name, bytes) in &GRIDS[..6] {
        // The last cell holds a negative number, but in bytes, which have none.
        let last = if name.contains("u8") { 0.0 } else { 156.0 };
        let (cells, findings) = read(bytes, None, ROUND);
        let cells = cells.unwrap();
        let people: f64 = cells.iter().map(|cell| cell.value).sum();
        assert!((people - sum(last)).abs() < 1e-9, "{name}");
        assert!(
            (cells[0].value - 20.0).abs() < 1e-9,
            "{name}: from the north-west"
        );
        let odd = findings.finish().unwrap();
        let odd: Vec<_> = odd.iter().map(|each| (each.kind, &*each.value)).collect();
        let expected: &[_] = if last > 0.0 {
            &[(Kind::RasterOdd, "1 × -99")]
        } else {
            &[]
        };
        assert_eq!(odd, expected, "{name}");
    }
}

#[test]
fn cells_lie_where_proj_has_them() {
    let table = include_str!("../../../../tests/fixtures/raster/places.csv");
    for line in table.lines().skip(1) {
        let parts: Vec<&str> = line.split(',').collect();
        let number = |at: usize| parts[at].parse::<f64>().unwrap();
        let (value, lon, lat) = (number(2) * 3.0 + number(1), number(3), number(4));
        let cells = read(grid(parts[0]), None, ROUND).0.unwrap();
        let there = |cell: &&Cell| (cell.at.x - lon).abs() < 1e-7 && (cell.at.y - lat).abs() < 1e-7;
        let cell = cells.iter().find(there);
        assert_eq!(cell.map(|cell| cell.value), Some(value), "{line}");
    }
}

#[test]
fn a_window_has_the_cells_whose_middle_lies_in_it() {
    for name in ["mollweide_f32", "zone_i32", "degrees_f32_lzw_tiles"] {
        let all = read(grid(name), None, ROUND).0.unwrap();
        let middle = all[all.len() / 2].at;
        let low = Coord {
            x: middle.x - 0.08,
            y: middle.y - 0.05,
        };
        let high = Coord {
            x: middle.x + 0.02,
            y: middle.y + 0.07,
        };
        let inside = |cell: &&Cell| {
            (low.x..=high.x).contains(&cell.at.x) && (low.y..=high.y).contains(&cell.at.y)
        };
        let expected: Vec<Cell> = all.iter().filter(inside).copied().collect();
        assert!(expected.len() > 20, "{name}: {}", expected.len());
        assert_eq!(
            read(grid(name), None, (low, high)).0.unwrap(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn what_is_not_read_is_named() {
    let of = |bytes: &[u8]| kind_and_value(read(bytes, None, ROUND).0);
    assert!(of(grid("degrees_zstd")).1.contains("Zstandard"));
    assert!(of(grid("degrees_packbits")).1.contains("PackBits"));
    assert_eq!(of(b"no picture").0, Kind::RasterBroken);
    let nobody = (Coord { x: 104.01, y: 30.9 }, Coord { x: 104.1, y: 30.99 });
    let found = kind_and_value(read(grid("degrees_i16_strips"), None, nobody).0);
    assert_eq!(found.0, Kind::RasterEmpty);
    // Another system by its number: 4544 becomes 2379 (Xi'an 1980) or 5070 (Albers).
    for (code, kind) in [
        (2379_u16, Kind::CrsNoTransformation),
        (5070, Kind::CrsUnknown),
    ] {
        let mut bytes = grid("zone_i32").to_vec();
        let at = bytes
            .windows(2)
            .rposition(|two| two == 4544_u16.to_le_bytes());
        let at = at.unwrap();
        bytes[at..at + 2].copy_from_slice(&code.to_le_bytes());
        assert_eq!(of(&bytes), (kind, format!("EPSG:{code}")));
    }
}

#[test]
fn the_plans_system_counts_and_a_contradiction_is_told() {
    let zone = Crs::parse("EPSG:4543").unwrap();
    let (cells, findings) = read(grid("zone_i32"), Some(&zone), ROUND);
    assert_eq!(cells.unwrap()[0].at.x as u32, 101, "3° farther west");
    let told = findings.finish().unwrap();
    assert!(told.iter().any(|each| each.kind == Kind::CrsContradicts));
    let (_, findings) = read(grid("degrees_u8_sparse"), Some(&Crs::degrees()), ROUND);
    assert!(findings.finish().unwrap().is_empty());
}

/// A TIFF whose directory says these things: tag, kind of value, how many, the value or where it stands.
fn directory(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for &(tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn sizes_that_are_not_there_take_no_memory() {
    const HUGE: u32 = 1_000_000_000;
    let grid = |more: &[(u16, u16, u32, u32)]| {
        let mut entries = vec![
            (256, 4, 1, HUGE),
            (257, 4, 1, HUGE),
            (258, 3, 1, 32),
            (259, 3, 1, 8),
            (262, 3, 1, 1),
        ];
        entries.extend(more);
        entries.sort_unstable();
        let place = |bytes: &mut Vec<u8>| {
            let at = bytes.len() as u32;
            bytes.extend(
                [1.0_f64, 1.0, 0.0, 0.0, 0.0, 0.0]
                    .map(f64::to_le_bytes)
                    .concat(),
            );
            at
        };
        let mut bytes = directory(&entries);
        bytes.extend([0; 24]);
        let at = place(&mut bytes);
        entries.extend([(33550, 12, 3, at + 24), (33922, 12, 6, at + 24)]);
        let mut whole = directory(&entries);
        whole.resize(at as usize, 0);
        place(&mut whole);
        whole.extend([0; 100]);
        whole
    };
    // One strip holds all; a strip a row; tiles; one tile; more bands.
    for more in [
        &[(273, 4, 1, 8), (278, 4, 1, HUGE), (279, 4, 1, 9)][..],
        &[(273, 4, HUGE, 8), (278, 4, 1, 1), (279, 4, HUGE, 9)],
        &[
            (322, 4, 1, 256),
            (323, 4, 1, 256),
            (324, 4, 2_000_000, 8),
            (325, 4, 2_000_000, 9),
        ],
        &[
            (322, 4, 1, HUGE),
            (323, 4, 1, HUGE),
            (324, 4, 1, 8),
            (325, 4, 1, 9),
        ],
        &[
            (277, 3, 1, 3),
            (284, 3, 1, 2),
            (273, 4, 1, 8),
            (278, 4, 1, 1),
            (279, 4, 1, 9),
        ],
    ] {
        let found = kind_and_value(read(&grid(more), None, ROUND).0);
        assert_eq!(found.0, Kind::RasterBroken, "{more:?}");
    }
}

/// Numbers from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }
}

/// Whatever is in a file, reading gives cells or an error (tests/fuzz.rs measures the memory): cut at 200 places, and changed 2,000 times in one to four of
/// its bytes, mostly those of its directory and of its sizes. `RASTERS=100000` changes as many.
#[test]
fn broken_grids_end_with_cells_or_an_error() {
    for (name, bytes) in GRIDS {
        for cut in 0..200 {
            let _ = read(&bytes[..bytes.len() * cut / 200], None, ROUND);
        }
        let _ = read(&[bytes, bytes].concat(), None, ROUND).0.map(|cells| {
            assert!(!cells.is_empty(), "{name}");
        });
    }
    let trials = std::env::var("RASTERS").map_or(2_000, |text| text.parse().unwrap());
    let mut chance = Chance(16);
    for _ in 0..trials {
        let (_, good) = GRIDS[chance.below(6)];
        let mut bytes = good.to_vec();
        for _ in 0..=chance.below(4) {
            let whole = chance.below(3) == 0;
            let at = chance.below(if whole {
                bytes.len()
            } else {
                600.min(bytes.len())
            });
            bytes[at] = match chance.below(4) {
                0 => 0,
                1 => 255,
                2 => bytes[at] ^ (1 << chance.below(8)),
                _ => chance.below(256) as u8,
            };
        }
        let _ = read(&bytes, None, ROUND);
    }
}
