//! One form out of many items: which facts are asked, which items, materials and fees apply,
//! worked out once and then kept true change by change.
//!
//! Everything that can apply is a node. A node hangs on the facts its condition tests and on the
//! items that need it; the catalogue check keeps these links free of circles, so the nodes have an
//! order in which one pass decides all of them, and a change decides only what comes after it.

use contract::catalogue::{Bundle, Derivation, Derived, Field, Op, Test};
use contract::value::{Facts, Value};

use crate::answer::hundredths;
use crate::condition::{self, Truth};
use crate::date::Date;
use crate::identity::IdNumber;
use crate::plan::{DECLINED, Plan};

/// A value that begins so repeats the answer to the fact named after it: `=app_address`.
pub const SAME: char = '=';

/// A bundle's form, ready to be filled in: the links between its facts, items, materials and fees.
#[derive(Debug)]
pub struct Form {
    facts: Vec<String>,
    nodes: Vec<Node>,
    /// Nodes in an order in which each comes after what it hangs on.
    order: Vec<usize>,
    /// The place of each node in `order`.
    rank: Vec<usize>,
    /// Nodes that hang on a node.
    dependents: Vec<Vec<usize>>,
    /// Facts computed from a fact.
    derived: Vec<Vec<(usize, Derivation)>>,
    /// Facts a fact may repeat.
    same_as: Vec<Vec<usize>>,
    counts: Counts,
    /// Names of the items, where they may be left out.
    optional_items: Vec<Option<String>>,
    circle: Option<Vec<String>>,
}

/// How many nodes there are of each kind, in this order.
#[derive(Clone, Copy, Debug)]
struct Counts {
    questions: usize,
    facts: usize,
    items: usize,
    materials: usize,
}

#[derive(Debug)]
struct Node {
    when: Vec<(Option<usize>, Op, String)>,
    /// The items that need it; `None` means all.
    needed_by: Option<Vec<usize>>,
}

/// A form being filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    today: Date,
    values: Vec<Option<Value>>,
    /// Whether each item was left out.
    declined: Vec<bool>,
    truths: Vec<Truth>,
}

/// What one change changed besides the fact itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Facts that came to be asked, or fell away.
    pub asked: Vec<usize>,
    /// Computed facts that have another value now.
    pub computed: Vec<usize>,
    /// Whether items, materials or fees changed.
    pub rest: bool,
}

impl Form {
    /// Links a bundle's facts, items, materials and fees.
    #[must_use]
    pub fn of(bundle: &Bundle) -> Self {
        let fields: Vec<&Field> = bundle.questions.iter().chain(&bundle.fields).collect();
        let counts = Counts {
            questions: bundle.questions.len(),
            facts: fields.len(),
            items: bundle.items.len(),
            materials: bundle.materials.len(),
        };
        let place_of = |id: &str| fields.iter().position(|field| field.id == id);
        let link = |tests: &[Test], items: Option<&[String]>| Node {
            when: tests.iter().map(|test| (place_of(&test.0), test.1, test.2.clone())).collect(),
            needed_by: items.filter(|ids| !ids.iter().any(|id| id == "*")).map(|ids| {
                let item = |id: &String| bundle.items.iter().position(|item| item.id.0 == *id);
                ids.iter().filter_map(item).map(|item| counts.facts + item).collect()
            }),
        };
        let nodes: Vec<Node> = (fields.iter().map(|field| link(&field.when, Some(&field.items))))
            .chain(bundle.items.iter().map(|item| link(&item.when, None)))
            .chain(bundle.materials.iter().map(|material| link(&material.when, Some(&material.items))))
            .chain(bundle.fees.iter().map(|fee| link(&fee.when, Some(&fee.items))))
            .collect();
        let mut dependents = vec![Vec::new(); nodes.len()];
        for (node, links) in nodes.iter().enumerate() {
            let facts = links.when.iter().filter_map(|(fact, ..)| *fact);
            for on in facts.chain(links.needed_by.iter().flatten().copied()) {
                // Nodes come one after the other, so a second link to the same one is the last in the list.
                if dependents[on].last() != Some(&node) {
                    dependents[on].push(node);
                }
            }
        }
        let mut derived = vec![Vec::new(); counts.facts];
        for (place, derivation) in
            fields.iter().enumerate().filter_map(|(place, field)| Some((place, field.derive.as_ref()?)))
        {
            let from = derivation.from.split('.').next().unwrap_or_default();
            if let Some(from) = place_of(from) {
                derived[from].push((place, derivation.clone()));
            }
        }
        let repeated = |field: &&Field| field.same_as.iter().filter_map(|id| place_of(id)).collect();
        let same_as = fields.iter().map(repeated).collect();
        let (order, circle) = ordered(&nodes, &dependents);
        let mut rank = vec![0; nodes.len()];
        for (place, node) in order.iter().enumerate() {
            rank[*node] = place;
        }
        let names = |node: &usize| match fields.get(*node) {
            Some(field) => field.id.clone(),
            None => bundle.items.get(*node - counts.facts).map_or_else(String::new, |item| item.id.0.clone()),
        };
        Self {
            facts: fields.iter().map(|field| field.id.clone()).collect(),
            optional_items: bundle.items.iter().map(|item| item.optional.then(|| item.id.0.clone())).collect(),
            circle: (!circle.is_empty()).then(|| circle.iter().map(names).filter(|name| !name.is_empty()).collect()),
            nodes,
            order,
            rank,
            dependents,
            derived,
            same_as,
            counts,
        }
    }

