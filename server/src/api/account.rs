//! Sign-in by one-time ticket, the session behind a cookie, and what is "mine".

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use contract::account::{ApplicationCard, DraftCard, Mine, Persona, Role, Session, SignIn, Ticket};
use contract::application::{ApplicationId, ApplicationState};
use contract::catalogue::{BundleId, FieldKind};
use contract::draft::DraftId;

use crate::case::Case;
use crate::http::extract::{Json, Language, Person};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, random};

/// The session cookie's name.
pub const COOKIE: &str = "onething_session";
/// A ticket lives a minute.
const TICKET_SECONDS: i64 = 60;
/// A replaced token works a little longer, for requests already under way.
const GRACE_SECONDS: i64 = 30;

pub(super) fn add(routes: &mut Routes) {
    let (sign_in, session) = (routes.schema::<SignIn>(), routes.schema::<Session>());
    routes.add(
        routes
            .describe("post", "/session", "Sign in with a one-time ticket", Access::Open)
            .takes(sign_in)
            .gives(200, session),
        start,
    );
    let nobody_or = routes.schema::<Option<Session>>();
    routes.add(
        routes
            .describe("get", "/session", "Who is signed in, or null; renews the session", Access::Open)
            .gives(200, nobody_or),
        renew,
    );
    routes.add(routes.describe("delete", "/session", "Sign out", Access::Person).gives_nothing(), end);
    let mine = routes.schema::<Mine>();
    routes.add(
        routes.describe("get", "/mine", "My drafts, applications and messages", Access::Person).gives(200, mine),
        self::mine,
    );
    let personas = routes.schema::<Vec<Persona>>();
    routes.add(
        routes
            .describe("get", "/demo/personas", "Simulator: made-up people to sign in as", Access::Open)
            .gives(200, personas),
        self::personas,
    );
    let register = routes.schema::<SetRegister>();
    routes.add(
        routes
            .describe("put", "/demo/registers/{id}", "Simulator: makes a register fail or recover", Access::Open)
            .takes(register)
            .gives_nothing(),
        set_register,
    );
    let ahead = routes.schema::<GoAhead>();
    routes.add(
        routes
            .describe("put", "/demo/calendar", "Simulator: lets days pass, so that deadlines come", Access::Open)
            .takes(ahead)
            .gives_nothing(),
        go_ahead,
    );
    let ticket = routes.schema::<Ticket>();
    routes.add(
        routes
            .describe("post", "/demo/personas/{id}/ticket", "Simulator: a ticket for a made-up person", Access::Open)
            .gives(201, ticket),
        self::ticket,
    );
}

/// The session token in the cookies.
#[must_use]
pub fn token(headers: &HeaderMap) -> Option<String> {
    let cookies =
        headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token.to_owned())
}

/// The person a token stands for, if its session lives.
///
/// # Errors
/// When the database does not answer.
pub async fn person(app: &App, token: &str) -> Result<Option<Person>, Refusal> {
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT person, name, role FROM sessions WHERE token_hash = $1 AND expires_at > $2")
            .bind(random::hash(token))
            .bind(clock::stored_now())
            .fetch_optional(app.store.reads())
            .await?;
    Ok(row.map(|(id, name, role)| Person { id, name, role: if role == "clerk" { Role::Clerk } else { Role::Citizen } }))
}

async fn start(State(app): State<App>, headers: HeaderMap, Json(body): Json<SignIn>) -> Result<Response, Refusal> {
    let hash = random::hash(&body.ticket);
    // A session that was there before ends: an attacker's cookie never becomes this person's.
    let before = token(&headers).map(|token| random::hash(&token));
    let identity = app.identity.clone();
    let seconds = app.settings.session_seconds;
    let (person, token) = app
        .store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let row: Option<(String,)> =
                    sqlx::query_as("SELECT person FROM tickets WHERE ticket_hash = $1 AND expires_at > $2")
                        .bind(&hash)
                        .bind(clock::stored_now())
                        .fetch_optional(&mut *connection)
                        .await?;
                let (person,) = row.ok_or(Refusal::Ticket)?;
                let used = sqlx::query("DELETE FROM tickets WHERE ticket_hash = $1")
                    .bind(&hash)
                    .execute(&mut *connection)
                    .await?;
                if used.rows_affected() != 1 {
                    return Err(Refusal::Ticket);
                }
                let person = identity.person(&person).ok_or(Refusal::Ticket)?;
                if let Some(before) = before {
                    sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                        .bind(before)
                        .execute(&mut *connection)
                        .await?;
                }
                let token = open(connection, &person, seconds).await?;
                Ok((person, token))
            })
        }))
        .await?;
    super::documents::adopt_earlier_files(&app, &person).await?;
    Ok(with_cookie(&app, Answer::ok(&session(&person, seconds))?, &token, seconds))
}

