use super::*;
use crate::ast::ExprKind;

fn parse(text: &str) -> Result<Vec<Stmt<'_>>, Fault> {
    let mut parser = Parser::new(text, Dialect::Three, &Limits::default());
    parser.header(OpenQasm2::Legacy)?;
    let mut statements = Vec::new();
    while let Some(statement) = parser.statement()? {
        statements.push(statement);
    }
    Ok(statements)
}

fn message(text: &str) -> String {
    parse(text).expect_err(text).issue.message
}

#[test]
fn long_chains_are_flat() {
    let text = format!("rz({}) q;", vec!["1"; 100_000].join("+"));
    let statements = parse(&text).unwrap();
    let StmtKind::Call(call) = &statements[0].kind else {
        panic!("not a call")
    };
    let ExprKind::Chain(_, rest) = &call.params.as_ref().unwrap()[0].kind else {
        panic!("not a chain")
    };
    assert_eq!(rest.len(), 99_999);
}

#[test]
fn deep_nesting_is_refused_everywhere() {
    let n = 100_000;
    let cases = [
        format!("rz({}1{}) q;", "(".repeat(n), ")".repeat(n)),
        format!("rz({}1) q;", "-".repeat(n)),
        format!("rz({}1{}) q;", "sin(".repeat(n), ")".repeat(n)),
        format!("OPENQASM 3.0; rz({}) q;", vec!["1"; n].join("**")),
        format!("qubit q; {}{}", "{".repeat(n), "}".repeat(n)),
        format!("qubit q; x {}0{};", "q[".repeat(n), "]".repeat(n)),
        format!("qubit q; x q{};", "[0]".repeat(n)),
        format!("const int a = {}1{};", "{".repeat(n), "}".repeat(n)),
        format!("qubit q; {} x q;", "if (c)".repeat(n)),
        format!("qubit q; {}", "complex[".repeat(n)),
        format!("OPENQASM 3; x = {};", "1||1&&1|1^1&1==1<1<<1+1*(".repeat(n)),
    ];
    for text in cases {
        assert!(message(&text).contains("depth"), "{}", shorten(&text));
    }
}

#[test]
fn nesting_below_the_limit_fits_a_small_stack() {
    let cases = [
        format!("const float x = {}1{};", "(".repeat(240), ")".repeat(240)),
        format!("const float x = {}1;", "-".repeat(240)),
        format!("const float x = {}1;", "2 ** ".repeat(120)),
        format!("const int x = {}1{};", "1||1&&(".repeat(60), ")".repeat(60)),
        format!("qubit q; {} x q; {}", "{".repeat(240), "}".repeat(240)),
        format!(
            "qubit q; bit c; {} U(0, 0, 0) q; {}",
            "if (c) {".repeat(240),
            "}".repeat(240)
        ),
        format!(
            "qubit q; {} U(0, 0, 0) q; {}",
            "for int i in {1, 2} {".repeat(240),
            "}".repeat(240)
        ),
    ];
    for text in cases {
        let text = format!("OPENQASM 3.0;\n{text}");
        parse(&text).map_err(|f| f.issue.message).unwrap();
        // Whatever the program means: reading it must not run out of stack.
        let _ = crate::parse(&text, &crate::ReadOptions::default());
    }
}

#[test]
fn modifier_and_else_if_chains_are_loops() {
    let n = 50_000;
    parse(&format!("qubit q; {} s q;", "inv @ ".repeat(n))).unwrap();
    parse(&format!(
        "qubit q; if (c) {{ x q; }} {}",
        "else if (c) { x q; }".repeat(n)
    ))
    .unwrap();
}

#[test]
fn the_language_follows_the_header_or_the_first_telling_word() {
    let dialect = |text| {
        Parser::new(text, Dialect::Three, &Limits::default())
            .header(OpenQasm2::Legacy)
            .unwrap()
    };
    assert_eq!(dialect("OPENQASM 3.1;"), Dialect::Three);
    assert_eq!(dialect("OPENQASM 2.0;"), Dialect::Two(OpenQasm2::Legacy));
    assert_eq!(dialect("qubit q; x q;"), Dialect::Three);
    assert_eq!(
        dialect("include \"qelib1.inc\"; qreg q[1];"),
        Dialect::Two(OpenQasm2::Legacy)
    );
    assert_eq!(dialect("x $0;"), Dialect::Three);
    assert_eq!(dialect(""), Dialect::Two(OpenQasm2::Legacy));
    assert!(message("OPENQASM 9.9;").contains("9.9"));
}

#[test]
fn several_errors_are_found_in_one_run() {
    let text = "OPENQASM 2.0; qreg 5; creg c[1]; gate g a { x; } h q[; measure -> c;";
    let mut parser = Parser::new(text, Dialect::Three, &Limits::default());
    parser.header(OpenQasm2::Legacy).unwrap();
    let (mut good, mut bad) = (0, 0);
    loop {
        match parser.statement() {
            Ok(Some(_)) => good += 1,
            Ok(None) => break,
            Err(_) => {
                bad += 1;
                parser.recover();
            }
        }
    }
    assert_eq!((good, bad), (1, 4));
}

#[test]
fn unclosed_things_are_named() {
    assert!(message("qubit q; /* open").contains("never closed"));
    assert!(message("include \"a.inc;\n").contains("not closed"));
    assert!(message("OPENQASM 2.0; include \"a").contains("not closed"));
    assert!(message("OPENQASM 2.0; qreg q[1]; x q[0]").contains("file ends"));
    assert!(message("OPENQASM 2.0; qreg q[1];\0").contains("U+0000"));
    assert!(message("OPENQASM 2.0; rz(1.0a) q;").contains("not a number"));
}

#[test]
fn the_grammar_of_version_3_is_understood() {
    parse(
        "OPENQASM 3.0; include \"stdgates.inc\";
        input float[64] theta; output bit[2] c; const uint n = 2; qubit[n] q; qubit a; bit[2] b = \"01\";
        array[int[32], 2, 3] m; complex[float[64]] z = 2 + 3im; let r = q[0:1] ++ q[{0, 1}]; duration d = 100ns;
        gate g(t) x, y { ctrl(2) @ negctrl @ pow(1/2) @ inv @ rz(t) x, y; gphase(t / 2); }
        def f(qubit[2] q, readonly array[int, #dim = 1] a, int[8] k) -> bit { return measure q[0]; }
        extern h(int[8], float) -> bit; @tag here is anything $%&
        cal { anything ? at { all } } defcal x $0 { play(1); }
        if (c == 1 && !b[0]) x q[0]; else if (a < 3) { y q[0]; } else { }
        for uint i in [0:2:10] { rx(i * pi) q[i]; } for int i in {1, 2} x q[0]; while (true) { break; continue; }
        switch (k) { case 1, 2 { x q[0]; } default { } } box[100ns] { delay[20ns] $3; nop; }
        c[0] = measure q[0]; measure q -> c; b[1] ^= true; k = int[32](theta) << 2 ** 3; f(q); g(1)[10ns] q; reset q; barrier;
        delay[durationof({ x q[0]; })] q; end;",
    )
    .unwrap();
}
