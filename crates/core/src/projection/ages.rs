//! People grow older: tables of ages some years on.
//!
//! A table counts people by bands of age, whole years wide, the last one open. Within a band people are spread evenly over its
//! years of age. After h years
//!
//! - those of age x are of age x + h: whoever is 3 to 15 at the horizon is born already;
//! - of those past the last band's begin, a share dies each year;
//! - children under h are born since: for each year of age so many per adult as the youngest band has now.
//!
//! Where the ages of an earlier date are known too, cohort change ratios take the place of deaths and add who moved (Hamilton
//! & Perry 1962): for each band, how many there are at the base of those whom growing older alone would have brought there
//! since the earlier date. Over h years the ratio is taken to the power h/span. Where all bands are as wide as `span`, and h
//! is `span`, this is the method as it is in textbooks. Our bands are not equally wide, which is why the ratio belongs to the
//! band where people arrive, and not to each year of age: that of 18 to 59 compares whole bands, and is not misled by the
//! young adults whom an even spread over 42 years does not show.
//!
//! What this leaves out: deaths before the last band, births changing with the ages of mothers, and places where people live
//! for a while and are replaced by others of the same age (boarding schools, barracks).

/// How a table of ages is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands<'a> {
    /// The age at which each band begins, ascending from 0; the last band is open.
    pub starts: &'a [u32],
    /// The bands (first, and one past the last) whose number children are in proportion to.
    pub adults: (usize, usize),
}

impl Bands<'_> {
    /// Those of a table who are adults.
    fn adults_of(&self, people: &[f64]) -> f64 {
        people[self.adults.0..self.adults.1].iter().sum()
    }

    /// People in the youngest band per adult; 0 where there is no adult.
    #[must_use]
    pub fn child_ratio(&self, people: &[f64]) -> f64 {
        let adults = self.adults_of(people);
        if adults > 0.0 {
            people[0] / adults
        } else {
            0.0
        }
    }

    /// The years of age of a band; of the open one none.
    fn years_of(&self, band: usize) -> std::ops::Range<u32> {
        let start = self.starts[band];
        start..self.starts.get(band + 1).copied().unwrap_or(start)
    }

    /// The band of an age.
    fn of(&self, age: u32) -> usize {
        self.starts
            .iter()
            .rposition(|&start| start <= age)
            .unwrap_or(0)
    }

    /// The part of a band that is at least so old; the open band counts as a whole.
    fn part_from(&self, band: usize, age: u32) -> f64 {
        let years = self.years_of(band);
        let old = years.clone().filter(|&each| each >= age).count();
        if years.is_empty() {
            1.0
        } else {
            old as f64 / years.len() as f64
        }
    }
}

/// Where people are some years on: which part of each band is in which.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves<'a> {
    bands: Bands<'a>,
    /// From which band, to which, which part of it.
    parts: Vec<(usize, usize, f64)>,
    /// Of each band, the years of age of those born since, in widths of the youngest band.
    born: Vec<f64>,
}

impl<'a> Moves<'a> {
    /// `deaths` is the share of those past the begin of the open band who die in a year, 0 to 1. O(ages).
    #[must_use]
    pub fn new(bands: Bands<'a>, years: u32, deaths: f64) -> Self {
        let last = bands.starts.len() - 1;
        let open = bands.starts[last];
        let lives = |past: u32| (1.0 - deaths).powf(f64::from(past));
        let youngest = bands.years_of(0).len() as f64;
        let born = (0..bands.starts.len())
            .map(|band| bands.years_of(band).filter(|&age| age < years).count() as f64 / youngest);
        let mut parts = Vec::new();
        for band in 0..last {
            let ages = bands.years_of(band);
            let mut to = vec![0.0; bands.starts.len()];
            for age in ages.clone() {
                to[bands.of(age + years)] +=
                    lives((age + years).saturating_sub(open)) / ages.len() as f64;
            }
            parts.extend(
                to.into_iter()
                    .enumerate()
                    .filter(|(_, part)| *part > 0.0)
                    .map(|(to, part)| (band, to, part)),
            );
        }
        parts.push((last, last, lives(years)));
        Self {
            bands,
            parts,
            born: born.collect(),
        }
    }

    /// Those of `people` who live, by the band where they then are, each times the `change` of that band.
    fn survivors<const N: usize>(&self, people: &[f64; N], change: &[f64; N]) -> [f64; N] {
        let mut then = [0.0; N];
        for &(from, to, part) in &self.parts {
            then[to] += people[from] * part;
        }
        then.iter_mut()
            .zip(change)
            .for_each(|(people, change)| *people *= change);
        then
    }

    /// The table some years on; `children` are born into the width of the youngest band per adult of then.
    ///
    /// # Panics
    /// Where N is not the number of bands.
    #[must_use]
    pub fn then<const N: usize>(
        &self,
        people: &[f64; N],
        change: &[f64; N],
        children: f64,
    ) -> [f64; N] {
        let mut then = self.survivors(people, change);
        let adults = self.bands.adults_of(&then);
        then.iter_mut()
            .zip(&self.born)
            .for_each(|(people, born)| *people += born * children * adults);
        then
    }
}

