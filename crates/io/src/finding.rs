//! What reading noticed: file, row, column, value, and what was done about it. In Chinese and in English.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fuwutu_core::service::Service;
use serde::{Deserialize, Serialize};

use crate::parser;

pub mod account;
mod labels;
pub mod summary;

use account::{Account, Role};

/// The language of messages. Figures, file names, columns and keys never depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// One of two texts.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// What follows from a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Told, nothing to do.
    Notice,
    /// The work goes on by a stated rule, but somebody should look at the input, because figures depend on it: `check` ends with 1.
    Decision,
    /// The work cannot go on.
    Error,
}

impl Level {
    /// For files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Decision => "decision",
            Self::Error => "error",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Notice => lang.pick("说明", "notice"),
            Self::Decision => lang.pick("需确认", "decision"),
            Self::Error => lang.pick("错误", "error"),
        }
    }
}

/// All kinds of findings: name in code, name in files, level, problem (Chinese, English), and what was done or
/// should be (Chinese, English).
macro_rules! kinds {
    ($($kind:ident $code:literal $level:ident $zh:literal $en:literal $then_zh:literal $then_en:literal)*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $(#[doc = $en] $kind,)*
        }

        impl Kind {
            /// For files: never changes.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// The kind with a code.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$kind),)* _ => None }
            }

            /// What follows from it.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(Self::$kind => Level::$level,)* }
            }

            /// What is the matter.
            #[must_use]
            pub fn what(self, lang: Lang) -> &'static str {
                match self { $(Self::$kind => lang.pick($zh, $en),)* }
            }

            /// What was done, or what to do.
            #[must_use]
            pub fn then(self, lang: Lang) -> &'static str {
                match self { $(Self::$kind => lang.pick($then_zh, $then_en),)* }
            }
        }
    };
}

