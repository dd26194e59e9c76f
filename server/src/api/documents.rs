//! The personal store: e-certificates from registers and files the person uploaded.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use contract::application::ApplicationId;
use contract::catalogue::{BundleId, MaterialId, Subject};
use contract::material::{Document, DocumentId, DocumentKind, Provided, Use};
use sqlx::AnyConnection;

use crate::files::blobs;
use crate::files::inspect::Sound;
use crate::http::extract::{Language, Person};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::sim::registers::Picture;
use crate::{App, clock, random};

pub(super) fn add(routes: &mut Routes) {
    let list = routes.schema::<Vec<Document>>();
    routes.add(
        routes
            .describe("get", "/documents", "My e-certificates and files, with where they were used", Access::Person)
            .gives(200, list),
        self::list,
    );
    routes.add(
        routes
            .describe("get", "/documents/{id}/content", "A document's content", Access::Person)
            .gives_media(200, "application/octet-stream"),
        content,
    );
    routes.add(
        routes
            .describe("delete", "/documents/{id}", "Delete a file of mine, all its versions", Access::Person)
            .gives_nothing(),
        delete,
    );
}

async fn list(State(app): State<App>, person: Person, language: Language) -> Result<Answer, Refusal> {
    Answer::ok(&of(&app, &person.id, language).await?)
}

/// Everything in a person's store, e-certificates first, then files, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of(app: &App, person: &str, language: Language) -> Result<Vec<Document>, Refusal> {
    let mut uses = uses(app, person, language).await?;
    let mut documents = app.registers.certificates(person, language, app.catalogue.today());
    documents.extend(files(app, person).await?);
    for document in &mut documents {
        document.uses = uses.remove(document.id.as_str()).unwrap_or_default();
    }
    Ok(documents)
}

type Columns = (String, String, String, String, i64, String, String, i64, i64, Option<String>);
const COLUMNS: &str = "id, name, fits, media, size, added_at, subject, pages, version, earlier";

async fn files(app: &App, person: &str) -> Result<Vec<Document>, Refusal> {
    let query = format!(
        "SELECT {COLUMNS} FROM documents WHERE owner = $1 AND removed_at IS NULL AND replaced_by IS NULL ORDER BY added_at DESC"
    );
    let rows: Vec<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(person).fetch_all(app.store.reads()).await?;
    Ok(rows.into_iter().map(|row| file(app, row)).collect())
}

fn file(app: &App, row: Columns) -> Document {
    let (id, name, fits, media, size, added_at, subject, pages, version, earlier) = row;
    Document {
        id: DocumentId(id),
        name,
        kind: DocumentKind::File,
        fits,
        subject: subject_of(&subject),
        holder: None,
        issuer: None,
        identifier: None,
        valid_until: None,
        expired: false,
        media,
        pages: u32::try_from(pages).unwrap_or(1),
        size,
        added_at: app.catalogue.zone.moment(&added_at),
        version: u32::try_from(version).unwrap_or(1),
        earlier: earlier.map(DocumentId),
        uses: Vec::new(),
    }
}

fn subject_of(text: &str) -> Option<Subject> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn subject_name(subject: Option<Subject>) -> String {
    let named = subject.and_then(|subject| serde_json::to_value(subject).ok());
    named.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

type UseColumns = (String, String, String, Option<String>, Option<String>, Option<String>, String);

/// Where each document of a person was used, newest first.
async fn uses(app: &App, person: &str, language: Language) -> Result<BTreeMap<String, Vec<Use>>, Refusal> {
    let rows: Vec<UseColumns> = sqlx::query_as(
        "SELECT uses.document, uses.bundle, uses.material, uses.application, applications.number, uses.notice_version, uses.at \
         FROM uses LEFT JOIN applications ON applications.id = uses.application WHERE uses.owner = $1 ORDER BY uses.at DESC",
    )
    .bind(person)
    .fetch_all(app.store.reads())
    .await?;
    let mut all: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for (document, bundle, material, application, number, notice, at) in rows {
        let text = app.catalogue.text(&BundleId(bundle.clone()), language);
        let named = text.and_then(|text| engine::promise::material(text, &MaterialId(material.clone())));
        all.entry(document).or_default().push(Use {
            errand: text.map_or(bundle, |text| text.name.clone()),
            material: named.map_or(material, |material| material.name.clone()),
            application: application.map(ApplicationId),
            number,
            at: app.catalogue.zone.moment(&at),
            notice,
        });
    }
    Ok(all)
}

/// Files given to a draft that are not among those known: another hand's, or versions taken again since.
/// E-certificates of the other hand stay nameless.
///
/// # Errors
/// When the database does not answer.
pub async fn given(
    app: &App,
    draft: &str,
    known: &[Document],
    requirements: &[contract::material::Requirement],
) -> Result<Vec<Document>, Refusal> {
    let mut all = Vec::new();
    for requirement in requirements {
        let Some(Provided::Documents { documents }) = &requirement.provided else { continue };
        for id in documents.iter().filter(|id| !known.iter().any(|document| document.id == **id)) {
            let query = format!(
                "SELECT {COLUMNS} FROM documents WHERE id = $1 \
                 AND EXISTS (SELECT 1 FROM uses WHERE uses.document = documents.id AND uses.draft = $2)"
            );
            let row: Option<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(query))
                .bind(id.as_str())
                .bind(draft)
                .fetch_optional(app.store.reads())
                .await?;
            all.extend(row.map(|row| file(app, row)));
        }
    }
    Ok(all)
}

