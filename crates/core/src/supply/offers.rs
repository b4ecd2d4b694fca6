//! Which facilities offer a service, and in which years they are open: an index that all services of a round share.

use std::ops::Range;

use super::lanes::Mask;
use crate::city::{City, Offer};
use crate::position::{FacilityAt, ServiceAt};
use crate::quantity::Point;

/// The facilities of each service that are open in any of the years.
#[derive(Debug, Clone)]
pub struct Offers(Vec<Vec<Offered>>);

/// A service at a facility.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Position of the facility.
    pub facility: FacilityAt,
    /// Where it stands.
    pub at: Point,
    /// What it has.
    pub offer: Offer,
    /// Position of the first year in which it is open.
    since: usize,
    /// Position of the first year after it in which it is not ([`crate::city::Status::open`]).
    until: usize,
}

impl Offered {
    /// Whether the facility is open in the year with a position.
    #[inline]
    #[must_use]
    pub fn open(&self, year: usize) -> bool {
        self.since <= year && year < self.until
    }

    /// In which years of a block it is open.
    pub(crate) fn open_in(&self, block: &Range<usize>) -> Mask {
        let open = |(lane, year): (usize, usize)| Mask::from(self.open(year)) << lane;
        block.clone().enumerate().map(open).sum()
    }
}

impl Offers {
    /// Of the same city in its `years`, in order. What a facility says twice of one service counts once, the first time.
    /// O(facilities × (years + offers)).
    pub fn new(years: &[&City]) -> Self {
        let mut by_service: Vec<Vec<Offered>> = Vec::new();
        let Some(city) = years.first() else {
            return Self(by_service);
        };
        for (position, facility) in FacilityAt::enumerate(city.facilities()) {
            let open = |city: &&City| city.facility(position).open(city.year());
            let Some(since) = years.iter().position(open) else {
                continue;
            };
            let open_years = years[since..].iter().take_while(|city| open(city));
            let until = since + open_years.count();
            for &offer in &facility.offers {
                let service = offer.service.index();
                by_service.resize_with(by_service.len().max(service + 1), Vec::new);
                let said = |last: &Offered| last.facility == position;
                if !by_service[service].last().is_some_and(said) {
                    by_service[service].push(Offered {
                        facility: position,
                        at: facility.at,
                        offer,
                        since,
                        until,
                    });
                }
            }
        }
        Self(by_service)
    }

    /// Those of a service, in the order of facilities.
    #[must_use]
    pub fn ever_open(&self, service: ServiceAt) -> &[Offered] {
        self.0.get(service.index()).map_or(&[], Vec::as_slice)
    }

    /// Those of a service that are open in the year with a position, in the order of facilities.
    pub fn open(&self, service: ServiceAt, year: usize) -> impl Iterator<Item = &Offered> {
        let offers = self.ever_open(service).iter();
        offers.filter(move |each| each.open(year))
    }
}
