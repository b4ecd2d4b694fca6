//! Values by unit, service and year.

use std::ops::{Index, IndexMut};

use crate::position::{SelectedAt, UnitAt, YearAt};

/// One value for each unit, service and year, unit by unit, in each service by service, in each year by year.
///
/// ```
/// use fuwutu_core::cube::Cube;
/// use fuwutu_core::position::{SelectedAt, UnitAt, YearAt};
/// // Two units, one service, three years.
/// let demand = Cube::new(2, 1, 3, vec![10, 11, 12, 20, 21, 22])?;
/// assert_eq!(demand.get(UnitAt(1), SelectedAt(0), YearAt(2)), Some(&22));
/// assert_eq!(demand.get(UnitAt(1), SelectedAt(1), YearAt(0)), None);
/// # Ok::<(), fuwutu_core::cube::WrongCount>(())
/// ```
///
/// Invariant: there are units × services × years values.
#[derive(Debug, Clone, PartialEq)]
pub struct Cube<T> {
    units: usize,
    services: usize,
    years: usize,
    values: Vec<T>,
}

/// A place in a cube: the unit, the service among those of the cube, and the year.
pub type At = (UnitAt, SelectedAt, YearAt);

/// There are more or fewer values than units × services × years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{units} units, {services} services and {years} years do not have {values} values")]
pub struct WrongCount {
    /// Units.
    pub units: usize,
    /// Services.
    pub services: usize,
    /// Years.
    pub years: usize,
    /// Values given.
    pub values: usize,
}

impl<T> Cube<T> {
    /// From values in the order of the cube.
    ///
    /// # Errors
    /// Where their number is not units × services × years.
    pub fn new(
        units: usize,
        services: usize,
        years: usize,
        values: Vec<T>,
    ) -> Result<Self, WrongCount> {
        let wanted = units
            .checked_mul(services)
            .and_then(|pairs| pairs.checked_mul(years));
        if wanted == Some(values.len()) {
            Ok(Self {
                units,
                services,
                years,
                values,
            })
        } else {
            Err(WrongCount {
                units,
                services,
                years,
                values: values.len(),
            })
        }
    }

    /// From a function of the place of each value.
    #[must_use]
    pub fn from_fn(
        units: usize,
        services: usize,
        years: usize,
        value: impl FnMut(At) -> T,
    ) -> Self {
        Self {
            units,
            services,
            years,
            values: places(units, services, years).map(value).collect(),
        }
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// How many services there are.
    #[must_use]
    pub fn services(&self) -> usize {
        self.services
    }

    /// How many years there are.
    #[must_use]
    pub fn years(&self) -> usize {
        self.years
    }

    /// Where a value stands among all values; `None` outside the cube.
    fn offset(&self, (unit, service, year): At) -> Option<usize> {
        let inside = unit.index() < self.units
            && service.index() < self.services
            && year.index() < self.years;
        inside.then(|| (unit.index() * self.services + service.index()) * self.years + year.index())
    }

    /// One value; `None` where there is no such unit, service or year.
    #[must_use]
    pub fn get(&self, unit: UnitAt, service: SelectedAt, year: YearAt) -> Option<&T> {
        self.offset((unit, service, year))
            .map(|offset| &self.values[offset])
    }

    /// One value, to be changed; `None` where there is no such unit, service or year.
    #[must_use]
    pub fn get_mut(&mut self, unit: UnitAt, service: SelectedAt, year: YearAt) -> Option<&mut T> {
        self.offset((unit, service, year))
            .map(|offset| &mut self.values[offset])
    }

    /// All values, in order.
    #[must_use]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.values.iter()
    }

    /// All values, in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.values.iter_mut()
    }

    /// The place of each value, in order.
    pub fn places(&self) -> impl Iterator<Item = At> + use<T> {
        places(self.units, self.services, self.years)
    }

    /// Each value with its place, in order.
    pub fn enumerate(&self) -> impl Iterator<Item = (At, &T)> {
        self.places().zip(&self.values)
    }

    /// Each value with its place, in order, to be changed.
    pub fn enumerate_mut(&mut self) -> impl Iterator<Item = (At, &mut T)> {
        self.places().zip(&mut self.values)
    }

    /// One year of every unit and service, in order; nothing where there is no such year.
    pub fn of_year(&self, year: YearAt) -> impl Iterator<Item = &T> {
        let values = self.values.chunks(self.years.max(1));
        values.filter_map(move |years| years.get(year.index()))
    }

    /// All values of one unit: service by service, in each year by year.
    ///
    /// # Panics
    /// Where there is no such unit.
    #[must_use]
    pub fn of_unit(&self, unit: UnitAt) -> &[T] {
        let length = self.services * self.years;
        &self.values[unit.index() * length..][..length]
    }

    /// The cube of one year.
    #[must_use]
    pub fn in_year(&self, year: YearAt) -> Self
    where
        T: Clone,
    {
        let years = usize::from(year.index() < self.years);
        Self {
            units: self.units,
            services: self.services,
            years,
            values: self.of_year(year).cloned().collect(),
        }
    }

    /// The same places with other values.
    #[must_use]
    pub fn map<U>(self, value: impl FnMut(T) -> U) -> Cube<U> {
        Cube {
            units: self.units,
            services: self.services,
            years: self.years,
            values: self.values.into_iter().map(value).collect(),
        }
    }

    /// Adds more units of the same services and years.
    ///
    /// # Panics
    /// Where `more` has other numbers of services or years.
    pub(crate) fn append(&mut self, more: Self) {
        assert_eq!(
            (self.services, self.years),
            (more.services, more.years),
            "the same services and years"
        );
        self.units += more.units;
        self.values.extend(more.values);
    }
}

