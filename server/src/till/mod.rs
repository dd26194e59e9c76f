//! Where the money of an application is kept: the till of `engine::payment` with what only the
//! server needs to know of it. Every change is one transaction with the ledger and the case.

pub mod adopt;
pub mod ledger;
mod price;
pub mod settle;
pub mod start;
pub mod statement;
pub mod view;

use std::collections::BTreeMap;

use contract::Fen;
use contract::catalogue::DepartmentId;
use contract::payment::{AttemptId, Channel, Handoff, OrderId, OrderLine, RefundId, RefundWhy};
use engine::fee::Basket;
use engine::payment::{Change, Till};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::api::applications;
use crate::case::Case;
use crate::http::Refusal;
use crate::{App, clock, random};

/// A till as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// The application it belongs to.
    #[serde(skip)]
    pub application: String,
    /// Whose it is.
    #[serde(skip)]
    pub owner: String,
    /// Who owes, paid and gets back what.
    pub till: Till,
    /// What each order is for.
    pub orders: BTreeMap<OrderId, OrderDetail>,
    /// How each attempt is made.
    pub attempts: BTreeMap<AttemptId, AttemptDetail>,
    /// How far each refund is.
    pub refunds: BTreeMap<RefundId, RefundDetail>,
}

/// When something is asked for again, and how often it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Stored time of the next question; nothing where none is needed.
    pub next: Option<String>,
    /// Questions so far.
    pub tries: u32,
    /// Stored time of the last one.
    #[serde(default)]
    pub last: Option<String>,
}

impl Asked {
    /// To be asked at once.
    #[must_use]
    pub fn now() -> Self {
        Self { next: Some(clock::stored_now()), ..Self::default() }
    }

    /// To be asked so many seconds from now.
    #[must_use]
    pub fn after(seconds: i64) -> Self {
        Self { next: Some(clock::stored_in(seconds)), ..Self::default() }
    }

    /// To be asked again, ever more patiently, at least once a minute.
    pub fn again(&mut self) {
        self.again_in(engine::payment::patience(self.tries));
    }

    /// To be asked again, up to an hour later: banks take days.
    pub fn again_slowly(&mut self) {
        self.again_in((1_i64 << self.tries.min(12)).min(3600));
    }

    fn again_in(&mut self, seconds: i64) {
        self.next = Some(clock::stored_in(seconds));
        self.last = Some(clock::stored_now());
        self.tries += 1;
    }

    /// It was asked within the last second: whoever asks now hears the same.
    #[must_use]
    pub fn just_asked(&self) -> bool {
        self.last.as_ref().is_some_and(|last| *last > clock::stored_in(-1))
    }

    /// It is time.
    #[must_use]
    pub fn due(&self) -> bool {
        self.next.as_ref().is_some_and(|next| *next <= clock::stored_now())
    }
}

/// What an order is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OrderDetail {
    /// Who receives the money.
    pub payee: DepartmentId,
    /// The fees as they were when it was opened; a later catalogue changes nothing.
    pub lines: Vec<OrderLine>,
    /// What a department says about giving it back.
    #[serde(default)]
    pub reason: Option<String>,
    /// The receipt, once registered.
    #[serde(default)]
    pub receipt: Option<StoredReceipt>,
    /// Registering it with the payee.
    #[serde(default)]
    pub registering: Asked,
    /// Reversing its receipt, where the money goes back.
    #[serde(default)]
    pub reversing: Asked,
    /// The receipt is reversed.
    #[serde(default)]
    pub reversed: bool,
}

impl OrderDetail {
    /// Nothing of it has happened yet.
    #[must_use]
    pub fn of(payee: DepartmentId, lines: Vec<OrderLine>) -> Self {
        Self {
            payee,
            lines,
            reason: None,
            receipt: None,
            registering: Asked::default(),
            reversing: Asked::default(),
            reversed: false,
        }
    }
}

/// A receipt as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReceipt {
    /// 票据代码.
    pub code: String,
    /// 票据号码.
    pub number: String,
    /// 校验码.
    pub check: String,
    /// Stored time of issue.
    pub at: String,
}

