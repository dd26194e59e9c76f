//! What every part of the process shares, and the way all of it is reached.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::HeaderValue;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;

use crate::book::Book;
use crate::cashier::Action;
use crate::faults::{self, Faults};
use crate::keys::Keys;
use crate::notify::{Notice, Notifier};
use crate::trade::{Protocol, Trade, TradeResult};
use crate::{alipay, cashier, control, counter, random, wechat};

/// Every answer says so with this header.
const LABEL: &str = "onething-simulator";

/// Statements kept for whoever asked for them.
const KEPT: usize = 50;

/// The simulated gateways.
pub(crate) struct Gateway {
    pub(crate) book: Book,
    pub(crate) faults: Faults,
    pub(crate) keys: Keys,
    /// Where this process answers, without a slash at the end.
    pub(crate) base: String,
    pub(crate) notifier: Notifier,
    pub(crate) statements: Statements,
}

/// The simulated gateways, shared.
pub(crate) type Shared = Arc<Gateway>;

/// Statements that were announced, by a token: what is fetched is what was announced.
#[derive(Default)]
pub(crate) struct Statements(Mutex<VecDeque<(String, Vec<u8>)>>);

impl Gateway {
    /// Gateways with an empty book that answer at an address.
    pub(crate) fn new(keys: Keys, base: String) -> Self {
        Self {
            book: Book::default(),
            faults: Faults::default(),
            keys,
            base,
            notifier: Notifier::default(),
            statements: Statements::default(),
        }
    }

    /// The cashier's page for a trade.
    pub(crate) fn cashier(&self, trade: &Trade) -> String {
        format!("{}/cashier/{}", self.base, trade.key)
    }

    /// What a payer does; gives the trade as it is then. Only the counter's payer can fail for good or call it off.
    pub(crate) fn press(self: &Arc<Self>, trade: &Trade, action: Action) -> Trade {
        let counter = trade.order.protocol == Protocol::Counter;
        self.book.opened(trade);
        let decided = match action {
            Action::Pay | Action::PaySilently | Action::PayStay => {
                self.book.pay(trade, self.faults.charge_more(&trade.order.id))
            }
            Action::Fail if counter => self.book.end(trade, TradeResult::Failed),
            Action::Cancel if counter => self.book.end(trade, TradeResult::Closed),
            Action::Fail | Action::Cancel => None,
        };
        if let Some(decided) = &decided
            && action != Action::PaySilently
        {
            self.announce(Notice::of(decided));
        }
        decided.or_else(|| self.book.lookup(&trade.key)).unwrap_or_else(|| trade.clone())
    }
}

impl Statements {
    /// Keeps a statement; gives the token it is fetched with.
    pub(crate) fn keep(&self, bytes: Vec<u8>) -> String {
        let token = random::token(24);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((token.clone(), bytes));
        token
    }

    /// The statement behind a token.
    pub(crate) fn fetch(&self, token: &str) -> Option<Vec<u8>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == token).map(|(_, bytes)| bytes.clone())
    }
}

/// Every address of the process. Faults are of the protocols only: the cashier and the switches always work.
pub(crate) fn router(gateway: &Shared) -> Router {
    let protocols = wechat::routes(gateway)
        .merge(alipay::routes())
        .merge(counter::routes(gateway))
        .route_layer(from_fn_with_state(gateway.faults.clone(), faults::disturb));
    protocols
        .merge(cashier::routes())
        .merge(control::routes())
        .layer(map_response(label))
        .with_state(Arc::clone(gateway))
}

async fn label(mut answer: Response) -> Response {
    answer.headers_mut().insert(LABEL, HeaderValue::from_static("1"));
    answer
}
