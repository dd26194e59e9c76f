//! Where the money of an application is kept: the till of `engine::payment` with what only the
//! server needs to know of it. Every change is one transaction with the ledger and the case.

mod account;
pub mod adopt;
pub mod ledger;
mod price;
pub mod settle;
pub mod start;
pub mod statement;
pub mod view;

use contract::Fen;
use contract::catalogue::DepartmentId;
use contract::payment::{AttemptId, OrderId, OrderLine, RefundWhy};
use engine::fee::Basket;
use engine::payment::{Change, Till};
use sqlx::AnyConnection;

use crate::App;
use crate::api::applications;
use crate::case::Case;
use crate::http::Refusal;
pub use account::{Account, Asked, AttemptDetail, OrderDetail, RefundDetail, StoredReceipt};

/// Opens the till of a case that costs something. What is worked out later gets its order then.
///
/// # Errors
/// When the store does not answer.
pub async fn open(connection: &mut AnyConnection, case: &Case, basket: Basket) -> Result<(), Refusal> {
    let mut account = Account { priced: price::digest(case), ..Account::of(case) };
    for order in basket.orders {
        account.owe(order.payee, order.lines);
    }
    save(connection, &mut account).await
}

/// The till of an application, if it has one.
///
/// # Errors
/// When the store does not answer.
pub async fn find(connection: &mut AnyConnection, application: &str) -> Result<Option<Account>, Refusal> {
    let row: Option<(String, String)> = sqlx::query_as("SELECT owner, doc FROM tills WHERE application = $1")
        .bind(application)
        .fetch_optional(connection)
        .await?;
    row.map(|(owner, doc)| {
        let mut account: Account = serde_json::from_str(&doc)?;
        (account.application, account.owner) = (application.to_owned(), owner);
        Ok(account)
    })
    .transpose()
}

async fn save(connection: &mut AnyConnection, account: &mut Account) -> Result<(), Refusal> {
    let work_at = account.arrange();
    sqlx::query(
        "INSERT INTO tills (application, owner, doc, work_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (application) DO UPDATE SET doc = excluded.doc, work_at = excluded.work_at",
    )
    .bind(&account.application)
    .bind(&account.owner)
    .bind(serde_json::to_string(account)?)
    .bind(work_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// A till within a transaction that holds its application's lock: what is done to it is written
/// to the ledger as it happens.
pub struct Open<'c> {
    /// The transaction.
    pub connection: &'c mut AnyConnection,
    /// The till.
    pub account: Account,
    /// Why, for the ledger.
    pub cause: &'c str,
}

impl Open<'_> {
    /// Notes an attempt's transition.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn changed(&mut self, change: Option<Change>) -> Result<(), Refusal> {
        let Some(change) = change else { return Ok(()) };
        let amount = self.account.till.attempt(&change.attempt).map_or(0, |one| one.received.unwrap_or(one.amount));
        let (was, became) = (ledger::word(change.was), ledger::word(change.became));
        self.note(&change.attempt, &was, &became, amount).await
    }

    /// Notes anything else about an attempt.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn note(&mut self, attempt: &AttemptId, was: &str, became: &str, amount: Fen) -> Result<(), Refusal> {
        let entry = ledger::Entry { attempt, was, became, amount, cause: self.cause };
        let head = ledger::append(self.connection, &entry).await?;
        // The till remembers the last line: taken out of the ledger, it is missed.
        if let Some(detail) = self.account.attempts.get_mut(attempt) {
            detail.head = Some(head);
        }
        Ok(())
    }

    /// Notes what goes back since there were so many refunds, whatever decided it.
    async fn note_refunds(&mut self, before: usize) -> Result<(), Refusal> {
        let asked: Vec<_> = self.account.till.refunds.iter().skip(before).cloned().collect();
        for refund in asked {
            let was = ledger::why(refund.why);
            self.note(&refund.attempt, &was, "refund asked", refund.amount).await?;
        }
        Ok(())
    }
}

/// Changes the till of an application, with its case, in one transaction.
///
/// # Errors
/// The change's own refusal, or when the store does not answer.
pub async fn change<T: Send + 'static>(
    app: &App,
    application: &str,
    cause: &'static str,
    work: impl for<'w, 'c> FnOnce(&'w mut Open<'c>) -> futures_util::future::BoxFuture<'w, Result<T, Refusal>>
    + Send
    + 'static,
) -> Result<T, Refusal> {
    let (app, application) = (app.clone(), application.to_owned());
    let store = app.store.clone();
    store
        .write(Box::new(move |connection| {
            Box::pin(async move { within(&app, connection, &application, cause, work).await })
        }))
        .await
}

