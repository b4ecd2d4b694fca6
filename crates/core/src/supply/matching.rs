//! Coupling coordination (耦合协调度) of supply and demand: a comparator that Chinese papers often show, never part of a verdict.
//!
//! It wants both scaled to 0 to 1, mostly by the least and most of a sample; then one more township changes the figures of all
//! others. The plain shortfall has no such flaw: show it first.

/// How well supply and demand go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coupling {
    /// C = 2 √(U₁ U₂) ÷ (U₁ + U₂), 0 to 1: how alike they are. Falls slowly: at 0.8 and 0.2 it is still 0.8.
    pub coupling: f64,
    /// T = (U₁ + U₂) ÷ 2, 0 to 1: how high both are.
    pub level: f64,
    /// D = √(C T), 0 to 1: 耦合协调度.
    pub coordination: f64,
    /// C as corrected by Wang Shujia et al. 2021 for two parts, √((1 − |U₁ − U₂|) min ÷ max), 0 to 1: spread over its whole range. The
    /// formula is recalled, and agrees with two rows of their table 8.
    pub corrected: f64,
    /// D with the corrected C.
    pub corrected_coordination: f64,
}

/// Why there is no coupling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Both are 0: there is nothing to go together.
    #[error("there is neither supply nor demand")]
    Nothing,
    /// One is not between 0 and 1.
    #[error("supply and demand must be scaled to 0 to 1")]
    Unscaled,
}

/// The coupling of `supply` U₁ and `demand` U₂, both from 0 to 1. The same with the two exchanged; 1 where they are equal, 0 where one
/// of them is 0.
///
/// ```
/// use fuwutu_core::supply::matching::coupling;
/// let found = coupling(0.8, 0.2)?;
/// // 2 × √0.16 ÷ 1 = 0.8; √(0.4 × ¼) = √0.1.
/// assert!((found.coupling - 0.8).abs() < 1e-12 && (found.corrected - 0.1_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), fuwutu_core::supply::matching::Undefined>(())
/// ```
///
/// # Errors
/// Where both are 0, or one is not from 0 to 1.
pub fn coupling(supply: f64, demand: f64) -> Result<Coupling, Undefined> {
    if ![supply, demand]
        .iter()
        .all(|part| (0.0..=1.0).contains(part))
    {
        return Err(Undefined::Unscaled);
    }
    let (less, more) = (supply.min(demand), supply.max(demand));
    if more <= 0.0 {
        return Err(Undefined::Nothing);
    }
    let level = (supply + demand) / 2.0;
    // √U₁ √U₂ where the product itself would be too small for a number.
    let coupling = (supply.sqrt() * demand.sqrt() / level).min(1.0);
    let corrected = ((1.0 - (more - less)) * (less / more)).sqrt();
    Ok(Coupling {
        coupling,
        level,
        coordination: (coupling * level).sqrt(),
        corrected,
        corrected_coordination: (corrected * level).sqrt(),
    })
}
