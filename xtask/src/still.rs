//! The static pages: home and guides in every language, drawn by the page's own components where it is built
//! (`app/src/still.rs`), with their styles inside. They can be read before any code arrives, and without it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::page::files;
use crate::shell::{command, root};

/// A page as `app/src/print.rs` writes it.
#[derive(Deserialize)]
struct Printed {
    path: String,
    route: String,
    language: String,
    direction: String,
    title: String,
    description: String,
    about: About,
    body: String,
}

/// What stands around a draft's form.
#[derive(Deserialize)]
struct Frame {
    path: String,
    language: String,
    direction: String,
    title: String,
    texts: Option<String>,
    body: String,
}

/// What `app/src/still.rs` writes.
#[derive(Deserialize)]
struct Drawn {
    pages: Vec<Printed>,
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct About {
    name: String,
    audience: Vec<String>,
    provider: String,
}

/// Draws them into `dist`, whose `index.html` so far is the page without any; that becomes `shell.html`.
pub(crate) fn draw(dist: &Path) -> Result<()> {
    let root = root();
    let texts = root.join("target/generated/pages");
    let drawn = root.join("target/generated/pages.json");
    let _ = std::fs::remove_dir_all(&texts);
    let cargo = || command("cargo").args(["run", "--quiet", "--locked"]);
    cargo().args(["-p", "onething-server", "--", "catalogue", "pages", "--out"]).arg(&texts).output()?;
    let locales = root.join("target/generated/locales");
    // As in the page: views of one kind share their code, without which the compiler gives up on some.
    cargo()
        .env("RUSTFLAGS", "--cfg erase_components")
        .env("CARGO_TARGET_DIR", root.join("target/still"))
        .args(["-p", "onething-app", "--features", "still", "--bin", "still", "--"])
        .arg(&texts)
        .arg(locales)
        .arg(&drawn)
        .output()?;
    let Drawn { pages, frames } = serde_json::from_str(&std::fs::read_to_string(&drawn)?).context("pages.json")?;
    let digests: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&std::fs::read_to_string(texts.join("digests.json"))?).context("digests.json")?;

    let shell = std::fs::read_to_string(dist.join("index.html"))?;
    let css = files(dist, "css")?.into_iter().next().context("no style sheet")?;
    let style = std::fs::read_to_string(&css)?;
    let mut known = BTreeMap::new();
    for page in &pages {
        let text = digests
            .get(&page.language)
            .and_then(|texts| texts.get(if page.route.is_empty() { "home" } else { &page.route }));
        let digest = text.with_context(|| format!("{} has no digest", page.path))?;
        write(dist, &page.path, &whole(&shell, &style, page, &pages, digest))?;
        known.insert(page.path.clone(), digest.clone());
    }
    for frame in &frames {
        // A form is nobody's yet: it says what the first page says.
        let home = pages.iter().find(|page| page.route.is_empty() && page.language == frame.language);
        let description = home.map(|home| description(&home.description)).context("a language without a first page")?;
        write(dist, &frame.path, &around(&shell, &style, frame, &description, dist)?)?;
    }
    // The release changes with whatever a reader would be given.
    let mut release = Sha256::new();
    for path in files(dist, "html")?.into_iter().chain(files(dist, "wasm")?).chain(files(dist, "js")?) {
        release.update(std::fs::read(path)?);
    }
    release.update(&shell);
    let release = format!("{:x}", release.finalize())[..16].to_owned();
    let marked =
        |html: String| html.replacen("</head>", &format!("<meta name=\"release\" content=\"{release}\"></head>"), 1);
    for path in files(dist, "html")? {
        std::fs::write(&path, marked(std::fs::read_to_string(&path)?))?;
    }
    std::fs::write(dist.join("shell.html"), marked(shell.clone()))?;
    let hash =
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes())));
    std::fs::write(dist.join("pages.json"), json!({ "styles": [hash], "pages": known, "frames": frames.iter().map(|frame| &frame.path).collect::<Vec<_>>() }).to_string())?;
    std::fs::write(dist.join("precache.json"), precache(dist, &release, &shell)?.to_string())?;
    Ok(())
}

