//! A draft's materials: the ways to meet each, what was chosen, and what was signed for it.

use axum::extract::{Path, State};
use contract::catalogue::{Bundle, Material, MaterialId};
use contract::draft::Saved;
use contract::material::{DocumentId, Paper, PaperKind, ProvideMaterial, Provided, Requirements, Reuse};
use engine::condition::Truth;
use engine::plan::Plan;
use sqlx::AnyConnection;

use super::stored::{DraftRow, find};
use crate::api::documents::{self, Purpose};
use crate::api::ways::{self, Around};
use crate::case::Signed;
use crate::http::extract::{Language, Once, Person, Unsafe, Version};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, papers, standing};

pub(super) fn add(routes: &mut Routes) {
    let requirements = routes.schema::<Requirements>();
    routes.add(
        routes
            .describe(
                "get",
                "/drafts/{id}/materials",
                "What is needed, and every way to meet it, best first",
                Access::Person,
            )
            .gives(200, requirements),
        self::requirements,
    );
    let (provide, saved) = (routes.schema::<ProvideMaterial>(), routes.schema::<Saved>());
    routes.add(
        routes
            .describe("put", "/drafts/{id}/materials/{material}", "Say how a material is met", Access::Person)
            .once()
            .version()
            .takes(provide)
            .gives(200, saved.clone()),
        self::provide,
    );
    let reuse = routes.schema::<Reuse>();
    routes.add(
        routes
            .describe("post", "/drafts/{id}/reuse", "Meet several materials with what is stored", Access::Person)
            .once()
            .version()
            .takes(reuse)
            .gives(200, saved),
        self::reuse,
    );
    let paper = routes.schema::<Paper>();
    routes.add(
        routes
            .describe(
                "get",
                "/drafts/{id}/materials/{material}/papers/{kind}",
                "A paper to read before it is signed",
                Access::Person,
            )
            .gives(200, paper),
        self::paper,
    );
}

async fn requirements(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let row = find(app.store.reads(), &person.id, &id).await?;
    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
    let text = app.catalogue.text(&row.bundle, language).unwrap_or(bundle);
    let plan = Plan::of(bundle, &row.stored.facts, app.catalogue.today());
    let around = around(&app, &person, &row, language).await?;
    let circumstances = around.circumstances(&app, bundle, &plan);
    let decided = bundle.materials.iter().zip(&plan.materials).filter(|(_, needed)| **needed != Truth::Unknown);
    let vanished = vanished(&app, &row).await?;
    let requirements: Vec<_> = decided
        .map(|(material, needed)| {
            let provided = row.stored.materials.get(&material.id).filter(|provided| {
                let signed = row.stored.signed.get(&material.id);
                !vanished.contains(&material.id)
                    && (*needed == Truth::No || around.stands(&app, bundle, &plan, material, provided, signed))
            });
            ways::requirement(material, *needed, text, &circumstances, provided.cloned(), None)
        })
        .collect();
    let mut documents = ways::concerned(around.documents, &requirements);
    documents.extend(documents::given(&app, &row.id, &documents, &requirements).await?);
    let notice = notice(&app, &row, bundle, language)?;
    Answer::ok(&Requirements { documents, requirements, notice, limits: ways::limits(&app) })
}

async fn around(app: &App, person: &Person, row: &DraftRow, language: Language) -> Result<Around, Refusal> {
    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
    Around::of(app, person, &row.owner, (bundle, &row.stored.facts), &row.stored.knows, language).await
}

/// The purpose notice of this errand: for what stored documents would be used, and by whom.
fn notice(app: &App, row: &DraftRow, bundle: &Bundle, language: Language) -> Result<Paper, Refusal> {
    rendered(app, row, bundle, PaperKind::Reuse, language, None, "")
}

fn rendered(
    app: &App,
    row: &DraftRow,
    bundle: &Bundle,
    kind: PaperKind,
    language: Language,
    material: Option<&MaterialId>,
    applicant: &str,
) -> Result<Paper, Refusal> {
    let text = app.catalogue.text(&bundle.id, language).unwrap_or(bundle);
    let plan = Plan::of(bundle, &row.stored.facts, app.catalogue.today());
    let material = material.and_then(|id| engine::promise::material(text, id));
    let about = papers::Subject {
        applicant,
        bundle: text,
        plan: &plan,
        material,
        number: "",
        until: None,
        day: app.catalogue.today(),
    };
    papers::render(app, kind, language, &about)
}

