//! The texts of a bundle by key, for translating and for checking translations.

use contract::catalogue::{Bundle, Choice, Limit};

/// Calls `visit` with the key of every text and the text itself. Titles of laws and
/// documents, being names, are not among them.
pub fn visit(bundle: &mut Bundle, mut visit: impl FnMut(&str, &mut String)) {
    visit("name", &mut bundle.name);
    visit("summary", &mut bundle.summary);
    if !bundle.aliases.is_empty() {
        let mut joined = bundle.aliases.join(", ");
        visit("aliases", &mut joined);
        bundle.aliases = joined.split(',').map(|alias| alias.trim().to_owned()).collect();
    }
    for condition in &mut bundle.conditions {
        visit(&format!("condition.{}", condition.id), &mut condition.text);
    }
    limit("promise", &mut bundle.promise, &mut visit);
    for group in &mut bundle.groups {
        visit(&format!("group.{}", group.id), &mut group.label);
    }
    for item in &mut bundle.items {
        let key = format!("item.{}", item.id);
        visit(&format!("{key}.name"), &mut item.name);
        maybe(&key, "why", &mut item.why, &mut visit);
        maybe(&key, "result", &mut item.result, &mut visit);
        maybe(&key, "note", &mut item.note, &mut visit);
        limit(&format!("{key}.legal_limit"), &mut item.legal_limit, &mut visit);
        limit(&format!("{key}.promised_limit"), &mut item.promised_limit, &mut visit);
        limit(&format!("{key}.apply_within"), &mut item.apply_within, &mut visit);
        limit(&format!("{key}.publicity_period"), &mut item.publicity_period, &mut visit);
    }
    for field in bundle.questions.iter_mut().chain(&mut bundle.fields) {
        let key = format!("field.{}", field.id);
        visit(&format!("{key}.label"), &mut field.label);
        maybe(&key, "hint", &mut field.hint, &mut visit);
        maybe(&key, "row", &mut field.row, &mut visit);
        options(&key, &mut field.options, &mut visit);
        for column in &mut field.columns {
            let key = format!("{key}.column.{}", column.id);
            visit(&format!("{key}.label"), &mut column.label);
            maybe(&key, "hint", &mut column.hint, &mut visit);
            options(&key, &mut column.options, &mut visit);
        }
    }
    for material in &mut bundle.materials {
        let key = format!("material.{}", material.id);
        visit(&format!("{key}.name"), &mut material.name);
        maybe(&key, "why", &mut material.why, &mut visit);
        maybe(&key, "note", &mut material.note, &mut visit);
        if let Some(declaration) = &mut material.declaration {
            visit(&format!("{key}.declaration.shows"), &mut declaration.shows);
            visit(&format!("{key}.declaration.checked"), &mut declaration.checked);
        }
        if let Some(proof) = &mut material.proof {
            maybe(&format!("{key}.proof"), "issuer", &mut proof.issuer, &mut visit);
            maybe(&format!("{key}.proof"), "guide", &mut proof.guide, &mut visit);
        }
    }
    for fee in &mut bundle.fees {
        let key = format!("fee.{}", fee.id);
        visit(&format!("{key}.name"), &mut fee.name);
        maybe(&key, "note", &mut fee.note, &mut visit);
        for reduction in &mut fee.reductions {
            visit(&format!("{key}.reduction.{}", reduction.id), &mut reduction.name);
        }
    }
    for commitment in &mut bundle.commitments {
        visit(&format!("commitment.{}.label", commitment.id), &mut commitment.label);
        visit(&format!("commitment.{}.text", commitment.id), &mut commitment.text);
    }
    for outcome in &mut bundle.outcomes {
        visit(&format!("outcome.{}", outcome.id), &mut outcome.name);
    }
}

fn maybe(key: &str, part: &str, text: &mut Option<String>, visit: &mut impl FnMut(&str, &mut String)) {
    if let Some(text) = text {
        visit(&format!("{key}.{part}"), text);
    }
}

fn limit(key: &str, limit: &mut Option<Limit>, visit: &mut impl FnMut(&str, &mut String)) {
    if let Some(limit) = limit {
        maybe(key, "place", &mut limit.place, visit);
        maybe(key, "note", &mut limit.note, visit);
    }
}

fn options(key: &str, options: &mut [Choice], visit: &mut impl FnMut(&str, &mut String)) {
    for option in options {
        visit(&format!("{key}.option.{}", option.id), &mut option.label);
    }
}
