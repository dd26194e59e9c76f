//! What a catalogue file must keep. Every finding names a place and a reason, so that the
//! person who edits the file can mend it.

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{
    Bundle, Choice, Column, Derivation, Derived, Fee, Field, FieldKind, Material, Op, Rule, Test, TimeUnit,
};
use contract::value::{Facts, Value};

use crate::condition::{self, Truth};
use crate::form::Form;
use crate::rule;

/// Something a bundle's file gets wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: keys and indexes from the top of the file.
    pub path: Vec<Step>,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// One step of a path through a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the entry with this key.
    Key(&'static str),
    /// Into the element at this place.
    At(usize),
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, step) in self.path.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::At(index) => write!(f, "[{index}]")?,
            }
        }
        write!(f, ": {}", self.reason)
    }
}

/// What bundles may refer to outside their own file.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Departments of the region.
    pub departments: BTreeSet<String>,
    /// Stages of life.
    pub stages: BTreeSet<String>,
    /// Code tables with the ids of their answers.
    pub tables: BTreeMap<String, Vec<String>>,
    /// Labels that mean the same data element, each with the one that stands for all.
    pub synonyms: BTreeMap<String, String>,
}

/// Names of materials that say nothing (001 二(二)2 forbids them).
const VAGUE: [&str; 6] = ["其他材料", "有关材料", "相关材料", "其他有关材料", "其他相关材料", "其他"];

/// Everything wrong with a bundle.
#[must_use]
pub fn check(bundle: &Bundle, around: &Surroundings) -> Vec<Finding> {
    let mut check = Check { bundle, around, findings: Vec::new(), path: Vec::new() };
    check.head();
    check.items();
    check.fields();
    check.rules();
    check.asked_twice();
    check.materials();
    check.rest();
    check.findings
}

struct Check<'b> {
    bundle: &'b Bundle,
    around: &'b Surroundings,
    findings: Vec<Finding>,
    path: Vec<Step>,
}

