//! One program becomes files: the start of the page, and what each part of it needs
//! (docs/decisions/0007-one-program.md).
//!
//! `wasm-split-cli` cuts along the split points of `app/src/screens/parts.rs` and writes a file for every set
//! of parts that shares something: dozens, most of them tiny. Requests cost, and brotli learns little from a
//! small file, so those that travel together are joined here. It also writes a loader; ours
//! (`app/parts.js`) fetches early, and reads from servers that know no `application/wasm`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow, ensure};

use crate::shell::command;
use crate::travel::{self, Group, Piece};
use crate::wat::{Module, weight};

/// What the page loads.
pub(crate) struct Program {
    /// The start: its glue, not yet bundled, and its code.
    pub(crate) glue: PathBuf,
    pub(crate) start: PathBuf,
    /// Part → files, by name.
    pub(crate) parts: BTreeMap<String, Vec<String>>,
    /// Files by name.
    pub(crate) files: BTreeMap<String, PathBuf>,
}

/// Cuts a linked program; everything lands in `out`.
pub(crate) fn split(linked: &Path, out: &Path) -> Result<Program> {
    let _ = std::fs::remove_dir_all(out);
    std::fs::create_dir_all(out)?;
    let cut = out.join("app.wasm");
    command("wasm-split-cli").arg(linked).arg(out).args(["--out-name", "app"]).output()?;
    command("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", "app", "--out-dir"])
        .arg(out)
        .arg(&cut)
        .output()?;
    let pieces = pieces(&std::fs::read_to_string(out.join("__wasm_split.js"))?, |piece| {
        weight(&out.join(format!("{piece}.wasm")))
    })?;
    let groups = travel::together(pieces);
    join(&groups, out)?;
    let (glue, start) = lean(out, "app", "start")?;
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut files = BTreeMap::new();
    for Group { name, users, .. } in groups {
        for user in users {
            parts.entry(user).or_default().push(name.clone());
        }
        let wasm = out.join(format!("{name}.wasm"));
        files.insert(name, wasm);
    }
    Ok(Program { glue, start, parts, files })
}

/// Joins the pieces of each group, several groups at once: most of the time is the start of the tools.
fn join(groups: &[Group], out: &Path) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let joined = out.join(format!("{}.wat", group.name));
            let modules = group.files.iter().map(|piece| Module::read(&out.join(format!("{piece}.wasm"))));
            std::fs::write(&joined, Module::join(modules.collect::<Result<_>>()?)?)?;
            optimise(&joined, &out.join(format!("{}.wasm", group.name)))?;
        }
        Ok(())
    };
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..hands).map(|_| scope.spawn(work)).collect();
        hands.into_iter().try_for_each(|hand| hand.join().map_err(|_| anyhow!("joining pieces panicked"))?)
    })
}

/// Reads what the cutter's loader says: `/* form, starting */` before each shared file, and one function a part.
fn pieces(loader: &str, weigh: impl Fn(&str) -> Result<usize>) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    for shared in loader.split("/* ").skip(1) {
        let (users, rest) = shared.split_once(" */").context("a comment without an end")?;
        let users = users.split(", ").map(str::to_owned).collect();
        let file = file(rest).context("a shared file without a name")?;
        pieces.push(Piece { weight: weigh(&file)?, file, users });
    }
    for own in loader.split("export const __wasm_split_load_").skip(1) {
        let part = own.split([' ', '=']).next().unwrap_or_default().to_owned();
        // A part may have nothing of its own.
        if let Some(file) = file(own) {
            pieces.push(Piece { weight: weigh(&file)?, file, users: BTreeSet::from([part]) });
        }
    }
    ensure!(!pieces.is_empty(), "the program has no parts");
    Ok(pieces)
}

fn file(loader: &str) -> Option<String> {
    let (name, _) = loader.split_once("new URL(\"./")?.1.split_once(".wasm\"")?;
    Some(name.to_owned())
}

