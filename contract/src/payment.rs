//! Orders and attempts to pay them.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::{Fen, Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a payment order.
    OrderId
);
identifier!(
    /// Names an attempt to pay; also the gateway's out-trade number.
    AttemptId
);

/// What is to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// What it is for.
    pub lines: Vec<OrderLine>,
    /// The sum in fen.
    pub amount: Fen,
    /// Who receives the money.
    pub payee: String,
    /// Where it stands.
    pub state: OrderState,
    /// The latest attempt's end, when it did not succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<AttemptState>,
    /// The receipt, once paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// One fee of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct OrderLine {
    /// What it is for.
    pub name: String,
    /// The document that sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_document: Option<String>,
    /// Fen for one.
    pub each: Fen,
    /// How many.
    pub times: i64,
    /// Fen in all.
    pub amount: Fen,
}

/// States of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Nothing was tried, or the last try ended without a charge.
    Open,
    /// An attempt runs; its result is not known.
    Checking,
    /// Paid: the gateway said so to the backend.
    Paid,
}

/// States of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Stored, the gateway not yet asked.
    Created,
    /// The gateway is being asked.
    Calling,
    /// The person is at the cashier, or came back: not known.
    Unknown,
    /// Charged.
    Paid,
    /// Refused by the gateway.
    Failed,
    /// Closed without a charge: cancelled or run out.
    Closed,
    /// Charged in excess; the money goes back.
    Refunding,
    /// The money went back.
    Refunded,
}

/// Proof of payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Receipt {
    /// Its number.
    pub number: String,
    /// When the money was received.
    pub paid_at: Moment,
}

/// Where to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Checkout {
    /// The attempt.
    pub attempt: AttemptId,
    /// The cashier's page; its path is on this server in the demo.
    pub url: String,
}

/// Starts an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartPayment {
    /// Where the cashier sends the person back: a path within this page (`…#/…` included).
    pub return_to: String,
}

/// What the gateway tells the backend, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// The attempt.
    pub trade: AttemptId,
    /// What became of it.
    pub result: TradeResult,
    /// The amount in fen.
    pub amount: Fen,
    /// Seconds since the epoch.
    pub at: i64,
    /// HMAC-SHA256 over `trade|result|amount|at`, hex.
    pub signature: String,
}

/// What a gateway knows of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TradeResult {
    /// Not decided.
    Pending,
    /// Charged.
    Paid,
    /// Refused.
    Failed,
    /// Closed.
    Closed,
}
