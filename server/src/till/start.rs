//! Beginning an attempt: prepare, call, commit. Nothing is charged that is not stored before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use contract::payment::{AttemptId, Channel, StartPayment};
use engine::payment::{Busy, Event};
use jiff::{Timestamp, ToSpan};

use super::{Account, Asked, AttemptDetail, settle};
use crate::http::extract::{Language, Once};
use crate::http::{Answer, Refusal};
use crate::pay::{Failure, PaymentGateway, Trade};
use crate::{App, clock, random};

/// How long a cashier takes money for an attempt, in minutes. A pay code is carried to a bank.
fn minutes(channel: Channel) -> i64 {
    if channel == Channel::PayCode { 24 * 60 } else { 30 }
}

/// Attempts to pay one till within an hour; nobody needs as many.
const MOST: usize = 30;

/// Seconds until the gateway is asked about an attempt for the first time.
const FIRST: i64 = 3;

/// Who pays, and from where.
pub struct Payer {
    /// The person signed in; nobody for whoever pays for somebody else.
    pub person: Option<String>,
    /// Address on the network, which one gateway wants to know.
    pub client_ip: String,
}

/// Begins an attempt to pay everything that is due.
///
/// # Errors
/// When nothing is due, something else is due than was seen, or an earlier attempt cannot be settled.
pub async fn start(app: &App, application: &str, payer: Payer, once: Once, wish: StartPayment) -> Result<(), Refusal> {
    if !is_local(&wish.return_to) {
        return Err(Refusal::Malformed("return_to is a path of this site".to_owned()));
    }
    let gateway = app.payments.gateways.serving(wish.channel).ok_or(Refusal::Conflict("no such channel here"))?;
    end_others(app, application, &request(&once)).await?;
    let prepared = prepare(app, application, once, &wish, gateway.as_ref()).await?;
    let Some((attempt, until)) = prepared else { return Ok(()) };
    call(app, application, gateway.as_ref(), payer, wish, attempt, until).await
}

/// Names a request, so that it is known again.
fn request(once: &Once) -> String {
    random::hash(&format!("{} {}", once.owner, once.key))
}

/// Ends the attempts that are under way, so that nobody can pay them any more. A request that began
/// one before ends nothing: pressed twice, it is one attempt.
async fn end_others(app: &App, application: &str, request: &str) -> Result<(), Refusal> {
    let account = account(app, application).await?;
    if account.attempts.values().any(|detail| detail.request == request) {
        return Ok(());
    }
    for attempt in account.till.attempts.iter().filter(|one| engine::payment::is_open(one.state)) {
        settle::attempt(app, &account, &attempt.id, settle::Wish::End).await?;
    }
    Ok(())
}

/// Stores the attempt. `None` where it was stored before by the same request.
async fn prepare(
    app: &App,
    application: &str,
    once: Once,
    wish: &StartPayment,
    gateway: &dyn PaymentGateway,
) -> Result<Option<(AttemptId, Timestamp)>, Refusal> {
    let attempt = AttemptId(random::id());
    let until = Timestamp::now().checked_add(minutes(wish.channel).minutes()).map_err(|_| Refusal::Internal)?;
    let detail = AttemptDetail {
        gateway: gateway.name().to_owned(),
        channel: wish.channel,
        at: clock::stored_now(),
        until: clock::stored(until),
        handoff: None,
        number: None,
        paid_at: None,
        watched: None,
        head: None,
        request: request(&once),
        asking: Asked::after(FIRST),
    };
    let fresh = Arc::new(AtomicBool::new(false));
    let (app2, application, id, seen, done) =
        (app.clone(), application.to_owned(), attempt.clone(), wish.seen, Arc::clone(&fresh));
    app.once(
        once,
        Box::new(move |connection| {
            Box::pin(async move {
                super::within(&app2, connection, &application, "start", move |open| {
                    Box::pin(async move {
                        let recent = |detail: &&AttemptDetail| clock::seconds_until(&detail.at) > -3600;
                        if open.account.attempts.values().filter(recent).count() >= MOST {
                            return Err(Refusal::TooMany);
                        }
                        let amount = open.account.till.start(id.clone()).map_err(|busy| match busy {
                            Busy::NothingDue => Refusal::Conflict("already paid"),
                            Busy::Open(_) => Refusal::Conflict("another attempt is under way"),
                        })?;
                        if amount != seen {
                            return Err(Refusal::Conflict("something else is due than was shown"));
                        }
                        sqlx::query("INSERT INTO trades (id, application, gateway) VALUES ($1, $2, $3)")
                            .bind(id.as_str())
                            .bind(&open.account.application)
                            .bind(&detail.gateway)
                            .execute(&mut *open.connection)
                            .await?;
                        open.account.attempts.insert(id.clone(), detail);
                        let change = open.account.till.apply(&id, Event::Call);
                        open.changed(change).await
                    })
                })
                .await?;
                done.store(true, Ordering::Relaxed);
                Answer::created(&())
            })
        }),
    )
    .await?;
    Ok(fresh.load(Ordering::Relaxed).then_some((attempt, until)))
}

