//! The layout that travels with a compiled circuit, as the comment lines that MQT Core writes:
//! `// i a b c` before the program gives, for each input qubit, its physical qubit before the first
//! instruction; `// o a b c` the one after the last.

use ardea_circuit::{Layout, Qubit};

/// The layout in the comments before the first statement, if both lines are there and make sense for
/// `num_qubits` qubits. Anything else is an ordinary comment.
pub(crate) fn read_layout(text: &str, num_qubits: usize) -> Option<Layout> {
    let (mut initial, mut last) = (None, None);
    for line in text.lines() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with("//") {
            break;
        }
        if let Some(list) = line.strip_prefix("// i ") {
            initial = positions(list, num_qubits);
        } else if let Some(list) = line.strip_prefix("// o ") {
            last = positions(list, num_qubits);
        }
    }
    let (initial, last) = (initial?, last?);
    (initial.len() == last.len()).then_some(Layout { initial, last })
}

/// The two comment lines.
pub(crate) fn write_layout(layout: &Layout) -> String {
    let list = |qubits: &[Qubit]| {
        qubits
            .iter()
            .map(|q| format!(" {}", q.index()))
            .collect::<String>()
    };
    format!(
        "// i{}\n// o{}\n",
        list(&layout.initial),
        list(&layout.last)
    )
}

fn positions(list: &str, num_qubits: usize) -> Option<Vec<Qubit>> {
    let mut seen = rustc_hash::FxHashSet::default();
    list.split_ascii_whitespace()
        .map(|word| {
            let position: usize = word.parse().ok()?;
            (position < num_qubits && seen.insert(position)).then(|| Qubit::new(position))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let list =
            |positions: &[usize]| positions.iter().map(|&p| Qubit::new(p)).collect::<Vec<_>>();
        let layout = Layout {
            initial: list(&[4, 0, 2]),
            last: list(&[1, 2, 0]),
        };
        let text = format!("// compiled\n{}OPENQASM 2.0;\n", write_layout(&layout));
        assert_eq!(read_layout(&text, 5), Some(layout));
        assert_eq!(read_layout(&text, 4), None);
    }

    #[test]
    fn other_comments_are_no_layout() {
        for text in [
            "// i 0 1\n",
            "// i 0 0\n// o 0 1\n",
            "// i 0 x\n// o 0 1",
            "x\n// i 0\n// o 0\n",
            "// i 0\n// o 0 1\n",
        ] {
            assert_eq!(read_layout(text, 8), None, "{text}");
        }
    }
}
