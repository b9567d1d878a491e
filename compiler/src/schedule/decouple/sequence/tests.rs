use super::*;

/// The integral of s(t) t^power over the window [0, 1], s being the product of the signs of these sequences.
fn moment(sequences: &[Sequence], power: i32) -> f64 {
    let mut flips: Vec<f64> = sequences
        .iter()
        .flat_map(|sequence| sequence.steps())
        .map(|step| step.at)
        .collect();
    flips.push(1.0);
    flips.sort_by(f64::total_cmp);
    let (mut sum, mut sign, mut last) = (0.0, 1.0, 0.0_f64);
    for at in flips {
        sum += sign * (at.powi(power + 1) - last.powi(power + 1)) / f64::from(power + 1);
        (sign, last) = (-sign, at);
    }
    sum
}

#[test]
fn every_sequence_cancels_a_constant_field_and_ends_where_it_began() {
    let named = [Sequence::XX, Sequence::XpXm, Sequence::XY4, Sequence::XY8];
    let counted = (2..=16).step_by(2).map(Sequence::Cpmg);
    let counted = counted.chain((1..=12).map(Sequence::Udd));
    let walsh = (1..=255).map(Sequence::Walsh);
    for sequence in named.into_iter().chain(counted).chain(walsh) {
        let steps = sequence.steps();
        assert_eq!(steps.len() % 2, 0, "{sequence:?}");
        assert!(
            steps.windows(2).all(|pair| pair[0].at < pair[1].at),
            "{sequence:?}"
        );
        assert!(steps.iter().all(|step| step.at > 0.0 && step.at <= 1.0));
        assert!(moment(&[sequence], 0).abs() < 1e-12, "{sequence:?}");
    }
}

#[test]
fn uhrigs_sequence_cancels_as_many_moments_as_it_has_pulses() {
    for count in 1..=10_u8 {
        for power in 0..i32::from(count) {
            let left = moment(&[Sequence::Udd(count)], power);
            assert!(left.abs() < 1e-12, "{count} pulses, t^{power}: {left}");
        }
        assert!(moment(&[Sequence::Udd(count)], i32::from(count)).abs() > 1e-9);
    }
    // Evenly spaced pulses do not.
    assert!(moment(&[Sequence::Cpmg(4)], 2).abs() > 1e-3);
}

#[test]
fn walsh_sequences_have_their_number_of_sign_changes_and_are_orthogonal() {
    for first in 1..=31_u8 {
        let steps = Sequence::Walsh(first).steps();
        let inside = steps.iter().filter(|step| step.at < 1.0).count();
        assert_eq!(inside, usize::from(first));
        for second in 1..=31_u8 {
            let common = moment(&[Sequence::Walsh(first), Sequence::Walsh(second)], 0);
            let expected = if first == second { 1.0 } else { 0.0 };
            assert!(
                (common - expected).abs() < 1e-12,
                "{first} {second}: {common}"
            );
        }
    }
}

#[test]
fn repetition_keeps_the_balance() {
    for sequence in [
        Sequence::XY4,
        Sequence::Udd(3),
        Sequence::Walsh(1),
        Sequence::Walsh(2),
    ] {
        let steps = sequence.repeated(4);
        assert_eq!(steps.len(), 4 * sequence.steps().len());
        let (mut sum, mut sign, mut last) = (0.0, 1.0, 0.0);
        for at in steps.iter().map(|step| step.at).chain([1.0]) {
            sum += sign * (at - last);
            (sign, last) = (-sign, at);
        }
        assert!(f64::abs(sum) < 1e-12, "{sequence:?}");
    }
}
