//! What was promised in an application: brought, taken back, downloaded; broken promises and their repair.

use axum::extract::{Path, State};
use axum::response::Response;
use contract::application::Application;
use contract::catalogue::{Bundle, MaterialId};
use contract::desk::DeskBreach;
use contract::material::{Bring, DocumentId, Paper, PaperId, PaperKind, Provided, Requirements};
use engine::condition::Truth;
use sqlx::AnyConnection;

use super::applications;
use super::documents::{self, Purpose};
use super::ways::{self, Around};
use crate::case::Case;
use crate::http::extract::{Clerk, Language, Once, Person, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, papers, standing, till};

pub(super) fn add(routes: &mut Routes) {
    let requirements = routes.schema::<Requirements>();
    routes.add(
        routes
            .describe(
                "get",
                "/applications/{id}/materials",
                "Materials asked for now: a correction's and what is owed",
                Access::Person,
            )
            .gives(200, requirements),
        asked,
    );
    let (bring, application) = (routes.schema::<Bring>(), routes.schema::<Application>());
    routes.add(
        routes
            .describe("post", "/applications/{id}/owed/{material}", "Bring a material that is owed", Access::Person)
            .once()
            .takes(bring)
            .gives(200, application.clone()),
        self::bring,
    );
    routes.add(
        routes
            .describe(
                "post",
                "/applications/{id}/withdrawals/{material}",
                "Take a declaration back, until the decision",
                Access::Person,
            )
            .once()
            .gives(200, application),
        withdraw,
    );
    routes.add(
        routes
            .describe("get", "/applications/{id}/papers/{paper}", "A signed or served paper, as PDF/A", Access::Person)
            .gives_media(200, "application/pdf"),
        paper,
    );
    routes.add(
        routes
            .describe("get", "/desk/lanes/{id}/papers/{paper}", "Desk: a paper of the lane's, as PDF/A", Access::Desk)
            .gives_media(200, "application/pdf"),
        desk_paper,
    );
    routes.add(
        routes
            .describe(
                "get",
                "/desk/lanes/{id}/documents/{document}",
                "Desk: a document the lane's item needs",
                Access::Desk,
            )
            .gives_media(200, "application/octet-stream"),
        desk_document,
    );
    let breaches = routes.schema::<Vec<DeskBreach>>();
    routes.add(
        routes
            .describe("get", "/desk/breaches", "Desk: promises that were not kept", Access::Desk)
            .gives(200, breaches),
        self::breaches,
    );
    routes.add(
        routes
            .describe("post", "/desk/breaches/{id}/repair", "Desk: a broken promise is repaired", Access::Desk)
            .gives_nothing(),
        repair,
    );
}

async fn asked(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let (case, version) = applications::find_of(app.store.reads(), &person.id, &id).await?;
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let text = app.catalogue.text(&case.bundle, language).unwrap_or(bundle);
    let plan = case.plan(bundle);
    let around =
        Around::of(&app, &person, &case.owner, (bundle, &case.facts), &std::collections::BTreeSet::new(), language)
            .await?;
    let circumstances = around.circumstances(&app, bundle, &plan);
    let view = case.view(&app.catalogue, bundle, language, version);
    let open = |id: &MaterialId| {
        let owed = view.owed.iter().find(|owed| owed.material == *id);
        owed.filter(|owed| owed.state == contract::material::OwedState::Open).cloned()
    };
    let wanted = |id: &MaterialId| case.correction.as_ref().is_some_and(|asked| asked.materials.contains(id));
    let asked = bundle.materials.iter().filter(|material| wanted(&material.id) || open(&material.id).is_some());
    let requirements: Vec<_> = asked
        .map(|material| {
            let mut one = ways::requirement(material, Truth::Yes, text, &circumstances, None, open(&material.id));
            // Something asked for is to be brought; it was promised or declared before.
            one.ways.retain(|way| {
                use contract::material::Way::{ECertificate, Stored, Upload};
                matches!(way, ECertificate { .. } | Stored { .. } | Upload)
            });
            one
        })
        .collect();
    let notice = notice(&app, &case, bundle, language)?;
    Answer::ok(&Requirements {
        documents: ways::concerned(around.documents, &requirements),
        requirements,
        notice,
        limits: ways::limits(&app),
    })
}

