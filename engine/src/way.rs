//! The ways to meet a material, best first, and what bars them.

use std::collections::BTreeMap;

use contract::catalogue::{Bundle, Item, Material, MaterialId, Subject};
use contract::material::{Bar, Document, DocumentKind, Provided, Way};
use contract::value::Facts;

use crate::calendar::Calendar;
use crate::condition::{self, Truth};
use crate::date::Date;
use crate::plan::{Plan, asked_for, is_met};
use crate::promise;

/// How far the region trusts a person's promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// A promise was not kept and is not repaired.
    pub breach: bool,
    /// What the credit register says.
    pub credit: Credit,
}

/// What the credit register says of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credit {
    /// Nothing against the person.
    Good,
    /// Not good enough for a decision in advance.
    Poor,
    /// A record of dishonesty, not repaired.
    Dishonest,
    /// It did not answer, or knows nothing of the person.
    Unknown,
}

/// Everything that bears on which ways are open.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The errand, in the source language: kinds of papers may be names of materials.
    pub bundle: &'a Bundle,
    /// What was said.
    pub facts: &'a Facts,
    /// What of it applies.
    pub plan: &'a Plan,
    /// The person's store.
    pub documents: &'a [Document],
    /// Registers that know the person, with their names.
    pub registers: &'a BTreeMap<String, String>,
    /// How far promises are trusted.
    pub standing: Standing,
    /// Somebody else fills it in, or the errand is done by an agent.
    pub by_agent: bool,
    /// The day.
    pub today: Date,
    /// The region's working days.
    pub calendar: &'a Calendar,
    /// Working days a material may follow a decision by.
    pub follow_days: u32,
}

/// The kind of paper a material is: the same for every material, of any errand, that one paper can meet.
#[must_use]
pub fn kind(material: &Material) -> &str {
    material.certificate.as_ref().or(material.kind.as_ref()).unwrap_or(&material.name)
}

/// Whether a document of the store is the paper a material asks for.
#[must_use]
pub fn fits(document: &Document, material: &Material) -> bool {
    document.fits == kind(material) && document.subject == material.subject
}

/// Whether the rule allows a household member's e-certificates: only where the material itself asks
/// for a paper about such a member.
#[must_use]
pub fn is_household(subject: Subject) -> bool {
    matches!(subject, Subject::Spouse | Subject::Child | Subject::Parent)
}

/// The ways open to meet one material, best first, and what bars others that the catalogue allows.
#[must_use]
pub fn ways(material: &Material, needed: Truth, around: &Circumstances) -> (Vec<Way>, Vec<Bar>) {
    if needed == Truth::No || !asked_for(material) {
        return (vec![Way::NotNeeded { why: material.why.clone().filter(|_| needed == Truth::No) }], Vec::new());
    }
    let (mut ways, mut bars) = (Vec::new(), Vec::new());
    if let Some((register, name)) = answering(material, around.facts, around.registers) {
        ways.push(Way::Shared { register: register.clone(), name: name.clone() });
    }
    let fitting: Vec<&Document> = around.documents.iter().filter(|one| fits(one, material)).collect();
    let valid = |kind: DocumentKind| fitting.iter().filter(move |one| one.kind == kind && !one.expired);
    ways.extend(valid(DocumentKind::ECertificate).map(|one| Way::ECertificate { document: one.id.clone() }));
    ways.extend(valid(DocumentKind::File).map(|one| Way::Stored { document: one.id.clone() }));
    if fitting.iter().any(|one| one.expired) && valid(DocumentKind::ECertificate).next().is_none() {
        bars.push(Bar::Expired);
    }
    ways.push(Way::Upload);
    // Nobody has to promise what the errand does not wait for.
    let mut promised = |allowed: Option<Way>, barred: Option<Bar>| match (allowed.filter(|_| material.required), barred)
    {
        (Some(way), None) => ways.push(way),
        (Some(_), Some(bar)) if !bars.contains(&bar) => bars.push(bar),
        _ => {}
    };
    promised(material.declaration.as_ref().map(|_| Way::Declare), declaring_barred(around));
    let items: Vec<&Item> = around.plan.active_items(around.bundle).collect();
    let follows = promise::may_follow(&items, material).then_some(Way::OnCommitment { days: around.follow_days });
    promised(follows, following_barred(around));
    let until = promise::deferred_until(around.bundle, material, around.today, around.calendar);
    promised(until.map(|until| Way::Defer { until: until.to_string() }), deferring_barred(around));
    (ways, bars)
}