async fn paper(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((id, material, kind)): Path<(String, String, String)>,
) -> Result<Answer, Refusal> {
    let kind: PaperKind = serde_json::from_value(serde_json::Value::String(kind)).map_err(|_| Refusal::NotFound)?;
    let provided = match kind {
        PaperKind::Deferral => Provided::Deferred,
        PaperKind::Declaration => Provided::Declared,
        PaperKind::OnCommitment => Provided::OnCommitment,
        PaperKind::Reuse | PaperKind::DeferralNotice => return Err(Refusal::NotFound),
    };
    let row = find(app.store.reads(), &person.id, &id).await?;
    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
    let material = known(bundle, &MaterialId(material))?;
    let plan = Plan::of(bundle, &row.stored.facts, app.catalogue.today());
    around(&app, &person, &row, language).await?.permit(&app, bundle, &plan, material, &provided)?;
    Answer::ok(&rendered(&app, &row, bundle, kind, language, Some(&material.id), &person.name)?)
}

fn known<'b>(bundle: &'b Bundle, id: &MaterialId) -> Result<&'b Material, Refusal> {
    engine::promise::material(bundle, id).ok_or(Refusal::NotFound)
}

async fn provide(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path((id, material)): Path<(String, String)>,
    Version(seen): Version,
    request: Unsafe<ProvideMaterial>,
) -> Result<Answer, Refusal> {
    let ProvideMaterial { provided, signed } = request.body;
    give(app, person, language, id, seen, request.once, vec![(MaterialId(material), provided, signed)]).await
}

async fn reuse(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    Version(seen): Version,
    request: Unsafe<Reuse>,
) -> Result<Answer, Refusal> {
    let Reuse { materials, signed } = request.body;
    let gift = |(material, documents)| (material, Some(Provided::Documents { documents }), Some(signed.clone()));
    let gifts = materials.into_iter().map(gift).collect();
    give(app, person, language, id, seen, request.once, gifts).await
}

/// How one material is met, or that it is not any more, with the digest of what was signed for it.
type Gift = (MaterialId, Option<Provided>, Option<String>);

/// Gives materials to a draft, all or none.
async fn give(
    app: App,
    person: Person,
    language: Language,
    id: String,
    seen: i64,
    once: Once,
    gifts: Vec<Gift>,
) -> Result<Answer, Refusal> {
    let row = find(app.store.reads(), &person.id, &id).await?;
    let around = around(&app, &person, &row, language).await?;
    app.clone()
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let (mut row, bundle) = super::open(&app, connection, &person, &id).await?;
                    if row.version != seen {
                        return Err(Refusal::Stale);
                    }
                    let hand = Hand { app: &app, person: &person, language, bundle, around: &around };
                    for (material, provided, signed) in gifts {
                        hand.give(connection, &mut row, &material, provided, signed.as_deref()).await?;
                    }
                    let saved = row.save(&app, connection).await?;
                    Ok(Answer::ok(&saved)?.version(saved.version))
                })
            }),
        )
        .await
}

/// Whoever gives materials to a draft, and what bears on it.
struct Hand<'a> {
    app: &'a App,
    person: &'a Person,
    language: Language,
    bundle: &'a Bundle,
    around: &'a Around,
}

