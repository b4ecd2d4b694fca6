//! What a block of the file holds, as far as it matters: places of nodes, streets, what a leg does not cross, relations of either,
//! and the nodes of all other ways, because a relation may make a street of them. Nodes of ways stay packed as in the file.

use fuwutu_core::reach::roads::{Access, BarrierKind};

use super::blobs::Budget;
use super::nodes::Scale;
use super::whole::Marks;
use super::wire::{Broken, Fields, Packed, signed};
use super::{Counts, Node, barriers};
use crate::read::roads::tags::Tags;
use crate::street_rules::Rules;

/// What a way or a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Street(Street),
    Barrier(BarrierKind),
    /// Nothing by itself.
    Other,
}

/// A street: who may use it, how long one waits on it (ms), at what height it lies, and whether it is the outline of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Street {
    pub access: Access,
    pub area: bool,
    pub storey: Storey,
    pub wait: u32,
}

/// At what height a street lies: its layer, its level, whether it is a bridge or a tunnel. Streets of one storey meet where they
/// are at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Storey(u32);

/// A way: what it is, and where its nodes end among the packed nodes of its block.
pub(super) struct Way {
    pub id: i64,
    pub what: What,
    end: usize,
}

/// An area or a line made of several ways, and where they end among the members of its block.
struct Relation {
    what: What,
    end: usize,
}

/// What a block of the file holds.
#[derive(Default)]
pub(super) struct Block {
    pub nodes: Vec<Node>,
    /// Nodes as ways have them, with their places.
    pub located: Vec<Node>,
    /// Nodes that some may not pass, or that only those pass who live behind them; and nodes where one waits (ms).
    pub gates: Vec<(i64, u8)>,
    pub waits: Vec<(i64, u32)>,
    pub counts: Counts,
    ways: Vec<Way>,
    refs: Vec<u8>,
    relations: Vec<Relation>,
    members: Vec<i64>,
}

/// Which texts of a block are keys that matter.
const STREET: u8 = 1;
const BARRIER: u8 = 2;

/// A block as it is read.
struct Reader<'a> {
    texts: Vec<&'a [u8]>,
    keys: Vec<u8>,
    /// Places are in so many billionths of a degree, from these.
    scale: Scale,
    rules: &'a Rules,
    marks: &'a Marks,
    budget: &'a Budget,
    /// How many things there is room for that was taken before.
    room: usize,
    block: Block,
}

/// Room is taken for so many things at once, because all threads draw on the same.
const AT_ONCE: usize = 500;

/// Reads a block, and marks what its ways and relations use.
pub(super) fn read(
    bytes: &[u8],
    rules: &Rules,
    marks: &Marks,
    budget: &Budget,
) -> Result<Block, Broken> {
    let mut reader = Reader {
        texts: Vec::new(),
        keys: Vec::new(),
        scale: Scale::default(),
        rules,
        marks,
        budget,
        room: 0,
        block: Block::default(),
    };
    let mut groups = Vec::new();
    for field in Fields(bytes) {
        match field? {
            (1, texts) => reader.read_texts(texts.bytes()?)?,
            (2, group) => groups.push(group.bytes()?),
            (number, value) => reader.scale.field(number, value)?,
        }
    }
    for group in groups {
        reader.group(group)?;
    }
    Ok(reader.block)
}

impl<'a> Reader<'a> {
    /// Sees to it that there is room for so many things more.
    fn things(&mut self, count: usize) -> Result<(), Broken> {
        if count > self.room {
            self.budget.things(count - self.room + AT_ONCE)?;
            self.room = count + AT_ONCE;
        }
        self.room -= count;
        Ok(())
    }

    fn read_texts(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        for field in Fields(bytes) {
            if let (1, text) = field? {
                self.things(1)?;
                self.texts.push(text.bytes()?);
            }
        }
        let key = |text: &&[u8]| {
            let street = if self.rules.street_key(text) {
                STREET
            } else {
                0
            };
            let barrier = if barriers::is_key(text) { BARRIER } else { 0 };
            street | barrier
        };
        self.keys = self.texts.iter().map(key).collect();
        Ok(())
    }

