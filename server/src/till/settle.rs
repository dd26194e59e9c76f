//! Settling what is not known: the server asks the gateways, gives back what is too much, and
//! registers what was paid, until nothing is left to do. Any of several servers can do any of it.

use std::time::Duration;

use contract::payment::{AttemptId, OrderId, RefundId, TradeResult};
use engine::payment::{Event, is_open};
use futures_util::StreamExt;

use super::{Account, AttemptDetail, Open, StoredReceipt, start};
use crate::http::Refusal;
use crate::pay::{Failure, GiveBack, PaymentGateway, RefundReport, Report};
use crate::treasury::{Income, Registering};
use crate::{App, clock};

/// How often the server looks for work.
const PAUSE: Duration = Duration::from_millis(700);
/// Most tills taken up at once.
const MOST: i64 = 64;
/// Of them under way at the same time.
const AT_ONCE: usize = 16;
/// Seconds for which one server keeps a till to itself; when it dies meanwhile, another takes it up then.
const LEASE: i64 = 20;
/// Seconds after which a call whose answer was lost has arrived or never will.
const LOST: i64 = 60;

/// Settles until the server stops.
pub async fn work(app: App) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "payments could not be settled");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks after every till whose time has come.
///
/// # Errors
/// When the store does not answer.
pub async fn round(app: &App) -> Result<(), Refusal> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT application, work_at FROM tills WHERE work_at <= $1 ORDER BY work_at LIMIT $2")
            .bind(clock::stored_now())
            .bind(MOST)
            .fetch_all(app.store.reads())
            .await?;
    futures_util::stream::iter(rows)
        .for_each_concurrent(AT_ONCE, |(application, work_at)| async move {
            let outcome = match lease(app, &application, &work_at).await {
                Ok(true) => look_after(app, &application).await,
                Ok(false) => Ok(()),
                Err(refusal) => Err(refusal),
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, application, "a till could not be settled; it is tried again");
            }
        })
        .await;
    Ok(())
}

/// Takes a till for itself for a while; `false` when another server was faster.
async fn lease(app: &App, application: &str, work_at: &str) -> Result<bool, Refusal> {
    let (application, work_at) = (application.to_owned(), work_at.to_owned());
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let taken = sqlx::query("UPDATE tills SET work_at = $1 WHERE application = $2 AND work_at = $3")
                    .bind(clock::stored_in(LEASE))
                    .bind(application)
                    .bind(work_at)
                    .execute(connection)
                    .await?;
                Ok(taken.rows_affected() == 1)
            })
        }))
        .await
}

/// Does for a till whatever is due now.
///
/// # Errors
/// When the store does not answer.
pub async fn look_after(app: &App, application: &str) -> Result<(), Refusal> {
    let account = find(app, application).await?;
    for (id, _) in account.attempts.iter().filter(|(_, detail)| detail.asking.due()) {
        attempt(app, &account, id, Wish::Know).await.or_else(unsure)?;
    }
    for (id, _) in account.refunds.iter().filter(|(_, detail)| detail.asking.due()) {
        refund(app, &account, id).await?;
    }
    // What was settled just now may have to be registered at once.
    let account = find(app, application).await?;
    for (id, _) in account.orders.iter().filter(|(_, detail)| detail.registering.due()) {
        register(app, &account, id).await?;
    }
    // Brings `work_at` back from the lease, also where nothing was left to do.
    super::change(app, application, "settle", |_| Box::pin(async { Ok(()) })).await
}

/// A gateway without an answer is nothing to fail over: it is asked again.
fn unsure(refusal: Refusal) -> Result<(), Refusal> {
    if matches!(refusal, Refusal::PaymentUnsure) { Ok(()) } else { Err(refusal) }
}

async fn find(app: &App, application: &str) -> Result<Account, Refusal> {
    let mut connection = app.store.reads().acquire().await?;
    super::find(&mut connection, application).await?.ok_or(Refusal::NotFound)
}

/// What is wanted of an attempt that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To know what became of it.
    Know,
    /// That nobody can pay it any more, if nobody has.
    End,
}

