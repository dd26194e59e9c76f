//! Uploads that go on at the byte they stopped at: tus 1.0.0 with creation, expiration and termination.
//!
//! What arrives is sealed piece by piece, so that a lost connection or a killed server loses at most
//! one piece. The whole is judged when its last byte is there.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use contract::catalogue::{BundleId, MaterialId};
use contract::material::{Upload, UploadId};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::documents::{self, Arrived};
use crate::files::{blobs, inspect, scan::Verdict};
use crate::http::extract::{Once, Person, key};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, random};

/// The protocol's version.
const TUS: &str = "1.0.0";
/// Bytes sealed at a time.
const PIECE: usize = 512 * 1024;
/// A piece must be counted within this many seconds, or it is erased.
const PIECE_PENDING: i64 = 600;
/// Longest name of a file kept, in characters.
const NAME: usize = 100;

pub(super) fn add(routes: &mut Routes) {
    routes.add(
        routes.describe("options", "/uploads", "What uploads can do (tus 1.0.0)", Access::Open).gives_nothing(),
        options,
    );
    routes.add(
        routes
            .describe(
                "post",
                "/uploads",
                "Begin an upload (tus creation): Upload-Length, Upload-Metadata",
                Access::Person,
            )
            .once()
            .gives_media(201, "application/json"),
        begin,
    );
    let upload = routes.schema::<Upload>();
    routes.add(
        routes
            .describe(
                "get",
                "/uploads/{id}",
                "How far an upload is, and what became of it; HEAD for tus",
                Access::Person,
            )
            .gives(200, upload),
        get,
    );
    routes.add(
        routes
            .describe("patch", "/uploads/{id}", "Go on with an upload (tus): Upload-Offset", Access::Person)
            .gives_nothing(),
        go_on,
    );
    routes.add(
        routes
            .describe("delete", "/uploads/{id}", "Give an upload up (tus termination)", Access::Person)
            .gives_nothing(),
        give_up,
    );
}

/// An upload as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    name: String,
    bundle: BundleId,
    material: MaterialId,
    replaces: Option<String>,
    sha256: Option<String>,
    length: i64,
    key: String,
    /// Objects of the pieces received, in order.
    pieces: Vec<String>,
}

struct Row {
    id: String,
    owner: String,
    stored: Stored,
    received: i64,
    document: Option<String>,
    expires_at: String,
}

async fn options(State(app): State<App>) -> Response {
    let mut response = tus(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert("tus-version", HeaderValue::from_static(TUS));
    headers.insert("tus-extension", HeaderValue::from_static("creation,expiration,termination"));
    headers.insert("tus-max-size", HeaderValue::from(app.catalogue.region.uploads.most_bytes));
    response
}

async fn begin(State(app): State<App>, person: Person, headers: HeaderMap) -> Result<Response, Refusal> {
    speaks_tus(&headers)?;
    let length = number(&headers, "upload-length").ok_or_else(|| Refusal::Malformed("Upload-Length".to_owned()))?;
    if length == 0 {
        return Err(Refusal::File(inspect::Unsound::Empty));
    }
    if length > app.catalogue.region.uploads.most_bytes {
        return Err(Refusal::TooLarge);
    }
    let metadata = metadata(&headers);
    let said = |name: &str| metadata.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (bundle, material) =
        (BundleId(said("bundle").unwrap_or_default()), MaterialId(said("material").unwrap_or_default()));
    // What it is uploaded for decides where it fits again.
    let known = app.catalogue.bundle(&bundle).and_then(|bundle| engine::promise::material(bundle, &material));
    known.ok_or_else(|| Refusal::Malformed("Upload-Metadata: bundle and material of the catalogue".to_owned()))?;
    if let Some(of) = said("for") {
        works_on(&app, &person.id, &of).await?;
    }
    room_for(&app, &person.id).await?;
    let replaces = said("replaces");
    if let Some(replaced) = &replaces {
        documents::owned(&app, &person.id, replaced).await?;
    }
    let (_, wrapped) = app.files.fresh_key()?;
    let stored = Stored {
        name: harmless(&said("filename").unwrap_or_default()),
        bundle,
        material,
        replaces,
        sha256: said("sha256").map(|digest| digest.to_ascii_lowercase()),
        length,
        key: wrapped,
        pieces: Vec::new(),
    };
    let owner = person.id.clone();
    let fingerprint = random::hash(&format!("{:?}{length}", metadata));
    let once = Once { owner: person.id.clone(), key: key(&headers)?, fingerprint };
    let expires = clock::stored_in(i64::from(app.catalogue.region.uploads.keep_hours) * 3600);
    let answer = app
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let id = random::id();
                    sqlx::query(
                        "INSERT INTO uploads (id, owner, doc, received, expires_at) VALUES ($1, $2, $3, 0, $4)",
                    )
                    .bind(&id)
                    .bind(&person.id)
                    .bind(serde_json::to_string(&stored)?)
                    .bind(&expires)
                    .execute(connection)
                    .await?;
                    Answer::created(&Upload { id: UploadId(id), offset: 0, length, document: None })
                })
            }),
        )
        .await?;
    let id = answer.read::<Upload>()?.id;
    let until = find(&app, &owner, id.as_str()).await?.expires_at;
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    let place = format!("{}api/v1/uploads/{id}", app.settings.base);
    headers.insert(header::LOCATION, HeaderValue::from_str(&place).map_err(|_| Refusal::Internal)?);
    headers.insert("tus-resumable", HeaderValue::from_static(TUS));
    expiry(headers, &until);
    Ok(response)
}