impl Check<'_> {
    fn say(&mut self, reason: impl Into<String>) {
        self.findings.push(Finding { path: self.path.clone(), reason: reason.into() });
    }

    fn within(&mut self, steps: &[Step], check: impl FnOnce(&mut Self)) {
        let depth = self.path.len();
        self.path.extend_from_slice(steps);
        check(self);
        self.path.truncate(depth);
    }

    fn unique<'i>(&mut self, list: &'static str, ids: impl Iterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id) {
                self.within(&[Step::Key(list), Step::At(index), Step::Key("id")], |check| {
                    check.say(format!("`{id}` stands twice"))
                });
            }
        }
    }

    fn head(&mut self) {
        let bundle = self.bundle;
        if !self.around.stages.contains(&bundle.stage) {
            self.within(&[Step::Key("stage")], |check| {
                check.say(format!("the region has no stage `{}`", bundle.stage))
            });
        }
        if !self.around.departments.contains(bundle.lead.as_str()) {
            self.within(&[Step::Key("lead")], |check| {
                check.say(format!("the region has no department `{}`", bundle.lead))
            });
        }
        if bundle.items.is_empty() {
            self.within(&[Step::Key("items")], |check| check.say("an errand has at least one item"));
        }
        self.unique("groups", bundle.groups.iter().map(|group| group.id.as_str()));
        self.unique("conditions", bundle.conditions.iter().map(|condition| condition.id.as_str()));
        self.unique("items", bundle.items.iter().map(|item| item.id.as_str()));
        self.unique("materials", bundle.materials.iter().map(|material| material.id.as_str()));
        self.unique("fees", bundle.fees.iter().map(|fee| fee.id.as_str()));
        self.unique("commitments", bundle.commitments.iter().map(|commitment| commitment.id.as_str()));
        self.unique("outcomes", bundle.outcomes.iter().map(|outcome| outcome.id.as_str()));
        self.unique("questions", bundle.questions.iter().map(|field| field.id.as_str()));
        let questions: BTreeSet<&str> = bundle.questions.iter().map(|field| field.id.as_str()).collect();
        self.unique("fields", bundle.fields.iter().map(|field| field.id.as_str()));
        for (index, field) in bundle.fields.iter().enumerate() {
            if questions.contains(field.id.as_str()) {
                self.within(&[Step::Key("fields"), Step::At(index)], |check| {
                    check.say(format!("`{}` is asked twice: it is a question already", field.id))
                });
            }
        }
    }

    fn items(&mut self) {
        let bundle = self.bundle;
        for (index, item) in bundle.items.iter().enumerate() {
            self.within(&[Step::Key("items"), Step::At(index)], |check| {
                if !check.around.departments.contains(item.department.as_str()) {
                    check.within(&[Step::Key("department")], |check| {
                        check.say(format!("the region has no department `{}`", item.department))
                    });
                }
                for (place, after) in item.after.iter().enumerate() {
                    if !bundle.items.iter().any(|other| other.id == *after) {
                        check.within(&[Step::Key("after"), Step::At(place)], |check| {
                            check.say(format!("there is no item `{after}`"))
                        });
                    }
                }
                if waits_for_itself(bundle, index) {
                    check.within(&[Step::Key("after")], |check| check.say("the items wait for each other in a circle"));
                }
                for id in item.on_commitment.iter().flat_map(|one| &one.materials) {
                    if !crate::promise::material(bundle, id).is_some_and(|one| crate::promise::needs(one, item)) {
                        check.within(&[Step::Key("on_commitment")], |check| {
                            check.say(format!("the item needs no material `{id}`"))
                        });
                    }
                }
                for (place, title) in item.law.iter().enumerate() {
                    if !bundle.law.contains(title) {
                        check.within(&[Step::Key("law"), Step::At(place)], |check| {
                            check.say(format!("the bundle's law does not list `{title}`"))
                        });
                    }
                }
                check.when(&item.when, item.why.as_ref(), true);
            });
        }
        if let Some(circle) = Form::of(bundle).circle() {
            self.within(&[Step::Key("items")], |check| {
                check.say(format!("conditions hang on each other in a circle: {}", circle.join(", ")))
            });
        }
    }

    fn fields(&mut self) {
        let bundle = self.bundle;
        for (list, fields) in [("questions", &bundle.questions), ("fields", &bundle.fields)] {
            for (index, field) in fields.iter().enumerate() {
                self.within(&[Step::Key(list), Step::At(index)], |check| check.field(field, list == "questions"));
            }
        }
    }

    fn field(&mut self, field: &Field, question: bool) {
        if !question && !self.bundle.groups.iter().any(|group| group.id == field.group) {
            self.within(&[Step::Key("group")], |check| check.say(format!("there is no group `{}`", field.group)));
        }
        self.item_refs(&field.items);
        self.answers(field.kind, &field.options, field.codes.as_ref());
        if (field.kind == FieldKind::List) == field.columns.is_empty() {
            self.within(&[Step::Key("columns")], |check| check.say("a list has columns, and nothing else has"));
        }
        for (index, column) in field.columns.iter().enumerate() {
            self.within(&[Step::Key("columns"), Step::At(index)], |check| check.column(column));
        }
        if let Some(derivation) = &field.derive {
            self.derivation(derivation);
        }
        if field.fixed && field.prefill.is_none() {
            self.within(&[Step::Key("fixed")], |check| {
                check.say("only a register can fix a value: name its `prefill`")
            });
        }
        if field.depth.is_some() && field.kind != FieldKind::Region {
            self.within(&[Step::Key("depth")], |check| check.say("only a region has a depth"));
        }
        if let Some(id) = field.prefill.as_deref().and_then(|prefill| prefill.strip_prefix(crate::form::SAME))
            && !field.same_as.iter().any(|same| same == id)
        {
            self.within(&[Step::Key("prefill")], |check| check.say(format!("`{id}` is not among its `same_as`")));
        }
        for (index, id) in field.same_as.iter().enumerate() {
            let other = self.fact(id).filter(|other| other.id != field.id);
            if !other.is_some_and(|other| other.kind == field.kind && other.kind != FieldKind::List) {
                self.within(&[Step::Key("same_as"), Step::At(index)], |check| {
                    check.say(format!("`{id}` is not another field of this kind"))
                });
            }
        }
        if let (Some(min), Some(max)) = (field.min, field.max)
            && min > max
        {
            self.within(&[Step::Key("min")], |check| check.say("the least is above the greatest"));
        }
        self.when(&field.when, None, false);
    }

    fn derivation(&mut self, derivation: &Derivation) {
        let sound = match (derivation.what, derivation.from.split_once('.')) {
            (Derived::Total, Some((list, column))) => self.fact(list).is_some_and(|list| {
                list.columns.iter().any(|one| {
                    one.id == column && matches!(one.kind, FieldKind::Money | FieldKind::Number | FieldKind::Percent)
                })
            }),
            (Derived::Total, None) | (_, Some(_)) => false,
            (_, None) => self.fact(&derivation.from).is_some_and(|from| from.kind == FieldKind::IdNumber),
        };
        if !sound {
            self.within(&[Step::Key("derive")], |check| {
                check.say(format!("`{}` is not what this is computed from", derivation.from))
            });
        }
    }

    fn rules(&mut self) {
        let bundle = self.bundle;
        let dated = |field: &Field| {
            matches!(field.kind, FieldKind::Date | FieldKind::Datetime | FieldKind::Month | FieldKind::PartialDate)
        };
        for (index, rule) in bundle.rules.iter().enumerate() {
            self.within(&[Step::Key("rules"), Step::At(index)], |check| {
                for id in rule::fields(rule) {
                    let Some(field) = check.fact(id) else {
                        check.say(format!("there is no fact `{id}`"));
                        continue;
                    };
                    let fits = match rule {
                        Rule::NotBefore { .. } | Rule::Past { .. } | Rule::Within { .. } => dated(field),
                        Rule::Whole { .. } => matches!(field.kind, FieldKind::Percent | FieldKind::List),
                        Rule::Paper { kind, .. } if kind == id => field.kind == FieldKind::Choice,
                        Rule::Paper { .. } | Rule::Differ { .. } => field.kind != FieldKind::List,
                    };
                    if !fits {
                        check.say(format!("`{id}` is not of a kind this rule reads"));
                    }
                }
                if let Rule::Within { item, .. } = rule
                    && !bundle.items.iter().any(|one| one.id == *item && one.apply_within.is_some())
                {
                    check.say(format!("`{item}` is no item with an `apply_within`"));
                }
            });
        }
    }

    /// No data element stands in a form twice: neither by its identity in a register, nor by what it is
    /// called within one part of the form. Fields that exclude each other, or that `same_as` joins, may.
    fn asked_twice(&mut self) {
        let bundle = self.bundle;
        for (index, field) in bundle.fields.iter().enumerate() {
            let twin = bundle.questions.iter().chain(&bundle.fields[..index]).find(|other| {
                self.is_same_element(field, other)
                    && !field.same_as.contains(&other.id)
                    && !other.same_as.contains(&field.id)
                    && self.can_both_be_asked(field, other)
            });
            if let Some(twin) = twin {
                let reason = format!("`{}` asks the same as `{}`: join them with `same_as`", field.id, twin.id);
                self.within(&[Step::Key("fields"), Step::At(index)], |check| check.say(reason));
            }
        }
    }

    fn is_same_element(&self, field: &Field, other: &Field) -> bool {
        let name = |field: &Field| self.around.synonyms.get(&field.label).unwrap_or(&field.label).clone();
        let element = |field: &Field| field.prefill.clone().filter(|prefill| !prefill.starts_with(crate::form::SAME));
        (element(field).is_some() && element(field) == element(other))
            || (field.group == other.group && field.kind == other.kind && name(field) == name(other))
    }

    fn can_both_be_asked(&self, field: &Field, other: &Field) -> bool {
        let mut tests: Vec<Test> = field.when.iter().chain(&other.when).cloned().collect();
        self.add_presupposed(&mut tests);
        let facts: BTreeSet<String> = tests.iter().map(|test| test.0.clone()).collect();
        facts.iter().all(|fact| self.can_hold(fact, &tests))
    }

    fn column(&mut self, column: &Column) {
        if matches!(column.kind, FieldKind::List | FieldKind::Choices) {
            self.within(&[Step::Key("kind")], |check| check.say("a column holds one answer"));
        }
        self.answers(column.kind, &column.options, column.codes.as_ref());
    }

    fn answers(&mut self, kind: FieldKind, options: &[Choice], codes: Option<&String>) {
        let chosen = matches!(kind, FieldKind::Choice | FieldKind::Choices);
        if chosen && options.is_empty() == codes.is_none() {
            self.say("a choice has either options or codes");
        }
        if !chosen && (!options.is_empty() || codes.is_some()) {
            self.say("only a choice has options or codes");
        }
        if let Some(table) = codes
            && !self.around.tables.contains_key(table)
        {
            self.within(&[Step::Key("codes")], |check| check.say(format!("there is no code table `{table}`")));
        }
        let mut seen = BTreeSet::new();
        for (index, option) in options.iter().enumerate() {
            if !seen.insert(&option.id) {
                self.within(&[Step::Key("options"), Step::At(index)], |check| {
                    check.say(format!("`{}` stands twice", option.id))
                });
            }
        }
    }

    fn materials(&mut self) {
        let bundle = self.bundle;
        for (index, material) in bundle.materials.iter().enumerate() {
            self.within(&[Step::Key("materials"), Step::At(index)], |check| {
                if VAGUE.contains(&material.name.trim()) {
                    check.within(&[Step::Key("name")], |check| {
                        check.say("name the material: nobody can bring \"other materials\"")
                    });
                }
                check.item_refs(&material.items);
                if let Some(deferral) = &material.deferrable {
                    check.within(&[Step::Key("deferrable")], |check| check.deferral(deferral.days));
                }
                check.when(&material.when, material.why.as_ref(), true);
                let titles =
                    material.declaration.iter().map(|one| &one.law).chain(material.proof.iter().map(|one| &one.law));
                for title in titles.flatten().filter(|title| !bundle.law.contains(title)) {
                    check.say(format!("the bundle's law does not list `{title}`"));
                }
                // The same paper about the same person is one material, whatever items need it.
                let same =
                    |other: &Material| other.certificate == material.certificate && other.subject == material.subject;
                if material.certificate.is_some() && bundle.materials[..index].iter().any(same) {
                    check.say("this paper is asked for already: give the items to one material");
                }
            });
        }
    }

    fn deferral(&mut self, days: Option<u32>) {
        match (&self.bundle.promise, days) {
            (None, _) => self.say("only an errand with a promised limit can defer a material"),
            (Some(promise), Some(days)) => {
                // Calendar days hold at most five working days in seven.
                let most = match promise.unit {
                    TimeUnit::AtOnce | TimeUnit::Hours => 0,
                    TimeUnit::WorkingDays => promise.value,
                    TimeUnit::Days => promise.value * 5 / 7,
                    TimeUnit::Months => promise.value * 20,
                };
                if days > most {
                    self.say(format!("{days} working days are beyond the promised limit ({most})"));
                }
            }
            (Some(_), None) => {}
        }
    }

    fn rest(&mut self) {
        let bundle = self.bundle;
        for (index, fee) in bundle.fees.iter().enumerate() {
            self.within(&[Step::Key("fees"), Step::At(index)], |check| {
                check.item_refs(&fee.items);
                if fee.amount.is_some_and(|amount| amount < 0) {
                    check.within(&[Step::Key("amount")], |check| check.say("an amount is not negative"));
                }
                if let Some(times) = &fee.times
                    && check.fact(times).is_none_or(|field| field.kind != FieldKind::Number)
                {
                    check.within(&[Step::Key("times")], |check| check.say(format!("`{times}` is not a number field")));
                }
                check.when(&fee.when, None, false);
                if fee.assessed && fee.amount.is_some() {
                    check.within(&[Step::Key("assessed")], |check| check.say("a known amount is not assessed"));
                }
                if fee.payee.as_ref().is_some_and(|payee| !check.around.departments.contains(payee.as_str())) {
                    check.within(&[Step::Key("payee")], |check| check.say("no such department in the region"));
                }
                check.reductions(fee);
            });
        }
        for (index, commitment) in bundle.commitments.iter().enumerate() {
            self.within(&[Step::Key("commitments"), Step::At(index)], |check| {
                check.when(&commitment.when, None, false)
            });
        }
        if bundle.delivery.is_empty() {
            self.within(&[Step::Key("delivery")], |check| check.say("name at least one way of handing over"));
        }
    }

    fn reductions(&mut self, fee: &Fee) {
        self.unique("reductions", fee.reductions.iter().map(|reduction| reduction.id.as_str()));
        for (index, reduction) in fee.reductions.iter().enumerate() {
            self.within(&[Step::Key("reductions"), Step::At(index)], |check| {
                if reduction.percent >= 100 {
                    check.within(&[Step::Key("percent")], |check| check.say("a reduction leaves less than all to pay"));
                }
                if reduction.when.is_empty() {
                    check.within(&[Step::Key("when")], |check| check.say("say whom it concerns"));
                }
                check.when(&reduction.when, None, false);
            });
        }
    }

    fn item_refs(&mut self, ids: &[String]) {
        for (index, id) in ids.iter().enumerate() {
            if id != "*" && !self.bundle.items.iter().any(|item| item.id.0 == *id) {
                self.within(&[Step::Key("items"), Step::At(index)], |check| {
                    check.say(format!("there is no item `{id}`"))
                });
            }
        }
        if ids.is_empty() {
            self.within(&[Step::Key("items")], |check| check.say("no item needs it"));
        }
    }

    fn fact(&self, id: &str) -> Option<&Field> {
        self.bundle.questions.iter().chain(&self.bundle.fields).find(|field| field.id == id)
    }

    fn when(&mut self, tests: &[Test], why: Option<&String>, needs_why: bool) {
        if needs_why && !tests.is_empty() && why.is_none() {
            self.within(&[Step::Key("why")], |check| check.say("say why it falls away"));
        }
        let mut known = true;
        for (index, test) in tests.iter().enumerate() {
            if let Err(reason) = self.test(test) {
                known = false;
                self.within(&[Step::Key("when"), Step::At(index)], |check| check.say(reason));
            }
        }
        if known && !tests.is_empty() {
            let mut all = tests.to_vec();
            self.add_presupposed(&mut all);
            if let Some(fact) = all.iter().map(|test| test.0.clone()).find(|fact| !self.can_hold(fact, &all)) {
                self.within(&[Step::Key("when")], |check| {
                    check.say(format!("it can never hold: no answer to `{fact}` satisfies it"))
                });
            }
        }
    }

    fn test(&self, Test(fact, op, expected): &Test) -> Result<(), String> {
        let field = self.fact(fact).ok_or_else(|| format!("there is no fact `{fact}`"))?;
        if !field.same_as.is_empty() {
            return Err(format!("`{fact}` may repeat another answer, so nothing can hang on it"));
        }
        let fits = match op {
            Op::Has | Op::Lacks => field.kind == FieldKind::Choices,
            Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                matches!(
                    field.kind,
                    FieldKind::Number | FieldKind::Money | FieldKind::Percent | FieldKind::Date | FieldKind::Month
                )
            }
            Op::Is | Op::Not | Op::In => !matches!(field.kind, FieldKind::Choices | FieldKind::List),
        };
        if !fits {
            return Err(format!("`{fact}` cannot be compared this way"));
        }
        let unknown = |one: &&str| match field.kind {
            FieldKind::YesNo => !matches!(*one, "yes" | "no"),
            _ => !field.options.is_empty() && !field.options.iter().any(|option| option.id == **one),
        };
        match expected.split('|').find(unknown) {
            Some(one) => Err(format!("it can never hold: `{one}` is not an answer to `{fact}`")),
            None => Ok(()),
        }
    }

    /// Adds the conditions of the facts a condition hangs on: a fact that is not asked satisfies nothing.
    fn add_presupposed(&self, tests: &mut Vec<Test>) {
        let mut next = 0;
        while next < tests.len() && tests.len() < 100 {
            if let Some(field) = self.fact(&tests[next].0) {
                let more: Vec<Test> = field.when.iter().filter(|test| !tests.contains(test)).cloned().collect();
                tests.extend(more);
            }
            next += 1;
        }
    }

    /// Whether some answer satisfies every test on this fact.
    fn can_hold(&self, fact: &str, tests: &[Test]) -> bool {
        let Some(field) = self.fact(fact) else { return true };
        let tests: Vec<Test> = tests.iter().filter(|test| test.0 == fact).cloned().collect();
        let holds = |value: Value| condition::all(&tests, &Facts::from([(fact.to_owned(), value)])) == Truth::Yes;
        let text = |text: &str| Value::Text(text.to_owned());
        match field.kind {
            FieldKind::YesNo => ["yes", "no"].into_iter().any(|answer| holds(text(answer))),
            FieldKind::Choice if !field.options.is_empty() => {
                field.options.iter().any(|option| holds(text(&option.id)))
            }
            FieldKind::Choice => {
                let table = field.codes.as_ref().and_then(|codes| self.around.tables.get(codes));
                table.is_none_or(|ids| ids.iter().any(|id| holds(text(id))))
            }
            FieldKind::Choices => {
                let has =
                    |op| tests.iter().filter(move |test| test.1 == op).map(|test| &test.2).collect::<BTreeSet<_>>();
                has(Op::Has).is_disjoint(&has(Op::Lacks))
            }
            FieldKind::Number | FieldKind::Money | FieldKind::Percent => {
                let edges: Vec<f64> = tests.iter().filter_map(|test| test.2.parse().ok()).collect();
                edges
                    .iter()
                    .flat_map(|edge| [edge - 0.5, *edge, edge + 0.5])
                    .any(|number| holds(text(&number.to_string())))
            }
            _ => true,
        }
    }
}

