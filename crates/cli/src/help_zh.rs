//! `--help` in Chinese: clap has one language, so its texts are replaced one by one. What is not listed stays English.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Command, ValueEnum};

use crate::args::Measure;

/// The command with Chinese texts.
pub(crate) fn translated(command: Command) -> Command {
    let command = command
        .about("整座城市的公共服务地图：不超过 10 万人的单元、15 分钟可达、三年供需评估、配置优先次序。全程离线。")
        .long_about(None);
    let names: Vec<String> = command
        .get_subcommands()
        .map(|subcommand| subcommand.get_name().to_owned())
        .collect();
    let command = arguments(command, "");
    names.into_iter().fold(command, |command, name| {
        let about = about(&name);
        command.mut_subcommand(&name, |subcommand| {
            arguments(subcommand, &name).about(about)
        })
    })
}

fn about(command: &str) -> &'static str {
    match command {
        "demo" => "评估内置的模拟示例城市",
        "check" => {
            "读取评估任务文件所列的各文件，列出各文件每行的去向和数据质检问题；有需确认问题时退出码为 1"
        }
        "units" => "把镇（街道）划分为单元",
        "coverage" => "各服务的覆盖情况",
        "evaluate" => "完整一轮：单元、可达、供需、优先次序",
        "roads" => "评估任务文件的路网：可用多少、略去了什么、谁距道路过远",
        "isochrone" => "从一点出发在给定时间内能到达的道路",
        "matrix" => "需求点到设施的出行时间表（时限以内）",
        "access" => "由出行时间表计算可达性（2SFCA 等），时间表可来自任何路径引擎",
        "rank" => "显示已写出的一轮的优先次序",
        "report" => "生成已写出的一轮的报告：地图页、工作簿、单元图则、图片、图层，以及公开版",
        "synth" => "生成一座模拟城市：输入文件和评估任务文件",
        "compare" => "两轮之间变化了什么，各因何而变",
        "services" => "服务要素配置表：标准值、依据和依据可靠性",
        "schema" => "打印评估任务文件的 JSON Schema，供编辑器补全和检查",
        _ => "",
    }
}

fn arguments(command: Command, name: &str) -> Command {
    let ids: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    let command = ids.into_iter().fold(command, |command, id| {
        match own(name, &id).or_else(|| argument(&id)) {
            Some(help) => command.mut_arg(&id, |argument| argument.help(help)),
            None => command,
        }
    });
    if name == "access" {
        command.mut_arg("method", |argument| argument.value_parser(measures()))
    } else {
        command
    }
}

/// The measures, each with a Chinese text.
fn measures() -> impl TypedValueParser<Value = Measure> {
    let values: Vec<_> = Measure::value_variants()
        .iter()
        .filter_map(|value| Some(value.to_possible_value()?.help(measure(*value))))
        .collect();
    PossibleValuesParser::new(values).try_map(|name| Measure::from_str(&name, false))
}

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::TwoStep => "人均容量，两步移动搜索法",
        Measure::ThreeStep => "2SFCA，并计人在可达设施之间的选择",
        Measure::Modified => "2SFCA，并扣除距离造成的损失",
        Measure::Balanced => "均衡：每人只计一次，容量总和不守恒",
        Measure::Crowding => "各设施的每单位容量人数",
        Measure::Availability => "空间可用量：一个需求点全体居民可分得的容量",
        Measure::Gravity => "可达容量，按时间加权，不计竞争",
        Measure::Cumulative => "时限内的容量和设施数",
        Measure::Nearest => "到最近设施的分钟数",
    }
}

