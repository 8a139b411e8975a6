//! A new system: made whole, valid, and ready for what comes next.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use msarch::syntax::include::load_text;

fn msarch(folder: &Path, arguments: &[&str]) -> Assert {
    Command::cargo_bin("msarch")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .assert()
}

fn err(assert: &Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_new_system_of_each_template_validates_and_generates_into_its_own_folder() {
    for template in ["minimal", "ecommerce"] {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("corner-shop");
        let made = msarch(
            folder.path(),
            &["new", "corner-shop", "--template", template],
        )
        .code(0);
        assert!(err(&made).contains("cd corner-shop"), "{}", err(&made));
        let valid = msarch(&shop, &["validate", "--deny", "warnings"]).code(0);
        assert!(err(&valid).is_empty(), "{}", err(&valid));
        let before = read(shop.join("README.md"));
        msarch(&shop, &["generate", "--out", "."]).code(0);
        msarch(&shop, &["generate", "--out", ".", "--check"]).code(0);
        assert_eq!(
            read(shop.join("README.md")),
            before,
            "the README is the user's"
        );
        assert!(shop.join("Cargo.toml").exists());
    }
}

#[test]
fn what_new_and_generate_both_write_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    msarch(folder.path(), &["new", "a"]).code(0);
    msarch(folder.path(), &["generate", "a", "--out", "b"]).code(0);
    for path in [".gitignore", ".github/workflows/architecture.yml"] {
        assert_eq!(
            read(folder.path().join("a").join(path)),
            read(folder.path().join("b").join(path)),
            "{path}"
        );
    }
}

#[test]
fn the_name_is_the_folders_or_the_stated_one() {
    let folder = tempfile::tempdir().unwrap();
    msarch(folder.path(), &["new", "CornerShop"]).code(0);
    assert!(
        read(folder.path().join("CornerShop/architecture.yaml")).contains("\nname: corner-shop\n")
    );
    msarch(folder.path(), &["new", "x", "--name", "order-platform"]).code(0);
    assert!(read(folder.path().join("x/architecture.yaml")).contains("\nname: order-platform\n"));
    assert!(read(folder.path().join("x/README.md")).starts_with("# order-platform\n"));
}

#[test]
fn a_name_that_cannot_be_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["type", "tokio", "a b", "x: y", &"a".repeat(41)] {
        let refused = msarch(folder.path(), &["new", "shop", "--name", name]).code(2);
        assert!(
            err(&refused).contains("--name"),
            "{name}: {}",
            err(&refused)
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_holds_something_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("shop")).unwrap();
    fs::write(folder.path().join("shop/notes.txt"), "mine").unwrap();
    let refused = msarch(folder.path(), &["new", "shop"]).code(2);
    assert!(err(&refused).contains("notes.txt"), "{}", err(&refused));
    assert_eq!(fs::read_dir(folder.path().join("shop")).unwrap().count(), 1);
    msarch(folder.path(), &["new", "fresh"]).code(0);
    msarch(folder.path(), &["new", "fresh"]).code(2);
}

#[test]
fn the_current_folder_can_be_filled() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("my-shop");
    fs::create_dir_all(here.join(".git")).unwrap();
    let made = msarch(&here, &["new", "."]).code(0);
    assert!(!err(&made).contains("cd "), "{}", err(&made));
    assert!(read(here.join("architecture.yaml")).contains("\nname: my-shop\n"));
    msarch(&here, &["validate"]).code(0);
}

#[test]
fn the_schema_beside_the_file_is_the_one_that_msarch_prints() {
    let folder = tempfile::tempdir().unwrap();
    msarch(folder.path(), &["new", "shop"]).code(0);
    let printed = msarch(folder.path(), &["schema"]).code(0);
    let printed = String::from_utf8_lossy(&printed.get_output().stdout).into_owned();
    assert_eq!(
        read(folder.path().join("shop/architecture.schema.json")),
        printed
    );
}

#[test]
fn a_file_in_the_place_of_the_folder_is_named_with_advice_that_helps() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "mine").unwrap();
    let said = err(&msarch(folder.path(), &["new", "taken"]).code(2));
    assert!(
        said.contains("is a file: name a folder") && !said.contains("--out"),
        "{said}"
    );
}

/// The hooks of a file, which pre-commit reads; each by its id, with the command that it runs.
fn hooks(list: &serde_json::Value) -> Vec<(String, String)> {
    let text = |hook: &serde_json::Value, key: &str| hook[key].as_str().unwrap().to_owned();
    let hooks = list.as_array().unwrap().iter();
    hooks
        .map(|hook| {
            assert_eq!(hook["pass_filenames"], false, "{hook}");
            (text(hook, "id"), text(hook, "entry"))
        })
        .collect()
}

#[test]
fn what_runs_before_a_commit_is_a_command_that_there_is() {
    let yaml = |text: &str| load_text("a.yaml", text).root.unwrap().to_json();
    let folder = tempfile::tempdir().unwrap();
    msarch(folder.path(), &["new", "shop"]).code(0);
    let shop = folder.path().join("shop");
    let local = yaml(&read(shop.join(".pre-commit-config.yaml")));
    assert_eq!(local["repos"][0]["repo"], "local");
    let local = hooks(&local["repos"][0]["hooks"]);
    let ours = hooks(&yaml(&read(".pre-commit-hooks.yaml")));
    assert_eq!((local.len(), ours.len()), (1, 2));
    for (id, entry) in local.iter().chain(&ours) {
        let words: Vec<&str> = entry.split(' ').collect();
        assert_eq!(words[0], "msarch", "{id}");
        msarch(&shop, &words[1..]).code(0);
    }
}
