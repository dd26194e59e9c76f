//! The facts of a form while somebody fills it in.
//!
//! The facts live in one place beside the page; a keystroke changes one of them and nothing else.
//! What a change entails (fields that come or go, computed values, faults) is told to whoever shows
//! the form, field by field.

mod hands;

use std::rc::Rc;
use std::sync::Arc;

use contract::catalogue::{BundleView, Choice, Depth, Field, FieldKind};
use contract::draft::{Draft, Provenance};
use contract::problem::{Fault, FaultRule};
use contract::value::{Facts, Row, Value};
use engine::date::Date;
use engine::form::{Filling, Form, SAME};
use engine::plan::{self, DECLINED, Plan, Tables};
use engine::{merge::Patch, rule};
use leptos::prelude::*;

use super::few::Few;

/// What became different about a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Its value, other than by typing in it.
    Value,
    /// Whether it is asked.
    Asked,
    /// What is wrong with it.
    Fault,
    /// Whether it still holds what its source gave.
    Source,
    /// Anything else about it: its source, a dispute, a conflict, its rows.
    Whole,
}

type Watcher = Rc<dyn Fn(usize, Touch)>;

/// The facts of one errand. Situations come first, then the form's fields.
#[derive(Clone)]
pub struct Sheet {
    view: Arc<BundleView>,
    form: Arc<Form>,
    core: StoredValue<Core>,
    watchers: StoredValue<Few<Watcher>, LocalStorage>,
    /// Counts changes that are to be saved.
    pub changed: RwSignal<u32>,
    /// Counts changes of what applies: items, materials, fees, fields.
    pub replanned: RwSignal<u32>,
}

struct Core {
    filling: Filling,
    declined: Vec<String>,
    faults: Few<Vec<Fault>>,
    /// Facts changed and not yet taken by `take_changes`; `DECLINED_ITEMS` stands for the items left out.
    changes: Few<()>,
    sources: Few<Provenance>,
    disputes: Few<String>,
    /// Disputes said or withdrawn and not yet saved.
    disputed: Disputes,
    /// What the server held last of facts changed here since.
    seen: Few<Option<Value>>,
    /// What somebody else said where this tab says something different.
    conflicts: Few<Option<Value>>,
    /// Whoever fills it in does so for somebody else.
    as_agent: bool,
    /// Names of places by division code, and the codes below which nothing is known.
    places: Vec<(String, String)>,
    ends: Vec<String>,
}

impl Sheet {
    /// A sheet with these facts, and nothing known about where they came from.
    #[must_use]
    pub fn new(view: Arc<BundleView>, facts: &Facts) -> Self {
        let form = Arc::new(Form::of(&view.bundle));
        let core = Core {
            filling: form.fill(facts, today(&view)),
            declined: declined(facts.get(DECLINED)),
            faults: Few::default(),
            changes: Few::default(),
            sources: Few::default(),
            disputes: Few::default(),
            disputed: Disputes::new(),
            seen: Few::default(),
            conflicts: Few::default(),
            as_agent: false,
            places: Vec::new(),
            ends: Vec::new(),
        };
        Self {
            view,
            form,
            core: StoredValue::new(core),
            watchers: StoredValue::new_local(Few::default()),
            changed: RwSignal::new(0),
            replanned: RwSignal::new(0),
        }
    }

    /// The sheet of a draft.
    #[must_use]
    pub fn of(view: Arc<BundleView>, draft: &Draft) -> Self {
        let sheet = Self::new(view, &draft.facts);
        sheet.learn(draft);
        sheet
    }

