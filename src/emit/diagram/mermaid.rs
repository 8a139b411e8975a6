//! Mermaid. Every character of a label that Mermaid could take for its own is written as an entity.

use crate::plan::diagram::{Diagram, Edge, Flow, Line, Node, Sequence, Shape};

/// The text of a picture, ending in a newline.
#[must_use]
pub fn print(diagram: &Diagram) -> String {
    match diagram {
        Diagram::Flow(flow) => of_flow(flow),
        Diagram::Sequence(sequence) => of_sequence(sequence),
    }
}

fn of_flow(flow: &Flow) -> String {
    let mut text = format!("flowchart {}\n", if flow.sideways { "LR" } else { "TB" });
    text.push_str(&format!("    accTitle: {}\n", label(&flow.title)));
    for group in &flow.groups {
        text.push_str(&format!(
            "    subgraph {}[\"{}\"]\n",
            group.id,
            label(&group.label)
        ));
        group
            .nodes
            .iter()
            .for_each(|node| text.push_str(&format!("        {}\n", of_node(node))));
        text.push_str("    end\n");
    }
    flow.nodes
        .iter()
        .for_each(|node| text.push_str(&format!("    {}\n", of_node(node))));
    flow.edges
        .iter()
        .for_each(|edge| text.push_str(&format!("    {}\n", of_edge(edge))));
    text
}

fn of_node(node: &Node) -> String {
    let lines: Vec<String> = node.label.iter().map(|line| label(line)).collect();
    let (open, close) = match node.shape {
        Shape::Service => ("[", "]"),
        Shape::External => ("[/", "/]"),
        Shape::Store => ("[(", ")]"),
        Shape::Event => ("([", "])"),
        Shape::Gateway => ("{{", "}}"),
    };
    format!("{}{open}\"{}\"{close}", node.id, lines.join("<br/>"))
}

fn of_edge(edge: &Edge) -> String {
    let arrow = if edge.dashed { "-.->" } else { "-->" };
    if edge.label.is_empty() {
        format!("{} {arrow} {}", edge.from, edge.to)
    } else {
        format!(
            "{} {arrow}|\"{}\"| {}",
            edge.from,
            label(&edge.label),
            edge.to
        )
    }
}

fn of_sequence(sequence: &Sequence) -> String {
    let mut text = String::from("sequenceDiagram\n");
    text.push_str(&format!("    accTitle: {}\n", label(&sequence.title)));
    for (id, name) in &sequence.participants {
        text.push_str(&format!("    participant {id} as {}\n", label(name)));
    }
    lines(&sequence.lines, 1, &mut text);
    text
}

fn lines(all: &[Line], depth: usize, text: &mut String) {
    let indent = "    ".repeat(depth);
    for line in all {
        match line {
            Line::Message {
                from,
                to,
                text: said,
                answer,
            } => {
                let arrow = if *answer { "-->>" } else { "->>" };
                text.push_str(&format!("{indent}{from}{arrow}{to}: {}\n", label(said)));
            }
            Line::Note { over, text: said } => {
                text.push_str(&format!("{indent}Note over {over}: {}\n", label(said)))
            }
            Line::Cases(cases) => {
                for (index, (case, inner)) in cases.iter().enumerate() {
                    let word = if index == 0 { "alt" } else { "else" };
                    text.push_str(&format!("{indent}{word} {}\n", label(case)));
                    lines(inner, depth + 1, text);
                }
                text.push_str(&format!("{indent}end\n"));
            }
        }
    }
}

/// A label on one line. What is no letter, digit, blank or harmless mark becomes an entity (`#59;`), and so does the first letter of
/// the word `end`, which closes blocks.
fn label(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(word).collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    let closes = word.eq_ignore_ascii_case("end");
    let mut text = String::with_capacity(word.len());
    for (index, c) in word.chars().enumerate() {
        let harmless = c.is_alphanumeric() || "-_.,/()".contains(c);
        if harmless && !(closes && index == 0) {
            text.push(c);
        } else {
            text.push_str(&format!("#{};", u32::from(c)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_of_a_label_means_anything_to_mermaid() {
        let text = label("a \"b\" `c` {{d}} | <e>; #f: %%g\nend [h] --> \u{2028}i");
        assert!(
            text.chars()
                .all(|c| c.is_alphanumeric() || " -_.,/()#;".contains(c)),
            "{text}"
        );
        assert!(text.contains("#101;nd") && !text.contains("-->"), "{text}");
    }

    #[test]
    fn a_flow_is_written_down() {
        let node = |id: &str, shape| Node {
            id: id.to_owned(),
            label: vec![id.to_owned()],
            shape,
        };
        let flow = Flow {
            title: "T".to_owned(),
            sideways: true,
            groups: Vec::new(),
            nodes: vec![node("a", Shape::Service), node("b", Shape::Store)],
            edges: vec![Edge {
                from: "a".to_owned(),
                to: "b".to_owned(),
                label: "x|y".to_owned(),
                dashed: true,
            }],
        };
        let text = "flowchart LR\n    accTitle: T\n    a[\"a\"]\n    b[(\"b\")]\n    a -.->|\"x#124;y\"| b\n";
        assert_eq!(print(&Diagram::Flow(flow)), text);
    }
}
