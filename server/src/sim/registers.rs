//! What the state already knows: registers and e-certificates.

use std::sync::Arc;

use contract::draft::{Document, DocumentId, DocumentKind, Grade};
use contract::value::Value;
use engine::date::Date;

use super::people::{CertificateEntry, People, PersonaEntry};
use crate::http::extract::Language;
use crate::random;

/// A city's registers and certificate store.
pub trait Registers: Send + Sync {
    /// What a register says about one element of a person.
    ///
    /// # Errors
    /// When the register does not answer.
    fn look_up(&self, person: &str, register: &str, element: &str) -> Result<Option<Entry>, Unavailable>;

    /// A register's name for people.
    fn name(&self, register: &str, language: Language) -> String;

    /// The person's e-certificates.
    fn certificates(&self, person: &str, language: Language, today: Date) -> Vec<Document>;

    /// An e-certificate as a picture (SVG), and the number on it.
    fn picture(&self, person: &str, certificate: &DocumentId, language: Language) -> Option<Picture>;

    /// Files the person uploaded before this service existed: name, day, material.
    fn earlier_files(&self, person: &str) -> Vec<(String, String, String)>;
}

/// What a register says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// The day it was last checked.
    pub as_of: String,
    /// How far it can be trusted.
    pub grade: Grade,
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
pub struct SimulatedRegisters(
    /// Its people.
    pub Arc<People>,
);

impl Registers for SimulatedRegisters {
    fn look_up(&self, person: &str, register: &str, element: &str) -> Result<Option<Entry>, Unavailable> {
        let Some(persona) = self.0.find(person) else { return Ok(None) };
        if persona.unavailable.iter().any(|name| name == register) {
            return Err(Unavailable);
        }
        let grade = self.0.registers.get(register).map_or(Grade::D, |name| name.grade);
        let entry = persona.registers.get(register).and_then(|entry| {
            let value = entry.values.get(element)?.value();
            Some(Entry { value, as_of: entry.as_of.clone(), grade })
        });
        Ok(entry)
    }

    fn name(&self, register: &str, language: Language) -> String {
        self.0.registers.get(register).map_or_else(|| register.to_owned(), |name| name.text(language).to_owned())
    }

    fn certificates(&self, person: &str, language: Language, today: Date) -> Vec<Document> {
        let Some(persona) = self.0.find(person) else { return Vec::new() };
        persona.certificates.iter().map(|entry| document(persona, entry, language, today)).collect()
    }

    fn picture(&self, person: &str, certificate: &DocumentId, language: Language) -> Option<Picture> {
        let persona = self.0.find(person)?;
        let entry = persona.certificates.iter().find(|entry| id(persona, entry) == *certificate)?;
        let mut lines = vec![persona.name.clone(), entry.number.clone(), entry.issuer.text(language).to_owned()];
        lines.extend(entry.valid_until.clone());
        Some(Picture { title: entry.name.text(language).to_owned(), lines })
    }

    fn earlier_files(&self, person: &str) -> Vec<(String, String, String)> {
        let Some(persona) = self.0.find(person) else { return Vec::new() };
        persona.documents.iter().map(|file| (file.name.clone(), file.added.clone(), file.material.clone())).collect()
    }
}

fn document(persona: &PersonaEntry, entry: &CertificateEntry, language: Language, today: Date) -> Document {
    let last = entry.valid_until.as_deref().and_then(Date::parse);
    Document {
        id: id(persona, entry),
        name: entry.name.text(language).to_owned(),
        kind: DocumentKind::ECertificate,
        certificate: Some(entry.certificate.clone()),
        issuer: Some(entry.issuer.text(language).to_owned()),
        valid_until: entry.valid_until.clone(),
        expired: last.is_some_and(|last| last < today),
        purpose: None,
        media: "image/svg+xml".to_owned(),
        size: 0,
        added_at: String::new(),
    }
}

/// Stable and without meaning: the number on the certificate is not in it.
fn id(persona: &PersonaEntry, entry: &CertificateEntry) -> DocumentId {
    let digest = random::hash(&format!("{}/{}/{}", persona.id, entry.certificate, entry.number));
    DocumentId(format!("ec{}", &digest[..24]))
}