/// One document of a person's store.
///
/// # Errors
/// When it is not there.
pub async fn one(app: &App, person: &Person, id: &str) -> Result<Document, Refusal> {
    let query = format!("SELECT {COLUMNS} FROM documents WHERE id = $1 AND owner = $2 AND removed_at IS NULL");
    let row: Option<Columns> =
        sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(id).bind(&person.id).fetch_optional(app.store.reads()).await?;
    row.map(|row| file(app, row)).ok_or(Refusal::NotFound)
}

/// Whether a file is in a person's store.
///
/// # Errors
/// When it is not.
pub async fn owned(app: &App, person: &str, id: &str) -> Result<(), Refusal> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT id FROM documents WHERE id = $1 AND owner = $2 AND removed_at IS NULL")
            .bind(id)
            .bind(person)
            .fetch_optional(app.store.reads())
            .await?;
    row.map(|_| ()).ok_or(Refusal::NotFound)
}

/// Whether every document of a provision is in the person's store and valid.
///
/// # Errors
/// When one is not there, or has expired.
pub async fn all_of(app: &App, person: &str, provided: &Provided) -> Result<(), Refusal> {
    let Provided::Documents { documents } = provided else { return Ok(()) };
    let certificates = app.registers.certificates(person, Language::SOURCE, app.catalogue.today());
    for id in documents {
        match certificates.iter().find(|certificate| certificate.id == *id) {
            Some(certificate) if certificate.expired => {
                return Err(Refusal::Barred(contract::material::Bar::Expired));
            }
            Some(_) => {}
            None => owned(app, person, id.as_str()).await?,
        }
    }
    Ok(())
}

/// Whether using a document for an errand is a new purpose, which needs a consent of its own. A file
/// uploaded for this errand and used nowhere else is not, nor is what was agreed to in it before.
///
/// # Errors
/// When the database does not answer.
pub async fn is_new_purpose(
    connection: &mut AnyConnection,
    bundle: &BundleId,
    draft: &str,
    id: &DocumentId,
) -> Result<bool, Refusal> {
    let agreed: Option<(String,)> =
        sqlx::query_as("SELECT document FROM uses WHERE document = $1 AND (draft = $2 OR application = $2) LIMIT 1")
            .bind(id.as_str())
            .bind(draft)
            .fetch_optional(&mut *connection)
            .await?;
    if agreed.is_some() {
        return Ok(false);
    }
    let own: Option<(String,)> = sqlx::query_as("SELECT id FROM documents WHERE id = $1 AND bundle = $2")
        .bind(id.as_str())
        .bind(bundle.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let elsewhere: Option<(String,)> =
        sqlx::query_as("SELECT document FROM uses WHERE document = $1 AND draft <> $2 LIMIT 1")
            .bind(id.as_str())
            .bind(draft)
            .fetch_optional(connection)
            .await?;
    Ok(own.is_none() || elsewhere.is_some())
}

/// For what documents are used.
pub struct Purpose<'a> {
    /// Whose documents.
    pub owner: &'a str,
    /// The draft, or the application it became.
    pub draft: &'a str,
    /// The application, once there is one.
    pub application: Option<&'a str>,
    /// The errand.
    pub bundle: &'a BundleId,
    /// The material.
    pub material: &'a MaterialId,
    /// Version and digest of the notice agreed to.
    pub notice: Option<(&'a str, &'a str)>,
}

