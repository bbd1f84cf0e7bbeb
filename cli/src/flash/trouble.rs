//! From what is wrong with an image to what to do: one plain sentence.

use lockop::FlashError;

use super::chip::ChipError;
use super::store::Fault;

/// What follows the name of the image.
pub(crate) fn sentence(fault: &Fault) -> String {
    match fault {
        FlashError::Unformatted => "nothing was ever committed there: if the region in --geometry is the firmware's, the lock \
                                    is new; `lockop flash format` makes the image of a new lock"
            .to_owned(),
        FlashError::Corrupt => "what was committed there is damaged, so nothing of it counts: see that the region in \
                                --geometry is the firmware's, and read the flash out again; if it stays so, the lock must be \
                                formatted and its users put on the ACL anew"
            .to_owned(),
        FlashError::OtherFormat => "it was written with words or in a region of another size, or by another version of the \
                                    format: give the --geometry that the firmware has"
            .to_owned(),
        FlashError::Flash(ChipError::File(error)) => {
            format!("it cannot be written ({error}): whether the change was made, the next run finds out")
        }
        // Rules of flash that the store breaks, or something that no file does.
        fault => format!("{fault}: this is a mistake of the library, please report it"),
    }
}
