//! Once a day each gateway's statement is held against the ledger, line by line, both ways.

use std::collections::BTreeMap;

use contract::Fen;
use contract::desk::{Differs, StatementDifference};
use contract::payment::{AttemptId, TradeResult};
use engine::date::Date;
use engine::payment::Event;

use super::settle;
use crate::http::Refusal;
use crate::pay::{PaymentGateway, Report, StatementKind, StatementLine};
use crate::{App, clock};

/// The hour of the region from which on yesterday's statements are there.
const READY: &str = "T10";

/// Days back to which a statement that was not there yet is asked for.
const BACK: i64 = 7;

/// Catches up with the statements, once yesterday's are there.
///
/// # Errors
/// When the store does not answer.
pub async fn day_passed(app: &App) -> Result<(), Refusal> {
    let now = app.catalogue.zone.now();
    if now.get(10..13).is_none_or(|hour| hour < READY) { Ok(()) } else { catch_up(app).await }
}

/// Compares the statements of the last days that were not compared yet, oldest first. A gateway
/// that has none to give now is left until the next time, and keeps no other from being compared.
///
/// # Errors
/// When the store does not answer.
pub async fn catch_up(app: &App) -> Result<(), Refusal> {
    for gateway in &app.payments.gateways.0 {
        for back in (1..=BACK).rev() {
            let day = app.catalogue.zone.today().plus_days(-back);
            if is_compared(app, gateway.name(), day).await? {
                continue;
            }
            if let Err(error) = of_gateway(app, gateway.as_ref(), day).await {
                tracing::warn!(gateway = gateway.name(), %day, %error, "no statement to compare yet");
                break;
            }
        }
    }
    Ok(())
}

/// Compares the statements of a day, whether they were compared before or not.
///
/// # Errors
/// [`Refusal::Unavailable`] when a gateway has no statement to give, or when the store does not answer.
pub async fn compare(app: &App, day: Date) -> Result<Vec<StatementDifference>, Refusal> {
    let mut all = Vec::new();
    for gateway in &app.payments.gateways.0 {
        all.extend(of_gateway(app, gateway.as_ref(), day).await?);
    }
    Ok(all)
}

async fn of_gateway(app: &App, gateway: &dyn PaymentGateway, day: Date) -> Result<Vec<StatementDifference>, Refusal> {
    let lines = gateway.statement(day).await.map_err(|failure| {
        tracing::warn!(gateway = gateway.name(), %failure, "no statement");
        Refusal::Unavailable
    })?;
    let differences = against_ledger(app, gateway, day, &lines).await?;
    for one in &differences {
        tracing::error!(gateway = one.gateway, number = one.number, what = ?one.what, "a statement differs");
    }
    keep(app, gateway.name(), day, &differences).await?;
    Ok(differences)
}

async fn is_compared(app: &App, gateway: &str, day: Date) -> Result<bool, Refusal> {
    let row: Option<(String,)> = sqlx::query_as("SELECT at FROM statements WHERE gateway = $1 AND day = $2")
        .bind(gateway)
        .bind(day.to_string())
        .fetch_optional(app.store.reads())
        .await?;
    Ok(row.is_some())
}

/// Keeps what was found; what an earlier comparison found and mended stays.
async fn keep(app: &App, gateway: &str, day: Date, found: &[StatementDifference]) -> Result<(), Refusal> {
    let (gateway, day, found) = (gateway.to_owned(), day.to_string(), found.to_vec());
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let row: Option<(String,)> =
                    sqlx::query_as("SELECT doc FROM statements WHERE gateway = $1 AND day = $2")
                        .bind(&gateway)
                        .bind(&day)
                        .fetch_optional(&mut *connection)
                        .await?;
                let mut all: Vec<StatementDifference> =
                    row.map_or_else(|| Ok(Vec::new()), |(doc,)| serde_json::from_str(&doc))?;
                let fresh = found.into_iter().filter(|one| !all.contains(one)).collect::<Vec<_>>();
                all.extend(fresh);
                let doc = serde_json::to_string(&all)?;
                sqlx::query(
                    "INSERT INTO statements (gateway, day, doc, at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (gateway, day) DO UPDATE SET doc = excluded.doc, at = excluded.at",
                )
                .bind(gateway)
                .bind(day)
                .bind(doc)
                .bind(clock::stored_now())
                .execute(connection)
                .await?;
                Ok(())
            })
        }))
        .await
}

