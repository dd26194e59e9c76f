//! What the gateways' book is about: trades, and the refunds of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whose language a trade is spoken of in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// WeChat Pay, API v3.
    Wechat,
    /// Alipay's open API.
    Alipay,
    /// The counter of our own: UnionPay and pay codes.
    Counter,
}

/// What became of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeResult {
    /// Nobody paid yet.
    Pending,
    /// Paid, for good; money goes back as a refund.
    Paid,
    /// The payment failed, for good.
    Failed,
    /// Closed: nobody can pay it any more.
    Closed,
}

/// The way a trade is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Jsapi,
    H5,
    Native,
    Wap,
    Page,
    Mini,
    Qr,
    Unionpay,
    PayCode,
}

/// What a merchant asks for.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) protocol: Protocol,
    /// The merchant's number of it (`out_trade_no`).
    pub(crate) id: String,
    /// Fen.
    pub(crate) amount: i64,
    pub(crate) subject: String,
    pub(crate) channel: Channel,
    /// The payer as this gateway knows them, where the merchant had to say.
    pub(crate) payer: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) notify_url: Option<String>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// An order in the book.
#[derive(Clone, Debug)]
pub(crate) struct Trade {
    pub(crate) order: Order,
    /// The cashier's address of it; nobody guesses it.
    pub(crate) key: String,
    /// WeChat Pay's handle for its bridge.
    pub(crate) prepay: String,
    /// The gateway's own number.
    pub(crate) number: String,
    /// What is typed at a bank to pay it.
    pub(crate) pay_code: Option<String>,
    pub(crate) created_at: Timestamp,
    /// Whether its cashier was ever opened: an Alipay QR order is no trade before.
    pub(crate) opened: bool,
    pub(crate) result: TradeResult,
    /// Fen taken from the payer; differs from the order's only by the gateway's own error.
    pub(crate) charged: i64,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) refunds: Vec<Refund>,
}

/// What a merchant asks to be given back.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    /// The merchant's number of it.
    pub(crate) id: String,
    /// Fen.
    pub(crate) amount: i64,
    pub(crate) reason: String,
    pub(crate) notify_url: Option<String>,
}

/// Money given back, or on its way.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) order: RefundOrder,
    /// The gateway's own number.
    pub(crate) number: String,
    pub(crate) asked_at: Timestamp,
    /// Set once the payer has it.
    pub(crate) done_at: Option<Timestamp>,
}

/// A trade as tests see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TradeView {
    /// Whose it is.
    pub protocol: Protocol,
    /// The merchant's number of it.
    pub id: String,
    /// Fen: what was charged once it is paid, what was ordered before.
    pub amount: i64,
    /// What became of it.
    pub result: TradeResult,
    /// Fen given back, refunds on their way included.
    pub refunded: i64,
}

impl Trade {
    /// What was charged once it is paid, what was ordered before.
    pub(crate) fn sum(&self) -> i64 {
        if self.result == TradeResult::Paid { self.charged } else { self.order.amount }
    }

    /// Fen given back, refunds on their way included.
    pub(crate) fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.order.amount).sum()
    }

    /// Whether nobody can pay it any more because of the time.
    pub(crate) fn expired(&self, now: Timestamp) -> bool {
        self.order.expires_at.is_some_and(|at| at <= now)
    }

    /// What became of it, time considered: WeChat Pay leaves an expired order unpaid, the others close it.
    pub(crate) fn result_at(&self, now: Timestamp) -> TradeResult {
        match self.result {
            TradeResult::Pending if self.expired(now) && self.order.protocol != Protocol::Wechat => TradeResult::Closed,
            result => result,
        }
    }

    /// One of its refunds.
    pub(crate) fn refund(&self, id: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.order.id == id)
    }

    /// As tests see it.
    pub(crate) fn view(&self) -> TradeView {
        TradeView {
            protocol: self.order.protocol,
            id: self.order.id.clone(),
            amount: self.sum(),
            result: self.result,
            refunded: self.refunded(),
        }
    }
}
