//! One screen a file. A screen uses capabilities and components; nothing uses a screen.

mod certificates;
mod correction;
mod feedback;
mod form;
mod guide;
mod help;
mod home;
mod materials;
mod mine;
mod narrowing;
mod pay;
mod progress;
mod rating;
mod review;
mod shell;
mod sign_in;
mod situations;
mod start;
mod steps;

pub use shell::shell;
