//! Which position each wire of both circuits has, so that amplitudes of the same meaning have the same index.

use crate::compare::Pair;
use crate::program::Role;

/// Where the wires of both circuits are in the index of an amplitude, the same roles in the same places.
pub(super) struct Places {
    pub(super) of: [Vec<usize>; 2],
    /// How many positions both share; spare wires come after them.
    pub(super) shared: usize,
    /// How many positions there are in all.
    pub(super) total: usize,
    /// Shared positions of which only the basis state is compared.
    pub(super) dephased: Vec<usize>,
}

impl Places {
    pub(super) fn new(pair: &Pair<'_>) -> Result<Self, String> {
        let programs = [&pair.before, &pair.after];
        let outputs = pair.inputs.len();
        let copies = programs.map(|program| {
            let bit = |role: &Role| match role {
                Role::Bit(bit) => Some(*bit),
                _ => None,
            };
            let mut bits: Vec<usize> = program.roles.iter().filter_map(bit).collect();
            bits.sort_unstable();
            bits
        });
        let measured = programs.map(|program| {
            let bit_of = |wire: usize| program.bits.iter().position(|&at| at == Some(wire));
            let output = |(wire, role): (usize, &Role)| match role {
                Role::Measured(output) => Some((*output, bit_of(wire))),
                _ => None,
            };
            let mut list: Vec<_> = program
                .roles
                .iter()
                .enumerate()
                .filter_map(output)
                .collect();
            list.sort_unstable();
            list
        });
        if copies[0] != copies[1] || measured[0] != measured[1] {
            return Err("the circuits keep their measured values in different places".to_owned());
        }
        if programs
            .iter()
            .any(|program| program.roles.contains(&Role::Lost))
        {
            return Err(
                "a qubit is reset or a measured value overwritten, so the final state is mixed"
                    .to_owned(),
            );
        }
        let shared = outputs + copies[0].len();
        let of = programs.map(|program| {
            let mut spare = shared;
            let place = |role: &Role| match role {
                Role::Output(output) | Role::Measured(output) => *output,
                Role::Bit(bit) => {
                    outputs + copies[0].iter().position(|own| own == bit).unwrap_or(0)
                }
                Role::Spare | Role::Lost => {
                    spare += 1;
                    spare - 1
                }
            };
            program.roles.iter().map(place).collect::<Vec<usize>>()
        });
        let dephased = measured[0]
            .iter()
            .map(|&(output, _)| output)
            .chain(outputs..shared)
            .collect();
        let total = programs
            .iter()
            .map(|program| program.wires.len())
            .max()
            .unwrap_or(0)
            .max(shared);
        Ok(Self {
            of,
            shared,
            total,
            dephased,
        })
    }
}
