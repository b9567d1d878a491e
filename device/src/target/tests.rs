use super::*;
use crate::TargetBuilder;

fn q(index: usize) -> Qubit {
    Qubit::new(index)
}

#[test]
fn boston_has_the_figures_of_its_calibration() {
    let boston = Target::bundled("boston").unwrap();
    assert_eq!((boston.name(), boston.num_qubits()), ("ibm_boston", 156));
    assert_eq!(
        boston.basis(),
        [Gate::CZ, Gate::I, Gate::RZ, Gate::SX, Gate::X]
    );
    assert_eq!(boston.fractional_gates(), [Gate::RX, Gate::RZZ]);
    let figures = |gate, qubits: &[usize]| {
        let qubits: Vec<Qubit> = qubits.iter().map(|&index| q(index)).collect();
        let found = boston.instruction(gate, &qubits).unwrap();
        (found.error, found.duration)
    };
    let (cz, ns) = (0.0008309034273122351, 1e-9);
    assert_eq!(figures(Gate::CZ, &[0, 1]), (cz, 68.0 * ns));
    assert_eq!(figures(Gate::CZ, &[1, 0]), (cz, 68.0 * ns));
    assert_eq!(figures(Gate::X, &[7]), (0.00016474156564161613, 32.0 * ns));
    assert_eq!(figures(Gate::RX, &[5]), (0.00014562486772760067, 32.0 * ns));
    assert_eq!(figures(Gate::RZ, &[5]), (0.0, 0.0));
    assert_eq!(
        figures(Gate::RZZ, &[0, 1]),
        (0.00658897389263946, 68.0 * ns)
    );
    assert_eq!(boston.measure(q(0)).error, 0.004150390625);
    assert!((boston.measure(q(0)).duration - 2.2e-6).abs() < 1e-15);
    assert!((boston.reset(q(0)).unwrap().duration - 2.232e-6).abs() < 1e-15);
    let qubit = boston.qubit(q(0));
    assert!((qubit.t1.unwrap() - 281.0427180437223e-6).abs() < 1e-12);
    assert!((qubit.t2.unwrap() - 403.124283268514e-6).abs() < 1e-12);
    assert_eq!(qubit.readout.prob_meas0_prep1, Some(0.005859375));
    assert!((boston.zz_rate(q(17), q(7)).unwrap() - 4304.880108994665).abs() < 1e-6);
    assert_eq!(boston.timing().dt, Some(4e-9));
    assert_eq!(boston.timing().min_length, 2);
}

#[test]
fn what_is_out_of_order_on_boston_is_dead() {
    let boston = Target::bundled("boston").unwrap();
    assert_eq!(boston.dead_qubits().collect::<Vec<_>>(), [q(146)]);
    let dead = [(q(84), q(85)), (q(145), q(146)), (q(146), q(147))];
    assert_eq!(boston.dead_edges().collect::<Vec<_>>(), dead);
    assert_eq!(boston.edges().len(), 173);
    assert!(!boston.supports(Gate::SX, &[q(146)]));
    assert!(boston.instruction(Gate::SX, &[q(146)]).unwrap().is_broken());
    assert!(
        boston.supports(Gate::CZ, &[q(77), q(85)]),
        "a poor gate is not a broken one"
    );
    assert!(!boston.supports(Gate::RZZ, &[q(77), q(85)]));
    assert_eq!(
        boston.components().iter().map(Vec::len).collect::<Vec<_>>(),
        [155]
    );
}

#[test]
fn the_older_devices_have_more_dead_edges() {
    for (name, edges, dead) in [("fez", 169, 7), ("marrakesh", 163, 13)] {
        let target = Target::bundled(name).unwrap();
        assert_eq!(
            (target.edges().len(), target.dead_edges().len()),
            (edges, dead),
            "{name}"
        );
        assert_eq!(target.dead_qubits().count(), 0, "{name}");
    }
}

#[test]
fn every_bundled_device_is_whole_but_for_what_is_out_of_order() {
    for name in Target::bundled_names() {
        let target = Target::bundled(name).unwrap();
        assert_eq!(target.num_qubits(), 156, "{name}");
        assert_eq!(
            target.edges().len() + target.dead_edges().len(),
            176,
            "{name}"
        );
        assert!(target.supports(Gate::CZ, &[q(0), q(1)]), "{name}");
        let (a, b) = target.edges().next().unwrap();
        let cz = target.instruction(Gate::CZ, &[a, b]).unwrap();
        assert!(cz.duration > 0.0 && cz.error > 0.0, "{name}");
    }
}

#[test]
fn neighbours_edges_graph_and_distances_agree() {
    let boston = Target::bundled("boston").unwrap();
    assert_eq!(boston.coupling().node_count(), 156);
    assert_eq!(boston.coupling().edge_count(), boston.edges().len());
    for (a, b) in boston.edges() {
        assert!(a < b && boston.are_coupled(a, b) && boston.are_coupled(b, a));
        assert_eq!(boston.distances().get(a, b), 1);
        assert!(
            boston
                .coupling()
                .contains_edge(NodeIndex::new(a.index()), NodeIndex::new(b.index()))
        );
    }
    for a in boston.qubits() {
        assert_eq!(boston.distances().get(a, a), 0);
        for b in boston.qubits() {
            assert_eq!(boston.distances().get(a, b), boston.distances().get(b, a));
            assert_eq!(boston.distances().get(a, b) == 1, boston.are_coupled(a, b));
        }
    }
    assert_eq!(
        boston.distances().get(q(0), q(146)),
        DistanceMatrix::UNREACHABLE
    );
    assert_eq!(
        boston.distances().get(q(84), q(85)),
        11,
        "around the dead edge"
    );
}

#[test]
fn a_qubit_or_pair_that_is_not_there_has_no_instructions() {
    let line = Target::line(3).unwrap();
    assert!(!line.supports(Gate::X, &[q(3)]));
    assert!(!line.supports(Gate::CZ, &[q(0), q(2)]));
    assert!(!line.supports(Gate::CZ, &[q(0)]));
    assert!(!line.supports(Gate::X, &[q(0), q(1)]));
    assert!(!line.supports(Gate::H, &[q(0)]));
    assert!(!line.is_live(q(3)) && line.neighbours(q(3)).is_empty());
    assert_eq!(line.reset(q(3)), None);
    assert_eq!(line.zz_rate(q(0), q(1)), None);
}

#[test]
fn only_symmetric_gates_are_found_in_either_order() {
    for (gate, symmetric) in [
        (Gate::CZ, true),
        (Gate::RZZ, true),
        (Gate::CX, false),
        (Gate::ECR, false),
        (Gate::I, false),
    ] {
        assert_eq!(is_symmetric(gate), symmetric, "{gate:?}");
    }
}

#[test]
fn islands_are_listed_from_the_largest() {
    let target = TargetBuilder::line(7).dead_qubits(&[2]).build().unwrap();
    let sizes: Vec<_> = target
        .components()
        .into_iter()
        .map(|part| (part[0], part.len()))
        .collect();
    assert_eq!(sizes, [(q(3), 4), (q(0), 2)]);
    let target = TargetBuilder::line(4)
        .dead_edges(&[(1, 2)])
        .build()
        .unwrap();
    assert_eq!(target.components(), [[q(0), q(1)], [q(2), q(3)]]);
}
