import COpenSSL

/// A failure inside libcrypto, or input that it must not be given.
///
/// Never carries the bytes that were worked on.
package struct CryptoError: Error, Sendable, CustomStringConvertible {
    /// What was attempted, in words a person can act on.
    package let operation: String
    /// OpenSSL's reasons, innermost first; empty when the refusal is ours.
    package let reasons: [String]
    package let file: String
    package let line: UInt

    /// - Parameters:
    ///   - operation: What was attempted.
    ///   - reasons: Why it failed; by default OpenSSL's error queue of this thread, which is emptied.
    package init(
        _ operation: String, reasons: [String]? = nil, file: String = #fileID, line: UInt = #line
    ) {
        self.operation = operation
        self.reasons = reasons ?? Self.drainErrorQueue()
        self.file = file
        self.line = line
    }

    package var description: String {
        let why = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
        return "\(operation)\(why) (\(file):\(line))"
    }

    private static func drainErrorQueue() -> [String] {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { return reasons }
            var buffer = [CChar](repeating: 0, count: 256)
            ERR_error_string_n(code, &buffer, buffer.count)
            reasons.append(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
    }
}

/// Makes an OpenSSL call, and throws unless it answers exactly 1, its only word for success.
func require(
    _ call: @autoclosure () -> Int32, _ operation: String, file: String = #fileID, line: UInt = #line
) throws(CryptoError) {
    guard LibCrypto.isReady, call() == 1 else { throw CryptoError(operation, file: file, line: line) }
}

/// Makes an OpenSSL call that constructs something, and throws when it answers NULL.
func require<T>(
    _ call: @autoclosure () -> T?, _ operation: String, file: String = #fileID, line: UInt = #line
) throws(CryptoError) -> T {
    guard LibCrypto.isReady, let pointer = call() else { throw CryptoError(operation, file: file, line: line) }
    return pointer
}
