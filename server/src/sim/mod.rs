//! Labelled simulators behind the interfaces a city implements: who someone is, what the
//! state knows, where money is registered, what departments do, a portal around it all. Off in production. Payment
//! gateways are simulated by a process of their own (`gateway/`).

pub mod departments;
pub mod identity;
pub mod people;
pub mod portal;
pub mod registers;
pub mod treasury;
