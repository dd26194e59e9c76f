//! The life of an attempt to pay, the till that holds an application's orders and attempts, and
//! which channels fit where the page is.
//!
//! ```text
//! created → calling → unknown → paid → refunding → refunded
//!                            ↘ closed, failed ⇢ paid | refunding   (money received wins)
//! ```

mod till;

use contract::payment::{AttemptState, Channel, PayHost};

pub use till::{Busy, Change, Due, Event, Return, Till, Try};

/// What moves an attempt from one state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The gateway is about to be asked.
    Called,
    /// The call ended: the gateway took the order, or nobody knows whether it did.
    Ended,
    /// The gateway said no for good.
    Refused,
    /// Charged, and something of it is kept.
    Kept,
    /// Charged in excess: nothing of it is kept.
    Excess,
    /// Closed without a charge.
    Closed,
    /// Nothing of a charge is kept any longer.
    Unkept,
    /// Everything that was charged went back.
    Returned,
}

/// The graph: the state after a signal. What changes nothing gives the same state, because
/// notifications repeat and overtake each other.
#[must_use]
pub fn after(state: AttemptState, signal: Signal) -> AttemptState {
    use AttemptState::{Calling, Closed, Created, Failed, Paid, Refunded, Refunding, Unknown};
    match (state, signal) {
        (Created, Signal::Called) => Calling,
        (Created | Calling, Signal::Ended) => Unknown,
        (Created | Calling | Unknown, Signal::Refused) => Failed,
        (Created | Calling | Unknown, Signal::Closed) => Closed,
        // Money received wins over everything said before: a failure, a close, a lost call.
        (Created | Calling | Unknown | Failed | Closed, Signal::Kept) => Paid,
        (Created | Calling | Unknown | Failed | Closed, Signal::Excess) | (Paid, Signal::Unkept) => Refunding,
        (Refunding, Signal::Returned) => Refunded,
        (state, _) => state,
    }
}

/// Whether the gateway still has to be asked.
#[must_use]
pub fn is_open(state: AttemptState) -> bool {
    matches!(state, AttemptState::Created | AttemptState::Calling | AttemptState::Unknown)
}

/// The channels that work where the page is, the usual one first.
#[must_use]
pub fn channels(host: PayHost, offered: &[Channel]) -> Vec<Channel> {
    use Channel::{AlipayApp, AlipayQr, AlipayWap, PayCode, Unionpay, WechatH5, WechatJsapi, WechatQr};
    let fitting: &[Channel] = match host {
        // WeChat refuses its own H5 pages inside itself, and Alipay's altogether.
        PayHost::Wechat => &[WechatJsapi, Unionpay, PayCode],
        PayHost::Alipay => &[AlipayApp, Unionpay, PayCode],
        PayHost::Phone => &[WechatH5, AlipayWap, Unionpay, PayCode],
        PayHost::Desktop => &[WechatQr, AlipayQr, Unionpay, PayCode],
    };
    fitting.iter().copied().filter(|channel| offered.contains(channel)).collect()
}

/// Seconds until something that is not known is asked for again: soon at first, then once a minute.
/// So whatever happened at a gateway is known within a minute of its being able to answer.
#[must_use]
pub fn patience(tries: u32) -> i64 {
    const STEPS: [i64; 8] = [2, 3, 5, 8, 13, 21, 34, 55];
    STEPS.get(tries as usize).copied().unwrap_or(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_offer_what_works_in_them() {
        let all = [
            Channel::WechatJsapi,
            Channel::WechatH5,
            Channel::WechatQr,
            Channel::AlipayApp,
            Channel::AlipayWap,
            Channel::AlipayQr,
            Channel::Unionpay,
            Channel::PayCode,
        ];
        assert_eq!(channels(PayHost::Wechat, &all)[0], Channel::WechatJsapi);
        assert!(
            !channels(PayHost::Wechat, &all).iter().any(|one| matches!(one, Channel::WechatH5 | Channel::AlipayWap))
        );
        assert_eq!(channels(PayHost::Alipay, &all)[0], Channel::AlipayApp);
        assert_eq!(channels(PayHost::Phone, &all).len(), 4);
        assert_eq!(
            channels(PayHost::Desktop, &[Channel::PayCode, Channel::AlipayQr]),
            [Channel::AlipayQr, Channel::PayCode]
        );
    }

    #[test]
    fn nothing_stays_unasked_for_more_than_a_minute() {
        assert!((0..100).all(|tries| (1..=60).contains(&patience(tries))));
        assert!((0..5).map(patience).sum::<i64>() < 60, "five questions in the first minute");
    }
}
