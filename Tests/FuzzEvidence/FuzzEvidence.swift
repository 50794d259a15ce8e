import Decoders
import Glibc

/// What libFuzzer calls with each input, for the decoder that the variable KEYRITE_DECODER names.
///
/// A decoder may refuse; what it may not do ends the program.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do { try decoder.take(Array(UnsafeBufferPointer(start: start, count: count))) } catch {
        preconditionFailure("\(decoder.rawValue): \(error)")
    }
    return 0
}

private let decoder: Decoder = {
    guard let name = getenv("KEYRITE_DECODER"), let decoder = Decoder(rawValue: String(cString: name)) else {
        preconditionFailure("KEYRITE_DECODER names none of the decoders")
    }
    return decoder
}()
