//! Labelled simulators behind the interfaces a city implements: who someone is, what the
//! state knows, how money comes in, what departments do. Off in production.

pub mod cashier;
pub mod departments;
pub mod identity;
pub mod people;
pub mod registers;
