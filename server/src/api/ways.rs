//! What bears on a person's ways to meet materials, gathered once for the engine to decide.

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{Bundle, Material, Subject};
use contract::material::{Document, DocumentId, DocumentKind, Owed, Provided, Requirement, UploadLimits, Way};
use contract::value::Facts;
use engine::condition::Truth;
use engine::date::Date;
use engine::plan::Plan;
use engine::way::{self, Circumstances, Standing};

use super::documents;
use crate::case::Signed;
use crate::http::Refusal;
use crate::http::extract::{Language, Person};
use crate::{App, papers, standing};

/// What bears on the ways, as far as it is not in the catalogue.
pub(super) struct Around {
    /// The store documents come from.
    pub(super) documents: Vec<Document>,
    registers: BTreeMap<String, String>,
    standing: Standing,
    by_agent: bool,
    facts: Facts,
    /// Whoever the errand is for, by full name.
    applicant: String,
}

impl Around {
    /// Gathers it for a draft or an application of `owner`'s that `person` works on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn of(
        app: &App,
        person: &Person,
        owner: &str,
        (bundle, facts): (&Bundle, &Facts),
        knows: &BTreeSet<String>,
        language: Language,
    ) -> Result<Self, Refusal> {
        let for_another = person.id != owner;
        let applicant =
            if for_another { app.identity.person(owner).map(|one| one.name) } else { Some(person.name.clone()) };
        let mut documents = documents::of(app, &person.id, language).await?;
        if for_another {
            // An agent's own certificates are about the agent, and the agent's family is nobody's business here.
            // Files of an agent's own store are for the agent's own errands; what was uploaded here comes with the draft.
            documents.retain(|document| document.subject.is_none() && document.kind == DocumentKind::ECertificate);
            for document in &mut documents {
                document.subject = Some(Subject::Agent);
            }
        }
        let names = knows.iter().map(|register| (register.clone(), app.registers.name(register, language)));
        Ok(Self {
            documents,
            registers: names.collect(),
            standing: standing::of(app, owner, promises(bundle)).await?,
            facts: facts.clone(),
            applicant: applicant.unwrap_or_default(),
            // A commitment is made by the person: an agent cannot (国办发〔2020〕42号).
            by_agent: for_another || facts.get("by_agent").is_some_and(|value| value.text() == "yes"),
        })
    }

    /// As the engine takes it.
    #[must_use]
    pub(super) fn circumstances<'a>(&'a self, app: &'a App, bundle: &'a Bundle, plan: &'a Plan) -> Circumstances<'a> {
        Circumstances {
            bundle,
            facts: &self.facts,
            plan,
            documents: &self.documents,
            registers: &self.registers,
            standing: self.standing,
            by_agent: self.by_agent,
            today: app.catalogue.today(),
            calendar: &app.catalogue.calendar,
            follow_days: app.catalogue.region.promises.on_commitment_working_days,
        }
    }

    /// Whether a material may be met this way.
    ///
    /// # Errors
    /// When the way is barred, or not offered.
    pub(super) fn permit(
        &self,
        app: &App,
        bundle: &Bundle,
        plan: &Plan,
        material: &Material,
        provided: &Provided,
    ) -> Result<(), Refusal> {
        let most = app.catalogue.region.uploads.most_pages as usize;
        if let Provided::Documents { documents } = provided {
            if documents.is_empty() || documents.len() > most {
                return Err(Refusal::Malformed(format!("1 to {most} documents")));
            }
            // A certificate serves what it certifies, about whom it certifies it; nothing else.
            let strange = |document: &&Document| {
                document.kind == DocumentKind::ECertificate
                    && documents.contains(&document.id)
                    && !way::fits(document, material)
            };
            if self.documents.iter().any(|document| strange(&document)) {
                return Err(Refusal::Conflict("this certificate is about something else"));
            }
        }
        way::permitted(material, provided, &self.circumstances(app, bundle, plan))
            .map_err(|bar| bar.map_or(Refusal::Conflict("this way is not offered for this material"), Refusal::Barred))
    }

    /// Whether a way chosen before still stands: an answer given since, a broken promise or a text that
    /// reads differently now leaves the material open again.
    pub(super) fn stands(
        &self,
        app: &App,
        bundle: &Bundle,
        plan: &Plan,
        material: &Material,
        provided: &Provided,
        signed: Option<&Signed>,
    ) -> bool {
        let unsigned = standing::paper_of(provided).is_none();
        self.permit(app, bundle, plan, material, provided).is_ok()
            && (unsigned || signed.is_some_and(|signed| self.reads_the_same(app, bundle, plan, material, signed)))
    }

    fn reads_the_same(&self, app: &App, bundle: &Bundle, plan: &Plan, material: &Material, signed: &Signed) -> bool {
        let spoken = app.catalogue.languages().into_iter().find(|language| language.tag() == signed.language);
        let (Some(language), Some(day)) = (spoken, Date::parse(&signed.day)) else { return false };
        let text = app.catalogue.text(&bundle.id, language).unwrap_or(bundle);
        let about = papers::Subject {
            applicant: &self.applicant,
            bundle: text,
            plan,
            material: engine::promise::material(text, &material.id),
            number: "",
            until: None,
            day,
        };
        papers::render(app, signed.paper.kind, language, &about).is_ok_and(|now| now.digest == signed.paper.digest)
    }
}

/// One material with the ways to meet it; `text` is what people read.
#[must_use]
pub(super) fn requirement(
    material: &Material,
    needed: Truth,
    text: &Bundle,
    around: &Circumstances<'_>,
    provided: Option<Provided>,
    owed: Option<Owed>,
) -> Requirement {
    let (mut ways, bars) = way::ways(material, needed, around);
    let read = engine::promise::material(text, &material.id).unwrap_or(material);
    if let (Some(Way::NotNeeded { why: Some(why) }), Some(said)) = (ways.first_mut(), &read.why) {
        why.clone_from(said);
    }
    Requirement {
        material: material.id.clone(),
        name: read.name.clone(),
        note: read.note.clone(),
        required: material.required,
        own: material.subject.is_none(),
        forms: material.forms.clone(),
        provided,
        ways,
        bars,
        proof: read.proof.clone(),
        owed,
    }
}

/// Documents that serve or could serve some requirements; the rest of the store is nobody's business here.
#[must_use]
pub(super) fn concerned(documents: Vec<Document>, requirements: &[Requirement]) -> Vec<Document> {
    let named = |id: &DocumentId| {
        requirements.iter().any(|requirement| {
            let offered = requirement.ways.iter().any(|way| match way {
                Way::ECertificate { document } | Way::Stored { document } => document == id,
                _ => false,
            });
            let given =
                matches!(&requirement.provided, Some(Provided::Documents { documents }) if documents.contains(id));
            offered || given
        })
    };
    documents.into_iter().filter(|document| named(&document.id)).collect()
}

/// What is taken of files.
#[must_use]
pub(super) fn limits(app: &App) -> UploadLimits {
    let uploads = &app.catalogue.region.uploads;
    UploadLimits { most_bytes: uploads.most_bytes, most_pages: uploads.most_pages }
}

/// Whether an errand offers to promise anything: only then is a person's credit anybody's business.
fn promises(bundle: &Bundle) -> bool {
    let promising = |material: &Material| material.deferrable.is_some() || material.declaration.is_some();
    bundle.materials.iter().any(promising) || bundle.items.iter().any(|item| item.on_commitment.is_some())
}
