//! Notifications: written anew for every try, sent until they are taken.

use std::collections::HashMap;
use std::iter;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::gateway::Gateway;
use crate::trade::{Protocol, Refund, Trade};
use crate::{alipay, counter, random, wechat};

/// Seconds before each try: the first at once, then ever slower.
const WAITS: [u64; 4] = [0, 1, 2, 5];

/// Seconds between later tries.
const LATER: u64 = 15;

/// Tries before a gateway gives up.
const TRIES: usize = 20;

/// How long a merchant may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a refund is on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// A notification as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where to.
    pub url: String,
    /// Its headers, the signature among them.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: String,
}

/// What a notification is about. Its number stays, however often it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) id: String,
    protocol: Protocol,
    trade: String,
    refund: Option<String>,
}

/// How a copy differs from the honest notification.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Twist {
    /// Signed with a wrong key.
    pub(crate) forged: bool,
    /// Fen too much.
    pub(crate) more: i64,
    /// Signed that many seconds ago.
    pub(crate) seconds_ago: i64,
}

/// Who sends notifications, and what was sent.
pub(crate) struct Notifier {
    client: Client<HttpConnector, Full<Bytes>>,
    /// One that waits for the next to overtake it.
    held: Mutex<Option<Notice>>,
    /// The latest of every trade.
    latest: Mutex<HashMap<String, Notice>>,
    /// What is under way.
    tasks: Mutex<JoinSet<()>>,
}

impl Notice {
    /// Of what became of a trade.
    pub(crate) fn of(trade: &Trade) -> Self {
        let order = &trade.order;
        Self { id: random::token(16), protocol: order.protocol, trade: order.id.clone(), refund: None }
    }

    /// Of a refund of a trade.
    pub(crate) fn of_refund(trade: &Trade, refund: &Refund) -> Self {
        Self { refund: Some(refund.order.id.clone()), ..Self::of(trade) }
    }
}

impl Default for Notifier {
    fn default() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            held: Mutex::default(),
            latest: Mutex::default(),
            tasks: Mutex::default(),
        }
    }
}

impl Notifier {
    /// Sends nothing any more.
    pub(crate) fn stop(&self) {
        locked(&self.tasks).abort_all();
    }

    fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = locked(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// What goes now: this one, unless it has to wait, and the one that waited for it.
    fn due(&self, notice: Notice, reorder: bool) -> Vec<Notice> {
        let mut held = locked(&self.held);
        match held.take() {
            None if reorder => {
                *held = Some(notice);
                Vec::new()
            }
            waiting => iter::once(notice).chain(waiting).collect(),
        }
    }

    async fn post(&self, sent: &Sent) -> Option<(StatusCode, Bytes)> {
        let mut request = Request::post(sent.url.as_str());
        for (name, value) in &sent.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        let request = request.body(Full::new(Bytes::from(sent.body.clone()))).ok()?;
        let answer = async {
            let answer = self.client.request(request).await.ok()?;
            let status = answer.status();
            Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
        };
        timeout(PATIENCE, answer).await.ok()?
    }
}

impl Gateway {
    /// Sends a notification in the background, with whatever goes wrong at present.
    pub(crate) fn announce(self: &Arc<Self>, notice: Notice) {
        locked(&self.notifier.latest).insert(notice.trade.clone(), notice.clone());
        let gateway = Arc::clone(self);
        self.notifier.run(async move {
            let reorder = gateway.faults.notify(&notice.trade).reorder;
            for notice in gateway.notifier.due(notice, reorder) {
                gateway.deliver(&notice).await;
            }
        });
    }

    /// Lets a refund arrive a little later, and tells of it.
    pub(crate) fn settle_soon(self: &Arc<Self>, protocol: Protocol, refund: &str) {
        let (gateway, refund) = (Arc::clone(self), refund.to_owned());
        self.notifier.run(async move {
            sleep(ON_ITS_WAY).await;
            if let Some((trade, refund)) = gateway.book.settle(protocol, &refund) {
                gateway.announce(Notice::of_refund(&trade, &refund));
            }
        });
    }

