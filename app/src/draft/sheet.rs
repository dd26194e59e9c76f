//! The facts of a form as signals: one a field, so that a keystroke touches one field.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contract::catalogue::{BundleView, Choice, Field, FieldKind};
use contract::problem::{Fault, FaultRule};
use contract::value::{Facts, Row, Value};
use engine::date::Date;
use engine::plan::{self, DECLINED, Plan};
use leptos::prelude::*;

/// One field's signals.
#[derive(Clone, Copy)]
pub struct FieldState {
    /// What is said.
    pub value: RwSignal<Value>,
    /// The rule it breaks, once the person has left it.
    pub fault: RwSignal<Option<FaultRule>>,
    /// Rules its cells break, by `row.column`.
    pub cells: RwSignal<BTreeMap<String, FaultRule>>,
    /// Whether it is asked.
    pub shown: RwSignal<bool>,
}

/// The facts of one errand. Situations come first, then the form's fields.
#[derive(Clone)]
pub struct Sheet {
    view: Arc<BundleView>,
    fields: Arc<Vec<FieldState>>,
    /// Optional items the person left out.
    pub declined: RwSignal<Vec<String>>,
    /// What applies, given the facts.
    pub plan: RwSignal<Plan>,
    /// Fields changed and not yet taken by `take_changes`; `None` stands for `declined`.
    changes: StoredValue<BTreeSet<Option<usize>>>,
    /// Counts changes.
    pub changed: RwSignal<u32>,
}

impl Sheet {
    /// A sheet with these facts.
    #[must_use]
    pub fn new(view: Arc<BundleView>, facts: &Facts) -> Self {
        let plan = Plan::of(&view.bundle, facts);
        let shown = plan.questions.iter().chain(&plan.fields);
        let fields = view.bundle.questions.iter().chain(&view.bundle.fields);
        let fields = fields
            .zip(shown)
            .map(|(field, shown)| FieldState {
                value: RwSignal::new(facts.get(&field.id).cloned().unwrap_or_else(|| empty(field.kind))),
                fault: RwSignal::new(None),
                cells: RwSignal::new(BTreeMap::new()),
                shown: RwSignal::new(*shown),
            })
            .collect();
        let declined = match facts.get(DECLINED) {
            Some(Value::Many(many)) => many.clone(),
            _ => Vec::new(),
        };
        Self {
            view,
            fields: Arc::new(fields),
            declined: RwSignal::new(declined),
            plan: RwSignal::new(plan),
            changes: StoredValue::new(BTreeSet::new()),
            changed: RwSignal::new(0),
        }
    }

    /// The errand.
    #[must_use]
    pub fn view(&self) -> &Arc<BundleView> {
        &self.view
    }

    /// The same facts over the errand's texts in another language.
    #[must_use]
    pub fn reading(&self, view: Arc<BundleView>) -> Self {
        Self { view, ..self.clone() }
    }

    /// A field by its place.
    #[must_use]
    pub fn field(&self, index: usize) -> Option<&Field> {
        let questions = &self.view.bundle.questions;
        questions.get(index).or_else(|| self.view.bundle.fields.get(index.checked_sub(questions.len())?))
    }

    /// A field's signals.
    #[must_use]
    pub fn state(&self, index: usize) -> Option<FieldState> {
        self.fields.get(index).copied()
    }

