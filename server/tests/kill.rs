//! The server is killed, again and again, while two hundred payments are under way and their
//! notifications in flight. Afterwards gateways and ledger agree on every order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, unused_macros, reason = "it serves other tests as well")]
#[path = "api/support.rs"]
mod support;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use contract::payment::{AttemptState, PaymentState};
use futures_util::StreamExt;
use onething_gateway::{Action, Simulator, TradeResult};
use onething_server::random;
use onething_server::store::Store;
use onething_server::till::{self, Account};
use serde_json::{Value, json};

const PAYMENTS: usize = 200;
/// People at cashiers at the same time.
const AT_ONCE: usize = 4;
const ERRAND: &str = "social_card";

/// The server as a process, which dies and comes back.
struct Server {
    arguments: Vec<String>,
    child: Child,
}

impl Server {
    fn start(arguments: Vec<String>) -> Self {
        let child = Self::spawn(&arguments);
        Self { arguments, child }
    }

    fn spawn(arguments: &[String]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_onething-server"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .env("RUST_LOG", "error")
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Waits until it listens.
    fn answers(&self, port: u16) {
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGKILL, and a new process over the same data.
    fn die_and_return(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Self::spawn(&self.arguments);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who does not give up when the server is away: the same request goes out again.
#[derive(Clone)]
struct Stubborn {
    http: reqwest::Client,
    api: String,
    cookie: String,
}

impl Stubborn {
    async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value, String) {
        let key = random::id();
        for _ in 0..600 {
            let request = self
                .http
                .request(method.clone(), format!("{}{path}", self.api))
                .header("content-type", "application/json")
                .header("idempotency-key", &key)
                .header("cookie", &self.cookie)
                .body(body.to_string());
            if let Ok(answer) = request.send().await {
                let status = answer.status().as_u16();
                let cookie =
                    answer.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
                let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
                if let Ok(text) = answer.text().await
                    && status < 500
                {
                    return (status, serde_json::from_str(&text).unwrap_or(Value::Null), cookie);
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server never answered {path}");
    }

    async fn sign_in(&mut self, persona: &str) {
        let post = reqwest::Method::POST;
        loop {
            let (_, ticket, _) = self.send(post.clone(), &format!("/demo/personas/{persona}/ticket"), &json!({})).await;
            let (status, _, cookie) = self.send(post.clone(), "/session", &json!({ "ticket": ticket["ticket"] })).await;
            if status == 200 {
                self.cookie = cookie;
                return;
            }
        }
    }
}

async fn survives(store: Store, data: PathBuf, more: Vec<String>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let started = Instant::now();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let site = format!("http://127.0.0.1:{port}/");
    let folder = data.join("payment");
    std::fs::create_dir_all(&folder).unwrap();
    let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway-keys");
    let anywhere: SocketAddr = ([127, 0, 0, 1], 0).into();
    let simulator = Arc::new(Simulator::start(&keys, &folder, anywhere, &site).await.unwrap());
    let mut arguments: Vec<String> = ["serve", "--departments", "manual", "--port"].map(str::to_owned).into();
    arguments.extend([port.to_string(), "--data".into(), data.display().to_string(), "--payment".into()]);
    arguments.push(simulator.config().display().to_string());
    arguments.extend(more);
    let owing = applications(&store, &data).await;
    let prepared = started.elapsed();
    let mut server = Server::start(arguments);
    let http = reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap();
    let mut person = Stubborn { http, api: format!("{site}api/v1"), cookie: String::new() };
    person.sign_in("buyer").await;

    // Each notification comes late and twice: some arrive while nobody listens.
    simulator.faults.set(serde_json::from_value(json!({ "notify": { "delay_ms": 150, "copies": 2 } })).unwrap());
    // From here on the server dies at random moments.
    let over = Arc::new(AtomicBool::new(false));
    let deaths = Arc::new(AtomicUsize::new(0));
    let killer = tokio::task::spawn_blocking({
        let (over, deaths) = (Arc::clone(&over), Arc::clone(&deaths));
        move || {
            while !over.load(Ordering::Relaxed) {
                server.answers(port);
                let pause: u64 = random::digits(3).parse().unwrap();
                std::thread::sleep(Duration::from_millis(pause / 2));
                server.die_and_return();
                deaths.fetch_add(1, Ordering::Relaxed);
            }
            server
        }
    });
    futures_util::stream::iter(owing.iter().enumerate())
        .for_each_concurrent(AT_ONCE, |(index, (id, due))| {
            let (person, simulator) = (person.clone(), Arc::clone(&simulator));
            async move { pay(&person, &simulator, index, id, *due).await }
        })
        .await;
    over.store(true, Ordering::Relaxed);
    let server = killer.await.unwrap();

    agree(&store, &simulator, &owing).await;
    drop(server);
    let deaths = deaths.load(Ordering::Relaxed);
    println!("{PAYMENTS} payments, {deaths} deaths; prepared in {prepared:?}, {:?} in all", started.elapsed());
    assert!(deaths >= 6, "the server was killed {deaths} times only");
    let _ = std::fs::remove_dir_all(&data);
}

/// Applications of one person, each with a card to pay.
async fn applications(store: &Store, data: &Path) -> Vec<(String, i64)> {
    let service = support::Service::over(store.clone(), data.join("preparing")).await;
    let buyer = service.sign_in("buyer").await;
    let answers = json!({ "card_action": ["replace"], "who": "self" });
    let mut owing = Vec::new();
    while owing.len() < PAYMENTS {
        let (draft, version) = buyer.ready_for(ERRAND, answers.clone(), &[]).await;
        let application = buyer.submit_for(ERRAND, &draft, version, &random::id()).await.body;
        let due = application["payment"]["due"].as_i64().unwrap_or_else(|| panic!("{application}"));
        owing.push((application["id"].as_str().unwrap().to_owned(), due));
    }
    owing
}

/// One person pays, whatever happens to the server.
async fn pay(person: &Stubborn, simulator: &Simulator, index: usize, id: &str, due: i64) {
    let channel = ["wechat_qr", "alipay_qr", "unionpay"][index % 3];
    let post = reqwest::Method::POST;
    let wish = json!({ "channel": channel, "return_to": "/", "seen": due });
    for _ in 0..60 {
        let (_, answer, _) = person.send(post.clone(), &format!("/applications/{id}/payment/attempts"), &wish).await;
        let attempt = answer["attempt"]["id"].as_str();
        if let Some(attempt) = attempt
            && simulator.press(attempt, Action::Pay).await.is_some()
        {
            return;
        }
        // Refused for the moment, or the gateway never heard of it: look, and try again.
        let (_, seen, _) = person.send(post.clone(), &format!("/applications/{id}/payment/check"), &json!({})).await;
        if seen["state"] == "settled" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{id} could never be paid");
}

/// Waits until every till has come to rest, and holds it against the gateways' own book.
async fn agree(store: &Store, simulator: &Simulator, owing: &[(String, i64)]) {
    let deadline = Instant::now() + Duration::from_secs(120);
    let tills = loop {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT application, doc FROM tills").fetch_all(store.reads()).await.unwrap();
        let tills: Vec<(String, Account)> =
            rows.into_iter().map(|(id, doc)| (id, serde_json::from_str(&doc).unwrap())).collect();
        let rests = |account: &Account| {
            account.till.state() == PaymentState::Settled
                && account.till.orders.iter().all(|due| due.registered)
                && account.till.refunds.iter().all(|refund| refund.done)
        };
        if tills.iter().all(|(_, account)| rests(account)) {
            break tills;
        }
        assert!(
            Instant::now() < deadline,
            "{} tills did not come to rest",
            tills.iter().filter(|(_, one)| !rests(one)).count()
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(tills.len(), owing.len());
    let theirs = simulator.book.trades();
    for (id, account) in &tills {
        let (mut charged, mut back) = (0, 0);
        for one in &account.till.attempts {
            let trade = theirs.iter().find(|trade| trade.id == one.id.as_str());
            let paid = trade.is_some_and(|trade| trade.result == TradeResult::Paid);
            assert_eq!(one.received, trade.filter(|_| paid).map(|trade| trade.amount), "{id} {one:?}");
            assert_eq!(matches!(one.state, AttemptState::Paid | AttemptState::Refunded), paid, "{id} {one:?}");
            charged += one.received.unwrap_or(0);
            back += trade.map_or(0, |trade| trade.refunded);
        }
        let due = owing.iter().find(|(one, _)| one == id).unwrap().1;
        assert_eq!(charged - back, due, "{id}: one charge is kept");
    }
    let ours: Vec<&str> =
        tills.iter().flat_map(|(_, one)| one.till.attempts.iter().map(|one| one.id.as_str())).collect();
    assert!(theirs.iter().all(|trade| ours.contains(&trade.id.as_str())), "no charge without a stored order");
    let mut connection = store.reads().acquire().await.unwrap();
    assert_eq!(till::ledger::broken(&mut connection).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_on_sqlite() {
    let data = std::env::temp_dir().join(format!("onething-kill-{}", random::id()));
    let store = Store::sqlite(&data).await.unwrap();
    survives(store, data, Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_on_postgres() {
    let Ok(url) = std::env::var("ONETHING_TEST_POSTGRES") else {
        assert!(std::env::var("CI").is_err(), "in CI PostgreSQL is there");
        return;
    };
    let name = format!("kill{}", random::id());
    let admin = Store::postgres(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(admin.reads()).await.unwrap();
    let url = format!("{url}&options=-c%20search_path%3D{name}");
    let data = std::env::temp_dir().join(format!("onething-{name}"));
    std::fs::create_dir_all(&data).unwrap();
    let key = data.join("files.key");
    std::fs::write(&key, random::secret()).unwrap();
    let store = Store::postgres(&url).await.unwrap();
    let more = vec!["--database-url".into(), url, "--files-key".into(), key.display().to_string()];
    survives(store, data, more).await;
}
