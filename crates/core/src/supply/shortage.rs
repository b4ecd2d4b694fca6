//! What is short for certain: the demand of a service that no assignment of people to facilities can seat, by unit and cause.

use rayon::prelude::*;

use super::allocation::{Groups, PlaceLists, WHOLE, allocate};
use crate::position::{FacilityAt, UnitAt};

/// A unit's demand for a service in a year, in millionths of a unit of capacity: what an assignment can seat, and why the rest
/// cannot be. The four add up to the demand. Where the capacity of a facility within reach is not known, nobody who reaches
/// it is short for certain: `full` is then the least that it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Certain {
    /// Seated by the fair one of the greatest assignments.
    pub seated: u64,
    /// No facility is open within the limit, though there are some.
    pub too_far: u64,
    /// All facilities within reach are full.
    pub full: u64,
    /// No facility is open in the whole city.
    pub none_exists: u64,
}

impl Certain {
    /// In the service's unit.
    #[must_use]
    pub fn units(millionths: u64) -> f64 {
        millionths as f64 / WHOLE
    }

    /// All that is short, in millionths.
    #[must_use]
    pub fn short(&self) -> u64 {
        self.too_far + self.full + self.none_exists
    }

    /// All that is asked for, in millionths.
    #[must_use]
    pub fn demand(&self) -> u64 {
        self.seated + self.short()
    }

    /// Adds that of another unit.
    pub fn add(&mut self, other: &Self) {
        self.seated += other.seated;
        self.too_far += other.too_far;
        self.full += other.full;
        self.none_exists += other.none_exists;
    }
}

/// What the people of some units ask of which facilities, for one service, year by year. Those of a whole city, or of shards
/// that are joined before they are settled: an assignment knows no borders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Positions in the city, ascending.
    pub(super) facilities: Vec<FacilityAt>,
    /// Year by year, one a facility; `None` where it is closed.
    pub(super) capacities: Vec<Vec<Option<u64>>>,
    /// The places of each group, as positions among the facilities.
    pub(super) groups: PlaceLists,
    /// Group and unit, in this order.
    pub(super) members: Vec<Member>,
    /// Year by year, what each member asks for.
    pub(super) amounts: Vec<Vec<u64>>,
}

/// Those of a group who live in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) group: u32,
    pub(super) unit: UnitAt,
}

impl Claims {
    /// What is seated and what is short: year by year, one a unit of `units`. `exists` says for each year whether any facility is open
    /// in the whole city, in reach of anybody or not. O(years × (links + what [`allocate`] needs)).
    /// ```
    /// # use fuwutu_core::city::City;
    /// # use fuwutu_core::position::ServiceAt;
    /// # use fuwutu_core::reach::{Limits, Travel, Travels};
    /// # use fuwutu_core::supply::{self, Room, Rules, Setting};
    /// # use fuwutu_core::units;
    /// # use fuwutu_synth::example;
    /// # let (plan, service) = (example::plan(), example::service());
    /// # let rules = Rules {
    /// #     service: &service,
    /// #     at: ServiceAt(0),
    /// #     limits: Limits::of(&service),
    /// #     decay: plan.decay,
    /// #     household_size: plan.household_size,
    /// #     substitutes: &[],
    /// #     pace_within: 0.0,
    /// #     unless: None,
    /// # };
    /// # let travels = Travels::from(&example::STRAIGHT as &dyn Travel);
    /// // Nine people 500 m apart in one unit; a facility of capacity 1 in their middle, which five of them reach in time. Each
    /// // person needs a capacity of ¼.
    /// let city = City::new(fuwutu_synth::grid(3, 500_000, &[(0, 0)]))?;
    /// let units = units::divide(&city, &plan.units);
    /// let trips = travels.trips(&city, &[]);
    /// let years = [(city.clone(), supply::census(&city, &units))];
    /// let setting = Setting::new(&years, &units, &trips, [service.target]);
    /// let found = supply::stand(&setting, rules, &mut Room::default());
    /// # let claims = found.claims.expect("the service has a capacity and a norm");
    /// let certain = claims.settle(units.units.len(), &[true])[0][0];
    /// // Five ask for 1¼ of which 1 can be seated; the four at the corners have nothing within the limit.
    /// assert_eq!((certain.seated, certain.full, certain.too_far), (1_000_000, 250_000, 1_000_000));
    /// # Ok::<(), fuwutu_core::city::CityError>(())
    /// ```
    #[must_use]
    pub fn settle(&self, units: usize, exists: &[bool]) -> Vec<Vec<Certain>> {
        let years = self.capacities.par_iter().zip(&self.amounts).zip(exists);
        years
            .map(|((capacities, amounts), &exists)| {
                self.settle_year(units, capacities, amounts, exists)
            })
            .collect()
    }