    /// Takes over where values came from, and names of places.
    pub fn learn(&self, draft: &Draft) {
        let placed = |id: &String| self.index(id);
        self.core.update_value(|core| {
            core.as_agent = draft.as_agent;
            (core.sources, core.disputes) = (Few::default(), Few::default());
            for (place, source) in draft.sources.iter().filter_map(|(id, source)| Some((placed(id)?, source))) {
                core.sources.insert(place, source.clone());
            }
            for (place, note) in draft.disputes.iter().filter_map(|(id, note)| Some((placed(id)?, note))) {
                core.disputes.insert(place, note.clone());
            }
            core.places.extend(draft.places.iter().map(|(code, name)| (code.clone(), name.clone())));
        });
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

    /// A field's place.
    #[must_use]
    pub fn index(&self, id: &str) -> Option<usize> {
        self.form.place(id)
    }

    /// Places of the situations.
    #[must_use]
    pub fn questions(&self) -> Vec<usize> {
        (0..self.view.bundle.questions.len()).collect()
    }

    /// Places of the fields of a part of the form.
    #[must_use]
    pub fn group(&self, group: &str) -> Vec<usize> {
        let fields = self.view.bundle.fields.iter().enumerate();
        let first = self.view.bundle.questions.len();
        fields.filter(|(_, field)| field.group == group).map(|(place, _)| first + place).collect()
    }

    /// Parts of the form that have something to ask or show now.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let asked = |group: &str| self.group(group).into_iter().any(|index| self.asks(index));
        self.view.bundle.groups.iter().filter(|group| asked(&group.id)).map(|group| group.id.clone()).collect()
    }

    /// What is said about a field, as it is said: a repetition is `=other`.
    #[must_use]
    pub fn value(&self, index: usize) -> Value {
        self.core.with_value(|core| core.filling.value(index).cloned()).unwrap_or_else(|| self.empty(index))
    }

    /// The answer to a field that is asked; where it repeats another one's, that one's.
    #[must_use]
    pub fn answer(&self, index: usize) -> Option<Value> {
        self.core.with_value(|core| self.form.answer(&core.filling, index).cloned())
    }

    /// The field whose answer a field repeats.
    #[must_use]
    pub fn repeated(&self, index: usize) -> Option<usize> {
        self.core.with_value(|core| self.form.repeated(index, core.filling.value(index)?))
    }

    /// Whether a field is asked.
    #[must_use]
    pub fn asks(&self, index: usize) -> bool {
        self.core.with_value(|core| core.filling.asks(index))
    }

    /// Where the value of a field came from, left alone or not.
    #[must_use]
    pub fn source(&self, index: usize) -> Option<Provenance> {
        self.core.with_value(|core| core.sources.get(index).cloned())
    }

    /// Whether a field still holds what its source gave.
    #[must_use]
    pub fn is_given(&self, index: usize) -> bool {
        self.core.with_value(|core| {
            core.sources.get(index).is_some_and(|source| core.filling.value(index) == Some(&source.value))
        })
    }

    /// What the person said against a source.
    #[must_use]
    pub fn dispute(&self, index: usize) -> Option<String> {
        self.core.with_value(|core| core.disputes.get(index).cloned())
    }

    /// Whether a source may be said to be wrong: by the person, once.
    #[must_use]
    pub fn may_dispute(&self, index: usize) -> bool {
        self.core.with_value(|core| !core.as_agent && core.sources.has(index) && !core.disputes.has(index))
    }

    /// Fields that wait for a choice between two answers.
    #[must_use]
    pub fn conflicts(&self) -> Vec<usize> {
        self.core.with_value(|core| core.conflicts.places().collect())
    }

    /// What somebody else said where this tab says something different.
    #[must_use]
    pub fn conflict(&self, index: usize) -> Option<Option<Value>> {
        self.core.with_value(|core| core.conflicts.get(index).cloned())
    }

