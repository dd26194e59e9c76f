//! Starts the page.

fn main() {
    onething_app::run();
}
