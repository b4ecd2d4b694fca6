//! Errors that are no findings: what they say in Chinese, and the way out. In English they say it themselves.

use std::io;
use std::path::PathBuf;

use fuwutu_io::finding::Lang;
use fuwutu_io::open_data::Refused;
use fuwutu_io::parser;
use fuwutu_io::plain::NotPlain;
use fuwutu_io::plan::{PlanError, Slip};
use fuwutu_io::write::{FolderError, WriteError};
use fuwutu_io::written::WrittenError;
use fuwutu_report::ReportError;
use fuwutu_run::CompareError;

use crate::show;

/// A place that no trip can begin at.
#[derive(Debug, thiserror::Error)]
#[error("`{lon},{lat}` is more than {metres} m from every street that can be used")]
pub(crate) struct OffStreets {
    pub lon: f64,
    pub lat: f64,
    pub metres: f64,
}

/// A folder that must be new or empty is not.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not empty", .0.display())]
pub(crate) struct NotEmpty(pub PathBuf);

/// `init` writes over nothing.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is there already", .0.display())]
pub(crate) struct PlanThere(pub PathBuf);

/// A measure that knows no decay was given one.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` has no decay: all within the limit counts alike")]
pub(crate) struct NoDecay(pub String);

/// The system gives no threads.
#[derive(Debug, thiserror::Error)]
#[error("the system starts no more threads")]
pub(crate) struct NoThreads(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Whether all that goes to files was written, and only what comes after was not: the round stands without its reports, or the
/// summary cannot be printed.
pub(crate) fn is_half(error: &anyhow::Error) -> bool {
    no_reports(error).is_some() || unprinted(error).is_some()
}

/// What went wrong, on one line.
pub(crate) fn text(error: &anyhow::Error, lang: Lang) -> String {
    let known_text = match lang {
        Lang::Zh => without_reports(error)
            .or_else(|| plan(error))
            .or_else(|| folder(error))
            .or_else(|| written(error))
            .or_else(|| report(error))
            .or_else(|| off_streets(error))
            .or_else(|| compare(error))
            .or_else(|| write(error))
            .or_else(|| not_empty(error))
            .or_else(|| plan_there(error))
            .or_else(|| cause::<Refused>(error).map(|refused| refused.said[0].clone()))
            .or_else(|| no_decay(error))
            .or_else(|| no_threads(error))
            .or_else(|| not_printed(error)),
        Lang::En => None,
    };
    known_text.unwrap_or_else(|| format!("{error:#}"))
}

type Any = dyn std::error::Error + 'static;

fn cause<T: std::error::Error + 'static>(error: &anyhow::Error) -> Option<&T> {
    error.chain().find_map(|cause| {
        cause
            .downcast_ref::<T>()
            .or_else(|| passed_on(cause)?.downcast_ref::<T>())
    })
}

/// The error that another one passes on as it is: a chain of causes leaves it out.
fn passed_on(error: &Any) -> Option<&Any> {
    match (
        error.downcast_ref::<WriteError>(),
        error.downcast_ref::<ReportError>(),
    ) {
        (Some(WriteError::Folder(error)), _) | (_, Some(ReportError::Folder(error))) => Some(error),
        (_, Some(ReportError::Round(error))) => Some(error),
        _ => None,
    }
}

/// The round's folder and why it has no reports.
fn no_reports(error: &anyhow::Error) -> Option<(&PathBuf, &ReportError)> {
    match error.downcast_ref()? {
        fuwutu_run::Error::NoReports { round, source } => Some((round, source)),
        _ => None,
    }
}

fn without_reports(error: &anyhow::Error) -> Option<String> {
    let (round, source) = no_reports(error)?;
    let why = folder(error)
        .or_else(|| written(error))
        .or_else(|| report(error))
        .unwrap_or_else(|| source.to_string());
    Some(format!(
        "这一轮结果已完整写入 `{}`，但没有生成报告：{why}",
        round.display()
    ))
}

