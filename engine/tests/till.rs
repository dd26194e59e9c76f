//! Money under every order of events: what is verifiably charged is kept once or goes back, to the fen.

use std::collections::{HashMap, HashSet};

use contract::payment::{AttemptId, AttemptState, OrderId, PaymentState, RefundId, RefundWhy, TradeResult};
use onething_engine::payment::{Event, Till, is_open};
use proptest::prelude::*;

const FEE: i64 = 8000;

fn attempt(name: &str) -> AttemptId {
    AttemptId(name.into())
}

/// Whatever happened: each charge is accounted for, nothing is kept that was not charged, no
/// order is covered by two.
fn accounts_balance(till: &Till, charged: &HashMap<AttemptId, i64>) -> Result<(), TestCaseError> {
    for one in &till.attempts {
        let kept: i64 =
            till.orders.iter().filter(|order| order.paid_by.as_ref() == Some(&one.id)).map(|order| order.amount).sum();
        let given_back: i64 = till
            .refunds
            .iter()
            .filter(|refund| refund.attempt == one.id)
            // What a department gives back was covered, and stays noted as covered.
            .filter(|refund| {
                !till.orders.iter().any(|order| {
                    order.returned
                        && refund.order.as_ref() == Some(&order.id)
                        && order.paid_by.as_ref() == Some(&one.id)
                        && refund.why == RefundWhy::Department
                })
            })
            .map(|refund| refund.amount)
            .sum();
        prop_assert_eq!(one.received, charged.get(&one.id).copied(), "{:?}", one);
        prop_assert_eq!(kept + given_back, one.received.unwrap_or(0), "{:?}", till);
        prop_assert!(kept == 0 || one.received == Some(one.amount), "a wrong amount is never kept: {:?}", till);
        match one.state {
            AttemptState::Paid => prop_assert!(kept > 0, "{:?}", till),
            AttemptState::Refunding | AttemptState::Refunded => prop_assert!(one.received.is_some()),
            _ => prop_assert!(one.received.is_none(), "charged, and not said to be: {:?}", till),
        }
        let all_back = till.refunds.iter().filter(|refund| refund.attempt == one.id).all(|refund| refund.done);
        prop_assert!(one.state != AttemptState::Refunded || all_back);
    }
    let ids: HashSet<&RefundId> = till.refunds.iter().map(|refund| &refund.id).collect();
    prop_assert_eq!(ids.len(), till.refunds.len());
    Ok(())
}

/// The eight things that happen to an attempt. What each says follows from what the gateway did.
fn eight(seed: u64) -> [Event; 8] {
    let pick = |shift: u32, of: u64| (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) % of;
    let end = match pick(7, 8) {
        0..=3 => Event::Reported(TradeResult::Paid, Some(FEE)),
        4 => Event::Reported(TradeResult::Paid, Some(FEE + 1)),
        5 => Event::Reported(TradeResult::Closed, None),
        6 => Event::Reported(TradeResult::Failed, None),
        _ => Event::Reported(TradeResult::Pending, None),
    };
    let snapshot = |shift: u32| match pick(shift, 4) {
        0 => Event::Reported(TradeResult::Pending, None),
        1 => Event::Reported(TradeResult::Absent, None),
        _ => end,
    };
    let call = match pick(13, 4) {
        0 | 1 => Event::Taken,
        2 => Event::Lost,
        _ => Event::Refused,
    };
    // Our own patience ends whatever the gateway did: also before a success is heard of.
    let timeout = if pick(29, 2) == 0 { Event::Gone } else { end };
    // The refund notice is the eighth; `Back` stands in its place in the list of events.
    [call, Event::Back, end, snapshot(17), snapshot(21), snapshot(25), timeout, Event::Back]
}

const REFUND_NOTICE: usize = 7;
/// The other payer's success.
const OTHER: usize = 8;

