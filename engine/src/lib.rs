//! The rules of an errand: pure and total. No input or output, no clock, no page.
//! The same code decides in the page and on the server.

pub mod answer;
pub mod calendar;
pub mod condition;
pub mod date;
pub mod e_certificate;
pub mod fee;
pub mod flow;
pub mod form;
pub mod identity;
pub mod lane;
pub mod lint;
pub mod mask;
pub mod merge;
pub mod migrate;
pub mod paper;
pub mod payment;
pub mod plan;
pub mod promise;
pub mod rating;
pub mod rule;
pub mod search;
pub mod texts;
pub mod uscc;
pub mod way;
pub mod words;
