//! A bundle as its catalogue file says it, and as the page receives it: the same type.
//!
//! Texts are in one language; the catalogue's source is zh-CN, the server puts the
//! translation of the language asked for in their place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::identifier;

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a bundle (一件事), `newborn`.
    BundleId
);
identifier!(
    /// Names an item (事项) of a bundle.
    ItemId
);
identifier!(
    /// Names a department of the region.
    DepartmentId
);
identifier!(
    /// Names a material (材料) of a bundle.
    MaterialId
);

/// One errand: everything its guide, form, materials, fees and lanes need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Stable name, used in addresses and records.
    pub id: BundleId,
    /// What citizens call it.
    pub name: String,
    /// The promise in one sentence.
    pub summary: String,
    /// Other words people search for.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Who may use it.
    pub audience: Vec<Audience>,
    /// The stage of life, of a person or an enterprise, it belongs to.
    pub stage: String,
    /// Rank among the most used; lower is hotter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot: Option<u16>,
    /// The facts are weak: the screen says "sample".
    #[serde(default)]
    pub sample: bool,
    /// The department that leads (牵头部门).
    pub lead: DepartmentId,
    /// Who can use it, and when (办理条件).
    #[serde(default)]
    pub conditions: Vec<Precondition>,
    /// The promised limit of the whole errand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Limit>,
    /// Parts of the form, in order.
    pub groups: Vec<Group>,
    /// Situations (情形): facts asked before the form because they decide what is needed.
    #[serde(default)]
    pub questions: Vec<Field>,
    /// What the departments do.
    pub items: Vec<Item>,
    /// The facts of the form.
    pub fields: Vec<Field>,
    /// What several facts must keep together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The documents.
    pub materials: Vec<Material>,
    /// What it costs.
    pub fees: Vec<Fee>,
    /// What the person declares at submission.
    pub commitments: Vec<Commitment>,
    /// What the person receives.
    pub outcomes: Vec<Outcome>,
    /// How results can be handed over.
    pub delivery: Vec<Delivery>,
    /// Legal basis: titles, never translated.
    pub law: Vec<String>,
    /// The national list the bundle stands on, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_list: Option<NationalList>,
    /// Where the facts were read.
    #[serde(default)]
    #[from_json(skip)]
    pub sources: Vec<Source>,
    /// How it must speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
}

/// Whom a bundle serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Natural persons.
    Person,
    /// Enterprises and other organisations.
    Enterprise,
}

/// A bundle that must not sound cheerful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Quiet: no congratulation, no invitation.
    Solemn,
}

/// A condition for using a bundle, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Precondition {
    /// Name within the bundle.
    pub id: String,
    /// The condition.
    pub text: String,
    /// Whether it bars (`true`) or a region may relax it.
    pub firm: bool,
}

/// How strongly a fact is supported by a public source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Read in a public document.
    Seen,
    /// Read in a weak source only.
    SeenWeak,
    /// From memory: shown as a sample.
    Memory,
}

/// A length of time, always with whose figure it is. Which of the four kinds of time
/// it is (legal, promised, the applicant's own, publicity) is told by the field that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many units; 0 with `at_once`.
    pub value: u32,
    /// The unit.
    pub unit: TimeUnit,
    /// The place whose figure it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What else must be said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How well it is supported.
    #[serde(default = "seen")]
    pub basis: Basis,
}

fn seen() -> Basis {
    Basis::Seen
}

/// Units of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// On the spot.
    AtOnce,
    /// Hours.
    Hours,
    /// Working days of the region's calendar.
    WorkingDays,
    /// Calendar days.
    Days,
    /// Months.
    Months,
}

/// A part of the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name within the bundle.
    pub id: String,
    /// Its heading.
    pub label: String,
}

/// One test over one fact: `[fact, op, value]`. Several tests are joined by "and".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Test(
    /// The fact's id.
    pub String,
    /// How to compare.
    pub Op,
    /// What to compare with; alternatives of `in` are separated by `|`.
    pub String,
);

