//! Who may walk, ride and drive where: the rules by which tags open and close streets, and what a plan says of them.

use crate::plan::TravelSection;

/// The rules of a plan, ready for reading.
#[derive(Debug)]
pub(crate) struct Rules {
    street_keys: Vec<&'static str>,
}

impl Rules {
    /// The rules with what a plan says of them.
    pub(crate) fn of(_travel: &TravelSection) -> Self {
        Self {
            street_keys: vec!["highway"],
        }
    }

    /// Whether a way with this key may be a street: a cheap look before its tags are read.
    pub(crate) fn street_key(&self, key: &[u8]) -> bool {
        self.street_keys.iter().any(|known| known.as_bytes() == key)
    }
}
