//! Capacity allocation (供需分配): how much demand no assignment whatever can seat, and who bears it.
//!
//! A maximum flow from demand to the facilities within its limit, in whole millionths of a unit of capacity, so that it is
//! exact. Among the maximum assignments the fair one is taken: the share of its demand that the worst served seats is as
//! great as it can be, then that of the next (leximin; Megiddo 1974, Fujishige 1980). So people with the same facilities
//! within their limit seat the same share, and the answer does not depend on any order.

use rayon::prelude::*;

use crate::reach::Reach;

/// A unit of capacity, in the whole numbers of an allocation.
pub const WHOLE: f64 = 1e6;

/// The capacity of a facility of which it is not known: nobody who reaches it is short for certain.
pub const UNLIMITED: u64 = u64::MAX;

/// Lists of places, each ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceLists {
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl Default for PlaceLists {
    /// None.
    fn default() -> Self {
        Self {
            starts: vec![0],
            places: Vec::new(),
        }
    }
}

impl PlaceLists {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The places of one.
    #[must_use]
    pub fn get(&self, list: usize) -> &[u32] {
        &self.places[self.starts[list]..self.starts[list + 1]]
    }

    pub(super) fn push(&mut self, places: impl Iterator<Item = u32>) {
        self.places.extend(places);
        self.starts.push(self.places.len());
    }
}

/// Rows of links with the same places, as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// For each row of links, its group.
    pub of_row: Vec<u32>,
    pub(super) lists: PlaceLists,
}

impl Groups {
    /// Groups are numbered in the order of their places, the empty one first. O(rows × log rows + links).
    #[must_use]
    pub fn new(reach: &Reach) -> Self {
        Self::by(reach.rows().len() as u32, |row| {
            reach.row(row as usize).iter().map(|link| link.place)
        })
    }

    /// Of rows that are a group each, in order. O(rows).
    pub(super) fn of_lists(lists: PlaceLists) -> Self {
        Self {
            of_row: (0..lists.len() as u32).collect(),
            lists,
        }
    }

    /// As [`Groups::new`], with the places of each of so many rows, ascending.
    #[must_use]
    pub fn by<I: Iterator<Item = u32>>(rows: u32, places: impl Fn(u32) -> I + Sync) -> Self {
        let mut order: Vec<(u64, u32)> = (0..rows)
            .into_par_iter()
            .map(|row| (first_places(places(row)), row))
            .collect();
        // Most rows of most services have no place at all.
        let (empty, mut order): (Vec<_>, Vec<_>) =
            order.drain(..).partition(|&(first, _)| first == 0);
        order.par_sort_unstable_by(|&(a, left), &(b, right)| {
            a.cmp(&b)
                .then_with(|| places(left).cmp(places(right)))
                .then(left.cmp(&right))
        });
        let mut all = Self {
            of_row: vec![0; rows as usize],
            lists: PlaceLists::default(),
        };
        if !empty.is_empty() {
            all.lists.push(std::iter::empty());
        }
        for same in
            order.chunk_by(|&(a, left), &(b, right)| a == b && places(left).eq(places(right)))
        {
            let group = all.len() as u32;
            same.iter()
                .for_each(|&(_, row)| all.of_row[row as usize] = group);
            all.lists.push(places(same[0].1));
        }
        all
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The places of a group, ascending.
    #[must_use]
    pub fn places(&self, group: usize) -> &[u32] {
        self.lists.get(group)
    }
}

/// The first two places of a row: a number that orders rows as their places do, as far as it goes.
pub(super) fn first_places(mut places: impl Iterator<Item = u32>) -> u64 {
    let mut next = || places.next().map_or(0, |place| u64::from(place) + 1);
    next() << 32 | next()
}

/// What is seated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Of each group's demand.
    pub seated: Vec<u64>,
    /// Groups that cannot all be seated, though each has a facility within its limit, with those who could make room for them.
    /// All capacity that they reach is theirs and used up, which proves that no assignment seats more (the least cut):
    /// Σ seated = Σ demand of all other groups with a place + Σ capacity within the reach of these.
    pub contested: Vec<bool>,
}