/// Comparisons a condition may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal.
    Is,
    /// Answered, and not equal.
    Not,
    /// One of several.
    In,
    /// A multiple choice that contains it.
    Has,
    /// A multiple choice, answered, that does not contain it.
    Lacks,
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// Greater than.
    Gt,
    /// At least.
    Ge,
}

/// One department's part of the errand (事项).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Name within the bundle.
    pub id: ItemId,
    /// What it is called.
    pub name: String,
    /// Who does it.
    pub department: DepartmentId,
    /// Its legal kind.
    pub kind: ItemKind,
    /// Items that must be finished before it can begin.
    #[serde(default)]
    pub after: Vec<ItemId>,
    /// The person may leave it out.
    #[serde(default)]
    pub optional: bool,
    /// When it is needed; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Test>,
    /// Said when it falls away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What the law allows the department (法定时限).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_limit: Option<Limit>,
    /// What the department promises (承诺时限).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised_limit: Option<Limit>,
    /// The applicant's own deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply_within: Option<Limit>,
    /// A public notice that must run first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publicity_period: Option<Limit>,
    /// What comes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// It is decided first, on a commitment; some of its materials follow (承诺审批).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub on_commitment: Option<OnCommitment>,
    /// Which titles of the bundle's `law` it stands on; empty means that nobody said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub law: Vec<String>,
    /// What else must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// Legal kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// 行政许可
    Licence,
    /// 行政给付
    Benefit,
    /// 行政确认
    Confirmation,
    /// 行政奖励
    Reward,
    /// 行政裁决
    Ruling,
    /// 其他行政权力
    Other,
    /// 公共服务
    PublicService,
}

/// One fact (数据项): a field of the form, or a situation asked before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name within the bundle; one namespace with the situations.
    pub id: String,
    /// The part of the form it stands in; situations have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The question as the citizen reads it.
    pub label: String,
    /// What kind of answer it takes.
    pub kind: FieldKind,
    /// Which items need it; `*` means all.
    pub items: Vec<String>,
    /// Whether an answer is needed.
    pub required: bool,
    /// Help beside the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The answers to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// A code table to choose from instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<String>,
    /// When it is asked; empty means whenever one of its items applies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Test>,
    /// Where a known value comes from: `register.element`, or `=field` to begin as a repetition of a
    /// field named in `same_as`. It is also the identity of the data
    /// element: two fields of one form never name the same one unless `same_as` joins them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// A value the register fixes: shown and disputed, never typed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
    /// Fields whose answer this one may simply repeat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<String>,
    /// Names it had in earlier versions of the bundle, so that drafts follow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<String>,
    /// How far down a place must be named; absent means the district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<Depth>,
    /// Computed from another fact; then nobody types it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<Derivation>,
    /// Masked until asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Least number, amount or count of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Greatest number, amount or count of rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// The columns of a repeating group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// What one row of a repeating group is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

/// One column of a repeating group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name within the group.
    pub id: String,
    /// The question.
    pub label: String,
    /// What kind of answer it takes; never a list.
    pub kind: FieldKind,
    /// Whether an answer is needed in each row.
    pub required: bool,
    /// Help beside the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The answers to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// A code table to choose from instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<String>,
    /// Masked until asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// Kinds of answers, each with its own control and check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// A person's name, rare characters and `·` included.
    Name,
    /// An organisation's name.
    Company,
    /// Citizen ID number or a residence permit of the same shape (GB 11643).
    IdNumber,
    /// The number of any other paper.
    DocumentNumber,
    /// Unified social credit code (GB 32100).
    Uscc,
    /// Mainland mobile number.
    Mobile,
    /// Mobile number, or area code and fixed line.
    Phone,
    /// E-mail address.
    Email,
    /// A day.
    Date,
    /// A day, a month or a year: as much as is known.
    PartialDate,
    /// From one day to another, `2026-01-01/2026-12-31` (ISO 8601 interval).
    DateRange,
    /// A day and a time.
    Datetime,
    /// A month.
    Month,
    /// A number.
    Number,
    /// Yuan with up to two decimals.
    Money,
    /// Per cent with up to two decimals.
    Percent,
    /// One of several.
    Choice,
    /// Any of several.
    Choices,
    /// Yes or no.
    YesNo,
    /// A place by its division code (GB/T 2260 and the town and village codes below it).
    Region,
    /// An address line.
    Address,
    /// A bank account or card number.
    BankAccount,
    /// A repeating group.
    List,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub id: String,
    /// What is read.
    pub label: String,
    /// Pinyin and initials of a long table's labels, for the search among them; never in a file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sound: String,
}

