//! The control of each kind of field, with the keyboard a phone should show for it.

use contract::catalogue::{Choice, Depth, Field, FieldKind};
use contract::value::Value;

use crate::components::html::Html;
use crate::draft::Sheet;
use crate::locale::texts as t;

/// Up to so many answers lie open.
const OPEN: usize = 6;
/// Up to so many are a list to unfold; more are searched.
const UNFOLDED: usize = 12;

/// What a control is made of.
pub(super) enum Shape {
    /// One line to type in.
    Line(Line),
    /// Several lines to type in.
    Lines,
    /// One of a few, all in sight.
    Radios(Vec<Choice>),
    /// Any of several.
    Boxes,
    /// A list to unfold.
    Select,
    /// A long list to search.
    Combo,
    /// Two days.
    Range,
    /// A place, level by level.
    Place,
    /// Rows.
    Rows,
}

/// Everything about a one-line input that follows from its kind.
pub(super) struct Line {
    pub(super) input: &'static str,
    pub(super) keyboard: &'static str,
    pub(super) most: &'static str,
}

impl Shape {
    /// Made of several controls, which need a legend instead of a label.
    pub(super) fn is_set(&self) -> bool {
        matches!(self, Self::Radios(_) | Self::Boxes | Self::Range | Self::Place | Self::Rows)
    }
}

/// The control of a field.
pub(super) fn shape(field: &Field, sheet: &Sheet) -> Shape {
    of_kind(field.kind, sheet.options(field))
}

/// The control of a kind of answer.
pub(super) fn of_kind(kind: FieldKind, options: &[Choice]) -> Shape {
    match kind {
        FieldKind::List => Shape::Rows,
        FieldKind::LongText => Shape::Lines,
        FieldKind::DateRange => Shape::Range,
        FieldKind::Region => Shape::Place,
        FieldKind::Choices => Shape::Boxes,
        FieldKind::YesNo => Shape::Radios(yes_no().into()),
        FieldKind::Choice if options.len() <= OPEN => Shape::Radios(options.to_vec()),
        FieldKind::Choice if options.len() <= UNFOLDED => Shape::Select,
        FieldKind::Choice => Shape::Combo,
        kind => Shape::Line(line(kind)),
    }
}

/// Yes and no as answers.
pub(super) fn yes_no() -> [Choice; 2] {
    [("yes", t::common_yes()), ("no", t::common_no())].map(|(id, label)| Choice {
        id: id.to_owned(),
        label: label.to_owned(),
        sound: String::new(),
    })
}

pub(super) fn line(kind: FieldKind) -> Line {
    let (input, keyboard, most) = match kind {
        FieldKind::Date => ("date", "text", "10"),
        FieldKind::Datetime => ("datetime-local", "text", "16"),
        FieldKind::Month => ("month", "text", "7"),
        FieldKind::PartialDate => ("text", "numeric", "12"),
        FieldKind::Mobile | FieldKind::Phone => ("tel", "tel", "24"),
        FieldKind::Email => ("email", "email", "254"),
        FieldKind::Number => ("text", "numeric", "20"),
        FieldKind::Money | FieldKind::Percent => ("text", "decimal", "20"),
        FieldKind::BankAccount => ("text", "numeric", "40"),
        FieldKind::IdNumber | FieldKind::Uscc | FieldKind::DocumentNumber => ("text", "text", "40"),
        FieldKind::Name => ("text", "text", "60"),
        _ => ("text", "text", "200"),
    };
    Line { input, keyboard, most }
}

/// What the browser may fill in of its own, for the applicant's own data only.
fn autocomplete(field: &Field) -> &'static str {
    match (field.prefill.as_deref(), field.kind) {
        (Some("identity.name"), FieldKind::Name) => "name",
        (Some("identity.mobile"), FieldKind::Mobile) => "tel",
        (Some("profile.address"), FieldKind::Address) => "address-line1",
        (_, FieldKind::Email) => "email",
        _ => "off",
    }
}

pub(super) fn markup(html: &mut Html, sheet: &Sheet, index: usize, field: &Field, id: &str, shape: &Shape) {
    let value = sheet.value(index);
    if field.derive.is_some() {
        let text = crate::components::answer::text(sheet, field, &value, true);
        html.raw("<output").attr("id", id).raw(">").text(&text).raw("</output>");
        return;
    }
    let options = sheet.options(field);
    let described = field.hint.is_some().then(|| format!("{id}-hint"));
    let describe = |html: &mut Html| {
        if let Some(described) = &described {
            html.attr("aria-describedby", described);
        }
        if field.required {
            html.raw(" aria-required=true");
        }
    };
    match shape {
        Shape::Line(line) => {
            input(html, line, value.text(), id, autocomplete(field));
            describe(html);
            html.raw(">");
        }
        Shape::Lines => {
            html.raw("<textarea rows=4 maxlength=2000").attr("id", id);
            describe(html);
            // A newline right after the tag would be swallowed.
            html.raw(">\n").text(value.text()).raw("</textarea>");
        }
        Shape::Radios(options) => radios(html, options, value.text(), id),
        Shape::Boxes => {
            let many = match &value {
                Value::Many(many) => many.as_slice(),
                _ => &[],
            };
            for option in options {
                html.raw("<label class=option><input type=checkbox").attr("name", id).attr("value", &option.id);
                html.flag("checked", many.contains(&option.id)).raw("><span>").said(&option.label);
                html.raw("</span></label>");
            }
        }
        Shape::Select => {
            html.raw("<select").attr("id", id);
            describe(html);
            html.raw(">");
            choices(html, options, value.text());
            html.raw("</select>");
        }
        Shape::Combo => combo(html, options, value.text(), id, &field.label),
        Shape::Range => range(html, value.text(), id),
        Shape::Place => {
            let depth = field.depth.unwrap_or(Depth::District);
            html.raw("<div class=levels").attr("data-levels", &engine::answer::digits_of(depth).to_string()).raw(">");
            place(html, sheet, depth, value.text(), id, &field.label);
            html.raw("</div>");
        }
        Shape::Rows => {}
    }
}