/// Records what documents are used for; what the same material used before in the same errand and
/// was not submitted counts no more.
///
/// # Errors
/// When the database does not answer.
pub async fn record_uses(
    connection: &mut AnyConnection,
    purpose: &Purpose<'_>,
    documents: &[DocumentId],
) -> Result<(), Refusal> {
    let before: Vec<(String,)> =
        sqlx::query_as("SELECT document FROM uses WHERE draft = $1 AND material = $2 AND application IS NULL")
            .bind(purpose.draft)
            .bind(purpose.material.as_str())
            .fetch_all(&mut *connection)
            .await?;
    for (gone,) in before.iter().filter(|(id,)| !documents.iter().any(|document| document.as_str() == id)) {
        sqlx::query("DELETE FROM uses WHERE draft = $1 AND material = $2 AND document = $3")
            .bind(purpose.draft)
            .bind(purpose.material.as_str())
            .bind(gone)
            .execute(&mut *connection)
            .await?;
    }
    for document in documents {
        sqlx::query(
            "INSERT INTO uses (document, owner, draft, material, bundle, application, notice_version, notice_digest, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(document.as_str())
        .bind(purpose.owner)
        .bind(purpose.draft)
        .bind(purpose.material.as_str())
        .bind(purpose.bundle.as_str())
        .bind(purpose.application)
        .bind(purpose.notice.map(|(version, _)| version))
        .bind(purpose.notice.map(|(_, digest)| digest))
        .bind(clock::stored_now())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// An upload that ended is remembered for so many seconds: a week.
const ENDED: i64 = 7 * 24 * 3600;

/// A file that was judged sound.
pub struct Arrived {
    /// The name its device gave it.
    pub name: String,
    /// The errand it was uploaded for.
    pub bundle: BundleId,
    /// The kind of paper it is.
    pub fits: String,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// The material it was uploaded for, by name.
    pub purpose: String,
    /// The document it is a newer version of.
    pub replaces: Option<String>,
    /// When it came (stored form), where that was before it arrived here.
    pub at: Option<String>,
    /// Its content.
    pub sound: Sound,
}

/// Puts a file into a person's store; the same content for the same kind of paper is the same document.
///
/// # Errors
/// When the store or the database does not take it.
pub async fn keep(app: &App, owner: &str, arrived: Arrived, upload: Option<String>) -> Result<String, Refusal> {
    let written = blobs::write(app, &arrived.sound.bytes).await?;
    let (sweeping, app, owner) = (app.clone(), app.clone(), owner.to_owned());
    let id = app
        .store
        .clone()
        .write(Box::new(move |connection| {
            Box::pin(async move {
                blobs::keep(&app, connection, &written).await?;
                let id = insert(connection, &owner, &arrived, &written.sha256).await?;
                if let Some(upload) = upload {
                    // A device may ask for a week what became of it: so long it keeps what it sent.
                    let there = sqlx::query("UPDATE uploads SET document = $1, expires_at = $2 WHERE id = $3")
                        .bind(&id)
                        .bind(clock::stored_in(ENDED))
                        .bind(upload)
                        .execute(connection)
                        .await?;
                    // It was given up while it was looked at.
                    if there.rows_affected() != 1 {
                        return Err(Refusal::NotFound);
                    }
                }
                Ok(id)
            })
        }))
        .await?;
    blobs::sweep(&sweeping).await?;
    Ok(id)
}

async fn insert(
    connection: &mut AnyConnection,
    owner: &str,
    arrived: &Arrived,
    sha256: &str,
) -> Result<String, Refusal> {
    let subject = subject_name(arrived.subject);
    let same: Option<(String,)> = sqlx::query_as(
        "SELECT id FROM documents WHERE owner = $1 AND sha256 = $2 AND fits = $3 AND subject = $4 \
         AND removed_at IS NULL AND replaced_by IS NULL",
    )
    .bind(owner)
    .bind(sha256)
    .bind(&arrived.fits)
    .bind(&subject)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some((same,)) = same {
        // One that serves somewhere belongs to that purpose; this one is for another.
        let serving: Option<(String,)> = sqlx::query_as("SELECT document FROM uses WHERE document = $1 LIMIT 1")
            .bind(&same)
            .fetch_optional(&mut *connection)
            .await?;
        if serving.is_none() {
            sqlx::query("UPDATE documents SET bundle = $1 WHERE id = $2")
                .bind(arrived.bundle.as_str())
                .bind(&same)
                .execute(&mut *connection)
                .await?;
            return Ok(same);
        }
    }
    let mut version = 1;
    if let Some(before) = &arrived.replaces {
        let row: Option<(i64,)> = sqlx::query_as("SELECT version FROM documents WHERE id = $1 AND owner = $2")
            .bind(before)
            .bind(owner)
            .fetch_optional(&mut *connection)
            .await?;
        // The version before may have been deleted meanwhile.
        version = row.map_or(1, |(before,)| before + 1);
    }
    let id = random::id();
    sqlx::query(
        "INSERT INTO documents (id, owner, name, purpose, media, size, sha256, added_at, fits, subject, bundle, pages, version, earlier) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(&id)
    .bind(owner)
    .bind(&arrived.name)
    .bind(&arrived.purpose)
    .bind(arrived.sound.media)
    .bind(i64::try_from(arrived.sound.bytes.len()).unwrap_or(0))
    .bind(sha256)
    .bind(arrived.at.clone().unwrap_or_else(clock::stored_now))
    .bind(&arrived.fits)
    .bind(subject)
    .bind(arrived.bundle.as_str())
    .bind(i64::from(arrived.sound.pages))
    .bind(version)
    .bind(&arrived.replaces)
    .execute(&mut *connection)
    .await?;
    if let Some(before) = &arrived.replaces {
        sqlx::query("UPDATE documents SET replaced_by = $1 WHERE id = $2 AND owner = $3")
            .bind(&id)
            .bind(before)
            .bind(owner)
            .execute(connection)
            .await?;
    }
    Ok(id)
}

async fn content(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = DocumentId(id);
    if id.as_str().starts_with(CERTIFICATE) || owned(&app, &person.id, id.as_str()).await.is_ok() {
        return served(&app, &person.id, &id, language).await;
    }
    // What an agent gave in an errand of mine is mine to look at.
    let row: Option<(String,)> = sqlx::query_as(
        "SELECT uses.owner FROM uses LEFT JOIN drafts ON drafts.id = uses.draft \
         LEFT JOIN applications ON applications.id = uses.application \
         WHERE uses.document = $1 AND uses.owner <> $2 AND (drafts.owner = $2 OR applications.owner = $2) LIMIT 1",
    )
    .bind(id.as_str())
    .bind(&person.id)
    .fetch_optional(app.store.reads())
    .await?;
    let (agent,) = row.ok_or(Refusal::NotFound)?;
    served(&app, &agent, &id, language).await
}

/// E-certificates' ids begin so, as no file's does; they live in registers, not in the database.
pub const CERTIFICATE: &str = "ec-";

/// A document of a person as a download, removed from the store or not: who may have it is decided before.
///
/// # Errors
/// When it is not there.
pub async fn served(app: &App, owner: &str, id: &DocumentId, language: Language) -> Result<Response, Refusal> {
    if let Some(picture) = app.registers.picture(owner, id, language) {
        return Ok(download(draw(&picture).into_bytes(), "image/svg+xml", "certificate.svg"));
    }
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT name, media, sha256 FROM documents WHERE id = $1 AND owner = $2")
            .bind(id.as_str())
            .bind(owner)
            .fetch_optional(app.store.reads())
            .await?;
    let (name, media, sha256) = row.ok_or(Refusal::NotFound)?;
    Ok(download(blobs::read(app, &sha256).await?, &media, &name))
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
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
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
            let size = if line.len() > 60 { 12 } else { 22 };
            format!("<text x=\"300\" y=\"{}\" font-size=\"{size}\">{}</text>", 180 + index * 38, escape(line))
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

/// Deletes a file with all its versions. Where a version was submitted, the copy stays with that
/// application alone; in drafts its place is open again.
async fn delete(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    let erased = app.clone();
    app.store
        .clone()
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let mut next = Some(id);
                let mut found = false;
                while let Some(id) = next {
                    let row: Option<(String, Option<String>)> = sqlx::query_as(
                        "SELECT sha256, earlier FROM documents WHERE id = $1 AND owner = $2 AND removed_at IS NULL",
                    )
                    .bind(&id)
                    .bind(&person.id)
                    .fetch_optional(&mut *connection)
                    .await?;
                    let Some((sha256, earlier)) = row else { break };
                    found = true;
                    super::drafts::forget_document(&app, connection, &id).await?;
                    remove(&app, connection, &id, &sha256).await?;
                    next = earlier;
                }
                if found { Ok(()) } else { Err(Refusal::NotFound) }
            })
        }))
        .await?;
    blobs::sweep(&erased).await?;
    Ok(Answer::nothing())
}

