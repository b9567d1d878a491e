//! Which gates exist without being defined by the program.

use ardea_circuit::Gate;

use super::scope::{GateEntity, GateTarget};

/// `qelib1.inc` as the OpenQASM 2 paper lists it (Cross, Bishop, Smolin, Gambetta, 2017, arXiv:1707.03429).
pub(crate) const QELIB1: [&str; 23] = [
    "u3", "u2", "u1", "cx", "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "rx", "ry", "rz",
    "cz", "cy", "ch", "ccx", "crz", "cu1", "cu3",
];

/// What `qelib1.inc` as Qiskit ships it adds to the paper's.
pub(crate) const QELIB1_ADDED: [&str; 19] = [
    "u0", "u", "p", "sx", "sxdg", "swap", "cswap", "crx", "cry", "cp", "csx", "cu", "rxx", "rzz",
    "rccx", "rc3x", "c3x", "c3sqrtx", "c4x",
];

/// `stdgates.inc` of OpenQASM 3.
pub(crate) const STDGATES: [&str; 32] = [
    "p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "cx", "cy", "cz",
    "cp", "crx", "cry", "crz", "ch", "swap", "ccx", "cswap", "cu", "CX", "phase", "cphase", "id",
    "u1", "u2", "u3",
];

/// A gate of a standard header.
pub(super) fn header_gate(name: &str) -> Option<GateEntity> {
    Gate::from_name(name)
        .filter(|gate| gate.num_qubits() > 0)
        .map(GateEntity::standard)
}

/// A gate that OpenQASM 2 programs in the wild use without defining it.
///
/// Qiskit makes the additions to `qelib1.inc` known even without the include; `u1`, `u2` and `u3`
/// are used so, too. With the include, every gate of the library is known.
pub(super) fn legacy_gate(name: &str, included: bool) -> Option<GateEntity> {
    let always = QELIB1_ADDED.contains(&name) || matches!(name, "u1" | "u2" | "u3");
    let entity = match name {
        "u1q" | "U1q" => GateEntity::standard(Gate::R),
        "u0" => GateEntity {
            num_params: 1,
            ..GateEntity::standard(Gate::I)
        },
        "mcx" if included => GateEntity {
            target: GateTarget::MultiControlledX,
            num_qubits: 0,
            ..GateEntity::standard(Gate::X)
        },
        _ if included || always => header_gate(name)?,
        _ => return None,
    };
    Some(GateEntity {
        replaceable: true,
        ..entity
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_gate_is_known() {
        for name in QELIB1.iter().chain(&QELIB1_ADDED).chain(&STDGATES) {
            assert!(header_gate(name).is_some(), "{name}");
        }
    }

    #[test]
    fn qelib1_needs_its_include_and_the_additions_do_not() {
        assert!(legacy_gate("x", false).is_none());
        assert!(legacy_gate("rzz", false).is_some());
        assert!(legacy_gate("iswap", true).is_some());
        assert!(legacy_gate("gphase", true).is_none());
    }
}
