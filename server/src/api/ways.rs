//! What bears on a person's ways to meet materials, gathered once for the engine to decide.

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{Bundle, Material, Subject};
use contract::material::{Document, DocumentId, DocumentKind, Owed, Provided, Requirement, UploadLimits, Way};
use contract::value::Facts;
use engine::condition::Truth;
use engine::plan::Plan;
use engine::way::{self, Circumstances, Standing};

use super::documents;
use crate::http::Refusal;
use crate::http::extract::{Language, Person};
use crate::{App, standing};

/// What bears on the ways, as far as it is not in the catalogue.
pub(super) struct Around {
    /// The store documents come from.
    pub(super) documents: Vec<Document>,
    registers: BTreeMap<String, String>,
    standing: Standing,
    by_agent: bool,
    facts: Facts,
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
        facts: &Facts,
        knows: &BTreeSet<String>,
        language: Language,
    ) -> Result<Self, Refusal> {
        let for_another = person.id != owner;
        let mut documents = documents::of(app, &person.id, language).await?;
        if for_another {
            // An agent's own certificates are about the agent, and the agent's family is nobody's business here.
            documents.retain(|document| document.subject.is_none() || document.kind == DocumentKind::File);
            for document in documents.iter_mut().filter(|document| document.kind == DocumentKind::ECertificate) {
                document.subject = Some(Subject::Agent);
            }
        }
        let names = knows.iter().map(|register| (register.clone(), app.registers.name(register, language)));
        Ok(Self {
            documents,
            registers: names.collect(),
            standing: standing::of(app, owner).await?,
            facts: facts.clone(),
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
        if let Provided::Documents { documents } = provided
            && (documents.is_empty() || documents.len() > most)
        {
            return Err(Refusal::Malformed(format!("1 to {most} documents")));
        }
        way::permitted(material, provided, &self.circumstances(app, bundle, plan))
            .map_err(|bar| bar.map_or(Refusal::Conflict("this way is not offered for this material"), Refusal::Barred))
    }
}

/// One material with the ways to meet it. `bundle` decides, `text` is what people read.
#[must_use]
pub(super) fn requirement(
    material: &Material,
    needed: Truth,
    text: &Bundle,
    around: &Circumstances<'_>,
    provided: Option<&Provided>,
    owed: Option<Owed>,
) -> Requirement {
    let (mut ways, bars) = way::ways(material, needed, around);
    // A register that may not answer any more leaves the material to be met.
    let stands = |provided: &&Provided| {
        !matches!(provided, Provided::Shared { .. }) || way::permitted(material, provided, around).is_ok()
    };
    let read = engine::promise::material(text, &material.id).unwrap_or(material);
    if let (Some(Way::NotNeeded { why: Some(why) }), Some(said)) = (ways.first_mut(), &read.why) {
        why.clone_from(said);
    }
    Requirement {
        material: material.id.clone(),
        name: read.name.clone(),
        note: read.note.clone(),
        required: material.required,
        forms: material.forms.clone(),
        provided: provided.filter(stands).cloned(),
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