/// Tells the gateway, and stores what it answered. A call that is lost leaves an attempt whose end
/// is not known, which is settled like any other.
async fn call(
    app: &App,
    application: &str,
    gateway: &dyn PaymentGateway,
    payer: Payer,
    wish: StartPayment,
    attempt: AttemptId,
    until: Timestamp,
) -> Result<(), Refusal> {
    let account = account(app, application).await?;
    let amount = account.till.attempt(&attempt).map(|one| one.amount).ok_or(Refusal::Internal)?;
    let trade = Trade {
        id: attempt.clone(),
        amount,
        subject: subject(app, &account),
        channel: wish.channel,
        return_url: format!("{}{}", origin(&app.payments.site), wish.return_to),
        notify_url: notify_url(app, gateway.name()),
        expires_at: until,
        payer: payer.person.and_then(|person| app.identity.payer(&person, gateway.name())),
        client_ip: payer.client_ip,
    };
    let (event, handoff) = match gateway.create(&trade).await {
        Ok(handoff) => (Event::Taken, Some(handoff)),
        Err(Failure::Refused(code)) => {
            tracing::warn!(gateway = gateway.name(), code, "a payment was refused");
            (Event::Refused, None)
        }
        Err(Failure::Unsure(why)) => {
            tracing::warn!(gateway = gateway.name(), why, "a payment's call was lost");
            (Event::Lost, None)
        }
    };
    let id = attempt.clone();
    let open = super::change(app, application, "call", move |open| {
        Box::pin(async move {
            if let Some(detail) = open.account.attempts.get_mut(&id) {
                detail.handoff = handoff;
            }
            let change = open.account.till.apply(&id, event);
            open.changed(change).await?;
            Ok(open.account.till.attempt(&id).is_some_and(|one| engine::payment::is_open(one.state)))
        })
    })
    .await?;
    if !open {
        // Somebody began another attempt meanwhile: nobody shall pay this one.
        let _ = gateway.close(&attempt).await;
    }
    Ok(())
}

async fn account(app: &App, application: &str) -> Result<Account, Refusal> {
    let mut connection = app.store.reads().acquire().await?;
    super::find(&mut connection, application).await?.ok_or(Refusal::NotFound)
}

/// What the gateway shows the payer: the payees, nothing about the person.
fn subject(app: &App, account: &Account) -> String {
    let open = account.till.orders.iter().filter(|due| due.paid_by.is_none() && due.amount > 0);
    let payees = open.filter_map(|due| account.orders.get(&due.id)).map(|detail| &detail.payee);
    let mut names: Vec<String> = Vec::new();
    for payee in payees {
        let name = app.catalogue.department(payee, Language::SOURCE);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(app.catalogue.instruments(Language::SOURCE).map_or(" ", |texts| &texts.words.joiner))
}

/// Where a gateway sends its notifications.
#[must_use]
pub fn notify_url(app: &App, gateway: &str) -> String {
    format!("{}/api/v1/payments/notifications/{gateway}", app.payments.site)
}

/// The scheme and host of an address.
fn origin(site: &str) -> &str {
    let host = site.find("://").map_or(0, |place| place + 3);
    site[host..].find('/').map_or(site, |end| &site[..host + end])
}

/// Whether an address leads to this site and nowhere else.
fn is_local(address: &str) -> bool {
    let second = address.chars().nth(1);
    address.starts_with('/')
        && !matches!(second, Some('/' | '\\'))
        && address.len() <= 500
        && !address.chars().any(|letter| letter.is_control() || letter == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_elsewhere_are_refused() {
        for good in ["/", "/applications/1/pay", "/#/applications/1"] {
            assert!(is_local(good), "{good}");
        }
        for bad in ["//evil.example", "/\\evil", "https://evil.example", "javascript:alert(1)", "", "x", "/a\nb"] {
            assert!(!is_local(bad), "{bad}");
        }
    }

    #[test]
    fn people_come_back_to_the_site_s_host() {
        assert_eq!(origin("https://city.example/gov/sub"), "https://city.example");
        assert_eq!(origin("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    }
}
