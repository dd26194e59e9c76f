//! The ways to meet a material, on the errands of the catalogue: which, in which order, and what bars them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{Basis, Bundle, Deferral, Material, MaterialId, OnCommitment, Origin, Subject};
use contract::material::{Bar, Document, DocumentId, DocumentKind, Provided, Way};
use contract::problem::FaultRule;
use contract::value::{Facts, Value};
use onething_engine::calendar::Calendar;
use onething_engine::condition::Truth;
use onething_engine::date::Date;
use onething_engine::plan::{NoTables, Plan};
use onething_engine::way::{self, Circumstances, Credit, Standing};
use proptest::prelude::*;

const GOOD: Standing = Standing { breach: false, credit: Credit::Good };

fn bundle(id: &str) -> Bundle {
    let path = format!("{}/../catalogue/bundles/{id}.yaml", env!("CARGO_MANIFEST_DIR"));
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn facts(pairs: &[(&str, &str)]) -> Facts {
    let value = |text: &str| {
        if text.contains('|') {
            Value::Many(text.split('|').filter(|one| !one.is_empty()).map(str::to_owned).collect())
        } else {
            Value::from(text)
        }
    };
    pairs.iter().map(|(id, text)| ((*id).to_owned(), value(text))).collect()
}

fn document(id: &str, kind: DocumentKind, fits: &str, subject: Option<Subject>) -> Document {
    Document {
        id: DocumentId(id.into()),
        name: id.into(),
        kind,
        fits: fits.into(),
        subject,
        holder: None,
        issuer: None,
        identifier: None,
        valid_until: None,
        expired: false,
        media: "application/pdf".into(),
        pages: 1,
        size: 1,
        added_at: String::new(),
        version: 1,
        earlier: None,
        uses: Vec::new(),
    }
}

/// A person with an errand, and everything that bears on the ways.
struct Case {
    bundle: Bundle,
    facts: Facts,
    documents: Vec<Document>,
    registers: BTreeMap<String, String>,
    standing: Standing,
    by_agent: bool,
}

impl Case {
    fn new(id: &str, said: &[(&str, &str)]) -> Self {
        let registers = BTreeMap::new();
        Self {
            bundle: bundle(id),
            facts: facts(said),
            documents: Vec::new(),
            registers,
            standing: GOOD,
            by_agent: false,
        }
    }

    fn knows(mut self, register: &str) -> Self {
        self.registers.insert(register.into(), register.to_uppercase());
        self
    }

    fn has(mut self, document: Document) -> Self {
        self.documents.push(document);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn material(&self, id: &str) -> &Material {
        self.bundle.materials.iter().find(|material| material.id.0 == id).unwrap()
    }

    fn plan(&self) -> Plan {
        Plan::of(&self.bundle, &self.facts, Date::parse("2026-11-23").unwrap())
    }

    fn around<T>(&self, ask: impl FnOnce(&Circumstances<'_>) -> T) -> T {
        let (plan, calendar) = (self.plan(), Calendar::new([], []));
        ask(&Circumstances {
            bundle: &self.bundle,
            facts: &self.facts,
            plan: &plan,
            documents: &self.documents,
            registers: &self.registers,
            standing: self.standing,
            by_agent: self.by_agent,
            today: Date::parse("2026-11-23").unwrap(),
            calendar: &calendar,
            follow_days: 10,
        })
    }

    /// The ways to meet a material, in words, and what bars others.
    fn ways(&self, id: &str) -> (Vec<String>, Vec<Bar>) {
        let place = self.bundle.materials.iter().position(|material| material.id.0 == id).unwrap();
        let needed = self.plan().materials[place];
        let (ways, bars) = self.around(|around| way::ways(self.material(id), needed, around));
        (ways.iter().map(word).collect(), bars)
    }

    #[track_caller]
    fn offers(&self, id: &str, ways: &[&str], bars: &[Bar]) {
        let (there, barred) = self.ways(id);
        assert_eq!(
            (there.iter().map(String::as_str).collect::<Vec<_>>(), barred.as_slice()),
            (ways.to_vec(), bars),
            "{id}"
        );
    }

    fn may(&self, id: &str, provided: &Provided) -> Result<(), Option<Bar>> {
        self.around(|around| way::permitted(self.material(id), provided, around))
    }
}

fn word(way: &Way) -> String {
    match way {
        Way::NotNeeded { why } => format!("not needed{}", if why.is_some() { ": why" } else { "" }),
        Way::Shared { name, .. } => format!("shared {name}"),
        Way::ECertificate { document } => format!("certificate {document}"),
        Way::Stored { document } => format!("stored {document}"),
        Way::Upload => "upload".into(),
        Way::Declare => "declare".into(),
        Way::OnCommitment { days } => format!("follow {days}"),
        Way::Defer { until } => format!("defer {until}"),
    }
}

fn newborn() -> Case {
    Case::new(
        "newborn",
        &[
            ("married", "yes"),
            ("settle_with", "mother"),
            ("parents_same_ethnic", "yes"),
            ("by_agent", "no"),
            ("over_one_year", "no"),
            ("maternity_insured", "no"),
        ],
    )
}

fn restaurant() -> Case {
    let said = [
        ("scale", "small"),
        ("projects", "hot_food|"),
        ("need_fire", "yes"),
        ("fire_mode", "commitment"),
        ("shop_features", "signboard|"),
        ("by_agent", "no"),
    ];
    Case::new("restaurant", &said)
}

fn flat() -> Case {
    let said = [
        ("sale_kind", "sale"),
        ("buyer_kind", "person"),
        ("has_loan", "no"),
        ("usage", "dwelling"),
        ("by_agent", "no"),
        ("want_items", "tv|"),
    ];
    Case::new("property_transfer", &said)
}

#[test]
fn newborn_uses_what_is_there() {
    newborn().offers("m_mother_id", &["upload"], &[]);
    newborn().knows("identity").offers("m_mother_id", &["shared IDENTITY", "upload"], &[]);
    // The father's paper is asked for: the mother's own does not fit, the household's does.
    let own = document("own", DocumentKind::ECertificate, "id_card", None);
    let his = document("his", DocumentKind::ECertificate, "id_card", Some(Subject::Spouse));
    let scan = document("scan", DocumentKind::File, "id_card", Some(Subject::Spouse));
    let case = newborn().has(scan).has(own).has(his);
    case.offers("m_father_id", &["certificate his", "stored scan", "upload"], &[]);
    // Once expired it says so, and what else is there comes first.
    let expired = case.with(|case| case.documents[2].expired = true);
    expired.offers("m_father_id", &["stored scan", "upload"], &[Bar::Expired]);
    // What falls away says why; what the system makes asks nothing.
    newborn().offers("m_nonmarital", &["not needed: why"], &[]);
    newborn().offers("m_birth_form", &["not needed"], &[]);
}

#[test]
fn a_file_given_for_one_errand_fits_the_same_paper_of_another() {
    let lease = document("lease", DocumentKind::File, "premises_right", None);
    restaurant().has(lease.clone()).offers("m_place_right", &["stored lease", "upload"], &[]);
    let start = Case::new("enterprise_start", &[("ent_type", "llc"), ("by_agent", "no")]).has(lease);
    let (ways, _) = start.ways("m_addr");
    assert_eq!(ways[..3], ["stored lease", "upload", "declare"]);
}

#[test]
fn restaurant_promises_in_two_ways_that_are_not_mixed() {
    let later = ["upload", "defer 2026-12-08"];
    restaurant().offers("m_fire_rules_later", &later, &[]);
    restaurant().offers("m_sign_img", &["upload", "follow 10"], &[]);
    let broken = restaurant().with(|case| case.standing.breach = true);
    broken.offers("m_fire_rules_later", &["upload"], &[Bar::Breach]);
    broken.offers("m_sign_img", &["upload"], &[Bar::Breach]);
    for (credit, bar) in
        [(Credit::Poor, Bar::Credit), (Credit::Dishonest, Bar::Credit), (Credit::Unknown, Bar::CreditUnknown)]
    {
        let case = restaurant().with(|case| case.standing.credit = credit);
        case.offers("m_sign_img", &["upload"], &[bar]);
        case.offers("m_fire_rules_later", &later, &[]);
    }
    let agent = restaurant().with(|case| case.by_agent = true);
    agent.offers("m_fire_rules_later", &["upload"], &[Bar::Agent]);
    agent.offers("m_sign_img", &["upload"], &[Bar::Agent]);
    // The wrong instrument is not offered, whoever asks.
    assert_eq!(restaurant().may("m_sign_img", &Provided::Deferred), Err(None));
    assert_eq!(restaurant().may("m_fire_rules_later", &Provided::OnCommitment), Err(None));
    assert_eq!(restaurant().may("m_sign_img", &Provided::Declared), Err(None));
    assert_eq!(broken.may("m_sign_img", &Provided::OnCommitment), Err(Some(Bar::Breach)));
}

#[test]
fn disability_asks_registers_for_the_person_only() {
    let said = [
        ("cert_action", "new"),
        ("guardian_needed", "no"),
        ("by_agent", "no"),
        ("is_low_income", "no"),
        ("want_items", "cert|"),
    ];
    let own = Case::new("disability", &said).knows("health").knows("social_insurance");
    own.offers("m_assess", &["shared HEALTH", "upload"], &[]);
    let guardian = own.with(|case| {
        case.facts.insert("guardian_needed".into(), "yes".into());
    });
    guardian.offers("m_assess", &["upload"], &[]);
    assert_eq!(guardian.may("m_assess", &Provided::Shared { register: "health".into() }), Err(None));
}

#[test]
fn the_flat_takes_a_declaration_from_the_person_alone() {
    let certificate = document("book", DocumentKind::ECertificate, "marriage_cert", None);
    flat().has(certificate).offers("m_marriage", &["certificate book", "upload", "declare"], &[]);
    flat().with(|case| case.by_agent = true).offers("m_marriage", &["upload"], &[Bar::Agent]);
    flat().with(|case| case.standing.credit = Credit::Dishonest).offers("m_marriage", &["upload"], &[Bar::Dishonest]);
    // A broken promise bars deferrals; a declaration promises nothing for later.
    flat().with(|case| case.standing.breach = true).offers("m_marriage", &["upload", "declare"], &[]);
    flat().offers("m_home_count", &["upload"], &[]);
    flat().knows("property").offers("m_home_count", &["shared PROPERTY", "upload"], &[]);
    assert_eq!(flat().may("m_marriage", &Provided::Declared), Ok(()));
    assert_eq!(flat().may("m_contract", &Provided::Declared), Err(None));
}

#[test]
fn an_errand_can_need_nothing() {
    let said = [
        ("work_kind", "freelance"),
        ("subsidy_kind", "none"),
        ("local_hukou", "yes"),
        ("want_file", "no"),
        ("want_hf", "no"),
    ];
    let case = Case::new("flexible_job", &said).knows("identity");
    let given = way::answered(&case.bundle, &case.facts, &case.registers);
    assert!(way::needs_nothing(&case.bundle, &case.plan(), &given));
    assert!(
        !way::needs_nothing(&case.bundle, &case.plan(), &BTreeMap::new()),
        "somebody no register knows brings the card"
    );
}

/// What a person may say and do in the middle of an errand.
#[derive(Clone, Debug)]
enum Act {
    Answer(prop::sample::Index, prop::sample::Index),
    Meet(prop::sample::Index, u8),
    Learn(prop::sample::Index),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let index = any::<prop::sample::Index>;
    let act = prop_oneof![
        (index(), index()).prop_map(|(fact, answer)| Act::Answer(fact, answer)),
        (index(), 0..4_u8).prop_map(|(material, how)| Act::Meet(material, how)),
        index().prop_map(Act::Learn),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is answered, taken back and answered again: what was met once is never asked for again, in
    /// this errand or, where a paper of the same kind about the same person is needed, in another; ways come
    /// best first, each once, and there is always one that needs nobody's trust.
    #[test]
    fn what_was_met_is_never_asked_again(which in 0..4_usize, acts in acts()) {
        let id = ["newborn", "restaurant", "disability", "property_transfer"][which];
        let mut case = Case::new(id, &[]);
        // Every instrument somewhere, so that all of them are tried.
        for (place, material) in case.bundle.materials.iter_mut().enumerate() {
            if place % 3 == 0 && case.bundle.promise.is_some() {
                material.deferrable = Some(Deferral { days: Some(1) });
            }
        }
        let first = case.bundle.materials[0].id.clone();
        case.bundle.items[0].on_commitment = Some(OnCommitment { materials: vec![first], basis: Basis::Memory });
        let registers = ["identity", "health", "property", "social_insurance", "company"];
        let questions = case.bundle.questions.clone();
        let mut given: BTreeMap<MaterialId, Provided> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Answer(fact, answer) => {
                    let question = &questions[fact.index(questions.len())];
                    let answers: Vec<String> = if question.options.is_empty() { vec!["yes".into(), "no".into()] } else { question.options.iter().map(|one| one.id.clone()).collect() };
                    let chosen = answers[answer.index(answers.len())].clone();
                    let many = question.kind == contract::catalogue::FieldKind::Choices;
                    case.facts.insert(question.id.clone(), if many { Value::Many(vec![chosen]) } else { Value::Text(chosen) });
                }
                Act::Learn(register) => {
                    let register = registers[register.index(registers.len())];
                    case.registers.insert(register.into(), register.to_uppercase());
                }
                Act::Meet(material, how) => {
                    let material = case.bundle.materials[material.index(case.bundle.materials.len())].clone();
                    let paper = DocumentId(format!("d-{}", material.id));
                    let provided = match how {
                        0 => Provided::Documents { documents: vec![paper.clone()] },
                        1 => Provided::Declared,
                        2 => Provided::OnCommitment,
                        _ => Provided::Deferred,
                    };
                    if case.may(&material.id.0, &provided).is_ok() {
                        if how == 0 && !case.documents.iter().any(|one| one.id == paper) {
                            case.documents.push(document(&paper.0, DocumentKind::File, way::kind(&material), material.subject));
                        }
                        given.insert(material.id.clone(), provided);
                    }
                }
            }
            let plan = case.plan();
            let today = Date::parse("2026-11-23").unwrap();
            let faults = onething_engine::plan::faults(&case.bundle, &case.facts, &given, today, &NoTables);
            let asked: BTreeSet<String> = faults.into_iter().filter(|fault| fault.rule == FaultRule::Material).map(|fault| fault.at).collect();
            for (material, needed) in case.bundle.materials.iter().zip(&plan.materials) {
                let open = *needed == Truth::Yes && material.required && material.origin != Origin::System && !given.contains_key(&material.id);
                prop_assert_eq!(asked.contains(&material.id.0), open, "{} is asked for exactly while it is open", material.id);
            }
            for (material, needed) in case.bundle.materials.iter().zip(&plan.materials).filter(|(_, needed)| **needed != Truth::Unknown) {
                let (ways, _) = case.around(|around| way::ways(material, *needed, around));
                let ranks: Vec<usize> = ways.iter().map(rank).collect();
                prop_assert!(ranks.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", ways);
                prop_assert!(ranks == [0] || ways.contains(&Way::Upload), "{:?}", ways);
                // A paper given for any material is offered for every other that asks for the same one.
                for paper in case.documents.iter().filter(|one| way::fits(one, material) && ranks != [0]) {
                    prop_assert!(ways.contains(&Way::Stored { document: paper.id.clone() }), "{} is offered for {}", paper.id, material.id);
                }
            }
        }
    }
}

fn rank(way: &Way) -> usize {
    match way {
        Way::NotNeeded { .. } => 0,
        Way::Shared { .. } => 1,
        Way::ECertificate { .. } => 2,
        Way::Stored { .. } => 3,
        Way::Upload => 4,
        Way::Declare => 5,
        Way::OnCommitment { .. } => 6,
        Way::Defer { .. } => 7,
    }
}
