//! From a bundle and what a person said to what that person needs.

use std::collections::BTreeMap;

use contract::catalogue::{Bundle, Choice, Depth, Fee, Field, FieldKind, Item, Material, Origin};
use contract::material::Provided;
use contract::problem::{Fault, FaultRule};
use contract::value::{Facts, Value};

use crate::condition::Truth;
use crate::date::Date;
use crate::form::Form;
use crate::identity::IdNumber;
use crate::{answer, rule};

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
    pub fn of(bundle: &Bundle, said: &Facts, today: Date) -> Self {
        let form = Form::of(bundle);
        form.plan(&form.fill(said, today))
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

/// What the rules ask of the world around a bundle.
pub trait Tables {
    /// A code table; empty where there is none.
    fn choices(&self, table: &str) -> &[Choice];

    /// Whether a division exists and is named down to this level, or as far as anything is known.
    fn reaches(&self, place: &str, depth: Depth) -> bool;
}

/// No tables at all.
pub struct NoTables;

impl Tables for NoTables {
    fn choices(&self, _: &str) -> &[Choice] {
        &[]
    }

    fn reaches(&self, place: &str, depth: Depth) -> bool {
        place.len() >= answer::digits_of(depth)
    }
}

/// The facts with everything computed that can be.
#[must_use]
pub fn computed(bundle: &Bundle, facts: &Facts, today: Date) -> Facts {
    let form = Form::of(bundle);
    form.facts(&form.fill(facts, today))
}

/// What is submitted: the facts asked for, in their normal form, and nothing that fell away.
#[must_use]
pub fn submission(bundle: &Bundle, facts: &Facts, today: Date) -> Facts {
    let form = Form::of(bundle);
    let filling = form.fill(facts, today);
    let answers = fields(bundle).enumerate();
    let answers =
        answers.filter_map(|(place, field)| Some((field.id.clone(), normal(field, form.answer(&filling, place)?))));
    // The items left out are part of what was said: without them they would come back.
    answers.chain(facts.get(DECLINED).map(|declined| (DECLINED.to_owned(), declined.clone()))).collect()
}

/// Situations and fields: every fact a bundle knows.
pub fn fields(bundle: &Bundle) -> impl Iterator<Item = &Field> {
    bundle.questions.iter().chain(&bundle.fields)
}

fn normal(field: &Field, value: &Value) -> Value {
    match value {
        Value::Text(text) => answer::tidy(field.kind, text).map_or_else(|_| value.clone(), Value::Text),
        other => other.clone(),
    }
}

/// Everything that keeps a draft from being submitted: facts first, then what several facts must
/// keep together, then materials, in the order of the screens.
#[must_use]
pub fn faults(
    bundle: &Bundle,
    facts: &Facts,
    materials: &BTreeMap<contract::catalogue::MaterialId, Provided>,
    today: Date,
    tables: &dyn Tables,
) -> Vec<Fault> {
    let form = Form::of(bundle);
    let filling = form.fill(facts, today);
    let mut faults: Vec<Fault> = fields(bundle)
        .enumerate()
        .filter(|(place, _)| filling.asks(*place))
        .flat_map(|(place, field)| field_faults(field, form.answer(&filling, place), today, tables))
        .collect();
    faults.extend(
        bundle
            .rules
            .iter()
            .filter_map(|rule| rule::broken(bundle, rule, &form, &filling))
            .filter(|fault| !rule::is_advice(fault.rule)),
    );
    let plan = form.plan(&filling);
    let open = crate::way::outstanding(bundle, &plan, materials);
    faults.extend(open.map(|material| Fault::new(material.id.0.clone(), FaultRule::Material)));
    faults
}

/// What is wrong with one field's value.
#[must_use]
pub fn field_faults(field: &Field, value: Option<&Value>, today: Date, tables: &dyn Tables) -> Vec<Fault> {
    if field.derive.is_some() {
        return Vec::new();
    }
    let faults = answer::faults(field, value, tables);
    let born_later = field.kind == FieldKind::IdNumber
        && faults.is_empty()
        && value.is_some_and(|value| IdNumber::parse(value.text()).is_ok_and(|number| number.birth() > today));
    if born_later { vec![Fault::new(field.id.clone(), FaultRule::IdDate)] } else { faults }
}

/// The answers a field offers.
#[must_use]
pub fn options<'a>(field: &'a Field, tables: &'a dyn Tables) -> &'a [Choice] {
    field.codes.as_ref().map_or(&field.options, |table| tables.choices(table))
}

/// Whether the person has to do anything about a material at all.
#[must_use]
pub fn asked_for(material: &Material) -> bool {
    material.origin != Origin::System
}

/// Whether something was given, declared, promised or answered by a register in a material's place.
#[must_use]
pub fn is_met(provided: Option<&Provided>) -> bool {
    match provided {
        Some(Provided::Documents { documents }) => !documents.is_empty(),
        Some(_) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::sample;

    const TODAY: Date = Date::FIRST;

    fn facts(pairs: &[(&str, &str)]) -> Facts {
        pairs.iter().map(|(id, text)| ((*id).to_owned(), Value::from(*text))).collect()
    }

    #[test]
    fn an_unanswered_situation_leaves_things_open() {
        let bundle = sample();
        let plan = Plan::of(&bundle, &Facts::new(), TODAY);
        assert_eq!(plan.items, [Truth::Yes, Truth::Unknown]);
        assert_eq!(plan.materials, [Truth::Yes, Truth::Unknown]);
        assert_eq!(plan.fields, [true, false, false], "only what is certainly needed is asked");
    }

    #[test]
    fn what_falls_away_takes_its_fields_with_it() {
        let bundle = sample();
        let yes = facts(&[("married", "yes"), ("book_number", "J1"), ("id", "11010519491231002X")]);
        assert_eq!(Plan::of(&bundle, &yes, TODAY).items, [Truth::Yes, Truth::Yes]);
        assert!(submission(&bundle, &yes, TODAY).contains_key("book_number"));
        let mut no = yes;
        no.insert("married".into(), "no".into());
        assert_eq!(Plan::of(&bundle, &no, TODAY).items, [Truth::Yes, Truth::No]);
        assert!(!submission(&bundle, &no, TODAY).contains_key("book_number"), "hidden facts are not submitted");
    }

    #[test]
    fn an_id_number_tells_birth_and_sex() {
        let computed = |id: &str| computed(&sample(), &facts(&[("id", id), ("born", "2000-01-01")]), TODAY);
        assert_eq!(computed("11010519491231002x").get("born"), Some(&"1949-12-31".into()));
        assert_eq!(computed("1").get("born"), None, "what is computed is never typed");
    }

    #[test]
    fn a_repeated_answer_is_the_other_one_s() {
        let mut bundle = sample();
        bundle.fields[2].same_as = vec!["id".into()];
        bundle.fields[2].items = vec!["*".into()];
        bundle.fields[2].required = true;
        let repeated = facts(&[("id", "11010519491231002x"), ("book_number", "=id")]);
        assert_eq!(submission(&bundle, &repeated, TODAY)["book_number"], "11010519491231002x".into());
        let empty = faults(&bundle, &facts(&[("book_number", "=id")]), &BTreeMap::new(), TODAY, &NoTables);
        assert!(empty.contains(&Fault::new("book_number", FaultRule::Missing)), "nothing is there to repeat");
        bundle.fields[2].same_as.clear();
        assert_eq!(submission(&bundle, &repeated, TODAY)["book_number"], "=id".into(), "elsewhere it is only text");
    }

    #[test]
    fn faults_name_fields_then_materials() {
        let bundle = sample();
        let faults = faults(
            &bundle,
            &facts(&[("married", "no"), ("id", "11010519491231002Y")]),
            &BTreeMap::new(),
            TODAY,
            &NoTables,
        );
        let list: Vec<_> = faults.iter().map(|fault| (fault.at.as_str(), fault.rule)).collect();
        assert_eq!(list, [("id", FaultRule::IdShape), ("m_id", FaultRule::Material)]);
    }
}