/// Seats `demand` (one a group) in `capacities` (one a place; 0 where it is closed).
///
/// First, places that can take all of their demand do, again and again; then a bisection: everybody who is left is to seat
/// the same share, total capacity ÷ total demand; where a maximum flow (Dinic 1970) does not reach this, the least cut
/// parts those who must have less, with all the capacity that they reach, from those who can have more.
/// O(links) for the first; for the rest mostly O(links × depth of the bisection), much more at worst.
///
/// ```
/// use fuwutu_core::quantity::Millis;
/// use fuwutu_core::reach::{Link, Reach};
/// use fuwutu_core::supply::allocation::{Groups, allocate};
/// // 30 seats are within reach of 20 and of 40 people, 10 more of the second alone: two thirds of all are seated.
/// let link = |place| Link { place, time: Millis(0) };
/// let rows = [vec![link(0)], vec![link(0), link(1)]];
/// let groups = Groups::new(&Reach::from_rows(rows.iter().map(Vec::as_slice)));
/// let found = allocate(&groups, &[20, 40], &[30, 10]);
/// assert_eq!(found.seated.iter().sum::<u64>(), 40);
/// assert!(found.seated[0].abs_diff(13) <= 1 && found.seated[1].abs_diff(27) <= 1);
/// assert_eq!(found.contested, [true, true]);
/// ```
#[must_use]
pub fn allocate(groups: &Groups, demand: &[u64], capacities: &[u64]) -> Allocation {
    let (mut seated, waiting) = seat_where_there_is_enough(groups, demand, capacities);
    let mut flow = Flow::new(groups, &waiting, demand, capacities);
    flow.share_out();
    for (at, &group) in waiting.iter().enumerate() {
        seated[group as usize] = flow.seated[at];
    }
    let mut contested = vec![false; groups.len()];
    waiting
        .iter()
        .zip(flow.contested())
        .for_each(|(&group, own)| contested[group as usize] = own);
    Allocation { seated, contested }
}

/// Who reaches each place: rows of positions, by place.
struct Reached {
    starts: Vec<usize>,
    from: Vec<u32>,
}

impl Reached {
    /// `links` are the place and what reaches it, in the order in which they will stand.
    fn new(places: usize, links: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; places + 1];
        links
            .clone()
            .for_each(|(place, _)| starts[place as usize + 1] += 1);
        for at in 0..places {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut from = vec![0; starts[places]];
        for (place, each) in links {
            from[next[place as usize]] = each;
            next[place as usize] += 1;
        }
        Self { starts, from }
    }

    fn range(&self, place: u32) -> std::ops::Range<usize> {
        self.starts[place as usize]..self.starts[place as usize + 1]
    }

    fn of(&self, place: u32) -> &[u32] {
        &self.from[self.range(place)]
    }
}

/// Seats wholly whoever reaches a place that has enough for all who do and wait, again and again as fewer wait: in some fair
/// maximum assignment they all sit there. The rest, with demand and a place that has anything, wait.
fn seat_where_there_is_enough(
    groups: &Groups,
    demand: &[u64],
    capacities: &[u64],
) -> (Vec<u64>, Vec<u32>) {
    let links = (0..groups.len() as u32)
        .filter(|&group| demand[group as usize] > 0)
        .flat_map(|group| {
            groups
                .places(group as usize)
                .iter()
                .map(move |&place| (place, group))
        });
    let reached = Reached::new(capacities.len(), links);
    let asked = |place: u32| {
        reached
            .of(place)
            .iter()
            .map(|&group| demand[group as usize])
            .sum::<u64>()
    };
    let mut asking: Vec<u64> = (0..capacities.len() as u32).map(asked).collect();
    let enough = |asking: u64, place: u32| {
        capacities[place as usize] > 0 && asking <= capacities[place as usize]
    };
    let mut ample: Vec<u32> = (0..capacities.len() as u32)
        .filter(|&place| enough(asking[place as usize], place))
        .collect();
    let mut seated = vec![0; groups.len()];
    while let Some(place) = ample.pop() {
        for &group in reached.of(place) {
            let amount = demand[group as usize];
            if seated[group as usize] == amount {
                continue;
            }
            seated[group as usize] = amount;
            for &other in groups.places(group as usize) {
                let before = asking[other as usize];
                asking[other as usize] -= amount;
                if !enough(before, other) && enough(before - amount, other) {
                    ample.push(other);
                }
            }
        }
    }
    let waits = |&group: &u32| {
        let reaches = || {
            groups
                .places(group as usize)
                .iter()
                .any(|&place| capacities[place as usize] > 0)
        };
        seated[group as usize] < demand[group as usize] && reaches()
    };
    let waiting = (0..groups.len() as u32).filter(waits).collect();
    (seated, waiting)
}