    /// Whether a choice between two answers is still open.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        self.core.with_value(|core| !core.conflicts.is_empty())
    }

    /// What is shown to be wrong with a field.
    #[must_use]
    pub fn faults(&self, index: usize) -> Vec<Fault> {
        self.core.with_value(|core| core.faults.get(index).cloned()).unwrap_or_default()
    }

    /// The name of a place.
    #[must_use]
    pub fn place_name(&self, code: &str) -> Option<String> {
        self.core.with_value(|core| core.places.iter().rev().find(|(one, _)| one == code).map(|(_, name)| name.clone()))
    }

    /// Learns the name of a place, and whether anything lies below it.
    pub fn know_place(&self, code: &str, name: String, last: bool) {
        self.core.update_value(|core| {
            core.places.push((code.to_owned(), name));
            if last {
                core.ends.push(code.to_owned());
            }
        });
    }

    /// All facts, as they stand.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts = self.core.with_value(|core| self.form.facts(&core.filling));
        let declined = self.declined();
        if !declined.is_empty() {
            facts.insert(DECLINED.to_owned(), Value::Many(declined));
        }
        facts
    }

    /// What applies, given the facts; tracks.
    #[must_use]
    pub fn plan(&self) -> Plan {
        self.replanned.get();
        self.plan_untracked()
    }

    /// What applies, given the facts.
    #[must_use]
    pub fn plan_untracked(&self) -> Plan {
        self.core.with_value(|core| self.form.plan(&core.filling))
    }

    /// Tells of every touch until the owner is cleaned up.
    pub fn watch(&self, watcher: impl Fn(usize, Touch) + 'static) {
        let watchers = self.watchers;
        let key = watchers.with_value(|all| all.places().max().map_or(0, |last| last + 1));
        watchers.update_value(|all| {
            all.insert(key, Rc::new(watcher));
        });
        on_cleanup(move || {
            let _ = watchers.try_update_value(|all| all.remove(key));
        });
    }

    /// Shows every field anew.
    pub fn refresh_all(&self) {
        for index in 0..plan::fields(&self.view.bundle).count() {
            self.tell(index, Touch::Whole);
        }
    }

    fn tell(&self, index: usize, touch: Touch) {
        // A watcher may ask the sheet, so nothing is borrowed while it is told.
        let watchers: Vec<Watcher> = self.watchers.with_value(|all| all.things().cloned().collect());
        for watcher in watchers {
            watcher(index, touch);
        }
    }

    /// Somebody types: the fact changes, and nothing else until the field is left.
    pub fn type_in(&self, index: usize, value: Value) {
        self.core.update_value(|core| {
            if !core.seen.has(index) {
                let before = core.filling.value(index).cloned();
                core.seen.insert(index, before);
            }
        });
        self.set(index, value);
        self.note(index);
    }

    /// Somebody chooses: the fact changes, and it is looked at.
    pub fn choose(&self, index: usize, value: Value) {
        self.type_in(index, value);
        self.leave(index);
    }

    /// Says something else from elsewhere than the field's own control, which therefore has to show it.
    pub fn put(&self, index: usize, value: Value) {
        self.choose(index, value);
        self.tell(index, Touch::Whole);
    }

    fn set(&self, index: usize, value: Value) {
        let changes = self.core.try_update_value(|core| self.form.say(&mut core.filling, index, Some(value)));
        let Some(changes) = changes else { return };
        // What is computed is computed by the server too: nobody sends it.
        for place in changes.computed {
            self.tell(place, Touch::Value);
        }
        for place in self.repeating(index) {
            self.tell(place, Touch::Value);
        }
        let replanned = changes.rest || !changes.asked.is_empty();
        for place in changes.asked {
            self.tell(place, Touch::Asked);
        }
        if replanned {
            self.replanned.update(|count| *count += 1);
        }
    }

    /// Fields that repeat this one's answer.
    fn repeating(&self, index: usize) -> Vec<usize> {
        let Some(id) = self.field(index).map(|field| field.id.as_str()) else { return Vec::new() };
        let fields = plan::fields(&self.view.bundle).enumerate();
        let joined = fields.filter(|(_, field)| field.same_as.iter().any(|same| same == id));
        joined.map(|(place, _)| place).filter(|place| self.repeated(*place) == Some(index)).collect()
    }

    fn note(&self, index: usize) {
        self.core.update_value(|core| {
            core.changes.insert(index, ());
        });
        self.changed.update(|count| *count += 1);
    }

    /// Somebody leaves a field: it takes its normal form and is checked, with the rules it has a part in.
    pub fn leave(&self, index: usize) {
        let Some(field) = self.field(index) else { return };
        let normal = match self.value(index) {
            Value::Text(text) if self.repeated(index).is_none() => {
                engine::answer::tidy(field.kind, &text).ok().filter(|tidy| *tidy != text).map(Value::Text)
            }
            Value::Rows(rows) => Some(Value::Rows(tidied(field, &rows))).filter(|tidy| *tidy != Value::Rows(rows)),
            _ => None,
        };
        if let Some(normal) = normal {
            self.type_in(index, normal);
            self.tell(index, Touch::Value);
        }
        if self.source(index).is_some() {
            self.tell(index, Touch::Source);
        }
        // An empty field is not scolded before the step's end.
        let blank = self.value(index).is_blank();
        self.look_at(index, blank);
        for other in self.ruled_with(index) {
            // A neighbour is looked at again only where something was said already.
            if self.answer(other).is_some() {
                self.look_at(other, false);
            }
        }
    }

    /// Fields whose faults may change with this one's value.
    fn ruled_with(&self, index: usize) -> Vec<usize> {
        let Some(field) = self.field(index) else { return Vec::new() };
        let rules = self.view.bundle.rules.iter().map(rule::fields).filter(|ids| ids.contains(&field.id.as_str()));
        rules.filter_map(|ids| self.index(ids.first()?)).filter(|place| *place != index).collect()
    }

    fn look_at(&self, index: usize, forgive_missing: bool) {
        let mut faults = self.faults_of(index);
        if forgive_missing {
            faults.retain(|fault| fault.rule != FaultRule::Missing);
        }
        self.show(index, faults);
    }

    /// What is wrong with a field now, advice included.
    fn faults_of(&self, index: usize) -> Vec<Fault> {
        let Some(field) = self.field(index) else { return Vec::new() };
        let answer = self.answer(index);
        let mut faults = plan::field_faults(field, answer.as_ref(), today(&self.view), self);
        if faults.is_empty() {
            let rules =
                self.view.bundle.rules.iter().filter(|rule| rule::fields(rule).first() == Some(&field.id.as_str()));
            faults.extend(self.core.with_value(|core| {
                rules
                    .filter_map(|rule| rule::broken(&self.view.bundle, rule, &self.form, &core.filling))
                    .collect::<Vec<_>>()
            }));
        }
        faults
    }

    fn show(&self, index: usize, faults: Vec<Fault>) {
        let before = self.core.try_update_value(|core| {
            if faults.is_empty() { core.faults.remove(index) } else { core.faults.insert(index, faults.clone()) }
        });
        if before.flatten().unwrap_or_default() != faults {
            self.tell(index, Touch::Fault);
        }
    }

    /// Checks the fields at these places that are asked, and shows what is wrong. Advice bars nothing.
    #[must_use]
    pub fn check(&self, places: &[usize]) -> Vec<Fault> {
        let asked = places.iter().copied().filter(|index| self.asks(*index));
        asked
            .flat_map(|index| {
                let faults = self.faults_of(index);
                self.show(index, faults.clone());
                faults
            })
            .filter(|fault| !rule::is_advice(fault.rule))
            .collect()
    }

    /// Shows what the server found wrong, at the fields it named.
    pub fn show_all(&self, faults: &[Fault]) {
        let field_of = |fault: &Fault| fault.at.split('.').next().and_then(|id| self.index(id));
        for index in faults.iter().filter_map(field_of) {
            self.show(index, faults.iter().filter(|fault| field_of(fault) == Some(index)).cloned().collect());
        }
    }

    /// Optional items the person left out.
    #[must_use]
    pub fn declined(&self) -> Vec<String> {
        self.core.with_value(|core| core.declined.clone())
    }

    /// Leaves an optional item out, or takes it in again.
    pub fn decline(&self, item: &str, out: bool) {
        let mut declined = self.declined();
        declined.retain(|one| one != item);
        if out {
            declined.push(item.to_owned());
        }
        self.set_declined(declined);
        self.note(DECLINED_ITEMS);
    }

    fn set_declined(&self, declined: Vec<String>) {
        let value = Value::Many(declined.clone());
        let changes = self.core.try_update_value(|core| {
            core.declined = declined;
            self.form.decline(&mut core.filling, Some(&value))
        });
        for place in changes.unwrap_or_default().asked {
            self.tell(place, Touch::Asked);
        }
        self.replanned.update(|count| *count += 1);
    }

    /// Says that a source is wrong, or takes that back.
    pub fn set_dispute(&self, index: usize, note: Option<String>) {
        let Some(id) = self.field(index).map(|field| field.id.clone()) else { return };
        self.core.update_value(|core| {
            match &note {
                Some(note) => core.disputes.insert(index, note.clone()),
                None => core.disputes.remove(index),
            };
            core.disputed.insert(id, note);
        });
        self.changed.update(|count| *count += 1);
        self.tell(index, Touch::Whole);
    }

    /// The answers a field offers.
    #[must_use]
    pub fn options<'a>(&'a self, field: &'a Field) -> &'a [Choice] {
        plan::options(field, self)
    }

    /// Nothing said yet.
    fn empty(&self, index: usize) -> Value {
        match self.field(index).map(|field| field.kind) {
            Some(FieldKind::List) => Value::Rows(Vec::new()),
            Some(FieldKind::Choices) => Value::Many(Vec::new()),
            _ => Value::Text(String::new()),
        }
    }
}

