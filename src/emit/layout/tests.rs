//! Each construct as rustfmt leaves it.

use super::rust;
use super::tokens::{Kind, tokens};

/// The tokens but for the commas that end lists.
fn essence(text: &str) -> Vec<String> {
    let all = tokens(text).expect("it is Rust");
    let ends = |at: usize| all.get(at + 1).is_some_and(|next| next.kind == Kind::Close);
    let kept = all.iter().enumerate();
    kept.filter(|(at, token)| !(token.text == "," && ends(*at)))
        .map(|(_, token)| token.text.to_owned())
        .collect()
}

#[track_caller]
fn becomes(written: &str, expected: &str) {
    let laid = rust(written);
    assert_eq!(laid, expected);
    assert_eq!(rust(&laid), laid, "a second time changes it");
    assert_eq!(essence(&laid), essence(written), "tokens were changed");
}

#[test]
fn a_signature_that_is_too_wide_has_a_line_for_each_parameter() {
    becomes(
        "pub async fn declared(unit_of_work: &mut UnitOfWork, event: SomethingHappenedElsewhereV1) -> Result<()> {\n    Ok(())\n}\n",
        "pub async fn declared(\n    unit_of_work: &mut UnitOfWork,\n    event: SomethingHappenedElsewhereV1,\n) -> Result<()> {\n    Ok(())\n}\n",
    );
}

#[test]
fn a_wide_chain_has_a_line_for_each_link() {
    becomes(
        "fn f() {\n    self.client.get(\"/tokens\", &[]).query_if(\"customer_id\", customer_id).receive().await\n}\n",
        "fn f() {\n    self.client\n        .get(\"/tokens\", &[])\n        .query_if(\"customer_id\", customer_id)\n        .receive()\n        .await\n}\n",
    );
}

#[test]
fn a_wide_literal_has_a_line_for_each_field() {
    becomes(
        "const A: B = B { first: 1, second: Some(2), third: 3 };\n",
        "const A: B = B {\n    first: 1,\n    second: Some(2),\n    third: 3,\n};\n",
    );
}

#[test]
fn what_fits_is_joined() {
    becomes(
        "fn f() {\n    let a = call(\n        one,\n        two,\n    );\n}\n",
        "fn f() {\n    let a = call(one, two);\n}\n",
    );
}

#[test]
fn the_last_closure_overflows() {
    becomes(
        "fn f() {\n    let output = app.write(async |uow| { first(uow, input).await?; handlers::handle(&app, uow).await }).await?;\n}\n",
        "fn f() {\n    let output = app\n        .write(async |uow| {\n            first(uow, input).await?;\n            handlers::handle(&app, uow).await\n        })\n        .await?;\n}\n",
    );
}

#[test]
fn a_long_condition_breaks_before_its_operators() {
    becomes(
        "fn f() {\n    if some.condition == Some(Word::First) && another.condition == Some(Word::Second) && the_third_of_them {\n        go();\n    }\n}\n",
        "fn f() {\n    if some.condition == Some(Word::First)\n        && another.condition == Some(Word::Second)\n        && the_third_of_them\n    {\n        go();\n    }\n}\n",
    );
}

#[test]
fn imports_are_packed() {
    let names: Vec<String> = (10..30).map(|number| format!("Name{number}")).collect();
    let laid = rust(&format!("use a::{{{}}};\n", names.join(", ")));
    assert_eq!(laid.lines().count(), 4);
    assert!(laid.lines().all(|line| line.len() <= 100));
}

#[test]
fn comments_and_blank_lines_survive() {
    let text = "//! File.\n\n/// Item.\nfn f() {\n    // Before.\n    go(); // Behind.\n\n    match a {\n        // Of an arm.\n        B => 1,\n    }\n}\n";
    becomes(text, text);
}

#[test]
fn what_is_not_understood_stays_as_it_is() {
    let text = "record!(Order in \"orders\" {\n    id: Uuid,\n});\n\nfn f() {\n    let a = /* why */ b;\n}\n";
    becomes(text, text);
}

#[test]
fn a_text_that_ends_within_a_token_is_left_alone() {
    assert_eq!(rust("let a = \"b;\n"), "let a = \"b;\n");
}
