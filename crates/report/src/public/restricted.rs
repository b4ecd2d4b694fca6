//! What is not for everybody at all: services, and facilities that offer one.

use std::collections::BTreeSet;

use fuwutu_core::cube::Cube;
use fuwutu_core::position::SelectedAt;
use fuwutu_core::service::Service;

use super::rules::Rules;
use crate::book::{Book, Place};

/// Without restricted services, and the facilities that offer one.
pub(super) fn without_restricted(book: &Book, rules: &Rules) -> Book {
    let mut public = book.clone();
    let kept = |service: &Service| !rules.restricted.contains(&service.id);
    let mut count = 0..;
    let services: Vec<Option<usize>> = book
        .services
        .iter()
        .map(|service| if kept(service) { count.next() } else { None })
        .collect();
    public.services.retain(kept);
    public.county_services.retain(kept);
    public
        .counties
        .retain(|county| !rules.restricted.contains(&county.service));
    let kept_services: Vec<usize> = (0..services.len())
        .filter(|&service| services[service].is_some())
        .collect();
    public.standings = of_services(&book.standings, &kept_services);
    public.compares = book
        .compares
        .as_ref()
        .map(|compares| of_services(compares, &kept_services));
    for place in &mut public.places {
        place.causes.retain_mut(|cause| {
            services[cause.service]
                .map(|service| cause.service = service)
                .is_some()
        });
        name_causes(place);
    }
    public.equities.retain_mut(|equity| {
        services[equity.service]
            .map(|position| equity.service = position)
            .is_some()
    });

    let open: BTreeSet<&str> = book
        .offers
        .iter()
        .filter(|origin| rules.restricted.contains(&origin.row.service))
        .map(|origin| origin.facility.as_str())
        .collect();
    let mut count = 0..;
    let offers: Vec<Option<usize>> = book
        .offers
        .iter()
        .map(|offer| {
            if open.contains(offer.facility.as_str()) {
                None
            } else {
                count.next()
            }
        })
        .collect();
    public
        .offers
        .retain(|offer| !open.contains(offer.facility.as_str()));
    public
        .offers
        .iter_mut()
        .for_each(|offer| offer.service = offer.service.and_then(|position| services[position]));
    public.offers_left_out = book.offers.len() - public.offers.len();
    public.served.retain_mut(
        |served| match (services[served.service], offers[served.offer]) {
            (Some(service), Some(offer)) => {
                (served.service, served.offer) = (service, offer);
                true
            }
            _ => false,
        },
    );

    let columns: Vec<bool> = book
        .demand
        .columns
        .iter()
        .map(|column| services[column.0].is_some())
        .collect();
    public.demand.columns = book
        .demand
        .columns
        .iter()
        .filter_map(|&(position, year)| Some((services[position]?, year)))
        .collect();
    for spot in &mut public.demand.spots {
        let mut kept = columns.iter();
        spot.row.covered.retain(|_| *kept.next().unwrap_or(&true));
    }
    public
}

/// The values of some services.
fn of_services<T: Clone>(values: &Cube<T>, kept: &[usize]) -> Cube<T> {
    Cube::from_fn(
        values.units(),
        kept.len(),
        values.years(),
        |(unit, service, year)| {
            values[(unit, SelectedAt::new(kept[service.index()]), year)].clone()
        },
    )
}

/// The line of the ranking names the causes that are left.
pub(super) fn name_causes(place: &mut Place) {
    let mut names = place.causes.iter().map(|cause| cause.row.service.clone());
    let names: [Option<String>; 3] = std::array::from_fn(|_| names.next());
    let [first, second, third] = names.map(Option::unwrap_or_default);
    (place.row.cause_1, place.row.cause_2, place.row.cause_3) = (first, second, third);
}
