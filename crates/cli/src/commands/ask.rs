//! Questions in the terminal.

use std::io::BufRead;

use fuwutu_io::finding::Lang;
use fuwutu_io::question::{Edit, Need, OwnKind, Question};

use crate::show;

/// Prints a question with its evidence and its choices.
pub(crate) fn print(question: &Question, number: usize, taken: bool, lang: Lang) {
    let level = match (question.level, taken) {
        (Need::Must, _) => lang.pick("必答", "must be answered"),
        (Need::Default, true) => lang.pick("已按第 1 项处理", "the first choice is taken"),
        (Need::Default, false) => lang.pick(
            "可选，默认第 1 项",
            "the first choice counts where nobody answers",
        ),
    };
    let file = match question.file.as_str() {
        "" => String::new(),
        file => format!(
            "{}{}",
            fuwutu_io::finding::plain(file),
            lang.pick("：", ": ")
        ),
    };
    let text = format!(
        "{number}. [{level}] {file}{}",
        lang.pick(&question.text.zh, &question.text.en)
    );
    show::note(&show::wrapped(&text, show::COLUMNS, "   "));
    let evidence = lang.pick(&question.evidence.zh, &question.evidence.en);
    show::note(&show::wrapped(
        &format!("   {}{evidence}", lang.pick("依据：", "because: ")),
        show::COLUMNS,
        "   ",
    ));
    for (choice, number) in question.choices.iter().zip(1..) {
        let (label, effect) = (
            lang.pick(&choice.label.zh, &choice.label.en),
            lang.pick(&choice.effect.zh, &choice.effect.en),
        );
        show::note(&show::wrapped(
            &format!("     {number}) {label} → {effect}"),
            show::COLUMNS,
            "        ",
        ));
    }
    if let Some(own) = &question.own {
        let say = lang.pick("或写明", "or say");
        let key = match own.kind {
            OwnKind::Names => own.key.rsplit_once('[').map_or(&*own.key, |(list, _)| list),
            OwnKind::Year | OwnKind::Text => &own.key,
        };
        show::note(&format!("     {say} `{key} = …`"));
    }
}

/// Asks a question on the terminal and reads lines from `input` until one answers it: the number of a choice, a text of one's own, or an
/// empty line, by which the first choice counts or a question that must be answered is left open. `None` then, and where the input ends.
pub(crate) fn ask(
    question: &Question,
    number: usize,
    input: &mut dyn BufRead,
    lang: Lang,
) -> Option<Vec<Edit>> {
    print(question, number, false, lang);
    loop {
        show::note(lang.pick(
            "   回答（编号或内容，回车跳过）：",
            "   your answer (a number or a text; Enter leaves it):",
        ));
        let mut line = String::new();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
        match answer(question, line.trim()) {
            Answer::Left => return None,
            Answer::Edits(edits) => return Some(edits),
            Answer::Unclear => {
                show::note(lang.pick("   没有这一项", "   that is none of the answers"));
            }
        }
    }
}

/// What a line says.
#[derive(Debug, PartialEq)]
enum Answer {
    Left,
    Edits(Vec<Edit>),
    Unclear,
}

fn answer(question: &Question, line: &str) -> Answer {
    if line.is_empty() {
        return Answer::Left;
    }
    let number: Option<usize> = line.parse().ok();
    let choice = number.and_then(|number| question.choices.get(number.checked_sub(1)?));
    if let Some(choice) = choice {
        return Answer::Edits(choice.patch.clone());
    }
    let own = question.own.as_ref().and_then(|own| own.edits(line));
    own.map_or(Answer::Unclear, Answer::Edits)
}