/// The same within a transaction that is open already.
///
/// # Errors
/// The change's own refusal, or when the store does not answer.
pub async fn within<T: Send + 'static>(
    app: &App,
    connection: &mut AnyConnection,
    application: &str,
    cause: &str,
    work: impl for<'w, 'c> FnOnce(&'w mut Open<'c>) -> futures_util::future::BoxFuture<'w, Result<T, Refusal>> + Send,
) -> Result<T, Refusal> {
    app.store.lock(connection, application).await?;
    let account = find(connection, application).await?.ok_or(Refusal::NotFound)?;
    let (before, refunds) = (account.till.clone(), account.till.refunds.len());
    let mut open = Open { connection, account, cause };
    let outcome = work(&mut open).await?;
    if open.account.till != before {
        follow(app, &mut open, &before).await?;
    }
    open.note_refunds(refunds).await?;
    save(open.connection, &mut open.account).await?;
    Ok(outcome)
}

/// What a change of the till means: once no attempt is under way everything is priced again, what
/// is paid moves the lanes that wait for it, and any change shows in the progress.
async fn follow(app: &App, open: &mut Open<'_>, before: &Till) -> Result<(), Refusal> {
    note_received(app, open, before).await?;
    let (mut case, version) = applications::find(&mut *open.connection, &open.account.application).await?;
    for change in price::price(app, &case, &mut open.account) {
        open.changed(Some(change)).await?;
    }
    // An errand that left the catalogue keeps its money straight all the same.
    if let Some(bundle) = app.catalogue.bundle(&case.bundle) {
        let was = |id: &OrderId| before.orders.iter().any(|due| due.id == *id && due.registered);
        let paid = open.account.till.orders.iter().any(|due| due.registered && !was(&due.id));
        case.unpaid(&app.catalogue, bundle, open.account.fees(), paid);
    }
    applications::save(&app.catalogue, open.connection, &case, version).await.map(|_| ())
}

/// Notes what attempts brought where statements are compared.
async fn note_received(app: &App, open: &mut Open<'_>, before: &Till) -> Result<(), Refusal> {
    // The gateways' day: a demonstration's calendar may be ahead, their statements are not.
    let today = app.catalogue.zone.today().to_string();
    for one in open.account.till.attempts.iter().filter(|one| one.received.is_some()) {
        if before.attempt(&one.id).is_some_and(|was| was.received == one.received) {
            continue;
        }
        sqlx::query("UPDATE trades SET received = $1, day = $2 WHERE id = $3")
            .bind(one.received)
            .bind(&today)
            .bind(one.id.as_str())
            .execute(&mut *open.connection)
            .await?;
    }
    Ok(())
}

/// Holds the orders of a case against what it costs now; the caller holds the case and saves it.
///
/// # Errors
/// When the store does not answer.
pub async fn reprice(app: &App, connection: &mut AnyConnection, case: &mut Case) -> Result<(), Refusal> {
    let found = find(connection, case.id.as_str()).await?;
    let account = found.unwrap_or_else(|| Account::of(case));
    let refunds = account.till.refunds.len();
    let mut open = Open { connection, account, cause: "price" };
    for change in price::price(app, case, &mut open.account) {
        open.changed(Some(change)).await?;
    }
    open.note_refunds(refunds).await?;
    let Open { connection, mut account, .. } = open;
    if account.till.orders.is_empty() {
        return Ok(());
    }
    save(connection, &mut account).await?;
    if let Some(bundle) = app.catalogue.bundle(&case.bundle) {
        case.unpaid(&app.catalogue, bundle, account.fees(), false);
    }
    Ok(())
}

/// Opens an order for a fee whose amount a department has named.
///
/// # Errors
/// When the store does not answer.
pub async fn assess(
    connection: &mut AnyConnection,
    case: &mut Case,
    payee: DepartmentId,
    line: OrderLine,
) -> Result<(), Refusal> {
    let mut account = find(connection, case.id.as_str()).await?.unwrap_or_else(|| Account::of(case));
    account.owe(payee, vec![line]);
    save(connection, &mut account).await?;
    case.unpaid_fees = account.fees().unpaid;
    Ok(())
}

/// Gives the money of every paid order that holds one of these fees back.
///
/// # Errors
/// A conflict when none is paid.
pub async fn give_back(
    app: &App,
    connection: &mut AnyConnection,
    application: &str,
    fees: Vec<String>,
    reason: String,
) -> Result<(), Refusal> {
    within(app, connection, application, "department", move |open| {
        Box::pin(async move {
            let holds = |detail: &OrderDetail| detail.lines.iter().any(|line| fees.contains(&line.fee));
            let held = open.account.orders.iter().filter(|(_, detail)| holds(detail));
            let held: Vec<OrderId> = held.map(|(id, _)| id.clone()).collect();
            let mut any = false;
            for id in held {
                let Some(change) = open.account.till.returned(&id, RefundWhy::Department) else { continue };
                any = true;
                if let Some(detail) = open.account.orders.get_mut(&id) {
                    detail.reason = Some(reason.clone());
                }
                open.changed(change).await?;
            }
            if any { Ok(()) } else { Err(Refusal::Conflict("nothing was paid that could go back")) }
        })
    })
    .await
}
