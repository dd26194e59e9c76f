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
const MOST: i64 = 256;
/// Of them under way at the same time.
const AT_ONCE: usize = 64;
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
        let over = account.till.attempt(id).is_none_or(|one| !is_open(one.state));
        // Nobody shall pay what is paid, nor at a cashier that was left for another.
        let wish = if over || account.till.due() == 0 { Wish::End } else { Wish::Know };
        attempt(app, &account, id, wish).await.or_else(unsure)?;
    }
    for (id, _) in account.refunds.iter().filter(|(_, detail)| detail.asking.due()) {
        refund(app, &account, id).await?;
    }
    // What was settled just now may have to be registered at once.
    let account = find(app, application).await?;
    for (id, _) in account.orders.iter().filter(|(_, detail)| detail.registering.due()) {
        register(app, &account, id).await?;
    }
    for (id, _) in account.orders.iter().filter(|(_, detail)| detail.reversing.due()) {
        reverse(app, &account, id).await?;
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
        if event == Event::Gone && detail.handoff.is_some() {
            // It could not be closed where nobody knows it; whoever has its cashier open may still pay.
            detail.watched = Some(detail.until.clone());
        } else if matches!(event, Event::Reported(TradeResult::Closed | TradeResult::Failed, _)) {
            // Now the gateway itself lets nobody pay it.
            detail.watched = None;
        }
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
        None => Err(Failure::Refused("no such gateway any more".to_owned())),
        Some(gateway) => {
            let give = GiveBack {
                id: id.clone(),
                trade: wanted.attempt.clone(),
                amount: wanted.amount,
                total,
                reason: app.catalogue.refund_reason(wanted.why),
                notify_url: start::notify_url(app, gateway.name()),
            };
            given_back(gateway.as_ref(), &give).await
        }
    };
    match &report {
        Ok(RefundReport::Failed | RefundReport::Closed) | Err(Failure::Refused(_)) => {
            tracing::error!(refund = %id, ?report, "a refund failed; somebody has to look");
        }
        Err(failure) => tracing::warn!(refund = %id, %failure, "a refund's state is not known"),
        Ok(_) => {}
    }
    let id = id.clone();
    super::change(app, &account.application, "refund", move |open| {
        Box::pin(async move {
            if let Some(detail) = open.account.refunds.get_mut(&id) {
                detail.asking.again_slowly();
            }
            match report {
                Ok(RefundReport::Done) => went_back(open, &id).await,
                Ok(RefundReport::Closed) => anew(open, &id).await,
                _ => Ok(()),
            }
        })
    })
    .await
}

/// Asks for a refund under a new number, as patiently as for the one that was closed.
async fn anew(open: &mut Open<'_>, id: &RefundId) -> Result<(), Refusal> {
    let Some(place) = open.account.till.refunds.iter().position(|one| one.id == *id && !one.done) else {
        return Ok(());
    };
    open.account.till.refund_anew(id);
    let refund = open.account.till.refunds[place].clone();
    if let Some(detail) = open.account.refunds.remove(id) {
        open.account.refunds.insert(refund.id.clone(), detail);
    }
    open.note(&refund.attempt, "refund closed", "refund asked", refund.amount).await
}

/// How far a refund is; asked for where the gateway has not heard of it.
async fn given_back(gateway: &dyn PaymentGateway, give: &GiveBack) -> Result<RefundReport, Failure> {
    match gateway.query_refund(give).await? {
        Some(known) => Ok(known),
        None => gateway.refund(give).await,
    }
}

/// Tells the treasury that the money of a receipt goes back (冲红).
async fn reverse(app: &App, account: &Account, id: &OrderId) -> Result<(), Refusal> {
    let reversed = app.treasury.reverse(id).await;
    if let Err(error) = reversed {
        tracing::warn!(order = %id, ?error, "a receipt is not reversed yet");
    }
    let id = id.clone();
    super::change(app, &account.application, "treasury", move |open| {
        Box::pin(async move {
            if let Some(detail) = open.account.orders.get_mut(&id) {
                detail.reversed = reversed.is_ok();
                detail.reversing.again_slowly();
                if detail.reversed {
                    detail.reversing.next = None;
                }
            }
            Ok(())
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
                    let change = open.account.till.not_registered(&id, &attempt);
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
    // Whatever a payee said of another attempt's money, it says nothing of this one's.
    if open.account.till.orders.iter().any(|due| due.id == *id && due.paid_by.as_ref() != Some(attempt)) {
        return Ok(());
    }
    let fresh = open.account.till.registered(id);
    if open.account.orders.get(id).is_none_or(|detail| detail.receipt.is_some()) {
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
        // Also one that goes back already: its receipt has to be reversed.
        detail.receipt = Some(receipt);
    }
    if fresh { open.note(attempt, "paid", "registered", amount).await } else { Ok(()) }
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
