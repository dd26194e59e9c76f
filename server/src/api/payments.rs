//! Paying: for oneself, for somebody else, and what gateways say. A page never decides anything:
//! it starts attempts and asks what became of them.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use contract::catalogue::FieldKind;
use contract::desk::StatementDifference;
use contract::payment::{
    GenuineReceipt, NewPaymentLink, OrderState, PayFor, Payment, PaymentLink, StartPayment, TradeResult, VerifyReceipt,
};
use engine::date::Date;
use engine::payment::Event;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::applications;
use crate::case::Case;
use crate::http::extract::{Clerk, Json, Language, Once, Person, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::pay::{Notice, RefundReport, Rejected, Report, Said};
use crate::till::start::Payer;
use crate::till::{self, Asked, settle, statement, view};
use crate::treasury::Behaviour;
use crate::{App, clock, papers, qr, random};

/// How long a payment link opens, in seconds: a week.
const LINK: i64 = 7 * 24 * 3600;
/// How long a gateway is asked again about a notification that did not fit, in seconds.
const WATCHED: i64 = 600;
/// Longest address of a page.
const ADDRESS: usize = 300;

/// How the simulated treasury answers.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetTreasury {
    /// From now on.
    behaviour: Behaviour,
}

pub(super) fn add(routes: &mut Routes) {
    own(routes);
    others(routes);
    let differences = routes.schema::<Vec<StatementDifference>>();
    routes.add(
        routes
            .describe(
                "post",
                "/desk/statements/{day}",
                "Desk: hold a day's statements against the ledger",
                Access::Desk,
            )
            .gives(200, differences),
        compare,
    );
    routes.add(
        routes
            .describe(
                "post",
                "/payments/notifications/{gateway}",
                "For the gateways: a signed notification in the gateway's own format",
                Access::Open,
            )
            .gives_nothing(),
        notified,
    );
    let treasury = routes.schema::<SetTreasury>();
    routes.add(
        routes
            .describe("put", "/demo/treasury", "Simulator: makes the treasury fail, refuse or recover", Access::Open)
            .takes(treasury)
            .gives_nothing(),
        set_treasury,
    );
}

/// Of one's own application.
fn own(routes: &mut Routes) {
    let (start, payment) = (routes.schema::<StartPayment>(), routes.schema::<Payment>());
    routes.add(
        routes
            .describe("post", "/applications/{id}/payment/attempts", "Start to pay what is due", Access::Person)
            .once()
            .takes(start)
            .gives(201, payment.clone()),
        self::start,
    );
    routes.add(
        routes
            .describe("post", "/applications/{id}/payment/check", "Ask the gateway now", Access::Person)
            .gives(200, payment),
        check,
    );
    let (wish, link) = (routes.schema::<NewPaymentLink>(), routes.schema::<PaymentLink>());
    routes.add(
        routes
            .describe(
                "post",
                "/applications/{id}/payment/link",
                "An address with which anybody can pay; an earlier one ends",
                Access::Person,
            )
            .takes(wish)
            .gives(201, link),
        self::link,
    );
    routes.add(
        routes
            .describe("get", "/applications/{id}/receipts/{order}", "A receipt, as PDF/A", Access::Person)
            .gives_media(200, "application/pdf"),
        receipt,
    );
}

/// For whoever holds an address or a receipt.
fn others(routes: &mut Routes) {
    let (start, pay_for) = (routes.schema::<StartPayment>(), routes.schema::<PayFor>());
    routes.add(
        routes
            .describe("get", "/pay/{token}", "What is to pay for somebody else", Access::Open)
            .gives(200, pay_for.clone()),
        guest,
    );
    routes.add(
        routes
            .describe("post", "/pay/{token}/attempts", "Start to pay for somebody else", Access::Open)
            .once()
            .takes(start)
            .gives(201, pay_for.clone()),
        guest_start,
    );
    routes.add(
        routes
            .describe("post", "/pay/{token}/check", "Ask the gateway now, for somebody else", Access::Open)
            .gives(200, pay_for),
        guest_check,
    );
    let (verify, genuine) = (routes.schema::<VerifyReceipt>(), routes.schema::<GenuineReceipt>());
    routes.add(
        routes
            .describe("post", "/receipts/verification", "Whether a receipt is genuine, by its numbers", Access::Open)
            .takes(verify)
            .gives(200, genuine),
        self::verify,
    );
}