/// Levels of divisions, each with the length of its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// 省, 2 digits.
    Province,
    /// 市, 4 digits.
    City,
    /// 县区, 6 digits.
    District,
    /// 乡镇街道, 9 digits.
    Town,
    /// 村居, 12 digits.
    Village,
}

/// What several facts must keep together. A rule speaks only where all its facts are asked and answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// A day is not before another one: death after birth.
    NotBefore {
        /// The later day.
        field: String,
        /// The earlier day.
        other: String,
    },
    /// A day lies not in the future.
    Past {
        /// The day.
        field: String,
    },
    /// Today is still within the applicant's own deadline, counted from a day.
    Within {
        /// The day it counts from.
        field: String,
        /// The item whose `apply_within` it is.
        item: ItemId,
    },
    /// Shares make a whole: the numbers add up to 100.
    Whole {
        /// Percent fields, or `list.column`.
        of: Vec<String>,
    },
    /// A number fits the kind of paper chosen for it.
    Paper {
        /// The number.
        field: String,
        /// The choice of `id_type`.
        kind: String,
    },
    /// Two answers differ: nobody is their own spouse.
    Differ {
        /// One.
        field: String,
        /// The other.
        other: String,
    },
}

/// A fact that follows from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// The field that holds the ID number, or `list.column` for a total.
    pub from: String,
    /// What follows.
    #[serde(rename = "as")]
    pub what: Derived,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Derived {
    /// The day of birth.
    BirthDate,
    /// Sex as in GB/T 2261.1: `1` male, `2` female.
    Sex,
    /// Whole years on the server's day.
    Age,
    /// The sum of a column of amounts.
    Total,
}

/// A document the errand needs (材料).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Name within the bundle.
    pub id: MaterialId,
    /// What it is called; never "other materials".
    pub name: String,
    /// Forms in which it is accepted.
    pub forms: Vec<MaterialForm>,
    /// Which items need it; `*` means all.
    pub items: Vec<String>,
    /// Whether it is needed.
    pub required: bool,
    /// When it is needed; empty means whenever one of its items applies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Test>,
    /// Said when it falls away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The kind of e-certificate that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// It may come later (容缺).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferrable: Option<Deferral>,
    /// A written declaration may replace it (告知承诺).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<Declaration>,
    /// The register that answers in its place (数据共享).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
    /// When the register may answer: not for somebody else than whoever is signed in. Empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[from_json(skip)]
    pub shared_when: Vec<Test>,
    /// Whom it is about; absent means the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub subject: Option<Subject>,
    /// The kind of paper, under one name in every errand, where no kind of e-certificate names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub kind: Option<String>,
    /// Where a proof comes from, and on which law it is still asked for (证明清单).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub proof: Option<Proof>,
    /// What else must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// What a written declaration instead of a proof must be told of (国办发〔2020〕42号).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// What the proof would have to show.
    #[from_json(skip)]
    pub shows: String,
    /// How the department checks it afterwards.
    #[from_json(skip)]
    pub checked: String,
    /// Titles of the bundle's `law` it stands on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub law: Vec<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// A proof still asked for (001 二(二)2): where it comes from and on which law it stands. What nobody published is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Who issues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Titles of the bundle's `law` it stands on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub law: Vec<String>,
    /// How to get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// Whom a document is about, where it is not the applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The applicant's spouse.
    Spouse,
    /// A child of the applicant's.
    Child,
    /// A parent of the applicant's.
    Parent,
    /// Whoever acts for the applicant.
    Agent,
    /// Somebody else.
    Other,
}

