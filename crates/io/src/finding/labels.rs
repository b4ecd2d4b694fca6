//! What the values of findings are, in both languages.

use super::Kind;

/// Where things stand that are there more than once.
pub(super) const PLACES: [&str; 2] = ["所在行", "rows"];
/// The same in a layer.
pub(super) const FEATURES: [&str; 2] = ["要素", "features"];

/// What the value of a finding of this kind is.
pub(super) fn of_value(kind: Kind) -> [&'static str; 2] {
    use Kind::*;
    match kind {
        IdTwice | PointTwice | CrosswalkTwice | HousingTwice | FacilityDiffers | PartsDiffer
        | FeaturesJoined => PLACES,
        ColumnMissing | ColumnEither => ["现有列名", "headers there"],
        ColumnsUnused | ColumnMeant => ["列名", "headers"],
        ColumnUnknown => ["可用的列", "columns there are"],
        AgesEstimated => ["缺少的列", "columns missing"],
        CsvBroken => ["单元格", "cells"],
        Delimiter => ["分隔符", "delimiter"],
        SumRowDiffers => ["合计 ≠ 各行之和（差）", "sum ≠ rows (difference)"],
        RowsBlank | RowsLeftOut | ExampleRows | TitleSkipped | ServiceRefused | NoneExistRows => {
            ["行数", "rows"]
        }
        CommunityTwice => PLACES,
        ResidentsUnit => ["单位", "unit"],
        PeopleFew => ["常住人口 / 社区数", "residents / communities"],
        CodeNameDiffers => ["名称 ≠ 代码所指", "name ≠ that of the code"],
        FileOutside => ["设施数", "facilities"],
        NameUnknown | NameLeftOut => [
            "行数和居民 ≈ 相近的名称",
            "rows and residents ≈ a name like it",
        ],
        NameTwice => [
            "同名的（行数和居民）",
            "those that have it (rows and residents)",
        ],
        NameUnlisted => ["所属", "of"],
        KindsOther | KindsNone => ["类别（行数）", "kinds (rows)"],
        KindUndecided => ["类型和名称", "type and name"],
        KindTarget => ["服务", "service"],
        IdsMade => ["数量", "how many"],
        FacilitiesAlike => ["组数 / 设施数", "groups / facilities"],
        CapacityOdd => ["规模 / 中位数", "capacity / median"],
        SumDiffers => ["下级之和 ≠ 总数", "sum of the parts ≠ total"],
        MatchedByName => ["方式 名称数（行数）", "way names (rows)"],
        CodeRestored => ["原文", "as written"],
        CodesInvented | ClassListed | CodeAbolished | CodeAbove => ["数量", "how many"],
        NothingOpen | FileUnreached => ["设施数", "facilities"],
        FileUnreadable | JsonBroken | NotLayer | GeometryBroken | DemBroken | PbfBroken
        | RasterBroken | NoStreets => ["原因", "reason"],
        FormForeign | FormNotBuilt => ["文件种类", "kind of file"],
        LayerBroken => ["原因", "reason"],
        SideMissing => ["缺少的文件", "missing file"],
        SidesDiffer => [".shp ≠ .dbf", ".shp ≠ .dbf"],
        IndexDiffers => [".shp ≠ .shx", ".shp ≠ .shx"],
        EncodingContradicts => ["声明 ≠ 实际", "declared ≠ found"],
        FieldsUnread | PlaceTwice => ["列名", "headers"],
        RecordsDeleted => ["记录数", "records"],
        LayerUnknown | LayersSeveral => ["现有图层", "layers there"],
        AreasAsPoints => ["面的个数", "areas"],
        BookBroken | BookTooLarge => ["原因", "reason"],
        SheetUnknown => ["现有工作表", "sheets there"],
        SheetNone => ["各表的列名", "headers of the sheets"],
        SheetChosen | SheetsSeveral => ["其余工作表", "other sheets"],
        CellsHidden | CellsMerged | FormulaUnsaved | FormulaFailed | CellsBeside => {
            ["数量", "counts"]
        }
        CrsUnknown | CrsNoTransformation => ["坐标系", "system"],
        DatumDoubted => ["现在 → 若是", "now → if it were"],
        DatumMixed | PlacesCoarse => ["点数", "places"],
        CrsContradicts => ["图层自带 ≠ 声明", "of the layer ≠ of the plan"],
        ResidentialUnknown => ["缺少的社区", "communities without it"],
        Parts => ["块数", "parts"],
        Overlap | Gap | Outside | Sliver => ["面积", "area"],
        Unplaced | Elsewhere | Swapped | NotDegrees | NotInCrs | DegreeBeyond | TooWide
        | SelfCrossing => ["坐标", "place"],
        Astray => ["社区和距离", "community and distance"],
        TotalDiffers => ["图层 ≠ 需求点之和", "layer ≠ demand points"],
        AgesDiffer => ["各年龄之和 ≠ 常住人口", "sum of the ages ≠ residents"],
        NoPoints => ["常住人口", "residents"],
        PeopleSpread => [
            "社区数：人数，方式，社区平均宽度",
            "communities: people, way, mean width of the communities",
        ],
        SpreadMatters => [
            "本方式 / 另一方式 [至少–至多]",
            "this way / the other one [at least–at most]",
        ],
        CapacityMissing | SizeUnit => ["单位 ≠ 目录", "unit ≠ catalogue's"],
        CapacityDefault => ["默认值", "default"],
        FacilityTwice | FacilityOutside | FacilityUnsnapped | FacilityStraight
        | FacilityOtherPart => ["名称", "name"],
        HubUnknown => ["牵头机构", "hub"],
        IdQualified => ["新编号", "new id"],
        ServicesNotSupplied | ServicesNoData => ["服务", "services"],
        ServiceAbsent => ["服务", "service"],
        CapacityUnitChanged | CodeCarried | EarlierFresh | ObservedFresh => ["变更", "change"],
        CrosswalkLater => ["年份", "year"],
        CrosswalkUnknown => ["新代码", "new code"],
        EarlierPartial | ObservedPartial => ["原代码", "old code"],
        EarlierCarried | ObservedCarried => ["换算", "carried"],
        HousingBeyond => ["年份：倍数", "year: factor"],
        GrowthHuge => ["年份：人口", "year: residents"],
        AgesUnfit => ["所要 → 所用", "asked → used"],
        ControlFar => ["控制数 / 基期年人口", "total / residents at the base"],
        EdgeShort => ["长度 < 直线（米）", "length < straight line (m)"],
        EdgeLong => ["长度 > 几何（米）", "length > shape (m)"],
        RoadsRead | RoadsNetwork | RoadsOutside | NodesMissing | ConditionUnread | NodeTwice
        | NodesSamePlace | PbfCut | NodesJoined | EndsInAreas | EndsNear | EdgeLoop
        | DemOutside | Unsnapped | Roadless | UnsnappedStraight | OtherPart | LegsCutOff
        | LegsOverWalls => ["数量", "counts"],
        WeightsDiffer | WeightsOutside | WeightsAssumed | WeightsNotHomes => ["数量", "counts"],
        WeightsLeftOut => ["数量和首个原因", "counts and the first reason"],
        WeightsMissing => ["常住人口", "residents"],
        WeightsMeasure => ["列", "column"],
        UseUnread => ["用途", "uses"],
        RasterEmpty => ["经纬度范围", "degrees"],
        RasterOdd => ["单元数 × 值", "cells × value"],
        RoadsElsewhere => ["文件中缺少", "missing in the file"],
        LastUnitUnknown => ["单元", "unit"],
        PairUnknown | PairNone | PairEmpty | PairTwice => ["数量", "counts"],
        PairDiffers => ["时间（分钟）", "times (minutes)"],
        _ => ["值", "value"],
    }
}

