//! A labelled simulator of payment gateways, to run real adapters against.
//!
//! It speaks WeChat Pay's API v3, Alipay's open API and a small protocol of our own, with signatures, sealed
//! resources, notifications that are tried again, daily statements, and a cashier a person can use. It shares no
//! code with the service: what both sides agree on is what the gateways' public documents say.

mod alipay;
mod book;
mod cashier;
mod clock;
mod config;
mod control;
mod counter;
mod faults;
mod gateway;
mod http;
mod keys;
mod money;
mod notify;
mod random;
mod signing;
mod simulator;
mod trade;
mod wechat;

pub use book::Book;
pub use cashier::Action;
pub use faults::{AnswerFaults, FaultPlan, Faults, NotifyFaults};
pub use keys::Keys;
pub use notify::Sent;
pub use simulator::Simulator;
pub use trade::{Protocol, TradeResult, TradeView};
