//! From the situation to the last question.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Filling, screens::filling);
}