/// Those who wait and the places that have anything for them.
struct Flow<'a> {
    demand: Vec<u64>,
    seated: Vec<u64>,
    /// What each is to seat at present.
    target: Vec<u64>,
    /// The links of each group: the place, and how much of the group sits there.
    starts: Vec<usize>,
    place: Vec<u32>,
    sitting: Vec<u64>,
    /// The same links by place, as positions among them.
    reached: Reached,
    group: Vec<u32>,
    capacities: &'a [u64],
    spare: Vec<u64>,
    /// The part to which each place belongs at present.
    owner: Vec<u32>,
    /// The last time that a place's capacity was added up.
    counted: Vec<u32>,
    rounds: u32,
    /// For a search: how far each group and place is from whoever lacks a seat, and the next link to try.
    group_depth: Vec<u32>,
    place_depth: Vec<u32>,
    group_next: Vec<usize>,
    place_next: Vec<usize>,
}

/// Groups that share the capacity of the places of the same number.
struct Part {
    number: u32,
    groups: Vec<u32>,
}

/// Not found by the search.
const UNSEEN: u32 = u32::MAX;

impl<'a> Flow<'a> {
    fn new(groups: &Groups, waiting: &[u32], demand: &[u64], capacities: &'a [u64]) -> Self {
        let mut starts = vec![0];
        let (mut place, mut group) = (Vec::new(), Vec::new());
        for (&each, at) in waiting.iter().zip(0..) {
            place.extend(
                groups
                    .places(each as usize)
                    .iter()
                    .filter(|&&place| capacities[place as usize] > 0),
            );
            group.resize(place.len(), at);
            starts.push(place.len());
        }
        Self {
            demand: waiting
                .iter()
                .map(|&group| demand[group as usize])
                .collect(),
            seated: vec![0; waiting.len()],
            target: vec![0; waiting.len()],
            sitting: vec![0; place.len()],
            reached: Reached::new(capacities.len(), place.iter().copied().zip(0..)),
            spare: capacities.to_vec(),
            owner: vec![0; capacities.len()],
            counted: vec![0; capacities.len()],
            rounds: 0,
            group_depth: vec![UNSEEN; waiting.len()],
            place_depth: vec![UNSEEN; capacities.len()],
            group_next: starts[..waiting.len()].to_vec(),
            place_next: vec![0; capacities.len()],
            starts,
            place,
            group,
            capacities,
        }
    }

    fn links(&self, group: u32) -> std::ops::Range<usize> {
        self.starts[group as usize]..self.starts[group as usize + 1]
    }

    /// Gives everybody who waits the fair share of the greatest assignment.
    fn share_out(&mut self) {
        let mut parts = vec![Part {
            number: 0,
            groups: (0..self.demand.len() as u32).collect(),
        }];
        let mut numbers = 1;
        while let Some(part) = parts.pop() {
            if part.groups.is_empty() {
                continue;
            }
            let (capacity, demand) = self.totals(&part);
            let share = |asked: u64| {
                u128::from(asked) * u128::from(capacity.min(demand)) / u128::from(demand)
            };
            for &group in &part.groups {
                self.aim(group, share(self.demand[group as usize]) as u64);
            }
            if self.seat(&part) {
                if capacity < demand {
                    self.use_up(&part, capacity);
                }
            } else {
                let (worse, better) = self.cut(part, numbers);
                numbers += 1;
                parts.extend([better, worse]);
            }
        }
    }

    /// Capacity and demand of a part.
    fn totals(&mut self, part: &Part) -> (u64, u64) {
        self.rounds += 1;
        let (mut capacity, mut demand) = (0, 0);
        for &group in &part.groups {
            demand += self.demand[group as usize];
            for link in self.links(group) {
                let place = self.place[link] as usize;
                if self.owner[place] == part.number && self.counted[place] != self.rounds {
                    self.counted[place] = self.rounds;
                    capacity = u64::saturating_add(capacity, self.capacities[place]);
                }
            }
        }
        (capacity, demand)
    }

    /// Sets what a group is to seat; what it has beyond that is freed.
    fn aim(&mut self, group: u32, target: u64) {
        self.target[group as usize] = target;
        let mut beyond = self.seated[group as usize].saturating_sub(target);
        self.seated[group as usize] -= beyond;
        for link in self.links(group) {
            if beyond == 0 {
                break;
            }
            let freed = beyond.min(self.sitting[link]);
            self.sitting[link] -= freed;
            self.spare[self.place[link] as usize] += freed;
            beyond -= freed;
        }
    }

