//! Money over real HTTP: the adapters against the simulated gateways, the negative tests 45 to 52,
//! and what an application sees of it.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use contract::payment::Channel;
use onething_gateway::{Action, Sent, Simulator, TradeResult};
use onething_server::till::{self, settle};
use onething_server::{pay, random};
use serde_json::{Value, json};

use super::support::*;

/// A service that gateways reach over HTTP, and the simulator that plays them.
struct Live {
    service: Service,
    simulator: Simulator,
}

impl Live {
    async fn over(service: &Service) -> Self {
        Self::with(service, |config| config).await
    }

    /// With something about the operator's configuration changed.
    async fn with(service: &Service, change: impl FnOnce(String) -> String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = format!("http://{}/", listener.local_addr().unwrap());
        let folder = service.data.join(format!("payment-{}", random::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let simulator = Simulator::start(&keys(), &folder, ([127, 0, 0, 1], 0).into(), &site).await.unwrap();
        let text = std::fs::read_to_string(simulator.config()).unwrap();
        let config = folder.join("operator.yaml");
        std::fs::write(&config, change(text)).unwrap();
        let payments = pay::config::read(&config, true).unwrap();
        let service = service.but(|app| app.payments = payments);
        service.listen(listener);
        Self { service, simulator }
    }

    async fn fault(&self, faults: Value) {
        let client = reqwest::Client::new();
        let request = client.put(format!("http://{}/control/faults", self.simulator.address()));
        let answer = request.header("content-type", "application/json").body(faults.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{faults}");
    }

    /// Brings a notification as the gateway would, changed or not.
    async fn deliver(&self, sent: &Sent) -> Answer {
        let path = sent.url.split_once("/api/v1").unwrap().1;
        let mut request = Request::post(format!("/api/v1{path}"));
        for (name, value) in &sent.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        self.service.send(request.body(Body::from(sent.body.clone())).unwrap()).await
    }

    /// An application with something to pay, and what.
    async fn owing<'s>(&'s self, persona: &str) -> Owing<'s> {
        let buyer = self.service.sign_in(persona).await;
        let (draft, version) = buyer.ready().await;
        let application = buyer.submit(&draft, version, &random::id()).await.body;
        let id = application["id"].as_str().unwrap().to_owned();
        let due = application["payment"]["due"].as_i64().unwrap();
        assert!(due > 0, "{application}");
        Owing { live: self, buyer, id, due }
    }
}

/// Keys that many tests share: made once, they take a moment.
fn keys() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway-keys")
}

struct Owing<'s> {
    live: &'s Live,
    buyer: Caller<'s>,
    id: String,
    due: i64,
}

