//! Builds the page: styles and texts, Trunk, then wasm-opt, minified glue and compressed copies.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::shell::{Command, command, root, step};
use crate::{styles, texts, tools};

/// What the page is made of.
const INPUTS: [&str; 12] = [
    "app",
    "contract",
    "engine",
    "locales",
    "style",
    "public",
    "xtask",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "package-lock.json",
    ".cargo/config.toml",
];

/// Builds the page, unless nothing changed since it was built.
pub(crate) fn build() -> Result<()> {
    let root = root();
    let stamp = root.join("target/generated/stamp");
    let inputs = digest(&root)?;
    if root.join("dist/index.html").exists() && std::fs::read_to_string(&stamp).is_ok_and(|before| before == inputs) {
        return Ok(());
    }
    tools::for_page()?;
    prepare()?;
    step("Build the page", || small(tools::trunk()).args(["build", "--release"]).output().map(|_| ()))?;
    step("Build its other programs", || programs(&root))?;
    step("Shrink the page", || shrink(&root.join("dist")))?;
    step("Compress the page", || compress(&root.join("dist")))?;
    Ok(std::fs::write(stamp, inputs)?)
}

/// Programs besides the one Trunk builds: each holds the screens of its part of the errand.
pub(crate) const PROGRAMS: [&str; 4] = ["filling", "finishing", "following", "paying"];

/// The release recipe: the standard library is built along, and a panic is a trap without a
/// message, which saves a tenth (docs/decisions/0002-wire-budget.md). `boot.js` shows the recovery.
fn small(command: Command) -> Command {
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_PROFILE_WASM_PANIC", "immediate-abort")
        .env("CARGO_UNSTABLE_PANIC_IMMEDIATE_ABORT", "true")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env("CARGO_TARGET_DIR", root().join("target/page"))
}

fn programs(root: &Path) -> Result<()> {
    let target = ["--target", "wasm32-unknown-unknown", "--profile", "wasm", "--locked", "--quiet"];
    let bins = PROGRAMS.iter().flat_map(|name| ["--bin", name]);
    small(command("cargo")).args(["build", "-p", "onething-app"]).args(target).args(bins).output()?;
    let mut metas = String::new();
    for name in PROGRAMS {
        let wasm = root.join(format!("target/page/wasm32-unknown-unknown/wasm/{name}.wasm"));
        let hash = format!("{:x}", Sha256::digest(std::fs::read(&wasm)?));
        let named = format!("{name}-{}", &hash[..16]);
        command("wasm-bindgen")
            .args(["--target", "web", "--no-typescript", "--out-dir", "dist", "--out-name", &named])
            .arg(&wasm)
            .output()?;
        metas += &format!("<meta name=\"{name}\" content=\"{named}.js\" data-wasm=\"{named}_bg.wasm\">");
    }
    let page = root.join("dist/index.html");
    let html = std::fs::read_to_string(&page)?;
    Ok(std::fs::write(page, html.replacen("</head>", &format!("{metas}</head>"), 1))?)
}

/// Writes what Trunk copies.
pub(crate) fn prepare() -> Result<()> {
    let out = root().join("target/generated");
    std::fs::create_dir_all(out.join("locales"))?;
    write_if_changed(&out.join("page.css"), &styles::build()?)?;
    for (language, table) in texts::tables()? {
        write_if_changed(&out.join(format!("locales/{language}.json")), &table)?;
    }
    Ok(())
}

/// A file that is not touched is not a change that Trunk would see.
fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    Ok(std::fs::write(path, text)?)
}

/// A digest of everything the page is made of.
pub(crate) fn digest(root: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    for input in INPUTS {
        collect(&root.join(input), &mut files)?;
    }
    let mut digest = Sha256::new();
    for (path, bytes) in files {
        digest.update(path.strip_prefix(root)?.to_string_lossy().as_bytes());
        digest.update(bytes);
    }
    Ok(format!("{:x}", digest.finalize()))
}

fn collect(path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.insert(path.to_path_buf(), std::fs::read(path).with_context(|| path.display().to_string())?);
    }
    Ok(())
}

/// Names keep their hash although the content shrinks: the hash covers what was built, and so
/// do the flags here, through `digest`.
fn shrink(dist: &Path) -> Result<()> {
    for path in files(dist, "wasm")? {
        // Only the features every supported engine has; `--all-features` writes what browsers refuse.
        command("wasm-opt")
            .args([
                "-Oz",
                "--strip-debug",
                "--strip-producers",
                "--enable-bulk-memory",
                "--enable-bulk-memory-opt",
                "--enable-sign-ext",
            ])
            .args([
                "--enable-nontrapping-float-to-int",
                "--enable-mutable-globals",
                "--enable-reference-types",
                "--enable-multivalue",
            ])
            .arg(&path)
            .arg("-o")
            .arg(&path)
            .output()?;
    }
    for path in files(dist, "js")? {
        command("esbuild")
            .arg(&path)
            .args(["--minify", "--format=esm", "--target=es2020", "--allow-overwrite", "--log-level=error"])
            .arg(format!("--outfile={}", path.display()))
            .output()?;
    }
    Ok(())
}

/// Writes `.br` and `.gz` beside every file that gains by it.
fn compress(dist: &Path) -> Result<()> {
    for ending in ["wasm", "js", "css", "json", "svg", "webmanifest"] {
        for path in files(dist, ending)? {
            let bytes = std::fs::read(&path)?;
            std::fs::write(append(&path, ".br"), brotli(&bytes)?)?;
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(&bytes)?;
            std::fs::write(append(&path, ".gz"), gzip.finish()?)?;
        }
    }
    Ok(())
}

/// Brotli at its best.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    Ok(out)
}

fn append(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Files with an ending, below a folder.
pub(crate) fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut all = BTreeMap::new();
    collect(folder, &mut all)?;
    Ok(all.into_keys().filter(|path| path.extension().is_some_and(|found| found == ending)).collect())
}