fn unprinted(error: &anyhow::Error) -> Option<&show::Unprinted> {
    error.chain().find_map(|cause| {
        let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
        inner.downcast_ref()
    })
}

fn not_printed(error: &anyhow::Error) -> Option<String> {
    let source = std::error::Error::source(unprinted(error)?)?;
    let refused = source.downcast_ref().map(refusal)?;
    Some(format!("无法写到标准输出：{refused}"))
}

fn no_threads(error: &anyhow::Error) -> Option<String> {
    let NoThreads(source) = cause(error)?;
    Some(format!("系统无法再启动线程（系统原文：{source}）"))
}

fn plan(error: &anyhow::Error) -> Option<String> {
    Some(match cause::<PlanError>(error)? {
        PlanError::Unreadable { path, source } => {
            format!("无法读取 `{}`：{}", path.display(), refusal(source))
        }
        PlanError::Broken {
            path,
            line,
            key,
            message,
            ..
        } => {
            let line = line.map_or(String::new(), |line| format!("，第 {line} 行"));
            let key = key.as_deref();
            // In English the key may stand before the message.
            let said = key.and_then(|key| message.strip_prefix(&format!("`{key}`: ")));
            let fault = parser::in_chinese(said.unwrap_or(message), key);
            format!("{}{line}：{fault}", path.display())
        }
        PlanError::Value {
            path,
            line,
            key,
            value,
            must,
        } => {
            let line = line.map_or(String::new(), |line| format!("，第 {line} 行"));
            let path = format!("{}{line}", path.display());
            let must = must.text(Lang::Zh);
            match value {
                Some(value) => format!("{path}：`{key}` 的值为 `{value}`；允许的值：{must}"),
                None => format!("{path}：缺少 `{key}`；允许的值：{must}"),
            }
        }
        PlanError::UnknownService {
            path,
            id,
            like,
            known,
        } => {
            let like: Vec<String> = like
                .iter()
                .map(|(id, name)| format!("`{id}`（{}）", name.zh))
                .collect();
            let meant = match like.as_slice() {
                [] => String::new(),
                like => format!("是否指 {}？", like.join("或 ")),
            };
            format!(
                "{}：目录中没有服务 `{id}`；{meant}已有：{known}",
                path.display()
            )
        }
        PlanError::UnknownTag {
            path,
            line,
            tag,
            like,
        } => {
            let like: Vec<String> = like.iter().map(|tag| format!("`{tag}`")).collect();
            let meant = match like.as_slice() {
                [] => String::new(),
                like => format!("；是否指 {}？", like.join("或 ")),
            };
            let line = line.map_or(String::new(), |line| format!("，第 {line} 行"));
            format!(
                "{}{line}：通行规则中没有标签 `{tag}`{meant}",
                path.display()
            )
        }
        PlanError::UnknownScope { path, scope, known } => format!(
            "{}：`services.scope` 的值为 `{scope}`，目录中没有这一适用范围；已有：{known}",
            path.display()
        ),
        PlanError::UnknownField { path, field, known } => format!(
            "{}：`ranking.domains` 中的领域 `{field}` 不在目录中；已有：{known}",
            path.display()
        ),
        PlanError::NoRoads { path } => {
            format!("{}：`travel.mode` 不是 `streets`，没有路网", path.display())
        }
        PlanError::NoRadius { path, services } => format!(
            "{}：`travel.mode` 为 `radius`，而这些服务的时限没有 `radius_m`：{services}",
            path.display()
        ),
        PlanError::NoLimit { path, id } => format!(
            "{}：`{id}` 在目录中没有时限，无法判断谁能到达",
            path.display()
        ),
    })
}

