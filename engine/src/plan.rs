//! From a bundle and what a person said to what that person needs.

use std::collections::BTreeMap;

use contract::catalogue::{Bundle, Choice, Derived, Fee, Field, FieldKind, Item, Material, Origin};
use contract::draft::Provided;
use contract::problem::{Fault, FaultRule};
use contract::value::{Facts, Value};

use crate::answer;
use crate::condition::{self, Truth};
use crate::date::Date;
use crate::identity::IdNumber;

/// The fact that holds the optional items a person left out.
pub const DECLINED: &str = "declined_items";

/// What of a bundle applies to one person. The lists run parallel to the bundle's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whether each item is done.
    pub items: Vec<Truth>,
    /// Whether each situation is asked.
    pub questions: Vec<bool>,
    /// Whether each field is asked.
    pub fields: Vec<bool>,
    /// Whether each material is needed.
    pub materials: Vec<Truth>,
    /// Whether each fee is due.
    pub fees: Vec<Truth>,
}

impl Plan {
    /// Works out what applies.
    #[must_use]
    pub fn of(bundle: &Bundle, said: &Facts) -> Self {
        let facts = relevant(bundle, said);
        let declined = said.get(DECLINED);
        let items: Vec<Truth> = bundle.items.iter().map(|item| item_applies(item, declined, &facts)).collect();
        let of_items = |ids: &[String]| needed_by(ids, bundle, &items);
        let asked =
            |field: &Field| of_items(&field.items) != Truth::No && condition::all(&field.when, &facts) == Truth::Yes;
        Self {
            questions: bundle.questions.iter().map(asked).collect(),
            fields: bundle.fields.iter().map(|field| of_items(&field.items) == Truth::Yes && asked(field)).collect(),
            materials: bundle
                .materials
                .iter()
                .map(|material| of_items(&material.items).and(condition::all(&material.when, &facts)))
                .collect(),
            fees: bundle.fees.iter().map(|fee| of_items(&fee.items).and(condition::all(&fee.when, &facts))).collect(),
            items,
        }
    }

    /// Items that are done.
    pub fn active_items<'b>(&self, bundle: &'b Bundle) -> impl Iterator<Item = &'b Item> {
        bundle.items.iter().zip(self.items.clone()).filter(|(_, truth)| *truth == Truth::Yes).map(|(item, _)| item)
    }

    /// Situations and fields that are asked, in order.
    pub fn active_fields<'b>(&self, bundle: &'b Bundle) -> impl Iterator<Item = &'b Field> {
        let questions = bundle.questions.iter().zip(self.questions.clone());
        let fields = bundle.fields.iter().zip(self.fields.clone());
        questions.chain(fields).filter(|(_, shown)| *shown).map(|(field, _)| field)
    }

    /// Materials that are needed, made by the system or not.
    pub fn active_materials<'b>(&self, bundle: &'b Bundle) -> impl Iterator<Item = &'b Material> {
        bundle
            .materials
            .iter()
            .zip(self.materials.clone())
            .filter(|(_, truth)| *truth == Truth::Yes)
            .map(|(material, _)| material)
    }

    /// Fees that are due.
    pub fn active_fees<'b>(&self, bundle: &'b Bundle) -> impl Iterator<Item = &'b Fee> {
        bundle.fees.iter().zip(self.fees.clone()).filter(|(_, truth)| *truth == Truth::Yes).map(|(fee, _)| fee)
    }
}

/// Facts whose own question still applies: an answer to a question that fell away decides nothing.
fn relevant(bundle: &Bundle, said: &Facts) -> Facts {
    let mut facts = said.clone();
    // A condition may hang on a fact that hangs on another; chains are short, and each
    // round can only take facts away, so this ends.
    loop {
        let before = facts.len();
        for field in bundle.questions.iter().chain(&bundle.fields) {
            if facts.contains_key(&field.id) && condition::all(&field.when, &facts) != Truth::Yes {
                facts.remove(&field.id);
            }
        }
        if facts.len() == before {
            return facts;
        }
    }
}

fn item_applies(item: &Item, declined: Option<&Value>, facts: &Facts) -> Truth {
    let left_out = item.optional && matches!(declined, Some(Value::Many(many)) if many.contains(&item.id.0));
    Truth::from(!left_out).and(condition::all(&item.when, facts))
}

fn needed_by(ids: &[String], bundle: &Bundle, items: &[Truth]) -> Truth {
    if ids.iter().any(|id| id == "*") {
        return Truth::Yes;
    }
    bundle
        .items
        .iter()
        .zip(items)
        .filter(|(item, _)| ids.contains(&item.id.0))
        .fold(Truth::No, |truth, (_, applies)| truth.or(*applies))
}

/// Facts that follow from others: what is computed is never typed.
#[must_use]
pub fn derive(bundle: &Bundle, facts: &Facts, today: Date) -> BTreeMap<String, Option<Value>> {
    bundle
        .questions
        .iter()
        .chain(&bundle.fields)
        .filter_map(|field| field.derive.as_ref().map(|derivation| (field, derivation)))
        .map(|(field, derivation)| {
            let number = facts.get(&derivation.from).and_then(|value| IdNumber::parse(value.text()).ok());
            (field.id.clone(), number.map(|number| Value::Text(derived(&number, derivation.what, today))))
        })
        .collect()
}

fn derived(number: &IdNumber, what: Derived, today: Date) -> String {
    match what {
        Derived::BirthDate => number.birth().to_string(),
        Derived::Sex => number.sex().to_owned(),
        Derived::Age => number.birth().years_until(today).max(0).to_string(),
    }
}

