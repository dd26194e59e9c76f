//! Handing a draft over: to another device, or to somebody who fills it in for the person.

use axum::extract::{Path, State};
use contract::draft::{DraftId, HandOver, HandOverCode, Receiver, Saved, TakeOver, TakenOver};

use super::stored::{Hands, find};
use crate::http::extract::{Person, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, qr, random};

/// A code works for ten minutes.
const SECONDS: i64 = 600;
/// Letters and digits nobody takes for each other.
const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Longest address of a page.
const ADDRESS: usize = 300;

pub(super) fn add(routes: &mut Routes) {
    let (hand_over, code) = (routes.schema::<HandOver>(), routes.schema::<HandOverCode>());
    routes.add(
        routes
            .describe("post", "/drafts/{id}/handover", "A code to hand a draft over with", Access::Person)
            .once()
            .takes(hand_over)
            .gives(201, code),
        offer,
    );
    let (take, taken) = (routes.schema::<TakeOver>(), routes.schema::<TakenOver>());
    routes.add(
        routes
            .describe("post", "/handovers", "Take a draft over with a code, once", Access::Person)
            .once()
            .takes(take)
            .gives(200, taken),
        self::take,
    );
    let saved = routes.schema::<Saved>();
    routes.add(
        routes.describe("delete", "/drafts/{id}/agent", "End the help of an agent", Access::Person).gives(200, saved),
        end,
    );
}

async fn offer(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    request: Unsafe<HandOver>,
) -> Result<Answer, Refusal> {
    let HandOver { to, page } = request.body;
    if page.len() > ADDRESS || !(page.starts_with("https://") || page.starts_with("http://")) {
        return Err(Refusal::Malformed("the page's address".to_owned()));
    }
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let row = find(&mut *connection, &person.id, &id).await?;
                    if row.is_agent(&person) {
                        return Err(Refusal::Conflict("only the owner hands a draft over"));
                    }
                    let code = code();
                    let expires_at = clock::stored_in(SECONDS);
                    // One code a draft: an older one that was read over a shoulder opens nothing.
                    sqlx::query("DELETE FROM handovers WHERE draft = $1").bind(&id).execute(&mut *connection).await?;
                    sqlx::query(
                        "INSERT INTO handovers (code_hash, draft, receiver, expires_at) VALUES ($1, $2, $3, $4)",
                    )
                    .bind(random::hash(&code))
                    .bind(&id)
                    .bind(if to == Receiver::Agent { "agent" } else { "myself" })
                    .bind(&expires_at)
                    .execute(&mut *connection)
                    .await?;
                    let (qr, qr_size) = qr::drawn(&format!("{page}continue/{code}"))?;
                    let expires_at = app.catalogue.zone.moment(&expires_at);
                    Answer::created(&HandOverCode { code, expires_at, qr, qr_size })
                })
            }),
        )
        .await
}

async fn take(State(app): State<App>, person: Person, request: Unsafe<TakeOver>) -> Result<Answer, Refusal> {
    let code: String = request
        .body
        .code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let row: Option<(String, String)> = sqlx::query_as(
                        "DELETE FROM handovers WHERE code_hash = $1 AND expires_at > $2 RETURNING draft, receiver",
                    )
                    .bind(random::hash(&code))
                    .bind(clock::stored_now())
                    .fetch_optional(&mut *connection)
                    .await?;
                    let (draft, receiver) = row.ok_or(Refusal::NotFound)?;
                    app.store.lock(connection, &draft).await?;
                    let owner: Option<(String,)> = sqlx::query_as("SELECT owner FROM drafts WHERE id = $1")
                        .bind(&draft)
                        .fetch_optional(&mut *connection)
                        .await?;
                    let (owner,) = owner.ok_or(Refusal::NotFound)?;
                    match receiver.as_str() {
                        _ if owner == person.id => {}
                        "agent" => {
                            let mut row = find(&mut *connection, &owner, &draft).await?;
                            let name = app.identity.person(&owner).map(|owner| owner.name).unwrap_or_default();
                            row.stored.hands = Some(Hands { owner: name, agent: person.name.clone() });
                            row.agent = Some(person.id.clone());
                            row.save(&app, connection).await?;
                        }
                        // A code for another device of the same person opens nothing to anybody else.
                        _ => return Err(Refusal::NotFound),
                    }
                    Answer::ok(&TakenOver { id: DraftId(draft) })
                })
            }),
        )
        .await
}

async fn end(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    let store = app.store.clone();
    store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                app.store.lock(connection, &id).await?;
                let mut row = find(&mut *connection, &person.id, &id).await?;
                row.agent = None;
                row.stored.hands = None;
                let saved = row.save(&app, connection).await?;
                Ok(Answer::ok(&saved)?.version(saved.version))
            })
        }))
        .await
}

fn code() -> String {
    let secret = random::secret();
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
    // A digest spreads the secret's text over all bytes; 30 of 256 is near enough to even.
    let digest = hex::decode(random::hash(&secret)).unwrap_or_default();
    digest.into_iter().take(8).map(letter).collect()
}