/// Why the system refuses a file.
fn refusal(error: &io::Error) -> String {
    let inner = error.get_ref();
    if inner.is_some_and(|inner| inner.is::<NotPlain>()) {
        return "不是普通文件（是管道、设备或文件夹）".to_owned();
    }
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "不存在",
        io::ErrorKind::PermissionDenied => "没有权限",
        io::ErrorKind::IsADirectory => "是文件夹",
        io::ErrorKind::NotADirectory => "路径中有一段不是文件夹",
        io::ErrorKind::InvalidData => "不是 UTF-8 文本",
        io::ErrorKind::StorageFull => "磁盘已满",
        io::ErrorKind::ReadOnlyFilesystem => "磁盘只读",
        io::ErrorKind::FileTooLarge => "文件过大",
        io::ErrorKind::OutOfMemory => "内存不足",
        _ => "系统拒绝",
    };
    format!("{reason}（系统原文：{error}）")
}

fn off_streets(error: &anyhow::Error) -> Option<String> {
    let OffStreets { lon, lat, metres } = cause(error)?;
    Some(format!("`{lon},{lat}` 离每条可用道路都超过 {metres} 米"))
}

fn compare(error: &anyhow::Error) -> Option<String> {
    Some(match cause::<CompareError>(error)? {
        CompareError::NoInputs(path) => format!("`{}` 中的这一轮没有保存输入", path.display()),
        CompareError::NoRound(path) => format!("`{}` 中没有一轮结果", path.display()),
        CompareError::Swapped { old, new } => {
            format!("上一轮的基期年 {old} 晚于本轮的基期年 {new}")
        }
    })
}

fn write(error: &anyhow::Error) -> Option<String> {
    match cause::<WriteError>(error)? {
        WriteError::Moved(path) => Some(format!("`{}` 在使用过程中被改动", path.display())),
        WriteError::Folder(_) | WriteError::Disagreement(_) | WriteError::Stopped(_) => None,
    }
}

fn not_empty(error: &anyhow::Error) -> Option<String> {
    let NotEmpty(path) = cause(error)?;
    Some(format!("`{}` 不是空文件夹", path.display()))
}

fn plan_there(error: &anyhow::Error) -> Option<String> {
    let PlanThere(path) = cause(error)?;
    Some(format!("`{}` 已存在", path.display()))
}

fn no_decay(error: &anyhow::Error) -> Option<String> {
    let NoDecay(measure) = cause(error)?;
    Some(format!("`{measure}` 没有衰减：时限以内一律同等"))
}

fn folder(error: &anyhow::Error) -> Option<String> {
    Some(match cause::<FolderError>(error)? {
        FolderError::NotFolder(path) => format!("`{}` 不是文件夹", path.display()),
        FolderError::Occupied(path) => format!("`{}` 中已有一轮结果", path.display()),
        FolderError::HasReport(path) => format!("`{}` 中已有报告", path.display()),
        FolderError::Foreign { folder, found } => {
            format!("`{}` 中有不属于任何一轮的内容：`{found}`", folder.display())
        }
        FolderError::OtherKind { folder, manifest } => {
            format!("`{}` 中是另一类结果：`{manifest}`", folder.display())
        }
        FolderError::ReadFile(path) => format!("`{}` 要被读取，却会被结果替换", path.display()),
        FolderError::Read { folder, file } => {
            format!(
                "要读取的 `{}` 会随 `{}` 中的结果一起被替换",
                file.display(),
                folder.display()
            )
        }
        FolderError::NotFile(path) => format!("`{}` 不是文件", path.display()),
        FolderError::FileThere(path) => format!("`{}` 已存在", path.display()),
        FolderError::HalfReported {
            folder,
            source: refused,
        } => {
            let why = match &**refused {
                FolderError::Io { path, source } => {
                    format!("无法写入 `{}`：{}", path.display(), refusal(source))
                }
                other => other.to_string(),
            };
            format!("`{}` 中的报告不完整：{why}", folder.display())
        }
        FolderError::Busy { place, process } => {
            let process = process
                .map(|id| format!("（进程 {id}）"))
                .unwrap_or_default();
            format!("另一次运行{process}正在写入 `{}`", place.display())
        }
        FolderError::Unreadable { path, source } => {
            format!("无法读取 `{}`：{}", path.display(), refusal(source))
        }
        FolderError::Io { path, source } => {
            format!("无法写入 `{}`：{}", path.display(), refusal(source))
        }
    })
}

