//! What the project needs besides Rust and Node: installed where it is missing, into the checkout.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{Command, command, root, step};

const TRUNK: &str = "0.21.14";
/// Knows the split points that `leptos` brings.
const SPLIT: &str = "0.2.4";

/// Everything to build the page.
pub(crate) fn for_page() -> Result<()> {
    wasm_target()?;
    let bindgen = locked("wasm-bindgen")?;
    cargo_tool("trunk", "trunk", TRUNK, true)?;
    // The published lock of the tool names versions a mirror may lack.
    cargo_tool("wasm-bindgen", "wasm-bindgen-cli", &bindgen, false)?;
    splitter()?;
    npm()
}

/// Trunk, with everything it calls on its path.
pub(crate) fn trunk() -> Command {
    command("trunk").env("NO_COLOR", "true")
}

/// The wasm target, and the source of its standard library, which the release build compiles along.
fn wasm_target() -> Result<()> {
    let targets = command("rustup").args(["target", "list", "--installed"]).output().unwrap_or_default();
    if !targets.contains("wasm32-unknown-unknown") {
        step("Add the wasm target", || {
            command("rustup").args(["target", "add", "wasm32-unknown-unknown"]).output().map(|_| ())
        })?;
    }
    let components = command("rustup").args(["component", "list", "--installed"]).output().unwrap_or_default();
    if !components.contains("rust-src") {
        step("Add the standard library's source", || {
            command("rustup").args(["component", "add", "rust-src"]).output().map(|_| ())
        })?;
    }
    Ok(())
}

fn cargo_tool(program: &str, package: &str, version: &str, locked: bool) -> Result<()> {
    if command(program).arg("--version").output().is_ok_and(|said| said.contains(version)) {
        return Ok(());
    }
    step(&format!("Install {package} {version} (some minutes, once)"), || {
        let tools = root().join("target/tools");
        let install =
            command("cargo").args(["install", "--quiet", "--root"]).arg(tools).arg(format!("{package}@{version}"));
        if locked { install.arg("--locked") } else { install }.run()
    })
}

/// Says no version of itself: what cargo noted when it installed it is asked instead.
fn splitter() -> Result<()> {
    let tools = root().join("target/tools");
    let noted = std::fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
    if noted.contains(&format!("wasm_split_cli_support {SPLIT}")) && tools.join("bin/wasm-split-cli").exists() {
        return Ok(());
    }
    step(&format!("Install wasm_split_cli_support {SPLIT} (a minute, once)"), || {
        let install = command("cargo").args(["install", "--quiet", "--locked", "--features", "build-binary", "--root"]);
        install.arg(tools).arg(format!("wasm_split_cli_support@{SPLIT}")).run()
    })
}

/// The version of a package in the lockfile.
fn locked(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    let after = lock.split(&format!("name = \"{package}\"\nversion = \"")).nth(1);
    match after.and_then(|after| after.split('"').next()) {
        Some(version) => Ok(version.to_owned()),
        None => bail!("Cargo.lock names no {package}"),
    }
}

/// Packages of package-lock.json, when they are not those installed.
fn npm() -> Result<()> {
    let root = root();
    let stamp = root.join("node_modules/.stamp");
    let lock = std::fs::read_to_string(root.join("package-lock.json"))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    step("Install npm packages", || {
        command("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).run()?;
        Ok(std::fs::write(&stamp, &lock)?)
    })
}

/// Chromium with its driver, Firefox, WebKitGTK with its driver and a screen, fonts for Chinese, and PostgreSQL's server
/// programs.
pub(crate) fn for_tests() -> Result<()> {
    npm()?;
    let missing: Vec<&str> = [
        ("chromium", Path::new("/usr/bin/chromium").exists()),
        ("chromium-driver", Path::new("/usr/bin/chromedriver").exists()),
        ("firefox-esr", Path::new("/usr/bin/firefox-esr").exists()),
        // The Nu Html Checker runs on it.
        ("default-jre-headless", command("java").args(["-version"]).works()),
        ("webkit2gtk-driver", Path::new("/usr/bin/WebKitWebDriver").exists()),
        ("xvfb", Path::new("/usr/bin/Xvfb").exists()),
        ("fonts-noto-cjk", Path::new("/usr/share/fonts/opentype/noto").exists()),
        ("postgresql", crate::postgres::programs().is_some()),
    ]
    .into_iter()
    .filter(|(_, there)| !there)
    .map(|(package, _)| package)
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    let root_on_debian =
        Path::new("/etc/debian_version").exists() && command("id").arg("-u").output().is_ok_and(|id| id.trim() == "0");
    if !root_on_debian {
        bail!("The tests need {packages}. On Debian: sudo apt-get install {packages}");
    }
    step(&format!("Install {packages}"), || {
        let apt = || command("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        apt().args(["update", "-qq"]).output()?;
        apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(&missing).output()?;
        Ok(())
    })
}