impl Owing<'_> {
    fn wish(&self, channel: Channel) -> Value {
        json!({ "channel": channel, "return_to": "/x", "seen": self.due })
    }

    /// Starts to pay; gives the payment.
    async fn start(&self, channel: Channel) -> Value {
        let answer = self.buyer.post(&format!("/applications/{}/payment/attempts", self.id), &self.wish(channel)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body
    }

    async fn application(&self) -> Value {
        self.buyer.get(&format!("/applications/{}", self.id)).await.body
    }

    async fn payment(&self) -> Value {
        self.application().await["payment"].clone()
    }

    /// Lets the server work until the payment looks like that, half a minute at most.
    async fn until(&self, what: &str, seen: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            settle::round(&self.live.service.app).await.unwrap();
            let payment = self.payment().await;
            if seen(&payment) {
                return payment;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "never {what}: {payment}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    async fn until_paid(&self) -> Value {
        self.until("paid", |payment| payment["orders"].as_array().unwrap().iter().all(|order| order["state"] == "paid"))
            .await
    }

    /// What the gateway says the person was charged and got back.
    fn charged(&self) -> (i64, i64) {
        let trades = self.live.simulator.book.trades();
        let paid = trades.iter().filter(|trade| trade.result == TradeResult::Paid);
        paid.fold((0, 0), |(charged, back), trade| (charged + trade.amount, back + trade.refunded))
    }

    async fn pay(&self, trade: &str) {
        assert!(self.live.simulator.press(trade, Action::Pay).await.is_some(), "{trade} is not known to the gateway");
    }
}

fn trade(payment: &Value) -> String {
    payment["attempt"]["id"].as_str().unwrap().to_owned()
}

async fn whole_ledger(service: &Service) {
    let mut connection = service.app.store.reads().acquire().await.unwrap();
    assert_eq!(till::ledger::broken(&mut connection).await.unwrap(), []);
}

on_every_database! {
    every_channel_pays(service) {
        let live = Live::over(service).await;
        use Channel::{AlipayApp, AlipayQr, AlipayWap, PayCode, Unionpay, WechatH5, WechatJsapi, WechatQr};
        for (channel, how) in [
            (WechatJsapi, "jsapi"), (WechatH5, "address"), (WechatQr, "qr"), (AlipayApp, "trade_pay"),
            (AlipayWap, "address"), (AlipayQr, "qr"), (Unionpay, "address"), (PayCode, "pay_code"),
        ] {
            let owing = live.owing("buyer").await;
            let started = owing.start(channel).await;
            assert_eq!((&started["state"], &started["attempt"]["state"]), (&json!("checking"), &json!("unknown")), "{channel:?} {started}");
            let handoff = &started["attempt"]["handoff"];
            assert_eq!(handoff["how"], how, "{channel:?} {handoff}");
            if channel == AlipayWap {
                // Alipay hears of such a trade when the payer opens its page.
                let answer = reqwest::Client::new().get(handoff["url"].as_str().unwrap()).send().await.unwrap();
                assert!(answer.status().is_success() || answer.status().is_redirection(), "{}", answer.status());
            }
            if let Some(code) = handoff["code"].as_str() {
                assert!((16..=20).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            }
            owing.pay(&trade(&started)).await;
            let paid = owing.until_paid().await;
            let receipt = &paid["orders"][0]["receipt"];
            let digits = |name: &str, count: usize| {
                let text = receipt[name].as_str().unwrap();
                text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
            };
            assert!(digits("code", 8) && digits("number", 10), "{receipt}");
            assert!(receipt["words"].as_str().unwrap().ends_with("元整"), "{receipt}");
            assert_eq!((&paid["state"], &paid["due"]), (&json!("settled"), &json!(0)));
            let lanes = owing.application().await["lanes"].clone();
            assert!(lanes.as_array().unwrap().iter().all(|lane| lane["waits_for_fee"] != true), "{lanes}");
        }
        whole_ledger(service).await;
    }

    notifications_are_not_believed_blindly(service) {
        let live = Live::over(service).await;
        for channel in [Channel::WechatH5, Channel::AlipayQr, Channel::Unionpay] {
            let owing = live.owing("buyer").await;
            let id = trade(&owing.start(channel).await);
            live.fault(json!({ "notify": { "lose": true } })).await;
            owing.pay(&id).await;
            let genuine = live.simulator.notification(&id).unwrap();
            // 45: a body or a signature that was touched.
            let touched = Sent { body: genuine.body.replacen(['1', '2', '3'], "9", 1), ..genuine.clone() };
            live.deliver(&touched).await.refused_somehow();
            let mut unsigned = genuine.clone();
            unsigned.headers.retain(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            unsigned.body = unsigned.body.replace("sign=", "sine=");
            live.deliver(&unsigned).await.refused_somehow();
            // 49: an old one, well signed.
            let old = live.simulator.notification_at(&id, 48 * 3600).unwrap();
            live.deliver(&old).await.refused(403, "forbidden");
            // For another gateway's ears, and for nobody's.
            let elsewhere = Sent { url: genuine.url.replace("notifications/", "notifications/x"), ..genuine.clone() };
            live.deliver(&elsewhere).await.refused(404, "not-found");
            // 46: well signed, for a trade this service never opened.
            let row = sqlx::query("UPDATE trades SET id = $1 WHERE id = $2").bind(format!("{id}x")).bind(&id);
            row.execute(service.app.store.reads()).await.unwrap();
            live.deliver(&genuine).await.refused(404, "not-found");
            let row = sqlx::query("UPDATE trades SET id = $1 WHERE id = $2").bind(&id).bind(format!("{id}x"));
            row.execute(service.app.store.reads()).await.unwrap();
            assert_eq!(owing.payment().await["state"], "checking", "nothing of this moved money");
            // 47: the genuine one, a hundred times at once.
            let all = futures_util::future::join_all((0..100).map(|_| live.deliver(&genuine))).await;
            assert!(all.iter().all(|answer| answer.status.is_success()), "{:?}", all.iter().map(|one| one.status).collect::<Vec<_>>());
            // Nobody has asked the gateway: it was the notification that moved the money, once.
            let lines: Vec<(String,)> = sqlx::query_as("SELECT cause FROM ledger WHERE attempt = $1 AND became = 'paid'")
                .bind(&id).fetch_all(service.app.store.reads()).await.unwrap();
            assert_eq!(lines, [("notification".to_owned(),)]);
            owing.until_paid().await;
            let events = owing.application().await["events"].clone();
            assert_eq!(events.as_array().unwrap().iter().filter(|event| event["what"] == "paid").count(), 1, "{events}");
            live.fault(json!({})).await;
        }
    }

    another_merchant_s_money_is_not_ours(service) {
        // 46: the same keys, another merchant: what the gateway says is for somebody else.
        let live = Live::with(service, |config| {
            // It knows WeChat's key already: as another merchant it could not fetch it here.
            let pinned = format!("wechat:\n  platform: {}\n", keys().join("wechat-platform.pem").display());
            config.replace("wechat:\n", &pinned).replace("1900000001", "1900000009").replace("2088000000000001", "2088000000000009")
        }).await;
        let honest = Live::over(service).await;
        for channel in [Channel::WechatQr, Channel::AlipayQr] {
            let owing = honest.owing("buyer").await;
            let id = trade(&owing.start(channel).await);
            honest.fault(json!({ "notify": { "lose": true } })).await;
            owing.pay(&id).await;
            let genuine = honest.simulator.notification(&id).unwrap();
            live.deliver(&genuine).await.refused(403, "forbidden");
            assert_eq!(owing.payment().await["state"], "checking");
            owing.until_paid().await;
        }
    }

    a_wrong_amount_is_asked_about_and_goes_back(service) {
        let live = Live::over(service).await;
        // A notification names more than was charged: the gateway's own answer counts.
        live.fault(json!({ "notify": { "wrong_amount": true } })).await;
        let owing = live.owing("buyer").await;
        let id = trade(&owing.start(Channel::WechatH5).await);
        owing.pay(&id).await;
        owing.until_paid().await;
        assert_eq!(owing.charged(), (owing.due, 0));
        // The gateway itself charges too much: all of it goes back, and the fee is still due.
        live.fault(json!({ "charge_more": 100 })).await;
        let owing = live.owing("buyer").await;
        let id = trade(&owing.start(Channel::Unionpay).await);
        owing.pay(&id).await;
        let after = owing.until("given back", |payment| payment["refunds"][0]["done"] == true).await;
        assert_eq!((&after["state"], &after["refunds"][0]["why"], &after["refunds"][0]["amount"]), (&json!("due"), &json!("wrong_amount"), &json!(owing.due + 100)));
        assert_eq!((&after["attempt"]["state"], after["due"].as_i64()), (&json!("refunded"), Some(owing.due)));
        whole_ledger(service).await;
    }

    a_page_decides_nothing(service) {
        let live = Live::over(service).await;
        let owing = live.owing("buyer").await;
        let path = format!("/applications/{}/payment/attempts", owing.id);
        // 51: addresses elsewhere.
        for elsewhere in ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil"] {
            let wish = json!({ "channel": "unionpay", "return_to": elsewhere, "seen": owing.due });
            owing.buyer.post(&path, &wish).await.refused(400, "malformed");
        }
        // 52: amounts of the page's own.
        for (amount, status) in [(0, 409), (-1, 409), (owing.due + 1, 409)] {
            let wish = json!({ "channel": "unionpay", "return_to": "/", "seen": amount });
            assert_eq!(owing.buyer.post(&path, &wish).await.status.as_u16(), status);
        }
        let wish = json!({ "channel": "unionpay", "return_to": "/", "seen": owing.due, "amount": 1 });
        owing.buyer.post(&path, &wish).await.refused(400, "malformed");
        assert!(live.simulator.book.trades().is_empty(), "no gateway heard of any of this");
        // 13: somebody else's money.
        let mother = live.service.sign_in("mother").await;
        mother.post(&path, &owing.wish(Channel::Unionpay)).await.refused(404, "not-found");
        for what in ["payment/check", "payment/link"] {
            mother.post(&format!("/applications/{}/{what}", owing.id), &json!({ "page": "https://x.example/" })).await.refused(404, "not-found");
        }
        // Twice with one key: one attempt.
        let twice = futures_util::future::join_all((0..5).map(|_| {
            let (wish, path, buyer) = (owing.wish(Channel::Unionpay), &path, &owing.buyer);
            async move { buyer.send(Method::POST, path, Some("pay-once-1"), None, &wish).await }
        })).await;
        assert!(twice.iter().all(|answer| answer.status == StatusCode::CREATED), "{:?}", twice.iter().map(|one| &one.body).collect::<Vec<_>>());
        assert_eq!(live.simulator.book.trades().len(), 1);
        owing.pay(&trade(&owing.payment().await)).await;
        owing.until_paid().await;
        owing.buyer.post(&path, &owing.wish(Channel::Unionpay)).await.refused(409, "conflict");
    }

    what_is_not_known_ends_by_itself(service) {
        let live = Live::over(service).await;
        // The notification is lost: the server asks.
        live.fault(json!({ "notify": { "lose": true } })).await;
        let owing = live.owing("buyer").await;
        let id = trade(&owing.start(Channel::WechatQr).await);
        owing.pay(&id).await;
        owing.until_paid().await;
        // 50: the gateway takes the order, and its answer comes after the notification.
        live.fault(json!({ "answers": { "slow_ms": 1500 } })).await;
        let owing = live.owing("buyer").await;
        let (started, _) = tokio::join!(owing.start(Channel::Unionpay), async {
            let fresh = || live.simulator.book.trades().into_iter().find(|trade| trade.result == TradeResult::Pending).map(|trade| trade.id);
            let id = loop {
                if let Some(id) = fresh() {
                    break id;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            owing.pay(&id).await;
        });
        assert_ne!(started["state"], "due");
        owing.until_paid().await;
        // A failure that came after the work: not known, then found, and closed for another try.
        live.fault(json!({ "answers": { "status": 503, "after": true } })).await;
        let owing = live.owing("buyer").await;
        let lost = owing.start(Channel::WechatH5).await;
        assert_eq!((&lost["attempt"]["state"], &lost["attempt"]["handoff"]), (&json!("unknown"), &Value::Null));
        let path = format!("/applications/{}/payment/attempts", owing.id);
        owing.buyer.post(&path, &owing.wish(Channel::Unionpay)).await.refused(409, "payment-unsure");
        live.fault(json!({})).await;
        let again = owing.start(Channel::Unionpay).await;
        assert_ne!(trade(&again), trade(&lost));
        owing.pay(&trade(&again)).await;
        owing.until_paid().await;
        assert!(live.simulator.press(&trade(&lost), Action::Pay).await != Some(TradeResult::Paid), "the lost one was closed");
        whole_ledger(service).await;
    }

    of_two_payers_one_gets_the_money_back(service) {
        let live = Live::over(service).await;
        let owing = live.owing("buyer").await;
        // The owner opens nothing yet: Alipay does not know the trade, so it cannot be closed there.
        let first = owing.start(Channel::AlipayWap).await;
        let url = first["attempt"]["handoff"]["url"].as_str().unwrap().to_owned();
        let link = owing.buyer.post(&format!("/applications/{}/payment/link", owing.id), &json!({ "page": "https://city.example/" })).await.body;
        let token = link["url"].as_str().unwrap().strip_prefix("https://city.example/pay/").unwrap().to_owned();
        let guest = Caller { service: &live.service, cookie: "nobody=1".into() };
        let seen = guest.get(&format!("/pay/{token}")).await.body;
        assert_eq!(seen["payment"]["due"], owing.due);
        let text = seen.to_string();
        assert!(!text.contains("wechat_jsapi") && text.contains('*'), "a guest is offered what works for a guest, and sees a masked name: {text}");
        let started = guest.post(&format!("/pay/{token}/attempts"), &owing.wish(Channel::Unionpay)).await;
        assert_eq!(started.status, StatusCode::CREATED, "{}", started.body);
        owing.pay(&trade(&started.body["payment"])).await;
        owing.until_paid().await;
        let told = guest.post(&format!("/pay/{token}/check"), &json!({})).await.body;
        assert_eq!((&told["payment"]["state"], &told["payment"]["orders"][0]["receipt"]), (&json!("settled"), &Value::Null));
        // Now the owner pays after all, in the old tab: it goes back by itself.
        reqwest::Client::new().get(url).send().await.unwrap();
        live.simulator.press(&trade(&first), Action::Pay).await;
        let after = owing.until("given back", |payment| payment["refunds"][0]["done"] == true).await;
        assert_eq!((&after["refunds"][0]["why"], &after["orders"][0]["state"]), (&json!("twice"), &json!("paid")));
        assert_eq!(owing.charged(), (2 * owing.due, owing.due));
        // A newer address ends the older one.
        owing.buyer.post(&format!("/applications/{}/payment/link", owing.id), &json!({ "page": "https://city.example/" })).await;
        guest.get(&format!("/pay/{token}")).await.refused(404, "not-found");
        whole_ledger(service).await;
    }

    a_payee_registers_or_refuses(service) {
        let live = Live::over(service).await;
        let treasury = |behaviour: &'static str| live.service.send(json_request(Method::PUT, "/demo/treasury", &json!({ "behaviour": behaviour })));
        treasury("away").await;
        let owing = live.owing("buyer").await;
        owing.pay(&trade(&owing.start(Channel::Unionpay).await)).await;
        let waiting = owing.until("registering", |payment| payment["orders"][0]["state"] == "registering").await;
        assert_eq!((&waiting["state"], &waiting["orders"][0]["receipt"]), (&json!("settled"), &Value::Null));
        let lanes = owing.application().await["lanes"].clone();
        assert!(lanes.as_array().unwrap().iter().any(|lane| lane["waits_for_fee"] == true), "nothing begins before it is registered");
        treasury("open").await;
        owing.until_paid().await;
        treasury("refusing").await;
        let owing = live.owing("buyer").await;
        owing.pay(&trade(&owing.start(Channel::AlipayQr).await)).await;
        let after = owing.until("given back", |payment| payment["refunds"][0]["done"] == true).await;
        assert_eq!((&after["state"], &after["refunds"][0]["why"], &after["orders"][0]["state"]), (&json!("due"), &json!("not_registered"), &json!("open")));
        treasury("open").await;
        owing.pay(&trade(&owing.start(Channel::AlipayQr).await)).await;
        owing.until_paid().await;
        whole_ledger(service).await;
    }

    a_department_names_a_fee_and_gives_it_back(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let owing = live.owing("buyer").await;
        let lane = |item: &'static str| {
            let (clerk, id) = (&clerk, owing.id.clone());
            async move {
                let lanes = clerk.get("/desk/lanes").await.body;
                lanes.as_array().unwrap().iter().find(|lane| lane["application"] == id.as_str() && lane["item"] == item).unwrap().clone()
            }
        };
        let act = |lane: &Value, action: Value| {
            let path = format!("/desk/lanes/{}", lane["id"].as_str().unwrap());
            let clerk = &clerk;
            async move { clerk.post(&path, &action).await }
        };
        let net_sign = lane("net_sign").await;
        for action in ["accept", "approve", "issue"] {
            act(&net_sign, json!({ "action": action })).await;
        }
        let tax = lane("tax").await;
        act(&tax, json!({ "action": "assess", "fee": "taxes", "amount": 12_300 })).await.refused(409, "conflict");
        act(&tax, json!({ "action": "accept" })).await;
        for (fee, amount, status) in [("utilities", 1, 409), ("taxes", 0, 400), ("taxes", -5, 400), ("taxes", i64::MAX, 400)] {
            assert_eq!(act(&tax, json!({ "action": "assess", "fee": fee, "amount": amount })).await.status.as_u16(), status, "{fee} {amount}");
        }
        assert_eq!(act(&tax, json!({ "action": "assess", "fee": "taxes", "amount": 12_300 })).await.status, StatusCode::NO_CONTENT);
        act(&tax, json!({ "action": "approve" })).await.refused(409, "conflict");
        // One flow pays both payees; each has a receipt of its own.
        let payment = owing.payment().await;
        assert_eq!((payment["due"].as_i64(), payment["orders"].as_array().unwrap().len()), (Some(owing.due + 12_300), 2));
        let wish = json!({ "channel": "wechat_qr", "return_to": "/", "seen": owing.due + 12_300 });
        let started = owing.buyer.post(&format!("/applications/{}/payment/attempts", owing.id), &wish).await.body;
        owing.pay(&trade(&started)).await;
        let paid = owing.until_paid().await;
        let numbers: Vec<_> = paid["orders"].as_array().unwrap().iter().map(|order| order["receipt"]["number"].clone()).collect();
        assert!(numbers.len() == 2 && numbers[0] != numbers[1], "{numbers:?}");
        assert_eq!(act(&tax, json!({ "action": "approve" })).await.status, StatusCode::NO_CONTENT);
        // The receipt can be kept and verified.
        let order = &paid["orders"][1];
        let file = owing.buyer.get(&format!("/applications/{}/receipts/{}", owing.id, order["id"].as_str().unwrap())).await;
        file.downloaded("application/pdf");
        let verify = |check: Value| {
            let asked = json!({ "code": order["receipt"]["code"], "number": order["receipt"]["number"], "check": check });
            live.service.send(json_request(Method::POST, "/receipts/verification", &asked))
        };
        let genuine = verify(order["receipt"]["check"].clone()).await.body;
        assert_eq!((genuine["amount"].as_i64(), genuine["returned"].as_bool(), genuine["words"].as_str()), (Some(12_300), Some(false), Some("壹佰贰拾叁元整")));
        verify(json!("ffffff0")).await.refused(404, "not-found");
        // A department gives it back: in part of what one attempt brought.
        act(&tax, json!({ "action": "return_fee", "reason": " " })).await.refused(400, "malformed");
        assert_eq!(act(&tax, json!({ "action": "return_fee", "reason": "多征退还" })).await.status, StatusCode::NO_CONTENT);
        let after = owing.until("given back", |payment| payment["orders"][1]["state"] == "refunded").await;
        assert_eq!((&after["refunds"][0]["reason"], &after["orders"][0]["state"], &after["state"]), (&json!("多征退还"), &json!("paid"), &json!("settled")));
        assert_eq!(owing.charged(), (owing.due + 12_300, 12_300));
        assert_eq!(verify(order["receipt"]["check"].clone()).await.body["returned"], true);
        act(&tax, json!({ "action": "return_fee", "reason": "再退" })).await.refused(409, "conflict");
        whole_ledger(service).await;
    }

    statements_find_what_was_missed(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let day = live.service.app.catalogue.zone.today().to_string();
        let path = format!("/desk/statements/{day}");
        let compare = || async { clerk.post(&path, &json!({})).await };
        for channel in [Channel::WechatQr, Channel::AlipayQr, Channel::Unionpay] {
            let owing = live.owing("buyer").await;
            owing.pay(&trade(&owing.start(channel).await)).await;
            owing.until_paid().await;
        }
        assert_eq!(compare().await.body, json!([]), "nothing differs");
        // Charged, never told, never asked: the statement finds it.
        live.fault(json!({ "notify": { "lose": true } })).await;
        for channel in [Channel::WechatQr, Channel::AlipayQr, Channel::Unionpay] {
            let owing = live.owing("buyer").await;
            let id = trade(&owing.start(channel).await);
            owing.pay(&id).await;
            let found = compare().await.body;
            assert_eq!((&found[0]["what"], &found[0]["number"], found[0]["theirs"].as_i64()), (&json!("missed"), &json!(id), Some(owing.due)), "{found}");
            owing.until_paid().await;
            assert_eq!(compare().await.body, json!([]));
        }
        // What the ledger never opened is named, and so is what the gateway does not have.
        sqlx::query("INSERT INTO trades (id, application, gateway, received, day) VALUES ('ghost', 'none', 'counter', 5, $1)").bind(&day).execute(service.app.store.reads()).await.unwrap();
        let found = compare().await.body;
        assert_eq!((&found[0]["what"], &found[0]["number"]), (&json!("absent"), &json!("ghost")), "{found}");
        // By itself it catches up with a week, gateway by gateway, each day once; who is silent is asked again.
        let days = async || {
            let rows: Vec<(String, i64)> = sqlx::query_as("SELECT gateway, COUNT(*) FROM statements WHERE day < $1 GROUP BY gateway ORDER BY gateway")
                .bind(&day).fetch_all(service.app.store.reads()).await.unwrap();
            rows.into_iter().map(|(_, days)| days).collect::<Vec<_>>()
        };
        live.fault(json!({ "answers": { "status": 503 } })).await;
        till::statement::catch_up(&live.service.app).await.unwrap();
        assert_eq!(days().await, [0; 0]);
        live.fault(json!({})).await;
        for _ in 0..2 {
            till::statement::catch_up(&live.service.app).await.unwrap();
            assert_eq!(days().await, [7, 7, 7]);
        }
        clerk.post("/desk/statements/yesterday", &json!({})).await.refused(400, "malformed");
        let buyer = live.service.sign_in("buyer").await;
        buyer.post(&format!("/desk/statements/{day}"), &json!({})).await.refused(403, "forbidden");
    }

    a_ledger_that_was_touched_shows(service) {
        let live = Live::over(service).await;
        let owing = live.owing("buyer").await;
        let id = trade(&owing.start(Channel::Unionpay).await);
        owing.pay(&id).await;
        owing.until_paid().await;
        whole_ledger(service).await;
        let reads = service.app.store.reads();
        let lines: Vec<(String, String)> = sqlx::query_as("SELECT became, cause FROM ledger WHERE attempt = $1 ORDER BY seq").bind(&id).fetch_all(reads).await.unwrap();
        let became: Vec<&str> = lines.iter().map(|(became, _)| became.as_str()).collect();
        assert_eq!(became, ["calling", "unknown", "paid", "registered"], "{lines:?}");
        sqlx::query("UPDATE ledger SET amount = 1 WHERE attempt = $1 AND became = 'paid'").bind(&id).execute(reads).await.unwrap();
        let mut connection = reads.acquire().await.unwrap();
        assert_eq!(till::ledger::broken(&mut connection).await.unwrap().len(), 1);
        // Lines taken out at the end leave a chain that holds; the till remembers where it ended.
        let owing = live.owing("buyer").await;
        let id = trade(&owing.start(Channel::Unionpay).await);
        owing.pay(&id).await;
        owing.until_paid().await;
        for taken in ["DELETE FROM ledger WHERE attempt = $1 AND became = 'registered'", "DELETE FROM ledger WHERE attempt = $1"] {
            sqlx::query(taken).bind(&id).execute(reads).await.unwrap();
            assert_eq!(till::ledger::broken(&mut connection).await.unwrap().len(), 2, "{taken}");
        }
    }

    a_correction_after_payment_costs_the_difference(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let correct = |owing: &Owing<'_>, set: Value| {
            let (id, clerk, buyer) = (owing.id.clone(), &clerk, owing.buyer.cookie.clone());
            let service = &live.service;
            async move {
                let lanes = clerk.get("/desk/lanes").await.body;
                let lane = lanes.as_array().unwrap().iter().find(|lane| lane["application"] == id.as_str()).unwrap().clone();
                let path = format!("/desk/lanes/{}", lane["id"].as_str().unwrap());
                if lane["state"] == "received" {
                    clerk.post(&path, &json!({ "action": "accept" })).await;
                }
                let fields: Vec<&String> = set.as_object().unwrap().keys().collect();
                let asked = clerk.post(&path, &json!({ "action": "ask_correction", "fields": fields, "reason": "请核对" })).await;
                assert_eq!(asked.status, StatusCode::NO_CONTENT, "{}", asked.body);
                let buyer = Caller { service, cookie: buyer };
                let answered = buyer.post(&format!("/applications/{id}/supplement"), &json!({ "facts": set, "materials": {} })).await;
                assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
            }
        };
        // More copies: the difference is ordered on top, and only that.
        let mut owing = live.owing("buyer").await;
        owing.pay(&trade(&owing.start(Channel::Unionpay).await)).await;
        let before = owing.until_paid().await;
        let copies = before["orders"][0]["lines"].as_array().unwrap().iter().find(|line| line["fee"] == "extra_cert").unwrap()["times"].as_i64().unwrap();
        correct(&owing, json!({ "extra_certs": (copies + 3).to_string() })).await;
        let payment = owing.payment().await;
        assert_eq!((payment["due"].as_i64(), payment["orders"].as_array().unwrap().len()), (Some(3000), 2), "{payment}");
        owing.due = 3000;
        owing.pay(&trade(&owing.start(Channel::Unionpay).await)).await;
        owing.until_paid().await;
        // Fewer: what was paid goes back, and the new price is due.
        correct(&owing, json!({ "extra_certs": copies.to_string() })).await;
        let payment = owing.until("given back", |payment| payment["refunds"].as_array().is_some_and(|all| all.len() == 2 && all.iter().all(|one| one["done"] == true))).await;
        assert_eq!((&payment["refunds"][0]["why"], &payment["due"], &payment["state"]), (&json!("corrected"), &before["orders"][0]["amount"], &json!("due")));
        // A correction while somebody is at the cashier counts once it ended, also when that one paid.
        let mut owing = live.owing("buyer").await;
        let started = owing.start(Channel::Unionpay).await;
        correct(&owing, json!({ "extra_certs": (copies + 1).to_string() })).await;
        owing.pay(&trade(&started)).await;
        owing.until("priced", |payment| payment["due"] == 1000 && payment["orders"][0]["state"] == "paid").await;
        owing.due = 1000;
        owing.pay(&trade(&owing.start(Channel::Unionpay).await)).await;
        owing.until_paid().await;
        whole_ledger(service).await;
    }

    what_is_given_back_is_not_asked_for_again(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let owing = live.owing("buyer").await;
        owing.pay(&trade(&owing.start(Channel::Unionpay).await)).await;
        owing.until_paid().await;
        let application = owing.application().await;
        let lane = |item: &str| {
            let lanes = application["lanes"].as_array().unwrap();
            format!("/desk/lanes/{}", lanes.iter().find(|lane| lane["item"] == item).unwrap()["id"].as_str().unwrap())
        };
        let given = clerk.post(&lane("transfer"), &json!({ "action": "return_fee", "reason": "重复收取" })).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
        let after = owing.until("given back", |payment| payment["refunds"][0]["done"] == true).await;
        assert_eq!((&after["due"], &after["state"]), (&json!(0), &json!("settled")), "{after}");
        // Whatever the desk does next, and whatever another release of the catalogue says.
        let catalogue = live.service.data.join("catalogue");
        crate::copy_folder(&workspace().join("catalogue"), &catalogue);
        let bundle = catalogue.join("bundles/property_transfer.yaml");
        let dearer = std::fs::read_to_string(&bundle).unwrap().replace("amount: 8000", "amount: 9900");
        std::fs::write(&bundle, dearer).unwrap();
        let later = onething_server::catalogue::load(&catalogue).unwrap();
        let later = live.service.but(|app| app.catalogue = later.into());
        let clerk = later.sign_in("clerk").await;
        clerk.post(&lane("net_sign"), &json!({ "action": "accept" })).await;
        clerk.post(&lane("net_sign"), &json!({ "action": "approve" })).await;
        let payment = owing.payment().await;
        assert_eq!((&payment["due"], payment["refunds"].as_array().unwrap().len()), (&json!(0), 1), "{payment}");
    }

    nobody_pays_for_what_was_refused(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let owing = live.owing("buyer").await;
        let lanes = clerk.get("/desk/lanes").await.body;
        let lane = lanes.as_array().unwrap().iter().find(|lane| lane["application"] == owing.id.as_str() && lane["item"] == "net_sign").unwrap();
        let path = format!("/desk/lanes/{}", lane["id"].as_str().unwrap());
        clerk.post(&path, &json!({ "action": "accept" })).await;
        clerk.post(&path, &json!({ "action": "refuse", "why": "合同无效" })).await;
        let payment = owing.payment().await;
        assert_eq!((&payment["due"], &payment["state"]), (&json!(0), &json!("settled")), "{payment}");
        let path = format!("/applications/{}/payment/attempts", owing.id);
        owing.buyer.post(&path, &owing.wish(Channel::Unionpay)).await.refused(409, "conflict");
        let events = owing.application().await["events"].clone();
        assert!(events.as_array().unwrap().iter().all(|event| event["what"] != "paid"), "nothing was paid: {events}");
    }

    faults_of_a_gateway_end_well(service) {
        let live = Live::over(service).await;
        let twin = live.service.but(|_| ());
        for faults in [
            json!({ "notify": { "forge": true } }), json!({ "notify": { "stale": true } }),
            json!({ "notify": { "copies": 3, "delay_ms": 20 } }), json!({ "notify": { "reorder": true } }),
            json!({ "answers": { "garble": true } }),
            json!({ "notify": { "lose": true }, "answers": { "status": 500 } }),
        ] {
            for channel in [Channel::WechatQr, Channel::AlipayQr, Channel::Unionpay] {
                let owing = live.owing("buyer").await;
                let id = trade(&owing.start(channel).await);
                live.fault(faults.clone()).await;
                owing.pay(&id).await;
                // Two servers look at once; with answers nobody can trust, nothing is said to be anything.
                let _ = tokio::join!(settle::round(&live.service.app), settle::round(&twin.app));
                let _ = owing.buyer.post(&format!("/applications/{}/payment/check", owing.id), &json!({})).await;
                let state = owing.payment().await["attempt"]["state"].clone();
                assert!(state == "unknown" || state == "paid", "{faults} {channel:?}: {state}");
                live.fault(json!({})).await;
                owing.until_paid().await;
                let trades = live.simulator.book.trades();
                let own = trades.iter().find(|one| one.id == id).unwrap();
                assert_eq!((own.result, own.amount, own.refunded), (TradeResult::Paid, owing.due, 0));
            }
        }
        whole_ledger(service).await;
    }

    a_silent_gateway_is_no_answer(service) {
        let live = Live::over(service).await;
        live.fault(json!({ "answers": { "silence": true } })).await;
        let owing = live.owing("buyer").await;
        let lost = owing.start(Channel::WechatQr).await;
        assert_eq!((&lost["state"], &lost["attempt"]["state"], &lost["attempt"]["handoff"]), (&json!("checking"), &json!("unknown"), &Value::Null));
        live.fault(json!({})).await;
        // It had taken the order; somebody who found the code pays after all, and that counts.
        owing.pay(&trade(&lost)).await;
        owing.until_paid().await;
    }

    a_simulator_is_no_gateway_in_production(service) {
        let live = Live::over(service).await;
        let wire = pay::wire::Wire::new(false).unwrap();
        let request = wire.client().get(format!("http://{}/health", live.simulator.address())).build().unwrap();
        assert!(wire.send(request).await.is_err());
    }

    who_left_a_cashier_open_may_still_pay(service) {
        let live = Live::over(service).await;
        live.fault(json!({ "notify": { "lose": true } })).await;
        let owing = live.owing("buyer").await;
        // Alipay knows no trade before its page is opened: it cannot be closed there.
        let first = owing.start(Channel::AlipayWap).await;
        let second = owing.start(Channel::PayCode).await;
        reqwest::Client::new().get(first["attempt"]["handoff"]["url"].as_str().unwrap()).send().await.unwrap();
        owing.pay(&trade(&first)).await;
        // Nobody tells, and still it is found; the pay code is ended, so that nobody pays it on top.
        owing.until("found", |payment| payment["orders"][0]["state"] == "paid").await;
        owing.until("ended", |payment| payment["state"] == "settled").await;
        assert_ne!(live.simulator.press(&trade(&second), Action::Pay).await, Some(TradeResult::Paid));
        assert_eq!(owing.charged(), (owing.due, 0));
    }

    orders_of_before_become_tills(service) {
        let live = Live::over(service).await;
        let owing = live.owing("buyer").await;
        let reads = service.app.store.reads();
        sqlx::query("DELETE FROM tills").execute(reads).await.unwrap();
        sqlx::query("INSERT INTO orders (id, application, owner, doc) VALUES ('o1', $1, 'buyer', $2)")
            .bind(&owing.id).bind(r#"{"receipt":["0123456789","2026-11-01T00:00:00.000Z"]}"#).execute(reads).await.unwrap();
        sqlx::query("INSERT INTO attempts (id, order_id, state, amount, created_at) VALUES ('a1', 'o1', 'closed', $1, '2026-11-01T00:00:00.000Z'), ('a2', 'o1', 'paid', $1, '2026-11-01T00:01:00.000Z')")
            .bind(owing.due).execute(reads).await.unwrap();
        for _ in 0..2 {
            till::adopt::adopt(&service.app).await.unwrap();
        }
        let payment = owing.payment().await;
        assert_eq!((&payment["state"], &payment["orders"][0]["state"]), (&json!("settled"), &json!("paid")), "{payment}");
        assert_eq!((&payment["orders"][0]["receipt"]["number"], &payment["orders"][0]["receipt"]["code"]), (&json!("0123456789"), &json!("99010126")));
    }

    a_correction_is_priced_anew(service) {
        let live = Live::over(service).await;
        let clerk = live.service.sign_in("clerk").await;
        let owing = live.owing("buyer").await;
        let lanes = clerk.get("/desk/lanes").await.body;
        let lane = lanes.as_array().unwrap().iter().find(|lane| lane["application"] == owing.id.as_str()).unwrap();
        let path = format!("/desk/lanes/{}", lane["id"].as_str().unwrap());
        clerk.post(&path, &json!({ "action": "accept" })).await;
        let asked = clerk.post(&path, &json!({ "action": "ask_correction", "fields": ["extra_certs"], "reason": "请核对" })).await;
        assert_eq!(asked.status, StatusCode::NO_CONTENT, "{}", asked.body);
        let before = owing.start(Channel::WechatQr).await["orders"][0]["lines"].clone();
        let answered = owing.buyer.post(&format!("/applications/{}/supplement", owing.id), &json!({ "facts": { "extra_certs": "5" }, "materials": {} })).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
        // What is under way is for the old price; what begins next is not.
        assert_eq!(owing.payment().await["due"], owing.due);
        let path = format!("/applications/{}/payment/attempts", owing.id);
        owing.buyer.post(&path, &owing.wish(Channel::Unionpay)).await.refused(409, "conflict");
        let payment = owing.payment().await;
        assert_eq!((&payment["state"], &payment["attempt"]["state"]), (&json!("due"), &json!("closed")), "{payment}");
        let copies = payment["orders"][0]["lines"].as_array().unwrap().iter().find(|line| line["fee"] == "extra_cert").unwrap().clone();
        assert_eq!(copies["amount"], 5000, "{before} {payment}");
        let wish = json!({ "channel": "unionpay", "return_to": "/", "seen": payment["due"] });
        assert_eq!(owing.buyer.post(&path, &wish).await.status, StatusCode::CREATED);
    }
}

impl Answer {
    /// Whatever the reason: nothing was taken.
    #[track_caller]
    fn refused_somehow(&self) {
        assert!(self.status.is_client_error(), "{} {}", self.status, self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
    }
}