    /// The latest notification of a trade; where there was none, a first one.
    pub(crate) fn latest(&self, trade: &str) -> Option<Notice> {
        let latest = locked(&self.notifier.latest).get(trade).cloned();
        latest.or_else(|| self.book.find_anywhere(trade).as_ref().map(Notice::of))
    }

    /// Writes a notification. `None` where nobody wants to be told.
    pub(crate) fn draw(&self, notice: &Notice, twist: Twist) -> Option<Sent> {
        let trade = self.book.find(notice.protocol, &notice.trade)?;
        let refund = match &notice.refund {
            Some(id) => Some(trade.refund(id)?),
            None => None,
        };
        match notice.protocol {
            Protocol::Wechat => wechat::notice(self, &notice.id, &trade, refund, twist),
            Protocol::Alipay => alipay::notice(self, &notice.id, &trade, refund, twist),
            Protocol::Counter => counter::notice(self, &notice.id, &trade, refund, twist),
        }
    }

    /// Sends a notification once; says how the merchant answered.
    pub(crate) async fn send(&self, notice: &Notice, twist: Twist) -> Option<(StatusCode, Bytes)> {
        self.notifier.post(&self.draw(notice, twist)?).await
    }

    async fn deliver(&self, notice: &Notice) {
        let faults = self.faults.notify(&notice.trade);
        if faults.lose {
            return;
        }
        sleep(Duration::from_millis(faults.delay_ms)).await;
        let honest = Twist::default();
        let wrong = [
            (faults.forge, Twist { forged: true, ..honest }),
            (faults.wrong_amount, Twist { more: 1, ..honest }),
            (faults.stale, Twist { seconds_ago: 3600, ..honest }),
        ];
        for (_, twist) in wrong.into_iter().filter(|(on, _)| *on) {
            self.send(notice, twist).await;
        }
        self.until_taken(notice).await;
        for _ in 1..faults.copies {
            self.send(notice, honest).await;
        }
    }

    async fn until_taken(&self, notice: &Notice) {
        for wait in WAITS.into_iter().chain(iter::repeat(LATER)).take(TRIES) {
            sleep(Duration::from_secs(wait)).await;
            if self.draw(notice, Twist::default()).is_none() {
                return;
            }
            if let Some((status, body)) = self.send(notice, Twist::default()).await
                && taken(notice.protocol, status, &body)
            {
                return;
            }
        }
        tracing::warn!("a notification was never taken");
    }
}

/// Whether a merchant said in a gateway's language that it took a notification.
fn taken(protocol: Protocol, status: StatusCode, body: &[u8]) -> bool {
    match protocol {
        Protocol::Wechat => matches!(status, StatusCode::OK | StatusCode::NO_CONTENT),
        Protocol::Alipay => status == StatusCode::OK && body.trim_ascii() == b"success",
        Protocol::Counter => status == StatusCode::NO_CONTENT,
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(id: &str) -> Notice {
        Notice { id: id.to_owned(), protocol: Protocol::Wechat, trade: "t".to_owned(), refund: None }
    }

    #[test]
    fn each_gateway_is_answered_in_its_language() {
        let (ok, none) = (StatusCode::OK, StatusCode::NO_CONTENT);
        assert!(taken(Protocol::Wechat, ok, b"") && taken(Protocol::Wechat, none, b""));
        assert!(!taken(Protocol::Wechat, StatusCode::INTERNAL_SERVER_ERROR, b""));
        assert!(taken(Protocol::Alipay, ok, b"success\n"));
        assert!(!taken(Protocol::Alipay, ok, b"fail") && !taken(Protocol::Alipay, none, b"success"));
        assert!(taken(Protocol::Counter, none, b"") && !taken(Protocol::Counter, ok, b""));
    }

    #[tokio::test]
    async fn one_waits_for_the_next_to_overtake_it() {
        let notifier = Notifier::default();
        let due = |id: &str, reorder| -> Vec<String> {
            notifier.due(notice(id), reorder).into_iter().map(|notice| notice.id).collect()
        };
        assert!(due("a", true).is_empty());
        assert_eq!(due("b", true), ["b", "a"]);
        assert!(due("c", true).is_empty());
        assert_eq!(due("d", false), ["d", "c"], "switched off meanwhile");
        assert_eq!(due("e", false), ["e"]);
    }
}
