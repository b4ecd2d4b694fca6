//! All services of a round, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::{Plan, Progress, Selection, Stopped, Watch, limits, rules, substitutes};
use crate::position::ServiceAt;
use crate::reach::Travels;
use crate::service::Limit;
use crate::supply::shortage::{Certain, Claims};
use crate::supply::{self, Offers, Room, ServiceStandings, Setting};

/// When it is computed what no assignment can seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settling {
    /// With each service: its claims are those of the whole city.
    AtOnce,
    /// Not before the claims of all shards are joined.
    Later,
}

/// What no assignment can seat of a service.
#[derive(Debug, Clone)]
pub(crate) enum Shortage {
    /// The service has no capacity or no norm.
    Unasked,
    /// What it will be computed by.
    Claimed(Claims),
    /// Year by year, one a unit.
    Settled(Vec<Vec<Certain>>),
}

impl Shortage {
    /// With what was claimed settled; `offers` are those of the whole city in so many `years`.
    pub(super) fn settle(
        self,
        service: ServiceAt,
        offers: &Offers,
        years: usize,
        units: usize,
    ) -> Self {
        match self {
            Self::Claimed(claims) => {
                let exists = |year| offers.open(service, year).next().is_some();
                let exists: Vec<bool> = (0..years).map(exists).collect();
                Self::Settled(claims.settle(units, &exists))
            }
            other => other,
        }
    }
}

/// The rooms of all workers together hold about so many bytes at most, whatever the number of threads; one worker always has
/// its own.
const ROOMS: usize = 1 << 30;

/// The standings of each selected service, in their order.
///
/// Each worker has its own room, takes the next service that nobody has taken, and settles it. The largest go first, so that
/// none of them is left alone at the end. What comes out does not depend on who takes which.
pub(super) fn stand_all(
    setting: &Setting,
    services: Selection,
    plan: &Plan,
    travels: Travels,
    settling: Settling,
    watch: Watch,
) -> Result<Vec<(ServiceStandings, Shortage)>, Stopped> {
    let queue = queue(setting, services, plan, travels);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let stand = |room: &mut Room, at: ServiceAt| {
        watch(Progress::Working)?;
        let substitutes = substitutes(services.catalogue, at);
        let rules = rules(services.catalogue, at, &substitutes, plan);
        let mut standings = supply::stand(setting, rules, room);
        let claims = standings.claims.take();
        let mut shortage = claims.map_or(Shortage::Unasked, Shortage::Claimed);
        if settling == Settling::AtOnce {
            watch(Progress::Working)?;
            shortage = shortage.settle(at, setting.offers(), setting.years(), setting.units());
        }
        watch(Progress::Service {
            done: done.fetch_add(1, Ordering::Relaxed) + 1,
            of: services.selected.len(),
        })?;
        Ok((standings, shortage))
    };
    let work = |_| {
        let mut room = Room::default();
        let mut found = Vec::new();
        while let Some(job) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.push((job.nth, stand(&mut room, job.service)?));
        }
        Ok(found)
    };
    let workers: Vec<Vec<_>> = (0..workers(&queue))
        .into_par_iter()
        .map(work)
        .collect::<Result<_, Stopped>>()?;
    let mut found: Vec<_> = workers.into_iter().flatten().collect();
    found.sort_unstable_by_key(|&(nth, _)| nth);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// A service that waits for a worker.
struct Job {
    /// Position among the selected.
    nth: usize,
    service: ServiceAt,
    /// Bytes of the room that it needs, about; what it takes of time goes with it.
    size: usize,
}

/// All services, the largest first.
fn queue(setting: &Setting, services: Selection, plan: &Plan, travels: Travels) -> Vec<Job> {
    let mut farthest: Vec<(Limit, u64)> = Vec::new();
    // On streets this looks at every edge, so each limit is asked for once.
    let mut farthest_within = |limit: Limit| {
        let known = farthest.iter().find(|(other, _)| *other == limit);
        known.map(|&(_, length)| length).unwrap_or_else(|| {
            farthest.push((limit, travels.farthest(limit)));
            farthest[farthest.len() - 1].1
        })
    };
    let job = |(nth, &service): (usize, &ServiceAt)| {
        let limits = limits(&services.catalogue[service], plan);
        let longest = [limits.urban, limits.rural].map(|limit| limit.map(&mut farthest_within));
        Job {
            nth,
            service,
            size: setting.room_needed(service, longest),
        }
    };
    let mut jobs: Vec<Job> = services.selected.iter().enumerate().map(job).collect();
    jobs.sort_by_key(|job| std::cmp::Reverse(job.size));
    jobs
}

/// As many as there are threads and services, and as find room. Each begins with one of the largest services, so that its room
/// grows no more after that.
fn workers(queue: &[Job]) -> usize {
    let mut held = 0;
    let fits = queue.iter().take_while(|job| {
        held += job.size;
        held <= ROOMS
    });
    fits.count().max(1).min(rayon::current_num_threads())
}