/// All orders of the eight events, and of another payer's success, for each of 10,000 seeds. Orders that lead to the same till are
/// followed once, which is why this ends: what comes after depends on nothing else.
#[test]
fn every_order_of_the_eight_events() {
    for seed in 0..10_000 {
        let events = eight(seed);
        let mut fresh = Till::default();
        fresh.owe(OrderId("o".into()), FEE);
        // Somebody else had begun before, and left a cashier open.
        fresh.start(attempt("b")).unwrap();
        fresh.apply(&attempt("b"), Event::Gone);
        fresh.start(attempt("a")).unwrap();
        fresh.apply(&attempt("a"), Event::Call);
        let mut seen = HashSet::new();
        let mut open = vec![(0_u16, fresh)];
        while let Some((delivered, till)) = open.pop() {
            for index in (0..=OTHER).filter(|index| delivered & (1 << index) == 0) {
                let (mut next, now) = (till.clone(), delivered | (1 << index));
                match index {
                    REFUND_NOTICE => drop(next.refunded(&RefundId("ar0".into()))),
                    OTHER if seed % 3 == 0 => {
                        next.apply(&attempt("b"), Event::Reported(TradeResult::Paid, Some(FEE)));
                    }
                    OTHER => {}
                    index => drop(next.apply(&attempt("a"), events[index])),
                }
                let states = [next.attempts[0].state, next.attempts[1].state];
                if !seen.insert((now, states, next.refunds.iter().map(|refund| refund.done).collect::<Vec<_>>())) {
                    continue;
                }
                let charge = events[..REFUND_NOTICE].iter().enumerate().find_map(|(index, event)| match event {
                    Event::Reported(TradeResult::Paid, Some(amount)) if now & (1 << index) != 0 => Some(*amount),
                    _ => None,
                });
                let other = (seed % 3 == 0 && now & (1 << OTHER) != 0).then_some((attempt("b"), FEE));
                let charged = charge.map(|amount| (attempt("a"), amount)).into_iter().chain(other.clone()).collect();
                accounts_balance(&next, &charged).unwrap();
                let state = next.attempts[1].state;
                // Never unpaid after a verified success, never a wrong amount, never paid twice.
                let success = charge == Some(FEE) || other.is_some();
                assert_eq!(next.due() == 0, success, "{events:?}");
                let kept = next.attempts.iter().filter(|one| one.state == AttemptState::Paid).count();
                assert_eq!(kept, usize::from(success), "{events:?}");
                let over = |event: &Event| {
                    !matches!(event, Event::Reported(TradeResult::Pending | TradeResult::Absent, _) | Event::Back)
                };
                let ended =
                    events[2..REFUND_NOTICE].iter().enumerate().any(|(at, event)| now & (4 << at) != 0 && over(event));
                assert!(!(ended && is_open(state)), "{state:?} {events:?}");
                open.push((now, next));
            }
        }
    }
}

