//! What a field looks like: question, help, source, choice between two answers, fault, control.

use contract::catalogue::{Field, FieldKind};
use contract::draft::Provenance;
use contract::problem::Fault;
use stylers_macro::style_sheet;

use super::control::{self, Shape};
use super::fault::sentence;
use super::{Look, element_id, recipients, rows};
use crate::components::answer;
use crate::components::html::Html;
use crate::draft::Sheet;
use crate::locale::{self, Style, texts as t};

/// The class that scopes the room's sheet.
fn scope() -> &'static str {
    style_sheet!("app/src/form/field.css")
}

/// A field with its box.
pub(super) fn boxed(html: &mut Html, sheet: &Sheet, index: usize, look: &Look) {
    let Some(field) = sheet.field(index) else { return };
    let tag = if is_set(sheet, index, field, look) { "fieldset" } else { "div" };
    html.raw("<").raw(tag).raw(" class=\"field ").raw(scope()).raw("\"").attr("data-field", &field.id);
    if tag == "fieldset" {
        html.attr("id", &element_id(&field.id)).raw(" tabindex=\"-1\"");
    }
    html.flag("hidden", !sheet.asks(index)).flag("data-away", look.is_away(index, &field.id)).raw(">");
    inside(html, sheet, index, look);
    html.raw("</").raw(tag).raw(">");
}

/// Fields of several controls stand in a fieldset.
fn is_set(sheet: &Sheet, index: usize, field: &Field, look: &Look) -> bool {
    !look.is_known(index) && field.derive.is_none() && control::shape(field, sheet).is_set()
}

/// What stands in a field's box.
pub(super) fn inside(html: &mut Html, sheet: &Sheet, index: usize, look: &Look) {
    let Some(field) = sheet.field(index) else { return };
    if look.is_known(index) {
        known(html, sheet, index, field, look);
    } else {
        asked(html, sheet, index, field, look.tells_who(index));
    }
    if look.tells_who(index) {
        recipients::list(html, sheet.view(), field);
    }
    disputed(html, sheet, index, field, look);
}

/// 我们已经知道: the value, to be checked; opened to correct. Its source stands above it, once for all it gave.
fn known(html: &mut Html, sheet: &Sheet, index: usize, field: &Field, look: &Look) {
    let value = sheet.answer(index).unwrap_or_else(|| sheet.value(index));
    let text = answer::text(sheet, field, &value, look.is_revealed(index));
    html.raw("<div class=known-line><p><span class=quiet>").said(&field.label).raw("</span><br><strong class=answer>");
    masked(html, &text);
    html.raw("</strong></p><p class=acts>");
    if answer::is_guarded(field) {
        let shown = if look.is_revealed(index) { t::form_hide() } else { t::form_reveal() };
        html.link("reveal", shown, &t::form_reveal_named(&field.label));
    }
    if field.derive.is_none() && !field.fixed {
        html.link("open", t::form_correct(), &t::form_correct_named(&field.label));
    }
    html.fold("more", t::form_more(), &t::form_more_named(&field.label), look.tells_more(index)).raw("</p></div>");
    if look.tells_more(index) {
        html.raw("<p class=acts>");
        if sheet.may_dispute(index) {
            html.link("dispute", t::form_dispute(), &t::form_dispute_named(&field.label));
        }
        who(html, field, look.tells_who(index));
        html.raw("</p>");
    }
}

/// A value as it is seen, and as it is said.
fn masked(html: &mut Html, text: &str) {
    match answer::heard(text) {
        Some(said) => {
            html.raw("<span aria-hidden=true>").text(text).raw("</span><span class=hidden>").text(&said).raw("</span>");
        }
        None => {
            html.text(text);
        }
    }
}

/// Where the values of some known fields came from.
pub(super) fn origin(html: &mut Html, sheet: &Sheet, index: usize) {
    let said = sheet.source(index).map_or_else(|| t::form_derived().to_owned(), |source| said_by(&source));
    html.raw("<p class=source-line>").text(&said).raw("</p>");
}