kinds! {
    // Files and text.
    FileMissing "file_missing" Error "文件不存在" "the file is not there"
        "检查评估任务文件中的路径（相对于该文件）" "check the path in the plan; it is relative to the plan file"
    PathEscaped "path_escaped" Error "路径中有控制字符：评估任务文件双引号中的 \\t、\\n 等是转义符" "the path has control characters: within the double quotes of a plan `\\t`, `\\n` and the like are escapes"
        "Windows 路径用 / 分隔，或写在单引号中：'D:\\数据\\人口.csv'" "write a Windows path with `/`, or within single quotes: 'D:\\data\\people.csv'"
    FileUnreadable "file_unreadable" Error "文件无法读取" "the file cannot be read"
        "检查权限，或关闭占用它的程序" "check its permissions, or close the program that holds it"
    FormForeign "form_foreign" Error "此处不能读取这种文件" "a file of this kind is not read here"
        "把其中的表另存为 xlsx 或 CSV，图层另存为 GeoJSON、Shapefile 或 GeoPackage" "save its table as xlsx or CSV, its layer as GeoJSON, Shapefile or GeoPackage"
    FormNotBuilt "form_not_built" Error "本程序编译时未包含读取这种文件的功能" "this program was built without what reads such files"
        "使用发布版的程序，或另存为 GeoJSON 或 Shapefile" "use a released program, or save it as GeoJSON or Shapefile"
    FileEmpty "file_empty" Error "文件为空" "the file is empty" "导出后重新放入" "export it again"
    Utf16 "utf16" Error "文件是 UTF-16 编码，此处不能读取" "the file is UTF-16, which is not read here" "另存为 UTF-8 或 GBK" "save it as UTF-8 or GBK"
    Utf16Read "utf16_read" Notice "编码为 UTF-16（Excel 的“Unicode 文本”）" "the encoding is UTF-16, which Excel calls Unicode text" "已按 UTF-16 读取" "read as UTF-16"
    NulByte "nul_byte" Error "文本文件中有空字节" "a text file holds a zero byte" "重新导出为文本" "export it again as text"
    Undecodable "undecodable" Error "既非 UTF-8 也非 GB18030，或两者混用" "neither UTF-8 nor GB18030, or a mixture of both"
        "统一另存为 UTF-8" "save the whole file as UTF-8"
    Gb18030 "gb18030" Notice "编码为 GB18030（GBK）" "the encoding is GB18030 (GBK)" "已按 GB18030 读取" "read as GB18030"
    // Workbooks.
    BookBroken "book_broken" Error "工作簿无法读取" "the workbook cannot be read" "用 Excel 或 WPS 打开后另存为 xlsx" "open it in Excel, WPS or LibreOffice and save it as xlsx"
    BookTooLarge "book_too_large" Error "工作簿过大，或其内容与声明不符" "the workbook is larger than what is read, or than it says" "只留下要用的工作表和列，或另存为 CSV" "keep the sheets and columns that are needed, or save the sheet as CSV"
    SheetUnknown "sheet_unknown" Error "工作簿中没有该工作表" "the workbook has no sheet of this name" "改用所列名称之一" "use one of those listed"
    SheetNone "sheet_none" Error "没有一张工作表有所需的列" "no sheet has the columns that are needed" "补上所列的列，或在评估任务文件的 columns 中写明它们的名称，在 sheet 中写明用哪一张表" "add those named, or say under `columns` in the plan what they are called, and under `sheet` which sheet is meant"
    SheetChosen "sheet_chosen" Notice "工作簿有几张工作表，读取第一张列名相符的" "the workbook has several sheets, of which the first that has the columns is read" "其余未读；要用另一张，在评估任务文件的 sheet 中写明" "the others are passed over; name one under `sheet` in the plan if it is meant"
    SheetsSeveral "sheets_several" Decision "几张工作表都有所需的列，读取第一张" "several sheets have the columns; the first is read" "其余未读；在评估任务文件的 sheet 中写明用哪一张" "the others are passed over; name the one that is meant under `sheet` in the plan"
    CellsHidden "cells_hidden" Decision "有隐藏的列，或隐藏、被筛选掉的行" "columns are hidden, or rows hidden or filtered out" "照常读取；不应计入的请从表中删去" "they are read like the others: remove what is not to be counted"
    CellsMerged "cells_merged" Notice "有合并的单元格" "there are merged cells" "多行表头已并为一行；数据中合并的文字或代码已填入各行" "a header of several rows was joined to one; text and codes of merged cells were filled into each of their rows"
    FormulaUnsaved "formula_unsaved" Decision "公式没有保存计算结果（首处如左）" "formulas were saved without their results, here for the first time" "按所写的公式读取，不作数值；用 Excel 或 WPS 打开并保存一次" "read as the formula, which is no number: open the workbook in Excel or WPS and save it once"
    FormulaFailed "formula_failed" Decision "公式出错（#REF!、#DIV/0! 等，首处如左）" "formulas have no result (`#REF!`, `#DIV/0!`), here for the first time" "原样读取，不作数值；请改正公式" "read as they are, which is no number: correct the formulas"
    CellsBeside "cells_beside" Notice "表格右侧另有内容（首处如左）" "there are cells to the right of the table, here for the first time" "未读取" "passed over"
    // Tables.
    Delimiter "delimiter" Notice "分隔符不是逗号" "the delimiter is no comma" "已按该分隔符读取" "read with this one"
    ColumnMissing "column_missing" Error "缺少列" "columns are missing"
        "补上所列的列，或在评估任务文件的 columns（fuwutu access 为 --…-columns）中写明它们的名称" "add those named, or say under `columns` in the plan what they are called (for `fuwutu access`, by `--…-columns`)"
    ColumnUnknown "column_unknown" Error "columns 中有未知的列" "`columns` has a name that is no column" "改用所列名称之一" "use one of those listed"
    ColumnTwice "column_twice" Error "列名重复" "two columns have the same name" "删去其一" "remove one"
    ColumnsUnused "columns_unused" Notice "有未使用的列" "there are columns that are not used"
        "不影响计算；若其中有应读取的，改列名或在评估任务文件的 columns 中写明" "passed over; where one is meant to be read, rename it or name it under `columns` in the plan"
    ColumnMeant "column_meant" Decision "有未识别的列，其中一些可能指箭头后的列" "columns are not recognised; some probably mean the one after the arrow"
        "未读取；改列名，或在评估任务文件的 columns 中写明" "passed over; rename them, or name them under `columns` in the plan"
    CsvBroken "csv_broken" Error "行的列数不对，或引号未闭合" "a row has another number of columns, or a quote is not closed"
        "在该行附近检查引号和分隔符" "look for a quote or a delimiter near this line"
    NoRows "no_rows" Decision "只有表头，没有数据" "there is a header and no row" "按没有数据计算" "computed without data"
    // Ids and numbers.
    RowsBlank "rows_blank" Notice "有空白行" "rows without any content" "已跳过" "skipped"
    CodeDestroyed "code_destroyed" Error "代码被电子表格写成科学计数法，末几位已丢失" "a spreadsheet wrote the code with an exponent: its last digits are lost"
        "在原始数据中把该列设为文本后重新导出" "export it again from the source, with the column as text"
    IdMissing "id_missing" Error "缺少编号或代码" "an id or code is missing" "补上编号" "give it one"
    IdTwice "id_twice" Error "编号或代码重复" "an id or code occurs twice" "改正其一" "correct one of them"
    FeaturesJoined "features_joined" Decision "几个要素的代码相同，名称、城乡分类等也相同" "several features have one code, and the same name, class and so on"
        "合为一个由多块组成的区域，人口只计一次；若不是同一处，请改正代码" "joined to one area of several parts, whose residents count once; correct the code where they are not one place"
    PartsDiffer "parts_differ" Error "代码和名称相同的要素，城乡分类或人口不同" "features of one code and name differ in class or residents"
        "若是同一处的几块，使其属性一致（人口写全部的总数）；否则改正代码" "where they are parts of one place, give them the same properties, with all its residents; otherwise correct the code"
    PointTwice "point_twice" Decision "同一社区、同一位置、同样人口的需求点重复" "two demand points have the same community, place and residents"
        "原样使用，人口计两次；若是重复的行，请删去其一" "used as they are, so that the residents count twice; remove one if the row was copied"
    ParentUnknown "parent_unknown" Error "引用的代码不存在" "it refers to a code that is not there"
        "改正代码，或补上所引用的镇（街道）或社区（村）" "correct the code, or add the township or community it means"
    RowsLeftOut "rows_left_out" Notice "有合计、小计或附注行" "rows of sums or notes" "未计入" "left out"
    SumRowDiffers "sum_row_differs" Decision "合计或小计与各行之和不符" "a sum is not what the rows add up to" "合计行不计入，以各行为准；请核对" "the row of the sum is left out and the rows count: check which is right"
    ExampleRows "example_rows" Notice "有模板的示例行" "rows are examples of the template" "未计入" "left out"
    HeaderTimes "header_times" Notice "列名注明单位为“万”" "a header says that its numbers are in tens of thousands" "已乘以 10,000" "multiplied by 10,000"
    IdentityNumbers "identity_numbers" Error "有身份证号码等个人证件号" "a column holds identity numbers of persons" "请删去该列后重新提供；本程序不读取、不保存个人信息" "remove the column and supply the table again: nothing of persons is read or kept"
    PhonesUsed "phones_used" Error "要读取的列中是电话号码" "a column that is to be read holds phone numbers" "请改用其他列，或删去该列" "use another column, or remove it"
    PhonesPassed "phones_passed" Notice "有电话或手机号码列" "there are columns of phone numbers" "未读取，不写入任何成果" "passed over, and in no output"
    TitleUnit "title_unit" Error "表头上方注明的单位是万、千人、百人或户" "a line above the header says that numbers are in tens of thousands, thousands, hundreds or households" "请换算为个（人）后重新导出，或在数字后写“万”" "give plain numbers, or write 万 behind each"
    TitleSkipped "title_skipped" Notice "表头上方有标题行" "lines stand above the header" "已跳过" "skipped"
    NumberWorded "number_worded" Notice "数字带千位分隔符、单位、“约”或“万”（首处如左）" "numbers are written with separators, units, 约 or 万, here for the first time"
        "已按数值读取，万为 10,000" "read as the number they say; 万 is 10,000"
    NumberUnknown "number_unknown" Notice "数字列中写有“—”“不详”等（首处如左）" "cells of numbers say that these are not known, here for the first time" "按未知处理" "taken as not known"
    DigitsWide "digits_wide" Notice "数值用全角数字书写（首处如左）" "numbers are written in full-width digits, here for the first time" "已按半角数字读取" "read as plain digits"
    NumberMissing "number_missing" Error "缺少数值" "a number is missing" "补上数值；确实没有时写 0" "give it; write 0 where there is nothing"
    NumberBroken "number_broken" Error "不是数值" "this is no number"
        "只写数字，如 42000（42,000、4.2万、约200、200人 也可）；不要写范围、汉字数字或其他单位" "write digits, such as 42000 (42,000, 4.2万, 约200 and 200人 are read, too); no ranges, Chinese numerals or other units"
    NumberNegative "number_negative" Error "数值为负" "the number is negative" "改正数值" "correct it"
    NumberHuge "number_huge" Error "数值过大" "the number is too large" "改正数值" "correct it"
    YearBroken "year_broken" Error "不是年份" "this is no year" "写四位年份，如 2027" "write four digits, such as 2027"
    StatusUnknown "status_unknown" Error "状态无法识别" "the status is unknown"
        "写 existing/committed/planned/idle/closed（现状/在建/规划/闲置/停用）" "write existing, committed, planned, idle or closed"
    ClassUnknown "class_unknown" Error "城乡分类无法识别" "the urban or rural class is unknown"
        "写 urban/rural，或统计用城乡分类代码 111–123、210、220" "write urban or rural, or the statistical class 111 to 123, 210, 220"
    ResidentialUnknown "residential_unknown" Decision "该服务按居住用地面积配置，而部分社区没有给出" "the service is judged by residential land, which is not given for some communities"
        "这些社区所在单元的配建达标评价为资料不详；请在社区图层补充 residential_km2（居住用地，平方公里）" "units of these communities have no verdict of attainment for it; add `residential_km2` to the layer of communities"
    ResidentialLand "residential_land" Decision "居住用地面积无法识别，或超过社区（村）的面积" "the residential land is no number, or more than the community's land"
        "视为不详：按居住用地面积的规则评为不明；请以平方千米填写" "taken as not known, so that rules by residential land are undecided; give it in square kilometres"
    CodeForm "code_form" Notice "代码不是 9 位（镇街）或 12 位（社区村）数字" "the code is not 9 (township) or 12 (community) digits"
        "原样使用" "used as it is"
    // Layers of all forms.
    LayerBroken "layer_broken" Error "图层文件损坏或不完整" "the file of the layer is broken or cut off" "重新复制或导出该图层" "copy or export the layer again"
    SideMissing "side_missing" Error "Shapefile 缺少与之同名的属性文件" "a file is missing that belongs to the Shapefile and has its name"
        "把 .shp、.dbf、.shx、.prj、.cpg 放在同一文件夹" "put its .shp, .dbf, .shx, .prj and .cpg into one folder"
    SidesDiffer "sides_differ" Error "Shapefile 的图形数（.shp）与属性记录数（.dbf）不同" "a Shapefile has another number of shapes (.shp) than of records (.dbf)"
        "两个文件不是同一次导出的：重新复制或导出" "the two were not written together: copy or export them again"
    IndexDiffers "index_differs" Notice "Shapefile 的图形数（.shp）与索引（.shx）不同" "a Shapefile has another number of shapes (.shp) than its index (.shx)"
        "按 .shp 读取，索引未使用" "read by the .shp; the index is not used"
    EncodingContradicts "encoding_contradicts" Notice "声明的编码（.cpg 或 .dbf 文件头）与文字实际的编码不同" "the encoding that is declared (.cpg or the head of the .dbf) is not that of the texts"
        "已按文字实际的编码读取" "read by that of the texts"
    FieldsUnread "fields_unread" Notice "有备注型等不读取的字段" "fields are memos or of other types that are not read" "未读取" "passed over"
    RecordsDeleted "records_deleted" Notice "有标记为已删除的记录" "records are marked as deleted" "未计入" "left out"
    NotGeoPackage "not_geopackage" Error "这个 SQLite 数据库不是 GeoPackage" "this SQLite database is no GeoPackage"
        "从 GIS 软件导出为 GeoPackage（.gpkg）" "export it from a GIS as a GeoPackage (.gpkg)"
    ChangesBeside "changes_beside" Error "数据库旁有尚未写入的更改（-wal 文件）" "changes stand beside the database that are not written into it yet (a -wal file)"
        "关闭正在打开它的软件（如 QGIS）后再运行" "close the program that has it open, such as QGIS, and run again"
    LayerUnknown "layer_unknown" Error "数据库中没有评估任务文件所写的图层" "the database does not have the layer that the plan names" "把 sheet 改为所列名称之一" "name one of those there as `sheet`"
    LayersSeveral "layers_several" Notice "数据库中有几个图层列名相符" "several layers of the database have the columns"
        "读取第一个；如应读取其他图层，在该文件的 sheet 中写明" "the first is read; name another as `sheet` where that is meant"
    PlaceTwice "place_twice" Notice "图层的属性中另有坐标列" "attributes of the layer have places of their own" "以图形为准，未读取这些列" "its shapes count; these are passed over"
    AreasAsPoints "areas_as_points" Notice "需要点的图层中有面" "a layer of places has areas" "取面内一点" "a point within each counts"
    GeometryNotPoint "geometry_not_point" Error "几何既不是点也不是面" "the geometry is neither a point nor an area" "改为点（Point）或面（Polygon）" "use a Point or a Polygon"
    // Names in place of codes.
    ResidentsUnit "residents_unit" Error "常住人口一列的单位不是人" "the residents are not counted in persons" "请换算为人" "give persons"
    CommunityTwice "community_twice" Error "同一社区（村）在人口表中有几行" "a community has several rows in the table of residents"
        "每个社区只留一行总数：删去重复的行，或先把各分项（性别、年龄、小区）合并" "keep one row with the total of each: remove copies, or add up parts such as sexes, ages or estates first"
    CommunityUnlisted "community_unlisted" Decision "人口表中没有这个社区（村）" "the table of residents does not have this community"
        "没有其他来源时按无常住人口计；请补上该行" "it counts as uninhabited where nothing else says so: add its row"
    PeopleFew "people_few" Decision "人口少得不像：平均每个社区（村）不到 20 人" "there are fewer than 20 residents in a community on average"
        "单位可能是万人、千人或户；请核对并换算为人" "they are probably counted in thousands or households: give persons"
    CodeNameDiffers "code_name_differs" Decision "同一行的代码与名称指的不是同一个社区（村）" "code and name of a row are those of two communities"
        "以代码为准；请核对是否错行" "the code counts: look whether rows were shifted"
    FileOutside "file_outside" Decision "该文件的设施大半不在任何社区（村）内" "most facilities of the file lie in no community"
        "请核对坐标系（crs）" "look at its coordinate system (`crs`)"
    NameUnknown "name_unknown" Error "没有这个名称的镇（街道）或社区（村）" "no township or community has this name"
        "改正名称，或在旁边的列中写代码；≈ 后为只差一字的名称，不会自动采用" "correct the name, or give the code in a column beside it; a name after ≈ differs by one letter and is never taken by itself"
    NameLeftOut "name_left_out" Decision "没有这个名称的镇（街道）或社区（村）" "no township or community has this name"
        "这些行不计；改正名称或改用代码；≈ 后为只差一字的名称，不会自动采用" "the rows are left out; correct the name, or give the code; a name after ≈ differs by one letter and is never taken by itself"
    NameTwice "name_twice" Error "几个镇（街道）或社区（村）都叫这个名称" "several townships or communities have this name"
        "在 township（镇街）列中写明所属镇（街道）、在 county（区县）列中写明区县，或改用代码" "say which by a column `township`, `county` where townships have one name, or give the code"
    NameUnlisted "name_unlisted" Error "代码表中没有这个名称" "the list of codes does not have this name"
        "改正名称，或在图层或 inputs.codes 中补上代码" "correct the name, or add its code to the layer or to `inputs.codes`"
    MatchedByName "matched_by_name" Notice "按名称对应到代码" "codes were found by names"
        "每个名称对应到什么，见 matches.csv" "matches.csv says what each name was taken for"
    CodeRestored "code_restored" Notice "代码前面的 0 被电子表格略去" "a spreadsheet dropped the zeros before a code" "已补上" "put back"
    CodesInvented "codes_invented" Decision "图层只有名称，没有代码" "the layer has names and no codes"
        "编了以 99 开头的代码，各轮之间、与其他数据之间都不通用；在 inputs.codes 中给出代码表可得真实代码" "codes that begin with 99 were made up, which no other data and no other round share; name a list of codes under `inputs.codes` for real ones"
    ClassListed "class_listed" Notice "图层没有城乡分类，代码表有" "the layer does not say what is urban, and the list of codes does" "已按代码表" "taken from the list"
    CodeAbolished "code_abolished" Notice "代码表中有已撤销的代码" "the list has codes that were abolished" "不用" "passed over"
    CodeAbove "code_above" Notice "代码表中有区县以上的代码" "the list has codes of what is above counties" "不用" "passed over"
    // GeoJSON.
    JsonBroken "json_broken" Error "不是有效的 JSON" "this is not valid JSON" "重新导出该图层" "export the layer again"
    KeyTwice "key_twice" Error "同一对象中键名重复" "an object has the same key twice" "删去其一" "remove one"
    NotLayer "not_layer" Error "不是 GeoJSON 要素集合" "this is no GeoJSON feature collection"
        "从 GIS 软件导出为 GeoJSON（FeatureCollection）" "export it from a GIS as GeoJSON (FeatureCollection)"
    NoFeatures "no_features" Error "图层中没有要素" "the layer has no feature" "检查导出范围" "check what was exported"
    CrsUnknown "crs_unknown" Error "坐标系不支持" "the coordinate system is not supported"
        "可用 EPSG:4490、4326、4491 至 4554、UTM（326xx、327xx）、3826、3857、GCJ-02、BD-09：若坐标其实是其中之一，在该文件的 crs 中写明；其他请先转换" "EPSG:4490, 4326, 4491 to 4554, UTM (326xx, 327xx), 3826, 3857, GCJ-02 and BD-09 are read: if it is one of them, declare it as `crs` of the file; convert others first"
    CrsNoTransformation "crs_no_transformation" Error "北京 1954、西安 1980 坐标系没有公开的、足够精确的转换参数" "there is no public transformation from Beijing 1954 or Xi'an 1980 that is exact enough"
        "请向自然资源主管部门索取 CGCS2000 数据，或请其转换" "ask the natural resources office for data in CGCS2000, or to convert them"
    CrsContradicts "crs_contradicts" Decision "图层自带的坐标系与评估任务文件声明的不同" "the layer names another coordinate system than the plan does"
        "按评估任务文件；请核对" "the plan's is used: check which is right"
    DatumDoubted "datum_doubted" Decision "若按另一坐标系，这些点明显更贴近道路，或更多落在所属社区" "in another coordinate system these places fit the streets, or their communities, clearly better"
        "请核对数据来源；若是高德、百度坐标，在该文件的 crs 中写 GCJ-02 或 BD-09；若已转换过，删去 crs" "ask where the file comes from: if from Amap or Baidu, say `crs = \"GCJ-02\"` or `\"BD-09\"` at the file; if it was converted before, remove that"
    DatumMixed "datum_mixed" Decision "一部分点若按另一坐标系，明显更贴近道路、居民点或所属社区" "in another coordinate system a part of these places fits the streets, the people or their communities clearly better"
        "请核对数据来源：不同来源的点须分成几个文件，各自注明 crs" "ask where the places come from: those of different sources belong into files of their own, each with its `crs`"
    PlacesCoarse "places_coarse" Decision "坐标只有两位或更少小数，误差可达 1 公里" "places have two decimals or fewer, and may be a kilometre off"
        "按所给位置计；请用保留五位以上小数的原始数据" "used as they are: ask for the data with five decimals and more"
    NotInCrs "not_in_crs" Error "坐标不在所声明的坐标系之内" "the place is not in the coordinate system that is declared"
        "检查 crs：带号（如 35410453 用 EPSG:4523，410453 用 EPSG:4544）、分带和 x、y 的次序" "check `crs`: the number of the zone (35410453 is EPSG:4523, 410453 is EPSG:4544), the zone, and which column is east"
    CrsUndeclared "crs_undeclared" Decision "评估任务文件未声明坐标系" "the plan does not declare the coordinate system"
        "按 CGCS2000/WGS-84 经纬度读取；高德、百度坐标会偏 300–990 米，请在评估任务文件 inputs.crs 中声明（如 GCJ-02）" "read as CGCS2000/WGS-84 degrees; Amap or Baidu points would be 300 to 990 m off: declare `inputs.crs` in the plan (such as GCJ-02)"
    GeometryMissing "geometry_missing" Error "要素没有几何" "the feature has no geometry" "补上边界，或删去该要素" "draw it, or remove the feature"
    GeometryNotArea "geometry_not_area" Error "几何不是面" "the geometry is no area" "改为面（Polygon 或 MultiPolygon）" "use a Polygon or MultiPolygon"
    GeometryBroken "geometry_broken" Error "要素或其几何不合 GeoJSON 规范" "the feature or its geometry is not as GeoJSON has it"
        "重新导出该图层，或删去该要素" "export the layer again, or remove the feature"
    RingShort "ring_short" Error "边界少于三个不同的点" "a ring has fewer than three different places" "重新绘制边界" "draw it again"
    AreaZero "area_zero" Error "面积为零" "the area is zero" "重新绘制边界" "draw it again"
    RingOpen "ring_open" Notice "边界未闭合" "a ring is not closed" "已闭合" "closed"
    SelfCrossing "self_crossing" Decision "边界自相交" "the border crosses itself" "已修复，面积按修复后计" "repaired; the area is that of the repaired shape"
    PositionBroken "position_broken" Error "坐标不完整" "a position is no pair of numbers" "重新导出该图层" "export the layer again"
    Swapped "swapped" Error "经纬度可能颠倒" "longitude and latitude look swapped" "先写经度（lon），再写纬度（lat）" "write the longitude first, then the latitude"
    NotDegrees "not_degrees" Error "坐标不是度" "these are no degrees" "若是投影坐标（米），在该文件的 crs 中注明，如 EPSG:4544" "if they are projected metres, say which at the file, such as `crs = \"EPSG:4544\"`"
    DegreeBeyond "degree_beyond" Error "经度超出 ±180 度，或纬度超出 ±90 度" "a longitude is beyond ±180 degrees, or a latitude beyond ±90"
        "改正该坐标" "correct this coordinate"
    PlaceMissing "place_missing" Error "缺少经度或纬度" "a longitude or latitude is missing"
        "补上坐标，或删去该行；不要写 0，那会是另一个地方" "give it, or remove the row; do not write 0, which is a place of its own"
    TooWide "too_wide" Error "图层跨度超过 10 度" "the layer is more than 10 degrees wide"
        "所列要素离其余最远，请检查其坐标；跨 180° 经线的城市不支持" "the feature named lies farthest from the others: check its coordinates; a city across the 180° meridian is not supported"
    Parts "parts" Notice "由多块组成" "it consists of several parts" "全部保留" "all are kept"
    Overlap "overlap" Decision "与邻区重叠超过自身的 1 %" "overlaps a neighbour by more than 1 %" "原样使用；人口按需求点计，不重复" "used as they are; residents are counted once, by demand point"
    Gap "gap" Decision "镇（街道）内有 1 % 以上的面积不属于任何社区" "more than 1 % of the township belongs to no community" "原样使用" "used as it is"
    Outside "outside" Decision "社区有 1 % 以上的面积在本镇（街道）之外" "more than 1 % of its communities' land lies outside the township" "原样使用" "used as it is"
    Sliver "sliver" Notice "细小的重叠、空隙或越界" "a small overlap, gap or overhang" "原样使用" "used as it is"
    // Roads.
    RoadsRead "roads_read" Notice "路网已读取" "the roads were read" "数量如左" "as counted"
    RoadsNetwork "roads_network" Notice "路网可用部分" "what of the roads is used" "数量如左；略去的见 fuwutu roads" "as counted; `fuwutu roads` draws what was left out"
    PbfBroken "pbf_broken" Error "不是完整的 OSM PBF 文件" "this is no whole OSM PBF file"
        "重新下载或导出 .osm.pbf；历史文件，以及 LZ4、ZSTD、LZMA 压缩的文件不支持，可先转换：osmium cat 原文件 -o 新文件.osm.pbf -f pbf,pbf_compression=zlib" "download or export the .osm.pbf again; history files and files packed with LZ4, ZSTD or LZMA are not supported: convert the latter with `osmium cat OLD -o NEW.osm.pbf -f pbf,pbf_compression=zlib`"
    PbfCut "pbf_cut" Decision "许多节点或路线既无标签也无引用，文件可能被截断，或导出时略去了路线、关系" "many nodes or ways have no tags and nothing uses them: the file may be cut off, or was exported without its ways or relations" "按已有道路计算；请核对文件大小" "computed with the streets that are there; compare the file's size with its source"
    NoStreets "no_streets" Error "没有可用的道路" "there is no street that can be used"
        "检查文件内容、坐标和范围（应覆盖本城市）" "check the file's content, coordinates and extent: it must cover this city"
    NodesMissing "nodes_missing" Decision "道路引用的节点不在文件中" "streets have nodes that the file does not hold" "道路在此处截断；范围边缘属正常，其余请重新导出" "streets end there; usual at the edge of an extract, otherwise export it again"
    ConditionUnread "condition_unread" Decision "道路标签中的时间或条件无法识别" "conditions or hours in tags of streets cannot be read" "按条件不成立计（`travel.at`）" "taken as conditions that do not hold (`travel.at`)"
    NodeTwice "node_twice" Decision "节点编号重复" "a node's id occurs twice" "取第一个" "the first one counts"
    NodeUnknown "node_unknown" Decision "路段的端点不在节点表中" "an edge leads to a node that is not in the table" "该路段不计" "the edge is left out"
    RoadsOutside "roads_outside" Notice "远离城市，任何出行都到不了" "too far from the city for any trip" "不计" "left out"
    NodesJoined "nodes_joined" Notice "两条道路的节点编号不同但位置相同，或道路终点画在另一条道路上" "nodes of streets at one place have different ids, or streets end on another one" "同一高度的按相连计" "joined, as their streets lie at one height or end there"
    EndsInAreas "ends_in_areas" Notice "道路终止于步行区域内，未与其边界相接" "streets end within a walking area without meeting its outline" "接到边界最近处" "led to the nearest place of the outline"
    EndsNear "ends_near" Decision "道路终点距另一条道路不足 1 米，但无共同节点" "streets end within 1 m of another street and are not joined to it" "按未接通计；请在地图数据中核对" "taken as not joined; check them in the map data"
    EdgeLoop "edge_loop" Notice "路段从一点到同一点，没有长度" "an edge leads from a node to itself and has no shape" "不计" "left out"
    EdgeShort "edge_short" Decision "路段长度小于两端直线距离 1 % 以上" "an edge is over 1 % shorter than the straight line between its ends" "按直线距离计" "the straight line counts"
    EdgeShape "edge_shape" Decision "路段的几何与两端节点不符" "the shape of an edge does not lead from its one node to the other" "按直线连接两端" "its ends are joined by a straight line"
    DemBroken "dem_broken" Error "高程模型无法使用" "the elevation model cannot be used"
        "用经纬度（EPSG:4490 或 4326）、单波段的 GeoTIFF，并覆盖本城市" "use a GeoTIFF in longitude and latitude (EPSG:4490 or 4326) with one band, that covers this city"
    DemOutside "dem_outside" Notice "部分路口不在高程模型内" "the elevation model does not cover all crossings" "该处按平地计" "level ground is assumed there"
    RasterBroken "raster_broken" Error "栅格无法读取" "the grid cannot be read"
        "用单波段的 GeoTIFF（不压缩、LZW 或 Deflate），坐标系见 docs/inputs.md" "use a GeoTIFF with one band, not compressed or by LZW or Deflate; docs/inputs.md lists the coordinate systems"
    RasterEmpty "raster_empty" Error "本城市范围内没有栅格人口或住宅建筑" "the grid has nobody, or the file no residential building, where the city lies"
        "检查该文件的范围和坐标系" "check the extent and the coordinate system of the file"
    RasterOdd "raster_odd" Notice "部分栅格单元的值为负或大得不可能" "cells of the grid hold a negative or an impossible number"
        "按无人处理" "taken as cells without people"
    RoadWordUnknown "road_word_unknown" Decision "路段表中的词无法识别" "a word in the table of edges is unknown"
        "按未填写计；可用的词见 docs/inputs.md" "taken as not given; docs/inputs.md lists the words that are read"
    NodesSamePlace "nodes_same_place" Decision "路口表中有位置相同而编号不同的路口" "nodes of the table lie at one place with different ids"
        "按未接通计；若道路在此相接，请用同一编号" "taken as not joined: give them one id where streets meet"
    EdgeLong "edge_long" Decision "路段长度是其几何的 5 倍以上" "an edge is over five times as long as its shape" "按所给长度计；请核对单位（米）" "the length given counts; check its unit (metres)"
    ClassOfRoadUnknown "road_class_unknown" Decision "道路等级无法识别" "the class of a street is unknown" "按所有人可通行计" "taken as open to everybody"
    RoadsElsewhere "roads_elsewhere" Error "没有一个需求点能接到路网" "no demand point can be joined to the roads"
        "检查路网文件的范围和坐标系，或加大 travel.snap_m" "check the extent and the coordinates of the roads, or raise `travel.snap_m`"
    Unsnapped "unsnapped" Decision "居民距可用道路过远" "residents live too far from every street that can be used" "单独计数，视为不可达；见 streets.csv" "counted apart, as out of reach; see streets.csv"
    Roadless "roadless" Decision "居民所在处没有道路（在路网范围之外）" "residents live where there is no road: outside the network" "单独计数，视为不可达；见 streets.csv" "counted apart, as out of reach; see streets.csv"
    UnsnappedStraight "unsnapped_straight" Decision "居民距可用道路过远" "residents live too far from every street that can be used" "按评估任务文件，其出行以直线计；见 streets.csv" "as the plan has it, their trips lead in straight lines; see streets.csv"
    FacilityStraight "facility_straight" Decision "设施距可用道路过远" "a facility is too far from every street that can be used" "按评估任务文件，到该设施的出行以直线计" "as the plan has it, trips there lead in straight lines"
    FacilityUnsnapped "facility_unsnapped" Decision "设施距可用道路过远" "a facility is too far from every street that can be used" "步行不可达" "nobody reaches it on foot"
    OtherPart "other_part" Decision "居民所在的道路与主路网不连通" "residents live at streets that nothing joins to the rest of the network" "保留；只能到达同一连通块上的设施。检查缺失的连接、门禁或桥梁" "kept; they get to facilities of that part alone: look for a missing link, gate or bridge"
    FacilityOtherPart "facility_other_part" Decision "设施所在的道路与主路网不连通" "a facility is at streets that nothing joins to the rest of the network" "保留；仅同一连通块上的居民可步行到达" "kept; only who lives at that part reaches it on foot"
    LegsCutOff "legs_cut_off" Decision "附近的道路都被水体或铁路隔开" "water or rails lie between a place and all streets near it" "视为距道路过远；检查该处是否缺少道路，或水体、铁路位置有误" "taken as too far from every street: look for a street that is missing, or water and rails that are not where they should be"
    LegsOverWalls "legs_over_walls" Notice "附近的道路都在围墙或栅栏外" "walls or fences lie between a place and all streets near it" "按穿过围墙计；图中没有门" "taken to cross them: the map has no gate there"
    EntrancesBad "entrances_bad" Decision "出入口无法识别，或距设施超过 3 公里" "an entrance cannot be read, or is over 3 km from its facility" "不计；没有其他出入口的，按设施位置计。写为“经度 纬度; 经度 纬度”" "left out; without others the facility's own place counts: write `lon lat; lon lat`"
    // People and places.
    Nobody "nobody" Notice "无常住人口" "no residents" "保留；无人的单元各项比例为空" "kept; shares of a unit without people are empty"
    NoCommunities "no_communities" Decision "镇（街道）没有社区" "the township has no community" "不设单元" "it gets no unit"
    NoPoints "no_points" Notice "社区有人口而没有需求点" "the community has residents and no demand point" "按 people.spread 分布到社区内" "they are spread over it (`people.spread`)"
    PeopleSpread "people_spread" Notice "有居民只知道社区总数" "there are residents of whom only their community is known"
        "按 people.spread 分布到社区内；换一种分布方式的覆盖率见 standing.csv 的 covered_otherwise" "they are spread over it (`people.spread`); `covered_otherwise` in standing.csv says what another spread would give"
    SpreadMatters "spread_matters" Notice "覆盖率取决于居民在社区内的分布" "the coverage depends on how residents are spread over their communities"
        "参考使用；提供需求点（小区、楼栋人口）可消除" "take it with care; demand points (people by compound or building) settle it"
    WeightsDiffer "weights_differ" Notice "人口栅格或建筑与社区人口的比较" "the grid of people, or the buildings, beside the residents of the communities"
        "各社区总数以社区图层为准，栅格、建筑只决定社区内的分布" "every community keeps its total; the grid or the buildings only say where in it people live"
    WeightsMissing "weights_missing" Decision "社区有人口，而其中没有人口栅格单元或住宅建筑" "the community has residents, and no cell with people or residential building lies in it"
        "其居民沿道路分布，没有道路的按面积" "its residents are spread along its streets, else over its land"
    WeightsUnused "weights_unused" Notice "没有居民按该文件分布" "no residents are spread by this file"
        "未使用；只有社区没有需求点、people.spread 未写或为 weights 时才用" "not used: it is where communities have no demand points, and `people.spread` is not given or `weights`"
    WeightsOutside "weights_outside" Decision "部分建筑不在任何社区内" "some buildings lie in no community" "不计" "left out"
    WeightsNotHomes "weights_not_homes" Notice "有些建筑不住人" "buildings are no homes" "权重为 0" "they weigh nothing"
    WeightsLeftOut "weights_left_out" Decision "部分建筑无法读取" "some buildings cannot be read" "不计" "left out"
    WeightsAssumed "weights_assumed" Decision "部分住宅建筑没有面积、层数或户数" "some residential buildings have no floor area, storeys or dwellings"
        "取其余建筑的中位数" "the median of the others is taken"
    WeightsMeasure "weights_measure" Notice "建筑的权重" "what buildings are weighed by" "按此在社区内分布居民" "residents are spread over their community by it"
    UseUnread "use_unread" Decision "建筑用途无法识别" "the use of buildings is not recognised" "按住宅计；请改为住宅、商业、办公、工业等" "taken as residential: write residential, commercial, office, industrial and the like"
    TotalDiffers "total_differs" Decision "社区人口与其需求点之和不符" "the community's residents differ from the sum of its demand points" "以需求点为准" "the demand points count"
    AgesDiffer "ages_differ" Decision "各年龄段之和与常住人口不符" "the ages do not add up to the residents" "以常住人口为准，按年龄比例分摊；年龄全为 0 时，基期年按评估任务文件的年龄结构分摊，历史视为年龄未知" "the residents count, split in proportion to the ages; where these are all 0, by the plan's age structure at the base, and at an earlier date not at all"
    AgesEstimated "ages_estimated" Notice "没有可用的年龄列" "there are no columns of ages that can be used" "按评估任务文件的年龄结构估计各服务的服务人口" "target groups are estimated by the plan's age structure"
    AgesGrouped "ages_grouped" Notice "年龄分组与本程序的七段不同" "the ages are in other groups than the seven bands used here" "各组内按全市年龄结构拆分，各组合计不变" "each group is split by the city's age structure and keeps its sum"
    AgesUnfitting "ages_unfitting" Decision "各年龄列不能把所有年龄各计一次（× 后为该段被计的次数）" "the columns of ages do not count every age once (after × is how often these are counted)" "年龄列不用：基期按评估任务文件的年龄结构估计，历史视为年龄未知；补上缺的一组，或删去多余的一组" "they are not used: ages are estimated by the plan's structure at the base, and unknown at an earlier date; add the group that is missing, or remove the one too many"
    ClassAbsent "class_absent" Notice "没有城乡分类" "there is no class of urban or rural" "按人口密度划分：每平方公里不足 300 人的按乡村标准评价，其余按城镇（联合国“城市化程度”方法的界限；不足 10 个社区，或乡村人口不到 1% 时，一律按城镇）；请补上统计用城乡分类代码" "by density: fewer than 300 residents a square kilometre are judged as rural, others as urban (the limit of the degree of urbanisation, UN 2020; all are urban in fewer than 10 communities, or where fewer than 1 % of residents would be rural); add the class"
    ClassMatters "class_matters" Decision "位次前列的单元取决于按密度推定的城乡分类（前列单元中，若一律按城镇评价则不在前列的个数）" "the first units of the ranking depend on the classes that were made of densities (how many of them would not be there if all communities were urban)" "补上城乡分类后再用位次" "add the class before the ranking is used"
    Unplaced "unplaced" Decision "坐标为 0,0 或远离城市" "the place is 0,0 or far from the city" "需求点移至所属社区内部；设施不计" "a demand point is moved inside its community; a facility is left out"
    Elsewhere "elsewhere" Error "大部分点不在本城市" "most places are not in this city" "检查坐标系和文件" "check the coordinate system and the file"
    Astray "astray" Decision "需求点距所属社区超过 100 米" "a demand point is more than 100 m from its community" "原样使用" "used as it is"
    FacilityOutside "facility_outside" Notice "设施不在任何社区内" "the facility stands in no community" "仍为可达范围内的人服务；不计入配建达标和区县合计" "it still serves those in reach; it counts for no presence and no county"
    NoFacilities "no_facilities" Decision "评估任务文件没有列出设施文件" "the plan names no file of facilities"
        "按没有任何设施计算；在 inputs.facilities 中写明设施文件" "computed as if there were no facility at all; name the files under `inputs.facilities`"
    ServiceUnknown "service_unknown" Decision "服务类别不在目录中（≈ 后为相近的服务）" "the service is not in the catalogue (after ≈: services like it)" "该行不计；请改用目录中的编号或名称，或在评估任务文件中补充目录" "the row is left out; use an id or a name of the catalogue, or add the service to your own"
    KindsOther "kinds_other" Notice "文件中有其他类别的点" "the file has points of other kinds"
        "不计；其中若有应计入的，在该文件的 kinds 中写明" "left out; where one is meant to count, say what it is under `kinds` at the file"
    KindsNone "kinds_none" Notice "评估任务文件的 kinds 写明不计的类别" "kinds that the plan leaves out (`kinds`)" "不计" "left out"
    KindUndecided "kind_undecided" Decision "类型包括几种服务，名称也看不出是哪一种" "the type covers several services, and the name does not say which"
        "该行不计；在表中加 service（服务）列，或改正名称" "the row is left out: add a column `service` that says which"
    KindTarget "kind_target" Error "评估任务文件的 service 或 kinds 指向目录中没有的服务" "`service` or `kinds` of the plan names a service that is not in the catalogue"
        "写目录中的编号或名称；不计的写 none" "write an id or a name of the catalogue, or `none` for what is to be left out"
    IdsMade "ids_made" Notice "文件没有设施编号" "the file has no ids of facilities"
        "按名称和位置编了以 made- 开头的编号，与行的次序无关" "ids that begin with made- were made of name and place; they do not depend on the order of rows"
    FacilitiesAlike "facilities_alike" Decision "同一服务、名称相同或相含、相距很近的设施，可能是同一处" "facilities of one service, near each other, whose names are alike may be one place"
        "原样使用，各计一次；逐组列于 duplicates.csv，请删去重复的" "used as they are, each counted; duplicates.csv lists them by group: remove those that are one"
    CapacityOdd "capacity_odd" Decision "规模异常：超过该服务中位数的 20 倍，或超过 5,000 个位置，或不足 10 平方米" "a capacity is odd: over 20 times the median of its service, over 5,000 places, or under 10 m²"
        "原样使用；请核对数值和单位" "used as it is: check number and unit"
    SumDiffers "sum_differs" Decision "下级人口之和与上级总数相差 0.5 % 以上" "residents do not add up to the total above them, by over 0.5 %"
        "以下级为准；请核对是否缺少社区，或口径、年份不同" "the parts count: look for communities that are missing, or figures of another date or definition"
    CapacityMissing "capacity_missing" Decision "缺少规模，或规模单位与目录不同" "a capacity is missing, or its unit is not the catalogue's"
        "计入覆盖；所在单元和可达单元不做该服务的供需评价；补上规模，或在评估任务文件的 services.default_capacity 中给出默认值" "it counts for coverage; in units that hold or reach one the supply of its service is not judged: give the capacities, or a default in `services.default_capacity`"
    CapacityDefault "capacity_default" Notice "缺少规模" "a capacity is missing" "取评估任务文件给出的默认值" "taken from the plan's default"
    CapacityZero "capacity_zero" Decision "开放设施的规模为 0" "the capacity of an open facility is 0"
        "按 0 计：计入覆盖，不增加供给；规模不详的请留空" "counted as 0: it covers people and adds nothing to the supply; leave the cell empty where the capacity is not known"
    ServiceRefused "service_refused" Decision "该服务的所有行都不能使用" "no row of the service can be used"
        "视为未提供数据，不评价该服务；请改正这些行" "taken as not supplied, so that the service is not judged; correct its rows"
    NothingOpen "nothing_open" Decision "该服务的设施在评价各年都不开放" "no facility of the service is open in any year of the round"
        "按无人覆盖、没有供给计；请检查 status、opens 和 closes" "it covers nobody and supplies nothing; check `status`, `opens` and `closes`"
    ServicesNotSupplied "services_not_supplied" Decision "若干服务没有设施数据：是确实没有，还是未提供？" "services have no facility data: are there none, or were they not supplied?"
        "未列入本轮评价；确实没有的写入 services.none_exist，否则补充数据" "they are left out of the round; name those of which there are none in `services.none_exist`, and supply the others"
    ServicesNoData "services_no_data" Decision "选定的服务没有设施数据：是确实没有，还是未提供？" "selected services have no facility data: are there none, or were they not supplied?"
        "只列服务人口和需求，其余标为未提供，不计入配置优先度和合计；确实没有的写入 services.none_exist，否则补充数据" "their target groups and demand are reported and all else is not known; they count for no priority score and no total; name those of which there are none in `services.none_exist`, and supply the others"
    NoneExistRows "none_exist_rows" Decision "services.none_exist 列入的服务有设施" "`services.none_exist` names a service that has facilities" "以设施数据为准；请从 none_exist 中删去" "the facilities count; remove the id from `none_exist`"
    NoneExistUnselected "none_exist_unselected" Notice "services.none_exist 列入了未选定的服务" "`services.none_exist` names a service that is not selected"
        "本轮不评价该服务；需要评价的加入 services.select" "it is not judged in this round; add it to `services.select` if it should be"
    FileUnreached "file_unreached" Decision "文件中该服务的设施没有一处在任何居民的时限内" "nobody has any facility of the service in the file within the limit"
        "其服务按无人覆盖计；请检查坐标（GCJ-02、BD-09 须先转换）和范围" "its services cover nobody: check the coordinates (GCJ-02 and BD-09 must be converted) and the extent"
    FacilityTwice "facility_twice" Decision "同地同名同服务的设施重复" "the same service of the same name stands twice at one place" "原样使用" "used as they are"
    FacilityDiffers "facility_differs" Error "同一编号的设施位置或状态不一致" "rows of one facility differ in place, status or year" "改正其一，或用不同编号" "correct one, or use two ids"
    IdQualified "id_qualified" Notice "另一文件中的设施用了同一编号" "another file has this id for another facility" "编号后加文件名区分" "the file's name is added to the id"
    NotYet "not_yet" Decision "在建设施没有开放年份" "a committed facility has no opening year" "不计入供给" "it is not counted"
    ClosesFirst "closes_first" Decision "停用年份不晚于开放年份" "the facility closes no later than it opens" "视为从不开放；改正年份" "taken as never open; correct the years"
    ClosesPast "closes_past" Decision "停用年份不晚于基期年" "the facility closed in the base year or before" "各年均不计" "it counts in no year"
    OpensPast "opens_past" Decision "在建设施的开放年份不晚于基期年" "a committed facility opens no later than the base year" "按已开放计入供给；若仍未开放，请改年份" "it is counted as open; correct the year if it is not"
    OwnershipUnknown "ownership_unknown" Decision "设施性质无法识别" "the ownership is not recognised" "按未知处理；写公办、普惠或民办" "taken as unknown; write public, inclusive or private"
    HoursMissing "hours_missing" Decision "按时段开放的设施没有开放小时数" "a facility that counts by the hour gives no hours" "按全时开放计入" "counted in full"
    SizeUnit "size_unit" Decision "面积或班数的单位与目录不同" "a size is not in the unit of the catalogue's minimum" "按规模不详处理" "its size is taken as unknown"
    NormMissing "norm_missing" Notice "该服务的标准没有数值" "the norm of a service has no figure" "不计算需求与缺口" "no demand and no shortfall are computed"
    HubUnknown "hub_unknown" Decision "牵头机构编号不存在" "there is no facility of the hub's id" "列入 ties.csv；改正编号" "listed in ties.csv; correct the id"
    EarlierUnknown "earlier_unknown" Decision "历史人口的社区代码不存在" "an earlier total has an unknown community code" "不计；可能是合并前的代码" "left out; it may be a code from before a merger"
    EarlierMissing "earlier_missing" Notice "社区没有历史人口" "the community has no earlier total" "按所在区县的速度增长" "it grows as its county does"
    NoEarlier "no_earlier" Notice "没有历史人口" "there are no earlier totals" "各社区人口总数按基期年不变（新建住宅和区县控制数除外）" "each community's total stays as in the base year, but for new dwellings and totals of counties"
    // Later years.
    AgesSpecial "ages_special" Notice "年龄结构与全市相差很大：60 岁及以上占比不到全市的三分之一或超过三倍，或 15–17 岁占比超过三倍（括号内为全市）" "ages are very unlike the city's (in brackets): a third of its share of 60 and over or less, or three times that or its share of 15–17 or more" "可能是高校、寄宿学校、营区、监所、养老机构或新建小区，居民流动多；有两期年龄时按两期的变化预测，否则逐年增龄，会高估老年人口；请核对 ages.csv" "it may be a campus, boarding school, barracks, prison, home for the elderly or new estate, where others take people's place: with ages at two dates it goes on as between these, otherwise its people grow old there, which is too many; check ages.csv"
    AgesKept "ages_kept" Notice "各年龄段人口为估计值" "the ages are estimated" "各年按同一年龄结构预测，不逐年增龄" "they stay in proportion over the years; nobody grows older"
    AgesUnfit "ages_unfit" Decision "评估任务文件 growth.ages 的预测方法所需的年龄数据不全" "`growth.ages` asks for more than the ages of the input bear"
        "按所列的较简方法预测；补上分年龄的人口" "the simpler rule is used; give residents by age at this date"
    HousingPast "housing_past" Decision "入住年份不晚于基期年" "the dwellings are not later than the base year" "不计；视为已含在基期年人口中" "left out; their residents are taken to be among those of the base year"
    HousingLate "housing_late" Notice "入住年份晚于预测期" "the dwellings are later than the horizon" "本轮不计" "not counted in this round"
    HousingTwice "housing_twice" Decision "同一社区同一年份的同一批住宅重复" "the same dwellings stand twice" "原样使用" "used as they are"
    HousingDrops "housing_drops" Decision "区县没有居民，也没有给出总人口" "nobody lives in the county of new dwellings, and its total is not given" "该区县的新建住宅不计；请在 inputs.controls 中给出总人口" "they are not counted; give the county's total under `inputs.controls`"
    HousingBeyond "housing_beyond" Decision "新建住宅使区县其他居民的减少超出可信范围" "new dwellings draw more people from the rest of their county than is believed of any place"
        "仍按区县总人口不变预测；请在 inputs.controls 中给出该区县的总人口" "they do, as the county's total stays that of its trend; give it under `inputs.controls`"
    GrowthHuge "growth_huge" Error "后续年份的人口超出需求点所能容纳" "more people would live in a community in a later year than its demand points can hold"
        "检查区县控制数和新建住宅；每个需求点每个年龄段最多约 429 万人" "check totals of counties and new dwellings; a demand point holds up to some 4.29 million people of an age band"
    ShareBroken "share_broken" Error "比例不在 0 与 1 之间" "the share is not from 0 to 1" "写小数，如 0.85 表示 85%" "write 0.85 for 85 %"
    ControlUnknown "control_unknown" Decision "控制数的区县代码不存在" "a total is of an unknown county" "不计；代码应为镇（街道）代码的前六位" "left out; the code is the first six digits of its townships' codes"
    ControlEarly "control_early" Decision "控制数的年份不晚于基期年" "a county's total is not later than the base year" "不计；基期年以人口数据为准" "left out; at the base the residents count"
    ControlZero "control_zero" Error "控制数为 0" "the total of a county is 0" "改正数值；不知道时删去该行" "correct it; remove the row where it is not known"
    ControlFar "control_far" Error "控制数超过基期年人口与新建住宅人口之和的四倍，或不足基期年人口的四分之一" "the total of a county is more than four times its residents at the base and in new dwellings, or less than a quarter of those at the base"
        "检查单位（人，不是万人）和区县代码" "check the unit (persons, not 万人) and the county"
    ControlEmpty "control_empty" Decision "控制数的区县没有居民" "nobody lives in the county of a total" "不计" "left out"
    ObservedUnknown "observed_unknown" Decision "检验年份人口的社区代码不存在" "a total to compare with has an unknown community code" "不计" "left out"
    ObservedMissing "observed_missing" Notice "社区没有检验年份的人口" "the community has no total to compare with" "不参与检验" "it is not compared"
    NoBacktest "no_backtest" Decision "没有一个社区三个年份都有人口" "no community has residents at all three dates" "不做检验" "the methods are not tried"
    // Rounds over time.
    CrosswalkShare "crosswalk_share" Error "份额须大于 0 且不超过 1" "the share is not above 0 and at most 1" "改正份额；没有人迁入的行请删去" "correct it; remove a row that nobody went by"
    ShareSum "share_sum" Error "同一原代码、同一日期的份额之和不为 1" "the shares of one old code and date do not add up to 1"
        "改正份额（误差不超过 0.001）；留在原代码的部分也要写一行" "correct them, to within 0.001; what stays in the old code needs a row, too"
    DateBroken "date_broken" Error "不是日期" "this is no date" "写 2024、2024-07、2024-07-01 或 2024年7月" "write 2024, 2024-07 or 2024-07-01"
    CrosswalkTwice "crosswalk_twice" Error "对照行重复（原代码、新代码和日期相同）" "a row of the crosswalk occurs twice (old code, new code and date)" "删去其一" "remove one"
    CrosswalkUnknown "crosswalk_unknown" Decision "对照的新代码不在图层中" "the crosswalk leads to a code that is in no layer" "迁入该代码的人口不计；改正代码，或补上该镇（街道）或社区（村）" "what goes there is left out; correct the code, or add the township or community"
    CrosswalkStill "crosswalk_still" Decision "全部迁出的原代码仍在图层中" "a code that all went out of is still in a layer" "历史数据按对照迁出；改正对照，或从图层中删去" "earlier figures leave it as the crosswalk says; correct the crosswalk, or remove it from the layer"
    CrosswalkUnused "crosswalk_unused" Notice "没有文件使用该原代码" "no file uses this old code" "不起作用" "it has no effect"
    CrosswalkLater "crosswalk_later" Notice "变更在基期年之后" "the change is dated after the base year" "不适用于本轮" "it does not apply to this round"
    CodeCarried "code_carried" Notice "使用了变更前的代码" "a code from before a change is used" "按区划代码变更对照表换为新代码" "the crosswalk's new code was taken"
    CodeParted "code_parted" Error "变更前的代码已分为多个，无法确定归属" "a code from before a change was parted: which one is meant is not known" "改用新代码" "use the new codes"
    EarlierCarried "earlier_carried" Notice "历史人口按区划代码变更对照表换算" "earlier totals were carried by the crosswalk" "去向不在图层中的部分不计" "what goes to codes that are in no layer is left out"
    EarlierPartial "earlier_partial" Decision "并入的原代码没有历史人口" "an old code that went into a community has no earlier total" "该社区按所在区县的速度增长" "the community grows as its county does"
    EarlierFresh "earlier_fresh" Decision "历史人口使用了该年之后才产生的代码" "an earlier total is of a code that came about after its year"
        "与按对照换入的人口相加；若文件已是现代码，请删去对照中的相应行；若该代码当时已存在，请在对照中加一行（原代码与新代码相同，份额 1）"
        "added to what the crosswalk brings; if the file is in the new codes already, remove these rows of the crosswalk; if the code was there before, say so by a row from it to itself, with share 1"
    ObservedCarried "observed_carried" Notice "检验年份人口按区划代码变更对照表换算" "totals to compare with were carried by the crosswalk" "去向不在图层中的部分不计" "what goes to codes that are in no layer is left out"
    ObservedPartial "observed_partial" Decision "并入的原代码没有检验年份的人口" "an old code that went into a community has no total to compare with" "该社区不参与检验" "the community is not compared"
    ObservedFresh "observed_fresh" Decision "检验年份人口使用了该年之后才产生的代码" "a total to compare with is of a code that came about after its year"
        "与按对照换入的人口相加；若文件已是现代码，请删去对照中的相应行；若该代码当时已存在，请在对照中加一行（原代码与新代码相同，份额 1）"
        "added to what the crosswalk brings; if the file is in the new codes already, remove these rows of the crosswalk; if the code was there before, say so by a row from it to itself, with share 1"
    ChangeOfYear "change_of_year" Decision "原代码在数据所属年份内变更，而数据应使用该年年末的代码" "an old code changed in the year of the figures, which are to be in the codes of its end"
        "该行不计；请在文件中改用新代码" "the row is left out; use the new codes in the file"
    LastUnitUnknown "last_unit_unknown" Decision "上一轮单元的社区代码不存在" "a community of the last round's units is not there" "该行不计；可在 inputs.crosswalk 中说明去向" "the row is left out; say in `inputs.crosswalk` where it went"
    LastUnitMissing "last_unit_missing" Notice "社区不属于上一轮的任何单元" "a community belonged to no unit of the last round" "并入相邻单元，容纳不下时自成单元" "it joins a unit that it borders, or makes one where none has room"
    UnitGone "unit_gone" Decision "上一轮的单元不再存在" "a unit of the last round is there no more" "其社区归入其他单元；见 units.csv" "its communities belong to others; see units.csv"
    CommunityOverCap "community_over_cap" Decision "社区人口超过单元人口上限" "a community has more residents than the cap of a unit"
        "沿需求点拆分为几部分（只有一个需求点的除外，其单元超过上限）；请核对人口，或按更小的社区提供" "cut into parts along its demand points, or with a single one a unit over the cap; check its residents, or supply it as smaller communities"
    BlocksApart "blocks_apart" Decision "社区之间留有空隙，互不相邻（不相邻的社区数/社区数；最小间距；可使其相邻的容差；现有单元数 → 采用该容差后的单元数）" "communities are drawn with gaps between them (how many of them touch no neighbour; the smallest gap; the tolerance that joins them; units now → units with it)"
        "按飞地处理；若空隙只是道路或河道，请按所列数值设置 units.gap_tolerance_m" "treated as detached parts; where roads or canals lie between them, set `units.gap_tolerance_m` to the figure given"
    CommunityGone "community_gone" Decision "上一轮的社区不在本轮中，且没有区划代码变更对照表" "a community of the old round is not in the new one, and no crosswalk says where it went" "其单元按其余社区延续；可在新评估任务文件的 inputs.crosswalk 中说明" "its unit goes on with the other communities; name it in `inputs.crosswalk` of the new plan"
    CapacityUnitChanged "capacity_unit_changed" Decision "两轮的规模单位不同" "the two rounds count capacity in different units" "不比较该服务的需求、供给和缺口" "demand, supply and shortfall of the service are not compared"
    ServicesDiffer "services_differ" Decision "两轮的服务不同" "the two rounds do not have the same services" "位次和配置优先度各按本轮的全部服务计算，两轮之间不可比；可使两轮的 services.select 相同" "places and need rest on all services of each round and cannot be compared; select the same services in both plans"
    // Access from a cost table.
    TableMissing "table_missing" Error "文件不存在" "the file is not there" "检查路径" "check the path"
    ColumnEither "column_either" Error "两列之中须有且只有一列" "there must be one of two columns, and not both"
        "留下其一，或用 --…-columns 指明" "leave one of them, or name one by `--…-columns`"
    PairUnknown "pair_unknown" Decision "出行时间表中的编号不在需求表或供给表中" "the cost table has ids that the table of demand or supply does not have"
        "这些行不计" "these rows are left out"
    PairNone "pair_none" Error "出行时间表中没有一行的两个编号都在需求表和供给表中" "no row of the cost table has both ids in the tables of demand and supply"
        "各表的编号应写法一致（`1` 与 `1.0`、`01` 不同）；或用 --…-columns 指明编号所在的列" "write the ids alike in all tables (`1` is not `1.0` or `01`), or name the column of the ids by `--…-columns`"
    PairEmpty "pair_empty" Notice "出行时间为空" "there is no time" "视为不可达" "taken as out of reach"
    PairTwice "pair_twice" Notice "同一对起讫点以相同时间出现多次" "a pair stands more than once, with the same time" "只计一次" "counted once"
    PairDiffers "pair_differs" Error "同一对起讫点有不同的时间" "a pair has different times"
        "只比较时限以内的时间；只留一行；若表中有多项服务，用 --service 选一项" "only times within the limit are compared; leave one row; choose one by `--service` where the table has several services"
    ServiceAbsent "service_absent" Decision "表中没有一行属于该服务" "no row of the table is of this service" "各项为 0；检查 --service" "figures are 0; check `--service`"
    NoDemand "no_demand" Decision "需求表中没有人口" "there are no people in the table of demand" "各项为 0" "figures are 0"
    NoSupply "no_supply" Decision "供给表中没有规模" "there is no capacity in the table of supply" "各项为 0" "figures are 0"
}

