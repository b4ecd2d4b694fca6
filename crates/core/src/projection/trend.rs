//! The trend of communities and counties, from two dated totals.

use std::collections::BTreeMap;

use super::methods::{controlled, geometric, linear, shift_share};
use super::{GrowthFlag, GrowthPlan, Methods};
use crate::city::City;
use crate::position::CommunityAt;
use crate::quantity::Residents;

/// A community as the methods see it: residents earlier (within the believed rates) and at the base, in persons.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub community: CommunityAt,
    pub earlier: Option<f64>,
    pub base: f64,
    pub flag: Option<GrowthFlag>,
}

impl Member {
    pub(super) fn new(
        community: CommunityAt,
        earlier: Option<Residents>,
        base: Residents,
        plan: &GrowthPlan,
        span: f64,
    ) -> Self {
        let base_persons = base.persons();
        let tiny = Residents::whole(plan.tiny);
        let (earlier, flag) = match earlier {
            None => (None, Some(GrowthFlag::NoBase)),
            Some(_) if base < tiny => (None, Some(GrowthFlag::TinyBase)),
            Some(then) => {
                let most = (1.0 + plan.most_yearly).powf(span);
                let least = (1.0 - plan.most_yearly).powf(span);
                let held = then
                    .persons()
                    .clamp(base_persons / most, base_persons / least);
                let differs = (held - then.persons()).abs() > 1e-9 * held;
                (Some(held), differs.then_some(GrowthFlag::Capped))
            }
        };
        Self {
            community,
            earlier,
            base: base_persons,
            flag,
        }
    }
}

/// A community some years on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trend {
    pub member: Member,
    pub methods: Option<Methods>,
    pub residents: f64,
}

/// The communities of a county, and what those with both dates add up to.
#[derive(Debug)]
pub(super) struct County {
    members: Vec<Member>,
    earlier: Vec<f64>,
    now: Vec<f64>,
    span: f64,
}

/// The members by county, in the order of counties' codes.
pub(super) fn counties(
    city: &City,
    members: impl Iterator<Item = Member>,
    span: f64,
) -> BTreeMap<&str, County> {
    let mut counties: BTreeMap<&str, County> = BTreeMap::new();
    for member in members {
        let township = city.community(member.community).township;
        let none = || County {
            members: Vec::new(),
            earlier: Vec::new(),
            now: Vec::new(),
            span,
        };
        let county = counties
            .entry(city.township(township).county())
            .or_insert_with(none);
        county.members.push(member);
        if let Some(earlier) = member.earlier {
            county.earlier.push(earlier);
            county.now.push(member.base);
        }
    }
    counties
}

impl County {
    /// All residents at the base.
    pub(super) fn base(&self) -> f64 {
        self.members.iter().map(|each| each.base).sum()
    }

    /// What those with both dates add up to `years` on: the mean of the geometric and the linear total.
    fn total(&self, years: f64) -> f64 {
        let (before, now): (f64, f64) = (self.earlier.iter().sum(), self.now.iter().sum());
        let linear = linear(before, now, self.span, years);
        geometric(before, now, self.span, years)
            .map_or(now, |geometric| f64::midpoint(geometric, linear))
    }

    /// Residents `years` on per resident at the base; 1 where no community has both dates.
    pub(super) fn rate(&self, years: f64) -> f64 {
        let now: f64 = self.now.iter().sum();
        if now > 0.0 {
            self.total(years) / now
        } else {
            1.0
        }
    }

    /// Each community by the mean of the three methods, scaled to the county's total; by the county's rate without dates.
    pub(super) fn trends(&self, years: f64) -> Vec<Trend> {
        let total = self.total(years);
        let shares = shift_share(&self.earlier, &self.now, self.span, years, total);
        let methods = self.earlier.iter().zip(&self.now).zip(shares).map(
            |((&earlier, &now), shift_share)| Methods {
                geometric: geometric(earlier, now, self.span, years).unwrap_or(now),
                linear: linear(earlier, now, self.span, years),
                shift_share,
            },
        );
        let methods: Vec<Methods> = methods.collect();
        let means: Vec<f64> = methods.iter().map(Methods::mean).collect();
        let rate = self.rate(years);
        let mut own = methods.into_iter().zip(controlled(&means, total));
        let trend = |member: &Member| {
            let own = member.earlier.and_then(|_| own.next());
            let residents = own.map_or(member.base * rate, |(_, residents)| residents);
            Trend {
                member: *member,
                methods: own.map(|(methods, _)| methods),
                residents,
            }
        };
        self.members.iter().map(trend).collect()
    }
}
