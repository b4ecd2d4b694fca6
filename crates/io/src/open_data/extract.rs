//! What a plan from open data needs of an OpenStreetMap extract: all nodes and the nodes of all ways, as the file packs them, and of
//! what has a tag that matters its tags. One pass over the file; memory as the reader of streets takes it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use fuwutu_core::watch::{Progress, Watch};
use rayon::prelude::*;

use crate::finding::{Finding, Kind as Noticed};
use crate::read::ReadError;
use crate::read::roads::osm::Node;
use crate::read::roads::osm::blobs::{self, Budget};
use crate::read::roads::osm::nodes::{Nodes, Scale};
use crate::read::roads::osm::wire::{Broken, Fields, Packed, Value, signed};

/// The longest text of a tag that is kept, in characters: OpenStreetMap allows no more.
const LONGEST: usize = 255;

/// What a thing is. The order is that of ids in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Node,
    Way,
    Relation,
}

impl Kind {
    pub(super) fn letter(self) -> char {
        match self {
            Self::Node => 'n',
            Self::Way => 'w',
            Self::Relation => 'r',
        }
    }
}

/// An extract in memory.
pub(super) struct Extract {
    pub nodes: Nodes,
    parts: Vec<Part>,
    /// Where each way is that a relation needs, by its id: part and position.
    ways: HashMap<i64, (usize, usize)>,
    /// When the data was taken from the database, in seconds of 1970, where the header says it.
    taken: Option<i64>,
    /// When the newest thing in it was changed.
    newest: Option<i64>,
    pub counts: Counts,
}

/// What is counted on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nodes.
    pub nodes: u64,
    /// Ways.
    pub ways: u64,
    /// Of these streets and paths.
    pub streets: u64,
    /// Relations.
    pub relations: u64,
}

/// A thing with its tags.
#[derive(Clone, Copy)]
pub(super) struct Thing<'a> {
    part: &'a Part,
    entry: &'a Entry,
}

impl<'a> Thing<'a> {
    pub(super) fn kind(self) -> Kind {
        self.entry.kind
    }

    pub(super) fn id(self) -> i64 {
        self.entry.id
    }

    /// As `n123`, `w123` or `r123`.
    pub(super) fn label(self) -> String {
        format!("{}{}", self.kind().letter(), self.id())
    }

    pub(super) fn tags(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let text = move |at: u32| &*self.part.texts[at as usize];
        let Range { start, end } = self.entry.tags;
        let tags = &self.part.tags[start as usize..end as usize];
        tags.iter()
            .map(move |&(key, value)| (text(key), text(value)))
    }

    pub(super) fn tag(self, key: &str) -> Option<&'a str> {
        self.tags()
            .find(|&(own, _)| own == key)
            .map(|(_, value)| value)
    }

    /// Its name, or that of its kind where it has a brand alone; control characters are spaces.
    pub(super) fn name(self) -> String {
        let keys = [
            "name",
            "name:zh",
            "name:en",
            "official_name",
            "brand",
            "operator",
        ];
        let name = keys.into_iter().find_map(|key| self.tag(key));
        plain(name.unwrap_or_default())
    }

    /// Whether it is a relation of another kind than an area: a collection of things is none of them.
    pub(super) fn is_collection(self) -> bool {
        let area = matches!(self.tag("type"), Some("multipolygon" | "boundary"));
        self.kind() == Kind::Relation && !area
    }

    fn own(self) -> usize {
        self.entry.own as usize
    }
}

/// A text of a file on one line, without what controls a terminal.
pub(super) fn plain(text: &str) -> String {
    let spaced = text.replace(|letter: char| letter.is_control(), " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ")
}

/// A thing with tags: what it is, where its tags are, and its own position among the ways or relations of its part.
struct Entry {
    kind: Kind,
    id: i64,
    tags: Range<u32>,
    own: u32,
}

/// A member of a relation.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub kind: Kind,
    pub id: i64,
}