/// Whether a person works on a draft or an application: another person's page must not send into this one's store.
async fn works_on(app: &App, person: &str, of: &str) -> Result<(), Refusal> {
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT id FROM drafts WHERE id = $1 AND (owner = $2 OR agent = $2) \
         UNION SELECT id FROM applications WHERE id = $1 AND owner = $2",
    )
    .bind(of)
    .bind(person)
    .fetch_optional(app.store.reads())
    .await?;
    row.map(|_| ()).ok_or(Refusal::NotFound)
}

/// Uploads one person may have under way at a time.
const UNDER_WAY: i64 = 60;

async fn room_for(app: &App, person: &str) -> Result<(), Refusal> {
    let (open,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM uploads WHERE owner = $1 AND document IS NULL AND expires_at > $2")
            .bind(person)
            .bind(clock::stored_now())
            .fetch_one(app.store.reads())
            .await?;
    if open < UNDER_WAY { Ok(()) } else { Err(Refusal::TooMany) }
}

async fn get(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Response, Refusal> {
    // All is there, but nobody knows whether it is sound: it is looked at again.
    let row = match finish(&app, find(&app, &person.id, &id).await?).await {
        Err(Refusal::Unavailable | Refusal::StorageFull) => find(&app, &person.id, &id).await?,
        outcome => outcome?,
    };
    let document = match &row.document {
        Some(document) => Some(documents::one(&app, &person, document).await?),
        None => None,
    };
    let upload = Upload { id: UploadId(id), offset: row.received, length: row.stored.length, document };
    let mut response = Answer::ok(&upload)?.into_response();
    progress(response.headers_mut(), &row);
    Ok(response)
}

async fn go_on(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    speaks_tus(&headers)?;
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media != Some("application/offset+octet-stream") {
        return Err(Refusal::Media);
    }
    let offset = number(&headers, "upload-offset").ok_or_else(|| Refusal::Malformed("Upload-Offset".to_owned()))?;
    let row = find(&app, &person.id, &id).await?;
    if offset != row.received {
        return Err(Refusal::Offset(row.received));
    }
    // Whoever hangs up does not stop what has arrived from being kept.
    let work = tokio::spawn(async move {
        let row = receive(&app, row, body).await?;
        finish(&app, row).await
    });
    let row = work.await.map_err(|_| Refusal::Internal)??;
    let mut response = tus(StatusCode::NO_CONTENT);
    progress(response.headers_mut(), &row);
    Ok(response)
}

/// Seals what arrives, piece by piece.
async fn receive(app: &App, mut row: Row, body: Body) -> Result<Row, Refusal> {
    let mut stream = body.into_data_stream();
    let mut piece: Vec<u8> = Vec::new();
    loop {
        let (ended, cut) = match stream.next().await {
            Some(Ok(bytes)) => {
                piece.extend_from_slice(&bytes);
                (false, false)
            }
            Some(Err(_)) => (true, true),
            None => (true, false),
        };
        if row.received + i64::try_from(piece.len()).unwrap_or(i64::MAX) > row.stored.length {
            return Err(Refusal::TooLarge);
        }
        if !piece.is_empty() && (ended || piece.len() >= PIECE) {
            row = append(app, row, std::mem::take(&mut piece)).await?;
        }
        if cut {
            return Err(Refusal::Unavailable);
        }
        if ended {
            return Ok(row);
        }
    }
}

/// Makes a piece durable, then counts it. Of two that go on at the same byte one is counted.
async fn append(app: &App, row: Row, piece: Vec<u8>) -> Result<Row, Refusal> {
    let object = format!("uploads/{}/{}", row.id, random::id());
    // Whatever happens in between, nothing stays behind that nobody knows of.
    blobs::doom_later(app, object.clone(), PIECE_PENDING).await?;
    app.files.put(&object, &app.files.key(&row.stored.key)?, &piece).await?;
    let length = i64::try_from(piece.len()).unwrap_or(0);
    let counted = object.clone();
    let outcome: Result<Row, Refusal> = app
        .store
        .write(Box::new({
            let app = app.clone();
            move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &row.id).await?;
                    let expected = row.received;
                    let mut row = read(&mut *connection, &row.owner, &row.id).await?;
                    if row.received != expected {
                        return Err(Refusal::Offset(row.received));
                    }
                    blobs::spare(connection, &counted).await?;
                    row.stored.pieces.push(counted);
                    row.received += length;
                    sqlx::query("UPDATE uploads SET doc = $1, received = $2 WHERE id = $3")
                        .bind(serde_json::to_string(&row.stored)?)
                        .bind(row.received)
                        .bind(&row.id)
                        .execute(connection)
                        .await?;
                    Ok(row)
                })
            }
        }))
        .await;
    if outcome.is_err() {
        let _ = app.files.erase(&object).await;
    }
    outcome
}

