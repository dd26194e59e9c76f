//! The addresses of the page, as data.

/// A screen with what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The errands.
    Home,
    /// What an errand needs.
    Guide(String),
    /// Questions that decide what is needed.
    Situations(String),
    /// Makes a draft and goes on to its form.
    Start(String),
    /// Who are you; then on to the address given.
    SignIn(String),
    /// A part of the form; the first one where none is named.
    Form(String, Option<String>),
    /// Hands a draft over.
    HandOver(String),
    /// Takes a draft over, with the code where it is known.
    Continue(Option<String>),
    /// The documents.
    Materials(String),
    /// Everything before it is sent.
    Review(String),
    /// How far it is.
    Progress(String),
    /// What is to pay.
    Pay(String),
    /// What somebody with the address may pay for another.
    PayFor(String),
    /// Whether a receipt is genuine.
    Receipts,
    /// What is to correct.
    Correction(String),
    /// What was promised and is to be brought.
    Owed(String),
    /// What came out.
    Certificates(String),
    /// How it was.
    Rating(String),
    /// My drafts, applications, messages.
    Mine,
    /// My e-certificates and files.
    Documents,
    /// The proofs still asked for.
    Proofs,
    /// A complaint, suggestion or enquiry.
    Feedback,
    /// A complaint about what was asked for: errand and material.
    Report(String, String),
    /// Other ways to get help.
    Help,
    /// What the service is, whose, and how else it is reached.
    Service,
    /// What was done so that everybody can use it, and what is lacking.
    Accessibility,
    /// Words of offices, explained.
    Glossary,
    /// An address that leads nowhere.
    Missing,
}

/// The part of the program that holds a screen: a page loads only the code of its part
/// (`screens::parts`); `boot.js` fetches it early by the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What there is.
    Home,
    /// What an errand takes.
    Guide,
    /// From the situation to the draft.
    Starting,
    /// The questions.
    Form,
    /// The documents.
    Materials,
    /// Everything once more, and the submission.
    Review,
    /// What a department asks to have corrected.
    Correction,
    /// A draft that passes to somebody else.
    Handover,
    /// How far it is.
    Progress,
    /// What came out, what is still owed, how it was.
    Outcome,
    /// What is mine, and what I say about it.
    Mine,
    /// Payment.
    Paying,
}

impl Route {
    /// The part that holds this screen.
    #[must_use]
    pub fn part(&self) -> Part {
        match self {
            Self::Home | Self::Help | Self::Service | Self::Accessibility | Self::Glossary | Self::Missing => {
                Part::Home
            }
            Self::Guide(_) => Part::Guide,
            Self::Situations(_) | Self::Start(_) | Self::SignIn(_) => Part::Starting,
            Self::Form(..) => Part::Form,
            Self::Materials(_) => Part::Materials,
            Self::Review(_) => Part::Review,
            Self::Correction(_) => Part::Correction,
            Self::HandOver(_) | Self::Continue(_) => Part::Handover,
            Self::Progress(_) => Part::Progress,
            Self::Owed(_) | Self::Certificates(_) | Self::Rating(_) => Part::Outcome,
            Self::Mine | Self::Documents | Self::Proofs | Self::Feedback | Self::Report(..) | Self::Receipts => {
                Part::Mine
            }
            Self::Pay(_) | Self::PayFor(_) => Part::Paying,
        }
    }

