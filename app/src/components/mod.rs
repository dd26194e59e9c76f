//! Pieces of screens. They know the texts and what they are given, and nothing of the network.

pub mod answer;
pub mod flow;
pub(crate) mod html;
pub mod limit;
pub mod load;
pub mod notice;
pub(crate) mod places;
pub(crate) mod qr;
pub mod term;
pub mod timeline;