async fn open(connection: &mut sqlx::AnyConnection, person: &Person, seconds: i64) -> Result<String, Refusal> {
    let token = random::secret();
    sqlx::query(
        "INSERT INTO sessions (token_hash, person, name, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(random::hash(&token))
    .bind(&person.id)
    .bind(&person.name)
    .bind(if person.role == Role::Clerk { "clerk" } else { "citizen" })
    .bind(clock::stored_now())
    .bind(clock::stored_in(seconds))
    .execute(connection)
    .await?;
    Ok(token)
}

fn session(person: &Person, seconds: i64) -> Session {
    Session { name: engine::mask::mask(FieldKind::Name, &person.name), role: person.role, expires_in: seconds }
}

async fn renew(
    State(app): State<App>,
    headers: HeaderMap,
    person: Result<Person, Refusal>,
) -> Result<Response, Refusal> {
    // Asking is no offence: whoever is not signed in is told so without a refusal.
    let person = match person {
        Err(Refusal::SignedOut) => return Ok(Answer::ok(&())?.into_response()),
        other => other?,
    };
    let old = token(&headers).map(|token| random::hash(&token)).ok_or(Refusal::SignedOut)?;
    let renewed = person.clone();
    let seconds = app.settings.session_seconds;
    // A token that has lived a sixth of its life is replaced when the page asks who is signed in.
    let rotate = seconds / 6;
    let token = app
        .store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                // Only a token that is old enough is replaced, and only by one of several parallel requests.
                let grace = clock::stored_in(GRACE_SECONDS);
                let due = sqlx::query(
                    "UPDATE sessions SET expires_at = $1, created_at = $2 WHERE token_hash = $3 AND created_at < $4",
                )
                .bind(&grace)
                .bind(clock::stored_now())
                .bind(&old)
                .bind(clock::stored_in(-rotate))
                .execute(&mut *connection)
                .await?;
                if due.rows_affected() == 0 {
                    return Ok(None);
                }
                open(connection, &renewed, seconds).await.map(Some)
            })
        }))
        .await?;
    Ok(match token {
        Some(token) => with_cookie(&app, Answer::ok(&session(&person, seconds))?, &token, seconds),
        None => {
            let left = seconds_left(&app, &headers).await?;
            Answer::ok(&session(&person, left))?.into_response()
        }
    })
}

/// How long the session behind a cookie still lives.
async fn seconds_left(app: &App, headers: &HeaderMap) -> Result<i64, Refusal> {
    let hash = token(headers).map(|token| random::hash(&token)).ok_or(Refusal::SignedOut)?;
    let row: Option<(String,)> = sqlx::query_as("SELECT expires_at FROM sessions WHERE token_hash = $1")
        .bind(hash)
        .fetch_optional(app.store.reads())
        .await?;
    Ok(row.map_or(0, |(until,)| clock::seconds_until(&until).max(0)))
}

async fn end(State(app): State<App>, headers: HeaderMap, _person: Person) -> Result<Response, Refusal> {
    let hash = token(&headers).map(|token| random::hash(&token)).ok_or(Refusal::SignedOut)?;
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(hash).execute(connection).await?;
                Ok(())
            })
        }))
        .await?;
    let mut response = with_cookie(&app, Answer::nothing(), "", 0);
    // It clears the whole origin, which is not ours alone below a folder; the page erases its own in any case.
    if app.settings.base == "/" {
        response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"storage\""));
    }
    Ok(response)
}

