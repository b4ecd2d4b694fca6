//! What is short for certain: the demand of a service that no assignment of people to facilities can seat, by unit and cause.

use rayon::prelude::*;

use super::allocation::{Groups, UNLIMITED, WHOLE, allocate};
use super::places::{Links, Places};
use crate::city::{City, Class};
use crate::position::{FacilityAt, UnitAt};
use crate::quantity::{AGE_BANDS, Ages};

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
#[derive(Debug, Clone)]
pub struct Claims {
    /// Positions in the city, ascending.
    facilities: Vec<FacilityAt>,
    /// Year by year, one a facility; `None` where it is closed.
    capacities: Vec<Vec<Option<u64>>>,
    /// Their places are positions among the facilities.
    groups: Groups,
    /// Group and unit, in this order.
    members: Vec<Member>,
    /// Year by year, what each member asks for.
    amounts: Vec<Vec<u64>>,
}

/// Those of a group who live in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    group: u32,
    unit: UnitAt,
}

/// The rows of links as claims: who asks is the same in all years, how much is not.
pub(super) struct Claimants {
    claims: Claims,
    /// Of each row; `None` for those who live in no unit.
    of_row: Vec<Option<u32>>,
}

impl Claimants {
    pub(super) fn new(places: &Places, links: &Links) -> Self {
        let groups = Groups::new(&links.reach);
        let units = || places.units.of_point.iter().cycle();
        let member = |(&group, &unit): (&u32, &Option<UnitAt>)| Some(Member { group, unit: unit? });
        let mut members: Vec<Member> = groups
            .of_row
            .iter()
            .zip(units())
            .filter_map(member)
            .collect();
        // Neighbours mostly are of one group and unit, so that few are left to be sorted.
        members.dedup();
        members.par_sort_unstable();
        members.dedup();
        let mut starts = vec![0; groups.len() + 1];
        members
            .iter()
            .for_each(|each| starts[each.group as usize + 1] += 1);
        (0..groups.len()).for_each(|at| starts[at + 1] += starts[at]);
        let of_row = groups.of_row.iter().zip(units()).map(|(&group, &unit)| {
            let range = starts[group as usize]..starts[group as usize + 1];
            let at = members[range.clone()]
                .binary_search(&Member { group, unit: unit? })
                .ok()?;
            Some((range.start + at) as u32)
        });
        let of_row = of_row.collect();
        let facilities = places.suppliers.facilities.clone();
        Self {
            claims: Claims {
                facilities,
                capacities: Vec::new(),
                groups,
                members,
                amounts: Vec::new(),
            },
            of_row,
        }
    }

    /// Adds a year in which the facilities of `open` are open.
    pub(super) fn ask(&mut self, city: &City, places: &Places, open: &[bool]) {
        let capacity = |(capacity, &open): (&Option<f64>, &bool)| match (open, capacity) {
            (false, _) => None,
            (true, None) => Some(UNLIMITED),
            (true, Some(capacity)) => Some((capacity * WHOLE).round() as u64),
        };
        self.claims.capacities.push(
            places
                .suppliers
                .capacities
                .iter()
                .zip(open)
                .map(capacity)
                .collect(),
        );
        let mut amounts = vec![0; self.claims.members.len()];
        for (member, asked) in self.of_row.iter().zip(asked(city, places)) {
            if let Some(member) = member {
                amounts[*member as usize] += asked;
            }
        }
        self.claims.amounts.push(amounts);
    }

    pub(super) fn finish(self) -> Claims {
        self.claims
    }
}

/// What each row asks for. What the norm gives residents of all ages is asked for by those of a place's target group, wherever
/// they are counted; where there are none, by the first group of ages.
fn asked(city: &City, places: &Places) -> Vec<u64> {
    let (per_resident, per_target) = places
        .rules
        .service
        .norm
        .rates(places.rules.household_size)
        .unwrap_or_default();
    let target = places.rules.service.target;
    let limits = places.rules.limits;
    let first = &places.groups[0].bands;
    let row = |bands: &'_ [bool; AGE_BANDS.len()], (ages, &class): (&Ages, &Class)| {
        if limits.for_class(class).is_none() {
            return 0;
        }
        let (own, all) = (
            target.of_bands(ages, bands).0 as f64,
            target.of(ages).0 as f64,
        );
        let part = if all > 0.0 {
            own / all
        } else {
            f64::from(u8::from(bands == first))
        };
        let asked = ages.total().0 as f64 * per_resident * part + own * per_target;
        (asked * (WHOLE / 1000.0)).round() as u64
    };
    let mut all = Vec::with_capacity(city.points().len() * places.groups.len());
    for group in places.groups {
        all.par_extend(
            city.residents()
                .par_iter()
                .zip(city.classes())
                .map(|each| row(&group.bands, each)),
        );
    }
    all
}

impl Claims {
    /// What is seated and what is short: year by year, one a unit of `units`. `exists` says for each year whether any facility is open
    /// in the whole city, in reach of anybody or not. O(years × (links + what [`allocate`] needs)).
    /// ```
    /// # use fuwutu_core::city::City;
    /// # use fuwutu_core::position::ServiceAt;
    /// # use fuwutu_core::reach::{Limits, Travel, Travels};
    /// # use fuwutu_core::supply::{self, Rules};
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
    /// let groups = travels.trips(&city, &[]);
    /// let years = [(city.clone(), supply::census(&city, &units))];
    /// let found = supply::stand(&years, &units, rules, &groups);
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
        let groups = Groups::by(self.groups.len() as u32, |group| {
            self.groups
                .places(group as usize)
                .iter()
                .copied()
                .filter(open)
        });
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
        let mut all = vec![Certain::default(); units];
        for members in members.chunk_by(|(a, _), (b, _)| a.group == b.group) {
            let group = members[0].0.group as usize;
            let cause = cause(groups.places(group), exists);
            for ((member, amount), seated) in
                members
                    .iter()
                    .zip(split(found.seated[group], demand[group], members))
            {
                let unit = &mut all[member.unit];
                unit.seated += seated;
                *cause(unit) += amount - seated;
            }
        }
        all
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
            let mut all = vec![None; facilities.len()];
            for each in both {
                for (place, &capacity) in (0..).zip(&each.capacities[year]) {
                    all[position(each, place)] = capacity;
                }
            }
            all
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
                .places(group as usize)
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
            let all = [&*self.amounts[year], &*next.amounts[year]].concat();
            order.iter().map(|&at| all[at]).collect()
        });
        let amounts = amounts.collect();
        let members = order.iter().map(|&at| members[at]).collect();
        Self {
            facilities,
            capacities,
            groups,
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
