//! TOPSIS with entropy weights (熵权 TOPSIS): another way to order units, for comparison with papers that use it. The ranking does not.
//!
//! Its order of two units depends on which others are there: adding or leaving out a third can turn it round (rank reversal), because
//! the best and worst of each column, and entropy weights, are those of the sample. So it says nothing about what a unit needs.

/// Which values of a column are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// High ones.
    More,
    /// Low ones.
    Less,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TopsisError {
    /// A row has not as many values as there are columns.
    #[error("row {row} has another number of values than there are columns")]
    Ragged {
        /// From 0.
        row: usize,
    },
    /// A value or a weight is no finite number or, where this is not allowed, negative.
    #[error("a value in row {row} is no number or negative")]
    Broken {
        /// From 0; the number of rows for a weight.
        row: usize,
    },
    /// All rows are alike, or there are fewer than two: they cannot be distinguished.
    #[error("all rows are alike")]
    Alike,
}

/// The weight of each column by how much its values differ, adding up to 1: (1 − eⱼ) ÷ Σ (1 − eₗ) with eⱼ = −Σᵢ pᵢⱼ ln pᵢⱼ ÷ ln m, pᵢⱼ = xᵢⱼ ÷ Σₖ xₖⱼ
/// and m rows (Shannon's entropy; usual in China as 熵权法).
///
/// A column whose values are all the same weighs nothing. Values are not negative: growth must be moved above 0 first, and the weight
/// then depends on how far. O(rows × columns).
///
/// # Errors
/// For rows of unequal length, values that are negative or no number, and rows that are all alike.
pub fn entropy_weights(rows: &[Vec<f64>]) -> Result<Vec<f64>, TopsisError> {
    let columns = rows.first().map_or(0, Vec::len);
    sound(rows, columns, 0.0)?;
    let most = (rows.len() as f64).ln();
    let spreads: Vec<f64> = (0..columns)
        .map(|column| spread(rows, column, most))
        .collect();
    let total: f64 = spreads.iter().sum();
    if total > 0.0 {
        Ok(spreads.iter().map(|spread| spread / total).collect())
    } else {
        Err(TopsisError::Alike)
    }
}

/// One less the entropy of a column as a share of `most`, the logarithm of the number of rows; 0 where all its values are the same.
fn spread(rows: &[Vec<f64>], column: usize, most: f64) -> f64 {
    let values = || rows.iter().map(|row| row[column]);
    let sum: f64 = values().sum();
    // Of a column that is all the same, rounding would leave some weight.
    let constant = rows
        .windows(2)
        .all(|pair| pair[0][column].total_cmp(&pair[1][column]).is_eq());
    if constant || sum <= 0.0 {
        return 0.0;
    }
    let parts = values().map(|value| {
        if value > 0.0 {
            value / sum * (value / sum).ln()
        } else {
            0.0
        }
    });
    (1.0 + parts.sum::<f64>() / most).max(0.0)
}

/// How near each row is to the best, 0 to 1: d⁻ ÷ (d⁺ + d⁻), with d⁺ and d⁻ the distances to the best and the worst of all columns,
/// each column divided by the root of its sum of squares and multiplied by its weight (Hwang & Yoon 1981).
///
/// `columns` holds the weight of each, ≥ 0, and which values are good. A column of zeros counts for nothing. O(rows × columns).
///
/// # Errors
/// For rows that have not as many values as there are columns, values and weights that are no number, negative weights, and rows that
/// are all alike.
pub fn topsis(rows: &[Vec<f64>], columns: &[(f64, Better)]) -> Result<Vec<f64>, TopsisError> {
    sound(rows, columns.len(), f64::MIN)?;
    if !columns
        .iter()
        .all(|(weight, _)| (0.0..=MOST).contains(weight))
    {
        return Err(TopsisError::Broken { row: rows.len() });
    }
    let (mut to_best, mut to_worst) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
    for (column, (weight, better)) in columns.iter().enumerate() {
        let norm = rows
            .iter()
            .map(|row| row[column] * row[column])
            .sum::<f64>()
            .sqrt();
        if norm <= 0.0 {
            continue;
        }
        let values: Vec<f64> = rows.iter().map(|row| row[column] / norm * weight).collect();
        let most = values.iter().copied().fold(f64::MIN, f64::max);
        let least = values.iter().copied().fold(f64::MAX, f64::min);
        let (best, worst) = match better {
            Better::More => (most, least),
            Better::Less => (least, most),
        };
        for ((value, to_best), to_worst) in values.iter().zip(&mut to_best).zip(&mut to_worst) {
            *to_best += (value - best) * (value - best);
            *to_worst += (value - worst) * (value - worst);
        }
    }
    let found: Result<Vec<f64>, TopsisError> = to_best
        .iter()
        .zip(&to_worst)
        .map(|(best, worst)| {
            let (best, worst) = (best.sqrt(), worst.sqrt());
            (best + worst > 0.0)
                .then(|| worst / (best + worst))
                .ok_or(TopsisError::Alike)
        })
        .collect();
    found.and_then(|found| {
        if found.is_empty() {
            Err(TopsisError::Alike)
        } else {
            Ok(found)
        }
    })
}

/// The square of more than this is no number any more.
const MOST: f64 = 1e150;

fn sound(rows: &[Vec<f64>], columns: usize, least: f64) -> Result<(), TopsisError> {
    for (values, row) in rows.iter().zip(0..) {
        if values.len() != columns {
            return Err(TopsisError::Ragged { row });
        }
        if !values
            .iter()
            .all(|value| *value >= least && value.abs() <= MOST)
        {
            return Err(TopsisError::Broken { row });
        }
    }
    Ok(())
}
