//! A repeating group: rows that can be added, edited, moved and removed.

use contract::catalogue::{Column, Depth, Field, FieldKind};
use contract::value::Row;

use super::control::{self, Shape, choices, input, line, place, yes_no};
use super::element_id;
use super::markup::fault_line;
use crate::components::html::Html;
use crate::draft::{Sheet, rows as rows_of};
use crate::locale::texts as t;

/// The element of one cell.
pub(super) fn cell_id(list: &str, row: usize, column: &str) -> String {
    format!("{}-{row}-{column}", element_id(list))
}

/// All rows, and the button that adds one.
pub(super) fn markup(html: &mut Html, sheet: &Sheet, index: usize, field: &Field) {
    let rows = rows_of(&sheet.value(index));
    let name = field.row.as_deref().unwrap_or_default();
    let faults = sheet.faults(index);
    for (place, row) in rows.iter().enumerate() {
        let number = (place + 1).to_string();
        html.raw("<fieldset class=row-of-list><legend>").text(&t::form_row(name, &number)).raw("</legend>");
        for column in &field.columns {
            let at = format!("{}.{place}.{}", field.id, column.id);
            let id = cell_id(&field.id, place, &column.id);
            let first = if column.kind == FieldKind::Region { format!("{id}-0") } else { id.clone() };
            html.raw("<div class=cell><label").attr("for", &first).raw(">").text(&column.label);
            if !column.required {
                html.raw("<span class=quiet> ").text(t::form_optional()).raw("</span>");
            }
            html.raw("</label>");
            if let Some(hint) = &column.hint {
                html.raw("<p class=hint>").text(hint).raw("</p>");
            }
            for fault in faults.iter().filter(|fault| fault.at == at) {
                fault_line(html, sheet, fault, column.kind, &id);
            }
            cell(html, sheet, column, (row, &number), &id);
            html.raw("</div>");
        }
        html.raw("<p class=action>");
        act(html, "up", &number, t::form_row_up(), &t::form_row_up_named(name, &number), place == 0);
        act(html, "down", &number, t::form_row_down(), &t::form_row_down_named(name, &number), place + 1 == rows.len());
        act(html, "remove", &number, &t::form_remove_row(name, &number), "", false);
        html.raw("</p></fieldset>");
    }
    html.raw("<button type=button class=button data-act=add").flag("disabled", rows.len() >= most(field)).raw(">");
    html.text(&t::form_add_row(name)).raw("</button>");
}

fn act(html: &mut Html, act: &str, number: &str, words: &str, named: &str, off: bool) {
    html.raw("<button type=button class=\"button quiet\"").attr("data-act", act).attr("data-row", number);
    if !named.is_empty() {
        html.attr("aria-label", named);
    }
    html.flag("disabled", off).raw(">").text(words).raw("</button>");
}

/// Most rows a list takes.
fn most(field: &Field) -> usize {
    field.max.and_then(|most| usize::try_from(most).ok()).unwrap_or(engine::answer::ROWS)
}

fn text<'r>(row: &'r Row, column: &Column) -> &'r str {
    row.get(&column.id).map_or("", String::as_str)
}

/// The answers of a cell that is chosen, not typed.
fn listed(sheet: &Sheet, column: &Column) -> Option<Vec<contract::catalogue::Choice>> {
    let options =
        column.codes.as_ref().map_or(column.options.as_slice(), |table| engine::plan::Tables::choices(sheet, table));
    match column.kind {
        FieldKind::YesNo => Some(yes_no().into()),
        FieldKind::Choice => Some(options.to_vec()),
        _ => None,
    }
}

/// The control of a cell, which knows its place in the list.
fn cell(html: &mut Html, sheet: &Sheet, column: &Column, (row, number): (&Row, &str), id: &str) {
    let text = text(row, column);
    let placed = |html: &mut Html| {
        html.attr("data-row", number).attr("data-column", &column.id).raw(">");
    };
    if let Some(options) = listed(sheet, column) {
        html.raw("<select").attr("id", id);
        placed(html);
        choices(html, &options, text);
        html.raw("</select>");
    } else if column.kind == FieldKind::Region {
        html.raw("<div class=levels data-levels=6");
        placed(html);
        place(html, sheet, Depth::District, text, id, &column.label);
        html.raw("</div>");
    } else {
        let line = match control::of_kind(column.kind, &[]) {
            Shape::Line(line) => line,
            _ => line(FieldKind::Text),
        };
        input(html, &line, text, id, "off");
        placed(html);
    }
}