    /// Seats the groups of a part up to their targets, as far as its places allow. Whether all are.
    fn seat(&mut self, part: &Part) -> bool {
        for &group in &part.groups {
            self.seat_at_once(group, part.number);
        }
        while self.search(part) {
            for &group in &part.groups {
                while self.seated[group as usize] < self.target[group as usize]
                    && self.push(group, part.number)
                {}
            }
        }
        part.groups
            .iter()
            .all(|&group| self.seated[group as usize] == self.target[group as usize])
    }

    /// Takes what is spare in a group's own places.
    fn seat_at_once(&mut self, group: u32, number: u32) {
        for link in self.links(group) {
            let lacks = self.target[group as usize] - self.seated[group as usize];
            if lacks == 0 {
                break;
            }
            let place = self.place[link] as usize;
            if self.owner[place] == number {
                let taken = lacks.min(self.spare[place]);
                self.spare[place] -= taken;
                self.sitting[link] += taken;
                self.seated[group as usize] += taken;
            }
        }
    }

    /// Finds the fewest moves from whoever lacks a seat to spare capacity, in breadth. Whether there is any.
    fn search(&mut self, part: &Part) -> bool {
        let mut layer = Vec::new();
        for &group in &part.groups {
            let lacks = self.seated[group as usize] < self.target[group as usize];
            self.group_depth[group as usize] = if lacks { 0 } else { UNSEEN };
            self.group_next[group as usize] = self.starts[group as usize];
            if lacks {
                layer.push(group);
            }
            for link in self.links(group) {
                let place = self.place[link];
                self.place_depth[place as usize] = UNSEEN;
                self.place_next[place as usize] = self.reached.range(place).start;
            }
        }
        let (mut depth, mut found) = (0, false);
        while !found && !layer.is_empty() {
            depth += 1;
            let mut places = Vec::new();
            for &group in &layer {
                for link in self.links(group) {
                    let place = self.place[link] as usize;
                    if self.owner[place] == part.number && self.place_depth[place] == UNSEEN {
                        self.place_depth[place] = depth;
                        found |= self.spare[place] > 0;
                        places.push(place as u32);
                    }
                }
            }
            depth += 1;
            layer.clear();
            for &place in &places {
                for &link in self.reached.of(place) {
                    let group = self.group[link as usize] as usize;
                    if self.sitting[link as usize] > 0 && self.group_depth[group] == UNSEEN {
                        self.group_depth[group] = depth;
                        layer.push(group as u32);
                    }
                }
            }
        }
        found
    }

    /// Moves as much as one chain of moves allows, so that `first` seats more. Whether there was one.
    fn push(&mut self, first: u32, number: u32) -> bool {
        // Links forwards (a group takes a seat) and backwards (who sits there makes room), in turn.
        let mut chain: Vec<usize> = Vec::new();
        let mut group = first;
        loop {
            if let Some(link) = self.forwards(group, number) {
                chain.push(link);
                let place = self.place[link];
                if self.spare[place as usize] > 0 {
                    self.apply(&chain, first);
                    return true;
                }
                match self.backwards(place) {
                    Some(back) => {
                        chain.push(back);
                        group = self.group[back];
                    }
                    None => {
                        chain.pop();
                        self.group_next[group as usize] += 1;
                    }
                }
            } else {
                // Nothing leads on from this group: whence we came, another one must make room.
                let (Some(back), Some(link)) = (chain.pop(), chain.pop()) else {
                    return false;
                };
                self.place_next[self.place[back] as usize] += 1;
                group = self.group[link];
            }
        }
    }

    /// The next link of a group that leads farther from whoever lacks a seat.
    fn forwards(&mut self, group: u32, number: u32) -> Option<usize> {
        let depth = self.group_depth[group as usize] + 1;
        let end = self.starts[group as usize + 1];
        let leads = |link: usize| {
            let place = self.place[link] as usize;
            self.owner[place] == number && self.place_depth[place] == depth
        };
        let next = (self.group_next[group as usize]..end).find(|&link| leads(link));
        self.group_next[group as usize] = next.unwrap_or(end);
        next
    }

    /// The next link of a place by which somebody sits there who could move on.
    fn backwards(&mut self, place: u32) -> Option<usize> {
        let depth = self.place_depth[place as usize] + 1;
        let end = self.reached.range(place).end;
        let leads = |at: usize| {
            let link = self.reached.from[at] as usize;
            self.sitting[link] > 0 && self.group_depth[self.group[link] as usize] == depth
        };
        let next = (self.place_next[place as usize]..end).find(|&at| leads(at));
        self.place_next[place as usize] = next.unwrap_or(end);
        next.map(|at| self.reached.from[at] as usize)
    }

