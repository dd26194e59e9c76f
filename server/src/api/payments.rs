//! Orders, attempts to pay them, and what the gateway says. Only a verified notification or an
//! answer to the backend's own query makes an order paid.

use axum::extract::{Path, State};
use contract::application::ApplicationId;
use contract::payment::{
    AttemptId, AttemptState, Checkout, Notification, Order, OrderId, Receipt, StartPayment, TradeResult,
};
use engine::payment::{self, Event};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::applications;
use crate::case::Case;
use crate::http::extract::{Json, Language, Person, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::sim::cashier;
use crate::{App, clock, random};

/// An order as it is stored. Its lines follow from the case's facts, which only a correction can change.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredOrder {
    receipt: Option<(String, String)>,
}

pub(super) fn add(routes: &mut Routes) {
    let (start, checkout, order) =
        (routes.schema::<StartPayment>(), routes.schema::<Checkout>(), routes.schema::<Order>());
    routes.add(
        routes
            .describe("post", "/orders/{id}/attempts", "Start to pay an order", Access::Person)
            .once()
            .takes(start)
            .gives(201, checkout),
        self::start,
    );
    routes.add(
        routes
            .describe("post", "/orders/{id}/check", "Ask the gateway now what became of it", Access::Person)
            .gives(200, order),
        check,
    );
    let notification = routes.schema::<Notification>();
    routes.add(
        routes
            .describe("post", "/payments/notifications", "For the gateway: a signed notification", Access::Open)
            .takes(notification)
            .gives_nothing(),
        notified,
    );
}

/// Opens the order of a case.
///
/// # Errors
/// When the store does not answer.
pub async fn open_order(connection: &mut AnyConnection, case: &Case) -> Result<(), Refusal> {
    sqlx::query("INSERT INTO orders (id, application, owner, doc) VALUES ($1, $2, $3, $4)")
        .bind(random::id())
        .bind(case.id.as_str())
        .bind(&case.owner)
        .bind(serde_json::to_string(&StoredOrder { receipt: None })?)
        .execute(connection)
        .await?;
    Ok(())
}

/// The order of an application, if it has one.
///
/// # Errors
/// When the store does not answer.
pub async fn of(
    app: &App,
    connection: &mut AnyConnection,
    application: &ApplicationId,
    language: Language,
) -> Result<Option<Order>, Refusal> {
    let row: Option<(String, String)> = sqlx::query_as("SELECT id, doc FROM orders WHERE application = $1")
        .bind(application.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let Some((id, doc)) = row else { return Ok(None) };
    let stored: StoredOrder = serde_json::from_str(&doc)?;
    let (case, _) = applications::find(&mut *connection, application.as_str()).await?;
    let text = app.catalogue.text(&case.bundle, language).ok_or(Refusal::Internal)?;
    let basket = engine::fee::basket(text, &case.plan(text), &case.facts);
    let states: Vec<AttemptState> = attempts(connection, &id).await?.into_iter().map(|(_, state)| state).collect();
    let state = payment::order(&states);
    Ok(Some(Order {
        id: OrderId(id),
        amount: basket.amount(),
        lines: basket.lines,
        payee: app.catalogue.department(&text.lead, language),
        last_attempt: states.last().copied().filter(|_| state != contract::payment::OrderState::Paid),
        state,
        receipt: stored
            .receipt
            .map(|(number, paid_at)| Receipt { number, paid_at: app.catalogue.zone.moment(&paid_at) }),
    }))
}

/// Attempts of an order, oldest first.
async fn attempts(connection: &mut AnyConnection, order: &str) -> Result<Vec<(AttemptId, AttemptState)>, Refusal> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT id, state FROM attempts WHERE order_id = $1 ORDER BY created_at, id")
            .bind(order)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(id, state)| (AttemptId(id), read_state(&state))).collect())
}

fn read_state(text: &str) -> AttemptState {
    // What cannot be read is not known, and will be asked for again.
    serde_json::from_value(text.into()).unwrap_or(AttemptState::Unknown)
}