/// Asks the gateway about an attempt, and ends it where it is wanted or its time is over.
///
/// # Errors
/// [`Refusal::PaymentUnsure`] when the gateway gave no sure answer, or when the store does not answer.
pub async fn attempt(app: &App, account: &Account, id: &AttemptId, wish: Wish) -> Result<(), Refusal> {
    let Some(detail) = account.attempts.get(id) else { return Ok(()) };
    let asked = match app.payments.gateways.named(&detail.gateway) {
        Some(gateway) => ask(gateway.as_ref(), id, detail, wish).await,
        None => Err(Failure::Unsure("no such gateway any more")),
    };
    let failed = asked.as_ref().err().map(|failure| {
        tracing::warn!(gateway = detail.gateway, %failure, "a payment's end is not known");
        Refusal::PaymentUnsure
    });
    let (id, said) = (id.clone(), asked.ok());
    super::change(app, &account.application, "query", move |open| {
        Box::pin(async move {
            if let Some(detail) = open.account.attempts.get_mut(&id) {
                detail.asking.again();
            }
            match said {
                Some((event, number)) => happened(open, &id, event, number).await,
                None => {
                    open.account.till.unsaid(&id);
                    Ok(())
                }
            }
        })
    })
    .await?;
    failed.map_or(Ok(()), Err)
}

/// Lets something happen to an attempt, and writes down what is known of it now.
///
/// # Errors
/// When the store does not answer.
pub async fn happened(
    open: &mut Open<'_>,
    id: &AttemptId,
    event: Event,
    number: Option<String>,
) -> Result<(), Refusal> {
    let change = open.account.till.apply(id, event);
    if let Some(detail) = open.account.attempts.get_mut(id) {
        detail.number = number.or_else(|| detail.number.take());
        if matches!(event, Event::Reported(TradeResult::Paid, _)) && detail.paid_at.is_none() {
            detail.paid_at = Some(clock::stored_now());
        }
    }
    open.changed(change).await
}

/// Asks, closes where that is due, and asks again: a payment that came in between is never missed.
async fn ask(
    gateway: &dyn PaymentGateway,
    id: &AttemptId,
    detail: &AttemptDetail,
    wish: Wish,
) -> Result<(Event, Option<String>), Failure> {
    let mut report = gateway.query(id).await?;
    let over = clock::seconds_until(&detail.until) < 0;
    // The way to the cashier was never handed out, and the call is long over.
    let lost = detail.handoff.is_none() && clock::seconds_until(&detail.at) < -LOST;
    if report.result == TradeResult::Pending && (over || wish == Wish::End) {
        match gateway.close(id).await {
            Ok(()) | Err(Failure::Refused(_)) => report = gateway.query(id).await?,
            Err(unsure) => return Err(unsure),
        }
    }
    let Report { result, amount, number } = report;
    let event = match result {
        TradeResult::Absent if over || lost || wish == Wish::End => {
            // A cashier that opens later finds it closed, where the gateway can close what it does not know.
            let _ = gateway.close(id).await;
            Event::Gone
        }
        TradeResult::Pending if wish == Wish::End => return Err(Failure::Unsure("not closed yet")),
        result => Event::Reported(result, amount),
    };
    Ok((event, number))
}