    /// Facts and items that hang on each other in a circle, which the catalogue check refuses.
    #[must_use]
    pub fn circle(&self) -> Option<&[String]> {
        self.circle.as_deref()
    }

    /// A fact's place: situations first, then the form's fields.
    #[must_use]
    pub fn place(&self, fact: &str) -> Option<usize> {
        self.facts.iter().position(|id| id == fact)
    }

    /// The form with these facts. Computed facts are computed anew, whatever was said.
    #[must_use]
    pub fn fill(&self, facts: &Facts, today: Date) -> Filling {
        let mut filling = Filling {
            today,
            values: self.facts.iter().map(|id| facts.get(id).filter(|value| !value.is_blank()).cloned()).collect(),
            declined: self.declined(facts.get(DECLINED)),
            truths: vec![Truth::No; self.nodes.len()],
        };
        for fact in 0..self.counts.facts {
            for (place, derivation) in &self.derived[fact] {
                filling.values[*place] = compute(derivation, filling.values[fact].as_ref(), today);
            }
        }
        for node in &self.order {
            filling.truths[*node] = self.decide(*node, &filling);
        }
        filling
    }

    /// Says something else about a fact; works out only what hangs on it.
    pub fn say(&self, filling: &mut Filling, fact: usize, value: Option<Value>) -> Changes {
        let mut changes = Changes::default();
        let value = value.filter(|value| !value.is_blank());
        let Some(slot) = filling.values.get_mut(fact) else { return changes };
        if *slot == value {
            return changes;
        }
        *slot = value;
        let mut open = vec![false; self.nodes.len()];
        self.open_dependents(filling, fact, &mut open);
        for (place, derivation) in &self.derived[fact] {
            let computed = compute(derivation, filling.values[fact].as_ref(), filling.today);
            if filling.values[*place] != computed {
                filling.values[*place] = computed;
                changes.computed.push(*place);
                self.open_dependents(filling, *place, &mut open);
            }
        }
        self.settle(filling, open, &mut changes);
        changes
    }

    /// Leaves optional items out.
    pub fn decline(&self, filling: &mut Filling, value: Option<&Value>) -> Changes {
        let declined = self.declined(value);
        let mut open = vec![false; self.nodes.len()];
        for (item, (is, was)) in declined.iter().zip(&filling.declined).enumerate() {
            open[self.rank[self.counts.facts + item]] = is != was;
        }
        filling.declined = declined;
        let mut changes = Changes::default();
        self.settle(filling, open, &mut changes);
        changes
    }

