//! The money of an application: orders, attempts to pay them, receipts, refunds.

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
    /// Names an attempt to pay; also the out-trade number at the gateway.
    AttemptId
);
identifier!(
    /// Names a refund; also the out-refund number at the gateway.
    RefundId
);

/// Everything about the money of an application: one basket, an order for each payee.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Payment {
    /// Where the whole stands.
    pub state: PaymentState,
    /// What is to pay now, in fen: the open orders together.
    pub due: Fen,
    /// An order for each payee, oldest first.
    pub orders: Vec<Order>,
    /// Names of what is free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub free: Vec<String>,
    /// Names of what a department still has to work out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<String>,
    /// The latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// Money that goes or went back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    /// Channels the operator has; which of them fit where the page is, the rules say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
}

/// Where the money of an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Something is to pay.
    Due,
    /// An attempt's result is not known.
    Checking,
    /// Nothing is to pay now.
    Settled,
}

/// What one payee gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Order {
    /// The order.
    pub id: OrderId,
    /// Who receives the money.
    pub payee: String,
    /// What it is for.
    pub lines: Vec<OrderLine>,
    /// The sum in fen.
    pub amount: Fen,
    /// Where it stands.
    pub state: OrderState,
    /// The receipt, once the payee has registered the money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
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
    /// Paid, and being registered with the payee.
    Registering,
    /// Paid: the gateway said so to the backend, and the payee has registered it.
    Paid,
    /// The money goes back.
    Refunding,
    /// The money went back.
    Refunded,
}

/// One fee of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct OrderLine {
    /// The fee's id in the catalogue.
    pub fee: String,
    /// What it is for.
    pub name: String,
    /// The document that sets it (收费依据).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_document: Option<String>,
    /// Fen for one.
    pub each: Fen,
    /// How many.
    pub times: i64,
    /// What it would cost without it, and why it costs less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduced: Option<Reduced>,
    /// Fen in all.
    pub amount: Fen,
    /// The figure stands for no real one: it comes from memory or a simulator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// Why a fee is lower, or waived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Reduced {
    /// The reduction's id in the catalogue.
    pub id: String,
    /// The reduction's name.
    pub name: String,
    /// The document that grants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_document: Option<String>,
    /// Fen less than the standard.
    pub less: Fen,
}

/// An attempt to pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Attempt {
    /// The attempt.
    pub id: AttemptId,
    /// Where it stands.
    pub state: AttemptState,
    /// How.
    pub channel: Channel,
    /// How much, in fen.
    pub amount: Fen,
    /// When it began.
    pub at: Moment,
    /// Until when the cashier takes money for it.
    pub until: Moment,
    /// What the gateway says of it so far; the page never decides by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<TradeResult>,
    /// The way to its cashier, while it can still be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
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
    /// The person is at the cashier, or came back, or the call got no answer: not known.
    Unknown,
    /// Charged, and kept.
    Paid,
    /// Refused by the gateway.
    Failed,
    /// Closed without a charge: cancelled or run out.
    Closed,
    /// Charged, and all of it goes back.
    Refunding,
    /// All of it went back.
    Refunded,
}

/// Ways to pay. Which of them are offered depends on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// WeChat's own browser, through its bridge.
    WechatJsapi,
    /// A phone's browser, which opens WeChat.
    WechatH5,
    /// A QR code WeChat scans.
    WechatQr,
    /// Alipay's own browser, through its bridge.
    AlipayApp,
    /// A phone's browser, which opens Alipay.
    AlipayWap,
    /// A QR code Alipay scans.
    AlipayQr,
    /// UnionPay's page.
    Unionpay,
    /// A pay code (缴款码), for any bank.
    PayCode,
}

/// Where a page runs, as far as paying goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayHost {
    /// Inside WeChat.
    Wechat,
    /// Inside Alipay.
    Alipay,
    /// A browser on a phone.
    Phone,
    /// A browser with room for a QR code.
    Desktop,
}