async fn remove(app: &App, connection: &mut AnyConnection, id: &str, sha256: &str) -> Result<(), Refusal> {
    let submitted: Option<(String,)> =
        sqlx::query_as("SELECT document FROM uses WHERE document = $1 AND application IS NOT NULL LIMIT 1")
            .bind(id)
            .fetch_optional(&mut *connection)
            .await?;
    if submitted.is_some() {
        sqlx::query("UPDATE documents SET removed_at = $1 WHERE id = $2")
            .bind(clock::stored_now())
            .bind(id)
            .execute(connection)
            .await?;
        return Ok(());
    }
    sqlx::query("DELETE FROM documents WHERE id = $1").bind(id).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM uses WHERE document = $1").bind(id).execute(&mut *connection).await?;
    blobs::release(app, connection, sha256).await
}

/// Marks, among those whose files were taken over, that uses of earlier releases were noted.
const NOTED: &str = "uses of earlier releases";

/// Notes, once, which documents applications and drafts of earlier releases hold, so that deleting one
/// leaves what was submitted where it is.
///
/// # Errors
/// When the database does not answer.
pub async fn note_earlier_uses(app: &App) -> Result<(), Refusal> {
    if is_adopted(app, NOTED).await? {
        return Ok(());
    }
    let cases: Vec<(String,)> = sqlx::query_as("SELECT doc FROM applications").fetch_all(app.store.reads()).await?;
    let drafts: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT id, owner, bundle, doc FROM drafts").fetch_all(app.store.reads()).await?;
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                for (doc,) in cases {
                    let case: crate::case::Case = serde_json::from_str(&doc)?;
                    let id = case.id.as_str();
                    note_all(connection, &case.owner, (id, Some(id)), &case.bundle, &case.materials).await?;
                }
                for (id, owner, bundle, doc) in drafts {
                    let stored: super::drafts::StoredDraft = serde_json::from_str(&doc)?;
                    note_all(connection, &owner, (&id, None), &BundleId(bundle), &stored.materials).await?;
                }
                adopt(connection, NOTED).await
            })
        }))
        .await
}

