//! Builds the page: styles and texts, Trunk, then the cut, lowered scripts, static pages and compressed copies.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::shell::{Command, command, root, step};
use crate::{split, still, styles, texts, tools};

/// What the page is made of.
const INPUTS: [&str; 14] = [
    "app",
    "catalogue",
    "contract",
    "engine",
    "locales",
    "style",
    "public",
    "server/src/catalogue",
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
    let dist = root.join("dist");
    step("Build the page", || {
        small(tools::trunk()).args(["build", "--release", "--features", "split"]).output().map(|_| ())
    })?;
    step("Cut it into parts", || program(&root, &dist))?;
    step("Build what draws a form at first sight", || glance(&root, &dist))?;
    step("Lower its scripts", || scripts(&dist))?;
    std::fs::copy(dist.join("embed.js"), root.join("packages/embed/embed.js"))?;
    step("Draw its static pages", || still::draw(&dist))?;
    step("Compress it", || compress(&dist))?;
    Ok(std::fs::write(stamp, inputs)?)
}

/// The release recipe (docs/decisions/0002-wire-budget.md, 0008-engines.md): the standard library is built along,
/// a panic is a trap without a message (`boot.js` shows the recovery), and the code asks of an engine no more than
/// the first version of WebAssembly. What the linker knew is kept for the cut, which needs to
/// know the table of every call, too.
fn small(command: Command) -> Command {
    let flags = [
        "--cfg=erase_components",
        "-Ctarget-cpu=mvp",
        "-Ctarget-feature=+mutable-globals,+call-indirect-overlong",
        "-Clink-arg=--emit-relocs",
    ];
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_PROFILE_WASM_PANIC", "immediate-abort")
        .env("CARGO_UNSTABLE_PANIC_IMMEDIATE_ABORT", "true")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "))
        .env("CARGO_TARGET_DIR", root().join("target/page"))
}

/// Puts the cut program in the place of the whole one that Trunk wrote.
fn program(root: &Path, dist: &Path) -> Result<()> {
    for path in files(dist, "wasm")?.into_iter().chain(files(dist, "js")?) {
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("onething-")) {
            std::fs::remove_file(path)?;
        }
    }
    let cut = root.join("target/page/cut");
    let program = split::split(&root.join("target/page/wasm32-unknown-unknown/wasm/onething.wasm"), &cut)?;
    let mut names = BTreeMap::new();
    for (name, path) in &program.files {
        let bytes = std::fs::read(path)?;
        let named = hashed(name, &bytes, "wasm");
        std::fs::write(dist.join(&named), bytes)?;
        names.insert(name, named);
    }
    let parts: BTreeMap<&String, Vec<&String>> = program
        .parts
        .iter()
        .map(|(part, files)| (part, files.iter().filter_map(|file| names.get(file)).collect()))
        .collect();
    let start = std::fs::read(&program.start)?;
    let wasm = hashed("start", &start, "wasm");
    std::fs::write(dist.join(&wasm), start)?;
    let mut loaders = String::from("import { load } from './parts.js';\n");
    for part in parts.keys() {
        loaders += &format!("export const __wasm_split_load_{part} = load('{part}');\n");
    }
    std::fs::write(cut.join("__wasm_split.js"), loaders)?;
    std::fs::copy(root.join("app/parts.js"), cut.join("parts.js"))?;
    let bundle = cut.join("bundle.js");
    lower(&program.glue, &bundle, &["--bundle"])?;
    let glue = std::fs::read(&bundle)?;
    let js = hashed("app", &glue, "js");
    std::fs::write(dist.join(&js), glue)?;
    let parts: Vec<String> = parts
        .iter()
        .map(|(part, files)| format!("{part}:{}", files.iter().map(|file| file.as_str()).collect::<Vec<_>>().join(" ")))
        .collect();
    let head = format!(
        "{}<meta name=\"program\" content=\"./{js}\" data-wasm=\"./{wasm}\" data-parts=\"{}\">\
         <link rel=\"modulepreload\" href=\"./{js}\"><link rel=\"preload\" as=\"fetch\" crossorigin href=\"./{wasm}\">",
        texts::head()?,
        parts.join(";")
    );
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page)?;
    Ok(std::fs::write(page, html.replacen("</head>", &format!("{head}</head>"), 1))?)
}

/// The small program beside the page's (`app/src/glance.rs`).
fn glance(root: &Path, dist: &Path) -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    small(command("cargo"))
        .args(["build", "--locked", "-p", "onething-app", "--bin", "glance", "--profile", "wasm", "--target", TARGET])
        .output()?;
    let out = root.join("target/page/glance");
    let linked = root.join("target/page").join(TARGET).join("wasm/glance.wasm");
    let (glue, wasm) = split::uncut(&linked, &out, "glance")?;
    let bundle = out.join("bundle.js");
    lower(&glue, &bundle, &["--bundle"])?;
    for (path, ending) in [(bundle, "js"), (wasm, "wasm")] {
        let bytes = std::fs::read(path)?;
        std::fs::write(dist.join(hashed("glance", &bytes, ending)), bytes)?;
    }
    Ok(())
}

/// A name that changes with the content.
pub(crate) fn hashed(name: &str, bytes: &[u8], ending: &str) -> String {
    let hash = format!("{:x}", Sha256::digest(bytes));
    format!("{name}-{}.{ending}", &hash[..16])
}

/// Writes what Trunk copies.
pub(crate) fn prepare() -> Result<()> {
    let out = root().join("target/generated");
    std::fs::create_dir_all(out.join("locales"))?;
    write_if_changed(&out.join("page.css"), &styles::build()?)?;
    write_if_changed(&out.join("locales.list"), &texts::list()?)?;
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

/// Minifies the scripts beside the program, and writes them in the language of the oldest engines.
fn scripts(dist: &Path) -> Result<()> {
    for path in files(dist, "js")? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Glue is lowered already.
        if !["app-", "glance-"].iter().any(|glue| name.starts_with(glue)) {
            lower(&path, &path, &["--allow-overwrite"])?;
        }
    }
    Ok(())
}

fn lower(from: &Path, to: &Path, more: &[&str]) -> Result<()> {
    let flags = ["--minify", "--format=esm", "--target=chrome80,ios14.5", "--log-level=error"];
    command("esbuild").arg(from).args(flags).args(more).arg(format!("--outfile={}", to.display())).output().map(|_| ())
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