fn report(error: &anyhow::Error) -> Option<String> {
    match cause::<ReportError>(error)? {
        ReportError::OtherRound {
            path,
            found,
            wanted,
        } => Some(format!(
            "`{}` 中的比较属于另一轮 `{found}`，不是 `{wanted}`",
            path.display()
        )),
        ReportError::File { path, message } => {
            Some(format!("无法生成 `{}`：{message}", path.display()))
        }
        ReportError::Picture { message } => Some(format!("无法绘制图片：{message}")),
        ReportError::Round(_) | ReportError::Folder(_) | ReportError::Stopped(_) => None,
    }
}

fn written(error: &anyhow::Error) -> Option<String> {
    Some(match cause::<WrittenError>(error)? {
        WrittenError::Unreadable { path, source } => {
            format!("无法读取 `{}`：{}", path.display(), refusal(source))
        }
        WrittenError::Manifest { path, message } => {
            let fault = parser::in_chinese(message, None);
            format!("`{}` 不是一轮的记录：{fault}", path.display())
        }
        WrittenError::Changed(path) => format!("`{}` 在写出后被改动", path.display()),
        WrittenError::Newer { path, version } => {
            format!(
                "`{}` 由较新的版本 {version} 写出，本程序为 {}",
                path.display(),
                env!("CARGO_PKG_VERSION")
            )
        }
        WrittenError::Broken { path, message } => {
            let fault = parser::in_chinese(message, None);
            format!("`{}` 无法理解：{fault}", path.display())
        }
        WrittenError::Absent { folder, name } => {
            format!("`{}` 的这一轮没有 `{name}`", folder.display())
        }
    })
}

/// The way out of an error that is no finding.
pub(crate) fn hint(error: &anyhow::Error, lang: Lang) -> Option<String> {
    if let Some((round, _)) = no_reports(error) {
        let round = round.display();
        return Some(match lang {
            Lang::Zh => format!("结果完整可用；排除原因后运行 fuwutu report {round}"),
            Lang::En => format!(
                "the round is whole and can be used; settle the cause, then run `fuwutu report {round}`"
            ),
        });
    }
    if let Some(Refused { hint: [zh, en], .. }) = cause(error) {
        return Some(lang.pick(zh, en).to_owned());
    }
    way_out(error, lang).map(str::to_owned)
}

