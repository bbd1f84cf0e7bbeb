//! Numbers for people.

use std::fmt::Display;

/// A number that is not negative, rounded to a whole one, with a comma after every three digits.
pub(crate) fn grouped(number: impl Display) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let numbers = [0.0, 648.0, 1000.0, 28_132.0, 2_176_620.0];
        assert_eq!(numbers.map(grouped), ["0", "648", "1,000", "28,132", "2,176,620"]);
    }

    #[test]
    fn digits_are_grouped() {
        let numbers = [0, 999, 1_000, 2_089_158].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "2,089,158"]);
    }
}