/// The payer's address on the network. Behind a proxy it is the last one the proxy wrote down.
struct ClientIp(String);

impl FromRequestParts<App> for ClientIp {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let written = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let proxied = written.filter(|_| app.settings.secure).and_then(|list| list.rsplit(',').next());
        let proxied = proxied.and_then(|text| text.trim().parse::<std::net::IpAddr>().ok());
        let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(proxied.or(direct).map_or_else(|| "127.0.0.1".to_owned(), |ip| ip.to_string())))
    }
}

/// The money of an application, as its owner sees it.
///
/// # Errors
/// When the store does not answer.
pub async fn of(
    app: &App,
    connection: &mut AnyConnection,
    case: &Case,
    language: Language,
) -> Result<Option<Payment>, Refusal> {
    let account = till::find(connection, case.id.as_str()).await?;
    view::payment(app, case, account.as_ref(), language)
}

async fn seen(app: &App, application: &str, language: Language) -> Result<(Case, Payment), Refusal> {
    let mut connection = app.store.reads().acquire().await?;
    let (case, _) = applications::find(&mut *connection, application).await?;
    let payment = of(app, &mut connection, &case, language).await?.ok_or(Refusal::NotFound)?;
    Ok((case, payment))
}

async fn start(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    ClientIp(client_ip): ClientIp,
    request: Unsafe<StartPayment>,
) -> Result<Answer, Refusal> {
    applications::find_of(app.store.reads(), &person.id, &id).await?;
    let payer = Payer { person: Some(person.id), client_ip };
    till::start::start(&app, &id, payer, request.once, request.body).await?;
    Answer::created(&seen(&app, &id, language).await?.1)
}

async fn check(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    applications::find_of(app.store.reads(), &person.id, &id).await?;
    settle::check(&app, &id).await?;
    Answer::ok(&seen(&app, &id, language).await?.1)
}

async fn link(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Json(wish): Json<NewPaymentLink>,
) -> Result<Answer, Refusal> {
    let page = wish.page;
    if page.len() > ADDRESS || !(page.starts_with("https://") || page.starts_with("http://")) {
        return Err(Refusal::Malformed("the page's address".to_owned()));
    }
    applications::find_of(app.store.reads(), &person.id, &id).await?;
    let (token, until) = (random::id(), clock::stored_in(LINK));
    // Not remembered like other answers: nobody who reads the database shall be able to open it.
    let (hash, end) = (random::hash(&token), until.clone());
    let changed = app
        .store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let changed = sqlx::query("UPDATE tills SET link_hash = $1, link_until = $2 WHERE application = $3")
                    .bind(hash)
                    .bind(end)
                    .bind(id)
                    .execute(connection)
                    .await?;
                Ok(changed.rows_affected())
            })
        }))
        .await?;
    if changed == 0 {
        return Err(Refusal::NotFound);
    }
    let url = format!("{page}pay/{token}");
    let (qr, qr_size) = qr::drawn(&url)?;
    Answer::created(&PaymentLink { url, qr, qr_size, expires_at: app.catalogue.zone.moment(&until) })
}

/// The application an address leads to.
async fn behind(app: &App, token: &str) -> Result<String, Refusal> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT application FROM tills WHERE link_hash = $1 AND link_until > $2")
            .bind(random::hash(token))
            .bind(clock::stored_now())
            .fetch_optional(app.store.reads())
            .await?;
    row.map(|(application,)| application).ok_or(Refusal::NotFound)
}

async fn pay_for(app: &App, application: &str, language: Language) -> Result<PayFor, Refusal> {
    let (case, payment) = seen(app, application, language).await?;
    let text = app.catalogue.text(&case.bundle, language).ok_or(Refusal::Internal)?;
    let name = app.identity.person(&case.owner).map(|person| person.name).unwrap_or_default();
    Ok(PayFor {
        errand: text.name.clone(),
        applicant: engine::mask::mask(FieldKind::Name, &name),
        payment: view::for_guest(payment),
    })
}

