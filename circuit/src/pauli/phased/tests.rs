//! Phased strings against the algebra and the tableau.

use super::*;

#[test]
fn products_have_the_signs_of_the_algebra() {
    let (x, z) = (PhasedPauli::x(2, 1), PhasedPauli::z(2, 1));
    let mut y = x.clone();
    y.multiply(&z, 1); // Y = i X Z
    assert!(!y.is_negative());
    let mut minus_y = z.clone();
    minus_y.multiply(&x, 1); // i Z X = -Y
    assert!(minus_y.is_negative());
    assert!(!x.commutes(&z) && x.commutes(&PhasedPauli::z(2, 0)));
    let mut square = y.clone();
    square.multiply(&y, 0);
    assert!(square.is_identity() && !square.is_negative());
}

#[test]
fn a_quarter_turn_about_z_takes_x_to_minus_y() {
    // S^-1 X S = -Y with S = exp(-i pi/4 Z) up to a phase.
    let mut x = PhasedPauli::x(1, 0);
    x.rotate(&PhasedPauli::z(1, 0), 1);
    assert!(x.letter(0) == 'Y' && x.is_negative());
}

#[test]
fn conjugation_by_gates_is_that_of_their_tableaus() {
    use crate::clifford::Tableau;
    let gates = [
        CliffordGate::X(1),
        CliffordGate::Y(0),
        CliffordGate::Z(1),
        CliffordGate::H(0),
        CliffordGate::S(1),
        CliffordGate::Sdg(0),
        CliffordGate::SX(0),
        CliffordGate::SXdg(1),
        CliffordGate::CX(1, 0),
        CliffordGate::CZ(0, 1),
        CliffordGate::Swap(0, 1),
    ];
    for gate in gates {
        let mut tableau = Tableau::identity(2);
        tableau.append(gate);
        for first in "IXYZ".chars() {
            for second in "IXYZ".chars() {
                let label = PauliString::from_label(&format!("{first}{second}")).unwrap();
                let mut string = PhasedPauli::of_string(&label, 2);
                string.conjugate(gate);
                assert_eq!(
                    string.to_signed(2),
                    tableau.conjugate(&label),
                    "{gate:?} {label}"
                );
                string.conjugate(gate.inverse());
                assert_eq!(string.to_signed(2), (false, label));
            }
        }
    }
}

#[test]
fn a_fan_out_is_its_controlled_gates_one_by_one() {
    for number in 0..256usize {
        let mut string = PhasedPauli::identity(4);
        (0..4).for_each(|q| string.set(q, number >> q & 1 == 1, number >> (4 + q) & 1 == 1));
        let mut slow = string.clone();
        string.conjugate_fan_out(1, &[0b1101]);
        [0, 2, 3]
            .iter()
            .for_each(|&t| slow.conjugate(CliffordGate::CX(1, t)));
        assert_eq!(string, slow);
    }
}
