use ardea_circuit::Circuit;
use ardea_device::Target;

use super::copies::fan_outs;
use super::tree::Garden;
use crate::{CompileOptions, Preserve, compile};

fn chain(width: usize) -> Circuit {
    let mut circuit = Circuit::new(width, 0);
    circuit.h(0).unwrap();
    for control in 0..width - 1 {
        circuit.cx(control, control + 1).unwrap();
    }
    circuit
}

#[test]
fn a_chain_and_a_star_are_one_fan_out() {
    let mut star = Circuit::new(5, 0);
    star.h(2).unwrap();
    for target in [0, 1, 3, 4] {
        star.cx(2, target).unwrap().t(target).unwrap();
    }
    for (circuit, root) in [(chain(5), 0), (star, 2)] {
        let found = fan_outs(&circuit).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].width(), 5);
        assert_eq!(found[0].wires().next().unwrap().index(), root);
    }
}

#[test]
fn a_copy_of_what_has_changed_is_another_matter() {
    // After the h, qubit 1 is no copy of qubit 0, and what is copied from it must sit beside it in two trees.
    let mut circuit = chain(4);
    circuit.h(3).unwrap();
    assert!(fan_outs(&circuit).is_some());
    let mut circuit = Circuit::new(6, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap().h(1).unwrap();
    for target in 2..6 {
        circuit.cx(1, target).unwrap();
    }
    assert!(fan_outs(&circuit).is_none());
    // A phase on a qubit before it becomes a copy is not a phase on the copy.
    let mut circuit = Circuit::new(4, 0);
    circuit.h(0).unwrap().t(3).unwrap();
    circuit
        .cx(0, 1)
        .unwrap()
        .cx(1, 2)
        .unwrap()
        .cx(2, 3)
        .unwrap();
    assert!(fan_outs(&circuit).is_none());
}

#[test]
fn nothing_is_copied_across_a_barrier() {
    let mut circuit = Circuit::new(5, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap().cx(1, 2).unwrap();
    circuit.barrier(&[]).unwrap();
    circuit.cx(2, 3).unwrap();
    assert!(fan_outs(&circuit).is_none());
}

#[test]
fn trees_are_trees_and_keep_apart() {
    let target = Target::bundled("fez").unwrap();
    let mut garden = Garden::new(&target);
    let mut taken = vec![false; target.num_qubits()];
    for width in [60, 40, 20] {
        let tree = garden.grow(width).unwrap();
        assert_eq!((tree.nodes.len(), tree.parents.len()), (width, width - 1));
        for (child, &parent) in tree.parents.iter().enumerate() {
            assert!(parent <= child);
            let pair = [tree.nodes[parent], tree.nodes[child + 1]].map(Into::into);
            assert!(target.are_coupled(pair[0], pair[1]));
        }
        for &node in &tree.nodes {
            assert!(!std::mem::replace(&mut taken[node as usize], true));
        }
    }
    assert!(garden.grow(target.num_qubits()).is_none());
}

#[test]
fn qubits_without_coherence_or_out_of_order_do_not_count_in_the_mean() {
    let line = Target::line(5).unwrap();
    let (mean, text) = (Garden::new(&line).decay, line.to_json());
    assert!(mean > 0.0);
    let field = "\"t1\":";
    let start = text.find(field).unwrap() + field.len();
    let end = start + text[start..].find(',').unwrap();
    let own = &text[start..end];
    let with_last = |t1: &str, is_live: bool| {
        let each = [own; 4].join(",");
        let text = format!("{}[{each},{t1}]{}", &text[..start], &text[end..]);
        let live = format!("\"operational\":[true,true,true,true,{is_live}]");
        let text = text.replace("\"operational\":true", &live);
        Garden::new(&Target::from_json(&text).unwrap())
    };
    for (t1, is_live) in [("0.0", true), ("1e-9", false)] {
        let mut garden = with_last(t1, is_live);
        assert!((garden.decay / mean - 1.0).abs() < 1e-12, "{t1}");
        let tree = garden.grow(4).unwrap();
        assert!(!tree.nodes.contains(&4), "{:?}", tree.nodes);
    }
    // It is still a place where a tree can grow, if there is no other.
    assert_eq!(with_last("0.0", true).grow(5).unwrap().nodes.len(), 5);
}

#[test]
fn a_cat_state_wider_than_any_path_needs_no_swaps_and_little_time() {
    let target = Target::bundled("boston").unwrap();
    let circuit = chain(150);
    let options = CompileOptions::default();
    let compiled = compile(&circuit, &target, &options).unwrap();
    assert_eq!(compiled.report.two_qubit_gates, 149);
    assert!(
        compiled.report.two_qubit_depth < 40,
        "{}",
        compiled.report.two_qubit_depth
    );
    let exact = CompileOptions {
        preserve: Preserve::Unitary,
        ..options
    };
    let narrow = compile(&chain(12), &target, &exact).unwrap();
    assert_eq!(narrow.report.two_qubit_depth, 11);
}
