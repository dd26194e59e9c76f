//! A draft outlives a version of its bundle: its answers follow their data elements.

use contract::catalogue::{Bundle, Column, Field, FieldKind};
use contract::draft::Migration;
use contract::value::{Facts, Value};

use crate::date::Date;
use crate::plan::{DECLINED, Plan, fields};

/// The facts as the new version takes them, and what became of them, by field id: `dropped` names
/// fields of the old version, `moved` and `added` fields of the new one.
#[must_use]
pub fn migrate(old: &Bundle, new: &Bundle, facts: &Facts, today: Date) -> (Facts, Migration) {
    let (mut kept, mut migration) = (Facts::new(), Migration::default());
    for field in fields(old) {
        let Some(value) = facts.get(&field.id) else { continue };
        match target(new, field).and_then(|target| Some((target, fitted(target, value, new)?))) {
            Some((target, value)) => {
                if target.id != field.id {
                    migration.moved.push(target.id.clone());
                }
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
    (kept, migration)
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
fn fitted(field: &Field, value: &Value, new: &Bundle) -> Option<Value> {
    let offered = |options: &[contract::catalogue::Choice], id: &str| {
        options.is_empty() || options.iter().any(|option| option.id == id)
    };
    match value {
        Value::Text(text) => {
            let repeats = text.strip_prefix(crate::form::SAME).is_some_and(|id| {
                field.same_as.iter().any(|same| same == id) && fields(new).any(|field| field.id == id)
            });
            let stale = text.starts_with(crate::form::SAME) && !repeats && !field.same_as.is_empty();
            let fits = !stale && (field.kind != FieldKind::Choice || offered(&field.options, text));
            fits.then(|| value.clone())
        }
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
        let (facts, migration) = migrate(&old, &new, &said(), Date::FIRST);
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
        let (facts, migration) = migrate(&old, &new, &said(), Date::FIRST);
        assert!(!facts.contains_key("book_number"));
        assert_eq!((migration.dropped, migration.added), (vec!["book_number".into()], vec!["fresh".into()]));
    }

    #[test]
    fn an_answer_of_another_kind_does_not_fit() {
        let old = sample();
        let mut new = old.clone();
        new.fields[2].kind = FieldKind::Date;
        assert_eq!(migrate(&old, &new, &said(), Date::FIRST).1.dropped, ["book_number"]);
        new.fields[2].kind = FieldKind::LongText;
        assert!(migrate(&old, &new, &said(), Date::FIRST).1.is_empty());
    }

    proptest! {
        #[test]
        fn the_same_version_changes_nothing(married in "yes|no", number in "[A-Z0-9]{0,6}") {
            let bundle = sample();
            let facts = Facts::from([("married".into(), married.as_str().into()), ("book_number".into(), number.as_str().into())]);
            let (kept, migration) = migrate(&bundle, &bundle, &facts, Date::FIRST);
            prop_assert_eq!(kept, facts);
            prop_assert!(migration.is_empty());
        }
    }
}