fn write(dist: &Path, path: &str, html: &str) -> Result<()> {
    let depth = if path.is_empty() { 0 } else { path.matches('/').count() + 1 };
    let folder = dist.join(path);
    std::fs::create_dir_all(&folder)?;
    let html = html.replace("=\"./", &format!("=\"./{}", "../".repeat(depth)));
    Ok(std::fs::write(folder.join("index.html"), html)?)
}

/// The page of a draft's form: the program that draws it at first sight comes before the page's own, and the way out
/// where neither comes.
fn around(shell: &str, style: &str, frame: &Frame, description: &str, dist: &Path) -> Result<String> {
    let mut head = head(shell, style, &frame.language, &frame.direction, &frame.title, description);
    programs(&mut head);
    let named = |ending: &str| -> Result<String> {
        let name = |path: &std::path::PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("glance-"))
        };
        let path = files(dist, ending)?.into_iter().find(name).context("no program for the first sight")?;
        Ok(format!("./{}", path.strip_prefix(dist)?.to_string_lossy()))
    };
    let (js, wasm) = (named("js")?, named("wasm")?);
    let texts = frame.texts.as_ref().map(|texts| format!(" data-texts=\"{texts}\"")).unwrap_or_default();
    let script = std::fs::read(dist.join("first.js"))?;
    let first = format!(
        "<meta name=\"glance\" content=\"{js}\" data-wasm=\"{wasm}\"{texts}>\
         <link rel=\"modulepreload\" href=\"{js}\"><link rel=\"preload\" as=\"fetch\" crossorigin href=\"{wasm}\">\
         <script src=\"./first.js?v={}\" defer></script><script ",
        &format!("{:x}", Sha256::digest(script))[..16]
    );
    let head = head.replacen("<script ", &first, 1);
    let late = between(shell, "<div class=\"late\">", "</noscript>").context("the shell has no way out")?;
    let body = frame.body.replacen("</main>", &format!("{late}</main>"), 1);
    Ok(format!("{head}<body><div id=\"boot\" data-form>{body}</div></body></html>\n"))
}

/// A whole page: the shell's head with what it says of itself, its styles inside, and its body.
fn whole(shell: &str, style: &str, page: &Printed, all: &[Printed], digest: &str) -> String {
    let mut own = format!("{}<meta name=\"texts\" content=\"{digest}\">", description(&page.description));
    for other in all.iter().filter(|other| other.route == page.route) {
        own += &format!("<link rel=\"alternate\" hreflang=\"{}\" href=\"{}\">", other.language, address(&other.path));
    }
    own += &format!("<link rel=\"canonical\" href=\"{}\">", address(&page.path));
    own +=
        &format!("<script type=\"application/ld+json\">{}</script>", about(page).to_string().replace('<', "\\u003c"));
    let mut head = head(shell, style, &page.language, &page.direction, &page.title, &own);
    // The words come before the program: it is asked for at their end.
    let program = programs(&mut head);
    format!(
        "{head}<body><div id=\"boot\" data-page=\"{}\">{}</div>{program}</body></html>\n",
        escaped(&page.route),
        page.body
    )
}

/// The shell's head in a language, with a title, what a page says of itself, and its styles.
fn head(shell: &str, style: &str, language: &str, direction: &str, title: &str, own: &str) -> String {
    let start = shell.find("<body").unwrap_or(shell.len());
    let mut head = shell[..start].to_owned();
    for (from, to) in [("<title>", "</title>"), ("<meta name=\"description\"", ">"), ("<link rel=\"stylesheet\"", ">")]
    {
        take(&mut head, from, to);
    }
    let root = format!("<html lang=\"{language}\" dir=\"{direction}\" data-drawn=\"{language}\"");
    let head = head.replacen("<html lang=\"zh-CN\"", &root, 1);
    // Last of all: the rules may follow, the words may not wait.
    let end = format!("<title>{}</title>{own}<style>{style}</style></head>", escaped(title));
    head.replacen("</head>", &end, 1)
}

