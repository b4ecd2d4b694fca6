//! People grow older: tables of ages some years on.
//!
//! A table counts people by bands of age, whole years wide, the last one open. Within a band people are spread evenly over its
//! years of age. After h years
//!
//! - those of age x are of age x + h: whoever is 3 to 15 at the horizon is born already;
//! - of those past the last band's begin, a share dies each year;
//! - children under h are born since: for each year of age so many per adult as the youngest band has now.
//!
//! Where the ages of an earlier date are known too, [`Cohorts`] take the place of deaths and add who moved, by cohort change
//! ratios (Hamilton & Perry 1962): for each band, how many there are of those whom growing older alone would have brought
//! there. Over the whole span between the two dates, in bands as wide as it, this is the method as it is in textbooks.
//!
//! Over fewer years h there are two ways to a ratio. The whole one to the power h/span follows cohorts: a wave of births, in a
//! place that people stay in, moves on as it is. But it lets those of 18 to 21 grow old on a campus, which they leave. The ratio
//! of the base to the table h years before, on the straight line between the two dates, says that of ages: where others of the
//! same age take people's place the table stays as it is. Both are averaged, by how well either holds between the two dates:
//! with the sum S of all differences between both tables (as shares), and G of those between the later table and the earlier one
//! grown older, the second has the weight G ÷ (S + G). So a table that is the same at both dates stays the same, whatever the
//! span and its bands are, and one in which people only grew older goes on growing older.
//!
//! Our bands are not equally wide, which is why the ratio belongs to the band where people arrive, and not to each year of age:
//! that of 18 to 59 compares whole bands, and is not misled by the young adults whom an even spread over 42 years does not show.
//!
//! What this leaves out: without an earlier date, deaths before the last band, and places where people live for a while and are
//! replaced by others of the same age; with it, births that change with the ages of mothers.

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
    years: u32,
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
            years,
            parts,
            born: born.collect(),
        }
    }

    /// Those of `people` who live, by the band where they then are.
    fn survivors<const N: usize>(&self, people: &[f64; N]) -> [f64; N] {
        let mut then = [0.0; N];
        for &(from, to, part) in &self.parts {
            then[to] += people[from] * part;
        }
        then
    }

    /// The table some years on; `children` are born into the width of the youngest band per adult of then.
    ///
    /// # Panics
    /// Where N is not the number of bands.
    #[must_use]
    pub fn then<const N: usize>(&self, people: &[f64; N], children: f64) -> [f64; N] {
        let mut then = self.survivors(people);
        let adults = self.bands.adults_of(&then);
        then.iter_mut()
            .zip(&self.born)
            .for_each(|(people, born)| *people += born * children * adults);
        then
    }

    /// How many times as many there are in each band as would have come there from `before`; of bands too young to have lived
    /// then, that of the youngest that had, with whose parents they move. `None` where nobody could have come from.
    fn change<const N: usize>(&self, before: &[f64; N], now: &[f64; N]) -> [Option<f64>; N] {
        let (came, lived) = (self.survivors(before), self.lived::<N>());
        let ratios: [Option<f64>; N] = std::array::from_fn(|band| {
            (came[band] > 0.0).then(|| now[band] * lived[band] / came[band])
        });
        let youngest = (0..N - 1).find(|&band| lived[band] > 0.0);
        std::array::from_fn(|band| match youngest {
            Some(youngest) if band < youngest => ratios[youngest],
            _ => ratios[band],
        })
    }

    /// How much rather a table that is `now`, and was `before`, stays as it is than grows older as if nobody moved: 0 to 1.
    fn still<const N: usize>(&self, before: &[f64; N], now: &[f64; N]) -> f64 {
        // Differences below this share of all people are what floats leave behind.
        const ROUNDING: f64 = 1e-9;
        let whole = |table: &[f64; N]| table.iter().sum::<f64>();
        let (all, lived) = (whole(now), self.lived::<N>());
        let before = before.map(|people| people * all / whole(before));
        let came = self.survivors(&before);
        let (mut stays, mut grows) = (0.0, 0.0);
        for band in 0..N {
            stays += (now[band] - before[band]).abs();
            grows += (now[band] * lived[band] - came[band]).abs();
        }
        if stays <= ROUNDING * all {
            1.0
        } else {
            grows / (stays + grows)
        }
    }

    /// The part of each band that had been born when the years began.
    fn lived<const N: usize>(&self) -> [f64; N] {
        std::array::from_fn(|band| self.bands.part_from(band, self.years))
    }
}

