//! Who gets to which place in time. A way to travel is an implementor of [`Travel`]; it answers with a [`Reach`].

pub mod straight;

use std::ops::Range;

use crate::city::{City, Class};
use crate::quantity::{Millis, Point};
use crate::service::{Limit, Service};

/// The longest trip for each class of community; `None` where the service is not judged there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For urban communities.
    pub urban: Option<Limit>,
    /// For rural communities.
    pub rural: Option<Limit>,
}

impl Limits {
    /// The service's own.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self { urban: service.urban, rural: service.rural }
    }

    /// The same for both.
    #[must_use]
    pub fn both(limit: Limit) -> Self {
        Self { urban: Some(limit), rural: Some(limit) }
    }

    /// The limit for one class.
    #[must_use]
    pub fn for_class(&self, class: Class) -> Option<Limit> {
        match class {
            Class::Urban => self.urban,
            Class::Rural => self.rural,
        }
    }
}

/// A place within reach of a demand point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Position among the places asked for.
    pub place: u32,
    /// How long it takes.
    pub time: Millis,
}

/// Sparse rows: for each demand point, in the city's order, the places within its limit in ascending position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    starts: Vec<usize>,
    links: Vec<Link>,
}

impl Reach {
    /// From one row a demand point.
    #[must_use]
    pub fn from_rows<'a>(rows: impl Iterator<Item = &'a [Link]>) -> Self {
        let mut reach = Self { starts: vec![0], links: Vec::new() };
        for row in rows {
            reach.links.extend_from_slice(row);
            reach.starts.push(reach.links.len());
        }
        reach
    }

    /// The places within the limit of a demand point.
    #[must_use]
    pub fn row(&self, point: usize) -> &[Link] {
        &self.links[self.range(point)]
    }

    /// Where a demand point's row stands among all links.
    #[must_use]
    pub fn range(&self, point: usize) -> Range<usize> {
        self.starts[point]..self.starts[point + 1]
    }

    /// Each demand point's places.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[Link]> {
        self.starts.windows(2).map(|pair| &self.links[pair[0]..pair[1]])
    }

    /// All links, row after row.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }
}

/// What a demand point has within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nearest {
    /// To the nearest place; `None` where there is none.
    pub time: Option<Millis>,
    /// How many places there are.
    pub count: u32,
}

/// A way to get around.
pub trait Travel: Sync {
    /// Every pair of a demand point of `city` and one of `places` within the limit of the point's class.
    fn reach(&self, city: &City, limits: Limits, places: &[Point]) -> Reach;

    /// The nearest of `places` and their number, for each demand point: what [`Travel::reach`] holds, without the rest.
    fn nearest(&self, city: &City, limits: Limits, places: &[Point]) -> Vec<Nearest> {
        let reach = self.reach(city, limits, places);
        let of = |row: &[Link]| Nearest { time: row.iter().map(|link| link.time).min(), count: row.len() as u32 };
        reach.rows().map(of).collect()
    }

    /// How far, in millimetres as the crow flies, a trip within `limit` can lead. Shards keep this much of their neighbours.
    fn farthest(&self, limit: Limit) -> u64;
}
