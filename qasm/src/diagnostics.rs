//! Errors that show where they are: file, line, column, the source line with a caret, and a hint.
//!
//! A [`ParseError`] owns everything it prints (one shortened line per problem, never the whole file), so
//! it outlives the source. Its `Display` is the full plain-text rendering; for graphical reports each
//! [`Problem`] is also a [`miette::Diagnostic`].

use std::fmt;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::ast::Span;
use crate::options::Limit;

/// How many characters of a very long line are kept around the caret.
const WINDOW: usize = 100;

/// Why OpenQASM text could not be read: one or more problems, in the order found.
#[derive(Debug, Clone, thiserror::Error)]
pub struct ParseError {
    problems: Vec<Problem>,
    omitted: usize,
}

impl ParseError {
    pub(crate) fn new(problems: Vec<Problem>, omitted: usize) -> Self {
        Self { problems, omitted }
    }

    /// The problems, in the order found; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many further problems were found but not kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// Line of the first problem, counted from 1 (0 when it is about no particular line).
    pub fn line(&self) -> usize {
        self.problems.first().map_or(0, Problem::line)
    }

    /// Column of the first problem in characters, counted from 1 (0 when it is about no line).
    pub fn column(&self) -> usize {
        self.problems.first().map_or(0, Problem::column)
    }