/// The way from the base to some years on, in steps that two dates tell of: as many whole spans between the dates as there are,
/// then what is left.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohorts<'a> {
    span: Moves<'a>,
    steps: Vec<Moves<'a>>,
    /// Children born, as a multiple of what the tables say.
    births: f64,
}

/// What becomes of one table on that way; see [`Cohorts::course`].
#[derive(Debug, Clone, PartialEq)]
pub struct Course<const N: usize>(Vec<Step<N>>);

#[derive(Debug, Clone, PartialEq)]
struct Step<const N: usize> {
    /// By the band where people arrive.
    ratio: [f64; N],
    /// Those of each band who are born in the step, per parent of then.
    children: [f64; N],
    /// Those of each band in place of whom others of their age come, though nobody grows into it: per parent of then.
    replaced: [f64; N],
    /// Whether parents are the adults; where a table has none, they are all who live.
    by_adults: bool,
}

/// A ratio is believed up to so many times that of the whole city, or that of a table which does not change, whichever is more
/// (and down to so many times less than the lesser): a few people in a band at one date say no more.
const MOST: f64 = 2.0;

impl<'a> Cohorts<'a> {
    /// From the base to `years` on, by dates `span` (at least 1) years apart. O(ages × steps).
    #[must_use]
    pub fn new(bands: Bands<'a>, span: u32, years: u32, births: f64) -> Self {
        let span = span.max(1);
        let whole = std::iter::repeat_n(span, (years / span) as usize);
        let rest = Some(years % span).filter(|&rest| rest > 0);
        let moves = |years| Moves::new(bands, years, 0.0);
        Self {
            span: moves(span),
            steps: whole.chain(rest).map(moves).collect(),
            births,
        }
    }

    /// How a table that was `earlier` and is `base`, neither of nobody, goes on. `city` is that of the whole city, which bounds
    /// what is believed of a part of it: each ratio lies between half of the lesser and twice the greater of the city's and of
    /// that which leaves the table as it is; where nobody could have come from, the city's is taken. Children beyond twice the
    /// city's per adult are not believed of more adults than there are.
    #[must_use]
    pub fn course<const N: usize>(
        &self,
        earlier: &[f64; N],
        base: &[f64; N],
        city: Option<&Course<N>>,
    ) -> Course<N> {
        let (mut before, mut now) = (*earlier, *base);
        let still = self.span.still(&before, &now);
        let mut course = Vec::with_capacity(self.steps.len());
        for (at, moves) in self.steps.iter().enumerate() {
            let ratio = self.ratio(moves, &before, &now, still);
            let step = step(moves, &now, (&ratio, still), city.map(|city| &city.0[at]));
            before = now;
            now = self.follow(moves, &now, &step);
            course.push(step);
        }
        Course(course)
    }

    /// The ratio of each band in the years of `moves`, as it was between two tables a span apart; see above.
    fn ratio<const N: usize>(
        &self,
        moves: &Moves,
        before: &[f64; N],
        now: &[f64; N],
        still: f64,
    ) -> [Option<f64>; N] {
        let part = f64::from(moves.years) / f64::from(self.span.years);
        let then: [f64; N] =
            std::array::from_fn(|band| before[band] * part + now[band] * (1.0 - part));
        let cohorts = self.span.change(before, now);
        let ages = moves.change(&then, now);
        std::array::from_fn(|band| match (ages[band], cohorts[band]) {
            (None, None) => None,
            (ages, cohorts) => {
                let cohorts = cohorts.map_or(1.0, |ratio| ratio.powf(part));
                Some(still * ages.unwrap_or(1.0) + (1.0 - still) * cohorts)
            }
        })
    }

