//! The Pfaffian of an antisymmetric matrix, by elimination with pivots (Parlett and Reid; Wimmer 2012,
//! arXiv:1102.3440).

/// The Pfaffian of the `size` times `size` matrix in `a`, row by row, which is used up.
pub(super) fn pfaffian(a: &mut [f64], size: usize) -> f64 {
    if size % 2 == 1 {
        return 0.0;
    }
    let mut value = 1.0;
    for k in (0..size).step_by(2) {
        let pivot = (k + 1..size)
            .max_by(|&i, &j| a[k * size + i].abs().total_cmp(&a[k * size + j].abs()))
            .unwrap_or(k + 1);
        if pivot != k + 1 {
            for i in 0..size {
                a.swap((k + 1) * size + i, pivot * size + i);
            }
            for i in 0..size {
                a.swap(i * size + k + 1, i * size + pivot);
            }
            value = -value;
        }
        let entry = a[k * size + k + 1];
        if entry == 0.0 {
            return 0.0;
        }
        value *= entry;
        // Rows behind lose their part along row k, with the help of row k + 1.
        for i in k + 2..size {
            let factor = a[k * size + i] / entry;
            if factor == 0.0 {
                continue;
            }
            for j in 0..size {
                a[i * size + j] -= factor * a[(k + 1) * size + j];
            }
            for j in 0..size {
                a[j * size + i] -= factor * a[j * size + k + 1];
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pfaffian_is_the_sum_over_pairings() {
        let upper = [0.3, -1.2, 0.7, 2.0, -0.4, 1.1];
        let mut a = vec![0.0; 16];
        let mut next = upper.iter();
        for row in 0..4 {
            for column in row + 1..4 {
                let entry = *next.next().unwrap();
                (a[4 * row + column], a[4 * column + row]) = (entry, -entry);
            }
        }
        let [ab, ac, ad, bc, bd, cd] = upper;
        let expected: f64 = ab * cd - ac * bd + ad * bc;
        assert!((pfaffian(&mut a, 4) - expected).abs() < 1e-12);
        assert_eq!(pfaffian(&mut [], 0), 1.0);
        assert_eq!(pfaffian(&mut [0.0; 4], 2), 0.0);
    }
}
