//! Tests written in JavaScript. A browser on a busy machine is late now and then: a file in which a test failed is run
//! once more, alone, and what passed only then is named, so that it is mended and not got used to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::page;
use crate::shell::{command, root};

/// What came of them.
pub(crate) struct Outcome {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

/// Every test file in a folder of the project. Node 20 takes names, not patterns.
pub(crate) fn tests_in(folder: &str) -> Result<Vec<PathBuf>> {
    let scripts = page::files(&root().join(folder), "mjs")?;
    Ok(scripts.into_iter().filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect())
}

/// Runs test files, two at once.
pub(crate) fn run(files: &[PathBuf]) -> Result<Outcome> {
    let first = node(2, files)?;
    if first.failed == 0 {
        return Ok(first.counted());
    }
    let again: Vec<_> = failed_files(&first.text).into_iter().collect();
    // Where the runner itself came to nothing, the rest was not run.
    if !first.told || again.is_empty() || !again.iter().all(|file| file.is_file()) {
        return Ok(first.counted());
    }
    println!("run again, alone: {}", names(&again));
    let second = node(1, &again)?;
    if second.failed > 0 {
        return Ok(Outcome { passed: first.passed, failed: first.failed });
    }
    println!("⚠ passed only when run again, alone: {}", failed_names(&first.text).join(" · "));
    Ok(Outcome { passed: first.passed + first.failed, failed: 0 })
}

struct Told {
    passed: u32,
    failed: u32,
    /// It said how many there were.
    told: bool,
    text: String,
}

impl Told {
    const fn counted(&self) -> Outcome {
        Outcome { passed: self.passed, failed: self.failed }
    }
}

/// A runner that failed without counting, or ran nothing, counts as one failure.
fn node(at_once: u8, files: &[PathBuf]) -> Result<Told> {
    let concurrency = format!("--test-concurrency={at_once}");
    // The words of a terminal differ from those of a pipe; what is read here is always the same.
    // What a failed test left open would keep its file from ending.
    let options = ["--test", "--test-reporter=tap", "--test-force-exit"];
    let (success, text) = command("node").args(options).arg(concurrency).args(files).tee()?;
    let (passed, failed) = count(&text);
    let told = passed + failed > 0;
    let failed = if (!success && failed == 0) || !told { 1 } else { failed };
    Ok(Told { passed, failed, told, text })
}

/// `# pass 12` and `# fail 0`.
fn count(text: &str) -> (u32, u32) {
    let after = |word: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(word));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    (after("# pass "), after("# fail "))
}

/// The titles of tests that failed, without those that failed because one inside them did.
fn failed_names(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("not ok ")?.split_once(" - ").map(|(_, title)| title)).collect()
}

/// `location: '/…/name.test.mjs:12:1'` after a `not ok`; a file that cannot be read is its own title.
fn failed_files(text: &str) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut failed = false;
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("not ok ") {
            failed = true;
            files.extend(
                rest.split_once(" - ")
                    .map(|(_, title)| title)
                    .filter(|title| title.ends_with(".mjs"))
                    .map(PathBuf::from),
            );
        } else if line.starts_with("ok ") {
            failed = false;
        } else if let Some(place) = line.strip_prefix("location: '").filter(|_| failed) {
            files.extend(place.split(".mjs:").next().map(|head| PathBuf::from(format!("{head}.mjs"))));
        }
    }
    files
}

fn names(files: &[PathBuf]) -> String {
    let name =
        |file: &PathBuf| Path::file_name(file).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    files.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "TAP version 13
ok 1 - fine
  ---
  location: '/p/e2e/fine.test.mjs:3:1'
  ...
# Subtest: late
    # Subtest: inside
    not ok 1 - inside
      ---
      location: '/p/e2e/late.test.mjs:9:1'
      ...
not ok 2 - late
  ---
  location: '/p/e2e/late.test.mjs:5:1'
  ...
not ok 3 - /p/e2e/broken.test.mjs
  ---
  ...
1..3
# tests 4
# pass 1
# fail 3
";

    #[test]
    fn what_failed_is_found() {
        assert_eq!(count(TOLD), (1, 3));
        assert_eq!(failed_names(TOLD), ["late", "/p/e2e/broken.test.mjs"]);
        let files: Vec<_> = failed_files(TOLD).into_iter().collect();
        assert_eq!(files, [PathBuf::from("/p/e2e/broken.test.mjs"), PathBuf::from("/p/e2e/late.test.mjs")]);
    }
}
