//! What the state already knows: registers and e-certificates.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contract::catalogue::FieldKind;
use contract::draft::Grade;
use contract::material::{Document, DocumentId, DocumentKind};
use contract::value::Value;
use engine::date::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use super::people::{CertificateEntry, FamilyEntry, People, PersonaEntry};
use crate::http::extract::Language;
use crate::random;

/// A city's registers and certificate store.
pub trait Registers: Send + Sync {
    /// Everything a register says about a person; `None` when it knows nothing.
    ///
    /// # Errors
    /// When the register does not answer. How long one waits for it is the caller's business.
    fn ask<'a>(
        &'a self,
        person: &'a str,
        register: &'a str,
    ) -> futures_util::future::BoxFuture<'a, Result<Option<Known>, Unavailable>>;

    /// Passes on that a person says a register is wrong, with the application it came up in.
    fn dispute(&self, register: &str, application: &str, element: &str);

    /// Makes a register of the simulator fail or recover; a real one cannot be told to.
    fn set_state(&self, _register: &str, _state: RegisterState) {}

    /// A register's name for people.
    fn name(&self, register: &str, language: Language) -> String;

    /// The person's e-certificates, and those of household members who agreed to their use.
    fn certificates(&self, person: &str, language: Language, today: Date) -> Vec<Document>;

    /// An e-certificate as a picture (SVG), and the number on it.
    fn picture(&self, person: &str, certificate: &DocumentId, language: Language) -> Option<Picture>;

    /// Files the person uploaded before this service existed: name, day, material.
    fn earlier_files(&self, person: &str) -> Vec<(String, String, String)>;
}

/// What a register says about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its elements.
    pub values: BTreeMap<String, Value>,
    /// The day it was last checked.
    pub as_of: String,
    /// How far it can be trusted.
    pub grade: Grade,
}

/// How a simulated register behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegisterState {
    /// It answers.
    Up,
    /// It refuses.
    Down,
    /// It answers after longer than anyone waits.
    Slow,
}

/// What is drawn of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Title.
    pub title: String,
    /// Lines below it.
    pub lines: Vec<String>,
}

/// A register that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

/// The simulator.
pub struct SimulatedRegisters {
    people: Arc<People>,
    states: Mutex<BTreeMap<String, RegisterState>>,
}

impl SimulatedRegisters {
    /// Registers that know these people.
    #[must_use]
    pub fn new(people: Arc<People>) -> Self {
        Self { people, states: Mutex::default() }
    }
}

impl Registers for SimulatedRegisters {
    fn ask<'a>(
        &'a self,
        person: &'a str,
        register: &'a str,
    ) -> futures_util::future::BoxFuture<'a, Result<Option<Known>, Unavailable>> {
        Box::pin(async move {
            let state = self.states.lock().ok().and_then(|states| states.get(register).copied());
            let persona = self.people.find(person);
            let silent = persona.is_some_and(|persona| persona.unavailable.iter().any(|name| name == register));
            match state {
                Some(RegisterState::Down) => return Err(Unavailable),
                Some(RegisterState::Slow) => tokio::time::sleep(Duration::from_secs(60)).await,
                None if silent => return Err(Unavailable),
                _ => {}
            }
            let grade = self.people.registers.get(register).map_or(Grade::D, |name| name.grade);
            Ok(persona.and_then(|persona| persona.registers.get(register)).map(|entry| Known {
                values: entry.values.iter().map(|(element, known)| (element.clone(), known.value())).collect(),
                as_of: entry.as_of.clone(),
                grade,
            }))
        })
    }

    fn dispute(&self, register: &str, application: &str, element: &str) {
        tracing::info!(register, application, element, "simulator: a value is disputed");
    }

    fn set_state(&self, register: &str, state: RegisterState) {
        if let Ok(mut states) = self.states.lock() {
            states.insert(register.to_owned(), state);
        }
    }

    fn name(&self, register: &str, language: Language) -> String {
        self.people
            .registers
            .get(register)
            .map_or_else(|| register.to_owned(), |register| register.name.text(language).to_owned())
    }

    fn certificates(&self, person: &str, language: Language, today: Date) -> Vec<Document> {
        let Some(persona) = self.people.find(person) else { return Vec::new() };
        held(persona).map(|(holder, entry)| document(persona, holder, entry, language, today)).collect()
    }

    fn picture(&self, person: &str, certificate: &DocumentId, language: Language) -> Option<Picture> {
        let persona = self.people.find(person)?;
        let (holder, entry) = held(persona).find(|(_, entry)| id(persona, entry) == *certificate)?;
        let name = holder.map_or(&persona.name, |member| &member.name);
        let mut lines = vec![name.clone(), entry.number.clone(), entry.issuer.text(language).to_owned()];
        lines.extend(entry.valid_until.clone());
        lines.extend(entry.id.clone());
        Some(Picture { title: entry.name.text(language).to_owned(), lines })
    }

    fn earlier_files(&self, person: &str) -> Vec<(String, String, String)> {
        let Some(persona) = self.people.find(person) else { return Vec::new() };
        persona.documents.iter().map(|file| (file.name.clone(), file.added.clone(), file.material.clone())).collect()
    }
}

/// The certificates a person may use, with whose they are where they are a household member's.
fn held(persona: &PersonaEntry) -> impl Iterator<Item = (Option<&FamilyEntry>, &CertificateEntry)> {
    let own = persona.certificates.iter().map(|entry| (None, entry));
    let agreed = persona.family.iter().filter(|member| member.agreed);
    own.chain(agreed.flat_map(|member| member.certificates.iter().map(move |entry| (Some(member), entry))))
}

fn document(
    persona: &PersonaEntry,
    holder: Option<&FamilyEntry>,
    entry: &CertificateEntry,
    language: Language,
    today: Date,
) -> Document {
    let last = entry.valid_until.as_deref().and_then(Date::parse);
    Document {
        id: id(persona, entry),
        name: entry.name.text(language).to_owned(),
        kind: DocumentKind::ECertificate,
        fits: entry.certificate.clone(),
        subject: holder.map(|member| member.relation).filter(|relation| engine::way::is_household(*relation)),
        holder: holder.map(|member| engine::mask::mask(FieldKind::Name, &member.name)),
        issuer: Some(entry.issuer.text(language).to_owned()),
        identifier: entry.id.clone(),
        valid_until: entry.valid_until.clone(),
        expired: last.is_some_and(|last| last < today),
        media: "image/svg+xml".to_owned(),
        pages: 1,
        size: 0,
        added_at: String::new(),
        version: 1,
        earlier: None,
        uses: Vec::new(),
    }
}

/// Stable and without meaning: the number on the certificate is not in it.
fn id(persona: &PersonaEntry, entry: &CertificateEntry) -> DocumentId {
    let digest = random::hash(&format!("{}/{}/{}", persona.id, entry.certificate, entry.number));
    DocumentId(format!("ec-{}", &digest[..24]))
}