    fn group(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        for field in Fields(bytes) {
            self.things(1)?;
            match field? {
                (1, node) => self.node(node.bytes()?)?,
                (2, nodes) => self.dense(nodes.bytes()?)?,
                (3, way) => self.way(way.bytes()?)?,
                (4, relation) => self.relation(relation.bytes()?)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&self, at: u64) -> &'a str {
        let text = usize::try_from(at).ok().and_then(|at| self.texts.get(at));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// All that the keys of a thing are.
    fn keys(&self, keys: Packed) -> u8 {
        let key = |at: u64| usize::try_from(at).ok().and_then(|at| self.keys.get(at));
        keys.filter_map(key).fold(0, |all, key| all | key)
    }

    fn tags(
        &self,
        keys: Packed<'a>,
        values: Packed<'a>,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        keys.zip(values)
            .map(|(key, value)| (self.text(key), self.text(value)))
    }

    fn node(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let (mut id, mut lon, mut lat) = (0, 0, 0);
        let (mut keys, mut values) = (Packed::default(), Packed::default());
        for field in Fields(bytes) {
            match field? {
                (1, number) => id = signed(number.number()?),
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (8, number) => lat = signed(number.number()?),
                (9, number) => lon = signed(number.number()?),
                _ => {}
            }
        }
        self.things(keys.count())?;
        self.block.nodes.extend(self.scale.place(id, lon, lat));
        self.block.counts.nodes += 1;
        if keys.bytes().is_empty() {
            self.block.counts.plain_nodes += 1;
        } else {
            self.tagged(id, &Tags::new(self.rules, self.tags(keys, values)));
        }
        Ok(())
    }

    fn dense(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let [mut ids, mut lats, mut lons, mut texts] = [None; 4];
        for field in Fields(bytes) {
            let (number, value) = field?;
            let place = match number {
                1 => &mut ids,
                8 => &mut lats,
                9 => &mut lons,
                10 => &mut texts,
                _ => continue,
            };
            if place.replace(value.packed()?).is_some() {
                return Err("nodes in pieces");
            }
        }
        let [ids, lats, lons] = [ids, lats, lons].map(Option::unwrap_or_default);
        if ids.count() != lats.count() || ids.count() != lons.count() {
            return Err("nodes without a place");
        }
        let mut texts = texts.unwrap_or_default();
        self.things(ids.count() + texts.count() / 2)?;
        self.block.nodes.reserve(ids.count());
        for ((id, lon), lat) in ids.sums().zip(lons.sums()).zip(lats.sums()) {
            self.block.nodes.extend(self.scale.place(id, lon, lat));
            self.block.counts.nodes += 1;
            // Keys and values up to a zero; most nodes have none.
            match texts.next() {
                None | Some(0) => self.block.counts.plain_nodes += 1,
                Some(key) => {
                    let mut first = Some(key);
                    let tag = || {
                        let key = first.take().or_else(|| texts.next());
                        // What follows a zero is the next node's.
                        let key = key.filter(|&key| key != 0)?;
                        Some((self.text(key), self.text(texts.next()?)))
                    };
                    let tags = Tags::new(self.rules, std::iter::from_fn(tag));
                    self.tagged(id, &tags);
                }
            }
        }
        Ok(())
    }

    /// A node with tags is of use by itself.
    fn tagged(&mut self, id: i64, tags: &Tags) {
        self.marks.node(id);
        match tags.blocked() {
            0 => {}
            modes => self.block.gates.push((id, modes)),
        }
        match tags.wait() {
            0 => {}
            wait => self.block.waits.push((id, wait)),
        }
    }

    fn way(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let mut id = 0;
        let [mut keys, mut values, mut refs, mut lats, mut lons] = [Packed::default(); 5];
        for field in Fields(bytes) {
            match field? {
                (1, number) => id = number.number()? as i64,
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (8, some) => refs = some.packed()?,
                (9, some) => lats = some.packed()?,
                (10, some) => lons = some.packed()?,
                _ => {}
            }
        }
        self.things(refs.count() + keys.count())?;
        let closed = self.read_refs(refs, lats, lons);
        let what = self.what(keys, values, closed);
        self.block.counts.ways += 1;
        self.count(what);
        if keys.bytes().is_empty() {
            self.block.counts.plain_ways += 1;
        } else {
            self.marks.way(id);
        }
        // Of one node and none there is no line.
        if refs.bytes().len() > 1 {
            self.block.refs.extend_from_slice(refs.bytes());
            let end = self.block.refs.len();
            self.block.ways.push(Way { id, what, end });
        }
        Ok(())
    }

    /// Marks the nodes of a way, keeps their places where it has them, and says whether it ends where it began.
    fn read_refs(&mut self, refs: Packed, lats: Packed, lons: Packed) -> bool {
        let (mut first, mut last, mut count) = (None, None, 0);
        for id in refs.sums() {
            self.marks.node(id);
            first = first.or(Some(id));
            last = Some(id);
            count += 1;
        }
        for ((id, lat), lon) in refs.sums().zip(lats.sums()).zip(lons.sums()) {
            self.block.located.extend(self.scale.place(id, lon, lat));
        }
        count > 2 && first == last
    }

    fn count(&mut self, what: What) {
        if let What::Street(street) = what {
            self.block.counts.streets += 1;
            self.block.counts.closed += u64::from(street.access.nobody());
        }
    }

    /// What a thing is by its tags. Most are nothing; that is seen without looking at what their tags say.
    fn what(&self, keys: Packed<'a>, values: Packed<'a>, closed: bool) -> What {
        let own = self.keys(keys);
        if own & STREET != 0 {
            let tags = Tags::new(self.rules, self.tags(keys, values));
            if tags.is_street() {
                let form = Form::new(self.tags(keys, values));
                // What is open to nobody is kept too: it is drawn as what was left out.
                return What::Street(Street {
                    access: tags.street(),
                    area: closed && form.area(),
                    storey: form.storey(),
                    wait: tags.wait(),
                });
            }
        }
        if own & BARRIER != 0 {
            let kind = barriers::kind(self.tags(keys, values));
            return kind.map_or(What::Other, What::Barrier);
        }
        What::Other
    }

    fn relation(&mut self, bytes: &'a [u8]) -> Result<(), Broken> {
        let [mut keys, mut values, mut members, mut kinds] = [Packed::default(); 4];
        for field in Fields(bytes) {
            match field? {
                (2, some) => keys = some.packed()?,
                (3, some) => values = some.packed()?,
                (9, some) => members = some.packed()?,
                (10, some) => kinds = some.packed()?,
                _ => {}
            }
        }
        self.things(members.count() + keys.count())?;
        self.block.counts.relations += 1;
        let area = (self.tags(keys, values)).any(|tag| tag == ("type", "multipolygon"));
        let what = if area {
            self.what(keys, values, true)
        } else {
            What::Other
        };
        for (id, kind) in members.sums().zip(kinds) {
            match kind {
                0 => self.marks.node(id),
                1 => {
                    self.marks.way(id);
                    if what != What::Other {
                        self.block.members.push(id);
                    }
                }
                _ => {}
            }
        }
        if what != What::Other {
            self.count(what);
            let end = self.block.members.len();
            self.block.relations.push(Relation { what, end });
        }
        Ok(())
    }
}

impl Block {
    /// Each way with its nodes.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&Way, Packed<'_>)> {
        let mut start = 0;
        self.ways.iter().map(move |way| {
            let refs = &self.refs[start..way.end];
            start = way.end;
            (way, Packed::again(refs))
        })
    }

    /// Each relation that is something, with its ways.
    pub(super) fn relations(&self) -> impl Iterator<Item = (What, &[i64])> {
        let mut start = 0;
        self.relations.iter().map(move |relation| {
            let members = &self.members[start..relation.end];
            start = relation.end;
            (relation.what, members)
        })
    }
}

/// The tags that say what form a street has.
#[derive(Default)]
struct Form<'a> {
    area: &'a str,
    multipolygon: bool,
    /// A platform or a pier, which is an area where it is closed.
    broad: bool,
    layer: &'a str,
    level: &'a str,
    bridge: &'a str,
    tunnel: &'a str,
}

