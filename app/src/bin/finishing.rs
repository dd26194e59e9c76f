//! Documents, submission, and everything after it.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Finishing, screens::finishing);
}