    /// A field's place.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<usize> {
        (0..self.fields.len()).find(|index| self.field(*index).is_some_and(|field| field.id == id))
    }

    /// Places of the situations.
    #[must_use]
    pub fn questions(&self) -> Vec<usize> {
        (0..self.view.bundle.questions.len()).collect()
    }

    /// Places of the fields of a group.
    #[must_use]
    pub fn group(&self, group: &str) -> Vec<usize> {
        let first = self.view.bundle.questions.len();
        (first..self.fields.len())
            .filter(|index| self.field(*index).is_some_and(|field| field.group == group))
            .collect()
    }

    /// All facts, as they stand.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts: Facts = (0..self.fields.len())
            .filter_map(|index| {
                let value = self.fields[index].value.get_untracked();
                (!value.is_blank()).then(|| Some((self.field(index)?.id.clone(), value)))?
            })
            .collect();
        let declined = self.declined.get_untracked();
        if !declined.is_empty() {
            facts.insert(DECLINED.to_owned(), Value::Many(declined));
        }
        facts
    }

    /// Someone types: the value changes, and nothing else.
    pub fn type_in(&self, index: usize, value: Value) {
        if let Some(state) = self.state(index) {
            state.value.set(value);
            self.note(Some(index));
        }
    }

    /// Someone chooses: the value changes, and what hangs on it.
    pub fn choose(&self, index: usize, value: Value) {
        self.type_in(index, value);
        self.leave(index);
    }

    /// Someone leaves a field: it takes its normal form, is checked, and what hangs on it changes.
    pub fn leave(&self, index: usize) {
        let (Some(state), Some(field)) = (self.state(index), self.field(index)) else { return };
        let normal = match state.value.get_untracked() {
            Value::Text(text) => engine::answer::tidy(field.kind, &text).ok().filter(|tidy| *tidy != text),
            _ => None,
        };
        if let Some(normal) = normal {
            self.type_in(index, Value::Text(normal));
        }
        // An empty field is not scolded before the step's end.
        let blank = state.value.with_untracked(Value::is_blank);
        self.show_faults(index, if blank { &[] } else { &[FaultRule::Missing] });
        self.replan();
    }

    /// Leaves an optional item out, or takes it in again.
    pub fn decline(&self, item: &str, out: bool) {
        self.declined.update(|declined| {
            declined.retain(|one| one != item);
            if out {
                declined.push(item.to_owned());
            }
        });
        self.note(None);
        self.replan();
    }

    fn note(&self, change: Option<usize>) {
        self.changes.update_value(|changes| {
            changes.insert(change);
        });
        self.changed.update(|count| *count += 1);
    }

    fn replan(&self) {
        let facts = self.facts();
        for (id, value) in plan::derive(&self.view.bundle, &facts, self.today()) {
            let Some((index, state)) = self.index(&id).and_then(|index| Some((index, self.state(index)?))) else {
                continue;
            };
            let value = value.unwrap_or_else(|| Value::Text(String::new()));
            if state.value.get_untracked() != value {
                self.type_in(index, value);
            }
        }
        let plan = Plan::of(&self.view.bundle, &self.facts());
        for (state, shown) in self.fields.iter().zip(plan.questions.iter().chain(&plan.fields)) {
            if state.shown.get_untracked() != *shown {
                state.shown.set(*shown);
            }
        }
        if self.plan.with_untracked(|before| *before != plan) {
            self.plan.set(plan);
        }
    }

    /// Checks the fields at these places that are asked, and shows what is wrong.
    #[must_use]
    pub fn check(&self, places: &[usize]) -> Vec<Fault> {
        let asked = places.iter().filter(|index| self.state(**index).is_some_and(|state| state.shown.get_untracked()));
        asked.flat_map(|index| self.show_faults(*index, &[])).collect()
    }

    /// Shows what is wrong with a field, the rules in `forgiven` aside.
    fn show_faults(&self, index: usize, forgiven: &[FaultRule]) -> Vec<Fault> {
        let (Some(state), Some(field)) = (self.state(index), self.field(index)) else { return Vec::new() };
        let value = state.value.get_untracked();
        let mut faults = plan::field_faults(field, Some(&value), self.today(), |table| self.table(table));
        faults.retain(|fault| !forgiven.contains(&fault.rule));
        self.show(index, &faults);
        faults
    }

    fn show(&self, index: usize, faults: &[Fault]) {
        let (Some(state), Some(field)) = (self.state(index), self.field(index)) else { return };
        let own = faults.iter().find(|fault| fault.at == field.id).map(|fault| fault.rule);
        if state.fault.get_untracked() != own {
            state.fault.set(own);
        }
        let prefix = format!("{}.", field.id);
        let cells: BTreeMap<String, FaultRule> =
            faults.iter().filter_map(|fault| Some((fault.at.strip_prefix(&prefix)?.to_owned(), fault.rule))).collect();
        if state.cells.with_untracked(|before| *before != cells) {
            state.cells.set(cells);
        }
    }

    /// Shows what the server found wrong, at the fields it named.
    pub fn show_all(&self, faults: &[Fault]) {
        for index in 0..self.fields.len() {
            let Some(field) = self.field(index) else { continue };
            let id = field.id.as_str();
            let own: Vec<Fault> = faults
                .iter()
                .filter(|fault| fault.at.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
                .cloned()
                .collect();
            if !own.is_empty() {
                self.show(index, &own);
            }
        }
    }

    /// What changed since it was last asked; given away, so keep it.
    #[must_use]
    pub fn take_changes(&self) -> BTreeMap<String, Option<Value>> {
        let places = self.changes.get_value();
        self.changes.set_value(BTreeSet::new());
        places.into_iter().filter_map(|place| self.change(place)).collect()
    }

    /// Gives changes back that could not be stored.
    pub fn give_back(&self, changes: impl Iterator<Item = String>) {
        let places: Vec<Option<usize>> = changes.map(|id| self.index(&id)).collect();
        self.changes.update_value(|changes| changes.extend(places));
    }

    /// Whether something changed that nobody took.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.changes.with_value(|changes| !changes.is_empty())
    }

    fn change(&self, place: Option<usize>) -> Option<(String, Option<Value>)> {
        match place {
            None => Some((DECLINED.to_owned(), Some(Value::Many(self.declined.get_untracked())))),
            Some(index) => {
                let value = self.state(index)?.value.get_untracked();
                Some((self.field(index)?.id.clone(), (!value.is_blank()).then_some(value)))
            }
        }
    }

    /// Takes over what another tab or device saved, except where this one has changes of its own.
    pub fn merge(&self, facts: &Facts) {
        for index in 0..self.fields.len() {
            let (Some(state), Some(field)) = (self.state(index), self.field(index)) else { continue };
            let mine = self.changes.with_value(|changes| changes.contains(&Some(index)));
            let theirs = facts.get(&field.id).cloned().unwrap_or_else(|| empty(field.kind));
            if !mine && state.value.get_untracked() != theirs {
                state.value.set(theirs);
            }
        }
        self.replan();
    }

    /// The answers a field offers.
    #[must_use]
    pub fn options(&self, field: &Field) -> Vec<Choice> {
        plan::options(field, |table| self.table(table))
    }

    /// A code table.
    #[must_use]
    pub fn table(&self, id: &str) -> Vec<Choice> {
        self.view.codes.get(id).cloned().unwrap_or_default()
    }

    fn today(&self) -> Date {
        Date::parse(&self.view.today).unwrap_or(Date::FIRST)
    }
}

