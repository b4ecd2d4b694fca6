//! The grid city: everything in it can be worked out with a pencil.

use fuwutu_core::city::{
    Class, Community, DemandPoint, Facility, Offer, Records, Status, Township,
};
use fuwutu_core::position::{CommunityAt, ServiceAt, TownshipAt};
use fuwutu_core::quantity::{Ages, Point};
use geo::{Coord, Rect};

use crate::{FRAME, YEAR};

/// One whole resident of age 18–59.
const ONE_ADULT: Ages = Ages([0, 0, 0, 0, 0, 1000, 0]);

/// `side` × `side` demand points of one resident each, aged 18–59, on a lattice of `spacing_mm` whose middle is the origin;
/// one square community in one township; at each of `places`, in lattice steps east and north of the origin, an existing
/// facility that offers the service at position 0 with a capacity of 1.
///
/// Where `side` is odd a point stands at the origin, and places are where points are; where it is even the origin is amid four
/// points, half a step away (with an odd `spacing_mm` rounded towards the origin).
///
/// `side` × `spacing_mm` is at most 2,000 km.
#[must_use]
pub fn grid(side: u32, spacing_mm: i32, places: &[(i32, i32)]) -> Records {
    let steps = i64::from(side);
    let on_line = |step: i64| in_plane((2 * step - (steps - 1)) * i64::from(spacing_mm) / 2);
    let lattice = (0..steps).flat_map(|row| (0..steps).map(move |column| (column, row)));
    let points = lattice.zip(1_u64..).map(|((column, row), number)| {
        let place = Point {
            x: on_line(column),
            y: on_line(row),
        };
        (
            DemandPoint {
                id: format!("p{number:08}").into(),
                at: place,
                community: CommunityAt(0),
            },
            ONE_ADULT,
        )
    });
    let facilities = places
        .iter()
        .zip(1_u64..)
        .map(|(&(east, north), number)| Facility {
            id: format!("f{number:06}").into(),
            name: format!("格网设施{number}").into(),
            at: Point {
                x: east * spacing_mm,
                y: north * spacing_mm,
            },
            entrances: Vec::new(),
            community: None,
            status: Status::Existing,
            opens: None,
            closes: None,
            hubs: Vec::new(),
            offers: vec![Offer {
                service: ServiceAt(0),
                capacity: Some(1.0),
                size: None,
                public: None,
            }],
        });
    Records {
        frame: FRAME,
        year: YEAR,
        townships: vec![Township {
            code: "990101001".into(),
            name: "格网街道".into(),
            neighbour: false,
        }],
        communities: vec![square(f64::from(side) * f64::from(spacing_mm) / 2000.0)],
        points: points.collect(),
        facilities: facilities.collect(),
    }
}

fn in_plane(mm: i64) -> i32 {
    i32::try_from(mm).expect("a grid is at most 2,000 km wide")
}

/// The community: all within `half` metres of the origin, east, west, north and south.
fn square(half: f64) -> Community {
    Community {
        residential_m2: None,
        code: "990101001001".into(),
        name: "格网社区".into(),
        township: TownshipAt(0),
        class: Class::Urban,
        polygon: Rect::new(Coord { x: -half, y: -half }, Coord { x: half, y: half })
            .to_polygon()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use fuwutu_core::city::City;
    use fuwutu_core::quantity::Residents;

    use super::*;

    #[test]
    fn nine_points_a_hundred_metres_apart() {
        let city = City::new(grid(3, 100_000, &[(0, 0), (1, -1)])).unwrap();
        assert_eq!(city.total_residents(), Residents::whole(9));
        let far = city
            .points()
            .iter()
            .map(|point| point.at.x.abs().max(point.at.y.abs()))
            .max();
        assert_eq!(far, Some(100_000));
        assert_eq!(
            city.facilities()[1].at,
            Point {
                x: 100_000,
                y: -100_000
            }
        );
        assert!(
            city.facilities()
                .iter()
                .all(|facility| facility.community == Some(CommunityAt(0)) && facility.open(2026))
        );
    }

    #[test]
    fn an_even_side_has_the_origin_amid_four_points() {
        let records = grid(2, 100, &[]);
        let places: Vec<Point> = records.points.iter().map(|(point, _)| point.at).collect();
        assert_eq!(
            places,
            [(-50, -50), (50, -50), (-50, 50), (50, 50)].map(|(x, y)| Point { x, y })
        );
    }
}