    fn declined(&self, value: Option<&Value>) -> Vec<bool> {
        let many = match value {
            Some(Value::Many(many)) => many.as_slice(),
            _ => &[],
        };
        self.optional_items.iter().map(|item| item.as_ref().is_some_and(|id| many.contains(id))).collect()
    }

    /// What a fact's value decides, if it counts at all.
    fn open_dependents(&self, filling: &Filling, fact: usize, open: &mut [bool]) {
        if filling.truths[fact] == Truth::Yes {
            for node in &self.dependents[fact] {
                open[self.rank[*node]] = true;
            }
        }
    }

    /// Decides the open nodes in order, and whatever hangs on those that changed.
    fn settle(&self, filling: &mut Filling, mut open: Vec<bool>, changes: &mut Changes) {
        for rank in 0..open.len() {
            let node = self.order[rank];
            if !open[rank] {
                continue;
            }
            let truth = self.decide(node, filling);
            if filling.truths[node] == truth {
                continue;
            }
            filling.truths[node] = truth;
            if node < self.counts.facts {
                changes.asked.push(node);
            } else {
                changes.rest = true;
            }
            for later in &self.dependents[node] {
                open[self.rank[*later]] = true;
            }
        }
    }

    fn decide(&self, node: usize, filling: &Filling) -> Truth {
        let Node { when, needed_by } = &self.nodes[node];
        let needed = needed_by
            .as_ref()
            .map_or(Truth::Yes, |items| items.iter().fold(Truth::No, |truth, item| truth.or(filling.truths[*item])));
        let holds = when.iter().fold(Truth::Yes, |truth, (fact, op, expected)| {
            truth.and(condition::holds(*op, expected, fact.and_then(|fact| filling.counted(fact))))
        });
        if node < self.counts.questions {
            // A situation is asked while an item may need it; its answer may be what decides the item.
            Truth::from(needed != Truth::No && holds == Truth::Yes)
        } else if node < self.counts.facts {
            Truth::from(needed == Truth::Yes && holds == Truth::Yes)
        } else if node < self.counts.facts + self.counts.items {
            Truth::from(!filling.declined[node - self.counts.facts]).and(holds)
        } else {
            needed.and(holds)
        }
    }

    /// What applies, in lists parallel to the bundle's.
    #[must_use]
    pub fn plan(&self, filling: &Filling) -> Plan {
        let Counts { questions, facts, items, materials } = self.counts;
        let truths = &filling.truths;
        let asked = |range: &[Truth]| range.iter().map(|truth| *truth == Truth::Yes).collect();
        Plan {
            questions: asked(&truths[..questions]),
            fields: asked(&truths[questions..facts]),
            items: truths[facts..facts + items].to_vec(),
            materials: truths[facts + items..facts + items + materials].to_vec(),
            fees: truths[facts + items + materials..].to_vec(),
        }
    }

    /// The answer to a fact that is asked; where it repeats another one's, that one's.
    #[must_use]
    pub fn answer<'f>(&self, filling: &'f Filling, fact: usize) -> Option<&'f Value> {
        let mut fact = fact;
        // A repeated answer may repeat one itself; more than a few steps are a circle.
        for _ in 0..4 {
            let value = filling.counted(fact)?;
            match self.repeated(fact, value) {
                Some(other) => fact = other,
                None => return Some(value),
            }
        }
        None
    }

    /// The fact a value refers to instead of saying anything itself.
    #[must_use]
    pub fn repeated(&self, fact: usize, value: &Value) -> Option<usize> {
        let other = self.place(value.text().strip_prefix(SAME)?)?;
        self.same_as.get(fact)?.contains(&other).then_some(other)
    }

    /// All that was said, asked for or not.
    #[must_use]
    pub fn facts(&self, filling: &Filling) -> Facts {
        let mut facts = Facts::new();
        for (id, value) in self.facts.iter().zip(&filling.values) {
            if let Some(value) = value {
                facts.insert(id.clone(), value.clone());
            }
        }
        let items = self.optional_items.iter().zip(&filling.declined).filter(|(_, declined)| **declined);
        let declined: Vec<String> = items.filter_map(|(id, _)| id.clone()).collect();
        if !declined.is_empty() {
            facts.insert(DECLINED.to_owned(), Value::Many(declined));
        }
        facts
    }
}