fn state_name(state: AttemptState) -> String {
    serde_json::to_value(state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn order_of(app: &App, owner: &str, id: &str) -> Result<String, Refusal> {
    let row: Option<(String,)> = sqlx::query_as("SELECT application FROM orders WHERE id = $1 AND owner = $2")
        .bind(id)
        .bind(owner)
        .fetch_optional(app.store.reads())
        .await?;
    row.map(|(application,)| application).ok_or(Refusal::NotFound)
}

async fn start(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    request: Unsafe<StartPayment>,
) -> Result<Answer, Refusal> {
    let application = order_of(&app, &person.id, &id).await?;
    let return_to = request.body.return_to;
    if !cashier::is_local(&return_to) {
        return Err(Refusal::Malformed("return_to is a path of this site".to_owned()));
    }
    // An attempt that is still open is settled first: nobody pays twice by pressing twice.
    settle_open(&app, &id, true).await?;
    let mut connection = app.store.reads().acquire().await?;
    let order = of(&app, &mut connection, &ApplicationId(application), language).await?.ok_or(Refusal::NotFound)?;
    drop(connection);
    if order.state == contract::payment::OrderState::Paid {
        return Err(Refusal::Conflict("already paid"));
    }
    let attempt = AttemptId(random::id());
    let checkout = Checkout { url: app.gateway.cashier(&attempt), attempt: attempt.clone() };
    let (order_id, amount) = (id.clone(), order.amount);
    let stored = checkout.clone();
    let lock = app.clone();
    // Prepare: the attempt is stored before the gateway hears of it.
    let answer = app
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    lock.store.lock(connection, &order_id).await?;
                    let open = attempts(connection, &order_id)
                        .await?
                        .into_iter()
                        .any(|(_, state)| payment::is_open(state) || state == AttemptState::Paid);
                    if open {
                        return Err(Refusal::Conflict("another attempt is under way"));
                    }
                    sqlx::query(
                        "INSERT INTO attempts (id, order_id, state, amount, created_at) VALUES ($1, $2, $3, $4, $5)",
                    )
                    .bind(attempt.as_str())
                    .bind(&order_id)
                    .bind(state_name(AttemptState::Calling))
                    .bind(amount)
                    .bind(clock::stored_now())
                    .execute(&mut *connection)
                    .await?;
                    note(connection, &attempt, AttemptState::Created, AttemptState::Calling, "start").await?;
                    Answer::created(&stored)
                })
            }),
        )
        .await?;
    // Call, then commit. A lost call leaves an open attempt that the reconciliation settles.
    if app.gateway.create(&checkout.attempt, amount, &order.payee, &return_to).await.is_ok() {
        apply(&app, &checkout.attempt, Event::Taken, "gateway took it").await?;
    }
    Ok(answer)
}

async fn check(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let application = order_of(&app, &person.id, &id).await?;
    settle_open(&app, &id, false).await?;
    let mut connection = app.store.reads().acquire().await?;
    Answer::ok(&of(&app, &mut connection, &ApplicationId(application), language).await?.ok_or(Refusal::NotFound)?)
}

/// Asks the gateway about every open attempt of an order; `close` ends those nobody paid.
async fn settle_open(app: &App, order: &str, close: bool) -> Result<(), Refusal> {
    let mut connection = app.store.reads().acquire().await?;
    let open: Vec<AttemptId> = attempts(&mut connection, order)
        .await?
        .into_iter()
        .filter(|(_, state)| payment::is_open(*state))
        .map(|(id, _)| id)
        .collect();
    drop(connection);
    for attempt in open {
        settle(app, &attempt, close).await?;
    }
    Ok(())
}

async fn settle(app: &App, attempt: &AttemptId, close: bool) -> Result<(), Refusal> {
    let mut result = app.gateway.query(attempt).await?;
    if close && result == TradeResult::Pending {
        result = app.gateway.close(attempt).await?;
    }
    if result == TradeResult::Pending { Ok(()) } else { apply(app, attempt, Event::Verified(result), "query").await }
}

