//! `cargo xtask a11y`: everything that looks at the page for people who cannot see it, hear it, point at it or wait for it.
//! Six engines, a walker that has a keyboard only, transcripts of what a screen reader is given, and geometry, over every
//! state of every screen (`e2e/lib/tour.mjs`).

use anyhow::{Result, bail};

use crate::shell::{command, step};
use crate::{page, scripts, tools};

/// How much.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// As in the test command: Chinese by all engines, by one of them in dark and elder style.
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    tools::for_page()?;
    tools::for_tests()?;
    page::build()?;
    step("Build the server", || command("cargo").args(["build", "--quiet", "--locked"]).args(crate::SERVERS).run())?;
    let tests = tests()?;
    let engines = engines(options.quick);
    if tests.failed == 0 && engines.is_ok() { Ok(()) } else { bail!("there is something to report") }
}

/// Canaries of every engine; transcripts, the walker and the geometry over every screen.
pub(crate) fn tests() -> Result<scripts::Outcome> {
    step("Keyboard, transcripts, geometry", || scripts::run(&scripts::tests_in("e2e/a11y")?))
}

/// Six engines over every state: nothing to report.
pub(crate) fn engines(quick: bool) -> Result<()> {
    step("Six engines", || {
        command("node").arg("e2e/a11y/check.mjs").args(if quick { &["--quick"][..] } else { &[] }).run()
    })
}
