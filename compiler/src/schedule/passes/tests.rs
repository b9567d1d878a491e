use ardea_device::Target;

use super::*;
use crate::CompileOptions;
use crate::schedule::fixtures::{line, listing};

fn run(
    pass: &dyn Pass,
    circuit: &mut Circuit,
    target: &Target,
    options: &CompileOptions,
) -> Change {
    let mut context = Context::new(target, options, circuit.num_qubits());
    pass.run(circuit, &mut context).unwrap()
}

#[test]
fn the_passes_do_what_the_options_ask_for() {
    let target = line(2);
    let mut options = CompileOptions {
        schedule: Some(ScheduleMode::Asap),
        ..CompileOptions::default()
    };
    let mut circuit = Circuit::new(2, 0);
    circuit.sx(0).unwrap().cz(0, 1).unwrap();
    (0..6).for_each(|_| drop(circuit.sx(1).map(drop)));
    circuit.cz(0, 1).unwrap();
    assert_eq!(
        run(&Schedule, &mut circuit, &target, &options),
        Change::Changed
    );
    assert_eq!(
        run(&Schedule, &mut circuit, &target, &options),
        Change::Unchanged
    );
    assert!(listing(&circuit).contains(&"delay[60] 0".to_owned()));
    assert_eq!(
        run(&Decouple, &mut circuit, &target, &options),
        Change::Unchanged
    );
    options.decoupling = Decoupling::Xx;
    assert_eq!(
        run(&Decouple, &mut circuit, &target, &options),
        Change::Changed
    );
    assert_eq!(
        listing(&circuit)
            .iter()
            .filter(|line| *line == "x 0")
            .count(),
        2
    );
}