fn who(html: &mut Html, field: &Field, open: bool) {
    html.fold("who", t::form_recipients(), &t::form_recipients_named(&field.label), open);
}

/// Who says a value, when, and how far that can be trusted.
fn said_by(source: &Provenance) -> String {
    use contract::draft::Grade;
    let trust = match source.grade {
        Grade::A => t::form_grade_a(),
        Grade::B => t::form_grade_b(),
        Grade::C => t::form_grade_c(),
        Grade::D => t::form_grade_d(),
    };
    t::form_source(&source.name, &locale::day(&source.as_of, Style::Long), trust)
}

fn asked(html: &mut Html, sheet: &Sheet, index: usize, field: &Field, told: bool) {
    let id = element_id(&field.id);
    let shape = control::shape(field, sheet);
    let in_set = shape.is_set() && field.derive.is_none();
    html.raw(if in_set { "<legend class=\"name " } else { "<label class=\"name " }).raw(scope()).raw("\"");
    if !in_set {
        html.attr("for", &id);
    }
    html.raw(">").said(&field.label);
    if !field.required && field.derive.is_none() {
        html.raw(" <span class=\"optional ").raw(scope()).raw("\">").text(t::form_optional()).raw("</span>");
    }
    html.raw(if in_set { "</legend>" } else { "</label>" });
    html.raw("<p class=who>");
    who(html, field, told);
    html.raw("</p>");
    if crate::host::is_elder() {
        html.raw("<button type=button class=speak data-speak>").text(t::elder_read_field()).raw("</button>");
    }
    hint(html, field, &id);
    source(html, sheet, index, field);
    conflict(html, sheet, index, field);
    let repeated = sheet.repeated(index);
    same(html, sheet, field, repeated);
    for fault in sheet.faults(index).iter().filter(|fault| fault.at == field.id) {
        fault_line(html, sheet, fault, field.kind, &id);
    }
    match (repeated, shape) {
        (Some(_), _) => {
            let value = sheet.answer(index).unwrap_or_else(|| contract::value::Value::Text(String::new()));
            html.raw("<output").attr("id", &id).raw(">");
            masked(html, &answer::text(sheet, field, &value, false));
            html.raw("</output>");
        }
        (None, Shape::Rows) => rows::markup(html, sheet, index, field),
        (None, shape) => {
            control::markup(html, sheet, index, field, &id, &shape);
            digits(html, field, &id);
        }
    }
}

/// A long number can be seen and heard digit by digit.
fn digits(html: &mut Html, field: &Field, id: &str) {
    if matches!(field.kind, FieldKind::IdNumber | FieldKind::Uscc | FieldKind::BankAccount) && field.derive.is_none() {
        html.raw("<p class=acts>").link("digits", t::form_digits(), &t::form_digits_named(&field.label));
        html.raw("</p><output class=digits").attr("id", &format!("{id}-digits")).attr("for", id).raw("></output>");
    }
}

fn hint(html: &mut Html, field: &Field, id: &str) {
    let own = field.hint.as_deref();
    let built_in = match field.kind {
        FieldKind::PartialDate => Some(t::form_partial_date_hint()),
        FieldKind::Phone => Some(t::form_phone_hint()),
        _ => None,
    };
    if own.is_some() || built_in.is_some() {
        html.raw("<p class=\"hint ").raw(scope()).raw("\"").attr("id", &format!("{id}-hint")).raw(">");
        if let Some(own) = own {
            html.said(own);
        }
        if own.is_some() && built_in.is_some() {
            html.raw(" ");
        }
        html.text(built_in.unwrap_or_default()).raw("</p>");
    }
}

/// Where a value came from; once it is corrected, what the source had said.
fn source(html: &mut Html, sheet: &Sheet, index: usize, field: &Field) {
    if sheet.source(index).is_none() {
        return;
    }
    html.raw("<p class=\"source ").raw(scope()).raw("\">").text(&source_words(sheet, index, field));
    html.raw("</p><p class=acts>");
    if sheet.may_dispute(index) {
        html.link("dispute", t::form_dispute(), &t::form_dispute_named(&field.label));
    }
    if !sheet.is_given(index) {
        restore(html, field);
    }
    html.raw("</p>");
}

