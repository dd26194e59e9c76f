//! Orders of before there were tills: each becomes a till, with what was paid and its receipt.

use contract::payment::{AttemptId, AttemptState, Channel, OrderId};
use engine::payment::{Due, Try};
use sqlx::AnyConnection;

use super::{Account, Asked, AttemptDetail, OrderDetail, StoredReceipt, save};
use crate::api::applications;
use crate::http::Refusal;
use crate::{App, clock, random};

#[derive(serde::Deserialize)]
struct Before {
    receipt: Option<(String, String)>,
}

/// Opens a till for each order of before. What was under way at the cashier of then is over.
///
/// # Errors
/// When the store does not answer.
pub async fn adopt(app: &App) -> Result<(), Refusal> {
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT id, application, owner, doc FROM orders").fetch_all(app.store.reads()).await?;
    for (id, application, owner, doc) in rows {
        let (app, name) = (app.clone(), id.clone());
        let store = app.store.clone();
        let adopted = store
            .write(Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &application).await?;
                    // Another server may have been faster.
                    let left: Option<(String,)> = sqlx::query_as("SELECT id FROM orders WHERE id = $1")
                        .bind(&id)
                        .fetch_optional(&mut *connection)
                        .await?;
                    if left.is_none() || super::find(connection, &application).await?.is_some() {
                        return Ok(());
                    }
                    let before: Before = serde_json::from_str(&doc)?;
                    let mut account = Account { application, owner, ..Account::default() };
                    one(&app, connection, &mut account, OrderId(id.clone()), before).await?;
                    sqlx::query("DELETE FROM orders WHERE id = $1").bind(&id).execute(connection).await?;
                    Ok(())
                })
            }))
            .await;
        // One that cannot be read keeps nobody else from starting; it stays for whoever looks.
        if let Err(error) = adopted {
            tracing::error!(order = name, %error, "an order of before could not be taken over");
        }
    }
    Ok(())
}

async fn one(
    app: &App,
    connection: &mut AnyConnection,
    account: &mut Account,
    id: OrderId,
    before: Before,
) -> Result<(), Refusal> {
    let (mut case, version) = applications::find(&mut *connection, &account.application).await?;
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::Internal)?;
    let lines: Vec<_> = engine::fee::basket(bundle, &case.plan(bundle), &case.facts).lines().cloned().collect();
    let (paid, brought) = attempts(connection, account, &id).await?;
    // What was paid is what it cost then, whatever it costs now.
    let amount = brought.unwrap_or_else(|| lines.iter().map(|line| line.amount).sum());
    let receipt = before.receipt.map(|(number, at)| StoredReceipt {
        code: format!("{}{}", app.catalogue.region.receipt_series, at.get(2..4).unwrap_or_default()),
        number,
        check: random::id()[..6].to_owned(),
        at,
    });
    if let Some(receipt) = &receipt {
        sqlx::query("INSERT INTO receipts (code, number, application, order_id) VALUES ($1, $2, $3, $4)")
            .bind(&receipt.code)
            .bind(&receipt.number)
            .bind(&account.application)
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
    }
    let registered = receipt.is_some();
    account.till.orders.push(Due { id: id.clone(), amount, paid_by: paid, registered, returned: false });
    let detail = OrderDetail { receipt, ..OrderDetail::of(bundle.lead.clone(), lines) };
    account.orders.insert(id, detail);
    account.priced = super::price::digest(&case);
    save(connection, account).await?;
    let fees = account.fees();
    (case.unpaid_fees, case.settled_fees) = (fees.unpaid, fees.settled);
    applications::save(&app.catalogue, connection, &case, version).await.map(|_| ())
}

/// Takes the attempts over; gives the one that was kept, and what it brought.
async fn attempts(
    connection: &mut AnyConnection,
    account: &mut Account,
    order: &OrderId,
) -> Result<(Option<AttemptId>, Option<i64>), Refusal> {
    let rows: Vec<(String, String, i64, String)> = sqlx::query_as(
        "SELECT id, state, amount, created_at FROM attempts WHERE order_id = $1 ORDER BY created_at, id",
    )
    .bind(order.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let (mut paid, mut brought) = (None, None);
    for (id, state, amount, at) in rows {
        let id = AttemptId(id);
        let state = match state.as_str() {
            "paid" => AttemptState::Paid,
            "failed" => AttemptState::Failed,
            // Excess money of then was a simulator's.
            "refunding" | "refunded" => AttemptState::Refunded,
            _ => AttemptState::Closed,
        };
        if state == AttemptState::Paid {
            (paid, brought) = (Some(id.clone()), Some(amount));
        }
        let received = matches!(state, AttemptState::Paid | AttemptState::Refunded).then_some(amount);
        let orders = vec![(order.clone(), amount)];
        account.till.attempts.push(Try { id: id.clone(), state, orders, amount, received, said: None });
        let detail = AttemptDetail {
            gateway: "before".to_owned(),
            channel: Channel::Unionpay,
            until: at.clone(),
            at,
            handoff: None,
            number: None,
            watched: None,
            head: None,
            request: String::new(),
            paid_at: received.map(|_| clock::stored_now()),
            asking: Asked::default(),
        };
        account.attempts.insert(id, detail);
    }
    Ok((paid, brought))
}