fn with_cookie(app: &App, answer: Answer, token: &str, seconds: i64) -> Response {
    // In a page of another site only such a cookie travels, and each of these sites has one of its own.
    let travels = match (app.settings.framers.is_empty(), app.settings.secure) {
        (false, _) => "SameSite=None; Secure; Partitioned",
        (true, true) => "SameSite=Lax; Secure",
        (true, false) => "SameSite=Lax",
    };
    let cookie = format!("{COOKIE}={token}; Path={}; HttpOnly; {travels}; Max-Age={seconds}", app.settings.base);
    let mut response = answer.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn personas(State(app): State<App>, language: Language) -> Result<Answer, Refusal> {
    Answer::ok(&app.identity.personas(language))
}

async fn ticket(State(app): State<App>, Path(id): Path<String>) -> Result<Answer, Refusal> {
    if !app.catalogue.region.demo {
        return Err(Refusal::NotFound);
    }
    let person = app.identity.person(&id).ok_or(Refusal::NotFound)?;
    let ticket = random::secret();
    let hash = random::hash(&ticket);
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                sqlx::query("INSERT INTO tickets (ticket_hash, person, expires_at) VALUES ($1, $2, $3)")
                    .bind(hash)
                    .bind(person.id)
                    .bind(clock::stored_in(TICKET_SECONDS))
                    .execute(connection)
                    .await?;
                Ok(())
            })
        }))
        .await?;
    Answer::created(&Ticket { ticket })
}

/// How a simulated register shall behave.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetRegister {
    state: crate::sim::registers::RegisterState,
}

async fn set_register(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(body): Json<SetRegister>,
) -> Result<Answer, Refusal> {
    if !app.catalogue.region.demo {
        return Err(Refusal::NotFound);
    }
    app.registers.set_state(&id, body.state);
    Ok(Answer::nothing())
}

/// How far the simulator's calendar shall be ahead.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct GoAhead {
    /// Days; 0 to 400.
    days: i64,
}

async fn go_ahead(State(app): State<App>, Json(body): Json<GoAhead>) -> Result<Answer, Refusal> {
    if !app.catalogue.region.demo {
        return Err(Refusal::NotFound);
    }
    if !(0..=400).contains(&body.days) {
        return Err(Refusal::Malformed("0 to 400 days".to_owned()));
    }
    app.catalogue.go_ahead(body.days);
    super::promises::day_passed(&app).await?;
    Ok(Answer::nothing())
}

async fn mine(State(app): State<App>, person: Person, language: Language) -> Result<Answer, Refusal> {
    let reads = app.store.reads();
    let zone = app.catalogue.zone;
    let name =
        |id: &BundleId| app.catalogue.text(id, language).map_or_else(|| id.to_string(), |bundle| bundle.name.clone());
    let drafts: Vec<(String, String, String, String, String, String)> = sqlx::query_as(
        "SELECT id, bundle, saved_at, expires_at, owner, doc FROM drafts \
         WHERE (owner = $1 OR agent = $2) AND expires_at > $3 ORDER BY saved_at DESC",
    )
    .bind(&person.id)
    .bind(&person.id)
    .bind(clock::stored_now())
    .fetch_all(reads)
    .await?;
    let soon = clock::stored_in(i64::from(app.catalogue.region.drafts.announce_days) * 24 * 3600);
    let for_whom = |owner: &str, doc: &str| -> Option<String> {
        let stored: super::drafts::StoredDraft = (owner != person.id).then(|| serde_json::from_str(doc).ok())??;
        Some(engine::mask::mask(FieldKind::Name, &stored.hands?.owner))
    };
    let applications: Vec<(String,)> =
        sqlx::query_as("SELECT doc FROM applications WHERE owner = $1 ORDER BY submitted_at DESC")
            .bind(&person.id)
            .fetch_all(reads)
            .await?;
    let card = |doc: &String| -> Result<ApplicationCard, Refusal> {
        let case: Case = serde_json::from_str(doc)?;
        let state = case.state();
        Ok(ApplicationCard {
            id: ApplicationId(case.id.0.clone()),
            number: case.number.clone(),
            name: name(&case.bundle),
            state,
            needs_you: !case.unpaid_fees.is_empty() || state == ApplicationState::Correction || case.owes(),
            submitted_at: zone.moment(&case.submitted_at),
        })
    };
    Answer::ok(&Mine {
        drafts: drafts
            .into_iter()
            .map(|(id, bundle, saved_at, expires_at, owner, doc)| {
                let bundle = BundleId(bundle);
                DraftCard {
                    id: DraftId(id),
                    name: name(&bundle),
                    bundle,
                    saved_at: zone.moment(&saved_at),
                    expires_soon: expires_at < soon,
                    expires_at: zone.moment(&expires_at),
                    for_whom: for_whom(&owner, &doc),
                }
            })
            .collect(),
        applications: applications.iter().map(|(doc,)| card(doc)).collect::<Result<_, _>>()?,
        messages: super::messages::of(&app, &person.id).await?,
    })
}
