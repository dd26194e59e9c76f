//! Where money is registered with its payee, and receipts come from: the fiscal e-receipt platform
//! of a region (财政电子票据, 财库〔2021〕31号).

use contract::Fen;
use contract::catalogue::DepartmentId;
use contract::payment::OrderId;
use futures_util::future::BoxFuture;

use crate::till::StoredReceipt;

/// A region's e-receipt platform. Registering the same order again gives the same receipt.
pub trait Treasury: Send + Sync {
    /// Registers money with its payee; gives the receipt.
    fn register<'a>(&'a self, income: &'a Income) -> BoxFuture<'a, Result<StoredReceipt, Registering>>;

    /// Reverses the receipt of an order whose money goes back (冲红); repeated, it stays reversed.
    fn reverse<'a>(&'a self, order: &'a OrderId) -> BoxFuture<'a, Result<(), Registering>>;

    /// Simulator: how it answers from now on. A real one does not listen.
    fn behave(&self, _: Behaviour) {}
}

/// Money received for a payee.
#[derive(Clone, Debug)]
pub struct Income {
    /// The order it was paid for.
    pub order: OrderId,
    /// Who receives it.
    pub payee: DepartmentId,
    /// Fen.
    pub amount: Fen,
}

/// Why money is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registering {
    /// The payee does not take it.
    Refused,
    /// It does not answer now.
    Unavailable,
}

/// How a simulated platform answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// As it should.
    #[default]
    Open,
    /// Not at all.
    Away,
    /// With a refusal.
    Refusing,
}
