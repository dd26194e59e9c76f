//! Who is there: sign-in, session, personas of the simulator.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::Moment;

#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// Hands in the one-time ticket of an identity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The ticket; it works once, for a minute.
    pub ticket: String,
}

/// The session behind the cookie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Session {
    /// The person's name, masked.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Seconds until the session ends if nothing happens; a length, because clocks differ.
    pub expires_in: i64,
}

/// Roles the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Someone with an errand.
    Citizen,
    /// Someone at a department's desk.
    Clerk,
}

/// A made-up person of the identity simulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Persona {
    /// Its id.
    pub id: String,
    /// The made-up name.
    pub name: String,
    /// What this person is about.
    pub story: String,
    /// Citizen or clerk.
    pub role: Role,
}

/// A ticket of the identity simulator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Ticket {
    /// Hand this to `POST /session`.
    pub ticket: String,
}

/// What "mine" shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Mine {
    /// Drafts not yet submitted.
    pub drafts: Vec<DraftCard>,
    /// Applications, newest first.
    pub applications: Vec<ApplicationCard>,
    /// Complaints, suggestions and enquiries, newest first.
    pub messages: Vec<crate::service::Message>,
}

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DraftCard {
    /// The draft.
    pub id: crate::draft::DraftId,
    /// Its bundle.
    pub bundle: crate::catalogue::BundleId,
    /// The bundle's name.
    pub name: String,
    /// When it was last saved.
    pub saved_at: Moment,
    /// When it will be erased.
    pub expires_at: Moment,
    /// That is soon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expires_soon: bool,
    /// Masked name of the person it is filled in for, to an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_whom: Option<String>,
}

/// An application in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ApplicationCard {
    /// The application.
    pub id: crate::application::ApplicationId,
    /// Its receipt number.
    pub number: String,
    /// The bundle's name.
    pub name: String,
    /// Where it stands.
    pub state: crate::application::ApplicationState,
    /// Whether the person must do something now.
    pub needs_you: bool,
    /// When it was submitted.
    pub submitted_at: Moment,
}
