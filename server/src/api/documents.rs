//! The personal store: e-certificates from registers and files the person uploaded.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use contract::draft::{Document, DocumentId, DocumentKind, Provided};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::http::extract::{Language, Once, Person, key};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::sim::registers::Picture;
use crate::{App, clock, random};

/// Largest file.
const FILE: usize = 10 * 1024 * 1024;

pub(super) fn add(routes: &mut Routes) {
    let (list, one) = (routes.schema::<Vec<Document>>(), routes.schema::<Document>());
    routes.add(
        routes.describe("get", "/documents", "My e-certificates and files", Access::Person).gives(200, list),
        self::list,
    );
    routes.add(
        routes
            .describe("post", "/documents", "Upload a file (JPEG, PNG, WebP or PDF, at most 10 MiB)", Access::Person)
            .once()
            .gives(201, one),
        upload.layer(DefaultBodyLimit::max(FILE)),
    );
    routes.add(
        routes
            .describe("get", "/documents/{id}/content", "A document's content", Access::Person)
            .gives_media(200, "application/octet-stream"),
        content,
    );
    routes.add(
        routes.describe("delete", "/documents/{id}", "Delete a file of mine", Access::Person).gives_nothing(),
        delete,
    );
}

async fn list(State(app): State<App>, person: Person, language: Language) -> Result<Answer, Refusal> {
    let mut documents = app.registers.certificates(&person.id, language, app.catalogue.today());
    let rows: Vec<(String, String, String, String, i64, String)> = sqlx::query_as(
        "SELECT id, name, purpose, media, size, added_at FROM documents WHERE owner = $1 ORDER BY added_at DESC",
    )
    .bind(&person.id)
    .fetch_all(app.store.reads())
    .await?;
    documents.extend(
        rows.into_iter()
            .map(|(id, name, purpose, media, size, added_at)| file(&app, id, name, purpose, media, size, &added_at)),
    );
    Answer::ok(&documents)
}

fn file(app: &App, id: String, name: String, purpose: String, media: String, size: i64, added_at: &str) -> Document {
    Document {
        id: DocumentId(id),
        name,
        kind: DocumentKind::File,
        certificate: None,
        issuer: None,
        valid_until: None,
        expired: false,
        purpose: Some(purpose).filter(|purpose| !purpose.is_empty()),
        media,
        size,
        added_at: app.catalogue.zone.moment(added_at),
    }
}

/// Whether every document of a provision belongs to the person.
///
/// # Errors
/// When one does not: it is not there.
pub async fn all_of(app: &App, person: &str, provided: &Provided) -> Result<(), Refusal> {
    let Provided::Documents { documents } = provided else { return Ok(()) };
    let certificates = app.registers.certificates(person, Language::Zh, app.catalogue.today());
    for id in documents {
        match certificates.iter().find(|certificate| certificate.id == *id) {
            Some(certificate) if certificate.expired => return Err(Refusal::Conflict("the certificate has expired")),
            Some(_) => {}
            None => {
                sqlx::query_as::<_, (String,)>("SELECT id FROM documents WHERE id = $1 AND owner = $2")
                    .bind(id.as_str())
                    .bind(person)
                    .fetch_optional(app.store.reads())
                    .await?
                    .ok_or(Refusal::NotFound)?;
            }
        }
    }
    Ok(())
}

async fn upload(State(app): State<App>, person: Person, request: Request) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let key = key(&parts.headers)?;
    let name = file_name(&parts.headers);
    let purpose = header_text(&parts.headers, "x-purpose");
    let bytes = <Bytes as axum::extract::FromRequest<App>>::from_request(Request::from_parts(parts, body), &app)
        .await
        .map_err(|_| Refusal::TooLarge)?;
    let media = sniff(&bytes).ok_or(Refusal::Media)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let once = Once { owner: person.id.clone(), key, fingerprint: sha256.clone() };
    let size = i64::try_from(bytes.len()).map_err(|_| Refusal::TooLarge)?;
    keep(&app, &sha256, &bytes).await?;
    let app = app.clone();
    app.clone()
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let (id, at) = (random::id(), clock::stored_now());
                    insert(connection, &person.id, &id, &name, &purpose, media, size, &sha256, &at).await?;
                    Answer::created(&file(&app, id, name, purpose, media.to_owned(), size, &at))
                })
            }),
        )
        .await
}