/// Judges and keeps the whole, once it is there. What is not taken is forgotten.
async fn finish(app: &App, row: Row) -> Result<Row, Refusal> {
    if row.received < row.stored.length || row.document.is_some() {
        return Ok(row);
    }
    let whole = match whole(app, &row).await {
        Ok(whole) => whole,
        // Another request ended it meanwhile.
        Err(refusal) => {
            let now = read(app.store.reads(), &row.owner, &row.id).await?;
            return if now.document.is_some() { Ok(now) } else { Err(refusal) };
        }
    };
    match judged(app, &row.stored, whole).await {
        Ok(arrived) => {
            let document = documents::keep(app, &row.owner, arrived, Some(row.id.clone())).await?;
            let pieces = row.stored.pieces.clone();
            erase(app, pieces).await;
            Ok(Row { document: Some(document), ..row })
        }
        // Nobody knows yet whether it is sound, or there is no room for it: it may be asked again.
        Err(refusal @ (Refusal::Unavailable | Refusal::StorageFull)) => Err(refusal),
        Err(refusal) => {
            forget(app, &row).await?;
            Err(refusal)
        }
    }
}

async fn whole(app: &App, row: &Row) -> Result<Vec<u8>, Refusal> {
    let key = app.files.key(&row.stored.key)?;
    let mut whole = Vec::with_capacity(usize::try_from(row.stored.length).unwrap_or(0));
    for piece in &row.stored.pieces {
        whole.extend(app.files.get(piece, &key).await?);
    }
    Ok(whole)
}

async fn judged(app: &App, stored: &Stored, whole: Vec<u8>) -> Result<Arrived, Refusal> {
    if stored.sha256.as_ref().is_some_and(|announced| *announced != blobs::digest(&whole)) {
        return Err(Refusal::Changed);
    }
    match app.files.scanner.scan(&whole).await {
        Verdict::Clean => {}
        Verdict::Infected => return Err(Refusal::Infected),
        Verdict::Unknown => return Err(Refusal::Unavailable),
    }
    let pages = app.catalogue.region.uploads.most_pages;
    // A large picture takes much memory while it is looked at.
    let _turn = app.files.inspecting.acquire().await.map_err(|_| Refusal::Internal)?;
    let sound =
        tokio::task::spawn_blocking(move || inspect::inspect(whole, pages)).await.map_err(|_| Refusal::Internal)?;
    let sound = sound.map_err(Refusal::File)?;
    let material =
        app.catalogue.bundle(&stored.bundle).and_then(|bundle| engine::promise::material(bundle, &stored.material));
    let material = material.ok_or(Refusal::NotFound)?;
    Ok(Arrived {
        name: stored.name.clone(),
        bundle: stored.bundle.clone(),
        fits: engine::way::kind(material).to_owned(),
        subject: material.subject,
        purpose: material.name.clone(),
        replaces: stored.replaces.clone(),
        at: None,
        sound,
    })
}

async fn give_up(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    speaks_tus(&headers)?;
    let row = find(&app, &person.id, &id).await?;
    forget(&app, &row).await?;
    Ok(tus(StatusCode::NO_CONTENT))
}