/// How an attempt is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptDetail {
    /// The gateway's name.
    pub gateway: String,
    /// The channel.
    pub channel: Channel,
    /// Stored time it began.
    pub at: String,
    /// Stored time from which on the cashier takes nothing for it.
    pub until: String,
    /// The way to its cashier, once the gateway gave one.
    #[serde(default)]
    pub handoff: Option<Handoff>,
    /// The gateway's own number of it.
    #[serde(default)]
    pub number: Option<String>,
    /// Stored time it was known to be charged.
    #[serde(default)]
    pub paid_at: Option<String>,
    /// Until when the gateway is asked about it although it is over here: whoever still has its cashier open may pay.
    #[serde(default)]
    pub watched: Option<String>,
    /// Number and digest of its last line in the ledger.
    #[serde(default)]
    pub head: Option<(i64, String)>,
    /// The request that began it: repeated, it ends nothing.
    #[serde(default)]
    pub request: String,
    /// Asking the gateway what became of it.
    pub asking: Asked,
}

/// How far a refund is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefundDetail {
    /// Stored time it was asked for.
    pub at: String,
    /// Asking the gateway to do it, and whether it has.
    pub asking: Asked,
}

impl Account {
    /// An empty one for a case.
    fn of(case: &Case) -> Self {
        Self { application: case.id.to_string(), owner: case.owner.clone(), ..Self::default() }
    }

    /// Opens an order for each payee of a basket.
    fn owe(&mut self, payee: DepartmentId, lines: Vec<OrderLine>) {
        let id = OrderId(random::id());
        self.till.owe(id.clone(), lines.iter().map(|line| line.amount).sum());
        let detail = OrderDetail::of(payee, lines);
        self.orders.insert(id, detail);
    }

    /// The fees of its unpaid orders.
    #[must_use]
    pub fn unpaid_fees(&self) -> Vec<String> {
        let settled = |order: &&engine::payment::Due| order.paid_by.is_none() || !(order.registered || order.returned);
        let open = self.till.orders.iter().filter(settled);
        open.filter_map(|order| self.orders.get(&order.id))
            .flat_map(|detail| detail.lines.iter().map(|line| line.fee.clone()))
            .collect()
    }

    /// Orders a payee has still to register.
    pub fn to_register(&self) -> impl Iterator<Item = &OrderId> {
        let waiting = |order: &&engine::payment::Due| order.paid_by.is_some() && !order.registered && !order.returned;
        self.till.orders.iter().filter(waiting).map(|order| &order.id)
    }

    /// What has to be looked after, and when: gives whatever is new its first time.
    fn arrange(&mut self) -> Option<String> {
        let open = |id: &AttemptId| self.till.attempt(id).is_some_and(|one| engine::payment::is_open(one.state));
        let now = clock::stored_now();
        for (id, detail) in &mut self.attempts {
            let watched = detail.watched.as_ref().is_some_and(|until| *until > now);
            if !open(id) && !watched {
                detail.asking.next = None;
            }
        }
        for refund in &self.till.refunds {
            let fresh = || RefundDetail { at: clock::stored_now(), asking: Asked::now() };
            let detail = self.refunds.entry(refund.id.clone()).or_insert_with(fresh);
            if refund.done {
                detail.asking.next = None;
            }
        }
        let waiting: Vec<OrderId> = self.to_register().cloned().collect();
        for (id, detail) in &mut self.orders {
            match (waiting.contains(id), &detail.registering.next) {
                (true, None) => detail.registering = Asked::now(),
                (false, Some(_)) => detail.registering.next = None,
                _ => {}
            }
        }
        for due in self.till.orders.iter().filter(|due| due.returned) {
            let Some(detail) = self.orders.get_mut(&due.id).filter(|detail| detail.receipt.is_some()) else { continue };
            if !detail.reversed && detail.reversing.next.is_none() {
                detail.reversing = Asked::now();
            }
        }
        let reversals = self.orders.values().filter_map(|detail| detail.reversing.next.clone());
        let attempts = self.attempts.values().filter_map(|detail| detail.asking.next.clone());
        let refunds = self.refunds.values().filter_map(|detail| detail.asking.next.clone());
        let orders = self.orders.values().filter_map(|detail| detail.registering.next.clone());
        attempts.chain(refunds).chain(orders).chain(reversals).min()
    }
}

/// Opens the till of a case that costs something. What is worked out later gets its order then.
///
/// # Errors
/// When the store does not answer.
pub async fn open(connection: &mut AnyConnection, case: &Case, basket: Basket) -> Result<(), Refusal> {
    let mut account = Account { application: case.id.to_string(), owner: case.owner.clone(), ..Account::default() };
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
        case.unpaid(&app.catalogue, bundle, open.account.unpaid_fees(), paid);
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
        case.unpaid(&app.catalogue, bundle, account.unpaid_fees(), false);
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
    case.unpaid_fees = account.unpaid_fees();
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
