//! One screen a file. A screen uses capabilities and components; nothing uses a screen.

mod certificates;
mod correction;
mod documents;
mod feedback;
mod form;
mod guide;
mod handover;
mod help;
mod home;
mod materials;
mod mine;
mod narrowing;
mod owed;
mod pay;
mod progress;
mod proofs;
mod rating;
mod receipts;
mod review;
mod shell;
mod sign_in;
mod situations;
mod start;
mod steps;

pub use shell::shell;

use leptos::prelude::AnyView;

use crate::router::Route;

/// Screens for reading: what there is, and what it takes.
#[must_use]
pub fn reading(route: Route) -> Option<AnyView> {
    match route {
        Route::Home => Some(home::screen()),
        Route::Guide(id) => Some(guide::screen(id)),
        Route::Help => Some(help::screen()),
        _ => None,
    }
}

/// Screens for filling in: from the situation to the last question.
#[must_use]
pub fn filling(route: Route) -> Option<AnyView> {
    match route {
        Route::Situations(id) => Some(situations::screen(id)),
        Route::Start(id) => Some(start::screen(id)),
        Route::SignIn(to) => Some(sign_in::screen(to)),
        Route::Form(id, group) => Some(form::screen(id, group)),
        _ => None,
    }
}

/// Screens for finishing: documents, a last look, corrections, handing a draft over.
#[must_use]
pub fn finishing(route: Route) -> Option<AnyView> {
    match route {
        Route::Materials(id) => Some(materials::screen(id)),
        Route::Review(id) => Some(review::screen(id)),
        Route::Correction(id) => Some(correction::screen(id)),
        Route::HandOver(id) => Some(handover::screen(id)),
        Route::Continue(code) => Some(handover::take_over(code)),
        _ => None,
    }
}

/// Screens for following: what became of it, and what is mine. None of them draws a form or opens a draft.
#[must_use]
pub fn following(route: Route) -> Option<AnyView> {
    match route {
        Route::Progress(id) => Some(progress::screen(id)),
        Route::Owed(id) => Some(owed::screen(id)),
        Route::Certificates(id) => Some(certificates::screen(id)),
        Route::Rating(id) => Some(rating::screen(id)),
        Route::Mine => Some(mine::screen()),
        Route::Documents => Some(documents::screen()),
        Route::Proofs => Some(proofs::screen()),
        Route::Feedback => Some(feedback::screen(None)),
        Route::Report(bundle, material) => Some(feedback::screen(Some((bundle, material)))),
        _ => None,
    }
}

/// Screens for paying, and for whoever holds a payment's address or its receipt.
#[must_use]
pub fn paying(route: Route) -> Option<AnyView> {
    match route {
        Route::Pay(id) => Some(pay::screen(id)),
        Route::PayFor(token) => Some(pay::for_somebody(token)),
        Route::Receipts => Some(receipts::screen()),
        _ => None,
    }
}
