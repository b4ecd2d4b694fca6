//! Names that no real place has: pretty and rare characters, put together by chance.

use rand::seq::SliceRandom;

use crate::chance::Seed;

const FIRST: &str = "霁岚澜砚笺萤黛漪芷蘅琅璟穗筠绮翎茗萱蓼虹谧珀橙鹂鲤蜓岫暄槿葵霏瑶鸢桐荻麓";
const SECOND: &str = "汀渚屿皋陌栈墩埠浔溪坪湾塘渡垭堰坝林丘谷洲圃篱桥泽沚垄磴津巷";
const BEFORE: [&str; 9] = ["", "上", "下", "东", "西", "南", "北", "新", "小"];

/// An endless list of names.
pub(crate) struct Names(Vec<[char; 2]>);

impl Names {
    /// Every pair of a first and a second character, shuffled.
    pub(crate) fn new(seed: Seed) -> Self {
        let mut pairs: Vec<[char; 2]> = FIRST
            .chars()
            .flat_map(|first| SECOND.chars().map(move |second| [first, second]))
            .collect();
        pairs.shuffle(&mut seed.stream());
        Self(pairs)
    }

    /// The name at a position. All differ: the first thousand have two characters, some eight thousand more three, and later
    /// ones a number.
    pub(crate) fn get(&self, position: usize) -> String {
        let turn = position / self.0.len();
        let pair: String = self.0[position % self.0.len()].iter().collect();
        match BEFORE.get(turn) {
            Some(before) => format!("{before}{pair}"),
            None => format!("{pair}{turn}"),
        }
    }
}

/// A service's name as it stands in the name of a facility: the first of several, without brackets.
pub(crate) fn short(service: &str) -> String {
    let mut depth = 0;
    let outside = service.chars().filter(|&c| {
        depth += i32::from(matches!(c, '(' | '（'));
        let keep = depth == 0;
        depth -= i32::from(matches!(c, ')' | '）'));
        keep
    });
    outside.take_while(|&c| c != '/').collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn twenty_thousand_names_differ() {
        let names = Names::new(Seed(1));
        let distinct: BTreeSet<String> = (0..20_000).map(|position| names.get(position)).collect();
        assert_eq!(distinct.len(), 20_000);
    }

    #[test]
    fn brackets_and_second_names_go() {
        assert_eq!(short("婴幼儿照护(托育)服务设施"), "婴幼儿照护服务设施");
        assert_eq!(
            short("农村留守人口关爱服务点(未保站/社工站)"),
            "农村留守人口关爱服务点"
        );
        assert_eq!(short("老年学校/老年大学(教学点)"), "老年学校");
    }
}
