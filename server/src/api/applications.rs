//! Applications: submitted once, followed live, corrected, handed over.

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use contract::application::{Application, ChooseHandover, Submit, Submitted, Supplement};
use contract::catalogue::{Bundle, Delivery};
use contract::material::{PaperKind, Provided};
use contract::problem::{Fault, FaultRule};
use futures_util::Stream;
use sqlx::AnyConnection;

use super::ways::Around;
use super::{documents, drafts, payments, promises};
use crate::case::{Case, Disputed, Made, Signed, Submission};
use crate::catalogue::Catalogue;
use crate::http::extract::{Language, Person, Unsafe, Version};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::sim::registers::Picture;
use crate::{App, clock, papers, random, standing, till};

pub(super) fn add(routes: &mut Routes) {
    let (submit, application) = (routes.schema::<Submit>(), routes.schema::<Application>());
    routes.add(
        routes
            .describe("post", "/drafts/{id}/submission", "Submit a draft: exactly one application", Access::Person)
            .once()
            .version()
            .takes(submit)
            .gives(201, application.clone()),
        self::submit,
    );
    routes.add(
        routes
            .describe("get", "/applications/{id}", "An application of mine", Access::Person)
            .gives(200, application.clone()),
        get,
    );
    let submitted = routes.schema::<Submitted>();
    routes.add(
        routes.describe("get", "/applications/{id}/facts", "What was submitted", Access::Person).gives(200, submitted),
        facts,
    );
    routes.add(
        routes
            .describe("get", "/applications/{id}/events", "The version, again whenever it changes", Access::Person)
            .gives_media(200, "text/event-stream"),
        events,
    );
    let supplement = routes.schema::<Supplement>();
    routes.add(
        routes
            .describe("post", "/applications/{id}/supplement", "Answer a correction", Access::Person)
            .once()
            .takes(supplement)
            .gives(200, application.clone()),
        self::supplement,
    );
    let handover = routes.schema::<ChooseHandover>();
    routes.add(
        routes
            .describe("put", "/applications/{id}/handover", "Choose how results are handed over", Access::Person)
            .once()
            .takes(handover)
            .gives(200, application),
        self::handover,
    );
    routes.add(
        routes
            .describe("get", "/certificates/{application}/{id}/content", "A result, as a picture", Access::Person)
            .gives_media(200, "image/svg+xml"),
        certificate,
    );
}

/// Reads a case by id.
///
/// # Errors
/// When it is not there.
pub async fn find<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    id: &str,
) -> Result<(Case, i64), Refusal> {
    let row: Option<(String, i64)> =
        sqlx::query_as("SELECT doc, version FROM applications WHERE id = $1").bind(id).fetch_optional(executor).await?;
    let (doc, version) = row.ok_or(Refusal::NotFound)?;
    Ok((serde_json::from_str(&doc)?, version))
}

/// Reads a case for its owner; for anyone else it is not there.
///
/// # Errors
/// When it is not there.
pub async fn find_of<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    owner: &str,
    id: &str,
) -> Result<(Case, i64), Refusal> {
    let (case, version) = find(executor, id).await?;
    if case.owner == owner { Ok((case, version)) } else { Err(Refusal::NotFound) }
}

/// A case of one's own, or one that was sent for somebody: to look at, and nothing more.
async fn find_for<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    person: &str,
    id: &str,
) -> Result<(Case, i64), Refusal> {
    let (case, version) = find(executor, id).await?;
    let agent = case.agent.as_ref().is_some_and(|(agent, _)| agent == person);
    if case.owner == person || agent { Ok((case, version)) } else { Err(Refusal::NotFound) }
}