    /// Reads a path without its base: `bundles/newborn`.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let own = |part: &str| part.to_owned();
        match parts.as_slice() {
            [] | ["index.html"] => Self::Home,
            ["bundles", id] | ["bundles", id, "index.html"] => Self::Guide(own(id)),
            ["bundles", id, "situations"] => Self::Situations(own(id)),
            ["bundles", id, "start"] => Self::Start(own(id)),
            ["sign-in"] => Self::SignIn(query.strip_prefix("to=").map(decode).unwrap_or_default()),
            ["drafts", id, "form"] => Self::Form(own(id), None),
            ["drafts", id, "form", group] => Self::Form(own(id), Some(own(group))),
            ["drafts", id, "handover"] => Self::HandOver(own(id)),
            ["continue"] => Self::Continue(None),
            ["continue", code] => Self::Continue(Some(own(code))),
            ["drafts", id, "materials"] => Self::Materials(own(id)),
            ["drafts", id, "review"] => Self::Review(own(id)),
            ["applications", id] => Self::Progress(own(id)),
            ["applications", id, "pay"] => Self::Pay(own(id)),
            ["pay", token] => Self::PayFor(own(token)),
            ["receipts"] => Self::Receipts,
            ["applications", id, "correction"] => Self::Correction(own(id)),
            ["applications", id, "owed"] => Self::Owed(own(id)),
            ["applications", id, "certificates"] => Self::Certificates(own(id)),
            ["applications", id, "rating"] => Self::Rating(own(id)),
            ["mine"] => Self::Mine,
            ["documents"] => Self::Documents,
            ["proofs"] => Self::Proofs,
            ["feedback"] => Self::Feedback,
            ["feedback", bundle, material] => Self::Report(own(bundle), own(material)),
            ["help"] => Self::Help,
            ["service"] => Self::Service,
            ["accessibility"] => Self::Accessibility,
            ["glossary"] => Self::Glossary,
            _ => Self::Missing,
        }
    }

    /// Writes the path without its base.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Home => String::new(),
            Self::Guide(id) => format!("bundles/{id}"),
            Self::Situations(id) => format!("bundles/{id}/situations"),
            Self::Start(id) => format!("bundles/{id}/start"),
            Self::SignIn(to) => format!("sign-in?to={}", to.replace('%', "%25").replace('?', "%3F")),
            Self::Form(id, None) => format!("drafts/{id}/form"),
            Self::Form(id, Some(group)) => format!("drafts/{id}/form/{group}"),
            Self::HandOver(id) => format!("drafts/{id}/handover"),
            Self::Continue(None) => "continue".to_owned(),
            Self::Continue(Some(code)) => format!("continue/{code}"),
            Self::Materials(id) => format!("drafts/{id}/materials"),
            Self::Review(id) => format!("drafts/{id}/review"),
            Self::Progress(id) => format!("applications/{id}"),
            Self::Pay(id) => format!("applications/{id}/pay"),
            Self::PayFor(token) => format!("pay/{token}"),
            Self::Receipts => "receipts".to_owned(),
            Self::Correction(id) => format!("applications/{id}/correction"),
            Self::Owed(id) => format!("applications/{id}/owed"),
            Self::Certificates(id) => format!("applications/{id}/certificates"),
            Self::Rating(id) => format!("applications/{id}/rating"),
            Self::Mine => "mine".to_owned(),
            Self::Documents => "documents".to_owned(),
            Self::Proofs => "proofs".to_owned(),
            Self::Feedback => "feedback".to_owned(),
            Self::Report(bundle, material) => format!("feedback/{bundle}/{material}"),
            Self::Service => "service".to_owned(),
            Self::Accessibility => "accessibility".to_owned(),
            Self::Glossary => "glossary".to_owned(),
            Self::Help => "help".to_owned(),
            Self::Missing => "missing".to_owned(),
        }
    }
}

fn decode(text: &str) -> String {
    text.replace("%3F", "?").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_is_written_is_read() {
        let id = || "a1".to_owned();
        let routes = [
            Route::Home,
            Route::Guide(id()),
            Route::Situations(id()),
            Route::Start(id()),
            Route::SignIn("bundles/x/start".into()),
            Route::Form(id(), None),
            Route::Form(id(), Some("child".into())),
            Route::HandOver(id()),
            Route::Continue(None),
            Route::Continue(Some("ABCD2345".into())),
            Route::Materials(id()),
            Route::Review(id()),
            Route::Progress(id()),
            Route::Pay(id()),
            Route::PayFor(id()),
            Route::Receipts,
            Route::Correction(id()),
            Route::Owed(id()),
            Route::Documents,
            Route::Proofs,
            Route::Report(id(), id()),
            Route::Certificates(id()),
            Route::Rating(id()),
            Route::Mine,
            Route::Feedback,
            Route::Help,
        ];
        for route in routes {
            assert_eq!(Route::parse(&route.path()), route);
        }
        for lost in ["x", "bundles", "drafts/1", "applications/1/x", "pay", "receipts/1", "missing"] {
            assert_eq!(Route::parse(lost), Route::Missing, "{lost}");
        }
    }
}
