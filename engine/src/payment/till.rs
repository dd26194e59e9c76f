//! The till of an application: its orders, the attempts to pay them, and what goes back.
//!
//! An attempt pays whole orders. Whatever a gateway verifiably charged is accounted for to the
//! fen: it covers orders nobody covered before, or it goes back.

use contract::Fen;
use contract::payment::{AttemptId, AttemptState, OrderId, OrderState, PaymentState, RefundId, RefundWhy, TradeResult};
use serde::{Deserialize, Serialize};

use super::{Signal, after, is_open};

/// What one payee is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The order.
    pub id: OrderId,
    /// Fen.
    pub amount: Fen,
    /// The attempt that covers it.
    pub paid_by: Option<AttemptId>,
    /// The payee has registered the money.
    pub registered: bool,
    /// Its money goes back, and it is not due any more.
    pub returned: bool,
}

/// An attempt to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// The attempt.
    pub id: AttemptId,
    /// Where it stands.
    pub state: AttemptState,
    /// What it is for, and what each cost when it began.
    pub orders: Vec<(OrderId, Fen)>,
    /// Fen that are asked for.
    pub amount: Fen,
    /// Fen that were charged.
    pub received: Option<Fen>,
    /// What the gateway said last while it was open.
    pub said: Option<TradeResult>,
}

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The refund.
    pub id: RefundId,
    /// The attempt it came with.
    pub attempt: AttemptId,
    /// The order it had covered; none for an excess.
    pub order: Option<OrderId>,
    /// Fen.
    pub amount: Fen,
    /// Why.
    pub why: RefundWhy,
    /// It went back.
    pub done: bool,
}

/// Something that happens to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The gateway is about to be asked.
    Call,
    /// The gateway took the order.
    Taken,
    /// The call ended without a sure answer.
    Lost,
    /// The gateway refused the order for good.
    Refused,
    /// The person came back from the cashier. It proves nothing.
    Back,
    /// The gateway says, verifiably, what became of it, and what was charged.
    Reported(TradeResult, Option<Fen>),
    /// The time to pay has passed, and the gateway never heard of it.
    Gone,
}

/// A transition, for the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its state before.
    pub was: AttemptState,
    /// Its state now.
    pub became: AttemptState,
}

/// Why no attempt can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Everything is paid.
    NothingDue,
    /// These are not settled.
    Open(Vec<AttemptId>),
}

/// The till.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Till {
    /// What is owed, oldest first.
    pub orders: Vec<Due>,
    /// Attempts, oldest first.
    pub attempts: Vec<Try>,
    /// What goes or went back, oldest first.
    pub refunds: Vec<Return>,
}

impl Till {
    /// Adds an order.
    pub fn owe(&mut self, id: OrderId, amount: Fen) {
        self.orders.push(Due { id, amount, paid_by: None, registered: false, returned: false });
    }

    /// Changes what an order costs. An order that is paid, or may just be being paid, stays as it is.
    pub fn reprice(&mut self, id: &OrderId, amount: Fen) -> bool {
        if self.attempts.iter().any(|attempt| is_open(attempt.state)) {
            return false;
        }
        let order = self.orders.iter_mut().find(|order| order.id == *id && order.paid_by.is_none());
        order.map(|order| order.amount = amount).is_some()
    }

    /// What is to pay now, in fen.
    #[must_use]
    pub fn due(&self) -> Fen {
        self.orders.iter().filter(|order| order.paid_by.is_none()).map(|order| order.amount).sum()
    }