impl<'a> Form<'a> {
    fn new(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (key, value) in tags {
            match (key, value) {
                ("area", _) => form.area = value,
                ("type", "multipolygon") => form.multipolygon = true,
                ("highway" | "railway" | "public_transport", "platform") | ("man_made", "pier") => {
                    form.broad = true;
                }
                ("layer", _) => form.layer = value,
                ("level", _) => form.level = value,
                ("bridge", _) => form.bridge = value,
                ("tunnel", _) => form.tunnel = value,
                _ => {}
            }
        }
        form
    }

    /// Whether a closed line is the outline of an area.
    fn area(&self) -> bool {
        match self.area {
            "yes" => true,
            "no" => false,
            _ => self.multipolygon || self.broad,
        }
    }

    fn storey(&self) -> Storey {
        let layer = self.layer.parse().unwrap_or(0_i8);
        let bridge = !matches!(self.bridge, "" | "no");
        let tunnel = !matches!(self.tunnel, "" | "no" | "building_passage");
        // Levels are words (`-1`, `0;1`, `G`): some sixteen bits of each, and none for the ground.
        let level = match self.level {
            "0" => "",
            level => level,
        };
        let level = (level.bytes()).fold(0_u16, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u16::from(byte))
        });
        Storey(
            u32::from(level) << 16
                | u32::from(bridge) << 9
                | u32::from(tunnel) << 8
                | u32::from(layer as u8),
        )
    }
}
