//! The way through the departments, drawn, and the same in words.

use contract::catalogue::{BundleView, Item};
use engine::flow;
use leptos::prelude::*;
use stylers_macro::style_sheet;

use crate::components::limit;
use crate::locale::{self, Language, texts as t};

const WIDTH: usize = 348;
const BOX_WIDTH: usize = 168;
const BOX_HEIGHT: usize = 74;
const GAP: usize = 12;
const STEP: usize = 26;

/// The items that apply, stage by stage.
pub fn drawing(view: &BundleView, items: &[&Item]) -> impl IntoView + use<> {
    let class = style_sheet!("app/src/components/flow/flow.css");
    let stages = flow::stages(items);
    let department = |item: &Item| view.departments.get(&item.department).cloned().unwrap_or_default();
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
                    top + place / 2 * (BOX_HEIGHT + GAP),
                    &items[*index].name,
                    &department(items[*index]),
                    class,
                )
                .into_any(),
            );
        }
        top += stage.len().div_ceil(2) * (BOX_HEIGHT + GAP) - GAP;
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

fn shape(left: usize, top: usize, name: &str, department: &str, class: &'static str) -> impl IntoView + use<> {
    let middle = left + BOX_WIDTH / 2;
    let lines = wrap(name);
    let first = if lines.len() > 1 { top + 22 } else { top + 32 };
    let texts = lines.into_iter().enumerate().map(move |(number, line)| view! { class=class, <text class="flow-name" x=middle y=first + number * 19>{line}</text> });
    view! {
        class=class,
        <rect class="flow-box" x=left + 1 y=top + 1 rx="10" width=BOX_WIDTH - 2 height=BOX_HEIGHT - 2/>
        {texts.collect_view()}
        <text class="flow-department" x=middle y=top + BOX_HEIGHT - 13>{cut(department, 12, 24)}</text>
    }
}

/// At most two lines; what does not fit is told by the words below.
fn wrap(name: &str) -> Vec<String> {
    match locale::current() {
        Language::Zh => {
            let letters: Vec<char> = name.chars().collect();
            let head: String = letters.iter().take(10).collect();
            let tail: String = letters.iter().skip(10).collect();
            if tail.is_empty() { vec![head] } else { vec![head, cut(&tail, 10, 10)] }
        }
        Language::En => {
            let mut lines = vec![String::new()];
            for word in name.split(' ') {
                let last = lines.len() - 1;
                if lines[last].len() + word.len() < 22 {
                    let space = if lines[last].is_empty() { "" } else { " " };
                    lines[last] += space;
                    lines[last] += word;
                } else {
                    lines.push(word.to_owned());
                }
            }
            if lines.len() > 2 {
                lines.truncate(2);
                lines[1] += "…";
            }
            lines
        }
    }
}

fn cut(text: &str, most_zh: usize, most_en: usize) -> String {
    let most = if locale::current() == Language::Zh { most_zh } else { most_en };
    if text.chars().count() > most { text.chars().take(most - 1).chain(['…']).collect() } else { text.to_owned() }
}
