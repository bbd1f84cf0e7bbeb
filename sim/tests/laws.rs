//! Whatever is done, whenever power fails: the store is what its model is.

use lockop_sim::fuzzed::judge;
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_operations_faults_and_damage(input in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(judge(&input).err().map(|breach| breach.0), None);
    }
}
