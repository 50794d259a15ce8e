import Foundation

/// Writes a program that can be started at once.
///
/// Another program writes it: while this process had it open, one that another test starts at that moment would have it open,
/// too, until it is itself, and nobody can start a program that somebody writes (ETXTBSY).
package func writeExecutable(_ content: [UInt8], to path: String) async throws {
    let written = try await runProcess("sh", ["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", path], input: content)
    guard written.status == 0 else { throw CocoaError(.fileWriteUnknown) }
}
