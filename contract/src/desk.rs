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
    /// What the lane costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<DeskFee>,
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

/// A fee of a lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DeskFee {
    /// The fee.
    pub fee: String,
    /// What it is for.
    pub name: String,
    /// Fen; none while the department has not named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<crate::Fen>,
    /// It is for the desk to name the amount.
    pub assessed: bool,
    /// It is ordered, and not paid.
    pub unpaid: bool,
}

/// What a daily statement of a gateway and the ledger do not agree on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct StatementDifference {
    /// The gateway.
    pub gateway: String,
    /// The trade's number, or the refund's.
    pub number: String,
    /// What is different.
    pub what: Differs,
    /// Fen by the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<crate::Fen>,
    /// Fen by the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<crate::Fen>,
}

/// How a statement differs from the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Differs {
    /// The gateway charged, and nobody had heard; it is taken over.
    Missed,
    /// The gateway names a trade or refund that is not ours.
    Unknown,
    /// Another amount.
    Amount,
    /// The ledger has it, the statement does not.
    Absent,
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
    /// Name the amount of a fee that is worked out in the course of the lane; it is paid before the decision.
    Assess {
        /// The fee.
        fee: String,
        /// Fen.
        amount: crate::Fen,
    },
    /// Give the lane's fees back to whoever paid them.
    ReturnFee {
        /// Why, in words the citizen reads.
        reason: String,
    },
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