impl Tables for Sheet {
    fn choices(&self, table: &str) -> &[Choice] {
        self.view.codes.get(table).map_or(&[], Vec::as_slice)
    }

    fn reaches(&self, place: &str, depth: Depth) -> bool {
        place.len() >= engine::answer::digits_of(depth)
            || self.core.with_value(|core| core.ends.iter().any(|end| end == place))
    }
}

/// What is to be saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Facts.
    pub set: Patch,
    /// Disputes said or withdrawn.
    pub dispute: Disputes,
}

impl Changes {
    /// Whether there is nothing to save.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.dispute.is_empty()
    }
}

/// Notes by field id; `None` withdraws.
type Disputes = std::collections::BTreeMap<String, Option<String>>;

/// Stands for the items left out where places of facts are listed.
const DECLINED_ITEMS: usize = usize::MAX;

fn today(view: &BundleView) -> Date {
    Date::parse(&view.today).unwrap_or(Date::FIRST)
}

fn declined(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Many(many)) => many.clone(),
        _ => Vec::new(),
    }
}

fn tidied(field: &Field, rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for (id, text) in rows.iter_mut().flatten() {
        let column = field.columns.iter().find(|column| column.id == *id);
        if let Some(tidy) = column.and_then(|column| engine::answer::tidy(column.kind, text).ok()) {
            *text = tidy;
        }
    }
    rows
}