async fn note_all(
    connection: &mut AnyConnection,
    owner: &str,
    (draft, application): (&str, Option<&str>),
    bundle: &BundleId,
    materials: &BTreeMap<MaterialId, Provided>,
) -> Result<(), Refusal> {
    for (material, provided) in materials {
        if let Provided::Documents { documents } = provided {
            let purpose = Purpose { owner, draft, application, bundle, material, notice: None };
            record_uses(connection, &purpose, documents).await?;
        }
    }
    Ok(())
}

async fn is_adopted(app: &App, what: &str) -> Result<bool, Refusal> {
    let row: Option<(String,)> = sqlx::query_as("SELECT person FROM adopted WHERE person = $1")
        .bind(what)
        .fetch_optional(app.store.reads())
        .await?;
    Ok(row.is_some())
}

async fn adopt(connection: &mut AnyConnection, what: &str) -> Result<(), Refusal> {
    sqlx::query("INSERT INTO adopted (person) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(what)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes over, once, the files a made-up person uploaded before: drawn, and labelled as samples.
///
/// # Errors
/// When the store does not answer.
pub async fn adopt_earlier_files(app: &App, person: &Person) -> Result<(), Refusal> {
    if is_adopted(app, &person.id).await? {
        return Ok(());
    }
    for (name, day, material) in app.registers.earlier_files(&person.id) {
        let bytes = draw(&Picture { title: material.clone(), lines: vec![name.clone(), day.clone()] }).into_bytes();
        let arrived = Arrived {
            name,
            bundle: BundleId(String::new()),
            fits: app.catalogue.paper_kind(&material),
            subject: None,
            purpose: material,
            replaces: None,
            at: Some(format!("{day}T00:00:00.000Z")),
            sound: Sound { media: "image/svg+xml", pages: 1, bytes },
        };
        keep(app, &person.id, arrived, None).await?;
    }
    let id = person.id.clone();
    app.store.write(Box::new(move |connection| Box::pin(async move { adopt(connection, &id).await }))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_texts_cannot_break_out() {
        let drawn = draw(&Picture { title: "<script>".into(), lines: vec!["a&b".into()] });
        assert!(drawn.contains("&lt;script&gt;") && drawn.contains("a&amp;b"));
    }
}