    /// Where the whole stands.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        if self.attempts.iter().any(|attempt| is_open(attempt.state)) {
            PaymentState::Checking
        } else if self.due() > 0 {
            PaymentState::Due
        } else {
            PaymentState::Settled
        }
    }

    /// Where an order stands.
    #[must_use]
    pub fn order_state(&self, order: &Due) -> OrderState {
        let mut back = self.refunds.iter().filter(|refund| refund.order.as_ref() == Some(&order.id));
        match &order.paid_by {
            Some(_) if order.returned => {
                if back.next_back().is_some_and(|refund| refund.done) {
                    OrderState::Refunded
                } else {
                    OrderState::Refunding
                }
            }
            Some(_) if order.registered => OrderState::Paid,
            Some(_) => OrderState::Registering,
            None if self
                .attempts
                .iter()
                .any(|one| is_open(one.state) && one.orders.iter().any(|(id, _)| *id == order.id)) =>
            {
                OrderState::Checking
            }
            None => OrderState::Open,
        }
    }

    /// An attempt.
    #[must_use]
    pub fn attempt(&self, id: &AttemptId) -> Option<&Try> {
        self.attempts.iter().find(|attempt| attempt.id == *id)
    }

    /// Begins an attempt to pay everything that is due.
    ///
    /// # Errors
    /// When nothing is due, or an earlier attempt is not settled: nobody pays twice by pressing twice.
    pub fn start(&mut self, id: AttemptId) -> Result<Fen, Busy> {
        let open: Vec<AttemptId> =
            self.attempts.iter().filter(|one| is_open(one.state)).map(|one| one.id.clone()).collect();
        if !open.is_empty() {
            return Err(Busy::Open(open));
        }
        let amount = self.due();
        if amount <= 0 {
            return Err(Busy::NothingDue);
        }
        // An order of nothing is left over from a fee that fell away.
        let unpaid = self.orders.iter().filter(|order| order.paid_by.is_none() && order.amount > 0);
        let orders = unpaid.map(|order| (order.id.clone(), order.amount)).collect();
        self.attempts.push(Try { id, state: AttemptState::Created, orders, amount, received: None, said: None });
        Ok(amount)
    }

    /// Lets something happen to an attempt; gives the transition, if it changed anything.
    pub fn apply(&mut self, id: &AttemptId, event: Event) -> Option<Change> {
        let index = self.attempts.iter().position(|attempt| attempt.id == *id)?;
        let was = self.attempts[index].state;
        if let Event::Reported(said, _) = event
            && is_open(was)
        {
            self.attempts[index].said = Some(said);
        }
        let signal = match event {
            Event::Call => Signal::Called,
            Event::Taken | Event::Lost => Signal::Ended,
            Event::Refused | Event::Reported(TradeResult::Failed, _) => Signal::Refused,
            Event::Gone | Event::Reported(TradeResult::Closed, _) => Signal::Closed,
            Event::Reported(TradeResult::Paid, Some(amount)) if amount > 0 => self.charged(index, amount)?,
            // A gateway that knows it has taken it, whatever became of the call.
            Event::Reported(TradeResult::Pending, _) => Signal::Ended,
            Event::Back | Event::Reported(..) => return None,
        };
        self.moved(index, signal)
    }

    /// The gateway falls silent: what it said before is not what it would say now.
    pub fn unsaid(&mut self, id: &AttemptId) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == *id) {
            attempt.said = None;
        }
    }

    /// Accounts for money received: once for each attempt, for orders nobody covered before.
    fn charged(&mut self, index: usize, amount: Fen) -> Option<Signal> {
        let attempt = &mut self.attempts[index];
        if attempt.received.is_some() {
            return None;
        }
        attempt.received = Some(amount);
        let (id, asked, orders) = (attempt.id.clone(), attempt.amount, attempt.orders.clone());
        if amount != asked {
            self.give_back(&id, None, amount, RefundWhy::WrongAmount);
            return Some(Signal::Excess);
        }
        let (mut kept, mut why) = (0, RefundWhy::Twice);
        for order in self.orders.iter_mut().filter(|order| order.paid_by.is_none()) {
            let Some((_, then)) = orders.iter().find(|(id, _)| *id == order.id) else { continue };
            // A late charge for what costs something else by now covers nothing.
            if *then == order.amount {
                order.paid_by = Some(id.clone());
                kept += order.amount;
            } else {
                why = RefundWhy::WrongAmount;
            }
        }
        if kept < amount {
            self.give_back(&id, None, amount - kept, why);
        }
        Some(if kept > 0 { Signal::Kept } else { Signal::Excess })
    }

    fn give_back(&mut self, attempt: &AttemptId, order: Option<OrderId>, amount: Fen, why: RefundWhy) {
        // Its number follows from the attempt's: repeated after a crash, it is the same refund.
        let number = self.refunds.iter().filter(|refund| refund.attempt == *attempt).count();
        let id = RefundId(format!("{attempt}r{number}"));
        self.refunds.push(Return { id, attempt: attempt.clone(), order, amount, why, done: false });
    }

    fn moved(&mut self, index: usize, signal: Signal) -> Option<Change> {
        let attempt = &mut self.attempts[index];
        let was = attempt.state;
        attempt.state = after(was, signal);
        (attempt.state != was).then(|| Change { attempt: attempt.id.clone(), was, became: attempt.state })
    }

    /// The payee has registered the money of an order. `false` when there is none to register.
    pub fn registered(&mut self, id: &OrderId) -> bool {
        let waiting =
            |order: &&mut Due| order.id == *id && order.paid_by.is_some() && !order.registered && !order.returned;
        self.orders.iter_mut().find(waiting).map(|order| order.registered = true).is_some()
    }

    /// The payee does not take the money an attempt brought for an order: it goes back, and the order is due again.
    pub fn not_registered(&mut self, id: &OrderId, from: &AttemptId) -> Option<Change> {
        let order = self.orders.iter_mut().find(|order| order.id == *id && !order.registered && !order.returned)?;
        let attempt = order.paid_by.take_if(|by| by == from)?;
        let amount = order.amount;
        self.give_back(&attempt, Some(id.clone()), amount, RefundWhy::NotRegistered);
        self.unkept(&attempt)
    }

    /// The money of an order goes back, and it is not due any more. `None` when there is none to give back.
    pub fn returned(&mut self, id: &OrderId, why: RefundWhy) -> Option<Option<Change>> {
        let order = self.orders.iter_mut().find(|order| order.id == *id && !order.returned)?;
        let attempt = order.paid_by.clone()?;
        order.returned = true;
        let amount = order.amount;
        self.give_back(&attempt, Some(id.clone()), amount, why);
        Some(self.unkept(&attempt))
    }

    /// Whether an attempt still keeps anything; where not, all of it is on its way back.
    fn unkept(&mut self, attempt: &AttemptId) -> Option<Change> {
        let keeps = self.orders.iter().any(|order| order.paid_by.as_ref() == Some(attempt) && !order.returned);
        let index = self.attempts.iter().position(|one| one.id == *attempt)?;
        if keeps { None } else { self.moved(index, Signal::Unkept) }
    }

    /// A gateway closed a refund for good without giving anything back: it is asked for under a new number.
    pub fn refund_anew(&mut self, id: &RefundId) {
        if let Some(refund) = self.refunds.iter_mut().find(|refund| refund.id == *id && !refund.done) {
            let (root, tries) = refund
                .id
                .0
                .split_once('-')
                .map_or((refund.id.as_str(), 1), |(root, tries)| (root, tries.parse::<u32>().unwrap_or(1)));
            refund.id = RefundId(format!("{root}-{}", tries + 1));
        }
    }

    /// A refund went back; gives the attempt's transition, if it was the last of it.
    pub fn refunded(&mut self, id: &RefundId) -> Option<Change> {
        let refund = self.refunds.iter_mut().find(|refund| refund.id == *id && !refund.done)?;
        refund.done = true;
        let attempt = refund.attempt.clone();
        let waiting = self.refunds.iter().any(|refund| refund.attempt == attempt && !refund.done);
        let index = self.attempts.iter().position(|one| one.id == attempt)?;
        if waiting { None } else { self.moved(index, Signal::Returned) }
    }
}