#[expect(clippy::too_many_arguments, reason = "one argument a column")]
async fn insert(
    connection: &mut sqlx::AnyConnection,
    owner: &str,
    id: &str,
    name: &str,
    purpose: &str,
    media: &str,
    size: i64,
    sha256: &str,
    at: &str,
) -> Result<(), Refusal> {
    sqlx::query("INSERT INTO documents (id, owner, name, purpose, media, size, sha256, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id)
        .bind(owner)
        .bind(name)
        .bind(purpose)
        .bind(media)
        .bind(size)
        .bind(sha256)
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a file under its digest; a file that is there already is the same file.
async fn keep(app: &App, sha256: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let path = app.files.join(sha256);
    if tokio::fs::try_exists(&path).await? {
        return Ok(());
    }
    let fresh = app.files.join(format!("{}.part", random::id()));
    tokio::fs::create_dir_all(&*app.files).await?;
    tokio::fs::write(&fresh, bytes).await?;
    tokio::fs::File::open(&fresh).await?.sync_all().await?;
    tokio::fs::rename(&fresh, &path).await?;
    Ok(())
}

/// The name the person's device gave the file, made harmless.
fn file_name(headers: &HeaderMap) -> String {
    let name = header_text(headers, "x-file-name");
    if name.trim_matches('.').trim().is_empty() { "file".to_owned() } else { name }
}

/// A percent-encoded header as a short, harmless text.
fn header_text(headers: &HeaderMap, name: &str) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = percent_decode_str(text).decode_utf8_lossy();
    let text = text.rsplit(['/', '\\']).next().unwrap_or_default();
    text.chars().filter(|letter| !letter.is_control()).take(100).collect()
}

/// The media type, by content; `None` for anything that is not taken.
fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if starts(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if starts(b"%PDF-") {
        Some("application/pdf")
    } else if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

async fn content(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = DocumentId(id);
    if let Some(picture) = app.registers.picture(&person.id, &id, language) {
        return Ok(download(draw(&picture).into_bytes(), "image/svg+xml", "certificate.svg"));
    }
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT name, media, sha256 FROM documents WHERE id = $1 AND owner = $2")
            .bind(id.as_str())
            .bind(&person.id)
            .fetch_optional(app.store.reads())
            .await?;
    let (name, media, sha256) = row.ok_or(Refusal::NotFound)?;
    let bytes = tokio::fs::read(app.files.join(sha256)).await?;
    Ok(download(bytes, &media, &name))
}

/// A file that a browser will not run or show as a page.
#[must_use]
pub fn download(bytes: Vec<u8>, media: &str, name: &str) -> Response {
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(media).unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Draws a certificate of the demo city; it says on its face that it is none.
#[must_use]
pub fn draw(picture: &Picture) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let lines: String = picture
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            format!("<text x=\"300\" y=\"{}\" font-size=\"22\">{}</text>", 190 + index * 44, escape(line))
        })
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"600\" height=\"400\" viewBox=\"0 0 600 400\" \
         font-family=\"sans-serif\" text-anchor=\"middle\" fill=\"#1c2733\">\
         <rect width=\"600\" height=\"400\" fill=\"#fdfbf5\"/><rect x=\"16\" y=\"16\" width=\"568\" height=\"368\" fill=\"none\" stroke=\"#8a6d3b\" stroke-width=\"2\"/>\
         <text x=\"300\" y=\"110\" font-size=\"{}\" font-weight=\"700\">{}</text>{lines}\
         <text x=\"300\" y=\"368\" font-size=\"16\" fill=\"#a12622\">演示样例 · 不具法律效力 · Sample, not a legal document</text></svg>",
        if picture.title.chars().count() > 16 { 24 } else { 34 },
        escape(&picture.title),
    )
}

async fn delete(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let gone = sqlx::query("DELETE FROM documents WHERE id = $1 AND owner = $2")
                    .bind(id)
                    .bind(person.id)
                    .execute(connection)
                    .await?;
                if gone.rows_affected() == 1 { Ok(Answer::nothing()) } else { Err(Refusal::NotFound) }
            })
        }))
        .await
}

/// Takes over, once, the files a made-up person uploaded before: drawn, and labelled as samples.
///
/// # Errors
/// When the store does not answer.
pub async fn adopt_earlier_files(app: &App, person: &Person) -> Result<(), Refusal> {
    for (name, day, material) in app.registers.earlier_files(&person.id) {
        let bytes = draw(&Picture { title: material.clone(), lines: vec![name.clone(), day.clone()] }).into_bytes();
        let sha256 = hex::encode(Sha256::digest(&bytes));
        keep(app, &sha256, &bytes).await?;
        let id = format!("demo{}", &random::hash(&format!("{}/{name}", person.id))[..20]);
        let size = i64::try_from(bytes.len()).unwrap_or(0);
        let owner = person.id.clone();
        app.store
            .write(Box::new(move |connection| {
                Box::pin(async move {
                    sqlx::query(
                        "INSERT INTO documents (id, owner, name, purpose, media, size, sha256, added_at) VALUES ($1, $2, $3, $4, 'image/svg+xml', $5, $6, $7) \
                         ON CONFLICT DO NOTHING",
                    )
                    .bind(id)
                    .bind(owner)
                    .bind(name)
                    .bind(material)
                    .bind(size)
                    .bind(sha256)
                    .bind(format!("{day}T00:00:00.000Z"))
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            }))
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_not_the_name() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(sniff(b"%PDF-1.7"), Some("application/pdf"));
        for refused in [&b"<svg xmlns="[..], b"GIF89a", b"PK\x03\x04", b"<html>", b"", b"RIFFxxxxWAVE"] {
            assert_eq!(sniff(refused), None);
        }
    }

    #[test]
    fn file_names_are_made_harmless() {
        for (sent, kept) in [
            ("%E7%85%A7.jpg", "照.jpg"),
            ("..%2F..%2Fetc%2Fpasswd", "passwd"),
            ("a%0D%0Ab.png", "ab.png"),
            ("", "file"),
            ("..", "file"),
        ] {
            let headers = HeaderMap::from_iter([(
                header::HeaderName::from_static("x-file-name"),
                HeaderValue::from_static(sent),
            )]);
            assert_eq!(file_name(&headers), kept);
        }
    }

    #[test]
    fn drawn_texts_cannot_break_out() {
        let drawn = draw(&Picture { title: "<script>".into(), lines: vec!["a&b".into()] });
        assert!(drawn.contains("&lt;script&gt;") && drawn.contains("a&amp;b"));
    }
}