/// Asks the gateway to give money back; repeated, it is the same refund.
async fn refund(app: &App, account: &Account, id: &RefundId) -> Result<(), Refusal> {
    let Some(wanted) = account.till.refunds.iter().find(|one| one.id == *id && !one.done) else { return Ok(()) };
    let total = account.till.attempt(&wanted.attempt).and_then(|one| one.received).unwrap_or(wanted.amount);
    let gateway = account.attempts.get(&wanted.attempt).and_then(|one| app.payments.gateways.named(&one.gateway));
    let report = match gateway {
        None => Err(Failure::Unsure("no such gateway any more")),
        Some(gateway) => {
            let give = GiveBack {
                id: id.clone(),
                trade: wanted.attempt.clone(),
                amount: wanted.amount,
                total,
                reason: app.catalogue.refund_reason(wanted.why),
                notify_url: start::notify_url(app, gateway.name()),
            };
            match gateway.query_refund(&give).await {
                Ok(Some(RefundReport::Done)) => Ok(RefundReport::Done),
                Ok(Some(RefundReport::Processing)) => Ok(RefundReport::Processing),
                // Unknown, or failed before: it is asked for (again).
                Ok(_) => gateway.refund(&give).await,
                Err(failure) => Err(failure),
            }
        }
    };
    match &report {
        Ok(RefundReport::Failed) => tracing::error!(refund = %id, "a refund failed; it is tried again"),
        Err(failure) => tracing::warn!(refund = %id, %failure, "a refund's state is not known"),
        Ok(_) => {}
    }
    let (id, done) = (id.clone(), matches!(report, Ok(RefundReport::Done)));
    super::change(app, &account.application, "refund", move |open| {
        Box::pin(async move {
            if let Some(detail) = open.account.refunds.get_mut(&id) {
                detail.asking.again_slowly();
            }
            if done { went_back(open, &id).await } else { Ok(()) }
        })
    })
    .await
}

/// Notes that a refund went back.
///
/// # Errors
/// When the store does not answer.
pub async fn went_back(open: &mut Open<'_>, id: &RefundId) -> Result<(), Refusal> {
    let Some(refund) = open.account.till.refunds.iter().find(|one| one.id == *id && !one.done).cloned() else {
        return Ok(());
    };
    let change = open.account.till.refunded(id);
    open.note(&refund.attempt, "refund asked", "refund done", refund.amount).await?;
    open.changed(change).await
}

/// Registers the money of an order with its payee; refused, the money goes back by itself.
async fn register(app: &App, account: &Account, id: &OrderId) -> Result<(), Refusal> {
    let due = account.till.orders.iter().find(|due| due.id == *id);
    let (Some(due), Some(detail)) = (due, account.orders.get(id)) else { return Ok(()) };
    let Some(attempt) = due.paid_by.clone() else { return Ok(()) };
    let income = Income { order: id.clone(), payee: detail.payee.clone(), amount: due.amount };
    let outcome = app.treasury.register(&income).await;
    if matches!(outcome, Err(Registering::Refused)) {
        tracing::error!(order = %id, "a payee refused money; it goes back");
    }
    let (id, amount) = (id.clone(), due.amount);
    super::change(app, &account.application, "treasury", move |open| {
        Box::pin(async move {
            match outcome {
                Ok(receipt) => registered(open, &id, &attempt, amount, receipt).await,
                Err(Registering::Refused) => {
                    let change = open.account.till.not_registered(&id);
                    open.changed(change).await
                }
                Err(Registering::Unavailable) => {
                    if let Some(detail) = open.account.orders.get_mut(&id) {
                        detail.registering.again();
                    }
                    Ok(())
                }
            }
        })
    })
    .await
}

async fn registered(
    open: &mut Open<'_>,
    id: &OrderId,
    attempt: &AttemptId,
    amount: contract::Fen,
    receipt: StoredReceipt,
) -> Result<(), Refusal> {
    if !open.account.till.registered(id) {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO receipts (code, number, application, order_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&receipt.code)
    .bind(&receipt.number)
    .bind(&open.account.application)
    .bind(id.as_str())
    .execute(&mut *open.connection)
    .await?;
    if let Some(detail) = open.account.orders.get_mut(id) {
        detail.receipt = Some(receipt);
    }
    open.note(attempt, "paid", "registered", amount).await
}

/// Asks now about whatever is open of a till: for a page that waits.
///
/// # Errors
/// When the store does not answer; a gateway that does not is no error.
pub async fn check(app: &App, application: &str) -> Result<(), Refusal> {
    let account = find(app, application).await?;
    let fresh = |id: &AttemptId| account.attempts.get(id).is_some_and(|detail| detail.asking.just_asked());
    for one in account.till.attempts.iter().filter(|one| is_open(one.state) && !fresh(&one.id)) {
        attempt(app, &account, &one.id, Wish::Know).await.or_else(unsure)?;
    }
    let account = find(app, application).await?;
    for id in account.to_register() {
        register(app, &account, id).await?;
    }
    Ok(())
}