    /// The limit that stopped the reader, if one did.
    pub fn limit(&self) -> Option<Limit> {
        self.problems.iter().find_map(|p| p.limit)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.omitted > 0 {
            write!(f, "\n\n... and {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// One thing wrong with the text.
#[derive(Debug, Clone)]
pub struct Problem {
    message: String,
    hint: Option<String>,
    limit: Option<Limit>,
    file: String,
    place: Option<Place>,
}

#[derive(Debug, Clone)]
struct Place {
    line: usize,
    column: usize,
    excerpt: Excerpt,
}

/// Part of one source line.
#[derive(Debug, Clone)]
struct Excerpt {
    file: String,
    line: usize,
    /// Characters cut off on the left.
    cut: usize,
    text: String,
    /// Byte range of the caret in `text`.
    caret: (usize, usize),
}

impl Problem {
    /// A problem at `span` of `text`.
    pub(crate) fn at(file: &str, text: &str, span: Span, issue: Issue) -> Self {
        Self {
            place: Some(locate(file, text, span)),
            ..Self::without_place(file, issue)
        }
    }

    /// A problem with a file as a whole.
    pub(crate) fn without_place(file: &str, issue: Issue) -> Self {
        Self {
            message: issue.message,
            hint: issue.hint,
            limit: issue.limit,
            file: file.to_owned(),
            place: None,
        }
    }

    /// What was wrong, on one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The limit that was exceeded, if that is the problem.
    pub fn limit(&self) -> Option<Limit> {
        self.limit
    }

    /// Name of the file, or `<input>`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line counted from 1; 0 when the problem is about no particular line.
    pub fn line(&self) -> usize {
        self.place.as_ref().map_or(0, |p| p.line)
    }

    /// Column in characters counted from 1; 0 when the problem is about no particular line.
    pub fn column(&self) -> usize {
        self.place.as_ref().map_or(0, |p| p.column)
    }

    /// The source line, shortened around the column when it is very long.
    pub fn source_line(&self) -> Option<&str> {
        self.place.as_ref().map(|p| p.excerpt.text.as_str())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        match &self.place {
            None => write!(f, "\n --> {}", self.file)?,
            Some(place) => {
                let number = place.line.to_string();
                let margin = " ".repeat(number.len());
                let text = &place.excerpt.text;
                let (start, end) = place.excerpt.caret;
                let offset = text[..start].chars().count();
                let carets = text[start..end].chars().count().max(1);
                let (left, right) = (
                    if place.excerpt.cut > 0 { "..." } else { "" },
                    "^".repeat(carets),
                );
                write!(
                    f,
                    "\n{margin}--> {}:{}:{}",
                    self.file, place.line, place.column
                )?;
                write!(
                    f,
                    "\n{margin} |\n{number} | {left}{text}\n{margin} | {}{right}",
                    " ".repeat(offset + left.len())
                )?;
            }
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  = help: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl miette::Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint
            .as_ref()
            .map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place
            .as_ref()
            .map(|place| &place.excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (start, end) = self.place.as_ref()?.excerpt.caret;
        let label = LabeledSpan::new(Some(self.message.clone()), start, end - start);
        Some(Box::new(std::iter::once(label)))
    }
}

impl miette::Diagnostic for ParseError {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(
            self.problems.iter().map(|p| p as &dyn miette::Diagnostic),
        ))
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = SourceSpan::from((0, self.text.len()));
        let data = self.text.as_bytes();
        Ok(Box::new(MietteSpanContents::new_named(
            self.file.clone(),
            data,
            whole,
            self.line - 1,
            self.cut,
            1,
        )))
    }
}

/// What the parser and the analysis say; the place is added by whoever knows the source.
#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) limit: Option<Limit>,
}

impl Issue {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            limit: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn over(limit: Limit, allowed: u64) -> Self {
        let (what, option) = (limit.describe(), limit.name());
        Self {
            message: format!("{what} exceeds the limit of {allowed}"),
            hint: Some(format!(
                "raise the limit `{option}` if the program is meant to be this large"
            )),
            limit: Some(limit),
        }
    }

    pub(crate) fn at(self, span: Span) -> Fault {
        Fault {
            span,
            issue: Box::new(self),
        }
    }
}

/// An issue with its place in the file being read.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) span: Span,
    pub(crate) issue: Box<Issue>,
}

/// Shorthand for an issue without a hint.
pub(crate) fn fault(span: Span, message: impl Into<String>) -> Fault {
    Issue::new(message).at(span)
}

fn locate(file: &str, text: &str, span: Span) -> Place {
    let start = floor(text, span.start as usize);
    let end = floor(text, (span.end as usize).max(start));
    let (line, line_start) = line_of(text, start);
    let line_end = text[start..]
        .find(['\n', '\r'])
        .map_or(text.len(), |i| start + i);
    let before = text[line_start..start].chars().count();
    let caret_end = end.clamp(start, line_end);
    let from = text[line_start..start]
        .char_indices()
        .rev()
        .nth(WINDOW)
        .map_or(line_start, |(i, _)| line_start + i);
    let to = text[start..line_end]
        .char_indices()
        .nth(WINDOW)
        .map_or(line_end, |(i, _)| start + i);
    let shown: String = text[from..to].chars().map(printable).collect();
    // Replaced characters may change the byte length: find the caret by counting characters.
    let byte_at = |position: usize| {
        let count = text[from..position.clamp(from, to)].chars().count();
        shown
            .char_indices()
            .nth(count)
            .map_or(shown.len(), |(i, _)| i)
    };
    let caret = (byte_at(start), byte_at(caret_end));
    let cut = text[line_start..from].chars().count();
    let excerpt = Excerpt {
        file: file.to_owned(),
        line,
        cut,
        text: shown,
        caret,
    };
    Place {
        line,
        column: before + 1,
        excerpt,
    }
}

/// Control characters and text-direction marks are shown as one visible character.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

/// Line number from 1 and the byte at which the line begins. `\n`, `\r\n` and a lone `\r` end lines.
fn line_of(text: &str, position: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let (mut line, mut start) = (1, 0);
    for (i, &byte) in bytes[..position].iter().enumerate() {
        if byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
            line += 1;
            start = i + 1;
        }
    }
    (line, start)
}

fn floor(text: &str, position: usize) -> usize {
    let mut position = position.min(text.len());
    while !text.is_char_boundary(position) {
        position -= 1;
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str, start: u32, end: u32) -> Problem {
        Problem::at(
            "a.qasm",
            text,
            Span { start, end },
            Issue::new("wrong").hint("mend it"),
        )
    }

    #[test]
    fn display_shows_line_column_source_line_caret_and_hint() {
        let shown = problem("OPENQASM 2.0;\nqreg q[2];\nh qq;\n", 27, 29).to_string();
        let expected = "error: wrong\n --> a.qasm:3:3\n  |\n3 | h qq;\n  |   ^^\n  = help: mend it";
        assert_eq!(shown, expected);
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        for text in ["a\nb\nxy", "a\r\nb\r\nxy", "a\rb\rxy"] {
            let at = text.find('x').unwrap() as u32;
            let found = problem(text, at, at + 1);
            assert_eq!(
                (found.line(), found.column(), found.source_line()),
                (3, 1, Some("xy"))
            );
        }
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let text = "x".repeat(1_000_000) + "!" + &"y".repeat(1_000_000);
        let found = problem(&text, 1_000_000, 1_000_001);
        assert_eq!(found.column(), 1_000_001);
        assert!(found.to_string().len() < 700);
        assert!(found.source_line().unwrap().contains("x!y"));
    }

    #[test]
    fn odd_places_do_not_panic() {
        for (start, end) in [(0, 0), (5, 2), (900, 901), (1, 2), (2, 3)] {
            problem("é\u{202e}\u{0}θ", start, end).to_string();
        }
        problem("", 0, 0).to_string();
    }

    #[test]
    fn miette_renders_the_true_line_number() {
        let report = miette::Report::new(problem("a\nb\nc d\n", 4, 5));
        let rendered = format!("{report:?}");
        assert!(rendered.contains("a.qasm:3:1"), "{rendered}");
    }
}