fn way_out(error: &anyhow::Error, lang: Lang) -> Option<&'static str> {
    if unprinted(error).is_some() {
        return Some(lang.pick(
            "腾出空间，或把输出转到别处；写入文件的结果不受影响",
            "make room, or send the output elsewhere; what goes to files is not affected",
        ));
    }
    if cause::<NoThreads>(error).is_some() {
        return Some(lang.pick(
            "用 --threads 1，或提高系统允许的进程数（ulimit -u）；没有改动任何内容",
            "use `--threads 1`, or raise the number of processes that the system allows (`ulimit -u`); nothing was changed",
        ));
    }
    if let Some(error) = cause::<FolderError>(error) {
        return Some(match error {
            FolderError::NotFolder(_) => {
                lang.pick("换一个 --out 文件夹", "choose another folder for --out")
            }
            FolderError::Occupied(_) => lang.pick(
                "加 --overwrite 替换，或换一个文件夹",
                "add --overwrite to replace it, or choose another folder",
            ),
            FolderError::HasReport(_) => lang.pick(
                "加 --overwrite 重新生成",
                "add --overwrite to make them again",
            ),
            FolderError::OtherKind { .. } => lang.pick(
                "换一个文件夹：一轮只替换一轮，比较只替换比较",
                "choose another folder: a round replaces a round only, a comparison a comparison",
            ),
            FolderError::ReadFile(_) => lang.pick(
                "换一个 --out 文件；没有改动任何内容",
                "choose another file for --out; nothing was changed",
            ),
            FolderError::Read { .. } => lang.pick(
                "换一个 --out 文件夹；没有改动任何内容",
                "choose another folder for --out; nothing was changed",
            ),
            FolderError::NotFile(_) => {
                lang.pick("换一个 --out 文件", "choose another file for --out")
            }
            FolderError::FileThere(_) => lang.pick(
                "加 --overwrite 替换，或换一个文件",
                "add --overwrite to replace it, or choose another file",
            ),
            FolderError::Busy { .. } => lang.pick(
                "等它结束，或换一个 --out；没有改动任何内容",
                "wait until it ends, or choose another --out; nothing was changed",
            ),
            FolderError::Foreign { .. } => lang.pick(
                "换一个新的或空的文件夹；其中的内容没有改动",
                "choose a new or empty folder; nothing in this one was changed",
            ),
            FolderError::HalfReported { .. } => lang.pick(
                "这一轮结果没有改动；排除原因后对该文件夹再次运行 fuwutu report",
                "the round itself is unchanged; settle the cause, then run `fuwutu report` on this folder again",
            ),
            FolderError::Unreadable { .. } => lang.pick(
                "检查权限和磁盘；没有改动任何内容",
                "check permissions and the disk; nothing was changed",
            ),
            FolderError::Io { .. } => lang.pick(
                "检查权限和磁盘空间；先前的结果没有改动",
                "check permissions and disk space; former results are unchanged",
            ),
        });
    }
    if let Some(error) = cause::<WrittenError>(error) {
        return Some(match error {
            WrittenError::Changed(_) | WrittenError::Broken { .. } => {
                lang.pick("重新运行 evaluate", "run evaluate again")
            }
            WrittenError::Newer { .. } => {
                lang.pick("使用该版本或更新的版本", "use that version, or a newer one")
            }
            WrittenError::Manifest { path, .. } if path.ends_with("compare.json") => lang.pick(
                "该文件在写出后被改动，或由其他版本写出：重新运行 compare",
                "it was changed after it was written, or another version wrote it: run compare again",
            ),
            WrittenError::Manifest { .. } => lang.pick(
                "该文件在写出后被改动，或由其他版本写出：重新运行 evaluate",
                "it was changed after it was written, or another version wrote it: run evaluate again",
            ),
            WrittenError::Unreadable { path, .. } if path.ends_with("compare.json") => lang.pick(
                "给出 compare 写出的文件夹",
                "name a folder that compare wrote",
            ),
            WrittenError::Unreadable { .. } | WrittenError::Absent { .. } => lang.pick(
                "给出 evaluate 写出的文件夹",
                "name a folder that evaluate wrote",
            ),
        });
    }
    if let Some(ReportError::OtherRound { .. }) = cause(error) {
        return Some(lang.pick(
            "给出以这一轮为新一轮的比较（fuwutu compare 旧 新 --out 文件夹）",
            "name a comparison whose new round this is (fuwutu compare OLD NEW --out DIR)",
        ));
    }
    if let Some(error) = cause::<CompareError>(error) {
        return Some(match error {
            CompareError::NoInputs(_) => lang.pick(
                "给出这一轮的评估任务文件（plan.toml），或用 evaluate --keep-inputs 重新评估",
                "name the round's plan (plan.toml), or evaluate it again with --keep-inputs",
            ),
            CompareError::NoRound(_) => lang.pick(
                "给出评估任务文件（plan.toml），或 evaluate --keep-inputs 写出的文件夹",
                "name a plan (plan.toml), or a folder that `evaluate --keep-inputs` wrote",
            ),
            CompareError::Swapped { .. } => lang.pick(
                "先写上一轮，再写本轮",
                "name the old round first, then the new one",
            ),
        });
    }
    if let Some(WriteError::Moved(_)) = cause(error) {
        return Some(lang.pick("重新运行", "run it again"));
    }
    if cause::<OffStreets>(error).is_some() {
        return Some(lang.pick(
            "先写经度再写纬度；或加大评估任务文件中的 travel.snap_m",
            "write the longitude first, then the latitude; or raise `travel.snap_m` in the plan",
        ));
    }
    if cause::<PlanThere>(error).is_some() {
        return Some(lang.pick(
            "init 不覆盖任何文件：移走它，或用 --out 写到别处；已有的评估任务文件用 fuwutu check … --ask 提问",
            "`init` writes over nothing: move it away, or write elsewhere with `--out`; of a plan that is there `fuwutu check … --ask` asks",
        ));
    }
    if cause::<NotEmpty>(error).is_some() {
        return Some(lang.pick("换一个新的或空的文件夹", "choose a new or empty folder"));
    }
    if cause::<NoDecay>(error).is_some() {
        return Some(lang.pick(
            "去掉 --decay，或换一个 --method",
            "leave out --decay, or choose another --method",
        ));
    }
    let plan = cause::<PlanError>(error)?;
    Some(match plan {
        PlanError::Unreadable { .. } => lang.pick(
            "检查路径；`fuwutu synth --demo --out 文件夹` 可生成一个示例",
            "check the path; `fuwutu synth --demo --out DIR` writes a plan to start from",
        ),
        PlanError::Broken {
            slip: Some(Slip::Backslash),
            ..
        } => lang.pick(
            "双引号中的 \\ 是转义符：Windows 路径写作 \"D:/数据/人口.csv\"，或用单引号 'D:\\数据\\人口.csv'",
            "within double quotes `\\` begins an escape: write a Windows path with `/` (\"D:/data/people.csv\") or within single quotes ('D:\\data\\people.csv')",
        ),
        PlanError::Broken {
            slip: Some(Slip::WideSigns),
            ..
        } => lang.pick(
            "该行有中文输入法的符号（如 ＝ “ ” ，）：改为英文半角的 = \" ,",
            "this line has signs of Chinese typing (such as ＝ “ ” ，): write = \" , instead",
        ),
        PlanError::Broken { .. } => lang.pick(
            "`fuwutu schema --markdown` 列出全部的键；`fuwutu synth --demo --out 文件夹` 写出一个完整的示例",
            "`fuwutu schema --markdown` lists all keys; `fuwutu synth --demo --out DIR` writes a whole example",
        ),
        PlanError::Value { .. } => {
            lang.pick("改正文件中的该值", "correct this value in the file named")
        }
        PlanError::UnknownService { .. } => lang.pick(
            "改正编号或名称（`fuwutu services` 列出全部），或在 services.catalogue 中补充",
            "correct the id or name (`fuwutu services` lists all), or add the service to a catalogue of your own (`services.catalogue`)",
        ),
        PlanError::UnknownTag { .. } => lang.pick(
            "改用表中的标签（`fuwutu roads --rules` 列出全部）",
            "use a tag of the table (`fuwutu roads --rules` lists all)",
        ),
        PlanError::UnknownScope { .. } => lang.pick(
            "改用所列之一，或删去 services.scope（即 `national`）",
            "use one of those that are listed, or leave `services.scope` out (`national`)",
        ),
        PlanError::UnknownField { .. } => lang.pick(
            "改用所列的领域名称之一",
            "use one of the fields that are listed",
        ),
        PlanError::NoRoads { .. } => lang.pick(
            "在评估任务文件中写 travel.mode = \"streets\"，并用 inputs.roads 给出路网",
            "write `travel.mode = \"streets\"` in the plan and name the roads under `inputs.roads`",
        ),
        PlanError::NoRadius { .. } => lang.pick(
            "在自己的目录中补充 radius_m，或不选这些服务；半径属于其分钟数，不能与 services.minutes 同用",
            "give them a `radius_m` in a catalogue of your own, or select other services; a radius belongs to its minutes, so other `services.minutes` have none",
        ),
        PlanError::NoLimit { .. } => lang.pick(
            "从 services.select 中删去，或在自己的目录中补充时限",
            "take it out of `services.select`, or give it a limit in a catalogue of your own",
        ),
    })
}
