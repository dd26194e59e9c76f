//! An application and its lanes, from submission to rating.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::catalogue::{BundleId, Delivery, DepartmentId, ItemId, Limit, MaterialId};
use crate::{Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names an application.
    ApplicationId
);
identifier!(
    /// Names a lane.
    LaneId
);
identifier!(
    /// Names an issued certificate.
    CertificateId
);

/// Submits a draft. The version seen at review travels as `If-Match`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// The ids of the commitments made, all of those shown.
    pub commitments: Vec<String>,
    /// Facts the page showed as a register's own words: the server holds each against what the register said.
    #[serde(default)]
    pub given: Vec<String>,
}

/// An application as its owner sees it, in one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Application {
    /// The application.
    pub id: ApplicationId,
    /// The receipt number people quote.
    pub number: String,
    /// The errand.
    pub bundle: BundleId,
    /// The errand's name.
    pub name: String,
    /// Masked name of whoever filled it in and sent it for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Labels of the registers' values the person says are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<String>,
    /// Solemn errands speak quietly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub solemn: bool,
    /// Grows with every change.
    pub version: i64,
    /// Where it stands.
    pub state: ApplicationState,
    /// When it was submitted.
    pub submitted_at: Moment,
    /// The day the whole errand is promised for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Each department's part, in the catalogue's order.
    pub lanes: Vec<Lane>,
    /// What is asked for, all at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// What is to pay, was paid, or went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<crate::payment::Payment>,
    /// Handed out together, when every lane has ended.
    pub certificates: Vec<Certificate>,
    /// How results are handed over.
    pub handover: Handover,
    /// Materials promised, or to be brought after all.
    pub owed: Vec<crate::material::Owed>,
    /// Declarations made instead of proofs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<crate::material::Declared>,
    /// Papers signed and served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<crate::material::PaperCard>,
    /// The rating, once given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<crate::service::Rating>,
    /// What happened, newest first.
    pub events: Vec<Event>,
}

/// States of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApplicationState {
    /// Departments are at work.
    Running,
    /// The person must correct something.
    Correction,
    /// Every lane has ended; results are there.
    Done,
    /// Every lane has ended, and at least one was refused.
    PartlyRefused,
}

/// One department's lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Lane {
    /// The lane.
    pub id: LaneId,
    /// Its item.
    pub item: ItemId,
    /// The item's name.
    pub name: String,
    /// Its department.
    pub department: DepartmentId,
    /// The department's name.
    pub department_name: String,
    /// Where it stands.
    pub state: LaneState,
    /// Names of the items it waits for.
    pub waits_for: Vec<String>,
    /// Whether it also waits for its fee.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_fee: bool,
    /// What the law allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_limit: Option<Limit>,
    /// What is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised_limit: Option<Limit>,
    /// The day it is promised for, once the clock runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Why the clock stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_stopped: Option<ClockStop>,
    /// Why it was refused, or what the department says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<String>,
    /// When it last changed.
    pub changed_at: Moment,
}

/// A promised day, as the server's clock and the region's calendar see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Due {
    /// The day.
    pub day: crate::Day,
    /// Working days left; negative when late.
    pub working_days_left: i64,
}

/// States of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LaneState {
    /// An earlier item is not finished, or its fee is not paid.
    Waiting,
    /// The department has it.
    Received,
    /// The department has accepted it; the clock runs.
    Accepted,
    /// The person must correct something; the clock stands.
    Correction,
    /// A special procedure runs; the clock stands.
    Stopped,
    /// Decided in favour; the result is being made.
    Approved,
    /// Finished, the result issued.
    Issued,
    /// Decided against.
    Refused,
    /// Ended because something promised or asked for did not come.
    Ended,
}

/// A clock that stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ClockStop {
    /// Since when.
    pub since: Moment,
    /// Why, in words.
    pub why: String,
}

/// Everything that must be corrected, at once (一次告知).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Correction {
    /// Who asks.
    pub department_name: String,
    /// The lane that asks.
    pub lane: LaneId,
    /// Field ids.
    pub fields: Vec<String>,
    /// Material ids.
    pub materials: Vec<MaterialId>,
    /// Why, in words.
    pub reason: String,
    /// Until when.
    pub until: crate::Day,
}

/// Answers a correction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    /// The corrected facts.
    #[serde(default)]
    pub facts: crate::value::Facts,
    /// The corrected materials.
    #[serde(default)]
    pub materials: std::collections::BTreeMap<MaterialId, crate::material::Provided>,
    /// The digest of the purpose notice that was shown, where stored documents serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

/// What was submitted, for the correction screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Submitted {
    /// The facts.
    pub facts: crate::value::Facts,
    /// Names of the places among them, by division code.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub places: std::collections::BTreeMap<String, String>,
    /// The materials.
    pub materials: std::collections::BTreeMap<MaterialId, crate::material::Provided>,
}

/// An issued result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Certificate {
    /// The certificate.
    pub id: CertificateId,
    /// What it is.
    pub name: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// When.
    pub issued_at: Moment,
    /// It counts no more: what it was decided on did not come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// How results reach the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Handover {
    /// The way chosen.
    pub mode: Delivery,
    /// The ways possible.
    pub modes: Vec<Delivery>,
    /// Where to, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where it stands.
    pub state: HandoverState,
}

/// States of handing over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HandoverState {
    /// Nothing to hand over yet.
    Pending,
    /// Ready to download or collect.
    Ready,
    /// Given to the courier.
    Sent,
}

/// Changes the way of handing over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChooseHandover {
    /// The way.
    pub mode: Delivery,
    /// Where to, with `post`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What.
    pub what: EventKind,
    /// The item it concerns, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

/// What can happen to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Submitted.
    Submitted,
    /// A department accepted its part.
    Accepted,
    /// A correction was asked for.
    CorrectionAsked,
    /// The correction was answered.
    CorrectionAnswered,
    /// A clock was stopped.
    ClockStopped,
    /// A clock runs again.
    ClockStarted,
    /// Decided in favour.
    Approved,
    /// Decided against.
    Refused,
    /// A result was issued.
    Issued,
    /// The fee was paid.
    Paid,
    /// Everything is finished.
    Finished,
    /// A material that was owed was brought.
    OwedMet,
    /// The last day of something owed comes near.
    OwedSoon,
    /// More time was given for something owed.
    OwedExtended,
    /// Something owed did not come in time.
    OwedLapsed,
    /// A declaration was taken back.
    DeclarationWithdrawn,
    /// The results were sent.
    Sent,
}
