//! How large a city is.

/// Residents of Chengdu, whose proportions [`Spec::scaled`] keeps.
const CHENGDU: u64 = 21_000_000;

/// What [`crate::city`] makes. Counts nest: 1 ≤ counties ≤ townships ≤ communities ≤ points ≤ residents.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Another seed, another city of the same size.
    pub seed: u64,
    /// Persons.
    pub residents: u64,
    /// At most 99.
    pub counties: u32,
    /// Spread over the counties.
    pub townships: u32,
    /// Spread over the townships in nearly equal numbers.
    pub communities: u32,
    /// Demand points, spread over the communities by residents.
    pub points: u32,
    /// Spread over the services.
    pub facilities: u32,
    /// Area of the city in square kilometres, above 0.
    pub area_km2: f64,
    /// Ids of the services that get facilities; where empty, all that have a limit or a norm.
    pub services: Vec<String>,
}

impl Spec {
    /// A city of `residents` (at least 1) in the proportions of Chengdu: 21,000,000 residents have 23 counties,
    /// 261 townships, 3,043 communities, 1,400,000 demand points, 100,000 facilities and 14,000 km².
    #[must_use]
    pub fn scaled(residents: u64, seed: u64) -> Self {
        let residents = residents.max(1);
        let share = |of_chengdu: u64| {
            let part = (u128::from(residents) * u128::from(of_chengdu) + u128::from(CHENGDU / 2))
                / u128::from(CHENGDU);
            u32::try_from(part).unwrap_or(u32::MAX).max(1)
        };
        Self {
            seed,
            residents,
            counties: share(23).min(99),
            townships: share(261),
            communities: share(3_043),
            points: share(1_400_000),
            facilities: share(100_000),
            area_km2: 14_000.0 * residents as f64 / CHENGDU as f64,
            services: Vec::new(),
        }
    }

    /// A city small enough to look at, with all that the tool is to find in it: a township of nearly 200,000 residents,
    /// one that is all rural, one that grew strongly and has too little of everything.
    #[must_use]
    pub fn demo() -> Self {
        let services = [
            "nursery_0_3",
            "kindergarten",
            "primary_school",
            "junior_middle",
            "community_health_centre",
            "elderly_daycare",
            "community_canteen",
            "culture_centre",
            "small_sport_ground",
            "market",
        ];
        Self {
            seed: 6,
            residents: 400_000,
            counties: 1,
            townships: 6,
            communities: 60,
            points: 4_000,
            facilities: 450,
            area_km2: 80.0,
            services: services.map(str::to_owned).into(),
        }
    }

    /// # Panics
    /// Where the counts do not nest.
    pub(crate) fn check(&self) {
        let counts = [
            1,
            self.counties,
            self.townships,
            self.communities,
            self.points,
        ]
        .map(u64::from);
        let nested = counts.is_sorted() && u64::from(self.points) <= self.residents;
        assert!(
            nested && self.counties <= 99 && self.area_km2 > 0.0,
            "counts that do not nest: {self:?}"
        );
    }
}
