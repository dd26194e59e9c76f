//! `cargo xtask dev`: a debug page and server; the page is built anew when a file changes, and reloads itself.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::gateway::Gateway;
use crate::page::{digest, prepare};
use crate::shell::{command, root, step};
use crate::{Run, texts, tools};

const DIST: &str = "target/dev";

/// Asks once a second whether the page was built anew.
const RELOAD: &str = "let seen; setInterval(async () => { const now = await (await fetch(new URL('reload.txt', import.meta.url))).text(); if (seen && seen !== now) location.reload(); seen = now; }, 1000);";

pub(crate) fn run(run: &Run) -> Result<()> {
    tools::for_page()?;
    build()?;
    step("Build the server", || command("cargo").args(["build", "--quiet"]).args(crate::SERVERS).run())?;
    let gateway = Gateway::start("debug", run)?;
    let mut server = crate::server("debug", run, DIST).arg("--payment").arg(&gateway.config).spawn()?;
    let mut built = digest(&root())?;
    while server.try_wait()?.is_none() {
        std::thread::sleep(Duration::from_secs(1));
        let now = digest(&root())?;
        if now != built {
            built = now;
            // What does not compile yet is said; the page before stays.
            if let Err(error) = build() {
                eprintln!("{error:#}");
            }
        }
    }
    Ok(())
}

fn build() -> Result<()> {
    let root = root();
    let dist = root.join(DIST);
    prepare()?;
    step("Build the page", || {
        command("cargo")
            .args(["build", "--quiet", "-p", "onething-app", "--bin", "onething", "--target", "wasm32-unknown-unknown"])
            .run()?;
        std::fs::create_dir_all(dist.join("locales"))?;
        let bindgen =
            command("wasm-bindgen").args(["--target", "web", "--no-typescript", "--debug", "--out-dir", DIST]);
        bindgen.arg(root.join("target/wasm32-unknown-unknown/debug/onething.wasm")).output()?;
        copy(&root.join("public"), &dist)?;
        copy(&root.join("target/generated/locales"), &dist.join("locales"))?;
        std::fs::copy(root.join("target/generated/page.css"), dist.join("page.css"))?;
        std::fs::write(dist.join("reload.js"), RELOAD)?;
        std::fs::write(dist.join("index.html"), page(&std::fs::read_to_string(root.join("app/index.html"))?)?)?;
        Ok(std::fs::write(dist.join("reload.txt"), digest(&root)?)?)
    })
}

/// The page's head without what Trunk would put there.
fn page(html: &str) -> Result<String> {
    let lines = html.lines().filter(|line| !line.contains("data-trunk"));
    let head = "<meta name=\"program\" content=\"./onething.js\" data-wasm=\"./onething_bg.wasm\" data-parts=\"\">";
    let links = "<link rel=\"stylesheet\" href=\"./page.css\"><script src=\"./boot.js\" defer></script><script type=\"module\" src=\"./reload.js\"></script>";
    Ok(lines.collect::<Vec<_>>().join("\n").replace("</head>", &format!("{}{head}{links}</head>", texts::head()?)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        match path.file_name() {
            Some(name) if path.is_dir() => copy(&path, &to.join(name))?,
            Some(name) => std::fs::copy(&path, to.join(name)).map(|_| ())?,
            None => {}
        }
    }
    Ok(())
}
