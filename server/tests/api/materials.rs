//! Materials: the ways to meet each, what is signed for them, and what becomes of promises.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use contract::material::{Document, DocumentId};
use contract::value::Value as Fact;
use engine::date::Date;
use futures_util::future::BoxFuture;
use onething_server::http::extract::Language;
use onething_server::random;
use onething_server::sim::registers::{Known, Picture, Registers, Unavailable};
use serde_json::{Value, json};

use crate::support::*;

/// A flat bought by a person.
fn flat() -> Value {
    json!({ "sale_kind": "sale", "buyer_kind": "person", "has_loan": "no", "want_items": ["water"], "by_agent": "no" })
}

/// A child of married parents.
fn child() -> Value {
    json!({ "married": "yes", "settle_with": "mother", "parents_same_ethnic": "yes", "maternity_insured": "yes", "by_agent": "no", "over_one_year": "no" })
}

/// A restaurant whose fire check goes by commitment: two of its materials can come later.
fn kitchen() -> Value {
    json!({ "scale": "small", "projects": ["hot_food"], "need_fire": "yes", "fire_mode": "commitment", "shop_features": ["none"], "by_agent": "no" })
}

/// A restaurant with a signboard, whose picture may follow the decision.
fn sign() -> Value {
    json!({ "scale": "small", "projects": ["hot_food"], "need_fire": "no", "shop_features": ["signboard"], "by_agent": "no" })
}

const LATER: &str = "m_fire_rules_later";
const SIGN: &str = "m_sign_img";
const MARRIAGE: &str = "m_marriage";

async fn asked(who: &Caller<'_>, draft: &str) -> Value {
    let answer = who.get(&format!("/drafts/{draft}/materials")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

fn of<'a>(asked: &'a Value, material: &str) -> &'a Value {
    let all = asked["requirements"].as_array().unwrap();
    all.iter().find(|one| one["material"] == material).unwrap_or_else(|| panic!("{material} is not decided: {asked}"))
}

/// The ways open to a material, best first.
fn ways<'a>(asked: &'a Value, material: &str) -> Vec<&'a str> {
    let ways = of(asked, material)["ways"].as_array().unwrap();
    ways.iter().map(|way| way["way"].as_str().unwrap()).collect()
}

fn bars<'a>(asked: &'a Value, material: &str) -> Vec<&'a str> {
    let bars = of(asked, material).get("bars").and_then(Value::as_array).into_iter().flatten();
    bars.map(|bar| bar.as_str().unwrap()).collect()
}

/// The document a way to a material names.
fn offered(asked: &Value, material: &str, way: &str) -> Value {
    let ways = of(asked, material)["ways"].as_array().unwrap();
    ways.iter().find(|one| one["way"] == way).unwrap_or_else(|| panic!("no {way}: {ways:?}"))["document"].clone()
}

async fn provide(
    who: &Caller<'_>,
    draft: &str,
    version: i64,
    material: &str,
    provided: Value,
    signed: Option<&str>,
) -> Answer {
    let body = match signed {
        Some(signed) => json!({ "provided": provided, "signed": signed }),
        None => json!({ "provided": provided }),
    };
    let path = format!("/drafts/{draft}/materials/{material}");
    who.send(Method::PUT, &path, Some(&random::id()), Some(version), &body).await
}

fn documents(ids: &[&Value]) -> Value {
    json!({ "how": "documents", "documents": ids })
}

fn version(saved: &Answer) -> i64 {
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
    saved.body["version"].as_i64().unwrap()
}

/// The digest of a paper that is read before it is signed.
async fn paper(who: &Caller<'_>, draft: &str, material: &str, kind: &str) -> String {
    let answer = who.get(&format!("/drafts/{draft}/materials/{material}/papers/{kind}")).await;
    assert_eq!((answer.status, &answer.body["kind"]), (StatusCode::OK, &json!(kind)), "{}", answer.body);
    answer.body["digest"].as_str().unwrap().to_owned()
}

/// Signs the paper a promise is made by, and promises.
async fn promise(who: &Caller<'_>, draft: &str, seen: i64, material: &str, how: &str, kind: &str) -> i64 {
    let signed = paper(who, draft, material, kind).await;
    version(&provide(who, draft, seen, material, json!({ "how": how }), Some(&signed)).await)
}

/// An application of an errand in which one material is only promised.
async fn promised(who: &Caller<'_>, errand: &str, answers: Value, material: &str, how: &str, kind: &str) -> Value {
    let (draft, seen) = who.ready_for(errand, answers, &[material]).await;
    let seen = promise(who, &draft, seen, material, how, kind).await;
    let sent = who.submit_for(errand, &draft, seen, &random::id()).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    sent.body
}

fn case_id(case: &Value) -> &str {
    case["id"].as_str().unwrap()
}

async fn case(who: &Caller<'_>, case: &Value) -> Value {
    who.get(&format!("/applications/{}", case_id(case))).await.body
}

fn lane<'a>(case: &'a Value, item: &str) -> &'a Value {
    case["lanes"].as_array().unwrap().iter().find(|lane| lane["item"] == item).unwrap()
}

async fn step(clerk: &Caller<'_>, case: &Value, item: &str, action: &str) -> Answer {
    let body = if action == "refuse" {
        json!({ "action": action, "why": "不符合条件" })
    } else {
        json!({ "action": action })
    };
    clerk.post(&format!("/desk/lanes/{}", lane(case, item)["id"].as_str().unwrap()), &body).await
}

/// Takes steps of a lane, each of which must succeed.
async fn take(clerk: &Caller<'_>, case: &Value, item: &str, actions: &[&str]) {
    for action in actions {
        let answer = step(clerk, case, item, action).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{item}: {action}: {}", answer.body);
    }
}

const WHOLE: [&str; 3] = ["accept", "approve", "issue"];

/// How often something happened.
fn count(case: &Value, what: &str) -> usize {
    case["events"].as_array().unwrap().iter().filter(|event| event["what"] == what).count()
}

/// Lets the simulator's calendar stand so many days ahead.
async fn ahead(service: &Service, days: i64) {
    let answer = service.send(json_request(Method::PUT, "/demo/calendar", &json!({ "days": days }))).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
}

fn until(case: &Value) -> Date {
    Date::parse(case["owed"][0]["until"]["day"].as_str().unwrap()).unwrap()
}

/// In how many days only so many working days are left until a day. The calendar must stand at today.
fn days_until(service: &Service, until: Date, left: i64) -> i64 {
    let catalogue = &service.app.catalogue;
    let today = catalogue.today();
    (0..400).find(|days| catalogue.calendar.working_days_between(today.plus_days(*days), until) <= left).unwrap()
}

