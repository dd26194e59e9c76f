//! A draft outlives a version of its bundle: its answers follow their data elements.

use contract::catalogue::{Bundle, Column, Field, FieldKind};
use contract::draft::Migration;
use contract::value::{Facts, Value};

use crate::date::Date;
use crate::form::SAME;
use crate::plan::{DECLINED, Plan, fields};

/// A draft's facts in the new version's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// The facts.
    pub facts: Facts,
    /// What became of them, by field id: `dropped` names fields of the old version, `moved` and `added`
    /// fields of the new one.
    pub migration: Migration,
    /// Old and new id of each field whose answer was taken over.
    pub names: Vec<(String, String)>,
}

impl Moved {
    /// The new id of a field.
    #[must_use]
    pub fn name(&self, old: &str) -> Option<&String> {
        self.names.iter().find(|(from, _)| from == old).map(|(_, to)| to)
    }
}

/// Moves a draft's facts to a new version of its bundle.
#[must_use]
pub fn migrate(old: &Bundle, new: &Bundle, facts: &Facts, today: Date) -> Moved {
    let (mut kept, mut migration, mut names) = (Facts::new(), Migration::default(), Vec::new());
    for field in fields(old) {
        let Some(value) = facts.get(&field.id) else { continue };
        let value = repeated(old, new, facts, field, value);
        // A target that another answer holds already takes no second one.
        let free = target(new, field).filter(|target| !kept.contains_key(&target.id));
        match free.and_then(|target| Some((target, fitted(target, &value)?))) {
            Some((target, value)) => {
                if target.id != field.id {
                    migration.moved.push(target.id.clone());
                }
                names.push((field.id.clone(), target.id.clone()));
                kept.insert(target.id.clone(), value);
            }
            // What is computed is computed anew.
            None if field.derive.is_some() => {}
            None => migration.dropped.push(field.id.clone()),
        }
    }
    if let Some(Value::Many(declined)) = facts.get(DECLINED) {
        let known = |id: &&String| new.items.iter().any(|item| item.optional && item.id.0 == **id);
        let declined: Vec<String> = declined.iter().filter(known).cloned().collect();
        if !declined.is_empty() {
            kept.insert(DECLINED.to_owned(), Value::Many(declined));
        }
    }
    let plan = Plan::of(new, &kept, today);
    let before = Plan::of(old, facts, today);
    let was_asked = |id: &str| before.active_fields(old).any(|field| field.id == id);
    let added = plan.active_fields(new).filter(|field| {
        let known = was_asked(&field.id) || field.was.iter().any(|id| was_asked(id));
        field.required && field.derive.is_none() && !known && !kept.contains_key(&field.id)
    });
    migration.added = added.map(|field| field.id.clone()).collect();
    Moved { facts: kept, migration, names }
}

/// A repetition follows the field it repeats; where the new version offers no repetition, it becomes the answer itself.
fn repeated(old: &Bundle, new: &Bundle, facts: &Facts, field: &Field, value: &Value) -> Value {
    let other = value.text().strip_prefix(SAME).filter(|id| field.same_as.iter().any(|same| same == id));
    let Some(other) = other else { return value.clone() };
    let renamed = fields(old).find(|one| one.id == other).and_then(|one| target(new, one)).map(|one| one.id.clone());
    let offered = |id: &String| target(new, field).is_some_and(|field| field.same_as.contains(id));
    match renamed.filter(offered) {
        Some(id) => Value::Text(format!("{SAME}{id}")),
        None => facts.get(other).cloned().unwrap_or_else(|| Value::Text(String::new())),
    }
}

/// The field of the new version that stands for the same data element: of the same name, of a name it
/// had before, or filled from the same element of the same register where only one is.
fn target<'b>(new: &'b Bundle, old: &Field) -> Option<&'b Field> {
    let by_name = fields(new).find(|field| field.id == old.id);
    let by_former = || fields(new).find(|field| field.was.contains(&old.id));
    let by_element = || {
        let element = old.prefill.as_ref()?;
        let mut same = fields(new).filter(|field| field.prefill.as_ref() == Some(element));
        same.next().filter(|_| same.next().is_none())
    };
    by_name.or_else(by_former).or_else(by_element).filter(|field| takes(field.kind, old.kind) && field.derive.is_none())
}

/// Whether answers of one kind can stand in a field of another.
fn takes(new: FieldKind, old: FieldKind) -> bool {
    use FieldKind::{Address, Company, Date, LongText, Mobile, Name, PartialDate, Phone, Text};
    new == old
        || matches!(
            (old, new),
            (Date, PartialDate)
                | (Mobile, Phone)
                | (Text | Name | Company | Address, LongText | Text)
                | (Text, Name | Company | Address)
        )
}