/// The purpose notice of an application: for what stored documents would be used, and by whom.
fn notice(app: &App, case: &Case, bundle: &Bundle, language: Language) -> Result<Paper, Refusal> {
    let text = app.catalogue.text(&case.bundle, language).unwrap_or(bundle);
    let (plan, day) = (case.plan(bundle), app.catalogue.today());
    let about =
        papers::Subject { applicant: "", bundle: text, plan: &plan, material: None, number: "", until: None, day };
    papers::render(app, PaperKind::Reuse, language, &about)
}

async fn bring(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((id, material)): Path<(String, String)>,
    request: Unsafe<Bring>,
) -> Result<Answer, Refusal> {
    let Bring { documents, signed } = request.body;
    let most = app.catalogue.region.uploads.most_pages as usize;
    if documents.is_empty() || documents.len() > most {
        return Err(Refusal::Malformed(format!("1 to {most} documents")));
    }
    let (material, owner) = (MaterialId(material), person.id.clone());
    changed(app, person, language, id, request.once, move |app, connection, case| {
        Box::pin(async move {
            let provided = Provided::Documents { documents: documents.clone() };
            documents::all_of(&app, &owner, &provided).await?;
            let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
            case.bring(&app.catalogue, bundle, &material, documents.clone())?;
            note(&app, connection, case, language, &material, &documents, signed.as_deref()).await
        })
    })
    .await
}

/// Records that documents of the store serve an application, with the notice agreed to where that is new.
///
/// # Errors
/// When a document serves a new purpose and the notice was not agreed to.
pub async fn note(
    app: &App,
    connection: &mut AnyConnection,
    case: &Case,
    language: Language,
    material: &MaterialId,
    documents: &[DocumentId],
    signed: Option<&str>,
) -> Result<(), Refusal> {
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let mut new = false;
    for document in documents {
        new |= documents::is_new_purpose(connection, &case.bundle, case.id.as_str(), document).await?;
    }
    let mut notice = None;
    if new {
        let paper = self::notice(app, case, bundle, language)?;
        match signed {
            Some(signed) if signed == paper.digest => notice = Some((paper.version, paper.digest)),
            Some(_) => return Err(Refusal::PaperChanged),
            None => return Err(Refusal::Unsigned),
        }
    }
    let purpose = Purpose {
        owner: &case.owner,
        draft: case.id.as_str(),
        application: Some(case.id.as_str()),
        bundle: &case.bundle,
        material,
        notice: notice.as_ref().map(|(version, digest)| (version.as_str(), digest.as_str())),
    };
    documents::record_uses(connection, &purpose, documents).await
}

async fn withdraw(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((id, material)): Path<(String, String)>,
    request: Unsafe<()>,
) -> Result<Answer, Refusal> {
    let material = MaterialId(material);
    changed(app, person, language, id, request.once, move |app, _, case| {
        Box::pin(async move {
            let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
            case.withdraw(&app.catalogue, bundle, &material)
        })
    })
    .await
}

type Editing<'c> = futures_util::future::BoxFuture<'c, Result<(), Refusal>>;

/// Changes an application of one's own, once.
///
/// # Errors
/// The edit's own refusal, in which case nothing changed.
pub(super) async fn changed(
    app: App,
    person: Person,
    language: Language,
    id: String,
    once: Once,
    edit: impl for<'c> FnOnce(App, &'c mut AnyConnection, &'c mut Case) -> Editing<'c> + Send + 'static,
) -> Result<Answer, Refusal> {
    app.clone()
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    let (mut case, version) = applications::find_of(&mut *connection, &person.id, &id).await?;
                    edit(app.clone(), &mut *connection, &mut case).await?;
                    let version = applications::save(&app.catalogue, connection, &case, version).await?;
                    let view = applications::view(&app, connection, &case, version, language).await?;
                    Ok(Answer::ok(&view)?.version(version))
                })
            }),
        )
        .await
}