/// In how many days a day is past.
fn days_past(service: &Service, until: Date) -> i64 {
    until.ordinal() - service.app.catalogue.today().ordinal() + 1
}

/// Gives what is owed with a new file.
async fn bring(who: &Caller<'_>, errand: &str, case: &Value, material: &str) -> Answer {
    let file =
        who.upload_for(errand, material, &fresh_picture()).await.unwrap_or_else(|answer| panic!("{}", answer.body));
    who.post(&format!("/applications/{}/owed/{material}", case_id(case)), &json!({ "documents": [file["id"]] })).await
}

async fn breaches(clerk: &Caller<'_>) -> Vec<Value> {
    clerk.get("/desk/breaches").await.body.as_array().unwrap().clone()
}

async fn set_register(service: &Service, register: &str, state: &str) {
    let path = format!("/demo/registers/{register}");
    let answer = service.send(json_request(Method::PUT, &path, &json!({ "state": state }))).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

/// Registers that say the same of everybody's credit.
struct Judged {
    registers: Arc<dyn Registers>,
    standing: &'static str,
}

impl Registers for Judged {
    fn ask<'a>(&'a self, person: &'a str, register: &'a str) -> BoxFuture<'a, Result<Option<Known>, Unavailable>> {
        Box::pin(async move {
            let mut known = self.registers.ask(person, register).await?;
            if register == "credit"
                && let Some(known) = &mut known
            {
                known.values.insert("standing".to_owned(), Fact::from(self.standing));
            }
            Ok(known)
        })
    }

    fn dispute(&self, register: &str, application: &str, element: &str) {
        self.registers.dispute(register, application, element);
    }

    fn name(&self, register: &str, language: Language) -> String {
        self.registers.name(register, language)
    }

    fn certificates(&self, person: &str, language: Language, today: Date) -> Vec<Document> {
        self.registers.certificates(person, language, today)
    }

    fn picture(&self, person: &str, certificate: &DocumentId, language: Language) -> Option<Picture> {
        self.registers.picture(person, certificate, language)
    }

    fn earlier_files(&self, person: &str) -> Vec<(String, String, String)> {
        self.registers.earlier_files(person)
    }
}

/// A service where everybody has this standing.
fn judged(service: &Service, standing: &'static str) -> Service {
    let registers = service.app.registers.clone();
    service.but(|app| app.registers = Arc::new(Judged { registers, standing }))
}