/// What a block of the file holds.
#[derive(Default)]
struct Part {
    nodes: Vec<Node>,
    located: Vec<Node>,
    /// Ids of ways, whether they are streets, and where their nodes end among the packed ones.
    ways: Vec<(i64, bool, usize)>,
    refs: Vec<u8>,
    relations: Vec<usize>,
    members: Vec<Member>,
    entries: Vec<Entry>,
    tags: Vec<(u32, u32)>,
    texts: Vec<Box<str>>,
    newest: Option<i64>,
    counts: Counts,
}

impl Part {
    fn refs(&self, way: usize) -> Packed<'_> {
        let start = way.checked_sub(1).map_or(0, |before| self.ways[before].2);
        Packed::again(&self.refs[start..self.ways[way].2])
    }

    fn members(&self, relation: usize) -> &[Member] {
        let start = relation
            .checked_sub(1)
            .map_or(0, |before| self.relations[before]);
        &self.members[start..self.relations[relation]]
    }
}

/// Reads an extract. `matters` says of a key whether things are kept for it; `also` which other keys are kept of such things.
///
/// # Errors
/// Where the file is broken, or `watch` says stop.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    matters: &(dyn Fn(&str) -> bool + Sync),
    also: &(dyn Fn(&str) -> bool + Sync),
    watch: Watch,
) -> Result<Extract, ReadError> {
    let broken = |value: String| Finding::new(Noticed::PbfBroken, file).value(value);
    let budget = Budget::of(bytes.len());
    let blobs = blobs::blobs(bytes).map_err(broken)?;
    let taken = match bytes.is_empty() {
        true => None,
        false => taken(&blobs::header(bytes).map_err(broken)?).map_err(|e| broken(e.to_owned()))?,
    };
    let mut parts: Vec<Part> = blobs
        .par_iter()
        .map(|blob| {
            watch(Progress::Working)?;
            let inflated = blob.inflate(&budget).map_err(broken)?;
            let part = part(&inflated, matters, also, &budget);
            Ok(part.map_err(|error| broken(blob.at(error)))?)
        })
        .collect::<Result<_, ReadError>>()?;
    let mut counts = Counts::default();
    for part in &parts {
        counts.nodes += part.counts.nodes;
        counts.ways += part.counts.ways;
        counts.streets += part.counts.streets;
        counts.relations += part.counts.relations;
    }
    if counts == Counts::default() {
        return Err(broken("nodes 0, ways 0".to_owned()).into());
    }
    let mut all: Vec<Node> = Vec::with_capacity(parts.iter().map(|part| part.nodes.len()).sum());
    // Places of ways come last: those of the nodes themselves count before them.
    parts
        .iter_mut()
        .for_each(|part| all.append(&mut part.nodes));
    parts
        .iter_mut()
        .for_each(|part| all.append(&mut part.located));
    let needed: HashSet<i64> = (parts.iter().flat_map(|part| &part.members))
        .filter(|member| member.kind == Kind::Way)
        .map(|member| member.id)
        .collect();
    let mut ways = HashMap::new();
    for (at, part) in parts.iter().enumerate() {
        for (way, &(id, ..)) in part.ways.iter().enumerate() {
            if needed.contains(&id) {
                ways.entry(id).or_insert((at, way));
            }
        }
    }
    bounded(&parts, &ways).map_err(|error| broken(error.to_owned()))?;
    Ok(Extract {
        nodes: Nodes::of(all),
        newest: parts.iter().filter_map(|part| part.newest).max(),
        parts,
        ways,
        taken,
        counts,
    })
}

/// How many times as long as all ways together the borders of all relations may be. Maps have two to four: borders of several levels.
const MOST_BORDERS: u64 = 12;

