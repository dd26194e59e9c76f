//! What every resource shares: problems, extractors, answers kept for repetition, documents of routes.

pub mod answer;
pub mod extract;
pub mod headers;
pub mod pages;
pub mod refusal;
pub mod routes;

pub use answer::Answer;
pub use refusal::Refusal;
