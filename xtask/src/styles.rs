//! One style sheet for the page: tokens and base as they are, components' sheets scoped by stylers.
//!
//! stylers drops or corrupts some CSS silently and derives a sheet's class from its count of
//! characters alone, so everything it gives back is compared with what went in
//! (docs/decisions/0003-stylers.md).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use lightningcss::printer::PrinterOptions;
use lightningcss::rules::CssRule;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use lightningcss::traits::ToCss;
use stylers_core::Class;

use crate::page::files;
use crate::shell::root;

/// The whole sheet, minified for the oldest engines supported.
pub(crate) fn build() -> Result<String> {
    let root = root();
    let tokens = std::fs::read_to_string(root.join("style/tokens.css"))?;
    let known = tokens_of(&tokens);
    let mut sheet = tokens;
    for name in ["base", "controls", "content", "form", "elder", "print"] {
        sheet += &std::fs::read_to_string(root.join(format!("style/{name}.css")))?;
    }
    let mut classes: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files(&root.join("app/src"), "css")? {
        let css = std::fs::read_to_string(&path)?;
        let class = Class::rand_class_from_seed(css.clone());
        if let Some(other) = classes.insert(class.as_name().to_owned(), path.clone()) {
            bail!(
                "{} and {} get the same class: they have as many characters; add or remove one",
                path.display(),
                other.display()
            );
        }
        let scoped = stylers_core::from_str(&css, &class);
        fence(&css, &scoped, class.as_name()).with_context(|| path.display().to_string())?;
        sheet.push_str(&scoped);
    }
    for token in used(&sheet) {
        ensure!(known.contains(&token), "the token {token} is used but not defined in style/tokens.css");
    }
    minify(&sheet)
}

/// Every rule of the input stands in the output, each selector with the class and nothing else added.
fn fence(input: &str, output: &str, class: &str) -> Result<()> {
    let (before, after) = (selectors(input)?, selectors(output)?);
    ensure!(
        before.len() == after.len(),
        "stylers kept {} of {} selectors: write flat rules with one class each",
        after.len(),
        before.len()
    );
    for ((selector, declarations), (scoped, kept)) in before.iter().zip(&after) {
        let expected = match selector.split_once(':') {
            Some((head, pseudo)) => format!("{head}.{class}:{pseudo}"),
            None => format!("{selector}.{class}"),
        };
        ensure!(*scoped == expected, "`{selector}` became `{scoped}` instead of `{expected}`");
        ensure!(declarations == kept, "declarations of `{selector}` changed:\n{declarations}\n{kept}");
    }
    Ok(())
}

fn selectors(css: &str) -> Result<Vec<(String, String)>> {
    let sheet = StyleSheet::parse(css, ParserOptions::default()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut list = Vec::new();
    for rule in &sheet.rules.0 {
        let CssRule::Style(style) = rule else {
            bail!("component sheets hold plain rules only; themes and media belong to style/")
        };
        let printed = style.selectors.to_css_string(PrinterOptions::default())?;
        list.push((printed, style.declarations.to_css_string(PrinterOptions::default())?));
    }
    Ok(list)
}

fn minify(css: &str) -> Result<String> {
    let browsers = Browsers { chrome: Some(80 << 16), ios_saf: Some(14 << 16 | 5 << 8), ..Browsers::default() };
    let targets = Targets::from(browsers);
    let mut sheet = StyleSheet::parse(css, ParserOptions::default()).map_err(|error| anyhow::anyhow!("{error}"))?;
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() })?;
    Ok(sheet.to_css(PrinterOptions { minify: true, targets, ..PrinterOptions::default() })?.code)
}

/// Custom properties a sheet defines.
fn tokens_of(css: &str) -> BTreeSet<String> {
    let lines = css.lines().map(str::trim).filter(|line| line.starts_with("--"));
    lines.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

/// Custom properties a sheet reads.
fn used(css: &str) -> BTreeSet<String> {
    css.split("var(").skip(1).filter_map(|part| Some(part.split([')', ',']).next()?.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stylers_loses_is_noticed() {
        assert!(fence(".a{color:red}.b{color:tan}", ".a.l{color:red}", "l").is_err());
        assert!(fence(".a{color:red}", ".a{color:red}", "l").is_err());
        assert!(fence(".a{content:\"x\"}", ".a.l{content:x}", "l").is_err());
        assert!(fence(".a:hover{color:red}", ".a.l:hover{color:red}", "l").is_ok());
        assert!(fence("@supports (a:b){.a{color:red}}", ".a.l{color:red}", "l").is_err());
    }

    #[test]
    fn the_project_s_own_sheets_pass() {
        assert!(build().is_ok());
    }
}
