//! What the people of each unit ask of which facilities: the rows of links as [`Claims`].
//!
//! Who asks is the same in all years, how much is not. Claimants are those of a group of rows (with the same places within their
//! limits) who live in one unit; they are found unit by unit, and at the end put in the order of their groups.
//!
//! Worked by hand: a norm of 250 for 1,000 residents, for children of 3 to 6. A demand point of 8 residents, of whom 2 are such
//! children, asks for 8 × 0.25 = 2. Where those from 6 on walk faster and are a group of their own, all of it is asked for by the
//! group of the children.

use std::ops::Range;

use super::allocation::{UNLIMITED, WHOLE};
use super::columns::{Column, NO_UNIT};
use super::demand::Room;
use super::groups::Grouping;
use super::lanes::{LANES, People, add, blocks, floats};
use super::setting::{Case, Group};
use super::shortage::{Claims, Member};
use crate::city::Class;
use crate::position::UnitAt;

/// What claimants ask for in a block of years, in the order in which they are found: that is the same in each block.
#[derive(Default)]
pub(super) struct Asked {
    /// Their groups by the numbers of [`Grouping`].
    members: Vec<Member>,
    amounts: Vec<People>,
}

/// What the people of each unit and group ask for in a block of years. Whole numbers, whose sums do not depend on order.
/// O(rows).
pub(super) fn ask(case: &Case, block: &Range<usize>, groups: &Grouping) -> Asked {
    let mut asked = Asked::default();
    // Of each group, the last unit that it was met in, and its claimants there.
    let mut last = vec![(NO_UNIT, 0_u32); groups.len()];
    for unit in UnitAt::first(case.units()) {
        for group in &case.groups {
            let demand = Asking::new(case, group, block);
            for &point in case.setting.points.of_unit(unit) {
                let point = point as usize;
                let number = groups.of(group.first + point);
                let (met, member) = &mut last[number as usize];
                if *met != unit.0 {
                    (*met, *member) = (unit.0, asked.members.len() as u32);
                    asked.members.push(Member {
                        group: number,
                        unit,
                    });
                    asked.amounts.push([0; LANES]);
                }
                demand.add(point, &mut asked.amounts[*member as usize]);
            }
        }
    }
    asked
}

/// What the rows of a group of ages ask for. What the norm gives residents of all ages is asked for by those of a place's target
/// group, wherever they are counted; where there are none, by the first group of ages.
struct Asking<'a> {
    classes: &'a [Class],
    /// Whether each class has a limit.
    judged: [bool; 2],
    per_resident: f64,
    per_target: f64,
    residents: &'a Column,
    /// Of the target group, the part that belongs to the group of ages.
    own: &'a Column,
    /// The whole target group; `None` where all of it belongs to the group of ages, whose part is then 1.
    target: Option<&'a Column>,
    /// The part of those places where nobody belongs to the target group.
    part_of_none: f64,
}

impl<'a> Asking<'a> {
    fn new(case: &'a Case, group: &Group<'a>, block: &Range<usize>) -> Self {
        let (per_resident, per_target) = case.rates().unwrap_or_default();
        let nth = block.start / LANES;
        let column = |bands| &case.setting.points.people(bands)[nth];
        let (rules, first) = (case.rules, group.first == 0);
        let own = &group.people[nth];
        let target = column(rules.service.target.bands());
        Self {
            classes: case.city().classes(),
            judged: [Class::Urban, Class::Rural]
                .map(|class| rules.limits.for_class(class).is_some()),
            per_resident,
            per_target,
            residents: column([true; _]),
            own,
            target: (!(first && std::ptr::eq(own, target))).then_some(target),
            part_of_none: f64::from(u8::from(first)),
        }
    }

    /// Adds what a demand point asks for, in millionths of a unit of capacity.
    #[inline]
    fn add(&self, point: usize, amounts: &mut People) {
        if !self.judged[self.classes[point] as usize] {
            return;
        }
        let own = floats(self.own.of(point));
        let mut of_all = floats(self.residents.of(point)).map(|people| people * self.per_resident);
        if let Some(target) = self.target {
            let target = floats(target.of(point));
            (0..LANES).for_each(|lane| of_all[lane] *= self.part(own[lane], target[lane]));
        }
        let asked: [f64; LANES] = std::array::from_fn(|lane| {
            (of_all[lane] + own[lane] * self.per_target) * (WHOLE / 1000.0)
        });
        add(amounts, rounded(asked));
    }

