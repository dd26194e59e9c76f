//! The gateways' ledger: every trade and refund of this process. It lives in memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::trade::{Channel, Order, Protocol, Refund, RefundOrder, Trade, TradeResult, TradeView};
use crate::{clock, random};

/// The ledger. Clones are the same book.
#[derive(Clone, Default)]
pub struct Book(Arc<Mutex<Ledger>>);

#[derive(Default)]
struct Ledger {
    trades: Vec<Trade>,
    /// Everything a trade can be asked for by, and where it stands.
    names: HashMap<String, usize>,
}

/// Why an order was not taken: its number stands for another one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Differs;

/// Why money does not go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRefund {
    /// No such trade.
    Unknown,
    /// Nothing was paid.
    Unpaid,
    /// More than what was paid.
    TooMuch,
    /// The refund's number stands for another one.
    Differs,
}

/// What a statement has a line about.
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) trade: Trade,
    /// Money that went back; without one, the payment.
    pub(crate) refund: Option<Refund>,
}

impl Book {
    /// Every trade, as tests see them, oldest first.
    #[must_use]
    pub fn trades(&self) -> Vec<TradeView> {
        self.ledger().trades.iter().map(Trade::view).collect()
    }

    /// Takes an order; `true` says that it is new. The same order again is the same trade.
    pub(crate) fn open(&self, order: Order) -> Result<(Trade, bool), Differs> {
        let mut ledger = self.ledger();
        if let Some(trade) = ledger.named(&order_name(order.protocol, &order.id)) {
            let known = &trade.order;
            let same = known.amount == order.amount && known.subject == order.subject && known.channel == order.channel;
            return if same { Ok((trade.clone(), false)) } else { Err(Differs) };
        }
        let trade = fresh(order);
        ledger.add(trade.clone());
        Ok((trade, true))
    }

    /// By the merchant's number.
    pub(crate) fn find(&self, protocol: Protocol, id: &str) -> Option<Trade> {
        self.ledger().named(&order_name(protocol, id)).cloned()
    }

    /// By the merchant's number, whatever gateway it is at.
    pub(crate) fn find_anywhere(&self, id: &str) -> Option<Trade> {
        [Protocol::Wechat, Protocol::Alipay, Protocol::Counter].into_iter().find_map(|protocol| self.find(protocol, id))
    }

    /// By what a payer brings: the cashier's key, a prepay handle, the gateway's own number.
    pub(crate) fn lookup(&self, name: &str) -> Option<Trade> {
        self.ledger().named(&payer_name(name)).cloned()
    }

    /// By the digits typed at a bank.
    pub(crate) fn by_pay_code(&self, code: &str) -> Option<Trade> {
        self.ledger().named(&code_name(code)).cloned()
    }

    /// The payer arrived at the cashier.
    pub(crate) fn opened(&self, trade: &Trade) {
        if let Some(trade) = self.ledger().named_mut(&payer_name(&trade.key)) {
            trade.opened = true;
        }
    }

    /// Charges the payer, with `more` on top. `None` where it was decided already, or too late.
    pub(crate) fn pay(&self, trade: &Trade, more: i64) -> Option<Trade> {
        let mut ledger = self.ledger();
        let now = clock::now();
        let trade = ledger.pending(&trade.key).filter(|trade| !trade.expired(now))?;
        trade.result = TradeResult::Paid;
        trade.charged = trade.order.amount + more;
        trade.paid_at = Some(now);
        trade.opened = true;
        Some(trade.clone())
    }

    /// Decides a trade otherwise. `None` where it was decided already.
    pub(crate) fn end(&self, trade: &Trade, result: TradeResult) -> Option<Trade> {
        let mut ledger = self.ledger();
        let trade = ledger.pending(&trade.key)?;
        trade.result = result;
        Some(trade.clone())
    }

