//! One screen a file. A screen uses capabilities and components; nothing uses a screen.

mod accessibility;
mod ahead;
mod calls;
mod certificates;
mod correction;
mod documents;
mod feedback;
mod form;
mod glossary;
mod guide;
mod handover;
mod help;
mod home;
mod materials;
mod mine;
mod narrowing;
mod owed;
mod parts;
mod pay;
#[cfg(not(target_arch = "wasm32"))]
pub mod printed;
mod progress;
mod proofs;
mod rating;
mod receipts;
mod review;
mod service;
mod shell;
mod sign_in;
mod situations;
mod start;
mod steps;

pub use parts::{Draw, at_hand, bring};
pub use shell::shell;

use contract::catalogue::Audience;

use crate::locale::texts as t;

/// Who is served, in words.
#[must_use]
pub fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Person => t::home_person(),
        Audience::Enterprise => t::home_enterprise(),
    }
}