/// The rows of a repeating group.
#[must_use]
pub fn rows(value: &Value) -> Vec<Row> {
    match value {
        Value::Rows(rows) => rows.clone(),
        _ => Vec::new(),
    }
}

/// The text that says a field repeats another one's answer.
#[must_use]
pub fn repetition(of: &str) -> Value {
    Value::Text(format!("{SAME}{of}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    pub(crate) fn sheet() -> Sheet {
        let view = r#"{
            "language": "zh-CN", "version": "1", "today": "2026-11-22", "departments": {}, "codes": {},
            "bundle": {
                "id": "sample", "name": "样例", "summary": "样例", "aliases": [], "audience": ["person"], "stage": "life",
                "sample": false, "lead": "police", "conditions": [], "groups": [{"id": "g", "label": "本人"}],
                "questions": [{"id": "married", "label": "已婚?", "kind": "yes_no", "items": ["*"], "required": true}],
                "items": [{"id": "a", "name": "甲", "department": "police", "kind": "confirmation", "after": [], "optional": true, "basis": "seen"}],
                "fields": [
                    {"id": "id", "group": "g", "label": "号码", "kind": "id_number", "items": ["*"], "required": true},
                    {"id": "born", "group": "g", "label": "出生日期", "kind": "date", "items": ["*"], "required": false, "derive": {"from": "id", "as": "birth_date"}},
                    {"id": "spouse", "group": "g", "label": "配偶", "kind": "name", "items": ["*"], "required": true, "when": [["married", "is", "yes"]]},
                    {"id": "receiver", "group": "g", "label": "收件人", "kind": "name", "items": ["*"], "required": true, "same_as": ["spouse"]}
                ],
                "rules": [{"rule": "differ", "field": "receiver", "other": "spouse"}],
                "materials": [], "fees": [], "commitments": [], "outcomes": [], "delivery": ["e_only"], "law": [], "sources": []
            }
        }"#;
        let view = contract::json::read(view).expect("the sample is a bundle");
        Sheet::new(Arc::new(view), &Facts::new())
    }

    fn text(sheet: &Sheet, id: &str) -> String {
        sheet.facts().get(id).map(|value| value.text().to_owned()).unwrap_or_default()
    }

    fn touches(sheet: &Sheet) -> Rc<std::cell::RefCell<Vec<(usize, Touch)>>> {
        let seen = Rc::new(std::cell::RefCell::new(Vec::new()));
        let noted = seen.clone();
        sheet.watch(move |index, touch| noted.borrow_mut().push((index, touch)));
        seen
    }

    #[wasm_bindgen_test]
    fn a_keystroke_touches_one_field_and_leaving_it_what_follows() {
        Owner::new().with(|| {
            let sheet = sheet();
            let seen = touches(&sheet);
            sheet.type_in(3, "王".into());
            assert_eq!(seen.borrow().as_slice(), [], "a keystroke touches nothing else");
            sheet.type_in(1, "11010519491231002x".into());
            assert_eq!(seen.take(), [(2, Touch::Value)]);
            sheet.leave(1);
            assert_eq!(text(&sheet, "id"), "11010519491231002X");
            assert_eq!(text(&sheet, "born"), "1949-12-31");
            seen.take();
            sheet.type_in(1, "123".into());
            sheet.leave(1);
            assert_eq!(seen.take(), [(2, Touch::Value), (1, Touch::Fault)]);
            assert_eq!(sheet.faults(1)[0].rule, FaultRule::IdShape);
        });
    }

    #[wasm_bindgen_test]
    fn an_answer_opens_and_closes_what_hangs_on_it() {
        Owner::new().with(|| {
            let sheet = sheet();
            assert!(!sheet.asks(3));
            sheet.choose(0, "yes".into());
            assert!(sheet.asks(3));
            assert_eq!(sheet.check(&[1, 3]).len(), 2, "both are missing");
            sheet.choose(0, "no".into());
            assert_eq!(sheet.check(&[3]).len(), 0, "what is not asked is not missing");
        });
    }

    #[wasm_bindgen_test]
    fn a_repeated_answer_follows_and_rules_look_at_both() {
        Owner::new().with(|| {
            let sheet = sheet();
            sheet.choose(0, "yes".into());
            sheet.put(4, repetition("spouse"));
            sheet.type_in(3, "王芳".into());
            assert_eq!(sheet.answer(4), Some("王芳".into()));
            sheet.leave(3);
            assert_eq!(sheet.faults(4)[0].rule, FaultRule::Same, "the rule stands at its first field");
        });
    }

    #[wasm_bindgen_test]
    fn another_hand_s_changes_are_taken_over_but_never_our_own_lost() {
        Owner::new().with(|| {
            let sheet = sheet();
            sheet.choose(0, "yes".into());
            let _ = sheet.take_changes();
            sheet.type_in(3, "我方".into());
            // What the server held all along is no news.
            sheet.take_over(Patch::from([("spouse".into(), None), ("id".into(), Some("1".into()))]));
            assert_eq!((text(&sheet, "spouse"), text(&sheet, "id")), ("我方".into(), "1".into()));
            let changes = sheet.take_changes();
            assert_eq!(changes.set.keys().collect::<Vec<_>>(), ["spouse"]);
            sheet.give_back(changes);
            assert!(sheet.has_changes());
            // Another answer to the same field is: neither is lost, and the person chooses.
            sheet.take_over(Patch::from([("spouse".into(), Some("对方".into()))]));
            assert_eq!((text(&sheet, "spouse"), sheet.conflict(3)), ("我方".into(), Some(Some("对方".into()))));
            sheet.settle(3, true);
            assert_eq!(sheet.take_changes().set, Patch::from([("spouse".into(), Some("我方".into()))]));
            // Once the server holds it, what others say later is simply newer.
            sheet.stored(&Patch::from([("spouse".into(), Some("我方".into()))]));
            sheet.take_over(Patch::from([("spouse".into(), Some("对方".into()))]));
            assert_eq!((text(&sheet, "spouse"), sheet.has_conflicts()), ("对方".into(), false));
        });
    }

    #[wasm_bindgen_test]
    fn the_same_field_asks_and_waits() {
        Owner::new().with(|| {
            let sheet = sheet();
            sheet.choose(0, "yes".into());
            let _ = sheet.take_changes();
            sheet.type_in(3, "我方".into());
            sheet.contest(Patch::from([("spouse".into(), Some("对方".into()))]));
            assert!(!sheet.has_changes() && sheet.has_conflicts(), "it waits for the choice");
            sheet.settle(3, false);
            assert_eq!((text(&sheet, "spouse"), sheet.has_changes()), ("对方".into(), false));
            sheet.type_in(3, "我方".into());
            sheet.contest(Patch::from([("spouse".into(), None)]));
            sheet.settle(3, true);
            assert_eq!(sheet.take_changes().set, Patch::from([("spouse".into(), Some("我方".into()))]));
        });
    }
}
