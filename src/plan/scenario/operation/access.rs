//! Who may call.

use super::Operation;
use crate::model::endpoint::Method;
use crate::plan::scenario::body;
use crate::plan::scenario::print::Body;

impl Operation<'_, '_> {
    /// Who may call.
    pub(super) fn access(&mut self) {
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
}