/// An item that is decided first, on a commitment; some materials follow (承诺审批).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OnCommitment {
    /// The materials that may follow the decision.
    pub materials: Vec<MaterialId>,
    /// How well it is supported.
    pub basis: Basis,
}

/// How long a secondary material may be late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deferral {
    /// Working days from submission, at most the promised limit; absent means until the promised limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// Forms of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MaterialForm {
    /// 电子证照
    ECertificate,
    /// 原件
    Original,
    /// 复印件
    Copy,
    /// 照片
    Photo,
    /// 数据共享
    Data,
    /// 自填表格
    Form,
    /// 承诺书
    Commitment,
    /// 电子签名件
    ESigned,
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// E-certificates or data sharing can supply it.
    Store,
    /// Made by the system or by an earlier item; never asked for.
    System,
    /// The person brings it.
    Applicant,
    /// An intermediary makes it.
    Agency,
}

/// Something to pay, or named as free.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Name within the bundle.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The items it belongs to; `*` means the errand.
    pub items: Vec<String>,
    /// Fen per unit; absent means the department computes it; 0 means free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// What is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<FeeUnit>,
    /// The field that says how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    /// The department that names the amount in the course of its part; it is paid here then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[from_json(skip)]
    pub assessed: bool,
    /// Who receives the money; the department of its first item where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub payee: Option<DepartmentId>,
    /// Who pays less, or nothing; the first that applies counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reductions: Vec<Reduction>,
    /// When it is due; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Test>,
    /// The document that sets it (收费依据).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_document: Option<String>,
    /// What else must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// A reason to pay less.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// Name within the fee.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whom it concerns.
    pub when: Vec<Test>,
    /// What is still to pay, in hundredths of the standard; 0 waives the fee.
    pub percent: u8,
    /// The document that grants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[from_json(skip)]
    pub basis_document: Option<String>,
    /// How well it is supported.
    pub basis: Basis,
}

/// What a fee counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FeeUnit {
    /// 件
    Piece,
    /// 本
    Copy,
    /// 张
    Card,
    /// 套
    Set,
    /// 年
    Year,
    /// 月
    Month,
}

/// A declaration made at submission, in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Name within the bundle.
    pub id: String,
    /// Its title.
    pub label: String,
    /// Its words.
    pub text: String,
    /// Only the person can make it: an agent cannot (国办发〔2020〕42号).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// When it is made; empty means always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Test>,
}

/// Something the person receives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Name within the bundle.
    pub id: String,
    /// What it is.
    pub name: String,
}

/// Ways of handing over (送达).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Electronic only.
    EOnly,
    /// By post.
    Post,
    /// At the window.
    Window,
    /// At a self-service terminal.
    SelfService,
}

/// The national list a bundle stands on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NationalList {
    /// The document's number.
    pub document: String,
    /// Its year.
    pub year: u16,
    /// How well it is supported.
    pub basis: Basis,
}

/// Where a fact was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its title.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was read there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// A bundle with all it refers to, in one language: what the page needs for every screen of the errand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct BundleView {
    /// The language of its texts (BCP 47): the one asked for, or the source where they are not translated.
    pub language: String,
    /// The bundle.
    pub bundle: Bundle,
    /// Changes when anything in the bundle changes.
    pub version: String,
    /// Names of the departments it names.
    pub departments: BTreeMap<DepartmentId, String>,
    /// The code tables it uses.
    pub codes: BTreeMap<String, Vec<Choice>>,
    /// Today in the region, for rules that need a day.
    pub today: crate::Day,
}