/// Takes the links out that ask for the program early.
fn programs(head: &mut String) -> String {
    ["<link rel=\"modulepreload\"", "<link rel=\"preload\""].map(|link| take(head, link, ">")).concat()
}

fn description(text: &str) -> String {
    format!("<meta name=\"description\" content=\"{}\">", escaped(text))
}

fn between<'h>(html: &'h str, from: &str, to: &str) -> Option<&'h str> {
    let start = html.find(from)?;
    let end = start + html[start..].find(to)? + to.len();
    Some(&html[start..end])
}

fn address(path: &str) -> String {
    if path.is_empty() { "./".to_owned() } else { format!("./{path}/") }
}

/// What a page is about, as <https://schema.org/GovernmentService> says it.
fn about(page: &Printed) -> Value {
    let About { name, audience, provider } = &page.about;
    let kind = if page.route.is_empty() { "WebSite" } else { "GovernmentService" };
    let mut about = json!({
        "@context": "https://schema.org", "@type": kind, "name": name, "description": page.description, "inLanguage": page.language,
    });
    if kind == "GovernmentService" {
        about["provider"] = json!({ "@type": "GovernmentOrganization", "name": provider });
        about["audience"] = audience.iter().map(|name| json!({ "@type": "Audience", "audienceType": name })).collect();
    }
    about
}

/// What a worker keeps at once, and what it fetches later (`public/sw.js`).
fn precache(dist: &Path, release: &str, shell: &str) -> Result<Value> {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for ending in ["js", "css", "wasm", "svg", "json", "webmanifest"] {
        for path in files(dist, ending)? {
            let name = path.strip_prefix(dist)?.to_string_lossy().into_owned();
            if ["sw.js", "embed.js", "first.js", "pages.json", "precache.json"].contains(&name.as_str())
                || name.starts_with("glance-")
            {
                continue;
            }
            let at_once = ["app-", "start-", "boot-", "page-"].iter().any(|part| name.starts_with(part));
            if at_once || shell.contains(&format!("./{name}\"")) { &mut first } else { &mut later }
                .push(format!("./{name}"));
        }
    }
    Ok(json!({ "release": release, "page": "./shell.html", "shell": first, "later": later }))
}

/// Takes out what begins so and ends so, once; nothing where nothing does.
fn take(html: &mut String, from: &str, to: &str) -> String {
    let Some(start) = html.find(from) else { return String::new() };
    let end = html[start..].find(to).map_or(html.len(), |end| start + end + to.len());
    html.drain(start..end).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_it_is_and_where_its_other_languages_are() {
        let page = |path: &str, language: &str| Printed {
            path: path.to_owned(),
            route: "bundles/a".to_owned(),
            language: language.to_owned(),
            direction: "ltr".to_owned(),
            title: "T <".to_owned(),
            description: "D".to_owned(),
            about: About { name: "</script>".to_owned(), audience: Vec::new(), provider: String::new() },
            body: "<main></main>".to_owned(),
        };
        let all = [page("bundles/a", "zh-CN"), page("en/bundles/a", "en")];
        let shell = "<html lang=\"zh-CN\"><head><title>x</title><link rel=\"stylesheet\" href=\"./p.css\"/><link rel=\"preload\" href=\"./p.wasm\"></head><body>s</body></html>";
        let html = whole(shell, "a{}", &all[1], &all, "d1");
        assert!(
            html.contains("<html lang=\"en\" dir=\"ltr\" data-drawn=\"en\">") && html.contains("<title>T &lt;</title>"),
            "{html}"
        );
        assert!(
            html.contains("hreflang=\"zh-CN\" href=\"./bundles/a/\"")
                && html.contains("canonical\" href=\"./en/bundles/a/\"")
        );
        assert!(
            !html.contains("p.css")
                && !html.contains("\"</script>\"")
                && html.contains(
                    "data-page=\"bundles/a\"><main></main></div><link rel=\"preload\" href=\"./p.wasm\"></body>"
                )
        );
    }
}
