//! The tests of an operation: what it declares, held against what its route does.

use serde_json::{Map, Value as Json, json};

use super::body;
use super::print::{Body, Test, raw, record_name, unfit};
use super::sample::uuid;
use super::world::{Sight, Stop, Unfit, World, column};
use super::{Constant, TestFile};
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{EffectKind, Root};
use crate::model::endpoint::{Action, Body as Content, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::Name;
use crate::model::types::{Field, Type};
use crate::plan::rust::{RustType, Scope, string};
use crate::plan::service::query_fields;
use crate::plan::types::Types;
use crate::syntax::source::Span;

/// What became of a call that was acted out.
struct Played<'m> {
    world: World<'m>,
    /// The body that was sent.
    body: Option<Json>,
    /// What the answer shows.
    answer: Option<Json>,
}

struct Operation<'a, 'm> {
    types: &'a Types<'m>,
    endpoint: &'a Endpoint,
    secured: bool,
    scope: Scope,
    tests: Vec<Test>,
}

/// Plans the tests of an operation.
pub(super) fn file(types: &Types<'_>, _service: ServiceId, endpoint: &Endpoint) -> TestFile {
    let secured = types
        .model
        .gateway
        .as_ref()
        .is_some_and(|gateway| gateway.authentication.is_some());
    let mut scope = Scope::new("tests::operation");
    for own in ["BODY", "call"] {
        scope.define(own);
    }
    scope.all([
        "msarch_runtime::testing::Call",
        "msarch_runtime::testing::Fixture",
        "http::StatusCode",
    ]);
    scope.import("tests::harness");
    let mut operation = Operation {
        types,
        endpoint,
        secured,
        scope,
        tests: Vec::new(),
    };
    operation.plan();
    let body = body::full(types, endpoint, 1).ok().flatten();
    let constants = body.map(|body| Constant {
        name: "BODY".to_owned(),
        doc: "A body that fits.".to_owned(),
        value: raw(&body, 0),
    });
    TestFile {
        module: endpoint.name.identifier(),
        doc: format!(
            "`{} {}`: what the architecture declares of `{}`.",
            endpoint.method.as_str(),
            endpoint.path.value,
            endpoint.name
        ),
        call: Some(operation.call()),
        constants: constants.into_iter().collect(),
        imports: operation.scope,
        tests: operation.tests,
    }
}