fn places(units: usize, services: usize, years: usize) -> impl Iterator<Item = At> {
    UnitAt::first(units).flat_map(move |unit| {
        SelectedAt::first(services)
            .flat_map(move |service| YearAt::first(years).map(move |year| (unit, service, year)))
    })
}

impl<T> Index<At> for Cube<T> {
    type Output = T;

    fn index(&self, (unit, service, year): At) -> &T {
        self.get(unit, service, year)
            .expect("the place lies in the cube")
    }
}

impl<T> IndexMut<At> for Cube<T> {
    fn index_mut(&mut self, (unit, service, year): At) -> &mut T {
        self.get_mut(unit, service, year)
            .expect("the place lies in the cube")
    }
}

impl<'a, T> IntoIterator for &'a Cube<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a value says of its place: unit, service and year as digits.
    fn digits((unit, service, year): At) -> usize {
        unit.index() * 100 + service.index() * 10 + year.index()
    }

    #[test]
    fn values_stand_by_unit_then_service_then_year() {
        let cube = Cube::from_fn(2, 3, 2, digits);
        let order = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121];
        assert_eq!(cube.values(), order);
        assert_eq!(Cube::new(2, 3, 2, order.to_vec()), Ok(cube.clone()));
        assert_eq!(cube[(UnitAt(1), SelectedAt(0), YearAt(1))], 101);
        assert!(
            cube.enumerate()
                .all(|(place, &value)| digits(place) == value && cube[place] == value)
        );
        assert_eq!(cube.of_unit(UnitAt(1)), &order[6..]);
        let later = cube.in_year(YearAt(1));
        assert_eq!(later.values(), [1, 11, 21, 101, 111, 121]);
        assert_eq!(later.get(UnitAt(1), SelectedAt(2), YearAt(0)), Some(&121));
        assert_eq!(cube.in_year(YearAt(2)).values(), [0; 0]);
    }

    #[test]
    fn a_place_outside_is_none_and_never_that_of_the_next_unit() {
        let cube = Cube::from_fn(2, 3, 2, digits);
        assert_eq!(cube.get(UnitAt(0), SelectedAt(2), YearAt(1)), Some(&21));
        assert_eq!(cube.get(UnitAt(0), SelectedAt(2), YearAt(2)), None);
        assert_eq!(cube.get(UnitAt(0), SelectedAt(3), YearAt(0)), None);
        assert_eq!(cube.get(UnitAt(2), SelectedAt(0), YearAt(0)), None);
    }

    #[test]
    fn a_cube_of_another_size_is_refused() {
        let refused = |values: usize| WrongCount {
            units: 2,
            services: 3,
            years: 2,
            values,
        };
        assert_eq!(Cube::new(2, 3, 2, vec![0; 11]), Err(refused(11)));
        assert_eq!(Cube::new(2, 3, 2, vec![0; 13]), Err(refused(13)));
        assert!(Cube::new(usize::MAX, 2, 2, vec![0]).is_err());
        assert_eq!(
            Cube::<u8>::new(0, 3, 2, Vec::new()).map(|cube| cube.places().count()),
            Ok(0)
        );
    }

    #[test]
    fn more_units_follow_the_first() {
        let mut cube = Cube::from_fn(1, 3, 2, digits);
        cube.append(Cube::from_fn(1, 3, 2, |(_, service, year)| {
            digits((UnitAt(1), service, year))
        }));
        assert_eq!(cube, Cube::from_fn(2, 3, 2, digits));
        *cube
            .get_mut(UnitAt(1), SelectedAt(2), YearAt(0))
            .expect("it is there") = 7;
        assert_eq!(cube.map(|value| value * 2).values()[10], 14);
    }
}
