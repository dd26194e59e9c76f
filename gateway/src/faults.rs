//! What can go wrong with a gateway, switched on by a test: nothing of it happens by itself.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};

/// How long a silent gateway keeps the line.
const SILENCE: Duration = Duration::from_secs(30);

/// Everything that goes wrong at present. Absent is off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// With notifications.
    pub notify: NotifyFaults,
    /// With answers to the merchant's calls.
    pub answers: AnswerFaults,
    /// Fen charged above the order's amount: the gateway's own error.
    pub charge_more: i64,
    /// Limits `notify` and `charge_more` to one trade.
    pub only: Option<String>,
}

/// What goes wrong with notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifyFaults {
    /// They never leave.
    pub lose: bool,
    /// They leave late.
    pub delay_ms: u64,
    /// They come this many times (0 and 1: once).
    pub copies: u32,
    /// One waits until the next one went.
    pub reorder: bool,
    /// A copy signed with a wrong key comes first.
    pub forge: bool,
    /// A validly signed copy with one fen more comes first.
    pub wrong_amount: bool,
    /// A copy signed an hour ago comes first.
    pub stale: bool,
}

/// What goes wrong with answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerFaults {
    /// The work is done, nothing is answered, the line is cut after a while.
    pub silence: bool,
    /// Answers with this status instead.
    pub status: Option<u16>,
    /// Does the work before it answers with `status`.
    pub after: bool,
    /// Answers late.
    pub slow_ms: u64,
    /// The answer's signature is of a wrong key.
    pub garble: bool,
}

/// The switchboard. Clones are the same one.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<FaultPlan>>);

impl Faults {
    /// From now on this goes wrong, and nothing else.
    pub fn set(&self, plan: FaultPlan) {
        *self.locked() = plan;
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.set(FaultPlan::default());
    }

    /// What goes wrong.
    #[must_use]
    pub fn plan(&self) -> FaultPlan {
        self.locked().clone()
    }

    /// What goes wrong with the notifications of a trade.
    pub(crate) fn notify(&self, trade: &str) -> NotifyFaults {
        let plan = self.plan();
        if plan.concerns(trade) { plan.notify } else { NotifyFaults::default() }
    }

    /// Fen charged above a trade's amount.
    pub(crate) fn charge_more(&self, trade: &str) -> i64 {
        let plan = self.locked();
        if plan.concerns(trade) { plan.charge_more } else { 0 }
    }

    /// Whether answers carry broken signatures.
    pub(crate) fn garble(&self) -> bool {
        self.locked().answers.garble
    }

    fn locked(&self) -> MutexGuard<'_, FaultPlan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultPlan {
    fn concerns(&self, trade: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == trade)
    }
}

/// Disturbs the answers of every gateway, as far as that is switched on.
pub(crate) async fn disturb(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let plan = faults.plan().answers;
    if let Some(status) = plan.status
        && !plan.after
        && !plan.silence
    {
        return bare(status);
    }
    let answer = next.run(request).await;
    tokio::time::sleep(Duration::from_millis(plan.slow_ms)).await;
    if plan.silence {
        tokio::time::sleep(SILENCE).await;
        return cut();
    }
    plan.status.map_or(answer, bare)
}

fn bare(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// An answer that breaks before its first byte: the server then closes the connection.
fn cut() -> Response {
    let broken = io::Error::other("cut on purpose");
    Body::from_stream(stream::iter([Err::<Bytes, io::Error>(broken)])).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_faults_are_off_and_unknown_ones_refused() {
        assert_eq!(serde_json::from_str::<FaultPlan>("{}").unwrap(), FaultPlan::default());
        let plan: FaultPlan = serde_json::from_str(r#"{"notify":{"copies":3},"answers":{"status":503}}"#).unwrap();
        assert_eq!((plan.notify.copies, plan.answers.status, plan.answers.after), (3, Some(503), false));
        assert!(serde_json::from_str::<FaultPlan>(r#"{"notify":{"loose":true}}"#).is_err());
    }

    #[test]
    fn a_plan_for_one_trade_leaves_the_others_alone() {
        let faults = Faults::default();
        let notify = NotifyFaults { lose: true, ..NotifyFaults::default() };
        faults.set(FaultPlan { notify, charge_more: 5, only: Some("a".to_owned()), ..FaultPlan::default() });
        assert!(faults.notify("a").lose && !faults.notify("b").lose);
        assert_eq!((faults.charge_more("a"), faults.charge_more("b")), (5, 0));
        faults.clear();
        assert_eq!(faults.plan(), FaultPlan::default());
    }
}