/// How many times as many there are at the base in each band as growing older alone would have brought there in `span` years.
///
/// Bands too young to have lived at the earlier date take the ratio of the youngest that had (they move with their parents, as
/// those do); where nobody could have come from there is no ratio, and it is 1.
#[must_use]
pub fn cohort_change<const N: usize>(
    bands: Bands,
    earlier: &[f64; N],
    base: &[f64; N],
    span: u32,
) -> [f64; N] {
    let expected = Moves::new(bands, span, 0.0).survivors(earlier, &[1.0; N]);
    let ratio = |band: usize| {
        let observed = base[band] * bands.part_from(band, span);
        (expected[band] > 0.0).then(|| observed / expected[band])
    };
    let ratios: [Option<f64>; N] = std::array::from_fn(ratio);
    let youngest = (0..N - 1).find(|&band| bands.part_from(band, span) > 0.0);
    std::array::from_fn(|band| match youngest {
        Some(youngest) if band < youngest => ratios[youngest].unwrap_or(1.0),
        _ => ratios[band].unwrap_or(1.0),
    })
}

/// A table of ages `years` after the base by cohort change ratios, with the base's own ratio of children to adults.
///
/// With bands of `span` years and `years` = `span`: Pₓ₊ₛ = Pₓ CCRₓ, CCRₓ = Pₓ₊ₛ(base)/Pₓ(earlier), the last band from the
/// last two together; children = their ratio to adults at the base × the adults of then.
#[must_use]
pub fn hamilton_perry<const N: usize>(
    bands: Bands,
    earlier: &[f64; N],
    base: &[f64; N],
    span: u32,
    years: u32,
) -> [f64; N] {
    let power = f64::from(years) / f64::from(span);
    let change = cohort_change(bands, earlier, base, span).map(|ratio| ratio.powf(power));
    Moves::new(bands, years, 0.0).then(base, &change, bands.child_ratio(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANDS: Bands = Bands {
        starts: &[0, 3, 6, 12, 15, 18, 60],
        adults: (5, 6),
    };

    fn close(ours: [f64; 7], by_hand: [f64; 7]) {
        let near = ours
            .iter()
            .zip(&by_hand)
            .all(|(ours, by_hand)| (ours - by_hand).abs() < 1e-9);
        assert!(near, "{ours:?} {by_hand:?}");
    }

    #[test]
    fn three_to_five_year_olds_are_six_to_eight_after_three_years() {
        let moves = Moves::new(BANDS, 3, 0.03);
        close(
            moves.then(&[0.0, 90.0, 0.0, 0.0, 0.0, 0.0, 0.0], &[1.0; 7], 0.0),
            [0.0, 0.0, 90.0, 0.0, 0.0, 0.0, 0.0],
        );
        // A year on, the oldest third is 6; another year on, two thirds.
        let first =
            Moves::new(BANDS, 1, 0.03).then(&[0.0, 90.0, 0.0, 0.0, 0.0, 0.0, 0.0], &[1.0; 7], 0.0);
        close(first, [0.0, 60.0, 30.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_whole_city_grows_three_years_older() {
        // Of the 420 adults of 42 ages those of 57 to 59 leave, 10 an age; those of 15 to 17 come.
        // 60 and over: 100 × 0.9³ = 72.9, and of the 30 who turn 60, 61 and 62: 10 (1 + 0.9 + 0.81) = 27.1.
        // 21 children per 420 adults: 420 + 30 − 30 = 420 adults have 21 again.
        let moves = Moves::new(BANDS, 3, 0.1);
        let now = [21.0, 24.0, 60.0, 33.0, 30.0, 420.0, 100.0];
        close(
            moves.then(&now, &[1.0; 7], BANDS.child_ratio(&now)),
            [21.0, 21.0, 54.0, 30.0, 33.0, 420.0, 100.0],
        );
    }

    #[test]
    fn after_a_year_two_thirds_of_the_youngest_are_those_of_before() {
        // 30 of ages 0 to 2: 20 stay, 10 are 3. A third of the width is born since: 30/300 × 300 adults ÷ 3 = 10.
        let moves = Moves::new(BANDS, 1, 0.0);
        let then = moves.then(&[30.0, 0.0, 0.0, 0.0, 0.0, 300.0, 0.0], &[1.0; 7], 0.1);
        let adults = 300.0 * 41.0 / 42.0;
        close(
            then,
            [
                20.0 + adults * 0.1 / 3.0,
                10.0,
                0.0,
                0.0,
                0.0,
                adults,
                300.0 / 42.0,
            ],
        );
    }

    #[test]
    fn who_only_grew_older_has_ratios_of_one_and_others_what_moved() {
        let then = [30.0, 30.0, 60.0, 30.0, 30.0, 420.0, 100.0];
        let older = Moves::new(BANDS, 10, 0.0).then(&then, &[1.0; 7], 0.0);
        // At the base those under 10 were born since: only 2 of the 6 ages of 6 to 11 lived before.
        let base: [f64; 7] =
            std::array::from_fn(|band| older[band] / BANDS.part_from(band, 10).max(1.0 / 3.0));
        close(cohort_change(BANDS, &then, &base, 10), [1.0; 7]);
        let mut moved = base;
        moved[2] *= 1.5;
        moved[5] *= 2.0;
        // The youngest who lived at both dates are among 6 to 11: the younger bands move as they do.
        close(
            cohort_change(BANDS, &then, &moved, 10),
            [1.5, 1.5, 1.5, 1.0, 1.0, 2.0, 1.0],
        );
        // Nobody then: no ratio.
        close(cohort_change(BANDS, &[0.0; 7], &moved, 10), [1.0; 7]);
    }

    #[test]
    fn no_years_on_a_table_is_what_it_is() {
        let now = [21.0, 24.0, 60.0, 33.0, 30.0, 420.0, 100.0];
        close(
            Moves::new(BANDS, 0, 0.03).then(&now, &[1.0; 7], BANDS.child_ratio(&now)),
            now,
        );
        close(hamilton_perry(BANDS, &[50.0; 7], &now, 10, 0), now);
    }
}
