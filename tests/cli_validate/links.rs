//! Folders with links in circles, as those of package managers: what is included is found, once, and the search ends.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{folder, msarch, out};

const MAIN: &str = "msarch: 1\nname: shop\ninclude: ['PATTERN']\n";

fn shop(pattern: &str) -> tempfile::TempDir {
    let shop = folder(&[
        ("architecture.yaml", &MAIN.replace("PATTERN", pattern)),
        (
            "parts/deep/a.yml",
            "services: {a: {data_ownership: [orders]}}\n",
        ),
        (
            ".hidden/b.yml",
            "services: {b: {data_ownership: [carts]}}\n",
        ),
    ]);
    let link = |to: &str, name: &str| symlink(to, shop.path().join(name)).unwrap();
    link(".", "one");
    link(".", "two");
    link("../parts", "parts/three");
    link("deep", "parts/four");
    link("a.yml", "parts/deep/same.yml");
    shop
}

fn names(folder: &Path) -> String {
    out(&msarch(folder, &["--deny", "warnings"]).code(0))
}

#[test]
fn links_in_circles_end_and_a_file_of_two_names_is_read_once() {
    for pattern in [
        "**/*.yml",
        "parts/**",
        "./**/deep/*.yml",
        "parts/./**/a.yml",
        "*/**/a.yml",
    ] {
        let shop = shop(pattern);
        assert_eq!(names(shop.path()), "no findings in 2 files\n", "{pattern}");
    }
}

#[test]
fn a_link_that_a_pattern_names_is_followed() {
    for pattern in [
        "parts/four/a.yml",
        "parts/four/**",
        "one/parts/deep/*.yml",
        "one/parts/**",
    ] {
        assert_eq!(
            names(shop(pattern).path()),
            "no findings in 2 files\n",
            "{pattern}"
        );
    }
    let hidden = shop("**/.hidden/*.yml");
    assert_eq!(names(hidden.path()), "no findings in 2 files\n");
}