/// A decision is asked for only where it concerns more than so many per cent of the residents, of the facilities of a service, or of
/// the streets; less is a notice. Where the share is not known, it is a decision.
pub const DECISIVE_PERCENT: u64 = 1;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: Kind,
    /// As the plan names the file; empty for the plan as a whole.
    pub file: String,
    /// Line of a table, or number of a feature in a layer, from 1.
    pub row: Option<u64>,
    /// Whether `row` is the number of a feature.
    pub feature: bool,
    /// Id of the service that it is about; empty where it is about none.
    pub service: String,
    /// Id or code of the record.
    pub id: String,
    /// Column or property.
    pub column: String,
    /// The offending value, or a measure of it.
    pub value: String,
    /// How many of the kind in the file this stands for: 1, or the rest where they are more than are listed.
    pub count: u32,
    /// What share of the residents, of the facilities of the service or of the streets all findings of this kind about the same file
    /// or service concern, in millionths; `None` where that is not known.
    pub share: Option<u32>,
    /// How much of the whole it stands for itself: thousandths of a resident, or 1 for a facility or a street; `None` where that is not
    /// known.
    pub weight: Option<u64>,
}

impl Finding {
    /// A finding about a file.
    #[must_use]
    pub fn new(kind: Kind, file: &str) -> Self {
        let none = String::new;
        Self {
            kind,
            file: file.to_owned(),
            row: None,
            feature: false,
            service: none(),
            id: none(),
            column: none(),
            value: none(),
            count: 1,
            share: None,
            weight: None,
        }
    }

