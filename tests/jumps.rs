//! Nothing may move across a jump out of a loop: what follows a break may not happen, on whatever qubit.

use ardea::compiler::Verification;
use ardea::simulator::reference::distribution;
use ardea::{CompileOptions, Level, ReadOptions, Target, compile, parse};

/// Compiles at every level and compares the exact distributions of the classical bits.
fn check(body: &str) {
    let text = format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nbit[3] c;\n{body}");
    let circuit = parse(&text, &ReadOptions::default()).expect("a valid program");
    let expected = distribution(&circuit).expect("a small program");
    let target = Target::line(3).expect("a line");
    for &level in Level::ALL {
        let compiled =
            compile(&circuit, &target, &CompileOptions::at_level(level)).expect("it compiles");
        let found = distribution(&compiled.circuit).expect("a small program");
        for bits in expected.keys().chain(found.keys()) {
            let of = |map: &std::collections::BTreeMap<Vec<bool>, f64>| {
                map.get(bits).copied().unwrap_or(0.0)
            };
            assert!(
                (of(&expected) - of(&found)).abs() < 1e-9,
                "level {level}: {expected:?} became {found:?}\n{text}"
            );
        }
    }
}

#[test]
fn one_qubit_gates_stay_on_their_side_of_a_break() {
    check(
        "for int i in [0:1] { h q[1]; c[1] = measure q[1]; sx q[0]; sx q[0]; if (c[1]) { break; } sx q[0]; sx q[0]; }
         c[0] = measure q[0];",
    );
}

#[test]
fn two_qubit_gates_stay_on_their_side_of_a_break() {
    check(
        "x q[0];
         for int i in [0:1] { h q[2]; c[1] = measure q[2]; cx q[0], q[1]; if (c[1]) { break; } cx q[0], q[1]; }
         c[0] = measure q[1];",
    );
}

#[test]
fn gates_are_finished_before_the_next_round() {
    check(
        "h q[0];
         for int i in [0:1] { cx q[0], q[1]; continue; x q[1]; }
         sx q[0];
         c[0] = measure q[1];",
    );
}

#[test]
fn the_phase_of_gates_behind_a_jump_is_nobodys() {
    let text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\n
         h q[0]; for int i in [0:1] { cx q[0], q[1]; continue; cx q[1], q[0]; t q[0]; cx q[1], q[0]; z q[0]; }";
    let circuit = parse(text, &ReadOptions::default()).expect("a valid program");
    let target = Target::line(2).expect("a line");
    for &level in Level::ALL {
        let options = CompileOptions {
            verification: Verification::EachPass,
            ..CompileOptions::at_level(level)
        };
        if let Err(error) = compile(&circuit, &target, &options) {
            panic!("level {level}: {error}");
        }
    }
}