impl<'m> Operation<'_, 'm> {
    fn plan(&mut self) {
        if let Action::List { .. } = self.endpoint.action {
            self.list();
            return self.access();
        }
        match self.play(1, false) {
            Ok(played) => self.declared(&played),
            Err(Stop::Refused) => self.tests.push(unfit(
                "it_does_what_is_declared",
                "sample data does not suffice for its effects",
            )),
            Err(Stop::Unfit(reason)) => self.tests.push(unfit("it_does_what_is_declared", &reason)),
        }
        self.least();
        self.scarce();
        self.bodies();
        self.access();
        self.keys();
        self.unique();
        self.versions();
    }

    /// `service.put("/things/1").scopes(&["things:write"]).if_match(1)`.
    fn call(&self) -> String {
        let mut text = format!(
            "service.{}({})",
            self.endpoint.method.as_str().to_ascii_lowercase(),
            string(&self.path())
        );
        if let Some(scope) = &self.endpoint.scope {
            text.push_str(&format!(".scopes(&[{}])", string(&scope.value)));
        }
        if self.conditional() {
            text.push_str(".if_match(1)");
        }
        if self.keyed() && self.endpoint.idempotency_key == IdempotencyKey::Required {
            text.push_str(".key(\"key-1\")");
        }
        text
    }

    /// The path with sample identities.
    fn path(&self) -> String {
        let pieces = self.endpoint.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Parameter(name) => uuid(name.snake(), 1),
        });
        let path = pieces.map(|piece| format!("/{piece}")).collect::<String>();
        if path.is_empty() {
            "/".to_owned()
        } else {
            path
        }
    }

    fn conditional(&self) -> bool {
        matches!(self.endpoint.action, Action::Update(_) | Action::Delete(_))
    }

    fn keyed(&self) -> bool {
        self.endpoint.method == Method::Post
            && self.endpoint.writes
            && self.endpoint.idempotency_key != IdempotencyKey::None
    }

    fn has_body(&self) -> bool {
        !matches!(self.endpoint.request, Content::None | Content::Page(_))
    }

    /// What a call has at hand.
    fn sight(&self, body: Option<&Json>) -> Sight {
        let parameters: Map<String, Json> = self
            .endpoint
            .segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Parameter(name) => {
                    Some((name.as_str().to_owned(), json!(uuid(name.snake(), 1))))
                }
                Segment::Literal(_) => None,
            })
            .collect();
        let mut sight = Sight::default().with(Root::PathParameter, Json::Object(parameters));
        if self.secured && !self.endpoint.public {
            sight.bind(Root::Subject, json!("tester"));
        }
        sight.bind(Root::Request, body.cloned().unwrap_or(Json::Null));
        sight
    }

    fn identity(&self) -> Vec<(Name, Json)> {
        let last = self
            .endpoint
            .segments
            .iter()
            .rev()
            .find_map(|segment| match segment {
                Segment::Parameter(name) => Some(name),
                Segment::Literal(_) => None,
            });
        last.map(|name| {
            (
                Name::new("id", Span::default()),
                json!(uuid(name.snake(), 1)),
            )
        })
        .into_iter()
        .collect()
    }

    fn play(&self, number: u64, scarce: bool) -> Result<Played<'m>, Stop> {
        let body = body::full(self.types, self.endpoint, number)?;
        self.act(
            World {
                scarce,
                ..World::new(self.types.model)
            },
            body,
        )
    }

    /// Acts the call out: the action, then the effects, then the events.
    fn act(&self, mut world: World<'m>, body: Option<Json>) -> Result<Played<'m>, Stop> {
        let endpoint = self.endpoint;
        let mut sight = self.sight(body.as_ref());
        let record = Root::Bound(Name::new("record", Span::default()));
        let mut acted = None;
        match &endpoint.action {
            Action::Create(entity) => {
                let made = world.create(*entity, &endpoint.record, &sight)?;
                acted = Some((*entity, made));
            }
            Action::Read(entity) | Action::Update(entity) | Action::Delete(entity) => {
                let found = world.give(*entity, &self.identity())?;
                world.give(*entity, &[])?;
                acted = Some((*entity, self.change(*entity, found, &mut world, &sight)));
            }
            Action::Aggregate(run) => {
                let made = world.begin(run, &sight)?;
                acted = Some((self.types.model.aggregates[run.aggregate].entity, made));
            }
            Action::List { .. } => return Err(Stop::Unfit("it is a list".to_owned())),
            Action::Command => {}
        }
        if let Some((_, made)) = &acted {
            sight.bind(record, Json::Object(made.clone()));
        }
        world.effects(&endpoint.effects, &mut sight)?;
        world.emissions(&endpoint.emits, &sight)?;
        let answer = self.answer(&mut world, acted.as_ref(), &sight)?;
        Ok(Played {
            world,
            body,
            answer,
        })
    }

    fn change(
        &self,
        entity: EntityId,
        found: Map<String, Json>,
        world: &mut World<'_>,
        sight: &Sight,
    ) -> Map<String, Json> {
        let index = world.records[&entity]
            .iter()
            .position(|record| *record == found)
            .unwrap_or(0);
        match self.endpoint.action {
            Action::Update(_) => {
                let partial = self.endpoint.method == Method::Patch;
                world.update(entity, index, &self.endpoint.record, partial, sight);
                world.records[&entity][index].clone()
            }
            Action::Delete(_) => {
                world
                    .records
                    .get_mut(&entity)
                    .map(|records| records.remove(index));
                found
            }
            _ => found,
        }
    }

    fn answer(
        &self,
        world: &mut World<'_>,
        acted: Option<&(EntityId, Map<String, Json>)>,
        sight: &Sight,
    ) -> Result<Option<Json>, Unfit> {
        let types = self.types;
        Ok(match &self.endpoint.response {
            Content::None | Content::Page(_) => None,
            Content::Entity(entity) => match acted {
                Some((of, record)) if of == entity => {
                    let now = world.matching(
                        *entity,
                        &[(Name::new("id", Span::default()), record["id"].clone())],
                    );
                    let _ = now;
                    Some(world.shown(*entity, record))
                }
                _ if world.records.contains_key(entity) => {
                    let found = world.matching(*entity, &self.identity());
                    match found.as_slice() {
                        [index] => Some(world.shown(*entity, &world.records[entity][*index])),
                        _ => Some(json!({})),
                    }
                }
                _ => {
                    let found = world.give(*entity, &self.identity())?;
                    Some(world.shown(*entity, &found))
                }
            },
            Content::Type(ty) => {
                let fields = types.record_of(ty);
                Some(world.payload(&fields, &self.endpoint.answer, sight))
            }
            Content::Fields(fields) => Some(world.payload(fields, &self.endpoint.answer, sight)),
        })
    }

    fn created(&self) -> bool {
        matches!(self.endpoint.response, Content::Entity(_))
            && match &self.endpoint.action {
                Action::Create(_) => true,
                Action::Aggregate(run) => run.id.is_none(),
                _ => false,
            }
    }

    fn status(&self) -> &'static str {
        match &self.endpoint.response {
            _ if self.created() => "StatusCode::CREATED",
            Content::None => "StatusCode::NO_CONTENT",
            _ => "StatusCode::OK",
        }
    }

    fn send(&self, body: &str) -> String {
        if self.has_body() {
            format!("call(&service).json({body}).send().await")
        } else {
            "call(&service).send().await".to_owned()
        }
    }

    fn declared(&mut self, played: &Played<'_>) {
        let mut test = Body::new();
        test.given(self.types, &played.world.given, &mut self.scope);
        test.line(format!("let answer = {};", self.send("BODY")));
        self.answered(&mut test, played.answer.as_ref());
        test.records(self.types, &played.world, &mut self.scope)
            .published(&played.world);
        self.tests.push(test.test("it_does_what_is_declared"));
    }

    fn answered(&self, test: &mut Body, answer: Option<&Json>) {
        test.line(format!("answer.is({});", self.status()));
        if let Some(answer) = answer.filter(|_| self.endpoint.method != Method::Head) {
            test.json("shown", answer).line("answer.shows(shown);");
            if matches!(self.endpoint.response, Content::Entity(_)) {
                let version = answer.get("version").and_then(Json::as_i64);
                if let Some(version) = version {
                    test.line(format!(
                        "answer.has(\"etag\", {});",
                        string(&format!("\"{version}\""))
                    ));
                }
            }
        }
    }

    /// What stands in for what is not sent.
    fn least(&mut self) {
        let Some(least) = body::least(self.types, self.endpoint, 1) else {
            return;
        };
        let Ok(played) = self.act(World::new(self.types.model), Some(least)) else {
            return;
        };
        let (Some(body), types) = (&played.body, self.types) else {
            return;
        };
        let mut test = Body::new();
        test.given(types, &played.world.given, &mut self.scope);
        test.json("body", body)
            .line(format!("let answer = {};", self.send("body")));
        self.answered(&mut test, played.answer.as_ref());
        test.records(types, &played.world, &mut self.scope)
            .published(&played.world);
        self.tests
            .push(test.test("what_is_not_sent_has_its_default"));
    }

    /// A floor holds, and nothing of a refused call remains.
    fn scarce(&mut self) {
        let floors = |kind: &EffectKind| matches!(kind, EffectKind::Adjust { floors, .. } if !floors.is_empty());
        if !self
            .endpoint
            .effects
            .iter()
            .any(|effect| floors(&effect.kind))
        {
            return;
        }
        let Ok(body) = body::full(self.types, self.endpoint, 1) else {
            return;
        };
        let mut world = World {
            scarce: true,
            ..World::new(self.types.model)
        };
        let mut sight = self.sight(body.as_ref());
        if !matches!(self.endpoint.action, Action::Command)
            || !matches!(
                world.effects(&self.endpoint.effects, &mut sight),
                Err(Stop::Refused)
            )
        {
            return;
        }
        let mut test = Body::new();
        test.given(self.types, &world.given, &mut self.scope);
        test.line(format!("let answer = {};", self.send("BODY")))
            .line("answer.problem(StatusCode::CONFLICT);");
        test.unchanged(self.types, &world, &mut self.scope)
            .line("service.outbox().await.none();");
        self.tests
            .push(test.test("a_floor_holds_and_nothing_remains_of_the_call"));
    }

    /// What does not fit is refused, and the field is named.
    fn bodies(&mut self) {
        if !self.has_body() || !matches!(body::full(self.types, self.endpoint, 1), Ok(Some(_))) {
            return;
        }
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
        let (mut fit, mut not) = (Vec::new(), Vec::new());
        for field in &fields {
            let (inside, outside) = body::edges(field);
            fit.extend(
                inside
                    .into_iter()
                    .map(|value| pair((pointer(field), value))),
            );
            not.extend(
                outside
                    .into_iter()
                    .map(|value| pair((pointer(field), value))),
            );
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

    /// Who may call.
    fn access(&mut self) {
        if !self.secured {
            return;
        }
        let send = |call: &str| {
            let body = matches!(body::full(self.types, self.endpoint, 1), Ok(Some(_)));
            if self.has_body() && body {
                format!("{call}.json(BODY)")
            } else {
                call.to_owned()
            }
        };
        let mut test = Body::new();
        test.line(format!(
            "let answer = {}.send().await;",
            send("call(&service).anonymous()")
        ));
        if self.endpoint.public {
            test.line("assert_ne!(answer.status(), StatusCode::UNAUTHORIZED);");
            self.tests.push(test.test("anybody_may_call"));
            return;
        }
        if self.endpoint.method == Method::Head {
            test.line("assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);");
        } else {
            test.line("answer.problem(StatusCode::UNAUTHORIZED);");
        }
        let scoped = self.endpoint.scope.is_some().then(|| {
            let mut scoped = Body::new();
            scoped.line(format!(
                "let answer = {}.send().await;",
                send("call(&service).scopes(&[\"another:scope\"])")
            ));
            let refused = if self.endpoint.method == Method::Head {
                "assert_eq!(answer.status(), StatusCode::FORBIDDEN);"
            } else {
                "answer.problem(StatusCode::FORBIDDEN);"
            };
            scoped.line(refused);
            scoped.test("another_scope_is_not_enough")
        });
        self.tests.push(test.test("without_a_token_nobody_gets_in"));
        self.tests.extend(scoped);
    }

    /// A request that comes twice under one key takes effect once.
    fn keys(&mut self) {
        if !self.keyed() {
            return;
        }
        let Ok(played) = self.play(1, false) else {
            return;
        };
        if self.endpoint.idempotency_key == IdempotencyKey::Required {
            let mut test = Body::new();
            let send = self.send("BODY").replace(
                "call(&service)",
                "call(&service).no(&IdempotencyKey::HEADER)",
            );
            self.scope.import("msarch_runtime::http::IdempotencyKey");
            test.line(format!("let answer = {send};"));
            test.line("answer.problem(StatusCode::BAD_REQUEST).names(\"Idempotency-Key\");");
            self.tests.push(test.test("it_asks_for_an_idempotency_key"));
        }
        let keyed = |call: String| call.replace("call(&service)", "call(&service).key(\"key-1\")");
        let mut test = Body::new();
        test.given(self.types, &played.world.given, &mut self.scope);
        test.line(format!("let first = {};", keyed(self.send("BODY"))));
        test.line(format!("let second = {};", keyed(self.send("BODY"))));
        test.line("assert_eq!(first.status(), second.status());")
            .line("assert_eq!(first.body(), second.body());");
        test.records(self.types, &played.world, &mut self.scope)
            .published(&played.world);
        self.tests
            .push(test.test("one_key_takes_effect_once_and_is_answered_alike"));
        let other = body::full(self.types, self.endpoint, 2).ok().flatten();
        if let Some(other) = other.filter(|other| Some(other) != played.body.as_ref()) {
            let mut test = Body::new();
            test.given(self.types, &played.world.given, &mut self.scope);
            test.line(format!("let answer = {};", keyed(self.send("BODY"))))
                .line(format!("answer.is({});", self.status()));
            test.json("other", &other);
            test.line(format!("let answer = {};", keyed(self.send("other"))));
            test.line("answer.problem(StatusCode::UNPROCESSABLE_ENTITY);");
            self.tests.push(test.test("one_key_stands_for_one_request"));
        }
    }

    /// Two records that share what none may share.
    fn unique(&mut self) {
        let Action::Create(entity) = self.endpoint.action else {
            return;
        };
        let unique: Vec<Field> = body::fields(self.types, self.endpoint)
            .into_iter()
            .filter(|field| field.unique)
            .collect();
        let (Ok(Some(first)), Ok(Some(second))) = (
            body::full(self.types, self.endpoint, 1),
            body::full(self.types, self.endpoint, 2),
        ) else {
            return;
        };
        let name = record_name(self.types, entity, &mut self.scope);
        for field in unique {
            let wire = field.name.as_str();
            let mut other = second.clone();
            other[wire] = first[wire].clone();
            let mut test = Body::new();
            test.line(format!("let answer = {};", self.send("BODY")))
                .line(format!("answer.is({});", self.status()));
            test.json("other", &other);
            test.line("let answer = call(&service).key(\"key-2\").json(other).send().await;");
            test.line("answer.problem(StatusCode::CONFLICT);");
            test.line(format!("let seen = service.records::<{name}>().await;"));
            test.line("assert_eq!(seen.items().len(), 1);");
            self.tests
                .push(test.test(format!("no_two_records_share_{}", column(&field.name))));
        }
    }

    /// What is not there, and what was changed since.
    fn versions(&mut self) {
        let reads = matches!(
            self.endpoint.action,
            Action::Read(_) | Action::Update(_) | Action::Delete(_)
        );
        if !reads || self.identity().is_empty() {
            return;
        }
        let sendable =
            !self.has_body() || matches!(body::full(self.types, self.endpoint, 1), Ok(Some(_)));
        if !sendable {
            return;
        }
        let mut test = Body::new();
        test.line(format!("let answer = {};", self.send("BODY")));
        test.line(self.refused("NOT_FOUND"));
        self.tests.push(test.test("what_is_not_there_is_not_found"));
        if !self.conditional() {
            return;
        }
        let Ok(played) = self.play(1, false) else {
            return;
        };
        let given: Vec<_> = played.world.given.iter().take(1).cloned().collect();
        let world = World {
            given: given.clone(),
            ..World::new(self.types.model)
        };
        self.scope.import("http::header");
        for (name, change, status) in [
            (
                "a_version_that_was_changed_since_is_refused",
                "call(&service).if_match(7)",
                "PRECONDITION_FAILED",
            ),
            (
                "it_asks_which_version_is_meant",
                "call(&service).no(&header::IF_MATCH)",
                "PRECONDITION_REQUIRED",
            ),
        ] {
            let mut test = Body::new();
            test.given(self.types, &given, &mut self.scope);
            test.line(format!(
                "let answer = {};",
                self.send("BODY").replace("call(&service)", change)
            ));
            test.line(self.refused(status));
            test.unchanged(self.types, &world, &mut self.scope);
            self.tests.push(test.test(name));
        }
    }

    fn refused(&self, status: &str) -> String {
        if self.endpoint.method == Method::Head {
            format!("assert_eq!(answer.status(), StatusCode::{status});")
        } else {
            format!("answer.problem(StatusCode::{status});")
        }
    }

    /// Pages, and filters.
    fn list(&mut self) {
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
        let filters: Vec<(Name, RustType)> = query_fields(self.types, self.endpoint)
            .into_iter()
            .map(|(name, ty)| (name.clone(), ty))
            .collect();
        for (name, _) in filters {
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
