//! The units of the last round, in the codes of today.

use std::collections::BTreeMap;

use super::atom::Atom;
use crate::city::City;
use crate::crosswalk::{Crosswalk, Span};
use crate::position::{CommunityAt, FormerAt, PartAt, TownshipAt};
use crate::quantity::Residents;

/// One line of the last round's communities: this many residents of the community belonged to the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRow {
    /// The community's code then.
    pub code: String,
    /// The unit's id.
    pub unit: String,
    /// Its residents in the unit then.
    pub residents: Residents,
}

/// Which unit each community of a city belonged to in the last round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUnits {
    /// In order.
    ids: Vec<String>,
    /// Of each id, the township (by position) whose unit may go on with it.
    heirs: Vec<Option<TownshipAt>>,
    /// Of each community, positions of ids (ascending) with the residents it had there.
    of_community: Vec<Vec<(FormerAt, Residents)>>,
}

impl LastUnits {
    /// From rows in any order; codes that have changed since go through the crosswalk, with their residents. Also the rows
    /// (by position) that have no land in the city any more.
    ///
    /// An id that begins with the code of a township of today can go on there only. One whose township is gone goes on in the
    /// township that most of its residents have come to. O(n log n).
    #[must_use]
    pub fn new(
        city: &City,
        rows: &[LastRow],
        crosswalk: &Crosswalk,
        span: Span,
    ) -> (Self, Vec<usize>) {
        let mut lost = Vec::new();
        let mut sums: BTreeMap<(CommunityAt, &str), Residents> = BTreeMap::new();
        for (row, number) in rows.iter().zip(0..) {
            let parts = crosswalk.carry(&row.code, row.residents, span);
            let here: Vec<(CommunityAt, Residents)> = parts
                .into_iter()
                .filter_map(|(code, part)| Some((city.community_at(code)?, part)))
                .collect();
            if here.is_empty() {
                lost.push(number);
            }
            for (community, part) in here {
                *sums.entry((community, &row.unit)).or_default() += part;
            }
        }
        let mut ids: Vec<String> = rows.iter().map(|row| row.unit.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut of_community = vec![Vec::new(); city.communities().len()];
        let mut in_township: Vec<BTreeMap<TownshipAt, Residents>> =
            vec![BTreeMap::new(); ids.len()];
        for ((community, unit), residents) in sums {
            let Ok(id) = ids.binary_search_by(|id_there| id_there.as_str().cmp(unit)) else {
                continue;
            };
            of_community[community].push((FormerAt::new(id), residents));
            let township = city.community(community).township;
            *in_township[id].entry(township).or_default() += residents;
        }
        let heirs = ids
            .iter()
            .zip(&in_township)
            .map(|(id, townships)| heir(city, id, townships))
            .collect();
        (
            Self {
                ids,
                heirs,
                of_community,
            },
            lost,
        )
    }

    /// The ids of all units, in order.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether the last round knew the community (by position).
    #[must_use]
    pub fn knows(&self, community: CommunityAt) -> bool {
        !self.of_community[community].is_empty()
    }

    /// The last unit (by position) of each atom of a township. A community that came together from several units, and is one
    /// atom, has that of most residents. The pieces of one that is cut take, one after the other, the unit whose part of the
    /// community is nearest in size to what the piece holds.
    pub(super) fn homes(&self, atoms: &[Atom]) -> Homes {
        let of_community = |pieces: &[Atom]| {
            let units = &self.of_community[pieces[0].community];
            let now: Residents = pieces.iter().map(|piece| piece.residents).sum();
            let then: Residents = units.iter().map(|(_, residents)| *residents).sum();
            let mut room: Vec<(FormerAt, u64)> = units
                .iter()
                .map(|&(unit, part)| {
                    let scaled = u128::from(part.0) * u128::from(now.0) / u128::from(then.0.max(1));
                    (unit, scaled as u64)
                })
                .collect();
            pieces
                .iter()
                .map(|piece| {
                    if let [_] = pieces {
                        // The first of units with equally many residents.
                        return units
                            .iter()
                            .rev()
                            .max_by_key(|(_, residents)| *residents)
                            .map(|(unit, _)| *unit);
                    }
                    let (unit, left) = room
                        .iter_mut()
                        .min_by_key(|(_, left)| left.abs_diff(piece.residents.0))?;
                    *left = left.saturating_sub(piece.residents.0);
                    Some(*unit)
                })
                .collect::<Vec<_>>()
        };
        let ids: Vec<Option<FormerAt>> = atoms
            .chunk_by(|a, b| a.community == b.community)
            .flat_map(of_community)
            .collect();
        let mut former: Vec<FormerAt> = ids.iter().copied().flatten().collect();
        former.sort_unstable();
        former.dedup();
        let of_atom = ids
            .into_iter()
            .map(|id| id.and_then(|id| former.binary_search(&id).ok().map(PartAt::new)))
            .collect();
        Homes { former, of_atom }
    }

    /// The township (by position) whose unit may go on with an id (by position).
    pub(super) fn heir(&self, id: FormerAt) -> Option<TownshipAt> {
        self.heirs[id]
    }

    /// The highest serial that the last round used in the township with this code; 0 without any.
    pub(super) fn highest_serial(&self, code: &str) -> u32 {
        let serials = self
            .ids
            .iter()
            .map(|id| parts(id))
            .filter(|(prefix, _)| *prefix == code);
        serials.filter_map(|(_, serial)| serial).max().unwrap_or(0)
    }
}

/// The last units of a township's atoms.
pub(super) struct Homes {
    /// Ids by position, ascending.
    pub former: Vec<FormerAt>,
    /// Of each atom a position in `former`.
    pub of_atom: Vec<Option<PartAt>>,
}

/// No township has so many units that a serial would be larger; a larger number does not come from this program, and counting on from it would
/// leave what a serial can be.
const MOST_SERIAL: u32 = 999_999;

/// The township's code and the serial that an id is made of; the whole and nothing where it is made otherwise.
pub(super) fn parts(id: &str) -> (&str, Option<u32>) {
    let split = id.rsplit_once('-').and_then(|(code, serial)| {
        let serial = serial
            .parse()
            .ok()
            .filter(|serial| *serial <= MOST_SERIAL)?;
        Some((code, serial))
    });
    split.map_or((id, None), |(code, serial)| (code, Some(serial)))
}

fn heir(city: &City, id: &str, townships: &BTreeMap<TownshipAt, Residents>) -> Option<TownshipAt> {
    // The first of townships with equally many residents.
    city.township_at(parts(id).0).or_else(|| {
        townships
            .iter()
            .rev()
            .max_by_key(|(_, residents)| **residents)
            .map(|(township, _)| *township)
    })
}