/// The value as the field takes it; `None` where nothing of it fits.
fn fitted(field: &Field, value: &Value) -> Option<Value> {
    let offered = |options: &[contract::catalogue::Choice], id: &str| {
        options.is_empty() || options.iter().any(|option| option.id == id)
    };
    match value {
        Value::Text(text) => (field.kind != FieldKind::Choice || offered(&field.options, text)).then(|| value.clone()),
        Value::Many(many) => {
            let many: Vec<String> = many.iter().filter(|id| offered(&field.options, id)).cloned().collect();
            (!many.is_empty()).then_some(Value::Many(many))
        }
        Value::Rows(rows) => {
            let column = |id: &str| field.columns.iter().find(|column| column.id == id);
            let fits = |column: &Column, text: &str| column.kind != FieldKind::Choice || offered(&column.options, text);
            let rows = rows.iter().map(|row| {
                row.iter()
                    .filter(|(id, text)| column(id).is_some_and(|column| fits(column, text)))
                    .map(|(id, text)| (id.clone(), text.clone()))
                    .collect()
            });
            Some(Value::Rows(rows.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::sample;
    use proptest::prelude::*;

    fn said() -> Facts {
        Facts::from([
            ("married".into(), "yes".into()),
            ("id".into(), "11010519491231002X".into()),
            ("book_number".into(), "J1".into()),
        ])
    }

    #[test]
    fn answers_follow_their_element() {
        let old = sample();
        let mut new = old.clone();
        new.fields[2].id = "certificate_number".into();
        new.fields[2].was = vec!["book_number".into()];
        let moved = migrate(&old, &new, &said(), Date::FIRST);
        assert_eq!(moved.name("book_number").map(String::as_str), Some("certificate_number"));
        let Moved { facts, migration, .. } = moved;
        assert_eq!(facts["certificate_number"], "J1".into());
        assert_eq!(migration, Migration { moved: vec!["certificate_number".into()], ..Migration::default() });
    }

    #[test]
    fn what_no_field_takes_is_named_and_so_is_what_is_new() {
        let old = sample();
        let mut new = old.clone();
        let mut fresh = new.fields[0].clone();
        fresh.id = "fresh".into();
        new.fields[2] = fresh;
        let Moved { facts, migration, .. } = migrate(&old, &new, &said(), Date::FIRST);
        assert!(!facts.contains_key("book_number"));
        assert_eq!((migration.dropped, migration.added), (vec!["book_number".into()], vec!["fresh".into()]));
    }

    #[test]
    fn an_answer_of_another_kind_does_not_fit() {
        let old = sample();
        let mut new = old.clone();
        new.fields[2].kind = FieldKind::Date;
        assert_eq!(migrate(&old, &new, &said(), Date::FIRST).migration.dropped, ["book_number"]);
        new.fields[2].kind = FieldKind::LongText;
        assert!(migrate(&old, &new, &said(), Date::FIRST).migration.is_empty());
    }

    #[test]
    fn a_repetition_follows_what_it_repeats_or_becomes_the_answer() {
        let mut old = sample();
        old.fields[2].same_as = vec!["id".into()];
        let said = Facts::from([
            ("married".into(), "yes".into()),
            ("id".into(), "J9".into()),
            ("book_number".into(), "=id".into()),
        ]);
        let mut new = old.clone();
        new.fields[0].id = "number".into();
        new.fields[0].was = vec!["id".into()];
        new.fields[2].same_as = vec!["number".into()];
        assert_eq!(migrate(&old, &new, &said, Date::FIRST).facts["book_number"], "=number".into());
        new.fields[2].same_as.clear();
        assert_eq!(migrate(&old, &new, &said, Date::FIRST).facts["book_number"], "J9".into());
    }

    #[test]
    fn two_answers_for_one_field_are_not_one() {
        let old = sample();
        let mut new = old.clone();
        new.fields.remove(2);
        new.fields[0].was = vec!["book_number".into()];
        new.fields[0].kind = FieldKind::Text;
        let mut old = old;
        old.fields[0].kind = FieldKind::Text;
        assert_eq!(migrate(&old, &new, &said(), Date::FIRST).migration.dropped, ["book_number"]);
    }

    proptest! {
        #[test]
        fn the_same_version_changes_nothing(married in "yes|no", number in "[A-Z0-9]{0,6}") {
            let bundle = sample();
            let facts = Facts::from([("married".into(), married.as_str().into()), ("book_number".into(), number.as_str().into())]);
            let moved = migrate(&bundle, &bundle, &facts, Date::FIRST);
            prop_assert_eq!(moved.facts, facts);
            prop_assert!(moved.migration.is_empty());
        }
    }
}
