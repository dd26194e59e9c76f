//! What there is, and what it takes.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Reading, screens::reading);
}
