//! Words of reports that tables have as codes: Chinese first, English second.

use fuwutu_core::service::Service;
use fuwutu_io::standards::{self, trip};

/// Why nothing is said of a service.
pub(crate) const NO_DATA: [&str; 2] = ["未提供数据", "no data"];

/// The longest trips that a service allows: `步行 5 分钟；乡村电动自行车 15 分钟`. `None` where it has no limit.
pub(crate) fn limits(service: &Service) -> Option<[String; 2]> {
    match (service.urban.map(trip), service.rural.map(trip)) {
        (Some(urban), Some(rural)) if urban == rural => Some(urban),
        (Some(urban), Some(rural)) => Some([
            format!("{}（乡村{}）", urban[0], rural[0]),
            format!("{} (rural {})", urban[1], rural[1]),
        ]),
        (Some(urban), None) => Some(urban),
        (None, Some(rural)) => Some([format!("乡村{}", rural[0]), format!("rural {}", rural[1])]),
        (None, None) => None,
    }
}

/// How much capacity the norm asks for: `4.5/千人`. `None` where it asks for no amount.
pub(crate) fn norm(service: &Service) -> Option<[String; 2]> {
    standards::norm(&service.norm, "")
}

#[cfg(test)]
mod tests {
    use fuwutu_core::service::{Limit, Mode};

    use super::*;
    use crate::testing::book;

    #[test]
    fn limits_of_town_and_country_are_told_apart_where_they_differ() {
        let mut service = book().services.swap_remove(0);
        let limit = |minutes| {
            Some(Limit {
                mode: Mode::Walk,
                minutes,
                radius_m: None,
            })
        };
        let mut of_limits = |urban, rural| {
            (service.urban, service.rural) = (urban, rural);
            limits(&service).map(|[zh, _]| zh)
        };
        assert_eq!(
            of_limits(limit(5), limit(5)).as_deref(),
            Some("步行 5 分钟")
        );
        assert_eq!(
            of_limits(limit(5), limit(15)).as_deref(),
            Some("步行 5 分钟（乡村步行 15 分钟）")
        );
        assert_eq!(
            of_limits(None, limit(15)).as_deref(),
            Some("乡村步行 15 分钟")
        );
        assert_eq!(of_limits(None, None), None);
    }
}