/// Settles every attempt whose end is not known; called again and again by the server.
///
/// # Errors
/// When the store or the gateway does not answer.
pub async fn reconcile(app: &App) -> Result<(), Refusal> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT id FROM attempts WHERE state IN ('created', 'calling', 'unknown') AND created_at < $1 ORDER BY created_at LIMIT 100")
        .bind(clock::stored_in(-3))
        .fetch_all(app.store.reads())
        .await?;
    for (id,) in rows {
        settle(app, &AttemptId(id), false).await?;
    }
    Ok(())
}

async fn notified(State(app): State<App>, Json(body): Json<Notification>) -> Result<Answer, Refusal> {
    if !cashier::verify(&app.settings.gateway_secret, &body) {
        tracing::warn!("a payment notification had a bad signature or time");
        return Err(Refusal::Forbidden);
    }
    let row: Option<(i64,)> = sqlx::query_as("SELECT amount FROM attempts WHERE id = $1")
        .bind(body.trade.as_str())
        .fetch_optional(app.store.reads())
        .await?;
    let (amount,) = row.ok_or(Refusal::NotFound)?;
    if amount != body.amount {
        tracing::warn!("a payment notification named another amount");
        return Err(Refusal::Forbidden);
    }
    apply(&app, &body.trade, Event::Verified(body.result), "notification").await?;
    Ok(Answer::nothing())
}

/// Applies an event to an attempt, its order and its case in one transaction.
async fn apply(app: &App, attempt: &AttemptId, event: Event, cause: &'static str) -> Result<(), Refusal> {
    let (app, attempt) = (app.clone(), attempt.clone());
    let store = app.store.clone();
    store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let (order,): (String,) = sqlx::query_as("SELECT order_id FROM attempts WHERE id = $1")
                    .bind(attempt.as_str())
                    .fetch_one(&mut *connection)
                    .await?;
                app.store.lock(connection, &order).await?;
                let all = attempts(connection, &order).await?;
                let was =
                    all.iter().find(|(id, _)| *id == attempt).map(|(_, state)| *state).ok_or(Refusal::NotFound)?;
                let already_paid = all.iter().any(|(id, state)| *id != attempt && *state == AttemptState::Paid);
                let became = payment::after(was, event, already_paid);
                if became == was {
                    return Ok(());
                }
                sqlx::query("UPDATE attempts SET state = $1 WHERE id = $2")
                    .bind(state_name(became))
                    .bind(attempt.as_str())
                    .execute(&mut *connection)
                    .await?;
                note(connection, &attempt, was, became, cause).await?;
                settled(&app, connection, &order, became).await
            })
        }))
        .await
}

/// What an attempt's new state means for its application: money moves the lanes that wait for
/// it, and any end changes what the progress shows.
async fn settled(app: &App, connection: &mut AnyConnection, order: &str, became: AttemptState) -> Result<(), Refusal> {
    let (application,): (String,) =
        sqlx::query_as("SELECT application FROM orders WHERE id = $1").bind(order).fetch_one(&mut *connection).await?;
    app.store.lock(connection, &application).await?;
    let (mut case, version) = applications::find(&mut *connection, &application).await?;
    if became == AttemptState::Paid {
        let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::Internal)?;
        case.paid(&app.catalogue, bundle);
        let digits = u64::from_str_radix(&random::id()[..15], 16).unwrap_or(0) % 10_000_000_000;
        let receipt = StoredOrder { receipt: Some((format!("{digits:010}"), clock::stored_now())) };
        sqlx::query("UPDATE orders SET doc = $1 WHERE id = $2")
            .bind(serde_json::to_string(&receipt)?)
            .bind(order)
            .execute(&mut *connection)
            .await?;
    }
    applications::save(&app.catalogue, connection, &case, version).await.map(|_| ())
}

async fn note(
    connection: &mut AnyConnection,
    attempt: &AttemptId,
    was: AttemptState,
    became: AttemptState,
    cause: &str,
) -> Result<(), Refusal> {
    sqlx::query("INSERT INTO ledger (id, attempt, was, became, cause, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(random::id())
        .bind(attempt.as_str())
        .bind(state_name(was))
        .bind(state_name(became))
        .bind(cause)
        .bind(clock::stored_now())
        .execute(connection)
        .await?;
    Ok(())
}
