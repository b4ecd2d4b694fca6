//! Shapes in the binary forms of GeoPackage: a header of its own, then the well-known binary form (WKB).
//!
//! Counts are checked against what is left of the bytes before memory is taken for them; collections are named and not entered, so
//! nothing is nested more than two deep.

use geo::Coord;

use super::Shape;
use crate::finding::Kind;

/// Why bytes are no shape.
const NOT_GEOPACKAGE: &str = "no GeoPackage geometry";
const CUT: &str = "WKB cut off";
const TYPE: &str = "WKB of a type that does not belong here";

/// The shape of a cell; `None` where it is empty.
pub(super) fn shape(blob: &[u8]) -> Option<Shape> {
    read(blob).unwrap_or_else(|why| Some(Shape::Broken(Kind::GeometryBroken, why.to_owned())))
}

fn read(blob: &[u8]) -> Result<Option<Shape>, &'static str> {
    let (head, rest) = blob.split_at_checked(8).ok_or(NOT_GEOPACKAGE)?;
    if !head.starts_with(b"GP") {
        return Err(NOT_GEOPACKAGE);
    }
    let flags = head[3];
    if flags & 1 << 5 != 0 {
        return Err("extended GeoPackage geometry");
    }
    // The box around it: of two, three or four dimensions, or none.
    let envelope = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(NOT_GEOPACKAGE),
    };
    let is_empty = flags & 1 << 4 != 0;
    let mut bytes = Bytes(rest.get(envelope..).ok_or(CUT)?);
    if is_empty { Ok(None) } else { bytes.shape() }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

/// What a shape begins with.
struct Head {
    little: bool,
    kind: u32,
    /// Numbers of a place.
    numbers: usize,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn count(&mut self, little: bool) -> Result<u32, &'static str> {
        let four = self.take(4)?.try_into().expect("four bytes");
        Ok(match little {
            true => u32::from_le_bytes(four),
            false => u32::from_be_bytes(four),
        })
    }

    fn head(&mut self) -> Result<Head, &'static str> {
        let little = match self.take(1)? {
            [0] => false,
            [1] => true,
            _ => return Err("WKB without a byte order"),
        };
        let code = self.count(little)?;
        // Thousands say Z and M by the standard; PostGIS sets bits, one of them for a number of the coordinate system.
        let (plain, bits) = (code & 0x0fff_ffff, code >> 28);
        if bits & 2 != 0 {
            self.take(4)?;
        }
        let more = match plain / 1000 {
            0 => (bits >> 3 & 1) + (bits >> 2 & 1),
            1 | 2 => 1,
            3 => 2,
            _ => return Err(TYPE),
        };
        Ok(Head {
            little,
            kind: plain % 1000,
            numbers: 2 + more as usize,
        })
    }

    fn place(&mut self, head: &Head) -> Result<Coord, &'static str> {
        let bytes = self.take(head.numbers * 8)?;
        let number = |at: usize| {
            let eight = bytes[at..at + 8].try_into().expect("eight bytes");
            match head.little {
                true => f64::from_le_bytes(eight),
                false => f64::from_be_bytes(eight),
            }
        };
        Ok(Coord {
            x: number(0),
            y: number(8),
        })
    }

    fn places(&mut self, head: &Head) -> Result<Vec<Coord>, &'static str> {
        let count = self.count(head.little)? as usize;
        if count > self.0.len() / (head.numbers * 8) {
            return Err(CUT);
        }
        (0..count).map(|_| self.place(head)).collect()
    }

    fn rings(&mut self, head: &Head) -> Result<Vec<Vec<Coord>>, &'static str> {
        let count = self.count(head.little)? as usize;
        // Each has its own count.
        if count > self.0.len() / 4 {
            return Err(CUT);
        }
        (0..count).map(|_| self.places(head)).collect()
    }

    /// Shapes of a kind, each with its own beginning.
    fn each<T>(
        &mut self,
        head: &Head,
        kind: u32,
        read: fn(&mut Self, &Head) -> Result<T, &'static str>,
    ) -> Result<Vec<T>, &'static str> {
        let count = self.count(head.little)? as usize;
        // A byte order and a type.
        if count > self.0.len() / 5 {
            return Err(CUT);
        }
        let mut all = Vec::new();
        for _ in 0..count {
            let own = self.head()?;
            if own.kind != kind {
                return Err(TYPE);
            }
            all.push(read(self, &own)?);
        }
        Ok(all)
    }

    fn shape(&mut self) -> Result<Option<Shape>, &'static str> {
        let head = self.head()?;
        Ok(Some(match head.kind {
            1 => match self.place(&head)? {
                // An empty point is written as two that are no numbers.
                place if place.x.is_nan() && place.y.is_nan() => return Ok(None),
                place => Shape::Points("Point", vec![place]),
            },
            3 => Shape::Areas(vec![self.rings(&head)?]),
            4 => Shape::Points("MultiPoint", self.each(&head, 1, Self::place)?),
            6 => Shape::Areas(self.each(&head, 3, Self::rings)?),
            kind => Shape::Other(name(kind).ok_or(TYPE)?),
        }))
    }
}

