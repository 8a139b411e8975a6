//! Pictures, in Mermaid and in dot.

use msarch::emit::diagram::{dot, mermaid};
use msarch::model::Model;
use msarch::plan::diagram::{self, Diagram};

use super::architecture::model_of;
use super::hostile;

fn pictures(model: &Model) -> Vec<Diagram> {
    let mut all = vec![
        Diagram::Flow(diagram::context(model)),
        Diagram::Flow(diagram::calls(model)),
        Diagram::Flow(diagram::events(model, None)),
        Diagram::Flow(diagram::data(model)),
    ];
    all.extend(
        model
            .sagas
            .ids()
            .map(|id| Diagram::Sequence(diagram::saga(model, id))),
    );
    all
}

#[test]
fn no_label_of_a_picture_leaves_its_place() {
    for picture in pictures(&hostile()) {
        let text = mermaid::print(&picture);
        for line in text.lines().skip(1) {
            assert!(line.starts_with("    "), "{line}");
            let quotes = line.matches('"').count();
            assert!(
                quotes % 2 == 0 && !line.contains('`') && !line.contains("<script"),
                "{line}"
            );
        }
        let ends = text.lines().filter(|line| line.trim() == "end").count();
        let opened = text
            .lines()
            .filter(|line| line.trim().starts_with("subgraph") || line.trim().starts_with("alt "))
            .count();
        assert_eq!(ends, opened, "{text}");
    }
}

#[test]
fn a_picture_in_dot_closes_every_quote() {
    for picture in pictures(&hostile())
        .into_iter()
        .chain(pictures(&model_of("examples/ecommerce.yaml")))
    {
        for line in dot::print(&picture).lines() {
            let quotes = line
                .replace("\\\\", "")
                .replace("\\\"", "")
                .matches('"')
                .count();
            assert_eq!(quotes % 2, 0, "{line}");
        }
    }
}
