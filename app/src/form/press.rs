//! Nothing moves under a finger. Leaving a field mends or shows its fault, and what stands below moves; a press that has
//! begun there by then would end on something else and be no click.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;

use super::Form;
use crate::draft::Touch;

/// Whether a press is under way, and the fields whose faults wait for its end.
#[derive(Default)]
pub(super) struct Press {
    down: Cell<bool>,
    waiting: RefCell<Vec<usize>>,
}

impl Press {
    /// Whether a field's faults have to wait.
    pub(super) fn holds(&self, index: usize) -> bool {
        if self.down.get() {
            self.waiting.borrow_mut().push(index);
        }
        self.down.get()
    }
}

/// Follows presses as long as the form stands.
pub(super) fn watch(form: &Rc<Form>) {
    let (pressed, let_go) = (form.clone(), form.clone());
    let down = window_event_listener(ev::mousedown, move |_| pressed.press.down.set(true));
    let up = window_event_listener(ev::mouseup, move |_| {
        let form = let_go.clone();
        // The click comes right after.
        set_timeout(
            move || {
                form.press.down.set(false);
                for index in form.press.waiting.take() {
                    form.touched(index, Touch::Fault);
                }
            },
            Duration::ZERO,
        );
    });
    let listeners = StoredValue::new_local(Some((down, up)));
    on_cleanup(move || {
        listeners.update_value(|held| {
            if let Some((down, up)) = held.take() {
                down.remove();
                up.remove();
            }
        });
    });
}
