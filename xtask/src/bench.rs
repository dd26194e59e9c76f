//! Measurements: printed as ratios against a baseline of the same run, never a test.

use anyhow::Result;

use crate::shell::{Command, command, root, step};
use crate::{page, synth, tools};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// `form`: mounting, typing, toggling and memory beside a hand-written page. `photo`: what a
    /// 12-megapixel photo costs before it is sent, beside the same work on the main thread. `load`: reading the
    /// guide and reaching the form cold, beside pages without a framework, and every screen's answer to a tap.
    /// `lighthouse`: what Lighthouse says of home, guide and form.
    what: What,
    /// Sizes of forms.
    #[arg(long, value_delimiter = ',', default_value = "60,300,1000")]
    fields: Vec<usize>,
    /// Times each is measured.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    Form,
    Photo,
    Load,
    Lighthouse,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    tools::for_page()?;
    tools::for_tests()?;
    page::build()?;
    step("Build the servers", || {
        command("cargo").args(["build", "--quiet", "--locked", "-p", "onething-server", "-p", "onething-gateway"]).run()
    })?;
    let rounds = options.rounds.to_string();
    match options.what {
        What::Form => form(options),
        What::Photo => bench("photo").args(["--rounds", &rounds]).run(),
        What::Load => {
            synth::write(&[60], &root().join(CATALOGUE))?;
            bench("load").args(["--rounds", &rounds, "--catalogue", CATALOGUE]).run()
        }
        What::Lighthouse => bench("lighthouse").run(),
    }
}

/// Where made-up errands are written.
const CATALOGUE: &str = "target/bench/catalogue";

/// A script of `e2e/bench` over the server just built.
fn bench(name: &str) -> Command {
    command("node").arg(format!("e2e/bench/{name}.mjs")).args(["--server", "target/debug/onething-server"])
}

fn form(options: &Options) -> Result<()> {
    synth::write(&options.fields, &root().join(CATALOGUE))?;
    let fields: Vec<String> = options.fields.iter().map(ToString::to_string).collect();
    bench("form")
        .args(["--fields", &fields.join(","), "--rounds", &options.rounds.to_string(), "--catalogue", CATALOGUE])
        .run()
}