/// The way to the cashier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Handoff {
    /// Go there.
    Address {
        /// An absolute address.
        url: String,
    },
    /// WeChat's bridge, `getBrandWCPayRequest`.
    Jsapi {
        /// `appId`.
        app_id: String,
        /// `timeStamp`, seconds.
        time_stamp: String,
        /// `nonceStr`.
        nonce: String,
        /// `package`: `prepay_id=…`.
        package: String,
        /// `paySign`; `signType` is `RSA`.
        pay_sign: String,
    },
    /// Alipay's bridge, `tradePay`.
    TradePay {
        /// `tradeNO`.
        trade_no: String,
    },
    /// A QR code to scan with the payment app.
    Qr {
        /// Its dark modules as an SVG path over a square of `size`.
        path: String,
        /// The side of the square.
        size: u16,
    },
    /// A pay code (缴款码) of 16 to 20 digits.
    PayCode {
        /// The digits.
        code: String,
        /// Where it can be paid online.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

/// Starts an attempt. What is due is paid; an amount is never taken from the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartPayment {
    /// How to pay.
    pub channel: Channel,
    /// Where the cashier sends the person back: a path within this site (`…#/…` included).
    pub return_to: String,
    /// What the page showed as due; another amount now is a conflict, and nothing is charged.
    pub seen: Fen,
}

/// An address with which anybody can pay, on another phone or for somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PaymentLink {
    /// The address.
    pub url: String,
    /// Its QR code, as an SVG path over a square of `qr_size`.
    pub qr: String,
    /// The side of the square.
    pub qr_size: u16,
    /// Until when it opens.
    pub expires_at: Moment,
}

/// Asks for an address with which anybody can pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPaymentLink {
    /// What the page's addresses begin with: `https://host/base/`.
    pub page: String,
}

/// What somebody with the address sees: enough to know what is paid, and for whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PayFor {
    /// The errand.
    pub errand: String,
    /// The applicant's name, masked.
    pub applicant: String,
    /// The money; without receipts.
    pub payment: Payment,
}

/// Electronic fiscal receipt (财政电子票据).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Receipt {
    /// 票据代码: 8 digits (region 2, class 2, kind 2, year 2).
    pub code: String,
    /// 票据号码: 10 digits.
    pub number: String,
    /// 校验码, with which anybody can verify it.
    pub check: String,
    /// The amount in words (大写).
    pub words: String,
    /// When it was issued.
    pub issued_at: Moment,
}

/// Asks whether a receipt is genuine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyReceipt {
    /// 票据代码.
    pub code: String,
    /// 票据号码.
    pub number: String,
    /// 校验码.
    pub check: String,
}

/// A genuine receipt, as anybody who holds its three numbers sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct GenuineReceipt {
    /// Who received the money.
    pub payee: String,
    /// How much, in fen.
    pub amount: Fen,
    /// The amount in words (大写).
    pub words: String,
    /// When it was issued.
    pub issued_at: Moment,
    /// The money goes or went back: the receipt proves nothing any more.
    pub returned: bool,
}

/// Money that goes or went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Refund {
    /// The refund.
    pub id: RefundId,
    /// The attempt it came with.
    pub attempt: AttemptId,
    /// How much, in fen.
    pub amount: Fen,
    /// Why.
    pub why: RefundWhy,
    /// What a department says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It went back; on its way otherwise.
    pub done: bool,
    /// When it was asked for.
    pub at: Moment,
}

/// Why money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RefundWhy {
    /// It was paid twice.
    Twice,
    /// The gateway charged another amount.
    WrongAmount,
    /// The payee did not take it.
    NotRegistered,
    /// A department gives it back.
    Department,
    /// A correction made it cost less.
    Corrected,
}

/// What a gateway knows of a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TradeResult {
    /// It never heard of it.
    Absent,
    /// Not decided.
    Pending,
    /// Charged.
    Paid,
    /// Refused.
    Failed,
    /// Closed.
    Closed,
}
