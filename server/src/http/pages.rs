//! The page's own files, cached by name; pages made at build time, while they say what the catalogue says; and the
//! shell for all its other routes.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::extract::Language;
use super::headers::{self, Inline};
use crate::catalogue::Catalogue;
use crate::{App, Settings};

/// Serves a file of the page, or the page itself for one of its routes.
pub async fn serve(State(app): State<App>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        return super::Refusal::Method.into_response();
    }
    let path = asked.uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return super::Refusal::NotFound.into_response();
    }
    if path == SHELL {
        return page(&app, path, &asked).await;
    }
    let versioned = asked.uri.query().is_some_and(|query| query.starts_with("v="));
    match file(&app, path, &asked.headers).await {
        Some((mut response, hashed)) => {
            let lasting = if hashed || versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
            if path == EMBED {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            }
            response
        }
        // A missing file with an ending is missing; anything else is a route of the page.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            super::Refusal::NotFound.into_response()
        }
        None => page(&app, path, &asked).await,
    }
}

/// Serves the page for its own folder.
pub async fn home(State(app): State<App>, request: Request) -> Response {
    page(&app, "", &request.into_parts().0).await
}

/// The page for the routes that have no page of their own.
const SHELL: &str = "shell.html";
/// What portals of other origins load.
const EMBED: &str = "embed.js";

/// A file below `dist/` in the best encoding the caller takes, and whether its name holds its hash.
async fn file(app: &App, path: &str, headers: &HeaderMap) -> Option<(Response, bool)> {
    let safe = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    // Pages are not served as they lie there.
    if path.is_empty() || path.ends_with(".html") || !safe {
        return None;
    }
    let plain = app.settings.dist.join(path);
    for (coding, ending) in accepted(headers).chain([("identity", "")]) {
        let mut encoded = plain.clone().into_os_string();
        encoded.push(ending);
        let Ok(body) = tokio::fs::read(PathBuf::from(encoded)).await else { continue };
        return Some((answer(body.into(), media(&plain), coding), is_hashed(path)));
    }
    None
}

/// The codings the caller takes and the endings of files in them, the best first.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    [("br", ".br"), ("gzip", ".gz")].into_iter().filter(move |(coding, _)| all.contains(coding))
}