/// Makes sure that relations are not made to go along the same ways without end.
fn bounded(parts: &[Part], ways: &HashMap<i64, (usize, usize)>) -> Result<(), Broken> {
    let all: u64 = parts.iter().map(|part| part.refs.len() as u64).sum();
    let length = |member: &Member| {
        let (part, way) = ways.get(&member.id)?;
        Some(parts[*part].refs(*way).bytes().len() as u64)
    };
    let members = parts.iter().flat_map(|part| &part.members);
    let borders = members
        .filter(|member| member.kind == Kind::Way)
        .filter_map(length);
    let most = all.saturating_mul(MOST_BORDERS).max(1 << 20);
    match borders.fold(0, u64::saturating_add) <= most {
        true => Ok(()),
        false => Err("relations that go along the same ways over and over"),
    }
}

/// The lines of an area's border, as positions of nodes, and how much of it the file lacks.
#[derive(Default)]
pub(super) struct Border {
    pub lines: Vec<Vec<u32>>,
    /// How many ways it has.
    pub ways: usize,
    /// How many of them are not in the file, or not all of their nodes.
    pub missing: usize,
}

impl Extract {
    pub(super) fn things(&self) -> impl Iterator<Item = Thing<'_>> {
        self.parts.iter().flat_map(|part| {
            let things = part.entries.iter();
            things.map(move |entry| Thing { part, entry })
        })
    }

    /// The members of a relation.
    pub(super) fn members<'a>(&self, relation: Thing<'a>) -> &'a [Member] {
        match relation.kind() {
            Kind::Relation => relation.part.members(relation.own()),
            _ => &[],
        }
    }

    /// The place of a node, as its position.
    pub(super) fn node(&self, thing: Thing) -> Option<u32> {
        self.find(thing.id())
    }

    pub(super) fn find(&self, id: i64) -> Option<u32> {
        let none_before = self.nodes.all.len();
        self.nodes.find(id, none_before).map(|at| at as u32)
    }

    /// The border of a way or a relation.
    pub(super) fn border(&self, thing: Thing) -> Border {
        let mut border = Border::default();
        match thing.kind() {
            Kind::Node => {}
            Kind::Way => self.add(thing.part, thing.own(), &mut border),
            Kind::Relation => {
                let ways = self.members(thing).iter();
                for member in ways.filter(|member| member.kind == Kind::Way) {
                    match self.ways.get(&member.id) {
                        Some(&(part, way)) => self.add(&self.parts[part], way, &mut border),
                        None => {
                            border.ways += 1;
                            border.missing += 1;
                        }
                    }
                }
            }
        }
        border
    }

    fn add(&self, part: &Part, way: usize, border: &mut Border) {
        border.ways += 1;
        match self.positions(part, way) {
            Some(line) if line.len() > 1 => border.lines.push(line),
            _ => border.missing += 1,
        }
    }

    /// The nodes of a way; `None` where one is not in the file.
    fn positions(&self, part: &Part, way: usize) -> Option<Vec<u32>> {
        let mut last = self.nodes.all.len();
        let mut line = Vec::new();
        for id in part.refs(way).sums() {
            last = self.nodes.find(id, last)?;
            line.push(last as u32);
        }
        line.dedup();
        Some(line)
    }

    /// The nodes of a way or of a relation's ways that are in the file.
    pub(super) fn known(&self, thing: Thing) -> Vec<u32> {
        let of_way = |part: &Part, way: usize| {
            let nodes = part.refs(way).sums().filter_map(|id| self.find(id));
            nodes.collect::<Vec<u32>>()
        };
        match thing.kind() {
            Kind::Node => self.node(thing).into_iter().collect(),
            Kind::Way => of_way(thing.part, thing.own()),
            Kind::Relation => {
                let ways = self
                    .members(thing)
                    .iter()
                    .filter(|member| member.kind == Kind::Way);
                let found = ways.filter_map(|member| self.ways.get(&member.id));
                found
                    .flat_map(|&(part, way)| of_way(&self.parts[part], way))
                    .collect()
            }
        }
    }

    /// The lines of all streets and paths, as positions of their nodes; nodes that are not in the file are left out.
    pub(super) fn streets(&self) -> impl Iterator<Item = Vec<u32>> {
        self.parts.iter().flat_map(move |part| {
            let streets = part.ways.iter().enumerate().filter(|(_, way)| way.1);
            streets.map(move |(way, _)| {
                let mut last = self.nodes.all.len();
                let nodes = part.refs(way).sums().filter_map(|id| {
                    let found = self.nodes.find(id, last)?;
                    last = found;
                    Some(found as u32)
                });
                nodes.collect()
            })
        })
    }

    /// The day that the data is of, as year, month and day, and whether it is that of its newest change: only then a lower bound.
    pub(super) fn day(&self) -> Option<([i64; 3], bool)> {
        match (self.taken, self.newest) {
            (Some(taken), _) => Some((day(taken), false)),
            (None, newest) => newest.map(|newest| (day(newest), true)),
        }
    }
}