    fn part(&self, own: f64, target: f64) -> f64 {
        if target > 0.0 {
            own / target
        } else {
            self.part_of_none
        }
    }
}

/// As `number.round() as u64` (half up) of each, which are not negative; without a call where all are below 2⁵¹.
///
/// Adding 2⁵² to a number leaves no room for a fraction: the sum is the nearest whole number, the even one of two that are as
/// near, and its lowest bits are this number. Taking 2⁵² away again is exact, and so is what is then left of the number: a half
/// exactly where the even one was the lower. So 2.5 becomes 2 with a half left, which makes 3; 3.5 becomes 4 with −½ left.
#[inline]
fn rounded(numbers: [f64; LANES]) -> People {
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    if !numbers.iter().all(|&number| number < SHIFT / 2.0) {
        return numbers.map(|number| number.round() as u64);
    }
    numbers.map(|number| {
        let shifted = number + SHIFT;
        let left = number - (shifted - SHIFT);
        let whole = shifted.to_bits() - SHIFT.to_bits();
        whole + u64::from(left >= 0.5)
    })
}

/// The claims of all blocks of years. O(claimants × years + groups × log groups).
pub(super) fn claims(case: &Case, asked: &[Asked], room: &Room) -> Claims {
    let (numbers, groups) = room.groups.in_order(&room.rows);
    let found: Vec<Member> = asked[0]
        .members
        .iter()
        .map(|member| Member {
            group: numbers[member.group as usize],
            ..*member
        })
        .collect();
    let order = by_group(&found, groups.len());
    let years = case.setting.years.len();
    let amounts = blocks(years).zip(asked).flat_map(|(block, asked)| {
        let order = &order;
        (0..block.len()).map(move |lane| {
            order
                .iter()
                .map(|&at| asked.amounts[at as usize][lane])
                .collect()
        })
    });
    Claims {
        facilities: case.offers.iter().map(|each| each.facility).collect(),
        capacities: (0..years).map(|year| capacities(case, year)).collect(),
        groups,
        amounts: amounts.collect(),
        members: order.iter().map(|&at| found[at as usize]).collect(),
    }
}

/// The positions of members by group; those of a group stay in the order of units, in which they were found.
fn by_group(members: &[Member], groups: usize) -> Vec<u32> {
    let mut next = vec![0; groups + 1];
    members
        .iter()
        .for_each(|each| next[each.group as usize + 1] += 1);
    (0..groups).for_each(|group| next[group + 1] += next[group]);
    let mut order = vec![0; members.len()];
    for (at, member) in (0..).zip(members) {
        let next: &mut usize = &mut next[member.group as usize];
        order[*next] = at;
        *next += 1;
    }
    order
}

/// The capacity of each place in a year, in millionths; `None` where it is closed.
fn capacities(case: &Case, year: usize) -> Vec<Option<u64>> {
    let capacity = |each: &super::Offered| {
        let capacity_known = each
            .offer
            .capacity
            .map(|capacity| (capacity * WHOLE).round() as u64);
        each.open(year).then(|| capacity_known.unwrap_or(UNLIMITED))
    };
    case.offers.iter().map(capacity).collect()
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn rounding_without_a_call_is_rounding() {
        let edges = [
            0.0,
            0.5,
            1.5,
            2.5,
            0.499_999_999_999_999_94,
            2_251_799_813_685_247.5,
            2_251_799_813_685_248.0,
            1_125_899_906_842_623.5,
            9_007_199_254_740_991.0,
            9_007_199_254_740_992.0,
            1e18,
            1e30,
            f64::INFINITY,
            f64::NAN,
        ];
        for edge in edges {
            for number in [edge, edge.next_up(), edge.next_down()] {
                let number = number.max(0.0);
                let right = number.round() as u64;
                assert_eq!(
                    rounded([number, 0.0, 2.5, number]),
                    [right, 0, 3, right],
                    "{number:e}"
                );
                assert_eq!(
                    rounded([0.5, 1.5, number, 3.5]),
                    [1, 2, right, 4],
                    "{number:e}"
                );
            }
        }
    }
}