fn answer(body: Body, media: &'static str, coding: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if coding != "identity" {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// Trunk writes `name-0123456789abcdef.ending`, with or without `_bg` behind the hash.
fn is_hashed(path: &str) -> bool {
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let hash = stem.trim_end_matches("_bg").rsplit('-').next().unwrap_or_default();
    hash.len() >= 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn media(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The page for one of its routes: the one made for it at build time, while it is current, or the shell.
async fn page(app: &App, path: &str, asked: &Parts) -> Response {
    let Settings { dist, framers, .. } = &*app.settings;
    let list = tokio::fs::read(dist.join("pages.json")).await.unwrap_or_default();
    let list: List = serde_json::from_slice(&list).unwrap_or_default();
    let query = asked.uri.query().unwrap_or_default();
    let folder = folder(path, query, &asked.headers, &app.catalogue);
    let own = list.current(&folder, query, &app.catalogue).or_else(|| list.frame(&folder, &app.catalogue));
    let own = own.map(|own| (Path::new(own).join("index.html"), depth(own)));
    for (file, depth) in own.into_iter().chain([SHELL, "index.html"].map(|name| (name.into(), 0))) {
        let Ok(text) = tokio::fs::read_to_string(dist.join(file)).await else { continue };
        let climb = path.matches('/').count();
        let mut page = styled(placed(&text, depth, climb, &app.settings), query);
        let links = home_address(&app.settings, &asked.headers).and_then(|home| linked(&mut page, &home));
        let mut response = app.compressed.answer(page, climb, asked).await;
        let headers = response.headers_mut();
        if let Some(links) = links {
            headers.insert(header::LINK, links);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Accept-Language"));
        if let Ok(policy) = HeaderValue::from_str(&headers::policy(framers, &list.inline)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        return response;
    }
    (StatusCode::SERVICE_UNAVAILABLE, "The page is not built: run `cargo xtask run`.").into_response()
}

/// `pages.json`: the pages made at build time.
#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    /// The digest of the text each shows, by its folder.
    pages: BTreeMap<String, String>,
    /// The folders of pages that a draft's form is drawn into.
    frames: Vec<String>,
    #[serde(flatten)]
    inline: Inline,
}

impl List {
    /// The folder, if it has a page that says what the catalogue says.
    fn current<'f>(&self, folder: &'f str, query: &str, catalogue: &Catalogue) -> Option<&'f str> {
        let (language, text) = shown(folder, &catalogue.languages());
        let language = language.unwrap_or(Language::SOURCE);
        let text = if text.is_empty() { "home" } else { text };
        let made = self.pages.get(folder)?.as_str();
        // What a portal embeds stands behind `#`, which servers are not told.
        let framed = query.split('&').any(|pair| pair == "host=frame");
        (catalogue.digest(language, text) == Some(made) && !framed).then_some(folder)
    }

    /// The folder of the page for a draft's form: the same for every draft, for nothing is known of it here.
    fn frame(&self, folder: &str, catalogue: &Catalogue) -> Option<&str> {
        let (language, route) = shown(folder, &catalogue.languages());
        let mut parts = route.split('/');
        let form = parts.next() == Some("drafts") && parts.next().is_some() && parts.next() == Some("form");
        let path = language.map_or_else(|| "form".to_owned(), |language| format!("{}/form", language.tag()));
        self.frames.iter().find(|frame| form && **frame == path).map(String::as_str)
    }
}

/// The folder of a route's page: in the language of the path, else the one the host asks for, else the browser's.
fn folder(path: &str, query: &str, headers: &HeaderMap, catalogue: &Catalogue) -> String {
    let route = path.trim_end_matches('/');
    let there = catalogue.languages();
    if shown(route, &there).0.is_some() {
        return route.to_owned();
    }
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
    let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match Language::best(asked.or(browser).unwrap_or_default(), &there) {
        Language::SOURCE => route.to_owned(),
        language if route.is_empty() => language.tag().to_owned(),
        language => format!("{}/{route}", language.tag()),
    }
}

/// The language a path names and what follows it: `en/bundles/a` is `bundles/a` in English; the source has no folder.
fn shown<'f>(folder: &'f str, there: &[Language]) -> (Option<Language>, &'f str) {
    let (first, rest) = folder.split_once('/').unwrap_or((folder, ""));
    let named = there.iter().find(|language| **language != Language::SOURCE && language.tag() == first);
    named.map_or((None, folder), |language| (Some(*language), rest))
}

/// How many folders lie above what is in a folder.
fn depth(folder: &str) -> usize {
    folder.split('/').filter(|part| !part.is_empty()).count()
}

/// A page for the address it is asked at. Its links are relative, so that any folder of any host can hold it; for a
/// route further down they climb back up. Written for plain hosts, it names screens behind `#`; here they are paths.
fn placed(page: &str, depth: usize, climb: usize, settings: &Settings) -> String {
    let [from, to] = [depth, climb].map(|folders| format!("=\"./{}", "../".repeat(folders)));
    let Settings { framers, worker, .. } = settings;
    let framers = match framers.join(" ") {
        none if none.is_empty() => none,
        all => format!("<meta name=\"framers\" content=\"{all}\" />"),
    };
    let page = page
        .replace(&from, &to)
        .replace(&format!("{to}#/"), &to)
        .replace("<meta name=\"router\" content=\"hash\"", &format!("{framers}<meta name=\"router\" content=\"path\""));
    if *worker { page } else { page.replacen("<html", "<html data-worker=\"off\"", 1) }
}

/// The whole address of the service, as the browser names its host.
fn home_address(settings: &Settings, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b".-:[]".contains(&letter);
    let scheme = if settings.secure { "https" } else { "http" };
    host.bytes().all(plain).then(|| format!("{scheme}://{host}{}", settings.base))
}

/// Takes the addresses of the page and of its other languages out of it, for a `Link` header (RFC 8288): search engines
/// want them whole, and a page built for any host, and compressed once for all of them, cannot know its own.
fn linked(page: &mut String, home: &str) -> Option<HeaderValue> {
    let mut links = Vec::new();
    for rel in ["canonical", "alternate"] {
        let begin = format!("<link rel=\"{rel}\"");
        while let Some(start) = page.find(&begin) {
            let end = start + page[start..].find('>')? + 1;
            let link: String = page.drain(start..end).collect();
            let value = |name: &str| link.split_once(&format!(" {name}=\""))?.1.split('"').next();
            let path = value("href")?.trim_start_matches("./").trim_start_matches("../");
            let language = value("hreflang").map_or(String::new(), |tag| format!("; hreflang=\"{tag}\""));
            links.push(format!("<{home}{path}>; rel=\"{rel}\"{language}"));
        }
    }
    HeaderValue::from_str(&links.join(", ")).ok().filter(|links| !links.is_empty())
}

/// In the style the address asks for: without scripts nobody else would put it on.
fn styled(page: String, query: &str) -> String {
    let elder = query.split('&').any(|pair| pair == "style=elder");
    if elder { page.replacen("<html", "<html data-style=\"elder\"", 1) } else { page }
}

/// Pages in the codings they were sent in, by what they say: that changes with a release only.
#[derive(Default)]
pub struct Compressed(Mutex<Known>);

type Known = HashMap<(&'static str, [u8; 32]), Bytes>;

/// More are those of releases before.
const MOST: usize = 256;
/// No route lies deeper: such addresses are nobody's, and not worth the effort.
const DEEPEST: usize = 8;

impl Compressed {
    async fn answer(&self, page: String, climb: usize, asked: &Parts) -> Response {
        let coding = accepted(&asked.headers).next().filter(|_| climb <= DEEPEST);
        let media = "text/html; charset=utf-8";
        if let Some((coding, _)) = coding
            && let Ok(bytes) = self.get(coding, &page).await
        {
            return answer(bytes.into(), media, coding);
        }
        answer(page.into(), media, "identity")
    }

    async fn get(&self, coding: &'static str, page: &str) -> io::Result<Bytes> {
        let key: (_, [u8; 32]) = (coding, Sha256::digest(page).into());
        if let Some(bytes) = self.known(|known| known.get(&key).cloned()) {
            return Ok(bytes);
        }
        let page = page.to_owned();
        let bytes = tokio::task::spawn_blocking(move || compress(coding, page.as_bytes())).await??;
        self.known(|known| {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(key, bytes.clone());
        });
        Ok(bytes)
    }

    fn known<T>(&self, with: impl FnOnce(&mut Known) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// As small as it gets: it is done once and travels often.
fn compress(coding: &str, bytes: &[u8]) -> io::Result<Bytes> {
    let mut out = Vec::new();
    if coding == "br" {
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    } else {
        let mut gzip = flate2::write::GzEncoder::new(&mut out, flate2::Compression::best());
        gzip.write_all(bytes)?;
        gzip.finish()?;
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_last() {
        assert!(is_hashed("onething-8d9a0b1c2d3e4f56_bg.wasm"));
        assert!(is_hashed("boot-8d9a0b1c2d3e4f56.js"));
        assert!(!is_hashed("locales/en.json"));
        assert!(!is_hashed("icon.svg"));
    }

    #[test]
    fn a_folder_names_language_and_text() {
        let english = Language::of_folder("en");
        let there = [Language::SOURCE, english];
        assert_eq!(shown("", &there), (None, ""));
        assert_eq!(shown("en", &there), (Some(english), ""));
        assert_eq!(shown("bundles/a", &there), (None, "bundles/a"));
        assert_eq!(shown("en/bundles/a", &there), (Some(english), "bundles/a"));
        assert_eq!(["", "en", "bundles/a", "en/bundles/a"].map(depth), [0, 1, 2, 3]);
    }

    fn settings(framers: &[&str], worker: bool) -> Settings {
        let framers = framers.iter().map(ToString::to_string).collect();
        Settings { dist: PathBuf::new(), base: "/".to_owned(), secure: false, framers, worker, session_seconds: 1 }
    }

    #[test]
    fn a_page_names_its_languages_by_their_whole_address() {
        let mut page = r#"<head><link rel="alternate" hreflang="en" href="./../en/bundles/a/"><link rel="canonical" href="./../bundles/a/"><link rel="icon" href="./../i.svg"></head>"#.to_owned();
        let mut headers = HeaderMap::new();
        assert_eq!(home_address(&settings(&[], true), &headers), None);
        headers.insert(header::HOST, HeaderValue::from_static("a.example>; rel=x"));
        assert_eq!(home_address(&settings(&[], true), &headers), None);
        headers.insert(header::HOST, HeaderValue::from_static("a.example:81"));
        let home = home_address(&settings(&[], true), &headers).unwrap();
        assert_eq!(
            linked(&mut page, &home).unwrap(),
            r#"<http://a.example:81/bundles/a/>; rel="canonical", <http://a.example:81/en/bundles/a/>; rel="alternate"; hreflang="en""#
        );
        assert_eq!(page, r#"<head><link rel="icon" href="./../i.svg"></head>"#);
        assert_eq!(linked(&mut page, &home), None);
    }

    #[test]
    fn the_elder_style_needs_no_script() {
        let page = || "<html lang=\"zh-CN\">".to_owned();
        assert_eq!(styled(page(), "lang=ko&style=elder"), "<html data-style=\"elder\" lang=\"zh-CN\">");
        assert_eq!(styled(page(), "style=standard"), page());
    }

    #[test]
    fn links_climb_from_where_the_page_is_asked_for() {
        let settings = settings(&[], true);
        let guide = r#"<link href="./../../a.css"><a href="./../../">a</a><a href="./../../#/bundles/a/start">b</a>"#;
        for (climb, up) in [(0, ""), (1, "../"), (2, "../../"), (3, "../../../")] {
            assert_eq!(
                placed(guide, 2, climb, &settings),
                format!(r#"<link href="./{up}a.css"><a href="./{up}">a</a><a href="./{up}bundles/a/start">b</a>"#)
            );
        }
        let home =
            r##"<script src="./boot.js"></script><a href="./bundles/a/">a</a><a href="./#/b">b</a><a href="#c">c</a>"##;
        assert_eq!(
            placed(home, 0, 1, &settings),
            r##"<script src="./../boot.js"></script><a href="./../bundles/a/">a</a><a href="./../b">b</a><a href="#c">c</a>"##
        );
    }

    #[test]
    fn a_page_learns_where_it_is() {
        let page = r#"<html lang="en"><head><meta name="router" content="hash" /></head></html>"#;
        assert_eq!(
            placed(page, 0, 0, &settings(&[], true)),
            r#"<html lang="en"><head><meta name="router" content="path" /></head></html>"#
        );
        let framed = placed(page, 0, 0, &settings(&["https://a.example", "http://localhost:1"], false));
        assert!(framed.starts_with(r#"<html data-worker="off" lang="en"><head>"#), "{framed}");
        assert!(
            framed.contains(
                r#"<meta name="framers" content="https://a.example http://localhost:1" /><meta name="router""#
            )
        );
    }

    #[test]
    fn what_is_compressed_reads_the_same() {
        use std::io::Read;
        let page = "an errand ".repeat(100);
        let mut plain = String::new();
        let bytes = compress("br", page.as_bytes()).unwrap();
        brotli::Decompressor::new(&bytes[..], 4096).read_to_string(&mut plain).unwrap();
        assert!(plain == page && bytes.len() < 50);
        plain.clear();
        let bytes = compress("gzip", page.as_bytes()).unwrap();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut plain).unwrap();
        assert!(plain == page && bytes.len() < 100);
    }
}