/// Nothing said yet.
fn empty(kind: FieldKind) -> Value {
    match kind {
        FieldKind::List => Value::Rows(Vec::new()),
        FieldKind::Choices => Value::Many(Vec::new()),
        _ => Value::Text(String::new()),
    }
}

/// The rows of a repeating group.
#[must_use]
pub fn rows(value: &Value) -> Vec<Row> {
    match value {
        Value::Rows(rows) => rows.clone(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn sheet() -> Sheet {
        let view = r#"{
            "version": "1", "today": "2026-11-22", "departments": {}, "codes": {},
            "bundle": {
                "id": "sample", "name": "样例", "summary": "样例", "aliases": [], "audience": ["person"], "stage": "life",
                "sample": false, "lead": "police", "conditions": [], "groups": [{"id": "g", "label": "本人"}],
                "questions": [{"id": "married", "label": "已婚?", "kind": "yes_no", "items": ["*"], "required": true}],
                "items": [{"id": "a", "name": "甲", "department": "police", "kind": "confirmation", "after": [], "optional": true, "basis": "seen"}],
                "fields": [
                    {"id": "id", "group": "g", "label": "号码", "kind": "id_number", "items": ["*"], "required": true},
                    {"id": "born", "group": "g", "label": "出生日期", "kind": "date", "items": ["*"], "required": false, "derive": {"from": "id", "as": "birth_date"}},
                    {"id": "spouse", "group": "g", "label": "配偶", "kind": "name", "items": ["*"], "required": true, "when": [["married", "is", "yes"]]}
                ],
                "materials": [], "fees": [], "commitments": [], "outcomes": [], "delivery": ["e_only"], "law": [], "sources": []
            }
        }"#;
        let view = crate::client::json::read(view).expect("the sample is a bundle");
        Sheet::new(Arc::new(view), &Facts::new())
    }

    fn text(sheet: &Sheet, id: &str) -> String {
        sheet.facts().get(id).map(|value| value.text().to_owned()).unwrap_or_default()
    }

    #[wasm_bindgen_test]
    fn a_keystroke_touches_one_field_and_leaving_it_the_rest() {
        Owner::new().with(|| {
            let sheet = sheet();
            let (id, born) = (1, 2);
            let plans = sheet.plan.get_untracked();
            sheet.type_in(id, "11010519491231002x".into());
            assert_eq!(text(&sheet, "born"), "", "nothing is computed while somebody types");
            sheet.leave(id);
            assert_eq!(text(&sheet, "id"), "11010519491231002X");
            assert_eq!(text(&sheet, "born"), "1949-12-31");
            assert_eq!(sheet.plan.get_untracked(), plans);
            sheet.type_in(id, "123".into());
            sheet.leave(id);
            assert_eq!(sheet.state(id).and_then(|state| state.fault.get_untracked()), Some(FaultRule::IdShape));
            assert_eq!(sheet.state(born).map(|state| state.value.get_untracked()), Some("".into()));
        });
    }

    #[wasm_bindgen_test]
    fn an_answer_opens_and_closes_what_hangs_on_it() {
        Owner::new().with(|| {
            let sheet = sheet();
            let shown = |sheet: &Sheet| sheet.state(3).is_some_and(|state| state.shown.get_untracked());
            assert!(!shown(&sheet));
            sheet.choose(0, "yes".into());
            assert!(shown(&sheet));
            assert_eq!(sheet.check(&[1, 3]).len(), 2, "both are missing");
            sheet.choose(0, "no".into());
            assert!(!shown(&sheet));
            assert_eq!(sheet.check(&[3]).len(), 0, "what is not asked is not missing");
        });
    }

    #[wasm_bindgen_test]
    fn another_tab_s_changes_are_taken_over_but_never_our_own_lost() {
        Owner::new().with(|| {
            let sheet = sheet();
            sheet.choose(0, "yes".into());
            let _ = sheet.take_changes();
            sheet.type_in(3, "我方".into());
            sheet.merge(&Facts::from([
                ("married".into(), "yes".into()),
                ("spouse".into(), "对方".into()),
                ("id".into(), "1".into()),
            ]));
            assert_eq!(text(&sheet, "spouse"), "我方");
            assert_eq!(text(&sheet, "id"), "1");
            let changes = sheet.take_changes();
            assert_eq!(changes.keys().collect::<Vec<_>>(), ["spouse"]);
            sheet.give_back(changes.into_keys());
            assert!(sheet.has_changes());
        });
    }
}
