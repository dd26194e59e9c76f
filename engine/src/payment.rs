//! The life of an attempt to pay, and of the order it belongs to.

use contract::payment::{AttemptState, OrderState, TradeResult};

/// Something that happens to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The gateway is about to be asked.
    Call,
    /// The gateway took the order; the person goes to the cashier.
    Taken,
    /// The gateway says, in a verified notification or answer to a query, what became of it.
    Verified(TradeResult),
    /// The excess money went back.
    Refunded,
}

/// The state after an event. `already_paid` says that another attempt of the same order was
/// charged. What changes nothing gives the same state: notifications repeat and overtake each other.
#[must_use]
pub fn after(state: AttemptState, event: Event, already_paid: bool) -> AttemptState {
    use AttemptState::{Calling, Closed, Created, Failed, Paid, Refunded, Refunding, Unknown};
    match (state, event) {
        (Created, Event::Call) => Calling,
        (Created | Calling, Event::Taken) => Unknown,
        // Money received wins over everything said before: a failure reported first, a close, a lost call.
        (Created | Calling | Unknown | Failed | Closed, Event::Verified(TradeResult::Paid)) => {
            if already_paid {
                Refunding
            } else {
                Paid
            }
        }
        (Calling | Unknown, Event::Verified(TradeResult::Failed)) => Failed,
        (Calling | Unknown, Event::Verified(TradeResult::Closed)) => Closed,
        (Refunding, Event::Refunded) => Refunded,
        (state, _) => state,
    }
}

/// Whether the gateway still has to be asked.
#[must_use]
pub fn is_open(state: AttemptState) -> bool {
    matches!(state, AttemptState::Created | AttemptState::Calling | AttemptState::Unknown)
}

/// The order's state, from all its attempts.
#[must_use]
pub fn order(attempts: &[AttemptState]) -> OrderState {
    if attempts.contains(&AttemptState::Paid) {
        OrderState::Paid
    } else if attempts.iter().any(|state| is_open(*state)) {
        OrderState::Checking
    } else {
        OrderState::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Call),
            Just(Event::Taken),
            Just(Event::Verified(TradeResult::Paid)),
            Just(Event::Verified(TradeResult::Failed)),
            Just(Event::Verified(TradeResult::Closed)),
            Just(Event::Verified(TradeResult::Pending)),
            Just(Event::Refunded),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// Two attempts, any events in any order: at most one charge is kept, and a verified
        /// success is never lost.
        #[test]
        fn one_kept_charge(events in proptest::collection::vec((0_usize..2, event()), 0..20)) {
            let mut attempts = [AttemptState::Created; 2];
            let mut charged = [false; 2];
            for (which, event) in events {
                let other_paid = attempts[1 - which] == AttemptState::Paid;
                attempts[which] = after(attempts[which], event, other_paid);
                charged[which] |= event == Event::Verified(TradeResult::Paid);
            }
            let kept = attempts.iter().filter(|state| **state == AttemptState::Paid).count();
            prop_assert!(kept <= 1);
            prop_assert_eq!(kept == 1, charged.contains(&true));
            prop_assert_eq!(order(&attempts) == OrderState::Paid, kept == 1);
        }
    }
}
