//! Paying: for oneself, for somebody else, and whether a receipt is genuine.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Paying, screens::paying);
}