/// Stores a changed case and its lanes.
///
/// # Errors
/// When somebody else changed it meanwhile.
pub async fn save(
    catalogue: &Catalogue,
    connection: &mut AnyConnection,
    case: &Case,
    version: i64,
) -> Result<i64, Refusal> {
    let changed = sqlx::query(
        "UPDATE applications SET doc = $1, version = version + 1, next_due = $2 WHERE id = $3 AND version = $4",
    )
    .bind(serde_json::to_string(case)?)
    .bind(case.next_due(catalogue))
    .bind(case.id.as_str())
    .bind(version)
    .execute(&mut *connection)
    .await?;
    if changed.rows_affected() != 1 {
        return Err(Refusal::Stale);
    }
    for lane in &case.lanes {
        sqlx::query("UPDATE lanes SET state = $1 WHERE id = $2")
            .bind(state_name(lane.state))
            .bind(lane.id.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(version + 1)
}

/// A lane state as it is stored.
#[must_use]
pub fn state_name(state: contract::application::LaneState) -> String {
    serde_json::to_value(state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The case as its owner sees it, with its order.
///
/// # Errors
/// When the store does not answer.
pub async fn view(
    app: &App,
    connection: &mut AnyConnection,
    case: &Case,
    version: i64,
    language: Language,
) -> Result<Application, Refusal> {
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let mut view = case.view(&app.catalogue, bundle, language, version);
    view.payment = payments::of(app, connection, case, language).await?;
    Ok(view)
}

async fn submit(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    Version(seen): Version,
    request: Unsafe<Submit>,
) -> Result<Answer, Refusal> {
    // What registers and the store say is asked before anything is locked; a draft that is not there is told below.
    let around = match drafts::find(app.store.reads(), &person.id, &id).await {
        Ok(draft) => Some(Before::of(&app, &person, &draft, language).await?),
        Err(_) => None,
    };
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    // A draft that became an application before (another tab, a lost answer) gives that application.
                    let before: Option<(String,)> = sqlx::query_as("SELECT id FROM applications WHERE draft = $1")
                        .bind(&id)
                        .fetch_optional(&mut *connection)
                        .await?;
                    if let Some((before,)) = before {
                        let (case, version) = find_for(&mut *connection, &person.id, &before).await?;
                        return Ok(
                            Answer::ok(&view(&app, connection, &case, version, language).await?)?.version(version)
                        );
                    }
                    let draft = drafts::find(&mut *connection, &person.id, &id).await?;
                    if draft.version != seen || draft.stored.form != app.catalogue.form(&draft.bundle) {
                        return Err(Refusal::Stale);
                    }
                    let bundle = app.catalogue.bundle(&draft.bundle).ok_or(Refusal::NotFound)?;
                    let around = around.ok_or(Refusal::Stale)?;
                    let submission = check(&app, bundle, &person, draft, &request.body, &around, language)?;
                    let case = open(&app, connection, bundle, submission, &id, language).await?;
                    Ok(Answer::created(&view(&app, connection, &case, 1, language).await?)?.version(1))
                })
            }),
        )
        .await
}

/// What bears on a submission besides the draft itself.
struct Before {
    around: Around,
    /// Materials whose documents were deleted or expired since they were given.
    vanished: Vec<contract::catalogue::MaterialId>,
}

impl Before {
    async fn of(app: &App, person: &Person, draft: &drafts::DraftRow, language: Language) -> Result<Self, Refusal> {
        let stored = &draft.stored;
        let bundle = app.catalogue.bundle(&draft.bundle).ok_or(Refusal::NotFound)?;
        let around = Around::of(app, person, &draft.owner, (bundle, &stored.facts), &stored.knows, language).await?;
        Ok(Self { around, vanished: drafts::vanished(app, draft).await? })
    }
}

fn check(
    app: &App,
    bundle: &Bundle,
    person: &Person,
    draft: drafts::DraftRow,
    body: &Submit,
    before: &Before,
    language: Language,
) -> Result<Submission, Refusal> {
    let agent = draft.is_agent(person).then(|| (person.id.clone(), person.name.clone()));
    let (owner, mut stored, today) = (draft.owner, draft.stored, app.catalogue.today());
    stored.materials.retain(|id, _| !before.vanished.contains(id));
    let plan = engine::plan::Plan::of(bundle, &stored.facts, today);
    // An answer given since, or a broken promise, may bar a way chosen before: the material is open again.
    let signed = stored.signed.clone();
    stored.materials.retain(|id, provided| {
        engine::promise::material(bundle, id)
            .is_some_and(|material| before.around.stands(app, bundle, &plan, material, provided, signed.get(id)))
    });
    let mut faults = engine::plan::faults(bundle, &stored.facts, &stored.materials, today, app.catalogue.as_ref());
    // A value counts as the register's only where it is the one the register gave; a page that
    // says otherwise is wrong or forged.
    let same = |id: &String| stored.sources.get(id).is_some_and(|source| Some(&source.value) == stored.facts.get(id));
    faults.extend(body.given.iter().filter(|id| !same(id)).map(|id| Fault::new(id.clone(), FaultRule::Forged)));
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let facts = engine::plan::submission(bundle, &stored.facts, today);
    let commitments = made(app, bundle, &facts, body, agent.is_some(), language)?;
    let plan = engine::plan::Plan::of(bundle, &facts, today);
    let needed: Vec<_> = plan.active_materials(bundle).map(|material| material.id.clone()).collect();
    let materials = stored.materials.iter().filter(|(id, _)| needed.contains(id));
    let signed = materials.clone().filter(|(_, provided)| standing::paper_of(provided).is_some());
    let papers = signed.map(|(id, _)| stored.signed.get(id).cloned().ok_or(Refusal::Unsigned));
    let papers: Vec<Signed> = papers.collect::<Result<_, _>>()?;
    let disputes = stored.disputes.iter().filter(|(id, _)| facts.contains_key(*id)).filter_map(|(id, note)| {
        let source = stored.sources.get(id)?;
        Some(Disputed {
            field: id.clone(),
            register: source.register.clone(),
            given: source.value.clone(),
            note: note.clone(),
        })
    });
    Ok(Submission {
        owner,
        verified: facts.keys().filter(|id| same(id)).cloned().collect(),
        disputes: disputes.collect(),
        agent,
        materials: materials.map(|(id, provided)| (id.clone(), provided.clone())).collect(),
        facts,
        commitments,
        papers,
    })
}

