//! Wrong usage in Chinese: clap says it in English alone, so its errors are taken apart.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use fuwutu_io::parser;

/// What is wrong with the command line and the way out, on two lines; `None` for what is no fault of it, such as `--help`.
pub(crate) fn in_chinese(error: &clap::Error) -> Option<String> {
    let fault = fault(error)?;
    let usage = text(error, ContextKind::Usage);
    let hint = match usage.split_once("Usage: ") {
        Some((_, usage)) => format!("用法：`{}`；说明见 --help", usage.trim()),
        None => "用法见 --help".to_owned(),
    };
    Some(format!("错误：{fault}\n提示：{hint}"))
}

fn fault(error: &clap::Error) -> Option<String> {
    let text = |kind| text(error, kind);
    let (argument, value) = (
        text(ContextKind::InvalidArg),
        text(ContextKind::InvalidValue),
    );
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            let meant = meant(&text(ContextKind::SuggestedArg));
            format!("不认识的参数 `{argument}`{meant}")
        }
        ErrorKind::InvalidSubcommand => {
            let meant = meant(&text(ContextKind::SuggestedSubcommand));
            format!("没有命令 `{}`{meant}", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue => {
            let allowed = text(ContextKind::ValidValue);
            let allowed = match allowed.as_str() {
                "" => String::new(),
                allowed => format!("；可用的值：{allowed}"),
            };
            if value.is_empty() {
                format!("`{argument}` 缺少值{allowed}")
            } else {
                let meant = meant(&text(ContextKind::SuggestedValue));
                format!("`{argument}` 的值不能是 `{value}`{allowed}{meant}")
            }
        }
        ErrorKind::ValueValidation => {
            let reason = error.source().map_or(String::new(), |source| {
                format!("：{}", parser::in_chinese(&source.to_string(), None))
            });
            format!("`{argument}` 的值不能是 `{value}`{reason}")
        }
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => {
            let other = text(ContextKind::PriorArg);
            if other == argument {
                format!("`{argument}` 只能给出一次")
            } else {
                format!("`{argument}` 与 `{other}` 不能同时使用")
            }
        }
        ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::NoEquals => format!("`{argument}` 的值的个数不对"),
        ErrorKind::InvalidUtf8 => "有参数不是 UTF-8 文字".to_owned(),
        _ => return None,
    })
}

fn meant(suggestion: &str) -> String {
    match suggestion {
        "" => String::new(),
        _ => format!("；是否指 `{}`", suggestion.replace('、', "`、`")),
    }
}

/// What an error says of something, as text; empty where it says nothing.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}
