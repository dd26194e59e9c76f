//! The way through the departments, drawn, and the same in words.

use contract::catalogue::{BundleView, Item};
use engine::flow;
use leptos::prelude::*;
use stylers_macro::style_sheet;

use crate::components::limit;
use crate::locale::texts as t;

const WIDTH: usize = 348;
const BOX_WIDTH: usize = 168;
const GAP: usize = 12;
const STEP: usize = 26;

/// What fits a line of a name, and that of a department, in tenths of a Latin letter.
const NAME: usize = 170;
const DEPARTMENT: usize = 208;
/// Lines of a name: as few as hold all of them, between these.
const LINES: (usize, usize) = (2, 3);

fn box_height(lines: usize) -> usize {
    36 + lines * 19
}

/// The items that apply, stage by stage.
pub fn drawing(view: &BundleView, items: &[&Item]) -> impl IntoView + use<> {
    let class = style_sheet!("app/src/components/flow/flow.css");
    let stages = flow::stages(items);
    let department = |item: &Item| view.departments.get(&item.department).cloned().unwrap_or_default();
    let names = items.iter().map(|item| wrap(&item.name, usize::MAX, NAME).len());
    let most = names.max().unwrap_or_default().clamp(LINES.0, LINES.1);
    let mut top = 0;
    let mut shapes = Vec::new();
    for (number, stage) in stages.iter().enumerate() {
        if number > 0 {
            shapes.push(arrow(top, class).into_any());
            top += STEP;
        }
        for (place, index) in stage.iter().enumerate() {
            // A single item of a stage stands in the middle.
            let alone = stage.len() == place + 1 && place % 2 == 0;
            let left = if alone { (WIDTH - BOX_WIDTH) / 2 } else { place % 2 * (BOX_WIDTH + GAP) };
            shapes.push(
                shape(
                    left,
                    top + place / 2 * (box_height(most) + GAP),
                    most,
                    &items[*index].name,
                    &department(items[*index]),
                    class,
                )
                .into_any(),
            );
        }
        top += stage.len().div_ceil(2) * (box_height(most) + GAP) - GAP;
    }
    let words = stages.iter().enumerate().map(|(number, stage)| {
        let lines = stage.iter().map(|index| {
            let item = items[*index];
            let takes = item.promised_limit.as_ref().map(|limit| t::guide_promised(&limit::whole(limit)));
            view! { <li>{t::guide_lane(&department(item), &item.name)}{takes.map(|takes| view! { <span class="quiet">{takes}</span> })}</li> }
        });
        view! {
            <li>
                {if stage.len() > 1 { t::guide_stage_parallel(&(number + 1).to_string()) } else { t::guide_stage(&(number + 1).to_string()) }}
                <ul>{lines.collect_view()}</ul>
            </li>
        }
    });
    view! {
        class=class,
        <svg class="flow" viewBox=format!("0 0 {WIDTH} {top}") role="img" aria-label=t::guide_flow_label()>{shapes}</svg>
        <ol class="flow-words">{words.collect_view()}</ol>
    }
}

fn arrow(top: usize, class: &'static str) -> impl IntoView {
    let (middle, end) = (WIDTH / 2, top + STEP - 4);
    view! { class=class, <path class="flow-arrow" d=format!("M{middle} {} V{end} m-5 -6 l5 6 l5 -6", top + 4)/> }
}

fn shape(
    left: usize,
    top: usize,
    most: usize,
    name: &str,
    department: &str,
    class: &'static str,
) -> impl IntoView + use<> {
    let middle = left + BOX_WIDTH / 2;
    let lines = wrap(name, most, NAME);
    // The name stands in the middle of the room above the department.
    let first = top + 22 + (most - lines.len()) * 19 / 2;
    let texts = lines.into_iter().enumerate().map(move |(number, line)| view! { class=class, <text class="flow-name" x=middle y=first + number * 19>{line}</text> });
    view! {
        class=class,
        <rect class="flow-box" x=left + 1 y=top + 1 rx="10" width=BOX_WIDTH - 2 height=box_height(most) - 2/>
        {texts.collect_view()}
        <text class="flow-department" x=middle y=top + box_height(most) - 13>{cut(department, DEPARTMENT)}</text>
    }
}

/// As many lines as there is room for; what does not fit is told by the words below.
fn wrap(name: &str, most: usize, wide: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in parts(name) {
        let last = lines.len() - 1;
        if lines[last].is_empty() || breadth(&lines[last]) + breadth(part.trim_end()) <= wide {
            lines[last].push_str(part);
        } else {
            lines.push(part.to_owned());
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        let last = lines[most - 1].trim_end().to_owned() + "…";
        lines[most - 1] = if breadth(&last) > wide { cut(&last, wide) } else { last };
    }
    lines
}

/// What begins no line.
const CLOSING: &str = "）》」』”、，。；：？！";

/// Where a name may be broken: Chinese anywhere but before what closes, other scripts between words.
fn parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut letters = name.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let end = at + letter.len_utf8();
        let held = letters.peek().is_some_and(|(_, next)| CLOSING.contains(*next));
        let ends = letter == ' ' || ('\u{2e80}'..'\u{a000}').contains(&letter) || CLOSING.contains(letter);
        if ends && !held {
            parts.push(&name[from..end]);
            from = end;
        }
    }
    parts.push(&name[from..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// How wide a text is, in tenths of a Latin letter.
fn breadth(text: &str) -> usize {
    let of = |letter| match letter {
        '\u{1100}'.. => 17,
        '\u{400}'.. => 11,
        _ => 10,
    };
    text.chars().map(of).sum()
}

fn cut(text: &str, most: usize) -> String {
    let mut kept = text.to_owned();
    while breadth(&kept) > most {
        kept = kept.trim_end_matches('…').to_owned();
        kept.pop();
        kept.push('…');
    }
    kept
}