impl Filling {
    /// What was said about a fact, asked for or not.
    #[must_use]
    pub fn value(&self, fact: usize) -> Option<&Value> {
        self.values.get(fact)?.as_ref()
    }

    /// Whether a fact is asked.
    #[must_use]
    pub fn asks(&self, fact: usize) -> bool {
        self.truths.get(fact) == Some(&Truth::Yes)
    }

    /// What was said about a fact, if it is asked: an answer to a question that fell away decides nothing.
    #[must_use]
    pub fn counted(&self, fact: usize) -> Option<&Value> {
        self.value(fact).filter(|_| self.asks(fact))
    }

    /// The day the form is filled in.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }
}

/// Kahn's order; what is left over hangs in a circle and comes last.
fn ordered(nodes: &[Node], dependents: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut waits: Vec<usize> = vec![0; nodes.len()];
    for node in dependents.iter().flatten() {
        waits[*node] += 1;
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|node| waits[*node] == 0).collect();
    let mut next = 0;
    while let Some(node) = order.get(next).copied() {
        next += 1;
        for later in &dependents[node] {
            waits[*later] -= 1;
            if waits[*later] == 0 {
                order.push(*later);
            }
        }
    }
    let mut circle: Vec<usize> = (0..nodes.len()).filter(|node| waits[*node] > 0).collect();
    order.extend(&circle);
    // What merely hangs on a circle is not part of it.
    loop {
        let inside = circle.len();
        let before = circle.clone();
        circle.retain(|node| dependents[*node].iter().any(|later| before.contains(later)));
        if circle.len() == inside {
            return (order, circle);
        }
    }
}

