//! The passes of this folder on random programs: every standard gate, and all that is not a gate.

use ardea_circuit::random::{ProgramSize, random_circuit, random_program};
use ardea_circuit::{Gate, Layout};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use crate::verify::{Placed, Verdict, compare};
use crate::{Change, CompileOptions, Context, Pass, Preserve};

/// Runs `pass` on `count` random programs and compares each with its input in the sense of `preserve`; returns how
/// many the pass changed.
pub(crate) fn check_on_random_programs(pass: &impl Pass, preserve: Preserve, count: u64) -> usize {
    let target = ardea_device::Target::all_to_all(4).unwrap();
    let options = CompileOptions {
        preserve,
        ..CompileOptions::default()
    };
    let size = ProgramSize {
        num_qubits: 4,
        num_clbits: 3,
        length: 14,
        nesting: 2,
    };
    let mut changed = 0;
    for seed in 0..count {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let before = match seed % 3 {
            0 => random_circuit(&mut rng, 4, 12, &Gate::ALL),
            _ => random_program(&mut rng, size),
        };
        let mut after = before.clone();
        let mut context = Context::new(&target, &options, 4);
        changed += usize::from(pass.run(&mut after, &mut context) == Ok(Change::Changed));
        let verdict = compare(
            Placed {
                circuit: &before,
                layout: &Layout::trivial(4),
            },
            Placed {
                circuit: &after,
                layout: &context.current_layout(),
            },
            preserve,
        );
        assert!(
            !matches!(verdict, Verdict::Different(_)),
            "seed {seed}: {verdict:?}\n{before:?}\nbecame\n{after:?}"
        );
    }
    changed
}
