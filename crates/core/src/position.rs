//! Positions: which unit, which service, which demand point.
//!
//! Records refer to each other by their position in a list, in two or four bytes. Each kind of thing has a position type of its
//! own, so that a unit's position cannot be taken for a facility's. Slices and vectors are indexed by them directly:
//!
//! ```
//! use fuwutu_core::position::UnitAt;
//! let residents = vec![52_000, 97_000, 61_000];
//! let largest = UnitAt(1);
//! assert_eq!(residents[largest], 97_000);
//! assert_eq!(UnitAt::enumerate(&residents).filter(|(_, people)| **people > 60_000).map(|(unit, _)| unit).collect::<Vec<_>>(), [UnitAt(1), UnitAt(2)]);
//! ```
//! A position holds only for the list that it was made for: those of a shard are not those of the whole city.

use std::ops::{Index, IndexMut};

macro_rules! positions {
    ($($(#[$about:meta])* $name:ident($number:ty);)*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(pub $number);

        impl $name {
            /// The position with an index.
            ///
            /// # Panics
            /// Where the index is larger than a position can hold: no list of records is so long.
            #[inline]
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(<$number>::try_from(index).expect("lists are shorter than the largest position"))
            }

            /// As an index.
            #[inline]
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The same place in a list that has `count` more items in front.
            #[inline]
            #[must_use]
            pub fn after(self, count: usize) -> Self {
                Self::new(self.index() + count)
            }

            /// The first `count` positions, in order.
            pub fn first(count: usize) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
                (0..count).map(Self::new)
            }

            /// All pairs of the first `count` positions, the lower one first, in order.
            pub fn pairs(count: usize) -> impl Iterator<Item = (Self, Self)> {
                (0..count).flat_map(move |a| {
                    (a + 1..count).map(move |b| (Self::new(a), Self::new(b)))
                })
            }

            /// Each of `items` with its position.
            pub fn enumerate<I: IntoIterator>(items: I) -> impl Iterator<Item = (Self, I::Item)> {
                items.into_iter().enumerate().map(|(index, item)| (Self::new(index), item))
            }
        }

        impl<T> Index<$name> for [T] {
            type Output = T;

            #[inline]
            fn index(&self, position: $name) -> &T {
                &self[position.index()]
            }
        }

        impl<T> IndexMut<$name> for [T] {
            #[inline]
            fn index_mut(&mut self, position: $name) -> &mut T {
                &mut self[position.index()]
            }
        }

        impl<T> Index<$name> for Vec<T> {
            type Output = T;

            #[inline]
            fn index(&self, position: $name) -> &T {
                &self[position.index()]
            }
        }

        impl<T> IndexMut<$name> for Vec<T> {
            #[inline]
            fn index_mut(&mut self, position: $name) -> &mut T {
                &mut self[position.index()]
            }
        }
    )*};
}

positions! {
    /// Position of a township among [`crate::city::City::townships`].
    TownshipAt(u32);
    /// Position of a community among [`crate::city::City::communities`].
    CommunityAt(u32);
    /// Position of a demand point among [`crate::city::City::points`].
    PointAt(u32);
    /// Position of a facility among [`crate::city::City::facilities`].
    FacilityAt(u32);
    /// Position of a service in the catalogue.
    ServiceAt(u16);
    /// Position of a unit among [`crate::units::Units::units`].
    UnitAt(u32);
    /// Position of a node in a [`crate::units::graph::Graph`]: a community, or a piece of one, of a township.
    NodeAt(u32);
    /// Number of a part in a division of such a graph.
    PartAt(u32);
    /// Position of a unit of the last round in [`crate::units::last::LastUnits::ids`].
    FormerAt(u32);
    /// Position of a service among those of a round, which are some of the catalogue.
    SelectedAt(u16);
    /// Position of a year among those of a round; 0 is the base year.
    YearAt(u16);
}