    /// Moves as many along the chain as all of it allows.
    fn apply(&mut self, chain: &[usize], first: u32) {
        let last = self.place[chain[chain.len() - 1]] as usize;
        let lacks = self.target[first as usize] - self.seated[first as usize];
        let backwards = chain.iter().skip(1).step_by(2);
        let amount = backwards
            .map(|&link| self.sitting[link])
            .fold(lacks.min(self.spare[last]), u64::min);
        for (at, &link) in chain.iter().enumerate() {
            if at % 2 == 0 {
                self.sitting[link] += amount;
            } else {
                self.sitting[link] -= amount;
            }
        }
        self.spare[last] -= amount;
        self.seated[first as usize] += amount;
    }

    /// Parts a part that cannot seat the common share, after the last search: those whom it found compete for places that are
    /// all full, and must have less; the others can have more.
    fn cut(&mut self, part: Part, number: u32) -> (Part, Part) {
        let (worse, better): (Vec<u32>, Vec<u32>) = part
            .groups
            .into_iter()
            .partition(|&group| self.group_depth[group as usize] != UNSEEN);
        for &group in &worse {
            for link in self.links(group) {
                let owner = &mut self.owner[self.place[link] as usize];
                if *owner == part.number {
                    *owner = number;
                }
            }
        }
        (
            Part {
                number,
                groups: worse,
            },
            Part {
                number: part.number,
                groups: better,
            },
        )
    }

    /// A part in which everybody seats the common share, and not all: what rounding left is used up.
    fn use_up(&mut self, part: &Part, capacity: u64) {
        for &group in &part.groups {
            self.target[group as usize] = self.demand[group as usize];
        }
        part.groups
            .iter()
            .for_each(|&group| self.seat_at_once(group, part.number));
        if part
            .groups
            .iter()
            .map(|&group| self.seated[group as usize])
            .sum::<u64>()
            < capacity
        {
            self.seat(part);
        }
    }

    /// Once all is shared out: whom a last search from those who lack a seat finds. It finds no spare capacity.
    fn contested(&mut self) -> Vec<bool> {
        self.owner.fill(0);
        self.target.clone_from(&self.demand);
        let all = Part {
            number: 0,
            groups: (0..self.demand.len() as u32).collect(),
        };
        self.search(&all);
        self.group_depth
            .iter()
            .map(|&depth| depth != UNSEEN)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Millis;
    use crate::reach::Link;

    fn groups(rows: &[&[u32]]) -> Groups {
        let link = |&place: &u32| Link {
            place,
            time: Millis(0),
        };
        let rows: Vec<Vec<Link>> = rows
            .iter()
            .map(|row| row.iter().map(link).collect())
            .collect();
        Groups::new(&Reach::from_rows(rows.iter().map(Vec::as_slice)))
    }

    #[test]
    fn rows_with_the_same_places_are_one_group_in_the_order_of_places() {
        let groups = groups(&[&[1], &[0, 2], &[], &[1], &[0, 1, 3], &[0, 1, 2]]);
        assert_eq!(groups.of_row, [4, 3, 0, 4, 2, 1]);
        assert_eq!(
            (groups.places(0), groups.places(1), groups.places(4)),
            (&[][..], &[0, 1, 2][..], &[1][..])
        );
    }

    #[test]
    fn who_has_another_place_makes_room() {
        // The first group fills places 0 and 1; it moves to place 2, so that the second is seated too.
        let groups = groups(&[&[0, 1, 2], &[1]]);
        let found = allocate(&groups, &[50, 40], &[30, 40, 20]);
        assert_eq!(
            found,
            Allocation {
                seated: vec![50, 40],
                contested: vec![false, false]
            }
        );
    }

    #[test]
    fn the_worst_served_have_as_much_as_can_be() {
        // Place 0 (10) is all that the first (40) has; the second (20) reaches it too, and place 1 (12): it leaves place 0
        // to the first, and seats 12 of its 20. The shares are 1/4 and 3/5; nobody could raise the lower one.
        let groups = groups(&[&[0], &[0, 1]]);
        let found = allocate(&groups, &[40, 20], &[10, 12]);
        assert_eq!(
            found,
            Allocation {
                seated: vec![10, 12],
                contested: vec![true, true]
            }
        );
    }

    #[test]
    fn who_reaches_an_unlimited_place_is_seated() {
        let groups = groups(&[&[0], &[0, 1], &[]]);
        let found = allocate(&groups, &[7, 5, 40], &[3, UNLIMITED]);
        // Groups in the order of places: none, {0}, {0, 1}.
        assert_eq!(found.seated, [0, 3, 40]);
    }
}