async fn guest(State(app): State<App>, language: Language, Path(token): Path<String>) -> Result<Answer, Refusal> {
    let application = behind(&app, &token).await?;
    Answer::ok(&pay_for(&app, &application, language).await?)
}

async fn guest_start(
    State(app): State<App>,
    language: Language,
    Path(token): Path<String>,
    ClientIp(client_ip): ClientIp,
    request: Unsafe<StartPayment>,
) -> Result<Answer, Refusal> {
    let application = behind(&app, &token).await?;
    // Nobody is signed in: keys of different addresses must not meet.
    let once = Once { owner: format!("pay:{}", random::hash(&token)), ..request.once };
    till::start::start(&app, &application, Payer { person: None, client_ip }, once, request.body).await?;
    Answer::created(&pay_for(&app, &application, language).await?)
}

async fn guest_check(State(app): State<App>, language: Language, Path(token): Path<String>) -> Result<Answer, Refusal> {
    let application = behind(&app, &token).await?;
    settle::check(&app, &application).await?;
    Answer::ok(&pay_for(&app, &application, language).await?)
}

async fn receipt(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((id, order)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (case, _) = applications::find_of(app.store.reads(), &person.id, &id).await?;
    let mut connection = app.store.reads().acquire().await?;
    let payment = of(&app, &mut connection, &case, language).await?.ok_or(Refusal::NotFound)?;
    let order = payment.orders.into_iter().find(|one| one.id.as_str() == order).ok_or(Refusal::NotFound)?;
    let receipt = order.receipt.clone().ok_or(Refusal::NotFound)?;
    let applicant = app.identity.person(&case.owner).map(|person| person.name).unwrap_or_default();
    let pdf = papers::receipt(&app, &order, &receipt, &applicant, language)?;
    Ok(super::documents::download(pdf, "application/pdf", &format!("{}-{}.pdf", receipt.code, receipt.number)))
}

async fn verify(
    State(app): State<App>,
    language: Language,
    Json(asked): Json<VerifyReceipt>,
) -> Result<Answer, Refusal> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&asked.code, 8) || !digits(&asked.number, 10) {
        return Err(Refusal::Malformed("the code has 8 digits, the number 10".to_owned()));
    }
    let mut connection = app.store.reads().acquire().await?;
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT application, order_id FROM receipts WHERE code = $1 AND number = $2")
            .bind(&asked.code)
            .bind(&asked.number)
            .fetch_optional(&mut *connection)
            .await?;
    let (application, id) = row.ok_or(Refusal::NotFound)?;
    let (case, _) = applications::find(&mut *connection, &application).await?;
    let payment = of(&app, &mut connection, &case, language).await?.ok_or(Refusal::NotFound)?;
    let order = payment.orders.into_iter().find(|one| one.id.as_str() == id).ok_or(Refusal::NotFound)?;
    // Two of three numbers are no reason to tell anything.
    let receipt = order.receipt.filter(|receipt| receipt.check == asked.check.trim().to_ascii_lowercase());
    let receipt = receipt.ok_or(Refusal::NotFound)?;
    Answer::ok(&GenuineReceipt {
        payee: order.payee,
        amount: order.amount,
        words: receipt.words,
        issued_at: receipt.issued_at,
        returned: matches!(order.state, OrderState::Refunding | OrderState::Refunded),
    })
}