/// The words of a field's source.
pub(super) fn source_words(sheet: &Sheet, index: usize, field: &Field) -> String {
    let Some(source) = sheet.source(index) else { return String::new() };
    if sheet.is_given(index) {
        return said_by(&source);
    }
    t::form_corrected(&source.name, &answer::text(sheet, field, &source.value, false))
}

/// Takes the value of the source back.
pub(super) fn restore(html: &mut Html, field: &Field) {
    html.link("restore", t::form_restore(), &t::form_restore_named(&field.label));
}

/// Somebody else said something different: both are shown, and the person chooses.
fn conflict(html: &mut Html, sheet: &Sheet, index: usize, field: &Field) {
    let Some(theirs) = sheet.conflict(index) else { return };
    let said = |value: &contract::value::Value| answer::text(sheet, field, value, true);
    let theirs = theirs.as_ref().map_or_else(|| t::form_not_answered().to_owned(), said);
    html.raw("<div class=\"notice conflict\" role=group").attr("aria-label", &t::form_conflict_named(&field.label));
    html.raw("><p>").text(&t::form_conflict(&theirs)).raw("</p><p class=action>");
    html.raw("<button type=button class=button data-act=mine>").text(t::form_conflict_mine()).raw("</button>");
    html.raw("<button type=button class=button data-act=theirs>").text(t::form_conflict_theirs());
    html.raw("</button></p></div>");
}

/// The same as another answer: offered, ticked where it holds.
fn same(html: &mut Html, sheet: &Sheet, field: &Field, repeated: Option<usize>) {
    for id in &field.same_as {
        let Some(other) = sheet.index(id).filter(|other| sheet.asks(*other) || repeated == Some(*other)) else {
            continue;
        };
        let Some(label) = sheet.field(other).map(|field| field.label.clone()) else { continue };
        html.raw("<label class=option><input type=checkbox").attr("name", &format!("same-{id}")).attr("data-same", id);
        html.flag("checked", repeated == Some(other)).raw("><span>").text(&t::form_same(&label)).raw("</span></label>");
    }
}

/// One line that says what is wrong, for the control with this id.
pub(super) fn fault_line(html: &mut Html, sheet: &Sheet, fault: &Fault, kind: FieldKind, id: &str) {
    let other = fault.other.as_ref().and_then(|id| sheet.field(sheet.index(id)?)).map(|field| field.label.as_str());
    html.raw("<p class=\"fault ").raw(scope()).raw("\"").attr("id", &format!("{id}-fault")).raw(">");
    html.text(&sentence(fault.rule, kind, other)).raw("</p>");
}

/// A dispute being written, or what was said.
fn disputed(html: &mut Html, sheet: &Sheet, index: usize, field: &Field, look: &Look) {
    if let Some(note) = sheet.dispute(index) {
        html.raw("<p class=notice>").text(&t::form_disputed(&note)).raw(" ");
        html.link("withdraw", t::form_dispute_withdraw(), &t::form_dispute_withdraw_named(&field.label)).raw("</p>");
    } else if look.disputes(index) {
        let id = format!("{}-note", element_id(&field.id));
        html.raw("<div class=notice><label").attr("for", &id).raw(">").text(t::form_dispute_label()).raw("</label>");
        html.raw("<p class=hint>").text(t::form_dispute_hint()).raw("</p><textarea rows=2 maxlength=500 data-note");
        html.attr("id", &id).raw("></textarea><p class=action>");
        html.raw("<button type=button class=button data-act=dispute-send>").text(t::form_dispute_send());
        html.raw("</button><button type=button class=\"button quiet\" data-act=dispute>").text(t::common_cancel());
        html.raw("</button></p></div>");
    }
}