/// What is submitted: the facts asked for, in their normal form, and nothing that fell away.
#[must_use]
pub fn submission(bundle: &Bundle, facts: &Facts) -> Facts {
    let plan = Plan::of(bundle, facts);
    plan.active_fields(bundle)
        .filter_map(|field| {
            let value = facts.get(&field.id).filter(|value| !value.is_blank())?;
            Some((field.id.clone(), normal(field, value)))
        })
        .collect()
}

fn normal(field: &Field, value: &Value) -> Value {
    match value {
        Value::Text(text) => answer::tidy(field.kind, text).map_or_else(|_| value.clone(), Value::Text),
        other => other.clone(),
    }
}

/// Everything that keeps a draft from being submitted: facts first, then materials, in the order of the screens.
#[must_use]
pub fn faults(
    bundle: &Bundle,
    facts: &Facts,
    materials: &BTreeMap<contract::catalogue::MaterialId, Provided>,
    today: Date,
    codes: impl Fn(&str) -> Vec<Choice>,
) -> Vec<Fault> {
    let plan = Plan::of(bundle, facts);
    let mut faults: Vec<Fault> =
        plan.active_fields(bundle).flat_map(|field| field_faults(field, facts.get(&field.id), today, &codes)).collect();
    faults.extend(
        plan.active_materials(bundle)
            .filter(|material| asked_for(material) && material.required && !is_met(materials.get(&material.id)))
            .map(|material| Fault { at: material.id.0.clone(), rule: FaultRule::Material }),
    );
    faults
}

/// What is wrong with one field's value.
#[must_use]
pub fn field_faults(
    field: &Field,
    value: Option<&Value>,
    today: Date,
    codes: impl Fn(&str) -> Vec<Choice>,
) -> Vec<Fault> {
    if field.derive.is_some() {
        return Vec::new();
    }
    let options = options(field, &codes);
    let faults = answer::faults(field, value, &options, &codes);
    let born_later = field.kind == FieldKind::IdNumber
        && faults.is_empty()
        && value.is_some_and(|value| IdNumber::parse(value.text()).is_ok_and(|number| number.birth() > today));
    if born_later { vec![Fault { at: field.id.clone(), rule: FaultRule::IdDate }] } else { faults }
}

/// The answers a field offers.
pub fn options(field: &Field, codes: impl Fn(&str) -> Vec<Choice>) -> Vec<Choice> {
    match (&field.codes, field.kind) {
        (Some(table), _) => codes(table),
        (None, FieldKind::Region) => codes("division"),
        (None, _) => field.options.clone(),
    }
}

/// Whether the person has to do anything about a material at all.
#[must_use]
pub fn asked_for(material: &Material) -> bool {
    material.origin != Origin::System
}

fn is_met(provided: Option<&Provided>) -> bool {
    match provided {
        Some(Provided::Documents { documents }) => !documents.is_empty(),
        Some(Provided::Declared | Provided::Deferred) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::sample;
    use proptest::prelude::*;

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        pairs.iter().map(|(id, text)| ((*id).to_owned(), Value::from(*text))).collect()
    }

    #[test]
    fn an_unanswered_situation_leaves_things_open() {
        let bundle = sample();
        let plan = Plan::of(&bundle, &Facts::new());
        assert_eq!(plan.items, [Truth::Yes, Truth::Unknown]);
        assert_eq!(plan.materials, [Truth::Yes, Truth::Unknown]);
        assert_eq!(plan.fields, [true, false, false], "only what is certainly needed is asked");
    }

    #[test]
    fn what_falls_away_takes_its_fields_with_it() {
        let bundle = sample();
        let yes = facts(&[("married", "yes"), ("book_number", "J1"), ("id", "11010519491231002X")]);
        assert_eq!(Plan::of(&bundle, &yes).items, [Truth::Yes, Truth::Yes]);
        assert!(submission(&bundle, &yes).contains_key("book_number"));
        let mut no = yes;
        no.insert("married".into(), "no".into());
        assert_eq!(Plan::of(&bundle, &no).items, [Truth::Yes, Truth::No]);
        assert!(!submission(&bundle, &no).contains_key("book_number"), "hidden facts are not submitted");
    }

    #[test]
    fn an_id_number_tells_birth_and_sex() {
        let derived = derive(&sample(), &facts(&[("id", "11010519491231002x")]), Date::new(2026, 11, 22).unwrap());
        assert_eq!(derived["born"], Some("1949-12-31".into()));
        assert_eq!(derive(&sample(), &facts(&[("id", "1")]), Date::new(2026, 1, 1).unwrap())["born"], None);
    }

    #[test]
    fn faults_name_fields_then_materials() {
        let bundle = sample();
        let faults = faults(
            &bundle,
            &facts(&[("married", "no"), ("id", "11010519491231002Y")]),
            &BTreeMap::new(),
            Date::new(2026, 1, 1).unwrap(),
            |_| Vec::new(),
        );
        let list: Vec<_> = faults.iter().map(|fault| (fault.at.as_str(), fault.rule)).collect();
        assert_eq!(list, [("id", FaultRule::IdShape), ("m_id", FaultRule::Material)]);
    }

    proptest! {
        /// No hidden field is ever submitted, whatever was said.
        #[test]
        fn submissions_hold_only_what_is_asked(married in "yes|no|", number in "\\PC{0,8}", id in "\\PC{0,20}", other in "[a-z]{1,5}") {
            let bundle = sample();
            let said = facts(&[("married", &married), ("book_number", &number), ("id", &id), (&other, "x")]);
            let plan = Plan::of(&bundle, &said);
            let asked: Vec<_> = plan.active_fields(&bundle).map(|field| field.id.clone()).collect();
            for id in submission(&bundle, &said).keys() {
                prop_assert!(asked.contains(id));
            }
        }
    }
}
