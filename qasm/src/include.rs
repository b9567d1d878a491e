//! Where included files come from: the source's folder and `-I` folders, regular files only.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// Text of an included file.
#[derive(Clone, Debug)]
pub struct Included {
    /// What identifies the file: the same file must always get the same name, or cycles go unseen.
    pub name: String,
    /// Its content.
    pub text: String,
}

/// Finds the files that a program includes. `qelib1.inc` and `stdgates.inc` are built in and never asked for.
pub trait IncludeResolver: Send + Sync {
    /// The file that `path` means, as it stands between the quotation marks.
    ///
    /// # Errors
    /// One line saying why there is no such file. It is shown to whoever wrote the program: it must
    /// not carry content of files.
    fn resolve(&self, path: &str, max_bytes: usize) -> Result<Included, String>;
}

/// Looks in a list of folders, and never outside them.
#[derive(Clone, Debug, Default)]
pub struct FolderResolver {
    folders: Vec<PathBuf>,
}

impl FolderResolver {
    /// A resolver that looks in `folders` in their order.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self { folders }
    }
}

impl IncludeResolver for FolderResolver {
    fn resolve(&self, path: &str, max_bytes: usize) -> Result<Included, String> {
        let relative = Path::new(path);
        let plain = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if path.is_empty() || path.contains('\0') || !plain {
            return Err(
                "only files in the source's folder and in `-I` folders can be included".into(),
            );
        }
        for folder in &self.folders {
            let Ok(root) = fs::canonicalize(folder) else {
                continue;
            };
            let Ok(found) = fs::canonicalize(root.join(relative)) else {
                continue;
            };
            if !found.starts_with(&root) {
                return Err("the file lies outside the folders that may be included from".into());
            }
            let text = read_regular(&found, max_bytes).map_err(|why| match why {
                Unreadable::File(why) => format!("it {why}"),
                Unreadable::Text(text) => format!(
                    "it is not UTF-8 text (line {})",
                    text.lines().count().max(1)
                ),
            })?;
            return Ok(Included {
                name: found.display().to_string(),
                text,
            });
        }
        Err(match self.folders.len() {
            0 => "no folder to include files from is known".into(),
            _ => "there is no such file in the source's folder or the `-I` folders".into(),
        })
    }
}

/// Why a file is not read.
pub(crate) enum Unreadable {
    /// It cannot be opened, is too large, or not a regular file.
    File(String),
    /// It is not UTF-8: what of it is text, with one replacement character for the first bad byte.
    Text(String),
}

/// The text of a regular file that is not larger than `max_bytes`.
pub(crate) fn read_regular(path: &Path, max_bytes: usize) -> Result<String, Unreadable> {
    let unreadable =
        |what: &str, error: std::io::Error| Unreadable::File(format!("{what}: {error}"));
    let info = fs::metadata(path).map_err(|error| unreadable("cannot be read", error))?;
    if !info.is_file() {
        return Err(Unreadable::File("is not a regular file".into()));
    }
    let file = fs::File::open(path).map_err(|error| unreadable("cannot be opened", error))?;
    let mut bytes = Vec::new();
    let limit = (max_bytes as u64).saturating_add(1);
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable("cannot be read", error))?;
    if bytes.len() > max_bytes {
        return Err(Unreadable::File(format!(
            "is larger than the limit `file_size` of {max_bytes} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        text.push(char::REPLACEMENT_CHARACTER);
        Unreadable::Text(text)
    })
}