/// The day of a second since 1970, in the Gregorian calendar (Howard Hinnant's days of civil time: years begin in March, so that the
/// leap day is their last).
fn day(seconds: i64) -> [i64; 3] {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let in_march = month < 10;
    let month_there = if in_march { month + 3 } else { month - 9 };
    [
        year + era * 400 + i64::from(!in_march),
        month_there,
        of_year - (153 * month + 2) / 5 + 1,
    ]
}

/// Seconds of a day that a city's data can be of; other times are none.
fn sound(seconds: i64) -> Option<i64> {
    // From 2004, when OpenStreetMap began, to 2200.
    (1_072_915_200..7_258_118_400)
        .contains(&seconds)
        .then_some(seconds)
}

fn taken(header: &[u8]) -> Result<Option<i64>, Broken> {
    let mut taken = None;
    for field in Fields(header) {
        if let (32, value) = field? {
            taken = sound(value.number()? as i64);
        }
    }
    Ok(taken)
}

/// A block as it is read.
struct Reader<'a> {
    raw: Vec<&'a [u8]>,
    /// Of each text what it is as a key.
    keys: Vec<Key>,
    scale: Scale,
    /// Milliseconds of a step of time.
    step: i64,
    budget: &'a Budget,
    /// Where each text that is kept stands among those of the part.
    kept: BTreeMap<u64, u32>,
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// Things are kept for it.
    Matters,
    /// It is kept of such things.
    Also,
    Other,
}

fn part(
    bytes: &[u8],
    matters: &dyn Fn(&str) -> bool,
    also: &dyn Fn(&str) -> bool,
    budget: &Budget,
) -> Result<Part, Broken> {
    let mut reader = Reader {
        raw: Vec::new(),
        keys: Vec::new(),
        scale: Scale::default(),
        step: 1000,
        budget,
        kept: BTreeMap::new(),
        part: Part::default(),
    };
    let mut groups = Vec::new();
    for field in Fields(bytes) {
        match field? {
            (1, texts) => reader.texts(texts.bytes()?, matters, also)?,
            (2, group) => groups.push(group.bytes()?),
            (18, number) => reader.step = i64::from(number.number()? as i32),
            (number, value) => reader.scale.field(number, value)?,
        }
    }
    for group in groups {
        for field in Fields(group) {
            reader.budget.things(1)?;
            match field? {
                (1, node) => reader.node(node.bytes()?)?,
                (2, nodes) => reader.dense(nodes.bytes()?)?,
                (3, way) => reader.way(way.bytes()?)?,
                (4, relation) => reader.relation(relation.bytes()?)?,
                _ => {}
            }
        }
    }
    Ok(reader.part)
}

impl<'a> Reader<'a> {
    fn texts(
        &mut self,
        bytes: &'a [u8],
        matters: &dyn Fn(&str) -> bool,
        also: &dyn Fn(&str) -> bool,
    ) -> Result<(), Broken> {
        for field in Fields(bytes) {
            if let (1, text) = field? {
                self.budget.things(1)?;
                let text = text.bytes()?;
                self.raw.push(text);
                let key = std::str::from_utf8(text).unwrap_or_default();
                self.keys.push(match () {
                    () if matters(key) => Key::Matters,
                    () if also(key) => Key::Also,
                    () => Key::Other,
                });
            }
        }
        Ok(())
    }

