//! How money comes in: the interface a payment gateway implements, and what passes over it.
//!
//! A gateway is never believed by what a page says of it. Three things count: its answer to the
//! backend's own question, a notification whose signature was verified, and its daily statement.

pub mod alipay;
pub mod config;
pub mod counter;
pub mod keys;
pub mod wechat;
pub mod wire;

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::response::Response;
use contract::Fen;
use contract::payment::{AttemptId, Channel, Handoff, RefundId, TradeResult};
use engine::date::Date;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// A payment gateway. Every call may be repeated: the ids in it are ours, and unique.
pub trait PaymentGateway: Send + Sync {
    /// Its stable name: the last part of its notifications' address, and what the ledger calls it.
    fn name(&self) -> &'static str;

    /// The channels it serves.
    fn channels(&self) -> &'static [Channel];

    /// Tells it of a trade; gives the way to its cashier.
    fn create<'a>(&'a self, trade: &'a Trade) -> BoxFuture<'a, Result<Handoff, Failure>>;

    /// What became of a trade. A trade it never heard of is `Absent`, not a failure.
    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<Report, Failure>>;

    /// Ends a trade nobody paid, so that nobody can. Closing a closed or an absent one is no failure;
    /// closing a paid one is `Refused`.
    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<(), Failure>>;

    /// Gives money back, or says how far an earlier request with the same id is.
    fn refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<RefundReport, Failure>>;

    /// How far a refund is; `None` when the gateway never heard of it.
    fn query_refund<'a>(&'a self, refund: &'a GiveBack) -> BoxFuture<'a, Result<Option<RefundReport>, Failure>>;

    /// Everything it charged and gave back on a day of the region.
    fn statement<'a>(&'a self, day: Date) -> BoxFuture<'a, Result<Vec<StatementLine>, Failure>>;

    /// Reads a notification: signature, time, merchant and application are checked here; order
    /// and amount by whoever knows the order.
    fn notice<'a>(&'a self, headers: &'a HeaderMap, body: &'a [u8]) -> BoxFuture<'a, Result<Notice, Rejected>>;

    /// What the gateway hears: that its notification was taken, or that it should come again.
    fn reply(&self, taken: bool) -> Response;
}

/// A trade as a gateway is told of it.
#[derive(Clone, Debug)]
pub struct Trade {
    /// Our number of it.
    pub id: AttemptId,
    /// Fen.
    pub amount: Fen,
    /// What it is for, without personal data.
    pub subject: String,
    /// How.
    pub channel: Channel,
    /// Absolute address the person comes back to.
    pub return_url: String,
    /// Absolute address notifications go to.
    pub notify_url: String,
    /// From when on nobody can pay it.
    pub expires_at: Timestamp,
    /// The payer as the gateway knows them (`openid`, `buyer_open_id`), where the channel needs it.
    pub payer: Option<String>,
    /// The payer's address on the network, where the channel needs it.
    pub client_ip: String,
}

/// What a gateway says of a trade, after its identity, ours and the trade's number were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What became of it.
    pub result: TradeResult,
    /// What the payer was charged, in fen; known when it is paid.
    pub amount: Option<Fen>,
    /// The gateway's own number of it.
    pub number: Option<String>,
}

/// Money to give back.
#[derive(Clone, Debug)]
pub struct GiveBack {
    /// Our number of it.
    pub id: RefundId,
    /// The trade it came with.
    pub trade: AttemptId,
    /// Fen to give back.
    pub amount: Fen,
    /// Fen the trade brought.
    pub total: Fen,
    /// Why, in words the payer reads at the gateway; no personal data.
    pub reason: String,
    /// Absolute address notifications go to.
    pub notify_url: String,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundReport {
    /// On its way.
    Processing,
    /// It went back.
    Done,
    /// It stands still until somebody helps: the merchant's balance, or the payer's account. Somebody is told.
    Failed,
    /// Closed for good without giving anything back; only a new number helps.
    Closed,
}

/// One line of a daily statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Our number of the trade.
    pub trade: AttemptId,
    /// What happened.
    pub what: StatementKind,
    /// Fen.
    pub amount: Fen,
}

/// What a line of a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// The trade was paid.
    Charged,
    /// A refund, by our number of it.
    GivenBack(RefundId),
}

/// A verified notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The gateway's id of the notification: the same one is taken once.
    pub id: String,
    /// What it says.
    pub says: Said,
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Something about a trade.
    Trade(AttemptId, Report),
    /// Something about a refund of a trade.
    Refund(AttemptId, RefundId, RefundReport),
    /// Nothing that concerns us; taken, so that it does not come again.
    Nothing,
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The gateway said no, for good: nothing was charged by this call. Its code, never its message.
    #[error("the gateway refused: {0}")]
    Refused(String),
    /// No answer, an answer that could not be verified, or one that says to ask again: what the call did is not known.
    #[error("the gateway gave no sure answer: {0}")]
    Unsure(&'static str),
}

/// Why a notification was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not what this gateway sends.
    #[error("malformed")]
    Malformed,
    /// The signature is missing or wrong, or signed with an unknown key.
    #[error("bad signature")]
    Signature,
    /// Too old, or from the future.
    #[error("not of this time")]
    Time,
    /// For another merchant or application.
    #[error("for another merchant")]
    Merchant,
    /// It could be genuine, but its key could not be fetched now.
    #[error("cannot be verified now")]
    Unavailable,
}

/// The gateways of an operator.
#[derive(Clone, Default)]
pub struct Gateways(
    /// Each serves other channels.
    pub Vec<Arc<dyn PaymentGateway>>,
);

impl Gateways {
    /// By name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.0.iter().find(|gateway| gateway.name() == name)
    }

    /// The one that serves a channel.
    #[must_use]
    pub fn serving(&self, channel: Channel) -> Option<&Arc<dyn PaymentGateway>> {
        self.0.iter().find(|gateway| gateway.channels().contains(&channel))
    }

    /// Every channel served.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        self.0.iter().flat_map(|gateway| gateway.channels()).copied().collect()
    }
}