/// What may happen in a longer life.
#[derive(Clone, Debug)]
enum Step {
    Start,
    Owe(i64),
    Say(usize, Event),
    Charge(usize, i64),
    Register(usize),
    Refuse(usize),
    GiveBack(usize),
    Refunded(usize),
    Reprice(usize, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        Just(Event::Call),
        Just(Event::Taken),
        Just(Event::Lost),
        Just(Event::Refused),
        Just(Event::Back),
        Just(Event::Gone),
        Just(Event::Reported(TradeResult::Pending, None)),
        Just(Event::Reported(TradeResult::Closed, None)),
        Just(Event::Reported(TradeResult::Failed, None)),
        Just(Event::Reported(TradeResult::Paid, None)),
        Just(Event::Reported(TradeResult::Paid, Some(0))),
        Just(Event::Reported(TradeResult::Paid, Some(-1))),
    ];
    prop_oneof![
        3 => Just(Step::Start),
        1 => (1_i64..5000).prop_map(Step::Owe),
        6 => (0_usize..4, event).prop_map(|(which, event)| Step::Say(which, event)),
        // A gateway charges what was asked, nearly always.
        4 => (0_usize..4, prop_oneof![9 => Just(0_i64), 1 => Just(1)]).prop_map(|(which, more)| Step::Charge(which, more)),
        1 => (0_usize..4).prop_map(Step::Register),
        1 => (0_usize..4).prop_map(Step::Refuse),
        1 => (0_usize..4).prop_map(Step::GiveBack),
        2 => (0_usize..6).prop_map(Step::Refunded),
        1 => ((0_usize..4), (1_i64..5000)).prop_map(|(which, amount)| Step::Reprice(which, amount)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Several orders, several attempts, departments and payees: the accounts balance after every step.
    #[test]
    fn a_long_life_balances(steps in proptest::collection::vec(step(), 0..40)) {
        let mut till = Till::default();
        till.owe(OrderId("o0".into()), FEE);
        let mut charged = HashMap::new();
        for step in steps {
            match step {
                Step::Start => {
                    let name = attempt(&format!("a{}", till.attempts.len()));
                    let due = till.due();
                    let open = till.attempts.iter().any(|one| is_open(one.state));
                    let started = till.start(name);
                    prop_assert_eq!(started.is_ok(), due > 0 && !open);
                    prop_assert!(started.map_or(true, |amount| amount == due));
                }
                Step::Owe(amount) => till.owe(OrderId(format!("o{}", till.orders.len())), amount),
                Step::Say(which, event) => drop(till.apply(&attempt(&format!("a{which}")), event)),
                Step::Charge(which, more) => {
                    if let Some(one) = till.attempts.get(which) {
                        let (id, amount) = (one.id.clone(), one.amount + more);
                        // A charge happens once; what is said of it later repeats it.
                        let amount = *charged.entry(id.clone()).or_insert(amount);
                        till.apply(&id, Event::Reported(TradeResult::Paid, Some(amount)));
                    }
                }
                Step::Register(which) => drop(till.registered(&OrderId(format!("o{which}")))),
                Step::Refuse(which) => {
                    let id = OrderId(format!("o{which}"));
                    let by = till.orders.iter().find(|order| order.id == id).and_then(|order| order.paid_by.clone());
                    if let Some(by) = by {
                        till.not_registered(&id, &by);
                    }
                },
                Step::GiveBack(which) => drop(till.returned(&OrderId(format!("o{which}")), RefundWhy::Department)),
                Step::Refunded(which) => {
                    if let Some(refund) = till.refunds.get(which) {
                        let id = refund.id.clone();
                        till.refunded(&id);
                    }
                }
                Step::Reprice(which, amount) => {
                    let open = till.attempts.iter().any(|one| is_open(one.state));
                    let id = OrderId(format!("o{which}"));
                    let paid = till.orders.iter().any(|order| order.id == id && order.paid_by.is_some());
                    let there = till.orders.iter().any(|order| order.id == id);
                    prop_assert_eq!(till.reprice(&id, amount), there && !open && !paid);
                }
            }
            accounts_balance(&till, &charged)?;
            prop_assert_eq!(till.state() == PaymentState::Settled, till.due() == 0 && !till.attempts.iter().any(|one| is_open(one.state)));
        }
    }
}

/// Two payers at once: the second charge goes back, whichever comes first.
#[test]
fn of_two_charges_one_is_kept() {
    for late_first in [true, false] {
        let mut till = Till::default();
        till.owe(OrderId("o".into()), FEE);
        till.start(attempt("a")).unwrap();
        till.apply(&attempt("a"), Event::Gone);
        till.start(attempt("b")).unwrap();
        let order = if late_first { ["a", "b"] } else { ["b", "a"] };
        for name in order {
            till.apply(&attempt(name), Event::Reported(TradeResult::Paid, Some(FEE)));
        }
        assert_eq!(till.attempt(&attempt(order[0])).unwrap().state, AttemptState::Paid);
        assert_eq!(till.attempt(&attempt(order[1])).unwrap().state, AttemptState::Refunding);
        assert_eq!((till.refunds.len(), till.refunds[0].amount), (1, FEE));
    }
}
