//! Ratings, and messages from citizens.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::{Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a message.
    MessageId
);

/// The five levels and their tags, in one language (GB/T 39735).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RatingScale {
    /// Best first.
    pub levels: Vec<RatingLevel>,
    /// Reasons to tap.
    pub tags: Vec<RatingTag>,
}

/// One of the five levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RatingLevel {
    /// 5 very satisfied … 1 very dissatisfied.
    pub id: u8,
    /// Its word.
    pub label: String,
}

/// A reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RatingTag {
    /// Code of the national interface.
    pub id: String,
    /// The level it belongs to.
    pub level: u8,
    /// Shown first.
    pub core: bool,
    /// Its words.
    pub text: String,
}

/// Rates an application. Below the middle, words or a tag are required.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// 5 … 1.
    pub level: u8,
    /// Tag codes of that level.
    #[serde(default)]
    pub tags: Vec<String>,
    /// In the person's own words.
    #[serde(default)]
    pub words: String,
}

/// A rating given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Rating {
    /// 5 … 1.
    pub level: u8,
    /// Tag codes.
    pub tags: Vec<String>,
    /// In the person's own words.
    pub words: String,
    /// When.
    pub at: Moment,
    /// What became of a bad rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rectification: Option<Rectification>,
}

/// What the office does about a bad rating (差评整改).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Rectification {
    /// Where it stands.
    pub state: RectificationState,
    /// The day by which it must be answered.
    pub due: crate::Day,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Moment>,
}

/// States of a rectification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RectificationState {
    /// Someone must look into it.
    Open,
    /// Someone is in touch.
    InHand,
    /// Answered.
    Answered,
}

/// A complaint, suggestion or enquiry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// Which of the three.
    pub kind: MessageKind,
    /// The words.
    pub words: String,
    /// How to answer someone who is not signed in; may stay empty.
    #[serde(default)]
    pub contact: String,
    /// The material it is about: something was asked for beyond the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<MaterialOf>,
}

/// A material of an errand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MaterialOf {
    /// The errand.
    pub bundle: crate::catalogue::BundleId,
    /// The material.
    pub material: crate::catalogue::MaterialId,
}

/// Kinds of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Something went wrong.
    Complaint,
    /// Something could be better.
    Suggestion,
    /// Something is unclear.
    Enquiry,
}

/// A message as its sender sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// The number people quote.
    pub number: String,
    /// Which of the three.
    pub kind: MessageKind,
    /// The words.
    pub words: String,
    /// The material it is about, and the errand, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// When.
    pub at: Moment,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}
