//! Pages from templates, whatever a merchant wrote into a trade.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// No scripts, no styles but our own; a form may lead back to any merchant.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action *";

/// Fills a template. `{name}` is a value, escaped; a line behind `{?name}` is there only when the value is not empty.
pub(crate) fn render(template: &str, values: &[(&str, &str)]) -> String {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
    let mut page = String::with_capacity(template.len());
    for line in template.lines() {
        let line = match line.strip_prefix("{?").and_then(|rest| rest.split_once('}')) {
            Some((name, _)) if value(name).is_empty() => continue,
            Some((_, line)) => line,
            None => line,
        };
        let mut pieces = line.split('{');
        page.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (name, text) = piece.split_once('}').unwrap_or(("", piece));
            page.push_str(&escaped(value(name)));
            page.push_str(text);
        }
        page.push('\n');
    }
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A page as it is answered.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    (status, headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_filled_once() {
        let page = render("<p title=\"{a}\">{b}</p>", &[("a", "\"><b>&'"), ("b", "{a}")]);
        assert_eq!(page, "<p title=\"&quot;&gt;&lt;b&gt;&amp;&#39;\">{a}</p>\n");
    }

    #[test]
    fn a_line_of_nothing_is_left_out() {
        let template = "{?a}a is {a}\n{?b}b\nend";
        assert_eq!(render(template, &[("a", "1"), ("b", "")]), "a is 1\nend\n");
        assert_eq!(render(template, &[]), "end\n");
    }
}
