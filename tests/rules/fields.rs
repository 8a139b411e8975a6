//! What is declared of fields, and what of it means nothing.

use super::{only, pointed, silent, told};

fn field(text: &str) -> String {
    format!(
        "types: {{Mood: calm | wild}}\nservices: {{a: {{data_ownership: {{orders: {{fields: {{x: {{{text}}}}}}}}}, endpoints: [GET /orders]}}}}"
    )
}

#[test]
fn a_limit_that_fits_its_type_is_no_finding() {
    for text in [
        "type: integer, min: -3, max: 9.0",
        "type: number, min: 0.5, max: 9.5",
        "type: decimal, min: 0.01",
        "type: string, min_length: 1, max_length: 3, pattern: '^a', unique: true",
        "type: 'string[]', min_length: 1, max_length: 3",
        "type: json, unique: false",
        "type: Mood, unique: true, default: calm",
        "type: boolean, default: false",
        "type: boolean?",
        "type: boolean, required: false",
        "type: boolean?, required: false",
    ] {
        silent(&field(text));
    }
}

#[test]
fn a_limit_that_can_never_be_broken_is_refused() {
    for (text, key, of) in [
        ("type: string, min: 3", "min", "string"),
        ("type: boolean, max: 3", "max", "boolean"),
        ("type: Mood, min: 3", "min", "Mood"),
        ("type: integer, min_length: 3", "min_length", "integer"),
        ("type: json, max_length: 3", "max_length", "json"),
        ("type: boolean, pattern: x", "pattern", "boolean"),
        ("type: 'string[]', pattern: x", "pattern", "string[]"),
        ("type: json, unique: true", "unique", "json"),
        ("type: 'uuid[]', unique: true", "unique", "uuid[]"),
    ] {
        only(
            &field(text),
            &format!("invalid-value error: `{key}` means nothing for `x` of type {of}"),
        );
    }
}

#[test]
fn a_whole_number_has_whole_limits() {
    only(
        &field("type: integer, min: 0.5"),
        "invalid-value error: `x` is a whole number, and its min 0.5 is none",
    );
    only(
        &field("type: integer, max: 9.5"),
        "invalid-value error: `x` is a whole number, and its max 9.5 is none",
    );
}

#[test]
fn a_field_is_optional_or_required_or_has_a_default() {
    for text in [
        "type: boolean?, default: false",
        "type: boolean, required: false, default: false",
    ] {
        only(
            &field(text),
            "invalid-value error: `x` is optional, and so its default is never taken",
        );
    }
    only(
        &field("type: string?, required: true"),
        "invalid-value error: `x` is both optional and required",
    );
}

#[test]
fn an_alternative_is_shown_where_it_stands() {
    let places = |words: &str| {
        let told = pointed(&format!(
            "types: {{Words: {words}}}\nservices: {{a: {{data_ownership: {{orders: {{fields: {{word: Words}}}}}}, endpoints: [GET /orders]}}}}"
        ));
        told.into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    for words in ["self | Self | none | None", "'self | Self | none | None'"] {
        let at = places(words);
        assert!(at.contains(&"Self".to_owned()), "{at:?}");
        assert!(at.contains(&"None".to_owned()), "{at:?}");
        assert!(!at.contains(&"Words".to_owned()), "{at:?}");
    }
    assert_eq!(places("calm | w-"), ["w-"]);
}

#[test]
fn a_type_that_cannot_be_read_is_told_once() {
    let text = |field: &str| {
        format!(
            "types: {{Good: calm | wild, Bad: 'calm | wild[]'}}\nservices: {{a: {{data_ownership: {{orders: {{fields: {{word: {field}, more: 'string[]'}}}}}}, endpoints: [{{name: list, method: GET, path: /orders, filters: [word]}}]}}}}"
        )
    };
    only(
        &text("Bad"),
        "type-mismatch error: type Bad: `calm | wild[]` is no enum",
    );
    only(
        &text("Good")
            .replace("filters: [word]", "filters: [more]")
            .replace(", Bad: 'calm | wild[]'", ""),
        "type-mismatch error: more cannot be compared with a text of the query",
    );
}

#[test]
fn a_word_that_an_enum_has_nearly_is_named() {
    let told = pointed(
        "services: {a: {data_ownership: {tools: {fields: {kind: imager | camera, n: integer}}}, endpoints: {act: {method: POST, path: /acts, action: command, request: {n: integer}, effects: [{set: tools, where: {kind: imagr}, values: {n: $request.n}}]}}}}",
    );
    assert_eq!(told, [("imagr".to_owned(), "write `imager`".to_owned())]);
    let default = pointed(&field("type: Mood, default: clam"));
    assert_eq!(default, [("clam".to_owned(), "write `calm`".to_owned())]);
}

#[test]
fn a_scope_is_one_word_of_a_token() {
    let scope = |scope: &str| {
        format!(
            "gateway: {{authentication: {{type: JWT, algorithms: [EdDSA], jwks: 'https://id.example/jwks.json', issuer: 'https://id.example', audience: shop}}, routes: [{{path: /orders, service: a, timeout: 5s, scope: {scope}}}]}}\nservices: {{a: {{data_ownership: [orders], endpoints: [{{name: act, method: GET, path: /orders, scope: {scope}}}]}}}}"
        )
    };
    silent(&scope("'orders:read'"));
    for (written, read) in [("'a b'", "a b"), ("''", ""), ("größe", "größe")] {
        let wanted = format!("invalid-value error: `{read}` is not one scope");
        assert_eq!(told(&scope(written)), [wanted.clone(), wanted]);
    }
}
