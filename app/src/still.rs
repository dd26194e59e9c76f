//! Draws the static pages, with the components of the live ones: reads the texts the server would answer, writes the
//! parts of the pages, and of the frames of forms, as JSON. `cargo xtask` makes files of them.

use std::path::{Path, PathBuf};

use onething_app::locale::{self, Language};
use onething_app::print::{self, Printed};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(texts), Some(locales), Some(out)) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("still TEXTS LOCALES OUT");
        std::process::exit(2);
    };
    let (mut pages, mut frames) = (Vec::new(), Vec::new());
    locale::know(&std::fs::read_to_string(locales.with_extension("list"))?);
    for language in Language::all() {
        let table = std::fs::read_to_string(locales.join(format!("{}.json", language.tag()))).ok();
        pages.extend(pages_in(language, table.as_deref(), &texts.join(language.tag()))?);
        frames.push(print::frame());
    }
    std::fs::write(out, serde_json::json!({ "pages": pages, "frames": frames }).to_string())
}

fn pages_in(language: Language, table: Option<&str>, texts: &Path) -> std::io::Result<Vec<Printed>> {
    let unreadable = |path: &Path| std::io::Error::other(format!("{} is not what the server answers", path.display()));
    print::speak(language, table);
    let home = texts.join("home.json");
    let home = print::home(&std::fs::read_to_string(&home)?).ok_or_else(|| unreadable(&home))?;
    let mut pages = vec![home];
    let mut bundles: Vec<_> = std::fs::read_dir(texts.join("bundles"))?.collect::<Result<_, _>>()?;
    bundles.sort_by_key(std::fs::DirEntry::file_name);
    for bundle in bundles {
        let path = bundle.path();
        pages.push(print::guide(&std::fs::read_to_string(&path)?).ok_or_else(|| unreadable(&path))?);
    }
    Ok(pages)
}