on_every_database! {
    the_best_way_comes_first(service) {
        let mother = service.sign_in("mother").await;
        let (draft, _) = mother.draft("newborn", child()).await;
        let asked = asked(&mother, &draft).await;
        for (material, open) in [
            ("m_mother_id", &["shared", "e_certificate", "upload"][..]),
            ("m_father_id", &["e_certificate", "upload"]),
            ("m_marriage", &["e_certificate", "upload"]),
            ("m_hukou_book", &["e_certificate", "upload"]),
            ("m_ss_photo", &["stored", "upload"]),
            ("m_bank", &["upload"]),
            ("m_nonmarital", &["not_needed"]),
            ("m_birth_form", &["not_needed"]),
        ] {
            assert_eq!((ways(&asked, material), bars(&asked, material).len()), (open.to_vec(), 0), "{material}");
        }
        // A register answers before anybody was asked; what falls away says why.
        assert_eq!(of(&asked, "m_mother_id")["provided"], json!({ "how": "shared", "register": "identity" }));
        assert_eq!(of(&asked, "m_father_id").get("provided"), None);
        assert!(of(&asked, "m_nonmarital")["ways"][0]["why"].is_string());
        // The spouse agreed: the certificate is offered, under a name that is masked.
        let spouse = offered(&asked, "m_father_id", "e_certificate");
        let store = asked["documents"].as_array().unwrap();
        let spouse = store.iter().find(|one| one["id"] == spouse).unwrap();
        assert_eq!((&spouse["subject"], &spouse["holder"]), (&json!("spouse"), &json!("周**")));
        assert_ne!(offered(&asked, "m_mother_id", "e_certificate"), spouse["id"]);
        // What fits nothing here is not shown here.
        let buyer = service.sign_in("buyer").await;
        let (draft, _) = buyer.draft("newborn", child()).await;
        let here = self::asked(&buyer, &draft).await;
        assert!(buyer.get("/documents").await.body.to_string().contains("购房合同.pdf"));
        assert!(!here["documents"].to_string().contains("购房合同.pdf"), "{}", here["documents"]);
    }

    who_did_not_agree_is_left_out(service) {
        let (mother, buyer) = (service.sign_in("mother").await, service.sign_in("buyer").await);
        let store = buyer.get("/documents").await.body;
        assert!(store.as_array().unwrap().iter().all(|one| one.get("subject").is_none() && one.get("holder").is_none()), "{store}");
        let (draft, seen) = buyer.draft("newborn", child()).await;
        assert_eq!(ways(&asked(&buyer, &draft).await, "m_father_id"), ["upload"]);
        // Not even by its name, which follows from what stands on it.
        let named = |text: &str| format!("ec-{}", &random::hash(text)[..24]);
        let (hers, _) = mother.draft("newborn", child()).await;
        let spouse = offered(&asked(&mother, &hers).await, "m_father_id", "e_certificate");
        assert_eq!(spouse, json!(named("mother/id_card/110101199208230154")), "that is how they are named");
        let hidden = named("buyer/id_card/110101198901300451");
        buyer.get(&format!("/documents/{hidden}/content")).await.refused(404, "not-found");
        for document in [json!(hidden), spouse] {
            provide(&buyer, &draft, seen, "m_father_id", documents(&[&document]), None).await.refused(404, "not-found");
        }
    }

    stored_papers_serve_after_the_notice_was_agreed_to(service) {
        let mother = service.sign_in("mother").await;
        let (draft, seen) = mother.draft("newborn", child()).await;
        let asked = asked(&mother, &draft).await;
        let father = offered(&asked, "m_father_id", "e_certificate");
        let give = documents(&[&father]);
        provide(&mother, &draft, seen, "m_father_id", give.clone(), None).await.refused(422, "paper-unsigned");
        let wrong = "0".repeat(64);
        provide(&mother, &draft, seen, "m_father_id", give.clone(), Some(&wrong)).await.refused(409, "paper-changed");
        let unchanged = mother.get(&format!("/drafts/{draft}")).await.body;
        assert_eq!((&unchanged["version"], unchanged["materials"].get("m_father_id")), (&json!(seen), None));
        let notice = asked["notice"].clone();
        let signed = notice["digest"].as_str().unwrap();
        let seen = version(&provide(&mother, &draft, seen, "m_father_id", give, Some(signed)).await);
        let used = async || {
            let store = mother.get("/documents").await.body;
            let document = store.as_array().unwrap().iter().find(|one| one["id"] == father).unwrap().clone();
            document.get("uses").and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let uses = used().await;
        assert_eq!(uses.len(), 1, "{uses:?}");
        assert_eq!((&uses[0]["notice"], uses[0].get("application")), (&notice["version"], None));
        assert_eq!((&uses[0]["errand"], &uses[0]["material"]), (&json!("新生儿出生一件事"), &json!("父亲居民身份证")));
        // Taken back, it is used no more.
        let seen = version(&provide(&mother, &draft, seen, "m_father_id", Value::Null, None).await);
        assert_eq!(used().await.len(), 0);
        // A file uploaded for this very errand needs no notice; one that serves elsewhere does.
        let file = mother.upload_for("newborn", "m_ss_photo", &fresh_picture()).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        version(&provide(&mother, &draft, seen, "m_ss_photo", documents(&[&file["id"]]), None).await);
        let (second, seen) = mother.draft("newborn", child()).await;
        provide(&mother, &second, seen, "m_ss_photo", documents(&[&file["id"]]), None).await.refused(422, "paper-unsigned");
        version(&provide(&mother, &second, seen, "m_ss_photo", documents(&[&file["id"]]), Some(signed)).await);
    }

    a_provision_must_make_sense(service) {
        let mother = service.sign_in("mother").await;
        let (draft, seen) = mother.draft("newborn", child()).await;
        provide(&mother, &draft, seen, "m_nothing", Value::Null, None).await.refused(404, "not-found");
        provide(&mother, &draft, seen, "m_ss_photo", documents(&[]), None).await.refused(400, "malformed");
        provide(&mother, &draft, seen, "m_ss_photo", json!({ "how": "magic" }), None).await.refused(400, "malformed");
        let register = json!({ "how": "shared", "register": "identity" });
        provide(&mother, &draft, seen, "m_father_id", register, None).await.refused(409, "conflict");
        let register = json!({ "how": "shared", "register": "property" });
        provide(&mother, &draft, seen, "m_mother_id", register, None).await.refused(409, "conflict");
        for how in ["declared", "deferred", "on_commitment"] {
            provide(&mother, &draft, seen, "m_marriage", json!({ "how": how }), None).await.refused(409, "conflict");
        }
        mother.get(&format!("/drafts/{draft}/materials/m_marriage/papers/declaration")).await.refused(409, "conflict");
        mother.get(&format!("/drafts/{draft}/materials/m_marriage/papers/deferral_notice")).await.refused(404, "not-found");
        mother.get(&format!("/drafts/{draft}/materials/m_marriage/papers/nothing")).await.refused(404, "not-found");
        provide(&mother, &draft, seen - 1, "m_ss_photo", Value::Null, None).await.refused(412, "stale");
        assert_eq!(mother.get(&format!("/drafts/{draft}")).await.body["version"], json!(seen));
    }

    several_papers_are_reused_at_once(service) {
        let mother = service.sign_in("mother").await;
        let (draft, seen) = mother.draft("newborn", child()).await;
        let asked = asked(&mother, &draft).await;
        let all = ["m_father_id", "m_marriage", "m_hukou_book"];
        let mut materials = serde_json::Map::new();
        for material in all {
            materials.insert(material.to_owned(), json!([offered(&asked, material, "e_certificate")]));
        }
        let path = format!("/drafts/{draft}/reuse");
        let reuse = async |materials: Value, signed: &str, seen: i64| {
            let body = json!({ "materials": materials, "signed": signed });
            mother.send(Method::POST, &path, Some(&random::id()), Some(seen), &body).await
        };
        let signed = asked["notice"]["digest"].as_str().unwrap();
        reuse(json!(materials), "not this", seen).await.refused(409, "paper-changed");
        reuse(json!(materials), signed, seen + 1).await.refused(412, "stale");
        let mut with_nothing = materials.clone();
        with_nothing.insert("m_ss_photo".to_owned(), json!(["nothing"]));
        reuse(json!(with_nothing), signed, seen).await.refused(404, "not-found");
        let none = mother.get(&format!("/drafts/{draft}")).await.body["materials"].clone();
        assert!(all.iter().all(|material| none.get(material).is_none()), "all or none: {none}");
        let seen = version(&reuse(json!(materials), signed, seen).await);
        let given = mother.get(&format!("/drafts/{draft}")).await.body;
        for material in all {
            assert_eq!(given["materials"][material]["documents"], materials[material]);
        }
        assert_eq!(given["version"], json!(seen));
    }

    an_agent_promises_nothing_and_brings_no_papers_of_their_own(service) {
        let buyer = service.sign_in("buyer").await;
        let (draft, _) = buyer.draft("property_transfer", flat()).await;
        let mine = asked(&buyer, &draft).await;
        assert_eq!(ways(&mine, MARRIAGE), ["e_certificate", "upload", "declare"]);
        assert_eq!(ways(&mine, "m_photo"), ["upload"], "nobody promises what is not required");
        let offer = json!({ "to": "agent", "page": "https://x/" });
        let code = buyer.post(&format!("/drafts/{draft}/handover"), &offer).await.body["code"].clone();
        // She is married and has a household book, too: that proves nothing of the buyer.
        let agent = service.sign_in("mother").await;
        assert_eq!(agent.post("/handovers", &json!({ "code": code })).await.status, StatusCode::OK);
        let theirs = asked(&agent, &draft).await;
        assert_eq!((ways(&theirs, MARRIAGE), bars(&theirs, MARRIAGE)), (vec!["upload"], vec!["agent"]));
        let seen = agent.get(&format!("/drafts/{draft}")).await.body["version"].as_i64().unwrap();
        provide(&agent, &draft, seen, MARRIAGE, json!({ "how": "declared" }), None).await.refused(409, "barred-agent");
        agent.get(&format!("/drafts/{draft}/materials/{MARRIAGE}/papers/declaration")).await.refused(409, "barred-agent");
        provide(&agent, &draft, seen, "m_photo", json!({ "how": "deferred" }), None).await.refused(409, "conflict");
        assert_eq!(ways(&theirs, "m_household"), ["upload"]);
        // Nor does anybody who says that an agent does the errand.
        let mut by_agent = flat();
        by_agent["by_agent"] = json!("yes");
        let (draft, _) = buyer.draft("property_transfer", by_agent).await;
        assert_eq!(bars(&asked(&buyer, &draft).await, MARRIAGE), ["agent"]);
    }

    drafts_and_applications_are_nobody_else_s(service) {
        let (buyer, mother, clerk) = (service.sign_in("buyer").await, service.sign_in("mother").await, service.sign_in("clerk").await);
        let (draft, seen) = buyer.draft("property_transfer", flat()).await;
        let application = promised(&buyer, "property_transfer", flat(), MARRIAGE, "declared", "declaration").await;
        let here = case_id(&application);
        let signed = application["papers"][0]["id"].as_str().unwrap();
        let file = mother.upload("m_contract").await["id"].clone();
        let nobody = Caller { service, cookie: "onething_session=x".into() };
        for (who, status, kind) in [(&mother, 404, "not-found"), (&clerk, 404, "not-found"), (&nobody, 401, "signed-out")] {
            who.get(&format!("/drafts/{draft}/materials")).await.refused(status, kind);
            who.get(&format!("/drafts/{draft}/materials/{MARRIAGE}/papers/declaration")).await.refused(status, kind);
            provide(who, &draft, seen, MARRIAGE, Value::Null, None).await.refused(status, kind);
            let reuse = json!({ "materials": {}, "signed": "x" });
            who.send(Method::POST, &format!("/drafts/{draft}/reuse"), Some(&random::id()), Some(seen), &reuse).await.refused(status, kind);
            who.get(&format!("/applications/{here}/materials")).await.refused(status, kind);
            who.get(&format!("/applications/{here}/papers/{signed}")).await.refused(status, kind);
            who.post(&format!("/applications/{here}/withdrawals/{MARRIAGE}"), &Value::Null).await.refused(status, kind);
        }
        let bringing = json!({ "documents": [file] });
        mother.post(&format!("/applications/{here}/owed/{MARRIAGE}"), &bringing).await.refused(404, "not-found");
        // What is one person's can be given to nothing of another's.
        provide(&buyer, &draft, seen, "m_contract", documents(&[&file]), None).await.refused(404, "not-found");
        let reuse = json!({ "materials": { "m_contract": [file] }, "signed": "x" });
        buyer.send(Method::POST, &format!("/drafts/{draft}/reuse"), Some(&random::id()), Some(seen), &reuse).await.refused(404, "not-found");
        buyer.post(&format!("/applications/{here}/owed/{MARRIAGE}"), &bringing).await.refused(404, "not-found");
        // A desk is no citizen's.
        let tax = lane(&application, "tax")["id"].as_str().unwrap();
        buyer.get(&format!("/desk/lanes/{tax}/papers/{signed}")).await.refused(403, "forbidden");
        buyer.get("/desk/breaches").await.refused(403, "forbidden");
        buyer.post("/desk/breaches/nothing/repair", &json!({})).await.refused(403, "forbidden");
        nobody.get(&format!("/desk/lanes/{tax}/papers/{signed}")).await.refused(401, "signed-out");
        assert_eq!(case(&buyer, &application).await["declared"][0]["can_withdraw"], true, "nobody changed anything");
    }

    what_comes_later_is_signed_for_awaited_and_brought(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let (draft, seen) = founder.ready_for("restaurant", kitchen(), &[LATER]).await;
        let asked = asked(&founder, &draft).await;
        assert_eq!(ways(&asked, LATER), ["upload", "defer"]);
        let last = of(&asked, LATER)["ways"][1]["until"].clone();
        founder.submit_for("restaurant", &draft, seen, &random::id()).await.refused(422, "invalid");
        let deferred = json!({ "how": "deferred" });
        provide(&founder, &draft, seen, LATER, deferred.clone(), None).await.refused(422, "paper-unsigned");
        let wrong = asked["notice"]["digest"].as_str().unwrap();
        provide(&founder, &draft, seen, LATER, deferred, Some(wrong)).await.refused(409, "paper-changed");
        let seen = promise(&founder, &draft, seen, LATER, "deferred", "deferral").await;
        let sent = founder.submit_for("restaurant", &draft, seen, &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
        let application = sent.body;
        // The ledger: until when, never beyond what the whole is promised for.
        let owed = &application["owed"][0];
        assert_eq!((application["owed"].as_array().unwrap().len(), &owed["material"]), (1, &json!(LATER)));
        assert_eq!((&owed["why"], &owed["state"], &owed["until"]["day"]), (&json!("deferral"), &json!("open"), &last));
        assert!(owed["until"]["day"].as_str() <= application["due"]["day"].as_str(), "{application}");
        // What was signed and what was served, as files.
        let papers = application["papers"].as_array().unwrap();
        let kinds: BTreeSet<&str> = papers.iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!((papers.len(), kinds), (2, BTreeSet::from(["deferral", "deferral_notice"])));
        for one in papers {
            let file = founder.get(&format!("/applications/{}/papers/{}", case_id(&application), one["id"].as_str().unwrap())).await;
            file.downloaded("application/pdf");
            assert!(file.bytes.starts_with(b"%PDF"));
        }
        founder.get(&format!("/applications/{}/papers/nothing", case_id(&application))).await.refused(404, "not-found");
        // Its department accepts it without, and cannot decide; the others can.
        take(&clerk, &application, "biz_check", &WHOLE).await;
        take(&clerk, &application, "food", &["accept", "approve"]).await;
        take(&clerk, &application, "fire", &["accept"]).await;
        step(&clerk, &application, "fire", "approve").await.refused(409, "conflict");
        // Reminders come once each.
        let last = until(&application);
        let (three, one, none) = (days_until(service, last, 3), days_until(service, last, 1), days_until(service, last, 0));
        assert!(three < one && one < none);
        for (days, reminders) in [(three - 1, 0), (three, 1), (three, 1), (one, 2), (one, 2), (none, 2)] {
            ahead(service, days).await;
            let now = case(&founder, &application).await;
            assert_eq!((count(&now, "owed_soon"), &now["owed"][0]["state"]), (reminders, &json!("open")), "{days} days ahead");
        }
        // On the last day it is still in time.
        let now = founder.get(&format!("/applications/{}/materials", case_id(&application))).await.body;
        assert_eq!((now["requirements"].as_array().unwrap().len(), ways(&now, LATER)), (1, vec!["upload"]));
        assert_eq!(of(&now, LATER)["owed"]["state"], "open");
        bring(&founder, "restaurant", &application, "m_fire_plan_later").await.refused(404, "not-found");
        let met = bring(&founder, "restaurant", &application, LATER).await;
        assert_eq!((met.status, &met.body["owed"][0]["state"]), (StatusCode::OK, &json!("met")), "{}", met.body);
        assert_eq!(count(&met.body, "owed_met"), 1);
        bring(&founder, "restaurant", &application, LATER).await.refused(409, "conflict");
        take(&clerk, &application, "fire", &["approve", "issue"]).await;
        ahead(service, 60).await;
        let after = case(&founder, &application).await;
        assert_eq!((&lane(&after, "fire")["state"], count(&after, "owed_lapsed")), (&json!("issued"), 0));
        assert_eq!(breaches(&clerk).await.len(), 0);
    }

    what_comes_with_a_correction_is_owed_no_more(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", kitchen(), LATER, "deferred", "deferral").await;
        take(&clerk, &application, "biz_check", &WHOLE).await;
        take(&clerk, &application, "fire", &["accept"]).await;
        let fire = format!("/desk/lanes/{}", lane(&application, "fire")["id"].as_str().unwrap());
        let ask = json!({ "action": "ask_correction", "materials": [LATER], "reason": "请补交" });
        assert_eq!(clerk.post(&fire, &ask).await.status, StatusCode::NO_CONTENT);
        let page = founder.upload_for("restaurant", LATER, &fresh_picture()).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        let answer = json!({ "materials": { LATER: documents(&[&page["id"]]) } });
        let answered = founder.post(&format!("/applications/{}/supplement", case_id(&application)), &answer).await;
        assert_eq!((answered.status, &answered.body["owed"][0]["state"]), (StatusCode::OK, &json!("met")), "{}", answered.body);
        ahead(service, 60).await;
        assert_eq!(breaches(&clerk).await.len(), 0, "nobody broke a promise");
        take(&clerk, &application, "fire", &["accept", "approve"]).await;
    }

    a_desk_takes_papers_and_gives_time(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", kitchen(), LATER, "deferred", "deferral").await;
        let fire = format!("/desk/lanes/{}", lane(&application, "fire")["id"].as_str().unwrap());
        let last = until(&application).to_string();
        let extend = |until: &str| json!({ "action": "extend_owed", "material": LATER, "until": until });
        clerk.post(&fire, &extend(&last)).await.refused(400, "malformed");
        clerk.post(&fire, &extend("2099-01-01")).await.refused(400, "malformed");
        let later = until(&application).plus_days(20).to_string();
        assert_eq!(clerk.post(&fire, &extend(&later)).await.status, StatusCode::NO_CONTENT);
        ahead(service, days_past(service, until(&application))).await;
        let now = case(&founder, &application).await;
        assert_eq!((&now["owed"][0]["state"], &now["owed"][0]["until"]["day"]), (&json!("open"), &json!(later)));
        let receive = json!({ "action": "receive_owed", "material": LATER });
        assert_eq!(clerk.post(&fire, &receive).await.status, StatusCode::NO_CONTENT);
        clerk.post(&fire, &receive).await.refused(409, "conflict");
        assert_eq!(case(&founder, &application).await["owed"][0]["state"], "met");
    }

    what_can_never_begin_owes_nothing(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", kitchen(), LATER, "deferred", "deferral").await;
        take(&clerk, &application, "biz_check", &["accept", "refuse"]).await;
        assert_eq!(case(&founder, &application).await["owed"][0]["state"], "void");
        ahead(service, 60).await;
        assert_eq!(breaches(&clerk).await.len(), 0);
    }

    pages_of_an_agent_reach_the_desk(service) {
        let (buyer, agent, clerk) = (service.sign_in("buyer").await, service.sign_in("founder").await, service.sign_in("clerk").await);
        let (draft, _) = buyer.ready_for("property_transfer", flat(), &["m_contract"]).await;
        let offer = json!({ "to": "agent", "page": "https://x/" });
        let code = buyer.post(&format!("/drafts/{draft}/handover"), &offer).await.body["code"].clone();
        agent.post("/handovers", &json!({ "code": code })).await;
        let seen = agent.get(&format!("/drafts/{draft}")).await.body["version"].as_i64().unwrap();
        let page = agent.upload("m_contract").await;
        let seen = version(&provide(&agent, &draft, seen, "m_contract", documents(&[&page["id"]]), None).await);
        // The owner sees the page, may look at it, and may add another without losing it.
        let now = asked(&buyer, &draft).await;
        assert!(now["documents"].as_array().unwrap().iter().any(|one| one["id"] == page["id"]), "{now}");
        let content = format!("/documents/{}/content", page["id"].as_str().unwrap());
        assert_eq!(buyer.get(&content).await.status, StatusCode::OK);
        service.sign_in("mother").await.get(&content).await.refused(404, "not-found");
        let more = buyer.upload("m_contract").await;
        let both = documents(&[&page["id"], &more["id"]]);
        let seen = version(&provide(&buyer, &draft, seen, "m_contract", both, None).await);
        let sent = buyer.submit_for("property_transfer", &draft, seen, &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
        let lane = format!("/desk/lanes/{}/documents", lane(&sent.body, "transfer")["id"].as_str().unwrap());
        for one in [&page, &more] {
            let file = clerk.get(&format!("{lane}/{}", one["id"].as_str().unwrap())).await;
            assert_eq!(file.status, StatusCode::OK);
        }
    }


    what_does_not_come_ends_the_lane_and_is_remembered(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let first = promised(&founder, "restaurant", kitchen(), LATER, "deferred", "deferral").await;
        // Another errand promises the same, and is not sent yet.
        let (second, seen) = founder.ready_for("restaurant", kitchen(), &[LATER]).await;
        let seen = promise(&founder, &second, seen, LATER, "deferred", "deferral").await;
        let days = days_past(service, until(&first));
        ahead(service, days - 1).await;
        assert_eq!(case(&founder, &first).await["owed"][0]["state"], "open", "the last day counts");
        ahead(service, days).await;
        let ended = case(&founder, &first).await;
        assert_eq!((&ended["owed"][0]["state"], &lane(&ended, "fire")["state"]), (&json!("lapsed"), &json!("ended")));
        assert!(lane(&ended, "fire")["opinion"].as_str().unwrap().contains("应急疏散预案"));
        assert_eq!((&lane(&ended, "biz_check")["state"], &lane(&ended, "food")["state"]), (&json!("received"), &json!("waiting")));
        assert_eq!(count(&ended, "owed_lapsed"), 1);
        bring(&founder, "restaurant", &first, LATER).await.refused(409, "conflict");
        step(&clerk, &first, "fire", "accept").await.refused(409, "conflict");
        // Recorded once, however often a day passes.
        ahead(service, days + 1).await;
        let recorded = breaches(&clerk).await;
        assert_eq!(recorded.len(), 1, "{recorded:?}");
        assert_eq!((&recorded[0]["number"], &recorded[0]["material"]), (&first["number"], &json!(LATER)));
        // Nothing is promised any more, not even what was signed before.
        let refused = founder.submit_for("restaurant", &second, seen, &random::id()).await;
        refused.refused(422, "invalid");
        assert_eq!(refused.body["faults"], json!([{ "at": LATER, "rule": "material" }]));
        let (third, version) = founder.draft("restaurant", kitchen()).await;
        let now = asked(&founder, &third).await;
        assert_eq!((ways(&now, LATER), bars(&now, LATER)), (vec!["stored", "upload"], vec!["breach"]));
        provide(&founder, &third, version, LATER, json!({ "how": "deferred" }), None).await.refused(409, "barred-breach");
        founder.get(&format!("/drafts/{third}/materials/{LATER}/papers/deferral")).await.refused(409, "barred-breach");
        // Repaired, the way is open again.
        let repair = format!("/desk/breaches/{}/repair", recorded[0]["id"].as_str().unwrap());
        assert_eq!(clerk.post(&repair, &json!({})).await.status, StatusCode::NO_CONTENT);
        clerk.post(&repair, &json!({})).await.refused(404, "not-found");
        assert_eq!(breaches(&clerk).await.len(), 0);
        let now = asked(&founder, &third).await;
        assert_eq!((ways(&now, LATER), bars(&now, LATER).len()), (vec!["stored", "upload", "defer"], 0));
        let sent = founder.submit_for("restaurant", &second, seen, &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    }

    a_lapse_closes_the_correction_of_its_lane(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", kitchen(), LATER, "deferred", "deferral").await;
        take(&clerk, &application, "biz_check", &WHOLE).await;
        let ask = async |item: &str, field: &str| {
            let body = json!({ "action": "ask_correction", "fields": [field], "reason": "请核对" });
            clerk.post(&format!("/desk/lanes/{}", lane(&application, item)["id"].as_str().unwrap()), &body).await
        };
        assert_eq!(ask("fire", "floor").await.status, StatusCode::NO_CONTENT);
        ahead(service, days_past(service, until(&application))).await;
        let now = case(&founder, &application).await;
        assert_eq!(lane(&now, "fire")["state"], "ended");
        assert_eq!(now.get("correction"), None, "nobody waits for an answer to a lane that ended");
        assert_eq!(ask("food", "seats").await.status, StatusCode::NO_CONTENT, "the other desks can still ask");
    }

    a_declaration_can_be_taken_back_until_the_decision(service) {
        let (buyer, clerk) = (service.sign_in("buyer").await, service.sign_in("clerk").await);
        let (draft, seen) = buyer.ready_for("property_transfer", flat(), &[MARRIAGE]).await;
        provide(&buyer, &draft, seen, MARRIAGE, json!({ "how": "declared" }), None).await.refused(422, "paper-unsigned");
        let wrong = "0".repeat(64);
        provide(&buyer, &draft, seen, MARRIAGE, json!({ "how": "declared" }), Some(&wrong)).await.refused(409, "paper-changed");
        let seen = promise(&buyer, &draft, seen, MARRIAGE, "declared", "declaration").await;
        let application = buyer.submit_for("property_transfer", &draft, seen, &random::id()).await.body;
        let here = case_id(&application);
        assert_eq!((&application["declared"][0]["material"], &application["declared"][0]["can_withdraw"]), (&json!(MARRIAGE), &json!(true)));
        assert_eq!(application["owed"], json!([]), "it replaces the proof: nothing is owed");
        // The desks that need it see the paper, and only those.
        let signed = application["papers"][0]["id"].as_str().unwrap();
        let desk = |item: &str| format!("/desk/lanes/{}/papers/{signed}", lane(&application, item)["id"].as_str().unwrap());
        let file = clerk.get(&desk("tax")).await;
        file.downloaded("application/pdf");
        assert!(file.bytes.starts_with(b"%PDF"));
        clerk.get(&desk("net_sign")).await.refused(404, "not-found");
        take(&clerk, &application, "net_sign", &WHOLE).await;
        let lanes = clerk.get("/desk/lanes").await.body;
        let tax = lanes.as_array().unwrap().iter().find(|one| one["item"] == "tax").unwrap().clone();
        assert_eq!((&tax["papers"][0]["id"], &tax["papers"][0]["kind"]), (&json!(signed), &json!("declaration")));
        let seen = tax["materials"].as_array().unwrap().iter().find(|one| one["material"] == MARRIAGE).unwrap();
        assert_eq!(seen["provided"], json!({ "how": "declared" }));
        take(&clerk, &application, "tax", &["accept"]).await;
        // Taken back: the proof is to be brought the normal way, and the desk waits for it.
        let path = format!("/applications/{here}/withdrawals/{MARRIAGE}");
        let back = buyer.post(&path, &Value::Null).await;
        assert_eq!(back.status, StatusCode::OK, "{}", back.body);
        assert_eq!((&back.body["owed"][0]["why"], &back.body["owed"][0]["state"]), (&json!("withdrawn"), &json!("open")));
        assert_eq!((back.body.get("declared"), &back.body["papers"][0]["withdrawn"]), (None, &json!(true)));
        assert_eq!(count(&back.body, "declaration_withdrawn"), 1);
        buyer.post(&path, &Value::Null).await.refused(404, "not-found");
        step(&clerk, &application, "tax", "approve").await.refused(409, "conflict");
        let now = buyer.get(&format!("/applications/{here}/materials")).await.body;
        assert_eq!(ways(&now, MARRIAGE), ["e_certificate", "upload"]);
        let certificate = offered(&now, MARRIAGE, "e_certificate");
        let owed = format!("/applications/{here}/owed/{MARRIAGE}");
        buyer.post(&owed, &json!({ "documents": [certificate] })).await.refused(422, "paper-unsigned");
        buyer.post(&owed, &json!({ "documents": [certificate], "signed": wrong })).await.refused(409, "paper-changed");
        buyer.post(&owed, &json!({ "documents": [] })).await.refused(400, "malformed");
        assert_eq!(case(&buyer, &application).await["owed"][0]["state"], "open");
        let met = buyer.post(&owed, &json!({ "documents": [certificate], "signed": now["notice"]["digest"] })).await;
        assert_eq!((met.status, &met.body["owed"][0]["state"]), (StatusCode::OK, &json!("met")), "{}", met.body);
        let store = buyer.get("/documents").await.body;
        let used = &store.as_array().unwrap().iter().find(|one| one["id"] == certificate).unwrap()["uses"][0];
        assert_eq!((&used["application"], &used["notice"]), (&application["id"], &now["notice"]["version"]));
        take(&clerk, &application, "tax", &["approve"]).await;
    }

    a_declaration_decided_on_stays(service) {
        let (buyer, clerk) = (service.sign_in("buyer").await, service.sign_in("clerk").await);
        let application = promised(&buyer, "property_transfer", flat(), MARRIAGE, "declared", "declaration").await;
        take(&clerk, &application, "net_sign", &WHOLE).await;
        take(&clerk, &application, "tax", &["accept", "approve"]).await;
        assert_eq!(case(&buyer, &application).await["declared"][0]["can_withdraw"], false);
        let path = format!("/applications/{}/withdrawals/{MARRIAGE}", case_id(&application));
        buyer.post(&path, &Value::Null).await.refused(409, "conflict");
        let other = format!("/applications/{}/withdrawals/m_contract", case_id(&application));
        buyer.post(&other, &Value::Null).await.refused(404, "not-found");
        let now = case(&buyer, &application).await;
        assert_eq!((&now["owed"], now["papers"][0].get("withdrawn")), (&json!([]), None));
    }

    a_declaration_taken_back_breaks_no_promise(service) {
        let (buyer, clerk) = (service.sign_in("buyer").await, service.sign_in("clerk").await);
        let application = promised(&buyer, "property_transfer", flat(), MARRIAGE, "declared", "declaration").await;
        let path = format!("/applications/{}/withdrawals/{MARRIAGE}", case_id(&application));
        let back = buyer.post(&path, &Value::Null).await.body;
        ahead(service, days_past(service, until(&back))).await;
        let ended = case(&buyer, &application).await;
        assert_eq!(ended["owed"][0]["state"], "lapsed");
        for (item, state) in [("tax", "ended"), ("transfer", "ended"), ("net_sign", "received")] {
            assert_eq!(lane(&ended, item)["state"], state, "{item}");
        }
        assert_eq!(breaches(&clerk).await.len(), 0);
        let (draft, _) = buyer.draft("property_transfer", flat()).await;
        let now = asked(&buyer, &draft).await;
        assert_eq!((ways(&now, "m_photo"), bars(&now, "m_photo").len()), (vec!["upload"], 0), "nobody promises what is not required");
    }

    nothing_is_declared_on_a_record_of_dishonesty(service) {
        let buyer = service.sign_in("buyer").await;
        let (draft, seen) = buyer.ready_for("property_transfer", flat(), &[MARRIAGE]).await;
        let seen = promise(&buyer, &draft, seen, MARRIAGE, "declared", "declaration").await;
        let strict = judged(service, "dishonest");
        let there = Caller { service: &strict, cookie: buyer.cookie.clone() };
        let now = asked(&there, &draft).await;
        assert_eq!((ways(&now, MARRIAGE), bars(&now, MARRIAGE)), (vec!["e_certificate", "upload"], vec!["dishonest"]));
        assert_eq!((ways(&now, "m_photo"), bars(&now, "m_photo").len()), (vec!["upload"], 0));
        provide(&there, &draft, seen, MARRIAGE, json!({ "how": "declared" }), None).await.refused(409, "barred-dishonest");
        let refused = there.submit_for("property_transfer", &draft, seen, &random::id()).await;
        refused.refused(422, "invalid");
        assert_eq!(refused.body["faults"], json!([{ "at": MARRIAGE, "rule": "material" }]));
        // Poor credit bars no declaration.
        let poor = judged(service, "poor");
        let there = Caller { service: &poor, cookie: buyer.cookie.clone() };
        assert_eq!(bars(&asked(&there, &draft).await, MARRIAGE).len(), 0);
        let sent = there.submit_for("property_transfer", &draft, seen, &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    }

    a_decision_can_come_before_its_material(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let (draft, seen) = founder.ready_for("restaurant", sign(), &[SIGN]).await;
        let now = asked(&founder, &draft).await;
        assert_eq!(ways(&now, SIGN), ["upload", "on_commitment"]);
        let days = service.app.catalogue.region.promises.on_commitment_working_days;
        assert_eq!(of(&now, SIGN)["ways"][1]["days"], json!(days));
        provide(&founder, &draft, seen, SIGN, json!({ "how": "on_commitment" }), None).await.refused(422, "paper-unsigned");
        // The paper of another way signs nothing here.
        founder.get(&format!("/drafts/{draft}/materials/{SIGN}/papers/deferral")).await.refused(409, "conflict");
        let seen = promise(&founder, &draft, seen, SIGN, "on_commitment", "on_commitment").await;
        let application = founder.submit_for("restaurant", &draft, seen, &random::id()).await.body;
        let owed = &application["owed"][0];
        assert_eq!((&owed["why"], &owed["state"], owed.get("until")), (&json!("on_commitment"), &json!("open"), None));
        assert_eq!(application["papers"][0]["kind"], "on_commitment");
        ahead(service, 30).await;
        assert_eq!(case(&founder, &application).await["owed"][0]["state"], "open", "no clock runs before the decision");
        ahead(service, 0).await;
        take(&clerk, &application, "biz_check", &WHOLE).await;
        take(&clerk, &application, "sign", &["accept", "approve"]).await;
        let decided = case(&founder, &application).await;
        let catalogue = &service.app.catalogue;
        assert_eq!(until(&decided), catalogue.calendar.add_working_days(catalogue.today(), days));
        take(&clerk, &application, "sign", &["issue"]).await;
        assert_eq!(until(&case(&founder, &application).await), until(&decided), "the clock began with the decision");
        // It is brought after the result was issued, and the desk that waited for it can look at it.
        let bytes = fresh_picture();
        let file = founder.upload_for("restaurant", SIGN, &bytes).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        let sight = format!("/desk/lanes/{}/documents/{}", lane(&application, "sign")["id"].as_str().unwrap(), file["id"].as_str().unwrap());
        clerk.get(&sight).await.refused(404, "not-found");
        let owed = format!("/applications/{}/owed/{SIGN}", case_id(&application));
        let met = founder.post(&owed, &json!({ "documents": [file["id"]] })).await;
        assert_eq!((met.status, &met.body["owed"][0]["state"]), (StatusCode::OK, &json!("met")), "{}", met.body);
        assert_eq!(clerk.get(&sight).await.bytes, bytes);
        ahead(service, 100).await;
        assert_eq!(lane(&case(&founder, &application).await, "sign")["state"], "issued");
        assert_eq!(breaches(&clerk).await.len(), 0);
    }

    a_decision_whose_material_never_came_is_revoked(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", sign(), SIGN, "on_commitment", "on_commitment").await;
        for item in ["biz_check", "food", "sign"] {
            take(&clerk, &application, item, &WHOLE).await;
        }
        let done = case(&founder, &application).await;
        assert_eq!(done["state"], "done");
        let results = |case: &Value| {
            let all = case["certificates"].as_array().unwrap().iter();
            all.map(|one| (one["name"].as_str().unwrap().to_owned(), one["revoked"] == true)).collect::<Vec<_>>()
        };
        let named = |revoked: bool| {
            let food = "食品经营许可证（有效期5年）";
            vec![("核验结果".to_owned(), false), (food.to_owned(), false), ("备案或指导意见".to_owned(), revoked)]
        };
        assert_eq!(results(&done), named(false));
        let last = until(&done);
        let (soon, past) = (days_until(service, last, 1), days_past(service, last));
        ahead(service, soon).await;
        assert_eq!(count(&case(&founder, &application).await, "owed_soon"), 1, "what was issued is reminded of, too");
        ahead(service, past).await;
        let revoked = case(&founder, &application).await;
        assert_eq!((&lane(&revoked, "sign")["state"], &revoked["owed"][0]["state"]), (&json!("ended"), &json!("lapsed")));
        assert_eq!(results(&revoked), named(true));
        assert_eq!(lane(&revoked, "food")["state"], "issued");
        let recorded = breaches(&clerk).await;
        assert_eq!((recorded.len(), &recorded[0]["number"]), (1, &application["number"]));
        bring(&founder, "restaurant", &application, SIGN).await.refused(409, "conflict");
        let (draft, _) = founder.draft("restaurant", sign()).await;
        let now = asked(&founder, &draft).await;
        // The picture that came too late is in the store; nothing can follow any more.
        assert_eq!((ways(&now, SIGN), bars(&now, SIGN)), (vec!["stored", "upload"], vec!["breach"]));
    }

    a_refusal_leaves_nothing_to_follow(service) {
        let (founder, clerk) = (service.sign_in("founder").await, service.sign_in("clerk").await);
        let application = promised(&founder, "restaurant", sign(), SIGN, "on_commitment", "on_commitment").await;
        take(&clerk, &application, "biz_check", &WHOLE).await;
        take(&clerk, &application, "sign", &["accept", "refuse"]).await;
        assert_eq!(case(&founder, &application).await["owed"][0]["state"], "void");
        bring(&founder, "restaurant", &application, SIGN).await.refused(409, "conflict");
        ahead(service, 400).await;
        let after = case(&founder, &application).await;
        assert_eq!((&after["owed"][0]["state"], &lane(&after, "sign")["state"]), (&json!("void"), &json!("refused")));
        assert_eq!(breaches(&clerk).await.len(), 0);
    }

    nothing_is_decided_first_without_a_good_record(service) {
        let (pensioner, founder) = (service.sign_in("pensioner").await, service.sign_in("founder").await);
        let poor = pensioner.draft("restaurant", sign()).await;
        let silent = founder.draft("restaurant", sign()).await;
        assert_eq!(ways(&asked(&founder, &silent.0).await, SIGN), ["upload", "on_commitment"]);
        set_register(service, "credit", "down").await;
        for (who, (draft, seen), bar, kind) in [(&founder, &silent, "credit_unknown", "barred-credit-unknown"), (&pensioner, &poor, "credit_unknown", "barred-credit-unknown")] {
            let now = asked(who, draft).await;
            assert_eq!((ways(&now, SIGN), bars(&now, SIGN)), (vec!["upload"], vec![bar]));
            provide(who, draft, *seen, SIGN, json!({ "how": "on_commitment" }), None).await.refused(409, kind);
            who.get(&format!("/drafts/{draft}/materials/{SIGN}/papers/on_commitment")).await.refused(409, kind);
        }
        set_register(service, "credit", "up").await;
        let (draft, seen) = &poor;
        let now = asked(&pensioner, draft).await;
        assert_eq!((ways(&now, SIGN), bars(&now, SIGN)), (vec!["upload"], vec!["credit"]));
        provide(&pensioner, draft, *seen, SIGN, json!({ "how": "on_commitment" }), None).await.refused(409, "barred-credit");
        // A material that follows no decision is simply not offered so, whatever the record.
        provide(&pensioner, draft, *seen, "m_layout", json!({ "how": "on_commitment" }), None).await.refused(409, "conflict");
        assert_eq!(ways(&asked(&founder, &silent.0).await, SIGN), ["upload", "on_commitment"], "it came back");
    }

    an_errand_can_need_no_documents_at_all(service) {
        let job = service.sign_in("jobseeker").await;
        let situation = json!({ "work_kind": "freelance", "subsidy_kind": "none", "local_hukou": "no", "want_file": "no", "want_hf": "no" });
        let store = job.get("/documents").await.body;
        let (draft, seen) = job.ready_for("flexible_job", situation, &[]).await;
        let now = asked(&job, &draft).await;
        for one in now["requirements"].as_array().unwrap() {
            let nothing = one["ways"][0]["way"] == "not_needed" || one["provided"]["how"] == "shared";
            assert!(nothing, "{one}");
        }
        assert_eq!(now["requirements"].as_array().unwrap().len(), 5);
        assert_eq!(job.get("/documents").await.body, store, "nothing was uploaded");
        let sent = job.submit_for("flexible_job", &draft, seen, &random::id()).await;
        assert_eq!((sent.status, &sent.body["owed"]), (StatusCode::CREATED, &json!([])), "{}", sent.body);
        assert_eq!(sent.body.get("papers"), None);
    }

    a_document_that_is_gone_is_asked_for_again(service) {
        let buyer = service.sign_in("buyer").await;
        let (draft, seen) = buyer.ready().await;
        let given = buyer.get(&format!("/drafts/{draft}")).await.body["materials"].clone();
        let of = |material: &str| given[material]["documents"][0].as_str().unwrap().to_owned();
        let deleted = buyer.send(Method::DELETE, &format!("/documents/{}", of("m_contract")), None, None, &json!({})).await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT);
        buyer.submit(&draft, seen, &random::id()).await.refused(412, "stale");
        let missing = async |seen: i64| {
            let refused = buyer.submit(&draft, seen, &random::id()).await;
            refused.refused(422, "invalid");
            refused.body["faults"].clone()
        };
        assert_eq!(missing(seen + 1).await, json!([{ "at": "m_contract", "rule": "material" }]));
        let file = buyer.upload_for("property_transfer", "m_contract", &fresh_picture()).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        let seen = version(&provide(&buyer, &draft, seen + 1, "m_contract", documents(&[&file["id"]]), None).await);
        // One that went without the draft being told, too.
        let gone = of("m_ids");
        let write = service.app.store.write(Box::new(move |connection| Box::pin(async move {
            sqlx::query("UPDATE documents SET removed_at = added_at WHERE id = $1").bind(gone).execute(connection).await?;
            Ok(())
        })));
        write.await.unwrap();
        assert_eq!(missing(seen).await, json!([{ "at": "m_ids", "rule": "material" }]));
        let file = buyer.upload_for("property_transfer", "m_ids", &fresh_picture()).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        let seen = version(&provide(&buyer, &draft, seen, "m_ids", documents(&[&file["id"]]), None).await);
        let sent = buyer.submit(&draft, seen, &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    }
}