/// Takes a gateway's notification: verified, for a trade of ours at this gateway, of the right
/// amount, once. Anything that does not fit is asked about instead of believed.
async fn notified(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(gateway) = app.payments.gateways.named(&name).cloned() else {
        return Refusal::NotFound.into_response();
    };
    let outcome = match gateway.notice(&headers, &body).await {
        Ok(notice) => taken(&app, gateway.name(), notice).await,
        Err(rejected) => {
            tracing::warn!(gateway = gateway.name(), %rejected, "a notification was not taken");
            Err(match rejected {
                Rejected::Malformed => Refusal::Malformed("not a notification of this gateway".to_owned()),
                Rejected::Unavailable => Refusal::Unavailable,
                Rejected::Signature | Rejected::Time | Rejected::Merchant => Refusal::Forbidden,
            })
        }
    };
    match outcome {
        Ok(()) => gateway.reply(true),
        // Our own trouble: the gateway sends it again.
        Err(Refusal::Unavailable | Refusal::Internal | Refusal::StorageFull) => gateway.reply(false),
        Err(refusal) => refusal.into_response(),
    }
}

async fn taken(app: &App, gateway: &'static str, notice: Notice) -> Result<(), Refusal> {
    let trade = match &notice.says {
        Said::Trade(trade, _) | Said::Refund(trade, ..) => trade.clone(),
        Said::Nothing => return Ok(()),
    };
    let row: Option<(String,)> = sqlx::query_as("SELECT application FROM trades WHERE id = $1 AND gateway = $2")
        .bind(trade.as_str())
        .bind(gateway)
        .fetch_optional(app.store.reads())
        .await?;
    let (application,) = row.ok_or(Refusal::NotFound)?;
    let fits = till::change(app, &application, "notification", move |open| {
        Box::pin(async move {
            let known: Option<(String,)> = sqlx::query_as("SELECT at FROM notices WHERE gateway = $1 AND id = $2")
                .bind(gateway)
                .bind(&notice.id)
                .fetch_optional(&mut *open.connection)
                .await?;
            if known.is_some() {
                return Ok(true);
            }
            match notice.says {
                Said::Trade(id, report) if !reported(open, &id, &report).await? => return Ok(false),
                Said::Refund(_, id, RefundReport::Done) => settle::went_back(open, &id).await?,
                Said::Trade(..) | Said::Refund(..) | Said::Nothing => {}
            }
            sqlx::query("INSERT INTO notices (gateway, id, at) VALUES ($1, $2, $3)")
                .bind(gateway)
                .bind(&notice.id)
                .bind(clock::stored_now())
                .execute(&mut *open.connection)
                .await?;
            Ok(true)
        })
    })
    .await?;
    if fits {
        look_soon(app, &application);
        Ok(())
    } else {
        tracing::error!(gateway, trade = %trade, "a notification named another amount");
        Err(Refusal::Forbidden)
    }
}

/// `false` when the amount is not the one asked for: the gateway is asked then, and its answer counts.
async fn reported(
    open: &mut till::Open<'_>,
    id: &contract::payment::AttemptId,
    report: &Report,
) -> Result<bool, Refusal> {
    let asked = open.account.till.attempt(id).map(|one| one.amount);
    if report.result == TradeResult::Paid && report.amount != asked {
        if let Some(detail) = open.account.attempts.get_mut(id) {
            detail.asking = Asked::now();
            detail.watched = Some(clock::stored_in(WATCHED));
        }
        return Ok(false);
    }
    settle::happened(open, id, Event::Reported(report.result, report.amount), report.number.clone()).await?;
    Ok(true)
}

/// What was paid is registered right away, not in the next round.
fn look_soon(app: &App, application: &str) {
    let (app, application) = (app.clone(), application.to_owned());
    tokio::spawn(async move {
        if let Err(error) = settle::look_after(&app, &application).await {
            tracing::warn!(%error, "a till could not be settled; it is tried again");
        }
    });
}

async fn compare(State(app): State<App>, _clerk: Clerk, Path(day): Path<String>) -> Result<Answer, Refusal> {
    let day = Date::parse(&day).ok_or_else(|| Refusal::Malformed("a day, 2026-11-22".to_owned()))?;
    Answer::ok(&statement::compare(&app, day).await?)
}

async fn set_treasury(State(app): State<App>, Json(body): Json<SetTreasury>) -> Result<Answer, Refusal> {
    if !app.catalogue.region.demo {
        return Err(Refusal::NotFound);
    }
    app.treasury.behave(body.behaviour);
    Ok(Answer::nothing())
}
