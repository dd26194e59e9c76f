//! Rules of the house that a compiler does not know, checked over the sources.

use anyhow::{Result, bail};

use crate::page::files;
use crate::shell::root;

/// Who may name whom: `app → engine → contract`, `server → engine → contract`.
const WALLS: [(&str, &[&str], &str); 5] = [
    (
        "contract/src",
        &["engine::", "web_sys", "leptos", "sqlx", "tokio", "std::fs"],
        "contract holds types and knows nobody",
    ),
    (
        "engine/src",
        &["web_sys", "js_sys", "leptos", "sqlx", "tokio", "std::fs", "std::time", "SystemTime"],
        "engine is pure: no page, no clock, no I/O",
    ),
    ("server/src", &["web_sys", "leptos", "onething_app"], "the server knows nothing of the page"),
    (
        "gateway/src",
        &["use contract", "use engine", "onething_server", "sqlx"],
        "the payment simulator speaks the gateways' protocols, and knows nobody of ours",
    ),
    ("app/src/components", &["crate::screens", "crate::session"], "components know neither screens nor who is there"),
];

/// Fails where a wall is broken, or where an errand is written in code.
pub(crate) fn check() -> Result<()> {
    let root = root();
    let mut complaints = Vec::new();
    for (folder, forbidden, why) in WALLS {
        for path in files(&root.join(folder), "rs")? {
            let text = std::fs::read_to_string(&path)?;
            for word in forbidden.iter().filter(|word| text.contains(**word)) {
                complaints.push(format!("{} names `{word}`: {why}", path.strip_prefix(&root)?.display()));
            }
        }
    }
    let bundles = files(&root.join("catalogue/bundles"), "yaml")?;
    for folder in ["app/src", "server/src", "engine/src", "contract/src"] {
        for path in files(&root.join(folder), "rs")? {
            let text = std::fs::read_to_string(&path)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: String =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            for bundle in &bundles {
                let name = bundle.file_stem().unwrap_or_default().to_string_lossy();
                if code.contains(&format!("\"{name}\"")) {
                    complaints.push(format!(
                        "{} names the errand `{name}`: errands live in catalogue/",
                        path.strip_prefix(&root)?.display()
                    ));
                }
            }
        }
    }
    if complaints.is_empty() { Ok(()) } else { bail!("{}", complaints.join("\n")) }
}
