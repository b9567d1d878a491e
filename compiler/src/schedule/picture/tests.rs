use super::*;
use crate::ScheduleMode;
use crate::schedule::fixtures::line;
use crate::schedule::{Sequence, decouple, insert_delays, schedule};

/// q0 waits with pulses while q1 is busy; q2 does nothing.
fn decoupled() -> (Circuit, Timeline) {
    let target = line(3);
    let mut circuit = Circuit::new(3, 2);
    circuit.sx(0).unwrap().cz(0, 1).unwrap();
    for _ in 0..30 {
        circuit.sx(1).unwrap();
    }
    circuit
        .cz(0, 1)
        .unwrap()
        .measure(0, 0)
        .unwrap()
        .measure(1, 1)
        .unwrap();
    let timeline = schedule(&circuit, &target, ScheduleMode::Alap).unwrap();
    let mut circuit = insert_delays(&circuit, &target, &timeline, ScheduleMode::Alap).unwrap();
    decouple(&mut circuit, &target, Sequence::XX).unwrap();
    let timeline = schedule(&circuit, &target, ScheduleMode::Asap).unwrap();
    (circuit, timeline)
}

#[test]
fn text_has_a_row_for_each_qubit_in_use() {
    let (circuit, timeline) = decoupled();
    // 470 ticks in 47 columns: a tenth each.
    let text = timeline.to_text(&circuit, 51);
    let expected = [
        "    0                                        470 ns",
        "q0  sCCC-------x--------------x-------CCCMMMMMMMMMM",
        "q1  .CCCssssssssssssssssssssssssssssssCCCMMMMMMMMMM",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_drawing_tells_pulses_from_gates() {
    let (circuit, timeline) = decoupled();
    let drawing = timeline.to_svg(&circuit);
    let marks = |colour: &str| {
        drawing
            .matches(&format!("height=\"16\" fill=\"{colour}\""))
            .count()
    };
    assert_eq!(marks("#d55e00"), 2, "pulses");
    assert_eq!(marks("#56b4e9"), 31, "sx");
    assert_eq!(marks("#0072b2"), 4, "two cz on two rows each");
    assert_eq!(marks("#009e73"), 2, "measurements");
    assert_eq!(drawing.matches(">q").count(), 2, "rows");
    assert_eq!(
        drawing.matches("<g>").count(),
        drawing.matches("</g>").count()
    );
    assert!(drawing.contains("<title>cz at 10 ns, 30 ns</title>"));
}

#[test]
fn an_empty_timeline_is_an_empty_picture() {
    let circuit = Circuit::new(2, 0);
    let timeline = schedule(&circuit, &line(2), ScheduleMode::Asap).unwrap();
    assert_eq!(timeline.to_text(&circuit, 20).lines().count(), 1);
    assert!(timeline.to_svg(&circuit).ends_with("</svg>\n"));
}

#[test]
fn no_number_of_columns_takes_more_than_a_screen_could_show() {
    let (circuit, timeline) = decoupled();
    let text = timeline.to_text(&circuit, usize::MAX);
    assert_eq!(text, timeline.to_text(&circuit, 10_000));
    assert!(text.lines().all(|line| line.len() <= 10_000));
}
