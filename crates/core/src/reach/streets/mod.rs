//! Travel on streets.
//!
//! A trip leads from a demand point straight to the nearest place on a usable edge (the leg, on foot), along edges, and from
//! the place nearest to the facility straight to it. Both ends snap to the nearest *place*, not to the nearest node.
//!
//! Time = leg + the rest of the edge + whole edges + part of the last edge + leg, each part rounded half up to the
//! millisecond; so sums do not depend on the order in which the search runs, and equal inputs give equal bytes.

mod barriers;

mod graph;

mod grid;

mod grounds;

mod network;

mod parts;

mod reached;

mod snap;

mod stops;

mod trips;

use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::roads::{Edge, Roads};
use super::straight::{Paces, Straight};
use super::{Travel, Trips};
use crate::city::City;
use crate::quantity::Point;
use crate::service::{Limit, Mode};
use graph::{Graph, Timing, milliseconds};
use grounds::Grounds;
use network::Network;
pub use parts::Parts;
pub use reached::Stretch;
use snap::Snapper;
pub use snap::{Foot, Snap};
use stops::{Place, Stop};
use trips::StreetTrips;

/// How streets are used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreetPlan {
    /// How fast one travels. Legs are walked.
    pub paces: Paces,
    /// How much longer stairs take on foot than a level street, ≥ 1.
    pub stairs: f64,
    /// The longest leg in millimetres. Residents farther from every usable street are unsnapped.
    pub longest_leg: u32,
    /// The least length of a part of the network, in millimetres: smaller ones, cut off from all others, are not used.
    pub least_part: u64,
    /// For trips with an unsnapped end: in a straight line. `None` counts them as out of reach.
    pub otherwise: Option<Straight>,
}

/// A place that is farther from every road than this many times the longest leg lies outside the network.
const ROADLESS: u32 = 10;

/// Travel on streets. Networks of modes are built when they are first asked for.
#[derive(Debug)]
pub struct Streets {
    roads: Arc<Roads>,
    plan: StreetPlan,
    networks: [OnceLock<Network>; 3],
}

impl Streets {
    /// Travel on `roads`.
    #[must_use]
    pub fn new(roads: Arc<Roads>, plan: StreetPlan) -> Self {
        Self {
            roads,
            plan,
            networks: Default::default(),
        }
    }

    /// The roads.
    #[must_use]
    pub fn roads(&self) -> &Roads {
        &self.roads
    }

    /// Whether trips with an unsnapped end lead in straight lines.
    #[must_use]
    pub fn falls_back(&self) -> bool {
        self.plan.otherwise.is_some()
    }

    /// The nearest usable place for `mode`, at most [`StreetPlan::longest_leg`] away, to which the leg crosses no barrier; see
    /// [`Snap`].
    #[must_use]
    pub fn snap(&self, mode: Mode, place: Point) -> Snap {
        let longest = f64::from(self.plan.longest_leg);
        self.network(mode).snapper.snap(&self.roads, place, longest)
    }

    /// The same; `None` where it is on no street.
    #[must_use]
    pub fn foot(&self, mode: Mode, place: Point) -> Option<Foot> {
        match self.snap(mode, place) {
            Snap::On(foot) => Some(foot),
            Snap::CutOff | Snap::Far => None,
        }
    }

    /// Whether an edge may be used by `mode` and belongs to a part that is large enough.
    #[must_use]
    pub fn usable(&self, mode: Mode) -> &[bool] {
        self.network(mode).snapper.usable()
    }

    /// The parts of the network of `mode`.
    #[must_use]
    pub fn parts(&self, mode: Mode) -> &Parts {
        &self.network(mode).parts
    }

    fn network(&self, mode: Mode) -> &Network {
        once(&self.networks[mode as usize], || {
            let timing = Timing {
                mode,
                slowness: 1.0 / self.plan.paces.of(mode),
                stairs: self.plan.stairs,
            };
            let parts = Parts::new(&self.roads, mode);
            let grounds = Grounds::new(&self.roads, mode, &parts);
            let (graph, snapper) = rayon::join(
                || Graph::new(&self.roads, timing, &grounds),
                || Snapper::new(&self.roads, &parts, self.plan.least_part),
            );
            Network {
                timing,
                parts,
                grounds,
                graph,
                snapper,
                rooms: Mutex::new(Vec::new()),
            }
        })
    }

    fn stop(&self, mode: Mode, point: Point) -> Stop {
        let network = self.network(mode);
        let off = |place| Stop { place, leg: 0 };
        let foot = match self.snap(mode, point) {
            Snap::On(foot) => foot,
            Snap::CutOff => return off(Place::Unsnapped),
            Snap::Far => {
                // Few places are far from every street; the wide search is for them alone.
                let far = f64::from(self.plan.longest_leg) * f64::from(ROADLESS);
                let any = network.snapper.nearest(&self.roads, point, far).is_some();
                return off(if any {
                    Place::Unsnapped
                } else {
                    Place::Roadless
                });
            }
        };
        let Edge { from, to, .. } = self.roads.edges()[foot.edge as usize];
        let at_end = if foot.along <= 0.0 {
            Some(from)
        } else {
            (foot.along >= 1.0).then_some(to)
        };
        let place = match at_end.filter(|&node| !self.roads.blocked(node, mode)) {
            Some(node) => Place::Node(node),
            None => {
                let part =
                    |time: Option<u32>| milliseconds(f64::from(time.unwrap_or(0)), foot.along);
                let [along, against] = network.timing.of(&self.roads, foot.edge);
                Place::Edge {
                    edge: foot.edge,
                    along: part(along),
                    against: part(against),
                }
            }
        };
        Stop {
            place,
            leg: milliseconds(foot.leg.round(), 1.0 / self.plan.paces.walk),
        }
    }

    fn stops(&self, mode: Mode, places: &[Point]) -> Vec<Stop> {
        // Built before the threads ask for it, so that each does not build its own.
        self.network(mode);
        places
            .par_iter()
            .map(|&place| self.stop(mode, place))
            .collect()
    }
}

/// What is in `cell`, or is now made. Two threads may make it at once, and one is dropped: to wait for the other could mean to
/// wait for oneself, as a thread that makes it takes up other work meanwhile.
fn once<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if let Some(made) = cell.get() {
        return made;
    }
    let made = make();
    cell.get_or_init(|| made)
}

impl Travel for Streets {
    fn trips<'a>(&'a self, city: &'a City, modes: &[Mode]) -> Box<dyn Trips + 'a> {
        let otherwise = self
            .plan
            .otherwise
            .as_ref()
            .map(|straight| straight.trips(city, modes));
        let trips = StreetTrips::new(self, city, otherwise);
        for &mode in modes {
            trips.attached(mode);
        }
        Box::new(trips)
    }

    /// As the crow flies no trip leads farther than at the greater of its own pace and that of walking; downhill slopes add
    /// what they add.
    fn farthest(&self, limit: Limit) -> u64 {
        let quickest = (0..self.roads.edges().len() as u32)
            .into_par_iter()
            .map(|edge| self.roads.slope(edge).into_iter().min().unwrap_or(1000))
            .min()
            .unwrap_or(1000)
            .clamp(1, 1000);
        let pace =
            self.plan.paces.of(limit.mode).max(self.plan.paces.walk) * 1000.0 / f64::from(quickest);
        // A trip of n parts may be rounded down by n / 2 ms: a per mille is more than any has.
        let by_street = (pace * f64::from(limit.time().0) * 1.001) as u64 + 1;
        by_street.max(
            self.plan
                .otherwise
                .map_or(0, |straight| straight.farthest(limit)),
        )
    }
}