/// The name of a type that is not read.
fn name(kind: u32) -> Option<&'static str> {
    Some(match kind {
        2 => "LineString",
        5 => "MultiLineString",
        7 => "GeometryCollection",
        8 => "CircularString",
        9 => "CompoundCurve",
        10 => "CurvePolygon",
        11 => "MultiCurve",
        12 => "MultiSurface",
        13 => "Curve",
        14 => "Surface",
        15 => "PolyhedralSurface",
        16 => "TIN",
        17 => "Triangle",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(flags: u8, wkb: &[u8]) -> Vec<u8> {
        [&[b'G', b'P', 0, flags, 0, 0, 0, 0], wkb].concat()
    }

    fn point(little: bool, code: u32, numbers: &[f64]) -> Vec<u8> {
        let mut bytes = vec![u8::from(little)];
        let order = |mut number: Vec<u8>| {
            if !little {
                number.reverse();
            }
            number
        };
        bytes.extend(order(code.to_le_bytes().to_vec()));
        for number in numbers {
            bytes.extend(order(number.to_le_bytes().to_vec()));
        }
        bytes
    }

    #[test]
    fn both_byte_orders_and_all_dimensions_are_read() {
        let codes: [(u32, &[f64]); 7] = [
            (1, &[1.5, 2.5]),
            (1001, &[1.5, 2.5, 9.0]),
            (2001, &[1.5, 2.5, 9.0]),
            (3001, &[1.5, 2.5, 9.0, 8.0]),
            (0x8000_0001, &[1.5, 2.5, 9.0]),
            (0x4000_0001, &[1.5, 2.5, 9.0]),
            (0xc000_0001, &[1.5, 2.5, 9.0, 8.0]),
        ];
        for (code, numbers) in codes {
            for little in [true, false] {
                match shape(&blob(0, &point(little, code, numbers))) {
                    Some(Shape::Points("Point", places)) => {
                        assert_eq!(places, [Coord { x: 1.5, y: 2.5 }], "{code}");
                    }
                    _ => panic!("{code}"),
                }
            }
        }
        assert!(shape(&blob(0, &point(true, 1, &[f64::NAN, f64::NAN]))).is_none());
        assert!(shape(&blob(16, &[])).is_none());
    }

    #[test]
    fn hostile_blobs_are_no_shapes_and_take_no_memory() {
        let many = u32::MAX.to_le_bytes();
        let head = |kind: u32| [&[1][..], &kind.to_le_bytes(), &many].concat();
        let inner = [&head(6)[..5], &[1, 0, 0, 0], &head(3)].concat();
        let collections =
            (0..1000).flat_map(|_| [&[1][..], &7_u32.to_le_bytes(), &[1, 0, 0, 0]].concat());
        let cases = [
            blob(0, &head(3)),
            blob(0, &head(4)),
            blob(0, &head(6)),
            blob(0, &inner),
            blob(0, &head(99)),
            blob(0b1010, &head(3)),
            blob(0b10_0000, &head(3)),
            blob(0, &[2, 1, 0, 0, 0]),
            b"GP".to_vec(),
            Vec::new(),
        ];
        for (case, at) in cases.iter().zip(0..) {
            assert!(matches!(shape(case), Some(Shape::Broken(..))), "{at}");
        }
        let collections = blob(0, &collections.collect::<Vec<u8>>());
        assert!(matches!(
            shape(&collections),
            Some(Shape::Other("GeometryCollection"))
        ));
    }
}
