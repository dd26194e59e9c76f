//! The page's entry.

fn main() {
    onething_app::run();
}
