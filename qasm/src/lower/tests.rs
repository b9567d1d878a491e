use ardea_circuit::{Angle, Gate, Operation};

use crate::options::{Directives, Limit, Limits, OpenQasm2};
use crate::{ParseError, ReadOptions, parse, parse_angle};
use ardea_circuit::Circuit;

const H2: &str = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n";
const H3: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n";

fn read2(body: &str) -> Result<Circuit, ParseError> {
    parse(&format!("{H2}{body}"), &ReadOptions::default())
}

fn read3(body: &str) -> Result<Circuit, ParseError> {
    parse(&format!("{H3}{body}"), &ReadOptions::default())
}

fn good3(body: &str) -> Circuit {
    read3(body).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(outcome: Result<Circuit, ParseError>, what: &str) {
    let error = outcome.expect_err(what);
    assert!(error.to_string().contains(what), "{error}");
}

/// The same operator as this OpenQASM 3 program.
fn same(body: &str, other: &str) {
    let (a, b) = (
        good3(body).to_matrix().expect("matrix"),
        good3(other).to_matrix().expect("matrix"),
    );
    let difference = (a - b).iter().map(|z| z.norm()).fold(0.0, f64::max);
    assert!(difference < 1e-12, "{difference}: {body} {other}");
}

#[test]
fn registers_are_broadcast_and_sizes_must_agree() {
    let circuit = read2("qreg a[3]; qreg b[3]; cx a, b; cx a[1], b; h a;").unwrap();
    assert_eq!(circuit.len(), 9);
    refused(read2("qreg a[3]; qreg b[2]; cx a, b;"), "sizes 3 and 2");
    refused(read2("qreg q[2]; cx q, q[0];"), "same qubit twice");
    refused(
        read2("qreg q[2]; creg c[3]; measure q -> c;"),
        "2 qubits are measured into 3 bits",
    );
    refused(read2("qreg q[2]; h q[2];"), "valid indices are 0 to 1");
    refused(read2("qreg q[2]; h q[4294967296];"), "out of range");
    refused(
        read2("qreg q[2]; h q[18446744073709551616];"),
        "out of range",
    );
}

#[test]
fn user_gates_become_calls_that_keep_their_definition() {
    let circuit = read2("gate g(a, b) x, y { u3(a, -b, sin(a)/2) x; cx x, y; barrier x, y; } qreg q[2]; g(0.1, pi) q[1], q[0];").unwrap();
    let Operation::Call(call) = &circuit.instructions()[0].operation else {
        panic!("not a call")
    };
    assert_eq!(
        (
            call.definition.name.as_str(),
            call.definition.body.as_ref().unwrap().len()
        ),
        ("g", 3)
    );
    let expanded = circuit.instructions()[0].operation.definition().unwrap();
    let angles = [
        0.1.into(),
        (-std::f64::consts::PI).into(),
        (0.1f64.sin() * 0.5).into(),
    ];
    assert_eq!(
        expanded.instructions()[0].operation,
        Operation::gate(Gate::U3, &angles).unwrap()
    );
}

#[test]
fn definitions_equal_to_a_standard_gate_become_that_gate() {
    let circuit = read2("gate ryy(t) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(t) b; cx a, b; rx(-pi/2) a; rx(-pi/2) b; } qreg q[2]; ryy(0.3) q[0], q[1];").unwrap();
    assert_eq!(
        circuit.instructions()[0].operation,
        Operation::Rotation(Gate::RYY, 0.3)
    );
    // The old definition of rzz differs from the gate by a phase: it stays what it says.
    let circuit =
        read2("gate rzz(t) a, b { cx a, b; u1(t) b; cx a, b; } qreg q[2]; rzz(0.3) q[0], q[1];")
            .unwrap();
    assert!(matches!(
        circuit.instructions()[0].operation,
        Operation::Call(_)
    ));
}

#[test]
fn strict_reading_has_the_papers_gates_only() {
    let strict = ReadOptions {
        openqasm2: OpenQasm2::Strict,
        ..Default::default()
    };
    for body in [
        "qreg q[1]; sx q[0];",
        "qreg q[1];;",
        "qreg q[1]; barrier;",
        "qreg q[1]; rz(asin(1)) q[0];",
        "qreg q[1]; rz(1e3) q[0];",
    ] {
        let text = format!("{H2}{body}");
        parse(&text, &ReadOptions::default()).unwrap();
        parse(&text, &strict).expect_err(body);
    }
    parse("qreg q[1];", &strict).expect_err("no version");
    parse(&format!("{H2}qreg q[2]; cu3(1,2,3) q[0],q[1];"), &strict).unwrap();
}

#[test]
fn errors_name_the_place_and_suggest() {
    let error = read2("qreg qubits[2];\nh qubit[0];\n").unwrap_err();
    assert_eq!((error.line(), error.column()), (4, 3));
    assert!(
        error.to_string().contains("did you mean `qubits`?"),
        "{error}"
    );
    let error = parse(
        "OPENQASM 2.0;\nqreg q[2];\nh q[0];",
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("add `include \"qelib1.inc\";`"),
        "{error}"
    );
    let error = read2("qreg q[2]; h r; x s; qreg q[1]; foo q;").unwrap_err();
    assert_eq!(error.problems().len(), 4, "{error}");
    for (program, hint) in [
        (
            format!("{H2}qreg q[2]; swpa q[0], q[1];"),
            "did you mean `swap`?\n",
        ),
        (
            format!("{H3}qubit[2] q; cswp q[0], q[1];"),
            "did you mean `cswap`?\n",
        ),
        (
            "OPENQASM 3.0; qubit[2] q; swaap q[0], q[1];".to_owned(),
            "did you mean `swap`? add `include \"stdgates.inc\";`",
        ),
        (
            "OPENQASM 3.0; qubit q; gate mygate a {} mygat q;".to_owned(),
            "did you mean `mygate`?",
        ),
    ] {
        let error = parse(&program, &ReadOptions::default()).unwrap_err();
        assert!(format!("{error}\n").contains(hint), "{error}");
    }
}

#[test]
fn expressions_are_read_by_themselves() {
    let value = parse_angle("-pi/2 + 2*sin(0)").unwrap();
    assert_eq!(value, -std::f64::consts::FRAC_PI_2);
    for (text, what) in [
        ("", "an expression"),
        ("pi/2 3", "the end of the expression"),
        ("2*theta", "`theta` is not defined"),
        ("1e308*1e308", "finite"),
        ("true", "an angle is needed"),
    ] {
        let error = parse_angle(text).unwrap_err();
        assert!(error.to_string().contains(what), "{text}: {error}");
    }
}

#[test]
fn a_wrong_declaration_is_reported_once() {
    let error = read2("qreg q[99999999999]; h q; cx q[0], q[1];").unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
    assert_eq!(error.limit(), Some(Limit::Qubits));
    let error = read2("gate g a { nope a; } qreg q[1]; g q[0]; g q;").unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
}

#[test]
fn limits_are_named() {
    let limit = |text: &str, limits: Limits| {
        let options = ReadOptions {
            limits,
            ..Default::default()
        };
        parse(text, &options)
            .expect_err("over the limit")
            .limit()
            .expect("a limit")
    };
    let laughs = |n: usize| {
        let lines: String = (1..n)
            .map(|i| format!("gate l{i} a {{ l{0} a; l{0} a; }}\n", i - 1))
            .collect();
        format!(
            "{H2}qreg q[1]; gate l0 a {{ x a; x a; }}\n{lines} l{} q[0];",
            n - 1
        )
    };
    assert_eq!(limit(&laughs(64), Limits::default()), Limit::Instructions);
    let chain: String = (1..5000)
        .map(|i| format!("gate g{i} a {{ g{} a; }}\n", i - 1))
        .collect();
    assert_eq!(
        limit(
            &format!("{H2}gate g0 a {{ U(0.1, 0, 0) a; }}\n{chain}"),
            Limits::default()
        ),
        Limit::DefinitionDepth
    );
    assert_eq!(
        limit("OPENQASM 2.0; creg c[1000000000];", Limits::default()),
        Limit::Clbits
    );
    assert_eq!(
        limit("OPENQASM 3.0; U(0,0,0) $1099511627776;", Limits::default()),
        Limit::Qubits
    );
    assert_eq!(
        limit(
            "OPENQASM 2.0; qreg q[5];",
            Limits {
                file_size: 10,
                ..Default::default()
            }
        ),
        Limit::FileSize
    );
    let loops = format!("{H3}qubit[2] q; for int i in [0:1000000000000] {{ x q[i % 2]; }}");
    assert_eq!(
        limit(
            &loops,
            Limits {
                instructions: 1000,
                ..Default::default()
            }
        ),
        Limit::Instructions
    );
    let else_if = format!(
        "{H3}qubit q; bit c; if (c) {{ x q; }} {}",
        "else if (c) { x q; }".repeat(20_000)
    );
    assert_eq!(limit(&else_if, Limits::default()), Limit::Nesting);
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    for expression in [
        "1/0",
        "0.0/0.0",
        "ln(0)",
        "ln(-1)",
        "sqrt(-1)",
        "1e400",
        "9^9^9^9",
        "exp(1000)",
        "asin(2)",
        "1e308*10",
    ] {
        refused(
            read2(&format!("qreg q[1]; rz({expression}) q[0];")),
            "error",
        );
    }
    for expression in [
        "1/0",
        "5 % 0",
        "10 ** 1000000000",
        "1 << 1000000000",
        "arcsin(2.0)",
        "1/2",
    ] {
        refused(read3(&format!("qubit q; rz({expression}) q;")), "error");
    }
    read2("qreg q[1]; rz(1e-400) q[0]; rz(-2^2) q[0];").unwrap();
    assert_eq!(
        read2("qreg q[1]; rz(-2^2+6/3/2) q[0];")
            .unwrap()
            .instructions()[0]
            .operation,
        Operation::Rotation(Gate::RZ, -3.0)
    );
}

#[test]
fn modifiers_follow_qiskit() {
    same(
        "qubit[2] q; ctrl @ x q[0], q[1];",
        "qubit[2] q; cx q[0], q[1];",
    );
    same(
        "qubit[2] q; negctrl @ x q[0], q[1];",
        "qubit[2] q; x q[0]; cx q[0], q[1]; x q[0];",
    );
    same(
        "qubit[3] q; ctrl @ negctrl @ x q[0], q[1], q[2];",
        "qubit[3] q; x q[1]; ccx q[0], q[1], q[2]; x q[1];",
    );
    same("qubit q; inv @ s q; pow(0.5) @ z q;", "qubit q;");
    same(
        "qubit[2] q; ctrl @ gphase(0.3) q[1];",
        "qubit[2] q; p(0.3) q[1];",
    );
    same(
        "qubit[2] q; ctrl @ rz(0.3) q[0], q[1];",
        "qubit[2] q; crz(0.3) q[0], q[1];",
    );
    same(
        "qubit[2] q; ctrl @ U(0.1, 0.2, 0.3) q[0], q[1];",
        "qubit[2] q; cu(0.1, 0.2, 0.3, 0) q[0], q[1];",
    );
    same(
        "gate g a { gphase(0.4); h a; t a; } qubit[2] q; ctrl @ inv @ g q[0], q[1];",
        "gate k a { gphase(-0.4); tdg a; h a; } qubit[2] q; ctrl @ k q[0], q[1];",
    );
    same(
        "gate g a { h a; t a; } qubit q; pow(3) @ g q;",
        "qubit q; h q; t q; h q; t q; h q; t q;",
    );
    same(
        "gate g a { h a; t a; } qubit q; pow(-2) @ g q;",
        "qubit q; tdg q; h q; tdg q; h q;",
    );
    same(
        "gate g a { h a; t a; } qubit q; pow(0.5) @ g q; pow(0.5) @ g q;",
        "qubit q; h q; t q;",
    );
    refused(
        read3("qubit[2] q; ctrl(1000000000) @ x q[0], q[1];"),
        "1000000001 qubits",
    );
    refused(
        read3(&format!(
            "qubit[3] q; {} x q[0];",
            "ctrl @ ".repeat(100_000)
        )),
        "100001 qubits",
    );
    same(
        &format!("qubit q; {} s q;", "inv @ ".repeat(100_001)),
        "qubit q; sdg q;",
    );
}

#[test]
fn inverting_nested_definitions_takes_time_in_proportion() {
    let lines: String = (1..20)
        .map(|i| format!("gate l{i} a {{ l{0} a; l{0} a; }}\n", i - 1))
        .collect();
    let circuit = good3(&format!(
        "gate l0 a {{ s a; gphase(0.1); }}\n{lines} qubit q; inv @ l19 q;"
    ));
    assert_eq!(circuit.len(), 1);
}

#[test]
fn loops_stay_loops_unless_the_variable_is_a_number() {
    let circuit = good3("qubit[4] q; for int i in [0:3] { rx(i * pi / 4) q[0]; h q[1]; }");
    assert_eq!(
        circuit.len(),
        4 * 2,
        "a division of the variable needs its value"
    );
    let circuit = good3("qubit[4] q; for int i in [0:3] { rx(i * 0.5) q[0]; h q[1]; }");
    let Operation::For(looped) = &circuit.instructions()[0].operation else {
        panic!("not a loop")
    };
    assert_eq!(
        (
            looped.body.num_qubits(),
            looped.variable.as_ref().map(|v| v.name())
        ),
        (2, Some("i"))
    );
    same(
        "qubit[4] q; for uint i in [0:2:3] { x q[i]; } for int i in {3, 1} cx q[0], q[i];",
        "qubit[4] q; x q[0]; x q[2]; cx q[0], q[3]; cx q[0], q[1];",
    );
    refused(
        read3("qubit[4] q; for int i in [0:3] { x q[i]; break; }"),
        "left early",
    );
    refused(read3("qubit q; for int i in [0:0:5] { x q; }"), "step");
    refused(read3("qubit q; break;"), "no loop");
}

#[test]
fn known_conditions_are_decided_and_others_kept() {
    same(
        "const int n = 3; qubit q; if (n > 2 && !(n == 4)) { x q; } else { h q; }",
        "qubit q; x q;",
    );
    let circuit = good3(
        "qubit[2] q; bit[2] c; bit d; c = measure q; if (c == 2) { x q[1]; } else if (d) { y q[0]; } else { z q[0]; }",
    );
    let Operation::IfElse(outer) = &circuit.instructions()[2].operation else {
        panic!("not a branch")
    };
    assert_eq!(outer.then_body.num_qubits(), 2);
    assert_eq!(outer.else_body.as_ref().unwrap().len(), 1);
    refused(
        read3("qubit q; bit c; int n = 1; if (c) { n = 2; }"),
        "only the running circuit decides",
    );
    refused(read3("bit[2] c; if (c + 1 == 2) { }"), "arithmetic");
    refused(read3("bit[2] c; c[0] = 1;"), "measurement only");
}

#[test]
fn values_remembered_from_bits_go_out_of_date() {
    good3("qubit q; bit c; c = measure q; bool b = c; if (b) { x q; }");
    refused(
        read3("qubit q; bit c; c = measure q; bool b = c; c = measure q; if (b) { x q; }"),
        "measured again",
    );
    refused(
        read3("qubit q; bit c; bool b = c; for int i in [0:3] { if (b) { x q; } c = measure q; }"),
        "loop measures again",
    );
    refused(
        read3("qubit q; bit c; bool b = c; while (b) { c = measure q; }"),
        "loop measures again",
    );
    good3(
        "qubit q; bit[2] c; int sel; sel = c; switch (sel) { case 0 { x q; } case 1, 2 { y q; } default { z q; } }",
    );
}

#[test]
fn inputs_are_symbols_and_loop_variables_do_not_capture_them() {
    let circuit = good3(
        "input float[64] i; qubit q; const float k = 2; rz(i * k) q; for int j in [0:1] { rz(i + j) q; }",
    );
    assert_eq!(circuit.symbols().len(), 1);
    let circuit =
        good3("input angle i; qubit q; float a = i * 0.5; for int i in [0:1] { rz(a + i) q; }");
    let Operation::For(looped) = &circuit.instructions()[0].operation else {
        panic!("not a loop")
    };
    let expected = Angle::symbol("i") * 0.5 + Angle::symbol("i_1");
    assert_eq!(
        looped.body.instructions()[0].operation,
        Operation::gate(Gate::RZ, &[expected]).unwrap()
    );
    refused(read3("input float x; qubit x;"), "already defined");
    refused(read3("input int n; qubit q;"), "input of type `int`");
}

#[test]
fn physical_qubits_set_the_width() {
    assert_eq!(good3("x $3; cx $0, $1;").num_qubits(), 4);
    assert_eq!(good3("x $0; barrier $155;").num_qubits(), 156);
    refused(read3("qubit q; x $0;"), "beside");
    refused(read3("gate g a { x $0; } g $1;"), "own qubits");
}

#[test]
fn aliases_slices_and_concatenations_name_the_same_qubits() {
    same(
        "qubit[4] q; let a = q[1:2] ++ q[{0}]; x a[0]; h a[2]; cx a[-1], a[1];",
        "qubit[4] q; x q[1]; h q[0]; cx q[0], q[2];",
    );
    same(
        "qubit[4] q; let a = q[3:-1:0]; x a[0]; reset_free a[1];"
            .replace("reset_free", "h")
            .as_str(),
        "qubit[4] q; x q[3]; h q[2];",
    );
    refused(read3("qubit[2] q; let a = q[5]; x a;"), "out of range");
}

#[test]
fn what_a_circuit_cannot_hold_is_refused_by_name() {
    for (body, what) in [
        ("def f(qubit q) { x q; }", "`def`"),
        ("extern f(int) -> bit;", "`extern`"),
        ("defcal x $0 { play; }", "`defcal`"),
        ("array[int[8], 4] a;", "`array`"),
        ("complex[float] w;", "`complex`"),
        ("stretch w;", "`stretch`"),
        ("qubit q; measure q;", "stored in a bit"),
        ("qubit q; box[10ns] { x q; }", "box with a duration"),
        ("qubit q; delay[durationof({ x q; })] q;", "`durationof`"),
        ("pragma simulator noise\n", "pragma"),
        ("qubit q; h[10ns] q;", "gate with a duration"),
        ("int[1000000000] w;", "limit of 64 bits"),
        ("int[0] w;", "positive"),
        ("const uint[8] w = -1;", "does not fit"),
        ("const int w = 1; w = 2;", "constant"),
        ("qubit q; delay[-100ns] q;", "cannot last"),
        ("output int n;", "output of type"),
    ] {
        refused(read3(body), what);
    }
    let options = ReadOptions {
        directives: Directives::Ignore,
        ..Default::default()
    };
    parse("OPENQASM 3.0; pragma noise 5\n@keep\nqubit q;", &options).unwrap();
}

#[test]
fn files_are_included_from_their_folders_only() {
    let folder = std::env::temp_dir().join(format!("ardea-qasm-include-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("inner")).unwrap();
    std::fs::write(
        folder.join("main.qasm"),
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ninclude \"a.inc\";\nqreg q[1];\ng q[0];\n",
    )
    .unwrap();
    std::fs::write(folder.join("a.inc"), "gate g a { h a; }\n").unwrap();
    std::fs::write(
        folder.join("self.qasm"),
        "OPENQASM 2.0;\ninclude \"self.qasm\";\n",
    )
    .unwrap();
    std::fs::write(folder.join("b.inc"), "include \"c.inc\";\n").unwrap();
    std::fs::write(folder.join("c.inc"), "include \"b.inc\";\n").unwrap();
    std::fs::write(
        folder.join("loop.qasm"),
        "OPENQASM 2.0;\ninclude \"b.inc\";\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("inner/up.qasm"),
        "OPENQASM 2.0;\ninclude \"../a.inc\";\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("inner/deep.qasm"),
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ninclude \"a.inc\";\n",
    )
    .unwrap();
    let read = |name: &str, options: &ReadOptions| crate::read_file(&folder.join(name), options);
    assert_eq!(read("main.qasm", &ReadOptions::default()).unwrap().len(), 1);
    refused(read("self.qasm", &ReadOptions::default()), "include itself");
    refused(read("loop.qasm", &ReadOptions::default()), "include itself");
    refused(
        read("inner/up.qasm", &ReadOptions::default()),
        "only files in the source's folder",
    );
    refused(
        read("inner/deep.qasm", &ReadOptions::default()),
        "no such file",
    );
    let with_folder = ReadOptions {
        include_folders: vec![folder.clone()],
        ..Default::default()
    };
    assert!(read("inner/deep.qasm", &with_folder).is_ok());
    refused(read("inner", &ReadOptions::default()), "not a regular file");
    for path in ["/etc/passwd", "/dev/zero", ".", "", "a\0b"] {
        let options = ReadOptions {
            source_folder: Some(folder.clone()),
            ..Default::default()
        };
        let error = parse(&format!("OPENQASM 2.0;\ninclude \"{path}\";\n"), &options).unwrap_err();
        assert!(!error.to_string().contains("root:"), "{error}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
