//! A repeating group: rows that can be added, edited and removed.

use std::sync::Arc;

use contract::catalogue::{Column, Field, FieldKind};
use contract::value::{Row, Value};
use leptos::prelude::*;

use super::control::{Line, line};
use super::fault::sentence;
use crate::draft::{FieldState, Sheet, rows as rows_of};
use crate::locale::texts as t;

pub(super) fn rows(sheet: &Sheet, index: usize, field: &Field) -> AnyView {
    let Some(state) = sheet.state(index) else { return ().into_any() };
    let count = Memo::new(move |_| state.value.with(|value| rows_of(value).len()));
    let most = usize::try_from(field.max.unwrap_or(i64::try_from(engine::answer::ROWS).unwrap_or(50))).unwrap_or(50);
    let name = field.row.clone().unwrap_or_default();
    let (adding, adding_name) = (sheet.clone(), name.clone());
    let add = move |_: web_sys::MouseEvent| {
        let mut rows = rows_of(&state.value.get_untracked());
        rows.push(Row::new());
        adding.choose(index, Value::Rows(rows));
    };
    let group = Arc::new(Rows { sheet: sheet.clone(), index, state, field: field.clone(), name });
    view! {
        {move || (0..count.get()).map(|row| group.clone().row(row)).collect_view()}
        <button type="button" class="button" disabled=move || { count.get() >= most } on:click=add>{t::form_add_row(&adding_name)}</button>
    }
    .into_any()
}

struct Rows {
    sheet: Sheet,
    index: usize,
    state: FieldState,
    field: Field,
    name: String,
}

impl Rows {
    fn row(self: Arc<Self>, row: usize) -> AnyView {
        let number = (row + 1).to_string();
        let removing = self.clone();
        let remove = move |_: web_sys::MouseEvent| {
            let mut rows = rows_of(&removing.state.value.get_untracked());
            if row < rows.len() {
                rows.remove(row);
            }
            removing.sheet.choose(removing.index, Value::Rows(rows));
        };
        let cells = self.field.columns.iter().map(|column| self.clone().cell(row, column)).collect_view();
        view! {
            <fieldset class="row-of-list">
                <legend>{t::form_row(&self.name, &number)}</legend>
                {cells}
                <button type="button" class="button quiet" on:click=remove>{t::form_remove_row(&self.name, &number)}</button>
            </fieldset>
        }
        .into_any()
    }

    fn cell(self: Arc<Self>, row: usize, column: &Column) -> AnyView {
        let id = format!("f-{}-{row}-{}", self.field.id, column.id);
        let (state, kind) = (self.state, column.kind);
        let place = format!("{row}.{}", column.id);
        let own = column.id.clone();
        let value = move || {
            state.value.with(|value| rows_of(value).get(row).and_then(|row| row.get(&own).cloned()).unwrap_or_default())
        };
        let fault = move || state.cells.with(|cells| cells.get(&place).map(|rule| sentence(*rule, kind)));
        let optional = (!column.required).then(|| view! { <span class="optional">{t::form_optional()}</span> });
        let control = self.control(row, column, &id, value);
        view! {
            <div class="cell">
                <label for=id.clone()>{column.label.clone()}{optional}</label>
                {column.hint.clone().map(|hint| view! { <p class="hint">{hint}</p> })}
                <p class="fault" id=format!("{id}-fault") role="status">{fault}</p>
                {control}
            </div>
        }
        .into_any()
    }

    fn control(
        self: Arc<Self>,
        row: usize,
        column: &Column,
        id: &str,
        value: impl Fn() -> String + Clone + Send + 'static,
    ) -> AnyView {
        let table = column.codes.clone().or((column.kind == FieldKind::Region).then(|| "division".to_owned()));
        let mut options = table.map_or_else(|| column.options.clone(), |table| self.sheet.table(&table));
        if column.kind == FieldKind::YesNo {
            options = [("yes", t::common_yes()), ("no", t::common_no())]
                .map(|(id, label)| contract::catalogue::Choice { id: id.into(), label: label.into() })
                .into();
        }
        let own = column.id.clone();
        let (typing, leaving) = (self.clone(), self);
        let set = move |text: String| {
            let mut rows = rows_of(&typing.state.value.get_untracked());
            if let Some(row) = rows.get_mut(row) {
                row.insert(own.clone(), text);
            }
            typing.sheet.type_in(typing.index, Value::Rows(rows));
        };
        let leave = move || leaving.sheet.leave(leaving.index);
        let described = format!("{id}-fault");
        if options.is_empty() {
            text(id, column.kind, described, value, set, leave)
        } else {
            view! {
                <select id=id.to_owned() aria-describedby=described on:change=move |event| { set(event_target_value(&event)); leave(); }>
                    <option value="">{t::form_choose()}</option>
                    {options.into_iter().map(|option| {
                        let (own, value) = (option.id.clone(), value.clone());
                        view! { <option value=option.id selected=move || value() == own>{option.label}</option> }
                    }).collect_view()}
                </select>
            }
            .into_any()
        }
    }
}

fn text(
    id: &str,
    kind: FieldKind,
    described: String,
    value: impl Fn() -> String + Send + 'static,
    set: impl Fn(String) + 'static,
    leave: impl Fn() + 'static,
) -> AnyView {
    let Line { input, keyboard, most } = line(kind);
    view! {
        <input id=id.to_owned() type=input inputmode=keyboard maxlength=most autocomplete="off" aria-describedby=described
            prop:value=value on:input=move |event| set(event_target_value(&event)) on:change=move |_| leave()
        />
    }
    .into_any()
}
