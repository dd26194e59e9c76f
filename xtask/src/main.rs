//! The commands of the project: `cargo xtask run | test | dev | size | a11y | bench | synth | catalogue`.

mod a11y;
mod audit;
mod bench;
mod dev;
mod gateway;
mod page;
mod plain;
mod postgres;
mod scripts;
mod shell;
mod size;
mod split;
mod still;
mod styles;
mod synth;
mod testing;
mod texts;
mod tools;
mod travel;
mod wat;

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use shell::{command, step};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run and test onething")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build everything, and serve it.
    Run(Run),
    /// Install what is missing, check and test everything.
    Test(testing::Options),
    /// Serve a debug build that is rebuilt when a file changes.
    Dev(Run),
    /// Bytes on the wire per route against the budget.
    Size,
    /// Look at every screen for people with disabilities: six engines, keyboard, transcripts, geometry.
    A11y(a11y::Options),
    /// Measure speed beside a hand-written page.
    Bench(bench::Options),
    /// Write a catalogue of made-up errands of any size.
    Synth {
        /// Sizes of forms.
        #[arg(long, value_delimiter = ',', default_value = "60")]
        fields: Vec<usize>,
        /// The catalogue's folder.
        #[arg(long, default_value = "target/bench/catalogue")]
        out: PathBuf,
    },
    /// The catalogue: `check` it, or write the `schema` its editors use.
    Catalogue { what: String },
    /// What Trunk calls before it copies: styles and texts.
    #[command(hide = true)]
    Prepare,
}

/// Where and how to serve.
#[derive(clap::Args, Clone)]
struct Run {
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the database and uploaded files lie.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long)]
    database_url: Option<String>,
    /// `auto`: simulated departments; `manual`: nobody works until the desk API is called.
    #[arg(long, default_value = "auto")]
    departments: String,
    /// Where the service lives on its host.
    #[arg(long, default_value = "/")]
    base: String,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(run) => serve(&run),
        Command::Test(options) => testing::run(&options),
        Command::Dev(run) => dev::run(&run),
        Command::A11y(options) => a11y::run(&options),
        Command::Size => page::build().and_then(|()| size::check()),
        Command::Bench(options) => bench::run(&options),
        Command::Synth { fields, out } => synth::write(&fields, &out),
        Command::Catalogue { what } => catalogue(&what),
        Command::Prepare => page::prepare(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(run: &Run) -> Result<()> {
    page::build()?;
    step("Build the server and the payment simulator", || {
        command("cargo").args(["build", "--quiet", "--release", "--locked"]).args(SERVERS).run()
    })?;
    let gateway = gateway::Gateway::start("release", run)?;
    server("release", run, "dist").arg("--payment").arg(&gateway.config).run()
}

/// The processes of the service.
const SERVERS: [&str; 4] = ["-p", "onething-server", "-p", "onething-gateway"];

/// The server of a profile, over the page in a folder.
fn server(profile: &str, run: &Run, dist: &str) -> shell::Command {
    let server = command(&format!("target/{profile}/onething-server"))
        .arg("serve")
        .args(["--host", &run.host.to_string(), "--port", &run.port.to_string(), "--base", &run.base, "--dist", dist])
        .args(["--departments", &run.departments])
        .arg("--data")
        .arg(&run.data);
    match &run.database_url {
        Some(url) => server.args(["--database-url", url]),
        None => server,
    }
}

fn catalogue(what: &str) -> Result<()> {
    command("cargo").args(["run", "--quiet", "-p", "onething-server", "--", "catalogue", what]).run()
}