    /// Who has the same open facilities is one group, so that those that are closed this year change nothing.
    fn settle_year(
        &self,
        units: usize,
        capacities: &[Option<u64>],
        amounts: &[u64],
        exists: bool,
    ) -> Vec<Certain> {
        let open = |place: &u32| capacities[*place as usize].is_some();
        let groups = if capacities.iter().all(Option::is_some) {
            Groups::of_lists(self.groups.clone())
        } else {
            Groups::by(self.groups.len() as u32, |group| {
                self.groups.get(group as usize).iter().copied().filter(open)
            })
        };
        let of_year = |each: &Member| Member {
            group: groups.of_row[each.group as usize],
            ..*each
        };
        let mut members: Vec<(Member, u64)> = self
            .members
            .iter()
            .map(of_year)
            .zip(amounts.iter().copied())
            .collect();
        members.sort_by_key(|&(member, _)| member);
        let mut demand = vec![0; groups.len()];
        members
            .iter()
            .for_each(|(member, amount)| demand[member.group as usize] += amount);
        let there: Vec<u64> = capacities
            .iter()
            .map(|capacity| capacity.unwrap_or(0))
            .collect();
        let found = allocate(&groups, &demand, &there);
        let mut by_unit = vec![Certain::default(); units];
        for members in members.chunk_by(|(a, _), (b, _)| a.group == b.group) {
            let group = members[0].0.group as usize;
            let cause = cause(groups.places(group), exists);
            for ((member, amount), seated) in
                members
                    .iter()
                    .zip(split(found.seated[group], demand[group], members))
            {
                let unit = &mut by_unit[member.unit];
                unit.seated += seated;
                *cause(unit) += amount - seated;
            }
        }
        by_unit
    }

    /// With those of the next shard, whose units come after ours. Its facilities are known by their positions in the whole city.
    #[must_use]
    pub(crate) fn join(self, mut next: Self, units: usize) -> Self {
        for member in &mut next.members {
            member.unit = member.unit.after(units);
        }
        let both = [&self, &next];
        let mut facilities: Vec<FacilityAt> = both
            .iter()
            .flat_map(|each| each.facilities.iter().copied())
            .collect();
        facilities.sort_unstable();
        facilities.dedup();
        let position = |each: &Self, place: u32| {
            facilities
                .binary_search(&each.facilities[place as usize])
                .unwrap_or(0)
        };
        let years = 0..self.capacities.len();
        let capacities = years.clone().map(|year| {
            let mut positions = vec![None; facilities.len()];
            for each in both {
                for (place, &capacity) in (0..).zip(&each.capacities[year]) {
                    positions[position(each, place)] = capacity;
                }
            }
            positions
        });
        let capacities = capacities.collect();
        let own = self.groups.len() as u32;
        let groups = Groups::by(own + next.groups.len() as u32, |row| {
            let (each, group) = if row < own {
                (&self, row)
            } else {
                (&next, row - own)
            };
            each.groups
                .get(group as usize)
                .iter()
                .map(move |&place| position(each, place) as u32)
        });
        let member = |first: u32| {
            let groups = &groups;
            move |each: &Member| Member {
                group: groups.of_row[(first + each.group) as usize],
                ..*each
            }
        };
        let members: Vec<Member> = self
            .members
            .iter()
            .map(member(0))
            .chain(next.members.iter().map(member(own)))
            .collect();
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_unstable_by_key(|&at| members[at]);
        let amounts = years.map(|year| {
            let amounts = [&*self.amounts[year], &*next.amounts[year]].concat();
            order.iter().map(|&at| amounts[at]).collect()
        });
        let amounts = amounts.collect();
        let members = order.iter().map(|&at| members[at]).collect();
        Self {
            facilities,
            capacities,
            groups: groups.lists,
            members,
            amounts,
        }
    }

    /// Names the facilities of a shard by their positions in the whole city.
    pub(crate) fn rename(&mut self, facilities: &[FacilityAt]) {
        self.facilities
            .iter_mut()
            .for_each(|each| *each = facilities[*each]);
    }
}

/// Why those with these open facilities cannot be seated who cannot.
fn cause(open: &[u32], exists: bool) -> fn(&mut Certain) -> &mut u64 {
    match (open.is_empty(), exists) {
        (false, _) => |certain| &mut certain.full,
        (true, true) => |certain| &mut certain.too_far,
        (true, false) => |certain| &mut certain.none_exists,
    }
}

/// `seated` in proportion to what the members of a group ask for, which adds up to `demand`: rounded differences of the running
/// sum, so that the parts add up and none is more than its amount.
fn split(seated: u64, demand: u64, members: &[(Member, u64)]) -> impl Iterator<Item = u64> {
    let (mut sum, mut given) = (0_u64, 0);
    members.iter().map(move |&(_, amount)| {
        sum += amount;
        let until = if demand > 0 {
            (u128::from(sum) * u128::from(seated) / u128::from(demand)) as u64
        } else {
            0
        };
        let part = until - given;
        given = until;
        part
    })
}