/// Lets go of a program's memory: all variables of the glue that lead to it.
const FORGET: &str = "
export function forget() {
    wasm = wasmModule = wasmInstance = __wbg_init_promise = undefined;
    cachedDataViewMemory0 = cachedUint8ArrayMemory0 = null;
    heap = [];
}
";

/// A linked program that is not cut: its glue, not yet bundled, and its code; everything lands in `out`.
pub(crate) fn uncut(linked: &Path, out: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
    std::fs::create_dir_all(out)?;
    command("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-name", "whole", "--out-dir"])
        .arg(out)
        .arg(linked)
        .output()?;
    // A module lives as long as its page; what it did once may be let go.
    let glue = out.join("whole.js");
    let text = std::fs::read_to_string(&glue)?;
    std::fs::write(glue, text + FORGET)?;
    lean(out, "whole", name)
}

/// A program without what nobody uses: `wasm-streams` exports classes that the page never makes.
fn lean(out: &Path, from: &str, to: &str) -> Result<(PathBuf, PathBuf)> {
    let unused = |line: &str| line.contains("\"intounderlying") || line.contains("\"__wbg_intounderlying");
    let mut module = Module::read(&out.join(format!("{from}_bg.wasm")))?;
    module.drop_exports(unused);
    module.drop_empty_elements();
    let mut glue = without_classes(&std::fs::read_to_string(out.join(format!("{from}.js")))?, "IntoUnderlying");
    let text = module.shorten(&mut glue);
    let [wat, wasm, js] = ["wat", "wasm", "js"].map(|ending| out.join(format!("{to}.{ending}")));
    std::fs::write(&wat, text)?;
    optimise(&wat, &wasm)?;
    std::fs::write(&js, glue)?;
    Ok((js, wasm))
}

/// Drops exported classes of a kind, and what watches over their ends.
fn without_classes(glue: &str, kind: &str) -> String {
    let mut kept = String::new();
    let mut until = None;
    for line in glue.lines() {
        if until.is_none() && line.contains(kind) {
            until = match line.split(' ').next() {
                Some("export") => Some("}"),
                Some("const" | "if") => Some(";"),
                _ => None,
            };
        }
        match until {
            None => {
                kept += line;
                kept.push('\n');
            }
            Some("}") if line == "}" => until = None,
            Some(";") if line.ends_with(';') => until = None,
            Some(_) => {}
        }
    }
    kept
}

/// Only what every engine at the floor knows: the first version of WebAssembly, and globals that change.
fn optimise(from: &Path, to: &Path) -> Result<()> {
    let flags = [
        "-Oz",
        "--strip-debug",
        "--strip-producers",
        "--strip-target-features",
        "--mvp-features",
        "--enable-mutable-globals",
    ];
    command("wasm-opt").args(flags).arg(from).arg("-o").arg(to).output().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cutter_s_loader_is_read() -> Result<()> {
        let loader = r#"/* form, starting */
const __chunk_4 = makeLoad(() => { const src = fetch(new URL("./chunk_4.wasm", import.meta.url)); }, []);
export const __wasm_split_load_form = wrapAsyncCb(makeLoad(() => { fetch(new URL("./split_form.wasm", import.meta.url)); }, [__chunk_4]));
export const __wasm_split_load_starting = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_4]));"#;
        let pieces = pieces(loader, |_| Ok(1))?;
        assert_eq!(pieces.len(), 2);
        assert_eq!((pieces[0].file.as_str(), pieces[0].users.len()), ("chunk_4", 2));
        assert_eq!(pieces[1].file, "split_form");
        assert_eq!(pieces[1].users, BTreeSet::from(["form".to_owned()]));
        Ok(())
    }

    #[test]
    fn classes_nobody_makes_are_dropped() {
        let glue = "a\nexport class IntoX {\n    b() {\n    }\n}\nif (Symbol.dispose) IntoX.p;\nconst IntoXFinalization = (1)\n    ? 2\n    : 3;\nc\n";
        assert_eq!(without_classes(glue, "Into"), "a\nc\n");
    }
}
