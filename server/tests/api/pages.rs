//! What anybody may fetch: texts that caches keep, pages made at build time, the shell, and what portals load.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use onething_server::http::extract::Language;
use onething_server::{Settings, catalogue, random};
use serde_json::{Value, json};

use crate::copy_folder;
use crate::support::*;

/// Where pages begin, as the build writes them.
const HEAD: &str = r#"<html lang="zh-CN"><head><meta charset="utf-8" /><meta name="router" content="hash" /></head>"#;
const STYLE: &str = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

impl Answer {
    fn said(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

impl Service {
    async fn read(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Puts a built page into its folder; one of its guides says what an older catalogue said, one is missing.
    fn built(self) -> Self {
        let digest = |language, path| self.app.catalogue.digest(language, path).unwrap();
        let pages = json!({
            "": digest(Language::SOURCE, "home"),
            "en": digest(Language::of_folder("en"), "home"),
            "bundles/newborn": digest(Language::SOURCE, "bundles/newborn"),
            "en/bundles/newborn": digest(Language::of_folder("en"), "bundles/newborn"),
            "bundles/marriage": "0123456789abcdef",
            "bundles/hire": digest(Language::SOURCE, "bundles/hire"),
        });
        let dist = &self.app.settings.dist;
        let put = |path: &str, text: &str| {
            let file = dist.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        put("pages.json", &json!({ "styles": [STYLE], "scripts": [], "pages": pages }).to_string());
        put("shell.html", &format!(r#"{HEAD}shell <a href="./mine">a</a></html>"#));
        for (folder, up) in [
            ("", ""),
            ("en/", "../"),
            ("bundles/newborn/", "../../"),
            ("en/bundles/newborn/", "../../../"),
            ("bundles/marriage/", "../../"),
        ] {
            let page = format!(r##"{HEAD}static /{folder} <a href="./{up}">a</a><a href="./{up}#/mine">b</a></html>"##);
            put(&format!("{folder}index.html"), &page);
        }
        put("embed.js", "export {};");
        put("host/frame.js", "export {};");
        put("sw.js", "");
        put("boot-8d9a0b1c2d3e4f56.js", "");
        self
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&self.app.settings);
        change(&mut settings);
        self.but(|app| app.settings = Arc::new(settings))
    }
}

#[tokio::test]
async fn texts_for_anybody_are_kept_and_asked_about() {
    let service = Service::sqlite().await;
    let mut tags = Vec::new();
    for path in ["/home", "/bundles/newborn", "/proofs", "/rating-scale"] {
        for language in ["zh-CN", "en"] {
            let path = format!("/api/v1{path}");
            let first = service.read(&path, &[("accept-language", language)]).await;
            assert_eq!((first.status, first.said("cache-control")), (StatusCode::OK, "no-cache"), "{path}");
            assert!(first.said("vary").contains("Accept-Language"), "{path}");
            let tag = first.said("etag").to_owned();
            for seen in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
                let again =
                    service.read(&path, &[("accept-language", language), ("if-none-match", seen.as_str())]).await;
                assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0), "{path} {seen}");
                assert_eq!((again.said("etag"), again.said("cache-control")), (tag.as_str(), "no-cache"), "{path}");
                assert!(again.said("vary").contains("Accept-Language"), "{path}");
            }
            let other = service.read(&path, &[("accept-language", language), ("if-none-match", "\"x\"")]).await;
            assert_eq!((other.status, &other.body), (StatusCode::OK, &first.body), "{path}");
            tags.push(tag);
        }
    }
    let all: BTreeSet<&String> = tags.iter().collect();
    assert_eq!(all.len(), 8, "{tags:?}");
    // On another day the text names another day; what static pages were made of stays.
    let digest = service.app.catalogue.digest(Language::SOURCE, "bundles/newborn").unwrap().to_owned();
    assert!(tags[2].starts_with(&format!("\"{digest}")), "{tags:?}");
    service.app.catalogue.go_ahead(1);
    let seen = [("if-none-match", tags[2].as_str())];
    assert_eq!(service.read("/api/v1/bundles/newborn", &seen).await.status, StatusCode::OK);
    let seen = [("if-none-match", tags[0].as_str())];
    assert_eq!(service.read("/api/v1/home", &seen).await.status, StatusCode::NOT_MODIFIED);
    service.read("/api/v1/bundles/nothing", &[("if-none-match", tags[2].as_str())]).await.refused(404, "not-found");
    let mother = service.sign_in("mother").await;
    for path in ["/mine", "/session", "/places"] {
        assert_eq!(mother.get(path).await.said("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn the_texts_pages_are_made_of_are_those_of_the_api() {
    let service = Service::sqlite().await;
    let catalogue = &service.app.catalogue;
    catalogue.write_pages(&service.data.join("texts")).unwrap();
    let read = |path: &str| std::fs::read_to_string(service.data.join("texts").join(path)).unwrap();
    let digests: Value = serde_json::from_str(&read("digests.json")).unwrap();
    for language in service.app.catalogue.languages() {
        let tag = language.tag();
        assert_eq!(digests[tag].as_object().unwrap().len(), catalogue.ids().count() + 1);
        for path in ["home", "bundles/newborn"] {
            let answer = service.read(&format!("/api/v1/{path}"), &[("accept-language", tag)]).await;
            assert_eq!(read(&format!("{tag}/{path}.json")), answer.text());
            let digest = digests[tag][path].as_str().unwrap();
            assert_eq!(Some(digest), catalogue.digest(language, path));
            assert!(answer.said("etag").contains(digest));
        }
    }
}

#[tokio::test]
async fn a_page_is_static_while_it_says_what_the_catalogue_says() {
    let service = Service::sqlite().await.built();
    for (path, folder, up) in [
        ("/", "/", ""),
        ("/?from=x&lang=zh-CN", "/", ""),
        ("/en", "/en/", ""),
        ("/en/?lang=en", "/en/", "../"),
        // The path comes first, then what the host asks for.
        ("/en?lang=zh-CN", "/en/", ""),
        ("/?lang=en", "/en/", ""),
        ("/bundles/newborn?lang=en-GB", "/en/bundles/newborn/", "../"),
        ("/en/bundles/newborn?lang=zh-CN", "/en/bundles/newborn/", "../../"),
        ("/bundles/newborn", "/bundles/newborn/", "../"),
        ("/bundles/newborn?lang=zh-CN", "/bundles/newborn/", "../"),
        ("/bundles/newborn/", "/bundles/newborn/", "../../"),
        ("/en/bundles/newborn", "/en/bundles/newborn/", "../../"),
        ("/en/bundles/newborn/", "/en/bundles/newborn/", "../../../"),
    ] {
        let page = service.read(path, &[]).await;
        assert_eq!((page.status, page.said("cache-control")), (StatusCode::OK, "no-cache"), "{path}");
        assert_eq!(page.said("content-type"), "text/html; charset=utf-8", "{path}");
        let text = page.text();
        assert!(
            text.contains(&format!(r#"static {folder} <a href="./{up}">a</a><a href="./{up}mine">b</a>"#)),
            "{path}: {text}"
        );
        assert!(text.contains(r#"<meta name="router" content="path" />"#), "{path}: {text}");
        let policy = page.said("content-security-policy");
        assert!(policy.contains(&format!("style-src 'self' {STYLE};")), "{policy}");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(policy.contains("worker-src 'self';"), "{policy}");
    }
    for (path, up) in [
        ("/?host=frame", ""),
        ("/shell.html", ""),
        ("/mine", ""),
        // The catalogue says something else by now; the file is missing; there never was one.
        ("/bundles/marriage", "../"),
        ("/bundles/hire", "../"),
        ("/bundles/newborn/situations", "../../"),
        ("/a/b/c/d/", "../../../../"),
    ] {
        let page = service.read(path, &[("accept-encoding", "identity")]).await;
        assert_eq!((page.status, page.said("cache-control")), (StatusCode::OK, "no-cache"), "{path}");
        let text = page.text();
        assert!(text.contains(&format!(r#"shell <a href="./{up}mine">"#)), "{path}: {text}");
    }
    // Pages are never served as they lie in their folders.
    for path in ["/index.html", "/bundles/newborn/index.html", "/en/index.html"] {
        service.read(path, &[]).await.refused(404, "not-found");
    }
    // Without a shell, as builds without static pages have it.
    std::fs::remove_file(service.app.settings.dist.join("shell.html")).unwrap();
    assert!(service.read("/mine", &[]).await.text().contains("static /"));
}

#[tokio::test]
async fn pages_below_a_folder_know_their_own_folder() {
    let usual = Service::sqlite().await.built();
    let service = usual.set(|settings| settings.base = "/gov/sub/".to_owned());
    for (path, folder, up) in [
        ("/gov/sub/", "/", ""),
        ("/gov/sub/en/", "/en/", "../"),
        ("/gov/sub/bundles/newborn", "/bundles/newborn/", "../"),
    ] {
        let text = service.read(path, &[]).await.text();
        assert!(text.contains(&format!(r#"static {folder} <a href="./{up}">"#)), "{path}: {text}");
    }
    assert!(service.read("/gov/sub/?lang=en", &[]).await.text().contains("static /en/"));
    assert_eq!(service.read("/gov/sub/demo/host/", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_travel_compressed() {
    let service = Service::sqlite().await.built();
    let plain = service.read("/bundles/newborn", &[]).await;
    assert_eq!((plain.said("content-encoding"), plain.said("vary")), ("", "Accept-Encoding, Accept-Language"));
    // The second one comes from memory.
    for _ in 0..2 {
        let page = service.read("/bundles/newborn", &[("accept-encoding", "gzip, br")]).await;
        assert_eq!((page.said("content-encoding"), page.said("vary")), ("br", "Accept-Encoding, Accept-Language"));
        let mut text = String::new();
        brotli::Decompressor::new(page.bytes.as_slice(), 4096).read_to_string(&mut text).unwrap();
        assert_eq!(text, plain.text());
    }
    let page = service.read("/bundles/newborn", &[("accept-encoding", "gzip")]).await;
    assert_eq!(page.said("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(page.bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain.text());
    let deep = service.read("/a/b/c/d/e/f/g/h/i/j/k/l", &[("accept-encoding", "br")]).await;
    assert_eq!(deep.said("content-encoding"), "");
    // What is put in its place is what is served next.
    std::fs::write(service.app.settings.dist.join("bundles/newborn/index.html"), "<html>anew</html>").unwrap();
    let page = service.read("/bundles/newborn", &[("accept-encoding", "gzip")]).await;
    let mut text = String::new();
    flate2::read::GzDecoder::new(page.bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, "<html>anew</html>");
}

#[tokio::test]
async fn named_portals_may_frame_the_page() {
    let usual = Service::sqlite().await.built();
    assert!(!usual.read("/", &[]).await.text().contains("framers"));
    let service =
        usual.set(|settings| settings.framers = vec!["https://a.example".into(), "http://localhost:8081".into()]);
    for path in ["/", "/en/bundles/newborn", "/mine"] {
        let page = service.read(path, &[]).await;
        let meta = r#"<meta name="framers" content="https://a.example http://localhost:8081" />"#;
        assert_eq!(page.text().matches(meta).count(), 1, "{path}");
        let policy = page.said("content-security-policy");
        assert!(policy.ends_with("frame-ancestors 'self' https://a.example http://localhost:8081"), "{policy}");
    }
    let ticket = service.send(Request::post("/api/v1/demo/personas/mother/ticket").body(Body::empty()).unwrap()).await;
    let ticket = json!({ "ticket": ticket.body["ticket"] });
    let into = service.send(json_request(Method::POST, "/session", &ticket)).await;
    let cookie = into.said("set-cookie").to_owned();
    let mother = Caller { service: &service, cookie: cookie.split(';').next().unwrap().to_owned() };
    let out = mother.send(Method::DELETE, "/session", None, None, &json!({})).await;
    for cookie in [cookie.as_str(), out.said("set-cookie")] {
        for part in ["; SameSite=None", "; Secure", "; Partitioned", "; HttpOnly", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
    assert!(out.said("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn the_worker_is_switched_off_in_every_page() {
    let usual = Service::sqlite().await.built();
    let service = usual.set(|settings| settings.worker = false);
    for path in ["/", "/bundles/newborn", "/mine", "/shell.html"] {
        assert!(!usual.read(path, &[]).await.text().contains("data-worker"), "{path}");
        assert!(service.read(path, &[]).await.text().starts_with(r#"<html data-worker="off" lang="zh-CN">"#), "{path}");
    }
}

#[tokio::test]
async fn files_are_for_the_page_and_one_for_portals() {
    let service = Service::sqlite().await.built();
    for path in ["/embed.js", "/host/frame.js", "/sw.js", "/pages.json"] {
        let file = service.read(path, &[]).await;
        assert_eq!((file.status, file.said("cache-control")), (StatusCode::OK, "no-cache"), "{path}");
        let shared = path == "/embed.js";
        assert_eq!(file.said("access-control-allow-origin"), if shared { "*" } else { "" }, "{path}");
        let policy = if shared { "cross-origin" } else { "same-origin" };
        assert_eq!(file.said("cross-origin-resource-policy"), policy, "{path}");
    }
    assert!(service.read("/boot-8d9a0b1c2d3e4f56.js", &[]).await.said("cache-control").contains("immutable"));
    service.read("/host/nothing.js", &[]).await.refused(404, "not-found");
    service.read("/../Cargo.toml", &[]).await.refused(404, "not-found");
}

#[tokio::test]
async fn the_demonstration_has_a_portal() {
    let service = Service::sqlite().await;
    for (path, media) in [("", "text/html"), ("host.js", "text/javascript"), ("host.css", "text/css")] {
        let file = service.read(&format!("/demo/host/{path}"), &[]).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(file.said("content-type").starts_with(media), "{path}");
        let policy = file.said("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "frame-src 'self'", "form-action 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(policy.ends_with("frame-ancestors 'self'"), "{policy}");
    }
    // A city has none.
    let folder = service.data.join("catalogue");
    copy_folder(&workspace().join("catalogue"), &folder);
    let file = folder.join("region.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\ndemo: true", "\ndemo: false")).unwrap();
    let city = service.but(|app| app.catalogue = Arc::new(catalogue::load(&folder).unwrap()));
    for path in ["", "host.js", "host.css"] {
        city.read(&format!("/demo/host/{path}"), &[]).await.refused(404, "not-found");
    }
}

#[tokio::test]
async fn a_first_visit_reads_the_page_in_the_language_of_its_browser() {
    let service = Service::sqlite().await.built();
    for (path, browser, folder) in [
        ("/", "en-GB,en;q=0.9", "/en/"),
        ("/", "fr, en;q=0.5, zh;q=0.8", "/"),
        ("/bundles/newborn", "en", "/en/bundles/newborn/"),
        ("/bundles/newborn?lang=zh-CN", "en", "/bundles/newborn/"),
        ("/en/bundles/newborn", "zh-CN", "/en/bundles/newborn/"),
    ] {
        let page = service.read(path, &[("accept-language", browser)]).await;
        assert!(page.text().contains(&format!("static {folder} ")), "{path} {browser}");
        assert_eq!(page.said("vary"), "Accept-Encoding, Accept-Language");
    }
}

#[tokio::test]
async fn what_a_language_lacks_is_answered_in_the_source_and_says_so() {
    let copy = std::env::temp_dir().join(format!("onething-catalogue-{}", random::id()));
    copy_folder(&workspace().join("catalogue"), &copy);
    // A language that only has its region's words, and one errand less than before.
    std::fs::create_dir_all(copy.join("text/de")).unwrap();
    std::fs::copy(copy.join("text/en/region.yaml"), copy.join("text/de/region.yaml")).unwrap();
    std::fs::remove_file(copy.join("text/en/hire.yaml")).unwrap();
    let whole = Service::sqlite().await;
    let data = std::env::temp_dir().join(format!("onething-api-{}", random::id()));
    let service = Service::with(whole.app.store.clone(), data, &copy).await;
    let _ = std::fs::remove_dir_all(&copy);
    let read = async |path: &str, language: &str| service.read(path, &[("accept-language", language)]).await.body;
    let home = read("/api/v1/home", "de-AT").await;
    assert_eq!((&home["language"], &home["bundles"][0]["language"]), (&"de".into(), &"zh-CN".into()));
    let errand = read("/api/v1/bundles/hire", "en").await;
    assert_eq!((&errand["language"], &errand["bundle"]["name"]), (&"zh-CN".into(), &"员工录用一件事".into()));
    assert_eq!(read("/api/v1/bundles/newborn", "en").await["language"], "en");
    let german = service.app.catalogue.languages().into_iter().find(|language| language.tag() == "de").unwrap();
    assert!(service.app.catalogue.untranslated(german).contains(&"hire".to_owned()));
}