/// What an argument means in this command alone.
fn own(command: &str, id: &str) -> Option<&'static str> {
    Some(match (command, id) {
        ("demo", "out") => "结果文件夹；其中先前的示例结果会被替换",
        ("units" | "coverage", "out") => "图层和表格的文件夹；不写则打印表格",
        ("isochrone" | "matrix" | "access", "out") => "结果文件；`-` 为打印",
        ("roads", "out") => {
            "略去内容的 GeoJSON 文件：禁行道路、孤立路段、距道路过远的需求点和设施；`-` 为打印"
        }
        ("roads", "rules") => "显示通行规则表（含评估任务文件的改动），不显示路网",
        ("roads", "format") => "格式：table 表格，csv 逐条，json 完整的规则",
        ("synth", "out") => "写入文件的文件夹；须是新的或空的",
        ("check" | "isochrone" | "matrix" | "access" | "roads", "overwrite") => "替换该文件",
        ("compare", "overwrite") => "替换文件夹中先前的比较",
        ("report", "overwrite") => "替换先前的报告",
        ("services", "plan") => "显示该评估任务文件的服务要素配置表；不写则为内置的",
        ("services", "service") => "只显示这些服务，写编号或任一名称",
        ("services", "scope") => {
            "采用哪一适用范围的标准，如 `chengdu`；默认按评估任务文件，或 `national`"
        }
        ("services", "format") => {
            "格式：table 表格，csv 逐条依据，json 完整的行，toml 可修改后用作 services.catalogue"
        }
        ("services", "out") => "结果文件，未指定格式时为 CSV；`-` 为打印",
        ("services", "overwrite") => "替换该文件",
        _ => return None,
    })
}

fn argument(id: &str) -> Option<&'static str> {
    Some(match id {
        "lang" => "提示语言；默认按环境变量（FUWUTU_LANG、LC_ALL、LANG）",
        "threads" => "线程数；默认用全部核心，结果与之无关",
        "plan" => "评估任务文件（TOML 文件）",
        "json" => {
            "同样内容的 JSON 文件：各文件每行的去向和全部数据质检问题；`-` 为打印（不再打印表格）"
        }
        "out" => "结果文件夹",
        "overwrite" => "替换文件夹中先前的一轮",
        "points" => "同时写出每个需求点到最近设施的分钟数和可达设施数",
        "timings" => "显示各阶段用时",
        "all" => "同时写出可用的道路",
        "mode" => "出行方式",
        "from" => "起点的经度和纬度（度）",
        "minutes" => "分钟数",
        "tolerance" => "轮廓超出道路的距离（米）",
        "folder" => "已写出的一轮所在文件夹",
        "top" => "只显示前若干位",
        "residents" => "人口；其余按成都 2,100 万人的比例",
        "demo" => "内置示例所用的城市",
        "streets" => "带路网：约有这么多路口的粗糙格网",
        "costs" => "出行时间表：from、to、minutes 或 seconds；fuwutu matrix 的结果即可",
        "demand" => "需求表：id、residents",
        "supply" => "供给表：id、capacity；有多项服务时另有 service",
        "method" => "计算什么；E2SFCA 即 2sfca 用 step 衰减，KD2SFCA 即用 epanechnikov",
        "decay" => {
            "权重随时间的衰减（默认 gaussian）：binary、gaussian、epanechnikov、step、step:10=1,20=0.68,30=0.22、exponential:0.1、power:1,1 或 logistic:10,3"
        }
        "limit" => "最长出行时间（分钟），恰好等于也算",
        "service" => "只用时间表中 service 列为此值的行；供给表有 service 列时也是",
        "costs_columns" => "时间表的列名不同时：from=O,to=D,minutes=T",
        "demand_columns" => "需求表的列名不同时：id=..,residents=..",
        "supply_columns" => "供给表的列名不同时：id=..,capacity=..,service=..",
        "seed" => "随机种子；不同种子生成不同城市",
        "later" => "三年后的示例：两个镇（街道）、两个社区合并，人口流入，设施开放与关闭",
        "no_report" => "不生成报告，只写图层和表格；之后可用 fuwutu report 文件夹 生成",
        "strict" => "有需确认的数据质检问题时不写出任何文件，退出码为 1",
        "change" => "与上一轮的比较所在文件夹，在地图页中显示",
        "keep_inputs" => "同时保存评估任务文件及其全部文件的副本，供日后比较",
        "markdown" => "改为打印全部键的说明（Markdown）",
        "old" => "上一轮：评估任务文件，或保存了输入的结果文件夹",
        "new" => "本轮",
        _ => return None,
    })
}