fn compute(derivation: &Derivation, value: Option<&Value>, today: Date) -> Option<Value> {
    match derivation.what {
        Derived::Total => {
            let Value::Rows(rows) = value? else { return None };
            let column = derivation.from.split('.').nth(1)?;
            let cells = rows.iter().filter_map(|row| row.get(column)).filter(|text| !text.trim().is_empty());
            let sum = cells.map(|text| hundredths(text)).sum::<Option<i64>>()?;
            Some(Value::Text(format!("{}.{:02}", sum / 100, (sum % 100).abs())))
        }
        what => {
            let number = IdNumber::parse(value?.text()).ok()?;
            Some(Value::Text(match what {
                Derived::BirthDate => number.birth().to_string(),
                Derived::Sex => number.sex().to_owned(),
                _ => number.birth().years_until(today).max(0).to_string(),
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use contract::catalogue::{FieldKind, ItemId};
    use proptest::prelude::*;

    const TODAY: Date = Date::FIRST;
    const ANSWERS: [&str; 4] = ["yes", "no", "", "11010519491231002X"];

    /// Random bundles without circles: conditions test only facts declared earlier.
    fn bundles() -> impl Strategy<Value = Bundle> {
        let fact = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8, any::<bool>());
        (
            prop::collection::vec(fact, 1..24),
            prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<bool>()), 1..6),
        )
            .prop_map(|(facts, items)| {
                let mut bundle = crate::lint::tests::sample();
                let (questions, count) = (facts.len() / 3 + 1, items.len());
                let id = |place: usize| format!("f{place}");
                bundle.items = items
                    .iter()
                    .enumerate()
                    .map(|(place, (on, how, optional))| {
                        let mut item = crate::lint::tests::item(&format!("i{place}"), &[]);
                        item.optional = *optional;
                        if *how > 0 {
                            let answer = if *how == 1 { "yes" } else { "no" };
                            item.when = vec![Test(id(on.index(questions)), Op::Is, answer.into())];
                        }
                        item
                    })
                    .collect();
                let fields: Vec<Field> = facts
                    .iter()
                    .enumerate()
                    .map(|(place, (on, item, how, derives))| {
                        let mut field = bundle.fields[0].clone();
                        field.id = id(place);
                        field.kind = FieldKind::Text;
                        // Situations decide items, so they belong to all of them.
                        field.items = vec![if place < questions || *how == 4 {
                            "*".to_owned()
                        } else {
                            format!("i{}", item.index(count))
                        }];
                        if place > 0 && *how > 0 {
                            let answer = if *how % 2 == 0 { "yes" } else { "no" };
                            field.when = vec![Test(
                                id(on.index(place)),
                                if *how == 3 { Op::Not } else { Op::Is },
                                answer.into(),
                            )];
                        }
                        if place > 0 && *derives && place >= questions {
                            field.derive = Some(Derivation { from: id(0), what: Derived::Sex });
                        }
                        field
                    })
                    .collect();
                bundle.fields = fields[questions.min(fields.len())..].to_vec();
                bundle.questions = fields[..questions.min(fields.len())].to_vec();
                for (place, material) in bundle.materials.iter_mut().enumerate() {
                    material.items = vec![format!("i{}", place % count)];
                }
                for (place, fee) in bundle.fees.iter_mut().enumerate() {
                    fee.items = vec![format!("i{}", place % count)];
                    fee.when = vec![Test(id(0), Op::Is, "yes".into())];
                }
                bundle
            })
    }

    fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, bool)>> {
        prop::collection::vec((any::<prop::sample::Index>(), 0..ANSWERS.len(), prop::bool::weighted(0.1)), 0..40)
    }

    fn edited(form: &Form, bundle: &Bundle, filling: &mut Filling, edits: &[(prop::sample::Index, usize, bool)]) {
        for (which, answer, decline) in edits {
            if *decline {
                let item = &bundle.items[which.index(bundle.items.len())].id;
                form.decline(filling, Some(&Value::Many(vec![item.0.clone()])));
            } else {
                let fact = which.index(form.facts.len());
                let computed = form.derived.iter().flatten().any(|(place, _)| *place == fact);
                if !computed {
                    form.say(filling, fact, Some(ANSWERS[*answer].into()));
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn change_by_change_is_the_same_as_all_at_once(bundle in bundles(), edits in edits()) {
            let form = Form::of(&bundle);
            prop_assert_eq!(form.circle(), None);
            let mut filling = form.fill(&Facts::new(), TODAY);
            for edit in &edits {
                let before = filling.clone();
                let mut after = filling.clone();
                edited(&form, &bundle, &mut after, std::slice::from_ref(edit));
                prop_assert_eq!(&after, &form.fill(&form.facts(&after), TODAY));
                for fact in 0..form.facts.len() {
                    let said = edit.0.index(form.facts.len());
                    prop_assert!(fact == said || edit.2 || before.value(fact) == after.value(fact) || form.derived[said].iter().any(|(place, _)| *place == fact));
                }
                filling = after;
            }
        }

        #[test]
        fn changes_name_exactly_what_changed(bundle in bundles(), edits in edits(), last in any::<prop::sample::Index>(), answer in 0..ANSWERS.len()) {
            let form = Form::of(&bundle);
            let mut filling = form.fill(&Facts::new(), TODAY);
            edited(&form, &bundle, &mut filling, &edits);
            let before = filling.clone();
            let changes = form.say(&mut filling, last.index(form.facts.len()), Some(ANSWERS[answer].into()));
            let asked: BTreeSet<usize> = (0..form.facts.len()).filter(|fact| before.asks(*fact) != filling.asks(*fact)).collect();
            prop_assert_eq!(changes.asked.into_iter().collect::<BTreeSet<_>>(), asked);
            let (was, is) = (form.plan(&before), form.plan(&filling));
            prop_assert_eq!(changes.rest, was.items != is.items || was.materials != is.materials || was.fees != is.fees);
        }

        /// Merging twice changes nothing, and the order in which the catalogue names items is of no account.
        #[test]
        fn merging_is_idempotent_and_order_independent(bundle in bundles(), edits in edits()) {
            let form = Form::of(&bundle);
            let mut filling = form.fill(&Facts::new(), TODAY);
            edited(&form, &bundle, &mut filling, &edits);
            let submitted = crate::plan::submission(&bundle, &form.facts(&filling), TODAY);
            let again = form.fill(&submitted, TODAY);
            prop_assert_eq!(form.plan(&again), form.plan(&filling));
            prop_assert_eq!(crate::plan::submission(&bundle, &submitted, TODAY), crate::plan::submission(&bundle, &form.facts(&again), TODAY));

            let mut turned = bundle.clone();
            turned.items.reverse();
            turned.fields.reverse();
            let other = Form::of(&turned);
            let turned_filling = other.fill(&form.facts(&filling), TODAY);
            for (place, id) in form.facts.iter().enumerate() {
                let there = other.place(id).unwrap();
                prop_assert_eq!(filling.asks(place), turned_filling.asks(there));
            }
        }

        /// Nothing hidden is ever submitted, or ever missing.
        #[test]
        fn what_is_hidden_is_neither_sent_nor_required(bundle in bundles(), edits in edits()) {
            let form = Form::of(&bundle);
            let mut filling = form.fill(&Facts::new(), TODAY);
            edited(&form, &bundle, &mut filling, &edits);
            let facts = form.facts(&filling);
            let hidden: BTreeSet<&String> = form.facts.iter().enumerate().filter(|(place, _)| !filling.asks(*place)).map(|(_, id)| id).collect();
            for id in crate::plan::submission(&bundle, &facts, TODAY).keys().filter(|id| *id != DECLINED) {
                prop_assert!(!hidden.contains(id));
            }
            for fault in crate::plan::faults(&bundle, &facts, &BTreeMap::new(), TODAY, &crate::plan::NoTables) {
                prop_assert!(!hidden.contains(&fault.at));
            }
        }
    }

    #[test]
    fn what_falls_away_is_kept_and_comes_back() {
        let bundle = crate::lint::tests::sample();
        let form = Form::of(&bundle);
        let mut filling =
            form.fill(&Facts::from([("married".into(), "yes".into()), ("book_number".into(), "J1".into())]), TODAY);
        let (married, book) = (form.place("married").unwrap(), form.place("book_number").unwrap());
        let changes = form.say(&mut filling, married, Some("no".into()));
        assert!(changes.asked.contains(&book) && changes.rest);
        assert_eq!((filling.counted(book), filling.value(book)), (None, Some(&"J1".into())));
        form.say(&mut filling, married, Some("yes".into()));
        assert_eq!(filling.counted(book), Some(&"J1".into()));
    }

    #[test]
    fn a_circle_is_named() {
        let mut bundle = crate::lint::tests::sample();
        bundle.fields[2].items = vec!["b".into()];
        bundle.fields[2].kind = FieldKind::YesNo;
        bundle.items[1].id = ItemId("b".into());
        bundle.items[1].when = vec![Test("book_number".into(), Op::Is, "yes".into())];
        let form = Form::of(&bundle);
        let circle = form.circle().unwrap();
        assert!(circle.contains(&"b".to_owned()) && circle.contains(&"book_number".to_owned()), "{circle:?}");
    }

    #[test]
    fn a_total_is_computed_from_the_rows() {
        let mut bundle = crate::lint::tests::sample();
        bundle.fields[0].kind = FieldKind::List;
        bundle.fields[1].derive = Some(Derivation { from: "id.amount".into(), what: Derived::Total });
        bundle.fields[1].items = vec!["*".into()];
        let form = Form::of(&bundle);
        let row = |text: &str| contract::value::Row::from([("amount".into(), text.into())]);
        let mut filling = form.fill(&Facts::from([("id".into(), Value::Rows(vec![row("1.50"), row("2")]))]), TODAY);
        let total = form.place("born").unwrap();
        assert_eq!(filling.value(total), Some(&"3.50".into()));
        let changes = form.say(&mut filling, form.place("id").unwrap(), Some(Value::Rows(vec![row("x")])));
        assert_eq!((changes.computed.as_slice(), filling.value(total)), ([total].as_slice(), None));
    }
}