async fn paper(
    State(app): State<App>,
    person: Person,
    Path((id, paper)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (case, _) = applications::find_of(app.store.reads(), &person.id, &id).await?;
    file(&app, &case, &PaperId(paper), |_| true)
}

/// A paper as a file, where it may be seen.
fn file(app: &App, case: &Case, id: &PaperId, may: impl Fn(&MaterialId) -> bool) -> Result<Response, Refusal> {
    let signed = case.papers.iter().find(|signed| signed.id == *id && may(&signed.material));
    let signed = signed.ok_or(Refusal::NotFound)?;
    let applicant = app.identity.person(&case.owner).map(|person| person.name).unwrap_or_default();
    let name = format!("{}-{}.pdf", signed.paper.title, case.number);
    Ok(documents::download(papers::pdf(app, signed, &applicant)?, "application/pdf", &name))
}

async fn lane(app: &App, id: &str) -> Result<(Case, contract::desk::DeskLane), Refusal> {
    let row: Option<(String,)> = sqlx::query_as("SELECT application FROM lanes WHERE id = $1")
        .bind(id)
        .fetch_optional(app.store.reads())
        .await?;
    let (application,) = row.ok_or(Refusal::NotFound)?;
    let (case, _) = applications::find(app.store.reads(), &application).await?;
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let found = case.lanes.iter().find(|lane| lane.id.as_str() == id).ok_or(Refusal::NotFound)?;
    let view = case.desk_view(&app.catalogue, bundle, found).ok_or(Refusal::NotFound)?;
    Ok((case, view))
}

async fn desk_paper(
    State(app): State<App>,
    _clerk: Clerk,
    Path((id, paper)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (case, view) = lane(&app, &id).await?;
    file(&app, &case, &PaperId(paper), |material| view.materials.iter().any(|one| one.material == *material))
}

async fn desk_document(
    State(app): State<App>,
    _clerk: Clerk,
    language: Language,
    Path((id, document)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (case, view) = lane(&app, &id).await?;
    let document = DocumentId(document);
    let needed = view
        .materials
        .iter()
        .any(|one| matches!(&one.provided, Some(Provided::Documents { documents }) if documents.contains(&document)));
    if !needed {
        return Err(Refusal::NotFound);
    }
    // Whoever filled it in for the person may have given documents of their own store.
    let given: Option<(String,)> =
        sqlx::query_as("SELECT owner FROM uses WHERE document = $1 AND application = $2 LIMIT 1")
            .bind(document.as_str())
            .bind(case.id.as_str())
            .fetch_optional(app.store.reads())
            .await?;
    let owner = given.map_or(case.owner, |(owner,)| owner);
    documents::served(&app, &owner, &document, language).await
}

async fn breaches(State(app): State<App>, _clerk: Clerk) -> Result<Answer, Refusal> {
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT id, number, material, at FROM breaches WHERE repaired_at IS NULL ORDER BY at DESC LIMIT 200",
    )
    .fetch_all(app.store.reads())
    .await?;
    let view = |(id, number, material, at): (String, String, String, String)| DeskBreach {
        id,
        number,
        material: MaterialId(material),
        at: app.catalogue.zone.moment(&at),
    };
    Answer::ok(&rows.into_iter().map(view).collect::<Vec<_>>())
}

async fn repair(State(app): State<App>, _clerk: Clerk, Path(id): Path<String>) -> Result<Answer, Refusal> {
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let done = sqlx::query("UPDATE breaches SET repaired_at = $1 WHERE id = $2 AND repaired_at IS NULL")
                    .bind(clock::stored_now())
                    .bind(id)
                    .execute(connection)
                    .await?;
                if done.rows_affected() == 1 { Ok(Answer::nothing()) } else { Err(Refusal::NotFound) }
            })
        }))
        .await
}

/// Looks at every application in which something owed is near its last day or past it.
///
/// # Errors
/// When the database does not answer.
pub async fn day_passed(app: &App) -> Result<(), Refusal> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM applications WHERE next_due <= $1 ORDER BY next_due LIMIT 1000")
            .bind(app.catalogue.today().to_string())
            .fetch_all(app.store.reads())
            .await?;
    for (id,) in rows {
        let inner = app.clone();
        let outcome = app
            .store
            .write(Box::new(move |connection| Box::pin(async move { pass(&inner, connection, &id).await })))
            .await;
        if let Err(refusal) = outcome {
            tracing::warn!(%refusal, "a promise could not be looked at");
        }
    }
    Ok(())
}

async fn pass(app: &App, connection: &mut AnyConnection, id: &str) -> Result<(), Refusal> {
    app.store.lock(connection, id).await?;
    let (mut case, version) = applications::find(&mut *connection, id).await?;
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let passed = case.day_passed(&app.catalogue, bundle);
    for material in &passed.breaches {
        standing::broken(connection, &case.owner, case.id.as_str(), &case.number, material.as_str()).await?;
    }
    // Nobody pays for what lapsed.
    till::reprice(app, connection, &mut case).await?;
    applications::save(&app.catalogue, connection, &case, version).await?;
    Ok(())
}