fn waits_for_itself(bundle: &Bundle, start: usize) -> bool {
    let mut seen = vec![false; bundle.items.len()];
    let mut next = vec![start];
    while let Some(index) = next.pop() {
        for (other, item) in bundle.items.iter().enumerate() {
            if bundle.items[index].after.contains(&item.id) {
                if other == start {
                    return true;
                }
                if !std::mem::replace(&mut seen[other], true) {
                    next.push(other);
                }
            }
        }
    }
    false
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use contract::catalogue::Item;

    pub(crate) fn item(id: &str, after: &[&str]) -> Item {
        serde_json::from_value(serde_json::json!({
            "id": id, "name": id, "department": "police", "kind": "confirmation", "after": after, "basis": "seen"
        }))
        .unwrap()
    }

    /// A small bundle: one item always, one only for married people.
    pub(crate) fn sample() -> Bundle {
        serde_json::from_value(serde_json::json!({
            "id": "sample", "name": "样例", "summary": "样例", "audience": ["person"], "stage": "life", "lead": "police",
            "promise": {"value": 5, "unit": "working_days"},
            "groups": [{"id": "person", "label": "本人"}],
            "questions": [{"id": "married", "label": "已婚?", "kind": "yes_no", "items": ["*"], "required": true}],
            "items": [
                {"id": "a", "name": "甲", "department": "police", "kind": "confirmation", "basis": "seen"},
                {"id": "b", "name": "乙", "department": "police", "kind": "confirmation", "after": ["a"], "basis": "seen",
                 "when": [["married", "is", "yes"]], "why": "未婚不用办"}
            ],
            "fields": [
                {"id": "id", "group": "person", "label": "身份证号码", "kind": "id_number", "items": ["*"], "required": true},
                {"id": "born", "group": "person", "label": "出生日期", "kind": "date", "items": ["b"], "required": false, "derive": {"from": "id", "as": "birth_date"}},
                {"id": "book_number", "group": "person", "label": "结婚证字号", "kind": "text", "items": ["b"], "required": false}
            ],
            "materials": [
                {"id": "m_id", "name": "居民身份证", "forms": ["e_certificate"], "items": ["*"], "required": true, "origin": "store", "basis": "seen"},
                {"id": "m_book", "name": "结婚证", "forms": ["e_certificate"], "items": ["b"], "required": false, "origin": "store", "basis": "seen"}
            ],
            "fees": [
                {"id": "free", "name": "登记", "items": ["*"], "amount": 0, "basis": "seen"},
                {"id": "copy", "name": "工本费", "items": ["b"], "amount": 1000, "times": "copies", "basis": "seen"},
                {"id": "tax", "name": "税", "items": ["b"], "basis": "seen"}
            ],
            "commitments": [], "outcomes": [], "delivery": ["e_only"], "law": []
        }))
        .unwrap()
    }

    fn around() -> Surroundings {
        Surroundings {
            departments: BTreeSet::from(["police".into()]),
            stages: BTreeSet::from(["life".into()]),
            tables: BTreeMap::from([("sex".into(), vec!["1".into(), "2".into()])]),
            synonyms: BTreeMap::from([("证件号码".into(), "身份证号码".into())]),
        }
    }

    fn good() -> Bundle {
        let mut bundle = sample();
        bundle.fees[1].times = None;
        bundle
    }

    fn findings(change: impl FnOnce(&mut Bundle)) -> Vec<String> {
        let mut bundle = good();
        change(&mut bundle);
        check(&bundle, &around()).iter().map(ToString::to_string).collect()
    }

    fn test(fact: &str, op: Op, value: &str) -> Test {
        Test(fact.into(), op, value.into())
    }

    #[test]
    fn a_good_bundle_passes() {
        assert_eq!(findings(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        type Change = fn(&mut Bundle);
        let cases: [(Change, &str); 26] = [
            (
                |bundle| bundle.items[1].after = vec![contract::catalogue::ItemId("x".into())],
                "items[1].after[0]: there is no item `x`",
            ),
            (
                |bundle| bundle.items[0].after = vec![contract::catalogue::ItemId("b".into())],
                "items[0].after: the items wait for each other in a circle",
            ),
            (|bundle| bundle.items[1].id = bundle.items[0].id.clone(), "items[1].id: `a` stands twice"),
            (|bundle| bundle.fields[1].id = "id".into(), "fields[1].id: `id` stands twice"),
            (
                |bundle| bundle.fields[0].id = "married".into(),
                "fields[0]: `married` is asked twice: it is a question already",
            ),
            (
                |bundle| bundle.items[1].when = vec![test("married", Op::Is, "maybe")],
                "items[1].when[0]: it can never hold: `maybe` is not an answer to `married`",
            ),
            (
                |bundle| bundle.items[1].when = vec![test("married", Op::Is, "yes"), test("married", Op::Not, "yes")],
                "items[1].when: it can never hold: no answer to `married` satisfies it",
            ),
            (
                |bundle| bundle.items[1].when = vec![test("gone", Op::Is, "yes")],
                "items[1].when[0]: there is no fact `gone`",
            ),
            (|bundle| bundle.items[1].why = None, "items[1].why: say why it falls away"),
            (
                |bundle| bundle.materials[0].name = "其他材料".into(),
                "materials[0].name: name the material: nobody can bring \"other materials\"",
            ),
            (
                |bundle| bundle.materials[0].deferrable = Some(contract::catalogue::Deferral { days: Some(6) }),
                "materials[0].deferrable: 6 working days are beyond the promised limit (5)",
            ),
            (
                |bundle| {
                    bundle.fields[2].kind = FieldKind::Choice;
                    bundle.fields[2].codes = Some("moon".into());
                },
                "fields[2].codes: there is no code table `moon`",
            ),
            (|bundle| bundle.fields[2].kind = FieldKind::Choice, "fields[2]: a choice has either options or codes"),
            (|bundle| bundle.stage = "moon".into(), "stage: the region has no stage `moon`"),
            (|bundle| bundle.fields[2].items = vec!["x".into()], "fields[2].items[0]: there is no item `x`"),
            (|bundle| bundle.fees[1].times = Some("id".into()), "fees[1].times: `id` is not a number field"),
            (
                |bundle| {
                    bundle.fields[2].kind = FieldKind::YesNo;
                    bundle.items[1].when = vec![test("book_number", Op::Is, "yes")];
                },
                "items: conditions hang on each other in a circle: book_number, b",
            ),
            (
                |bundle| bundle.items[0].law = vec!["某法".into()],
                "items[0].law[0]: the bundle's law does not list `某法`",
            ),
            (
                |bundle| bundle.fields[0].same_as = vec!["book_number".into()],
                "fields[0].same_as[0]: `book_number` is not another field of this kind",
            ),
            (
                |bundle| {
                    bundle.fields[0].prefill = Some("identity.id_number".into());
                    bundle.fields[2].prefill = Some("identity.id_number".into());
                },
                "fields[2]: `book_number` asks the same as `id`: join them with `same_as`",
            ),
            (
                |bundle| {
                    bundle.fields[2].kind = FieldKind::IdNumber;
                    bundle.fields[2].label = "证件号码".into();
                },
                "fields[2]: `book_number` asks the same as `id`: join them with `same_as`",
            ),
            (
                |bundle| bundle.fields[0].fixed = true,
                "fields[0].fixed: only a register can fix a value: name its `prefill`",
            ),
            (
                |bundle| bundle.fields[0].depth = Some(contract::catalogue::Depth::Town),
                "fields[0].depth: only a region has a depth",
            ),
            (
                |bundle| bundle.rules = vec![Rule::Past { field: "id".into() }],
                "rules[0]: `id` is not of a kind this rule reads",
            ),
            (
                |bundle| bundle.rules = vec![Rule::Within { field: "born".into(), item: bundle.items[0].id.clone() }],
                "rules[0]: `a` is no item with an `apply_within`",
            ),
            (
                |bundle| bundle.fields[1].derive = Some(Derivation { from: "id.amount".into(), what: Derived::Total }),
                "fields[1].derive: `id.amount` is not what this is computed from",
            ),
        ];
        for (change, expected) in cases {
            let found = findings(change);
            assert!(found.iter().any(|finding| finding == expected), "expected {expected}\nfound {found:#?}");
        }
    }

    #[test]
    fn fields_that_exclude_each_other_may_ask_the_same() {
        let found = findings(|bundle| {
            bundle.fields[0].prefill = Some("identity.id_number".into());
            bundle.fields[2].prefill = Some("identity.id_number".into());
            bundle.fields[0].when = vec![test("married", Op::Is, "no")];
            bundle.fields[2].when = vec![test("married", Op::Is, "yes")];
        });
        assert_eq!(found, Vec::<String>::new());
        let joined = findings(|bundle| {
            bundle.fields[2].kind = FieldKind::IdNumber;
            bundle.fields[2].label = "证件号码".into();
            bundle.fields[2].same_as = vec!["id".into()];
        });
        assert_eq!(joined, Vec::<String>::new());
    }

    #[test]
    fn a_condition_on_a_fact_that_excludes_it_is_found() {
        // The field is only asked of the unmarried, so nothing for the married can hang on it.
        let found = findings(|bundle| {
            bundle.fields[2].kind = FieldKind::YesNo;
            bundle.fields[2].when = vec![test("married", Op::Is, "no")];
            bundle.fees[2].when = vec![test("book_number", Op::Is, "yes"), test("married", Op::Is, "yes")];
        });
        assert_eq!(found, ["fees[2].when: it can never hold: no answer to `married` satisfies it"]);
    }
}