impl Hand<'_> {
    /// Meets one material, or takes that back, with what has to be signed for it.
    async fn give(
        &self,
        connection: &mut AnyConnection,
        row: &mut DraftRow,
        id: &MaterialId,
        provided: Option<Provided>,
        signed: Option<&str>,
    ) -> Result<(), Refusal> {
        let material = known(self.bundle, id)?;
        row.stored.signed.remove(id);
        let Some(provided) = provided else {
            row.stored.materials.remove(id);
            return self.note_uses(connection, row, id, &[], None).await;
        };
        self.own(row, id, &provided).await?;
        let plan = Plan::of(self.bundle, &row.stored.facts, self.app.catalogue.today());
        self.around.permit(self.app, self.bundle, &plan, material, &provided)?;
        if let Some(kind) = standing::paper_of(&provided) {
            let paper = rendered(self.app, row, self.bundle, kind, self.language, Some(id), &self.person.name)?;
            same(&paper, signed)?;
            row.stored
                .signed
                .insert(id.clone(), Signed::now(paper, self.language.tag(), id.clone(), self.app.catalogue.today()));
        }
        match &provided {
            Provided::Documents { documents } => {
                let notice = self.agreed(connection, row, documents, signed).await?;
                self.note_uses(connection, row, id, documents, notice.as_ref()).await?;
            }
            _ => self.note_uses(connection, row, id, &[], None).await?,
        }
        row.stored.materials.insert(id.clone(), provided);
        Ok(())
    }

    /// Whether whatever is new among the documents is the giver's own; what another hand gave before stays.
    async fn own(&self, row: &DraftRow, id: &MaterialId, provided: &Provided) -> Result<(), Refusal> {
        let Provided::Documents { documents } = provided else { return Ok(()) };
        let before = match row.stored.materials.get(id) {
            Some(Provided::Documents { documents }) => documents.as_slice(),
            _ => &[],
        };
        let new = documents.iter().filter(|document| !before.contains(document)).cloned().collect();
        documents::all_of(self.app, &self.person.id, &Provided::Documents { documents: new }).await
    }

    /// The purpose notice agreed to, where a document serves a new purpose.
    async fn agreed(
        &self,
        connection: &mut AnyConnection,
        row: &DraftRow,
        documents: &[DocumentId],
        signed: Option<&str>,
    ) -> Result<Option<Paper>, Refusal> {
        let mut new = false;
        for document in documents {
            new |= documents::is_new_purpose(connection, &row.bundle, &row.id, document).await?;
        }
        if !new {
            return Ok(None);
        }
        let notice = notice(self.app, row, self.bundle, self.language)?;
        same(&notice, signed)?;
        Ok(Some(notice))
    }

    async fn note_uses(
        &self,
        connection: &mut AnyConnection,
        row: &DraftRow,
        material: &MaterialId,
        documents: &[DocumentId],
        notice: Option<&Paper>,
    ) -> Result<(), Refusal> {
        let purpose = Purpose {
            owner: &self.person.id,
            draft: &row.id,
            application: None,
            bundle: &row.bundle,
            material,
            notice: notice.map(|notice| (notice.version.as_str(), notice.digest.as_str())),
        };
        documents::record_uses(connection, &purpose, documents).await
    }
}

/// What is signed is what was read.
fn same(paper: &Paper, signed: Option<&str>) -> Result<(), Refusal> {
    match signed {
        Some(signed) if signed == paper.digest => Ok(()),
        Some(_) => Err(Refusal::PaperChanged),
        None => Err(Refusal::Unsigned),
    }
}

/// Takes a document that is deleted out of every draft it was given to.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn forget_document(app: &App, connection: &mut AnyConnection, document: &str) -> Result<(), Refusal> {
    let drafts: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT drafts.id, drafts.owner FROM uses JOIN drafts ON drafts.id = uses.draft \
         WHERE uses.document = $1 AND uses.application IS NULL",
    )
    .bind(document)
    .fetch_all(&mut *connection)
    .await?;
    for (id, owner) in drafts {
        app.store.lock(connection, &id).await?;
        let Ok(mut row) = find(&mut *connection, &owner, &id).await else { continue };
        row.stored.materials.retain(|_, provided| without(provided, document));
        row.save(app, connection).await?;
    }
    sqlx::query("DELETE FROM uses WHERE document = $1 AND application IS NULL")
        .bind(document)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a document out of a provision; whether anything is left of it.
fn without(provided: &mut Provided, document: &str) -> bool {
    match provided {
        Provided::Documents { documents } => {
            documents.retain(|one| one.as_str() != document);
            !documents.is_empty()
        }
        _ => true,
    }
}

/// Materials whose documents are not all there any more: one that was deleted or expired since is to
/// be given again. Each may be the owner's or the agent's.
pub(crate) async fn vanished(app: &App, row: &DraftRow) -> Result<Vec<MaterialId>, Refusal> {
    let hands: Vec<&str> = std::iter::once(row.owner.as_str()).chain(row.agent.as_deref()).collect();
    let mut gone = Vec::new();
    for (id, provided) in &row.stored.materials {
        let Provided::Documents { documents } = provided else { continue };
        for document in documents {
            if !is_there(app, &hands, document).await? {
                gone.push(id.clone());
                break;
            }
        }
    }
    Ok(gone)
}

async fn is_there(app: &App, hands: &[&str], document: &DocumentId) -> Result<bool, Refusal> {
    let provided = Provided::Documents { documents: vec![document.clone()] };
    for hand in hands {
        match documents::all_of(app, hand, &provided).await {
            Ok(()) => return Ok(true),
            Err(Refusal::NotFound | Refusal::Barred(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(false)
}