/// What the column of a finding of this kind holds, where it is no column: a mode, or the sort of a fault between areas.
pub(super) fn of_column(kind: Kind) -> Option<[&'static str; 2]> {
    use Kind::*;
    match kind {
        RoadsNetwork => Some(["方式", "mode"]),
        LayerUnknown | LayersSeveral => Some(["图层", "layer"]),
        Overlap | Gap | Outside | Sliver => Some(["类型", "sort"]),
        _ => None,
    }
}

/// Whether the values of a kind are measures, whose words [`measure_in_chinese`] knows.
pub(super) fn is_measure(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        RoadsRead
            | RoadsNetwork
            | RoadsOutside
            | NodesMissing
            | NodesSamePlace
            | ConditionUnread
            | PbfCut
            | NodesJoined
            | EndsInAreas
            | EndsNear
            | EdgeLoop
            | DemOutside
            | NoStreets
            | Unsnapped
            | Roadless
            | UnsnappedStraight
            | RoadsElsewhere
            | OtherPart
            | LegsCutOff
            | LegsOverWalls
            | DatumDoubted
            | DatumMixed
            | PlacesCoarse
            | EarlierCarried
            | ObservedCarried
            | PairEmpty
            | PairTwice
            | CellsHidden
            | CellsMerged
            | MatchedByName
            | WeightsDiffer
            | WeightsOutside
            | WeightsAssumed
            | WeightsNotHomes
    )
}

