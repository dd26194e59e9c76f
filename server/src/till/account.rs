//! A till as it is stored: one document, with what only the server needs to know of it.

use std::collections::BTreeMap;

use contract::catalogue::DepartmentId;
use contract::payment::{AttemptId, Channel, Handoff, OrderId, OrderLine, RefundId, RefundWhy};
use engine::payment::{Due, Return, Till};
use serde::{Deserialize, Serialize};

use crate::case::{Case, Fees};
use crate::{clock, random};

/// A till as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// The application it belongs to.
    #[serde(skip)]
    pub application: String,
    /// Whose it is.
    #[serde(skip)]
    pub owner: String,
    /// Who owes, paid and gets back what.
    pub till: Till,
    /// What each order is for.
    pub orders: BTreeMap<OrderId, OrderDetail>,
    /// How each attempt is made.
    pub attempts: BTreeMap<AttemptId, AttemptDetail>,
    /// How far each refund is.
    pub refunds: BTreeMap<RefundId, RefundDetail>,
    /// Digest of the facts the orders were priced by: another catalogue alone changes no price.
    #[serde(default)]
    pub priced: String,
}

/// When something is asked for again, and how often it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Stored time of the next question; nothing where none is needed.
    pub next: Option<String>,
    /// Questions so far.
    pub tries: u32,
    /// Stored time of the last one.
    #[serde(default)]
    pub last: Option<String>,
}

impl Asked {
    /// To be asked at once.
    #[must_use]
    pub fn now() -> Self {
        Self { next: Some(clock::stored_now()), ..Self::default() }
    }

    /// To be asked so many seconds from now.
    #[must_use]
    pub fn after(seconds: i64) -> Self {
        Self { next: Some(clock::stored_in(seconds)), ..Self::default() }
    }

    /// To be asked again, ever more patiently, at least once a minute.
    pub fn again(&mut self) {
        self.again_in(engine::payment::patience(self.tries));
    }

    /// To be asked again, up to an hour later: banks take days.
    pub fn again_slowly(&mut self) {
        self.again_in((1_i64 << self.tries.min(12)).min(3600));
    }

    fn again_in(&mut self, seconds: i64) {
        self.next = Some(clock::stored_in(seconds));
        self.last = Some(clock::stored_now());
        self.tries += 1;
    }

    /// It was asked within the last second: whoever asks now hears the same.
    #[must_use]
    pub fn just_asked(&self) -> bool {
        self.last.as_ref().is_some_and(|last| *last > clock::stored_in(-1))
    }

    /// It is time.
    #[must_use]
    pub fn due(&self) -> bool {
        self.next.as_ref().is_some_and(|next| *next <= clock::stored_now())
    }
}

/// What an order is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderDetail {
    /// Who receives the money.
    pub payee: DepartmentId,
    /// The fees as they were when it was priced; a later catalogue alone changes nothing.
    pub lines: Vec<OrderLine>,
    /// What a department says about giving it back.
    #[serde(default)]
    pub reason: Option<String>,
    /// The receipt, once registered.
    #[serde(default)]
    pub receipt: Option<StoredReceipt>,
    /// Registering it with the payee.
    #[serde(default)]
    pub registering: Asked,
    /// Reversing its receipt, where the money goes back.
    #[serde(default)]
    pub reversing: Asked,
    /// The receipt is reversed.
    #[serde(default)]
    pub reversed: bool,
}

impl OrderDetail {
    /// Nothing of it has happened yet.
    #[must_use]
    pub fn of(payee: DepartmentId, lines: Vec<OrderLine>) -> Self {
        Self {
            payee,
            lines,
            reason: None,
            receipt: None,
            registering: Asked::default(),
            reversing: Asked::default(),
            reversed: false,
        }
    }
}

/// A receipt as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReceipt {
    /// 票据代码.
    pub code: String,
    /// 票据号码.
    pub number: String,
    /// 校验码.
    pub check: String,
    /// Stored time of issue.
    pub at: String,
}

/// How an attempt is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptDetail {
    /// The gateway's name.
    pub gateway: String,
    /// The channel.
    pub channel: Channel,
    /// Stored time it began.
    pub at: String,
    /// Stored time from which on the cashier takes nothing for it.
    pub until: String,
    /// The way to its cashier, once the gateway gave one.
    #[serde(default)]
    pub handoff: Option<Handoff>,
    /// The gateway's own number of it.
    #[serde(default)]
    pub number: Option<String>,
    /// Stored time it was known to be charged.
    #[serde(default)]
    pub paid_at: Option<String>,
    /// Until when the gateway is asked about it although it is over here: whoever still has its cashier open may pay.
    #[serde(default)]
    pub watched: Option<String>,
    /// Number and digest of its last line in the ledger.
    #[serde(default)]
    pub head: Option<(i64, String)>,
    /// The request that began it: repeated, it ends nothing.
    #[serde(default)]
    pub request: String,
    /// Asking the gateway what became of it.
    pub asking: Asked,
}

