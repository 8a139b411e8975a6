//! A name becomes crates, modules, types, tables, topics and hosts: it needs a form that all of them take.

use crate::graph::Graph;
use crate::graph::names::{Kind, What, each_scope};
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("malformed-name"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "a name has a form of which no crate, type, table or host can be made",
    docs: include_str!("malformed_name.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    each_scope(graph.model, |scope| {
        let malformed = scope
            .names
            .iter()
            .filter(|name| !is_well_formed(scope.kind, name));
        findings.extend(malformed.map(|name| finding(scope.kind, scope.what, name)));
    });
    findings
}

fn finding(kind: Kind, what: What<'_>, name: &Name) -> Finding {
    let form = match kind {
        Kind::Crate | Kind::Item => {
            "small letters, digits, and single `-` or `_` between them, beginning with a letter: order-service, order_items"
        }
        Kind::Type => "letters and digits, beginning with a capital: OrderCreated",
        Kind::Field => {
            "letters, digits and single `_` between them, beginning with a small letter: orderId, order_id"
        }
        Kind::Alternative => {
            "letters, digits, and single `-` or `_` between them, beginning with a letter; the `enum` of a JSON Schema may have blanks between them, too"
        }
    };
    let written = if name.as_str().is_empty() {
        "an empty name".to_owned()
    } else {
        format!("\"{name}\"")
    };
    let near = suggestion(kind, name)
        .map_or_else(String::new, |near| format!("write {near}; the form is: "));
    RULE.finding(name.span(), format!("{what}: {written} is no name"))
        .here("cannot be spelt for every target")
        .about(name.as_str())
        .help(format!("{near}{form}"))
}

fn is_well_formed(kind: Kind, name: &Name) -> bool {
    let text = name.as_str();
    match kind {
        Kind::Crate | Kind::Item => {
            words(text, &['-', '_'], |char| {
                char.is_ascii_lowercase() || char.is_ascii_digit()
            }) && starts(text, |char| char.is_ascii_lowercase())
        }
        Kind::Type => {
            starts(text, |char| char.is_ascii_uppercase())
                && text.chars().all(|char| char.is_ascii_alphanumeric())
        }
        Kind::Field => {
            words(text, &['_'], |char| char.is_ascii_alphanumeric())
                && starts(text, |char| char.is_ascii_lowercase())
        }
        Kind::Alternative => {
            words(text, &['-', '_', ' '], |char| char.is_ascii_alphanumeric())
                && starts(text, |char| char.is_ascii_alphabetic())
        }
    }
}

fn starts(text: &str, with: impl Fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(with)
}

/// Words of allowed characters with exactly one separator between them.
fn words(text: &str, separators: &[char], allowed: impl Fn(char) -> bool) -> bool {
    text.split(separators)
        .all(|word| !word.is_empty() && word.chars().all(&allowed))
}

fn suggestion(kind: Kind, name: &Name) -> Option<String> {
    let near = match kind {
        Kind::Crate => name.kebab(),
        Kind::Item => name.snake().to_owned(),
        Kind::Type => name.pascal(),
        Kind::Field | Kind::Alternative => name.snake().to_owned(),
    };
    is_well_formed(kind, &Name::new(near.clone(), name.span())).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::source::Span;

    fn fits(kind: Kind, text: &str) -> bool {
        is_well_formed(kind, &Name::new(text, Span::default()))
    }

    #[test]
    fn services_are_kebab_or_snake() {
        for good in ["order-service", "order_service", "a", "s3"] {
            assert!(fits(Kind::Crate, good), "{good}");
        }
        for bad in [
            "",
            "Order",
            "order--service",
            "-order",
            "order-",
            "3s",
            "ordër",
            "a/b",
            "../x",
            "a b",
        ] {
            assert!(!fits(Kind::Crate, bad), "{bad}");
        }
    }

    #[test]
    fn types_are_pascal_and_fields_snake_or_camel() {
        assert!(
            fits(Kind::Type, "OrderCreated")
                && !fits(Kind::Type, "orderCreated")
                && !fits(Kind::Type, "Order_Created")
        );
        assert!(
            fits(Kind::Field, "orderId")
                && fits(Kind::Field, "order_id")
                && !fits(Kind::Field, "order-id")
                && !fits(Kind::Field, "Id")
        );
    }
}