/// The words of measures, longer ones first.
const MEASURES: [(&str, &str); 49] = [
    (" of the header", "表头"),
    ("name_in_township", "镇（街道）内的名称"),
    ("normalised_name", "规范化后的名称"),
    ("name ", "名称 "),
    (" places near the city", " 个点在本城市附近"),
    (" corners in their township", " 个界点在所属镇街内"),
    ("people in the communities", "社区人口"),
    ("communities off by over half", "相差一半以上的社区"),
    ("people in the grid", "栅格人口"),
    ("dwellings", "户"),
    ("buildings", "栋建筑"),
    (" m to the nearest demand point", " 米到最近的需求点"),
    (" points in their community", " 个点在所属社区内"),
    (" m to the nearest street", " 米到最近的道路"),
    ("median of", "中位数，共"),
    ("of these open to nobody", "其中任何人不可通行"),
    ("streets open to nobody", "任何人不可通行的道路"),
    ("open to nobody", "任何人不可通行"),
    ("to unknown nodes", "端点不详"),
    ("far from the city", "远离城市"),
    ("without length", "没有长度"),
    ("used by ways", "道路引用"),
    ("facilities", "处设施"),
    ("relations", "关系"),
    ("residents", "人"),
    ("too short", "过短"),
    ("left out", "不计"),
    ("car_bus", "机动车"),
    ("longest", "最长"),
    ("outside", "越界"),
    ("overlap", "重叠"),
    ("streets", "道路"),
    ("closed", "不可通行"),
    ("ebike", "电动自行车"),
    ("codes", "个代码"),
    ("tags", "标签"),
    ("columns", "列"),
    ("cells", "单元格"),
    ("edges", "路段"),
    ("gap", "空隙"),
    ("nodes", "节点"),
    ("parts", "连通块"),
    ("units", "个单元"),
    ("rows", "行"),
    ("part ", "连通块 "),
    ("walk", "步行"),
    ("ways", "道路对象"),
    (" of ", " / "),
    (" at ", "，位于 "),
];

/// A measure such as `nodes 12, streets 3` with its words in Chinese.
pub(super) fn measure_in_chinese(value: &str) -> String {
    let words = MEASURES.iter();
    words.fold(value.to_owned(), |text, (en, zh)| text.replace(en, zh))
}

/// Whether findings of a kind differ by what their values say, so that these are counted.
pub(super) fn counts_values(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        ServiceUnknown
            | StatusUnknown
            | ClassUnknown
            | OwnershipUnknown
            | ClassOfRoadUnknown
            | RoadWordUnknown
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_measure_is_left_in_english() {
        for (value, expected) in [
            ("nodes 2642, streets 194", "节点 2642, 道路 194"),
            (
                "walk 81, car_bus 90 of 378675 residents, 2 units",
                "步行 81, 机动车 90 / 378675 人, 2 个单元",
            ),
            (
                "1434 km; parts 75, longest 97.1 %; too short 16 km, closed 800 km",
                "1434 km; 连通块 75, 最长 97.1 %; 过短 16 km, 不可通行 800 km",
            ),
            (
                "nodes 3, ways 2, relations 1, streets 2, of these open to nobody 1",
                "节点 3, 道路对象 2, 关系 1, 道路 2, 其中任何人不可通行 1",
            ),
            (
                "3 codes, 80 residents, 2 left out",
                "3 个代码, 80 人, 2 不计",
            ),
            ("outside", "越界"),
            (
                "name 3 (40), name_in_township 2 (2)",
                "名称 3 (40), 镇（街道）内的名称 2 (2)",
            ),
            (
                "walk 6000 of 12000 residents, 2 facilities; part 4.8 km at 104.06512 30.65731",
                "步行 6000 / 12000 人, 2 处设施; 连通块 4.8 km，位于 104.06512 30.65731",
            ),
        ] {
            assert_eq!(measure_in_chinese(value), expected);
        }
    }
}
