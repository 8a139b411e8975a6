//! Pages, and filters.

use serde_json::{Value as Json, json};

use super::Operation;
use crate::model::arena::EntityId;
use crate::model::endpoint::{Action, Method};
use crate::model::name::Name;
use crate::plan::rust::string;
use crate::plan::scenario::print::{Body, unfit};
use crate::plan::scenario::world::{World, column};
use crate::plan::service::query_fields;

impl Operation<'_, '_> {
    /// Pages, and filters.
    pub(super) fn list(&mut self) {
        let Action::List { entity, .. } = self.endpoint.action else {
            return;
        };
        if self.endpoint.method == Method::Head {
            return;
        }
        let mut world = World::new(self.types.model);
        if (0..3).any(|_| world.give(entity, &[]).is_err()) {
            self.tests.push(unfit(
                "pages_follow_each_other",
                "no sample record is found",
            ));
            return;
        }
        let mut records = world.records[&entity].clone();
        records.sort_by_key(|record| record["id"].to_string());
        let shown: Vec<Json> = records
            .iter()
            .map(|record| world.shown(entity, record))
            .collect();
        let mut test = Body::new();
        test.given(self.types, &world.given, &mut self.scope);
        test.line("let answer = call(&service).send().await;")
            .line("answer.is(StatusCode::OK);");
        test.json("shown", &json!({ "items": shown, "next_cursor": null }))
            .line("answer.shows(shown);");
        self.tests.push(test.test("it_shows_all_records"));
        let mut test = Body::new();
        test.line("let answer = call(&service).query(\"no_such_parameter=1\").send().await;")
            .line("answer.problem(StatusCode::BAD_REQUEST).names(\"/no_such_parameter\");");
        self.tests
            .push(test.test("an_unknown_parameter_is_refused"));
        let mut test = Body::new();
        test.given(self.types, &world.given, &mut self.scope);
        test.line("let mut query = \"limit=1\".to_owned();");
        let ids: Vec<String> = records
            .iter()
            .map(|record| record["id"].to_string())
            .collect();
        test.line(format!("for id in [{}] {{", ids.join(", ")));
        test.line("    let answer = call(&service).query(&query).send().await;");
        test.line("    answer.is(StatusCode::OK);");
        test.line("    assert_eq!(answer.body()[\"items\"].as_array().map(Vec::len), Some(1));");
        test.line("    assert_eq!(answer.body()[\"items\"][0][\"id\"], id);");
        test.line("    let cursor = answer.body()[\"next_cursor\"].as_str();");
        test.line("    query = format!(\"limit=1&cursor={}\", cursor.unwrap_or_default());");
        test.line("}");
        test.line("assert_eq!(query, \"limit=1&cursor=\", \"the last page names no cursor\");");
        self.tests.push(test.test("pages_follow_each_other"));
        let mut test = Body::new();
        test.line("for query in [\"limit=0\", \"limit=201\", \"limit=all\", \"cursor=%21\"] {");
        test.line("    let answer = call(&service).query(query).send().await;");
        test.line("    answer.problem(StatusCode::BAD_REQUEST);");
        test.line("}");
        self.tests
            .push(test.test("a_page_that_cannot_be_is_refused"));
        self.filters(entity);
    }

    fn filters(&mut self, entity: EntityId) {
        let filters: Vec<Name> = query_fields(self.types, self.endpoint)
            .into_iter()
            .map(|(field, _)| field.name.clone())
            .collect();
        for name in filters {
            let mut world = World::new(self.types.model);
            let (Ok(one), Ok(other)) = (world.give(entity, &[]), world.give(entity, &[])) else {
                return;
            };
            let value = &one[&column(&name)];
            if *value == other[&column(&name)] || value.is_null() {
                continue;
            }
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let mut test = Body::new();
            test.given(self.types, &world.given, &mut self.scope);
            test.line(format!(
                "let answer = call(&service).query({}).send().await;",
                string(&format!("{}={}", escaped(name.as_str()), escaped(&text)))
            ));
            test.line("answer.is(StatusCode::OK);");
            test.json(
                "shown",
                &json!({ "items": [{ "id": one["id"] }], "next_cursor": null }),
            )
            .line("answer.shows(shown);");
            self.tests
                .push(test.test(format!("it_is_filtered_by_{}", column(&name))));
        }
    }
}

/// A text as it stands in a query.
fn escaped(text: &str) -> String {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
