//! Bodies that do not fit, and those that just fit.

use serde_json::Value as Json;

use super::Operation;
use crate::model::types::{Field, Type};
use crate::plan::contract::patched;
use crate::plan::rust::string;
use crate::plan::scenario::body;
use crate::plan::scenario::print::Body;

impl Operation<'_, '_> {
    /// What does not fit is refused, and the field is named.
    pub(super) fn bodies(&mut self) {
        let Ok(Some(sample)) = body::full(self.types, self.endpoint, 1) else {
            return;
        };
        let fields = body::fields(self.types, self.endpoint);
        let missing: Vec<String> = fields
            .iter()
            .filter(|field| body::must(field) && field.ty != Type::Json)
            .map(pointer)
            .collect();
        self.each(
            "a_field_that_is_missing_is_named",
            "without(BODY, pointer)",
            "without",
            &missing,
        );
        let wrong: Vec<String> = fields
            .iter()
            .filter_map(|field| Some((pointer(field), body::wrong(self.types.model, field)?)))
            .map(pair)
            .collect();
        self.each(
            "a_value_of_another_type_is_refused",
            "with(BODY, pointer, value)",
            "with",
            &wrong,
        );
        self.nulls(&fields, &sample);
        let (mut fit, mut not) = (Vec::new(), Vec::new());
        for (pointer, field) in body::places(self.types, self.endpoint, &sample) {
            let (inside, outside) = body::edges(&field);
            let at = |value| pair((string(&pointer), value));
            fit.extend(inside.into_iter().map(at));
            not.extend(outside.into_iter().map(at));
        }
        self.each(
            "a_value_beyond_its_limits_is_refused",
            "with(BODY, pointer, value)",
            "with",
            &not,
        );
        self.within(&fit);
        if !fields.is_empty() {
            self.each(
                "an_unknown_field_is_refused",
                "with(BODY, pointer, \"1\")",
                "with",
                &["\"/no_such_field\"".to_owned()],
            );
        }
        self.no_json();
    }

    /// In a merge patch, null clears what may be missing, and is refused for what may not.
    fn nulls(&mut self, fields: &[Field], sample: &Json) {
        let of_patch = |field: &Field, clears: bool| {
            patched(self.types, self.endpoint, field) == Some(clears) && field.ty != Type::Json
        };
        let kept: Vec<String> = fields
            .iter()
            .filter(|field| of_patch(field, false))
            .map(pointer)
            .collect();
        let mut cleared = sample.clone();
        for field in fields.iter().filter(|field| of_patch(field, true)) {
            cleared[field.name.as_str()] = Json::Null;
        }
        self.each(
            "a_null_for_what_may_not_be_missing_is_refused",
            "with(BODY, pointer, \"null\")",
            "with",
            &kept,
        );
        if cleared != *sample {
            self.sent(cleared, "a_null_clears_what_may_be_missing");
        }
    }

    /// What is no JSON, or does not say that it is, is refused.
    fn no_json(&mut self) {
        let mut test = Body::new();
        test.line("let answer = call(&service).json(\"{\").send().await;")
            .line("answer.problem(StatusCode::BAD_REQUEST);");
        test.line("let answer = call(&service).text(\"text/plain\", BODY).send().await;");
        test.line("answer.problem(StatusCode::UNSUPPORTED_MEDIA_TYPE);");
        self.tests
            .push(test.test("a_body_that_is_no_json_is_refused"));
    }

    /// A test that sends a changed body for each of some fields, which the answer names.
    fn each(&mut self, name: &str, body: &str, import: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.scope
            .import(&format!("msarch_runtime::testing::{import}"));
        if items.iter().any(|item| item.contains("long(")) {
            self.scope.import("msarch_runtime::testing::long");
        }
        let mut test = Body::new();
        repeated(&mut test, items, |test| {
            test.line(format!("let body = {body};"));
            test.line("let answer = call(&service).json(body).send().await;");
            test.line("answer.problem(StatusCode::BAD_REQUEST).names(pointer);");
        });
        self.tests.push(test.test(name));
    }

    fn within(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.scope.import("msarch_runtime::testing::with");
        if items.iter().any(|item| item.contains("long(")) {
            self.scope.import("msarch_runtime::testing::long");
        }
        let mut test = Body::new();
        repeated(&mut test, items, |test| {
            test.line("let body = with(BODY, pointer, value);");
            test.line("call(&service).json(body).send().await.accepts(pointer);");
        });
        self.tests
            .push(test.test("a_value_within_its_limits_is_taken"));
    }
}

/// Statements for each of some pointers, or pairs of pointer and value.
fn repeated(test: &mut Body, items: &[String], statements: impl FnOnce(&mut Body)) {
    let binding = if items.iter().any(|item| item.starts_with('(')) {
        "(pointer, value)"
    } else {
        "pointer"
    };
    if let [item] = items {
        // A text of its own, where it is the only one.
        let item = item.replace(".as_str()", "");
        test.line(format!("let {binding} = {item};"));
        return statements(test);
    }
    let mut within = Body::empty();
    statements(&mut within);
    test.line(format!("for {binding} in [{}] {{", items.join(", ")));
    within.lines().for_each(|line| {
        test.line(format!("    {line}"));
    });
    test.line("}");
}

fn pointer(field: &Field) -> String {
    string(&format!("/{}", field.name))
}

/// `("/field", r#"value"#)`.
fn pair((pointer, value): (String, Json)) -> String {
    let long = value
        .as_str()
        .filter(|text| text.len() > 24 && text.bytes().all(|byte| byte == b'x'));
    match long {
        Some(text) => format!("({pointer}, long({}).as_str())", text.len()),
        None => format!("({pointer}, {})", string(&value.to_string())),
    }
}