/// How far a refund is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefundDetail {
    /// Stored time it was asked for.
    pub at: String,
    /// Asking the gateway to do it, and whether it has.
    pub asking: Asked,
}

impl Account {
    /// An empty one for a case.
    pub(super) fn of(case: &Case) -> Self {
        Self { application: case.id.to_string(), owner: case.owner.clone(), ..Self::default() }
    }

    /// Opens an order for a payee.
    pub(super) fn owe(&mut self, payee: DepartmentId, lines: Vec<OrderLine>) {
        let id = OrderId(random::id());
        self.till.owe(id.clone(), lines.iter().map(|line| line.amount).sum());
        let detail = OrderDetail::of(payee, lines);
        self.orders.insert(id, detail);
    }

    /// Which fees are ordered and not paid, and which nothing waits for any more.
    #[must_use]
    pub fn fees(&self) -> Fees {
        let of = |due: &Due| self.orders.get(&due.id).into_iter().flat_map(|detail| &detail.lines);
        let mut fees = Fees::default();
        for due in &self.till.orders {
            let names = of(due).map(|line| line.fee.clone());
            match (&due.paid_by, due.returned) {
                (Some(_), true) if self.is_corrected(due) => {}
                (Some(_), true) => fees.settled.extend(names),
                (Some(_), false) if due.registered => fees.settled.extend(names),
                _ => fees.unpaid.extend(names),
            }
        }
        fees
    }

    /// Whether an order went back because a correction made it cost less: its fees are due anew.
    pub(super) fn is_corrected(&self, due: &Due) -> bool {
        let of = |refund: &&Return| refund.order.as_ref() == Some(&due.id);
        due.returned && self.till.refunds.iter().rfind(of).is_some_and(|refund| refund.why == RefundWhy::Corrected)
    }

    /// Orders a payee has still to register.
    pub fn to_register(&self) -> impl Iterator<Item = &OrderId> {
        let waiting = |order: &&Due| order.paid_by.is_some() && !order.registered && !order.returned;
        self.till.orders.iter().filter(waiting).map(|order| &order.id)
    }

    /// What has to be looked after, and when: gives whatever is new its first time.
    pub(super) fn arrange(&mut self) -> Option<String> {
        let now = clock::stored_now();
        for (id, detail) in &mut self.attempts {
            let attempt = self.till.attempt(id);
            let open = attempt.is_some_and(|one| engine::payment::is_open(one.state));
            let unpaid = attempt.is_some_and(|one| one.received.is_none());
            let watched = unpaid && detail.watched.as_ref().is_some_and(|until| *until > now);
            if !open && !watched {
                detail.asking.next = None;
            }
        }
        for refund in &self.till.refunds {
            let fresh = || RefundDetail { at: clock::stored_now(), asking: Asked::now() };
            let detail = self.refunds.entry(refund.id.clone()).or_insert_with(fresh);
            if refund.done {
                detail.asking.next = None;
            }
        }
        let waiting: Vec<OrderId> = self.to_register().cloned().collect();
        for (id, detail) in &mut self.orders {
            match (waiting.contains(id), &detail.registering.next) {
                (true, None) => detail.registering = Asked::now(),
                (false, Some(_)) => detail.registering.next = None,
                _ => {}
            }
        }
        // Also where no receipt was seen: the treasury's answer may have been lost.
        for due in self.till.orders.iter().filter(|due| due.returned) {
            let Some(detail) = self.orders.get_mut(&due.id) else { continue };
            if !detail.reversed && detail.reversing.next.is_none() {
                detail.reversing = Asked::now();
            }
        }
        let reversals = self.orders.values().filter_map(|detail| detail.reversing.next.clone());
        let attempts = self.attempts.values().filter_map(|detail| detail.asking.next.clone());
        let refunds = self.refunds.values().filter_map(|detail| detail.asking.next.clone());
        let orders = self.orders.values().filter_map(|detail| detail.registering.next.clone());
        attempts.chain(refunds).chain(orders).chain(reversals).min()
    }
}
