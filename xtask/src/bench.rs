//! Measurements: printed as ratios against a baseline of the same run, never a test.

use anyhow::Result;

use crate::shell::{command, root, step};
use crate::{page, synth, tools};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// `form`: mounting, typing, toggling and memory beside a hand-written page. `photo`: what a
    /// 12-megapixel photo costs before it is sent, beside the same work on the main thread.
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
}

pub(crate) fn run(options: &Options) -> Result<()> {
    tools::for_page()?;
    tools::for_tests()?;
    page::build()?;
    step("Build the server", || {
        command("cargo").args(["build", "--quiet", "--locked", "-p", "onething-server"]).run()
    })?;
    match options.what {
        What::Form => form(options),
        What::Photo => command("node")
            .args(["e2e/bench/photo.mjs", "--rounds", &options.rounds.to_string()])
            .args(["--server", "target/debug/onething-server"])
            .run(),
    }
}

fn form(options: &Options) -> Result<()> {
    let catalogue = root().join("target/bench/catalogue");
    synth::write(&options.fields, &catalogue)?;
    let fields: Vec<String> = options.fields.iter().map(ToString::to_string).collect();
    command("node")
        .args(["e2e/bench/form.mjs", "--fields", &fields.join(","), "--rounds", &options.rounds.to_string()])
        .args(["--server", "target/debug/onething-server", "--catalogue", "target/bench/catalogue"])
        .run()
}