async fn forget(app: &App, row: &Row) -> Result<(), Refusal> {
    let (id, owner, inner) = (row.id.clone(), row.owner.clone(), app.clone());
    let pieces = app
        .store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                inner.store.lock(connection, &id).await?;
                // A piece may have been counted since.
                let row = read(&mut *connection, &owner, &id).await?;
                sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id).execute(connection).await?;
                Ok(row.stored.pieces)
            })
        }))
        .await?;
    erase(app, pieces).await;
    Ok(())
}

/// Erases what expired and the pieces that belonged to it.
///
/// # Errors
/// When the database does not answer.
pub async fn tidy(app: &App) -> Result<(), Refusal> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT owner, id FROM uploads WHERE expires_at <= $1 LIMIT 500")
        .bind(clock::stored_now())
        .fetch_all(app.store.reads())
        .await?;
    for (owner, id) in rows {
        if let Ok(row) = read(app.store.reads(), &owner, &id).await {
            match forget(app, &row).await {
                // Another server was faster.
                Ok(()) | Err(Refusal::NotFound) => {}
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(())
}

/// Pieces are of no use any more; the key that opens them is gone with the upload's row.
async fn erase(app: &App, pieces: Vec<String>) {
    for piece in pieces {
        let _ = app.files.erase(&piece).await;
    }
}

async fn find(app: &App, owner: &str, id: &str) -> Result<Row, Refusal> {
    let row = read(app.store.reads(), owner, id).await?;
    if row.expires_at > clock::stored_now() { Ok(row) } else { Err(Refusal::NotFound) }
}

async fn read<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    owner: &str,
    id: &str,
) -> Result<Row, Refusal> {
    let row: Option<(String, i64, Option<String>, String)> =
        sqlx::query_as("SELECT doc, received, document, expires_at FROM uploads WHERE id = $1 AND owner = $2")
            .bind(id)
            .bind(owner)
            .fetch_optional(executor)
            .await?;
    let (doc, received, document, expires_at) = row.ok_or(Refusal::NotFound)?;
    let stored = serde_json::from_str(&doc)?;
    Ok(Row { id: id.to_owned(), owner: owner.to_owned(), stored, received, document, expires_at })
}

fn speaks_tus(headers: &HeaderMap) -> Result<(), Refusal> {
    let spoken = headers.get("tus-resumable").and_then(|value| value.to_str().ok());
    if spoken == Some(TUS) { Ok(()) } else { Err(Refusal::Protocol) }
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    let number: i64 = headers.get(name)?.to_str().ok()?.parse().ok()?;
    (number >= 0).then_some(number)
}

/// `key base64, key base64`; what cannot be read is left out.
fn metadata(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.get("upload-metadata").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pair = |pair: &str| {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let bytes = base64::engine::general_purpose::STANDARD.decode(value.trim()).ok()?;
        Some((key.to_owned(), String::from_utf8(bytes).ok()?))
    };
    text.split(',').filter_map(pair).collect()
}

/// The name the person's device gave the file, made harmless.
fn harmless(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing make one ending look like another.
    let turns = |letter: &char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = name.chars().filter(|letter| !letter.is_control() && !turns(letter)).take(NAME).collect();
    if name.trim_matches('.').trim().is_empty() { "file".to_owned() } else { name }
}

fn tus(status: StatusCode) -> Response {
    let mut response = status.into_response();
    response.headers_mut().insert("tus-resumable", HeaderValue::from_static(TUS));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn progress(headers: &mut HeaderMap, row: &Row) {
    headers.insert("tus-resumable", HeaderValue::from_static(TUS));
    headers.insert("upload-offset", HeaderValue::from(row.received));
    headers.insert("upload-length", HeaderValue::from(row.stored.length));
    expiry(headers, &row.expires_at);
}

/// `Upload-Expires` is written as HTTP writes dates (RFC 9110).
fn expiry(headers: &mut HeaderMap, until: &str) {
    let at = until.parse::<jiff::Timestamp>().ok();
    let text = at.and_then(|at| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert("upload-expires", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_made_harmless() {
        let long = "x".repeat(300);
        for (sent, kept) in [
            ("照.jpg", "照.jpg"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nb.png", "ab.png"),
            ("C:\\x\\y.pdf", "y.pdf"),
            ("", "file"),
            ("..", "file"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            (long.as_str(), &long[..NAME]),
        ] {
            assert_eq!(harmless(sent), kept);
        }
    }

    #[test]
    fn metadata_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("upload-metadata", HeaderValue::from_static("filename 54Wn, bundle YQ==,empty,bad ***"));
        let read = metadata(&headers);
        assert_eq!(
            read,
            [
                ("filename".to_owned(), "照".to_owned()),
                ("bundle".to_owned(), "a".to_owned()),
                ("empty".to_owned(), String::new())
            ]
        );
    }
}
