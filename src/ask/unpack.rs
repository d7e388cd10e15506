//! What gzip or zstd packed, unpacked as it is read: recognised by its first bytes, whatever it is called.

use std::io::{BufRead, Read, Result};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How a packed file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The bytes of `packed`, unpacked where they were packed; several packed files behind one another are read as one.
///
/// # Errors
/// If the first bytes cannot be read.
pub fn unpacking<'r>(mut packed: impl BufRead + Send + 'r) -> Result<Box<dyn Read + Send + 'r>> {
    // Files and pipes have their first bytes together.
    let start = packed.fill_buf()?;
    let (is_gzip, is_zstd) = (start.starts_with(&GZIP), start.starts_with(&ZSTD));
    Ok(if is_gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(packed))
    } else if is_zstd {
        Box::new(Frames {
            packed,
            decoder: FrameDecoder::new(),
            is_open: false,
        })
    } else {
        Box::new(packed)
    })
}

/// Frames of zstd one behind the other: the decoder itself ends with the first.
struct Frames<R> {
    packed: R,
    decoder: FrameDecoder,
    /// Whether the decoder is in a frame.
    is_open: bool,
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        loop {
            while self.is_open {
                if self.decoder.can_collect() > 0 || bytes.is_empty() {
                    return self.decoder.read(bytes);
                }
                if self.decoder.is_finished() {
                    self.is_open = false;
                    break;
                }
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.packed, one);
                decoded.map_err(std::io::Error::other)?;
            }
            if self.packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.decoder.init(&mut self.packed) {
                Ok(()) => self.is_open = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.packed.by_ref().take(u64::from(length));
                    std::io::copy(&mut skipped, &mut std::io::sink())?;
                }
                Err(error) => return Err(std::io::Error::other(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn unpacked(bytes: &[u8]) -> String {
        let mut text = String::new();
        let mut reader = unpacking(bytes).expect("memory can be read");
        reader.read_to_string(&mut text).expect("whole frames");
        text
    }

    #[test]
    fn packed_files_behind_one_another_are_read_to_their_end() {
        let zstd = |text: &str| {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            ruzstd::encoding::compress_to_vec(text.as_bytes(), level)
        };
        let gzip = |text: &str| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(text.as_bytes()).expect("memory");
            packer.finish().expect("memory")
        };
        let long = "extents ".repeat(100_000);
        for pack in [&zstd as &dyn Fn(&str) -> Vec<u8>, &gzip] {
            let joined = [pack("a\n"), pack(&long), pack("b\n")].concat();
            assert_eq!(unpacked(&joined), format!("a\n{long}b\n"));
        }
        // A frame that says nothing, as `pzstd` writes them.
        let mut skipped = 0x184d_2a50_u32.to_le_bytes().to_vec();
        skipped.extend(3_u32.to_le_bytes());
        skipped.extend(b"xyz");
        let joined = [zstd("a"), skipped, zstd("b")].concat();
        assert_eq!(unpacked(&joined), "ab");
        assert_eq!(unpacked(b"plain"), "plain");
        assert_eq!(unpacked(b""), "");
    }

    #[test]
    fn what_ends_too_early_is_an_error() {
        let text = "0123456789".repeat(1000);
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let packed = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
        let mut rest = Vec::new();
        let cut = &packed[..packed.len() - 8];
        let read = unpacking(cut).expect("the start").read_to_end(&mut rest);
        assert!(read.is_err());
    }
}
