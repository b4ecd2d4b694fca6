//! Roads as an earlier run left them: one file with the hash of what they were read from and of itself. What does not agree in
//! every byte is not used.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use fuwutu_core::quantity::Point;
use fuwutu_core::reach::roads::{Access, Barrier, BarrierKind, Edge, RoadRecords};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Found, RoadSummary};
use crate::finding::{Finding, Findings, Kind, Scope, Tally};

/// Where the roads are kept, and by which key.
pub(super) struct Kept {
    pub path: PathBuf,
    /// The hash of the files, of the area and of our version, in hexadecimal digits.
    pub key: String,
}

const MAGIC: &[u8] = b"fuwutu roads 3\n";

/// What stands beside the network.
#[derive(Serialize, Deserialize)]
struct About {
    summary: RoadSummary,
    findings: Vec<FindingRow>,
    /// File, kind, and how many of it there are.
    tallies: Vec<(String, String, Tally)>,
    wholes: Vec<(Scope, u64)>,
}

#[derive(Serialize, Deserialize)]
struct FindingRow {
    code: String,
    file: String,
    row: Option<u64>,
    id: String,
    column: String,
    value: String,
    count: u32,
    weight: Option<u64>,
}

impl FindingRow {
    fn new(finding: &Finding) -> Self {
        let Finding {
            kind,
            file,
            row,
            id,
            column,
            value,
            count,
            weight,
            // Roads are about no service and no layer, and shares are known in the end.
            feature: _,
            service: _,
            share: _,
        } = finding.clone();
        Self {
            code: kind.code().to_owned(),
            file,
            row,
            id,
            column,
            value,
            count,
            weight,
        }
    }

    fn finding(self) -> Option<Finding> {
        let Self {
            code,
            file,
            row,
            id,
            column,
            value,
            count,
            weight,
        } = self;
        Some(Finding {
            row,
            id,
            column,
            value,
            count,
            weight,
            ..Finding::new(Kind::of_code(&code)?, &file)
        })
    }
}

impl Kept {
    /// What was kept of the same files; `None` where nothing is, or something that is not right.
    pub(super) fn open(&self) -> Option<(Found, Findings)> {
        parse(&fs::read(&self.path).ok()?, &self.key)
    }

    /// Written beside and renamed, so that it is whole or not there.
    pub(super) fn put(&self, found: &Found, findings: &Findings) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = self
            .path
            .with_extension(format!("{}.new", std::process::id()));
        let written = fs::File::create(&beside)
            .and_then(|file| write(file, &self.key, found, findings))
            .and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

/// Bytes on their way to a file, with their hash: a network is not held twice in memory.
struct Hashed<W: Write> {
    to: io::BufWriter<W>,
    hash: Sha256,
}

impl<W: Write> Hashed<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.to.write_all(bytes)
    }
}

fn write(to: impl Write, key: &str, found: &Found, findings: &Findings) -> io::Result<()> {
    let RoadRecords {
        nodes,
        edges,
        bends,
        bend_ends,
        blocked,
        slopes,
        waits,
        barriers,
    } = &found.records;
    let (list, tallies, wholes) = findings.parts();
    let about = About {
        summary: found.summary.clone(),
        findings: list.iter().map(FindingRow::new).collect(),
        tallies: (tallies.iter())
            .map(|((file, kind, _), tally)| (file.clone(), kind.code().to_owned(), *tally))
            .collect(),
        wholes: (wholes.iter())
            .map(|(scope, amount)| (scope.clone(), *amount))
            .collect(),
    };
    let about = serde_json::to_vec(&about)?;
    let mut to = Hashed {
        to: io::BufWriter::with_capacity(1 << 20, to),
        hash: Sha256::new(),
    };
    to.put(MAGIC)?;
    to.put(key.as_bytes())?;
    for count in [
        about.len(),
        nodes.len(),
        edges.len(),
        bends.len(),
        bend_ends.len(),
        blocked.len(),
        slopes.len(),
        waits.len(),
        barriers.len(),
    ] {
        to.put(&(count as u64).to_le_bytes())?;
    }
    to.put(&about)?;
    let place = |to: &mut Hashed<_>, at: &Point| {
        to.put(&at.x.to_le_bytes())?;
        to.put(&at.y.to_le_bytes())
    };
    nodes.iter().try_for_each(|at| place(&mut to, at))?;
    for edge in edges {
        [edge.from, edge.to, edge.length]
            .iter()
            .try_for_each(|number| to.put(&number.to_le_bytes()))?;
        to.put(&edge.access.0.to_le_bytes())?;
    }
    bends.iter().try_for_each(|at| place(&mut to, at))?;
    bend_ends
        .iter()
        .try_for_each(|end| to.put(&end.to_le_bytes()))?;
    to.put(blocked)?;
    slopes
        .iter()
        .flatten()
        .try_for_each(|slope| to.put(&slope.to_le_bytes()))?;
    waits
        .iter()
        .try_for_each(|wait| to.put(&wait.to_le_bytes()))?;
    for barrier in barriers {
        to.put(&[barrier.kind as u8])?;
        barrier.line.iter().try_for_each(|at| place(&mut to, at))?;
    }
    let hash = to.hash.finalize();
    to.to.write_all(&hash)?;
    to.to.flush()
}

