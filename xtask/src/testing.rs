//! `cargo xtask test`: everything, in order of cost, ending in one line of numbers.

use anyhow::{Result, bail};

use crate::shell::{Command, command, step};
use crate::{a11y, audit, page, plain, postgres, scripts, size, tools};

/// Parts that can be run alone.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct Options {
    /// Run only this part: style, native, wasm, size, engines, a11y or e2e.
    #[arg(long)]
    only: Option<String>,
}

#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                eprintln!("✗ {name}: {error:#}");
            }
        }
    }

    fn count(&mut self, outcome: &scripts::Outcome) {
        self.passed += outcome.passed;
        self.failed += outcome.failed;
    }

    /// Adds what a runner printed; a runner that failed without counting counts as one failure.
    fn add(&mut self, name: &str, (success, text): (bool, String), count: fn(&str) -> (u32, u32)) {
        let (passed, failed) = count(&text);
        self.passed += passed;
        self.failed += failed;
        if !success && failed == 0 {
            self.failed += 1;
            eprintln!("✗ {name} failed");
        }
        if success && passed == 0 {
            self.failed += 1;
            eprintln!("✗ {name} ran no test");
        }
    }
}

/// Runs everything.
pub(crate) fn run(options: &Options) -> Result<()> {
    let wants = |part: &str| options.only.as_deref().is_none_or(|only| only == part);
    tools::for_page()?;
    tools::for_tests()?;
    // The page's sources embed what this writes.
    page::prepare()?;
    let mut tally = Tally::default();
    if wants("style") {
        style(&mut tally);
    }
    if wants("native") {
        native(&mut tally)?;
    }
    if wants("wasm") {
        wasm(&mut tally)?;
    }
    if wants("size") || wants("engines") || wants("a11y") || wants("e2e") {
        page::build()?;
    }
    if wants("size") {
        tally.check("size", step("Size", size::check));
    }
    if wants("engines") {
        // That the check finds what it looks for.
        tally.count(&step("Old engines", || scripts::run(&scripts::tests_in("e2e/engines")?))?);
        tally.check(
            "old engines",
            step("Nothing asks for more than they have", || {
                command("node").args(["e2e/engines/check.mjs", "dist"]).run()
            }),
        );
    }
    if wants("a11y") || wants("e2e") {
        build_servers()?;
    }
    if wants("a11y") {
        tally.count(&a11y::tests()?);
        tally.check("six engines", a11y::engines(true).or_else(|_| a11y::engines(true)));
    }
    if wants("e2e") {
        journeys(&mut tally)?;
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed > 0 { bail!("{} checks or tests failed", tally.failed) } else { Ok(()) }
}

fn style(tally: &mut Tally) {
    let clippy = || command("cargo").args(["clippy", "--quiet", "--locked", "--all-targets"]);
    tally.check("formatting", step("Formatting", || command("cargo").args(["fmt", "--all", "--", "--check"]).run()));
    tally.check("clippy", step("Clippy", || clippy().args(["--", "-D", "warnings"]).run()));
    let page = ["-p", "onething-app", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
    tally.check("clippy of the page", step("Clippy of the page", || clippy().args(page).run()));
    tally.check("plain words", step("Plain words", plain::check));
    tally.check("walls", step("Walls between the rooms", audit::check));
}

fn native(tally: &mut Tally) -> Result<()> {
    let cluster = step("Start PostgreSQL", postgres::Cluster::start)?;
    let tests = |command: Command| command.env("ONETHING_TEST_POSTGRES", &cluster.url);
    let outcome = step("Native tests", || {
        if command("cargo").args(["nextest", "--version"]).works() {
            let nextest = command("cargo").args([
                "nextest",
                "run",
                "--locked",
                "--no-fail-fast",
                "--status-level",
                "fail",
                "--final-status-level",
                "flaky",
                // As with the browsers: once more, and named.
                "--retries",
                "1",
            ]);
            tests(nextest).merged().tee().map(|outcome| (outcome, nextest_count as fn(&str) -> (u32, u32)))
        } else {
            tests(command("cargo").args(["test", "--locked", "--no-fail-fast"]))
                .tee()
                .map(|outcome| (outcome, cargo_count as _))
        }
    })?;
    tally.add("native tests", outcome.0, outcome.1);
    Ok(())
}

fn wasm(tally: &mut Tally) -> Result<()> {
    let outcome = step("Tests of the page in Chromium", || {
        command("cargo")
            .args(["test", "--locked", "-p", "onething-app", "--target", "wasm32-unknown-unknown", "--lib", "--tests"])
            .env("CHROMEDRIVER", "/usr/bin/chromedriver")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
            .tee()
    })?;
    tally.add("tests of the page", outcome, cargo_count);
    Ok(())
}

fn build_servers() -> Result<()> {
    step("Build the server", || command("cargo").args(["build", "--quiet", "--locked"]).args(crate::SERVERS).run())
}

fn journeys(tally: &mut Tally) -> Result<()> {
    let files = [scripts::tests_in("e2e/journeys")?, scripts::tests_in("e2e/browsers")?].concat();
    tally.count(&step("Journeys in Chromium, Firefox and WebKitGTK", || scripts::run(&files))?);
    Ok(())
}

/// `Summary [ 1.8s] 40 tests run: 40 passed, 0 skipped`.
fn nextest_count(text: &str) -> (u32, u32) {
    let line = text.lines().rev().find(|line| line.contains("tests run:")).unwrap_or_default();
    (before(line, " passed"), before(line, " failed"))
}

/// `test result: ok. 40 passed; 0 failed; …`, one for each binary.
fn cargo_count(text: &str) -> (u32, u32) {
    let lines = text.lines().filter(|line| line.contains("test result:"));
    lines.fold((0, 0), |(passed, failed), line| (passed + before(line, " passed"), failed + before(line, " failed")))
}

fn before(line: &str, word: &str) -> u32 {
    line.split(word)
        .next()
        .filter(|head| head.len() < line.len())
        .and_then(|head| head.split_whitespace().last()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_are_counted() {
        assert_eq!(nextest_count("x\n Summary [ 1s] 42 tests run: 40 passed, 2 failed, 0 skipped\n"), (40, 2));
        assert_eq!(
            cargo_count("test result: ok. 3 passed; 0 failed; 0 ignored\ntest result: FAILED. 1 passed; 2 failed;"),
            (4, 2)
        );
    }
}
