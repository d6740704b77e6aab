//! Arguments, looked at where they could not be parsed.

use std::ffi::OsString;

/// The value of an option, however it is written: `-o json`, `-ojson`, `--output=json`.
pub(crate) fn value<'a>(args: &'a [OsString], option: &str) -> Option<&'a str> {
    let joined = args.iter().find_map(|arg| {
        let value = arg.to_str()?.strip_prefix(option)?;
        let value = value.strip_prefix('=').unwrap_or(value);
        (!value.is_empty()).then_some(value)
    });
    let position = args.iter().position(|arg| arg == option);
    joined.or_else(|| args.get(position? + 1)?.to_str())
}