    fn raw(&self, at: u64) -> &'a [u8] {
        let text = usize::try_from(at).ok().and_then(|at| self.raw.get(at));
        text.copied().unwrap_or_default()
    }

    /// Whether a thing with such tags is kept. Streets are not, but stops beside them.
    fn matters(&self, mut tags: impl Iterator<Item = (u64, u64)>) -> bool {
        tags.any(|(key, value)| match self.key(key) {
            Key::Matters => true,
            Key::Also => self.raw(key) == b"highway" && self.raw(value) == b"bus_stop",
            Key::Other => false,
        })
    }

    fn key(&self, at: u64) -> Key {
        let key = usize::try_from(at).ok().and_then(|at| self.keys.get(at));
        key.copied().unwrap_or(Key::Other)
    }

    /// Where a text of the block stands among those of the part. Broken letters are replaced, and what is too long is cut.
    fn keep(&mut self, at: u64) -> u32 {
        if let Some(&known) = self.kept.get(&at) {
            return known;
        }
        let text = String::from_utf8_lossy(self.raw(at));
        let text: String = text.chars().take(LONGEST).collect();
        let place = self.part.texts.len() as u32;
        self.part.texts.push(text.into());
        self.kept.insert(at, place);
        place
    }

    /// Keeps a thing with its tags.
    fn entry(
        &mut self,
        kind: Kind,
        id: i64,
        own: usize,
        tags: impl Iterator<Item = (u64, u64)>,
    ) -> Result<(), Broken> {
        let start = self.part.tags.len() as u32;
        for (key, value) in tags {
            if self.key(key) != Key::Other {
                let tag = (self.keep(key), self.keep(value));
                self.part.tags.push(tag);
            }
        }
        let end = self.part.tags.len() as u32;
        self.budget.things((end - start) as usize)?;
        self.part.entries.push(Entry {
            kind,
            id,
            tags: start..end,
            own: own as u32,
        });
        Ok(())
    }

    fn changed(&mut self, steps: i64) {
        let seconds = sound(steps.wrapping_mul(self.step) / 1000);
        self.part.newest = self.part.newest.max(seconds);
    }

    /// What is said of a thing's last change.
    fn about(&mut self, about: Value) -> Result<(), Broken> {
        for field in Fields(about.bytes()?) {
            if let (2, steps) = field? {
                self.changed(steps.number()? as i64);
            }
        }
        Ok(())
    }

    fn node(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let (mut id, mut lon, mut lat) = (0, 0, 0);
        let (mut keys, mut values) = (Packed::default(), Packed::default());
        for field in Fields(bytes) {
            match field? {
                (1, number) => id = signed(number.number()?),
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (4, about) => self.about(about)?,
                (8, number) => lat = signed(number.number()?),
                (9, number) => lon = signed(number.number()?),
                _ => {}
            }
        }
        let place = self.scale.place(id, lon, lat);
        self.part.nodes.extend(place);
        self.part.counts.nodes += 1;
        if self.matters(keys.zip(values)) {
            self.entry(Kind::Node, id, 0, keys.zip(values))?;
        }
        Ok(())
    }

    fn dense(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let [mut ids, mut lats, mut lons, mut texts] = [Packed::default(); 4];
        for field in Fields(bytes) {
            match field? {
                (1, value) => ids = value.packed()?,
                (5, about) => {
                    for field in Fields(about.bytes()?) {
                        if let (2, times) = field? {
                            let newest = times.packed()?.sums().max();
                            newest.into_iter().for_each(|steps| self.changed(steps));
                        }
                    }
                }
                (8, value) => lats = value.packed()?,
                (9, value) => lons = value.packed()?,
                (10, value) => texts = value.packed()?,
                _ => {}
            }
        }
        if ids.count() != lats.count() || ids.count() != lons.count() {
            return Err("nodes without a place");
        }
        self.budget.things(ids.count() + texts.count() / 2)?;
        self.part.nodes.reserve(ids.count());
        let mut tags: Vec<(u64, u64)> = Vec::new();
        for ((id, lon), lat) in ids.sums().zip(lons.sums()).zip(lats.sums()) {
            let place = self.scale.place(id, lon, lat);
            self.part.nodes.extend(place);
            self.part.counts.nodes += 1;
            tags.clear();
            // Keys and values up to a zero; most nodes have none.
            while let Some(key) = texts.next().filter(|&key| key != 0) {
                tags.extend(texts.next().map(|value| (key, value)));
            }
            if self.matters(tags.iter().copied()) {
                self.entry(Kind::Node, id, 0, tags.iter().copied())?;
            }
        }
        Ok(())
    }

    fn way(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let mut id = 0;
        let [mut keys, mut values, mut refs, mut lats, mut lons] = [Packed::default(); 5];
        for field in Fields(bytes) {
            match field? {
                (1, number) => id = number.number()? as i64,
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (4, about) => self.about(about)?,
                (8, some) => refs = some.packed()?,
                (9, some) => lats = some.packed()?,
                (10, some) => lons = some.packed()?,
                _ => {}
            }
        }
        self.budget.things(refs.count() + keys.count())?;
        for ((id, lat), lon) in refs.sums().zip(lats.sums()).zip(lons.sums()) {
            let place = self.scale.place(id, lon, lat);
            self.part.located.extend(place);
        }
        let mut tags = keys.zip(values);
        let street =
            tags.any(|(key, value)| self.raw(key) == b"highway" && street(self.raw(value)));
        self.part.counts.ways += 1;
        self.part.counts.streets += u64::from(street);
        self.part.refs.extend_from_slice(refs.bytes());
        self.part.ways.push((id, street, self.part.refs.len()));
        if self.matters(keys.zip(values)) {
            self.entry(Kind::Way, id, self.part.ways.len() - 1, keys.zip(values))?;
        }
        Ok(())
    }

    fn relation(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let mut id = 0;
        let [mut keys, mut values, mut members, mut kinds] = [Packed::default(); 4];
        for field in Fields(bytes) {
            match field? {
                (1, number) => id = number.number()? as i64,
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (4, about) => self.about(about)?,
                (9, some) => members = some.packed()?,
                (10, some) => kinds = some.packed()?,
                _ => {}
            }
        }
        self.budget.things(members.count() + keys.count())?;
        self.part.counts.relations += 1;
        if !self.matters(keys.zip(values)) {
            return Ok(());
        }
        for (id, kind) in members.sums().zip(kinds) {
            let kind = match kind {
                0 => Kind::Node,
                1 => Kind::Way,
                _ => Kind::Relation,
            };
            self.part.members.push(Member { kind, id });
        }
        self.part.relations.push(self.part.members.len());
        self.entry(
            Kind::Relation,
            id,
            self.part.relations.len() - 1,
            keys.zip(values),
        )
    }
}

/// Whether a value of `highway` is a street or a path that is there.
fn street(value: &[u8]) -> bool {
    let other: [&[u8]; 10] = [
        b"proposed",
        b"construction",
        b"planned",
        b"abandoned",
        b"disused",
        b"razed",
        b"platform",
        b"bus_stop",
        b"rest_area",
        b"services",
    ];
    !other.contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_days_of_the_calendar() {
        assert_eq!(day(0), [1970, 1, 1]);
        // The extract of Las Palmas: 2023-02-21T03:31:14Z.
        assert_eq!(day(1_676_950_274), [2023, 2, 21]);
        assert_eq!(day(951_782_400), [2000, 2, 29]);
        assert_eq!(day(951_868_800), [2000, 3, 1]);
        assert_eq!(day(1_735_689_599), [2024, 12, 31]);
    }

    #[test]
    fn texts_of_a_file_stand_on_one_line() {
        assert_eq!(plain("a\nb\u{1b}[31m  c "), "a b [31m c");
    }
}