    /// In this row.
    #[must_use]
    pub fn row(self, row: u64) -> Self {
        Self {
            row: Some(row),
            ..self
        }
    }

    /// So many lines farther down.
    #[must_use]
    pub(crate) fn below(self, lines: u64) -> Self {
        Self {
            row: self.row.map(|row| row + lines),
            ..self
        }
    }

    /// About this service.
    #[must_use]
    pub fn service(self, id: impl Into<String>) -> Self {
        Self {
            service: id.into(),
            ..self
        }
    }

    /// Of this record.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..self
        }
    }

    /// In this column.
    #[must_use]
    pub fn column(self, column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            ..self
        }
    }

    /// With this value.
    #[must_use]
    pub fn value(self, value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            ..self
        }
    }

    /// Standing for so much of what [`Findings::whole`] is given.
    #[must_use]
    pub(crate) fn weight(self, weight: u64) -> Self {
        Self {
            weight: Some(weight),
            ..self
        }
    }

    /// Concerning `part` of a `whole`.
    #[must_use]
    pub fn concerns(self, part: u64, whole: u64) -> Self {
        Self {
            share: millionths(part, whole),
            ..self
        }
    }

    /// What follows from it: that of its kind, but a decision that concerns [`DECISIVE_PERCENT`] or less is a notice.
    #[must_use]
    pub fn level(&self) -> Level {
        let decisive = DECISIVE_PERCENT * 10_000;
        match self.kind.level() {
            Level::Decision if self.share.is_some_and(|share| u64::from(share) <= decisive) => {
                Level::Notice
            }
            level => level,
        }
    }

    /// One line: where, what, and each detail with what it is; without what was done. Control characters are escaped. Services have
    /// the names that `catalogue` gives them.
    #[must_use]
    pub fn text(&self, lang: Lang, catalogue: &[Service]) -> String {
        let mut text = file_text(&self.file, lang);
        if let Some(place) = self.place(lang) {
            text += lang.pick("，", ", ");
            text += &place;
        }
        text += lang.pick("：", ": ");
        text += self.kind.what(lang);
        let details = self.details(lang, catalogue);
        if !details.is_empty() {
            text += lang.pick("：", ": ");
            text += &details;
        }
        text
    }

    /// `row 3` or `feature 3`.
    fn place(&self, lang: Lang) -> Option<String> {
        let row = self.row?;
        Some(match (lang, self.feature) {
            (Lang::Zh, false) => format!("第 {row} 行"),
            (Lang::Zh, true) => format!("第 {row} 个要素"),
            (Lang::En, false) => format!("row {row}"),
            (Lang::En, true) => format!("feature {row}"),
        })
    }

    /// What is known beside file and row, each with what it is.
    fn details(&self, lang: Lang, catalogue: &[Service]) -> String {
        let service = service_name(&self.service, lang, catalogue);
        let service = match service == plain(&self.service) {
            true => quoted(lang.pick("服务", "service"), &self.service),
            false => Some(format!(
                "{} {service} `{}`",
                lang.pick("服务", "service"),
                plain(&self.service)
            )),
        };
        let (label, column) = self.column_text(lang);
        let parts = [
            service,
            quoted(lang.pick("编号", "id"), &self.id),
            quoted(label, &column),
            quoted(self.value_label(lang), &self.value_text(lang)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(lang.pick("，", ", "))
    }

    /// What its column is, and which; of some kinds it holds something else.
    fn column_text(&self, lang: Lang) -> (&'static str, String) {
        if let Some([zh, en]) = labels::of_column(self.kind) {
            let text = match lang {
                Lang::Zh => labels::measure_in_chinese(&self.column),
                Lang::En => self.column.clone(),
            };
            return (lang.pick(zh, en), text);
        }
        let label = match (self.file.is_empty(), self.feature) {
            (true, _) => lang.pick("键", "key"),
            (_, true) => lang.pick("属性", "property"),
            _ => lang.pick("列", "column"),
        };
        (label, self.column.clone())
    }

    /// What its value is.
    fn value_label(&self, lang: Lang) -> &'static str {
        let [zh, en] = match (labels::of_value(self.kind), self.feature) {
            (labels::PLACES, true) => labels::FEATURES,
            (label, _) => label,
        };
        lang.pick(zh, en)
    }

    /// Its value, with the words of a measure in Chinese.
    fn value_text(&self, lang: Lang) -> String {
        let parsed = matches!(
            self.kind,
            Kind::JsonBroken | Kind::NotLayer | Kind::GeometryBroken
        );
        match lang {
            Lang::Zh if parsed => parser::in_chinese(&self.value, None),
            Lang::Zh if labels::is_measure(self.kind) => labels::measure_in_chinese(&self.value),
            _ => self.value.clone(),
        }
    }
}

