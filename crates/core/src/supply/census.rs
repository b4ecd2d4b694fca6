//! Who lives in a unit.

use crate::city::{City, Class};
use crate::quantity::{AGE_BANDS, Residents};
use crate::reach::Limits;
use crate::units::Units;

/// The residents of a unit in one year, by class of community and age band.
#[derive(Debug, Clone, Copy, Default)]
pub struct Census {
    urban: [Residents; AGE_BANDS.len()],
    rural: [Residents; AGE_BANDS.len()],
}

impl Census {
    /// Everybody.
    #[must_use]
    pub fn total(&self) -> Residents {
        self.urban.iter().chain(&self.rural).copied().sum()
    }

    /// By age band, those whose class has a limit.
    pub(super) fn counted(&self, limits: Limits) -> [Residents; AGE_BANDS.len()] {
        let of = |class, bands: &[Residents; AGE_BANDS.len()]| {
            limits
                .for_class(class)
                .map_or([Residents::default(); AGE_BANDS.len()], |_| *bands)
        };
        let (urban, rural) = (of(Class::Urban, &self.urban), of(Class::Rural, &self.rural));
        std::array::from_fn(|band| urban[band] + rural[band])
    }
}

/// The residents of every unit in the year of `city`. O(points).
#[must_use]
pub fn census(city: &City, units: &Units) -> Vec<Census> {
    let mut censuses = vec![Census::default(); units.units.len()];
    for ((class, ages), unit) in city
        .classes()
        .iter()
        .zip(city.residents())
        .zip(&units.of_point)
    {
        let Some(unit) = unit else { continue };
        let census = &mut censuses[*unit];
        let bands = match class {
            Class::Urban => &mut census.urban,
            Class::Rural => &mut census.rural,
        };
        bands
            .iter_mut()
            .zip(ages.0)
            .for_each(|(sum, band)| *sum += Residents(u64::from(band)));
    }
    censuses
}