/// Bytes that are taken from the front.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    /// So many records of a fixed length.
    fn records<T, const N: usize>(
        &mut self,
        count: usize,
        of: impl Fn([u8; N]) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.take(count.checked_mul(N)?)?;
        Some(
            bytes
                .as_chunks::<N>()
                .0
                .iter()
                .map(|&record| of(record))
                .collect(),
        )
    }
}

fn parse(bytes: &[u8], key: &str) -> Option<(Found, Findings)> {
    let (body, hash) = bytes.split_last_chunk::<32>()?;
    let mut rest = Rest(body);
    // The key first: of other files nothing more needs to be looked at.
    let ours = rest.take(MAGIC.len())? == MAGIC && rest.take(key.len())? == key.as_bytes();
    if !ours || *Sha256::digest(body) != *hash {
        return None;
    }
    let counts = rest.records(9, |count: [u8; 8]| u64::from_le_bytes(count) as usize)?;
    let about: About = serde_json::from_slice(rest.take(counts[0])?).ok()?;
    let number = |bytes: &[u8]| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let place = |bytes: [u8; 8]| Point {
        x: number(&bytes),
        y: number(&bytes[4..]),
    };
    let edge = |bytes: [u8; 14]| {
        let [from, to, length] = [0, 4, 8].map(|at| number(&bytes[at..]) as u32);
        Edge {
            from,
            to,
            length,
            access: Access(u16::from_le_bytes([bytes[12], bytes[13]])),
        }
    };
    let records = RoadRecords {
        nodes: rest.records(counts[1], place)?,
        edges: rest.records(counts[2], edge)?,
        bends: rest.records(counts[3], place)?,
        bend_ends: rest.records(counts[4], u32::from_le_bytes)?,
        blocked: rest.take(counts[5])?.to_vec(),
        slopes: rest.records(counts[6], |bytes: [u8; 4]| {
            [
                u16::from_le_bytes([bytes[0], bytes[1]]),
                u16::from_le_bytes([bytes[2], bytes[3]]),
            ]
        })?,
        waits: rest.records(counts[7], u32::from_le_bytes)?,
        barriers: rest
            .records(counts[8], |bytes: [u8; 17]| {
                let line = [1, 9].map(|at| Point {
                    x: number(&bytes[at..]),
                    y: number(&bytes[at + 4..]),
                });
                Some(Barrier {
                    kind: kind(bytes[0])?,
                    line,
                })
            })?
            .into_iter()
            .collect::<Option<_>>()?,
    };
    let list = about
        .findings
        .into_iter()
        .map(FindingRow::finding)
        .collect::<Option<Vec<Finding>>>()?;
    let tallies = about
        .tallies
        .into_iter()
        .map(|(file, code, tally)| Some(((file, Kind::of_code(&code)?, String::new()), tally)))
        .collect::<Option<_>>()?;
    let wholes = about.wholes.into_iter().collect();
    let findings = Findings::of_parts(list, tallies, wholes);
    rest.0.is_empty().then_some((
        Found {
            records,
            summary: about.summary,
        },
        findings,
    ))
}

fn kind(byte: u8) -> Option<BarrierKind> {
    use BarrierKind::{Rail, Shore, Wall, Water};
    [Water, Rail, Wall, Shore]
        .into_iter()
        .find(|&kind| kind as u8 == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(key: &str, found: &Found, findings: &Findings) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, key, found, findings).unwrap();
        bytes
    }

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let records = RoadRecords {
            nodes: vec![Point { x: -5, y: 7 }, Point { x: 1, y: 2 }],
            edges: vec![Edge {
                from: 0,
                to: 1,
                length: 9,
                access: Access::everybody(),
            }],
            bends: vec![Point { x: 3, y: 3 }],
            bend_ends: vec![1],
            blocked: vec![0, 4],
            slopes: vec![[900, 1100]],
            waits: vec![30_000],
            barriers: vec![Barrier {
                kind: BarrierKind::Rail,
                line: [Point { x: -9, y: 0 }, Point { x: 9, y: 1 }],
            }],
        };
        let mut found = Found {
            records,
            summary: RoadSummary::default(),
        };
        found.summary.left_out("outside", 3);
        let mut findings = Findings::default();
        findings.whole(Scope::File("a.csv".to_owned()), 1_000);
        (0..250).for_each(|row| {
            findings.push(Finding::new(Kind::NodeUnknown, "a.csv").row(row).weight(1));
        });
        let whole = bytes("key", &found, &findings);
        let (again, restored) = parse(&whole, "key").unwrap();
        let mut all = [Findings::default(), Findings::default()];
        all[0].append(findings);
        all[1].append(restored);
        let [findings, restored] = all;
        assert_eq!(
            bytes("key", &again, &findings),
            bytes("key", &again, &restored)
        );
        assert_eq!(again.summary, found.summary);
        let (listed, restored) = (findings.finish().unwrap(), restored.finish().unwrap());
        assert!(listed == restored && listed.iter().map(|each| each.count).sum::<u32>() == 250);
        assert_eq!(listed[0].share, Some(250_000));
        assert!(parse(&whole, "kez").is_none(), "other files");
        for at in 0..whole.len() {
            assert!(parse(&whole[..at], "key").is_none(), "cut at {at}");
            let mut flipped = whole.clone();
            flipped[at] ^= 4;
            assert!(parse(&flipped, "key").is_none(), "flipped at {at}");
        }
    }
}
