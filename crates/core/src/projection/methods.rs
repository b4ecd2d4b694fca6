//! The methods, as functions of plain numbers. P₀ stands `span` years before the base, P₁ at the base, `years` (h) after it.

/// P₁ (P₁/P₀)^(h/span). `None` where P₀ is 0: there is no rate.
#[must_use]
pub fn geometric(earlier: f64, base: f64, span: f64, years: f64) -> Option<f64> {
    (earlier > 0.0).then(|| base * (base / earlier).powf(years / span))
}

/// P₁ + (P₁ − P₀) h/span, never below 0.
#[must_use]
pub fn linear(earlier: f64, base: f64, span: f64, years: f64) -> f64 {
    (base + (base - earlier) * years / span).max(0.0)
}

/// Tᵢ = T (s₁ + (s₁ − s₀) h/span) for the members of one area, which sum to `total`. Shares that would fall below 0 are held
/// there, and the others scaled. All zero where there is nobody at either date. Where nobody's share changed this is the
/// constant share T s₁.
#[must_use]
pub fn shift_share(earlier: &[f64], base: &[f64], span: f64, years: f64, total: f64) -> Vec<f64> {
    let (before, now): (f64, f64) = (earlier.iter().sum(), base.iter().sum());
    if before <= 0.0 || now <= 0.0 {
        return vec![0.0; base.len()];
    }
    let share = |(earlier, base): (&f64, &f64)| linear(earlier / before, base / now, span, years);
    let shares: Vec<f64> = earlier.iter().zip(base).map(share).collect();
    controlled(&shares, total)
}

/// P₁ + (T − ΣP₁) (P₁ − P₀) / Σ(P₁ − P₀): each member takes the part of the area's further growth that it had of the growth so
/// far.
///
/// `None` where some grew and others shrank, or nobody did either: a member that shrank while the whole grows would be given
/// a negative part. That is why it is not among the methods that are averaged.
#[must_use]
pub fn share_of_growth(earlier: &[f64], base: &[f64], total: f64) -> Option<Vec<f64>> {
    let growth: Vec<f64> = base
        .iter()
        .zip(earlier)
        .map(|(base, earlier)| base - earlier)
        .collect();
    let (now, grown): (f64, f64) = (base.iter().sum(), growth.iter().sum());
    let alike = growth.iter().all(|each| *each >= 0.0) || growth.iter().all(|each| *each <= 0.0);
    let further = (total - now) / grown;
    let grow = |(base, growth): (&f64, &f64)| (base + further * growth).max(0.0);
    (alike && grown.abs() > 0.0).then(|| base.iter().zip(&growth).map(grow).collect())
}

/// `parts`, which are not negative, scaled so that they sum to `total`; as they are where they are all 0.
#[must_use]
pub fn controlled(parts: &[f64], total: f64) -> Vec<f64> {
    let whole: f64 = parts.iter().sum();
    if whole <= 0.0 {
        return parts.to_vec();
    }
    parts.iter().map(|part| total * part / whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_growth_is_shared_as_growth_was_so_far() {
        // 10 and 30 more so far, 8 more to come: 2 and 6.
        assert_eq!(
            share_of_growth(&[90.0, 70.0], &[100.0, 100.0], 208.0),
            Some(vec![102.0, 106.0])
        );
        assert_eq!(
            share_of_growth(&[90.0, 110.0], &[100.0, 100.0], 208.0),
            None
        );
        assert_eq!(share_of_growth(&[100.0], &[100.0], 208.0), None);
    }
}

/// One step of the cohort-component method (Whelpton 1936), for those who know births, deaths and moves: as many years as every
/// group of ages is wide. Groups ascend, the last one is open.
///
/// `survival` is the share of each group that lives on, `births` the children in the step per person of the mean of a group's
/// number at the begin and at the end (before anybody moves), `infants` the share of them that lives to the end, and `moved`
/// who came (or went, below 0) by then. Nobody is fewer than none. All slices are as long as `people`; O(groups).
///
/// ```
/// use fuwutu_core::projection::{Vital, cohort_component};
/// // 100 young ones of whom nine in ten grow old; half of the mean of 100 and 0 has a child, and all children live; two came.
/// let vital = Vital { survival: &[0.9, 0.0], births: &[0.5, 0.0], infants: 1.0, moved: &[2.0, 0.0] };
/// assert_eq!(cohort_component(&[100.0, 40.0], &vital), [27.0, 90.0]);
/// ```
#[must_use]
pub fn cohort_component(people: &[f64], vital: &Vital) -> Vec<f64> {
    let last = people.len().saturating_sub(1);
    let mut then = vec![0.0; people.len()];
    for (at, (people, survival)) in people.iter().zip(vital.survival).enumerate() {
        then[(at + 1).min(last)] += people * survival;
    }
    let mean = people
        .iter()
        .zip(&then)
        .map(|(before, after)| f64::midpoint(*before, *after));
    let born: f64 = mean
        .zip(vital.births)
        .map(|(mean, births)| mean * births)
        .sum();
    if let Some(youngest) = then.first_mut() {
        *youngest += born * vital.infants;
    }
    then.iter()
        .zip(vital.moved)
        .map(|(people, moved)| (people + moved).max(0.0))
        .collect()
}

/// What [`cohort_component`] knows of births, deaths and moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vital<'a> {
    /// Of each group the share that lives on, 0 to 1.
    pub survival: &'a [f64],
    /// Children per person of each group, ≥ 0.
    pub births: &'a [f64],
    /// The share of children that lives to the end of the step, 0 to 1.
    pub infants: f64,
    /// Who came by the end, of each group.
    pub moved: &'a [f64],
}
