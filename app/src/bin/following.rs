//! What became of it: progress, what is owed, results, and what is mine.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Following, screens::following);
}