    /// `people` at the end of the way. This is linear: the parts of a table add up to what the whole becomes.
    #[must_use]
    pub fn then<const N: usize>(&self, people: &[f64; N], course: &Course<N>) -> [f64; N] {
        let steps = self.steps.iter().zip(&course.0);
        steps.fold(*people, |now, (moves, step)| self.follow(moves, &now, step))
    }

    fn follow<const N: usize>(&self, moves: &Moves, people: &[f64; N], step: &Step<N>) -> [f64; N] {
        let mut then = moves.survivors(people);
        then.iter_mut()
            .zip(step.ratio)
            .for_each(|(people, ratio)| *people *= ratio);
        let parents = step.parents(moves, &then);
        for (band, people) in then.iter_mut().enumerate() {
            *people += (self.births * step.children[band] + step.replaced[band]) * parents;
        }
        then
    }
}

impl<const N: usize> Step<N> {
    fn parents(&self, moves: &Moves, lived: &[f64; N]) -> f64 {
        if self.by_adults {
            moves.bands.adults_of(lived)
        } else {
            lived.iter().sum()
        }
    }
}

/// A step of the table `now`, by its own ratios as far as they are believed; `still` is how much rather it stays as it is.
fn step<const N: usize>(
    moves: &Moves,
    now: &[f64; N],
    (own, still): (&[Option<f64>; N], f64),
    city: Option<&Step<N>>,
) -> Step<N> {
    let lived: [f64; N] = moves.lived();
    let observed: [f64; N] = std::array::from_fn(|band| now[band] * lived[band]);
    let coming = moves.survivors(now);
    let ratio = std::array::from_fn(|band| {
        let Some(city) = city.map(|city| city.ratio[band]) else {
            return own[band].unwrap_or(1.0);
        };
        let own = own[band].unwrap_or(city);
        if coming[band] > 0.0 {
            let same = observed[band] / coming[band];
            own.clamp(same.min(city) / MOST, same.max(city) * MOST)
        } else {
            own
        }
    });
    let mut step = Step {
        ratio,
        children: [0.0; N],
        replaced: [0.0; N],
        by_adults: moves.bands.adults_of(&observed) > 0.0,
    };
    // Of bands that nobody grows into no ratio can tell who comes there.
    let grown: [f64; N] = std::array::from_fn(|band| match coming[band] > 0.0 {
        true => observed[band],
        false => 0.0,
    });
    let parents = step.parents(moves, &grown);
    let then = step.parents(
        moves,
        &std::array::from_fn(|band| coming[band] * ratio[band]),
    );
    if parents > 0.0 {
        let most = parents.max(then);
        step.replaced = std::array::from_fn(|band| still * (observed[band] - grown[band]) / most);
        step.children = std::array::from_fn(|band| {
            let born = now[band] - observed[band];
            let own = born / parents;
            match city {
                Some(city) if then > 0.0 => {
                    let most = own.min(MOST * city.children[band]);
                    most.max((born / then).min(own))
                }
                _ => own,
            }
        });
    }
    step
}