/// A text with what it is; nothing where it is empty.
fn quoted(label: &str, text: &str) -> Option<String> {
    (!text.is_empty()).then(|| format!("{label} `{}`", plain(text)))
}

/// The name of a file, or that of the plan.
fn file_text(file: &str, lang: Lang) -> String {
    if file.is_empty() {
        lang.pick("评估任务文件", "plan").to_owned()
    } else {
        escaped(file)
    }
}

/// The name of a service; its id where the catalogue does not have it.
fn service_name(id: &str, lang: Lang, catalogue: &[Service]) -> String {
    let service = catalogue.iter().find(|service| service.id == id);
    service.map_or_else(
        || plain(id),
        |service| plain(lang.pick(&service.name.zh, &service.name.en)),
    )
}

/// `part` ÷ `whole` in millionths, rounded up so that a little more than a limit is more; at most all of it.
fn millionths(part: u64, whole: u64) -> Option<u32> {
    let share = (u128::from(part) * 1_000_000).div_ceil(u128::from(whole).max(1));
    (whole > 0).then(|| share.min(1_000_000) as u32)
}

/// The text without control and direction characters, which could change what a terminal shows, and not endless.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut short: String = escaped(text).chars().take(120).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

/// Whether a character turns the direction of the text around it, or breaks its line.
fn is_directional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without control and direction characters, at any length.
pub(crate) fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_directional(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// Findings as they are collected. All are kept, up to a hundred thousand of a kind in a file about a service, so that no file however
/// broken fills the memory; the rest is counted.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    tallies: BTreeMap<Group, Tally>,
    /// By file or service: all its residents, facilities or streets.
    wholes: BTreeMap<Scope, u64>,
    /// Layers: what their findings call rows are features.
    layers: BTreeSet<String>,
    /// Of each file that was begun, what became of its rows.
    accounts: Vec<Account>,
}

