//! The network of one mode at its pace, and searches on it.

use std::sync::Mutex;

use super::graph::{Direction, Graph, Scratch, Timing};
use super::grounds::Grounds;
use super::parts::Parts;
use super::snap::Snapper;
use crate::quantity::Millis;

/// The network of one mode at its pace.
#[derive(Debug)]
pub(super) struct Network {
    pub timing: Timing,
    pub parts: Parts,
    pub grounds: Grounds,
    pub graph: Graph,
    pub snapper: Snapper,
    /// Rooms for searches that no search uses at the moment.
    pub rooms: Mutex<Vec<Scratch>>,
}

impl Network {
    /// A room for searches, given back when it is no longer needed.
    pub(super) fn room(&self) -> Room<'_> {
        let free = self.rooms.lock().ok().and_then(|mut rooms| rooms.pop());
        Room {
            rooms: &self.rooms,
            scratch: Some(free.unwrap_or_else(|| Scratch::new(self.grounds.count()))),
        }
    }

    /// What trips that begin (or, backward, end) at `starts` reach within `limit`, found anew: the ends of one stop.
    pub(super) fn search(
        &self,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
        scratch: &mut Scratch,
    ) {
        scratch.clear();
        if self.any_inside(starts) {
            let starts = self.begun(direction, starts, limit, scratch);
            scratch.search_at_once(&self.graph, direction, &starts, limit);
        } else {
            scratch.search_at_once(&self.graph, direction, starts, limit);
        }
    }

    /// The same from many stops, with what is found so far from others. `starts` are best in the order of nodes.
    pub(super) fn search_on(
        &self,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
        scratch: &mut Scratch,
    ) {
        if self.any_inside(starts) {
            let mut room = self.room();
            room.get().clear();
            let mut starts = self.begun(direction, starts, limit, room.get());
            starts.sort_unstable();
            scratch.search_on(&self.graph, direction, &starts, limit);
        } else {
            scratch.search_on(&self.graph, direction, starts, limit);
        }
    }

    fn any_inside(&self, starts: &[(u32, u32)]) -> bool {
        starts.iter().any(|&(node, _)| self.grounds.inside(node))
    }

    /// Phase 1 (see [`super::grounds`]): the starts of phase 2. `scratch` holds nothing before.
    fn begun(
        &self,
        direction: Direction,
        starts: &[(u32, u32)],
        limit: Millis,
        scratch: &mut Scratch,
    ) -> Vec<(u32, u32)> {
        let (inside, mut begun): (Vec<_>, Vec<_>) =
            (starts.iter().copied()).partition(|&(node, _)| self.grounds.inside(node));
        scratch.search_apart(&self.graph, direction, &inside, limit);
        for &node in scratch.found() {
            let time = scratch.time(node);
            begun.push((node, time));
            begun.extend(self.grounds.outside(node).map(|outside| (outside, time)));
        }
        begun
    }
}

/// A room for searches that is given back in the end.
pub(super) struct Room<'a> {
    rooms: &'a Mutex<Vec<Scratch>>,
    scratch: Option<Scratch>,
}

impl Room<'_> {
    pub(super) fn get(&mut self) -> &mut Scratch {
        self.scratch
            .as_mut()
            .expect("taken only when it is dropped")
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if let (Ok(mut rooms), Some(scratch)) = (self.rooms.lock(), self.scratch.take()) {
            rooms.push(scratch);
        }
    }
}