async fn against_ledger(
    app: &App,
    gateway: &dyn PaymentGateway,
    day: Date,
    lines: &[StatementLine],
) -> Result<Vec<StatementDifference>, Refusal> {
    let difference = |number: String, what, theirs, ours| StatementDifference {
        gateway: gateway.name().to_owned(),
        number,
        what,
        theirs,
        ours,
    };
    let mut ours = received(app, gateway.name(), day).await?;
    let mut found = Vec::new();
    for line in lines {
        let number = match &line.what {
            StatementKind::Charged => line.trade.to_string(),
            StatementKind::GivenBack(refund) => refund.to_string(),
        };
        if line.what == StatementKind::Charged {
            ours.remove(&line.trade);
        }
        if let Some((what, ours)) = judged(app, gateway.name(), line).await? {
            found.push(difference(number, what, Some(line.amount), ours));
        }
    }
    // What the ledger has and the statement does not; around midnight it may be in the next day's.
    for (id, amount) in ours {
        let paid = |report: &Report| report.result == TradeResult::Paid && report.amount == Some(amount);
        if !gateway.query(&id).await.as_ref().is_ok_and(paid) {
            found.push(difference(id.to_string(), Differs::Absent, None, Some(amount)));
        }
    }
    Ok(found)
}

/// What the ledger says a gateway charged on a day.
async fn received(app: &App, gateway: &str, day: Date) -> Result<BTreeMap<AttemptId, Fen>, Refusal> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT id, received FROM trades WHERE gateway = $1 AND day = $2 AND received IS NOT NULL")
            .bind(gateway)
            .bind(day.to_string())
            .fetch_all(app.store.reads())
            .await?;
    Ok(rows.into_iter().map(|(id, amount)| (AttemptId(id), amount)).collect())
}

/// How a line differs from the ledger, with the ledger's amount. What was missed is taken over.
async fn judged(app: &App, gateway: &str, line: &StatementLine) -> Result<Option<(Differs, Option<Fen>)>, Refusal> {
    let row: Option<(String,)> = sqlx::query_as("SELECT application FROM trades WHERE id = $1 AND gateway = $2")
        .bind(line.trade.as_str())
        .bind(gateway)
        .fetch_optional(app.store.reads())
        .await?;
    let Some((application,)) = row else { return Ok(Some((Differs::Unknown, None))) };
    let mut connection = app.store.reads().acquire().await?;
    let account = super::find(&mut connection, &application).await?;
    drop(connection);
    let Some(till) = account.map(|account| account.till) else { return Ok(Some((Differs::Unknown, None))) };
    match &line.what {
        StatementKind::Charged => {
            let known = till.attempt(&line.trade).and_then(|one| one.received);
            if known.is_some() {
                return Ok((known != Some(line.amount)).then_some((Differs::Amount, known)));
            }
            take_over(app, &application, line).await?;
            Ok(Some((Differs::Missed, None)))
        }
        StatementKind::GivenBack(id) => {
            let Some(refund) = till.refunds.iter().find(|one| one.id == *id) else {
                return Ok(Some((Differs::Unknown, None)));
            };
            if refund.amount != line.amount {
                return Ok(Some((Differs::Amount, Some(refund.amount))));
            }
            if !refund.done {
                take_over(app, &application, line).await?;
            }
            Ok(None)
        }
    }
}

/// Believes a statement where nothing else had said so.
async fn take_over(app: &App, application: &str, line: &StatementLine) -> Result<(), Refusal> {
    let line = line.clone();
    super::change(app, application, "statement", move |open| {
        Box::pin(async move {
            match &line.what {
                StatementKind::Charged => {
                    let event = Event::Reported(TradeResult::Paid, Some(line.amount));
                    settle::happened(open, &line.trade, event, None).await
                }
                StatementKind::GivenBack(id) => settle::went_back(open, id).await,
            }
        })
    })
    .await
}
