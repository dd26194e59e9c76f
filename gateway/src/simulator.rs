//! The simulator as a whole: a program of its own, or a guest in a test.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::book::Book;
use crate::cashier::Action;
use crate::clock;
use crate::config;
use crate::faults::Faults;
use crate::gateway::{Gateway, Shared, router};
use crate::keys::Keys;
use crate::notify::{Notice, Sent, Twist};
use crate::trade::TradeResult;

/// Running gateways. Dropping them ends them, and every notification under way.
pub struct Simulator {
    /// What they know.
    pub book: Book,
    /// What goes wrong with them.
    pub faults: Faults,
    gateway: Shared,
    address: SocketAddr,
    config: PathBuf,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Binds an address (port 0: any free one), writes `payment.yaml` into `config`, and serves. The keys may be
    /// shared by many; they are made where there are none.
    ///
    /// # Errors
    /// When the address is taken, or the keys or the file cannot be read or written.
    pub async fn start(keys: &Path, config: &Path, address: SocketAddr, site: &str) -> Result<Self, String> {
        let folder = keys.to_owned();
        let keys = spawn_blocking(move || Keys::read_or_make(&folder)).await.map_err(|error| error.to_string())??;
        let said = |error: std::io::Error| format!("{address}: {error}");
        let listener = TcpListener::bind(address).await.map_err(said)?;
        let address = listener.local_addr().map_err(said)?;
        let gateway = Arc::new(Gateway::new(keys, format!("http://{}", reachable(address))));
        let config = config::write(config, &gateway.keys, &gateway.base, site)?;
        let router = router(&gateway);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!("the simulator stopped: {error}");
            }
        });
        let (book, faults) = (gateway.book.clone(), gateway.faults.clone());
        Ok(Self { book, faults, gateway, address, config, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it answers, as `payment.yaml` has it: `http://127.0.0.1:8090`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.gateway.base
    }

    /// The `payment.yaml` it wrote.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.config.clone()
    }

    /// Writes `payment.yaml` again, for a service that answers elsewhere. Trades keep their own addresses.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_site(&self, site: &str) -> Result<(), String> {
        let folder = self.config.parent().unwrap_or(Path::new("."));
        config::write(folder, &self.gateway.keys, &self.gateway.base, site).map(|_| ())
    }

    /// What a payer does at the cashier, by the merchant's number. `None` where there is no such trade.
    pub async fn press(&self, trade: &str, action: Action) -> Option<TradeResult> {
        let trade = self.book.find_anywhere(trade)?;
        Some(self.gateway.press(&trade, action).result_at(clock::now()))
    }

    /// Sends the latest notification of a trade once more, freshly signed; gives the merchant's status.
    pub async fn notify_again(&self, trade: &str) -> Option<u16> {
        let notice = self.gateway.latest(trade)?;
        self.gateway.send(&notice, Twist::default()).await.map(|(status, _)| status.as_u16())
    }

    /// A validly signed notification of a trade, not sent.
    #[must_use]
    pub fn notification(&self, trade: &str) -> Option<Sent> {
        self.notification_at(trade, 0)
    }

    /// A notification of a trade signed that many seconds ago, not sent.
    #[must_use]
    pub fn notification_at(&self, trade: &str, seconds_ago: i64) -> Option<Sent> {
        let notice = Notice::of(&self.book.find_anywhere(trade)?);
        self.gateway.draw(&notice, Twist { seconds_ago, ..Twist::default() })
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
        self.gateway.notifier.stop();
    }
}

/// Where a machine reaches its own listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::{Channel, Order, Protocol};

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("onething-gateway-{name}-{}", crate::random::token(6)))
    }

    async fn started(config: &Path) -> Simulator {
        let keys = std::env::temp_dir().join("onething-gateway-keys");
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Simulator::start(&keys, config, anywhere, "http://127.0.0.1:8080/").await.unwrap()
    }

    fn order(notify_url: Option<String>) -> Order {
        Order {
            protocol: Protocol::Counter,
            id: "t".to_owned(),
            amount: 100,
            subject: "Exam fee".to_owned(),
            channel: Channel::Unionpay,
            payer: None,
            return_url: None,
            notify_url,
            expires_at: None,
        }
    }

    /// A merchant that takes one notification, and tells what came.
    async fn heard(listener: TcpListener) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut line, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        while !bytes.ends_with(b"}") {
            let count = line.read(&mut piece).await.unwrap();
            bytes.extend_from_slice(&piece[..count]);
        }
        line.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn it_tells_the_merchant_and_says_where_it_is() {
        let folder = folder("whole");
        let simulator = started(&folder).await;
        let config = std::fs::read_to_string(simulator.config()).unwrap();
        assert!(config.contains(&format!("base: {}/counter", simulator.base())));
        simulator.set_site("http://127.0.0.1:9/").unwrap();
        assert!(std::fs::read_to_string(simulator.config()).unwrap().contains("127.0.0.1:9/"));
        let _ = std::fs::remove_dir_all(&folder);

        let merchant = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/n", merchant.local_addr().unwrap());
        simulator.book.open(order(Some(url.clone()))).unwrap();
        let heard = tokio::spawn(heard(merchant));
        assert_eq!(simulator.press("t", Action::Pay).await, Some(TradeResult::Paid));
        let heard = heard.await.unwrap();
        assert!(heard.starts_with("POST /n ") && heard.contains("counter-signature: t="), "{heard}");
        let drawn = simulator.notification("t").unwrap();
        assert_eq!(drawn.url, url);
        assert!(drawn.body.contains("\"paid\""));
        assert_eq!(simulator.press("nothing", Action::Pay).await, None);
    }

    #[tokio::test]
    async fn every_answer_is_labelled() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let folder = folder("label");
        let simulator = started(&folder).await;
        let _ = std::fs::remove_dir_all(&folder);
        for path in ["/", "/health", "/nowhere", "/v3/certificates", "/counter/trades/t", "/cashier/x"] {
            let mut line = tokio::net::TcpStream::connect(simulator.address()).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            line.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            line.read_to_end(&mut answer).await.unwrap();
            assert!(String::from_utf8_lossy(&answer).contains("onething-simulator: 1\r\n"), "{path}");
        }
    }
}
