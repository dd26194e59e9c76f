//! Drafts: several hands, registers, versions, handing over, expiry.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use onething_server::store::Store;
use onething_server::{clock, housekeeping, random};
use serde_json::{Value, json};

use crate::support::*;

const NEWBORN: &str = "newborn";

fn situation() -> Value {
    json!({ "married": "yes", "settle_with": "mother", "by_agent": "no" })
}

async fn set_register(service: &Service, register: &str, state: &str) {
    let path = format!("/demo/registers/{register}");
    let answer = service.send(json_request(Method::PUT, &path, &json!({ "state": state }))).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

on_every_database! {
    different_fields_merge_and_the_same_field_asks(service) {
        let mother = service.sign_in("mother").await;
        let (id, seen) = mother.draft(NEWBORN, situation()).await;
        let first = mother.patch(&id, seen, json!({ "baby_name": "林小满" })).await;
        assert_eq!((first.status, &first.body["others"]), (StatusCode::OK, &Value::Null));
        // A second tab that saw the first version: another field merges, and it hears of the first one's.
        let second = mother.patch(&id, seen, json!({ "baby_length_cm": "50" })).await;
        assert_eq!((second.status, &second.body["others"]["baby_name"]), (StatusCode::OK, &json!("林小满")));
        // The same field, to something else: nothing is taken over, and it is told what stands there.
        let clash = mother.patch(&id, seen, json!({ "baby_name": "林小雪", "child_order": "first" })).await;
        clash.refused(412, "contested");
        assert_eq!(clash.body["theirs"]["facts"], json!({ "baby_name": "林小满" }));
        let draft = mother.get(&format!("/drafts/{id}")).await.body;
        assert_eq!((&draft["facts"]["baby_name"], &draft["facts"]["child_order"]), (&json!("林小满"), &Value::Null));
        // To the same value is no conflict; with the newest version one's own counts.
        assert_eq!(mother.patch(&id, seen, json!({ "baby_name": "林小满" })).await.status, StatusCode::OK);
        let newest = mother.get(&format!("/drafts/{id}")).await.body["version"].as_i64().unwrap();
        assert_eq!(mother.patch(&id, newest, json!({ "baby_name": "林小雪" })).await.status, StatusCode::OK);
        mother.patch(&id, newest + 9, json!({ "baby_name": "x" })).await.refused(412, "stale");
    }

    a_patch_must_say_what_it_saw_and_what_it_means(service) {
        let mother = service.sign_in("mother").await;
        let (id, seen) = mother.draft(NEWBORN, situation()).await;
        let path = format!("/drafts/{id}");
        let key = random::id();
        mother.send(Method::PATCH, &path, Some(&key), None, &json!({ "set": {} })).await.refused(428, "version-missing");
        let unknown = mother.patch(&id, seen, json!({ "nothing": "1" })).await;
        unknown.refused(422, "invalid");
        assert_eq!(unknown.body["faults"][0]["rule"], "unknown");
        mother.patch(&id, seen, json!({ "baby_name": ["a"] })).await.refused(422, "invalid");
        mother.patch(&id, seen, json!({ "baby_name": 7 })).await.refused(400, "malformed");
        let founder = service.sign_in("founder").await;
        founder.patch(&id, seen, json!({ "baby_name": "x" })).await.refused(404, "not-found");
        founder.get(&path).await.refused(404, "not-found");
        founder.post(&format!("{path}/handover"), &json!({ "to": "myself", "page": "https://x/" })).await.refused(404, "not-found");
        founder.post(&format!("{path}/prefill"), &json!({ "registers": [] })).await.refused(404, "not-found");
        founder.send(Method::DELETE, &path, None, None, &json!({})).await.refused(404, "not-found");
    }

    a_forged_source_is_refused(service) {
        let job = service.sign_in("jobseeker").await;
        let (id, seen) = job.draft("flexible_job", json!({})).await;
        let draft = job.get(&format!("/drafts/{id}")).await.body;
        assert_eq!(draft["sources"]["app_name"]["register"], "identity");
        let given = draft["facts"]["app_name"].as_str().unwrap().to_owned();
        // What the register fixes cannot be typed over, nor taken back; saying the same is nothing.
        for forged in [json!("别人"), Value::Null] {
            let answer = job.patch(&id, seen, json!({ "app_name": forged })).await;
            answer.refused(422, "invalid");
            assert_eq!(answer.body["faults"][0]["rule"], "forged");
        }
        assert_eq!(job.patch(&id, seen, json!({ "app_name": given })).await.status, StatusCode::OK);
        // Sources are the server's own: no request can name them.
        let path = format!("/drafts/{id}");
        let body = json!({ "set": {}, "sources": { "app_name": { "register": "identity" } } });
        job.send(Method::PATCH, &path, Some(&random::id()), Some(seen), &body).await.refused(400, "malformed");
    }

    a_page_that_passes_typing_off_as_a_register_is_refused(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let draft = buyer.get(&format!("/drafts/{id}")).await.body;
        let saved = buyer.patch(&id, version, json!({ "buyer_mobile": "13900001111" })).await;
        assert_eq!(draft["sources"]["buyer_mobile"]["register"], "identity");
        let version = saved.body["version"].as_i64().unwrap();
        let bundle = service.app.catalogue.bundle(&contract::catalogue::BundleId("property_transfer".into())).unwrap();
        let commitments: Vec<&str> = bundle.commitments.iter().map(|one| one.id.as_str()).collect();
        let path = format!("/drafts/{id}/submission");
        let forged = json!({ "commitments": commitments, "given": ["buyer_mobile"] });
        let answer = buyer.send(Method::POST, &path, Some(&random::id()), Some(version), &forged).await;
        answer.refused(422, "invalid");
        assert_eq!(answer.body["faults"], json!([{ "at": "buyer_mobile", "rule": "forged" }]));
        let honest = json!({ "commitments": commitments, "given": ["buyer_name"] });
        let answer = buyer.send(Method::POST, &path, Some(&random::id()), Some(version), &honest).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    }

    a_register_that_fails_is_said_and_asked_again_alone(service) {
        set_register(service, "household", "down").await;
        set_register(service, "marriage", "slow").await;
        let mother = service.sign_in("mother").await;
        let (id, _) = mother.draft(NEWBORN, situation()).await;
        let draft = mother.get(&format!("/drafts/{id}")).await.body;
        let gap = |draft: &Value, register: &str| {
            draft["gaps"].as_array().unwrap().iter().find(|gap| gap["register"] == register).map(|gap| gap["reason"].clone())
        };
        assert_eq!(gap(&draft, "household"), Some(json!("unavailable")));
        assert_eq!(gap(&draft, "marriage"), Some(json!("slow")));
        assert_eq!(draft["facts"]["mother_hukou_region"], Value::Null);
        assert_eq!(draft["facts"]["mother_name"], "林晓梅", "the others answered");
        // Meanwhile the person typed something of their own; the register comes back and fills the rest.
        let version = draft["version"].as_i64().unwrap();
        assert_eq!(mother.patch(&id, version, json!({ "mother_hukou_region": "990101001001" })).await.status, StatusCode::OK);
        set_register(service, "household", "up").await;
        let again = mother.post(&format!("/drafts/{id}/prefill"), &json!({ "registers": ["household"] })).await;
        assert_eq!((gap(&again.body, "household"), gap(&again.body, "marriage")), (None, Some(json!("slow"))));
        assert_eq!(again.body["facts"]["mother_hukou_region"], "990101001001", "what the person said stays");
        assert!(again.body["sources"].get("mother_hukou_region").is_none());
    }

    a_dispute_travels_with_the_application(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let path = format!("/drafts/{id}");
        let dispute = |field: &str, note: Value| {
            let mut notes = serde_json::Map::new();
            notes.insert(field.to_owned(), note);
            json!({ "dispute": notes })
        };
        let send = async |body: Value, version: i64| buyer.send(Method::PATCH, &path, Some(&random::id()), Some(version), &body).await;
        send(dispute("co_own", json!("?")), version).await.refused(422, "invalid");
        send(dispute("buyer_address", json!("长".repeat(501))), version).await.refused(422, "invalid");
        let saved = send(dispute("buyer_address", json!("我搬家了")), version).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        assert_eq!(buyer.get(&path).await.body["disputes"]["buyer_address"], "我搬家了");
        let application = buyer.submit(&id, version + 1, &random::id()).await;
        assert_eq!(application.status, StatusCode::CREATED, "{}", application.body);
        assert_eq!(application.body["disputes"].as_array().unwrap().len(), 1);
        let clerk = service.sign_in("clerk").await;
        let lanes = clerk.get("/desk/lanes").await.body;
        let told = lanes.as_array().unwrap().iter().any(|lane| lane["disputes"][0]["note"] == "我搬家了");
        assert!(told, "{lanes}");
    }

    earlier_applications_are_a_source(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let saved = buyer.patch(&id, version, json!({ "buyer_mobile": "13900002222" })).await;
        let number = buyer.submit(&id, saved.body["version"].as_i64().unwrap(), &random::id()).await.body["number"].as_str().unwrap().to_owned();
        // A register that is silent now: what was said then is offered, with where it comes from.
        set_register(service, "identity", "down").await;
        let (id, _) = buyer.draft("property_transfer", json!({ "buyer_kind": "person" })).await;
        let draft = buyer.get(&format!("/drafts/{id}")).await.body;
        assert_eq!(draft["facts"]["buyer_mobile"], "13900002222");
        assert_eq!(draft["sources"]["buyer_mobile"]["register"], format!("application:{number}"));
        assert_eq!(draft["sources"]["buyer_mobile"]["grade"], "D");
        set_register(service, "identity", "up").await;
    }

    a_draft_follows_a_new_version_of_its_errand(service) {
        let mother = service.sign_in("mother").await;
        let (id, seen) = mother.draft(NEWBORN, situation()).await;
        let saved = mother.patch(&id, seen, json!({ "baby_name": "林小满", "baby_length_cm": "50", "child_order": "first" })).await;
        let version = saved.body["version"].as_i64().unwrap();
        // The next release renames one field, drops another, and asks something new.
        let copy = std::env::temp_dir().join(format!("onething-catalogue-{}", random::id()));
        crate::copy_folder(&workspace().join("catalogue"), &copy);
        let edit = |file: &str, pairs: &[(&str, &str)]| {
            let path = copy.join(file);
            let mut text = std::fs::read_to_string(&path).unwrap();
            for (from, to) in pairs {
                assert!(text.contains(from), "{file}: {from}");
                text = text.replace(from, to);
            }
            std::fs::write(path, text).unwrap();
        };
        edit("bundles/newborn.yaml", &[
            ("- id: baby_name\n    group: child", "- id: child_name\n    was: [baby_name]\n    group: child"),
            // The same element of the same register under another name; a field that is simply another one.
            ("id: baby_length_cm,", "id: child_height,"),
            ("- id: child_order\n", "- id: birth_rank\n"),
        ]);
        edit("text/en/newborn.yaml", &[
            ("field.baby_name.", "field.child_name."),
            ("field.baby_length_cm.", "field.child_height."),
            ("field.child_order.", "field.birth_rank."),
        ]);
        // The other languages have not followed yet.
        for language in std::fs::read_dir(copy.join("text")).unwrap().flatten().filter(|folder| folder.file_name() != "en") {
            std::fs::remove_file(language.path().join("newborn.yaml")).unwrap();
        }
        let data = std::env::temp_dir().join(format!("onething-api-{}", random::id()));
        let next = Service::with(service.app.store.clone(), data, &copy).await;
        let _ = std::fs::remove_dir_all(&copy);
        let mother = Caller { service: &next, cookie: mother.cookie.clone() };
        // Whoever still holds the old form must read the draft anew.
        mother.patch(&id, version, json!({ "child_order": "first" })).await.refused(412, "stale");
        let draft = mother.get(&format!("/drafts/{id}")).await.body;
        assert_eq!((&draft["facts"]["child_name"], &draft["facts"]["baby_name"]), (&json!("林小满"), &Value::Null));
        assert_eq!(draft["facts"]["child_height"], "50");
        let told = &draft["migration"];
        assert_eq!(told["moved"], json!(["新生儿姓名", "出生身长（厘米）"]));
        assert_eq!((&told["dropped"], &told["added"]), (&json!(["这是您的第几个孩子"]), &json!(["这是您的第几个孩子"])));
        assert_eq!(draft["facts"]["mother_name"], "林晓梅");
        let version = draft["version"].as_i64().unwrap();
        mother.patch(&id, version - 1, json!({ "mother_mobile": "13900001111" })).await.refused(412, "contested");
        let seen = mother.send(Method::PATCH, &format!("/drafts/{id}"), Some(&random::id()), Some(version), &json!({ "migration_seen": true })).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert_eq!(mother.get(&format!("/drafts/{id}")).await.body["migration"], Value::Null);
    }

    a_code_opens_a_draft_once_to_whom_it_is_meant(service) {
        let mother = service.sign_in("mother").await;
        let (id, _) = mother.draft(NEWBORN, situation()).await;
        let offer = json!({ "to": "myself", "page": "https://city.example/one/" });
        let code = mother.post(&format!("/drafts/{id}/handover"), &offer).await;
        assert_eq!(code.status, StatusCode::CREATED, "{}", code.body);
        assert!(code.body["qr"].as_str().unwrap().starts_with('M'));
        let code = code.body["code"].as_str().unwrap().to_lowercase();
        let spaced = json!({ "code": format!("{}-{}", &code[..4], &code[4..]) });
        let founder = service.sign_in("founder").await;
        founder.post("/handovers", &spaced).await.refused(404, "not-found");
        let taken = mother.post("/handovers", &spaced).await;
        assert_eq!((taken.status, &taken.body["id"]), (StatusCode::OK, &json!(id)), "the wrong person used nothing up");
        mother.post("/handovers", &spaced).await.refused(404, "not-found");
        mother.post(&format!("/drafts/{id}/handover"), &json!({ "to": "myself", "page": "javascript:x" })).await.refused(400, "malformed");
        // A newer code takes the place of an older one.
        let old = mother.post(&format!("/drafts/{id}/handover"), &offer).await.body["code"].clone();
        mother.post(&format!("/drafts/{id}/handover"), &offer).await;
        mother.post("/handovers", &json!({ "code": old })).await.refused(404, "not-found");
    }

    an_agent_fills_in_and_makes_no_commitment(service) {
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let code = buyer.post(&format!("/drafts/{id}/handover"), &json!({ "to": "agent", "page": "https://x/" })).await;
        let agent = service.sign_in("founder").await;
        agent.post("/handovers", &json!({ "code": code.body["code"] })).await;
        let draft = agent.get(&format!("/drafts/{id}")).await.body;
        assert_eq!(draft["as_agent"], true);
        assert!(draft["counterpart"].as_str().unwrap().ends_with('*'), "the owner's name is masked");
        let card = &agent.get("/mine").await.body["drafts"][0];
        assert_eq!((&card["id"], card["for_whom"].is_string()), (&json!(id), true));
        let version = draft["version"].as_i64().unwrap().max(version);
        let saved = agent.patch(&id, version, json!({ "buyer_address": "代填路 1 号" })).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let version = saved.body["version"].as_i64().unwrap();
        // Commitments bar agents: neither a declaration nor a deferral, nor the submission that needs one.
        let bundle = service.app.catalogue.bundle(&contract::catalogue::BundleId("property_transfer".into())).unwrap();
        for (how, material) in [
            ("declared", bundle.materials.iter().find(|material| material.declaration.is_some())),
            ("deferred", bundle.materials.iter().find(|material| material.deferrable.is_some() && material.required)),
        ] {
            let Some(material) = material else { continue };
            let path = format!("/drafts/{id}/materials/{}", material.id);
            let body = json!({ "provided": { "how": how } });
            agent.send(Method::PUT, &path, Some(&random::id()), Some(version), &body).await.refused(409, "barred-agent");
        }
        agent.post(&format!("/drafts/{id}/handover"), &json!({ "to": "agent", "page": "https://x/" })).await.refused(409, "conflict");
        let dispute = json!({ "dispute": { "buyer_mobile": "x" } });
        agent.send(Method::PATCH, &format!("/drafts/{id}"), Some(&random::id()), Some(version), &dispute).await.refused(409, "conflict");
        let personal = bundle.commitments.iter().any(|one| one.personal);
        let sent = agent.submit(&id, version, &random::id()).await;
        if personal {
            sent.refused(409, "conflict");
        } else {
            assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
            // Afterwards the agent may look, and nothing more.
            let path = format!("/applications/{}", sent.body["id"].as_str().unwrap());
            assert_eq!(agent.get(&path).await.status, StatusCode::OK);
            agent.get(&format!("{path}/facts")).await.refused(404, "not-found");
            let mode = json!({ "mode": "post", "address": "x" });
            agent.send(Method::PUT, &format!("{path}/handover"), Some(&random::id()), None, &mode).await.refused(404, "not-found");
            agent.post(&format!("{path}/supplement"), &json!({})).await.refused(404, "not-found");
            return;
        }
        // The owner ends the help: nothing is there for the agent any more.
        let ended = buyer.send(Method::DELETE, &format!("/drafts/{id}/agent"), None, None, &json!({})).await;
        if ended.status == StatusCode::OK {
            agent.get(&format!("/drafts/{id}")).await.refused(404, "not-found");
            agent.patch(&id, version, json!({ "buyer_address": "x" })).await.refused(404, "not-found");
        }
    }

    an_item_left_out_stays_out(service) {
        let mother = service.sign_in("mother").await;
        let bundle = service.app.catalogue.bundle(&contract::catalogue::BundleId(NEWBORN.into())).unwrap();
        let item = bundle.items.iter().find(|item| item.optional).unwrap().id.clone();
        let facts: contract::value::Facts =
            serde_json::from_value(json!({ "married": "yes", "declined_items": [item] })).unwrap();
        let today = service.app.catalogue.today();
        let submitted = engine::plan::submission(bundle, &facts, today);
        let plan = engine::plan::Plan::of(bundle, &submitted, today);
        assert!(plan.active_items(bundle).all(|one| one.id != item), "what was left out comes back");
        // And over the wire: no lane opens for it.
        let buyer = service.sign_in("buyer").await;
        let (id, version) = buyer.ready().await;
        let bundle = service.app.catalogue.bundle(&contract::catalogue::BundleId("property_transfer".into())).unwrap();
        let optional: Vec<_> = bundle.items.iter().filter(|item| item.optional).map(|item| item.id.0.clone()).collect();
        let saved = buyer.patch(&id, version, json!({ "declined_items": optional })).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let sent = buyer.submit(&id, saved.body["version"].as_i64().unwrap(), &random::id()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
        for lane in sent.body["lanes"].as_array().unwrap() {
            assert!(!optional.iter().any(|id| lane["item"] == **id), "{lane}");
        }
        drop(mother);
    }

    what_is_fixed_or_computed_is_nobody_s_to_say(service) {
        let job = service.sign_in("jobseeker").await;
        let (id, _) = job.draft("flexible_job", json!({ "app_name": "别人" })).await;
        let draft = job.get(&format!("/drafts/{id}")).await.body;
        assert_ne!(draft["facts"]["app_name"], "别人", "not at the start neither");
        let mother = service.sign_in("pensioner").await;
        let bundle = service.app.catalogue.bundle(&contract::catalogue::BundleId("retirement".into())).unwrap();
        let computed = bundle.fields.iter().find(|field| field.derive.is_some()).unwrap().id.clone();
        let (id, version) = mother.draft("retirement", json!({})).await;
        let before = mother.get(&format!("/drafts/{id}")).await.body["facts"][&computed].clone();
        let mut set = serde_json::Map::new();
        set.insert(computed.clone(), json!("1999-01-01"));
        assert_eq!(mother.patch(&id, version, Value::Object(set)).await.status, StatusCode::OK);
        assert_eq!(mother.get(&format!("/drafts/{id}")).await.body["facts"][&computed], before);
    }

    what_expired_is_erased_for_real(service) {
        let mother = service.sign_in("mother").await;
        let (id, _) = mother.draft(NEWBORN, situation()).await;
        assert_eq!(mother.get("/mine").await.body["drafts"][0].get("expires_soon"), None);
        let until = async |at: String| {
            let id = id.clone();
            service.app.store.write(Box::new(move |connection| Box::pin(async move {
                sqlx::query("UPDATE drafts SET expires_at = $1 WHERE id = $2").bind(at).bind(id).execute(connection).await?;
                Ok(())
            }))).await.unwrap();
        };
        until(clock::stored_in(3 * 24 * 3600)).await;
        assert_eq!(mother.get("/mine").await.body["drafts"][0]["expires_soon"], true, "it is announced ahead");
        until(clock::stored_in(-1)).await;
        mother.get(&format!("/drafts/{id}")).await.refused(404, "not-found");
        housekeeping::tidy(&service.app).await.unwrap();
        let left: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM drafts").fetch_one(service.app.store.reads()).await.unwrap();
        assert_eq!(left.0, 0);
    }

    places_reach_the_village(service) {
        let get = async |path: &str| service.send(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await;
        let country = get("/places").await.body;
        assert!(country["below"].as_array().unwrap().len() > 30);
        assert_eq!(get("/places/990105002").await.body["below"].as_array().unwrap().len(), 4);
        let village = get("/places/990105002003").await.body;
        assert_eq!((village["below"].as_array().unwrap().len(), village["name"].as_str().unwrap().contains("向阳村")), (0, true));
        get("/places/1").await.refused(404, "not-found");
        let mother = service.sign_in("mother").await;
        let (id, _) = mother.draft(NEWBORN, situation()).await;
        let draft = mother.get(&format!("/drafts/{id}")).await.body;
        let code = draft["facts"]["mother_hukou_region"].as_str().unwrap();
        assert_eq!(code.len(), 12);
        assert!(draft["places"][code].is_string(), "a place is shown by its name");
    }
}

/// An old database file is not needed to know that it would be brought up to date: a second start finds nothing to do.
#[tokio::test]
async fn a_database_is_brought_up_to_date_once() {
    let data = std::env::temp_dir().join(format!("onething-api-{}", random::id()));
    drop(Store::sqlite(&data).await.unwrap());
    let again = Store::sqlite(&data).await.unwrap();
    let names: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM migrations ORDER BY name").fetch_all(again.reads()).await.unwrap();
    assert_eq!(names.len(), 4);
    let _ = std::fs::remove_dir_all(&data);
}
