//! Lengths of time in words.

use contract::catalogue::{Limit, TimeUnit};

use crate::locale::texts as t;

/// `5 working days`, `on the spot`.
#[must_use]
pub fn length(limit: &Limit) -> String {
    let n = limit.value.to_string();
    match limit.unit {
        TimeUnit::AtOnce => t::limit_at_once().to_owned(),
        TimeUnit::Hours => t::limit_hours(&n),
        TimeUnit::WorkingDays => t::limit_working_days(&n),
        TimeUnit::Days => t::limit_days(&n),
        TimeUnit::Months => t::limit_months(&n),
    }
}

/// The length with whose figure it is and what else is said of it.
#[must_use]
pub fn whole(limit: &Limit) -> String {
    let mut said = length(limit);
    if let Some(place) = &limit.place {
        said = t::limit_of_place(&said, place);
    }
    if let Some(note) = &limit.note {
        said = t::limit_with_note(&said, note);
    }
    said
}