    /// Takes a refund; `true` says that it is new. The same refund again is the same one.
    pub(crate) fn refund(
        &self,
        protocol: Protocol,
        trade: &str,
        order: RefundOrder,
    ) -> Result<(Trade, Refund, bool), NoRefund> {
        let mut ledger = self.ledger();
        let name = refund_name(protocol, &order.id);
        if let Some(known) = ledger.named(&name) {
            let refund = known.refund(&order.id).filter(|refund| refund.order.amount == order.amount);
            let refund = refund.filter(|_| known.order.id == trade).ok_or(NoRefund::Differs)?;
            return Ok((known.clone(), refund.clone(), false));
        }
        let place = ledger.place(&order_name(protocol, trade)).ok_or(NoRefund::Unknown)?;
        let trade = ledger.trades.get_mut(place).ok_or(NoRefund::Unknown)?;
        if trade.result != TradeResult::Paid {
            return Err(NoRefund::Unpaid);
        }
        if order.amount <= 0 || order.amount > trade.charged - trade.refunded() {
            return Err(NoRefund::TooMuch);
        }
        let now = clock::now();
        let number = format!("50{}{}", clock::compact(now), random::digits(12));
        let refund = Refund { order, number, asked_at: now, done_at: None };
        trade.refunds.push(refund.clone());
        let trade = trade.clone();
        ledger.names.insert(name, place);
        Ok((trade, refund, true))
    }

    /// A refund arrived at the payer.
    pub(crate) fn settle(&self, protocol: Protocol, id: &str) -> Option<(Trade, Refund)> {
        let mut ledger = self.ledger();
        let trade = ledger.named_mut(&refund_name(protocol, id))?;
        let refund = trade.refunds.iter_mut().find(|refund| refund.order.id == id)?;
        refund.done_at.get_or_insert_with(clock::now);
        let refund = refund.clone();
        Some((trade.clone(), refund))
    }

    /// A refund by the merchant's number.
    pub(crate) fn find_refund(&self, protocol: Protocol, id: &str) -> Option<(Trade, Refund)> {
        let ledger = self.ledger();
        let trade = ledger.named(&refund_name(protocol, id))?;
        Some((trade.clone(), trade.refund(id)?.clone()))
    }

    /// What a gateway charged and gave back on a day, in the order of time.
    pub(crate) fn lines(&self, protocol: Protocol, day: Date) -> Vec<Line> {
        let ledger = self.ledger();
        let mut lines = Vec::new();
        for trade in ledger.trades.iter().filter(|trade| trade.order.protocol == protocol) {
            let payment = trade.paid_at.map(|at| (at, None));
            let refunds = trade.refunds.iter().filter_map(|refund| Some((refund.done_at?, Some(refund.clone()))));
            let those = payment.into_iter().chain(refunds).filter(|(at, _)| clock::day(*at) == day);
            lines.extend(those.map(|(at, refund)| Line { at, trade: trade.clone(), refund }));
        }
        lines.sort_by_key(|line| line.at);
        lines
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn place(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    fn named(&self, name: &str) -> Option<&Trade> {
        self.trades.get(self.place(name)?)
    }

    fn named_mut(&mut self, name: &str) -> Option<&mut Trade> {
        let place = self.place(name)?;
        self.trades.get_mut(place)
    }

    fn pending(&mut self, key: &str) -> Option<&mut Trade> {
        self.named_mut(&payer_name(key)).filter(|trade| trade.result == TradeResult::Pending)
    }

    fn add(&mut self, trade: Trade) {
        let place = self.trades.len();
        let payers = [&trade.key, &trade.prepay, &trade.number].map(|name| payer_name(name));
        let code = trade.pay_code.as_deref().map(code_name);
        let names = payers.into_iter().chain(code).chain([order_name(trade.order.protocol, &trade.order.id)]);
        self.names.extend(names.map(|name| (name, place)));
        self.trades.push(trade);
    }
}

fn order_name(protocol: Protocol, id: &str) -> String {
    format!("order {protocol:?} {id}")
}

fn refund_name(protocol: Protocol, id: &str) -> String {
    format!("refund {protocol:?} {id}")
}

fn payer_name(name: &str) -> String {
    format!("payer {name}")
}

fn code_name(code: &str) -> String {
    format!("code {code}")
}

/// An order as it enters the book, with the numbers the gateway gives it.
fn fresh(order: Order) -> Trade {
    let now = clock::now();
    let number = match order.protocol {
        Protocol::Wechat => format!("4200{}{}", clock::compact(now), random::digits(10)),
        Protocol::Alipay => format!("{}{}", &clock::compact(now)[..8], random::digits(20)),
        Protocol::Counter => format!("{}{}", clock::compact(now), random::digits(7)),
    };
    Trade {
        key: random::token(16),
        prepay: format!("wx{}{}", clock::compact(now), random::token(10)),
        number,
        pay_code: (order.channel == Channel::PayCode).then(|| random::digits(20)),
        created_at: now,
        opened: order.channel != Channel::Qr,
        result: TradeResult::Pending,
        charged: 0,
        paid_at: None,
        refunds: Vec::new(),
        order,
    }
}

#[cfg(test)]
mod tests;