pub(super) fn input(html: &mut Html, line: &Line, text: &str, id: &str, autocomplete: &str) {
    html.raw("<input").attr("id", id).attr("type", line.input).attr("inputmode", line.keyboard);
    // Browsers write days in a form of their own.
    if !matches!(line.input, "date" | "datetime-local" | "month") {
        html.attr("maxlength", line.most);
    }
    html.attr("autocomplete", autocomplete);
    if !text.is_empty() {
        html.attr("value", text);
    }
}

pub(super) fn radios(html: &mut Html, options: &[Choice], chosen: &str, id: &str) {
    for option in options {
        html.raw("<label class=option><input type=radio").attr("name", id).attr("value", &option.id);
        html.flag("checked", option.id == chosen).raw("><span>").said(&option.label).raw("</span></label>");
    }
}

/// The answers of a list to unfold.
pub(super) fn choices(html: &mut Html, options: &[Choice], chosen: &str) {
    html.raw("<option value=\"\">").text(t::form_choose()).raw("</option>");
    for option in options {
        html.raw("<option").attr("value", &option.id).flag("selected", option.id == chosen);
        html.in_its_language().raw(">").text(&option.label).raw("</option>");
    }
}

/// A text box over a list that shortens as one types (ARIA 1.2 combobox).
fn combo(html: &mut Html, options: &[Choice], chosen: &str, id: &str, label: &str) {
    let text = options.iter().find(|option| option.id == chosen).map_or("", |option| option.label.as_str());
    html.raw(
        "<div class=combo><input type=text role=combobox autocomplete=off aria-autocomplete=list aria-expanded=false",
    );
    html.attr("id", id).attr("aria-controls", &format!("{id}-list")).attr("value", text);
    html.attr("placeholder", t::form_search_hint()).raw("><ul role=listbox hidden").attr("id", &format!("{id}-list"));
    html.attr("aria-label", label).raw("></ul></div>");
}

/// The answers a search found, for a combobox.
pub(super) fn found(options: &[Choice], places: &[usize], at: Option<usize>, id: &str) -> String {
    let mut html = Html::default();
    for (row, place) in places.iter().enumerate() {
        let option = &options[*place];
        html.raw("<li role=option").attr("id", &format!("{id}-{row}")).attr("data-pick", &option.id);
        html.attr("aria-selected", if at == Some(row) { "true" } else { "false" })
            .raw(">")
            .text(&option.label)
            .raw("</li>");
    }
    if places.is_empty() {
        html.raw("<li role=option aria-disabled=true aria-selected=false>").text(t::form_search_nothing()).raw("</li>");
    }
    html.finish()
}

fn range(html: &mut Html, text: &str, id: &str) {
    let (from, to) = text.split_once('/').unwrap_or((text, ""));
    for (part, label, text) in [("from", t::form_range_from(), from), ("to", t::form_range_to(), to)] {
        let id = format!("{id}-{part}");
        html.raw("<div class=cell><label").attr("for", &id).raw(">").text(label).raw("</label>");
        input(html, &line(FieldKind::Date), text, &id, "off");
        html.attr("data-part", part).raw("></div>");
    }
}

/// A place that is known by name, or the lists of its levels as far as one has come.
pub(super) fn place(html: &mut Html, sheet: &Sheet, depth: Depth, code: &str, id: &str, label: &str) {
    match sheet.place_name(code).filter(|_| engine::plan::Tables::reaches(sheet, code, depth)) {
        Some(name) => {
            html.raw("<p class=answer lang=zh-CN>").text(&name).raw("</p><p>");
            html.link("place", t::form_place_change(), &t::form_place_change_named(label)).raw("</p>");
        }
        None => level(html, id, 0, &[], ""),
    }
}

/// One level of a place.
pub(super) fn level(html: &mut Html, id: &str, level: usize, places: &[contract::draft::Place], chosen: &str) {
    let names = [
        t::form_place_province(),
        t::form_place_city(),
        t::form_place_district(),
        t::form_place_town(),
        t::form_place_village(),
    ];
    html.raw("<select").attr("id", &format!("{id}-{level}")).attr("data-level", &level.to_string());
    html.attr("aria-label", names[level.min(4)]).flag("data-filled", !places.is_empty());
    html.raw(" lang=zh-CN><option value=\"\">").text(names[level.min(4)]);
    html.raw("</option>");
    for place in places {
        html.raw("<option").attr("value", &place.code).flag("data-last", place.last);
        html.flag("selected", place.code == chosen).raw(">").text(&place.name).raw("</option>");
    }
    html.raw("</select>");
}
