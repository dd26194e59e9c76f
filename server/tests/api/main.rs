//! The API as a caller meets it, on SQLite and, where one is offered, on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[macro_use]
mod support;
mod drafts;
mod materials;
mod pages;
mod payments;
mod uploads;

use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use onething_server::{api, catalogue, random};
use serde_json::{Value, json};
use support::*;

on_every_database! {
    a_draft_is_prefilled_with_its_sources(service) {
        let mother = service.sign_in("mother").await;
        let (id, _) = mother.draft("newborn", json!({ "married": "yes" })).await;
        let draft = mother.get(&format!("/drafts/{id}")).await;
        assert_eq!(draft.headers[header::ETAG], "\"1\"");
        assert_eq!(draft.body["facts"]["mother_name"], "林晓梅");
        assert_eq!(draft.body["sources"]["mother_name"]["register"], "identity");
        assert_eq!(draft.body["sources"]["mother_name"]["grade"], "A");
        // The answer given before stays, whatever a register says.
        assert_eq!(draft.body["facts"]["married"], "yes");
        // A silent register is told of, one that only other people's situations need is not.
        let buyer = service.sign_in("buyer").await;
        let answers = json!({ "sale_kind": "sale", "buyer_kind": "person", "has_loan": "no", "want_items": ["water"], "by_agent": "no" });
        let (id, _) = buyer.draft("property_transfer", answers).await;
        let gaps = buyer.get(&format!("/drafts/{id}")).await.body["gaps"].clone();
        let of = |register: &str| gaps.as_array().unwrap().iter().find(|gap| gap["register"] == register).cloned();
        assert_eq!(of("utilities").map(|gap| gap["reason"].clone()), Some(json!("unavailable")), "{gaps}");
        assert_eq!(of("company"), None, "{gaps}");
    }

    changes_need_the_version_seen(service) {
        let mother = service.sign_in("mother").await;
        let (id, version) = mother.draft("newborn", json!({})).await;
        let path = format!("/drafts/{id}");
        let body = json!({ "set": { "baby_name": "林小满" } });
        mother.send(Method::PATCH, &path, Some("key-00001"), None, &body).await.refused(428, "version-missing");
        mother.send(Method::PATCH, &path, None, Some(version), &body).await.refused(400, "idempotency-key-missing");
        mother.send(Method::PATCH, &path, Some("key-00001"), Some(version + 1), &body).await.refused(412, "stale");
        let saved = mother.send(Method::PATCH, &path, Some("key-00002"), Some(version), &body).await;
        assert_eq!((saved.status, saved.body["version"].as_i64()), (StatusCode::OK, Some(version + 1)));
        // Again with the same key: the first answer, and nothing happens twice.
        let again = mother.send(Method::PATCH, &path, Some("key-00002"), Some(version), &body).await;
        assert_eq!(again.body, saved.body);
        let other = json!({ "set": { "baby_name": "别的" } });
        mother.send(Method::PATCH, &path, Some("key-00002"), Some(version), &other).await.refused(422, "idempotency-key-reused");
        assert_eq!(mother.get(&path).await.body["facts"]["baby_name"], "林小满");
        // The same key of somebody else is another key.
        let buyer = service.sign_in("buyer").await;
        buyer.send(Method::PATCH, &path, Some("key-00002"), Some(version), &body).await.refused(404, "not-found");
    }

    bad_bodies_change_nothing(service) {
        let mother = service.sign_in("mother").await;
        let (id, version) = mother.draft("newborn", json!({})).await;
        for (set, status, kind) in [
            (json!({ "no_such_field": "x" }), 422, "invalid"),
            (json!({ "baby_name": ["x"] }), 422, "invalid"),
            (json!({ "baby_name": "x".repeat(3000) }), 422, "invalid"),
            (json!({ "declined_items": ["hukou"] }), 422, "invalid"),
            (json!({ "baby_name": 1 }), 400, "malformed"),
            (json!({ "baby_name": { "a": "b" } }), 400, "malformed"),
        ] {
            mother.patch(&id, version, set).await.refused(status, kind);
        }
        let path = format!("/api/v1/drafts/{id}");
        let raw = |media: &str, body: String| {
            Request::patch(&path)
                .header(header::COOKIE, &mother.cookie)
                .header(header::CONTENT_TYPE, media)
                .header(header::IF_MATCH, "\"1\"")
                .header("idempotency-key", random::id())
                .body(Body::from(body))
                .unwrap()
        };
        service.send(raw("text/plain", r#"{"set":{}}"#.into())).await.refused(415, "media-type");
        for broken in ["", "{", r#"{"set":{}"#, r#"{"set":{},"owner":"x"}"#, r#"{"set":{"baby_name":1e999}}"#, r#"{"set":{"baby_name":"\u0000"}}"#, r#"{"set":{"baby_name":"\ud800"}}"#] {
            service.send(raw("application/json", broken.into())).await.refused(400, "malformed");
        }
        let deep = format!(r#"{{"set":{{"baby_name":{}{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        service.send(raw("application/json", deep)).await.refused(400, "malformed");
        service.send(raw("application/json", " ".repeat(300_000))).await.refused(413, "too-large");
        assert_eq!(mother.get(&format!("/drafts/{id}")).await.body["version"], version);
    }

    nobody_reaches_what_is_another_s(service) {
        let mother = service.sign_in("mother").await;
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let document = buyer.upload("m_photo").await["id"].as_str().unwrap().to_owned();
        let application = buyer.submit(&id, version, "submit-key-1").await.body;
        let (case, order) = (application["id"].as_str().unwrap(), application["payment"]["orders"][0]["id"].as_str().unwrap());
        for path in [format!("/applications/{case}"), format!("/applications/{case}/facts"), format!("/applications/{case}/events"), format!("/documents/{document}/content")] {
            mother.get(&path).await.refused(404, "not-found");
        }
        let (hers, her_version) = mother.draft("newborn", json!({})).await;
        buyer.get(&format!("/drafts/{hers}")).await.refused(404, "not-found");
        buyer.patch(&hers, her_version, json!({ "baby_name": "x" })).await.refused(404, "not-found");
        buyer.send(Method::DELETE, &format!("/drafts/{hers}"), None, None, &json!({})).await.refused(404, "not-found");
        buyer.submit(&hers, her_version, "submit-key-2").await.refused(404, "not-found");
        // Somebody else's document cannot be used as one's own.
        let path = format!("/drafts/{hers}/materials/m_ss_photo");
        let body = json!({ "provided": { "how": "documents", "documents": [document] } });
        mother.send(Method::PUT, &path, Some("provide-key"), Some(her_version), &body).await.refused(404, "not-found");
        mother.get(&format!("/applications/{case}/receipts/{order}")).await.refused(404, "not-found");
        mother.post(&format!("/applications/{case}/rating"), &json!({ "level": 5 })).await.refused(404, "not-found");
        mother.get("/desk/lanes").await.refused(403, "forbidden");
        let nobody = Caller { service, cookie: "onething_session=x".into() };
        nobody.get("/mine").await.refused(401, "signed-out");
    }

    tickets_and_sessions_end(service) {
        let ticket = service.send(Request::post("/api/v1/demo/personas/mother/ticket").body(Body::empty()).unwrap()).await.body["ticket"].clone();
        let enter = || service.send(json_request(Method::POST, "/session", &json!({ "ticket": ticket })));
        let first = enter().await;
        let cookie = first.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        enter().await.refused(401, "ticket");
        let mother = Caller { service, cookie: cookie.split(';').next().unwrap().to_owned() };
        assert_eq!(mother.get("/mine").await.status, StatusCode::OK);
        assert_eq!(mother.send(Method::DELETE, "/session", None, None, &json!({})).await.status, StatusCode::NO_CONTENT);
        mother.get("/mine").await.refused(401, "signed-out");
        assert_eq!(mother.get("/session").await.body, Value::Null);
    }

    one_draft_is_one_application(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        buyer.submit(&id, version - 1, "submit-key-0").await.refused(412, "stale");
        let none = buyer.send(Method::POST, &format!("/drafts/{id}/submission"), Some("submit-key-9"), Some(version), &json!({ "commitments": [] })).await;
        none.refused(422, "commitments");
        // Twenty at once, half with one key and half each with its own.
        let tries = (0..20).map(|index| {
            let (buyer, id) = (&buyer, id.clone());
            async move { buyer.submit(&id, version, &if index % 2 == 0 { "submit-key-1".to_owned() } else { format!("submit-key-{index}x") }).await }
        });
        let answers = futures_util::future::join_all(tries).await;
        let ids: std::collections::BTreeSet<String> = answers.iter().map(|answer| {
            assert!(answer.status.is_success(), "{}", answer.body);
            answer.body["id"].as_str().unwrap().to_owned()
        }).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(buyer.get("/mine").await.body["applications"].as_array().unwrap().len(), 1);
    }

    an_unready_draft_is_refused_with_its_faults(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.draft("property_transfer", json!({ "sale_kind": "sale" })).await;
        let answer = buyer.submit(&id, version, "submit-key-1").await;
        answer.refused(422, "invalid");
        let faults = answer.body["faults"].as_array().unwrap();
        assert!(faults.iter().any(|fault| fault["at"] == "by_agent" && fault["rule"] == "missing"), "{faults:?}");
        assert!(faults.iter().any(|fault| fault["rule"] == "material"), "{faults:?}");
    }

    the_desk_keeps_the_order_of_things(service) {
        let buyer = service.sign_in("buyer").await;
        let clerk = service.sign_in("clerk").await;
        let (id, version) = buyer.ready().await;
        let application = buyer.submit(&id, version, "submit-key-1").await.body;
        let case = application["id"].as_str().unwrap().to_owned();
        let lane = |state: &str| application["lanes"].as_array().unwrap().iter().find(|lane| lane["state"] == state).map(|lane| lane["id"].as_str().unwrap().to_owned());
        let (waiting, received) = (lane("waiting").unwrap(), lane("received").unwrap());
        clerk.post(&format!("/desk/lanes/{waiting}"), &json!({ "action": "accept" })).await.refused(409, "conflict");
        clerk.post(&format!("/desk/lanes/{received}"), &json!({ "action": "issue" })).await.refused(409, "conflict");
        clerk.post(&format!("/desk/lanes/{received}"), &json!({ "action": "refuse", "why": " " })).await.refused(400, "malformed");
        clerk.post(&format!("/desk/lanes/{received}"), &json!({ "action": "dance" })).await.refused(400, "malformed");
        buyer.post(&format!("/applications/{case}/supplement"), &json!({})).await.refused(409, "conflict");
        buyer.post(&format!("/applications/{case}/rating"), &json!({ "level": 5 })).await.refused(409, "conflict");
        let ask = json!({ "action": "ask_correction", "fields": ["house_address", "nothing"], "reason": "x" });
        clerk.post(&format!("/desk/lanes/{received}"), &ask).await.refused(400, "malformed");
        assert_eq!(clerk.post(&format!("/desk/lanes/{received}"), &json!({ "action": "accept" })).await.status, StatusCode::NO_CONTENT);
        let seen = buyer.get(&format!("/applications/{case}")).await.body;
        assert_eq!(seen["events"][0]["what"], "accepted");
    }
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let service = Service::sqlite().await;
    for path in ["/", "/api/v1/home", "/api/v1/nothing", "/missing.js", "/bundles/newborn"] {
        let answer = service.send(Request::get(path).body(Body::empty()).unwrap()).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer", "{path}");
    }
    service.send(Request::get("/api/v1/nothing").body(Body::empty()).unwrap()).await.refused(404, "not-found");
    service.send(Request::put("/api/v1/home").body(Body::empty()).unwrap()).await.refused(405, "method");
}

/// The description of the API in the repository is the one the server gives. After a change:
/// `cargo run -p onething-server -- openapi > docs/openapi.json`.
#[test]
fn the_openapi_file_is_up_to_date() {
    let (_, document) = api::routes();
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(workspace().join("docs/openapi.json")).unwrap()).unwrap();
    assert_eq!(document, kept, "write it anew: cargo run -p onething-server -- openapi > docs/openapi.json");
}

/// The page reads answers with its own small reader: over everything the catalogue holds it sees what serde sees.
#[tokio::test]
async fn both_readers_of_json_agree() {
    use contract::catalogue::BundleView;
    let service = Service::sqlite().await;
    let ids: Vec<_> = service.app.catalogue.ids().cloned().collect();
    assert_eq!(ids.len(), 20);
    for (id, language) in ids.iter().flat_map(|id| ["zh-CN", "en"].map(|language| (id, language))) {
        let request = Request::get(format!("/api/v1/bundles/{id}")).header(header::ACCEPT_LANGUAGE, language);
        let text = service.send(request.body(Body::empty()).unwrap()).await.body.to_string();
        let small: BundleView = contract::json::read(&text).unwrap();
        assert_eq!(small, serde_json::from_str(&text).unwrap(), "{id}");
    }
    let mother = service.sign_in("mother").await;
    let (id, _) = mother.draft("newborn", json!({ "married": "yes" })).await;
    let text = mother.get(&format!("/drafts/{id}")).await.body.to_string();
    let small: contract::draft::Draft = contract::json::read(&text).unwrap();
    assert_eq!(small, serde_json::from_str(&text).unwrap());
    let buyer = service.sign_in("buyer").await;
    let (id, version) = buyer.ready().await;
    let text = buyer.submit(&id, version, &random::id()).await.body.to_string();
    let small: contract::application::Application = contract::json::read(&text).unwrap();
    assert_eq!(small, serde_json::from_str(&text).unwrap());
    let text = buyer.get("/mine").await.body.to_string();
    let small: contract::account::Mine = contract::json::read(&text).unwrap();
    assert_eq!(small, serde_json::from_str(&text).unwrap());
    let text = json!({ "type": "x/contested", "title": "", "status": 412, "theirs": { "version": 3, "facts": { "a": null, "b": ["c"] } } }).to_string();
    let small: contract::problem::Problem = contract::json::read(&text).unwrap();
    assert_eq!(small, serde_json::from_str(&text).unwrap());
}

/// The schemas editors use are those of the types. After a change: `cargo xtask catalogue schema`.
#[test]
fn the_catalogue_schemas_are_up_to_date() {
    for (name, schema) in catalogue::schemas() {
        let kept = std::fs::read_to_string(workspace().join("catalogue/schema").join(name)).unwrap();
        assert_eq!(schema, kept, "{name}: cargo xtask catalogue schema");
    }
}

#[test]
fn a_bad_catalogue_is_refused_with_file_and_line() {
    let copy = std::env::temp_dir().join(format!("onething-catalogue-{}", random::id()));
    copy_folder(&workspace().join("catalogue"), &copy);
    let file = copy.join("bundles/marriage.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().position(|line| line.starts_with("lead:")).unwrap() + 1;
    std::fs::write(&file, text.replacen("lead: civil_affairs", "lead: moon", 1)).unwrap();
    std::fs::write(copy.join("text/en/needy.yaml"), "name: Help\nextra: x\n").unwrap();
    std::fs::write(copy.join("bundles/hire.yaml"), "id: hire\nname: [").unwrap();
    let said: Vec<String> = catalogue::load(&copy).unwrap_err().iter().map(ToString::to_string).collect();
    let _ = std::fs::remove_dir_all(&copy);
    let has = |start: &str, part: &str| said.iter().any(|one| one.starts_with(start) && one.contains(part));
    assert!(has(&format!("bundles/marriage.yaml:{line}:"), "no department `moon`"), "{said:#?}");
    assert!(has("text/en/needy.yaml:1:", "summary: the translation is missing"), "{said:#?}");
    assert!(has("text/en/needy.yaml:2:", "extra: nothing uses this text"), "{said:#?}");
    assert!(has("bundles/hire.yaml:", ""), "{said:#?}");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)
        } else {
            std::fs::copy(entry.path(), target).map(|_| ()).unwrap()
        }
    }
}