/// File, kind and service.
type Group = (String, Kind, String);

/// What a share is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Scope {
    /// The records of a file.
    File(String),
    /// The facilities of a service, in all files.
    Service(String),
}

/// How many findings of a group there are, and how much they stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub count: u64,
    /// `None` where it is known of none of them.
    pub weight: Option<u64>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        if let Some(weight) = other.weight {
            *self.weight.get_or_insert(0) += weight;
        }
    }
}

/// As many of one group are kept.
const KEPT: u64 = 100_000;

fn group(finding: &Finding) -> Group {
    let Finding {
        file,
        kind,
        service,
        ..
    } = finding;
    (file.clone(), *kind, service.clone())
}

fn scope(file: &str, service: &str) -> Scope {
    if service.is_empty() {
        Scope::File(file.to_owned())
    } else {
        Scope::Service(service.to_owned())
    }
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        let tally = self.tallies.entry(group(&finding)).or_default();
        tally.add(Tally {
            count: 1,
            weight: finding.weight,
        });
        if tally.count <= KEPT {
            self.list.push(finding);
        }
    }

    /// Adds those that there are.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }

    /// Adds to what there is in all of a file's records, or of a service's facilities: findings about them concern a share of it.
    pub(crate) fn whole(&mut self, scope: Scope, amount: u64) {
        *self.wholes.entry(scope).or_default() += amount;
    }

    /// A file is a layer.
    pub(crate) fn layer(&mut self, file: &str) {
        self.layers.insert(file.to_owned());
    }

    /// Whether a file is one.
    pub(crate) fn is_layer(&self, file: &str) -> bool {
        self.layers.contains(file)
    }

    /// Adds those of a part of the same work.
    pub(crate) fn append(&mut self, other: Self) {
        let mut rest = other.tallies;
        for finding in other.list {
            let key = group(&finding);
            if let Some(tally) = rest.get_mut(&key) {
                tally.count -= 1;
                tally.weight = (tally.weight).map(|weight| weight - finding.weight.unwrap_or(0));
            }
            // The encoding is told once a file, not once a part.
            if finding.kind != Kind::Gb18030 || !self.tallies.contains_key(&key) {
                self.push(finding);
            }
        }
        for (key, tally) in rest.into_iter().filter(|(_, tally)| tally.count > 0) {
            self.tallies.entry(key).or_default().add(tally);
        }
        for (scope, amount) in other.wholes {
            self.whole(scope, amount);
        }
        self.layers.extend(other.layers);
        self.accounts.extend(other.accounts);
    }

    /// Those that are kept, how many there are of each group, and what they are a share of: to be written down.
    pub(crate) fn parts(&self) -> (&[Finding], &BTreeMap<Group, Tally>, &BTreeMap<Scope, u64>) {
        (&self.list, &self.tallies, &self.wholes)
    }

    /// From what was written down.
    pub(crate) fn of_parts(
        list: Vec<Finding>,
        tallies: BTreeMap<Group, Tally>,
        wholes: BTreeMap<Scope, u64>,
    ) -> Self {
        Self {
            list,
            tallies,
            wholes,
            layers: BTreeSet::new(),
            accounts: Vec::new(),
        }
    }

    /// A file is read from here on, as this: what is counted is its own until another begins.
    pub(crate) fn begin(&mut self, role: Role, file: &str) {
        self.accounts.push(Account::new(role, file));
    }

    /// The account of the file that is being read; `None` where none was begun.
    pub(crate) fn account(&mut self) -> Option<&mut Account> {
        self.accounts.last_mut()
    }

    /// Counts rows of the file that is being read which are left out, by the reason.
    pub(crate) fn leave_out(&mut self, kind: Kind, rows: u64) {
        if let Some(account) = self.account() {
            account.leave_out(kind, rows);
        }
    }

    /// Counts rows of the file that is being read which go into the computation.
    pub(crate) fn use_rows(&mut self, rows: usize) {
        if let Some(account) = self.account() {
            account.used = Some(account.used.unwrap_or(0) + rows as u64);
        }
    }

    /// Adds a finding about a row because of which it is left out.
    pub(crate) fn refuse(&mut self, finding: Finding) {
        self.leave_out(finding.kind, 1);
        self.push(finding);
    }

    /// The accounts of all files so far, with the repairs that were found.
    pub(crate) fn accounts(&self) -> Vec<Account> {
        let mut accounts = self.accounts.clone();
        for ((file, kind, _), tally) in &self.tallies {
            let mut of_file = accounts.iter_mut().filter(|each| each.file == *file);
            if let Some(account) = of_file.find(|each| each.repairs(*kind)) {
                *account.repaired.entry(*kind).or_default() += tally.count;
            }
        }
        accounts
    }

    /// All that were kept, with a line for what was only counted, and the share that they concern; errors apart.
    ///
    /// # Errors
    /// The errors among them, if there is any.
    pub fn finish(mut self) -> Result<Vec<Finding>, Failure> {
        for ((file, kind, service), tally) in &self.tallies {
            if tally.count > KEPT {
                let rest = tally.count - KEPT;
                self.list.push(Finding {
                    count: u32::try_from(rest).unwrap_or(u32::MAX),
                    service: service.clone(),
                    ..Finding::new(*kind, file).value(format!("+{rest}"))
                });
            }
        }
        let mut parts: BTreeMap<(Kind, Scope), u64> = BTreeMap::new();
        for ((file, kind, service), tally) in &self.tallies {
            if let Some(weight) = tally.weight {
                *parts.entry((*kind, scope(file, service))).or_default() += weight;
            }
        }
        let failed = self.failed();
        let accounts = if failed { self.accounts() } else { Vec::new() };
        let mut list = self.list;
        for finding in &mut list {
            let scope = scope(&finding.file, &finding.service);
            let whole = self.wholes.get(&scope);
            if let Some((&whole, &part)) = whole.zip(parts.get(&(finding.kind, scope))) {
                finding.share = finding.share.or(millionths(part, whole));
            }
            // Where a layer cannot be read at all, the place is a line.
            let lines = matches!(finding.kind, Kind::JsonBroken | Kind::KeyTwice);
            finding.feature |= !lines && self.layers.contains(&finding.file);
        }
        if failed {
            Err(Failure {
                findings: list,
                accounts,
            })
        } else {
            Ok(list)
        }
    }

    /// All that were kept, then what ended the work.
    pub(crate) fn ended_by(mut self, failure: Failure) -> Failure {
        for finding in failure.findings {
            self.push(finding);
        }
        let accounts = [self.accounts(), failure.accounts].concat();
        let findings = match self.finish() {
            Ok(findings) | Err(Failure { findings, .. }) => findings,
        };
        Failure { findings, accounts }
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.list
            .iter()
            .any(|finding| finding.kind.level() == Level::Error)
    }
}

/// Input with which we cannot go on: all findings so far, at least one of them an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In the order in which they were found.
    pub findings: Vec<Finding>,
    /// What became of the rows of each file that was read so far.
    pub accounts: Vec<Account>,
}

impl Failure {
    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.kind.level() == Level::Error)
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            accounts: Vec::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (error, position) in self.errors().zip(0..) {
            let separator = if position > 0 { "\n" } else { "" };
            write!(f, "{separator}{}", error.text(Lang::En, &[]))?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
