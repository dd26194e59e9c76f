//! What a department's desk does.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::application::{ApplicationId, LaneId, LaneState};
use crate::catalogue::{BundleId, DepartmentId, ItemId, MaterialId};
use crate::value::{Facts, Value};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// A lane as the desk sees it: with exactly the facts and materials its item needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskLane {
    /// The lane.
    pub id: LaneId,
    /// The application.
    pub application: ApplicationId,
    /// Its receipt number.
    pub number: String,
    /// The errand.
    pub bundle: BundleId,
    /// The item.
    pub item: ItemId,
    /// The department.
    pub department: DepartmentId,
    /// Where it stands.
    pub state: LaneState,
    /// How often a correction was asked for in this application.
    pub corrections: u32,
    /// The facts this item needs.
    pub facts: Facts,
    /// Which of them are a register's own words, left alone.
    pub verified: Vec<String>,
    /// Registers' values among them the person says are wrong.
    pub disputes: Vec<DeskDispute>,
    /// Who filled it in and sent it for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The materials this item needs.
    pub materials: Vec<DeskMaterial>,
    /// Papers signed for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<crate::material::PaperCard>,
}

/// A material as the desk sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskMaterial {
    /// The material.
    pub material: MaterialId,
    /// How it is met; absent where it is not, or made by the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provided: Option<crate::material::Provided>,
    /// What is owed of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<crate::material::Owed>,
}

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskBreach {
    /// Names the breach.
    pub id: String,
    /// The receipt number of the application.
    pub number: String,
    /// The material that did not come.
    pub material: MaterialId,
    /// When it lapsed.
    pub at: crate::Moment,
}

/// A register's value the person says is wrong; it bars nothing, the department judges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskDispute {
    /// The field.
    pub field: String,
    /// The register.
    pub register: String,
    /// The value it gave.
    pub given: Value,
    /// What the person says about it.
    pub note: String,
}

/// Something a desk does to a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeskAction {
    /// Accept it: the clock runs.
    Accept,
    /// Ask for everything that is missing, once.
    AskCorrection {
        /// Field ids.
        #[serde(default)]
        fields: Vec<String>,
        /// Material ids.
        #[serde(default)]
        materials: Vec<MaterialId>,
        /// Why, in words the citizen reads.
        reason: String,
    },
    /// Stop the clock for a special procedure.
    StopClock {
        /// Why, in words the citizen reads.
        why: String,
    },
    /// Let the clock run again.
    StartClock,
    /// Decide in favour.
    Approve,
    /// Decide against.
    Refuse {
        /// Why, in words the citizen reads.
        why: String,
    },
    /// Issue the result.
    Issue,
    /// What is owed came at the counter or by post.
    ReceiveOwed {
        /// The material.
        material: MaterialId,
    },
    /// Give more time for what is owed.
    ExtendOwed {
        /// The material.
        material: MaterialId,
        /// The new last day.
        until: crate::Day,
    },
}

/// A bad rating as the desk sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskRectification {
    /// The application that was rated.
    pub application: ApplicationId,
    /// Its receipt number.
    pub number: String,
    /// The rating.
    pub rating: crate::service::Rating,
}

/// What the desk does about a bad rating.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum RectifyAction {
    /// Someone gets in touch.
    Take,
    /// It is answered.
    Answer {
        /// The answer the citizen reads.
        answer: String,
    },
}