/// A table of ages `years` after the base by cohort change ratios, with the base's own ratio of children to adults.
///
/// With bands of `span` years and `years` = `span`: Pₓ₊ₛ = Pₓ CCRₓ, CCRₓ = Pₓ₊ₛ(base)/Pₓ(earlier), the last band from the
/// last two together; children = their ratio to adults at the base × the adults of then.
///
/// ```
/// use fuwutu_core::projection::ages::{Bands, hamilton_perry};
/// // Ten years apart: of 100 under 10 there are 120 of 10 and over now, besides the 80 who were there; 50 children per 200 adults.
/// let bands = Bands { starts: &[0, 10], adults: (1, 2) };
/// // All 250 together are 250 × 200/180 adults ten years on, with a quarter as many children.
/// let then = hamilton_perry(bands, &[100.0, 80.0], &[50.0, 200.0], 10, 10);
/// assert!((then[1] - 277.778).abs() < 1e-3 && (then[0] - 69.444).abs() < 1e-3);
/// // A table that did not change does not, in any number of years.
/// let still = hamilton_perry(bands, &[50.0, 200.0], &[50.0, 200.0], 10, 7);
/// assert!((still[0] - 50.0).abs() < 1e-9 && (still[1] - 200.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn hamilton_perry<const N: usize>(
    bands: Bands,
    earlier: &[f64; N],
    base: &[f64; N],
    span: u32,
    years: u32,
) -> [f64; N] {
    let cohorts = Cohorts::new(bands, span, years, 1.0);
    let course = cohorts.course(earlier, base, None);
    cohorts.then(base, &course)
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
    let change = Moves::new(bands, span, 0.0).change(earlier, base);
    change.map(|ratio| ratio.unwrap_or(1.0))
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
            moves.then(&[0.0, 90.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0),
            [0.0, 0.0, 90.0, 0.0, 0.0, 0.0, 0.0],
        );
        // A year on, the oldest third is 6; another year on, two thirds.
        let first = Moves::new(BANDS, 1, 0.03).then(&[0.0, 90.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.0);
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
            moves.then(&now, BANDS.child_ratio(&now)),
            [21.0, 21.0, 54.0, 30.0, 33.0, 420.0, 100.0],
        );
    }

    #[test]
    fn after_a_year_two_thirds_of_the_youngest_are_those_of_before() {
        // 30 of ages 0 to 2: 20 stay, 10 are 3. A third of the width is born since: 30/300 × 300 adults ÷ 3 = 10.
        let moves = Moves::new(BANDS, 1, 0.0);
        let then = moves.then(&[30.0, 0.0, 0.0, 0.0, 0.0, 300.0, 0.0], 0.1);
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
        let older = Moves::new(BANDS, 10, 0.0).then(&then, 0.0);
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
    fn where_people_only_grew_older_they_go_on_growing_older() {
        // Ten years ago 30 of 3 to 5, now 20 of 12 to 14 and 10 of 15: three years on they are 15 to 18, and did not leave.
        let then = [0.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let now = Moves::new(BANDS, 10, 0.0).then(&then, 0.0);
        let cohorts = Cohorts::new(BANDS, 10, 3, 1.0);
        let on = cohorts.then(&now, &cohorts.course(&then, &now, None));
        assert!(Moves::new(BANDS, 10, 0.0).still(&then, &now).abs() < f64::EPSILON);
        close(on, Moves::new(BANDS, 3, 0.0).then(&now, 0.0));
    }

    #[test]
    fn pupils_whom_nobody_grows_up_to_be_are_replaced_where_they_were() {
        // A boarding school for 12 to 14, with its teachers: nobody of 9 to 11 lives there.
        let school = [0.0, 0.0, 0.0, 600.0, 0.0, 60.0, 0.0];
        for years in [1, 3, 7] {
            close(hamilton_perry(BANDS, &school, &school, 6, years), school);
        }
    }

    #[test]
    fn what_is_believed_of_a_part_is_bounded_by_the_city_and_by_what_stays() {
        // In the city nothing changed. Here one of 12 to 14 was counted ten years ago, and 60 of 15 to 17 are now.
        let city = [30.0, 30.0, 60.0, 30.0, 30.0, 420.0, 100.0].map(|people| people * 100.0);
        let cohorts = Cohorts::new(BANDS, 3, 3, 1.0);
        let of_city = cohorts.course(&city, &city, None);
        let (then, now) = (
            [3.0, 3.0, 6.0, 1.0, 3.0, 42.0, 10.0],
            [3.0, 3.0, 6.0, 40.0, 60.0, 42.0, 10.0],
        );
        let course = cohorts.course(&then, &now, Some(&of_city));
        // By its own ratio the 40 would be 2,400; in the city 30 of 30 stay, and 60 of 40 leave it as it is: twice that at most.
        assert!((course.0[0].ratio[4] - 3.0).abs() < 1e-9);
        assert!((cohorts.then(&now, &course)[4] - 120.0).abs() < 1e-9);
    }

    #[test]
    fn no_years_on_a_table_is_what_it_is() {
        let now = [21.0, 24.0, 60.0, 33.0, 30.0, 420.0, 100.0];
        close(
            Moves::new(BANDS, 0, 0.03).then(&now, BANDS.child_ratio(&now)),
            now,
        );
        close(hamilton_perry(BANDS, &[50.0; 7], &now, 10, 0), now);
    }
}
