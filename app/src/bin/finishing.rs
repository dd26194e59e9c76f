//! Documents, submission, corrections: the last of the form.

use onething_app::router::Program;
use onething_app::{run, screens};

fn main() {
    run(Program::Finishing, screens::finishing);
}
