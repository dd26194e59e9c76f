//! A draft: facts with their sources, and the materials gathered so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::catalogue::{BundleId, MaterialId};
use crate::material::Provided;
use crate::value::{Facts, Value};
use crate::{Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a draft.
    DraftId
);

/// Starts a draft from the answers to the situations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartDraft {
    /// The errand.
    pub bundle: BundleId,
    /// What was answered before.
    #[serde(default)]
    pub answers: Facts,
}

/// A draft as its owner sees it. Its version travels as the `ETag`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Draft {
    /// The draft.
    pub id: DraftId,
    /// The errand.
    pub bundle: BundleId,
    /// Grows with every change.
    pub version: i64,
    /// The facts.
    pub facts: Facts,
    /// Version of the bundle the form follows.
    pub form: String,
    /// Where prefilled facts came from.
    pub sources: BTreeMap<String, Provenance>,
    /// Registers' values the person says are wrong, with what they said about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, String>,
    /// Registers that did not answer or knew nothing.
    pub gaps: Vec<Gap>,
    /// Materials gathered so far.
    pub materials: BTreeMap<MaterialId, Provided>,
    /// Names of the places its facts hold, by division code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
    /// What a newer version of the bundle changed in it, until the person has seen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<Migration>,
    /// Whoever reads it fills it in for somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_agent: bool,
    /// The masked name of the person it is for (to an agent), or of the agent (to its owner).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart: Option<String>,
    /// When it was last saved.
    pub saved_at: Moment,
    /// When it will be erased if left alone.
    pub expires_at: Moment,
}

/// Who says a value, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Provenance {
    /// The register's id.
    pub register: String,
    /// Its name, for people.
    pub name: String,
    /// The value it gave.
    pub value: Value,
    /// The day the register last checked it.
    pub as_of: crate::Day,
    /// How far it can be trusted.
    pub grade: Grade,
}

/// Trust in a source (国办函〔2016〕108号 grades A to D).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Grade {
    /// Issued by the body responsible.
    A,
    /// Counter-checked.
    B,
    /// Uploaded by the person.
    C,
    /// Said by the person.
    D,
}

/// A register that could not help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Gap {
    /// The register's id.
    pub register: String,
    /// Its name, for people.
    pub name: String,
    /// Why.
    pub reason: GapReason,
}

/// Why a register could not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// It did not answer.
    Unavailable,
    /// It did not answer in time.
    Slow,
    /// It knows nothing of the person.
    Empty,
}

/// Changes some facts; the others stay. `null` takes a fact back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchDraft {
    /// The facts to change.
    #[serde(default)]
    pub set: BTreeMap<String, Option<Value>>,
    /// Registers' values to dispute, with a note; `null` withdraws.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dispute: BTreeMap<String, Option<String>>,
    /// The person has seen what a newer version of the bundle changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub migration_seen: bool,
}

/// Asks registers again, for the facts that are still empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskRegisters {
    /// Their ids.
    pub registers: Vec<String>,
}

/// What a newer version of a bundle changed in a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// Labels of answers that moved to a field of another name.
    pub moved: Vec<String>,
    /// Labels, in the old version's words, of answers no field takes any more.
    pub dropped: Vec<String>,
    /// Labels of questions that are new and still open.
    pub added: Vec<String>,
}

impl Migration {
    /// Whether nothing a person would notice changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.dropped.is_empty() && self.added.is_empty()
    }
}

/// To whom a draft is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Receiver {
    /// The same person, on another device.
    Myself,
    /// Somebody who fills it in for the person (代办人).
    Agent,
}

/// Asks for a code to hand a draft over with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// To whom.
    pub to: Receiver,
    /// What the page's addresses begin with, for the QR code: `https://host/base/`.
    pub page: String,
}

/// A code that opens a draft once, for a short time, to whoever is signed in and may have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HandOverCode {
    /// Eight letters and digits that are not mistaken for each other.
    pub code: String,
    /// When it stops working.
    pub expires_at: Moment,
    /// The QR code of the address to open, as an SVG path over a square of `qr_size`.
    pub qr: String,
    /// Side of the QR code in modules, quiet zone included.
    pub qr_size: u16,
}

/// Takes a draft over with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeOver {
    /// The code; spaces, hyphens and small letters are forgiven.
    pub code: String,
}

/// The draft taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct TakenOver {
    /// The draft.
    pub id: DraftId,
}

/// A place and what lies below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Places {
    /// The place's whole name; empty for the country.
    pub name: String,
    /// Divisions below it, in the order of their codes; empty at the end of what is known.
    pub below: Vec<Place>,
}

/// A division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Place {
    /// Its code: 2, 4, 6, 9 or 12 digits.
    pub code: String,
    /// Its own name.
    pub name: String,
    /// Nothing is known below it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

/// The server has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Saved {
    /// The new version.
    pub version: i64,
    /// When it was stored.
    pub saved_at: Moment,
    /// What others changed since the version seen; `null` where they took it back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Option<Value>>,
}