/// The commitments made, each with the digest of the text shown.
fn made(
    app: &App,
    bundle: &Bundle,
    facts: &contract::value::Facts,
    body: &Submit,
    by_agent: bool,
    language: Language,
) -> Result<Vec<Made>, Refusal> {
    let text = app.catalogue.text(&bundle.id, language).unwrap_or(bundle);
    let at = clock::stored_now();
    let shown =
        text.commitments.iter().filter(|one| engine::condition::all(&one.when, facts) == engine::condition::Truth::Yes);
    shown
        .map(|commitment| {
            if commitment.personal && by_agent {
                return Err(Refusal::Conflict("only the person can make this commitment"));
            }
            if !body.commitments.contains(&commitment.id) {
                return Err(Refusal::Commitments);
            }
            Ok(Made { id: commitment.id.clone(), text_hash: random::hash(&commitment.text), at: at.clone() })
        })
        .collect()
}

async fn open(
    app: &App,
    connection: &mut AnyConnection,
    bundle: &Bundle,
    submission: Submission,
    draft: &str,
    language: Language,
) -> Result<Case, Refusal> {
    let basket = engine::fee::basket(
        bundle,
        &engine::plan::Plan::of(bundle, &submission.facts, app.catalogue.today()),
        &submission.facts,
    );
    let unpaid = basket.lines().map(|line| line.fee.clone()).collect();
    let mut case = Case::open(&app.catalogue, bundle, submission, number(app), unpaid);
    serve_notices(app, bundle, &mut case, language)?;
    sqlx::query("INSERT INTO applications (id, number, draft, owner, bundle, version, doc, submitted_at, next_due) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8)")
        .bind(case.id.as_str())
        .bind(&case.number)
        .bind(draft)
        .bind(&case.owner)
        .bind(case.bundle.as_str())
        .bind(serde_json::to_string(&case)?)
        .bind(&case.submitted_at)
        .bind(case.next_due(&app.catalogue))
        .execute(&mut *connection)
        .await?;
    keep_uses(connection, &case, draft).await?;
    for lane in &case.lanes {
        let department =
            bundle.items.iter().find(|item| item.id == lane.item).map_or("", |item| item.department.as_str());
        sqlx::query("INSERT INTO lanes (id, application, department, state) VALUES ($1, $2, $3, $4)")
            .bind(lane.id.as_str())
            .bind(case.id.as_str())
            .bind(department)
            .bind(state_name(lane.state))
            .execute(&mut *connection)
            .await?;
    }
    if !basket.is_empty() {
        till::open(connection, &case, basket).await?;
    }
    for one in &case.disputes {
        app.registers.dispute(&one.register, case.id.as_str(), &one.field);
    }
    // The draft has become the application; what it held lives on there.
    sqlx::query("DELETE FROM drafts WHERE id = $1").bind(draft).execute(connection).await?;
    Ok(case)
}

/// Serves the notice of each deferral: what is owed, until when, and what lapse does.
fn serve_notices(app: &App, bundle: &Bundle, case: &mut Case, language: Language) -> Result<(), Refusal> {
    let text = app.catalogue.text(&bundle.id, language).unwrap_or(bundle);
    let applicant = app.identity.person(&case.owner).map(|person| person.name).unwrap_or_default();
    let plan = case.plan(bundle);
    let deferred = case.owed.iter().filter(|owed| owed.why == contract::material::OwedWhy::Deferral);
    let notices = deferred.map(|owed| {
        let about = papers::Subject {
            applicant: &applicant,
            bundle: text,
            plan: &plan,
            material: engine::promise::material(text, &owed.material),
            number: &case.number,
            until: owed.until.as_deref(),
            day: app.catalogue.today(),
        };
        let paper = papers::render(app, PaperKind::DeferralNotice, language, &about)?;
        Ok(Signed::now(paper, language.tag(), owed.material.clone(), app.catalogue.today()))
    });
    let notices: Vec<Signed> = notices.collect::<Result<_, Refusal>>()?;
    case.papers.extend(notices);
    Ok(())
}