/// The register that answers in a material's place.
fn answering<'a>(
    material: &Material,
    facts: &Facts,
    registers: &'a BTreeMap<String, String>,
) -> Option<(&'a String, &'a String)> {
    let may = condition::all(&material.shared_when, facts) == Truth::Yes;
    material.shared.as_ref().filter(|_| may).and_then(|id| registers.get_key_value(id))
}

/// Only the person himself declares, and nobody with a record of dishonesty (国办发〔2020〕42号).
fn declaring_barred(around: &Circumstances) -> Option<Bar> {
    agent(around).or((around.standing.credit == Credit::Dishonest).then_some(Bar::Dishonest))
}

/// Nothing is deferred for whoever left a promise unkept, until it is repaired.
fn deferring_barred(around: &Circumstances) -> Option<Bar> {
    agent(around).or(around.standing.breach.then_some(Bar::Breach))
}

/// Deciding first takes a good record, and one that is known.
fn following_barred(around: &Circumstances) -> Option<Bar> {
    deferring_barred(around).or(match around.standing.credit {
        Credit::Good => None,
        Credit::Unknown => Some(Bar::CreditUnknown),
        Credit::Poor | Credit::Dishonest => Some(Bar::Credit),
    })
}

fn agent(around: &Circumstances) -> Option<Bar> {
    around.by_agent.then_some(Bar::Agent)
}

/// Whether a material may be met this way. Documents are looked at by whoever holds the store.
///
/// # Errors
/// What bars the way; nothing where the catalogue does not offer it at all.
pub fn permitted(material: &Material, provided: &Provided, around: &Circumstances) -> Result<(), Option<Bar>> {
    let (ways, _) = ways(material, Truth::Yes, around);
    let open = |wanted: fn(&Way) -> bool| ways.iter().any(wanted);
    let (is_open, bar) = match provided {
        Provided::Documents { .. } => (true, None),
        Provided::Shared { register } => {
            (ways.iter().any(|way| matches!(way, Way::Shared { register: here, .. } if here == register)), None)
        }
        Provided::Declared => (
            open(|way| matches!(way, Way::Declare)),
            declaring_barred(around).filter(|_| material.declaration.is_some() && material.required),
        ),
        Provided::OnCommitment => {
            let items: Vec<&Item> = around.plan.active_items(around.bundle).collect();
            let bar = following_barred(around).filter(|_| promise::may_follow(&items, material) && material.required);
            (open(|way| matches!(way, Way::OnCommitment { .. })), bar)
        }
        Provided::Deferred => (
            open(|way| matches!(way, Way::Defer { .. })),
            deferring_barred(around).filter(|_| material.deferrable.is_some() && material.required),
        ),
    };
    if is_open { Ok(()) } else { Err(bar) }
}

/// Materials that registers answer for, so that nobody is asked: what a new draft begins with.
#[must_use]
pub fn answered(
    bundle: &Bundle,
    facts: &Facts,
    registers: &BTreeMap<String, String>,
) -> BTreeMap<MaterialId, Provided> {
    let asked = bundle.materials.iter().filter(|material| asked_for(material));
    asked
        .filter_map(|material| {
            let (register, _) = answering(material, facts, registers)?;
            Some((material.id.clone(), Provided::Shared { register: register.clone() }))
        })
        .collect()
}

/// Materials still to be met before the errand can be sent.
pub fn outstanding<'b>(
    bundle: &'b Bundle,
    plan: &Plan,
    provided: &BTreeMap<MaterialId, Provided>,
) -> impl Iterator<Item = &'b Material> {
    plan.active_materials(bundle)
        .filter(|material| asked_for(material) && material.required && !is_met(provided.get(&material.id)))
}

/// Whether an ordinary person has nothing to bring: everything that applies is made by the system or
/// answered by a register (零材料).
#[must_use]
pub fn needs_nothing(bundle: &Bundle, plan: &Plan, provided: &BTreeMap<MaterialId, Provided>) -> bool {
    let answered = |material: &Material| matches!(provided.get(&material.id), Some(Provided::Shared { .. }));
    plan.active_materials(bundle).all(|material| !asked_for(material) || answered(material) || !material.required)
}
