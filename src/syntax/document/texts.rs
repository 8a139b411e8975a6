//! Kinds of texts: what an address, a host or a path is. A text that is none works nowhere, and is told where it stands.

use crate::syntax::decode::{Form, is_no};

/// A text with something in it.
#[derive(Debug, Clone)]
pub struct Words;

impl Form for Words {
    const PATTERN: &'static str = r"\S";
    const HELP: &'static str = "write it, or leave the key out";

    fn fits(text: &str) -> bool {
        !text.trim().is_empty()
    }

    fn refusal(_: &str) -> String {
        "nothing is written here".to_owned()
    }
}

/// A text in which `${VARIABLE}` stands for what the environment says. Nobody is shown what else is in it: it may be secret.
#[derive(Debug, Clone)]
pub struct WithVariables;

impl Form for WithVariables {
    const PATTERN: &'static str = r"^([^$]|\$(?!\{)|\$\{[A-Za-z_][A-Za-z0-9_]*\})*$";
    const HELP: &'static str =
        "write the name of a variable between `${` and `}`: letters, digits and `_`";

    fn fits(text: &str) -> bool {
        let mut parts = text.split("${").skip(1);
        parts.all(|part| part.split_once('}').is_some_and(|(name, _)| is_name(name)))
    }

    fn refusal(_: &str) -> String {
        "a reference to a variable is not whole".to_owned()
    }
}

/// The name of a variable of the environment.
fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(allowed) && text.starts_with(|c: char| !c.is_ascii_digit())
}

/// The address of something that speaks HTTP, or a variable that holds one.
#[derive(Debug, Clone)]
pub struct WebAddress;

impl Form for WebAddress {
    const PATTERN: &'static str = r"^(\$\{|[Hh][Tt][Tt][Pp][Ss]?://)\S+$";
    const HELP: &'static str = "write it whole, as in `https://pay.example/v1`, or name a variable that holds it: `${PAY_URL}`";

    fn fits(text: &str) -> bool {
        let host = match text.split_once("://") {
            Some((scheme, rest)) if is_web(scheme) => rest,
            _ if text.starts_with("${") => text,
            _ => return false,
        };
        let blank = |c: char| c.is_whitespace() || c.is_control();
        WithVariables::fits(text)
            && !text.contains(blank)
            && !host.is_empty()
            && !host.starts_with(['/', '?', '#', ':'])
    }

    fn refusal(_: &str) -> String {
        "this is no address of `http://` or `https://`".to_owned()
    }
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// The name of a host, without anything around it.
#[derive(Debug, Clone)]
pub struct HostName;

impl Form for HostName {
    const PATTERN: &'static str = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$";
    const HELP: &'static str = "write the name alone, as in `shop.example`";

    fn fits(text: &str) -> bool {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_label = |label: &str| {
            let edge = label.starts_with('-') || label.ends_with('-');
            (1..=63).contains(&label.len()) && !edge && label.chars().all(allowed)
        };
        text.len() <= 253 && text.split('.').all(is_label)
    }

    fn refusal(text: &str) -> String {
        is_no(text, "name of a host")
    }
}

/// Where a page comes from, as browsers say it, or `*` for everywhere.
#[derive(Debug, Clone)]
pub struct Origin;

impl Form for Origin {
    const PATTERN: &'static str = r"^(\*|[a-z][a-z0-9+.-]*://[^/A-Z\s]+)$";
    const HELP: &'static str = "write scheme and host as browsers do, in small letters and without a path: `https://shop.example`";

    fn fits(text: &str) -> bool {
        let strange =
            |c: char| c.is_whitespace() || c.is_uppercase() || matches!(c, '/' | '?' | '#' | '@');
        text == "*"
            || text.split_once("://").is_some_and(|(scheme, host)| {
                let is_scheme = |c: char| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '.' | '-')
                };
                !scheme.is_empty()
                    && scheme.chars().all(is_scheme)
                    && !host.is_empty()
                    && !host.contains(strange)
            })
    }

    fn refusal(text: &str) -> String {
        is_no(text, "origin: no browser sends it")
    }
}

/// The name of a header (RFC 9110, 5.6.2).
#[derive(Debug, Clone)]
pub struct HeaderName;

impl Form for HeaderName {
    const PATTERN: &'static str = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
    const HELP: &'static str = "write letters, digits and dashes, such as x-correlation-id";

    fn fits(text: &str) -> bool {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    }

    fn refusal(text: &str) -> String {
        is_no(text, "name of a header")
    }
}

/// A path without parameters.
#[derive(Debug, Clone)]
pub struct PlainPath;

impl Form for PlainPath {
    const PATTERN: &'static str = r"^(/[A-Za-z0-9._~-]+)+$";
    const HELP: &'static str =
        "write letters, digits and dashes behind each `/`, as in `/health/live`";

    fn fits(text: &str) -> bool {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
        text.strip_prefix('/').is_some_and(|rest| {
            let mut segments = rest.split('/');
            segments.all(|segment| !segment.is_empty() && segment.chars().all(allowed))
        })
    }

    fn refusal(text: &str) -> String {
        is_no(text, "path")
    }
}

/// An amount of CPU or memory, as Kubernetes writes it.
#[derive(Debug, Clone)]
pub struct Quantity;

impl Form for Quantity {
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)?(m|k|[MGTPE]|[KMGTPE]i)?$";
    const HELP: &'static str =
        "write a number and a unit, such as `500m` of CPU or `512Mi` of memory";

    fn fits(text: &str) -> bool {
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let units = [
            "", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
        ];
        let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        number.split('.').count() <= 2 && number.split('.').all(digits) && units.contains(&unit)
    }

    fn refusal(text: &str) -> String {
        is_no(text, "amount of CPU or memory")
    }
}