/// Documents that were submitted belong to the application from now on; the draft's other uses end with it.
async fn keep_uses(connection: &mut AnyConnection, case: &Case, draft: &str) -> Result<(), Refusal> {
    for (material, provided) in &case.materials {
        if matches!(provided, Provided::Documents { .. }) {
            sqlx::query("UPDATE uses SET application = $1 WHERE draft = $2 AND material = $3")
                .bind(case.id.as_str())
                .bind(draft)
                .bind(material.as_str())
                .execute(&mut *connection)
                .await?;
        }
    }
    sqlx::query("DELETE FROM uses WHERE draft = $1 AND application IS NULL").bind(draft).execute(connection).await?;
    Ok(())
}

/// A receipt number people can read out: the day and eight digits.
fn number(app: &App) -> String {
    let day = app.catalogue.today().to_string().replace('-', "");
    let digits = u64::from_str_radix(&random::id()[..15], 16).unwrap_or(0) % 100_000_000;
    format!("{day}{digits:08}")
}

async fn get(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let mut connection = app.store.reads().acquire().await?;
    let (case, version) = find_for(&mut *connection, &person.id, &id).await?;
    Ok(Answer::ok(&view(&app, &mut connection, &case, version, language).await?)?.version(version))
}

async fn facts(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    let (case, _) = find_of(app.store.reads(), &person.id, &id).await?;
    let places = drafts::places(&app, &case.bundle, &case.facts);
    Answer::ok(&Submitted { places, facts: case.facts, materials: case.materials })
}

/// Says the version now and whenever it changes. The database is asked once a second, so that
/// any of several servers can answer.
async fn events(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Refusal>>>, Refusal> {
    find_for(app.store.reads(), &person.id, &id).await?;
    let stream = futures_util::stream::unfold((app, id, 0_i64), |(app, id, mut last)| async move {
        loop {
            let version: Result<Option<(i64,)>, _> = sqlx::query_as("SELECT version FROM applications WHERE id = $1")
                .bind(&id)
                .fetch_optional(app.store.reads())
                .await;
            match version {
                Ok(Some((version,))) if version != last => {
                    last = version;
                    return Some((Ok(Event::default().data(version.to_string())), (app, id, last)));
                }
                Ok(Some(_)) => tokio::time::sleep(std::time::Duration::from_secs(1)).await,
                Ok(None) | Err(_) => return None,
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

async fn supplement(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    request: Unsafe<Supplement>,
) -> Result<Answer, Refusal> {
    let Supplement { facts, materials, signed } = request.body;
    let owner = person.id.clone();
    promises::changed(app, person, language, id, request.once, move |app, connection, case| {
        Box::pin(async move {
            let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
            for (material, provided) in &materials {
                let Provided::Documents { documents } = provided else {
                    return Err(Refusal::Conflict("what was asked for is to be brought"));
                };
                documents::all_of(&app, &owner, provided).await?;
                promises::note(&app, connection, case, language, material, documents, signed.as_deref()).await?;
            }
            case.answer(&app.catalogue, bundle, Supplement { facts, materials, signed: None })?;
            // What was corrected may cost something else.
            till::reprice(&app, connection, case).await
        })
    })
    .await
}

async fn handover(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    request: Unsafe<ChooseHandover>,
) -> Result<Answer, Refusal> {
    let ChooseHandover { mode, address } = request.body;
    promises::changed(app, person, language, id, request.once, move |app, _, case| {
        Box::pin(async move {
            let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
            if case.sent {
                return Err(Refusal::Conflict("already on its way"));
            }
            if !bundle.delivery.contains(&mode) {
                return Err(Refusal::Conflict("not offered for this errand"));
            }
            let address = address.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty());
            if mode == Delivery::Post && address.is_none() && case.address.is_none() {
                return Err(Refusal::Malformed("an address to post to".to_owned()));
            }
            case.mode = mode;
            if let Some(address) = address {
                case.address = Some(address.chars().take(engine::answer::LINE).collect());
            }
            Ok(())
        })
    })
    .await
}

async fn certificate(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((application, id)): Path<(String, String)>,
) -> Result<axum::response::Response, Refusal> {
    let (case, version) = find_of(app.store.reads(), &person.id, &application).await?;
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let view = case.view(&app.catalogue, bundle, language, version);
    let certificate =
        view.certificates.into_iter().find(|certificate| certificate.id.as_str() == id).ok_or(Refusal::NotFound)?;
    let picture = Picture {
        title: certificate.name,
        lines: vec![
            person.name,
            certificate.number.clone(),
            certificate.issuer,
            certificate.issued_at[..10].to_owned(),
            if certificate.revoked { "已撤回 · Withdrawn".to_owned() } else { String::new() },
        ],
    };
    Ok(documents::download(
        documents::draw(&picture).into_bytes(),
        "image/svg+xml",
        &format!("{}.svg", certificate.number),
    ))
}
