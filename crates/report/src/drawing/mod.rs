//! Maps as SVG, drawn from a [`Book`] without a browser, and as PNG.
//!
//! ```text
//! degrees ─plane─▶ pixels ─┬─ city: one subject, all units ─┐
//!                          └─ unit: one unit and around it ─┴─picture─▶ SVG ─png─▶ PNG
//! ```

mod borders;
mod city;
mod furniture;
mod marks;
mod names;
mod picture;
mod plane;
mod png;
mod scale;
mod unit;

use crate::book::Book;

pub use png::{Fonts, png};
pub use unit::unit_svg;
pub(crate) use unit::{Atlas, definitions};

/// What a map of the city shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The share of the target group within reach, in the base year.
    Coverage {
        /// Position of the service.
        service: usize,
    },
    /// What the ranking goes by, over the horizon.
    Need,
    /// The verdict of presence, in the base year.
    Attained {
        /// Position of the service.
        service: usize,
    },
}

/// Pictures of one city.
pub struct CityMaps<'a> {
    book: &'a Book,
    ground: Option<city::Ground>,
}

impl<'a> CityMaps<'a> {
    /// Finds what all of them share. O(vertices).
    #[must_use]
    pub fn new(book: &'a Book) -> Self {
        Self {
            book,
            ground: city::Ground::of(book),
        }
    }

    /// A picture of 1600 × 900 for slides: all units by class, borders of units and townships, facilities of the service by status,
    /// names where they find room, a legend with units and residents by class, scale, north, title and footer in Chinese and English.
    ///
    /// Classes have fixed limits. Where so many facilities stand that their marks would overlap, some are left out, and the legend
    /// says how many. A book without units gives the frame alone. Equal books give equal bytes. O(units + offers).
    ///
    /// # Panics
    /// Where the book does not have the subject's service.
    #[must_use]
    pub fn svg(&self, subject: Subject) -> String {
        city::draw(self.book, self.ground.as_ref(), subject)
    }
}
